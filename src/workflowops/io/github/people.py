"""What somebody may do, and which team somebody is in. Deny by default: what GitHub does not say is not so."""

from workflowops.core.incident.policy import Role
from workflowops.core.json import Json
from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import foreign_error
from workflowops.io.github.messages import Request
from workflowops.io.github.place import Place, is_login, path_of, team_path
from workflowops.io.github.reading import login_of, text_of

_MEMBERS = "members: read"


def role_of(login: str, exchange: Exchange, place: Place) -> Role:
    """Answer the role of somebody in the repository. One request; none for what cannot be a login.

    `role_name` tells maintain and triage apart; for a role that an organization made itself, the `permission` that it
    is based on counts. 403 and 404 are NONE. Raises GitHubError when GitHub fails.
    Source: docs.github.com, "Get repository permissions for a user".
    """
    if not is_login(login):
        return Role.NONE
    request = Request(
        method="GET",
        path=place.path("collaborators", login, "permission"),
        task=f"ask for the role of {login}",
        needs="metadata: read",
    )
    answer = exchange.read(request, accept={403, 404})
    if answer.status != 200:
        return Role.NONE
    found = _role(text_of(answer.data, "role_name")) or _role(text_of(answer.data, "permission"))
    if found is None:
        raise foreign_error(request, place, lack="it names no role")
    is_same = login_of(answer.data).casefold() == login.casefold() or not _has_user(answer.data)
    return found if is_same else Role.NONE


def is_member(login: str, team: str, exchange: Exchange) -> bool | None:
    """Say whether somebody is an active member of a team (`organization/slug`); None when it cannot be read.

    One request; a second one where GitHub answers 404, which means either "no member" or "you may not see the team".
    The token of a workflow may not see any team. Raises GitHubError when GitHub fails.
    """
    path = team_path(team)
    if path is None or not is_login(login):
        return None
    task = f"ask whether {login} is in the team {team}"
    request = Request(method="GET", path=f"{path}/memberships{path_of(login)}", task=task, needs=_MEMBERS)
    answer = exchange.read(request, accept={403, 404})
    if answer.status == 200:
        return text_of(answer.data, "state") == "active"
    if answer.status == 403:
        return None
    readable = exchange.read(Request(method="GET", path=path, task=task, needs=_MEMBERS), accept={403, 404})
    return False if readable.status == 200 else None


def _role(name: str) -> Role | None:
    return Role(name) if name in set(Role) else None


def _has_user(data: Json) -> bool:
    return isinstance(data, dict) and isinstance(data.get("user"), dict)
