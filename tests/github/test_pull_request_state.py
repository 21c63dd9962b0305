"""Where a pull request stands, as GitHub tells it."""

import pytest
from tests.github.emulate_server import REPOSITORY
from tests.github.proxy import GitHub
from tests.github.reviewers import OnGitHub as Reviewing
from tests.github.trackers import OnGitHub

from workflowops.core.incident.issue import NewIssue, PullRequestState
from workflowops.errors import GitHubError

URL = "/repos/o/r/pulls"


@pytest.fixture
def hands(github: GitHub) -> OnGitHub:
    return OnGitHub(github)


def test_a_pull_request_is_open_then_merged(github, hands) -> None:
    reviewing = Reviewing(github)
    number = reviewing.propose().number
    before = hands.tracker.pull_request_state(number)
    assert before is not None
    assert before == PullRequestState(number=number, url=before.url, is_open=True)
    assert before.url.endswith(f"/{REPOSITORY}/pull/{number}")
    commit = reviewing.merge(number)
    after = hands.tracker.pull_request_state(number)
    assert after == PullRequestState(number=number, url=before.url, is_open=False, merge_commit=commit)


def test_one_that_was_turned_down_has_no_commit(github, hands) -> None:
    number = Reviewing(github).propose().number
    github.ask("PATCH", f"{URL}/{number}", {"state": "closed"})
    found = hands.tracker.pull_request_state(number)
    assert found is not None
    assert (found.is_open, found.merge_commit) == (False, None)


def test_there_is_none_of_a_number_that_is_an_issue_or_nothing(github, hands) -> None:
    new = NewIssue(title="Status", body="All of it.", labels=("workflowops:dashboard",), marker="<!-- dashboard -->")
    issue = hands.tracker.open_issue(new, look_since=None)
    github.forget()
    for number in (issue.number, 99):
        assert hands.tracker.pull_request_state(number) is None
    assert github.count() == 4


@pytest.mark.parametrize("how", ["lacking", "hidden"])
def test_a_token_that_may_not_read_pull_requests_never_hears_that_there_is_none(github, hands, how) -> None:
    number = Reviewing(github).propose().number
    setattr(github.gaps.settings, how, {"pull-requests"})
    with pytest.raises(GitHubError):
        hands.tracker.pull_request_state(number)
