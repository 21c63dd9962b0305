"""Notifications about an incident as plain text, worded as walkthrough 3 words its e-mails."""

import re
from collections.abc import Sequence

from workflowops.core.incident.lifecycle import durations, open_since
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, Step
from workflowops.core.text.incident_words import (
    environment_of,
    instant,
    lasted,
    method_told,
    name_of,
    resolution_told,
    seconds_between,
)
from workflowops.core.text.plain import count, cut, visible

_MOST_WORKFLOWS = 20
_MOST_CHANGES = 3
_NAME = 120
_TEXT = 2_000
_CALLING = re.compile(r"(?<=[@<])(?=\S)")


def notification(incident: Incident, step: Step) -> tuple[str, str] | None:
    """Answer title and text for what people are told outside of GitHub: detected, escalated, closed; else None."""
    match step.event:
        case Event.DETECT:
            title, blocks = f"[DRIFT ALERT] {_environment(incident)} environment has detected drift", _alert(incident)
        case Event.ESCALATE:
            title = f"[ESCALATED] Drift incident needs attention - {_environment(incident)}"
            blocks = _escalation(incident, step)
        case Event.CLOSE:
            title, blocks = f"[RESOLVED] Drift incident closed - {_environment(incident)}", _resolved(incident)
        case _:
            return None
    link = [[f"View Incident: {incident.url}"]] if incident.url else []
    return title, "\n\n".join("\n".join(block) for block in [*blocks, *link] if block) + "\n"


def data(text: str | None, limit: int = _TEXT) -> str:
    """Answer a text on one line that calls nobody: chats read `@channel` and `<!channel>` even in plain text."""
    return _CALLING.sub("\u200b", cut(visible((text or "")[: limit + 1]), limit))


def _environment(incident: Incident) -> str:
    return data(environment_of(incident), _NAME)


def _alert(incident: Incident) -> list[list[str]]:
    affected = incident.affected_workflows
    return [
        [f"Environment: {_environment(incident)}", f"Workflows Affected: {len(affected):,}", *_listed(affected)],
        *_changes(affected),
        [f"Detected At: {instant(incident.detected_at)}", f"Detection Method: {data(method_told(incident))}"],
        ["Action Required: Please review and resolve this incident."],
    ]


def _listed(affected: Sequence[AffectedWorkflow]) -> list[str]:
    lines = [f"  - {data(name_of(each), _NAME)} ({data(each.drift_type)})" for each in affected[:_MOST_WORKFLOWS]]
    more = len(affected) - len(lines)
    return [*lines, f"  - and {count(more, 'more workflow')}"] if more else lines


def _changes(affected: Sequence[AffectedWorkflow]) -> list[list[str]]:
    """Tell one change each of the first workflows that have one."""
    blocks: list[list[str]] = []
    for each in affected:
        change = each.change_summary
        if change is None or len(blocks) == _MOST_CHANGES:
            continue
        workflow = [f"  Workflow: {data(name_of(each), _NAME)}"] if len(affected) > 1 else []
        told = [
            f"  Node: {data(change.node_name, _NAME)}",
            f"  Field: {data(change.field, _NAME)}",
            f"  Old: {data(change.old_value)}",
            f"  New: {data(change.new_value)}",
        ]
        blocks.append(["Change Detected:", *workflow, *told])
    return blocks


def _escalation(incident: Incident, step: Step) -> list[list[str]]:
    affected = incident.affected_workflows
    return [
        [
            f"Incident ID: {incident.number}",
            f"Environment: {_environment(incident)}",
            f"Status: {incident.status.capitalize()}",
            f"Severity: {incident.severity.capitalize()}",
        ],
        [f"Workflows Affected: {len(affected):,}", *_listed(affected)],
        [
            f"Detected At: {instant(incident.detected_at)}",
            f"Open For: {lasted(seconds_between(open_since(incident), step.at)) or 'unknown'}",
            *([f"Assigned To: {data(incident.assigned_to, _NAME)}"] if incident.assigned_to else []),
        ],
        ["Action Required: Please review and resolve this incident."],
    ]


def _resolved(incident: Incident) -> list[list[str]]:
    kind = [] if incident.resolution_type is None else [f"  Type: {resolution_told(incident.resolution_type)}"]
    told = [f"  Details: {data(incident.resolution_details)}"] if incident.resolution_details else []
    steps = [
        ("Detected", incident.detected_at),
        ("Acknowledged", incident.acknowledged_at),
        ("Stabilized", incident.stabilized_at),
        ("Reconciled", incident.reconciled_at),
        ("Closed", incident.closed_at),
    ]
    total = durations(incident).total
    return [
        [f"Incident ID: {incident.number}", f"Environment: {_environment(incident)}", "Status: Closed"],
        ["Resolution:", *kind, *told] if kind or told else [],
        [
            "Timeline:",
            *(f"  {name}: {instant(at)}" for name, at in steps if at is not None),
            *([] if total is None else [f"  Total Duration: {lasted(total)}"]),
        ],
        ["Lessons Learned:", f"  {data(incident.lessons_learned)}"] if incident.lessons_learned else [],
    ]
