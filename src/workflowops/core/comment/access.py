"""Who may give a command: the role that GitHub vouches for, and the lists of the configuration."""

from collections.abc import Mapping

from workflowops.core.comment.commands import SPECS, CommandName
from workflowops.core.incident.policy import CommandRule, Role

_ORDER = tuple(Role)


def is_at_least(role: Role, least: Role) -> bool:
    """Say whether a role includes another one."""
    return _ORDER.index(role) >= _ORDER.index(least)


def least_role(name: CommandName, rule: CommandRule | None) -> Role:
    """Answer the least role for a command. A rule may raise or lower it, and never below its lowest."""
    spec = SPECS[name]
    wanted = spec.least_role if rule is None or rule.role is None else rule.role
    return wanted if is_at_least(wanted, spec.lowest_role) else spec.lowest_role


def refusal(
    name: CommandName, *, login: str, role: Role, rule: CommandRule | None, memberships: Mapping[str, bool | None]
) -> str | None:
    """Answer why somebody may not give a command, in a sentence; None when they may.

    `memberships` says of the rule's teams whether they are in it, None where that could not be read. What is not known
    counts as no.
    """
    least = least_role(name, rule)
    if not is_at_least(role, least):
        return f"`/{name}` takes the role `{least}` in this repository, and GitHub says `{role}`."
    if rule is None or not (rule.users or rule.teams):
        return None
    if login.casefold() in {user.removeprefix("@").casefold() for user in rule.users}:
        return None
    if any(memberships.get(team) for team in rule.teams):
        return None
    unread = [team for team in rule.teams if memberships.get(team) is None]
    if unread:
        teams = " and ".join(f"`{team}`" for team in unread)
        return f"`/{name}` is for some people only, and who is in {teams} cannot be read with the token of this run."
    return f"`/{name}` is for the people and teams that the configuration names, and you are not among them."
