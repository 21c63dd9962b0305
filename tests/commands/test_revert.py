"""`/revert` by hand: a plan that says exactly what to do in n8n, and that ends the drift when somebody does it."""

import copy
from typing import Any

import pytest
from tests.commands.affected_world import desk_of, edited, hot_fixed, incident_of
from tests.commands.builders import URL, World, baselined, document, file_of, listed

from workflowops.commands.revert import plan_reversal
from workflowops.core.baseline import Accept
from workflowops.core.incident.record import Incident
from workflowops.core.incident.reversal import Reversal, ReversalAction, ReversedWorkflow
from workflowops.core.records import DriftStatus
from workflowops.errors import ExitCode, N8nUnreachableError

DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
HTTP_AUTH = "httpBasicAuth"


def plan(world: World, incident: Incident | None = None) -> Reversal:
    return plan_reversal(desk_of(world, None), incident or incident_of(world))


def actions(reversal: Reversal) -> list[list[ReversalAction]]:
    return [[step.action for step in each.steps] for each in reversal.workflows]


def apply(world: World, reversal: Reversal, environment: str = "prod") -> None:
    """Do by hand what the plan says, as n8n would store it: what is not sent stays, settings are merged."""
    for each in reversal.workflows:
        _apply(world.n8n[environment].store, each)


def _apply(store: dict[str, dict[str, Any]], each: ReversedWorkflow) -> None:
    workflow_id = each.workflow.workflow_id or ""
    for step in each.steps:
        document = None if step.written is None else copy.deepcopy(step.written.document)
        match step.action:
            case ReversalAction.CREATE:
                workflow_id = f"{workflow_id}-again"
                store[workflow_id] = listed(workflow_id, document or {})
            case ReversalAction.UNARCHIVE:
                store[workflow_id]["isArchived"] = False
            case ReversalAction.UPDATE:
                settings = store[workflow_id]["settings"] | (document or {})["settings"]
                store[workflow_id] |= (document or {}) | {"settings": settings}
            case ReversalAction.SET_TAGS:
                store[workflow_id]["tags"] = [{"id": name, "name": name} for name in step.new_tags]
            case ReversalAction.SWITCH_OFF:
                store[workflow_id] |= {"active": False, "activeVersion": None}
            case ReversalAction.SWITCH_ON:
                store[workflow_id]["active"] = True
        now = store[workflow_id]
        if now["active"]:
            now["activeVersion"] = {"versionId": "v9", "nodes": now["nodes"], "connections": now["connections"]}


def ends_the_drift(world: World, reversal: Reversal) -> bool:
    apply(world, reversal)
    return world.drift_of().drift_status is DriftStatus.IN_SYNC


def test_a_hot_fix_is_taken_back_field_by_field() -> None:
    world = hot_fixed("prod")
    reversal = plan(world)
    assert actions(reversal) == [[ReversalAction.UPDATE]]
    step = reversal.workflows[0].steps[0]
    assert step.diff is not None
    change = step.diff.node_changes[0].changes[0]
    assert (change.path, change.old_value, change.new_value) == (
        "parameters.url",
        "https://hot-fix.example.com",
        f"{URL}/0",
    )
    assert ends_the_drift(world, reversal)


def test_nothing_is_written_anywhere() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    before = copy.deepcopy((world.state.files, world.n8n["prod"].store, world.repository.tips))
    plan(world, incident)
    assert (world.state.files, world.n8n["prod"].store, world.repository.tips) == before


@pytest.mark.parametrize(
    ("git", "live", "expected"),
    [
        pytest.param(False, {"active": True}, [ReversalAction.SWITCH_OFF], id="off"),
        pytest.param(True, {"active": False}, [ReversalAction.SWITCH_ON], id="on"),
        pytest.param(False, {"tags": ["urgent"]}, [ReversalAction.SET_TAGS], id="tags"),
        pytest.param(
            False, {"active": True, "tags": ["x"]}, [ReversalAction.SWITCH_OFF, ReversalAction.SET_TAGS], id="both"
        ),
    ],
)
def test_what_stands_beside_the_content_is_taken_back(git, live, expected) -> None:
    world = World()
    world.put("prod", "w0", document("Orders"), active=git)
    world.onboard()
    world.baseline()
    world.put("prod", "w0", document("Orders"), **live)
    reversal = plan(world)
    assert actions(reversal) == [expected]
    assert ends_the_drift(world, reversal)


