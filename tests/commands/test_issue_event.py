"""What people do to an incident's issue by hand: the record is the truth, and GitHub follows it."""

import pytest
from tests.commands.comment_world import CommentWorld, reconciled_world
from tests.commands.fake_tracker import Killed

from workflowops.core.comment.event import IssueEvent
from workflowops.core.comment.outcome import EventOutcome, Outcome
from workflowops.core.incident.issue import Issue
from workflowops.core.incident.policy import CommandRule, Role
from workflowops.errors import ExitCode, RemoteError


def closed_world() -> CommentWorld:
    """The incident is closed, and so is its issue."""
    world = reconciled_world()
    world.say("/close")
    assert not world.tracker.issues[1].is_open
    return world


def test_an_issue_closed_too_early_is_opened_again_with_the_reason() -> None:
    world = CommentWorld()
    outcome = world.by_hand("closed", "tina", is_open=False)
    assert (outcome.outcome, outcome.exit_code) == (Outcome.REOPENED, ExitCode.DONE)
    assert world.tracker.issues[1].is_open
    assert "tina closed the issue" in world.last_answer
    assert "this one is detected" in world.last_answer
    assert world.audited() == ["incident.detected", "incident.reopened"]
    assert world.world.audit()[-1]["user_id"] == "tina"
    assert world.status == "detected"


def test_closing_the_issue_of_a_reconciled_incident_closes_it() -> None:
    world = reconciled_world(notify=("${SLACK}",))
    world.notifier.sent.clear()
    outcome = world.by_hand("closed", "ada", is_open=False)
    assert outcome.outcome is Outcome.CLOSED
    record = world.incident()
    assert (record["status"], record["closed_by"]) == ("closed", "ada")
    assert not world.tracker.issues[1].is_open
    assert "### Incident closed" in world.last_answer
    assert world.index["latest_closed"] == {"*": 1}
    assert len(world.notifier.sent) == 1


@pytest.mark.parametrize(
    ("sender", "rule", "is_by_bot"),
    [
        pytest.param("tina", None, False, id="role too low"),
        pytest.param("mallory", None, False, id="unknown"),
        pytest.param("ada", CommandRule(role=Role.ADMIN), False, id="role asked for by the configuration"),
        pytest.param("ada", CommandRule(users=("tina",)), False, id="not on the list"),
        pytest.param("stale[bot]", None, True, id="program"),
    ],
)
def test_who_may_not_close_does_not_close_by_hand_either(sender, rule, is_by_bot) -> None:
    world = reconciled_world(commands={} if rule is None else {"close": rule})
    world.tracker.roles["stale[bot]"] = Role.WRITE
    said = len(world.tracker.ours(1))
    outcome = world.by_hand("closed", sender, is_by_bot=is_by_bot, is_open=False)
    assert outcome.outcome is Outcome.REOPENED
    assert (world.status, world.tracker.issues[1].is_open) == ("reconciled", True)
    assert len(world.tracker.ours(1)) == said + 1


def test_an_issue_reopened_after_the_end_is_closed_again_with_one_comment() -> None:
    world = closed_world()
    said = len(world.tracker.ours(1))
    outcome = world.by_hand("reopened", "mallory", is_open=True)
    assert outcome.outcome is Outcome.CLOSED_AGAIN
    assert not world.tracker.issues[1].is_open
    assert len(world.tracker.ours(1)) == said + 1
    assert "closed again" in world.last_answer
    assert world.audited()[-1] == "incident.closed"


@pytest.mark.parametrize("action", ["labeled", "unlabeled", "edited"])
def test_what_is_ours_on_the_issue_is_put_back_and_the_rest_stays(action) -> None:
    world = CommentWorld()
    issue = world.tracker.issues[1]
    wrong = ("workflowops:closed", "customer")
    outcome = world.by_hand(action, labels=wrong, body="Mine.", title="My title")
    assert outcome.outcome is Outcome.REPAIRED
    repaired = world.tracker.issues[1]
    assert set(repaired.labels) == {*issue.labels, "customer"}
    assert repaired.title == "My title"
    assert "Mine." in repaired.body
    assert issue.body.strip() in repaired.body
    assert world.tracker.ours(1) == []


