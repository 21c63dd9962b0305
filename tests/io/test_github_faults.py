import json
import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from tests.io.fake_github import (
    API,
    BROKEN,
    ROOT,
    SINCE,
    TOKEN,
    After,
    FakeGitHub,
    World,
    page_for_people,
    refused,
    replied,
    stub,
    world_of,
)

from workflowops.core.incident.issue import IssueEdit, Label, NewIssue, NewPullRequest, Reaction
from workflowops.errors import (
    GitHubAnswerError,
    GitHubError,
    GitHubForbiddenError,
    GitHubNotFoundError,
    GitHubRejectedError,
    GitHubUnauthorizedError,
    GitHubUnreachableError,
)
from workflowops.io.github import GitHubTracker, exchange

pytestmark = pytest.mark.foreign_answers("a GitHub that is out of order, or something else in its place")

MARKER = "<!-- workflowops:incident 7d1 -->"
NOTE = "<!-- workflowops:note 7d1-2 -->"
NEW = NewIssue(title="Drift", body=f"Text\n{MARKER}", labels=("workflowops:incident",), marker=MARKER)
ADOPT = NewPullRequest(head="adopt", base="trunk", title="Adopt", body="Text")


@pytest.fixture
def world() -> Iterator[World]:
    with world_of() as made:
        made.github.add_issue(1)
        made.github.add_comment(1, "/sync", author="alice")
        yield made


@dataclass(frozen=True)
class Write:
    """A kind of write: how it is asked for, what is sent, where it is looked for, and how often it is there."""

    work: Callable[[GitHubTracker], Any]
    sent: str
    look: tuple[str, ...]
    made: Callable[[FakeGitHub], int]
    before: tuple[str, ...] = ()


LIST = f"GET {ROOT}/issues?direction=desc&labels=workflowops:incident&per_page=100&since=*&sort=created&state=all"
PULLS = f"GET {ROOT}/pulls?head=acme:adopt&per_page=100&state=open"
WRITES = {
    "issue": Write(
        lambda t: t.open_issue(NEW, look_since=None),
        f"POST {ROOT}/issues",
        (LIST,),
        lambda github: sum(MARKER in (each["body"] or "") for each in github.issues.values()),
    ),
    "comment": Write(
        lambda t: t.comment(1, f"Hello {NOTE}", marker=NOTE, look_since=None),
        f"POST {ROOT}/issues/1/comments",
        (f"GET {ROOT}/issues/1/comments?per_page=100&since=*",),
        lambda github: sum(NOTE in each["body"] for each in github.comments[1]),
    ),
    "pull request": Write(
        lambda t: t.open_pull_request(ADOPT),
        f"POST {ROOT}/pulls",
        (PULLS,),
        lambda github: len(github.pulls),
        before=(PULLS,),
    ),
}
AGAIN = {
    "edit": Write(
        lambda t: t.edit_issue(1, IssueEdit(title="T")),
        f"PATCH {ROOT}/issues/1",
        (),
        lambda github: int(github.issues[1]["title"] == "T"),
    ),
    "label": Write(
        lambda t: t.ensure_labels([Label("new", "ff0000", "")]),
        f"POST {ROOT}/labels",
        (),
        lambda github: len(github.labels),
        before=(f"GET {ROOT}/labels?per_page=100",),
    ),
    "reaction": Write(
        lambda t: t.react(1000, Reaction.SEEN),
        f"POST {ROOT}/issues/comments/1000/reactions",
        (),
        lambda github: len(github.reactions.get(1000, [])),
    ),
    "assignees": Write(
        lambda t: t.edit_issue(1, IssueEdit(assignees=("octocat",))),
        f"POST {ROOT}/issues/1/assignees",
        (),
        lambda github: len({each["login"] for each in github.issues[1]["assignees"]}),
    ),
}
ALL = WRITES | AGAIN


def without_times(sent: list[str]) -> list[str]:
    """The requests, with the moment since when something is looked for left out: it is the clock's."""
    return ["&".join("since=*" if p.startswith("since=") else p for p in line.split("&")) for line in sent]


def broken(world: World, write: Write, *faults: Any) -> list[str]:
    """Do a write whose first answers are these; answers what was sent."""
    first = len(write.before) + 1
    steps = [first, first + len(write.look) + 1]
    world.github.mangle = dict(zip(steps, faults, strict=False))
    return without_times(world.asked(lambda: write.work(world.tracker)))


