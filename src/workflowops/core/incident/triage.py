"""Triage: what a drift check means for the incidents of an environment."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.drift import EnvironmentDrift
from workflowops.core.incident.findings import Findings, findings_of
from workflowops.core.incident.issue import Issue
from workflowops.core.incident.lifecycle import BY_MACHINE
from workflowops.core.incident.policy import Grouping, IncidentPolicy
from workflowops.core.incident.record import (
    WHOLE_ENVIRONMENT,
    AffectedWorkflow,
    Event,
    Incident,
    IncidentsFile,
    IncidentStatus,
    Opening,
    Step,
)
from workflowops.core.incident.review import after_its_issue, after_the_check, escalated, in_known_order, kept_open
from workflowops.core.timestamps import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of one environment when its incidents are looked through.

    `incidents` are its open ones by number. `issues` holds the issues that were read: None for one that GitHub has no
    more, nothing for one that was not looked at. `now` is in UTC; `new_intent` answers an id that nobody has.
    """

    drift: EnvironmentDrift
    severity: IncidentSeverity
    policy: IncidentPolicy
    index: IncidentsFile
    incidents: Mapping[int, Incident]
    issues: Mapping[int, Issue | None] = field(default_factory=dict)
    detection_method: str
    git_branch: str | None = None
    run_url: str | None = None
    now: datetime
    new_intent: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What is to be written: the list of incidents with the openings in it, and those incidents that changed.

    Their new steps are appended, and nothing is said about them yet. `details` has the differences in full of those
    whose differences changed, `drawings` their graphs.
    """

    index: IncidentsFile
    is_index_changed: bool
    incidents: Mapping[int, Incident] = field(default_factory=dict)
    details: Mapping[int, str] = field(default_factory=dict)
    drawings: Mapping[int, DrawingsFile] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Say whether there is anything to write."""
        return self.is_index_changed or bool(self.incidents or self.details)


def triage(facts: Facts) -> Triage:
    """Decide what a drift check and a look at the issues mean; decided again on its own outcome, nothing changes.

    Every workflow that drifts and may not is in one incident afterwards, open or about to be opened. An environment
    that could not be judged opens, changes and reconciles nothing; its issues are looked after all the same.
    """
    at = iso(facts.now)
    findings = findings_of(facts.drift, facts.index.accepted, now=facts.now)
    after = _looked_after(facts, at=at)
    index = _listed(facts.index, after)
    if findings is not None:
        shares = _shares(facts, index, findings)
        for key, number in index.open.items():
            after[number] = after_the_check(after[number], shares.pop(key, ()), findings, facts.policy, at=at)
        index = replace(
            index,
            accepted=dict(findings.accepted),
            opening=_openings(facts, index, shares, findings, at=at),
        )
    index = replace(index, opening=_overdue(index.opening, facts, findings, at=at))
    settled = {number: _settled(incident, facts, at=at) for number, incident in after.items()}
    index = _listed(index, settled)
    changed = {number: each for number, each in settled.items() if each != facts.incidents[number]}
    told_anew = {} if findings is None else _told_anew(facts, changed)
    return Triage(
        index=index,
        is_index_changed=index != facts.index,
        incidents=changed,
        details={} if findings is None else {n: findings.details(each) for n, each in told_anew.items()},
        drawings={} if findings is None else {n: findings.drawings(each) for n, each in told_anew.items()},
    )


def _looked_after(facts: Facts, *, at: str) -> dict[int, Incident]:
    """Answer the open incidents that have a record, closed where their issue says so."""
    known = {number: facts.incidents[number] for number in facts.index.open.values() if number in facts.incidents}
    return {
        number: after_its_issue(incident, facts.issues[number], at=at) if number in facts.issues else incident
        for number, incident in known.items()
    }


def _listed(index: IncidentsFile, incidents: Mapping[int, Incident]) -> IncidentsFile:
    """Take closed incidents off the list of open ones, and those whose record is gone: their drift needs another."""
    closed = {
        key: number
        for key, number in index.open.items()
        if number not in incidents or incidents[number].status is IncidentStatus.CLOSED
    }
    if not closed:
        return index
    still_open = {key: number for key, number in index.open.items() if key not in closed}
    return replace(index, open=still_open, latest_closed={**index.latest_closed, **closed})


def _settled(incident: Incident, facts: Facts, *, at: str) -> Incident:
    """Escalate what is overdue, and see to it that an issue is open exactly as long as its incident is."""
    incident = escalated(incident, facts.policy, now=facts.now, at=at)
    issue = facts.issues.get(incident.number)
    return incident if issue is None else kept_open(incident, issue, at=at)


