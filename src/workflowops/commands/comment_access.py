"""Who may give which command here: asked from GitHub and from the configuration, each time."""

from collections.abc import Mapping, Sequence

from workflowops.commands.ports import IssueTracker
from workflowops.core.comment.access import refusal
from workflowops.core.comment.commands import CommandName
from workflowops.core.incident.policy import CommandRule


def denied_commands(
    tracker: IssueTracker, names: Sequence[CommandName], *, login: str, rules: Mapping[str, CommandRule]
) -> dict[CommandName, str]:
    """Answer the commands that somebody may not give, with the reason. Teams are asked about only where it matters.

    Raises RemoteError when GitHub does not answer: then nobody knows, and nothing may be done.
    """
    role = tracker.role_of(login)
    memberships: dict[str, bool | None] = {}
    denied: dict[CommandName, str] = {}
    for name in dict.fromkeys(names):
        rule = rules.get(name)
        everywhere = dict.fromkeys(() if rule is None else rule.teams, True)
        is_about_teams = refusal(name, login=login, role=role, rule=rule, memberships={}) is not None and (
            refusal(name, login=login, role=role, rule=rule, memberships=everywhere) is None
        )
        for team in everywhere if is_about_teams else ():
            if team not in memberships:
                memberships[team] = tracker.is_member(login, team=team)
        why = refusal(name, login=login, role=role, rule=rule, memberships=memberships)
        if why is not None:
            denied[name] = why
    return denied
