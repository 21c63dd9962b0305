"""What an environment knows about its incidents, kept in step with each of them."""

from dataclasses import replace

from workflowops.core.incident.record import Acceptance, Event, Incident, IncidentsFile, IncidentStatus, Step
from workflowops.core.incident.step_fields import AT_ONCE


def new_steps(before: Incident | None, after: Incident) -> tuple[Step, ...]:
    """Answer what happened since; everything for an incident that was not there before."""
    return after.timeline[0 if before is None else len(before.timeline) :]


def reindexed(index: IncidentsFile, *, before: Incident | None, after: Incident) -> IncidentsFile:
    """Answer the list with an incident as it stands now, and with what its new steps accepted or ended."""
    accepted = dict(index.accepted)
    for step in new_steps(before, after):
        if step.event is Event.ACCEPT and step.fields["until"] == AT_ONCE:
            accepted = {each: one for each, one in accepted.items() if one.incident != after.number}
        elif step.event is Event.ACCEPT:
            accepted |= {each.canonical_id: each for each in _acceptances(after, step)}
    still_open = {key: number for key, number in index.open.items() if number != after.number}
    closed = dict(index.latest_closed)
    unsaid = tuple(number for number in index.unsaid if number != after.number)
    if after.status is IncidentStatus.CLOSED:
        closed[after.key] = after.number
        unsaid = (*unsaid, after.number)
    else:
        still_open[after.key] = after.number
    return replace(index, open=still_open, latest_closed=closed, accepted=accepted, unsaid=unsaid)


def _acceptances(incident: Incident, step: Step) -> list[Acceptance]:
    return [
        Acceptance(
            canonical_id=each.canonical_id,
            fingerprint=each.fingerprint,
            until=step.fields["until"],
            by=step.by,
            reason=step.fields.get("reason"),
            incident=incident.number,
        )
        for each in incident.affected_workflows
    ]
