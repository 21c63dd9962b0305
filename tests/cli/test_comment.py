"""`comment` on the command line: the event as a file, issues as files, outputs as the action hands them on."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.actions.contract import read_action
from tests.actions.world import comment_payload
from tests.cli.shop import HOT_FIX, Ran, Shop, Step, step_of_a_job, with_url
from tests.test_architecture import HEAVY, loaded_modules


class Issue:
    """Production drifted, and incident 1 is open, as files in a folder."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.folder = shop.root / "issues"
        shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
        shop.run("drift", "--issues-folder", str(self.folder))
        self._comments = 0

    @property
    def page(self) -> str:
        """The issue with its comments, as one reads it."""
        return (self.folder / "issues" / "1.md").read_text(encoding="utf-8")

    def event(self, text: str, *, login: str = "ada", number: int = 1) -> Path:
        """The payload of a comment."""
        self._comments += 1
        payload = comment_payload(text, number=number, login=login)
        payload["comment"]["id"] += self._comments
        return self.written(payload)

    def written(self, payload: Any) -> Path:
        path = self.shop.root / "event.json"
        path.write_text(json.dumps(payload), encoding="utf-8")
        return path

    def answer(self, event: Path, *arguments: str, name: str = "issue_comment", code: int = 0) -> Ran:
        folder = ("--issues-folder", str(self.folder))
        return self.shop.run("comment", "--event", str(event), "--event-name", name, *folder, *arguments, code=code)

    def say(self, text: str, *arguments: str, **more: Any) -> Ran:
        """Somebody comments, and a run answers."""
        return self.answer(self.event(text, **more), *arguments)


@pytest.fixture
def issue(shop: Shop) -> Issue:
    return Issue(shop)


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Step:
    """A step of a job on GitHub, but for its token."""
    return step_of_a_job(monkeypatch, tmp_path, actor="ada")


def test_a_comment_is_answered(issue: Issue) -> None:
    ran = issue.say("/acknowledge Reviewing hotfix\n/close")
    assert ran.out.splitlines()[:3] == [
        "Incident #1: answered.",
        "  /acknowledge: done.",
        "  /close: impossible. To close, the incident has to be reconciled; it is acknowledged.",
    ]
    assert issue.shop.state("incidents/1.json")["acknowledged_by"] == "ada"
    assert "acknowledged by <code>ada</code>" in issue.page


def test_walkthrough_3_ends_with_the_closing_comment(issue: Issue) -> None:
    issue.say("/acknowledge Reviewing hotfix, will coordinate with team")
    issue.say('/stabilize reason="Hotfix committed to Git" plan="Git matches production."')
    issue.shop.run("onboard", "--all", "--direct")
    shown = issue.shop.run("incident", "show", "1").out
    assert "stabilized" in shown
    issue.shop.edit("Payment Gateway", with_url("https://api.paymentprocessor.com/charge", node="Call Payment API"))
    issue.say("/sync\n/close Drift resolved")
    record = issue.shop.state("incidents/1.json")
    assert (record["status"], record["resolution_type"]) == ("closed", "reverted_to_git")
    assert "### Incident closed" in issue.page
    assert issue.shop.run("audit", "verify").code == 0


def test_the_same_event_again_is_told_apart(issue: Issue) -> None:
    event = issue.event("/acknowledge")
    issue.answer(event)
    before, refs = issue.page, issue.shop.refs()
    ran = issue.answer(event)
    assert ran.out == "Incident #1: repeated. The comment was acted upon before.\n"
    assert (issue.page, issue.shop.refs()) == (before, refs)


def test_an_outsider_is_refused_and_the_run_does_not_fail(issue: Issue) -> None:
    (issue.folder / "roles.json").write_text(json.dumps({"mallory": "none"}), encoding="utf-8")
    ran = issue.say("/acknowledge", login="mallory")
    assert "denied" in ran.out
    assert "nothing was done" in issue.page
    assert issue.shop.state("incidents/1.json")["status"] == "detected"


def test_an_issue_closed_by_hand_is_opened_again(issue: Issue) -> None:
    path = issue.folder / "issues" / "1.json"
    stored = json.loads(path.read_bytes())
    path.write_text(json.dumps(stored | {"state": "closed"}), encoding="utf-8")
    person = {"login": "bob", "type": "User"}
    event = issue.written({"action": "closed", "issue": {"number": 1}, "sender": person})
    ran = issue.answer(event, name="issues")
    assert ran.out.startswith("Incident #1: reopened. bob closed the issue.")
    assert json.loads(path.read_bytes())["state"] == "open"


def test_json_is_the_whole_outcome(issue: Issue) -> None:
    document = issue.say("/acknowledge on it\n/ack", "--json").document
    assert document["outcome"] == "answered"
    assert document["incident"]["status"] == "acknowledged"
    assert document["incident"]["undelivered"] == 0
    assert {"intent", "notes", "handled", "refused"} & document["incident"].keys() == set()
    assert [(each["name"], each["became"]) for each in document["commands"]] == [
        ("acknowledge", "done"),
        ("ack", "misunderstood"),
    ]
    assert "acknowledged by" in document["answer"]
    assert (document["problems"], document["dry_run"]) == ([], False)


