"""The GitHub of the tests behaves like GitHub where emulate alone does not, and fails as it is told to."""

from typing import Any

import pytest
import requests
from tests.github.emulate_server import ACTIONS_BOT, token_of
from tests.github.faults import FaultKind
from tests.github.proxy import OUTSIDER, GitHub

ISSUES = "/repos/o/r/issues"


def ask(
    github: GitHub, method: str, path: str, content: Any = None, *, login: str | None = ACTIONS_BOT, timeout: float = 10
) -> requests.Response:
    """Ask over the network, as the program does."""
    headers = {"Authorization": f"token {token_of(login)}"} if login else {}
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method, github.url + path, json=content, headers=headers, timeout=timeout, allow_redirects=False
        )


def open_issue(github: GitHub, title: str = "Drift", **more: Any) -> int:
    return github.ask("POST", ISSUES, {"title": title, **more}, login=ACTIONS_BOT)["number"]


def test_a_token_that_nobody_has_is_refused(github) -> None:
    answer = requests.get(f"{github.url}{ISSUES}", headers={"Authorization": "token stolen"}, timeout=10)
    assert answer.status_code == 401


def test_the_bot_writes_as_a_bot(github) -> None:
    number = open_issue(github)
    user = ask(github, "POST", f"{ISSUES}/{number}/comments", {"body": "Hello"}).json()["user"]
    assert (user["login"], user["type"]) == (ACTIONS_BOT, "Bot")
    assert ask(github, "GET", "/user").status_code == 403


def test_times_have_no_fractions_and_addresses_are_the_proxys(github) -> None:
    issue = ask(github, "GET", f"{ISSUES}/{open_issue(github)}").json()
    assert issue["created_at"][-4:-3] == ":"
    assert issue["url"].startswith(f"{github.url}/")


@pytest.mark.parametrize(
    ("login", "role", "permission"),
    [
        pytest.param("olga", "admin", "admin", id="admin"),
        pytest.param("max", "maintain", "write", id="maintain folds into write"),
        pytest.param("ada", "write", "write", id="write"),
        pytest.param("tess", "triage", "read", id="triage folds into read"),
        pytest.param(OUTSIDER, "read", "read", id="everybody reads what is public"),
    ],
)
def test_roles_are_told(github, login, role, permission) -> None:
    found = ask(github, "GET", f"/repos/o/r/collaborators/{login}/permission").json()
    assert (found["role_name"], found["permission"]) == (role, permission)


def test_the_role_of_nobody_is_not_found(github) -> None:
    assert ask(github, "GET", "/repos/o/r/collaborators/no-such-login/permission").status_code == 404


def test_a_jobs_token_reads_no_team_and_an_apps_does(github) -> None:
    github.gaps.teams["acme/leads"] = {"ada"}
    path = "/orgs/acme/teams/leads"
    assert ask(github, "GET", f"{path}/memberships/ada").status_code == 403
    github.gaps.are_teams_readable = True
    assert ask(github, "GET", f"{path}/memberships/ada").json()["state"] == "active"
    assert ask(github, "GET", f"{path}/memberships/max").status_code == 404
    assert ask(github, "GET", path).json()["slug"] == "leads"
    assert ask(github, "GET", "/orgs/acme/teams/others").status_code == 404


