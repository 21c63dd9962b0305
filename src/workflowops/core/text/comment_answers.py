"""The answers to comments on incidents: what happened or why not, and what is possible now."""

from collections.abc import Mapping, Sequence

from workflowops.core.comment.access import least_role
from workflowops.core.comment.commands import SPECS, CommandName
from workflowops.core.comment.outcome import Became, CommandResult
from workflowops.core.comment.steps import EFFECTS, Facts, workflows_called
from workflowops.core.incident.lifecycle import possible_now as possible_events
from workflowops.core.incident.policy import CommandRule
from workflowops.core.incident.record import Event, Incident, Step, details_path
from workflowops.core.incident.step_fields import AT_ONCE
from workflowops.core.records import DriftStatus, EnvironmentRecord
from workflowops.core.text.incident_closing import closing
from workflowops.core.text.incident_sections import sections_of, shared_out, shortened, units
from workflowops.core.text.incident_timeline import step_lines, timeline
from workflowops.core.text.incident_words import (
    environment_of,
    instant,
    kinds_told,
    lasted,
    name,
    prose,
    seconds_between,
    workflows_told,
)
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, escaped, joined, table, with_commands
from workflowops.core.text.plain import count, cut
from workflowops.core.text.words import STATUSES
from workflowops.core.text.workflow_difference import LONGEST_NAME

_ROOM = 60_000
_FRAME = 3_000
_TIMELINE_ROOM = 8_000
_NAME = 300
_TEXT = 2_000
_MOST_NAMED = 20
MARKS = {
    Became.DONE: ":white_check_mark:",
    Became.DENIED: ":no_entry:",
    Became.IMPOSSIBLE: ":x:",
    Became.MISUNDERSTOOD: ":x:",
    Became.FAILED: ":x:",
}
_LONG = frozenset({CommandName.DIFF, CommandName.CLOSE}) | EFFECTS


def answer(results: Sequence[CommandResult], facts: Facts, *, links: Links | None) -> str:
    """Answer a comment: a block for each command, and what is possible when all of them are done.

    Markdown of at most some 60,000 characters. Whatever people wrote is data in it.
    """
    long_ones = sum(result.name in _LONG and result.became is Became.DONE for result in results)
    room = (_ROOM - _FRAME * (len(results) + 1)) // max(long_ones, 1)
    blocks = [_block(result, facts, links, room=room) for result in results]
    text = "\n".join(joined([*blocks, possible_now(results[-1].incident), run_told(links)]))
    return shortened(text, room=_ROOM + _FRAME) + "\n"


def refused_answer(login: str, refusals: Sequence[str], *, links: Links | None) -> str:
    """Tell somebody that none of their commands was carried out, and why; each reason is a sentence of `refusal`."""
    reasons = [f"- {with_commands(reason)}" for reason in dict.fromkeys(refusals)]
    head = f":no_entry: {name(login, _NAME)}, nothing was done."
    foot = "This is said once to everybody. From now on such a comment is only marked with :-1:."
    return "\n".join(joined([[head], reasons, [foot], run_told(links)])) + "\n"


def closed_again_answer(login: str, incident: Incident, *, links: Links | None) -> str:
    """Tell that an issue was closed again, because its incident is over."""
    told = (
        f"**The issue is closed again.** {name(login, _NAME)} reopened it, and the incident in "
        f"{prose(environment_of(incident), _NAME)} is closed for good: its record stays as it was. "
        "Drift that is found from now on opens a new incident, which names this one."
    )
    return "\n".join(joined([[told], run_told(links)])) + "\n"


def possible_now(incident: Incident) -> list[str]:
    """List what people can do with an incident as it stands, with an example each."""
    specs = {spec.event: spec for spec in SPECS.values() if spec.event is not None}
    listed = [specs[event] for event in possible_events(incident)]
    if not listed:
        return []
    if Event.ACCEPT in possible_events(incident):
        listed += [SPECS[CommandName.ADOPT], SPECS[CommandName.REVERT]]
    told = [f"- {code(spec.example)} {spec.summary}" for spec in (*listed, SPECS[CommandName.HELP])]
    return ["**Possible now**", "", *told]


def commands_table(
    rules: Mapping[str, CommandRule] | None = None, *, names: Sequence[CommandName] = tuple(SPECS)
) -> list[str]:
    """List commands, all unless told, with who may give them, as Markdown; `rules` are those of the configuration."""
    given = rules or {}
    return table(
        ["In a comment", "Who may", "What it does"],
        [
            [code(spec.example), _who(spec.name, given.get(spec.name)), spec.summary]
            for spec in map(SPECS.__getitem__, names)
        ],
    )


def _who(command: CommandName, rule: CommandRule | None) -> str:
    role = str(least_role(command, rule))
    if rule is None or not (rule.users or rule.teams):
        return role
    return f"{role}, and only {', '.join(name(each, 100) for each in (*rule.users, *rule.teams)[:_MOST_NAMED])}"


