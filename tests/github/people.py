"""What emulate lacks of GitHub about people: roles, teams, whose token it is, and who can be assigned."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.github.emulate_server import ACTIONS_BOT
from tests.github.messages import Answer, Request, answer, refusal

if TYPE_CHECKING:
    from tests.github.gaps import Gaps

ASSIGNABLE = {"triage", "write", "maintain", "admin"}
FOLDED = {"maintain": "write", "triage": "read"}  # what `permission` makes of a `role_name`
MADE_AT = "2026-11-22T10:00:00Z"


def permission(gaps: "Gaps", _: Request, *, login: str) -> Answer | None:
    user = gaps.read(f"/users/{quote(login)}")
    if user.status != 200:
        return refusal(404, f"{login} is not a user")
    role = gaps.roles.get(login, "read")
    content = {"permission": FOLDED.get(role, role), "role_name": role}
    return answer(200, content | {"user": short_user(user.json) | {"role_name": role}})


def short_user(user: Mapping[str, Any]) -> dict[str, Any]:
    """A user as it stands inside of other things."""
    added = {"name", "company", "blog", "location", "email", "hireable", "bio", "twitter_username", "public_repos"}
    added |= {"public_gists", "followers", "following", "created_at", "updated_at"}
    return {name: value for name, value in user.items() if name not in added}


def membership(gaps: "Gaps", _: Request, *, org: str, slug: str, login: str) -> Answer | None:
    if not gaps.are_teams_readable:
        return refusal(403, "Resource not accessible by integration")
    if login not in gaps.teams.get(f"{org}/{slug}", set()):
        return refusal(404, "Not Found")
    address = f"{gaps.url}/organizations/7/team/7/memberships/{login}"
    return answer(200, {"url": address, "role": "member", "state": "active"})


def read_team(gaps: "Gaps", _: Request, *, org: str, slug: str) -> Answer | None:
    if not gaps.are_teams_readable:
        return refusal(403, "Resource not accessible by integration")
    members = gaps.teams.get(f"{org}/{slug}")
    return (
        answer(200, team(org, slug, len(members), url=gaps.url)) if members is not None else refusal(404, "Not Found")
    )


def team(org: str, slug: str, members: int, *, url: str) -> dict[str, Any]:
    """A team with everything that GitHub's description requires of one."""
    at = {"created_at": MADE_AT, "updated_at": MADE_AT}
    links = ("repos", "events", "hooks", "issues", "members", "public_members", "avatar")
    no_numbers = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    organization = {f"{name}_url": f"{url}/orgs/{org}/{name}" for name in links} | at | no_numbers
    organization |= {"login": org, "id": 7, "node_id": "O_7", "url": f"{url}/orgs/{org}", "html_url": f"{url}/{org}"}
    organization |= {"description": None, "type": "Organization", "archived_at": None}
    organization |= {"has_organization_projects": True, "has_repository_projects": True}
    address = f"{url}/organizations/7/team/7"
    return at | {
        "id": 7,
        "node_id": "T_7",
        "url": address,
        "html_url": f"{url}/orgs/{org}/teams/{slug}",
        "members_url": f"{address}/members{{/member}}",
        "repositories_url": f"{address}/repos",
        "name": slug,
        "slug": slug,
        "description": None,
        "permission": "pull",
        "type": "organization",
        "members_count": members,
        "repos_count": 1,
        "organization": organization,
    }


def who_am_i(_: "Gaps", request: Request) -> Answer | None:
    """The token of a job belongs to no user."""
    return refusal(403, "Resource not accessible by integration") if request.login == ACTIONS_BOT else None


def can_be_assigned(gaps: "Gaps", _: Request, *, login: str) -> Answer | None:
    return Answer(204) if gaps.roles.get(login) in ASSIGNABLE else refusal(404, "Not Found")


def assign(gaps: "Gaps", request: Request, *, number: str) -> Answer | None:
    """GitHub leaves out whom it cannot assign, and answers 201."""
    logins = [login for login in request.json.get("assignees", ()) if gaps.roles.get(login) in ASSIGNABLE]
    body = json.dumps({"assignees": logins}).encode()
    done = gaps.send(Request("POST", request.target, body, request.login))
    return Answer(201, done.body, done.headers) if done.status == 200 else done