def test_a_dry_run_writes_nothing_anywhere(issue: Issue) -> None:
    before, refs = issue.page, issue.shop.refs()
    ran = issue.say("/acknowledge\n/sync", "--dry-run")
    assert ran.out.startswith("Incident #1: Would be answered.")
    assert (issue.page, issue.shop.refs()) == (before, refs)


def test_a_step_gets_its_outputs(issue: Issue, step: Step) -> None:
    event = issue.event("/acknowledge\n/ack\n/close")
    folder = ("--issues-folder", str(issue.folder))
    issue.shop.run_in_a_step("comment", "--event", str(event), "--event-name", "issue_comment", *folder)
    outputs = step.outputs()
    assert set(outputs) == set(read_action("comment").outputs)
    assert (outputs["outcome"], outputs["incident"]) == ("answered", "1")
    assert json.loads(outputs["commands"]) == ["acknowledge", "close"]
    assert json.loads(outputs["result"])["outcome"] == "answered"
    assert "acknowledged by" in step.summary.read_text(encoding="utf-8")


def test_a_step_about_nothing_of_ours_has_outputs_as_well(issue: Issue, step: Step) -> None:
    event = issue.event("/close", number=8)
    folder = ("--issues-folder", str(issue.folder))
    issue.shop.run_in_a_step("comment", "--event", str(event), "--event-name", "issue_comment", *folder)
    outputs = step.outputs()
    assert (outputs["outcome"], outputs["incident"], outputs["commands"]) == ("not_ours", "", "[]")
    assert not step.summary.exists()


def test_the_runner_says_which_event_it_was(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(issue.event("/acknowledge")))
    monkeypatch.setenv("GITHUB_EVENT_NAME", "issue_comment")
    issue.shop.run("comment", "--issues-folder", str(issue.folder))
    assert issue.shop.state("incidents/1.json")["status"] == "acknowledged"


@pytest.mark.parametrize(
    ("payload", "name", "outcome"),
    [
        pytest.param(comment_payload("Thanks."), "issue_comment", "nothing_asked", id="no command"),
        pytest.param({"action": "opened"}, "issues", "ignored", id="another action"),
        pytest.param({"ref": "refs/heads/main"}, "push", "ignored", id="another event"),
        pytest.param([1, 2], "issue_comment", "ignored", id="no event at all"),
        pytest.param(comment_payload("/close"), "issue_comment", "not_ours", id="another issue"),
    ],
)
def test_what_is_not_ours_is_left_alone_in_silence(issue: Issue, payload, name, outcome) -> None:
    before, refs = issue.page, issue.shop.refs()
    ran = issue.answer(issue.written(payload), "--json", name=name)
    assert (ran.document["outcome"], ran.document["incident"]) == (outcome, None)
    assert (issue.page, issue.shop.refs()) == (before, refs)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(None, "cannot be read", id="no file"),
        pytest.param(b"not json", "is not JSON", id="no JSON"),
        pytest.param(b'{"action": "cre', "is not JSON", id="cut short"),
        pytest.param(b"\xff\xfe", "is not JSON", id="no text"),
        pytest.param(b"[" * 100_000, "is not JSON", id="nested too deeply"),
    ],
)
def test_an_event_that_cannot_be_read_is_a_usage_error(shop: Shop, tmp_path: Path, content, told) -> None:
    path = tmp_path / "event.json"
    if content is not None:
        path.write_bytes(content)
    ran = shop.run("comment", "--event", str(path), "--event-name", "issue_comment", code=2)
    assert told in ran.err
    assert "--event" in ran.err


def test_without_an_event_it_says_where_one_comes_from(shop: Shop) -> None:
    ran = shop.run("comment", code=2)
    assert "GitHub Actions" in ran.err


def test_a_command_without_github_is_a_usage_error(issue: Issue) -> None:
    event = issue.event("/acknowledge")
    ran = issue.shop.run("comment", "--event", str(event), "--event-name", "issue_comment", code=2)
    assert "GITHUB_TOKEN" in ran.err


def test_what_people_write_cannot_command_the_runner(issue: Issue, step: Step) -> None:
    event = issue.event('/ack ::add-mask::x ##[error]y\n/close "::set-output name=a::b"\n/stabilise ::stop-commands::z')
    folder = ("--issues-folder", str(issue.folder))
    ran = issue.shop.run_in_a_step("comment", "--event", str(event), "--event-name", "issue_comment", *folder)
    lines = [*ran.out.splitlines(), *ran.err.splitlines()]
    commands = {line.split("::")[1].split(" ")[0] for line in lines if line.lstrip().startswith("::")}
    assert commands <= {"add-mask", "group", "endgroup"}
    assert "::add-mask::x" not in lines
    assert "##[" not in ran.out


def test_a_comment_without_a_command_loads_nothing_heavy(issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    event = issue.event("Thanks.")
    arguments = ["comment", "--event", str(event), "--event-name", "issue_comment"]
    loaded = loaded_modules(arguments, folder=issue.shop.checkout, variables=os.environ)
    assert loaded & (HEAVY - {"yaml", "jsonschema"}) == set()
