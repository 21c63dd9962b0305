"""A GitHub that keeps what it is told, breaks off and limits as the real one does, and a tracker in front of it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import requests
import responses
from tests.github.contract import DESCRIPTION

from workflowops.io.github import GitHubTracker

TOKEN = "ghs_SecretOfTheTest0123456789abcdefABCDEF"
REPOSITORY = "acme/flows"
ROOT = f"/repos/{REPOSITORY}"
SITE = f"https://github.com/{REPOSITORY}"
API = "https://api.github.com"
US = "github-actions[bot]"
SINCE = "2026-11-22T10:00:00Z"
DATE = "Sun, 22 Nov 2026 10:00:00 GMT"

Reply = tuple[int, Mapping[str, str], str]


@cache
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_bytes())["$defs"]
    return found


def stub(kind: str, **changes: Any) -> dict[str, Any]:
    """An object with everything that GitHub's description requires of its kind, and nothing else."""
    made: dict[str, Any] = _example({"$ref": f"#/$defs/{kind}"})
    return made | changes


def _example(schema: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _example(_description()[schema["$ref"].rpartition("/")[2]])
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _example(schema[several][0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object" or "required" in schema:
        return {name: _example(schema["properties"][name]) for name in schema.get("required", ())}
    return {"array": [], "boolean": False, "integer": 1, "number": 1, "string": "", "null": None}[schema["type"]]


def person(login: str) -> dict[str, Any]:
    return stub("simple-user", login=login)


def replied(status: int, data: Any = None, **headers: str) -> Reply:
    """An answer in JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = "" if data is None else json.dumps(data)
    return status, {"content-type": "application/json; charset=utf-8", "date": DATE} | named, text


def refused(status: int, message: str, *, codes: tuple[str, ...] = (), **headers: str) -> Reply:
    """A refusal as GitHub words it."""
    data: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest", "status": "4xx"}
    if codes:
        data["errors"] = [{"resource": "Label", "field": "name", "code": code} for code in codes]
    return replied(status, data, **headers)


def page_for_people(status: int, title: str) -> Reply:
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>"
    return status, {"content-type": "text/html; charset=utf-8"}, text


BROKEN = {
    "502": page_for_people(502, "Unicorn!"),
    "500": replied(500, {"message": "Server Error"}),
    "503": refused(503, "Service Unavailable"),
    "timeout": requests.exceptions.ReadTimeout("Read timed out. (read timeout=30)"),
    "reset": requests.exceptions.ConnectionError(ConnectionResetError(104, "Connection reset by peer")),
    "cut short": (200, {"content-type": "application/json"}, '{"number": 1, "title": "Dri'),
    "broken transfer": requests.exceptions.ChunkedEncodingError("IncompleteRead(10 bytes read)"),
}
"""What may come back although the write was done."""


@dataclass(frozen=True)
class After:
    """The request is carried out, and then this comes back."""

    reply: Reply | Exception


@dataclass
class FakeGitHub:
    """One repository. `mangle` replaces the answer to the n-th request (from 1): instead of it, or `After` it.

    `seen` are the requests as `METHOD path?query`, `bodies` what they held. `is_installation` is how GITHUB_TOKEN is.
    """

    us: str = US
    is_installation: bool = True
    has_issues: bool = True
    is_readable: bool = True
    full_name: str = REPOSITORY
    issues: dict[int, dict[str, Any]] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    reactions: dict[int, list[str]] = field(default_factory=dict)
    assignable: set[str] = field(default_factory=lambda: {"octocat", "hubot"})
    refuses_assignees: bool = False
    roles: dict[str, tuple[str, str]] = field(default_factory=dict)
    teams: dict[str, dict[str, str]] = field(default_factory=dict)
    mangle: dict[int, Reply | Exception | After] = field(default_factory=dict)
    always: Reply | Exception | None = None
    seen: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, request: requests.PreparedRequest) -> Reply | Exception:
        parts = urlsplit(request.url or "")
        assert parts.netloc in {"api.github.com:443", "github.example.com:443"}
        path = unquote(parts.path).removeprefix("/api/v3")
        self.seen.append(f"{request.method} {path}{'?' if parts.query else ''}{unquote(parts.query)}")
        self.bodies.append(json.loads(request.body) if request.body else None)
        self.headers.append(dict(request.headers))
        mangled = self.mangle.get(len(self.seen), self.always)
        if mangled is not None and not isinstance(mangled, After):
            return mangled
        answer = self._answer(str(request.method), path, dict(parse_qsl(parts.query)), self.bodies[-1])
        return mangled.reply if isinstance(mangled, After) else answer

    # What is there

    def add_issue(self, number: int, *labels: str, body: str = "", author: str | None = None, **changes: Any) -> None:
        self.issues[number] = (
            stub(
                "issue",
                number=number,
                html_url=f"{SITE}/issues/{number}",
                repository_url=f"{API}{ROOT}",
                title=f"Issue {number}",
                state="open",
                labels=[stub("label", name=name) for name in labels],
                assignees=[],
                user=person(author or self.us),
                body=body,
            )
            | changes
        )

    def add_comment(self, number: int, body: str, *, author: str | None = None) -> dict[str, Any]:
        said = self.comments.setdefault(number, [])
        identity = number * 1_000 + len(said)
        url = f"{SITE}/issues/{number}#issuecomment-{identity}"
        made = stub(
            "issue-comment",
            id=identity,
            html_url=url,
            issue_url=f"{API}{ROOT}/issues/{number}",
            body=body,
            user=person(author or self.us),
        )
        said.append(made)
        return made

    def add_pull(self, head: str, *, repository: str = REPOSITORY, kind: str = "pull-request-simple") -> dict[str, Any]:
        made = stub(kind, number=500 + len(self.pulls), state="open", body="")
        made |= {"html_url": f"{SITE}/pull/{made['number']}"}
        made["head"] |= {"ref": head, "repo": stub("repository", full_name=repository)}
        self.pulls.append(made)
        return made

    # How it answers

    def _answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> Reply:
        if not self.is_readable:
            return refused(404, "Not Found")
        for verb, pattern, handle in ROUTES:
            found = re.fullmatch(pattern, path)
            if verb == method and found:
                return handle(self, query, body, *found.groups())
        return refused(404, "Not Found")

    def _repository(self, query: Mapping[str, str], body: Any) -> Reply:
        return replied(
            200,
            stub("full-repository", full_name=self.full_name, default_branch="trunk", has_issues=self.has_issues),
        )

    def _list_issues(self, query: Mapping[str, str], body: Any) -> Reply:
        if not self.has_issues:
            return refused(410, "Issues has been disabled in this repository.")
        found = [
            issue
            for issue in self.issues.values()
            if query.get("state", "open") in {issue["state"], "all"}
            and query.get("labels", "").casefold() in {"", *(label["name"].casefold() for label in issue["labels"])}
        ]
        return self._paged(f"{ROOT}/issues", query, sorted(found, key=lambda each: -each["number"]))

    def _paged(self, path: str, query: Mapping[str, str], entries: list[Any]) -> Reply:
        size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
        following = "&".join(f"{name}={quote(value)}" for name, value in {**query, "page": str(number + 1)}.items())
        has_more = len(entries) > size * number
        links = {"link": f'<{API}{path}?{following}>; rel="next", <{API}{path}?page=9>; rel="last"'} if has_more else {}
        return replied(200, entries[size * (number - 1) : size * number], **links)

    def _issue(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        if int(number) in self.moved:
            there = f"{API}/repos/acme/elsewhere/issues/{self.moved[int(number)]}"
            return replied(301, {"message": "Moved Permanently"}, location=there)
        if int(number) in self.deleted:
            return refused(410, "This issue was deleted")
        found = self.issues.get(int(number))
        return refused(404, "Not Found") if found is None else replied(200, found)

    def _elsewhere(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        return replied(
            200,
            stub(
                "issue",
                number=int(number),
                html_url=f"https://github.com/acme/elsewhere/issues/{number}",
                repository_url=f"{API}/repos/acme/elsewhere",
                state="open",
                user=person(self.us),
            ),
        )

    def _open(self, query: Mapping[str, str], body: Any) -> Reply:
        if not self.has_issues:
            return refused(410, "Issues has been disabled in this repository.")
        number = max(self.issues, default=0) + 1
        self.add_issue(number, *body["labels"], body=body["body"], title=body["title"])
        return replied(201, self.issues[number])

    def _edit(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        found = self._issue(query, body, number)
        if found[0] != 200:
            return found
        labels = {"labels": [stub("label", name=name) for name in body["labels"]]} if "labels" in body else {}
        self.issues[int(number)] |= {**body, **labels}
        return replied(200, self.issues[int(number)])

    def _assign(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        if self.refuses_assignees and not {*body["assignees"]} <= self.assignable:
            return refused(422, "Validation Failed", codes=("invalid",))
        issue = self.issues[int(number)]
        issue["assignees"] += [person(login) for login in body["assignees"] if login in self.assignable]
        return replied(201, issue)

    def _unassign(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        issue = self.issues[int(number)]
        issue["assignees"] = [each for each in issue["assignees"] if each["login"] not in body["assignees"]]
        return replied(200, issue)

    def _list_comments(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        return self._paged(f"{ROOT}/issues/{number}/comments", query, self.comments.get(int(number), []))

    def _comment(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        found = self._issue(query, body, number)
        return found if found[0] != 200 else replied(201, self.add_comment(int(number), body["body"]))

    def _react(self, query: Mapping[str, str], body: Any, comment: str) -> Reply:
        if all(each["id"] != int(comment) for said in self.comments.values() for each in said):
            return refused(404, "Not Found")
        given = self.reactions.setdefault(int(comment), [])
        is_new = body["content"] not in given
        given += [body["content"]] if is_new else []
        return replied(201 if is_new else 200, stub("reaction", content=body["content"]))

    def _list_labels(self, query: Mapping[str, str], body: Any) -> Reply:
        return self._paged(f"{ROOT}/labels", query, list(self.labels.values()))

    def _label(self, query: Mapping[str, str], body: Any) -> Reply:
        if body["name"].casefold() in {name.casefold() for name in self.labels}:
            return refused(422, "Validation Failed", codes=("already_exists",))
        self.labels[body["name"]] = stub("label", **body)
        return replied(201, self.labels[body["name"]])

    def _role(self, query: Mapping[str, str], body: Any, login: str) -> Reply:
        if login not in self.roles:
            return refused(404, f"{login} is not a user")
        permission, role = self.roles[login]
        user = _example(_description()["nullable-collaborator"]["anyOf"][1]) | {"login": login}
        return replied(
            200, stub("repository-collaborator-permission", permission=permission, role_name=role, user=user)
        )

    def _membership(self, query: Mapping[str, str], body: Any, team: str, login: str) -> Reply:
        state = self.teams.get(team, {}).get(login)
        return refused(404, "Not Found") if state is None else replied(200, stub("team-membership", state=state))

    def _team(self, query: Mapping[str, str], body: Any, team: str) -> Reply:
        return replied(200, stub("team-full")) if team in self.teams else refused(404, "Not Found")

    def _user(self, query: Mapping[str, str], body: Any) -> Reply:
        if self.is_installation:
            return refused(403, "Resource not accessible by integration")
        return replied(200, stub("public-user", login=self.us))

    def _list_pulls(self, query: Mapping[str, str], body: Any) -> Reply:
        head = query["head"].partition(":")[2]
        return self._paged(f"{ROOT}/pulls", query, [each for each in self.pulls if each["head"]["ref"] == head])

    def _pull(self, query: Mapping[str, str], body: Any) -> Reply:
        if any(each["head"]["ref"] == body["head"] for each in self.pulls):
            return refused(422, "Validation Failed", codes=("custom",))
        made = self.add_pull(body["head"], kind="pull-request")
        answer = replied(201, made)
        self.pulls[-1] = stub("pull-request-simple") | {
            name: made[name] for name in ("number", "html_url", "head", "state")
        }
        return answer

    def _edit_pull(self, query: Mapping[str, str], body: Any, number: str) -> Reply:
        found = next(each for each in self.pulls if each["number"] == int(number))
        found |= body
        return replied(200, stub("pull-request") | {name: found[name] for name in ("number", "html_url", "body")})


_ANY = "([^/]+)"
_HERE = re.escape(ROOT)
ROUTES: list[tuple[str, str, Callable[..., Reply]]] = [
    ("GET", _HERE, FakeGitHub._repository),
    ("GET", f"{_HERE}/issues", FakeGitHub._list_issues),
    ("POST", f"{_HERE}/issues", FakeGitHub._open),
    ("GET", rf"{_HERE}/issues/(\d+)", FakeGitHub._issue),
    ("GET", r"/repos/acme/elsewhere/issues/(\d+)", FakeGitHub._elsewhere),
    ("PATCH", rf"{_HERE}/issues/(\d+)", FakeGitHub._edit),
    ("PATCH", r"/repos/acme/elsewhere/issues/(\d+)", FakeGitHub._elsewhere),
    ("POST", rf"{_HERE}/issues/(\d+)/assignees", FakeGitHub._assign),
    ("DELETE", rf"{_HERE}/issues/(\d+)/assignees", FakeGitHub._unassign),
    ("GET", rf"{_HERE}/issues/(\d+)/comments", FakeGitHub._list_comments),
    ("POST", rf"{_HERE}/issues/(\d+)/comments", FakeGitHub._comment),
    ("POST", rf"{_HERE}/issues/comments/(\d+)/reactions", FakeGitHub._react),
    ("GET", f"{_HERE}/labels", FakeGitHub._list_labels),
    ("POST", f"{_HERE}/labels", FakeGitHub._label),
    ("GET", f"{_HERE}/collaborators/{_ANY}/permission", FakeGitHub._role),
    ("GET", f"/orgs/acme/teams/{_ANY}/memberships/{_ANY}", FakeGitHub._membership),
    ("GET", f"/orgs/acme/teams/{_ANY}", FakeGitHub._team),
    ("GET", "/user", FakeGitHub._user),
    ("GET", f"{_HERE}/pulls", FakeGitHub._list_pulls),
    ("POST", f"{_HERE}/pulls", FakeGitHub._pull),
    ("PATCH", rf"{_HERE}/pulls/(\d+)", FakeGitHub._edit_pull),
]


@dataclass
class Told:
    """What the person who watches was shown."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)


@dataclass
class World:
    """A GitHub, the tracker that talks to it, what was told, and how long was slept."""

    github: FakeGitHub
    tracker: GitHubTracker
    told: Told
    naps: list[float]

    def asked(self, work: Callable[[], Any]) -> list[str]:
        """The requests that a piece of work sends; the tracker counts them too, but for redirects that are followed."""
        before, counted = len(self.github.seen), self.tracker.requests
        work()
        sent = self.github.seen[before:]
        followed = [each for each in sent if "/repos/acme/elsewhere/" in each]
        assert self.tracker.requests - counted == len(sent) - len(followed)
        return sent


@contextmanager
def world_of(github: FakeGitHub | None = None, **options: Any) -> Iterator[World]:
    """Let requests to GitHub's API reach a fake; nothing else is reachable."""
    github = github or FakeGitHub()
    told = Told()
    naps: list[float] = []
    defaults = {"api_url": API, "progress": told, "sleep": naps.append, "seconds_between_writes": 0.0}
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            mock.add_callback(method, re.compile(r"https://(api\.github|github\.example)\.com:443/.*"), callback=github)
        with GitHubTracker(REPOSITORY, TOKEN, **{**defaults, **options}) as tracker:
            yield World(github, tracker, told, naps)