def test_a_reaction_is_made_once(github) -> None:
    number = open_issue(github)
    comment = github.ask("POST", f"{ISSUES}/{number}/comments", {"body": "/help"}, login="ada")["id"]
    path = f"{ISSUES}/comments/{comment}/reactions"
    assert [ask(github, "POST", path, {"content": "eyes"}).status_code for _ in range(2)] == [201, 200]
    assert [each["content"] for each in ask(github, "GET", path).json()] == ["eyes"]
    assert ask(github, "POST", f"{ISSUES}/comments/999/reactions", {"content": "eyes"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        pytest.param("POST", ISSUES, {"title": "T", "body": "x" * 65_537}, id="body of an issue"),
        pytest.param("POST", f"{ISSUES}/1/comments", {"body": "x" * 65_537}, id="comment"),
        pytest.param("PATCH", f"{ISSUES}/1", {"body": "x" * 65_537}, id="edited body"),
        pytest.param("POST", ISSUES, {"title": "x" * 257}, id="title"),
        pytest.param("POST", "/repos/o/r/labels", {"name": "x" * 51, "color": "ffffff"}, id="label"),
        pytest.param("POST", f"{ISSUES}/1/labels", {"labels": ["x" * 51]}, id="label on an issue"),
        pytest.param("PATCH", f"{ISSUES}/1", {"labels": ["x" * 51]}, id="label in an edit"),
        pytest.param(
            "POST",
            "/repos/o/r/labels",
            {"name": "x", "color": "ffffff", "description": "x" * 101},
            id="description of a label",
        ),
        pytest.param("POST", ISSUES, {"title": "T", "assignees": [OUTSIDER]}, id="somebody who cannot be assigned"),
    ],
)
def test_what_is_too_much_is_refused_with_the_field(github, method, path, content) -> None:
    open_issue(github)
    answer = ask(github, method, path, content)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"]


def test_the_most_that_github_takes_is_taken(github) -> None:
    number = open_issue(github, title="x" * 256, body="x" * 65_536, labels=["x" * 50])
    assert ask(github, "POST", f"{ISSUES}/{number}/comments", {"body": "x" * 65_536}).status_code == 201


def test_a_label_is_one_whatever_its_case(github) -> None:
    open_issue(github, labels=["Bug"])
    again = ask(github, "POST", "/repos/o/r/labels", {"name": "bug", "color": "ffffff"})
    assert again.json()["errors"][0]["code"] == "already_exists"
    assert len(ask(github, "GET", f"{ISSUES}?labels=bug").json()) == 1


def test_whoever_cannot_be_assigned_is_left_out_later(github) -> None:
    number = open_issue(github)
    answer = ask(github, "POST", f"{ISSUES}/{number}/assignees", {"assignees": ["ada", OUTSIDER]})
    assert answer.status_code == 201
    assert [each["login"] for each in answer.json()["assignees"]] == ["ada"]


def test_pull_requests_stand_among_the_issues(github) -> None:
    open_issue(github)
    pull = github.ask("POST", "/repos/o/r/pulls", {"title": "P", "head": "topic", "base": "main"})["number"]
    listed = {each["number"]: "pull_request" in each for each in ask(github, "GET", ISSUES).json()}
    assert listed == {1: False, pull: True}
    assert "pull_request" in ask(github, "GET", f"{ISSUES}/{pull}").json()


def test_one_head_has_one_open_pull_request(github) -> None:
    content = {"title": "P", "head": "topic", "base": "main"}
    assert ask(github, "POST", "/repos/o/r/pulls", content).status_code == 201
    again = ask(github, "POST", "/repos/o/r/pulls", content)
    assert again.status_code == 422
    assert "already exists for o:topic" in again.json()["errors"][0]["message"]
    github.gaps.branches = {"other"}
    absent = ask(github, "POST", "/repos/o/r/pulls", {**content, "head": "absent"}).json()
    assert (absent["errors"][0]["field"], absent["errors"][0]["code"]) == ("head", "invalid")


def test_since_includes_its_own_second(github) -> None:
    number = open_issue(github)
    comment = ask(github, "POST", f"{ISSUES}/{number}/comments", {"body": "Hello"}).json()
    for path in (ISSUES, f"{ISSUES}/{number}/comments"):
        assert len(ask(github, "GET", f"{path}?since={comment['updated_at']}").json()) == 1
        assert ask(github, "GET", f"{path}?since=2999-01-01T00:00:00Z").json() == []


