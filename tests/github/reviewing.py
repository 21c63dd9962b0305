"""What emulate lacks of GitHub about reviewed commits: checks, environments, approvals, and by what they came."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY
from tests.github.messages import Answer, Request, answer, invalid, page, refusal
from tests.github.people import MADE_AT, short_user

if TYPE_CHECKING:
    from tests.github.gaps import Gaps

ROOT = f"/repos/{REPOSITORY}"
MOST_ANNOTATIONS = 50
WORST = ("failure", "error", "pending", "success")


@dataclass(slots=True)
class Reviewing:
    """What people and programs said. `environments` are the reviewers by name (None: nobody has to review).

    `approvals` are the words on a run, `later_approvals` those given after they were first asked for; `statuses` the
    latest by commit and context. By the id of a check run: `apps` who reported it, `jobs` the address that it leads to,
    `suites` the event that it is of (the latest of each is listed). `lag` is how many more times GitHub does not know
    yet by which pull request a commit came; `rebased` are commits that came by a pull request without being its merge;
    `heads` are the last commits of pull requests that were pushed to, `authors` who wrote and committed their commits,
    and `merges` the commits that merges made, where a repository of git stands beside emulate's own.
    `may_read_actions` is False for a token without `actions: read`.
    """

    environments: dict[str, list[str] | None] = field(default_factory=dict)
    prevents_self_review: bool = False
    can_admins_bypass: bool = True
    approvals: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    later_approvals: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)
    apps: dict[int, str] = field(default_factory=dict)
    jobs: dict[int, str] = field(default_factory=dict)
    started: dict[int, str] = field(default_factory=dict)
    suites: dict[int, int] = field(default_factory=dict)
    annotations: dict[int, int] = field(default_factory=dict)
    lag: int = 0
    rebased: dict[str, list[int]] = field(default_factory=dict)
    heads: dict[int, str] = field(default_factory=dict)
    merges: dict[int, str] = field(default_factory=dict)
    authors: dict[int, list[tuple[str | None, str | None]]] = field(default_factory=dict)
    may_read_actions: bool = True


def pulls_of_commit(gaps: "Gaps", request: Request, *, commit: str) -> Answer | None:
    known = gaps.reviewing
    if known.lag > 0:
        known.lag -= 1
        return page([], request, url=gaps.url)
    found = [
        listed_pull(each)
        for each in (as_in_git(gaps, pull) for pull in gaps.read_all(f"{ROOT}/pulls?state=all"))
        if each["number"] in known.rebased.get(commit, ())
        or commit in {each.get("merge_commit_sha"), each["head"]["sha"]}
    ]
    return page(found, request, url=gaps.url)


def listed_pull(pull: Mapping[str, Any]) -> dict[str, Any]:
    """A pull request in a list: without who merged it."""
    return {name: value for name, value in pull.items() if name not in {"merged", "merged_by"}}


def read_pull(gaps: "Gaps", _: Request, *, number: str) -> Answer | None:
    """emulate does not notice that somebody pushed to the branch."""
    known = gaps.reviewing
    if int(number) not in known.heads.keys() | known.merges.keys():
        return None
    return answer(200, as_in_git(gaps, gaps.read(f"{ROOT}/pulls/{number}").json))


def commits_of_pull(gaps: "Gaps", request: Request, *, number: str) -> Answer | None:
    """The commits that `authors` names, else one by who opened it; each by (author, committer), None for nobody."""
    pull = gaps.read(f"{ROOT}/pulls/{number}")
    if pull.status != 200:
        return pull
    people = gaps.reviewing.authors.get(int(number), [(pull.json["user"]["login"], "web-flow")])
    commits = [listed_commit(gaps, position, *each) for position, each in enumerate(people, start=1)]
    return page(commits[:250], request, url=gaps.url)


def listed_commit(gaps: "Gaps", position: int, author: str | None, committer: str | None) -> dict[str, Any]:
    sha, address = f"{position:040x}", f"{gaps.url}{ROOT}/commits/{position:040x}"
    told = {"author": git_user(author), "committer": git_user(committer), "comment_count": 0, "message": "Change"}
    return {
        "url": address,
        "sha": sha,
        "node_id": f"C_{position}",
        "html_url": f"https://github.com/{REPOSITORY}/commit/{sha}",
        "comments_url": f"{address}/comments",
        "commit": told | {"url": address, "tree": {"sha": sha, "url": address}},
        "author": account(gaps, author),
        "committer": account(gaps, committer),
        "parents": [],
    }


def git_user(login: str | None) -> dict[str, Any]:
    """What git was told: an address as it is, else one of the account's."""
    address = login if login is not None and "@" in login else f"{login or 'nobody'}@example.com"
    return {"name": "Somebody", "email": address, "date": MADE_AT}


