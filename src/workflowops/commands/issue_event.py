"""What people did to the issue of an incident by hand, answered: the record is the truth, GitHub follows it."""

from dataclasses import dataclass, replace

from workflowops.commands.comment_access import denied_commands
from workflowops.commands.delivery import deliver, differs, policy_of
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.incident_change import Decided, Judge, decide_on, without_what_was_said
from workflowops.commands.incident_files import read_details, read_incident
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.commands import CommandName
from workflowops.core.comment.event import IssueEvent
from workflowops.core.comment.outcome import EventOutcome, Outcome
from workflowops.core.incident.issue import Issue
from workflowops.core.incident.lifecycle import Given, Refusal, advance
from workflowops.core.incident.record import Event, Incident, IncidentStatus, Note, NoteKind
from workflowops.core.text.comment_answers import closed_again_answer
from workflowops.core.timestamps import iso
from workflowops.errors import ExitCode

_OPENNESS = frozenset({"closed", "reopened"})
_GONE = frozenset({"deleted", "transferred"})


@dataclass(frozen=True, slots=True)
class _Deed:
    """Something that was done to the issue of an incident."""

    desk: Desk
    tracker: IssueTracker
    event: IssueEvent
    at: str

    @property
    def number(self) -> int:
        """The number of the incident."""
        return self.event.issue_number


def answer_issue_event(desk: Desk, tracker: IssueTracker, event: IssueEvent) -> EventOutcome:
    """Answer what somebody did to an issue. What the issue says by now counts, not what the event says.

    An issue that is no incident of ours is left alone without asking GitHub, and so is what a program did, unless the
    record says otherwise.
    """
    view = desk.workspace.state.view()
    incident = read_incident(view, event.issue_number)
    if incident is None:
        return EventOutcome(outcome=Outcome.NOT_OURS, reason=f"Issue #{event.issue_number} is no incident of ours.")
    if event.is_by_bot and not _contradicts(event, incident):
        return EventOutcome(outcome=Outcome.IGNORED, incident=incident, reason="A program did that, and may.")
    deed = _Deed(desk, tracker, event, iso(desk.workspace.clock()))
    issue = tracker.issue(event.issue_number)
    outcome = _gone(deed, incident) if issue is None else _seen(deed, incident, issue, read_details(view, deed.number))
    return replace(outcome, requests=tracker.requests, is_plan=desk.workspace.is_dry_run)


def _contradicts(event: IssueEvent, incident: Incident) -> bool:
    is_over = incident.status is IncidentStatus.CLOSED
    return is_over if event.action == "reopened" else event.action in {"closed", *_GONE} and not is_over


def _seen(deed: _Deed, incident: Incident, issue: Issue, details: str) -> EventOutcome:
    is_over = incident.status is IncidentStatus.CLOSED
    if issue.is_open is not is_over:
        return _repaired(deed, incident, issue, details)
    if deed.event.action not in _OPENNESS:
        reason = "The issue was opened or closed by hand as well; that is answered by its own event."
        return EventOutcome(outcome=Outcome.IN_ORDER, incident=incident, reason=reason)
    return _closed_again(deed, issue) if is_over else _closed(deed, incident, issue)


def _repaired(deed: _Deed, incident: Incident, issue: Issue, details: str) -> EventOutcome:
    """Put labels and our part of the body back, where somebody changed them."""
    outcome = EventOutcome(outcome=Outcome.IN_ORDER, incident=incident, reason="The issue is as it should be.")
    if not incident.notes and not differs(deed.desk, incident, issue, details):
        return outcome
    with at_the_desk(deed.desk) as keep:
        delivery = deliver(deed.desk, [deed.number], issues={deed.number: issue}, keep=keep)
    return replace(
        outcome,
        outcome=Outcome.REPAIRED,
        reason="The issue shows again what the record says.",
        problems=delivery.problems,
        warnings=delivery.warnings,
        exit_code=ExitCode.REMOTE if delivery.problems else ExitCode.DONE,
    )