def test_an_edited_workflow_that_runs_is_published_again() -> None:
    world = World()
    world.put("prod", "w0", document("Orders"), active=True)
    world.onboard()
    world.baseline()
    world.put("prod", "w0", document("Orders", url="https://hot-fix.example.com"), active=True)
    reversal = plan(world)
    assert [step.goes_live for step in reversal.workflows[0].steps] == [True]
    assert ends_the_drift(world, reversal)


def test_what_was_edited_and_switched_on_is_switched_off_first() -> None:
    world = baselined("prod")
    world.put("prod", "w0", edited(), active=True)
    reversal = plan(world)
    assert actions(reversal) == [[ReversalAction.SWITCH_OFF, ReversalAction.UPDATE]]
    assert not reversal.workflows[0].steps[1].goes_live
    assert ends_the_drift(world, reversal)


def test_a_deleted_workflow_is_created_again_with_tags_and_switched_on() -> None:
    world = baselined("prod", workflows=2)
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), active=True, tags=["crm"])
    world.repository.commit({
        "prod/orders_0.json": file_of(document("Orders 0", url=f"{URL}/0"), active=True, tags=["crm"])
    })  # fmt: skip
    world.drift()
    del world.n8n["prod"].store["w0"]
    reversal = plan(world)
    assert actions(reversal) == [[ReversalAction.CREATE, ReversalAction.SET_TAGS, ReversalAction.SWITCH_ON]]
    assert ends_the_drift(world, reversal)


@pytest.mark.parametrize("content", [document("Orders 0", url=f"{URL}/0"), edited()], ids=["as it was", "edited first"])
def test_an_archived_workflow_is_unarchived_and_put_right(content) -> None:
    world = baselined("prod", workflows=2)
    world.put("prod", "w0", content, isArchived=True)
    reversal = plan(world)
    update = [ReversalAction.UPDATE] if content == edited() else []
    assert actions(reversal) == [[ReversalAction.UNARCHIVE, *update]]
    assert ends_the_drift(world, reversal)


def test_settings_that_git_does_not_have_are_written_as_their_default_because_n8n_merges_them() -> None:
    world = baselined("prod")
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0", settings={
        "executionOrder": "v1", "timezone": "Europe/Berlin", "saveManualExecutions": True,
    }))  # fmt: skip
    reversal = plan(world)
    written = reversal.workflows[0].steps[0].written
    assert written is not None
    assert written.document["settings"] == {"executionOrder": "v1", "timezone": "DEFAULT"}
    assert written.editor_settings == ("saveManualExecutions",)


def test_credentials_keep_the_id_of_the_instance_and_a_reference_without_one_is_given_null() -> None:
    world = World()
    world.put("prod", "w0", with_credentials("c-1", "Shop"))
    world.onboard()
    world.baseline()
    world.repository.commit({"prod/orders.json": file_of(with_credentials("c-of-dev", "Shop"))})
    hot = with_credentials("c-1", "Shop")
    hot["nodes"][1]["parameters"]["url"] = "https://hot-fix.example.com"
    world.put("prod", "w0", hot)
    written = plan(world).workflows[0].steps[0].written
    assert written is not None
    assert _credentials(written.document) == {"httpBasicAuth": {"id": "c-1", "name": "Shop"}}
    other = with_credentials("c-9", "Another")
    world.put("prod", "w0", other)
    without_id = with_credentials("", "Shop")
    del without_id["nodes"][1]["credentials"][HTTP_AUTH]["id"]
    world.repository.commit({"prod/orders.json": file_of(without_id)})
    written = plan(world).workflows[0].steps[0].written
    assert written is not None
    assert _credentials(written.document) == {"httpBasicAuth": {"id": None, "name": "Shop"}}
    assert not written.is_as_in_git


def with_credentials(credential_id: str, name: str) -> dict[str, Any]:
    content = document("Orders")
    content["nodes"][1]["credentials"] = {HTTP_AUTH: {"id": credential_id, "name": name}}
    return content


def _credentials(content: Any) -> Any:
    return content["nodes"][1]["credentials"]


# ── references ──────────────────────────────────────────────────────────────────────────────────────────────────────


