"""What emulate lacks of GitHub, or does otherwise: roles, teams, reactions, limits, pull requests among the issues."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from tests.github.emulate_server import ACTIONS_BOT, OWNER, REPOSITORY
from tests.github.messages import Answer, Request, Send, answer, invalid, page, refusal
from tests.github.people import (
    ASSIGNABLE,
    MADE_AT,
    assign,
    can_be_assigned,
    membership,
    permission,
    read_team,
    short_user,
    who_am_i,
)
from tests.github.repository_settings import ROUTES as SETTINGS
from tests.github.repository_settings import Settings, shown_repository
from tests.github.reviewing import ROUTES as REVIEWING
from tests.github.reviewing import Reviewing

LONGEST = {"body": 65_536, "title": 256}
WRITES = {"write", "maintain", "admin"}
REACTIONS = {"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}
ROOT = f"/repos/{REPOSITORY}"
MOVED_TO = f"{OWNER}/elsewhere"


@dataclass(slots=True)
class Gaps:
    """Answers in GitHub's place where emulate would not, or would wrongly; None leaves a request to emulate.

    `roles` are the repository roles by login; who is in none may read, for the repository is public. `teams` are the
    members by `org/slug`; `are_teams_readable` is False as for the token of a job. `branches` are the heads that pull
    requests can be made of; None takes any.
    """

    url: str
    send: Send
    roles: dict[str, str]
    teams: dict[str, set[str]] = field(default_factory=dict)
    are_teams_readable: bool = False
    branches: set[str] | None = None
    deleted: set[int] = field(default_factory=set)
    transferred: dict[int, int] = field(default_factory=dict)
    reactions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    reviewing: Reviewing = field(default_factory=Reviewing)
    settings: Settings = field(default_factory=Settings)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, request: Request) -> Answer | None:
        """Answer what is ours to answer. One request at a time: what looks and then writes must not be overtaken."""
        with self.lock:
            for method, pattern, handle in ROUTES:
                found = re.fullmatch(pattern, request.path) if method == request.method else None
                answered = handle(self, request, **found.groupdict()) if found else None
                if answered is not None:
                    return answered
        return None

    def read(self, target: str, login: str | None = None) -> Answer:
        """Ask emulate."""
        return self.send(Request("GET", target, login=login or ACTIONS_BOT))

    def read_all(self, target: str) -> list[Any]:
        """Every page of one of emulate's lists."""
        items: list[Any] = []
        mark = "&" if "?" in target else "?"
        while True:
            found = self.read(f"{target}{mark}per_page=100&page={len(items) // 100 + 1}").json
            items += found
            if len(found) < 100:
                return items


def too_long(_: Gaps, request: Request) -> Answer | None:
    content = request.json if isinstance(request.json, dict) else {"labels": request.json}
    for name, longest in LONGEST.items():
        if len(content.get(name) or "") > longest:
            return invalid("Issue", name, "custom", f"{name} is too long (maximum is {longest} characters)")
    if any(isinstance(each, str) and len(each) > 50 for each in content.get("labels") or ()):
        return invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)")
    return None


def unassignable(gaps: Gaps, request: Request) -> Answer | None:
    for login in request.json.get("assignees") or ():
        if gaps.roles.get(login) not in ASSIGNABLE:
            return invalid("Issue", "assignees", "invalid")
    return None


def gone(gaps: Gaps, _: Request, *, number: str, rest: str | None) -> Answer | None:
    if int(number) in gaps.deleted:
        return refusal(410, "This issue was deleted")
    if int(number) in gaps.transferred:
        address = f"{gaps.url}/repositories/99/issues/{gaps.transferred[int(number)]}{rest or ''}"
        content = {"message": "Moved Permanently", "url": address, "documentation_url": "https://docs.github.com/rest"}
        return answer(301, content, location=address)
    return None


def moved_issue(gaps: Gaps, _: Request, *, number: str) -> Answer | None:
    before = next((old for old, new in gaps.transferred.items() if new == int(number)), None)
    if before is None:
        return None
    text = gaps.read(f"{ROOT}/issues/{before}").body.decode()
    text = text.replace(f"{REPOSITORY}/issues/{before}", f"{MOVED_TO}/issues/{number}").replace(
        ROOT, f"/repos/{MOVED_TO}"
    )
    return answer(200, json.loads(text) | {"number": int(number)})