def _closed(deed: _Deed, incident: Incident, issue: Issue) -> EventOutcome:
    """Take the closing of a reconciled incident's issue for `/close`, by whoever may; reopen any other."""
    why = _why_not_closed(deed, incident)

    def judge(before: Incident, _: StateView) -> Incident:
        if before.status is IncidentStatus.CLOSED or (before.notes and before.timeline[-1].event is Event.REOPEN):
            return before
        if before.status is IncidentStatus.RECONCILED and why is None:
            return _advanced(before, Event.CLOSE, deed, {"closure_reason": "The issue was closed on GitHub."})
        reason = why or f"An incident is closed once it is reconciled; this one is {before.status}."
        return _advanced(before, Event.REOPEN, deed, {"reason": f"{deed.event.sender} closed the issue. {reason}"})

    return _decided(deed, judge, issue)


def _why_not_closed(deed: _Deed, incident: Incident) -> str | None:
    if incident.status is not IncidentStatus.RECONCILED:
        return f"An incident is closed once it is reconciled; this one is {incident.status}."
    if deed.event.is_by_bot:
        return "A program does not close incidents; people do, or a drift check where the configuration says so."
    rules = policy_of(deed.desk, incident.environment).commands
    denied = denied_commands(deed.tracker, [CommandName.CLOSE], login=deed.event.sender, rules=rules)
    return denied.get(CommandName.CLOSE)


def _closed_again(deed: _Deed, issue: Issue) -> EventOutcome:
    """Close the issue of an incident that is over, and say why."""

    def judge(before: Incident, _: StateView) -> Incident:
        if any(note.id.startswith(f"{before.intent}-closed-again-") for note in before.notes):
            return before
        text = closed_again_answer(deed.event.sender, before, links=deed.desk.links)
        note = Note(id=f"{before.intent}-closed-again-{deed.at}", kind=NoteKind.COMMENT, text=text, decided_at=deed.at)
        return replace(before, notes=(*before.notes, note))

    return _decided(deed, judge, issue)


def _gone(deed: _Deed, incident: Incident) -> EventOutcome:
    """Close the record of an issue that was deleted or moved away; there is nowhere to say anything any more."""
    if incident.status is IncidentStatus.CLOSED and not incident.notes:
        return EventOutcome(outcome=Outcome.ISSUE_GONE, incident=incident, reason="The issue is gone.")
    done = deed.event.action if deed.event.action in _GONE else "deleted or moved away"
    reason = f"The issue was {done}."

    def judge(before: Incident, _: StateView) -> Incident:
        return replace(_advanced(before, Event.ISSUE_GONE, deed, {"closure_reason": reason}), notes=())

    with at_the_desk(deed.desk):
        decided = decide_on(
            deed.desk, deed.number, judge, message=f"comment: the issue of incident {deed.number} is gone"
        )
    latest = incident if decided is None else decided.after
    return EventOutcome(outcome=Outcome.ISSUE_GONE, incident=latest, reason=reason)


def _advanced(incident: Incident, event: Event, deed: _Deed, fields: dict[str, str]) -> Incident:
    after = advance(incident, Given(event=event, by=deed.event.sender, at=deed.at, fields=fields))
    return incident if isinstance(after, Refusal) else after


def _decided(deed: _Deed, judge: Judge, issue: Issue) -> EventOutcome:
    with at_the_desk(deed.desk) as keep:
        decided = decide_on(
            deed.desk, deed.number, judge, message=f"comment: incident {deed.number} was {deed.event.action} by hand"
        )
        if decided is None:
            return EventOutcome(outcome=Outcome.NOT_OURS, reason="The record is gone.")
        keep()
        issues = {deed.number: issue}
        delivery = deliver(deed.desk, [deed.number], fresh=decided.fresh_notes, issues=issues, keep=keep)
    return EventOutcome(
        outcome=_outcome_of(decided),
        incident=without_what_was_said(decided.after, delivery),
        reason=decided.after.timeline[-1].fields.get("reason", ""),
        url=next(iter(delivery.comments.values()), None),
        problems=delivery.problems,
        warnings=delivery.warnings,
        exit_code=ExitCode.REMOTE if delivery.problems else ExitCode.DONE,
    )


def _outcome_of(decided: Decided) -> Outcome:
    """Say what came of it, by where the incident stands and stood."""
    if decided.after.status is not IncidentStatus.CLOSED:
        return Outcome.REOPENED
    return Outcome.CLOSED_AGAIN if decided.before.status is IncidentStatus.CLOSED else Outcome.CLOSED
