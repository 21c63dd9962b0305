"""A comment on a pull request: its commands about promotions carried out, once, and answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.commands.comment_access import denied_commands
from workflowops.commands.comment_portion import command_of, react
from workflowops.commands.comment_promotion import PromotionHands, handed, promotion_rules, voice_of
from workflowops.commands.desk import Desk
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.commands import CommandName, Misunderstood, asked_on_pull_request
from workflowops.core.comment.event import CommentEvent
from workflowops.core.comment.handled import guard_of, was_handled
from workflowops.core.comment.outcome import Answered, Became, EventOutcome, Outcome, reaction_to
from workflowops.core.comment.pull_requests import COMMENTS_PATH, CommentsFile, Unsaid, with_decided, without_said
from workflowops.core.comment.steps import Asked
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.incident.policy import CommandRule
from workflowops.core.records import decode, encode
from workflowops.core.text.comment_answers import refused_answer
from workflowops.core.text.comment_lost import lost_answer
from workflowops.core.text.comment_promotion import pull_request_answer, pull_request_help
from workflowops.errors import ExitCode, WorkflowOpsError


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One comment on a pull request, the rules for its commands, and why its author may not give some of them."""

    desk: Desk
    tracker: IssueTracker
    event: CommentEvent
    hands: PromotionHands | None
    rules: Mapping[str, CommandRule] = field(default_factory=dict)
    denied: Mapping[CommandName, str] = field(default_factory=dict)

    @property
    def guard(self) -> str:
        """The name under which the comment is remembered, and its answer is found again."""
        return guard_of(self.event.comment_id, 0)


def answer_pull_request_comment(
    desk: Desk, tracker: IssueTracker, event: CommentEvent, *, hands: PromotionHands | None
) -> EventOutcome:
    """Carry out what a comment on a pull request asks for and answer it; the same again only says what is left to say.

    Raises what kept the commands from being carried out at all, and says so on the pull request as far as possible.
    What a command could not do is told in the answer.
    """
    wanted = asked_on_pull_request(event.body)
    call = _Call(desk=desk, tracker=tracker, event=event, hands=hands)
    if event.is_marked:
        return _outcome(call, Outcome.IGNORED, reason="The comment is one of ours.")
    view = desk.workspace.state.view()
    comments = read_comments(view)
    if was_handled(comments.handled, call.guard):
        outcome = _outcome(call, Outcome.REPEATED, reason="The comment was acted upon before.")
        return _said(call, outcome, comments.unsaid.get(call.guard))
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


def read_comments(view: StateView) -> CommentsFile:
    """Read what is remembered of comments on pull requests."""
    return decode(view.read(COMMENTS_PATH), CommentsFile, path=COMMENTS_PATH) or CommentsFile()


def _with_access(call: _Call, view: StateView, wanted: Sequence[Asked]) -> _Call:
    names = [command_of(each) for each in wanted]
    at_the_top = call.desk.workspace.configuration.incidents.commands
    own = {name: rule for name, rule in at_the_top.items() if name == CommandName.HELP}
    rules = own | promotion_rules(call.desk, view, wanted, voice_of(call.event))
    denied = denied_commands(call.tracker, names, login=call.event.author, rules=rules)
    return replace(call, rules=rules, denied=denied)


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
    return _said(call, _remembered(call, outcome, unsaid), unsaid)


