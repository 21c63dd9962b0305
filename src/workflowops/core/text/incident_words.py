"""What all texts about incidents share: plain words for its values, and data made safe within a given length."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from workflowops.core.incident.lifecycle import BY_MACHINE, EVIDENCE, Ending
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, Step
from workflowops.core.incident.step_fields import AT_ONCE
from workflowops.core.risk import Risk
from workflowops.core.standing import DriftKind
from workflowops.core.text.incident_sections import units
from workflowops.core.text.markdown import code, escaped
from workflowops.core.text.plain import count, cut, visible
from workflowops.core.text.words import KINDS, RISKS

EVENTS = {
    Event.DETECT: "detected",
    Event.ACKNOWLEDGE: "acknowledged",
    Event.STABILIZE: "stabilized",
    Event.RECONCILE: "reconciled",
    Event.CLOSE: "closed",
    Event.ASSIGN: "assigned",
    Event.ACCEPT: "accepted for a while",
    Event.DRIFT_CHANGED: "the difference changed",
    Event.DRIFT_GONE: "nothing of it drifts any more",
    Event.DRIFT_BACK: "Git and n8n differ again",
    Event.ESCALATE: "escalated",
    Event.REOPEN: "the issue was reopened",
    Event.ISSUE_GONE: "the issue is gone from GitHub",
}
"""What happened, as the line of a timeline says it; see `event_told`."""

METHODS = {
    "scheduled": "Scheduled drift check",
    "manual": "Manual drift check",
    "push": "Drift check after a push",
    "comment": "Drift check asked for in a comment",
}

FIELDS = {
    "comment": "Comment",
    "reason": "Reason",
    "assigned_to": "Assigned to",
    "resolution_plan": "Plan",
    "resolution_type": "Type",
    "resolution_details": "Details",
    "lessons_learned": "Lessons learned",
    "closure_reason": "Reason",
    "until": "Until",
    "added": "New in it",
    "changed": "Changed again",
    "gone": "No longer different",
    "accepted_runtime_changes": "Git says now what n8n ran",
    "reverted_to_git": "n8n runs again what Git said",
    "replaced": "Both sides have something new, and agree",
    "last_known_good": "n8n runs again what was last known good; Git is ahead, and n8n has not followed yet",
    "git_ahead": "Git is ahead, n8n has not followed yet",
    "git_to_follow": "n8n's version was accepted as last known good; Git has to follow",
    "unmanaged": "No longer managed under that identity",
    "other": "Neither side moved; what differed does not count any more",
    "accepted": "Accepted, and different still",
    "likely_resolution_type": "What it looks like",
    "after_hours": "Hours it may be open",
}
"""What a step was given, by the name of the field."""

TYPES = frozenset({"resolution_type", "likely_resolution_type"})
UNTOLD = frozenset({"detection_method", "run_url"})

_LONGEST_TYPE = 60
_LONGEST_NAME = 500
_MOST_NAMED = 5
_NAMELESS = "(no name)"
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z")
_MENTION = re.compile(r"@?([A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:/[A-Za-z0-9_.-]{1,100})?)")


def event_told(step: Step) -> str:
    """Say what happened in a few words; an acceptance can also be ended."""
    if step.event is Event.ACCEPT and step.fields.get("until") == AT_ONCE:
        return "no longer accepted"
    return EVENTS[step.event]


def prose(text: str, room: int) -> str:
    """Answer a text as prose of Markdown that means nothing, in at most so many units."""
    return _fitted(text, room, escaped)


def name(text: str, room: int) -> str:
    """Answer a name as inline code in at most so many units."""
    return _fitted(text, room, code)


def _fitted(text: str, room: int, write: Callable[[str], str]) -> str:
    plain = visible(text[: room + 1])
    limit = room
    written = write(cut(plain, limit))
    while units(written) > room and limit:
        limit = min(limit, len(plain)) * room // (units(written) + 1)
        written = write(cut(plain, limit))
    return written


def mentioned(mentions: Sequence[str]) -> str:
    """Call people and teams of the configuration, so that GitHub tells them; what is no such name is left out."""
    names = [match[1] for each in mentions if (match := _MENTION.fullmatch(each))]
    return " ".join(f"@{each}" for each in dict.fromkeys(names))


def instant(iso: str | None) -> str:
    """Write a time to the second: `2026-01-14 15:25:00 UTC`; what is no such time is shown as it is."""
    match = _INSTANT.fullmatch(iso or "")
    return f"{match[1]} {match[2]} UTC" if match else cut(visible(iso or "unknown"), 40)


def lasted(seconds: int | None) -> str:
    """Write how long something took: `2h 25m`, `3d 4h`, `40s`; nothing for what is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h" if hours else f"{days}d"
    if hours:
        return f"{hours}h {minutes}m" if minutes else f"{hours}h"
    return f"{minutes}m" if minutes else f"{rest}s"


