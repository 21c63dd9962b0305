"""A drift report as Markdown, for the step summary."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflowops.core.diff import ChangeType, ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.drift import DriftReport, EnvironmentDrift, WorkflowDrift
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.records import DriftStatus
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.text.markdown import code, details, escaped, fence, joined, size, table, with_commands
from workflowops.core.text.mermaid import graph
from workflowops.core.text.plain import count, cut, moment
from workflowops.core.text.values import is_text_block, pair, text_difference
from workflowops.core.text.verdicts import beside, next_steps, verdict
from workflowops.core.text.words import (
    CHANGES,
    RISKS,
    activation_told,
    ignored_told,
    kind_of,
    notes_of,
    place,
    short_type,
    tags_told,
)

_MOST_BYTES = 900_000
"""GitHub takes 1 MiB a step; the rest is room for what others add to the same summary."""

_MARGIN = 2_000
_MOST_ROWS = 200
_MOST_CHANGES = 60
_MOST_TEXT_LINES = 40
_LONGEST_VALUE = 300
_LONGEST_NAME = 150
_MARKS = {
    DriftStatus.IN_SYNC: ":white_check_mark:",
    DriftStatus.DRIFT_DETECTED: ":x:",
    DriftStatus.NEW: ":new:",
    DriftStatus.UNKNOWN: ":warning:",
}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A workflow as it may be shown: its name and its difference masked."""

    workflow: WorkflowDrift
    redaction: Redaction
    diff: WorkflowDiff | None

    @property
    def name(self) -> str:
        """Answer the name as Markdown."""
        return code(cut(self.redaction.text(self.workflow.workflow_name), _LONGEST_NAME))


def summary_drift(report: DriftReport) -> str:
    """Tell a drift report in Markdown: a table of environments, one of workflows, then each difference.

    Secrets are masked. Under GitHub's limit whatever comes: what does not fit is counted.
    """
    blocks: list[list[str]] = [["## Drift"], _environments(report)]
    steps = [["### What to do"], [f"- {with_commands(step)}" for step in next_steps(report)]]
    room = _MOST_BYTES - size(joined([*blocks, *steps]))
    for number, each in enumerate(report.environments):
        share = room // (len(report.environments) - number)
        part = _environment(each, room=share)
        room -= size(part)
        blocks.append(part)
    if steps[1]:
        blocks += steps
    return "\n".join(joined(blocks)) + "\n"


def _environments(report: DriftReport) -> list[str]:
    rows = [
        [
            escaped(place(each.title, each.environment)),
            f"{_MARKS[each.drift_status]} {escaped(verdict(each))}",
            escaped(moment(each.checked_at)),
            code(each.git_commit_sha[:12] or "unknown"),
        ]
        for each in report.environments
    ]
    return table(["Environment", "Verdict", "Checked", "Git"], rows)


def _environment(each: EnvironmentDrift, *, room: int) -> list[str]:
    """Tell one environment within a number of bytes, as many workflows in full as fit."""
    listed = [workflow for workflow in each.workflows if workflow.kind is not DriftKind.UNMAPPED]
    shown = [_shown(workflow) for workflow in listed[:_MOST_ROWS]]
    notes = [f"- :warning: {escaped(cut(mask_text(problem), 1_000))}" for problem in each.problems[:_MOST_ROWS]]
    blocks = [
        [f"### {escaped(place(each.title, each.environment))}"],
        notes + [f"- {escaped(told)}" for told in beside(each)],
        _left_out(each),
        _overview(shown, total=len(listed)),
        _unmanaged([workflow for workflow in each.workflows if workflow.kind is DriftKind.UNMAPPED]),
    ]
    if not any(blocks[1:]):
        return []
    taken = size(joined(blocks)) + _MARGIN
    told = 0
    for one in shown:
        part = _workflow(one)
        taken += size(part) + 1
        if taken > room:
            break
        blocks.append(part)
        told += 1
    if told < len(listed):
        left = count(len(listed) - told, "more workflow")
        blocks.append([f"**{left} left out here**; `--json` has them all."])
    return joined(blocks)


def _shown(workflow: WorkflowDrift) -> _Shown:
    diff, redaction = (None, Redaction()) if workflow.diff is None else masked_with_redaction(workflow.diff)
    return _Shown(workflow, redaction, diff)


def _left_out(each: EnvironmentDrift) -> list[str]:
    told = [escaped(mask_text(line)) for line in ignored_told({**each.ignored})[:_MOST_ROWS]]
    return details("Left out of the comparison", [f"- {line}" for line in told]) if told else []


def _overview(shown: Sequence[_Shown], *, total: int) -> list[str]:
    if not shown:
        return []
    rows = [
        [
            one.name,
            escaped(kind_of(one.workflow)),
            RISKS[one.diff.risk] if one.diff is not None and one.diff.risk is not None else "",
            code(cut(mask_text(one.workflow.file), 2 * _LONGEST_NAME)) if one.workflow.file else "",
        ]
        for one in shown
    ]
    more = [f"({count(total - len(shown), 'more workflow')})"] if total > len(shown) else []
    return joined([table(["Workflow", "What happened", "Risk", "File"], rows), more])


