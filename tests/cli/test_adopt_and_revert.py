"""Bringing Git and n8n together again on real git and n8n's stand-in: adopted and merged, or taken back by hand."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.cli.shop import HOT_FIX, Shop, key_of, with_url
from tests.commands.affected_world import NUMBER, affected_of
from tests.commands.fake_tracker import FakeTracker
from tests.git_repositories import files_of, git, refs

from workflowops.cli.opening import opened
from workflowops.cli.options import Shared
from workflowops.commands.adopt import adopt, adopt_branch
from workflowops.commands.desk import Desk
from workflowops.commands.drift import check_drift
from workflowops.commands.revert import plan_reversal
from workflowops.core.drift import EnvironmentDrift
from workflowops.core.incident.adoption import Adopting, Adoption
from workflowops.core.incident.record import Incident
from workflowops.core.incident.reversal import Reversal, ReversalAction, ReversedWorkflow
from workflowops.core.records import DriftStatus
from workflowops.core.text.reversal import reversal_text

PAYMENT, ORDERS = "Payment Gateway", "Order Processing v2"
BRANCH = adopt_branch(NUMBER)


@contextlib.contextmanager
def desk(shop: Shop, tracker: FakeTracker | None = None) -> Iterator[Desk]:
    shared = Shared(
        config="workflowops.yml",
        environment=("prod",),
        ref="HEAD",
        state_remote="origin",
        state_branch="workflowops-state",
        json=False,
        dry_run=False,
    )
    with contextlib.chdir(shop.checkout), opened(shared) as at_work:
        yield Desk(workspace=at_work.workspace, tracker=tracker, pause=lambda _: None)


def checked(shop: Shop) -> EnvironmentDrift:
    with desk(shop) as at_work:
        environments = [at_work.workspace.configuration.environments["prod"]]
        return check_drift(at_work.workspace, environments).environments[0]


def adopted(shop: Shop, incident: Incident, tracker: FakeTracker | None = None) -> Adoption:
    with desk(shop, tracker or FakeTracker()) as at_work:
        return adopt(at_work, incident, allow_secrets=False)


def planned(shop: Shop, incident: Incident) -> Reversal:
    with desk(shop) as at_work:
        return plan_reversal(at_work, incident)


def merge(shop: Shop) -> None:
    """Merge the pull request as GitHub does, and pull."""
    git("fetch", "--quiet", "origin", BRANCH, cwd=shop.checkout)
    git("merge", "--quiet", "--no-ff", "--message", "Merge", "FETCH_HEAD", cwd=shop.checkout)
    git("push", "--quiet", "origin", "main", cwd=shop.checkout)


def hot_fix(shop: Shop) -> None:
    shop.edit(PAYMENT, with_url(HOT_FIX, node="Call Payment API"))


def switched_off(shop: Shop) -> None:
    shop.instances["prod"].instance.unpublish(shop.id_of(PAYMENT))


def tagged(shop: Shop) -> None:
    shop.instances["prod"].instance.set_tags(shop.id_of(PAYMENT), ["urgent", "hot fix"])


def deleted(shop: Shop) -> None:
    shop.instances["prod"].instance.delete(shop.id_of(PAYMENT))


def archived(shop: Shop) -> None:
    shop.instances["prod"].instance.archive(shop.id_of(PAYMENT))


def edited_and_archived(shop: Shop) -> None:
    hot_fix(shop)
    archived(shop)


def with_new_error_workflow(shop: Shop) -> None:
    """A setting that Git does not have, and a reference to another workflow in it."""
    settings = {"errorWorkflow": shop.id_of(ORDERS), "timezone": "Asia/Tokyo"}
    shop.edit(PAYMENT, {"settings": settings})


def rebuilt(shop: Shop) -> None:
    """A node more, renamed and rewired, under another name."""

    def edit(document: dict[str, Any]) -> dict[str, Any]:
        node = {"id": "added-1", "name": "Wait a little", "type": "n8n-nodes-base.wait", "typeVersion": 1.1}
        nodes = [*document["nodes"], {**node, "position": [900, 0], "parameters": {"amount": 3}}]
        first = document["nodes"][0]["name"]
        connections = {**document["connections"], "Wait a little": {"main": []}}
        connections[first] = {"main": [[{"node": "Wait a little", "type": "main", "index": 0}]]}
        return {"name": "Payment Gateway v2", "nodes": nodes, "connections": connections}

    shop.edit(PAYMENT, edit)


CHANGES: dict[str, Callable[[Shop], None]] = {
    "hot fix": hot_fix,
    "switched off": switched_off,
    "tagged": tagged,
    "deleted": deleted,
    "archived": archived,
    "edited and archived": edited_and_archived,
    "another error workflow": with_new_error_workflow,
    "rebuilt": rebuilt,
}
every_change = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())


def drifted(shop: Shop) -> Incident:
    report = checked(shop)
    assert report.drift_status is DriftStatus.DRIFT_DETECTED
    return affected_of(report)


@every_change
def test_what_was_changed_in_n8n_is_adopted_and_once_merged_nothing_drifts(shop: Shop, change) -> None:
    change(shop)
    incident = drifted(shop)
    before = files_of(shop.remote, "main")
    adoption = adopted(shop, incident)
    assert (adoption.problem, adoption.branch, adoption.is_new) == (None, BRANCH, True)
    assert files_of(shop.remote, "main") == before
    assert git("rev-parse", f"{BRANCH}^", cwd=shop.remote) == refs(shop.remote)["refs/heads/main"]
    touched = git("diff", "--name-only", "main", BRANCH, cwd=shop.remote).splitlines()
    assert touched
    assert all(path.startswith("prod/payment_gateway.") for path in touched)
    assert not adopted(shop, incident).is_new
    merge(shop)
    report = checked(shop)
    assert (report.drift_status, report.workflows) == (DriftStatus.IN_SYNC, ())


def re_pointed(shop: Shop) -> None:
    """The caller of one workflow calls another."""

    def edit(document: dict[str, Any]) -> dict[str, Any]:
        for node in document["nodes"]:
            if node["type"] == "n8n-nodes-base.executeWorkflow":
                node["parameters"]["workflowId"]["value"] = shop.id_of(ORDERS)
        return {"nodes": document["nodes"]}

    shop.edit("Caller", edit)


def with_caller(shop: Shop) -> None:
    locator = {"__rl": True, "mode": "list", "value": shop.id_of(PAYMENT)}
    trigger = {"id": "n1", "name": "Begin", "type": "n8n-nodes-base.webhook", "typeVersion": 2}
    call = {"id": "n2", "name": "Call", "type": "n8n-nodes-base.executeWorkflow", "typeVersion": 1.2}
    nodes = [
        {**trigger, "position": [0, 0], "parameters": {"path": "caller"}, "webhookId": "hook-caller"},
        {**call, "position": [220, 0], "parameters": {"workflowId": locator, "options": {}}},
    ]
    connections = {"Begin": {"main": [[{"node": "Call", "type": "main", "index": 0}]]}}
    settings = {"executionOrder": "v1"}
    caller = {"name": "Caller", "nodes": nodes, "connections": connections, "settings": settings}
    shop.put("prod", caller, active=True)
    shop.run("onboard", "--all", "--direct", "--environment", "prod")
    shop.run("baseline", "--environment", "prod")


def test_a_re_pointed_sub_workflow_is_adopted(shop: Shop) -> None:
    with_caller(shop)
    re_pointed(shop)
    adoption = adopted(shop, drifted(shop))
    assert [each.adopting for each in adoption.workflows] == [Adopting.WRITTEN]
    merge(shop)
    assert checked(shop).drift_status is DriftStatus.IN_SYNC


def test_a_later_hot_fix_takes_the_place_of_the_first_and_somebody_s_commit_is_kept(shop: Shop) -> None:
    hot_fix(shop)
    incident = drifted(shop)
    adopted(shop, incident)
    shop.edit(PAYMENT, with_url("https://second.example.com", node="Call Payment API"))
    assert adopted(shop, incident).is_new
    assert git("rev-list", "--count", f"main..{BRANCH}", cwd=shop.remote) == "1"
    git("fetch", "--quiet", "origin", BRANCH, cwd=shop.checkout)
    git("checkout", "--quiet", "-b", "mine", "FETCH_HEAD", cwd=shop.checkout)
    (shop.checkout / "prod" / "payment_gateway.json").write_bytes(b"{}")
    git("commit", "--quiet", "--all", "--message", "Mine", cwd=shop.checkout)
    git("push", "--quiet", "origin", f"HEAD:{BRANCH}", cwd=shop.checkout)
    git("checkout", "--quiet", "main", cwd=shop.checkout)
    mine = refs(shop.remote)[f"refs/heads/{BRANCH}"]
    adoption = adopted(shop, incident)
    assert "Somebody has pushed" in (adoption.problem or "")
    assert refs(shop.remote)[f"refs/heads/{BRANCH}"] == mine


# ── taken back by hand ──────────────────────────────────────────────────────────────────────────────────────────────


class Api:
    """n8n's public API, called as the plan's commands call it."""

    def __init__(self, shop: Shop) -> None:
        self._url = shop.instances["prod"].url

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self._url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-N8N-API-KEY": key_of("prod"), "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return json.load(answer)


def done_by_hand(shop: Shop, each: ReversedWorkflow) -> None:
    """Carry out the steps; tags as in the editor."""
    api = Api(shop)
    workflow_id = each.workflow.workflow_id or ""
    for step in each.steps:
        document = None if step.written is None else step.written.document
        match step.action:
            case ReversalAction.CREATE:
                workflow_id = api("POST", "/workflows", document)["id"]
            case ReversalAction.UPDATE:
                api("PUT", f"/workflows/{workflow_id}", document)
            case ReversalAction.UNARCHIVE:
                api("POST", f"/workflows/{workflow_id}/unarchive")
            case ReversalAction.SWITCH_OFF:
                api("POST", f"/workflows/{workflow_id}/deactivate")
            case ReversalAction.SWITCH_ON:
                api("POST", f"/workflows/{workflow_id}/activate")
            case ReversalAction.SET_TAGS:
                shop.instances["prod"].instance.set_tags(workflow_id, step.new_tags)


@every_change
def test_a_plan_that_is_carried_out_by_hand_ends_the_drift(shop: Shop, change) -> None:
    change(shop)
    incident = drifted(shop)
    before = refs(shop.remote)
    reversal = planned(shop, incident)
    assert refs(shop.remote) == before
    assert any(each.steps for each in reversal.workflows)
    assert len(reversal_text(reversal)) < 60_000
    for each in reversal.workflows:
        assert each.is_proven
        done_by_hand(shop, each)
    report = checked(shop)
    assert (report.drift_status, report.workflows) == (DriftStatus.IN_SYNC, ())
    assert not any(each.steps for each in planned(shop, incident).workflows)


def test_a_re_pointed_sub_workflow_is_pointed_back(shop: Shop) -> None:
    with_caller(shop)
    re_pointed(shop)
    (reversed_workflow,) = planned(shop, drifted(shop)).workflows
    done_by_hand(shop, reversed_workflow)
    assert checked(shop).drift_status is DriftStatus.IN_SYNC


@pytest.mark.skipif(not (shutil.which("jq") and shutil.which("curl")), reason="needs jq and curl")
@every_change
def test_the_commands_of_a_plan_do_what_it_says(shop: Shop, change) -> None:
    change(shop)
    incident = drifted(shop)
    text = reversal_text(planned(shop, incident))
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert commands
    variables = {"N8N_URL": shop.instances["prod"].url, "N8N_API_KEY": key_of("prod")}
    ran = subprocess.run(
        ["sh", "-e", "-c", commands],
        cwd=shop.checkout,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode() + ran.stdout.decode()
    if change is tagged:  # the plan says: in the editor
        shop.instances["prod"].instance.set_tags(shop.id_of(PAYMENT), [])
    assert checked(shop).drift_status is DriftStatus.IN_SYNC
