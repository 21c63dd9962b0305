"""The verdict on an environment in one sentence, and what to do next."""

from workflowops.core.drift import DriftReport, EnvironmentDrift, WorkflowDrift
from workflowops.core.records import Counts, DriftStatus
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.text.plain import count, visible
from workflowops.core.text.words import managed, place

CHANGED = frozenset({DriftKind.MODIFIED, DriftKind.CONFLICT, DriftKind.ACTIVATION_CHANGED, DriftKind.TAGS_CHANGED})


def annotations(report: DriftReport) -> list[tuple[str, str]]:
    """Answer level and text of what a run's page should show: drift as a warning, what was not checked as an error."""
    levels = {DriftStatus.DRIFT_DETECTED: "warning", DriftStatus.UNKNOWN: "error"}
    return [
        (levels[each.drift_status], f"{place(each.title, each.environment)}: {verdict(each)}")
        for each in report.environments
        if each.drift_status in levels
    ]


def verdict(each: EnvironmentDrift) -> str:
    """Say where an environment stands. One that could not be checked is never said to be in sync."""
    counts = each.counts
    total = total_managed(counts)
    match each.drift_status:
        case DriftStatus.IN_SYNC:
            return f"in sync. {_agreeing(counts, total)}"
        case DriftStatus.DRIFT_DETECTED:
            return f"DRIFT. {_differing(counts, total)}"
        case DriftStatus.NEW:
            return "new, without a baseline. Nothing was judged: there is no last known good to compare with."
        case DriftStatus.UNKNOWN:
            return f"{_unchecked(counts, total)} This does not mean that it is in sync."


def total_managed(counts: Counts) -> int:
    """Count the workflows that Git knows, whatever became of them."""
    return counts.in_sync + counts.drifted + counts.pending + counts.unknown


def _unchecked(counts: Counts, total: int) -> str:
    if counts.unknown and counts.unknown < total:
        return f"NOT FULLY CHECKED. {counts.unknown} of {managed(total)} could not be compared."
    return "NOT CHECKED."


def _agreeing(counts: Counts, total: int) -> str:
    if counts.pending:
        return f"{counts.in_sync} of {managed(total)} run what Git says; {counts.pending} pending."
    return f"All {managed(total)} run what Git says." if total > 1 else f"{managed(total)}, and nothing differs."


def _differing(counts: Counts, total: int) -> str:
    kinds = [
        (counts.conflict, "changed on both sides"),
        (counts.missing, "gone"),
        (counts.modified, "edited in n8n"),
        (counts.activation_changed, "switched on or off"),
        (counts.tags_changed, "with other tags"),
    ]
    told = ", ".join(f"{number} {words}" for number, words in kinds if number)
    return f"{counts.drifted} of {managed(total)} {'differs' if counts.drifted == 1 else 'differ'} from Git: {told}."


def beside(each: EnvironmentDrift) -> list[str]:
    """Say what is no drift but should be known: pending work, unmanaged workflows, drafts, what could not be read."""
    counts = each.counts
    told = []
    if counts.unknown and each.drift_status is not DriftStatus.UNKNOWN:
        told.append(f"{count(counts.unknown, 'workflow')} could not be compared.")
    if counts.pending and each.drift_status is not DriftStatus.IN_SYNC:
        told.append(f"{count(counts.pending, 'workflow')} pending: Git and n8n have to be brought together; no drift.")
    if counts.unmapped:
        told.append(f"{count(counts.unmapped, 'unmanaged workflow')}: not in Git, so not judged.")
    if counts.draft_ahead:
        told.append(f"{count(counts.draft_ahead, 'workflow')} with a draft that is not published yet.")
    return told


def next_steps(report: DriftReport) -> list[str]:
    """Say what to do, with the command to do it. Nothing where nothing is to be done."""
    several = len(report.environments) > 1
    return [
        f"{visible(each.environment)}: {step}" if several else step
        for each in report.environments
        for step in _steps(each)
    ]


def _steps(each: EnvironmentDrift) -> list[str]:
    option = f"--environment {visible(each.environment)}"
    onboard = f"`workflowops onboard --all {option}` puts the unmanaged workflows under Git."
    match each.drift_status:
        case DriftStatus.UNKNOWN:
            return [f"Put right what is named above, then `workflowops drift {option}` again."]
        case DriftStatus.NEW:
            steps = [f"`workflowops baseline {option}` accepts what is in sync as last known good."]
        case DriftStatus.DRIFT_DETECTED:
            steps = _for_drift([workflow for workflow in each.workflows if workflow.kind in DRIFT], option)
        case DriftStatus.IN_SYNC:
            steps = []
    return [*steps, onboard] if each.counts.unmapped else steps


def _for_drift(drifted: list[WorkflowDrift], option: str) -> list[str]:
    steps: list[str] = []
    if any(workflow.kind in CHANGED for workflow in drifted):
        steps += [
            "Was Git right? Undo the edit in n8n.",
            "Was n8n right? Put the change into the file in Git, by a pull request.",
            f"`workflowops baseline --accept live {option}` takes what n8n runs as last known good until Git follows.",
        ]
    if any(workflow.kind is DriftKind.MISSING for workflow in drifted):
        steps.append("What is gone: restore it in n8n, or remove its file from Git.")
    return [*steps, f"Then `workflowops drift {option}` again."] if steps else []
