"""Pull requests as files: what a reader of the folder sees, and what the rehearsal of a comment needs."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.core.text.golden import assert_golden

from workflowops.core.incident.issue import Label, NewPullRequest, Reaction
from workflowops.core.promotion.review import CheckState, Protection
from workflowops.errors import RemoteError
from workflowops.io.issue_folder import IssueFolder
from workflowops.io.pull_request_folder import PullRequestFolder

MARK = "<!-- workflowops:preview prod -->"
HEAD, MERGE = "1" * 40, "2" * 40


class Clock:
    """A minute passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def folder(tmp_path) -> IssueFolder:
    return IssueFolder(tmp_path / "desk", clock=Clock())


def proposed(folder: IssueFolder) -> int:
    new = NewPullRequest(head="workflowops/promote-prod", base="main", title="Promote to prod", body="Two workflows.")
    number = folder.open_pull_request(new).number
    folder.push(number, commit=HEAD)
    return number


def test_the_page_of_a_pull_request_shows_what_became_of_it(folder, tmp_path) -> None:
    number = proposed(folder)
    folder.set_labels(number, [Label("workflowops:promotion-completed", "0e8a16", "It runs in the target")])
    folder.say(number, f"Orders would be *updated*.\n\n{MARK}", marker=MARK)
    comment = folder.add_comment(number, "octocat", "/approve 0f1e2d")
    folder.react(comment, Reaction.DONE)
    folder.merge(number, by="octocat", commit=MERGE)
    assert_golden("pull_request_page.md", (tmp_path / f"desk/pull-requests/{number}.md").read_text(encoding="utf-8"))


def test_a_comment_on_a_pull_request_is_told_as_github_tells_it(folder) -> None:
    number = proposed(folder)
    event = folder.comment_event(number, folder.add_comment(number, "octocat", "/approve 0f1e2d"))
    assert event["issue"]["number"] == number
    assert event["issue"]["pull_request"]
    assert event["comment"]["body"] == "/approve 0f1e2d"
    assert event["sender"] == {"login": "octocat", "type": "User"}


def test_comments_on_issues_and_pull_requests_share_their_numbers(folder) -> None:
    first, second = (
        proposed(folder),
        folder.open_pull_request(NewPullRequest(head="other", base="main", title="T", body="B")).number,
    )
    assert folder.add_comment(first, "ada", "One") + 1 == folder.add_comment(second, "ada", "Two")


def test_what_is_written_once_is_read_by_the_next(folder, tmp_path) -> None:
    number = proposed(folder)
    folder.merge(number, by="ada", commit=MERGE)
    folder.finish_check(HEAD, "tests", CheckState.PASSED)
    later = PullRequestFolder(tmp_path / "desk")
    assert later.of_commit(MERGE) == folder.pull_request(number)
    assert later.checks(HEAD).states == {"tests": CheckState.PASSED}


def test_files_of_an_earlier_version_are_read(folder, tmp_path) -> None:
    number = proposed(folder)
    path = tmp_path / f"desk/pull-requests/{number}.json"
    earlier = {"number", "title", "body", "head", "base", "state", "author", "created_at"}
    content = {name: value for name, value in json.loads(path.read_bytes()).items() if name in earlier}
    path.write_text(json.dumps(content), encoding="utf-8")
    found = folder.pull_request(number)
    assert found is not None
    assert (found.head, found.is_open, found.labels) == ("", True, ())


def test_nothing_is_guarded_where_nobody_says_so(folder) -> None:
    assert folder.protection("prod") == Protection()
    assert list(folder.run_approvals("4711")) == []


def test_a_folder_that_cannot_be_read_approves_nothing(folder, tmp_path) -> None:
    proposed(folder)
    for name in ("environments.json", "approvals.json"):
        (tmp_path / "desk" / name).write_text('{"prod": ', encoding="utf-8")
    with pytest.raises(RemoteError):
        folder.protection("prod")
    with pytest.raises(RemoteError):
        folder.run_approvals("4711")


@pytest.mark.parametrize("commit", ["../issues/1", "", "a/b", "."])
def test_a_commit_is_no_path(folder, commit) -> None:
    with pytest.raises(RemoteError):
        folder.checks(commit)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda on: on.merge(9, by="ada", commit=MERGE), id="merge"),
        pytest.param(lambda on: on.push(9, commit=HEAD), id="push"),
        pytest.param(lambda on: on.approve_review(9, by="ada"), id="approve"),
        pytest.param(lambda on: on.set_labels(9, []), id="label"),
        pytest.param(lambda on: on.say(9, "Hello", marker=MARK), id="say"),
        pytest.param(lambda on: on.add_comment(9, "ada", "Hello"), id="comment"),
    ],
)
def test_what_is_not_there_cannot_be_changed(folder, act) -> None:
    with pytest.raises(RemoteError, match="9"):
        act(folder)


def test_where_a_pull_request_stands_is_told(folder) -> None:
    number = proposed(folder)
    before = folder.pull_request_state(number)
    folder.merge(number, by="octocat", commit=MERGE)
    after = folder.pull_request_state(number)
    assert before is not None
    assert after is not None
    assert (before.is_open, before.merge_commit) == (True, None)
    assert (after.is_open, after.merge_commit, after.url) == (False, MERGE, before.url)
    assert folder.pull_request_state(99) is None
