"""What emulate lacks of GitHub about a repository's settings: rules, Actions, secrets' names, and pinned issues."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.github.emulate_server import ACTIONS_BOT, OWNER, REPOSITORY
from tests.github.messages import Answer, Request, answer, page, refusal
from tests.github.people import MADE_AT, short_user

from workflowops.core.doctor.ref_patterns import is_meant

if TYPE_CHECKING:
    from tests.github.gaps import Gaps

ROOT = f"/repos/{REPOSITORY}"
NO_PERMISSION = "Resource not accessible by integration"
NO_RULES = "Upgrade to GitHub Pro or make this repository public to enable this feature."
MOST_PINS = 3


@dataclass(slots=True)
class Settings:
    """What is set in the repository o/r. Administrators see all of it, the token of a job does not.

    `git` is a bare repository whose files and branches count in place of `files` and `branches` (name -> protected).
    `classic` are branch protections by branch, `rulesets` as GitHub answers them. Of workflows, by path: `states`,
    `since` when they were first seen, and `scheduled`, the time and the conclusion of the last run by schedule.
    `secrets` and `variables` are names, `environment_secrets` those by environment. `lacking` are the permissions that
    the token of a job does not have, `hidden` those of which GitHub answers 404 instead; `has_rules` is False on a plan
    without rules. `overview` is merged into what is answered about the repository, `scopes` are those of a classic
    token by login.
    """

    git: Path | None = None
    files: set[str] = field(default_factory=set)
    branches: dict[str, bool] = field(default_factory=lambda: {"main": False})
    classic: dict[str, dict[str, Any]] = field(default_factory=dict)
    rulesets: list[dict[str, Any]] = field(default_factory=list)
    has_rules: bool = True
    states: dict[str, str] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    scheduled: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    actions: dict[str, Any] = field(default_factory=lambda: {"enabled": True, "allowed_actions": "all"})
    may_open_pull_requests: bool = True
    secrets: set[str] = field(default_factory=set)
    variables: set[str] = field(default_factory=set)
    organization_secrets: set[str] = field(default_factory=set)
    environment_secrets: dict[str, set[str]] = field(default_factory=dict)
    deployment_branches: dict[str, list[str]] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    overview: dict[str, Any] = field(default_factory=dict)
    plan: str | None = None
    scopes: dict[str, str] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    pin_refusal: str | None = None

    def paths(self) -> set[str]:
        """Every file of the default branch."""
        return self.files if self.git is None else set(_git(self.git, "ls-tree", "-r", "--name-only", "main"))

    def heads(self) -> dict[str, bool]:
        """Every branch, and whether it is protected."""
        if self.git is None:
            return self.branches
        names = _git(self.git, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")
        return {name: self.branches.get(name, False) for name in names}

    def add_rules(self, name: str, *types: str, include: tuple[str, ...], bypass: str = "never", **more: Any) -> None:
        """Make an active ruleset for branches, or for what `target` says; `reviews` are those of a pull request."""
        reviews = more.pop("reviews", 0)
        self.rulesets.append(
            {
                "id": len(self.rulesets) + 1,
                "name": name,
                "target": "branch",
                "source_type": "Repository",
                "source": REPOSITORY,
                "enforcement": "active",
                "current_user_can_bypass": bypass,
                "conditions": {"ref_name": {"include": list(include), "exclude": []}},
                "rules": [_rule(each, reviews=reviews) for each in types],
            }
            | more
        )


def _git(repository: Path, *arguments: str) -> list[str]:
    done = subprocess.run(["git", "-C", repository, *arguments], check=False, capture_output=True, text=True)
    return done.stdout.splitlines()


def _rule(kind: str, *, reviews: int) -> dict[str, Any]:
    asked: dict[str, dict[str, Any]] = {
        "pull_request": {
            "required_approving_review_count": reviews,
            "dismiss_stale_reviews_on_push": False,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        },
        "required_status_checks": {"required_status_checks": [], "strict_required_status_checks_policy": False},
    }
    return {"type": kind} | ({"parameters": asked[kind]} if kind in asked else {})


def is_administrator(gaps: "Gaps", request: Request) -> bool:
    return gaps.roles.get(request.login or "") == "admin"


def lacking(gaps: "Gaps", request: Request, **_: str) -> Answer | None:
    """What the token of a job lacks is refused as GitHub words it."""
    if request.login != ACTIONS_BOT:
        return None
    for permission, pattern in PERMISSIONS.items():
        if not re.fullmatch(pattern, request.path):
            continue
        if permission in gaps.settings.hidden:
            return refusal(404, "Not Found")
        if permission in gaps.settings.lacking:
            return refusal(403, NO_PERMISSION, x_accepted_github_permissions=f"{permission.replace('-', '_')}=read")
    return None


PERMISSIONS = {
    "issues": rf"{ROOT}/(issues|labels).*",
    "pull-requests": rf"{ROOT}/pulls.*",
    "contents": rf"{ROOT}/(contents|branches).*",
    "actions": rf"{ROOT}/(actions/workflows|environments).*",
}


def for_administrators(gaps: "Gaps", request: Request, **_: str) -> Answer | None:
    return None if is_administrator(gaps, request) else refusal(403, NO_PERMISSION)


def read_organization(gaps: "Gaps", request: Request, *, organization: str) -> Answer | None:
    """An organization; the plan is for its owners' eyes."""
    if organization != OWNER:
        return None
    links = ("repos", "events", "hooks", "issues", "members", "public_members", "avatar", "html")
    shown = {f"{name}_url": f"{gaps.url}/orgs/{OWNER}/{name}" for name in links} | {"url": f"{gaps.url}/orgs/{OWNER}"}
    shown |= dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    shown |= {"login": OWNER, "id": 7, "node_id": "O_7", "type": "Organization", "description": None}
    shown |= {"has_organization_projects": True, "has_repository_projects": True, "archived_at": None}
    shown |= {"created_at": MADE_AT, "updated_at": MADE_AT}
    if gaps.settings.plan is not None and is_administrator(gaps, request):
        shown["plan"] = {"name": gaps.settings.plan, "space": 1, "private_repos": 1}
    return answer(200, shown)


