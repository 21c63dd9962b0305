"""The life of an incident: what happens to it, or why that cannot be, and the record afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from workflowops.core.incident.durations import QUIET_ENOUGH, Durations, detection, durations, open_since
from workflowops.core.incident.record import Event, Incident, IncidentStatus, ResolutionType, Step
from workflowops.core.incident.step_fields import (
    AT_ONCE,
    LONGEST_FIELD,
    MOST_DAYS_ACCEPTED,
    either,
    expected,
    value_of,
)
from workflowops.core.incident.transitions import (
    AGREEING,
    EVIDENCE,
    TRANSITIONS,
    Ending,
    Field,
    Transition,
    possible,
)
from workflowops.core.text.plain import cut

__all__ = [
    "AGREEING",
    "AT_ONCE",
    "BY_MACHINE",
    "EVIDENCE",
    "LONGEST_FIELD",
    "MOST_DAYS_ACCEPTED",
    "QUIET_ENOUGH",
    "TRANSITIONS",
    "Durations",
    "Ending",
    "Field",
    "Given",
    "Refusal",
    "RefusalReason",
    "Transition",
    "advance",
    "detection",
    "durations",
    "open_since",
    "possible",
    "possible_now",
]

BY_MACHINE = "workflowops"
"""Stands for a login in the steps that nobody took by hand."""

_ROWS = {row.event: row for row in TRANSITIONS}
_AFTER_DETECTION = (
    "acknowledged_by", "acknowledged_at", "acknowledgment_comment",
    "stabilized_by", "stabilized_at", "stabilization_reason", "resolution_plan",
    "reconciled_by", "reconciled_at", "resolution_type", "resolution_details", "lessons_learned",
    "escalated_at", "drift_gone_at",
)  # fmt: skip
"""What a detection starts without; the timeline keeps it, and whoever the incident is assigned to stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What happens to an incident: who did it, when (ISO 8601, UTC), and what was said, by field name."""

    event: Event
    by: str
    at: str
    fields: Mapping[str, str] = field(default_factory=dict)


class RefusalReason(StrEnum):
    """Why an event cannot happen."""

    WRONG_STATUS = "wrong_status"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    BAD_VALUE = "bad_value"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that cannot happen, in one sentence for people, and what can happen by hand instead."""

    reason: RefusalReason
    problem: str
    possible: tuple[Event, ...]


def advance(incident: Incident, given: Given) -> Incident | Refusal:
    """Let something happen to an incident, or say why it cannot; never raises for what people wrote.

    Appends a step and sets the fields of walkthrough 3. Which workflows are affected is the caller's to change.
    """
    row = _ROWS[given.event]
    if not _is_allowed(row, incident):
        return _refusal(incident, RefusalReason.WRONG_STATUS, _wrong_status(row, incident))
    fields = _cleaned(incident, row, given)
    if isinstance(fields, Refusal):
        return fields
    status = _target(row, fields) or incident.status
    step = Step(
        event=given.event,
        at=given.at,
        by=given.by,
        previous_status=incident.status,
        status=status,
        fields=fields,
    )
    return replace(
        incident, status=status, timeline=(*incident.timeline, step), **_consequences(incident, given, fields)
    )


def possible_now(incident: Incident) -> tuple[Event, ...]:
    """List what people can do with an incident as it stands; more is known of it than its status."""
    return tuple(row.event for row in TRANSITIONS if row.by_people and _is_allowed(row, incident))


def _is_allowed(row: Transition, incident: Incident) -> bool:
    if row.event is Event.ACCEPT and incident.drift_gone_at is not None:
        return False
    return incident.status in row.sources or (_is_accepted(incident) and incident.status in row.while_accepted)


def _is_accepted(incident: Incident) -> bool:
    return incident.resolution_type is ResolutionType.ACCEPTED_UNTIL


def _refusal(incident: Incident, reason: RefusalReason, problem: str) -> Refusal:
    return Refusal(reason, problem, possible_now(incident))


def _wrong_status(row: Transition, incident: Incident) -> str:
    event, status = row.event.replace("_", " "), incident.status
    if status is IncidentStatus.CLOSED:
        return "The incident is closed, and stays as it was; drift from now on opens a new one."
    if not row.sources:
        return f"An incident is detected once; this one is {status} already."
    if row.event is Event.ACCEPT and incident.drift_gone_at is not None:
        return f"Nothing drifts any more, so there is nothing to accept; the incident is {status}."
    return f"To {event}, the incident has to be {either(row.sources)}; it is {status}."


