"""What n8n asks before it lets a workflow run: a trigger, known node types, free paths, published callees."""

import time
from typing import Any

import pytest
from tests.acceptance.documents import (
    CALLED_BY_WORKFLOW,
    MANUAL,
    Document,
    body_of,
    calling,
    node,
    schedule,
    targets,
    unique,
    webhook,
    workflow,
)
from tests.acceptance.servers import RealServer, Server, answered, refused

from workflowops.commands.promotion_addresses import LETTING_GO_SECONDS

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

NO_TRIGGER_2 = (
    "Workflow cannot be activated because it has no trigger node. "
    "At least one trigger, webhook, or polling node is required."
)
NO_TRIGGER_1 = "has no node to start the workflow - at least one trigger, poller or webhook node is required"


def path() -> str:
    return unique("path").replace(" ", "-")


@pytest.mark.parametrize(
    ("nodes", "on_2", "on_1"),
    [
        pytest.param([node("A")], NO_TRIGGER_2, NO_TRIGGER_1, id="no trigger"),
        pytest.param([schedule(disabled=True)], NO_TRIGGER_2, NO_TRIGGER_1, id="disabled trigger"),
        pytest.param([node("M", MANUAL)], NO_TRIGGER_2, NO_TRIGGER_1, id="started by hand only"),
        pytest.param([node("T", CALLED_BY_WORKFLOW, typeVersion=1)], "", NO_TRIGGER_1, id="called only"),
        pytest.param([node("T", "n8n-nodes-base.errorTrigger")], "", NO_TRIGGER_1, id="on errors only"),
        pytest.param(
            [schedule(), node("U", "n8n-nodes-foo.bar", disabled=True)],
            "Unrecognized node type: n8n-nodes-foo.bar",
            "Unrecognized node type: n8n-nodes-foo.bar",
            id="unknown type, even disabled",
        ),
        pytest.param(
            [schedule(), node("U", "n8n-nodes-base.nonexistent")],
            "Unrecognized node type: n8n-nodes-base.nonexistent",
            "Unrecognized node type: n8n-nodes-base.nonexistent",
            id="unknown type of n8n's own package",
        ),
        pytest.param([schedule(), node("U", typeVersion=99)], "", "", id="unknown version"),
    ],
)
def test_what_may_be_published(server: Server, nodes: list[Document], on_2: str, on_1: str) -> None:
    told = server.says(on_2=on_2, on_1=on_1)
    answer = server.activate(server.new(workflow(None, *nodes))["id"])
    if not told:
        assert answered(answer)["active"] is True
        return
    status, message = refused(answer)
    assert status == 400
    assert told in message


def test_a_path_can_be_listened_on_once(server: Server) -> None:
    taken = path()
    server.published(workflow(None, webhook(taken)))
    second = server.new(workflow(None, webhook(taken)))
    assert refused(server.activate(second["id"])) == server.says(
        on_2=(409, "There is a conflict with one of the webhooks."),
        on_1=(400, 'The URL path that the "Hook" node uses is already taken. Please change it to something else.'),
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(lambda taken: webhook(taken, method="POST"), id="another method"),
        pytest.param(lambda taken: webhook(f"{taken}-2"), id="another path"),
        pytest.param(lambda taken: webhook(taken, disabled=True), id="disabled"),
    ],
)
def test_what_is_no_conflict(server: Server, other: Any) -> None:
    taken = path()
    server.published(workflow(None, webhook(taken)))
    answered(server.activate(server.new(workflow(None, schedule(), other(taken)))["id"]))


def test_a_leading_slash_makes_no_other_path(server: Server) -> None:
    taken = path()
    server.published(workflow(None, webhook(taken)))
    second = server.new(workflow(None, webhook(f"/{taken}")))
    assert server.activate(second["id"]).status_code == server.says(on_2=409, on_1=400)