def comment_on_moved(gaps: Gaps, request: Request, *, number: str) -> Answer | None:
    if int(number) not in gaps.transferred.values():
        return None
    address = f"{gaps.url}/repos/{MOVED_TO}/issues/{number}"
    author = short_user(gaps.read(f"/users/{quote(request.login or '')}").json)
    content = {
        "id": 9999,
        "body": request.json["body"],
        "html_url": f"{address}#issuecomment-9999",
        "issue_url": address,
    }
    return answer(201, content | {"user": author, "created_at": MADE_AT, "updated_at": MADE_AT})


def as_issue(pull: Mapping[str, Any]) -> dict[str, Any]:
    """A pull request as GitHub shows it among the issues."""
    kept = (
        "id", "node_id", "number", "title", "user", "labels", "state", "locked", "assignee", "assignees", "milestone",
        "created_at", "updated_at", "closed_at", "body", "author_association", "active_lock_reason",
    )  # fmt: skip
    issue_url = pull["url"].replace("/pulls/", "/issues/")
    return {name: pull.get(name) for name in kept} | {
        "url": issue_url,
        "repository_url": issue_url.partition("/issues/")[0],
        "labels_url": f"{issue_url}/labels{{/name}}",
        "comments_url": f"{issue_url}/comments",
        "events_url": f"{issue_url}/events",
        "timeline_url": f"{issue_url}/timeline",
        "html_url": pull["html_url"],
        "comments": pull.get("comments", 0),
        "state_reason": None,
        "closed_by": None,
        "performed_via_github_app": None,
        "pull_request": {
            "url": pull["url"],
            "html_url": pull["html_url"],
            "diff_url": f"{pull['html_url']}.diff",
            "patch_url": f"{pull['html_url']}.patch",
            "merged_at": pull.get("merged_at"),
        },
    }


def list_issues(gaps: Gaps, request: Request) -> Answer | None:
    """emulate leaves pull requests out, tells labels by case, and compares `since` as a text."""
    pulls = [as_issue(each) for each in gaps.read_all(f"{ROOT}/pulls?state=all")]
    found = [*gaps.read_all(f"{ROOT}/issues?state=all"), *pulls]
    wanted = {each.casefold() for each in request.query.get("labels", "").split(",") if each}
    state, key = request.query.get("state", "open"), request.query.get("sort", "created")
    listed = [
        each
        for each in found
        if state in {"all", each["state"]}
        and wanted <= {label["name"].casefold() for label in each["labels"]}
        and each["number"] not in gaps.deleted | set(gaps.transferred)
        and is_since(each, request)
    ]
    listed.sort(
        key=lambda each: (each["comments"] if key == "comments" else each[f"{key}_at"], each["number"]),
        reverse=request.query.get("direction", "desc") == "desc",
    )
    return page(listed, request, url=gaps.url)


def is_since(item: Mapping[str, Any], request: Request) -> bool:
    """Whether something changed at the second of `since` or later."""
    since = request.query.get("since")
    return since is None or seconds(item["updated_at"]) >= seconds(since)


