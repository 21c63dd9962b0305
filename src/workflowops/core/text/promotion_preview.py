"""The preview of a promotion as Markdown: for the pull request's comment, the check, and the page of the run."""

from collections.abc import Iterator, Sequence
from itertools import islice

from workflowops.core.promotion.finding import Conflict, Finding, GateStatus, Gravity
from workflowops.core.promotion.plan import CredentialBinding, PlannedWorkflow, PromotionPlan, WorkflowChangeType
from workflowops.core.text.incident_sections import SMALLEST, shared_out, units
from workflowops.core.text.incident_words import name, prose
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, details, escaped, joined, table
from workflowops.core.text.plain import count
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
    difference_in_short,
    fitting,
    plain,
    sentence,
    shown_change,
    title_of,
    to_know,
    unasked_gates,
    verdict,
)
from workflowops.core.text.words import RISKS
from workflowops.core.text.workflow_difference import IN_SHORT, difference

_LIMIT = 58_000
"""GitHub takes 65,536 characters; the rest is room for a marker and for what a caller writes around it."""

_TABLE_ROOM = 12_000
_AGAINST_ROOM = 14_000
_KNOW_ROOM = 8_000
_GATES_ROOM = 10_000
_MOST_CREDENTIALS = 60
_MOST_OPEN = 3
_MOST_NAMED = 10
_SIDES = ("n8n now", "Afterwards")
_GATE_MARKS = {
    GateStatus.PASSED: ":white_check_mark: passed",
    GateStatus.PENDING: ":hourglass: waits",
    GateStatus.FAILED: ":x: no",
}
_FINDING_MARKS = {
    Gravity.BLOCKING: ":x:",
    Gravity.WARNING: ":warning:",
    Gravity.NOTE: ":information_source:",
}
_VERDICT_MARKS = {
    "Blocked.": ":no_entry:",
    "Not now.": ":no_entry:",
    "Waiting.": ":hourglass:",
    "Ready.": ":white_check_mark:",
    "Nothing to do.": ":white_check_mark:",
}
_FOOT = (
    "<sub>Nothing was written. The plan digest stands for exactly these writes: whatever changes them changes it, "
    "and then nothing is carried out before somebody has looked again.</sub>"
)


def preview_markdown(plan: PromotionPlan, *, links: Links | None, promotion_id: str | None = None) -> str:
    """Tell a plan in full, in fewer than 60,000 characters whatever comes; what is cut is counted, with a pointer.

    Secrets are masked, and nothing that comes from n8n, from Git or from people is markup. Without a marker: whoever
    keeps it as a comment adds one (`core.promotion.markers`).
    """
    changes = plan.changes
    head = [
        [f"## {escaped(title_of(plan))}"],
        _verdict(plan),
        _facts(plan, links, promotion_id),
        *_titled("### What stands against it", _told(blocking(plan), room=_AGAINST_ROOM)),
        *_titled("### What changes", _changes(changes)),
        *_titled("### Gates", _gates(plan)),
        *_titled("### To know", _told(to_know(plan), room=_KNOW_ROOM)),
    ]
    foot = [[_FOOT], _run(links)]
    room = _LIMIT - units("\n".join(joined([*head, *foot])))
    return "\n".join(joined([*head, *_differences(changes, links, room=room), *foot])) + "\n"


def _titled(title: str, lines: list[str]) -> list[list[str]]:
    return [[title], lines] if lines else []


def _verdict(plan: PromotionPlan) -> list[str]:
    short, why = verdict(plan)
    return [f"{_VERDICT_MARKS[short]} **{short}** {why}"]


