"""Addresses: who listens where, and what n8n would refuse to publish."""

from typing import Any

import pytest
from tests.builders import corpus, needs_corpus, node
from tests.core.promotion.rebinding_world import small

from workflowops.core.promotion.collisions import collisions, listeners_of
from workflowops.core.promotion.finding import Gravity
from workflowops.sandbox.webhooks import addresses

CHAIN = "@n8n/n8n-nodes-langchain."


def hook(path: str = "in", name: str = "Hook", **more: Any) -> dict[str, Any]:
    parameters = {"path": path, **more.pop("parameters", {})}
    return node(name, **{"type": "n8n-nodes-base.webhook", "webhookId": f"w-{name}", **more, "parameters": parameters})


def heard(*nodes: dict[str, Any]) -> list[tuple[str, str]]:
    told = listeners_of(small(*nodes), workflow_id="t-1", workflow_name="Main")
    return [(each.method, each.path) for each in told]


@pytest.mark.parametrize(
    ("listening", "expected"),
    [
        pytest.param(hook(), [("GET", "in")], id="a webhook"),
        pytest.param(hook("/in/"), [("GET", "in")], id="slashes around do not count"),
        pytest.param(hook(parameters={"httpMethod": "POST"}), [("POST", "in")], id="its method"),
        pytest.param(
            hook(parameters={"httpMethod": ["GET", "PUT"]}), [("GET", "in"), ("PUT", "in")], id="several methods"
        ),
        pytest.param(hook("user/:id"), [("GET", "w-Hook/user/:id")], id="a path with a parameter has its id before it"),
        pytest.param(hook(""), [("GET", "w-Hook")], id="no path means its id"),
        pytest.param(hook("={{ $vars.path }}"), [], id="an expression is not known"),
        pytest.param(hook(disabled=True), [], id="disabled"),
        pytest.param(
            hook(type="n8n-nodes-base.formTrigger", parameters={"path": "", "options": {"path": "ask"}}),
            [("GET", "ask"), ("POST", "ask")],
            id="a form",
        ),
        pytest.param(
            hook(type="n8n-nodes-base.formTrigger", typeVersion=1),
            [("GET", "in/n8n-form"), ("POST", "in/n8n-form")],
            id="an old form",
        ),
        pytest.param(
            hook(type=f"{CHAIN}mcpTrigger"), [("GET", "in"), ("POST", "in"), ("DELETE", "in")], id="an MCP server"
        ),
        pytest.param(hook(type=f"{CHAIN}chatTrigger"), [("GET", "w-Hook/chat"), ("POST", "w-Hook/chat")], id="a chat"),
        pytest.param(
            hook(type="n8n-nodes-base.telegramTrigger"), [("POST", "w-Hook/webhook")], id="a trigger by its id"
        ),
        pytest.param(hook(type="n8n-nodes-base.wait"), [], id="what waits is no trigger"),
        pytest.param(hook(webhookId=None), [("GET", "t-1/hook/in")], id="without an id n8n takes its own"),
    ],
)
def test_an_address_is_that_of_n8n(listening, expected) -> None:
    assert heard(listening) == expected


@needs_corpus
def test_the_addresses_of_real_workflows_are_those_of_the_stand_in() -> None:
    count = 0
    for name, document in corpus():
        told = [(each.node_name, (each.method, each.path)) for each in
                listeners_of(document, workflow_id="t-1", workflow_name=name)]  # fmt: skip
        known = [(of, (method.upper(), path)) for of, (method, path) in
                 addresses(document.get("nodes"), workflow_id="t-1")]  # fmt: skip
        assert set(told) <= set(known), name
        assert {each for each in known if "t-1/" not in each[1][1]} <= set(told), name
        count += len(told)
    assert count > 100


A = ("c-a", "t-a", small(hook(), name="A"))
B = ("c-b", "t-b", small(hook(name="Other"), name="B"))
NEW = ("c-n", "", small(hook(name="New"), name="N"))


def live(workflow_id: str, *nodes: dict[str, Any]) -> Any:
    return listeners_of(small(*nodes), workflow_id=workflow_id, workflow_name=f"Live {workflow_id}")


def test_a_workflow_does_not_collide_with_itself() -> None:
    assert collisions([A], listeners=live("t-a", hook()), leaving=()) == ()


@pytest.mark.parametrize("planned", [A, NEW], ids=["updated", "created"])
def test_an_address_of_another_workflow_blocks_and_both_nodes_are_named(planned) -> None:
    (finding,) = collisions([planned], listeners=live("t-x", hook(name="Taken")), leaving=())
    assert (finding.gravity, finding.canonical_id) == (Gravity.BLOCKING, planned[0])
    assert "`Taken`" in finding.message
    assert "`Live t-x`" in finding.message
    assert "`GET /in`" in finding.message


def test_two_planned_workflows_collide() -> None:
    (finding,) = collisions([A, NEW], listeners=(), leaving=())
    assert (finding.canonical_id, "comes later" in finding.message) == ("c-n", False)
    assert "comes later" not in collisions([A, B], listeners=(), leaving=())[0].message


def test_an_address_is_free_once_its_holder_was_published_without_it() -> None:
    moved = ("c-a", "t-a", small(hook("elsewhere"), name="A"))
    there = live("t-a", hook())
    assert collisions([moved, B], listeners=there, leaving=()) == ()
    (finding,) = collisions([B, moved], listeners=there, leaving=())
    assert "comes later" in finding.message


def test_an_address_is_not_free_before_its_holder_is_removed() -> None:
    (finding,) = collisions([B], listeners=live("t-x", hook()), leaving={"t-x"})
    assert (finding.gravity, "comes last" in finding.message) == (Gravity.BLOCKING, True)


def test_twice_within_one_workflow_warns() -> None:
    both = ("c-a", "t-a", small(hook(), hook(name="Twin")))
    assert [each.gravity for each in collisions([both], listeners=(), leaving=())] == [Gravity.WARNING]


def test_a_webhook_that_gets_its_id_when_it_is_saved_has_its_path_alone() -> None:
    fresh = ("c-n", "", small(hook(webhookId=None)))
    assert len(collisions([fresh], listeners=live("t-x", hook()), leaving=())) == 1
    pathless = ("c-n", "", small(hook("", webhookId=None), hook("", name="Two", webhookId=None)))
    assert collisions([pathless], listeners=(), leaving=()) == ()


def test_another_method_is_another_address() -> None:
    assert collisions([A], listeners=live("t-x", hook(parameters={"httpMethod": "POST"})), leaving=()) == ()
