"""The preview of a promotion for the terminal and the log."""

from collections.abc import Callable, Iterator, Sequence

from workflowops.core.promotion.finding import Conflict, Finding, GateStatus
from workflowops.core.promotion.plan import CredentialBinding, PlannedWorkflow, PromotionPlan, WorkflowChangeType
from workflowops.core.text.drift import difference_lines
from workflowops.core.text.plain import count, cut, log_safe, visible, wrapped
from workflowops.core.text.promotion_words import (
    CHANGE_TYPES,
    GATES,
    IMPACTS,
    LONGEST_NAME,
    ShownChange,
    Thing,
    afterwards,
    asked_gates,
    blocking,
    code_told,
    counted,
    is_blocking,
    plain,
    shown_change,
    title_of,
    to_know,
    unasked_gates,
    verdict,
)
from workflowops.core.text.style import Style
from workflowops.core.text.words import RISKS

_MOST_WORKFLOWS = 200
_MOST_THINGS = 200
_MOST_NAMED = 20
_SIGNS = {WorkflowChangeType.CREATED: "+", WorkflowChangeType.UPDATED: "~", WorkflowChangeType.REMOVED: "-"}


def preview_text(plan: PromotionPlan, style: Style) -> str:
    """Tell a plan: how it stands first, then what blocks it, each workflow, the gates, and what to know.

    Secrets are masked. Nothing that a name or a value holds can move the cursor or command a runner.
    """
    lines = [*_headline(plan, style)]
    lines += _things("What stands against it", blocking(plan), style)
    lines += _changes(plan.changes, style)
    lines += _gates(plan, style)
    lines += _things("To know", to_know(plan), style)
    return log_safe("\n".join([*lines, "", style.quiet("Nothing was written.")]))


def _headline(plan: PromotionPlan, style: Style) -> Iterator[str]:
    short, why = verdict(plan)
    yield from (
        _paint(short, style)(line)
        for line in wrapped(f"{title_of(plan)}: {short} {why}", width=style.width, hanging="  ")
    )
    many = counted(each.change_type for each in plan.workflows)
    yield f"  {many}; estimated impact: {IMPACTS[plan.estimated_impact]}"
    commit = f", Git {visible(plan.git_commit_sha[:12])}" if plan.git_commit_sha else ""
    yield style.quiet(f"  plan digest {visible(plan.digest)}{commit}")


def _paint(short: str, style: Style) -> Callable[[str], str]:
    if short in ("Blocked.", "Not now."):
        return style.bad
    return style.notable if short == "Waiting." else style.good


def _things(title: str, things: Sequence[Thing], style: Style) -> Iterator[str]:
    if things:
        yield from ("", style.strong(title))
    for each in things[:_MOST_THINGS]:
        paint = style.bad if is_blocking(each) else style.notable
        told = code_told(each.code if isinstance(each, Finding) else each.type)
        yield from (
            paint(line)
            for line in wrapped(f"{told}: {plain(each.message)}", width=style.width, indent="  - ", hanging="    ")
        )
        if isinstance(each, Conflict) and each.is_allowed:
            yield f"    Allowed by {plain(each.allowed_by, LONGEST_NAME)}."
        elif each.fix:
            yield from wrapped(f"Fix: {plain(each.fix)}", width=style.width, indent="    ", hanging="         ")
    if len(things) > _MOST_THINGS:
        yield f"  ({len(things) - _MOST_THINGS:,} more; `--json` lists them all)"


def _changes(changes: Sequence[PlannedWorkflow], style: Style) -> Iterator[str]:
    if changes:
        yield from ("", style.strong("What changes, in this order"))
    if any(each.diff is not None for each in changes):
        yield style.quiet("  how to read it: - or left of -> is n8n now, + or right of it is afterwards")
    for each in changes[:_MOST_WORKFLOWS]:
        yield from ("", *_change(shown_change(each), style))
    if len(changes) > _MOST_WORKFLOWS:
        yield f"\n  ({count(len(changes) - _MOST_WORKFLOWS, 'more workflow')}; `--json` lists them all)"


def _change(each: ShownChange, style: Style) -> Iterator[str]:
    workflow = each.workflow
    risk = "" if workflow.risk is None else f", risk: {RISKS[workflow.risk]}"
    told = f"{CHANGE_TYPES[workflow.change_type]}, {afterwards(workflow)}{risk}"
    yield f"  {_SIGNS.get(workflow.change_type, ' ')} {style.strong(each.plain_name)}: {style.notable(told)}"
    where = [visible(each.redaction.text(workflow.file))] if workflow.file else []
    n8n_id = plain(workflow.target_workflow_id, LONGEST_NAME)
    where.append(f"n8n id {n8n_id}" if n8n_id else "not in n8n yet")
    yield style.quiet(f"    {', '.join(cut(one, 2 * LONGEST_NAME) for one in where)}")
    if workflow.tags is not None:
        yield f"    tags: {_several(each, workflow.tags) or 'none'}"
    if workflow.dropped:
        yield f"    the server does not take: {_several(each, workflow.dropped)}"
    yield from _credentials([one for one in workflow.credentials if one.is_rewritten], each)
    if each.diff is not None and workflow.change_type is not WorkflowChangeType.REMOVED:
        yield from (f"    {line}" for line in difference_lines(each.diff, style))


def _credentials(rewritten: Sequence[CredentialBinding], each: ShownChange) -> Iterator[str]:
    for one in rewritten[:_MOST_NAMED]:
        old, new, node = (_short(each, text) for text in (one.old_name, one.name, one.node_name))
        new_id = "found by n8n by its name" if one.id is None else f"id {_short(each, one.id)}"
        yield f"    credential of {node}: {old} -> {new} ({new_id})"
    if len(rewritten) > _MOST_NAMED:
        yield f"    ({count(len(rewritten) - _MOST_NAMED, 'more credential')})"


def _several(each: ShownChange, names: Sequence[str]) -> str:
    told = ", ".join(_short(each, one) for one in names[:_MOST_NAMED])
    return f"{told} and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else told


def _short(each: ShownChange, text: str) -> str:
    return cut(visible(each.redaction.text(text)), LONGEST_NAME)


def _gates(plan: PromotionPlan, style: Style) -> Iterator[str]:
    if plan.gate_results:
        yield from ("", style.strong("Gates"))
    paints = {GateStatus.PASSED: style.good, GateStatus.PENDING: style.notable, GateStatus.FAILED: style.bad}
    for each in asked_gates(plan):
        told = f"{each.status}: {GATES[each.gate_type]}. {plain(each.message)}"
        yield from (
            paints[each.status](line) for line in wrapped(told, width=style.width, indent="  - ", hanging="    ")
        )
        if each.fix and each.status is not GateStatus.PASSED:
            yield from wrapped(f"Fix: {plain(each.fix)}", width=style.width, indent="    ", hanging="         ")
    if not_asked := unasked_gates(plan):
        told = f"not asked for: {', '.join(not_asked)}"
        yield from map(style.quiet, wrapped(told, width=style.width, indent="  - ", hanging="    "))
