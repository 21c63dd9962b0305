"""Review: what a drift check and a look at its issue mean for one incident."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from workflowops.core.incident.findings import Findings
from workflowops.core.incident.fingerprint import listed
from workflowops.core.incident.issue import Issue
from workflowops.core.incident.lifecycle import BY_MACHINE, EVIDENCE, Ending, Given, Refusal, advance, open_since
from workflowops.core.incident.policy import IncidentPolicy, OnDriftGone
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, IncidentStatus
from workflowops.core.incident.resolution import combined, evidence, says_agreement

_GONE = "The issue was deleted or moved to another repository."
_TOO_EARLY = (
    "The issue was closed while the incident is {status}; it has to be reconciled first, then `/close` closes it."
)
_BY_NOBODY_KNOWN = (
    "The issue was closed, and nobody knows who closed it. The incident is reconciled: whoever may close it comments "
    "`/close`."
)


def happened(
    incident: Incident, event: Event, *, at: str, by: str = BY_MACHINE, fields: Mapping[str, str] | None = None
) -> Incident:
    """Let something happen that the table allows; what it does not allow leaves the incident as it is."""
    after = advance(incident, Given(event=event, by=by, at=at, fields=fields or {}))
    return incident if isinstance(after, Refusal) else after


def after_its_issue(incident: Incident, issue: Issue | None, *, at: str) -> Incident:
    """Close an incident whose issue is gone, and note when an issue that we reopened was seen open."""
    if issue is None:
        return happened(incident, Event.ISSUE_GONE, at=at, fields={"closure_reason": _GONE})
    return replace(incident, reopened_at=None) if issue.is_open else incident


def kept_open(incident: Incident, issue: Issue, *, at: str) -> Incident:
    """Reopen the issue of an incident that is not closed: a check does not know who closed it, and whether they may.

    Told once, however often GitHub fails to do it or answers what was before; an issue that was seen open and is closed
    then is told again.
    """
    if issue.is_open or incident.status is IncidentStatus.CLOSED or incident.reopened_at is not None:
        return incident
    is_over = incident.status is IncidentStatus.RECONCILED
    reason = _BY_NOBODY_KNOWN if is_over else _TOO_EARLY.format(status=incident.status)
    return happened(incident, Event.REOPEN, at=at, fields={"reason": reason})


def escalated(incident: Incident, policy: IncidentPolicy, *, now: datetime, at: str) -> Incident:
    """Escalate an incident once it is older than its environment allows, unless its drift is gone."""
    limit = policy.escalate_after_hours
    if limit is None or incident.escalated_at is not None or incident.drift_gone_at is not None:
        return incident
    if now - datetime.fromisoformat(open_since(incident)) < timedelta(hours=limit):
        return incident
    return happened(incident, Event.ESCALATE, at=at, fields={"after_hours": f"{limit:g}"})


def after_the_check(
    incident: Incident, drifting: Sequence[str], findings: Findings, policy: IncidentPolicy, *, at: str
) -> Incident:
    """Bring an incident up to what a check found; `drifting` are the workflows that it has to answer for.

    The same differences change nothing. Workflows that nobody could compare, or that may drift for now, stay as they
    were. The last workflow to go leaves its entry, so that the record says what it was about.
    """
    known = {each.canonical_id: each for each in incident.affected_workflows}
    here = frozenset(drifting)
    stayed = [
        each
        for each in incident.affected_workflows
        if each.canonical_id not in here and findings.is_open_question(each.canonical_id)
    ]
    gone = [
        each
        for each in incident.affected_workflows
        if not findings.is_drifting(each.canonical_id) and each.canonical_id not in findings.unknown
    ]
    if not drifting:
        return _without_drift(incident, stayed=stayed, gone=gone, findings=findings, policy=policy, at=at)
    if incident.status is IncidentStatus.RECONCILED or incident.drift_gone_at is not None:
        unanswered = [each for each in stayed if each.canonical_id not in findings.accepted]
        affected = (*findings.affected(drifting, known), *unanswered)
        return _differently(incident, Event.DRIFT_BACK, affected, _news(affected, known), findings, at=at)
    affected = (*findings.affected(drifting, known), *stayed)
    told = _news(affected, known) | _gone_told(gone, findings)
    return _changed(incident, affected, told, findings, at=at)


def _news(affected: Sequence[AffectedWorkflow], known: Mapping[str, AffectedWorkflow]) -> dict[str, str]:
    """Name the workflows that are new in an incident, and those that differ in another way than before."""
    added = [each.workflow_name for each in affected if each.canonical_id not in known]
    changed = [
        each.workflow_name
        for each in affected
        if each.canonical_id in known and known[each.canonical_id].fingerprint != each.fingerprint
    ]
    return {name: listed(names) for name, names in (("added", added), ("changed", changed)) if names}


def _gone_told(gone: Sequence[AffectedWorkflow], findings: Findings) -> dict[str, str]:
    """Name the workflows that drift no longer, and how that came about."""
    if not gone:
        return {}
    return {"gone": listed(each.workflow_name for each in gone), **evidence(gone, findings.drift)}


def _changed(
    incident: Incident,
    affected: Sequence[AffectedWorkflow],
    told: Mapping[str, str],
    findings: Findings,
    *,
    at: str,
) -> Incident:
    """Take over what is affected; where there is nothing to tell, only the keys of the two sides can have moved."""
    if told:
        return _differently(incident, Event.DRIFT_CHANGED, affected, told, findings, at=at)
    return replace(incident, affected_workflows=in_known_order(incident.affected_workflows, affected))


def _differently(
    incident: Incident,
    event: Event,
    affected: Sequence[AffectedWorkflow],
    told: Mapping[str, str],
    findings: Findings,
    *,
    at: str,
) -> Incident:
    commit = findings.drift.git_commit_sha
    seen = replace(incident, affected_workflows=tuple(affected), git_commit_sha=commit)
    return happened(seen, event, at=at, fields=told)


def in_known_order(
    known: Sequence[AffectedWorkflow], affected: Sequence[AffectedWorkflow]
) -> tuple[AffectedWorkflow, ...]:
    """Answer what is affected now in the order of before, so that the same workflows are the same text."""
    now = {each.canonical_id: each for each in affected}
    return tuple(now[each.canonical_id] for each in known if each.canonical_id in now)


def _without_drift(
    incident: Incident,
    *,
    stayed: Sequence[AffectedWorkflow],
    gone: Sequence[AffectedWorkflow],
    findings: Findings,
    policy: IncidentPolicy,
    at: str,
) -> Incident:
    """Judge an incident none of whose workflows drifts, apart from those that are an open question."""
    if incident.drift_gone_at is not None or (incident.affected_workflows and not gone):
        return incident
    if stayed:
        return _changed(incident, stayed, _gone_told(gone, findings), findings, at=at)
    found = evidence(gone, findings.drift)
    resolution = combined(incident, (EVIDENCE[Ending(each)] for each in found))
    name = "likely_resolution_type" if policy.on_drift_gone is OnDriftGone.TELL else "resolution_type"
    may_differ = findings.accepted_in(incident)
    told = {name: resolution, **found} | ({"accepted": listed(may_differ)} if may_differ else {})
    after = happened(incident, Event.DRIFT_GONE, at=at, fields=told)
    if policy.on_drift_gone is not OnDriftGone.CLOSE:
        return after
    return happened(after, Event.CLOSE, at=at, fields={"closure_reason": _closure_reason(after)})


def _closure_reason(incident: Incident) -> str:
    named = listed(each.workflow_name for each in incident.affected_workflows)
    if Ending.UNMANAGED in incident.timeline[-1].fields:
        return f"It is about nothing that drifts any more, or is managed under that identity: {named}."
    agree = " Git and n8n agree there." if says_agreement(incident.timeline[-1]) else ""
    return f"Nothing drifts any more{f' in: {named}' if named else ''}.{agree}"
