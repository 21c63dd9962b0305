"""Commands of one comment, carried out together: their effects, one commit of the record, one answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.commands.comment_effects import Effects
from workflowops.commands.delivery import deliver, policy_of
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.incident_assignee import assign_on_github
from workflowops.commands.incident_change import Decided, Judge, decide_on, without_what_was_said
from workflowops.commands.incident_files import read_details, read_incident
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.comment.commands import PROMOTION, SPECS, CommandName, Understood
from workflowops.core.comment.event import CommentEvent
from workflowops.core.comment.handled import guard_of, remembered, was_handled
from workflowops.core.comment.outcome import Became, CommandResult, EventOutcome, Outcome
from workflowops.core.comment.steps import Asked, Facts, carried_out, is_effect
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.outcome import Delivery
from workflowops.core.incident.record import Incident, IncidentStatus, Note, NoteKind
from workflowops.core.records import EnvironmentRecord, decode, environment_path
from workflowops.core.text.comment_answers import answer
from workflowops.core.timestamps import iso
from workflowops.errors import ExitCode, WorkflowOpsError

_TOLD_IN_THE_ANSWER = frozenset(spec.event for spec in SPECS.values() if spec.event is not None)


@dataclass(frozen=True, slots=True)
class Call:
    """One comment on an incident, and why its author may not give some of its commands."""

    desk: Desk
    tracker: IssueTracker
    event: CommentEvent
    effects: Effects
    denied: Mapping[CommandName, str] = field(default_factory=dict)

    def guard(self, portion: int) -> str:
        """Answer the name under which a portion of the commands is remembered, and its answer is found again."""
        return guard_of(self.event.comment_id, portion)


def command_of(wanted: Asked) -> CommandName:
    """Answer the command whose rule a line falls under; a command that nobody knows falls under that of `/help`."""
    return CommandName(wanted.name) if wanted.name in SPECS else CommandName.HELP


def carry_out(call: Call, number: int, portion: Sequence[Asked], acted: Mapping[int, CommandResult]) -> EventOutcome:
    """Carry out one portion of a comment's commands and answer it; a portion that was carried out before is not again.

    `acted` is what its effects did (`act`). Raises what kept the portion from being decided.
    """
    guard, now = call.guard(number), iso(call.desk.workspace.clock())
    latest: list[tuple[tuple[CommandResult, ...], str | None]] = []

    def judge(before: Incident, tip: StateView) -> Incident:
        if was_handled(before.handled, guard):
            latest.append(((), None))
            return before
        facts = _facts(call, before, tip, at=now)
        results = _results(call, portion, acted, before, facts)
        text = answer(results, facts, links=call.desk.links)
        latest.append((results, text))
        return with_answer(results[-1].incident, [guard], text, at=now)

    decided, delivery = decide_and_tell(call, judge, message=f"comment: commands on incident {call.event.issue_number}")
    results, text = latest[-1] if latest else ((), None)
    codes = [result.exit_code for result in results if result.became is Became.FAILED]
    return told(
        EventOutcome(
            outcome=Outcome.ANSWERED if results else Outcome.REPEATED,
            incident=None if decided is None else decided.after,
            results=results,
            answer=text,
            exit_code=max(codes, default=ExitCode.DONE),
        ),
        delivery,
        call,
        guard=guard,
    )


def react(desk: Desk, tracker: IssueTracker, comment_id: int, reaction: Reaction) -> None:
    """Set a sign on a comment. It is a courtesy: without it the commands are carried out all the same."""
    if desk.workspace.is_dry_run:
        return
    try:
        tracker.react(comment_id, reaction)
    except WorkflowOpsError as error:
        desk.workspace.progress.say(f"The comment could not be marked: {error}")


def with_answer(incident: Incident, guards: Sequence[str], text: str, *, at: str) -> Incident:
    """Remember that a comment was acted upon, and what is to be said about it; the first guard names the note."""
    note = Note(id=guards[0], kind=NoteKind.COMMENT, text=text, decided_at=at)
    return replace(incident, notes=(*incident.notes, note), handled=remembered(incident.handled, guards))


def decide_and_tell(call: Call, judge: Judge, *, message: str) -> tuple[Decided | None, Delivery]:
    """Decide on the incident and say what is to be said, under one claim."""
    number = call.event.issue_number
    with at_the_desk(call.desk) as keep:
        decided = decide_on(call.desk, number, judge, message=message, told_elsewhere=_TOLD_IN_THE_ANSWER)
        if decided is None:
            return None, Delivery()
        keep()
        issue, problem = assign_on_github(call.desk, decided)
        issues = {} if issue is None else {number: issue}
        delivery = deliver(call.desk, [number], fresh=decided.fresh_notes, issues=issues, keep=keep)
    warnings = delivery.warnings if problem is None else (problem, *delivery.warnings)
    return decided, replace(delivery, warnings=warnings)


def told(outcome: EventOutcome, delivery: Delivery, call: Call, *, guard: str) -> EventOutcome:
    """Add to an outcome what became of telling it."""
    incident = outcome.incident
    return replace(
        outcome,
        incident=None if incident is None else without_what_was_said(incident, delivery),
        url=delivery.comments.get(guard),
        problems=delivery.problems,
        warnings=delivery.warnings,
        requests=call.tracker.requests,
        exit_code=max(outcome.exit_code, ExitCode.REMOTE) if delivery.problems else outcome.exit_code,
        is_plan=call.desk.workspace.is_dry_run,
    )


def act(call: Call, portion: Sequence[Asked]) -> dict[int, CommandResult]:
    """Let the effects of a portion happen, by their place in it.

    That is before anything is decided, and without the claim, which they may need themselves.
    """
    done: dict[int, CommandResult] = {}
    for place, each in enumerate(portion):
        if isinstance(each, Understood) and is_effect(each) and each.name not in call.denied:
            incident = read_incident(call.desk.workspace.state.view(), call.event.issue_number)
            if incident is not None:
                done[place] = _acted_once(call.effects, incident, each)
    return done


def _acted_once(effects: Effects, incident: Incident, wanted: Understood) -> CommandResult:
    result = CommandResult(name=wanted.name, became=Became.DONE, incident=incident)
    if incident.status is IncidentStatus.CLOSED and wanted.name not in (
        CommandName.SYNC,
        CommandName.ONBOARD,
        *PROMOTION,
    ):
        problem = "The incident is closed, and stays as it was; drift from now on opens a new one."
        return replace(result, became=Became.IMPOSSIBLE, problem=problem)
    try:
        acted = effects[wanted.name](incident, wanted)
    except WorkflowOpsError as error:
        became = Became.IMPOSSIBLE if error.exit_code is ExitCode.RULE else Became.FAILED
        return replace(result, became=became, problem=f"{error} {error.fix}", exit_code=error.exit_code)
    became = {ExitCode.DONE: Became.DONE, ExitCode.RULE: Became.IMPOSSIBLE}.get(acted.exit_code, Became.FAILED)
    return replace(result, became=became, markdown=acted.markdown, exit_code=acted.exit_code)


def _facts(call: Call, incident: Incident, tip: StateView, *, at: str) -> Facts:
    path = environment_path(incident.environment)
    return Facts(
        by=call.event.author,
        at=at,
        written_at=call.event.created_at,
        record=decode(tip.read(path), EnvironmentRecord, path=path),
        details=read_details(tip, incident.number),
        rules=policy_of(call.desk, incident.environment).commands,
    )


def _results(
    call: Call, portion: Sequence[Asked], acted: Mapping[int, CommandResult], before: Incident, facts: Facts
) -> tuple[CommandResult, ...]:
    """Judge the commands in order, each by what the ones before it left."""
    results: list[CommandResult] = []
    current = before
    for place, each in enumerate(portion):
        why = call.denied.get(command_of(each))
        if why is not None:
            result = CommandResult(name=each.name, became=Became.DENIED, incident=current, problem=why)
        elif place in acted:
            result = replace(acted[place], incident=current)
        else:
            result = carried_out(current, each, facts)
        results.append(result)
        current = result.incident
    return tuple(results)
