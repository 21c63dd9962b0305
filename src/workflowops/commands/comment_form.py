"""An issue that the onboarding form made: carried out as it was opened, once, and answered."""

from dataclasses import replace

from workflowops.commands.comment_access import denied_commands
from workflowops.commands.comment_memory import handed_over, read_comments, remembered, said
from workflowops.commands.comment_onboarding import OnboardingHand, handed_onboarding, rules_for
from workflowops.commands.comment_promotion import Voice
from workflowops.commands.desk import Desk
from workflowops.commands.ports import IssueTracker
from workflowops.core.comment.commands import CommandName
from workflowops.core.comment.elsewhere import FormSeen, Unsaid, form_seen, with_form
from workflowops.core.comment.event import FormEvent
from workflowops.core.comment.onboarding_request import OnboardingAsked
from workflowops.core.comment.outcome import Answered, Became, EventOutcome, Outcome
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.text.comment_onboarding import (
    form_answer,
    form_changed_answer,
    form_lost_answer,
    form_refused_answer,
)
from workflowops.core.unmapped.form import read_form
from workflowops.errors import ConfigurationError, ExitCode, WorkflowOpsError

_NOWHERE = ""


def answer_form_event(
    desk: Desk, tracker: IssueTracker, event: FormEvent, *, hand: OnboardingHand | None
) -> EventOutcome:
    """Propose what a form asks for, as it was opened, if its author may; what was changed later never counts.

    An issue that was acted upon is only told what is left to be said. Raises RemoteError where GitHub does not say who
    the author is, StateError where nobody can read what was done before: then nothing is done.
    """
    seen = form_seen(read_comments(desk.workspace.state.view()), event.issue_number)
    if event.action != "opened":
        return _changed(desk, tracker, event, seen)
    guard = _guard(event)
    if seen.is_acted_upon:
        return _repeated(desk, tracker, event, guard)
    asked = _read(event.body)
    environment = asked.environment if isinstance(asked, OnboardingAsked) else None
    known = environment if environment in desk.workspace.configuration.environments else None
    rules = rules_for(desk, [known or _NOWHERE])
    try:
        denied = denied_commands(tracker, [CommandName.ONBOARD], login=event.author, rules=rules)
    except WorkflowOpsError as error:
        _tell_lost(desk, tracker, event, error)
        raise
    seen = replace(seen, environment=known, is_acted_upon=True)
    if denied:
        return _refused(desk, tracker, event, seen, reasons=[*denied.values()])
    result = _carried_out(event, asked, hand)
    text = form_answer(result, links=desk.links)
    outcome = replace(
        _outcome(desk, tracker, event, Outcome.ANSWERED),
        answered=(result,),
        answer=text,
        exit_code=result.exit_code if result.became is Became.FAILED else ExitCode.DONE,
    )
    return _settled(desk, tracker, event, outcome, seen, guard=guard)


def _read(body: str) -> OnboardingAsked | ConfigurationError:
    try:
        return read_form(body)
    except ConfigurationError as error:
        return error


def _carried_out(
    event: FormEvent, asked: OnboardingAsked | ConfigurationError, hand: OnboardingHand | None
) -> Answered:
    result = Answered(name=str(CommandName.ONBOARD), became=Became.DONE)
    if isinstance(asked, ConfigurationError):
        return replace(result, became=Became.MISUNDERSTOOD, problem=f"{asked} {asked.fix}")
    voice = Voice(by=event.author, at=event.created_at, url=event.url, issue=event.issue_number)
    return handed_over(result, lambda: handed_onboarding(hand, voice, asked))


def _refused(
    desk: Desk, tracker: IssueTracker, event: FormEvent, seen: FormSeen, *, reasons: list[str]
) -> EventOutcome:
    text = form_refused_answer(event.author, reasons, links=desk.links)
    outcome = replace(_outcome(desk, tracker, event, Outcome.DENIED, reason=" ".join(reasons)), answer=text)
    return _settled(desk, tracker, event, outcome, seen, guard=_guard(event))


def _changed(desk: Desk, tracker: IssueTracker, event: FormEvent, seen: FormSeen) -> EventOutcome:
    """Answer once on each issue that a changed form is not acted upon."""
    guard = f"{_guard(event)}-changed"
    if seen.is_change_answered:
        return _repeated(desk, tracker, event, guard)
    text = form_changed_answer(event.sender, links=desk.links)
    reason = f"The form was {event.action}; it counts as it was when it was opened."
    outcome = replace(_outcome(desk, tracker, event, Outcome.IGNORED, reason=reason), answer=text)
    return _settled(desk, tracker, event, outcome, replace(seen, is_change_answered=True), guard=guard)


def _repeated(desk: Desk, tracker: IssueTracker, event: FormEvent, guard: str) -> EventOutcome:
    outcome = _outcome(desk, tracker, event, Outcome.REPEATED, reason="The form was answered before.")
    left = read_comments(desk.workspace.state.view()).unsaid.get(guard)
    return said(desk, tracker, outcome, left, guard=guard)


def _settled(
    desk: Desk, tracker: IssueTracker, event: FormEvent, outcome: EventOutcome, seen: FormSeen, *, guard: str
) -> EventOutcome:
    """Remember the form together with the answer, then say the answer."""
    number = event.issue_number
    unsaid = Unsaid(pull_request=number, text=outcome.answer or "", since=event.created_at)
    outcome = remembered(
        desk,
        outcome,
        lambda before: with_form(before, number, seen, unsaid, guard=guard),
        message=f"comment: the onboarding form of issue {number}",
    )
    return said(desk, tracker, outcome, unsaid, guard=guard)


def _tell_lost(desk: Desk, tracker: IssueTracker, event: FormEvent, error: WorkflowOpsError) -> None:
    """Say that nothing was done, because no later run comes back to the form by itself."""
    if desk.workspace.is_dry_run:
        return
    marker = note_marker(f"{_guard(event)}-lost")
    text = marked(form_lost_answer(str(error), links=desk.links), marker)
    try:
        tracker.comment(event.issue_number, text, marker=marker, look_since=event.created_at)
    except WorkflowOpsError as problem:
        desk.workspace.progress.say(f"It could not be told on #{event.issue_number}: {problem}")


def _guard(event: FormEvent) -> str:
    return f"form-{event.issue_number}"


def _outcome(
    desk: Desk, tracker: IssueTracker, event: FormEvent, outcome: Outcome, *, reason: str = ""
) -> EventOutcome:
    return EventOutcome(
        outcome=outcome,
        reason=reason,
        issue=event.issue_number,
        requests=tracker.requests,
        is_plan=desk.workspace.is_dry_run,
    )
