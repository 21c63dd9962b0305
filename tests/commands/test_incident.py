"""`incident`: what the state knows, and the lifecycle by hand, with GitHub or without."""

import pytest
from tests.commands.builders import MINUTE
from tests.commands.comment_world import CommentWorld, reconciled_world
from tests.commands.fake_tracker import Killed

from workflowops.commands.desk import CLAIM
from workflowops.commands.incident import list_incidents, show_incident, take_step
from workflowops.core.claims import Claim
from workflowops.core.comment.outcome import StepOutcome
from workflowops.core.incident.policy import Grouping, OnDriftGone
from workflowops.core.incident.record import Event
from workflowops.errors import BlockedError, ConfigurationError, ExitCode, PushRefusedError, RemoteError


def step(world: CommentWorld, event: Event, *, number: int = 1, workspace=None, desk=None, **fields) -> StepOutcome:
    world.world.clock.now += MINUTE
    at = world.desk(workspace=world.world.workspace(**(workspace or {})), **(desk or {}))
    return take_step(at, number, event, fields)


def numbers(world: CommentWorld, *, environments=(), is_all: bool = False) -> list[int]:
    found = list_incidents(world.world.state, environments=environments, is_all=is_all)
    return [each.number for each in found]


def test_open_incidents_are_listed_newest_first_and_closed_ones_when_asked_for() -> None:
    world = CommentWorld(workflows=3, group_by=Grouping.WORKFLOW, on_drift_gone=OnDriftGone.CLOSE)
    world.edit(1)
    world.edit(2)
    world.check()
    world.put_back(1)
    world.check()
    (gone,) = set(numbers(world, is_all=True)) - set(numbers(world))
    assert numbers(world) == sorted({1, 2, 3} - {gone}, reverse=True)
    assert numbers(world, is_all=True)[-1] == gone
    assert numbers(world, environments={"prod"}) == numbers(world)
    assert numbers(world, environments={"dev"}) == []


def test_no_incident_is_an_empty_list() -> None:
    world = CommentWorld()
    world.world.state.files.clear()
    assert numbers(world, is_all=True) == []


def test_an_incident_is_shown_with_its_differences() -> None:
    world = CommentWorld()
    incident, details = show_incident(world.world.state, 1)
    assert incident.number == 1
    assert "api-new.example.com" in details


def test_an_unknown_number_names_those_that_are_there() -> None:
    world = CommentWorld()
    for act in (lambda: show_incident(world.world.state, 9), lambda: step(world, Event.ACKNOWLEDGE, number=9)):
        with pytest.raises(ConfigurationError, match="no incident #9") as raised:
            act()
        assert "#1" in raised.value.fix
    world.world.state.files.clear()
    with pytest.raises(ConfigurationError) as raised:
        show_incident(world.world.state, 9)
    assert raised.value.fix == "There is none yet."


def test_the_lifecycle_by_hand_is_told_on_the_issue_and_in_the_log() -> None:
    world = CommentWorld(notify=("${SLACK}",))
    world.notifier.sent.clear()
    step(world, Event.ACKNOWLEDGE, comment="Reviewing")
    step(world, Event.ASSIGN, assigned_to="tina")
    step(world, Event.STABILIZE, reason="Committed", resolution_plan="Sync")
    outcome = step(world, Event.RECONCILE, resolution_type="replaced")
    assert "back to detected" in (outcome.warning or "")
    outcome = step(world, Event.CLOSE, closure_reason="Done")
    assert (outcome.incident.status, outcome.exit_code, outcome.is_on_github) == ("closed", ExitCode.DONE, True)
    assert world.audited()[1:] == [
        f"incident.{done}" for done in ("acknowledged", "assigned", "stabilized", "reconciled", "closed")
    ]
    assert {entry["user_id"] for entry in world.world.audit()[-5:]} == {"ada"}
    assert len(world.tracker.ours(1)) == 5
    assert "### Incident closed" in world.last_answer
    assert world.tracker.issues[1].assignees == ("tina",)
    assert not world.tracker.issues[1].is_open
    assert len(world.notifier.sent) == 1
    assert world.world.state.claims == {}


def test_an_impossible_step_is_a_rule_that_said_no() -> None:
    world = CommentWorld()
    with pytest.raises(BlockedError, match="has to be reconciled") as raised:
        step(world, Event.CLOSE)
    assert "`workflowops incident acknowledge 1`" in raised.value.fix
    assert world.status == "detected"
    assert world.world.state.claims == {}


