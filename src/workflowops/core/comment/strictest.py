"""Who may give which command on an incident whose environment has left the configuration: by the strictest rule."""

from collections.abc import Iterable, Mapping, Sequence

from workflowops.core.comment.access import is_at_least, least_role
from workflowops.core.comment.commands import CommandName
from workflowops.core.incident.policy import CommandRule

NOBODY = ("-nobody-",)
"""A list that nobody is on, for no login begins with a hyphen; a rule without lists would let every such role pass."""


def strictest_rules(known: Sequence[Mapping[str, CommandRule]]) -> dict[str, CommandRule]:
    """Answer one rule for each command that any of these rules is about; the known rules of one place are one mapping.

    The role is the highest that any place asks for, and never below the command's own. Only those pass who stand on
    every list that there is; lists that share nobody let nobody pass.
    """
    names = [name for name in CommandName if any(name in rules for rules in known)]
    return {name: _strictest(name, [rules.get(name) for rules in known]) for name in names}


def _strictest(name: CommandName, rules: Sequence[CommandRule | None]) -> CommandRule:
    role = least_role(name, None)
    for rule in rules:
        least = least_role(name, rule)
        role = least if is_at_least(least, role) else role
    with_lists = [rule for rule in rules if rule is not None and (rule.users or rule.teams)]
    users = _shared({_login(user): user for user in rule.users} for rule in with_lists)
    teams = _shared({team.casefold(): team for team in rule.teams} for rule in with_lists)
    return CommandRule(role=role, users=NOBODY if with_lists and not (users or teams) else users, teams=teams)


def _login(user: str) -> str:
    return user.removeprefix("@").casefold()


def _shared(lists: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Answer the entries that stand on every list."""
    first, *others = [*lists] or [{}]
    return tuple(entry for key, entry in first.items() if all(key in other for other in others))