def read_branch(gaps: "Gaps", _: Request, *, branch: str) -> Answer | None:
    heads = gaps.settings.heads()
    if branch not in heads:
        return refusal(404, "Branch not found")
    address = f"{gaps.url}{ROOT}/branches/{quote(branch, safe='')}"
    links = {"self": address, "html": f"https://github.com/{REPOSITORY}/tree/{branch}"}
    shown = {"name": branch, "commit": _commit(gaps), "_links": links, "protected": heads[branch]}
    return answer(200, shown | {"protection": {"enabled": heads[branch]}, "protection_url": f"{address}/protection"})


def list_branches(gaps: "Gaps", request: Request) -> Answer | None:
    heads = gaps.settings.heads()
    commit = {"sha": "1" * 40, "url": f"{gaps.url}{ROOT}/commits/{'1' * 40}"}
    return page([{"name": name, "commit": commit, "protected": heads[name]} for name in heads], request, url=gaps.url)


def _commit(gaps: "Gaps") -> dict[str, Any]:
    sha = "1" * 40
    address = f"{gaps.url}{ROOT}/commits/{sha}"
    author = {"name": "Ada", "email": "ada@example.com", "date": MADE_AT}
    told = {"url": address, "author": author, "committer": author, "message": "Begin", "comment_count": 0}
    shown = {"url": address, "sha": sha, "node_id": "C_1", "html_url": address, "comments_url": f"{address}/comments"}
    user = short_user(gaps.read("/users/ada").json)
    tree = {"sha": sha, "url": address}
    return shown | {"commit": told | {"tree": tree}, "author": user, "committer": user, "parents": []}


def read_protection(gaps: "Gaps", request: Request, *, branch: str) -> Answer | None:
    if not is_administrator(gaps, request):
        return refusal(403, NO_PERMISSION)
    found = gaps.settings.classic.get(branch)
    return answer(200, found) if found is not None else refusal(404, "Branch not protected")


def branch_rules(gaps: "Gaps", request: Request, *, branch: str) -> Answer | None:
    if not gaps.settings.has_rules:
        return refusal(403, NO_RULES)
    rules = [
        rule | {"ruleset_source_type": "Repository", "ruleset_source": REPOSITORY, "ruleset_id": each["id"]}
        for each in gaps.settings.rulesets
        if each["target"] == "branch" and each["enforcement"] == "active" and _holds(each, f"refs/heads/{branch}")
        for rule in each["rules"]
    ]
    return page(rules, request, url=gaps.url)


def _holds(ruleset: Mapping[str, Any], ref: str) -> bool:
    names = ruleset["conditions"]["ref_name"]
    return is_meant(ref, include=names["include"], exclude=names["exclude"], is_default=ref == "refs/heads/main")


def list_rulesets(gaps: "Gaps", request: Request) -> Answer | None:
    """A list tells neither the rules nor the conditions."""
    if not gaps.settings.has_rules:
        return refusal(403, NO_RULES)
    hidden = {"rules", "conditions", "current_user_can_bypass"}
    shown = [{key: value for key, value in each.items() if key not in hidden} for each in gaps.settings.rulesets]
    return page(shown, request, url=gaps.url)


