"""Workflows as n8n draws them, before and after somebody worked on them."""

import itertools
from collections.abc import Iterable
from typing import Any

from tests.builders import node, wires

from workflowops.core.drawing import Drawing, draw
from workflowops.core.drawings_file import DrawingsFile, StoredDrawing

Document = dict[str, Any]


def document(*nodes: dict[str, Any], links: dict[str, Any] | None = None, **more: Any) -> Document:
    """A workflow of these nodes; `links` as n8n stores connections."""
    return {
        "name": "Order Processing",
        "nodes": [*nodes],
        "connections": links or {},
        "settings": {"executionOrder": "v1"},
        **more,
    }


def orders_before() -> Document:
    """An agent with a model and a tool behind a webhook, as reviewed."""
    return document(
        node("Webhook", type="n8n-nodes-base.webhook", position=[0, 300], parameters={"path": "orders"}),
        node("Check Stock", type="n8n-nodes-base.httpRequest", position=[220, 300], parameters={"url": "https://a.example"}),
        node("In Stock?", type="n8n-nodes-base.if", position=[440, 300]),
        node("Sort by Hand", type="n8n-nodes-base.slack", position=[660, 420]),
        node("Answer Customer", type="@n8n/n8n-nodes-langchain.agent", position=[660, 200]),
        node("Model", type="@n8n/n8n-nodes-langchain.lmChatOpenAi", position=[620, 560]),
        node("Confirm", type="n8n-nodes-base.emailSend", position=[900, 200]),
        node("Note", type="n8n-nodes-base.stickyNote", position=[0, 0], parameters={"content": "Ask Olive"}),
        links={
            "Webhook": {"main": [wires("Check Stock")]},
            "Check Stock": {"main": [wires("In Stock?")]},
            "In Stock?": {"main": [wires("Answer Customer"), wires("Sort by Hand")]},
            "Answer Customer": {"main": [wires("Confirm")]},
            "Model": {"ai_languageModel": [wires("Answer Customer", kind="ai_languageModel")]},
        },
    )  # fmt: skip


def orders_after() -> Document:
    """The same after a hot fix: another address, a step taken out, one put in."""
    found = orders_before()
    found["nodes"] = [each for each in found["nodes"] if each["name"] != "Sort by Hand"]
    found["nodes"][1]["parameters"] = {"url": "https://b.example"}
    found["nodes"].append(node("Wait for Stock", type="n8n-nodes-base.wait", position=[660, 420]))
    found["connections"]["In Stock?"] = {"main": [wires("Answer Customer"), wires("Wait for Stock")]}
    found["connections"]["Wait for Stock"] = {"main": [wires("Check Stock")]}
    return found


def row_of(number: int, **more: Any) -> Document:
    """A long workflow: so many nodes one behind the other."""
    names = [f"Step {place}" for place in range(number)]
    nodes = [node(name, position=[220 * place, 0]) for place, name in enumerate(names)]
    links = {one: {"main": [wires(two)]} for one, two in itertools.pairwise(names)}
    return document(*nodes, links=links, **more)


def stored(drawing: Drawing, name: str = "Order Processing") -> StoredDrawing:
    return StoredDrawing(canonical_id="c-1", workflow_name=name, drawing=drawing)


def kept(*drawings: StoredDrawing) -> DrawingsFile:
    return DrawingsFile(drawings=drawings)


def hot_fix() -> StoredDrawing:
    return stored(draw(orders_before(), orders_after()))


def names_of(drawing: Drawing, numbers: Iterable[int]) -> list[str]:
    return [drawing.nodes[number].name for number in numbers]
