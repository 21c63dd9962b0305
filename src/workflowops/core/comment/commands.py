"""The commands that a comment can give: what each takes, and what a line asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from workflowops.core.comment.grammar import Command, Malformed, parse
from workflowops.core.incident.policy import Role
from workflowops.core.incident.record import Event, ResolutionType
from workflowops.core.problems import nearest, shown

MOST_COMMANDS = 10
"""What stands below the tenth command of a comment is not carried out, and that is told."""

LONGEST_VALUE = 4_000
"""Characters that a command's argument may have; an incident is no place for a log."""


class CommandName(StrEnum):
    """The commands, as they are written behind the slash."""

    ACKNOWLEDGE = "acknowledge"
    STABILIZE = "stabilize"
    RECONCILE = "reconcile"
    CLOSE = "close"
    ASSIGN = "assign"
    ACCEPT = "accept"
    DIFF = "diff"
    STATUS = "status"
    SYNC = "sync"
    ADOPT = "adopt"
    REVERT = "revert"
    HELP = "help"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What a command is. `arguments` maps every accepted key to the field it fills.

    The first free word fills `positional`, if `looks` fits it; all other free words fill `rest`. Where there is
    neither, free words are not taken, unless the command only shows something.
    """

    name: CommandName
    least_role: Role
    event: Event | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    positional: str | None = None
    looks: str = r".+"
    rest: str | None = None
    summary: str
    example: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A command that can be carried out, as far as its line goes."""

    name: CommandName
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Misunderstood:
    """A line that was meant for us and cannot be carried out; `problem` says why and what would be right."""

    name: str
    problem: str


_OVERHEARING = frozenset({CommandName.HELP, CommandName.STATUS})

SPECS: Mapping[CommandName, Spec] = {
    spec.name: spec
    for spec in (
        Spec(
            name=CommandName.ACKNOWLEDGE,
            least_role=Role.TRIAGE,
            event=Event.ACKNOWLEDGE,
            arguments={"comment": "comment"},
            rest="comment",
            summary="Say that you are looking into it.",
            example="/acknowledge Reviewing the hot fix",
        ),
        Spec(
            name=CommandName.STABILIZE,
            least_role=Role.WRITE,
            event=Event.STABILIZE,
            arguments={
                "reason": "reason",
                "assigned_to": "assigned_to",
                "resolution_plan": "resolution_plan",
                "plan": "resolution_plan",
            },
            rest="reason",
            summary="Say that it can do no more harm, and how it goes on.",
            example='/stabilize reason="Hot fix is in Git" plan="Sync the other environments"',
        ),
        Spec(
            name=CommandName.RECONCILE,
            least_role=Role.WRITE,
            event=Event.RECONCILE,
            arguments={
                "resolution_type": "resolution_type",
                "type": "resolution_type",
                "resolution_details": "resolution_details",
                "details": "resolution_details",
                "lessons_learned": "lessons_learned",
                "lessons": "lessons_learned",
            },
            positional="resolution_type",
            looks="|".join(ResolutionType).replace("_", "[_-]"),
            rest="resolution_details",
            summary="Say how Git and n8n came together again.",
            example='/reconcile accepted_runtime_changes details="Git has the hot fix" lessons="Watch the API"',
        ),
        Spec(
            name=CommandName.CLOSE,
            least_role=Role.WRITE,
            event=Event.CLOSE,
            arguments={
                "closure_reason": "closure_reason",
                "reason": "closure_reason",
                "lessons_learned": "lessons_learned",
                "lessons": "lessons_learned",
            },
            rest="closure_reason",
            summary="Close a reconciled incident.",
            example='/close All environments are in step lessons="Watch the API"',
        ),
        Spec(
            name=CommandName.ASSIGN,
            least_role=Role.TRIAGE,
            event=Event.ASSIGN,
            arguments={"assigned_to": "assigned_to", "to": "assigned_to"},
            positional="assigned_to",
            summary="Say who takes care of it; without a name, you.",
            example="/assign @octocat",
        ),
        Spec(
            name=CommandName.ACCEPT,
            least_role=Role.WRITE,
            event=Event.ACCEPT,
            arguments={"until": "until", "reason": "reason"},
            positional="until",
            looks=r"\d{4}-\d\d-\d\d|now",
            rest="reason",
            summary="Let the difference stay until the end of a day (UTC); `until=now` ends that.",
            example='/accept until=YYYY-MM-DD reason="Freeze until the release"',
        ),
        Spec(
            name=CommandName.DIFF,
            least_role=Role.TRIAGE,
            arguments={"workflow": "workflow"},
            rest="workflow",
            summary="Show the differences in full, of all workflows or of one.",
            example="/diff payment_gateway",
        ),
        Spec(
            name=CommandName.STATUS,
            least_role=Role.TRIAGE,
            summary="Show where the incident stands and what happened so far.",
            example="/status",
        ),
        Spec(
            name=CommandName.SYNC,
            least_role=Role.WRITE,
            summary="Read n8n and Git again now, and say whether anything still differs.",
            example="/sync",
        ),
        Spec(
            name=CommandName.ADOPT,
            least_role=Role.WRITE,
            arguments={"allow_secrets": "allow_secrets"},
            summary="Open a pull request that puts n8n's version into Git.",
            example="/adopt",
        ),
        Spec(
            name=CommandName.REVERT,
            least_role=Role.WRITE,
            summary="Show what would put Git's version back into n8n, step by step.",
            example="/revert",
        ),
        Spec(
            name=CommandName.HELP,
            least_role=Role.TRIAGE,
            summary="List the commands.",
            example="/help",
        ),
    )
}
"""Every command by name, in the order in which `/help` lists them."""

