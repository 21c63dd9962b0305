"""The shape of an incident on the state branch, and of what an environment knows about its incidents."""

from dataclasses import dataclass, field
from enum import StrEnum

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.records import SCHEMA
from workflowops.core.standing import DriftKind

WHOLE_ENVIRONMENT = "*"
"""The key of the incident about everything that drifted in an environment; else the key is a canonical id."""


class IncidentStatus(StrEnum):
    """Where an incident stands (walkthrough 3, `drift_incidents.status`)."""

    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    STABILIZED = "stabilized"
    RECONCILED = "reconciled"
    CLOSED = "closed"


class Event(StrEnum):
    """What can happen to an incident. The first six are done by people, the rest is observed."""

    ACKNOWLEDGE = "acknowledge"
    STABILIZE = "stabilize"
    RECONCILE = "reconcile"
    CLOSE = "close"
    ASSIGN = "assign"
    ACCEPT = "accept"
    DETECT = "detect"
    DRIFT_CHANGED = "drift_changed"
    DRIFT_GONE = "drift_gone"
    DRIFT_BACK = "drift_back"
    ESCALATE = "escalate"
    REOPEN = "reopen"
    ISSUE_GONE = "issue_gone"


class ResolutionType(StrEnum):
    """How the two sides came together again. The first one is the walkthrough's."""

    ACCEPTED_RUNTIME_CHANGES = "accepted_runtime_changes"  # Git says now what n8n ran
    REVERTED_TO_GIT = "reverted_to_git"  # n8n runs again what Git said
    REPLACED = "replaced"  # both have something new, and agree
    ACCEPTED_UNTIL = "accepted_until"  # the difference may stay for a while
    MIXED = "mixed"  # not the same for every workflow
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSummary:
    """One changed field in short, masked (walkthrough 3, `change_summary`); values are cut texts."""

    node_name: str
    field: str
    old_value: str
    new_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedWorkflow:
    """A workflow of an incident as the last check found it (walkthrough 3, `affected_workflows`).

    `fingerprint` changes when the difference does, and only then. `git_key` and `live_key` stand for what the file and
    n8n said; they tell afterwards which side moved. Names and values are masked.
    """

    canonical_id: str
    canonical_slug: str | None
    workflow_id: str | None
    workflow_name: str
    drift_type: DriftKind
    file: str | None
    fingerprint: str
    git_key: str | None = None
    live_key: str | None = None
    nodes_added: int = 0
    nodes_removed: int = 0
    nodes_modified: int = 0
    risk: str | None = None
    change_summary: ChangeSummary | None = None
    n8n_updated_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened to an incident. `fields` holds what the step was given, by its walkthrough's name."""

    event: Event
    at: str
    by: str
    previous_status: IncidentStatus | None
    status: IncidentStatus
    fields: dict[str, str] = field(default_factory=dict)


class NoteKind(StrEnum):
    """What an undelivered note is for."""

    COMMENT = "comment"
    NOTIFICATION = "notification"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that has been decided and has yet to be said. It leaves the record once it was said.

    A comment carries its `id` in a hidden marker, which is looked for before it is said a second time.
    """

    id: str
    kind: NoteKind
    text: str
    title: str = ""
    decided_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`incidents/<number>.json`. Times are ISO 8601 in UTC; every text is masked.

    What the steps were given stands in `timeline`; the fields beside it hold the latest of each, as in walkthrough 3.
    `title` and `author` are those of the issue as we wrote it. `handled` names the deliveries that were acted upon.
    `drift_gone_at` is set while no drift is left, `reopened_at` from the decision to reopen the issue until it was seen
    open again.
    """

    schema: int = SCHEMA
    number: int
    intent: str
    url: str | None = None
    author: str | None = None
    title: str = ""
    key: str
    environment: str
    environment_title: str
    severity: IncidentSeverity
    status: IncidentStatus = IncidentStatus.DETECTED
    detected_at: str
    detection_method: str
    git_branch: str | None = None
    git_commit_sha: str
    affected_workflows: tuple[AffectedWorkflow, ...]
    acknowledged_by: str | None = None
    acknowledged_at: str | None = None
    acknowledgment_comment: str | None = None
    stabilized_by: str | None = None
    stabilized_at: str | None = None
    stabilization_reason: str | None = None
    assigned_to: str | None = None
    resolution_plan: str | None = None
    reconciled_by: str | None = None
    reconciled_at: str | None = None
    resolution_type: ResolutionType | None = None
    resolution_details: str | None = None
    lessons_learned: str | None = None
    closed_by: str | None = None
    closed_at: str | None = None
    closure_reason: str | None = None
    escalated_at: str | None = None
    drift_gone_at: str | None = None
    reopened_at: str | None = None
    previous_incident: int | None = None
    timeline: tuple[Step, ...] = ()
    notes: tuple[Note, ...] = ()
    handled: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An incident that has been decided and whose issue may or may not exist yet; `incident.number` is 0.

    `details` is the Markdown of its differences in full, as `details_path` will hold it; `drawings` go beside it.
    """

    intent: str
    incident: Incident
    details: str
    drawings: DrawingsFile = field(default_factory=DrawingsFile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A difference of one workflow that may stay until the end of that day (UTC)."""

    canonical_id: str
    fingerprint: str
    until: str  # YYYY-MM-DD
    by: str
    reason: str | None = None
    incident: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsFile:
    """`environments/<env>/incidents.json`: which issue is about what.

    `open` and `latest_closed` are key -> number, `opening` is by key, `accepted` by canonical id. `unsaid` numbers the
    closed incidents whose end GitHub does not show yet.
    """

    schema: int = SCHEMA
    open: dict[str, int] = field(default_factory=dict)
    latest_closed: dict[str, int] = field(default_factory=dict)
    opening: dict[str, Opening] = field(default_factory=dict)
    accepted: dict[str, Acceptance] = field(default_factory=dict)
    unsaid: tuple[int, ...] = ()


def incidents_path(environment: str) -> str:
    """Answer where the list of an environment's incidents lies."""
    return f"environments/{environment}/incidents.json"


def incident_path(number: int) -> str:
    """Answer where an incident lies."""
    return f"incidents/{number}.json"


def details_path(number: int) -> str:
    """Answer where the differences of an incident lie in full, as Markdown that GitHub shows."""
    return f"incidents/{number}.md"
