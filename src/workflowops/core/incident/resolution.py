"""How drift went away: which of the two sides moved."""

from collections.abc import Iterable, Mapping, Sequence

from workflowops.core.drift import Compared
from workflowops.core.incident.fingerprint import listed
from workflowops.core.incident.lifecycle import EVIDENCE
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, ResolutionType
from workflowops.core.standing import DriftKind

_GONE = Compared(DriftKind.IN_SYNC, git_key=None, live_key=None)


def resolution_of(workflow: AffectedWorkflow, compared: Compared | None) -> ResolutionType:
    """Say how one workflow came to drift no longer; None stands for a workflow that is not compared any more.

    `other` where neither side moved, as when the configuration ignores the difference now, and where Git does not
    manage the workflow any more, so that nobody knows what n8n runs.
    """
    now = compared or _GONE
    has_git_moved, has_n8n_moved = now.git_key != workflow.git_key, now.live_key != workflow.live_key
    if compared is None and has_n8n_moved:
        return ResolutionType.OTHER
    if not has_git_moved and not has_n8n_moved and now.kind is DriftKind.IN_SYNC:
        return ResolutionType.OTHER
    if not has_n8n_moved:
        return ResolutionType.ACCEPTED_RUNTIME_CHANGES
    return ResolutionType.REPLACED if has_git_moved else ResolutionType.REVERTED_TO_GIT


def evidence(gone: Sequence[AffectedWorkflow], compared: Mapping[str, Compared]) -> dict[str, str]:
    """Name the workflows that drift no longer by how that came about, as fields of a step."""
    by_type: dict[ResolutionType, list[str]] = {}
    for workflow in gone:
        found = resolution_of(workflow, compared.get(workflow.canonical_id))
        by_type.setdefault(found, []).append(workflow.workflow_name)
    return {found: listed(by_type[found]) for found in EVIDENCE if found in by_type}


def combined(incident: Incident, found: Iterable[str]) -> ResolutionType:
    """Say how all drift of an incident went away: what was found last, and on the way since it was detected."""
    types = {ResolutionType(each) for each in found}
    for step in reversed(incident.timeline):
        if step.event in (Event.DETECT, Event.DRIFT_BACK):
            break
        if step.event is Event.DRIFT_CHANGED:
            types |= {each for each in EVIDENCE if each in step.fields}
    if not types:
        return ResolutionType.OTHER
    return next(iter(types)) if len(types) == 1 else ResolutionType.MIXED
