"""What a run that died left behind is brought to an end by the next one."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.commands.promotion_faults import Died, Fault, check_invariant, comparable, struck
from tests.commands.promotion_world import ALL, TARGET, Answer, PromotionWorld, five

from workflowops.commands.executing import execute
from workflowops.commands.recovering import recover
from workflowops.core.configuration import OnDelete
from workflowops.core.promotion.record import Outcome, PromotionStatus
from workflowops.errors import BlockedError, MovedError, RemoteError, StateError
from workflowops.sandbox.generation import Generation


def dies(world: PromotionWorld, *, writes: int, is_done: bool = True) -> None:
    """Carry out the promotion of all five until the process dies at a write, counted from 1."""
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    world.clear()
    fault = Fault.KILLED_AFTER if is_done else Fault.KILLED_BEFORE

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        if request.method != "GET" and len(world.writes) == writes:
            return struck(fault, request, answer)
        return answer()

    world.interfere = interfere
    with pytest.raises(Died):
        execute(world.execution(seen, plan, promotion))
    world.interfere = lambda _, answer: answer()


WRITES = 11
"""Of the promotion of all five, among them a tag that is made and tags that are set."""


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("writes", range(1, WRITES + 1))
def test_wherever_a_run_dies_the_next_one_puts_everything_back_or_completes_it(writes: int, is_done: bool) -> None:
    world = five()
    before = world.held()
    dies(world, writes=writes, is_done=is_done)
    assert world.stored().status is PromotionStatus.RUNNING
    ended = world.recover()
    is_whole = writes == WRITES and is_done
    assert ended.status is (PromotionStatus.COMPLETED if is_whole else PromotionStatus.ROLLED_BACK)
    assert (world.writes == []) is (is_whole or (writes == 1 and not is_done))
    if not is_whole:
        assert world.held() == before
    assert world.stored() == ended
    assert world.drift_of(TARGET).counts.drifted == 0


@pytest.mark.parametrize("from_write", ["/workflows", "/archive"], ids=["ids unknown", "ids known"])
def test_what_was_carried_out_and_not_recorded_is_completed_without_a_write(from_write: str) -> None:
    whole = five()
    whole.promote(*ALL)
    world = five()
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    world.clear()

    def refuse(request: httpx.Request, answer: Answer) -> httpx.Response:
        if world.writes and world.writes[-1].endswith(from_write):
            world.state.refusal = RemoteError("The remote is away.", fix="Wait.")
        return answer()

    world.interfere = refuse
    with pytest.raises(RemoteError):
        execute(world.execution(seen, plan, promotion))
    world.state.refusal, world.interfere = None, lambda _, answer: answer()
    assert world.stored().status is PromotionStatus.RUNNING
    ended = world.recover()
    assert ended.status is PromotionStatus.COMPLETED
    assert world.writes == []
    assert comparable(world.held()) == comparable(whole.held())
    assert ended.execution_result is not None
    assert ended.execution_result.target_pre_snapshot_id == "promo-1-pre"
    created = world.by_name("Alarm")["id"]
    assert world.mapping(TARGET)[created]["canonical_id"] == "canonical-alarm"
    assert world.drift_of(TARGET).counts.in_sync == 4


def test_what_was_carried_out_with_another_credential_is_not_completed() -> None:
    world = five()
    before = world.held()
    dies(world, writes=WRITES)
    world.instance.add_credential("API Auth", "httpBasicAuth", id="cred-2")

    def exchanged(document: Any) -> Any:
        other = {"credentials": {"httpBasicAuth": {"id": "cred-2", "name": "API Auth"}}}
        return {"nodes": [each | (other if "credentials" in each else {}) for each in document["nodes"]]}

    world.instance.edit_by_hand("id-stock", exchanged, publish=True)
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


def test_a_run_that_died_before_its_record_wrote_nothing_and_is_begun_again() -> None:
    world = five()
    seen, plan = world.plan(*ALL)
    promotion = world.approved(plan)
    world.state.refusal = RemoteError("The remote is away.", fix="Wait.")
    with pytest.raises(RemoteError):
        execute(world.execution(seen, plan, promotion))
    assert world.writes == []
    world.state.refusal = None
    assert world.stored().status is PromotionStatus.APPROVED
    world.instance.set_tags("id-somebody", ["moved"])  # so that the next snapshot is another one
    ended = execute(world.execution(world.look(), plan, promotion))
    assert ended.status is PromotionStatus.COMPLETED
    assert ended.execution_result is not None
    assert ended.execution_result.target_pre_snapshot_id == "promo-1-pre-2"


def test_a_snapshot_that_was_moved_since_is_not_put_back_and_may_be_moved_back() -> None:
    world = five()
    before = world.held()
    dies(world, writes=3)
    commits = world.snapshots.commits
    assert commits["promo-1-pre"] == "commit-of-promo-1-pre"
    commits["promo-1-pre"] = "forged"
    half = world.held()
    with pytest.raises(BlockedError, match="was moved"):
        world.recover()
    assert (world.writes, world.held()) == ([], half)
    commits["promo-1-pre"] = "commit-of-promo-1-pre"
    assert world.recover().status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


def test_what_somebody_edited_after_the_run_died_is_named_and_not_touched() -> None:
    world = five()
    before = world.held()
    dies(world, writes=9)
    document = world.instance.document("id-stock")
    nodes = [{**each, "notes": "hot fix"} for each in document["nodes"]]
    world.instance.edit_by_hand("id-stock", {"nodes": nodes})
    edited = world.held()["id-stock"]
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    assert world.held() == {**before, "id-stock": {**edited, "published": before["id-stock"]["published"]}}
    assert [each for each in world.writes if "id-stock" in each] == ["POST /workflows/id-stock/publish"]
    assert ended.execution_result is not None
    (told,) = ended.execution_result.not_as_before
    assert told == (
        "Stock (id-stock): Staging runs what it ran before. Somebody else changed its draft, so that was not touched "
        "again."
    )


def test_a_created_workflow_whose_id_nobody_learned_is_found_by_its_content_and_deleted() -> None:
    world = five()
    before = world.held()
    dies(world, writes=1)
    assert [each["name"] for each in world.held().values()].count("Alarm") == 1
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert world.held() == before


def test_a_workflow_of_the_same_name_that_somebody_made_is_left_alone() -> None:
    world = five()
    dies(world, writes=1, is_done=False)
    theirs = world.instance.create_workflow({"name": "Alarm", "nodes": [], "connections": {}, "settings": {}})
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLED_BACK
    assert theirs in world.instance.ids()


def test_two_workflows_that_could_be_the_created_one_are_named_and_both_left() -> None:
    world = five()
    dies(world, writes=1)
    document = world.by_name("Alarm")
    world.instance.create_workflow({key: document[key] for key in ("name", "nodes", "connections", "settings")})
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    assert [each["name"] for each in world.held().values()].count("Alarm") == 2
    assert ended.execution_result is not None
    (told,) = ended.execution_result.not_as_before
    assert told.startswith("Alarm: 2 workflows are exactly what was to be created")


def test_without_the_snapshot_nothing_is_put_back_and_the_record_stays() -> None:
    world = five()
    dies(world, writes=5)
    world.snapshots.saved.clear()
    with pytest.raises(StateError, match="snapshot"):
        world.recover()
    assert world.writes == []
    assert world.stored().status is PromotionStatus.RUNNING


def test_only_what_runs_is_recovered() -> None:
    world = five()
    world.promote("stock")
    with pytest.raises(BlockedError, match="nothing to recover"):
        world.recover()


def test_without_the_claim_nothing_is_put_back() -> None:
    world = five()
    dies(world, writes=5)
    execution = world.execution(world.look(), None, world.stored())
    world.clear()

    def keep() -> None:
        if world.reads:
            raise MovedError("The claim is gone.", fix="Run again.")

    with pytest.raises(MovedError):
        recover(replace(execution, keep=keep))
    assert world.writes == []
    assert world.stored().status is PromotionStatus.RUNNING


@pytest.mark.parametrize("at", range(1, 10))
def test_a_recovery_that_dies_is_ended_by_the_one_after_it(at: int) -> None:
    world = five()
    before = world.held()
    dies(world, writes=10)
    world.interfere = lambda request, answer: (
        struck(Fault.KILLED_AFTER, request, answer) if request.method != "GET" and len(world.writes) == at else answer()
    )
    with pytest.raises(Died):
        world.recover()
    world.interfere = lambda _, answer: answer()
    ended = world.recover()
    check_invariant(world, ended, before=before, planned=None)
    assert ended.status is PromotionStatus.ROLLED_BACK


def test_a_workflow_that_was_deleted_for_good_is_named() -> None:
    world = five(on_delete=OnDelete.DELETE)
    before = world.held()
    dies(world, writes=WRITES + 2)
    assert "id-legacy" not in world.instance.ids()
    world.instance.set_tags("id-stock", ["moved"])  # so that it is not as planned
    ended = world.recover()
    assert ended.status is PromotionStatus.ROLLBACK_INCOMPLETE
    check_invariant(world, ended, before=before, planned=None)
    outcomes = {each.canonical_id: each.outcome for each in ended.workflows}
    assert outcomes["canonical-legacy"] is Outcome.OTHERWISE


@pytest.mark.parametrize("writes", range(1, 10))
def test_on_1x_it_is_the_same(writes: int) -> None:
    world = five(generation=Generation.V1, on_delete=OnDelete.UNPUBLISH)
    before = world.held()
    dies(world, writes=writes) if writes <= 8 else world.promote(*ALL)
    if world.stored().status is PromotionStatus.RUNNING:
        ended = world.recover()
        check_invariant(world, ended, before=before, planned=comparable(world.held()))
