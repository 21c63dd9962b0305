"""What GitHub's payloads say, and that what they should not say is ignored with the reason."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.comment.event import (
    ACTIONS,
    FORM_ACTIONS,
    MOVED,
    CommentEvent,
    FormEvent,
    Ignored,
    IssueEvent,
    read_event,
)

EXAMPLES = Path(__file__).parents[2] / "github" / "payloads"
PERSON = {"login": "ada", "type": "User"}
PROGRAM = {"login": "renovate[bot]", "type": "Bot"}


def comment(**changes: Any) -> dict[str, Any]:
    """A new comment as GitHub delivers it; `a__b` sets a field of an object."""
    payload: dict[str, Any] = {
        "action": "created",
        "issue": {"number": 8, "state": "open", "user": PERSON},
        "comment": {
            "id": 4711,
            "html_url": "https://github.com/o/r/issues/8#issuecomment-4711",
            "body": "/status",
            "user": PERSON,
            "created_at": "2026-01-14T15:25:00Z",
        },
        "sender": PERSON,
    }
    return changed(payload, changes)


def issue(**changes: Any) -> dict[str, Any]:
    """An issue that somebody closed."""
    return changed({"action": "closed", "issue": {"number": 8, "state": "closed"}, "sender": PERSON}, changes)


def changed(payload: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    payload = copy.deepcopy(payload)
    for name, value in changes.items():
        target, _, field = name.rpartition("__")
        (payload[target] if target else payload)[field] = value
    return payload


def test_a_new_comment_is_read() -> None:
    assert read_event("issue_comment", comment()) == CommentEvent(
        issue_number=8,
        comment_id=4711,
        author="ada",
        body="/status",
        url="https://github.com/o/r/issues/8#issuecomment-4711",
        is_pull_request=False,
        created_at="2026-01-14T15:25:00Z",
    )


def test_a_comment_on_a_pull_request_is_told_apart() -> None:
    event = read_event("issue_comment", comment(issue__pull_request={"url": "https://x"}))
    assert isinstance(event, CommentEvent)
    assert event.is_pull_request


def test_a_comment_without_a_text_is_empty() -> None:
    event = read_event("issue_comment", comment(comment__body=None))
    assert isinstance(event, CommentEvent)
    assert event.body == ""


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_done_to_an_issue_is_read(action) -> None:
    assert read_event("issues", issue(action=action)) == IssueEvent(issue_number=8, action=action, sender="ada")


def test_what_a_program_does_to_an_issue_is_marked() -> None:
    assert read_event("issues", issue(sender=PROGRAM)) == IssueEvent(
        issue_number=8, action="closed", sender="renovate[bot]", is_by_bot=True
    )


@pytest.mark.parametrize(
    ("name", "payload", "reason"),
    [
        pytest.param("issue_comment", comment(action="edited"), "only new comments", id="edited comment"),
        pytest.param("issue_comment", comment(action="deleted"), "only new comments", id="deleted comment"),
        pytest.param("issue_comment", comment(comment__user=PROGRAM), "by a program", id="a program's comment"),
        pytest.param("issue_comment", comment(sender=PROGRAM), "by a program", id="sent by a program"),
        pytest.param(
            "issue_comment",
            comment(comment__user={"login": "x[bot]", "type": "User"}),
            "by a program",
            id="a program's login",
        ),
        pytest.param("issues", issue(action="assigned"), "not answered", id="assigned"),
        pytest.param("issues", issue(action="opened"), "not answered", id="opened"),
        pytest.param("issues", issue(issue__pull_request={}), "pull request", id="pull request"),
        pytest.param("push", {}, "says nothing about incidents", id="another event"),
        pytest.param("", {}, "nameless", id="no event"),
        pytest.param("issue_comment", None, "payload is no object", id="nothing"),
        pytest.param("issue_comment", [], "payload is no object", id="a list"),
        pytest.param("issue_comment", {}, "action is no text", id="empty"),
        pytest.param("issue_comment", comment(issue=None), "issue is no object", id="no issue"),
        pytest.param("issue_comment", comment(issue__number="8"), "number is no number", id="number as text"),
        pytest.param("issue_comment", comment(issue__number=True), "number is no number", id="number as truth"),
        pytest.param("issue_comment", comment(issue__number=0), "number is no number", id="zero"),
        pytest.param("issue_comment", comment(comment__id=1.5), "id is no number", id="half an id"),
        pytest.param("issue_comment", comment(comment__user=None), "comment.user is no object", id="deleted user"),
        pytest.param("issue_comment", comment(comment__body=["x"]), "body is no text", id="body as a list"),
        pytest.param("issues", issue(sender=None), "sender is no object", id="nobody"),
        pytest.param("issues", issue(issue__number=-1), "number is no number", id="below zero"),
    ],
)
def test_everything_else_is_ignored_with_the_reason(name, payload, reason) -> None:
    event = read_event(name, payload)
    assert isinstance(event, Ignored)
    assert reason in event.reason


def test_a_mark_of_ours_in_the_middle_of_a_comment_hides_nothing() -> None:
    event = read_event("issue_comment", comment(comment__body="<!-- workflowops:note 1 -->\n/status"))
    assert isinstance(event, CommentEvent)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["created", "closed", "Bot"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["action", "issue", "comment", "user", "sender", "number", "id", "login", "type", "body"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(["issue_comment", "issues", "x"]), JSON)
def test_no_payload_raises(name, payload) -> None:
    assert isinstance(read_event(name, payload), CommentEvent | IssueEvent | Ignored)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        pytest.param(name, payload, id=f"{name} {payload['action']} {number}")
        for name in ("issue_comment", "issues")
        for number, payload in enumerate(json.loads((EXAMPLES / f"{name}.json").read_bytes())["examples"])
    ],
)
def test_what_github_really_sends_is_read(name, payload) -> None:
    event = read_event(name, payload)
    is_ours = payload["action"] == "created" if name == "issue_comment" else payload["action"] in ACTIONS
    assert isinstance(event, Ignored) is not is_ours
    if not isinstance(event, Ignored):
        assert event.issue_number == payload["issue"]["number"]
        assert payload["sender"]["login"] == (event.author if isinstance(event, CommentEvent) else event.sender)


@pytest.mark.parametrize(
    ("body", "is_marked"),
    [
        pytest.param("/close\n\n<!-- workflowops:note 1 -->\n", True, id="at its end, as ours"),
        pytest.param("<!-- workflowops:note 1 -->\n/close", False, id="elsewhere"),
        pytest.param("/close", False, id="none"),
    ],
)
def test_a_comment_that_ends_as_ours_do_is_handed_on_with_that(body, is_marked) -> None:
    found = read_event("issue_comment", comment(comment__body=body))
    assert isinstance(found, CommentEvent)
    assert found.is_marked is is_marked


# The onboarding form


def form(**changes: Any) -> dict[str, Any]:
    """An issue that the form made."""
    about = {
        "number": 9,
        "user": PERSON,
        "body": "### Environment",
        "html_url": "https://github.com/o/r/issues/9",
        "created_at": "2026-01-14T15:25:00Z",
        "labels": [{"name": "bug"}, {"name": "WorkflowOps:onboard"}],
    }
    return changed({"action": "opened", "issue": about, "sender": PERSON}, changes)


@pytest.mark.parametrize("action", FORM_ACTIONS)
def test_an_issue_of_the_form_is_read_with_what_stood_there(action) -> None:
    assert read_event("issues", form(action=action, sender={"login": "eve", "type": "User"})) == FormEvent(
        issue_number=9,
        action=action,
        author="ada",
        sender="eve",
        body="### Environment",
        url="https://github.com/o/r/issues/9",
        created_at="2026-01-14T15:25:00Z",
    )


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"issue__labels": [{"name": "bug"}]}, id="without the label"),
        pytest.param({"issue__labels": "workflowops:onboard"}, id="labels are no list"),
        pytest.param({"issue__labels": ["workflowops:onboard", None, {"name": 1}]}, id="labels are no labels"),
        pytest.param({"sender": PROGRAM}, id="by a program"),
        pytest.param({"issue__user": PROGRAM}, id="opened by a program"),
        pytest.param({"issue__pull_request": {}}, id="a pull request"),
        pytest.param({"issue__body": 1}, id="a body that is none"),
        pytest.param({"issue__number": True}, id="a number that is none"),
    ],
)
def test_an_issue_that_is_no_form_of_a_person_is_ignored(changes) -> None:
    assert isinstance(read_event("issues", form(**changes)), Ignored)


@pytest.mark.parametrize("action", ["closed", "labeled", "unlabeled", "deleted"])
def test_what_else_is_done_to_a_form_is_read_as_with_any_issue(action) -> None:
    assert isinstance(read_event("issues", form(action=action)), IssueEvent)


def test_a_form_that_came_from_another_repository_is_told_apart_from_one_that_was_opened_here() -> None:
    changes = {"old_issue": {"number": 3}, "old_repository": {"full_name": "o/other"}}
    moved = read_event("issues", form(changes=changes))
    assert isinstance(moved, FormEvent)
    assert moved.action == MOVED
    edited = read_event("issues", form(action="edited", changes={"body": {"from": "### Environment"}}))
    assert isinstance(edited, FormEvent)
    assert edited.action == "edited"


def test_a_comment_on_a_form_is_told_apart() -> None:
    event = read_event("issue_comment", comment(issue__labels=[{"name": "workflowops:onboard"}]))
    assert isinstance(event, CommentEvent)
    assert event.is_on_form


def test_a_form_as_github_delivers_an_issue_is_read() -> None:
    """The shape is that of the recorded example; label, action and body are those of a form."""
    (example, *_) = json.loads((EXAMPLES / "issues.json").read_text(encoding="utf-8"))["examples"]
    payload = changed(
        example,
        {"action": "opened", "issue__labels": [{**example["issue"]["labels"][0], "name": "workflowops:onboard"}]},
    )
    event = read_event("issues", payload)
    assert isinstance(event, FormEvent)
    assert (event.author, event.issue_number) == ("Codertocat", 1)
