"""What people do to incidents by hand, and what strangers try: nothing is lost, nothing twice, nobody who may not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.github.emulate_server import ACTIONS_BOT
from tests.github.proxy import OUTSIDER, GitHub
from tests.github.webhooks import Deliveries, webhooks_of
from tests.github.workshop import HOT_FIX, ISSUES, Workshop, opened_workshop

NOT_IN_MARKDOWN = [
    pytest.param("```\n/acknowledge\n```", id="code block"),
    pytest.param("> /acknowledge", id="quotation"),
    pytest.param("    /acknowledge", id="indented code"),
    pytest.param("<!--\n/acknowledge\n-->", id="HTML comment"),
    pytest.param("Please /acknowledge this", id="inside of a line"),
    pytest.param("`/acknowledge`", id="code span"),
]


@pytest.fixture
def workshop(github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Two workflows; the first has drifted, and issue 1 says so."""
    with opened_workshop(tmp_path, github, workflows=2, patch=monkeypatch) as workshop:
        workshop.edit(0)
        workshop.check()
        yield workshop


@pytest.fixture
def deliveries(workshop: Workshop) -> Iterator[Deliveries]:
    with webhooks_of(workshop.github) as deliveries:
        yield deliveries


@pytest.fixture
def say(workshop: Workshop, deliveries: Deliveries, tmp_path: Path) -> Any:
    """Comment as somebody, and let the command line answer the event as it was delivered."""

    def say(login: str, text: str, *, number: int = 1, code: int = 0) -> Any:
        workshop.github.ask("POST", f"{ISSUES}/{number}/comments", {"body": text}, login=login)
        workshop.github.forget()
        return answer(workshop, deliveries.take("issue_comment", "created", sender=login), tmp_path, code=code)

    return say


def answer(
    workshop: Workshop, payload: Any, folder: Path, *, event: str = "issue_comment", code: int = 0
) -> dict[str, Any]:
    file = folder / "payload.json"
    file.write_text(json.dumps(payload), encoding="utf-8")
    found: dict[str, Any] = workshop.shop.json("comment", "--event", str(file), "--event-name", event, code=code)
    return found


def incident(workshop: Workshop, number: int = 1) -> Any:
    return workshop.shop.state(f"incidents/{number}.json")


def issue(workshop: Workshop, number: int = 1) -> Any:
    return workshop.github.ask("GET", f"{ISSUES}/{number}")


def our_comments(workshop: Workshop, number: int = 1) -> list[str]:
    comments = workshop.github.ask("GET", f"{ISSUES}/{number}/comments")
    return [each["body"] for each in comments if each["user"]["login"] == ACTIONS_BOT]


def labels(workshop: Workshop, number: int = 1) -> set[str]:
    return {each["name"] for each in issue(workshop, number)["labels"]}


@pytest.mark.parametrize("text", NOT_IN_MARKDOWN)
def test_what_markdown_shows_as_text_is_no_command_and_asks_nothing(workshop, say, text) -> None:
    say("ada", text)
    assert workshop.github.count() == 0
    assert incident(workshop)["status"] == "detected"


@pytest.mark.parametrize("login", [OUTSIDER, "reed"])
def test_who_may_only_read_changes_nothing(workshop, say, login) -> None:
    for _ in range(2):
        assert say(login, "/acknowledge\n/close")["outcome"] == "denied"
    found = incident(workshop)
    assert (found["status"], len(found["timeline"])) == ("detected", 1)
    assert len(our_comments(workshop)) == 1


def test_triage_acknowledges_and_does_not_stabilize(workshop, say) -> None:
    say("tess", "/acknowledge\n/stabilize reason=done")
    assert incident(workshop)["status"] == "acknowledged"


def test_a_comment_on_a_pull_request_asks_nothing(workshop, say) -> None:
    content = {"title": "A change", "head": "topic", "base": "main", "body": issue(workshop)["body"]}
    number = workshop.github.ask("POST", "/repos/o/r/pulls", content, login="ada")["number"]
    say("ada", "/acknowledge", number=number)
    assert workshop.github.count() == 0


def test_a_copied_marker_makes_no_incident(workshop, say) -> None:
    content = {"title": "Mine", "body": issue(workshop)["body"], "labels": ["workflowops:incident"]}
    number = workshop.github.ask("POST", ISSUES, content, login=OUTSIDER)["number"]
    say("ada", "/acknowledge", number=number)
    assert workshop.github.count() == 0
    workshop.check()
    assert workshop.open_numbers == {"*": 1}
    assert issue(workshop, number)["body"] == content["body"]


