"""Pinning an issue: once, and what keeps it from being pinned is told in words."""

import pytest
from tests.github.emulate_server import ACTIONS_BOT
from tests.github.faults import FaultKind
from tests.github.proxy import GitHub
from tests.github.trackers import OnGitHub

from workflowops.core.incident.issue import NewIssue
from workflowops.errors import GitHubError, GitHubNotFoundError
from workflowops.io.github.place import Place


@pytest.fixture
def hands(github: GitHub) -> OnGitHub:
    return OnGitHub(github)


def opened(hands: OnGitHub, title: str = "Status") -> int:
    new = NewIssue(title=title, body="All of it.", labels=("workflowops:dashboard",), marker="<!-- dashboard -->")
    return hands.tracker.open_issue(new, look_since=None).number


def test_an_issue_is_pinned_once(github, hands) -> None:
    number = opened(hands)
    github.forget()
    assert hands.tracker.pin_issue(number) is None
    assert github.gaps.settings.pinned == [number]
    assert github.count("POST", "/graphql") == 2
    assert hands.tracker.pin_issue(number) is None
    assert github.gaps.settings.pinned == [number]
    assert github.count() == 3


def test_three_pins_are_named_and_left_alone(github, hands) -> None:
    github.gaps.settings.pinned = [71, 72, 73]
    told = hands.tracker.pin_issue(opened(hands))
    assert told is not None
    assert "#71, #72, #73 are pinned" in told
    assert github.gaps.settings.pinned == [71, 72, 73]


@pytest.mark.parametrize(
    "refusal", ["Resource not accessible by integration", "Maximum 3 pinned issues per repository"]
)
def test_what_github_refuses_is_told_in_its_words(github, hands, refusal) -> None:
    github.gaps.settings.pin_refusal = refusal
    number = opened(hands)
    told = hands.tracker.pin_issue(number)
    assert told == f"#{number} is not pinned: {refusal}. Whoever may write to the repository can pin it on its page."
    assert github.gaps.settings.pinned == []


def test_a_pin_that_somebody_else_made_meanwhile_is_a_pin(github, hands) -> None:
    github.gaps.settings.pin_refusal = "Issue is already pinned to this repository"
    assert hands.tracker.pin_issue(opened(hands)) is None


def test_a_pin_whose_answer_was_lost_is_made_once(github, hands) -> None:
    number = opened(hands)
    github.fail(FaultKind.BAD_GATEWAY_AFTER, "POST", "/graphql", at=(2,))
    github.gaps.settings.pinned = [71]
    assert hands.tracker.pin_issue(number) is None
    assert github.gaps.settings.pinned == [71, number]


def test_an_issue_that_is_not_there_is_an_error(hands) -> None:
    with pytest.raises(GitHubNotFoundError) as caught:
        hands.tracker.pin_issue(99)
    assert "#99" in str(caught.value)


def test_a_github_that_fails_is_an_error_and_no_words(github, hands) -> None:
    number = opened(hands)
    github.fail(FaultKind.BAD_GATEWAY_BEFORE, "POST", "/graphql", at=range(1, 20))
    with pytest.raises(GitHubError):
        hands.tracker.pin_issue(number)


@pytest.mark.parametrize(
    ("api", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://github.example.com/api/v3/", "https://github.example.com/api/graphql"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/graphql"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
    ],
)
def test_graphql_stands_beside_the_rest_api(api, graphql) -> None:
    assert Place.of("o/r", f"ghs_{ACTIONS_BOT[:6]}", api_url=api).graphql == graphql
