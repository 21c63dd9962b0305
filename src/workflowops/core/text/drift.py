"""A drift report for the terminal and the log."""

from collections.abc import Callable, Iterator

from workflowops.core.diff import ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.drift import DriftReport, EnvironmentDrift, WorkflowDrift
from workflowops.core.fields import ChangeType
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.records import DriftStatus
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.text.drift_summary import summary_drift
from workflowops.core.text.plain import columns, count, cut, log_safe, moment, visible, wrapped
from workflowops.core.text.style import Style
from workflowops.core.text.values import is_text_block, pair, text_difference
from workflowops.core.text.verdicts import beside, next_steps, verdict
from workflowops.core.text.words import (
    RISKS,
    SIGNS,
    activation_told,
    ignored_told,
    kind_of,
    notes_of,
    place,
    short_type,
    tags_told,
)

__all__ = ["difference_lines", "render_drift", "summary_drift"]

_MOST_WORKFLOWS = 200
_MOST_UNMANAGED = 20
_MOST_NODES = 40
_MOST_FIELDS = 25
_MOST_LINES = 30
_LONGEST_NAME = 120


def render_drift(report: DriftReport, *, style: Style, show_ignored: bool = False) -> str:
    """Tell a drift report: the verdict on every environment first, then each workflow, then what to do.

    Secrets are masked. Nothing that a name or a value holds can move the cursor or command a runner.
    """
    lines = [line for each in report.environments for line in _verdict(each, style)]
    lines = lines or ["No environment was checked."]
    for each in report.environments:
        details = [*_environment(each, style, show_ignored=show_ignored)]
        if len(report.environments) == 1:
            lines += [_check(each, style), *details]
        elif details:
            lines += ["", style.strong(place(each.title, each.environment)), _check(each, style), *details]
    steps = next_steps(report)
    if steps:
        lines += ["", style.strong("What to do")]
        for step in steps:
            lines += wrapped(step, width=style.width, indent="  - ", hanging="    ")
    return log_safe("\n".join(lines))


def _verdict(each: EnvironmentDrift, style: Style) -> list[str]:
    told = f"{place(each.title, each.environment)}: {verdict(each)}"
    return [_paint(each.drift_status, style)(line) for line in wrapped(told, width=style.width, hanging="  ")]


def _paint(status: DriftStatus, style: Style) -> Callable[[str], str]:
    match status:
        case DriftStatus.IN_SYNC:
            return style.good
        case DriftStatus.NEW:
            return style.notable
        case DriftStatus.DRIFT_DETECTED:
            return style.bad
        case DriftStatus.UNKNOWN:
            return style.alarming


def _check(each: EnvironmentDrift, style: Style) -> str:
    commit = f", Git {visible(each.git_commit_sha[:12])}" if each.git_commit_sha else ""
    return style.quiet(f"  checked {moment(each.checked_at)}{commit}, {count(each.requests, 'request')}")


def _environment(each: EnvironmentDrift, style: Style, *, show_ignored: bool) -> Iterator[str]:
    for problem in each.problems:
        for line in wrapped(visible(mask_text(problem)), width=style.width, indent="  ! ", hanging="    "):
            yield style.notable(line)
    for told in beside(each):
        yield from wrapped(told, width=style.width, indent="  ")
    ignored = sum(each.ignored.values())
    if ignored and not show_ignored:
        yield style.quiet(f"  left out of the comparison: {ignored:,} (see --show-ignored)")
    elif ignored:
        yield "  left out of the comparison:"
        yield from (f"    {mask_text(line)}" for line in ignored_told({**each.ignored}))
    listed = [workflow for workflow in each.workflows if workflow.kind is not DriftKind.UNMAPPED]
    if any(workflow.diff is not None for workflow in listed):
        yield style.quiet("  how to read it: - or left of -> is Git, + or right of it is n8n")
    for workflow in listed[:_MOST_WORKFLOWS]:
        yield ""
        yield from _workflow(workflow, style, show_ignored=show_ignored)
    if len(listed) > _MOST_WORKFLOWS:
        yield f"\n  ({count(len(listed) - _MOST_WORKFLOWS, 'more workflow')}; `--json` lists them all)"
    yield from _unmanaged([workflow for workflow in each.workflows if workflow.kind is DriftKind.UNMAPPED], style)


def _workflow(workflow: WorkflowDrift, style: Style, *, show_ignored: bool) -> Iterator[str]:
    diff, redaction = (None, Redaction()) if workflow.diff is None else masked_with_redaction(workflow.diff)
    name = cut(visible(redaction.text(workflow.workflow_name)) or "(no name)", _LONGEST_NAME)
    risk = f", risk: {RISKS[diff.risk]}" if diff is not None and diff.risk is not None else ""
    paint = style.bad if workflow.kind in DRIFT else style.notable
    yield f"  {style.strong(name)}: {paint(kind_of(workflow))}{risk}"
    yield style.quiet(f"    {', '.join(_whereabouts(workflow))}")
    if workflow.problem:
        yield from wrapped(
            visible(redaction.text(workflow.problem)), width=style.width, indent="    ! ", hanging="      "
        )
    yield from (f"    {line}" for line in _beside_the_content(workflow, redaction))
    if diff is not None:
        yield from (f"    {line}" for line in difference_lines(diff, style))
    if show_ignored and workflow.ignored:
        yield style.quiet(f"    left out: {'; '.join(mask_text(line) for line in ignored_told({**workflow.ignored}))}")