# A write whose answer is lost


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_was_done_before_the_answer_was_lost_is_found_and_not_done_twice(world, write, fault) -> None:
    if write is WRITES["comment"]:
        write_sent = [*write.before, write.sent, *write.look, f"GET {ROOT}/issues/1"]
    else:
        write_sent = [*write.before, write.sent, *write.look]
    assert broken(world, write, After(fault)) == write_sent
    assert write.made(world.github) == 1
    assert world.naps == [3.0]


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_was_not_done_is_looked_for_and_then_sent_once_more(world, write, fault) -> None:
    assert broken(world, write, fault) == [*write.before, write.sent, *write.look, write.sent]
    assert write.made(world.github) == 1


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_is_tried_twice_and_looked_for_twice_and_then_given_up(world, write, fault) -> None:
    with pytest.raises(GitHubError, match="It was tried twice"):
        broken(world, write, fault, fault)
    sent = [*write.before, write.sent, *write.look, write.sent, *write.look]
    assert without_times(world.github.seen) == sent
    assert write.made(world.github) == 0


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_what_the_second_try_did_is_found_as_well(world, write) -> None:
    broken(world, write, BROKEN["502"], After(BROKEN["timeout"]))
    assert write.made(world.github) == 1


@pytest.mark.parametrize("is_done", [True, False], ids=["after it was done", "before it was done"])
@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("write", AGAIN.values(), ids=AGAIN)
def test_what_may_be_done_twice_is_sent_once_more_without_looking(world, write, fault, is_done) -> None:
    assert broken(world, write, After(fault) if is_done else fault) == [*write.before, write.sent, write.sent]
    assert write.made(world.github) == 1


@pytest.mark.parametrize("write", AGAIN.values(), ids=AGAIN)
def test_what_may_be_done_twice_is_given_up_after_two_tries(world, write) -> None:
    with pytest.raises(GitHubAnswerError, match=r"502.*It was tried twice"):
        broken(world, write, BROKEN["502"], BROKEN["502"])
    assert world.github.seen.count(write.sent) == 2


def test_that_an_answer_was_lost_is_told(world) -> None:
    broken(world, WRITES["issue"], After(BROKEN["502"]))
    assert world.told.lines == [
        "Could not open an issue in acme/flows: GitHub failed with 502. It may have been done all the same. "
        "Waiting 3 seconds."
    ]


def test_a_comment_of_a_stranger_is_not_taken_for_the_one_whose_answer_was_lost(world) -> None:
    world.github.add_comment(1, NOTE, author="mallory")
    broken(world, WRITES["comment"], BROKEN["502"])
    assert [each["user"]["login"] for each in world.github.comments[1]].count("mallory") == 1
    assert world.github.bodies[-1] == {"body": f"Hello {NOTE}"} or world.github.seen[-1].startswith("POST")


def test_when_looking_fails_the_write_is_not_sent_again(world) -> None:
    world.github.mangle = {1: After(BROKEN["502"])} | dict.fromkeys(range(2, 9), BROKEN["503"])
    with pytest.raises(GitHubAnswerError, match="503"):
        world.tracker.open_issue(NEW, look_since=None)
    assert [each for each in world.github.seen if each.startswith("POST")] == [f"POST {ROOT}/issues"]


@pytest.mark.parametrize("fault", [BROKEN["502"], refused(403, "Resource not accessible by integration")])
def test_an_issue_counts_as_opened_even_when_nobody_could_be_assigned(world, fault) -> None:
    world.github.mangle = {2: fault, 3: fault}
    issue = world.tracker.open_issue(
        NewIssue(title="T", body=MARKER, labels=("a",), assignees=("octocat",), marker=MARKER), look_since=None
    )
    assert (issue.number, issue.assignees) == (2, ())
    assert any("assign people" in line for line in world.told.lines)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(refused(401, "Bad credentials"), id="401"),
        pytest.param(refused(403, "Resource not accessible by integration"), id="403"),
        pytest.param(refused(400, "Problems parsing JSON"), id="400"),
        pytest.param(refused(409, "Conflict"), id="409"),
        pytest.param(replied(307, {"message": "Moved"}, location=f"{API}/repositories/1/issues"), id="307"),
        pytest.param(requests.exceptions.SSLError("bad certificate"), id="TLS"),
        pytest.param(requests.exceptions.ProxyError("407"), id="proxy"),
    ],
)
@pytest.mark.parametrize("write", ALL.values(), ids=ALL)
def test_a_write_that_was_certainly_not_done_is_neither_looked_for_nor_sent_again(world, write, fault) -> None:
    with pytest.raises(GitHubError):
        broken(world, write, fault)
    assert without_times(world.github.seen) == [*write.before, write.sent]
    assert world.naps == []


