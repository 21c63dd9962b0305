"""How long an incident took, step by step."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from workflowops.core.incident.record import Event, Incident, IncidentStatus

QUIET_ENOUGH = timedelta(days=1)
"""Drift that comes back after so long counts as new; before that it was never really gone."""


def detection(incident: Incident) -> str:
    """Answer since when the drift is there: the first detection, or the latest time that it came back."""
    back = (step.at for step in reversed(incident.timeline) if step.event is Event.DRIFT_BACK)
    return next(back, incident.detected_at)


def open_since(incident: Incident) -> str:
    """Answer since when the incident waits for somebody, which is what its age is measured by.

    Drift that came back starts the age anew only where there was nothing to answer for a day or more: without drift, or
    reconciled. What comes and goes grows old all the same.
    """
    since, quiet_from = incident.detected_at, None
    for step in incident.timeline:
        if step.event is Event.DRIFT_BACK:
            if quiet_from is not None and _passed(quiet_from, step.at) >= QUIET_ENOUGH:
                since = step.at
            quiet_from = None
        elif step.event is Event.DRIFT_GONE or step.status is IncidentStatus.RECONCILED:
            quiet_from = quiet_from or step.at
    return since


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """How long each step took after the one before it, in seconds, never negative; None where it did not happen.

    `total` is from the first detection to closing (walkthrough 3, incident metrics).
    """

    to_acknowledge: int | None = None
    to_stabilize: int | None = None
    to_reconcile: int | None = None
    to_close: int | None = None
    total: int | None = None


def durations(incident: Incident) -> Durations:
    """Measure an incident; a step that was left out counts to the next one."""
    measured: list[int | None] = []
    before = detection(incident)
    for at in (incident.acknowledged_at, incident.stabilized_at, incident.reconciled_at, incident.closed_at):
        measured.append(_seconds(before, at))
        before = at or before
    acknowledge, stabilize, reconcile, close = measured
    return Durations(
        to_acknowledge=acknowledge,
        to_stabilize=stabilize,
        to_reconcile=reconcile,
        to_close=close,
        total=_seconds(incident.detected_at, incident.closed_at),
    )


def _seconds(start: str, end: str | None) -> int | None:
    if end is None:
        return None
    return max(0, int(_passed(start, end).total_seconds()))


def _passed(start: str, end: str) -> timedelta:
    return datetime.fromisoformat(end) - datetime.fromisoformat(start)
