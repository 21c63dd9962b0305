"""Whether the stage before runs the same, asked of Git and the state."""

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.commands.builders import URL, World, baselined, document, file_of, sidecar

from workflowops.commands.promoting import look_at_target
from workflowops.commands.promotion_verified import verified_changes
from workflowops.core.configuration import Pipeline, Stage
from workflowops.core.promotion.gate_facts import Verified
from workflowops.core.promotion.plan import Content, PlannedWorkflow, WorkflowChangeType
from workflowops.core.promotion.record import PromotedWorkflow, Promotion, PromotionStatus, promotion_path
from workflowops.core.promotion.route import route_to
from workflowops.core.records import encode
from workflowops.errors import N8nUnreachableError

AT = "2026-01-14T10:00:00Z"
CREDENTIAL = {"httpHeaderAuth": {"id": "1", "name": "API Auth"}}


def world() -> World:
    """Three stages that hold the same workflow, `orders`, and a pipeline through them."""
    made = World("dev", "staging", "prod")
    stages = (Stage(environment="dev"), Stage(environment="staging"), Stage(environment="prod"))
    pipelines = {"default": Pipeline(name="default", stages=stages)}
    made.configuration = replace(made.configuration, pipelines=pipelines)
    files = {}
    for name in made.n8n:
        made.put(name, f"{name}-1")
        files |= {
            f"{name}/orders.json": file_of(document()),
            f"{name}/orders.wfo.json": sidecar("orders", n8n_workflow_id=f"{name}-1"),
        }
    made.repository.commit(files)
    made.sync()
    made.baseline()
    return made


def record(made: World, **more: Any) -> None:
    """Put a completed promotion to staging into the state, of what staging runs."""
    running = made.mapping("staging")["staging-1"]
    planned = Content(logic=running["env_content_hash"], layout="", graph="")
    promoted = PromotedWorkflow(
        canonical_id="orders",
        canonical_slug="orders",
        workflow_name="Orders",
        change_type=WorkflowChangeType.UPDATED,
        planned=planned,
    )
    fields: dict[str, Any] = {
        "promotion_id": "promo-1",
        "pipeline_id": "default",
        "source_stage": "dev",
        "target_stage": "staging",
        "status": PromotionStatus.COMPLETED,
        "workflow_selection": ("orders",),
        "plan_digest": "d",
        "git_commit_sha": "c",
        "created_by": "anna",
        "created_at": AT,
        "execution_completed_at": AT,
        "workflows": (promoted,),
    }
    promotion = Promotion(**{**fields, **more})
    made.state.files[promotion_path(promotion.promotion_id)] = encode(promotion)


def asked(made: World, target: str, change_type: WorkflowChangeType = WorkflowChangeType.UPDATED) -> Verified:
    workspace = made.workspace()
    seen = look_at_target(workspace, route_to(made.configuration, target))
    change = PlannedWorkflow(
        canonical_id="orders", canonical_slug="orders", workflow_name="Orders", change_type=change_type
    )
    found = verified_changes(workspace, seen, [change])
    assert found is not None
    return found["orders"]


def test_what_was_promoted_to_the_stage_before_is_verified_and_its_instance_is_not_asked() -> None:
    made = world()
    record(made)
    made.n8n["staging"].outage = N8nUnreachableError("No answer.", fix="None.")
    found = asked(made, "prod")
    assert found.is_verified, found.reason
    assert found.since is not None
    assert found.since.isoformat() == "2026-01-14T10:00:00+00:00"


def test_the_first_stage_is_verified_without_a_promotion_and_without_a_time() -> None:
    assert asked(world(), "staging") == Verified(
        is_verified=True, reason="nobody knows since when, as nothing is promoted to dev"
    )


def test_a_first_stage_has_none_before_it() -> None:
    made = world()
    workspace = made.workspace()
    assert verified_changes(workspace, look_at_target(workspace, route_to(made.configuration, "dev")), []) is None


