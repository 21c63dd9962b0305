"""What listens on an address that was in use a moment ago is published a moment later; nothing else waits."""

from typing import Any

import pytest
from tests.commands.promotion_world import PromotionWorld, flow, node

from workflowops.commands.promotion_addresses import LETTING_GO_SECONDS
from workflowops.core.promotion.record import PromotionStatus


def gate(name: str, path: str) -> dict[str, Any]:
    parameters = {"path": path, "httpMethod": "GET"}
    return flow(name, node("Hook", "n8n-nodes-base.webhook", 0, webhookId=f"hook-{name}", parameters=parameters))


@pytest.fixture
def world() -> PromotionWorld:
    """Two workflows that run, each listening on a path of its own."""
    made = PromotionWorld()
    made.add("a", gate("A", "one"), active=True)
    made.add("b", gate("B", "two"), active=True)
    made.baseline()
    return made


def test_a_path_that_another_workflow_of_the_plan_had_is_taken_after_a_moment(world: PromotionWorld) -> None:
    world.declare("a", gate("A", "three"), active=True)
    world.declare("b", gate("B", "one"), active=True)
    assert world.promote("a", "b").status is PromotionStatus.COMPLETED
    assert world.pauses == [LETTING_GO_SECONDS]


def test_a_path_that_nobody_had_is_taken_at_once(world: PromotionWorld) -> None:
    world.declare("a", gate("A", "three"), active=True)
    world.declare("b", gate("B", "four"), active=True)
    assert world.promote("a", "b").status is PromotionStatus.COMPLETED
    assert world.pauses == []


def test_a_path_that_is_put_back_is_taken_after_a_moment(world: PromotionWorld) -> None:
    world.declare("a", gate("A", "three"), active=True)
    world.declare("b", flow("B", node("Odd", "n8n-nodes-nobody.invented", 0)), active=True)
    assert world.promote("a", "b").status is PromotionStatus.ROLLED_BACK
    assert world.pauses.count(LETTING_GO_SECONDS) >= 1