def _facts(plan: PromotionPlan, links: Links | None, promotion_id: str | None) -> list[str]:
    rows = [
        ["Promotion", "" if promotion_id is None else name(promotion_id, LONGEST_NAME)],
        ["Estimated impact", f"**{IMPACTS[plan.estimated_impact]}**"],
        ["Pipeline", name(plain(plan.pipeline_id), LONGEST_NAME) if plan.pipeline_id else ""],
        ["Commit", _commit(plan.git_commit_sha, links)],
        ["Allowed", _allowed(plan)],
        ["Plan digest", name(plan.digest, LONGEST_NAME)],
    ]
    header = ["Workflows", counted(each.change_type for each in plan.workflows)]
    return table(header, [row for row in rows if row[1]])


def _commit(sha: str | None, links: Links | None) -> str:
    if not sha:
        return ""
    told = name(sha[:12], LONGEST_NAME)
    return told if links is None or not sha.isalnum() or not sha.isascii() else f"[{told}]({links.commit(sha[:64])})"


def _allowed(plan: PromotionPlan) -> str:
    allowed = {
        "allow_overwriting_hotfixes": plan.options.allow_overwriting_hotfixes,
        "allow_force_promotion_on_conflicts": plan.options.allow_force_promotion_on_conflicts,
        "with_dependencies": plan.options.with_dependencies,
    }
    return ", ".join(code(option) for option, is_set in allowed.items() if is_set)


def _told(things: Sequence[Thing], *, room: int) -> list[str]:
    """List conflicts and findings, each with what to do about it."""
    lines, over = fitting(map(_line, things), room=room)
    return [*lines, f"- and {over:,} more: `workflowops promote preview --json` lists all of them"] if over else lines


def _line(thing: Thing) -> str:
    match thing:
        case Conflict():
            mark = ":warning:" if thing.is_allowed else ":x:"
            end = f" Allowed by {name(thing.allowed_by, 100)}." if thing.is_allowed else ""
            told = sentence(thing.message, "" if thing.is_allowed else thing.fix)
            return f"- {mark} **{escaped(code_told(thing.type))}**: {told}{end}"
        case Finding():
            where = f" ({name(plain(thing.file), 2 * LONGEST_NAME)})" if thing.file else ""
            told = sentence(thing.message, thing.fix)
            return f"- {_FINDING_MARKS[thing.gravity]} **{escaped(code_told(thing.code))}**: {told}{where}"


def _changes(changes: Sequence[PlannedWorkflow]) -> list[str]:
    """List what is written, in the order in which it is written; as many as fit."""
    rows: list[list[str]] = []
    left = _TABLE_ROOM
    for each in changes:
        row = _row(shown_change(each))
        left -= sum(units(cell) + 3 for cell in row) + 2
        if left < 0:
            break
        rows.append(row)
    more = len(changes) - len(rows)
    header = ["Workflow", "Change", "What differs", "Risk", "Afterwards it", "n8n id"]
    return joined([table(header, rows) if rows else [], [f"({count(more, 'more workflow')})"] if more else []])


def _row(each: ShownChange) -> list[str]:
    workflow = each.workflow
    return [
        each.name,
        f"**{CHANGE_TYPES[workflow.change_type]}**",
        escaped(difference_in_short(each.diff)) if workflow.change_type is WorkflowChangeType.UPDATED else "",
        "" if workflow.risk is None else RISKS[workflow.risk],
        afterwards(workflow),
        name(plain(workflow.target_workflow_id), LONGEST_NAME) if workflow.target_workflow_id else "new",
    ]


def _gates(plan: PromotionPlan) -> list[str]:
    if not plan.gate_results:
        return []
    left = _GATES_ROOM
    rows = []
    for each in asked_gates(plan):
        told = sentence(each.message, "" if each.status is GateStatus.PASSED else each.fix)
        left -= units(told) + 60
        rows.append([GATES[each.gate_type], _GATE_MARKS[each.status], told if left > 0 else ""])
    not_asked = unasked_gates(plan)
    last = ["", f"Not asked for: {', '.join(not_asked)}."] if not_asked else []
    return [*table(["Gate", "Says", "Why"], rows), *last]


