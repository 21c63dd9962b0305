"""A comment where no incident is: on a pull request, on the issue about unmanaged workflows, on a form's issue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.commands.comment_access import denied_commands
from workflowops.commands.comment_memory import handed_over, read_comments, remembered, said
from workflowops.commands.comment_onboarding import (
    OnboardingHand,
    asked_of,
    handed_onboarding,
    onboarding_rules,
)
from workflowops.commands.comment_portion import command_of, react
from workflowops.commands.comment_promotion import PromotionHands, handed, promotion_rules, voice_of
from workflowops.commands.desk import Desk
from workflowops.commands.onboarding_files import read_onboarding
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.commands import (
    CommandName,
    Misunderstood,
    Understood,
    asked_on_form,
    asked_on_pull_request,
)
from workflowops.core.comment.elsewhere import CommentsFile, Unsaid, form_seen, with_decided
from workflowops.core.comment.event import CommentEvent
from workflowops.core.comment.handled import guard_of, was_handled
from workflowops.core.comment.outcome import Acted, Answered, Became, EventOutcome, Outcome, reaction_to
from workflowops.core.comment.steps import Asked
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.incident.policy import CommandRule
from workflowops.core.text.comment_answers import refused_answer
from workflowops.core.text.comment_lost import lost_answer
from workflowops.core.text.comment_onboarding import onboarding_help
from workflowops.core.text.comment_promotion import pull_request_answer, pull_request_help
from workflowops.errors import ExitCode, WorkflowOpsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What carries commands out where no incident is."""

    promotions: PromotionHands | None = None
    onboarding: OnboardingHand | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a comment stands. `environment` is what `/onboard` means there unless told otherwise; None: no one's."""

    number: int
    is_pull_request: bool
    environment: str | None = None

    def asked(self, body: str) -> tuple[Asked, ...]:
        """Answer what a comment asks of us here."""
        return asked_on_pull_request(body) if self.is_pull_request else asked_on_form(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One comment, the rules for its commands, and why its author may not give some of them."""

    desk: Desk
    tracker: IssueTracker
    event: CommentEvent
    place: Place
    hands: Hands
    denied: Mapping[CommandName, str] = field(default_factory=dict)

    @property
    def guard(self) -> str:
        """The name under which the comment is remembered, and its answer is found again."""
        return guard_of(self.event.comment_id, 0)


def place_of(view: StateView, event: CommentEvent) -> Place | None:
    """Answer where a comment stands that is on no incident; None where nothing of ours is."""
    number = event.issue_number
    if event.is_pull_request:
        return Place(number=number, is_pull_request=True)
    alerts = read_onboarding(view).alerts
    environment = next((name for name, alert in alerts.items() if alert.number == number), None)
    if environment is not None:
        return Place(number=number, is_pull_request=False, environment=environment)
    if not event.is_on_form:
        return None
    return Place(number=number, is_pull_request=False, environment=form_seen(read_comments(view), number).environment)


def answer_comment_at(
    desk: Desk, tracker: IssueTracker, event: CommentEvent, place: Place, *, hands: Hands
) -> EventOutcome:
    """Carry out what a comment asks for and answer it; the same again only says what is left to say.

    Raises what kept the commands from being carried out at all, and says so in the place as far as possible. What a
    command could not do is told in the answer.
    """
    wanted = place.asked(event.body)
    call = _Call(desk=desk, tracker=tracker, event=event, place=place, hands=hands)
    if event.is_marked:
        return _outcome(call, Outcome.IGNORED, reason="The comment is one of ours.")
    if not wanted:
        return _outcome(call, Outcome.NOTHING_ASKED, reason="The comment holds no command.")
    view = desk.workspace.state.view()
    comments = read_comments(view)
    if was_handled(comments.handled, call.guard):
        outcome = _outcome(call, Outcome.REPEATED, reason="The comment was acted upon before.")
        return said(desk, tracker, outcome, comments.unsaid.get(call.guard), guard=call.guard)
    try:
        call = _with_access(call, view, wanted)
    except WorkflowOpsError as error:
        _tell_lost(call, wanted, error)
        raise
    if all(command_of(each) in call.denied for each in wanted):
        return _refused(call, comments)
    react(desk, tracker, event.comment_id, Reaction.SEEN)
    outcome = _carried_out(call, wanted)
    react(desk, tracker, event.comment_id, reaction_to(outcome.answered))
    return replace(outcome, requests=tracker.requests)


def _with_access(call: _Call, view: StateView, wanted: Sequence[Asked]) -> _Call:
    names = [command_of(each) for each in wanted]
    at_the_top = call.desk.workspace.configuration.incidents.commands
    rules: dict[str, CommandRule] = {name: rule for name, rule in at_the_top.items() if name == CommandName.HELP}
    rules |= promotion_rules(call.desk, view, wanted, voice_of(call.event))
    rules |= onboarding_rules(call.desk, wanted, environment=call.place.environment)
    return replace(call, denied=denied_commands(call.tracker, names, login=call.event.author, rules=rules))


def _carried_out(call: _Call, wanted: Sequence[Asked]) -> EventOutcome:
    """Carry the commands out in order, remember that together with the answer, then say the answer."""
    results = tuple(_one(call, each) for each in wanted)
    text = pull_request_answer(results, links=call.desk.links)
    unsaid = Unsaid(pull_request=call.event.issue_number, text=text, since=call.event.created_at)
    codes = [each.exit_code for each in results if each.became is Became.FAILED]
    outcome = replace(
        _outcome(call, Outcome.ANSWERED),
        answered=results,
        answer=text,
        exit_code=max(codes, default=ExitCode.DONE),
    )
    return _remembered_and_said(call, outcome, unsaid)


def _one(call: _Call, wanted: Asked) -> Answered:
    result = Answered(name=str(wanted.name), became=Became.DONE)
    why = call.denied.get(command_of(wanted))
    if why is not None:
        return replace(result, became=Became.DENIED, problem=why)
    if isinstance(wanted, Misunderstood):
        return replace(result, became=Became.MISUNDERSTOOD, problem=wanted.problem)
    if wanted.name is CommandName.HELP:
        return replace(result, markdown=_help(call))
    return handed_over(result, lambda: _acted(call, wanted))


def _help(call: _Call) -> str:
    rules = call.desk.workspace.configuration.incidents.commands
    return pull_request_help(rules) if call.place.is_pull_request else onboarding_help(rules)


def _acted(call: _Call, wanted: Understood) -> Acted:
    voice = voice_of(call.event)
    if wanted.name is CommandName.ONBOARD:
        asked = asked_of(wanted, environment=call.place.environment)
        return handed_onboarding(call.hands.onboarding, replace(voice, incident=None, issue=call.place.number), asked)
    return handed(call.hands.promotions, voice, wanted)


def _refused(call: _Call, comments: CommentsFile) -> EventOutcome:
    """Do nothing; say so in words once to everybody in each place, later only by the sign."""
    login, number = call.event.author, call.event.issue_number
    react(call.desk, call.tracker, call.event.comment_id, Reaction.REFUSED)
    reasons = list(dict.fromkeys(call.denied.values()))
    outcome = _outcome(call, Outcome.DENIED, reason=" ".join(reasons))
    name = f"{number}:{login.casefold()}"
    if name in comments.refused:
        return outcome
    text = refused_answer(login, reasons, links=call.desk.links)
    unsaid = Unsaid(pull_request=number, text=text, since=call.event.created_at)
    return _remembered_and_said(call, replace(outcome, answer=text), unsaid, refused=name)


def _remembered_and_said(
    call: _Call, outcome: EventOutcome, unsaid: Unsaid, *, refused: str | None = None
) -> EventOutcome:
    outcome = remembered(
        call.desk,
        outcome,
        lambda before: with_decided(before, call.guard, unsaid, refused=refused),
        message=f"comment: commands on #{call.event.issue_number}",
    )
    return said(call.desk, call.tracker, outcome, unsaid, guard=call.guard)


def _tell_lost(call: _Call, wanted: Sequence[Asked], error: WorkflowOpsError) -> None:
    """Say by sign and in words that nothing was carried out, because no later run comes back to the comment."""
    if call.desk.workspace.is_dry_run:
        return
    react(call.desk, call.tracker, call.event.comment_id, Reaction.CONFUSED)
    names = list(dict.fromkeys(str(each.name) for each in wanted))
    marker = note_marker(f"{call.guard}-lost")
    text = marked(lost_answer(names, str(error), links=call.desk.links), marker)
    try:
        call.tracker.comment(call.event.issue_number, text, marker=marker, look_since=call.event.created_at)
    except WorkflowOpsError as problem:
        call.desk.workspace.progress.say(f"It could not be told on #{call.event.issue_number}: {problem}")


def _outcome(call: _Call, outcome: Outcome, *, reason: str = "") -> EventOutcome:
    number = call.event.issue_number
    return EventOutcome(
        outcome=outcome,
        reason=reason,
        pull_request=number if call.place.is_pull_request else None,
        issue=None if call.place.is_pull_request else number,
        requests=call.tracker.requests,
        is_plan=call.desk.workspace.is_dry_run,
    )