def read_ruleset(gaps: "Gaps", _: Request, *, number: str) -> Answer | None:
    found = next((each for each in gaps.settings.rulesets if each["id"] == int(number)), None)
    return answer(200, found) if found is not None else refusal(404, "Not Found")


def list_folder(gaps: "Gaps", _: Request, *, folder: str) -> Answer | None:
    paths = sorted(path for path in gaps.settings.paths() if path.rpartition("/")[0] == folder)
    if not paths:
        return refusal(404, "Not Found")
    return answer(200, [_entry(gaps, path) for path in paths])


def _entry(gaps: "Gaps", path: str) -> dict[str, Any]:
    address = f"{gaps.url}{ROOT}/contents/{path}"
    links = {"git": address, "html": address, "self": address}
    shown = {"type": "file", "size": 1, "name": path.rpartition("/")[2], "path": path, "sha": "2" * 40, "url": address}
    return shown | {"git_url": address, "html_url": address, "download_url": address, "_links": links}


def _workflow_paths(gaps: "Gaps") -> list[str]:
    found = {path for path in gaps.settings.paths() if path.startswith(".github/workflows/")} | set(
        gaps.settings.states
    )
    return sorted(path for path in found if gaps.settings.states.get(path) != "unlisted")


def list_workflows(gaps: "Gaps", request: Request) -> Answer | None:
    address = f"{gaps.url}{ROOT}/actions/workflows"
    found = [
        {
            "id": number,
            "node_id": f"W_{number}",
            "name": path,
            "path": path,
            "state": gaps.settings.states.get(path, "active"),
            "created_at": gaps.settings.since.get(path, MADE_AT),
            "updated_at": MADE_AT,
            "url": f"{address}/{number}",
            "html_url": f"https://github.com/{REPOSITORY}/blob/main/{path}",
            "badge_url": f"https://github.com/{REPOSITORY}/workflows/{number}/badge.svg",
        }
        for number, path in enumerate(_workflow_paths(gaps), start=1)
    ]
    return counted(gaps, request, "workflows", found)


def list_runs(gaps: "Gaps", request: Request, *, number: str) -> Answer | None:
    paths = _workflow_paths(gaps)
    if int(number) > len(paths):
        return refusal(404, "Not Found")
    path = paths[int(number) - 1]
    run = gaps.settings.scheduled.get(path) if request.query.get("event") == "schedule" else None
    return counted(gaps, request, "workflow_runs", [_run(gaps, path, *run)] if run else [])


def _run(gaps: "Gaps", path: str, at: str, conclusion: str | None) -> dict[str, Any]:
    address = f"{gaps.url}{ROOT}/actions/runs/7"
    links = ("jobs", "logs", "check_suite", "artifacts", "cancel", "rerun", "workflow")
    commit = _commit(gaps)["commit"]
    known = {key: commit[key] for key in ("message", "author", "committer")}
    shown = {f"{name}_url": f"{address}/{name}" for name in links} | {"url": address, "previous_attempt_url": None}
    shown |= {"id": 7, "node_id": "R_7", "head_branch": "main", "head_sha": "1" * 40, "path": path, "run_number": 1}
    shown |= {"event": "schedule", "status": "completed" if conclusion else "in_progress", "conclusion": conclusion}
    shown |= {"workflow_id": 1, "html_url": f"https://github.com/{REPOSITORY}/actions/runs/7", "pull_requests": []}
    repository = gaps.read(ROOT).json
    shown |= {"head_commit": known | {"id": "1" * 40, "tree_id": "1" * 40, "timestamp": MADE_AT}}
    shown |= {"created_at": at, "updated_at": at, "run_started_at": at, "display_title": path}
    return shown | {"repository": repository, "head_repository": repository}


def read_actions(gaps: "Gaps", _: Request) -> Answer | None:
    return answer(200, gaps.settings.actions)


