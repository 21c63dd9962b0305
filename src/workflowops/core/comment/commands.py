"""The commands that a comment can give: what each takes, and what a line asks for."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from workflowops.core.comment.grammar import Command, Malformed, parse
from workflowops.core.comment.incident_specs import HELP_SPEC, INCIDENT_SPECS
from workflowops.core.comment.onboarding_specs import ONBOARDING_SPECS
from workflowops.core.comment.promotion_specs import PROMOTION_SPECS
from workflowops.core.comment.spec import CommandName, Spec
from workflowops.core.problems import nearest, shown

__all__ = [
    "LONGEST_VALUE",
    "MOST_COMMANDS",
    "ON_FORMS",
    "ON_PULL_REQUESTS",
    "PROMOTION",
    "SPECS",
    "CommandName",
    "Misunderstood",
    "Spec",
    "Understood",
    "asked",
    "asked_on_form",
    "asked_on_pull_request",
    "meant_command",
    "understand",
]

MOST_COMMANDS = 10
"""What stands below the tenth command of a comment is not carried out, and that is told."""

LONGEST_VALUE = 4_000
"""Characters that a command's argument may have; an incident is no place for a log."""


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

_ALIKE = 0.9
"""How like one of ours an unknown command has to be on a pull request: `/retest` and `/block` are for others."""

SPECS: Mapping[CommandName, Spec] = {
    spec.name: spec for spec in (*INCIDENT_SPECS, *ONBOARDING_SPECS, *PROMOTION_SPECS, HELP_SPEC)
}
"""Every command by name, in the order in which `/help` lists them."""

PROMOTION = frozenset(spec.name for spec in PROMOTION_SPECS)
"""The commands about promotions; none of them changes an incident."""

ON_PULL_REQUESTS = (*(spec.name for spec in PROMOTION_SPECS), CommandName.HELP)
"""The commands that count on a pull request."""

ON_FORMS = (*(spec.name for spec in ONBOARDING_SPECS), CommandName.HELP)
"""The commands that count on the issue about unmanaged workflows, and on one that the form made."""


def asked(body: str) -> tuple[Understood | Misunderstood, ...]:
    """Answer what a comment asks of us, in order; nothing for a comment that is not meant for us.

    A line counts when its command is one of ours or nearly so, or when an unknown one is all that stands on it: other
    programs listen to comments as well, and `/usr/bin` is a path.
    """
    return _asked(body, _is_meant_for_us, understand)


def asked_on_pull_request(body: str) -> tuple[Understood | Misunderstood, ...]:
    """Answer what a comment on a pull request asks of us, in order; nothing for a comment that is not meant for us.

    Only commands about promotions and `/help` count there, or what is nearly one of them. All else is left alone, known
    or not: other programs have their own commands on pull requests.
    """
    return _asked(body, _is_about_promotions, lambda line: understand(line, known=ON_PULL_REQUESTS))


def asked_on_form(body: str) -> tuple[Understood | Misunderstood, ...]:
    """Answer what a comment on an issue about unmanaged workflows asks of us, in order.

    That issue is ours: any command of ours counts as meant for us, and one that is of no use there is answered so.
    """
    return _asked(body, _is_meant_for_us, lambda line: understand(line, known=ON_FORMS))


def _asked(
    body: str,
    is_meant: Callable[[Command | Malformed], bool],
    read: Callable[[Command | Malformed], Understood | Misunderstood],
) -> tuple[Understood | Misunderstood, ...]:
    meant = list(islice(filter(is_meant, parse(body)), MOST_COMMANDS + 1))
    found = [read(line) for line in meant[:MOST_COMMANDS]]
    if len(meant) > MOST_COMMANDS:
        problem = (
            f"A comment may hold {MOST_COMMANDS} commands, and this one holds more. This command, and what follows it, "
            "was not carried out. Give it in another comment."
        )
        found.append(Misunderstood(meant[MOST_COMMANDS].name, problem))
    return tuple(found)


def understand(
    command: Command | Malformed, *, known: Collection[CommandName] = tuple(CommandName)
) -> Understood | Misunderstood:
    """Answer what a command asks for, its arguments by the names of the fields they fill."""
    if command.name not in known:
        return Misunderstood(command.name, _unknown(command.name, known))
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
    missing = _missing(spec, fields)
    if missing is not None:
        return Misunderstood(command.name, f"`/{spec.name}` needs {missing}. {_example(spec)}")
    return Understood(spec.name, fields)


def meant_command(name: str, known: Collection[CommandName] = tuple(CommandName)) -> CommandName | None:
    """Answer the command that was probably meant: one that begins like it, or is spelled nearly so."""
    names = tuple(str(each) for each in known)
    beginning = [each for each in names if each.startswith(name)] if len(name) > 1 else []
    found = beginning[0] if len(beginning) == 1 else nearest(name, names)
    return None if found is None else CommandName(found)


def _is_meant_for_us(line: Command | Malformed) -> bool:
    if line.name in SPECS or meant_command(line.name) is not None:
        return True
    return isinstance(line, Command) and not line.text and not line.arguments


def _is_about_promotions(line: Command | Malformed) -> bool:
    if line.name in SPECS:
        return line.name in ON_PULL_REQUESTS
    return bool(get_close_matches(line.name, [str(name) for name in PROMOTION], n=1, cutoff=_ALIKE))


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


def _missing(spec: Spec, fields: Mapping[str, str]) -> str | None:
    """Answer how the first field is called that is needed and not there, or there and no such thing."""
    for name, called in spec.required.items():
        value = fields.get(name, "")
        if not value or (name == spec.positional and not re.fullmatch(spec.looks, value, re.IGNORECASE)):
            return called
    return None


def _unknown(name: str, known: Collection[CommandName]) -> str:
    meant = meant_command(name, known)
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