def test_a_closed_incident_can_do_nothing() -> None:
    world = reconciled_world()
    step(world, Event.CLOSE)
    with pytest.raises(BlockedError) as raised:
        step(world, Event.ACKNOWLEDGE)
    assert "incident list" in raised.value.fix


@pytest.mark.parametrize("fields", [{"assigned_to": "not a login"}, {"nonsense": "x"}])
def test_fields_that_do_not_fit_are_refused(fields) -> None:
    world = CommentWorld()
    with pytest.raises(BlockedError):
        step(world, Event.ASSIGN, **fields)
    assert world.audited() == ["incident.detected"]


def test_without_github_the_step_is_kept_and_the_issue_follows() -> None:
    world = CommentWorld()
    calls = len(world.tracker.calls)
    outcome = step(world, Event.ACKNOWLEDGE, desk={"tracker": None}, comment="On it")
    assert (outcome.is_on_github, outcome.exit_code, world.status) == (False, ExitCode.DONE, "acknowledged")
    assert len(world.tracker.calls) == calls
    assert len(world.incident()["notes"]) == 1
    world.check()
    assert "On it" in world.last_answer
    assert "workflowops:acknowledged" in world.tracker.issues[1].labels
    assert world.incident()["notes"] == []


def test_a_dry_run_of_a_step_writes_nothing() -> None:
    world = CommentWorld()
    outcomes: list[StepOutcome] = []
    dry = {"is_dry_run": True}
    assert world.is_unchanged_by(lambda: outcomes.append(step(world, Event.ACKNOWLEDGE, workspace=dry)))
    assert (outcomes[0].is_plan, outcomes[0].incident.status) == (True, "acknowledged")


def test_a_dry_run_refuses_as_well() -> None:
    with pytest.raises(BlockedError):
        step(CommentWorld(), Event.CLOSE, workspace={"is_dry_run": True})


def test_github_that_fails_is_told_and_the_step_stands() -> None:
    world = CommentWorld()
    world.tracker.outage = RemoteError("GitHub does not answer.", fix="Again.")
    outcome = step(world, Event.ACKNOWLEDGE)
    assert (outcome.exit_code, world.status) == (ExitCode.REMOTE, "acknowledged")
    world.tracker.outage = None
    world.check()
    assert len(world.tracker.ours(1)) == 1


def test_a_run_that_dies_after_the_decision_is_made_good() -> None:
    world = CommentWorld()
    world.tracker.fail_write(3, Killed(), when="after")
    with pytest.raises(Killed):
        step(world, Event.ACKNOWLEDGE)
    world.world.state.dead_claims |= {claim.claim_id for claim in world.world.state.claims.values()}
    world.check()
    assert len(world.tracker.ours(1)) == 1
    assert world.incident()["notes"] == []


@pytest.mark.parametrize("has_github", [True, False])
def test_only_who_writes_to_github_waits_for_a_living_run(has_github) -> None:
    world = CommentWorld()
    now = world.world.clock()
    world.world.state.claims[CLAIM] = Claim(
        name=CLAIM,
        owner="bob",
        reason="work",
        claim_id="other",
        created_at=now,
        renewed_at=now,
        expires_at=now + 5 * MINUTE,
    )
    step(world, Event.ACKNOWLEDGE, desk={} if has_github else {"tracker": None})
    assert (sum(world.pauses) > 60) is has_github
    assert world.status == "acknowledged"


def test_a_push_that_is_refused_is_the_commands_failure() -> None:
    world = CommentWorld()
    world.world.state.refusal = PushRefusedError("Protected.", fix="Allow it.")
    with pytest.raises(PushRefusedError):
        step(world, Event.ACKNOWLEDGE)


def test_a_step_that_somebody_took_in_between_is_not_taken_twice() -> None:
    world = CommentWorld()

    def other() -> None:
        store = world.world.state
        held, store.claims = dict(store.claims), {}
        world.say("/acknowledge")
        store.claims = held

    world.world.state.interference = [other]
    with pytest.raises(BlockedError, match="has to be detected; it is acknowledged"):
        step(world, Event.ACKNOWLEDGE)
    assert world.audited() == ["incident.detected", "incident.acknowledged"]