_NAMES = tuple(str(name) for name in CommandName)


def asked(body: str) -> tuple[Understood | Misunderstood, ...]:
    """Answer what a comment asks of us, in order; nothing for a comment that is not meant for us.

    A line counts when its command is one of ours or nearly so, or when an unknown one is all that stands on it: other
    programs listen to comments as well, and `/usr/bin` is a path.
    """
    meant = list(islice(filter(_is_meant_for_us, parse(body)), MOST_COMMANDS + 1))
    found = [understand(line) for line in meant[:MOST_COMMANDS]]
    if len(meant) > MOST_COMMANDS:
        problem = (
            f"A comment may hold {MOST_COMMANDS} commands, and this one holds more. This command, and what follows it, "
            "was not carried out. Give it in another comment."
        )
        found.append(Misunderstood(meant[MOST_COMMANDS].name, problem))
    return tuple(found)


def understand(command: Command | Malformed) -> Understood | Misunderstood:
    """Answer what a command asks for, its arguments by the names of the fields they fill."""
    if command.name not in SPECS:
        return Misunderstood(command.name, _unknown(command.name))
    if isinstance(command, Malformed):
        return Misunderstood(command.name, command.problem)
    spec = SPECS[CommandName(command.name)]
    fields: dict[str, str] = {}
    for key, value in (*command.arguments.items(), *_free(spec, command.text)):
        target = spec.arguments.get(key)
        if target is None:
            return Misunderstood(command.name, _unknown_argument(spec, key))
        if target in fields:
            return Misunderstood(command.name, f"{shown(target)} is given twice. {_example(spec)}")
        if len(value) > LONGEST_VALUE:
            problem = f"{shown(key)} has {len(value):,} characters; {LONGEST_VALUE:,} are the most. Shorten it."
            return Misunderstood(command.name, problem)
        fields[target] = value
    surplus = _surplus(spec, command.text)
    if surplus:
        return Misunderstood(command.name, f"`/{spec.name}` does not take {shown(surplus)}. {_example(spec)}")
    return Understood(spec.name, fields)


def meant_command(name: str) -> CommandName | None:
    """Answer the command that was probably meant: one that begins like it, or is spelled nearly so."""
    beginning = [known for known in _NAMES if known.startswith(name)] if len(name) > 1 else []
    found = beginning[0] if len(beginning) == 1 else nearest(name, _NAMES)
    return None if found is None else CommandName(found)


def _is_meant_for_us(line: Command | Malformed) -> bool:
    if line.name in SPECS or meant_command(line.name) is not None:
        return True
    return isinstance(line, Command) and not line.text and not line.arguments


def _free(spec: Spec, text: str) -> list[tuple[str, str]]:
    """Answer the free words as arguments, by a key that leads to their field."""
    words = text
    given: list[tuple[str, str]] = []
    first, _, others = words.partition(" ")
    if spec.positional is not None and re.fullmatch(spec.looks, first.strip("`"), re.IGNORECASE):
        given.append((spec.positional, first.strip("`")))
        words = others
    if spec.rest is not None and words:
        given.append((spec.rest, words))
    return [(_key_of(spec, name), value) for name, value in given]


def _key_of(spec: Spec, name: str) -> str:
    return next(key for key, target in spec.arguments.items() if target == name)


def _surplus(spec: Spec, text: str) -> str:
    """Answer the free words that no field takes; a command that only shows something overhears them."""
    if spec.rest is not None or spec.name in _OVERHEARING:
        return ""
    return text.partition(" ")[2] if spec.positional is not None else text


def _unknown(name: str) -> str:
    meant = meant_command(name)
    guess = "" if meant is None else f" Did you mean `/{meant}`?"
    return f"There is no such command.{guess} `/help` lists them."


def _unknown_argument(spec: Spec, key: str) -> str:
    if not spec.arguments:
        return f"`/{spec.name}` takes no arguments, so {shown(key)} is none of them. {_example(spec)}"
    known = ", ".join(f"`{name}`" for name in spec.arguments)
    meant = nearest(key, tuple(spec.arguments))
    guess = "" if meant is None else f" Did you mean `{meant}`?"
    quote = " Where it is part of a text, put the text into double quotes." if spec.rest is not None else ""
    return f"`/{spec.name}` has no argument {shown(key)}.{guess} It takes {known}.{quote}"


def _example(spec: Spec) -> str:
    return f"For example: `{spec.example}`."
