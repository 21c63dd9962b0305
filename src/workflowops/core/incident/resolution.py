"""How drift went away: which of the two sides moved, and whether they agree now."""

from collections.abc import Iterable, Sequence

from workflowops.core.drift import Compared, EnvironmentDrift
from workflowops.core.incident.fingerprint import listed
from workflowops.core.incident.lifecycle import AGREEING, EVIDENCE, Ending
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, ResolutionType, Step
from workflowops.core.standing import DriftKind


def ending_of(workflow: AffectedWorkflow, compared: Compared | None, *, awaits_git: bool = False) -> Ending:
    """Say how one workflow came to drift no longer; None stands for a workflow that is not compared any more.

    Only two sides that are in sync agree. Where Git is ahead, n8n runs what was last known good: it was put back, or
    what it ran was accepted as that (`awaits_git`), or Git moved on.
    """
    if compared is None:
        return Ending.UNMANAGED if workflow.live_key is not None else Ending.ACCEPTED_RUNTIME_CHANGES
    has_git_moved, has_n8n_moved = compared.git_key != workflow.git_key, compared.live_key != workflow.live_key
    match compared.kind:
        case DriftKind.IN_SYNC if has_git_moved:
            return Ending.REPLACED if has_n8n_moved else Ending.ACCEPTED_RUNTIME_CHANGES
        case DriftKind.IN_SYNC:
            return Ending.REVERTED_TO_GIT if has_n8n_moved else Ending.OTHER
        case DriftKind.PENDING if awaits_git:
            return Ending.GIT_TO_FOLLOW
        case DriftKind.PENDING if compared.live_key is not None and has_n8n_moved and not has_git_moved:
            return Ending.LAST_KNOWN_GOOD
        case DriftKind.PENDING:
            return Ending.GIT_AHEAD
        case _:
            return Ending.UNMANAGED


def evidence(gone: Sequence[AffectedWorkflow], drift: EnvironmentDrift) -> dict[str, str]:
    """Name the workflows that drift no longer by how that came about, as fields of a step."""
    awaiting = {each.canonical_id for each in drift.workflows if each.awaits_git}
    by_ending: dict[Ending, list[str]] = {}
    for workflow in gone:
        compared = drift.compared.get(workflow.canonical_id)
        ending = ending_of(workflow, compared, awaits_git=workflow.canonical_id in awaiting)
        by_ending.setdefault(ending, []).append(workflow.workflow_name)
    return {ending: listed(by_ending[ending]) for ending in EVIDENCE if ending in by_ending}


def combined(incident: Incident, found: Iterable[ResolutionType]) -> ResolutionType:
    """Say how all drift of an incident went away: what was found last, and on the way since it was detected."""
    types = set(found)
    for step in reversed(incident.timeline):
        if step.event in (Event.DETECT, Event.DRIFT_BACK):
            break
        if step.event is Event.DRIFT_CHANGED:
            types |= {resolution for ending, resolution in EVIDENCE.items() if ending in step.fields}
    if not types:
        return ResolutionType.OTHER
    return next(iter(types)) if len(types) == 1 else ResolutionType.MIXED


def says_agreement(step: Step) -> bool:
    """Say whether, when drift was seen to be gone, Git and n8n agreed on every workflow that it was about."""
    endings = {each for each in EVIDENCE if each in step.fields}
    return bool(endings) and endings <= AGREEING and "accepted" not in step.fields