def seconds(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(microsecond=0)


def read_pull_request(gaps: Gaps, _: Request, *, number: str) -> Answer | None:
    """emulate says 404 of a pull request that is read as the issue that it is as well."""
    pull = gaps.read(f"{ROOT}/pulls/{number}")
    return answer(200, as_issue(pull.json)) if pull.status == 200 else None


def list_comments(gaps: Gaps, request: Request, *, number: str) -> Answer | None:
    """emulate knows no `since` here."""
    if gaps.read(f"{ROOT}/issues/{number}/comments").status != 200:
        return None
    comments = gaps.read_all(f"{ROOT}/issues/{number}/comments")
    return page([each for each in comments if is_since(each, request)], request, url=gaps.url)


def comment_on_locked(gaps: Gaps, request: Request, *, number: str) -> Answer | None:
    issue = gaps.read(f"{ROOT}/issues/{number}")
    is_locked = issue.status == 200 and issue.json["locked"]
    if is_locked and (request.login == ACTIONS_BOT or gaps.roles.get(request.login or "") not in WRITES):
        return refusal(403, "Unable to create comment because issue is locked.")
    return None


def react(gaps: Gaps, request: Request, *, comment: str) -> Answer | None:
    if gaps.read(f"{ROOT}/issues/comments/{comment}").status != 200:
        return refusal(404, "Not Found")
    content = request.json.get("content")
    if content not in REACTIONS:
        return invalid("Reaction", "content", "invalid")
    made = gaps.reactions.setdefault(int(comment), [])
    for each in made:
        if each["content"] == content and each["user"]["login"] == request.login:
            return answer(200, each)
    user = short_user(gaps.read(f"/users/{quote(request.login or '')}").json)
    number = sum(len(each) for each in gaps.reactions.values()) + 1
    made.append({"id": number, "node_id": f"R_{number}", "user": user, "content": content, "created_at": MADE_AT})
    return answer(201, made[-1])


def list_reactions(gaps: Gaps, request: Request, *, comment: str) -> Answer | None:
    return page(gaps.reactions.get(int(comment), []), request, url=gaps.url)


def create_label(gaps: Gaps, request: Request) -> Answer | None:
    content = request.json
    if len(content.get("name", "")) > 50:
        return invalid("Label", "name", "custom", "name is too long (maximum is 50 characters)")
    if len(content.get("description") or "") > 100:
        return invalid("Label", "description", "custom", "description is too long (maximum is 100 characters)")
    if content.get("name", "").casefold() in {each["name"].casefold() for each in gaps.read_all(f"{ROOT}/labels")}:
        return invalid("Label", "name", "already_exists")
    return None


def open_pull_request(gaps: Gaps, request: Request) -> Answer | None:
    head = request.json.get("head", "").removeprefix(f"{OWNER}:")
    if gaps.branches is not None and head not in gaps.branches:
        return invalid("PullRequest", "head", "invalid")
    if any(each["head"]["ref"] == head for each in gaps.read_all(f"{ROOT}/pulls?state=open")):
        return invalid("PullRequest", "", "custom", f"A pull request already exists for {OWNER}:{head}.")
    return None


ROUTES: tuple[tuple[str, str, Callable[..., Answer | None]], ...] = (
    ("GET", ROOT, shown_repository),
    *SETTINGS,
    ("GET", rf"{ROOT}/collaborators/(?P<login>[^/]+)/permission", permission),
    ("GET", r"/orgs/(?P<org>[^/]+)/teams/(?P<slug>[^/]+)/memberships/(?P<login>[^/]+)", membership),
    ("GET", r"/orgs/(?P<org>[^/]+)/teams/(?P<slug>[^/]+)", read_team),
    ("GET", "/user", who_am_i),
    ("GET", rf"{ROOT}/assignees/(?P<login>[^/]+)", can_be_assigned),
    ("GET", r"/repositories/99/issues/(?P<number>\d+)", moved_issue),
    ("PATCH", r"/repositories/99/issues/(?P<number>\d+)", moved_issue),
    ("POST", r"/repositories/99/issues/(?P<number>\d+)/comments", comment_on_moved),
    *(
        (method, rf"{ROOT}/issues/(?P<number>\d+)(?P<rest>/.*)?", gone)
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE")
    ),
    *((method, rf"{ROOT}/(issues|pulls)(/\d+(/comments|/labels)?)?", too_long) for method in ("POST", "PATCH", "PUT")),
    ("POST", rf"{ROOT}/issues", unassignable),
    ("PATCH", rf"{ROOT}/issues/\d+", unassignable),
    ("GET", rf"{ROOT}/issues", list_issues),
    ("GET", rf"{ROOT}/issues/(?P<number>\d+)", read_pull_request),
    ("GET", rf"{ROOT}/issues/(?P<number>\d+)/comments", list_comments),
    ("POST", rf"{ROOT}/issues/(?P<number>\d+)/comments", comment_on_locked),
    ("POST", rf"{ROOT}/issues/(?P<number>\d+)/assignees", assign),
    ("POST", rf"{ROOT}/issues/comments/(?P<comment>\d+)/reactions", react),
    ("GET", rf"{ROOT}/issues/comments/(?P<comment>\d+)/reactions", list_reactions),
    ("POST", rf"{ROOT}/labels", create_label),
    ("POST", rf"{ROOT}/pulls", open_pull_request),
    *REVIEWING,
)
