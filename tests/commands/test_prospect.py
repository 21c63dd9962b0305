"""What `/adopt` and `/revert` promise about the incident is what the next check does."""

from typing import Any

import pytest
from tests.commands.builders import URL, document, file_of
from tests.commands.comment_world import CommentWorld

from workflowops.commands.adopt import adopt_branch
from workflowops.core.incident.policy import OnDriftGone

ACCEPTED, REVERTED = "`accepted_runtime_changes`", "`reverted_to_git`"


def with_a_secret(number: int) -> dict[str, Any]:
    """What somebody made of a workflow who put a password into it."""
    edited = document(f"Orders {number}", url="https://other.example.com")
    edited["nodes"][-1]["parameters"]["password"] = "hunter2hunter2"
    return edited


def merged(world: CommentWorld) -> None:
    world.world.repository.merge(adopt_branch(1))
    world.check()


@pytest.mark.parametrize(
    ("policy", "promise", "status"),
    [
        pytest.param({}, f"reconciles this incident with the resolution {ACCEPTED}.", "reconciled", id="reconcile"),
        pytest.param({"on_drift_gone": OnDriftGone.CLOSE}, "and closes it", "closed", id="close"),
        pytest.param({"on_drift_gone": OnDriftGone.TELL}, "leaves this incident open", "detected", id="tell"),
        pytest.param({"enabled": False}, "reconciles this incident", "reconciled", id="no new incidents"),
    ],
)
def test_adopting_promises_what_the_configuration_lets_happen(policy, promise, status) -> None:
    world = CommentWorld()
    world.set_policy(**policy)
    world.say("/adopt")
    answer = world.last_answer
    assert promise in answer
    assert promise.replace("this incident", "incident #1") in world.tracker.pull_requests[-1].body
    merged(world)
    assert world.status == status
    assert (world.incident()["resolution_type"] == "accepted_runtime_changes") == (ACCEPTED in answer)


def test_a_workflow_that_was_refused_keeps_the_incident_open_and_the_answer_says_how_to_adopt_it() -> None:
    world = CommentWorld(workflows=2)
    world.world.put("prod", "w1", with_a_secret(1))
    world.check()
    world.say("/adopt")
    for text in (world.last_answer, world.tracker.pull_requests[-1].body):
        assert "stays open because of: <code>Orders 1</code>." in text
        assert "reconciles" not in text
        assert "<code>/adopt allow&#95;secrets=yes</code>" in text
    merged(world)
    assert world.status == "detected"
    world.say("/adopt allow_secrets=yes")
    assert "stays open" not in world.last_answer
    merged(world)
    assert world.status == "reconciled"


def test_a_workflow_that_is_in_sync_by_now_does_not_keep_the_incident_open() -> None:
    world = CommentWorld(workflows=2)
    world.world.put("prod", "w1", document("Orders 1", url="https://other.example.com"))
    world.check()
    world.world.put("prod", "w1", document("Orders 1", url=f"{URL}/1"))
    world.say("/adopt")
    assert "reconciles this incident." in world.last_answer
    merged(world)
    assert (world.status, world.incident()["resolution_type"]) == ("reconciled", "mixed")


def test_no_resolution_is_promised_when_n8n_has_moved_since_the_check() -> None:
    world = CommentWorld()
    world.world.put("prod", "w0", document("Orders 0", url="https://another.example.com"))
    world.say("/adopt")
    assert "reconciles this incident." in world.last_answer
    merged(world)
    assert world.status == "reconciled"


@pytest.mark.parametrize("command", ["/adopt", "/revert"])
def test_no_resolution_is_promised_where_git_is_ahead_in_something_else(command) -> None:
    world = CommentWorld()
    world.put_back()
    world.check()
    world.world.repository.commit({"prod/orders_0.json": file_of(document("Orders 0", url=f"{URL}/v2"))})
    world.world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), active=True)
    world.check()
    assert world.status == "detected"
    world.say(command)
    assert "reconciles this incident." in world.last_answer
    assert "with the resolution" not in world.last_answer


@pytest.mark.parametrize(
    ("policy", "promise", "status"),
    [
        pytest.param({}, f"reconciles this incident with the resolution {REVERTED}.", "reconciled", id="reconcile"),
        pytest.param({"on_drift_gone": OnDriftGone.TELL}, "leaves this incident open", "detected", id="tell"),
    ],
)
def test_a_plan_promises_what_the_configuration_lets_happen(policy, promise, status) -> None:
    world = CommentWorld(**policy)
    world.say("/revert")
    assert promise in world.last_answer
    world.put_back()
    world.check()
    assert world.status == status


def test_a_plan_without_all_workflows_says_which_one_keeps_the_incident_open() -> None:
    world = CommentWorld(workflows=2)
    world.world.put("prod", "w1", document("Orders 1", url="https://other.example.com"))
    world.check()
    world.world.repository.commit({"prod/orders_1.json": b"{"})
    world.say("/revert")
    assert "stays open because of: <code>Orders 1</code>." in world.last_answer
    world.put_back()
    world.check()
    assert world.status == "detected"
