"""From an edit in n8n to the closed incident: real runs in a real runner, on real events of a GitHub of others."""

from collections.abc import Iterator

import pytest
from tests.actions.loop import ISSUES, Loop, made_loop
from tests.actions.runner import ACT
from tests.github.emulate_server import ACTIONS_BOT
from tests.github.proxy import OUTSIDER

pytestmark = [pytest.mark.act, pytest.mark.skipif(ACT is None, reason="act is not installed")]

HOT_FIX = "https://api-new.example.com/orders"
STATUSES = [f"workflowops:{name}" for name in ("detected", "acknowledged", "stabilized", "reconciled", "closed")]


@pytest.fixture
def loop(tmp_path) -> Iterator[Loop]:
    with made_loop(tmp_path) as loop:
        yield loop


@pytest.fixture
def drifted(loop: Loop) -> Loop:
    """Orders was edited by hand, and the check has opened issue 1."""
    loop.world.put("Orders", url=HOT_FIX)
    run = loop.check()
    assert run.outputs("drift")["incident_numbers"] == "[1]", run.text
    return loop


def status_of(loop: Loop) -> list[str]:
    return [label for label in STATUSES if label in loop.labels()]


def test_a_comment_is_answered_with_label_reply_reaction_and_state(drifted) -> None:
    run = drifted.say("ada", '/acknowledge comment="A hot fix by on-call"')
    assert run.succeeded, run.text
    assert run.outputs("comment")["incident"] == "1"
    assert status_of(drifted) == ["workflowops:acknowledged"]
    assert drifted.reactions() == {"eyes", "+1"}
    (answer,) = drifted.said()
    assert "cknowledged" in answer
    incident = drifted.incident()
    assert (incident["status"], incident["acknowledged_by"]) == ("acknowledged", "ada")
    assert incident["acknowledgment_comment"] == "A hot fix by on-call"
    assert incident["notes"] == []


def test_an_incident_goes_from_detection_to_its_closing_note(drifted) -> None:
    issue = drifted.issue()
    assert "Orders" in issue["title"]
    assert HOT_FIX.removeprefix("https://") in issue["body"]
    assert issue["user"]["login"] == "github-actions[bot]"
    for command in (
        '/acknowledge comment="Seen"',
        '/stabilize reason="The fix stays for now" assigned_to=ada resolution_plan="Commit it"',
    ):
        assert drifted.say("ada", command).succeeded
    assert status_of(drifted) == ["workflowops:stabilized"]
    drifted.world.put("Orders")  # back to what Git says
    assert drifted.check().succeeded
    assert status_of(drifted) == ["workflowops:reconciled"]
    assert drifted.incident()["resolution_type"] == "reverted_to_git"
    run = drifted.say("ada", '/close reason="Put back, and the alert is quiet"')
    assert run.succeeded, run.text
    assert drifted.issue()["state"] == "closed"
    assert status_of(drifted) == ["workflowops:closed"]
    closing = drifted.said()[-1]
    for text in ("detected", "acknowledged", "stabilized", "reconciled", "closed", "put back, and the alert is quiet"):
        assert text in closing.lower()
    incident = drifted.incident()
    assert [step["event"] for step in incident["timeline"]] == [
        "detect", "acknowledge", "stabilize", "drift_gone", "close",
    ]  # fmt: skip
    assert drifted.state("environments/prod/incidents.json")["open"] == {}
    print(f"\n--- the issue\n{issue['title']}\n\n{issue['body']}\n--- the closing comment\n{closing}")


def test_what_n8n_runs_is_adopted_by_a_pull_request_that_somebody_merges(drifted) -> None:
    run = drifted.say("ada", "/adopt")
    assert run.succeeded, run.text
    (pull,) = drifted.github.ask("GET", "/repos/o/r/pulls")
    assert (pull["head"]["ref"], pull["base"]["ref"]) == ("workflowops/adopt-1", "main")
    assert f"#{pull['number']} " in drifted.said()[-1]
    repository = drifted.world.repository
    repository.git("fetch", "--quiet", "origin")
    changed = repository.git("diff", "--name-only", "origin/main...origin/workflowops/adopt-1").splitlines()
    assert changed == ["prod/orders.json"]
    repository.git("checkout", "--quiet", "-B", "main", "origin/main")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Adopt", "origin/workflowops/adopt-1")
    repository.git("push", "--quiet", "origin", "main")
    assert drifted.check().succeeded
    assert status_of(drifted) == ["workflowops:reconciled"]
    assert drifted.incident()["resolution_type"] == "accepted_runtime_changes"


def test_a_check_that_finds_nothing_new_writes_nothing(drifted) -> None:
    before = drifted.issue()
    drifted.github.forget()
    assert drifted.check().outputs("drift")["drift_detected"] == "true"
    dashboard = f"PATCH {ISSUES}/2"  # which says when it was looked
    assert [each for each in drifted.github.writes() if each != dashboard] == []
    assert drifted.issue() == before


def test_an_outsider_is_refused_once_in_words_and_changes_nothing(drifted) -> None:
    before = drifted.incident()
    for _ in range(2):
        assert drifted.say(OUTSIDER, "/close").succeeded
        assert drifted.reactions() == {"-1"}
    assert len(drifted.said()) == 1
    after = drifted.incident()
    assert (after["status"], after["timeline"]) == (before["status"], before["timeline"])
    assert status_of(drifted) == ["workflowops:detected"]


def test_the_same_delivery_twice_acts_once(drifted) -> None:
    assert drifted.say("ada", "/acknowledge").succeeded
    tip, said = drifted.tip(), drifted.said()
    assert drifted.answer(drifted.seen[-1]).succeeded
    assert (drifted.tip(), drifted.said()) == (tip, said)


def test_an_answer_of_ours_is_answered_by_nobody(drifted) -> None:
    """A job's own comments start no run, but those that are written with the token of an App do."""
    assert drifted.say("ada", "/help").succeeded
    tip, said = drifted.tip(), drifted.said()
    assert drifted.answer(drifted.deliveries.take("issue_comment", "created", sender=ACTIONS_BOT)).succeeded
    assert (drifted.tip(), drifted.said()) == (tip, said)


def test_a_comment_on_a_pull_request_is_no_command(drifted) -> None:
    content = {"title": "A change", "head": "topic", "base": "main", "body": "<!-- workflowops:incident 1 -->"}
    number = drifted.github.ask("POST", "/repos/o/r/pulls", content, login="ada")["number"]
    tip = drifted.tip()
    drifted.github.forget()
    assert drifted.say("ada", "/acknowledge", number=number).succeeded
    assert (drifted.tip(), drifted.github.count()) == (tip, 0)


def test_an_issue_closed_by_hand_too_early_is_opened_again_with_the_reason(drifted) -> None:
    assert drifted.do("ada", state="closed").succeeded
    assert drifted.issue()["state"] == "open"
    assert status_of(drifted) == ["workflowops:detected"]
    (answer,) = drifted.said()
    assert "@ada" in answer or "ada" in answer


def test_labels_changed_by_hand_are_put_back_and_others_stay(drifted) -> None:
    drifted.github.ask("PUT", f"{ISSUES}/1/labels", {"labels": ["mine", "workflowops:closed"]}, login="tess")
    payload = drifted.deliveries.take("issues", "unlabeled", sender="tess")
    assert drifted.answer(payload, event="issues").succeeded
    assert status_of(drifted) == ["workflowops:detected"]
    assert "mine" in drifted.labels()
