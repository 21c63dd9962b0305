"""What people did to the issue of an incident by hand, answered: the record is the truth, GitHub follows it."""

from collections.abc import Callable
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
from workflowops.core.incident.mirror import is_the_issue_of
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
    """Answer what somebody did to an issue. What record and issue say by now counts, not what the event says.

    An issue that is no incident of ours is left alone without asking GitHub, and so is what a program did, unless the
    record says otherwise. Where something may have to be written, record and issue are read again under the claim: what
    another run did in between is not undone.
    """
    view = desk.workspace.state.view()
    incident = read_incident(view, event.issue_number)
    if incident is None:
        return EventOutcome(outcome=Outcome.NOT_OURS, reason=f"Issue #{event.issue_number} is no incident of ours.")
    if event.is_by_bot and not _contradicts(event, incident):
        return EventOutcome(outcome=Outcome.IGNORED, incident=incident, reason="A program did that, and may.")
    deed = _Deed(desk, tracker, event, iso(desk.workspace.clock()))
    outcome = _in_order(deed, view, incident, tracker.issue(deed.number))
    if outcome is None:
        with at_the_desk(desk) as keep:
            outcome = _answered(deed, keep)
    return replace(outcome, requests=tracker.requests, is_plan=desk.workspace.is_dry_run)


def _in_order(deed: _Deed, view: StateView, incident: Incident, issue: Issue | None) -> EventOutcome | None:
    """Answer the outcome where nothing has to be written; None where something may have to be."""
    is_over = incident.status is IncidentStatus.CLOSED
    if issue is None:
        if not is_over or incident.notes:
            return None
        return EventOutcome(outcome=Outcome.ISSUE_GONE, incident=incident, reason="The issue is gone.")
    if not is_the_issue_of(incident, issue):
        reason = f"Issue #{deed.number} is not the one that was opened for the incident; nothing was written to it."
        return EventOutcome(outcome=Outcome.NOT_OURS, incident=incident, reason=reason)
    outcome = EventOutcome(outcome=Outcome.IN_ORDER, incident=incident, reason="The issue is as it should be.")
    if issue.is_open is is_over:
        if deed.event.action in _OPENNESS:
            return None
        return replace(
            outcome, reason="The issue was opened or closed by hand as well; that is answered by its own event."
        )
    details = read_details(view, deed.number)
    return None if incident.notes or differs(deed.desk, incident, issue, details) else outcome


def _answered(deed: _Deed, keep: Callable[[], None]) -> EventOutcome:
    """Answer the event with what record and issue say now that the claim is held."""
    view = deed.desk.workspace.state.view()
    incident = read_incident(view, deed.number)
    if incident is None:
        return EventOutcome(outcome=Outcome.NOT_OURS, reason="The record is gone.")
    issue = deed.tracker.issue(deed.number)
    outcome = _in_order(deed, view, incident, issue)
    if outcome is not None:
        return outcome
    if issue is None:
        return _gone(deed, incident)
    is_over = incident.status is IncidentStatus.CLOSED
    if issue.is_open is not is_over:
        return _repaired(deed, incident, issue, keep)
    return _closed_again(deed, issue, keep) if is_over else _closed(deed, incident, issue, keep)


def _contradicts(event: IssueEvent, incident: Incident) -> bool:
    is_over = incident.status is IncidentStatus.CLOSED
    return is_over if event.action == "reopened" else event.action in {"closed", *_GONE} and not is_over


def _repaired(deed: _Deed, incident: Incident, issue: Issue, keep: Callable[[], None]) -> EventOutcome:
    """Put labels and our part of the body back, where somebody changed them, and say what is left to be said."""
    delivery = deliver(deed.desk, [deed.number], issues={deed.number: issue}, keep=keep)
    return EventOutcome(
        outcome=Outcome.REPAIRED,
        incident=incident,
        reason="The issue shows again what the record says.",
        problems=delivery.problems,
        warnings=delivery.warnings,
        exit_code=ExitCode.REMOTE if delivery.problems else ExitCode.DONE,
    )


def _closed(deed: _Deed, incident: Incident, issue: Issue, keep: Callable[[], None]) -> EventOutcome:
    """Take the closing of a reconciled incident's issue for `/close`, by whoever may; reopen any other."""
    why = _why_not_closed(deed, incident)

    def judge(before: Incident, _: StateView) -> Incident:
        if before.status is IncidentStatus.CLOSED or (before.notes and before.timeline[-1].event is Event.REOPEN):
            return before
        if before.status is IncidentStatus.RECONCILED and why is None:
            return _advanced(before, Event.CLOSE, deed, {"closure_reason": "The issue was closed on GitHub."})
        reason = why or f"An incident is closed once it is reconciled; this one is {before.status}."
        return _advanced(before, Event.REOPEN, deed, {"reason": f"{deed.event.sender} closed the issue. {reason}"})

    return _decided(deed, judge, issue, keep)


def _why_not_closed(deed: _Deed, incident: Incident) -> str | None:
    if incident.status is not IncidentStatus.RECONCILED:
        return f"An incident is closed once it is reconciled; this one is {incident.status}."
    if deed.event.is_by_bot:
        return "A program does not close incidents; people do, or a drift check where the configuration says so."
    rules = policy_of(deed.desk, incident.environment).commands
    denied = denied_commands(deed.tracker, [CommandName.CLOSE], login=deed.event.sender, rules=rules)
    return denied.get(CommandName.CLOSE)


def _closed_again(deed: _Deed, issue: Issue, keep: Callable[[], None]) -> EventOutcome:
    """Close the issue of an incident that is over, and say why."""

    def judge(before: Incident, _: StateView) -> Incident:
        if any(note.id.startswith(f"{before.intent}-closed-again-") for note in before.notes):
            return before
        text = closed_again_answer(deed.event.sender, before, links=deed.desk.links)
        note = Note(id=f"{before.intent}-closed-again-{deed.at}", kind=NoteKind.COMMENT, text=text, decided_at=deed.at)
        return replace(before, notes=(*before.notes, note))

    return _decided(deed, judge, issue, keep)


def _gone(deed: _Deed, incident: Incident) -> EventOutcome:
    """Close the record of an issue that was deleted or moved away; there is nowhere to say anything any more."""
    done = deed.event.action if deed.event.action in _GONE else "deleted or moved away"
    reason = f"The issue was {done}."

    def judge(before: Incident, _: StateView) -> Incident:
        return replace(_advanced(before, Event.ISSUE_GONE, deed, {"closure_reason": reason}), notes=())

    message = f"comment: the issue of incident {deed.number} is gone"
    decided = decide_on(deed.desk, deed.number, judge, message=message)
    latest = incident if decided is None else decided.after
    return EventOutcome(outcome=Outcome.ISSUE_GONE, incident=latest, reason=reason)


def _advanced(incident: Incident, event: Event, deed: _Deed, fields: dict[str, str]) -> Incident:
    after = advance(incident, Given(event=event, by=deed.event.sender, at=deed.at, fields=fields))
    return incident if isinstance(after, Refusal) else after


def _decided(deed: _Deed, judge: Judge, issue: Issue, keep: Callable[[], None]) -> EventOutcome:
    message = f"comment: incident {deed.number} was {deed.event.action} by hand"
    decided = decide_on(deed.desk, deed.number, judge, message=message)
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