def _block(result: CommandResult, facts: Facts, links: Links | None, *, room: int) -> list[str]:
    head = f"{MARKS[result.became]} {name('/' + result.name, 100)}"
    if result.problem is not None:
        return [f"{head}: {_problem(result.problem)}"]
    warning = [] if result.warning is None else [f":warning: {with_commands(result.warning)}"]
    if result.step is not None:
        told = [f"{head}: {_done(result.step)}", *(line.removeprefix("  ") for line in step_lines(result.step)[1:])]
        whole = closing(result.incident, result.step) if result.step.event is Event.CLOSE else []
        return joined([told, warning, _cut(whole, room)])
    return joined([[head], warning, _cut(_shown(result, facts, links, room=room), room)])


def _problem(problem: str) -> str:
    return with_commands(cut(problem, _TEXT))


def _cut(lines: Sequence[str], room: int) -> list[str]:
    return shortened("\n".join(lines), room=room).split("\n") if lines else []


def _done(step: Step) -> str:
    by = name(step.by, _NAME)
    match step.event:
        case Event.ASSIGN:
            return f"{name(step.fields['assigned_to'], _NAME)} takes care of it, says {by}."
        case Event.ACCEPT if step.fields.get("until") == AT_ONCE:
            return f"no longer accepted, says {by}. The next drift check finds the difference again."
        case Event.ACCEPT:
            return f"accepted by {by}. The incident is {escaped(step.status)} now."
        case _:
            return f"{escaped(step.status)} by {by}."


def _shown(result: CommandResult, facts: Facts, links: Links | None, *, room: int) -> list[str]:
    """Answer what a command that changes nothing has to show."""
    if result.markdown is not None:
        return result.markdown.rstrip("\n").split("\n")
    match result.name:
        case CommandName.HELP:
            return commands_table(facts.rules)
        case CommandName.STATUS:
            return _status(result.incident, facts)
        case CommandName.DIFF:
            return _differences(result, facts.details, links, room=room)
        case _:
            return []


def _status(incident: Incident, facts: Facts) -> list[str]:
    affected = incident.affected_workflows
    end = incident.closed_at or facts.at
    rows = [
        ["Severity", escaped(incident.severity)],
        ["Open since" if incident.closed_at is None else "Opened", escaped(instant(incident.detected_at))],
        ["Age" if incident.closed_at is None else "Took", lasted(seconds_between(incident.detected_at, end))],
        ["Assigned to", name(incident.assigned_to, _NAME) if incident.assigned_to else ""],
        ["Workflows", f"{workflows_told(len(affected))} ({escaped(kinds_told(affected))})" if affected else ""],
        ["Drift", f"gone since {escaped(instant(incident.drift_gone_at))}" if incident.drift_gone_at else ""],
        ["Last check", _last_check(facts.record)],
    ]
    head = ["Status", f"**{escaped(incident.status)}**"]
    return [*table(head, [row for row in rows if row[1]]), "", *timeline(incident, room=_TIMELINE_ROOM)]


def _last_check(record: EnvironmentRecord | None) -> str:
    if record is None or record.last_drift_checked_at is None:
        return "never"
    told = f"{escaped(instant(record.last_drift_checked_at))}: {escaped(STATUSES[record.drift_status])}"
    if record.drift_status is DriftStatus.UNKNOWN and record.problem:
        return f"{told}. {prose(record.problem, _TEXT)}"
    return told


def _differences(result: CommandResult, details: str, links: Links | None, *, room: int) -> list[str]:
    """Show the differences in full, of all workflows or of the one asked for, as far as they fit."""
    wanted = result.fields.get("workflow")
    sections = sections_of(details)
    if wanted:
        found = workflows_called(result.incident, wanted)
        heads = [code(cut(each.workflow_name, LONGEST_NAME)) for each in found]
        sections = tuple(section for section in sections if any(head in section.split("\n")[0] for head in heads))
    if not sections:
        return ["There is nothing to show beyond what the issue says."]
    shown = shared_out(sections, room=room - _FRAME)
    left_out = len(sections) - len(shown)
    is_cut = left_out or any(units(part) < units(whole) for part, whole in zip(shown, sections, strict=False))
    more = [f"{count(left_out, 'more workflow')} left out here."] if left_out else []
    return joined([*([part] for part in shown), [*more, *([_pointer(result.incident, links)] if is_cut else [])]])


def _pointer(incident: Incident, links: Links | None) -> str:
    path = details_path(incident.number)
    if links is None:
        return f"In full they stand in {code(path)} on the state branch."
    return f"In full they stand in [{code(path)}]({links.state_file(path)})."


def run_told(links: Links | None) -> list[str]:
    """Answer the last line of an answer: the run that gives it, where there is one."""
    if links is None or links.run_url is None:
        return []
    return [f"<sub>[The run]({links.run_url}) that says this.</sub>"]