def seconds_between(start: str, end: str) -> int | None:
    """Answer how long it was from one time to another; None where one of them is no time."""
    try:
        return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())
    except (TypeError, ValueError):
        return None


def environment_of(incident: Incident) -> str:
    """Answer an environment's title, else its name."""
    return _shown(incident.environment_title) or _shown(incident.environment) or _NAMELESS


def name_of(workflow: AffectedWorkflow) -> str:
    """Answer what a workflow is called."""
    return _shown(workflow.workflow_name) or _NAMELESS


def _shown(name: str) -> str:
    return visible(cut(name, _LONGEST_NAME)).strip()


def kind_told(workflow: AffectedWorkflow) -> str:
    """Say what happened to an affected workflow."""
    return KINDS.get(workflow.drift_type, visible(workflow.drift_type))


def kinds_told(workflows: Sequence[AffectedWorkflow]) -> str:
    """Count workflows by what happened to them, in the order of the kinds."""
    numbers = [(kind, sum(each.drift_type is kind for each in workflows)) for kind in DriftKind]
    words = {**KINDS, DriftKind.CONFLICT: "changed on both sides"}
    return ", ".join(f"{number:,} {words[kind]}" for kind, number in numbers if number)


def risk_told(workflow: AffectedWorkflow) -> str:
    """Say what a change touches, in words; nothing where that is not known."""
    if workflow.risk is None:
        return ""
    return RISKS[Risk(workflow.risk)] if workflow.risk in {*Risk} else cut(visible(workflow.risk), _LONGEST_TYPE)


def method_told(incident: Incident) -> str:
    """Say how the drift was found."""
    return METHODS.get(incident.detection_method) or cut(visible(incident.detection_method), _LONGEST_TYPE)


def resolution_told(value: str) -> str:
    """Write a resolution type as words: `Accepted runtime changes`."""
    return cut(visible(value), _LONGEST_TYPE).replace("_", " ").capitalize().replace(" git", " Git")


def fields_told(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """Answer title and value of what a step was given, in a fixed order; values are data still."""
    others = {
        field: cut(visible(field), _LONGEST_TYPE).replace("_", " ").capitalize()
        for field in sorted({*fields} - {*FIELDS} - UNTOLD)
    }
    return [
        (title, resolution_told(fields[field]) if field in TYPES else fields[field])
        for field, title in {**FIELDS, **others}.items()
        if fields.get(field)
    ]


def nothing_drifts(incident: Incident, step: Step | None, room: int, *, drifts: str = "drifts") -> str:
    """Say that nothing drifts any more, and where: an incident speaks of its own workflows alone.

    What is not managed under its identity any more may drift under another; that is never said to be at rest.
    """
    affected = incident.affected_workflows
    named = ", ".join(name(name_of(each), room) for each in affected[:_MOST_NAMED])
    more = f" and {count(len(affected) - _MOST_NAMED, 'more workflow')}" if len(affected) > _MOST_NAMED else ""
    endings = {each for each in EVIDENCE if step is not None and each in step.fields}
    if endings == {Ending.UNMANAGED}:
        return f"No longer managed under that identity: {named}{more}"
    limit = ", as far as they are managed under that identity" if Ending.UNMANAGED in endings else ""
    return f"Nothing {drifts} any more in: {named}{more}{limit}" if affected else f"Nothing {drifts} any more"


def author_of(by: str, room: int) -> str:
    """Name whoever took a step, as Markdown."""
    return "WorkflowOps" if by == BY_MACHINE else name(by, room)


def latest(incident: Incident, event: Event) -> Step | None:
    """Answer the last step of a kind."""
    return next((step for step in reversed(incident.timeline) if step.event is event), None)


def workflows_told(number: int) -> str:
    """Count workflows."""
    return count(number, "workflow")
