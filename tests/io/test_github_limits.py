import time
from typing import Any

import pytest
from tests.io.fake_github import DATE, ROOT, After, FakeGitHub, refused, replied, world_of

from workflowops.core.incident.issue import NewIssue
from workflowops.errors import GitHubForbiddenError, GitHubLimitedError

pytestmark = pytest.mark.foreign_answers("GitHub describes its limits apart from its operations")

MARKER = "<!-- workflowops:incident 7d1 -->"
NEW = NewIssue(title="Drift", body=f"Text\n{MARKER}", labels=("workflowops:incident",), marker=MARKER)
TEN = 1795341600
"""`DATE` as a number of seconds."""

SECONDARY = "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
PRIMARY = "API rate limit exceeded for installation ID 1. If you reach out to GitHub Support, please include the ID."


def limited(status: int, message: str, **headers: str) -> Any:
    return refused(status, message, **headers)


WAITS = [
    pytest.param(limited(403, SECONDARY, retry_after="7"), 7.0, id="403 secondary, told"),
    pytest.param(limited(429, SECONDARY, retry_after="7"), 7.0, id="429 secondary, told"),
    pytest.param(limited(429, "", retry_after="7"), 7.0, id="429 without words"),
    pytest.param(limited(403, "", retry_after="7"), 7.0, id="403 without words"),
    pytest.param(limited(403, SECONDARY), 60.0, id="403 secondary, not told"),
    pytest.param(limited(429, "Too many requests"), 60.0, id="429, not told"),
    pytest.param(
        limited(403, "You have triggered an abuse detection mechanism. Please retry your request again later."),
        60.0,
        id="the older wording",
    ),
    pytest.param(limited(403, SECONDARY, retry_after="0"), 1.0, id="at once is after a second"),
    pytest.param(limited(403, SECONDARY, retry_after="soon"), 60.0, id="words"),
    pytest.param(limited(429, "", retry_after="Sun, 22 Nov 2026 10:00:09 GMT"), 9.0, id="a date by its own clock"),
    pytest.param(
        limited(403, PRIMARY, x_ratelimit_remaining="0", x_ratelimit_reset=str(TEN + 30)), 31.0, id="403 primary"
    ),
    pytest.param(
        limited(429, PRIMARY, x_ratelimit_remaining="0", x_ratelimit_reset=str(TEN + 30)), 31.0, id="429 primary"
    ),
    pytest.param(
        limited(403, "", x_ratelimit_remaining="0", x_ratelimit_reset=str(TEN + 30)), 31.0, id="primary, no words"
    ),
    pytest.param(limited(403, PRIMARY, x_ratelimit_remaining="0"), 60.0, id="primary, no reset"),
    pytest.param(
        limited(403, PRIMARY, x_ratelimit_remaining="0", x_ratelimit_reset=str(TEN - 50)), 1.0, id="reset has passed"
    ),
    pytest.param(
        limited(403, SECONDARY, x_ratelimit_remaining="0", x_ratelimit_reset=str(TEN + 3000)),
        60.0,
        id="a secondary limit is not waited for until the reset of the primary one",
    ),
]


def test_the_moments_of_this_file_fit_together() -> None:
    assert time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(TEN)) == DATE


@pytest.mark.parametrize(("answer", "seconds"), WAITS)
def test_a_limited_write_waits_as_github_says_and_is_sent_again_without_looking(answer, seconds) -> None:
    with world_of(FakeGitHub(mangle={1: answer})) as world:
        assert world.tracker.open_issue(NEW, look_since=None).number == 1
        assert world.github.seen == [f"POST {ROOT}/issues"] * 2
        assert world.naps == [seconds]
        assert len(world.told.lines) == 1
        assert f"Waiting {seconds:.0f} second" in world.told.lines[0]
        assert "open an issue" in world.told.lines[0]
        assert "used up" in world.told.lines[0]


@pytest.mark.parametrize(("answer", "seconds"), WAITS)
def test_a_limited_read_waits_as_github_says(answer, seconds) -> None:
    with world_of(FakeGitHub(mangle={1: answer})) as world:
        assert world.tracker.default_branch() == "trunk"
        assert world.naps == [seconds]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(limited(403, SECONDARY, retry_after="121"), "121 more seconds", id="secondary"),
        pytest.param(limited(429, "", retry_after="3600"), "3600 more seconds", id="an hour"),
        pytest.param(
            limited(403, PRIMARY, x_ratelimit_remaining="0", x_ratelimit_reset=str(TEN + 1800)),
            "1801 more seconds",
            id="primary",
        ),
    ],
)
def test_a_limit_that_holds_longer_than_we_wait_ends_it_at_once(answer, words) -> None:
    with world_of(FakeGitHub(always=answer)) as world:
        with pytest.raises(GitHubLimitedError, match=words) as caught:
            world.tracker.open_issue(NEW, look_since=None)
        assert "open an issue in acme/flows" in str(caught.value)
        assert "at most 120" in str(caught.value)
        assert "next run" in caught.value.fix
        assert (world.tracker.requests, world.naps) == (1, [])


def test_a_limit_that_is_not_told_is_waited_for_longer_each_time_and_then_given_up() -> None:
    with world_of(FakeGitHub(always=limited(403, SECONDARY)), wait_limit_seconds=200) as world:
        with pytest.raises(GitHubLimitedError):
            world.tracker.open_issue(NEW, look_since=None)
        assert world.naps == [60.0, 120.0]


def test_a_limit_that_comes_again_and_again_is_given_up() -> None:
    with world_of(FakeGitHub(always=limited(429, "", retry_after="1"))) as world:
        with pytest.raises(GitHubLimitedError):
            world.tracker.open_issue(NEW, look_since=None)
        assert (world.tracker.requests, world.naps) == (4, [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(limited(403, "Resource not accessible by integration"), id="permission"),
        pytest.param(limited(403, "No", x_ratelimit_remaining="4999", x_ratelimit_reset=str(TEN)), id="enough left"),
    ],
)
def test_another_403_is_no_limit(answer) -> None:
    with world_of(FakeGitHub(always=answer)) as world:
        with pytest.raises(GitHubForbiddenError):
            world.tracker.open_issue(NEW, look_since=None)
        assert (world.tracker.requests, world.naps) == (1, [])


def test_a_limited_role_is_not_denied_but_waited_for() -> None:
    github = FakeGitHub(mangle={1: limited(403, SECONDARY, retry_after="5")}, roles={"alice": ("write", "write")})
    with world_of(github) as world:
        assert world.tracker.role_of("alice").value == "write"
        assert world.naps == [5.0]


def test_a_limit_while_looking_for_a_lost_write_is_waited_for_too() -> None:
    mangle = {1: After(replied(502)), 2: limited(429, "", retry_after="9")}
    with world_of(FakeGitHub(mangle=mangle)) as world:
        assert world.tracker.open_issue(NEW, look_since=None).number == 1
        assert world.naps == [3.0, 9.0]
        assert len(world.github.issues) == 1


def naps_of_two_writes(*, seconds: float) -> list[float]:
    """Open two issues and read one in between; answers how long was slept."""
    with world_of(seconds_between_writes=seconds) as world:
        world.tracker.open_issue(NEW, look_since=None)
        world.tracker.issue(1)
        world.tracker.open_issue(NEW, look_since=None)
        return world.naps


def test_writes_are_kept_apart_and_reads_are_not() -> None:
    naps = naps_of_two_writes(seconds=1_000.0)
    assert len(naps) == 1
    assert 0 < naps[0] <= 1_000.0
    assert naps_of_two_writes(seconds=0.0) == []
