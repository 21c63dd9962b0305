"""The files of promotions: record, index and audit entries stand in one commit, and a step is taken on the tip."""

from dataclasses import replace
from typing import Any

import pytest
from tests.commands.builders import World
from tests.core.promotion.records import BEGUN, DIGEST, approval, promoted, promotion, result

from workflowops.commands.audit import verify_audit
from workflowops.commands.auditing import credential_entries, promotion_entries, recorded
from workflowops.commands.promotion_files import (
    changed_files,
    files_for,
    known_promotion,
    open_promotions,
    promotion_ids,
    promotion_of_commit,
    promotions,
    read_index,
    read_promotion,
    read_record,
    step_promotion,
)
from workflowops.commands.promotions import list_promotions, show_promotion
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import Promotion, PromotionsIndex, PromotionStatus
from workflowops.core.promotion.register import Registered, Run, approve, begin, complete, create, hold, reject
from workflowops.core.promotion.snapshot import StoredSnapshot
from workflowops.core.records import EnvironmentRecord
from workflowops.errors import BlockedError, ConfigurationError, StateError

RUN = Run(by="ada", at=BEGUN)


def register(world: World, **changes: Any) -> Promotion:
    """Register a promotion, as the merge of a pull request does."""
    made: list[Registered] = []

    def decide(tip: Any) -> Any:
        new = promotion(**changes)
        made.append(create(new, index=read_index(tip), others=open_promotions(tip, new.target_stage)))
        return changed_files(world.workspace(), tip, made[-1], now=world.clock())

    world.state.change(decide, message="promote: plan")
    return made[-1].promotion


def approving(before: Promotion, index: PromotionsIndex, _: Any) -> Registered:
    return approve(before, approval(), index=index)


def beginning(before: Promotion, index: PromotionsIndex, tip: Any) -> Registered:
    others = open_promotions(tip, before.target_stage)
    snapshot = StoredSnapshot("promo-1-pre", "c" * 40)
    return begin(before, index=index, others=others, workflows=[promoted()], pre_snapshot=snapshot, run=RUN)


def ending(before: Promotion, index: PromotionsIndex, _: Any) -> Registered:
    return complete(before, index=index, workflows=[promoted()], result=result(), at=BEGUN)


def rejecting(before: Promotion, index: PromotionsIndex, _: Any) -> Registered:
    return reject(before, index=index, by="grace", at=BEGUN, reason="Not now")


def step(world: World, promotion_id: str, take: Any, **changes: Any) -> Promotion:
    return step_promotion(world.workspace(**changes), promotion_id, take, message="promote").promotion


def finish(world: World, promotion_id: str) -> None:
    for take in (approving, beginning, ending):
        step(world, promotion_id, take)


@pytest.fixture
def world() -> World:
    return World("dev", "staging", "prod")


def test_a_state_without_promotions_has_none(world: World) -> None:
    view = world.state.view()
    assert (read_index(view), promotion_ids(view), open_promotions(view, "prod")) == (PromotionsIndex(), (), ())
    assert read_promotion(view, "promo-1") is None


def test_a_promotion_is_read_as_it_was_written(world: World) -> None:
    made = register(world)
    finish(world, "promo-1")
    found = read_promotion(world.state.view(), "promo-1")
    assert found is not None
    assert (found.created_by, found.status, found.workflows) == (
        made.created_by,
        PromotionStatus.COMPLETED,
        (promoted(),),
    )
    assert found.execution_result == result()


def test_record_index_and_audit_entries_are_one_commit(world: World) -> None:
    register(world)
    assert world.state.written == [
        frozenset(
            {
                "promotions/promo-1.json",
                "promotions/index.json",
                "environments/staging/environment.json",
                "environments/staging/audit/2026-01.jsonl",
            }
        )
    ]


def test_the_log_tells_the_whole_way_by_those_who_went_it(world: World) -> None:
    register(world)
    finish(world, "promo-1")
    assert [(line["action"], line["user_id"]) for line in world.audit("staging")] == [
        ("promotion.created", "ada"),
        ("promotion.approved", "grace"),
        ("promotion.started", "ada"),
        ("promotion.completed", "ada"),
    ]
    assert {(line["resource_type"], line["resource_id"]) for line in world.audit("staging")} == {
        ("promotion", "promo-1")
    }
    assert verify_audit(world.state).problems == ()


def test_rewritten_credentials_are_lines_of_their_own(world: World) -> None:
    register(world)
    finish(world, "promo-1")
    done = known_promotion(world.state.view(), "promo-1")
    entries = credential_entries(world.workspace(), done, plan=None, now=world.clock())
    tip = world.state.view()
    world.state.write(recorded(tip, read_record(tip, "staging"), entries))
    line = world.audit("staging")[-1]
    assert (line["action"], line["resource_type"], line["resource_id"]) == (
        "credential.rewritten",
        "workflow",
        "order-processing",
    )
    assert verify_audit(world.state).problems == ()


def test_an_approval_of_last_month_goes_into_the_log_of_this_one(world: World) -> None:
    made = register(world)
    world.clock.now = world.clock.now.replace(month=2)
    old = replace(made, approvals=(approval(at="2026-01-31T23:59:00Z"),), status=PromotionStatus.RUNNING)
    entries = promotion_entries(world.workspace(), before=made, after=old, now=world.clock())
    tip = world.state.view()
    world.state.write(recorded(tip, read_record(tip, "staging"), entries))
    assert verify_audit(world.state).problems == ()
    approved, started = world.audit("staging")[-2:]
    assert approved["details"]["approved_at"] == "2026-01-31T23:59:00Z"
    assert approved["timestamp"] == started["timestamp"]