def test_our_own_answer_is_answered_by_nobody(workshop, say, deliveries, tmp_path) -> None:
    say("ada", "/help")
    workshop.github.forget()
    payload = deliveries.take("issue_comment", "created", sender=ACTIONS_BOT)
    assert answer(workshop, payload, tmp_path)["outcome"] == "ignored"
    assert workshop.github.count() == 0


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        pytest.param("x" * 60_000, "detected", id="60,000 characters are refused"),
        pytest.param("$(touch pwned); `touch pwned` && touch pwned", "acknowledged", id="shell"),
        pytest.param("@acme/all <img src=x onerror=alert(1)> [a](https://evil)", "acknowledged", id="Markdown"),
        pytest.param("<!-- workflowops:note 1 --> <!-- workflowops:end --> x", "acknowledged", id="our markers"),
        pytest.param("::set-output name=x::y%0A::add-mask::z", "acknowledged", id="workflow command"),
        pytest.param("\u202e\u0000\ufeff\U0001f525", "acknowledged", id="odd characters"),
    ],
)
def test_hostile_words_are_data(workshop, say, comment, status) -> None:
    assert say("ada", f'/acknowledge comment="{comment}"')["outcome"] == "answered"
    assert incident(workshop)["status"] == status
    said = our_comments(workshop)[-1]
    assert len(said) <= 65_536
    assert not any(each in said for each in ("@acme", "<img", "](https://evil)"))
    assert said.count("<!-- workflowops:note ") == 1
    body = issue(workshop)["body"]
    assert body.count("<!-- workflowops:end -->") == 1
    assert not (workshop.shop.checkout / "pwned").exists()
    workshop.github.forget()
    workshop.check()
    assert workshop.github.writes() == []


def test_a_deleted_issue_is_followed_by_a_new_one_that_names_it(workshop) -> None:
    workshop.github.gaps.deleted.add(1)
    workshop.check()
    workshop.check()
    (number,) = workshop.open_numbers.values()
    assert [each["number"] for each in workshop.issues()] == [number]
    assert (incident(workshop)["status"], incident(workshop, number)["previous_incident"]) == ("closed", 1)


def test_a_transferred_issue_is_let_go(workshop) -> None:
    workshop.github.gaps.transferred[1] = 12
    workshop.check()
    (number,) = workshop.open_numbers.values()
    assert number != 1
    assert not any("/repositories/" in each for each in workshop.github.writes())


def test_a_locked_issue_keeps_what_is_to_be_said_until_it_can_be(workshop, say) -> None:
    workshop.github.ask("PUT", f"{ISSUES}/1/lock")
    say("ada", "/acknowledge", code=4)
    assert (incident(workshop)["status"], our_comments(workshop)) == ("acknowledged", [])
    workshop.github.ask("DELETE", f"{ISSUES}/1/lock")
    for _ in range(2):
        workshop.check()
    assert len(our_comments(workshop)) == 1
    assert incident(workshop)["notes"] == []


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        pytest.param({"body": ""}, "", id="emptied"),
        pytest.param({"body": "Only mine."}, "Only mine.", id="replaced"),
    ],
)
def test_a_body_that_somebody_took_away_is_written_again(workshop, changes, kept) -> None:
    workshop.github.ask("PATCH", f"{ISSUES}/1", changes, login="ada")
    workshop.check()
    body = issue(workshop)["body"]
    assert HOT_FIX.removeprefix("https://") in body
    assert kept in body


def test_labels_that_were_deleted_come_back(workshop) -> None:
    for name in labels(workshop):
        workshop.github.ask("DELETE", f"/repos/o/r/labels/{name}")
    assert labels(workshop) == set()
    workshop.check()
    assert {"workflowops:incident", "workflowops:detected"} <= labels(workshop)
    workshop.github.forget()
    workshop.check()
    assert workshop.github.writes() == []


def test_a_title_that_somebody_wrote_stays(workshop) -> None:
    workshop.github.ask("PATCH", f"{ISSUES}/1", {"title": "Payments are down"}, login="ada")
    workshop.edit(1)
    workshop.check()
    assert issue(workshop)["title"] == "Payments are down"


def test_closed_by_hand_after_reconciliation_counts_as_a_close(workshop, deliveries, tmp_path) -> None:
    workshop.edit(0, url="https://api.example.com/0")
    workshop.check()
    assert incident(workshop)["status"] == "reconciled"
    workshop.github.ask("PATCH", f"{ISSUES}/1", {"state": "closed"}, login="ada")
    answer(workshop, deliveries.take("issues", "closed", sender="ada"), tmp_path, event="issues")
    assert (incident(workshop)["status"], incident(workshop)["closed_by"]) == ("closed", "ada")
    assert issue(workshop)["state"] == "closed"


def test_closed_by_hand_by_somebody_who_may_not_is_opened_again(workshop, deliveries, tmp_path) -> None:
    workshop.edit(0, url="https://api.example.com/0")
    workshop.check()
    workshop.github.ask("PATCH", f"{ISSUES}/1", {"state": "closed"}, login="tess")
    answer(workshop, deliveries.take("issues", "closed", sender="tess"), tmp_path, event="issues")
    assert incident(workshop)["status"] == "reconciled"
    assert issue(workshop)["state"] == "open"


def test_opened_by_hand_after_closing_is_closed_again(workshop, say, deliveries, tmp_path) -> None:
    workshop.edit(0, url="https://api.example.com/0")
    workshop.check()
    say("ada", "/close")
    assert issue(workshop)["state"] == "closed"
    workshop.github.ask("PATCH", f"{ISSUES}/1", {"state": "open"}, login="tess")
    answer(workshop, deliveries.take("issues", "reopened", sender="tess"), tmp_path, event="issues")
    assert issue(workshop)["state"] == "closed"