def _one(call: _Call, wanted: Asked) -> Answered:
    result = Answered(name=str(wanted.name), became=Became.DONE)
    why = call.denied.get(command_of(wanted))
    if why is not None:
        return replace(result, became=Became.DENIED, problem=why)
    if isinstance(wanted, Misunderstood):
        return replace(result, became=Became.MISUNDERSTOOD, problem=wanted.problem)
    if wanted.name is CommandName.HELP:
        return replace(result, markdown=pull_request_help(call.desk.workspace.configuration.incidents.commands))
    try:
        acted = handed(call.hands, voice_of(call.event), wanted)
    except WorkflowOpsError as error:
        became = Became.IMPOSSIBLE if error.exit_code is ExitCode.RULE else Became.FAILED
        return replace(result, became=became, problem=f"{error} {error.fix}", exit_code=error.exit_code)
    became = {ExitCode.DONE: Became.DONE, ExitCode.RULE: Became.IMPOSSIBLE}.get(acted.exit_code, Became.FAILED)
    return replace(result, became=became, markdown=acted.markdown, exit_code=acted.exit_code)


def _refused(call: _Call, comments: CommentsFile) -> EventOutcome:
    """Do nothing; say so in words once to everybody on each pull request, later only by the sign."""
    login, number = call.event.author, call.event.issue_number
    react(call.desk, call.tracker, call.event.comment_id, Reaction.REFUSED)
    reasons = list(dict.fromkeys(call.denied.values()))
    outcome = _outcome(call, Outcome.DENIED, reason=" ".join(reasons))
    name = f"{number}:{login.casefold()}"
    if name in comments.refused:
        return outcome
    text = refused_answer(login, reasons, links=call.desk.links)
    unsaid = Unsaid(pull_request=number, text=text, since=call.event.created_at)
    outcome = _remembered(call, replace(outcome, answer=text), unsaid, refused=name)
    return _said(call, outcome, unsaid)


def _remembered(call: _Call, outcome: EventOutcome, unsaid: Unsaid, *, refused: str | None = None) -> EventOutcome:
    """Store that the comment was acted upon. Where that fails the answer is said all the same, and the run fails."""
    message = f"comment: commands on pull request {call.event.issue_number}"
    try:
        _change(call, lambda before: with_decided(before, call.guard, unsaid, refused=refused), message=message)
    except WorkflowOpsError as error:
        problem = f"It could not be remembered that the comment was acted upon: {error} {error.fix}"
        return replace(
            outcome, problems=(*outcome.problems, problem), exit_code=max(outcome.exit_code, error.exit_code)
        )
    return outcome


def _said(call: _Call, outcome: EventOutcome, unsaid: Unsaid | None) -> EventOutcome:
    """Say what was decided, once, and forget it then; where GitHub fails, it stays to be said by the next run."""
    if unsaid is None or call.desk.workspace.is_dry_run:
        return replace(outcome, requests=call.tracker.requests)
    marker = note_marker(call.guard)
    try:
        url = call.tracker.comment(
            unsaid.pull_request, marked(unsaid.text, marker), marker=marker, look_since=unsaid.since
        )
        message = f"comment: answered on pull request {unsaid.pull_request}"
        _change(call, lambda before: without_said(before, [call.guard]), message=message)
    except WorkflowOpsError as error:
        problem = f"The answer could not be said: {error} {error.fix}"
        return replace(
            outcome,
            problems=(*outcome.problems, problem),
            requests=call.tracker.requests,
            exit_code=max(outcome.exit_code, ExitCode.REMOTE),
        )
    return replace(outcome, url=url, requests=call.tracker.requests)


def _change(call: _Call, change: Callable[[CommentsFile], CommentsFile], *, message: str) -> None:
    """Change what is remembered, by compare-and-swap; a dry run changes nothing."""

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        before = read_comments(tip)
        after = change(before)
        return {} if after == before else {COMMENTS_PATH: encode(after)}

    if not call.desk.workspace.is_dry_run:
        call.desk.workspace.state.change(decide, message=message)


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
        call.desk.workspace.progress.say(f"It could not be told on the pull request: {problem}")


def _outcome(call: _Call, outcome: Outcome, *, reason: str = "") -> EventOutcome:
    return EventOutcome(
        outcome=outcome,
        reason=reason,
        pull_request=call.event.issue_number,
        requests=call.tracker.requests,
        is_plan=call.desk.workspace.is_dry_run,
    )
