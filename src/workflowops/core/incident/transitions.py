"""The table of what may happen to an incident, when, and what it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

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
    """One row of the table: from which statuses an event leads where. Without a target the status stays.

    `while_accepted` are statuses from which it is possible as well as long as an acceptance is what they rest on.
    """

    event: Event
    sources: tuple[IncidentStatus, ...]
    target: IncidentStatus | None
    fields: tuple[Field, ...] = ()
    by_people: bool = False
    while_accepted: tuple[IncidentStatus, ...] = ()


def _fields(*names: str) -> tuple[Field, ...]:
    """Read field names; a trailing `!` marks what must be given."""
    return tuple(Field(name.rstrip("!"), name.endswith("!")) for name in names)


class Ending(StrEnum):
    """How one workflow came to drift no longer; as a field of a step it holds the names of those it is true of."""

    ACCEPTED_RUNTIME_CHANGES = "accepted_runtime_changes"  # Git says now what n8n ran
    REVERTED_TO_GIT = "reverted_to_git"  # n8n runs again what Git said, and says still
    REPLACED = "replaced"  # both have something new, and agree
    LAST_KNOWN_GOOD = "last_known_good"  # n8n was put back, while Git is ahead as it was before
    GIT_AHEAD = "git_ahead"  # Git moved on, and n8n has yet to follow
    GIT_TO_FOLLOW = "git_to_follow"  # n8n's version was accepted as last known good, and Git has yet to follow
    UNMANAGED = "unmanaged"  # nothing is compared under that identity any more
    OTHER = "other"  # neither side moved, and what differed does not count any more


EVIDENCE: Mapping[Ending, ResolutionType] = MappingProxyType({
    Ending.ACCEPTED_RUNTIME_CHANGES: ResolutionType.ACCEPTED_RUNTIME_CHANGES,
    Ending.REVERTED_TO_GIT: ResolutionType.REVERTED_TO_GIT,
    Ending.REPLACED: ResolutionType.REPLACED,
    Ending.LAST_KNOWN_GOOD: ResolutionType.REVERTED_TO_GIT,
    Ending.GIT_AHEAD: ResolutionType.OTHER,
    Ending.GIT_TO_FOLLOW: ResolutionType.OTHER,
    Ending.UNMANAGED: ResolutionType.OTHER,
    Ending.OTHER: ResolutionType.OTHER,
})  # fmt: skip
"""The fields by which a step tells how drift went away, and the resolution that each stands for."""

AGREEING = frozenset({Ending.ACCEPTED_RUNTIME_CHANGES, Ending.REVERTED_TO_GIT, Ending.REPLACED})
"""The endings after which Git and n8n say the same."""

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
    Transition(
        Event.ACCEPT,
        _UNRESOLVED,
        _RECONCILED,
        _fields("until!", "reason"),
        by_people=True,
        while_accepted=(_RECONCILED,),
    ),
    Transition(Event.DRIFT_CHANGED, _OPEN, None, _fields("added", "gone", "changed", *EVIDENCE)),
    Transition(
        Event.DRIFT_GONE,
        _OPEN,
        _RECONCILED,
        _fields("resolution_type", "likely_resolution_type", "accepted", *EVIDENCE),
    ),
    Transition(Event.DRIFT_BACK, _OPEN, _DETECTED, _fields("added", "changed")),
    Transition(Event.ESCALATE, _UNRESOLVED, None, _fields("after_hours")),
    Transition(Event.REOPEN, _OPEN, None, _fields("reason")),
    Transition(Event.ISSUE_GONE, _OPEN, _CLOSED, _fields("closure_reason")),
)
"""One row per event. `DRIFT_GONE` reconciles where it is given a resolution type; else it is told and the status stays.

A reconciliation by hand may leave its resolution type out once drift is gone: what was found then is taken. `ACCEPT` is
for drift that is there; given once more it changes the day, or ends the acceptance.
"""


def possible(status: IncidentStatus) -> tuple[Event, ...]:
    """List what people can do with an incident of that status."""
    return tuple(row.event for row in TRANSITIONS if row.by_people and status in row.sources)