@pytest.mark.parametrize("action", ["labeled", "edited", "reopened", "closed"])
def test_an_issue_that_is_as_it_should_be_is_read_and_not_written(action) -> None:
    world = CommentWorld()
    world.tracker.by_hand(1, labels=(*world.tracker.issues[1].labels, "customer"))
    calls = len(world.tracker.calls)
    outcomes: list[EventOutcome] = []
    assert world.is_unchanged_by(lambda: outcomes.append(world.by_hand(action)))
    assert outcomes[0].outcome is Outcome.IN_ORDER
    assert world.tracker.calls[calls:] == ["issue"]
    assert world.world.state.claims == {}


def test_a_label_on_an_issue_that_was_closed_as_well_waits_for_that_event() -> None:
    """Else the issue would be opened again without the reason."""
    world = CommentWorld()
    outcomes: list[EventOutcome] = []
    world.tracker.by_hand(1, is_open=False, labels=())
    assert world.is_unchanged_by(lambda: outcomes.append(world.by_hand("unlabeled")))
    assert outcomes[0].outcome is Outcome.IN_ORDER
    world.by_hand("closed")
    assert "workflowops:incident" in world.tracker.issues[1].labels
    assert len(world.tracker.ours(1)) == 1


@pytest.mark.parametrize("action", ["deleted", "transferred"])
def test_an_issue_that_is_gone_closes_the_record_and_the_next_check_opens_another(action) -> None:
    world = CommentWorld()
    world.tracker.gone.add(1)
    outcome = world.by_hand(action)
    assert outcome.outcome is Outcome.ISSUE_GONE
    record = world.incident()
    assert (record["status"], record["closed_by"], record["closure_reason"]) == (
        "closed",
        "ada",
        f"The issue was {action}.",
    )
    assert (world.index["open"], world.index["latest_closed"]) == ({}, {"*": 1})
    assert world.audited()[-1] == "incident.issue_gone"
    assert [each.previous_incident for each in world.check().opened] == [1]


def test_an_issue_that_is_still_there_was_not_deleted() -> None:
    world = CommentWorld()
    assert world.by_hand("deleted").outcome is Outcome.IN_ORDER
    assert world.status == "detected"


def test_an_issue_that_is_gone_twice_is_closed_once() -> None:
    world = CommentWorld()
    world.tracker.gone.add(1)
    world.by_hand("deleted")
    assert world.is_unchanged_by(lambda: world.by_hand("deleted"))


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        pytest.param("labeled", {"labels": ()}, id="labels"),
        pytest.param("edited", {"body": ""}, id="body"),
        pytest.param("reopened", {}, id="reopened, and it is open"),
    ],
)
def test_what_a_program_does_is_left_to_the_next_check(action, changes) -> None:
    """Our own changes are a program's, and must not start a run that changes something."""
    world = CommentWorld()
    world.tracker.by_hand(1, **changes)
    calls = len(world.tracker.calls)
    outcomes: list[EventOutcome] = []
    assert world.is_unchanged_by(lambda: outcomes.append(world.by_hand(action, "x[bot]", is_by_bot=True)))
    assert outcomes[0].outcome is Outcome.IGNORED
    assert len(world.tracker.calls) == calls


def test_a_program_that_contradicts_the_record_is_answered() -> None:
    world = CommentWorld()
    assert world.by_hand("closed", "stale[bot]", is_by_bot=True, is_open=False).outcome is Outcome.REOPENED
    ended = closed_world()
    assert ended.by_hand("closed", "x[bot]", is_by_bot=True).outcome is Outcome.IGNORED
    assert ended.by_hand("reopened", "x[bot]", is_by_bot=True, is_open=True).outcome is Outcome.CLOSED_AGAIN


def test_an_issue_of_somebody_else_costs_no_request() -> None:
    world = CommentWorld()
    calls = len(world.tracker.calls)
    outcome = world.deliver(IssueEvent(issue_number=7, action="closed", sender="ada"))
    assert outcome.outcome is Outcome.NOT_OURS
    assert len(world.tracker.calls) == calls


