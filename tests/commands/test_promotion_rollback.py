"""Taking a promotion back that failed and was put back in part."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.commands.promotion_world import ALL, Answer, PromotionWorld, five

from workflowops.commands.promoting import Promoting
from workflowops.commands.promotion_rollback import roll_back
from workflowops.core.configuration import Approval, Gates, OnDelete
from workflowops.core.promotion.plan import Options
from workflowops.core.promotion.record import PromotionStatus
from workflowops.errors import BlockedError

OVERWRITE = Options(allow_overwriting_hotfixes=True)


def promoting(world: PromotionWorld) -> Promoting:
    return Promoting(
        workspace=world.workspace(),
        open_writer=world.open_n8n,
        snapshots=world.snapshots,
        pull_requests=None,
        tracker=None,
        links=None,
        run_id=None,
        pause=world.pauses.append,
    )


def without_gates(world: PromotionWorld) -> None:
    pipeline = world.configuration.pipelines["default"]
    gates = Gates(approval=Approval.NONE)
    stages = tuple(replace(each, gates=gates) for each in pipeline.stages)
    pipelines = {"default": replace(pipeline, stages=stages, allow_unreviewed=True)}
    world.configuration = replace(world.configuration, pipelines=pipelines)


def incomplete(label: str, workflow_id: str, changed: Any, **options: Any) -> PromotionWorld:
    """A promotion during which somebody edited a workflow, so that not all of it could be put back."""
    world = five(**options)
    without_gates(world)
    done: list[str] = []

    def interfere(request: httpx.Request, answer: Answer) -> httpx.Response:
        given = answer()
        if not done and f"{request.method} {request.url.path.removeprefix('/api/v1')}".startswith(label):
            done.append(label)
            world.instance.edit_by_hand(workflow_id, changed, publish=False)
        return given

    world.interfere = interfere
    assert world.promote(*ALL).status is PromotionStatus.ROLLBACK_INCOMPLETE
    world.interfere = lambda _, answer: answer()
    return world


def test_what_somebody_changed_meanwhile_is_undone_only_where_that_is_allowed() -> None:
    world = incomplete("DELETE", "id-orders", {"name": "Orders by Sam"}, on_delete=OnDelete.DELETE)
    world.clear()
    with pytest.raises(BlockedError, match="`Orders` in Staging is not what promo-1 left there"):
        roll_back(promoting(world), "promo-1", options=Options())
    assert world.writes == []
    ended = roll_back(promoting(world), "promo-1", options=OVERWRITE).promotion
    assert ended.status is PromotionStatus.COMPLETED
    assert sorted(each["name"] for each in world.held().values()) == ["Legacy", "Orders", "Somebody's", "Stock"]
    assert world.stored("promo-1").rolled_back_by == "promo-2"


def test_what_nobody_else_changed_is_taken_back_without_being_asked_for() -> None:
    world = incomplete("DELETE", "id-orders", {"name": "Orders by Sam"}, on_delete=OnDelete.DELETE)
    world.instance.edit_by_hand("id-orders", {"name": "Orders"}, publish=False)  # Sam takes it back
    ended = roll_back(promoting(world), "promo-1", options=Options()).promotion
    assert ended.status is PromotionStatus.COMPLETED
    assert [each["name"] for each in world.held().values()].count("Alarm") == 0


def test_what_was_put_back_as_a_whole_is_not_taken_back() -> None:
    world = five()
    without_gates(world)
    world.interfere = lambda request, answer: (
        httpx.Response(400, json={"message": "no"}, request=request)
        if request.url.path.endswith("/id-legacy/archive")
        else answer()
    )
    assert world.promote(*ALL).status is PromotionStatus.ROLLED_BACK
    with pytest.raises(BlockedError, match="only a promotion that is completed, or whose rollback was incomplete"):
        roll_back(promoting(world), "promo-1", options=OVERWRITE)