def _differences(changes: Sequence[PlannedWorkflow], links: Links | None, *, room: int) -> list[list[str]]:
    """Fold out each workflow's difference, as much as fits; only as many are written as could fit."""
    pointer = _pointer(links)
    room -= units(pointer) + 400
    sections: list[str] = []
    least = 0
    is_open = len(changes) <= _MOST_OPEN
    told = 0
    for told, each in enumerate(changes, 1):  # noqa: B007 - how many were looked at is told below
        section = "\n".join(_section(shown_change(each), is_open=is_open))
        sections += [section] if section else []
        least += min(units(section) + 2, SMALLEST) if section else 0
        if least > room:
            break
    parts = shared_out(sections, room=room)
    left_out = len(sections) - len(parts) + len(changes) - told
    is_cut = left_out or any(units(part) < units(whole) for part, whole in zip(parts, sections, strict=False))
    more = f"{count(left_out, 'more workflow')} left out here. " if left_out else ""
    end = [f"{more}{pointer}"] if is_cut else []
    return [["### Differences"], *([part] for part in parts), end] if parts or end else []


def _section(each: ShownChange, *, is_open: bool) -> list[str]:
    workflow = each.workflow
    diff = each.diff if workflow.change_type is not WorkflowChangeType.REMOVED else None
    blocks = [_notes(each), _credentials(workflow.credentials, each)]
    blocks += difference(diff, extent=IN_SHORT, sides=_SIDES) if diff is not None and diff.has_changes else []
    body = joined(blocks)
    return details(f"{each.name} {CHANGE_TYPES[workflow.change_type]}", body, is_open=is_open) if body else []


def _notes(each: ShownChange) -> list[str]:
    workflow = each.workflow
    notes = [f"- File {_masked(each, workflow.file, 2 * LONGEST_NAME)}"] if workflow.file else []
    if workflow.tags is not None:
        notes.append(f"- Its tags are set to {_several(each, workflow.tags) or 'none'}")
    if workflow.depends_on:
        notes.append(f"- Written after {count(len(workflow.depends_on), 'workflow')} that it calls")
    if workflow.dropped:
        notes.append(f"- The server does not take {_several(each, workflow.dropped)}")
    return notes


def _several(each: ShownChange, names: Sequence[str]) -> str:
    told = ", ".join(_masked(each, one, LONGEST_NAME) for one in names[:_MOST_NAMED])
    return f"{told} and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else told


def _masked(each: ShownChange, text: str | None, room: int) -> str:
    return name(each.redaction.text(text or ""), room)


def _credentials(bindings: Sequence[CredentialBinding], each: ShownChange) -> list[str]:
    """List the credentials that become other ones than the file names; what they hold is never known here."""
    rewritten = [one for one in bindings if one.is_rewritten]
    if not rewritten:
        return []
    rows = [*islice(_credential_rows(rewritten, each), _MOST_CREDENTIALS)]
    more = len(rewritten) - len(rows)
    listed = table(["Node", "Credential before", "In the target"], rows)
    return joined([listed, [f"({count(more, 'more credential')})"] if more else []])


def _credential_rows(bindings: Sequence[CredentialBinding], each: ShownChange) -> Iterator[list[str]]:
    for one in bindings:
        new_id = "found by n8n by its name" if one.id is None else f"id {_masked(each, one.id, LONGEST_NAME)}"
        yield [
            _masked(each, one.node_name, LONGEST_NAME),
            f"{_masked(each, one.old_name, LONGEST_NAME)} {prose(each.redaction.text(one.credential_type), 100)}",
            f"{_masked(each, one.name, LONGEST_NAME)} {new_id}",
        ]


def _pointer(links: Links | None) -> str:
    told = "`workflowops promote preview --json` tells all of it"
    if links is None or links.run_url is None:
        return f"{told}."
    return f"{told}, and [the run]({links.run_url}) shows it."


def _run(links: Links | None) -> list[str]:
    if links is None or links.run_url is None:
        return []
    return [f"<sub>[The run]({links.run_url}) that says this.</sub>"]