@pytest.mark.parametrize("action", ["closed", "labeled"])
def test_a_dry_run_of_an_event_writes_nothing(action) -> None:
    world = CommentWorld()
    world.tracker.by_hand(1, is_open=action != "closed", labels=())
    event = IssueEvent(issue_number=1, action=action, sender="ada")
    outcomes: list[EventOutcome] = []
    assert world.is_unchanged_by(lambda: outcomes.append(world.deliver(event, workspace={"is_dry_run": True})))
    assert outcomes[0].is_plan


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [RemoteError("502", fix="Again."), Killed()], ids=["failed", "killed"])
@pytest.mark.parametrize("write", [1, 2, 3])
@pytest.mark.parametrize("story", ["too early", "reconciled", "over"])
def test_whatever_happens_to_the_run_the_reason_is_said_once(story, write, error, when) -> None:
    make, action, is_open = {
        "too early": (CommentWorld, "closed", False),
        "reconciled": (reconciled_world, "closed", False),
        "over": (closed_world, "reopened", True),
    }[story]
    expected, world = make(), make()
    expected.by_hand(action, is_open=is_open)
    world.tracker.fail_write(write, error, when=when)
    try:
        world.by_hand(action, is_open=is_open)
    except Killed:
        world.world.state.dead_claims |= {claim.claim_id for claim in world.world.state.claims.values()}
    world.tracker.faults.clear()
    world.by_hand(action)
    world.by_hand(action)
    assert world.tracker.issues[1].is_open is expected.tracker.issues[1].is_open
    assert len(world.tracker.ours(1)) == len(expected.tracker.ours(1))
    assert world.audited() == expected.audited()
    assert world.incident()["notes"] == []


def test_what_another_run_did_before_the_claim_was_had_is_not_undone() -> None:
    """The issue is read again under the claim: what was seen before is not written back."""
    world = CommentWorld()
    world.tracker.by_hand(1, labels=())
    read, done = world.tracker.issue, []

    def issue(number: int) -> Issue | None:
        found = read(number)
        if not done:
            done.append(number)
            world.check()
            body = f"{world.tracker.issues[1].body}\n\nCall Bob."
            world.tracker.by_hand(1, body=body, labels=(*world.tracker.issues[1].labels, "customer"))
        return found

    world.tracker.issue = issue  # type: ignore[method-assign]
    assert world.by_hand("unlabeled").outcome is Outcome.IN_ORDER
    assert "Call Bob." in world.tracker.issues[1].body
    assert "customer" in world.tracker.issues[1].labels


def test_an_issue_that_was_opened_again_meanwhile_is_not_opened_and_explained_twice() -> None:
    world = CommentWorld()
    world.tracker.by_hand(1, is_open=False)
    read, done = world.tracker.issue, []

    def issue(number: int) -> Issue | None:
        found = read(number)
        if not done:
            done.append(number)
            assert world.by_hand("closed").outcome is Outcome.REOPENED
        return found

    world.tracker.issue = issue  # type: ignore[method-assign]
    assert world.by_hand("closed").outcome is Outcome.IN_ORDER
    assert len(world.tracker.ours(1)) == 1
    assert world.audited() == ["incident.detected", "incident.reopened"]


@pytest.mark.parametrize("action", ["closed", "edited", "reopened", "unlabeled"])
def test_an_issue_that_only_has_the_number_of_ours_is_not_written(action) -> None:
    """A state branch that was copied into another repository names numbers that are somebody else's there."""
    world = CommentWorld()
    outcomes: list[EventOutcome] = []
    world.tracker.by_hand(
        1, author="mallory", body="Mine", labels=(), is_open=False, url="https://github.com/o/other/issues/1"
    )
    assert world.is_unchanged_by(lambda: outcomes.append(world.by_hand(action)))
    assert outcomes[0].outcome is Outcome.NOT_OURS
    assert "not the one that was opened" in outcomes[0].reason
    assert world.world.state.claims == {}
