"""What must not become another workflow unseen: a file that was moved, and an id that means two workflows."""

from typing import Any
from uuid import UUID

import pytest
from tests.core.promotion.planning_world import World, codes, document

from workflowops.core.configuration import Publish, Stage
from workflowops.core.promotion.finding import Finding, FindingCode
from workflowops.core.promotion.plan import PromotionPlan, WorkflowChangeType


def found(plan: PromotionPlan, code: FindingCode) -> list[Finding]:
    return [each for each in plan.findings if each.code is code]


def with_ids(content: dict[str, Any], first: int) -> dict[str, Any]:
    """A workflow whose nodes have ids as n8n gives them."""
    nodes = [{**each, "id": str(UUID(int=first + number))} for number, each in enumerate(content["nodes"])]
    return {**content, "nodes": nodes}


# A file that was moved, or whose canonical_id changed


def moved(content: dict[str, Any], former: dict[str, Any]) -> PromotionPlan:
    world = World()
    world.put("old", former)
    world.declare("new", content)
    return world.plan()


def test_a_workflow_that_goes_and_comes_again_under_its_name_blocks() -> None:
    plan = moved(document("Orders", url="https://new.example.com"), document("Orders"))
    assert [each.change_type for each in plan.workflows] == [WorkflowChangeType.CREATED, WorkflowChangeType.REMOVED]
    (told,) = found(plan, FindingCode.IDENTITY_CHANGED)
    assert plan.is_blocked
    assert told.message == (
        "`Orders` would be removed and created again: the file was moved or its canonical_id changed; n8n would get a "
        "second workflow, switched off."
    )
    assert '`prod/new.wfo.json` with `"canonical_id": "old"`' in told.fix


def test_a_workflow_that_goes_and_comes_again_with_its_nodes_blocks_under_any_name() -> None:
    plan = moved(with_ids(document("Sales"), 7), with_ids(document("Orders"), 7))
    assert codes(plan) == ["identity_changed"]


def test_what_would_run_is_not_told_as_switched_off() -> None:
    world = World(stage=Stage(environment="prod", publish=Publish.MATCH_SOURCE))
    world.put("old", document("Orders"))
    world.declare("new", document("Orders"), active=True)
    (told,) = found(world.plan(), FindingCode.IDENTITY_CHANGED)
    assert "switched off" not in told.message


@pytest.mark.parametrize(
    ("content", "former"),
    [
        pytest.param(document("Sales"), document("Orders"), id="nothing in common"),
        pytest.param(with_ids(document("Sales"), 70), with_ids(document("Orders"), 7), id="other ids"),
        pytest.param(
            {**document("Sales"), "nodes": [{**each, "id": "1"} for each in document("Sales")["nodes"]]},
            {**document("Orders"), "nodes": [{**each, "id": "1"} for each in document("Orders")["nodes"]]},
            id="ids that stand in many workflows",
        ),
    ],
)
def test_another_workflow_may_take_the_place_of_one_that_goes(content, former) -> None:
    assert found(moved(content, former), FindingCode.IDENTITY_CHANGED) == []


def test_a_second_workflow_of_a_name_that_stays_is_no_matter_of_identity() -> None:
    world = World()
    world.put("old", document("Orders"))
    world.declare("old", document("Orders"))
    world.declare("new", document("Orders"))
    assert found(world.plan(), FindingCode.IDENTITY_CHANGED) == []


# An id that means one workflow in the stage before and another one here


def ambiguous(*, named_before: str = "t-stock") -> World:
    """Dev's Stock has the id that Pay out has here, and the file says it."""
    world = World(in_source={"same": "stock"})
    world.put("stock", document("Stock"))
    world.n8n.create(document("Pay out"), workflow_id="same")
    world.put("main", document("Main", calls=[named_before]))
    world.declare("stock", document("Stock"))
    world.declare("main", document("Main", calls=["same"], url="https://new.example.com"))
    return world


def test_an_id_that_means_two_workflows_blocks_and_names_both() -> None:
    plan = ambiguous().plan()
    (told,) = found(plan, FindingCode.WORKFLOW_AMBIGUOUS)
    assert plan.is_blocked
    assert told.node_name == "Call 0"
    assert told.message == (
        "Node `Call 0` names `same`: that is `Stock` in the stage before and `Pay out` in Production, and nothing says "
        "which of them is meant."
    )
    assert told.fix.startswith("If `Stock` is meant, write its id in Production into the file: `t-stock`.")


def test_an_id_that_the_node_named_there_before_is_the_targets_own() -> None:
    assert found(ambiguous(named_before="same").plan(), FindingCode.WORKFLOW_AMBIGUOUS) == []


def test_an_id_that_was_applied_there_is_the_targets_own() -> None:
    world = ambiguous(named_before="same")
    world.save("t-main", document("Main", calls=["t-stock"]))
    assert found(world.plan(), FindingCode.WORKFLOW_AMBIGUOUS) == []


@pytest.mark.parametrize("in_source", [{}, {"same": "same"}], ids=["the source has none", "it is the same one"])
def test_an_id_that_means_one_workflow_is_no_matter(in_source) -> None:
    world = ambiguous()
    world.in_source = in_source
    assert found(world.plan(), FindingCode.WORKFLOW_AMBIGUOUS) == []


def test_an_error_workflow_is_asked_about_as_well() -> None:
    world = ambiguous(named_before="t-stock")
    settings = {"executionOrder": "v1", "errorWorkflow": "same"}
    world.declare("main", document("Main", calls=["t-stock"], settings=settings))
    (told,) = found(world.plan(), FindingCode.WORKFLOW_AMBIGUOUS)
    assert told.message.startswith("The error workflow names `same`")