def _shares(facts: Facts, index: IncidentsFile, findings: Findings) -> dict[str, list[str]]:
    """Say which incident has to answer for which workflow, by the incident's key.

    Whoever has an incident of its own stays there; an open one about the whole environment takes all others. Where
    there is neither, the configuration decides, up to as many new incidents as a storm has.
    """
    taken = index.open.keys() | index.opening.keys()
    shares: dict[str, list[str]] = {}
    others: list[str] = []
    for canonical_id in findings.to_answer:
        if canonical_id in taken:
            shares[canonical_id] = [canonical_id]
        else:
            others.append(canonical_id)
    waiting = sum(key != WHOLE_ENVIRONMENT for key in index.opening)
    is_storm = len(others) + waiting > facts.policy.storm_limit
    if others and (WHOLE_ENVIRONMENT in taken or facts.policy.group_by is Grouping.ENVIRONMENT or is_storm):
        shares[WHOLE_ENVIRONMENT] = others
    else:
        shares |= {canonical_id: [canonical_id] for canonical_id in others}
    return shares


def _openings(
    facts: Facts, index: IncidentsFile, shares: Mapping[str, Sequence[str]], findings: Findings, *, at: str
) -> dict[str, Opening]:
    """Answer the incidents to be opened: those decided before, brought up to date, and new ones.

    One decided before stays even when its drift is gone: its issue may exist already.
    """
    openings = dict(index.opening)
    for key, drifting in shares.items():
        known = openings.get(key)
        openings[key] = (
            _opening(facts, index, key, findings.affected(drifting, {}), findings, at=at)
            if known is None
            else _brought_up_to_date(known, drifting, findings)
        )
    return openings


def _opening(
    facts: Facts,
    index: IncidentsFile,
    key: str,
    affected: tuple[AffectedWorkflow, ...],
    findings: Findings,
    *,
    at: str,
) -> Opening:
    intent = facts.new_intent()
    detected = Step(
        event=Event.DETECT,
        at=at,
        by=BY_MACHINE,
        previous_status=None,
        status=IncidentStatus.DETECTED,
        fields={"detection_method": facts.detection_method} | ({"run_url": facts.run_url} if facts.run_url else {}),
    )
    incident = Incident(
        number=0,
        intent=intent,
        key=key,
        environment=facts.drift.environment,
        environment_title=facts.drift.title,
        severity=facts.severity,
        detected_at=at,
        detection_method=facts.detection_method,
        git_branch=facts.git_branch,
        git_commit_sha=facts.drift.git_commit_sha,
        affected_workflows=affected,
        previous_incident=index.latest_closed.get(key),
        timeline=(detected,),
    )
    return Opening(
        intent=intent, incident=incident, details=findings.details(affected), drawings=findings.drawings(affected)
    )


def _brought_up_to_date(opening: Opening, drifting: Sequence[str], findings: Findings) -> Opening:
    """Let an incident that has no issue yet begin with what drifts now; nothing was told, so nothing has changed."""
    before = opening.incident.affected_workflows
    known = {each.canonical_id: each for each in before}
    here = frozenset(drifting)
    unknown = [each for each in before if each.canonical_id not in here and each.canonical_id in findings.unknown]
    affected = (*findings.affected(drifting, known), *unknown)
    if _differences(affected) == _differences(before):
        affected = in_known_order(before, affected)
        return replace(opening, incident=replace(opening.incident, affected_workflows=affected))
    incident = replace(opening.incident, affected_workflows=affected, git_commit_sha=findings.drift.git_commit_sha)
    return replace(opening, incident=incident, details=findings.details(affected), drawings=findings.drawings(affected))


def _overdue(
    openings: Mapping[str, Opening], facts: Facts, findings: Findings | None, *, at: str
) -> dict[str, Opening]:
    """Escalate what has waited for its issue for too long, while it drifts as far as anybody knows."""
    return {
        key: replace(opening, incident=escalated(opening.incident, facts.policy, now=facts.now, at=at))
        if findings is None
        or any(findings.is_drifting(each.canonical_id) for each in opening.incident.affected_workflows)
        else opening
        for key, opening in openings.items()
    }


def _differences(affected: Iterable[AffectedWorkflow]) -> dict[str, str]:
    return {each.canonical_id: each.fingerprint for each in affected}


def _told_anew(facts: Facts, changed: Mapping[int, Incident]) -> dict[int, tuple[AffectedWorkflow, ...]]:
    """Answer the workflows of every incident whose differences are others than before."""
    return {
        number: incident.affected_workflows
        for number, incident in changed.items()
        if _differences(incident.affected_workflows) != _differences(facts.incidents[number].affected_workflows)
    }


def opened(index: IncidentsFile, opening: Opening, issue: Issue) -> tuple[IncidentsFile, Incident]:
    """Take the third step of opening: the issue is there, so the incident has its number and the list knows it."""
    incident = replace(
        opening.incident,
        number=issue.number,
        url=issue.url,
        author=issue.author,
        title=opening.incident.title or issue.title,
    )
    key = incident.key
    return replace(dropped(index, key), open={**index.open, key: issue.number}), incident


def dropped(index: IncidentsFile, key: str) -> IncidentsFile:
    """Forget an opening whose issue was never made and whose drift is gone."""
    return replace(index, opening={each: opening for each, opening in index.opening.items() if each != key})