def account(gaps: "Gaps", login: str | None) -> dict[str, Any] | None:
    """The account that GitHub knows by an address; web-flow is its own."""
    if login is None or "@" in login:
        return None
    known = gaps.read(f"/users/{login if login != 'web-flow' else 'ada'}").json
    return short_user(known) | {"login": login}


def as_in_git(gaps: "Gaps", pull: Mapping[str, Any]) -> dict[str, Any]:
    """A pull request with the commits that it has in the repository, where emulate knows others."""
    known, number = gaps.reviewing, pull["number"]
    head = pull["head"] | {"sha": known.heads.get(number, pull["head"]["sha"])}
    return {**pull, "head": head, "merge_commit_sha": known.merges.get(number, pull["merge_commit_sha"])}


def review(gaps: "Gaps", request: Request, *, number: str) -> Answer | None:
    """GitHub answers 200 where emulate says 201, and notes the last commit as the one that was looked at."""
    head = gaps.reviewing.heads.get(int(number))
    content = request.json | ({"commit_id": head} if head else {})
    done = gaps.send(Request("POST", request.target, json.dumps(content).encode(), request.login))
    return Answer(200, done.body, done.headers) if done.status == 201 else done


def combined_status(gaps: "Gaps", request: Request, *, commit: str) -> Answer | None:
    states = gaps.reviewing.statuses.get(commit, {})
    statuses = [
        {
            "url": f"{gaps.url}{ROOT}/statuses/{commit}",
            "avatar_url": None,
            "id": number,
            "node_id": f"SC_{number}",
            "state": state,
            "description": None,
            "target_url": None,
            "context": context,
            "created_at": MADE_AT,
            "updated_at": MADE_AT,
        }
        for number, (context, state) in enumerate(states.items(), start=1)
    ]
    shown = page(statuses, request, url=gaps.url)
    content = {
        "state": next((each for each in WORST if each in states.values()), "pending"),
        "statuses": shown.json,
        "sha": commit,
        "total_count": len(statuses),
        "repository": minimal_repository(gaps),
        "commit_url": f"{gaps.url}{ROOT}/commits/{commit}",
        "url": f"{gaps.url}{ROOT}/commits/{commit}/status",
    }
    return answer(200, content, **({"link": shown.headers["link"]} if "link" in shown.headers else {}))


def minimal_repository(gaps: "Gaps") -> Any:
    return gaps.read(ROOT).json | {"network_count": 0, "subscribers_count": 0}


def set_status(gaps: "Gaps", request: Request, *, commit: str) -> Answer | None:
    content = request.json
    context = content.get("context", "default")
    gaps.reviewing.statuses.setdefault(commit, {})[context] = content["state"]
    creator = short_user(gaps.read(f"/users/{request.login}").json)
    made = {"url": "", "avatar_url": None, "id": 1, "node_id": "SC_1", "state": content["state"], "description": None}
    made |= {"target_url": None, "context": context, "created_at": MADE_AT, "updated_at": MADE_AT, "creator": creator}
    return answer(201, made)