@pytest.mark.parametrize("is_moved", [False, True], ids=["unpublished", "published without it"])
def test_a_path_is_free_a_moment_after_its_holder_let_go(server: Server, is_moved: bool) -> None:
    """Without the moment 2.41 refuses most of the time, and then for good; the sandbox lets go at once."""
    taken = path()
    first = server.published(workflow(None, webhook(taken)))
    second = server.new(workflow(None, webhook(taken)))
    if is_moved:
        answered(server.put(first["id"], body_of(first, nodes=[webhook(path())])))
    else:
        answered(server.api.post(f"/workflows/{first['id']}/deactivate"))
    if isinstance(server, RealServer):
        time.sleep(LETTING_GO_SECONDS)
    assert answered(server.activate(second["id"]))["active"] is True


def test_the_same_path_twice_in_one_workflow_is_a_conflict_on_2x_only(server: Server) -> None:
    taken = path()
    made = server.new(workflow(None, webhook(taken), webhook(taken, "Hook2")))
    assert server.activate(made["id"]).status_code == server.says(on_2=409, on_1=200)


def test_a_conflict_on_a_save_keeps_the_draft(server: Server) -> None:
    taken = path()
    server.published(workflow(None, webhook(taken)))
    second = server.published(workflow(None, webhook(path())))
    answer = server.put(second["id"], body_of(second, nodes=[webhook(taken)]))
    assert answer.status_code == server.says(on_2=409, on_1=400)
    after = server.get(second["id"])
    assert after["nodes"][0]["parameters"]["path"] == taken
    assert after["active"] is server.says(on_2=True, on_1=False)


SUB_WORKFLOW = [node("T", CALLED_BY_WORKFLOW, typeVersion=1)]


@TWO
def test_a_called_workflow_must_be_published_first(server: Server) -> None:
    called = server.new(workflow(unique("Sub"), *SUB_WORKFLOW))
    nodes = [schedule(), calling(called["id"])]
    made = server.new(workflow(None, *nodes, connections={"Start": {"main": [targets("Exec")]}}))
    assert refused(server.activate(made["id"])) == (
        400,
        f'Cannot publish workflow: Node "Exec" references workflow {called["id"]} ("{called["name"]}") which is not '
        "published. Please publish all referenced sub-workflows first.",
    )
    answered(server.activate(called["id"]))
    answered(server.activate(made["id"]))
    answered(server.api.post(f"/workflows/{called['id']}/deactivate"))  # nobody asks who calls it


@TWO
@pytest.mark.parametrize(
    ("caller", "told"),
    [
        pytest.param(
            calling("nosuchworkflow"), "references workflow nosuchworkflow which is not published", id="missing"
        ),
        pytest.param(
            calling("x", parameters={"workflowId": "nosuchworkflow"}), "nosuchworkflow which is not", id="plain text"
        ),
        pytest.param(calling("={{ $json.id }}"), "", id="expression"),
        pytest.param(calling("nosuchworkflow", disabled=True), "", id="disabled"),
        pytest.param(
            calling("x", parameters={"source": "parameter", "workflowJson": "{}"}), "", id="not from the database"
        ),
    ],
)
def test_which_references_are_checked(server: Server, caller: Document, told: str) -> None:
    wired = {"Start": {"main": [targets("Exec")]}}
    answer = server.activate(server.new(workflow(None, schedule(), caller, connections=wired))["id"])
    if told:
        assert told in refused(answer)[1]
    else:
        answered(answer)


def test_a_workflow_may_call_itself(server: Server) -> None:
    made = server.new(workflow(None, schedule()))
    nodes = [made["nodes"][0], calling(made["id"])]
    answered(server.put(made["id"], body_of(made, nodes=nodes, connections={"Start": {"main": [targets("Exec")]}})))
    answered(server.activate(made["id"]))


def test_a_missing_error_workflow_is_no_obstacle(server: Server) -> None:
    answered(server.activate(server.new(workflow(settings={"errorWorkflow": "nosuchworkflow"}))["id"]))


@ONE
def test_1x_does_not_ask_for_called_workflows(server: Server) -> None:
    answered(server.activate(server.new(workflow(None, schedule(), calling("nosuchworkflow")))["id"]))