def calling(workflow_id: str, url: str = URL) -> dict[str, Any]:
    caller = document("Caller", url=url)
    call = {"id": "c3", "name": "Sub", "type": "n8n-nodes-base.executeWorkflow", "typeVersion": 1.2}
    locator = {"__rl": True, "mode": "list", "value": workflow_id, "cachedResultName": workflow_id}
    caller["nodes"].append({**call, "position": [440, 0], "parameters": {"workflowId": locator}})
    return caller


def with_sub_workflows() -> World:
    """Two instances: the caller's file of prod was copied from dev, ids and all."""
    world = World("dev", "prod")
    for name in world.n8n:
        for number in range(2):
            world.put(name, f"{name}-sub{number}", document(f"Sub {number}", url=f"{URL}/sub{number}"))
        world.put(name, f"{name}-caller", calling(f"{name}-sub0"))
    world.onboard()
    world.repository.commit({"prod/caller.json": world.repository.files()["dev/caller.json"]})
    world.sync()
    world.baseline()
    return world


def test_ids_of_the_instance_that_a_file_was_promoted_from_are_translated() -> None:
    world = with_sub_workflows()
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    world.put("prod", "prod-caller", calling("prod-sub1"))
    reversal = plan(world)
    written = reversal.workflows[0].steps[0].written
    assert written is not None
    nodes: Any = written.document["nodes"]
    assert nodes[2]["parameters"]["workflowId"] == {"__rl": True, "mode": "list", "value": "prod-sub0"}
    assert (written.unknown_ids, written.is_as_in_git, reversal.workflows[0].is_proven) == ((), False, True)
    assert ends_the_drift(world, reversal)


def test_a_reference_that_did_not_change_is_left_as_n8n_has_it() -> None:
    world = with_sub_workflows()
    world.put("prod", "prod-caller", calling("prod-sub0", url="https://hot-fix.example.com"))
    reversal = plan(world)
    written = reversal.workflows[0].steps[0].written
    assert written is not None
    nodes: Any = written.document["nodes"]
    assert nodes[2]["parameters"]["workflowId"]["cachedResultName"] == "prod-sub0"
    assert ends_the_drift(world, reversal)


def test_an_id_that_nobody_knows_is_told() -> None:
    world = with_sub_workflows()
    world.repository.commit({"prod/caller.json": file_of(calling("from-nowhere"))})
    world.put("prod", "prod-caller", calling("prod-sub1"))
    (reversed_workflow,) = plan(world).workflows
    assert reversed_workflow.steps[0].written is not None
    assert reversed_workflow.steps[0].written.unknown_ids == ("from-nowhere",)


def test_who_calls_a_workflow_that_gets_a_new_id_is_named() -> None:
    world = with_sub_workflows()
    del world.n8n["prod"].store["prod-sub0"]
    assert plan(world).workflows[0].callers == ("Caller",)


# ── what is left out ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_in_sync_by_now_is_left_out() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"))
    reversal = plan(world, incident)
    assert actions(reversal) == [[]]


@pytest.mark.parametrize("is_accepted", [False, True], ids=["git is ahead", "n8n's version was accepted"])
def test_putting_a_newer_version_of_git_s_into_n8n_is_no_reversal(is_accepted) -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    if is_accepted:
        world.baseline(accept=Accept.LIVE)
    else:
        world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"))
        world.repository.commit({"prod/orders_0.json": file_of(edited(url=f"{URL}/v2"))})
    assert actions(plan(world, incident)) == [[]]


def test_a_workflow_whose_file_git_removed_is_never_deleted_by_the_plan() -> None:
    world = hot_fixed("prod")
    world.repository.commit({"prod/orders_0.json": None, "prod/orders_0.wfo.json": None})
    reversal = plan(world)
    assert (actions(reversal), reversal.exit_code) == ([[]], ExitCode.RULE)
    assert "Archive it" in (reversal.workflows[0].fix or "")


def test_a_workflow_that_cannot_be_read_is_told() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.n8n["prod"].store["w0"]["nodes"] = "not a list"
    reversal = plan(world, incident)
    assert (actions(reversal), reversal.exit_code) == ([[]], ExitCode.RULE)


def test_an_instance_that_is_down_is_told() -> None:
    world = hot_fixed("prod")
    incident = incident_of(world)
    world.n8n["prod"].outage = DEAD
    reversal = plan(world, incident)
    assert (reversal.problem, reversal.fix, reversal.exit_code) == (str(DEAD), DEAD.fix, ExitCode.REMOTE)