def _unmanaged(workflows: Sequence[WorkflowDrift]) -> list[str]:
    if not workflows:
        return []
    rows = [
        [
            code(cut(mask_text(each.workflow_name), _LONGEST_NAME)),
            code(each.workflow_id or ""),
            escaped(each.suggestion or ""),
        ]
        for each in workflows[:_MOST_ROWS]
    ]
    more = [f"({len(workflows) - _MOST_ROWS:,} more)"] if len(workflows) > _MOST_ROWS else []
    return details(
        count(len(workflows), "unmanaged workflow"),
        joined([table(["Unmanaged workflow", "n8n id", "Named like"], rows), more]),
    )


def _workflow(one: _Shown) -> list[str]:
    """Tell one workflow, folded; one that is gone, say, has nothing to unfold."""
    workflow = one.workflow
    notes: list[str] = []
    if workflow.problem:
        notes.append(f"- :warning: {escaped(cut(one.redaction.text(workflow.problem), 1_000))}")
    if workflow.activation is not None:
        notes.append(f"- {escaped(activation_told(workflow.activation))}")
    if workflow.tags is not None:
        notes.append(f"- {escaped(cut(one.redaction.text(tags_told(workflow.tags)), 1_000))}")
    notes += [f"- {told}" for told in notes_of(workflow)]
    body = joined([notes, *([] if one.diff is None else _diff(one.diff))])
    return details(f"{one.name} {escaped(kind_of(workflow))}", body, is_open=workflow.kind in DRIFT) if body else []


def _diff(diff: WorkflowDiff) -> list[list[str]]:
    picture = graph(diff)
    rows = [*itertools.islice(_rows(diff), _MOST_CHANGES)]
    more = sum(len(node.changes) for node in diff.node_changes) + len(diff.connection_changes) + len(diff.fields)
    return [
        fence(picture, "mermaid") if picture else [],
        table(["Where", "Field", "Git", "n8n", "Risk"], rows) if rows else [],
        [f"(cut here: {count(more, 'change')} in all)"] if len(rows) == _MOST_CHANGES and more > _MOST_CHANGES else [],
        *(
            _text_block(node, change)
            for node in diff.node_changes[:_MOST_CHANGES]
            for change in node.changes[:_MOST_CHANGES]
            if is_text_block(change)
        ),
    ]


def _rows(diff: WorkflowDiff) -> Iterator[list[str]]:
    if diff.name is not None:
        yield _row("workflow", diff.name)
    for node in diff.node_changes:
        yield from _node_rows(node)
    for connection in diff.connection_changes:
        yield _connection_row(connection)
    for change in diff.fields:
        yield _row("workflow", change)


def _node_rows(node: NodeChange) -> Iterator[list[str]]:
    where = f"{code(cut(node.node_name, _LONGEST_NAME))} {escaped(short_type(node.node_type))}"
    if node.change_type in (ChangeType.ADDED, ChangeType.REMOVED):
        yield [where, CHANGES[node.change_type], "", "", RISKS[node.risk]]
        if node.change_type is ChangeType.REMOVED:
            return
    for change in node.changes:
        if node.change_type is not ChangeType.ADDED or change.path not in ("type", "typeVersion"):
            yield _row(where, change)


def _row(where: str, change: FieldChange) -> list[str]:
    labels = f" {escaped(cut(', '.join(change.labels[:2]), 80))}" if change.labels else ""
    field = f"{code(cut(change.path, _LONGEST_NAME))}{labels}"
    if change.change_type is ChangeType.REORDERED:
        return [where, field, "", "the same items in another order", RISKS[change.risk]]
    if is_text_block(change):
        return [where, field, "", "see below", RISKS[change.risk]]
    old, new = pair(change, _LONGEST_VALUE)
    return [where, field, code(old), code(new), RISKS[change.risk]]


def _connection_row(change: ConnectionChange) -> list[str]:
    source = code(cut(change.source, _LONGEST_NAME))
    if change.change_type is ChangeType.REORDERED:
        old, new = (code(cut(", ".join(names), _LONGEST_VALUE)) for names in (change.old_order, change.new_order))
        return [source, "what runs first after it", old, new, "which nodes run"]
    target = code(f"{cut(change.target, _LONGEST_NAME)} {change.input}")
    sides = ["", target] if change.change_type is ChangeType.ADDED else [target, ""]
    return [source, f"connection {CHANGES[change.change_type]}, {code(change.output)}", *sides, "which nodes run"]


def _text_block(node: NodeChange, change: FieldChange) -> list[str]:
    difference = text_difference(change, most_lines=_MOST_TEXT_LINES, width=200)
    title = f"{code(cut(node.node_name, _LONGEST_NAME))} {code(cut(change.path, _LONGEST_NAME))}"
    return [title, "", *fence(difference, "diff")]
