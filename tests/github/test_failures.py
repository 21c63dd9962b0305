"""Against a GitHub that fails: nothing is done twice, nothing is lost, and limits are waited for."""

from collections.abc import Iterator

import pytest
from tests.github.faults import FaultKind
from tests.github.proxy import OUTSIDER, GitHub
from tests.github.trackers import OnGitHub

from workflowops.core.incident.issue import IssueEdit, Label, NewIssue, NewPullRequest, Reaction
from workflowops.errors import RemoteError

LIST = "workflowops:incident"
MARKER = "<!-- workflowops:incident 4711 -->"
NOTE = "<!-- workflowops:note 4711-1 -->"
NEW = NewIssue(title="Drift", body=f"It drifts. {MARKER}", labels=(LIST,), assignees=("ada",), marker=MARKER)
ISSUES = "/repos/o/r/issues"
COMMENTS = rf"{ISSUES}/\d+/comments"
BROKEN = [
    pytest.param(kind, id=kind.value)
    for kind in (
        FaultKind.BAD_GATEWAY_BEFORE,
        FaultKind.BAD_GATEWAY_AFTER,
        FaultKind.SERVER_ERROR,
        FaultKind.RESET_BEFORE,
        FaultKind.RESET_AFTER,
    )
]
LIMITS = [
    pytest.param(FaultKind.SECONDARY_LIMIT, id="403"),
    pytest.param(FaultKind.TOO_MANY, id="429"),
]


@pytest.fixture
def hub(github: GitHub) -> Iterator[OnGitHub]:
    hub = OnGitHub(github)
    with hub.tracker:
        yield hub


def titles(hub: OnGitHub) -> list[str]:
    return [each["title"] for each in hub.github.ask("GET", f"{ISSUES}?state=all")]


@pytest.mark.parametrize("kind", BROKEN)
def test_an_issue_is_opened_once_whenever_the_answer_is_lost(hub, kind) -> None:
    hub.github.fail(kind, "POST", ISSUES)
    issue = hub.tracker.open_issue(NEW, look_since=None)
    assert titles(hub) == ["Drift"]
    assert (issue.number, issue.assignees) == (1, ("ada",))


@pytest.mark.parametrize("kind", BROKEN)
def test_a_comment_is_made_once_whenever_the_answer_is_lost(hub, kind) -> None:
    number = hub.tracker.open_issue(NEW, look_since=None).number
    hub.say(number, OUTSIDER, f"I was first. {NOTE}")
    hub.github.fail(kind, "POST", COMMENTS)
    hub.another_tracker().comment(number, f"Noted. {NOTE}", marker=NOTE, look_since=None)
    assert [author for author, _ in hub.comments(number)] == [OUTSIDER, "github-actions[bot]"]


@pytest.mark.parametrize("kind", BROKEN)
def test_a_pull_request_is_opened_once_whenever_the_answer_is_lost(hub, kind) -> None:
    hub.github.fail(kind, "POST", "/repos/o/r/pulls")
    new = NewPullRequest(head="workflowops/adopt-7", base="main", title="Adopt", body="What n8n runs.")
    first = hub.tracker.open_pull_request(new)
    assert hub.tracker.open_pull_request(new).number == first.number
    assert len(hub.github.ask("GET", "/repos/o/r/pulls")) == 1


@pytest.mark.parametrize("kind", BROKEN)
def test_edits_reactions_and_labels_end_as_they_should_whenever_the_answer_is_lost(hub, kind) -> None:
    number = hub.tracker.open_issue(NEW, look_since=None).number
    comment = hub.say(number, "ada", "/help")
    hub.github.fail(kind, "PATCH", rf"{ISSUES}/\d+")
    hub.github.fail(kind, "POST", r".*/reactions")
    hub.github.fail(kind, "POST", "/repos/o/r/labels")
    hub.tracker.edit_issue(number, IssueEdit(title="Other"))
    hub.tracker.react(comment, Reaction.SEEN)
    hub.tracker.ensure_labels([Label("workflowops:detected", "b60205", "")])
    assert (titles(hub), hub.reactions(number, comment)) == (["Other"], ["eyes"])
    assert "workflowops:detected" in hub.labels()


@pytest.mark.parametrize("kind", BROKEN)
def test_a_read_is_repeated(hub, kind) -> None:
    number = hub.tracker.open_issue(NEW, look_since=None).number
    hub.github.fail(kind, "GET", rf"{ISSUES}/\d+", at=(1, 2))
    issue = hub.tracker.issue(number)
    assert issue is not None
    assert issue.number == number


@pytest.mark.parametrize("kind", LIMITS)
def test_a_limit_is_waited_for_as_long_as_github_says_and_told(hub, kind) -> None:
    hub.github.fail(kind, "POST", ISSUES, retry_after=37)
    hub.tracker.open_issue(NEW, look_since=None)
    assert titles(hub) == ["Drift"]
    assert 37 in hub.waited
    assert any("37 seconds" in line for line in hub.told)


@pytest.mark.parametrize("kind", LIMITS)
def test_a_limit_that_takes_too_long_is_an_error_and_nothing_was_done(hub, kind) -> None:
    hub.github.fail(kind, "POST", ISSUES, retry_after=3_600)
    with pytest.raises(RemoteError):
        hub.tracker.open_issue(NEW, look_since=None)
    assert (titles(hub), sum(hub.waited)) == ([], 0)


def test_what_has_moved_to_another_repository_is_gone_and_never_written_to(hub) -> None:
    number = hub.tracker.open_issue(NEW, look_since=None).number
    hub.github.gaps.transferred[number] = 12
    assert hub.another_tracker().issue(number) is None
    for write in (
        lambda: hub.tracker.comment(number, f"Noted. {NOTE}", marker=NOTE, look_since=None),
        lambda: hub.tracker.edit_issue(number, IssueEdit(title="Other")),
    ):
        with pytest.raises(RemoteError, match="another repository"):
            write()


def test_a_locked_issue_refuses_comments_with_the_reason(hub) -> None:
    number = hub.tracker.open_issue(NEW, look_since=None).number
    hub.github.ask("PUT", f"{ISSUES}/{number}/lock")
    issue = hub.tracker.issue(number)
    assert issue is not None
    assert issue.is_locked
    with pytest.raises(RemoteError, match="locked"):
        hub.tracker.comment(number, f"Noted. {NOTE}", marker=NOTE, look_since=None)


def test_whoever_cannot_be_assigned_is_left_out_and_told(hub) -> None:
    new = NewIssue(title="Drift", body=MARKER, labels=(LIST,), assignees=("ada", OUTSIDER), marker=MARKER)
    assert hub.tracker.open_issue(new, look_since=None).assignees == ("ada",)
    assert any(OUTSIDER in line for line in hub.told)


def test_a_jobs_token_learns_no_membership(hub) -> None:
    hub.github.gaps.are_teams_readable = False
    assert hub.tracker.is_member("ada", team="acme/leads") is None


def test_a_hundred_and_twenty_issues_are_listed_whole(hub) -> None:
    for number in range(120):
        hub.github.ask("POST", ISSUES, {"title": f"Issue {number}", "labels": [LIST]})
    assert len(hub.tracker.open_issues(LIST)) == 120
    assert hub.github.count("GET", ISSUES) == 2
