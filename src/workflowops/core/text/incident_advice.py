"""What to do next about an incident, with the comment that does it."""

from workflowops.core.incident.record import Incident, IncidentStatus, ResolutionType
from workflowops.core.text.markdown import with_commands

_ACKNOWLEDGE = '`/acknowledge comment="..."` says that you are looking at it.'
_ASSIGN = "`/assign @name` says who works on it."
_STABILIZE = (
    '`/stabilize reason="..." assigned_to=@name resolution_plan="..."` says that it can do no more harm, '
    "and what comes next."
)
_RECONCILE = (
    '`/reconcile accepted_runtime_changes resolution_details="..." lessons_learned="..."` says how the two sides came '
    "together; other types are `reverted_to_git`, `replaced`, `mixed` and `other`."
)
_CLOSE = '`/close closure_reason="..."` closes the incident, with its timeline and durations.'
_BOTH_SIDES = (
    "n8n was right? `/adopt` opens a pull request that writes n8n's version into Git.",
    "Git was right? `/revert` answers with the exact steps that put Git's version back into n8n.",
    'It may stay for a while? `/accept until=YYYY-MM-DD reason="..."`.',
)
_LONGER = "`/accept until=YYYY-MM-DD` changes the day until which it may stay, `/accept until=now` ends that."
_ALWAYS = "`/diff` shows the difference again, `/sync` checks again at once, `/help` lists all commands."

_STEPS: dict[IncidentStatus, tuple[str, ...]] = {
    IncidentStatus.DETECTED: (_ACKNOWLEDGE, _ASSIGN, *_BOTH_SIDES, _ALWAYS),
    IncidentStatus.ACKNOWLEDGED: (_STABILIZE, *_BOTH_SIDES, _ALWAYS),
    IncidentStatus.STABILIZED: (*_BOTH_SIDES, _RECONCILE, _ALWAYS),
    IncidentStatus.RECONCILED: (_CLOSE, _ALWAYS),
    IncidentStatus.CLOSED: (),
}


def advice(incident: Incident) -> list[str]:
    """List what can be done next, as Markdown; nothing once the incident is closed."""
    steps = _STEPS[incident.status]
    if incident.drift_gone_at is not None:
        steps = tuple(step for step in steps if step not in _BOTH_SIDES)
    elif incident.status is IncidentStatus.RECONCILED and incident.resolution_type is ResolutionType.ACCEPTED_UNTIL:
        steps = (_LONGER, *steps)
    return [f"- {with_commands(step)}" for step in steps]
