"""`comment`: carries out the commands of a comment, or what a form asks for, once, and answers it."""

from collections.abc import Sequence
from dataclasses import replace

from workflowops.commands.comment_access import denied_commands
from workflowops.commands.comment_conversation import Hands, Place, answer_comment_at, place_of
from workflowops.commands.comment_effects import Effects
from workflowops.commands.comment_form import answer_form_event
from workflowops.commands.comment_lost import tell_lost
from workflowops.commands.comment_onboarding import OnboardingHand, onboarding_effects, onboarding_rules
from workflowops.commands.comment_portion import (
    Call,
    act,
    carry_out,
    command_of,
    decide_and_tell,
    react,
    told,
    with_answer,
)
from workflowops.commands.comment_promotion import (
    PromotionHands,
    Voice,
    promotion_effects,
    promotion_rules,
    voice_of,
)
from workflowops.commands.delivery import policy_of
from workflowops.commands.desk import Desk
from workflowops.commands.incident_files import read_incident
from workflowops.commands.issue_event import answer_issue_event
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.commands import PROMOTION, CommandName, asked, asked_on_pull_request
from workflowops.core.comment.event import ACTIONS, CommentEvent, FormEvent, Ignored, IssueEvent
from workflowops.core.comment.handled import MOST_REMEMBERED, was_handled
from workflowops.core.comment.outcome import CommandResult, EventOutcome, Outcome, reaction_to
from workflowops.core.comment.steps import Asked, portions
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.policy import CommandRule
from workflowops.core.incident.record import Incident
from workflowops.core.text.comment_answers import refused_answer
from workflowops.core.timestamps import iso
from workflowops.errors import ConfigurationError, WorkflowOpsError


def answer_event(
    desk: Desk,
    event: CommentEvent | IssueEvent | FormEvent | Ignored,
    *,
    effects: Effects,
    hands: PromotionHands | None = None,
    onboarding: OnboardingHand | None = None,
) -> EventOutcome:
    """Answer an event of GitHub; raises ConfigurationError where GitHub is not configured and would be needed.

    Without `hands` the commands about promotions are answered, and not carried out; without `onboarding` those that put
    workflows under Git.
    """
    alone = left_alone(event)
    if alone is not None:
        return alone
    tracker = desk.tracker
    if tracker is None:
        raise ConfigurationError(
            "An event can be answered only where GitHub is configured.",
            fix="Set GITHUB_TOKEN and GITHUB_REPOSITORY, as GitHub Actions does, or rehearse with --issues-folder.",
        )
    match event:
        case CommentEvent():
            place = _place_of(desk, event)
            if place is not None:
                both = Hands(promotions=hands, onboarding=onboarding)
                return answer_comment_at(desk, tracker, event, place, hands=both)
            voice = voice_of(event)
            everything = {**effects, **promotion_effects(hands, voice), **onboarding_effects(onboarding, voice)}
            return answer_comment(desk, tracker, event, effects=everything)
        case FormEvent():
            return _answer_form(desk, tracker, event, onboarding)
        case IssueEvent():
            return answer_issue_event(desk, tracker, event)
        case Ignored(reason):
            return EventOutcome(outcome=Outcome.IGNORED, reason=reason)


def _place_of(desk: Desk, event: CommentEvent) -> Place | None:
    """Answer the place of a comment that is on no incident; None for one that may be."""
    view = desk.workspace.state.view()
    is_about_an_incident = not event.is_pull_request and read_incident(view, event.issue_number) is not None
    return None if is_about_an_incident else place_of(view, event)


def _answer_form(
    desk: Desk, tracker: IssueTracker, event: FormEvent, onboarding: OnboardingHand | None
) -> EventOutcome:
    """Answer what happened to a form's issue; an incident that somebody gave the form's label stays an incident."""
    if read_incident(desk.workspace.state.view(), event.issue_number) is None:
        return answer_form_event(desk, tracker, event, hand=onboarding)
    if event.action in ACTIONS:
        change = IssueEvent(issue_number=event.issue_number, action=event.action, sender=event.sender)
        return answer_issue_event(desk, tracker, change)
    return EventOutcome(outcome=Outcome.IGNORED, reason=f"Issue #{event.issue_number} is an incident, and no form.")


def left_alone(event: CommentEvent | IssueEvent | FormEvent | Ignored) -> EventOutcome | None:
    """Answer the outcome of an event that asks nothing of us, whatever the state says; None for any other."""
    match event:
        case Ignored(reason):
            return EventOutcome(outcome=Outcome.IGNORED, reason=reason)
        case CommentEvent(is_pull_request=True, body=body):
            reason = "The comment on a pull request holds no command about promotions."
            return None if asked_on_pull_request(body) else EventOutcome(outcome=Outcome.NOT_OURS, reason=reason)
        case CommentEvent(body=body) if not asked(body):
            return EventOutcome(outcome=Outcome.NOTHING_ASKED, reason="The comment holds no command.")
        case _:
            return None