def _cleaned(incident: Incident, row: Transition, given: Given) -> dict[str, str] | Refusal:
    """Check and clean what was given; fields that are left empty count as not given."""
    names = tuple(each.name for each in row.fields)
    unknown = next((name for name in given.fields if name not in names), None)
    if unknown is not None:
        taken = f"takes {either(names)}" if names else "takes no field"
        return _refusal(
            incident, RefusalReason.UNKNOWN_FIELD, f"{_told(row.event)} {taken}, not {cut(repr(unknown), 60)}."
        )
    fields = _found_before(incident, given) | {
        name: text.strip() for name, text in given.fields.items() if text.strip()
    }
    missing = next((each.name for each in row.fields if each.required and each.name not in fields), None)
    if missing is not None:
        return _refusal(
            incident, RefusalReason.MISSING_FIELD, f"{_told(row.event)} needs {missing}{expected(missing)}."
        )
    for name, text in fields.items():
        value = value_of(name, text, today=_day(given.at))
        if value is None:
            problem = f"{name} is {cut(repr(text), 60)}, which is not{expected(name).removeprefix(':')}."
            return _refusal(incident, RefusalReason.BAD_VALUE, problem)
        fields[name] = value
    if fields.get("until") == AT_ONCE and incident.status not in row.while_accepted:
        problem = f"Nothing is accepted that could be ended; until takes{expected('until').removeprefix(':')}."
        return _refusal(incident, RefusalReason.BAD_VALUE, problem)
    return fields


def _told(event: Event) -> str:
    return event.replace("_", " ").capitalize()


def _found_before(incident: Incident, given: Given) -> dict[str, str]:
    """Answer how drift went away, where that was seen before somebody reconciles by hand."""
    if given.event is not Event.RECONCILE or incident.drift_gone_at is None:
        return {}
    gone = next((step for step in reversed(incident.timeline) if step.event is Event.DRIFT_GONE), None)
    found = None if gone is None else gone.fields.get("likely_resolution_type")
    return {} if found is None else {"resolution_type": found}


def _day(at: str) -> date:
    return date.fromisoformat(at[:10])


def _target(row: Transition, fields: Mapping[str, str]) -> IncidentStatus | None:
    if row.event is Event.DRIFT_GONE and "resolution_type" not in fields:
        return None
    return row.target


def _consequences(incident: Incident, given: Given, fields: Mapping[str, str]) -> dict[str, Any]:
    """Answer what an event changes beside status and timeline."""
    match given.event:
        case Event.ACKNOWLEDGE:
            return _signed("acknowledged", given) | {"acknowledgment_comment": fields.get("comment")}
        case Event.STABILIZE:
            return _signed("stabilized", given) | {
                "stabilization_reason": fields.get("reason"),
                "assigned_to": fields.get("assigned_to", incident.assigned_to),
                "resolution_plan": fields.get("resolution_plan"),
            }
        case Event.RECONCILE:
            return _signed("reconciled", given) | {
                "resolution_type": ResolutionType(fields["resolution_type"]),
                "resolution_details": fields.get("resolution_details"),
                "lessons_learned": fields.get("lessons_learned"),
            }
        case Event.ACCEPT if fields["until"] == AT_ONCE:
            return {}
        case Event.ACCEPT:
            return _signed("reconciled", given) | {
                "resolution_type": ResolutionType.ACCEPTED_UNTIL,
                "resolution_details": fields.get("reason"),
            }
        case Event.CLOSE | Event.ISSUE_GONE:
            return _signed("closed", given) | {
                "closure_reason": fields.get("closure_reason"),
                "lessons_learned": fields.get("lessons_learned", incident.lessons_learned),
            }
        case Event.ASSIGN:
            return {"assigned_to": fields["assigned_to"]}
        case _:
            return _observed(incident, given, fields)


def _observed(incident: Incident, given: Given, fields: Mapping[str, str]) -> dict[str, Any]:
    """Answer what changes by an event that nobody caused on purpose."""
    match given.event:
        case Event.DRIFT_GONE:
            return {"drift_gone_at": given.at} | _gone(incident, given, fields)
        case Event.DRIFT_BACK:
            return dict.fromkeys(_AFTER_DETECTION) | _still_escalated(incident, given)
        case Event.ESCALATE:
            return {"escalated_at": given.at}
        case Event.REOPEN:
            return {"reopened_at": given.at}
        case _:
            return {}


def _signed(status: str, given: Given) -> dict[str, Any]:
    return {f"{status}_by": given.by, f"{status}_at": given.at}


def _gone(incident: Incident, given: Given, fields: Mapping[str, str]) -> dict[str, Any]:
    """Say how drift ended: what was found stands, unless somebody who reconciled before said something else.

    An acceptance ends with its drift: the incident is reconciled by that, and then.
    """
    found = fields.get("resolution_type")
    if _is_accepted(incident):
        found = found or fields.get("likely_resolution_type")
    elif incident.resolution_type is not None:
        return {}
    if found is None:
        return {}
    return _signed("reconciled", given) | {"resolution_type": ResolutionType(found), "resolution_details": None}


def _still_escalated(incident: Incident, given: Given) -> dict[str, Any]:
    """Keep that an incident escalated where its drift was gone too short a time to grow old anew."""
    back = Step(event=given.event, at=given.at, by=given.by, previous_status=incident.status, status=incident.status)
    is_new = open_since(replace(incident, timeline=(*incident.timeline, back))) == given.at
    return {} if is_new else {"escalated_at": incident.escalated_at}