def list_check_runs(gaps: "Gaps", request: Request, *, commit: str) -> Answer | None:
    """emulate knows no app, no address of a job, no page of them, and one event alone."""
    wanted = request.query.get("check_name")
    found = gaps.read(f"{ROOT}/commits/{commit}/check-runs?filter=all")
    if found.status != 200 and commit not in {*gaps.reviewing.heads.values(), *gaps.reviewing.merges.values()}:
        return found
    listed = found.json["check_runs"] if found.status == 200 else runs_of(gaps, commit)
    if request.query.get("filter", "latest") == "latest":
        suites = gaps.reviewing.suites
        youngest = {
            (each["name"], suites.get(each["id"], 0)): each for each in sorted(listed, key=lambda run: run["id"])
        }
        listed = list(youngest.values())
    runs = [whole_check(gaps, each) for each in listed if wanted in {None, each["name"]}]
    shown = page(runs, request, url=gaps.url)
    content = {"total_count": len(runs), "check_runs": shown.json}
    return answer(200, content, **({"link": shown.headers["link"]} if "link" in shown.headers else {}))


def runs_of(gaps: "Gaps", commit: str) -> list[Any]:
    """The check runs of a commit that emulate takes reports about, and does not know."""
    known = (gaps.read(f"{ROOT}/check-runs/{number}").json for number in gaps.reviewing.apps)
    return [each for each in known if each["head_sha"] == commit]


def whole_check(gaps: "Gaps", run: Mapping[str, Any]) -> dict[str, Any]:
    known, number = gaps.reviewing, run["id"]
    started = known.started.get(number, run["started_at"] or MADE_AT)
    output = run["output"] | {
        "annotations_count": known.annotations.get(number, 0),
        "annotations_url": f"{gaps.url}{ROOT}/check-runs/{number}/annotations",
    }
    suite = {"id": run["check_suite"]["id"]} if run.get("check_suite") else None
    address = known.jobs.get(number, run["details_url"])
    more = {"app": app(known.apps.get(number, "github-actions")), "details_url": address, "started_at": started}
    return {**run, "output": output, "check_suite": suite, **more}


def app(slug: str) -> dict[str, Any]:
    """An app with everything that GitHub's description requires of one."""
    owner = {
        "login": "github",
        "id": 9919,
        "node_id": "O_9919",
        "avatar_url": "https://github.com/a",
        "gravatar_id": "",
    }
    links = ("url", "html_url", "followers_url", "following_url", "gists_url", "starred_url", "subscriptions_url")
    owner |= dict.fromkeys(
        (*links, "organizations_url", "repos_url", "events_url", "received_events_url"), "https://github.com/github"
    )
    owner |= {"type": "Organization", "site_admin": False}
    return {
        "id": 15368,
        "slug": slug,
        "node_id": "A_15368",
        "owner": owner,
        "name": slug,
        "description": None,
        "external_url": "https://github.com",
        "html_url": f"https://github.com/apps/{slug}",
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
        "permissions": {"checks": "write"},
        "events": [],
    }


def write_check_run(gaps: "Gaps", request: Request, *, number: str = "") -> Answer | None:
    """GitHub takes fifty annotations at a time, and adds those of a later request to the earlier ones."""
    annotations = len((request.json.get("output") or {}).get("annotations") or ())
    if annotations > MOST_ANNOTATIONS:
        return invalid("CheckRun", "annotations", "too_many", "No more than 50 annotations are taken at once.")
    done = gaps.send(request)
    if done.status >= 300:
        return done
    run = done.json
    counts = gaps.reviewing.annotations
    counts[run["id"]] = counts.get(run["id"], 0) + annotations
    gaps.reviewing.apps.setdefault(run["id"], "github-actions" if request.login == ACTIONS_BOT else "other-ci")
    return answer(done.status, whole_check(gaps, run))


def read_check_run(gaps: "Gaps", _: Request, *, number: str) -> Answer | None:
    found = gaps.read(f"{ROOT}/check-runs/{number}")
    return answer(200, whole_check(gaps, found.json)) if found.status == 200 else found


def list_environments(gaps: "Gaps", _: Request) -> Answer | None:
    if not gaps.reviewing.may_read_actions:
        return refusal(403, "Resource not accessible by integration")
    known = [environment(gaps, name) for name in gaps.reviewing.environments]
    return answer(200, {"total_count": len(known), "environments": known})


