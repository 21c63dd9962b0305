"""Real events of GitHub are read: each one is either an event of ours, or ignored for a reason that is true of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from workflowops.core.comment.event import ACTIONS, CommentEvent, Ignored, IssueEvent, read_event

FOLDER = Path(__file__).with_name("payloads")


def examples(event: str) -> list[Any]:
    return json.loads((FOLDER / f"{event}.json").read_bytes())["examples"]


def params(event: str) -> list[Any]:
    return [
        pytest.param(payload, id=f"{payload['action']} {number}") for number, payload in enumerate(examples(event), 1)
    ]


@pytest.mark.parametrize("payload", params("issue_comment"))
def test_a_new_comment_is_read_and_no_other(payload) -> None:
    found = read_event("issue_comment", payload)
    if payload["action"] != "created":
        assert isinstance(found, Ignored)
        assert payload["action"] in found.reason
        return
    assert found == CommentEvent(
        issue_number=payload["issue"]["number"],
        comment_id=payload["comment"]["id"],
        author=payload["comment"]["user"]["login"],
        body=payload["comment"]["body"],
        url=payload["comment"]["html_url"],
        is_pull_request=False,
        created_at=payload["comment"]["created_at"],
    )


@pytest.mark.parametrize("payload", params("issues"))
def test_what_was_done_to_an_issue_is_read_where_it_concerns_us(payload) -> None:
    found = read_event("issues", payload)
    if "pull_request" in payload["issue"] or payload["action"] not in ACTIONS:
        assert isinstance(found, Ignored)
        assert "not what GitHub sends" not in found.reason
        return
    assert isinstance(found, IssueEvent)
    assert (found.issue_number, found.action) == (payload["issue"]["number"], payload["action"])
    assert (found.sender, found.is_by_bot) == (payload["sender"]["login"], False)


@pytest.mark.parametrize("where", ["comment", "sender"])
def test_a_comment_by_a_program_is_ignored_whichever_place_says_so(where) -> None:
    payload = next(each for each in examples("issue_comment") if each["action"] == "created")
    user = payload["comment"]["user"] if where == "comment" else payload["sender"]
    user |= {"login": "renovate[bot]", "type": "Bot"}
    assert isinstance(read_event("issue_comment", payload), Ignored)


def test_a_comment_on_a_pull_request_is_told_apart() -> None:
    payload = next(each for each in examples("issue_comment") if each["action"] == "created")
    payload["issue"]["pull_request"] = {"url": "https://api.github.com/repos/o/r/pulls/1", "merged_at": None}
    found = read_event("issue_comment", payload)
    assert isinstance(found, CommentEvent)
    assert found.is_pull_request


def test_every_kind_of_event_that_we_read_is_among_the_examples() -> None:
    assert {each["action"] for each in examples("issue_comment")} == {"created", "edited", "deleted"}
    assert {each["action"] for each in examples("issues")} >= set(ACTIONS) - {"closed"}
