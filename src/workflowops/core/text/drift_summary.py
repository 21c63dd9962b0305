"""A drift report as Markdown, for the step summary."""

from collections.abc import Sequence

from workflowops.core.drift import DriftReport, EnvironmentDrift, WorkflowDrift
from workflowops.core.records import DriftStatus
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DriftKind
from workflowops.core.text.markdown import code, details, escaped, joined, size, table, with_commands
from workflowops.core.text.plain import count, cut, moment
from workflowops.core.text.verdicts import beside, next_steps, verdict
from workflowops.core.text.words import RISKS, ignored_told, kind_of, place
from workflowops.core.text.workflow_difference import IN_SHORT, LONGEST_NAME, ShownWorkflow, section, shown

_MOST_BYTES = 900_000
"""GitHub takes 1 MiB a step; the rest is room for what others add to the same summary."""

_MARGIN = 2_000
_MOST_ROWS = 200
_MARKS = {
    DriftStatus.IN_SYNC: ":white_check_mark:",
    DriftStatus.DRIFT_DETECTED: ":x:",
    DriftStatus.NEW: ":new:",
    DriftStatus.UNKNOWN: ":warning:",
}


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
    listing = [shown(workflow) for workflow in listed[:_MOST_ROWS]]
    notes = [f"- :warning: {escaped(cut(mask_text(problem), 1_000))}" for problem in each.problems[:_MOST_ROWS]]
    blocks = [
        [f"### {escaped(place(each.title, each.environment))}"],
        notes + [f"- {escaped(told)}" for told in beside(each)],
        _left_out(each),
        _overview(listing, total=len(listed)),
        _unmanaged([workflow for workflow in each.workflows if workflow.kind is DriftKind.UNMAPPED]),
    ]
    if not any(blocks[1:]):
        return []
    taken = size(joined(blocks)) + _MARGIN
    told = 0
    for one in listing:
        part = section(one, extent=IN_SHORT)
        taken += size(part) + 1
        if taken > room:
            break
        blocks.append(part)
        told += 1
    if told < len(listed):
        left = count(len(listed) - told, "more workflow")
        blocks.append([f"**{left} left out here**; `--json` has them all."])
    return joined(blocks)


def _left_out(each: EnvironmentDrift) -> list[str]:
    told = [escaped(mask_text(line)) for line in ignored_told({**each.ignored})[:_MOST_ROWS]]
    return details("Left out of the comparison", [f"- {line}" for line in told]) if told else []


def _overview(listing: Sequence[ShownWorkflow], *, total: int) -> list[str]:
    if not listing:
        return []
    rows = [
        [
            one.name,
            escaped(kind_of(one.workflow)),
            RISKS[one.diff.risk] if one.diff is not None and one.diff.risk is not None else "",
            code(cut(mask_text(one.workflow.file), 2 * LONGEST_NAME)) if one.workflow.file else "",
        ]
        for one in listing
    ]
    more = [f"({count(total - len(listing), 'more workflow')})"] if total > len(listing) else []
    return joined([table(["Workflow", "What happened", "Risk", "File"], rows), more])


def _unmanaged(workflows: Sequence[WorkflowDrift]) -> list[str]:
    if not workflows:
        return []
    rows = [
        [
            code(cut(mask_text(each.workflow_name), LONGEST_NAME)),
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