def test_pages_lead_to_each_other(github) -> None:
    for number in range(5):
        open_issue(github, title=f"Issue {number}")
    address, seen = f"{ISSUES}?per_page=2&sort=created&direction=asc", []
    while address:
        answer = ask(github, "GET", address)
        seen += [each["number"] for each in answer.json()]
        address = answer.links.get("next", {}).get("url", "").removeprefix(github.url)
    assert seen == [1, 2, 3, 4, 5]


def test_a_deleted_issue_is_gone_everywhere(github) -> None:
    number = open_issue(github)
    github.gaps.deleted.add(number)
    assert ask(github, "GET", f"{ISSUES}/{number}").status_code == 410
    assert ask(github, "POST", f"{ISSUES}/{number}/comments", {"body": "Hello"}).status_code == 410
    assert ask(github, "GET", ISSUES).json() == []


def test_a_transferred_issue_has_moved(github) -> None:
    number = open_issue(github)
    github.gaps.transferred[number] = 12
    answer = ask(github, "GET", f"{ISSUES}/{number}")
    assert answer.status_code == 301
    moved = ask(github, "GET", answer.headers["location"].removeprefix(github.url)).json()
    assert moved["url"].endswith("/repos/o/elsewhere/issues/12")


def test_a_locked_issue_takes_comments_of_those_who_write_alone(github) -> None:
    number = open_issue(github)
    github.ask("PUT", f"{ISSUES}/{number}/lock")
    statuses = {
        login: ask(github, "POST", f"{ISSUES}/{number}/comments", {"body": "Hello"}, login=login).status_code
        for login in ("ada", "tess", OUTSIDER, ACTIONS_BOT)
    }
    assert statuses == {"ada": 201, "tess": 403, OUTSIDER: 403, ACTIONS_BOT: 403}


@pytest.mark.parametrize(
    ("kind", "status", "is_done"),
    [
        pytest.param(FaultKind.BAD_GATEWAY_BEFORE, 502, False, id="502 before"),
        pytest.param(FaultKind.BAD_GATEWAY_AFTER, 502, True, id="502 after"),
        pytest.param(FaultKind.SERVER_ERROR, 500, False, id="500"),
        pytest.param(FaultKind.SECONDARY_LIMIT, 403, False, id="secondary limit"),
        pytest.param(FaultKind.PRIMARY_LIMIT, 403, False, id="primary limit"),
        pytest.param(FaultKind.TOO_MANY, 429, False, id="429"),
        pytest.param(FaultKind.RESET_BEFORE, None, False, id="reset before"),
        pytest.param(FaultKind.RESET_AFTER, None, True, id="reset after"),
        pytest.param(FaultKind.SILENCE_AFTER, None, True, id="silence after"),
    ],
)
def test_the_second_write_fails_and_is_done_or_not(github, kind, status, is_done) -> None:
    github.fail(kind, "POST", ISSUES, at=(2,))
    found: list[int | None] = []
    for number in range(3):
        try:
            found.append(ask(github, "POST", ISSUES, {"title": f"Issue {number}"}, timeout=0.5).status_code)
        except (requests.ConnectionError, requests.Timeout):
            found.append(None)
    assert found == [201, status, 201]
    assert github.count("POST", ISSUES) == 3
    titles = {each["title"] for each in github.ask("GET", ISSUES)}
    assert ("Issue 1" in titles) is is_done


def test_everything_asked_is_recorded_and_can_be_counted(github) -> None:
    open_issue(github)
    ask(github, "GET", f"{ISSUES}/1")
    ask(github, "POST", f"{ISSUES}/1/comments", {"body": "Hello"})
    assert (github.count(), github.count("GET"), github.count(path=r".*/comments")) == (2, 1, 1)
    assert github.writes() == ["POST /repos/o/r/issues/1/comments"]
    assert [each.login for each in github.asked] == [ACTIONS_BOT] * 2
    github.forget()
    assert github.count() == 0


def test_what_the_contract_forbids_is_told_of_requests_over_the_network(github) -> None:
    ask(github, "GET", f"{ISSUES}?colour=red")
    assert len(github.faults_of_requests) == 1
    github.faults_of_requests.clear()
