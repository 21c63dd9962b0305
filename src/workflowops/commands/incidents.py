"""Incidents after a drift check: opened, brought up to date, reconciled; GitHub shows what the state says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from workflowops.commands.delivery import deliver, differs, policy_of, with_its_notes
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.incident_files import Change, changed_files, read_details, read_incident, read_index
from workflowops.commands.opening import open_issues
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.drift import DriftReport, EnvironmentDrift
from workflowops.core.incident.issue import Issue
from workflowops.core.incident.mirror import LIST_LABEL, is_the_issue_of
from workflowops.core.incident.outcome import Delivery, IncidentsOutcome
from workflowops.core.incident.record import Incident, IncidentsFile, IncidentStatus
from workflowops.core.incident.triage import Facts, Triage, triage
from workflowops.core.records import EnvironmentRecord, decode, environment_path
from workflowops.core.standing import DRIFT
from workflowops.errors import WorkflowOpsError


@dataclass(slots=True)
class _Work:
    """What was decided on one view of the state: per environment, and every open incident before and after."""

    triages: dict[str, Triage] = field(default_factory=dict)
    before: dict[int, Incident] = field(default_factory=dict)
    after: dict[int, Incident] = field(default_factory=dict)
    known_openings: set[str] = field(default_factory=set)
    known: dict[str, tuple[object, ...]] = field(default_factory=dict)
    accepted: int = 0

    @property
    def unsaid(self) -> list[int]:
        """Number the closed incidents whose end a run before this one could not show."""
        numbers = {number for result in self.triages.values() for number in result.index.unsaid}
        return sorted(numbers - self.after.keys())

    @property
    def changed(self) -> list[int]:
        """Number the incidents that were decided to change."""
        return [number for number, after in self.after.items() if after != self.before[number]]

    @property
    def fresh_notes(self) -> set[str]:
        """Name the notes that this run decided."""
        known = {note.id for incident in self.before.values() for note in incident.notes}
        return {note.id for incident in self.after.values() for note in incident.notes} - known


def update_incidents(desk: Desk, report: DriftReport) -> IncidentsOutcome:
    """Bring the incidents of every environment that was checked up to what the check found.

    Where nothing drifts and no incident is open, nothing is asked of GitHub. Raises no error of ours: what could not
    be read or written is told in the outcome with the exit code it deserves, and is left to the next run.
    """
    if desk.tracker is None:
        return IncidentsOutcome(left_alone="GitHub is not configured, so no incident was opened or changed.")
    if report.not_recorded is not None:
        return IncidentsOutcome(left_alone="The check was not recorded, so the incidents stay as they are.")
    try:
        return _updated(desk, desk.tracker, report)
    except WorkflowOpsError as error:
        return IncidentsOutcome(
            problems=(f"{error} {error.fix}",), exit_code=error.exit_code, requests=desk.tracker.requests
        )


def needs_a_look(report: DriftReport) -> bool:
    """Say whether a check can mean anything for incidents: something drifts, or one is open."""
    return report.drifted > 0 or report.open_incidents > 0


def _updated(desk: Desk, tracker: IssueTracker, report: DriftReport) -> IncidentsOutcome:
    view = desk.workspace.state.view()
    checked = [each for each in report.environments if _is_worth_a_look(desk, view, each)]
    if not checked:
        return IncidentsOutcome(requests=tracker.requests, is_plan=desk.workspace.is_dry_run)
    work = _decided(desk, view, checked, {})
    if desk.workspace.is_dry_run or not _has_work(desk, view, work, {}):
        issues = _read_issues(tracker, view, checked)
        work = _decided(desk, view, checked, issues)
        if desk.workspace.is_dry_run or not _has_work(desk, view, work, issues):
            return _outcome(desk, tracker, work)
    with at_the_desk(desk) as keep:
        return _carried_out(desk, tracker, checked, keep, earlier=work)


def _is_worth_a_look(desk: Desk, view: StateView, drift: EnvironmentDrift) -> bool:
    """Say whether an environment has an incident, or something to open one for, if that is wanted."""
    index = read_index(view, drift.environment)
    may_open = drift.counts.drifted > 0 and policy_of(desk, drift.environment).enabled
    return may_open or bool(index.open or index.opening or index.unsaid)


def _read_issues(
    tracker: IssueTracker, view: StateView, checked: Sequence[EnvironmentDrift]
) -> dict[int, Issue | None]:
    """Read the issues of all open incidents: by their label in one go, one by one where somebody took it off.

    None stands for one that is gone, or that is not the incident's: a state branch may have come here from elsewhere.
    """
    indexes = [read_index(view, drift.environment) for drift in checked]
    incidents = [
        read_incident(view, number) for number in sorted({n for index in indexes for n in index.open.values()})
    ]
    if not any(incidents):
        return {}
    listed = {issue.number: issue for issue in tracker.open_issues(LIST_LABEL)}
    found: dict[int, Issue | None] = {}
    for incident in incidents:
        if incident is not None:
            issue = listed.get(incident.number) or tracker.issue(incident.number)
            found[incident.number] = issue if issue is not None and is_the_issue_of(incident, issue) else None
    return found


def _decided(
    desk: Desk,
    tip: StateView,
    checked: Sequence[EnvironmentDrift],
    issues: Mapping[int, Issue | None],
    *,
    earlier: _Work | None = None,
) -> _Work:
    """Decide on one view of the state. An environment that somebody checked later than we is left to them.

    What was decided `earlier` stands where the state says the same as then: telling many differences takes seconds.
    """
    work = _Work()
    now = desk.workspace.clock()
    for drift in checked:
        if _is_outdated(tip, drift):
            continue
        index = read_index(tip, drift.environment)
        incidents = {number: found for number in index.open.values() if (found := read_incident(tip, number))}
        facts = _facts(desk, drift, index, incidents, issues, now=now)
        known = (index, incidents, facts.issues)
        if earlier is not None and earlier.known.get(drift.environment) == known:
            result = earlier.triages[drift.environment]
        else:
            result = _only_wanted(triage(facts), facts)
        work.known[drift.environment] = known
        work.triages[drift.environment] = result
        work.before |= incidents
        work.known_openings |= {opening.intent for opening in index.opening.values()}
        work.accepted += len(_drifting(drift) & result.index.accepted.keys())
        for number, before in incidents.items():
            work.after[number] = with_its_notes(desk, before, result.incidents.get(number, before))
    return work


def _only_wanted(result: Triage, facts: Facts) -> Triage:
    """Open nothing where incidents are switched off; those that are open are looked after to their end."""
    if facts.policy.enabled:
        return result
    opening = {key: each for key, each in result.index.opening.items() if key in facts.index.opening}
    index = replace(result.index, opening=opening)
    return replace(result, index=index, is_index_changed=index != facts.index)


def _is_outdated(tip: StateView, drift: EnvironmentDrift) -> bool:
    path = environment_path(drift.environment)
    record = decode(tip.read(path), EnvironmentRecord, path=path)
    latest = None if record is None else record.last_drift_checked_at
    return latest is not None and latest > drift.checked_at


def _facts(
    desk: Desk,
    drift: EnvironmentDrift,
    index: IncidentsFile,
    incidents: Mapping[int, Incident],
    issues: Mapping[int, Issue | None],
    *,
    now: datetime,
) -> Facts:
    environment = desk.workspace.configuration.environments[drift.environment]
    return Facts(
        drift=drift,
        severity=environment.severity,
        policy=environment.incidents,
        index=index,
        incidents=incidents,
        issues={number: issues[number] for number in incidents if number in issues},
        detection_method=desk.detection_method,
        run_url=desk.workspace.actor.run_url,
        git_branch=desk.git_branch,
        now=now,
        new_intent=desk.workspace.new_id,
    )


def _has_work(desk: Desk, view: StateView, work: _Work, issues: Mapping[int, Issue | None]) -> bool:
    return (
        any(result.changed or result.index.opening or result.index.unsaid for result in work.triages.values())
        or any(incident.notes for incident in work.after.values())
        or any(
            issue is not None and differs(desk, incident, issue, read_details(view, number))
            for number, incident in work.after.items()
            if (issue := issues.get(number)) is not None
        )
    )


def _carried_out(
    desk: Desk,
    tracker: IssueTracker,
    checked: Sequence[EnvironmentDrift],
    keep: Callable[[], None],
    *,
    earlier: _Work,
) -> IncidentsOutcome:
    """Read and decide again, now that nobody else does; write it; open issues; say what is to be said."""
    issues = _read_issues(tracker, desk.workspace.state.view(), checked)
    latest: list[_Work] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        work = _decided(desk, tip, checked, issues, earlier=earlier)
        latest.append(work)
        return _files(desk, tip, work)

    names = ", ".join(drift.environment for drift in checked)
    desk.workspace.state.change(decide, message=f"incidents: what the drift check of {names} means")
    work = latest[-1]
    opened, opening_problems, waiting = open_issues(
        desk,
        tracker,
        {environment: result.index for environment, result in work.triages.items()},
        known=work.known_openings,
        drifting={drift.environment: _drifting(drift) for drift in checked},
        keep=keep,
    )
    keep()
    delivery = deliver(
        desk,
        [*(incident.number for incident, _ in opened), *work.after, *work.unsaid],
        fresh=work.fresh_notes | {note.id for incident, _ in opened for note in incident.notes},
        issues={
            **{number: issue for number, issue in issues.items() if issue is not None},
            **{incident.number: issue for incident, issue in opened},
        },
        keep=keep,
    )
    outcome = _outcome(desk, tracker, work, delivery)
    return replace(
        outcome,
        opened=tuple(incident for incident, _ in opened),
        waiting=waiting,
        problems=(*opening_problems, *outcome.problems),
    )


def _drifting(drift: EnvironmentDrift) -> frozenset[str]:
    return frozenset(each.canonical_id for each in drift.workflows if each.kind in DRIFT and each.canonical_id)


def _files(desk: Desk, tip: StateView, work: _Work) -> dict[str, bytes | None]:
    details = {number: text for result in work.triages.values() for number, text in result.details.items()}
    drawings = {number: drawn for result in work.triages.values() for number, drawn in result.drawings.items()}
    changes = [
        Change(
            before=work.before[number],
            after=work.after[number],
            details=details.get(number),
            drawings=drawings.get(number),
        )
        for number in sorted({*work.changed, *details})
    ]
    indexes = {environment: result.index for environment, result in work.triages.items() if result.changed}
    return changed_files(desk.workspace, tip, changes, indexes=indexes)


def _outcome(desk: Desk, tracker: IssueTracker, work: _Work, delivery: Delivery | None = None) -> IncidentsOutcome:
    done = delivery or Delivery()
    changed = {number: work.after[number] for number in work.changed}
    is_plan = desk.workspace.is_dry_run
    planned = [opening.incident for result in work.triages.values() for opening in result.index.opening.values()]
    return IncidentsOutcome(
        opened=tuple(planned) if is_plan else (),
        updated=tuple(each for each in changed.values() if each.status is not IncidentStatus.CLOSED),
        closed=tuple(each for each in changed.values() if each.status is IncidentStatus.CLOSED),
        unchanged=tuple(each for number, each in work.after.items() if number not in changed),
        accepted=work.accepted,
        requests=tracker.requests,
        problems=done.problems,
        warnings=done.warnings,
        is_plan=is_plan,
    )
