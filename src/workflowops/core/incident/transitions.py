"""The table of what may happen to an incident, when, and what it takes."""

from dataclasses import dataclass

from workflowops.core.incident.record import Event, IncidentStatus, ResolutionType

_DETECTED, _ACKNOWLEDGED = IncidentStatus.DETECTED, IncidentStatus.ACKNOWLEDGED
_STABILIZED, _RECONCILED, _CLOSED = IncidentStatus.STABILIZED, IncidentStatus.RECONCILED, IncidentStatus.CLOSED
_UNRESOLVED = (_DETECTED, _ACKNOWLEDGED, _STABILIZED)
_OPEN = (*_UNRESOLVED, _RECONCILED)


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a step is told, by the name that walkthrough 3 gives it."""

    name: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: from which statuses an event leads where. Without a target the status stays."""

    event: Event
    sources: tuple[IncidentStatus, ...]
    target: IncidentStatus | None
    fields: tuple[Field, ...] = ()
    by_people: bool = False


def _fields(*names: str) -> tuple[Field, ...]:
    """Read field names; a trailing `!` marks what must be given."""
    return tuple(Field(name.rstrip("!"), name.endswith("!")) for name in names)


EVIDENCE = (
    ResolutionType.ACCEPTED_RUNTIME_CHANGES,
    ResolutionType.REVERTED_TO_GIT,
    ResolutionType.REPLACED,
    ResolutionType.OTHER,
)
"""The fields by which a step tells how drift went away: each holds the names of the workflows it is true of."""

TRANSITIONS = (
    Transition(Event.DETECT, (), _DETECTED, _fields("detection_method", "run_url")),
    Transition(Event.ACKNOWLEDGE, (_DETECTED,), _ACKNOWLEDGED, _fields("comment"), by_people=True),
    Transition(
        Event.STABILIZE,
        (_ACKNOWLEDGED,),
        _STABILIZED,
        _fields("reason", "assigned_to", "resolution_plan"),
        by_people=True,
    ),
    Transition(
        Event.RECONCILE,
        (_STABILIZED,),
        _RECONCILED,
        _fields("resolution_type!", "resolution_details", "lessons_learned"),
        by_people=True,
    ),
    Transition(Event.CLOSE, (_RECONCILED,), _CLOSED, _fields("closure_reason", "lessons_learned"), by_people=True),
    Transition(Event.ASSIGN, _OPEN, None, _fields("assigned_to!"), by_people=True),
    Transition(Event.ACCEPT, _UNRESOLVED, _RECONCILED, _fields("until!", "reason"), by_people=True),
    Transition(Event.DRIFT_CHANGED, _OPEN, None, _fields("added", "gone", "changed", *EVIDENCE)),
    Transition(Event.DRIFT_GONE, _OPEN, _RECONCILED, _fields("resolution_type", "likely_resolution_type", *EVIDENCE)),
    Transition(Event.DRIFT_BACK, _OPEN, _DETECTED, _fields("added", "changed")),
    Transition(Event.ESCALATE, _UNRESOLVED, None, _fields("after_hours")),
    Transition(Event.REOPEN, _OPEN, None, _fields("reason")),
    Transition(Event.ISSUE_GONE, _OPEN, _CLOSED, _fields("closure_reason")),
)
"""One row per event. `DRIFT_GONE` reconciles where it is given a resolution type; else it is told and the status stays.

A reconciliation by hand may leave its resolution type out once drift is gone: what was found then is taken.
"""


def possible(status: IncidentStatus) -> tuple[Event, ...]:
    """List what people can do with an incident of that status."""
    return tuple(row.event for row in TRANSITIONS if row.by_people and status in row.sources)
