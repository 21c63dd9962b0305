"""Rolling back later: the workflows of a promotion become what they were, whatever the promotion did with them."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.promotion.planning_world import OLD, World, codes, document
from tests.core.promotion.simulation import Instance, simulate
from tests.core.promotion.test_planning import FEWER, OVERWRITE, worlds

from workflowops.core.configuration import OnDelete, Publish, Stage
from workflowops.core.promotion.content import held_of
from workflowops.core.promotion.plan import Held, Options, PromotionKind, PromotionPlan, Publication, WorkflowChangeType
from workflowops.core.promotion.position import promoted_of
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.rolling_back import plan_rollback
from workflowops.core.promotion.snapshot import Snapshot, SnapshotWorkflow
from workflowops.core.promotion.target import Credential, Credentials

CREATED, UPDATED, REMOVED = WorkflowChangeType.CREATED, WorkflowChangeType.UPDATED, WorkflowChangeType.REMOVED
MATCH = Stage(environment="prod", publish=Publish.MATCH_SOURCE, on_delete=OnDelete.DELETE)


def snapshot_of(instance: Instance) -> Snapshot:
    return Snapshot(
        promotion_id="promo-7",
        environment="prod",
        taken_at="2026-01-14T10:00:00Z",
        workflows={
            key: SnapshotWorkflow(
                id=key,
                name=each.name,
                active=each.active,
                is_archived=each.is_archived,
                tags=each.tags,
                version_id=each.version_id,
                published_version_id=each.published_version_id,
                document=each.document(),
                published=each.published(),
            )
            for key, each in instance.listed().items()
        },
    )


@dataclass
class Done:
    """A promotion that was carried out: its record, what was there before it, and the world after it."""

    promotion: Promotion
    before: Instance
    world: World

    def rollback(self, options: Options | None = None) -> PromotionPlan:
        live = self.world.n8n.listed()
        return plan_rollback(
            self.promotion,
            snapshot=snapshot_of(self.before),
            target=self.world.target(live),
            live=live,
            options=options or Options(),
        )


def carried_out(world: World, *, options: Options | None = None) -> Done:
    """Promote what Git declares."""
    plan = world.plan(options=options)
    assert not plan.is_blocked, (plan.findings, plan.conflicts)
    before, world.n8n = world.n8n, simulate(plan, world.n8n)
    created = world.n8n.created
    world.linked = world.linked | {known: each for each, known in created.items()}
    promotion = Promotion(
        promotion_id="promo-7",
        pipeline_id="default",
        source_stage="dev",
        target_stage="prod",
        status=PromotionStatus.COMPLETED,
        workflow_selection=tuple(each.canonical_id for each in plan.workflows),
        plan_digest=plan.digest,
        git_commit_sha="c" * 40,
        created_by="ada",
        created_at="2026-01-14T10:00:00Z",
        workflows=tuple(
            replace(promoted_of(each), n8n_workflow_id=each.target_workflow_id or created.get(each.canonical_id))
            for each in plan.workflows
        ),
    )
    return Done(promotion, before, world)


def updated(**stage: Any) -> Done:
    world = World(stage=replace(Stage(environment="prod"), **stage))
    world.put("a", document("a", tags=["old"], settings={"executionOrder": "v1", "timezone": "UTC"}))
    world.declare("a", document("a", url="https://new.example.com", path="orders"), tags=["new"])
    return carried_out(world)


def state(held: Held) -> tuple[Any, ...]:
    """Answer what has to be as it was; versions have new ids, and what is archived runs nowhere."""
    return (held.draft, held.published, held.is_active, held.is_archived, set(held.tags))


def test_an_update_is_taken_back_with_its_tags_and_settings() -> None:
    done = updated()
    plan = done.rollback()
    (planned,) = plan.workflows
    assert (plan.kind, planned.change_type, planned.publication) == (
        PromotionKind.ROLLBACK,
        UPDATED,
        Publication.PUBLISH,
    )
    assert (planned.tags, plan.is_blocked, plan.git_commit_sha) == (("old",), False, None)
    after = simulate(plan, done.world.n8n)
    assert after.workflows == done.before.workflows


def test_what_was_created_is_deleted() -> None:
    world = World(stage=MATCH)
    world.declare("a", active=True)
    done = carried_out(world)
    (planned,) = done.rollback().workflows
    assert (planned.change_type, planned.removal) == (REMOVED, OnDelete.DELETE)
    assert simulate(done.rollback(), done.world.n8n).workflows == {}


def test_what_was_created_and_is_called_by_now_stays() -> None:
    world = World(stage=MATCH)
    world.declare("a", active=True)
    done = carried_out(world)
    done.world.n8n.create(document("Later", calls=[done.world.n8n.created["a"]]), workflow_id="t-later")
    assert codes(done.rollback()) == ["still_called"]


@pytest.mark.parametrize("on_delete", [OnDelete.ARCHIVE, OnDelete.UNPUBLISH])
def test_what_was_removed_runs_again_under_its_id(on_delete) -> None:
    world = World(stage=Stage(environment="prod", on_delete=on_delete))
    world.put("a")
    done = carried_out(world)
    plan = done.rollback()
    assert [(each.change_type, each.target_workflow_id) for each in plan.workflows] == [(UPDATED, "t-a")]
    assert simulate(plan, done.world.n8n).workflows == done.before.workflows


def test_what_was_deleted_is_created_again_and_what_called_it_calls_it_again() -> None:
    world = World(stage=MATCH)
    world.put("sub")
    world.put("main", document("main", calls=["t-sub"]))
    world.declare("main", document("main"))
    done = carried_out(world)
    plan = done.rollback()
    assert [(each.canonical_id, each.change_type) for each in plan.workflows] == [("sub", CREATED), ("main", UPDATED)]
    assert not plan.is_blocked
    after = simulate(plan, done.world.n8n)
    new = after.created["sub"]
    assert new != "t-sub"
    assert after.workflows["t-main"]["nodes"][2]["parameters"]["workflowId"]["value"] == new
    assert after.workflows[new]["active"]


def test_a_draft_that_was_ahead_is_a_draft_again() -> None:
    world = World()
    world.put("a")
    world.declare("a", document("a", url="https://new.example.com"))
    world.save("t-a", document("a", url="https://draft.example.com"))
    done = carried_out(world, options=OVERWRITE)
    plan = done.rollback()
    (planned,) = plan.workflows
    assert planned.published_document is not None
    assert planned.planned != planned.planned_published
    after = held_of(simulate(plan, done.world.n8n).listed()["t-a"])
    assert state(after) == state(held_of(done.before.listed()["t-a"]))


def test_what_was_archived_is_archived_again() -> None:
    world = World()
    world.put("a")
    world.n8n.archive("t-a")
    world.declare("a", document("a", url="https://new.example.com"))
    done = carried_out(world, options=OVERWRITE)
    (planned,) = done.rollback().workflows
    assert (planned.change_type, planned.removal) == (REMOVED, OnDelete.ARCHIVE)
    assert simulate(done.rollback(), done.world.n8n).workflows["t-a"]["isArchived"]


def edited(done: Done) -> None:
    done.world.edit("t-a", document("a", url="https://hot.example.com"))


def drafted(done: Done) -> None:
    done.world.save("t-a", document("a", url="https://draft.example.com"))


def switched_off(done: Done) -> None:
    done.world.n8n.unpublish("t-a")


def archived(done: Done) -> None:
    done.world.n8n.archive("t-a")


def deleted(done: Done) -> None:
    del done.world.n8n.workflows["t-a"]


def tagged(done: Done) -> None:
    done.world.n8n.tag("t-a", ("urgent",))


@pytest.mark.parametrize("happened", [edited, drafted, switched_off, archived, deleted, tagged])
def test_what_moved_since_is_not_undone_unasked(happened) -> None:
    done = updated()
    happened(done)
    assert codes(done.rollback()) == ["moved_since"]
    plan = done.rollback(OVERWRITE)
    assert (plan.is_blocked, codes(plan, gravity=("warning",))) == (False, ["moved_since"])
    after = simulate(plan, done.world.n8n)
    now = held_of(after.listed()[after.created.get("a", "t-a")])
    assert state(now) == state(held_of(done.before.listed()["t-a"]))


def incomplete(done: Done) -> Done:
    done.promotion = replace(done.promotion, status=PromotionStatus.ROLLBACK_INCOMPLETE)
    return done


def test_what_an_incomplete_rollback_left_is_taken_back_whatever_part_of_it_is_there() -> None:
    done = incomplete(updated())
    assert codes(done.rollback()) == []
    assert [each.change_type for each in done.rollback().workflows] == [UPDATED]
    done.world.n8n = done.before
    assert (codes(done.rollback()), done.rollback().changes) == ([], ())


@pytest.mark.parametrize("happened", [edited, drafted, tagged])
def test_what_somebody_did_after_an_incomplete_rollback_is_not_undone_unasked(happened) -> None:
    done = incomplete(updated())
    happened(done)
    assert codes(done.rollback()) == ["moved_since"]


def test_what_an_incomplete_rollback_has_deleted_already_is_not_asked_about() -> None:
    world = World(stage=MATCH)
    world.declare("a", active=True)
    done = incomplete(carried_out(world))
    del done.world.n8n.workflows[done.world.n8n.created["a"]]
    assert (codes(done.rollback()), done.rollback().changes) == ([], ())


@pytest.mark.parametrize("is_gone", [True, False], ids=["it is gone", "it stays"])
def test_what_was_created_and_changed_since_is_not_deleted_unasked(is_gone) -> None:
    world = World(stage=MATCH)
    world.declare("a", active=True)
    done = carried_out(world)
    workflow_id = done.world.n8n.created["a"]
    if is_gone:
        del done.world.n8n.workflows[workflow_id]
    else:
        done.world.edit(workflow_id, document("a", url="https://hot.example.com"))
    assert codes(done.rollback()) == ["moved_since"]
    assert len(done.rollback(OVERWRITE).changes) == (0 if is_gone else 1)


def test_what_others_changed_elsewhere_does_not_matter() -> None:
    done = updated()
    done.world.put("b")
    assert not done.rollback().is_blocked
    assert [each.canonical_id for each in done.rollback().workflows] == ["a"]


def test_what_is_as_it_was_already_is_left_alone() -> None:
    done = updated()
    done.world.n8n = simulate(done.rollback(), done.world.n8n)
    plan = done.rollback(OVERWRITE)
    assert (plan.changes, codes(plan)) == ((), [])


def test_a_snapshot_without_the_workflow_says_so() -> None:
    done = updated()
    done.before = Instance()
    assert codes(done.rollback()) == ["target_unknown"]
    assert done.rollback().changes == ()


def test_the_stages_names_of_credentials_are_not_mapped_once_more() -> None:
    world = World(stage=Stage(environment="prod", credentials={"Orders DB": "Orders DB (prod)"}))
    known = (Credential("t-cred-1", "Orders DB", "postgres"), Credential("t-cred-2", "Orders DB (prod)", "postgres"))
    world.credentials = Credentials(known=known, is_complete=True)
    world.put("a", document("a", credential={"id": "t-cred-1", "name": "Orders DB"}))
    world.declare("a", document("a", credential={"id": "x", "name": "Orders DB (prod)"}))
    done = carried_out(world)
    plan = done.rollback()
    assert codes(plan) == []
    assert [each.id for each in plan.workflows[0].credentials] == ["t-cred-1"]


def test_a_credential_that_is_gone_is_told() -> None:
    world = World()
    world.put("a", document("a", credential={"id": "t-cred-1", "name": "Orders DB"}))
    world.declare("a", document("a"))
    done = carried_out(world)
    done.world.credentials = Credentials(is_complete=True)
    assert codes(done.rollback()) == ["credential_missing"]


def test_a_data_table_of_the_snapshot_is_the_instances_own() -> None:
    world = World()
    table = {
        "name": "Rows",
        "type": "n8n-nodes-base.dataTable",
        "typeVersion": 1,
        "position": [0, 300],
        "id": "rows",
        "parameters": {"dataTableId": {"__rl": True, "mode": "id", "value": "table-1"}},
    }
    had = document("a")
    world.put("a", had | {"nodes": [*had["nodes"], table]})
    world.declare("a", document("a"))
    done = carried_out(world)
    plan = done.rollback()
    assert codes(plan) == []
    assert simulate(plan, done.world.n8n).workflows == done.before.workflows


def test_a_reference_that_led_nowhere_before_does_not_keep_a_rollback_from_it() -> None:
    world = World()
    world.put("a", document("a", settings={"executionOrder": "v1", "errorWorkflow": "t-gone"}))
    world.declare("a", document("a", url="https://new.example.com"))
    done = carried_out(world)
    plan = done.rollback()
    assert codes(plan) == []
    assert simulate(plan, done.world.n8n).workflows == done.before.workflows


def test_a_server_of_n8n_1_is_rolled_back_as_well() -> None:
    world = World(abilities=OLD)
    world.put("a")
    world.declare("a", document("a", url="https://new.example.com"))
    done = carried_out(world)
    for each in (done.before, done.world.n8n):
        each.workflows["t-a"]["activeVersion"] = None
    plan = done.rollback()
    assert codes(plan) == []
    assert plan.workflows[0].published_document is None
    after = simulate(plan, done.world.n8n)
    assert after.workflows["t-a"]["nodes"] == done.before.workflows["t-a"]["nodes"]


@FEWER
@given(worlds(), st.sampled_from([Options(), OVERWRITE]))
def test_a_rollback_undoes_a_promotion(world, options) -> None:
    if world.plan(options=options).is_blocked:
        return
    done = carried_out(world, options=options)
    plan = done.rollback()
    if plan.is_blocked:
        assert set(codes(plan)) <= {"dependency_not_published", "still_called", "workflow_missing", "webhook_collision"}
        return
    after = simulate(plan, done.world.n8n)
    was, now = done.before.listed(), after.listed()
    ids = {f"t-{each}": known for each, known in after.created.items()}
    assert now.keys() == {ids.get(each, each) for each in was}
    for workflow_id, each in was.items():
        held, before = held_of(now[ids.get(workflow_id, workflow_id)]), held_of(each)
        if before.is_archived:
            assert held.is_archived
            continue
        drop = {} if not ids else {"references": {}}
        assert replace(held.draft, **drop) == replace(before.draft, **drop)
        graphs = [None if each is None else each.graph for each in (held.published, before.published)]
        assert graphs[0] == graphs[1]
        assert (held.is_active, held.is_archived, set(held.tags)) == (
            before.is_active,
            before.is_archived,
            set(before.tags),
        )


@FEWER
@given(worlds())
def test_a_rollback_of_a_rollback_has_nothing_left_to_do(world) -> None:
    if world.plan().is_blocked:
        return
    done = carried_out(world)
    plan = done.rollback()
    if plan.is_blocked or any(each.change_type is CREATED for each in plan.changes):
        return
    done.world.n8n = simulate(plan, done.world.n8n)
    assert done.rollback(OVERWRITE).changes == ()


def test_a_setting_that_said_its_default_before_is_cleared_again() -> None:
    world = World()
    world.put("e")
    world.put("a", document("a", settings={"executionOrder": "v1", "errorWorkflow": "DEFAULT"}))
    world.declare("a", document("a", settings={"executionOrder": "v1", "errorWorkflow": "dev-e"}))
    world.declare("e")
    done = carried_out(world)
    after = simulate(done.rollback(), done.world.n8n)
    assert held_of(after.listed()["t-a"]).draft == held_of(done.before.listed()["t-a"]).draft