def test_a_superseded_promotion_is_written_and_noted_with_the_newer_one(world: World) -> None:
    register(world)
    register(world)
    view = world.state.view()
    assert known_promotion(view, "promo-1").superseded_by == "promo-2"
    assert [each.promotion_id for each in open_promotions(view, "staging")] == ["promo-2"]
    assert [(line["action"], line["resource_id"]) for line in world.audit("staging")] == [
        ("promotion.created", "promo-1"),
        ("promotion.created", "promo-2"),
        ("promotion.superseded", "promo-1"),
    ]


def test_two_that_register_at_once_get_two_numbers(world: World) -> None:
    world.state.interference.append(lambda: register(world, workflow_selection=("other",)) and None)
    made = register(world)
    assert made.promotion_id == "promo-2"
    assert read_index(world.state.view()).open == {"staging": ("promo-1", "promo-2")}


def test_a_step_is_decided_again_when_somebody_was_faster(world: World) -> None:
    register(world)
    world.state.interference.append(lambda: step(world, "promo-1", rejecting) and None)
    with pytest.raises(BlockedError, match="it is rejected"):
        step(world, "promo-1", approving)
    assert known_promotion(world.state.view(), "promo-1").status is PromotionStatus.REJECTED


def test_a_dry_run_decides_and_writes_nothing(world: World) -> None:
    register(world)
    before = dict(world.state.files)
    assert step(world, "promo-1", approving, is_dry_run=True).status is PromotionStatus.APPROVED
    assert world.state.files == before


def test_a_step_that_changes_nothing_writes_nothing(world: World) -> None:
    register(world)
    step(world, "promo-1", approving)
    written = len(world.state.written)
    step(world, "promo-1", approving)
    assert len(world.state.written) == written


def test_a_step_without_anything_to_note_leaves_the_record_of_the_environment_alone(world: World) -> None:
    register(world)
    step(world, "promo-1", lambda before, index, _: hold(before, index=index, problem="A freeze until Monday"))
    assert world.state.written[-1] == {"promotions/promo-1.json"}
    assert known_promotion(world.state.view(), "promo-1").problem == "A freeze until Monday"


def test_what_is_said_beside_a_promotion_stays_in_the_record_of_its_environment(world: World) -> None:
    record = EnvironmentRecord(environment="staging", title="Staging", workflow_count=45)
    world.state.write(recorded(world.state.view(), record, ()))
    register(world)
    assert world.record("staging")["workflow_count"] == 45


def test_an_environment_that_left_the_configuration_is_still_written(world: World) -> None:
    register(world, target_stage="gone")
    assert step(world, "promo-1", rejecting).status is PromotionStatus.REJECTED
    assert world.record("gone")["title"] == "gone"


@pytest.mark.parametrize("name", ["promo-99", "promo-x", "7", "", "../environments/staging/environment", "index"])
def test_an_unknown_id_names_the_latest(world: World, name: str) -> None:
    for _ in range(3):
        register(world)
    with pytest.raises(ConfigurationError) as caught:
        show_promotion(world.state, name)
    assert caught.value.fix == "The latest are promo-3, promo-2, promo-1."


def test_that_there_is_none_yet_is_said(world: World) -> None:
    with pytest.raises(ConfigurationError) as caught:
        show_promotion(world.state, "promo-1")
    assert caught.value.fix == "There is none yet."


def test_the_newest_stand_first_by_number(world: World) -> None:
    for number in range(11):
        register(world, workflow_selection=(f"w{number}",))
    ids = [f"promo-{number}" for number in range(11, 0, -1)]
    assert list(promotion_ids(world.state.view())) == ids
    assert [each.promotion_id for each in promotions(world.state.view())] == ids


def test_the_list_shows_what_is_open_and_all_when_asked(world: World) -> None:
    register(world)
    register(world, target_stage="prod")
    register(world, workflow_selection=("other",))
    finish(world, "promo-1")

    def ids(*environments: str, is_all: bool = False) -> list[str]:
        found = list_promotions(world.state, environments=environments, is_all=is_all)
        return [each.promotion_id for each in found]

    assert ids() == ["promo-3", "promo-2"]
    assert ids(is_all=True) == ["promo-3", "promo-2", "promo-1"]
    assert ids("staging") == ["promo-3"]
    assert ids("staging", is_all=True) == ["promo-3", "promo-1"]
    assert ids("dev", is_all=True) == []


def test_one_merge_is_found_again_however_often_its_event_comes(world: World) -> None:
    register(world)
    finish(world, "promo-1")
    register(world, kind=PromotionKind.ROLLBACK, rolls_back="promo-1", git_commit_sha="c" * 40)
    register(world, git_commit_sha="e" * 40)

    def found(stage: str, commit: str) -> str | None:
        each = promotion_of_commit(world.state.view(), target_stage=stage, git_commit_sha=commit * 40)
        return None if each is None else each.promotion_id

    assert [found("staging", "c"), found("staging", "e")] == ["promo-1", "promo-3"]
    assert [found("prod", "c"), found("staging", "f")] == [None, None]


def test_an_index_that_names_what_is_not_there_is_not_believed(world: World) -> None:
    register(world)
    world.state.write({"promotions/promo-1.json": None})
    with pytest.raises(StateError, match="names promo-1 as open"):
        open_promotions(world.state.view(), "staging")


def test_the_register_alone_can_be_written_beside_other_files(world: World) -> None:
    taken = create(promotion(plan_digest=DIGEST), index=PromotionsIndex(), others=())
    assert sorted(files_for(taken)) == ["promotions/index.json", "promotions/promo-1.json"]