# A read that fails

READS: dict[str, Callable[[GitHubTracker], Any]] = {
    "issue": lambda t: t.issue(1),
    "open issues": lambda t: t.open_issues("a"),
    "find": lambda t: t.find_issue("a", MARKER, since=SINCE),
    "role": lambda t: t.role_of("alice"),
    "member": lambda t: t.is_member("alice", team="acme/leads"),
    "branch": lambda t: t.default_branch(),
}


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_is_repeated_while_that_may_help(world, read, fault) -> None:
    world.github.roles = {"alice": ("write", "write")}
    world.github.teams = {"leads": {"alice": "active"}}
    world.github.mangle = {1: fault, 2: fault, 3: fault}
    sent = world.asked(lambda: read(world.tracker))
    assert sent == [sent[0]] * 4
    assert world.naps == [1.0, 2.0, 4.0]
    assert len(world.told.lines) == 3


@pytest.mark.parametrize("fault", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_that_keeps_failing_raises_and_answers_nothing(world, read, fault) -> None:
    world.github.always = fault
    with pytest.raises((GitHubAnswerError, GitHubUnreachableError), match="It was tried 4 times"):
        read(world.tracker)
    assert world.tracker.requests == 4


def test_a_later_page_that_fails_does_not_shorten_the_list(world) -> None:
    for number in range(1, 151):
        world.github.add_issue(number, "a")
    world.github.mangle = {2: BROKEN["502"]}
    assert len(world.tracker.open_issues("a")) == 150
    world.github.mangle = dict.fromkeys(range(5, 9), BROKEN["502"])
    with pytest.raises(GitHubAnswerError):
        world.tracker.open_issues("a")


SAYS = [
    pytest.param(
        refused(401, "Bad credentials"),
        GitHubUnauthorizedError,
        r"does not accept the token \(401\): Bad credentials\.$",
        "GITHUB_TOKEN",
        id="401",
    ),
    pytest.param(
        refused(403, "Resource not accessible by integration"),
        GitHubForbiddenError,
        r"does not allow it \(403\): Resource not accessible",
        "`issues: read` to the `permissions:`",
        id="403 permission",
    ),
    pytest.param(
        refused(403, "Resource not accessible by integration", x_accepted_github_permissions="issues=read"),
        GitHubForbiddenError,
        "403",
        "Add `issues: read` to",
        id="403 as github names it",
    ),
    pytest.param(
        refused(
            403,
            "Resource not accessible by personal access token",
            x_accepted_github_permissions="issues=read; pull_requests=read,contents=read",
        ),
        GitHubForbiddenError,
        "403",
        "`issues: read` or `pull-requests: read` and `contents: read`",
        id="403 with a choice",
    ),
    pytest.param(
        refused(403, "Resource protected by organization SAML enforcement.", x_github_sso="required"),
        GitHubForbiddenError,
        "SAML",
        "single sign-on",
        id="403 single sign-on",
    ),
    pytest.param(
        refused(403, "Repository was archived so is read-only."),
        GitHubForbiddenError,
        "archived",
        "Unarchive",
        id="403 archived",
    ),
    pytest.param(refused(403, "No."), GitHubForbiddenError, r"\(403\): No\.$", "permission|reason", id="403 else"),
    pytest.param(page_for_people(403, "Blocked"), GitHubForbiddenError, r"\(403\)\.$", "reason", id="403 html"),
    pytest.param(refused(404, "Not Found"), GitHubNotFoundError, "404", "GITHUB_REPOSITORY", id="404"),
    pytest.param(
        refused(410, "Issues has been disabled in this repository."),
        GitHubRejectedError,
        "switched off",
        "Features",
        id="410",
    ),
    pytest.param(
        refused(422, "Validation Failed", codes=("invalid",)),
        GitHubRejectedError,
        r"\(422\): Validation Failed: Label name invalid\.",
        "names the reason",
        id="422",
    ),
    pytest.param(
        replied(302, None, location="https://sso.example.org"), GitHubAnswerError, "redirects", "new name", id="302"
    ),
    pytest.param(
        replied(301, None, location="https://evil.example.org/x"),
        GitHubAnswerError,
        "another host",
        "GITHUB_API_URL",
        id="301 elsewhere",
    ),
    pytest.param(
        page_for_people(200, "Log in"), GitHubAnswerError, r"a page for people \(200\)", "login page", id="html"
    ),
    pytest.param(replied(200, {"a": 1}), GitHubAnswerError, "a list was asked for", "GITHUB_API_URL", id="no list"),
    pytest.param(replied(200, [{"a": 1}]), GitHubAnswerError, "an entry is no issue", "GITHUB_API_URL", id="no issue"),
    pytest.param(replied(200, None), GitHubAnswerError, "a list was asked for", "GITHUB_API_URL", id="nothing"),
    pytest.param(
        requests.exceptions.SSLError("certificate verify failed"),
        GitHubUnreachableError,
        "certificate of GitHub is not trusted",
        "REQUESTS_CA_BUNDLE",
        id="TLS",
    ),
    pytest.param(requests.exceptions.ProxyError("x"), GitHubUnreachableError, "proxy", "HTTPS_PROXY", id="proxy"),
    pytest.param(BROKEN["timeout"], GitHubUnreachableError, "within 30 seconds", "githubstatus", id="timeout"),
    pytest.param(BROKEN["reset"], GitHubUnreachableError, "broke the connection off", "githubstatus", id="reset"),
    pytest.param(BROKEN["502"], GitHubAnswerError, r"failed with 502\. It was tried 4", "githubstatus", id="502"),
    pytest.param(BROKEN["cut short"], GitHubAnswerError, "damaged or cut short", "proxy", id="cut short"),
    pytest.param(ValueError("odd header"), GitHubUnreachableError, "ValueError", "GITHUB_API_URL", id="else"),
]


@pytest.mark.parametrize(("answer", "kind", "problem", "fix"), SAYS)
def test_every_failure_has_its_own_error_that_says_what_was_tried_and_what_to_do(
    world, answer, kind, problem, fix
) -> None:
    world.github.always = answer
    with pytest.raises(kind, match=problem) as caught:
        world.tracker.open_issues("a")
    assert type(caught.value) is kind
    assert str(caught.value).startswith("Could not list the issues labelled a in acme/flows: ")
    assert any(part in caught.value.fix for part in fix.split("|"))


def test_a_list_without_an_end_is_given_up(world) -> None:
    world.github.add_issue(2, "a")
    circle = f'<{API}{ROOT}/issues?page=2>; rel="next"'
    world.github.always = replied(200, [stub("issue", number=2, state="open", html_url="x")], link=circle)
    with pytest.raises(GitHubAnswerError, match="no end"):
        world.tracker.open_issues("a")
    assert world.tracker.requests == 2


def test_a_list_of_ever_new_pages_is_given_up(world, monkeypatch) -> None:
    monkeypatch.setattr(exchange, "_MOST_PAGES", 3)
    world.github.mangle = {
        number: replied(200, [], link=f'<{API}{ROOT}/issues?page={number + 1}>; rel="next"') for number in range(1, 9)
    }
    with pytest.raises(GitHubAnswerError, match="no end"):
        world.tracker.open_issues("a")
    assert world.tracker.requests == 3


def test_the_next_page_is_asked_of_the_same_github_whatever_host_is_named(world) -> None:
    elsewhere = f'<https://evil.example.org{ROOT}/issues?page=2>; rel="next"'
    world.github.mangle = {1: replied(200, [], link=elsewhere)}
    world.tracker.open_issues("a")
    assert world.github.seen[1] == f"GET {ROOT}/issues?page=2"


def test_a_redirect_is_followed_in_silence(world, capfd) -> None:
    logging.getLogger("github").setLevel(logging.INFO)
    with world_of() as another:
        another.github.moved = {5: 77}
        another.tracker.issue(5)
    assert capfd.readouterr() == ("", "")


# The token stays ours


def shown(error: BaseException | None) -> str:
    """Everything that may be shown of an error: its texts, those below it, and the traceback."""
    texts = []
    below = error
    while below is not None:
        texts += [str(below), repr(below), str(getattr(below, "fix", "")), str(getattr(below, "__notes__", ""))]
        below = below.__cause__ or below.__context__
    return "\n".join([*texts, *traceback.format_exception(error)]) if error else ""


def caused_by(text: str) -> Exception:
    """A harmless error below which another one tells it."""
    error = requests.exceptions.ConnectionError("Connection aborted.")
    error.__cause__ = ValueError(text)
    return error


ECHOES = [
    pytest.param(lambda text: refused(422, text), id="message"),
    pytest.param(lambda text: refused(403, "x" * 280 + text), id="cut in the middle"),
    pytest.param(lambda text: refused(400, text.upper()), id="in capitals"),
    pytest.param(lambda text: refused(422, "No", codes=(text,)), id="errors"),
    pytest.param(lambda text: page_for_people(200, text), id="html"),
    pytest.param(lambda text: page_for_people(502, text), id="502"),
    pytest.param(lambda text: replied(301, None, location=f"https://{text}/"), id="redirect"),
    pytest.param(lambda text: replied(200, {"message": text}), id="foreign JSON"),
    pytest.param(lambda text: (200, {"content-type": "application/json"}, '{"a": ' + text), id="damaged JSON"),
    pytest.param(lambda text: requests.exceptions.ConnectionError(f"Authorization: token {text}"), id="connection"),
    pytest.param(lambda text: requests.exceptions.InvalidHeader(f"token {text}"), id="header"),
    pytest.param(lambda text: requests.exceptions.SSLError(OSError(text)), id="inside"),
    pytest.param(caused_by, id="below"),
    pytest.param(lambda text: refused(403, f"You have exceeded a secondary rate limit {text}"), id="limit"),
]


@pytest.mark.parametrize("write", ALL.values(), ids=ALL)
@pytest.mark.parametrize("echo", ECHOES)
def test_whoever_repeats_the_token_does_not_make_us_tell_it(echo, write, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    with world_of(wait_limit_seconds=0) as world:
        world.github.add_issue(1)
        world.github.always = echo(TOKEN)
        error = None
        try:
            write.work(world.tracker)
        except GitHubError as caught:
            error = caught
        logged = [record.getMessage() for record in caplog.records]
        told = [shown(error), *world.told.lines, repr(world.tracker), str(vars(world.tracker)), *logged]
        assert TOKEN[:16].lower() not in "\n".join(told).lower()


@given(
    status=st.sampled_from([200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502]),
    body=st.one_of(
        st.text(max_size=60),
        st.dictionaries(st.sampled_from(["message", "errors", "number", "state", "user"]), st.text(max_size=20)).map(
            json.dumps
        ),
    ),
    kind=st.sampled_from(["application/json", "text/html", ""]),
    name=st.sampled_from(sorted(ALL)),
    place=st.integers(0, 3),
)
def test_no_answer_makes_anything_but_one_of_our_errors_and_none_tells_the_token(
    status, body, kind, name, place
) -> None:
    with world_of(wait_limit_seconds=0) as world:
        world.github.add_issue(1)
        world.github.always = (status, {"content-type": kind}, body[:place] + TOKEN + body[place:])
        error = None
        try:
            ALL[name].work(world.tracker)
        except GitHubError as caught:
            error = caught
        assert TOKEN[:16].lower() not in "\n".join([shown(error), *world.told.lines]).lower()
        assert error is None or error.fix


def test_what_strangers_wrote_is_one_short_printable_line(world) -> None:
    world.github.always = refused(422, "\x1b[31m::error::\n" + "a" * 5_000)
    with pytest.raises(GitHubRejectedError) as caught:
        world.tracker.open_issues("a")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 500


def test_a_github_of_ones_own_is_named_and_asked_below_its_prefix() -> None:
    with world_of(api_url="https://github.example.com/api/v3/") as world:
        world.github.add_issue(1, repository_url=f"https://github.example.com/api/v3{ROOT}")
        assert world.tracker.issue(1).number == 1
        world.github.always = refused(401, "Bad credentials")
        with pytest.raises(GitHubUnauthorizedError, match=r"GitHub at github\.example\.com does not accept"):
            world.tracker.issue(1)
