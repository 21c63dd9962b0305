"""The closing comment of an incident: how it was resolved, what it took, what was learned."""

from workflowops.core.incident.lifecycle import Durations, detection, durations
from workflowops.core.incident.record import Event, Incident, Step
from workflowops.core.incident.resolution import says_agreement
from workflowops.core.text.incident_sections import units
from workflowops.core.text.incident_timeline import step_lines, timeline
from workflowops.core.text.incident_words import (
    author_of,
    environment_of,
    instant,
    kind_told,
    lasted,
    latest,
    method_told,
    name,
    name_of,
    nothing_drifts,
    prose,
    resolution_told,
)
from workflowops.core.text.markdown import details, escaped, joined, table
from workflowops.core.text.plain import count
from workflowops.core.text.words import place

_TABLE_ROOM = 12_000
_TIMELINE_ROOM = 12_000
_LONGEST_TEXT = 6_000
_NAME = 300
_OWN_ROWS = frozenset({Event.DETECT, Event.ACKNOWLEDGE, Event.STABILIZE, Event.RECONCILE, Event.CLOSE})


def closing(incident: Incident, step: Step) -> list[str]:
    """Tell the whole incident once it is closed, as the walkthrough's final notification does."""
    took = durations(incident)
    lessons = prose(incident.lessons_learned or "", _LONGEST_TEXT)
    return joined(
        [
            ["### Incident closed"],
            _facts(incident, step, took),
            _evidence(incident),
            ["#### Timeline"],
            _timeline(incident, took),
            _all_steps(incident),
            ["#### Lessons learned"] if lessons else [],
            [lessons] if lessons else [],
            ["#### Affected workflows"],
            _affected(incident),
        ]
    )


def _facts(incident: Incident, step: Step, took: Durations) -> list[str]:
    kind = "" if incident.resolution_type is None else prose(resolution_told(incident.resolution_type), 100)
    plain = place(environment_of(incident), incident.environment)
    rows = [
        ["Incident", f"#{incident.number:d}"],
        ["Environment", prose(plain, 2 * _NAME)],
        ["Status", escaped(step.status)],
        ["Resolution", kind],
        ["Details", prose(incident.resolution_details or "", _LONGEST_TEXT)],
        ["Closed because", prose(incident.closure_reason or "", _LONGEST_TEXT)],
        ["Total duration", f"**{lasted(took.total)}**" if took.total is not None else ""],
    ]
    first, *rest = [row for row in rows if row[1]]
    return table(first, rest)


def _evidence(incident: Incident) -> list[str]:
    """Say how the last drift check saw the two sides come together."""
    gone = latest(incident, Event.DRIFT_GONE)
    if gone is None or incident.drift_gone_at is None:
        return []
    lines = [line.removeprefix("  ") for line in step_lines(gone)[1:]]
    agreed = "; Git and n8n agreed there" if says_agreement(gone) else ""
    told = nothing_drifts(incident, gone, _NAME, drifts="drifted")
    return [f"{told}, when it was checked at {escaped(instant(gone.at))}{agreed}.", "", *lines]


def _timeline(incident: Incident, took: Durations) -> list[str]:
    back = detection(incident)
    rows = (
        ("Detected", incident.detected_at, "", prose(method_told(incident), 100)),
        ("Drift came back", back if back != incident.detected_at else None, "", ""),
        ("Acknowledged", incident.acknowledged_at, lasted(took.to_acknowledge), _by(incident.acknowledged_by)),
        ("Stabilized", incident.stabilized_at, lasted(took.to_stabilize), _by(incident.stabilized_by)),
        ("Reconciled", incident.reconciled_at, lasted(took.to_reconcile), _by(incident.reconciled_by)),
        ("Closed", incident.closed_at, lasted(took.to_close), _by(incident.closed_by)),
    )
    told = [[step, escaped(instant(at)), duration, by] for step, at, duration, by in rows if at is not None]
    return table(["Step", "When", "Took", "By"], told)


def _by(login: str | None) -> str:
    return author_of(login, _NAME) if login else ""


def _all_steps(incident: Incident) -> list[str]:
    """Fold away every step with its words, where there is more than the table above says."""
    if not any(step.fields or step.event not in _OWN_ROWS for step in incident.timeline):
        return []
    return details("Every step", timeline(incident, room=_TIMELINE_ROOM))


def _affected(incident: Incident) -> list[str]:
    rows: list[list[str]] = []
    left = _TABLE_ROOM
    for each in incident.affected_workflows:
        row = [
            name(name_of(each), _NAME),
            prose(kind_told(each), 100),
            name(each.file, 2 * _NAME) if each.file else "",
        ]
        left -= sum(units(cell) + 3 for cell in row) + 2
        if left < 0:
            break
        rows.append(row)
    more = len(incident.affected_workflows) - len(rows)
    header = ["Workflow", "What happened", "File"]
    return joined([table(header, rows) if rows else [], [f"({count(more, 'more workflow')})"] if more else []])