def edited(made: World) -> None:
    made.put("staging", "staging-1", document(url=f"{URL}/edited"))
    made.drift("staging")


def not_looked_at(made: World) -> None:
    made.n8n["staging"].outage = N8nUnreachableError("No answer from staging.", fix="None.")
    made.drift("staging")


def never_looked_at(made: World) -> None:
    del made.state.files["environments/staging/mapping.json"]


def looked_at_in_another_form(made: World) -> None:
    path = "environments/staging/mapping.json"
    made.state.files[path] = json.dumps({**made.state.document(path), "canonical_form": 0}).encode()


def ahead(made: World) -> None:
    made.repository.commit({"prod/orders.json": file_of(document(url=f"{URL}/newer"))})


def both_ahead(made: World) -> None:
    made.repository.commit(
        {f"{name}/orders.json": file_of(document(url=f"{URL}/newer")) for name in ("staging", "prod")}
    )


def broken(made: World) -> None:
    made.repository.commit({"staging/orders.json": b"{"})


def without_file(made: World) -> None:
    made.repository.commit({"staging/orders.json": None, "staging/orders.wfo.json": None})


def promoted_elsewhere(made: World) -> None:
    record(made, target_stage="prod")


def rolled_back(made: World) -> None:
    record(made, status=PromotionStatus.ROLLED_BACK)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        pytest.param(edited, "does not run what its file says", id="edited there"),
        pytest.param(not_looked_at, "could not be looked at last time (No answer from staging)", id="not looked at"),
        pytest.param(never_looked_at, "it was never looked at", id="never looked at"),
        pytest.param(looked_at_in_another_form, "by another version", id="digests of another form"),
        pytest.param(ahead, "says something else", id="the target's file is newer"),
        pytest.param(both_ahead, "does not run what its file says", id="both files are newer"),
        pytest.param(broken, "is not known", id="its file cannot be read"),
        pytest.param(without_file, "no file", id="its file is gone"),
        pytest.param(promoted_elsewhere, "no completed promotion", id="promoted to another stage"),
        pytest.param(rolled_back, "no completed promotion", id="the promotion there was rolled back"),
    ],
)
def test_what_is_not_so_is_not_verified(happens, said) -> None:
    made = world()
    record(made)
    happens(made)
    found = asked(made, "prod")
    assert not found.is_verified
    assert said in found.reason


def test_a_name_of_a_credential_may_be_another_one_here() -> None:
    made = baselined("dev", "prod")
    staged = document()
    staged["nodes"][1]["credentials"] = CREDENTIAL
    here = document()
    here["nodes"][1]["credentials"] = {"httpHeaderAuth": {"id": "9", "name": "API Auth (prod)"}}
    for names, is_verified in (({"API Auth": "API Auth (prod)"}, True), ({}, False)):
        stages = (Stage(environment="dev"), Stage(environment="prod", credentials=names))
        made.configuration = replace(made.configuration, pipelines={"default": Pipeline(name="default", stages=stages)})
        made.put("dev", "d", staged)
        made.repository.commit({
            "dev/orders.json": file_of(staged),
            "dev/orders.wfo.json": sidecar("orders", n8n_workflow_id="d"),
            "prod/orders.json": file_of(here),
            "prod/orders.wfo.json": sidecar("orders"),
        })  # fmt: skip
        made.sync("dev")
        assert asked(made, "prod").is_verified is is_verified


@pytest.mark.parametrize("happens", [None, without_file, broken])
def test_a_removal_is_verified_only_once_it_is_gone_there(happens) -> None:
    made = world()
    if happens is not None:
        happens(made)
    assert not asked(made, "prod", WorkflowChangeType.REMOVED).is_verified
    made.repository.commit({"staging/orders.json": None, "staging/orders.wfo.json": None})
    made.n8n["staging"].store.clear()
    made.drift("staging")
    assert asked(made, "prod", WorkflowChangeType.REMOVED).is_verified
