"""The digest of a plan: everything that decides what is written is in it, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from tests.core.promotion.planning_world import World, document
from tests.core.promotion.simulation import simulate
from tests.core.promotion.test_planning import FEWER, OVERWRITE, worlds

from workflowops.core.configuration import OnDelete, Publish, Stage
from workflowops.core.promotion.digest import digest_of
from workflowops.core.promotion.plan import (
    Content,
    CredentialBinding,
    Held,
    Options,
    PlannedWorkflow,
    PromotionKind,
    Publication,
    WorkflowChangeType,
)
from workflowops.core.promotion.target import Source
from workflowops.core.risk import Risk

CONTENT = Content(logic="l", layout="p", graph="g", references={"workflows": {"Call": "t-1"}})
HELD = Held(
    workflow_id="t-a",
    draft=CONTENT,
    published=CONTENT,
    is_active=True,
    is_archived=False,
    tags=("a",),
    version_id="v1",
    published_version_id="v1",
)
PLANNED = PlannedWorkflow(
    canonical_id="a",
    canonical_slug="orders",
    workflow_name="Orders",
    change_type=WorkflowChangeType.UPDATED,
    workflow_id="dev-a",
    target_workflow_id="t-a",
    file="prod/orders.json",
    document=document("Orders"),
    published_document=document("Orders", url="published"),
    planned=CONTENT,
    before=HELD,
    publication=Publication.PUBLISH,
    tags=("b",),
    risk=Risk.CODE,
)


def digest(*workflows: PlannedWorkflow, options: Options | None = None) -> str:
    return digest_of(PromotionKind.PROMOTION, "prod", workflows, options or Options())


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"canonical_id": "b"}, id="which workflow"),
        pytest.param({"change_type": WorkflowChangeType.CREATED}, id="what happens"),
        pytest.param({"target_workflow_id": "t-b"}, id="which one in n8n"),
        pytest.param({"document": document("Orders", url="other")}, id="what is written"),
        pytest.param({"document": None}, id="whether anything is written"),
        pytest.param({"document": document("Orders", x=1)}, id="where a node stands"),
        pytest.param({"published_document": None}, id="what is published"),
        pytest.param({"publication": Publication.KEEP}, id="whether it is published"),
        pytest.param({"tags": None}, id="whether tags are set"),
        pytest.param({"tags": ()}, id="which tags are set"),
        pytest.param({"removal": OnDelete.DELETE}, id="how it goes"),
    ],
)
@pytest.mark.parametrize("options", [Options(), OVERWRITE], ids=["careful", "over hot fixes"])
def test_what_decides_a_write_decides_the_digest(changes, options) -> None:
    assert digest(replace(PLANNED, **changes), options=options) != digest(PLANNED, options=options)


BEFORE: dict[str, Any] = {
    "workflow_id": "t-b",
    "draft": replace(CONTENT, logic="other"),
    "published": None,
    "is_active": False,
    "is_archived": True,
    "tags": (),
    "version_id": "v2",
    "published_version_id": "v0",
}


@pytest.mark.parametrize("part", list(BEFORE))
def test_what_the_target_held_decides_it_also_where_hot_fixes_may_be_overwritten(part) -> None:
    moved = replace(PLANNED, before=replace(HELD, **{part: BEFORE[part]}))
    assert digest(moved) != digest(PLANNED)
    assert digest(moved, options=OVERWRITE) != digest(PLANNED, options=OVERWRITE)
    assert digest(replace(PLANNED, before=None)) != digest(PLANNED)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"canonical_slug": "other"}, id="slug"),
        pytest.param({"workflow_name": "Other"}, id="name for display"),
        pytest.param({"workflow_id": "dev-b"}, id="the source's id"),
        pytest.param({"file": "other.json"}, id="file"),
        pytest.param({"risk": None}, id="risk"),
        pytest.param({"diff": None}, id="difference"),
        pytest.param({"dropped": ("meta",)}, id="what is left out"),
        pytest.param({"depends_on": ("b",)}, id="order"),
        pytest.param(
            {
                "credentials": (
                    CredentialBinding(
                        node_name="Ask", credential_type="postgres", old_name="a", name="b", id="1", is_rewritten=True
                    ),
                )
            },
            id="bindings, which are in the document",
        ),
    ],
)
def test_what_is_only_told_does_not(changes) -> None:
    assert digest(replace(PLANNED, **changes)) == digest(PLANNED)


def test_kind_and_stage_decide_and_the_other_options_do_not() -> None:
    here = digest(PLANNED)
    assert digest_of(PromotionKind.ROLLBACK, "prod", [PLANNED], Options()) != here
    assert digest_of(PromotionKind.PROMOTION, "staging", [PLANNED], Options()) != here
    others = Options(allow_force_promotion_on_conflicts=True, with_dependencies=True)
    assert digest(PLANNED, options=others) == here
    assert digest(PLANNED, options=OVERWRITE) != here


def test_what_is_not_changed_and_how_the_workflows_are_listed_does_not_count() -> None:
    other = replace(PLANNED, canonical_id="b")
    unchanged = replace(PLANNED, canonical_id="c", change_type=WorkflowChangeType.UNCHANGED)
    assert digest(PLANNED, other) == digest(other, unchanged, PLANNED)
    assert digest(PLANNED, other) != digest(PLANNED)


def promoted(**changes: Any) -> World:
    world = World(stage=Stage(environment="prod", publish=Publish.MATCH_SOURCE))
    world.put("a", document("a", tags=["old"]))
    world.declare("a", document("a", url="new", credential={"id": "x", "name": "Orders DB"}), active=True, tags=["t"])
    for name, value in changes.items():
        setattr(world, name, value)
    return world


def test_the_same_facts_give_the_same_digest_and_other_ones_another() -> None:
    known = promoted().plan().digest
    assert promoted().plan().digest == known
    edited = promoted()
    edited.n8n.tag("t-a", ("else",))
    other_credential = promoted(credentials=replace(promoted().credentials, known=()))
    file = promoted()
    file.files["a"]["settings"] = {"executionOrder": "v1", "timezone": "UTC"}
    off = promoted()
    off.files["a"]["active"] = False
    assert len({known, *(each.plan().digest for each in (edited, other_credential, file, off))}) == 5


def test_what_the_source_runs_counts_only_where_it_decides() -> None:
    world = promoted(sources={"a": Source(workflow_id="dev-a", is_active=False, is_ahead=True)})
    assert world.plan().digest == promoted().plan().digest
    del world.files["a"]["active"]
    assert world.plan().digest != promoted().plan().digest


@FEWER
@given(worlds())
def test_a_plan_has_the_digest_of_its_workflows(world) -> None:
    plan = world.plan()
    assert plan.digest == digest_of(plan.kind, plan.target_stage, plan.workflows, plan.options)
    assert plan.digest == world.plan().digest


@FEWER
@given(worlds())
def test_plans_of_one_digest_write_the_same(world) -> None:
    careful = world.plan(options=OVERWRITE)
    if careful.is_blocked:
        return
    reached = simulate(careful, world.n8n).workflows
    told = [replace(each, workflow_name="-", file=None, risk=None, diff=None) for each in careful.workflows]
    same = replace(careful, workflows=tuple(told))
    assert digest_of(same.kind, same.target_stage, same.workflows, same.options) == careful.digest
    assert simulate(same, world.n8n).workflows == reached