def read_environment(gaps: "Gaps", _: Request, *, name: str) -> Answer | None:
    """GitHub answers 404 both for what is not there and for what may not be seen."""
    named = {each.casefold(): each for each in gaps.reviewing.environments}
    if not gaps.reviewing.may_read_actions or name.casefold() not in named:
        return refusal(404, "Not Found")
    return answer(200, environment(gaps, named[name.casefold()]))


def environment(gaps: "Gaps", name: str) -> dict[str, Any]:
    reviewers = gaps.reviewing.environments[name]
    rules: list[dict[str, Any]] = [{"id": 1, "node_id": "GR_1", "type": "branch_policy"}]
    if reviewers is not None:
        asked = {"prevent_self_review": gaps.reviewing.prevents_self_review}
        shown = [reviewer(gaps, each) for each in reviewers]
        rules.append({"id": 2, "node_id": "GR_2", "type": "required_reviewers", "reviewers": shown} | asked)
    return {
        "id": 56780428,
        "node_id": "EN_1",
        "name": name,
        "url": f"{gaps.url}{ROOT}/environments/{name}",
        "html_url": f"https://github.com/{REPOSITORY}/deployments/activity_log?environments_filter={name}",
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
        "protection_rules": rules,
        "can_admins_bypass": gaps.reviewing.can_admins_bypass,
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
    }


def reviewer(gaps: "Gaps", name: str) -> dict[str, Any]:
    from tests.github.people import team

    kind, _, slug = name.partition(":")
    if kind == "team":
        return {"type": "Team", "reviewer": simple_team(team("acme", slug, 1, url=gaps.url))}
    return {"type": "User", "reviewer": short_user(gaps.read(f"/users/{name}").json)}


def simple_team(whole: Mapping[str, Any]) -> dict[str, Any]:
    added = {"members_count", "repos_count", "organization", "created_at", "updated_at"}
    return {name: value for name, value in whole.items() if name not in added} | {"parent": None}


def run_approvals(gaps: "Gaps", _: Request, *, run: str) -> Answer | None:
    if not gaps.reviewing.may_read_actions:
        return refusal(403, "Resource not accessible by integration")
    given = [approval(gaps, each) for each in gaps.reviewing.approvals.get(int(run), [])]
    later = gaps.reviewing.later_approvals.pop(int(run), [])  # given while the next job of the run waits
    gaps.reviewing.approvals.setdefault(int(run), []).extend(later)
    return answer(200, given)


def approval(gaps: "Gaps", given: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("id", "node_id", "name", "url", "html_url", "created_at", "updated_at")
    named = [environment(gaps, name) for name in given["environments"]]
    return {
        "state": given["state"],
        "comment": given["comment"],
        "environments": [{key: each[key] for key in kept} for each in named],
        "user": short_user(gaps.read(f"/users/{given['by']}").json),
    }


ROUTES = (
    ("GET", rf"{ROOT}/commits/(?P<commit>[^/]+)/pulls", pulls_of_commit),
    ("GET", rf"{ROOT}/pulls/(?P<number>\d+)", read_pull),
    ("GET", rf"{ROOT}/pulls/(?P<number>\d+)/commits", commits_of_pull),
    ("POST", rf"{ROOT}/pulls/(?P<number>\d+)/reviews", review),
    ("GET", rf"{ROOT}/commits/(?P<commit>[^/]+)/status", combined_status),
    ("POST", rf"{ROOT}/statuses/(?P<commit>[^/]+)", set_status),
    ("GET", rf"{ROOT}/commits/(?P<commit>[^/]+)/check-runs", list_check_runs),
    ("POST", rf"{ROOT}/check-runs", write_check_run),
    ("PATCH", rf"{ROOT}/check-runs/(?P<number>\d+)", write_check_run),
    ("GET", rf"{ROOT}/check-runs/(?P<number>\d+)", read_check_run),
    ("GET", rf"{ROOT}/environments", list_environments),
    ("GET", rf"{ROOT}/environments/(?P<name>.+)", read_environment),
    ("GET", rf"{ROOT}/actions/runs/(?P<run>\d+)/approvals", run_approvals),
)