def read_workflow_permissions(gaps: "Gaps", _: Request) -> Answer | None:
    allowed = gaps.settings.may_open_pull_requests
    return answer(200, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": allowed})


def list_names(gaps: "Gaps", request: Request, *, kind: str) -> Answer | None:
    settings = gaps.settings
    known = {
        "secrets": settings.secrets, "variables": settings.variables,
        "organization-secrets": settings.organization_secrets, "organization-variables": set(),
    }[kind]  # fmt: skip
    return named(gaps, request, kind.removeprefix("organization-"), known)


def list_environment_secrets(gaps: "Gaps", request: Request, *, name: str) -> Answer | None:
    return named(gaps, request, "secrets", gaps.settings.environment_secrets.get(name, set()))


def named(gaps: "Gaps", request: Request, kind: str, names: set[str]) -> Answer:
    value = {"value": "told"} if kind == "variables" else {}
    shown = [{"name": each, "created_at": MADE_AT, "updated_at": MADE_AT} | value for each in sorted(names)]
    return counted(gaps, request, kind, shown)


def list_deployment_branches(gaps: "Gaps", request: Request, *, name: str) -> Answer | None:
    patterns = gaps.settings.deployment_branches.get(name, ["main"])
    shown = [
        {"id": number, "node_id": f"P_{number}", "name": pattern, "type": "branch"}
        for number, pattern in enumerate(patterns, start=1)
    ]
    return counted(gaps, request, "branch_policies", shown)


def counted(gaps: "Gaps", request: Request, key: str, entries: list[Any]) -> Answer:
    """A page of a list that stands under a key."""
    shown = page(entries, request, url=gaps.url)
    links = {"link": shown.headers["link"]} if "link" in shown.headers else {}
    return answer(200, {"total_count": len(entries), key: shown.json}, **links)


def graphql(gaps: "Gaps", request: Request) -> Answer | None:
    """The two sentences of GraphQL that pin an issue; errors come with the status 200."""
    query, variables = request.json.get("query", ""), request.json.get("variables", {})
    if "pinIssue" not in query:
        return _look_at_pins(gaps, number=int(variables["number"]))
    settings = gaps.settings
    number = int(variables["issue"].removeprefix("I_"))
    refused = settings.pin_refusal or ("Issue is already pinned" if number in settings.pinned else None)
    if refused is None and len(settings.pinned) >= MOST_PINS:
        refused = "Maximum 3 pinned issues per repository"
    if refused is not None:
        error = {"type": "UNPROCESSABLE", "path": ["pinIssue"], "message": refused}
        return answer(200, {"data": {"pinIssue": None}, "errors": [error]})
    settings.pinned.append(number)
    return answer(200, {"data": {"pinIssue": {"issue": {"isPinned": True}}}})


def _look_at_pins(gaps: "Gaps", *, number: int) -> Answer:
    if gaps.read(f"{ROOT}/issues/{number}").status != 200:
        message = f"Could not resolve to an Issue with the number of {number}."
        error = {"type": "NOT_FOUND", "path": ["repository", "issue"], "message": message}
        return answer(200, {"data": {"repository": {"issue": None, "pinnedIssues": None}}, "errors": [error]})
    pinned = gaps.settings.pinned
    nodes = [{"issue": {"number": each}} for each in pinned]
    issue = {"id": f"I_{number}", "isPinned": number in pinned}
    return answer(200, {"data": {"repository": {"issue": issue, "pinnedIssues": {"nodes": nodes}}}})


def shown_repository(gaps: "Gaps", request: Request) -> Answer:
    """emulate leaves two counts out, and knows none of what is set."""
    scopes = gaps.settings.scopes.get(request.login or "")
    content = gaps.read(ROOT).json | {"network_count": 0, "subscribers_count": 0} | gaps.settings.overview
    return answer(200, json.loads(json.dumps(content)), **({"x_oauth_scopes": scopes} if scopes is not None else {}))


ROUTES = (
    ("GET", rf"{ROOT}/(?P<rest>.+)", lacking),
    ("GET", r"/orgs/(?P<organization>[^/]+)", read_organization),
    ("GET", rf"{ROOT}/branches", list_branches),
    ("GET", rf"{ROOT}/branches/(?P<branch>.+)/protection", read_protection),
    ("GET", rf"{ROOT}/branches/(?P<branch>.+)", read_branch),
    ("GET", rf"{ROOT}/rules/branches/(?P<branch>.+)", branch_rules),
    ("GET", rf"{ROOT}/rulesets", list_rulesets),
    ("GET", rf"{ROOT}/rulesets/(?P<number>\d+)", read_ruleset),
    ("GET", rf"{ROOT}/contents/(?P<folder>\.github/(?:workflows|ISSUE_TEMPLATE))", list_folder),
    ("GET", rf"{ROOT}/actions/workflows", list_workflows),
    ("GET", rf"{ROOT}/actions/workflows/(?P<number>\d+)/runs", list_runs),
    ("GET", rf"{ROOT}/environments/(?P<name>[^/]+)/deployment-branch-policies", list_deployment_branches),
    ("GET", rf"{ROOT}/environments/[^/]+/secrets", for_administrators),
    ("GET", rf"{ROOT}/environments/(?P<name>[^/]+)/secrets", list_environment_secrets),
    ("GET", rf"{ROOT}/actions/(permissions(/workflow)?|(organization-)?(secrets|variables))", for_administrators),
    ("GET", rf"{ROOT}/actions/permissions", read_actions),
    ("GET", rf"{ROOT}/actions/permissions/workflow", read_workflow_permissions),
    ("GET", rf"{ROOT}/actions/(?P<kind>(?:organization-)?(?:secrets|variables))", list_names),
    ("POST", "/graphql", graphql),
)
