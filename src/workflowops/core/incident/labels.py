"""The labels of an incident: what GitHub's own lists and filters show of it."""

from collections.abc import Sequence

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.incident.issue import Label
from workflowops.core.incident.record import Incident, IncidentStatus
from workflowops.core.json import sha256
from workflowops.core.promotion.request import OPTION_LABELS

LIST_LABEL = "workflowops:incident"
"""Every incident has it; the list of issues is asked for by it."""

_OURS = "workflowops:"
_LONGEST = 50
_MOST = 100
_STATUSES = {
    IncidentStatus.DETECTED: ("d73a4a", "n8n runs what Git does not say, and nobody has answered yet"),
    IncidentStatus.ACKNOWLEDGED: ("e99695", "Somebody is looking at the drift"),
    IncidentStatus.STABILIZED: ("fbca04", "The drift can do no more harm"),
    IncidentStatus.RECONCILED: ("0e8a16", "Nothing drifts any more, or the difference may stay for a while"),
    IncidentStatus.CLOSED: ("cccccc", "The incident is over"),
}
_SEVERITIES = {
    IncidentSeverity.LOW: "c2e0c6",
    IncidentSeverity.MEDIUM: "fef2c0",
    IncidentSeverity.HIGH: "f9a37a",
    IncidentSeverity.CRITICAL: "b60205",
}


def labels_of(incident: Incident) -> tuple[Label, ...]:
    """Answer the labels that an incident's issue has to have, the list label first."""
    color, description = _STATUSES[incident.status]
    labels = [
        Label(LIST_LABEL, "5319e7", "Drift between n8n and Git, kept by WorkflowOps"),
        Label(f"{_OURS}{incident.status}", color, description),
        Label(
            f"{_OURS}severity-{incident.severity}",
            _SEVERITIES[incident.severity],
            f"How bad drift is in this environment: {incident.severity}",
        ),
        Label(_environment(incident.environment), "bfdadc", "Where the workflows drifted"),
    ]
    if incident.escalated_at is not None:
        labels.append(Label(f"{_OURS}escalated", "b60205", "Open for longer than its severity allows"))
    return tuple(labels)


def _environment(name: str) -> str:
    """Name the label of an environment; GitHub takes 50 characters, so a long name ends in a digest of itself."""
    label = f"{_OURS}environment-{name}"
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 9]}-{sha256(name.encode())[:8]}"


def repaired(existing: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...] | None:
    """Answer the labels an issue has to be given; None when it has the wanted ones, and of ours no other.

    Labels of people stay where they are, those that allow a promotion something among them. GitHub takes upper and
    lower case for the same, and 100 labels an issue.
    """
    names = {name.casefold() for name in wanted}
    if {name.casefold() for name in existing if _is_ours(name)} == names:
        return None
    theirs = [name for name in existing if not _is_ours(name)]
    return (*wanted, *theirs)[:_MOST]


def _is_ours(name: str) -> bool:
    return name.casefold().startswith(_OURS) and name.casefold() not in OPTION_LABELS
