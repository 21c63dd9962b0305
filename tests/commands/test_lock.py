"""Locks of environments: who, when and why; taken from others only by force, and every change is audited."""

from typing import Any

import pytest
from tests.commands.builders import World

from workflowops.commands.audit import verify_audit
from workflowops.commands.lock import lock_environment, unlock_environment
from workflowops.commands.promotion_files import read_lock
from workflowops.core.promotion.lock import LockOutcome
from workflowops.core.promotion.record import LockFile
from workflowops.errors import BlockedError

PATH = "environments/prod/lock.json"
BY_ADA = LockFile(locked_by="ada", locked_at="2026-01-14T09:00:00Z", reason="Stock taking")


@pytest.fixture
def world() -> World:
    return World("prod", "staging")


def lock(
    world: World, *, by: str = "ada", reason: str = "Stock taking", force: bool = False, **more: Any
) -> LockOutcome:
    (prod,) = world.environments("prod")
    return lock_environment(world.workspace(**more), prod, reason=reason, by=by, is_forced=force)


def unlock(world: World, *, by: str = "ada", force: bool = False, **more: Any) -> LockOutcome:
    (prod,) = world.environments("prod")
    return unlock_environment(world.workspace(**more), prod, by=by, is_forced=force)


def test_an_environment_is_locked_with_who_when_and_why(world: World) -> None:
    outcome = lock(world)
    assert (outcome.before, outcome.after, outcome.is_change) == (None, BY_ADA, True)
    assert read_lock(world.state.view(), "prod") == BY_ADA
    assert read_lock(world.state.view(), "staging") is None


def test_whoever_runs_this_locks_unless_somebody_asked_for_it(world: World) -> None:
    (prod,) = world.environments("prod")
    assert lock_environment(world.workspace(), prod, reason="x").after == LockFile(
        locked_by="ada", locked_at="2026-01-14T09:00:00Z", reason="x"
    )
    unlock_environment(world.workspace(), prod)
    assert lock(world, by="grace").after.locked_by == "grace"  # type: ignore[union-attr]


def test_an_unlocked_environment_has_no_lock_file(world: World) -> None:
    lock(world)
    outcome = unlock(world)
    assert (outcome.before, outcome.after) == (BY_ADA, None)
    assert PATH not in world.state.files


def test_unlocking_what_is_open_changes_nothing(world: World) -> None:
    assert unlock(world).is_change is False
    assert world.state.written == []


def test_locking_again_for_the_same_reason_changes_nothing(world: World) -> None:
    lock(world)
    world.clock.now = world.clock.now.replace(hour=12)
    assert (lock(world).is_change, lock(world).after) == (False, BY_ADA)
    assert len(world.state.written) == 1


def test_another_reason_takes_the_place_of_the_first(world: World) -> None:
    lock(world)
    outcome = lock(world, reason="Audit")
    assert (outcome.before, outcome.after and outcome.after.reason) == (BY_ADA, "Audit")


@pytest.mark.parametrize("act", [lock, unlock], ids=["lock", "unlock"])
def test_what_somebody_else_locked_is_left_alone(world: World, act: Any) -> None:
    lock(world)
    with pytest.raises(BlockedError, match="ada locked Prod at 2026-01-14T09:00:00Z: Stock taking") as caught:
        act(world, by="grace")
    assert "--force" in caught.value.fix
    assert "force=yes" in caught.value.fix
    assert read_lock(world.state.view(), "prod") == BY_ADA


@pytest.mark.parametrize("act", [lock, unlock], ids=["lock", "unlock"])
def test_force_takes_it_and_the_log_says_from_whom(world: World, act: Any) -> None:
    lock(world)
    outcome = act(world, by="grace", force=True)
    assert outcome.before == BY_ADA
    line = world.audit("prod")[-1]
    assert (line["user_id"], line["details"]["previously_locked_by"]) == ("grace", "ada")
    assert line["details"]["previous_reason"] == "Stock taking"


def test_the_same_reason_by_somebody_else_is_not_the_same_lock(world: World) -> None:
    lock(world)
    with pytest.raises(BlockedError):
        lock(world, by="grace", reason="Stock taking")


def test_every_change_is_audited(world: World) -> None:
    lock(world)
    lock(world)
    unlock(world)
    unlock(world)
    lines = world.audit("prod")
    assert [line["action"] for line in lines] == ["environment.locked", "environment.unlocked"]
    assert [line["details"]["reason"] for line in lines] == ["Stock taking", None]
    assert verify_audit(world.state).problems == ()


@pytest.mark.parametrize("act", [lock, unlock], ids=["lock", "unlock"])
def test_a_dry_run_writes_nothing(world: World, act: Any) -> None:
    lock(world, reason="First")
    before = dict(world.state.files)
    outcome = act(world, is_dry_run=True)
    assert (outcome.is_plan, outcome.is_change) == (True, True)
    assert world.state.files == before


def test_somebody_who_was_faster_keeps_the_lock(world: World) -> None:
    world.state.interference.append(lambda: lock(world) and None)
    with pytest.raises(BlockedError, match="ada locked Prod"):
        lock(world, by="grace")


REASONS = [
    pytest.param("  two\n lines\t", "two lines", id="one line"),
    pytest.param("token ghp_" + "a1B2" * 9, "token ***", id="masked"),
    pytest.param("x" * 600, "x" * 500, id="cut"),
]


@pytest.mark.parametrize(("given", "kept"), REASONS)
def test_a_reason_is_one_safe_line(world: World, given: str, kept: str) -> None:
    after = lock(world, reason=given).after
    assert after is not None
    assert after.reason.startswith(kept)
    assert len(after.reason) <= 500
    assert "ghp_" not in after.reason


@pytest.mark.parametrize("reason", ["", " \n "], ids=repr)
def test_a_lock_needs_a_reason(world: World, reason: str) -> None:
    with pytest.raises(BlockedError, match="needs a reason"):
        lock(world, reason=reason)