def _whereabouts(workflow: WorkflowDrift) -> Iterator[str]:
    if workflow.file:
        yield visible(mask_text(workflow.file))
    elif workflow.canonical_slug:
        yield visible(mask_text(workflow.canonical_slug))
    if workflow.workflow_id:
        yield f"n8n id {visible(workflow.workflow_id)}"
    if workflow.n8n_updated_at:
        yield f"saved in n8n {moment(workflow.n8n_updated_at)}"


def _beside_the_content(workflow: WorkflowDrift, redaction: Redaction) -> Iterator[str]:
    if workflow.activation is not None:
        yield activation_told(workflow.activation)
    if workflow.tags is not None:
        yield redaction.text(tags_told(workflow.tags))
    yield from notes_of(workflow)


def _unmanaged(workflows: list[WorkflowDrift], style: Style) -> Iterator[str]:
    if workflows:
        yield ""
        yield style.strong("  Unmanaged workflows")
    for workflow in workflows[:_MOST_UNMANAGED]:
        name = cut(visible(mask_text(workflow.workflow_name)) or "(no name)", _LONGEST_NAME)
        alike = f", named like {visible(workflow.suggestion)} in Git" if workflow.suggestion else ""
        yield f"    {name} (n8n id {visible(workflow.workflow_id or 'unknown')}{alike})"
    if len(workflows) > _MOST_UNMANAGED:
        yield f"    ({len(workflows) - _MOST_UNMANAGED:,} more)"


def difference_lines(diff: WorkflowDiff, style: Style) -> Iterator[str]:
    """Tell a masked difference line by line: `-` or left of `->` is the old version, `+` or right of it the new one."""
    if diff.name is not None:
        yield from _field(diff.name, style)
    for node in diff.node_changes[:_MOST_NODES]:
        yield from _node(node, style)
    if len(diff.node_changes) > _MOST_NODES:
        yield f"({count(len(diff.node_changes) - _MOST_NODES, 'more node')})"
    connections = [_connection(change) for change in diff.connection_changes]
    yield from _some(connections, "connection")
    for change in diff.fields[:_MOST_FIELDS]:
        yield from _field(change, style)
    if len(diff.fields) > _MOST_FIELDS:
        yield f"({count(len(diff.fields) - _MOST_FIELDS, 'more field')})"


def _some(lines: list[str], one: str) -> list[str]:
    if len(lines) <= _MOST_FIELDS:
        return lines
    return [*lines[:_MOST_FIELDS], f"({count(len(lines) - _MOST_FIELDS, f'more {one}')})"]


def _node(node: NodeChange, style: Style) -> Iterator[str]:
    name, kind = cut(visible(node.node_name), _LONGEST_NAME), short_type(node.node_type)
    fields = node.changes
    told = f"{SIGNS[node.change_type]} {name} ({kind})"
    match node.change_type:
        case ChangeType.ADDED:
            yield style.good(f"{told}, added")
        case ChangeType.REMOVED:
            yield style.bad(f"{told}, removed")
            return
        case ChangeType.RENAMED:
            before = next((change.old_value for change in fields if change.path == "name"), "")
            yield style.notable(f"{told}, was called {cut(visible(str(before)), _LONGEST_NAME)}")
            fields = tuple(change for change in fields if change.path != "name")
        case _:
            yield style.notable(told)
    fields = tuple(
        change for change in fields if change.change_type is not ChangeType.ADDED or not _is_type(change, node)
    )
    for change in fields[:_MOST_FIELDS]:
        yield from (f"    {line}" for line in _field(change, style))
    if len(fields) > _MOST_FIELDS:
        yield f"    ({count(len(fields) - _MOST_FIELDS, 'more field')})"


def _is_type(change: FieldChange, node: NodeChange) -> bool:
    return node.change_type is ChangeType.ADDED and change.path in ("type", "typeVersion")


def _field(change: FieldChange, style: Style) -> Iterator[str]:
    """Tell a field on one line where it fits, else the old value above the new one."""
    label = f" ({', '.join(visible(label) for label in change.labels[:2])})" if change.labels else ""
    path = f"{visible(change.path)}{cut(label, 60)}"
    if change.change_type is ChangeType.REORDERED:
        yield f"{path}: the same items in another order"
    elif is_text_block(change):
        yield f"{path}:"
        for line in text_difference(change, most_lines=_MOST_LINES, width=max(style.width - 14, 60)):
            paint = style.good if line.startswith("+") else style.bad if line.startswith("-") else style.quiet
            yield paint(f"  {line}")
    else:
        old, new = pair(change, max(2 * style.width, 80))
        if columns(path) + columns(old) + columns(new) + 14 <= style.width:
            yield f"{path}: {style.bad(old)} -> {style.good(new)}"
        else:
            yield from (f"{path}:", style.bad(f"  - {old}"), style.good(f"  + {new}"))


def _connection(change: ConnectionChange) -> str:
    source = cut(visible(change.source), _LONGEST_NAME)
    if change.change_type is ChangeType.REORDERED:
        old, new = (
            ", ".join(cut(visible(name), 60) for name in names) for names in (change.old_order, change.new_order)
        )
        return f"~ after {source} runs first: {cut(old, 200)} -> {cut(new, 200)}"
    way = _way(change)
    return f"{SIGNS[change.change_type]} {source} -> {cut(visible(change.target), _LONGEST_NAME)}{way}"


def _way(change: ConnectionChange) -> str:
    """Name output and input where they are not the only ones anybody would think of."""
    parts = [f"output {visible(change.output)}"] if change.output != "main[0]" else []
    if change.input not in ("main[0]", change.output):
        parts.append(f"input {visible(change.input)}")
    return f" ({', '.join(parts)})" if parts else ""
