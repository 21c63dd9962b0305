"""In which order n8n runs the branches of a workflow: settled by running them, and held against the canonical form."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from tests.acceptance.documents import Document, node, targets, webhook, workflow
from tests.acceptance.servers import Server, answered, eventually

from workflowops.core.canonical import canonicalize

pytestmark = pytest.mark.real_n8n

FINISHED = {"success", "error"}
CONDITION = {
    "id": "c",
    "leftValue": "a",
    "rightValue": "a",
    "operator": {"type": "string", "operation": "equals"},
}
RULE = {
    "conditions": {
        "options": {"caseSensitive": True, "leftValue": "", "typeValidation": "loose", "version": 2},
        "conditions": [CONDITION],
        "combinator": "and",
    },
    "renameOutput": False,
}


def switch() -> Document:
    """A node that feeds three outputs at once."""
    rules = {"values": [RULE, RULE, RULE]}
    parameters = {"mode": "rules", "rules": rules, "options": {"allMatchingOutputs": True}}
    return node("Switch", "n8n-nodes-base.switch", typeVersion=3.2, parameters=parameters)


def at(places: Mapping[str, tuple[float, float]]) -> list[Document]:
    """Nodes that do nothing, at these places (x, y)."""
    return [node(name, position=place) for name, place in places.items()]


def run(server: Server, document: Document) -> list[str]:
    """Publish a workflow, call it through its production webhook, and answer the nodes in the order they started."""
    path = uuid.uuid4().hex
    made = server.new({**document, "nodes": [webhook(path, position=(-500, 0)), *document["nodes"]]})
    answered(server.activate(made["id"]))
    call = f"{server.url}/webhook/{path}"
    answer = eventually(lambda: httpx.get(call, timeout=60, trust_env=False), lambda answer: answer.status_code != 404)
    assert answer.status_code == 200, answer.text
    query = {"workflowId": made["id"], "includeData": "true"}
    (execution,) = eventually(
        lambda: answered(server.api.get("/executions", params=query))["data"],
        lambda found: bool(found) and found[0]["status"] in FINISHED and bool(found[0].get("data")),
    )
    runs = execution["data"]["resultData"]["runData"]
    started = sorted((task["executionIndex"], name) for name, tasks in runs.items() for task in tasks)
    return [name for _, name in started if name not in {"Hook", "Switch"}]


ONE_ABOVE_THE_OTHER = {"A": (0.0, 300.0), "B": (0.0, 100.0), "C": (0.0, 200.0)}
SIDE_BY_SIDE = {"A": (300.0, 0.0), "B": (100.0, 0.0), "C": (200.0, 0.0)}
IN_ONE_PLACE = {"A": (0.0, 0.0), "B": (0.0, 0.0), "C": (0.0, 0.0)}

CASES: list[Any] = [
    pytest.param(ONE_ABOVE_THE_OTHER, ["ABC"], "BCA", "ABC", id="top to bottom"),
    pytest.param(SIDE_BY_SIDE, ["ABC"], "BCA", "ABC", id="then left to right"),
    pytest.param(IN_ONE_PLACE, ["ABC"], "CBA", "ABC", id="in one place the last listed is first"),
    pytest.param(IN_ONE_PLACE, ["CAB"], "BAC", "CAB", id="whatever order the nodes stand in"),
    pytest.param({"A": (0.0, 100.5), "B": (0.0, 100.25)}, ["AB"], "BA", "AB", id="fractions count"),
    pytest.param(ONE_ABOVE_THE_OTHER, ["A", "B", "C"], "BCA", "ABC", id="across outputs"),
    pytest.param(IN_ONE_PLACE, ["A", "B", "C"], "CBA", "ABC", id="across outputs in one place"),
    pytest.param(
        {"A": (0.0, 400.0), "B": (0.0, 100.0), "C": (0.0, 200.0), "D": (0.0, 50.0)},
        ["AB", "CD"],
        "DBCA",
        "ABCD",
        id="across outputs with several targets",
    ),
]


def fan_out(places: Mapping[str, tuple[float, float]], outputs: Sequence[str], settings: Document) -> Document:
    """One node that feeds the named targets, over one output or several."""
    wires = [targets(*names) for names in outputs]
    if len(wires) == 1:
        return workflow(None, *at(places), connections={"Hook": {"main": wires}}, settings=settings)
    connections = {"Hook": {"main": [targets("Switch")]}, "Switch": {"main": wires}}
    return workflow(None, switch(), *at(places), connections=connections, settings=settings)


@pytest.mark.parametrize(("places", "outputs", "order", "_"), CASES)
def test_under_v1_position_decides(
    server: Server, places: Mapping[str, tuple[float, float]], outputs: Sequence[str], order: str, _: str
) -> None:
    document = fan_out(places, outputs, {"executionOrder": "v1"})
    source = "Hook" if len(outputs) == 1 else "Switch"
    held = canonicalize({**document, "nodes": [*document["nodes"], node("Hook")]}).logic["order"]
    assert run(server, document) == list(order)
    assert isinstance(held, dict)
    assert held[source] == list(order), "the canonical form says the same"


@pytest.mark.parametrize("settings", [{"executionOrder": "v0"}, {}], ids=["v0", "unset"])
@pytest.mark.parametrize(("places", "outputs", "_", "order"), CASES)
def test_under_v0_and_without_a_choice_the_list_decides(
    server: Server,
    places: Mapping[str, tuple[float, float]],
    outputs: Sequence[str],
    _: str,
    order: str,
    settings: Document,
) -> None:
    assert run(server, fan_out(places, outputs, settings)) == list(order)


DEEP = {"A": (0.0, 0.0), "A2": (0.0, 900.0), "B": (0.0, 100.0), "B2": (0.0, -900.0)}


@pytest.mark.parametrize(
    ("version", "order"),
    [
        pytest.param("v1", ["A", "A2", "B", "B2"], id="v1 goes to the end of a branch"),
        pytest.param("v0", ["B", "A", "B2", "A2"], id="v0 goes level by level"),
    ],
)
def test_a_branch_and_its_neighbour(server: Server, version: str, order: list[str]) -> None:
    connections = {
        "Hook": {"main": [targets("B", "A")]},
        "A": {"main": [targets("A2")]},
        "B": {"main": [targets("B2")]},
    }
    document = workflow(None, *at(DEEP), connections=connections, settings={"executionOrder": version})
    assert run(server, document) == order


def test_many_targets_are_sorted_alike(server: Server) -> None:
    places = {f"N{number:02d}": (float(number * 37 % 41), float(number * 29 % 7)) for number in range(40)}
    document = workflow(
        None,
        *at(places),
        connections={"Hook": {"main": [targets(*places)]}},
        settings={"executionOrder": "v1"},
    )
    assert run(server, document) == sorted(places, key=lambda name: (places[name][1], places[name][0]))


def test_a_disabled_target_keeps_its_place(server: Server) -> None:
    nodes = [
        node("A", position=(0, 300), disabled=True),
        node("A2", position=(100, 0)),
        node("B", position=(0, 100)),
    ]
    connections = {"Hook": {"main": [targets("A", "B")]}, "A": {"main": [targets("A2")]}}
    document = workflow(None, *nodes, connections=connections, settings={"executionOrder": "v1"})
    assert run(server, document) == ["B", "A", "A2"]