def answer_comment(desk: Desk, tracker: IssueTracker, event: CommentEvent, *, effects: Effects) -> EventOutcome:
    """Carry out what a comment asks for and answer it; the same comment again only says what is left to be said.

    The comment holds a command (`left_alone`). Nothing is asked of GitHub about an issue that is no incident of ours.
    Raises what kept the commands from being decided, and says so on the issue as far as that is possible; what was
    decided is in the outcome, whether GitHub could be told or not.
    """
    wanted = asked(event.body)
    view = desk.workspace.state.view()
    incident = read_incident(view, event.issue_number)
    if incident is None:
        return EventOutcome(outcome=Outcome.NOT_OURS, reason=f"Issue #{event.issue_number} is no incident of ours.")
    if event.is_marked and (incident.author is None or incident.author.casefold() == event.author.casefold()):
        return EventOutcome(outcome=Outcome.IGNORED, reason="The comment is an answer of ours.", incident=incident)
    call = Call(desk, tracker, event, effects)
    left = [each for each in enumerate(portions(wanted)) if not was_handled(incident.handled, call.guard(each[0]))]
    if not left:
        return _repeated(call, incident)
    names = [command_of(each) for each in wanted]
    try:
        rules = rules_of(desk, view, incident, wanted, voice_of(event))
        call = replace(call, denied=denied_commands(tracker, names, login=event.author, rules=rules))
    except WorkflowOpsError as error:
        raise tell_lost(call, left, error, happened=()) from error
    if all(name in call.denied for name in names):
        return _refused(call, incident, portions(wanted))
    react(desk, tracker, event.comment_id, Reaction.SEEN)
    outcome = _carried_out(call, left)
    if outcome.results:
        react(desk, tracker, event.comment_id, reaction_to(outcome.results))
    return replace(outcome, requests=tracker.requests)


def rules_of(
    desk: Desk, view: StateView, incident: Incident, wanted: Sequence[Asked], voice: Voice
) -> dict[str, CommandRule]:
    """Answer who may give which command on an incident; some fall under the environment that they mean."""
    own = policy_of(desk, incident.environment).commands
    rules = {name: rule for name, rule in own.items() if name not in PROMOTION | {CommandName.ONBOARD}}
    rules |= onboarding_rules(desk, wanted, environment=incident.environment)
    return rules | promotion_rules(desk, view, wanted, voice)


def _carried_out(call: Call, left: Sequence[tuple[int, Sequence[Asked]]]) -> EventOutcome:
    """Carry out the portions in order; what could not be decided is told, because nobody comes back to it."""
    outcomes: list[EventOutcome] = []
    happened: list[CommandResult] = []
    try:
        for number, portion in left:
            acted = act(call, portion)
            happened += acted.values()
            outcomes.append(carry_out(call, number, portion, acted))
            happened += [each for each in outcomes[-1].results if each.step is not None]
    except WorkflowOpsError as error:
        raise tell_lost(call, left, error, happened=happened) from error
    return _joined(outcomes)


def _repeated(call: Call, incident: Incident) -> EventOutcome:
    """Say what a run before this one decided and could not say."""
    guard = call.guard(0)
    outcome = EventOutcome(outcome=Outcome.REPEATED, incident=incident, reason="The comment was acted upon before.")
    if not incident.notes:
        return replace(outcome, is_plan=call.desk.workspace.is_dry_run)
    decided, delivery = decide_and_tell(call, lambda before, _: before, message="comment: nothing new")
    latest = incident if decided is None else decided.after
    return told(replace(outcome, incident=latest), delivery, call, guard=guard)


def _refused(call: Call, incident: Incident, wanted: Sequence[Sequence[Asked]]) -> EventOutcome:
    """Do nothing; say so in words once to everybody on each incident, later only by the sign."""
    react(call.desk, call.tracker, call.event.comment_id, Reaction.REFUSED)
    login, reasons = call.event.author, list(call.denied.values())
    outcome = EventOutcome(outcome=Outcome.DENIED, reason=" ".join(dict.fromkeys(reasons)), incident=incident)
    if login.casefold() in incident.refused:
        return replace(outcome, requests=call.tracker.requests, is_plan=call.desk.workspace.is_dry_run)
    text = refused_answer(login, reasons, links=call.desk.links)
    guards = [call.guard(number) for number in range(len(wanted))]
    now = iso(call.desk.workspace.clock())

    def judge(before: Incident, _: StateView) -> Incident:
        if login.casefold() in before.refused or was_handled(before.handled, guards[0]):
            return before
        refused = (*before.refused, login.casefold())[-MOST_REMEMBERED:]
        return with_answer(replace(before, refused=refused), guards, text, at=now)

    _, delivery = decide_and_tell(call, judge, message=f"comment: refused on incident {incident.number}")
    return told(replace(outcome, answer=text), delivery, call, guard=guards[0])


def _joined(outcomes: Sequence[EventOutcome]) -> EventOutcome:
    """Put the outcomes of a comment's portions together; the last one knows how the incident stands."""
    last = outcomes[-1]
    return replace(
        last,
        outcome=Outcome.ANSWERED if any(each.results for each in outcomes) else last.outcome,
        results=tuple(result for each in outcomes for result in each.results),
        answer="\n".join(each.answer for each in outcomes if each.answer is not None) or None,
        url=next((each.url for each in reversed(outcomes) if each.url is not None), None),
        problems=tuple(problem for each in outcomes for problem in each.problems),
        warnings=tuple(dict.fromkeys(warning for each in outcomes for warning in each.warnings)),
        exit_code=max(each.exit_code for each in outcomes),
    )
