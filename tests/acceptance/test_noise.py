"""The noise table: one change at a time made on a server, and whether the canonical form calls it a change of logic."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.acceptance.documents import HTTP_REQUEST, Document, body_of, node, schedule, targets, unique, workflow
from tests.acceptance.servers import Server, answered, eventually

from workflowops.core.canonical import Digests, canonicalize, digests

TWO = pytest.mark.generations("2.41")

KIND = "httpBasicAuth"
STICKY = "n8n-nodes-base.stickyNote"
SET_PARAMETERS: Document = {
    "updatedAt": "2020-01-01T00:00:00.000Z",
    "position": [1, 2],
    "text": "one\r\ntwo",
    "nested": {"b": 1, "a": 2},
    "reference": {"__rl": True, "value": "abc", "mode": "list", "cachedResultName": "Old", "cachedResultUrl": "/x"},
}


def start(server: Server) -> Document:
    """A workflow with something of everything that may change."""
    credential = {KIND: {"id": "0123456789abcdef", "name": unique("nobody has this")}}
    return server.new(
        workflow(
            None,
            schedule(),
            node("Set", "n8n-nodes-base.set", position=(200, 0), typeVersion=2, parameters=SET_PARAMETERS),
            node("Top", position=(400, 0), notes="a note"),
            node("Low", position=(400, 200)),
            node("Call", HTTP_REQUEST, position=(600, 0), typeVersion=4.2, credentials=credential),
            node("Sticky", STICKY, position=(0, 300), parameters={"content": "text"}),
            connections={
                "Start": {"main": [targets("Set")]},
                "Set": {"main": [targets("Top", "Low")]},
                "Top": {"main": [targets("Call")]},
            },
            settings={"executionOrder": "v1", "executionTimeout": 60},
        )
    )


def put(server: Server, made: Document, **changes: Any) -> None:
    answered(server.put(made["id"], body_of(made, **changes)))


def with_node(made: Document, named: str, **fields: Any) -> list[Document]:
    return [item | fields if item["name"] == named else item for item in made["nodes"]]


def with_parameter(made: Document, **parameters: Any) -> list[Document]:
    (changed,) = [item for item in made["nodes"] if item["name"] == "Set"]
    return with_node(made, "Set", parameters={**changed["parameters"], **parameters})


def with_credential(made: Document, **fields: Any) -> list[Document]:
    (changed,) = [item for item in made["nodes"] if item["name"] == "Call"]
    return with_node(made, "Call", credentials={KIND: {**changed["credentials"][KIND], **fields}})


def renamed_node(made: Document) -> Document:
    return {
        "nodes": with_node(made, "Low", name="Lower"),
        "connections": {**made["connections"], "Set": {"main": [targets("Top", "Lower")]}},
    }


def digests_of(document: Document) -> Digests:
    return digests(canonicalize(document))


Change = Callable[[Document], Document]

LOGIC: list[Any] = [
    pytest.param(lambda made: {"nodes": with_parameter(made, text="three")}, id="a parameter"),
    pytest.param(lambda made: {"nodes": with_parameter(made, updatedAt="2021")}, id="a parameter named updatedAt"),
    pytest.param(lambda made: {"nodes": with_parameter(made, position=[3, 4])}, id="a parameter named position"),
    pytest.param(lambda made: {"nodes": with_node(made, "Low", disabled=True)}, id="a node disabled"),
    pytest.param(lambda made: {"nodes": with_node(made, "Low", retryOnFail=True)}, id="a node that tries again"),
    pytest.param(lambda made: {"nodes": with_node(made, "Set", typeVersion=3)}, id="another version of a node type"),
    pytest.param(lambda _: {"name": unique("renamed")}, id="the workflow renamed"),
    pytest.param(renamed_node, id="a node renamed"),
    pytest.param(lambda _: {"settings": {"executionTimeout": 61}}, id="the timeout"),
    pytest.param(lambda _: {"settings": {"saveDataErrorExecution": "none"}}, id="whether errors are kept"),
    pytest.param(lambda _: {"settings": {"errorWorkflow": "abc"}}, id="an error workflow where there was none"),
    pytest.param(lambda made: {"nodes": with_credential(made, name=unique("other"))}, id="the name of a credential"),
    pytest.param(lambda made: {"nodes": with_node(made, "Call", credentials={"httpHeaderAuth": "x"})}, id="its type"),
    pytest.param(lambda made: {"connections": {**made["connections"], "Top": {"main": []}}}, id="a wire taken away"),
    pytest.param(
        lambda made: {"connections": {**made["connections"], "Low": {"main": [targets("Call")]}}}, id="a wire more"
    ),
    pytest.param(
        lambda made: {"nodes": [item for item in made["nodes"] if item["name"] != "Sticky"] + [node("New")]},
        id="a node more",
    ),
    pytest.param(
        lambda made: {"nodes": with_node(made, "Low", position=[400, -200])}, id="which of two branches runs first"
    ),
]

NOISE: list[Any] = [
    pytest.param(lambda _: {}, id="saved again"),
    pytest.param(lambda made: {"nodes": with_node(made, "Call", position=[900, 900])}, id="a node moved"),
    pytest.param(
        lambda made: {"nodes": with_node(made, "Low", position=[350, 100])}, id="moved, and still the lower of two"
    ),
    pytest.param(lambda made: {"nodes": made["nodes"][::-1]}, id="order of the nodes"),
    pytest.param(
        lambda made: {"nodes": [dict(reversed(item.items())) for item in made["nodes"]]}, id="order of a node's keys"
    ),
    pytest.param(
        lambda made: {"nodes": with_parameter(made, nested={"a": 2, "b": 1})}, id="order of a parameter's keys"
    ),
    pytest.param(
        lambda made: {"connections": {**made["connections"], "Set": {"main": [targets("Low", "Top")]}}},
        id="order of targets where position decides",
    ),
    pytest.param(lambda made: {"connections": dict(reversed(made["connections"].items()))}, id="order of connections"),
    pytest.param(
        lambda made: {"nodes": [{k: v for k, v in item.items() if k != "id"} for item in made["nodes"]]}, id="node ids"
    ),
    pytest.param(lambda made: {"nodes": with_credential(made, id="fedcba9876543210")}, id="the id of a credential"),
    pytest.param(
        lambda made: {
            "nodes": with_parameter(
                made,
                reference={**SET_PARAMETERS["reference"], "cachedResultName": "New", "cachedResultUrl": "/y"},
            )
        },
        id="a remembered name in a resource locator",
    ),
    pytest.param(lambda made: {"nodes": with_node(made, "Low", disabled=False)}, id="a default written out"),
    pytest.param(lambda made: {"nodes": with_node(made, "Low", onError="stopWorkflow")}, id="another default"),
    pytest.param(lambda made: {"nodes": with_parameter(made, text="one\ntwo")}, id="line ends"),
    pytest.param(lambda made: {"nodes": with_node(made, "Set", typeVersion=2.0)}, id="2 and 2.0"),
    pytest.param(lambda made: {"nodes": with_node(made, "Top", notes="another note")}, id="a note"),
    pytest.param(
        lambda made: {"nodes": with_node(made, "Sticky", parameters={"content": "other"})}, id="a sticky note"
    ),
    pytest.param(lambda _: {"staticData": {"lastId": 5}}, id="static data"),
    pytest.param(lambda _: {"settings": {}}, id="no settings sent"),
]


@pytest.mark.parametrize("change", LOGIC)
def test_is_a_change_of_logic(server: Server, change: Change) -> None:
    made = start(server)
    put(server, made, **change(made))
    assert digests_of(server.get(made["id"])).logic != digests_of(made).logic


@pytest.mark.parametrize("change", NOISE)
def test_is_noise(server: Server, change: Change) -> None:
    made = start(server)
    before = digests_of(server.get(made["id"]))
    put(server, made, **change(made))
    assert digests_of(server.get(made["id"])).logic == before.logic


def test_what_is_noise_may_still_be_layout(server: Server) -> None:
    made = start(server)
    put(server, made, nodes=with_node(made, "Call", position=[900, 900]))
    assert digests_of(server.get(made["id"])).layout != digests_of(made).layout


def test_what_is_noise_may_still_be_a_binding(server: Server) -> None:
    made = start(server)
    put(server, made, nodes=with_credential(made, id="fedcba9876543210"))
    assert digests_of(server.get(made["id"])).bindings != digests_of(made).bindings


def test_another_error_workflow_is_a_reference_and_not_logic(server: Server) -> None:
    made = server.new(workflow(settings={"errorWorkflow": "abc"}))
    put(server, made, settings={"errorWorkflow": "def"})
    before, after = digests_of(made), digests_of(server.get(made["id"]))
    assert (before.logic, before.references != after.references) == (after.logic, True)


def test_publishing_and_unpublishing_are_told_beside_the_digests(server: Server) -> None:
    made = server.published()
    published = server.get(made["id"])
    answered(server.api.post(f"/workflows/{made['id']}/deactivate"))
    after = eventually(lambda: server.get(made["id"]), lambda shown: shown["active"] is False)
    assert published["active"] is True
    assert digests_of(published) == digests_of(after)


def test_tags_are_told_beside_the_digests(server: Server) -> None:
    made = start(server)
    before = server.get(made["id"])
    tag = answered(server.api.post("/tags", json={"name": unique("noise")[:24]}))
    answered(server.api.put(f"/workflows/{made['id']}/tags", json=[{"id": tag["id"]}]))
    after = server.get(made["id"])
    assert [shown["name"] for shown in after["tags"]] == [tag["name"]]
    assert digests_of(before) == digests_of(after)


@TWO
@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pinData": {"Start": [{"json": {}}]}}, id="pinned data"),
        pytest.param({"description": "other"}, id="description"),
    ],
)
def test_is_noise_on_2x(server: Server, change: Document) -> None:
    made = start(server)
    before = digests_of(server.get(made["id"]))
    put(server, made, **change)
    assert digests_of(server.get(made["id"])) == before


@TWO
def test_a_frame_on_the_canvas_is_layout(server: Server) -> None:
    made = start(server)
    before = digests_of(server.get(made["id"]))
    (low,) = [item for item in made["nodes"] if item["name"] == "Low"]
    put(server, made, nodeGroups=[{"id": "g", "name": "G", "nodeIds": [low["id"]]}])
    after = digests_of(server.get(made["id"]))
    assert (before.logic, before.layout != after.layout) == (after.logic, True)


@TWO
def test_archiving_and_bringing_back_is_noise_although_the_version_is_new(server: Server) -> None:
    made = start(server)
    before = server.get(made["id"])
    for action in ("archive", "unarchive"):
        answered(server.api.post(f"/workflows/{made['id']}/{action}"))
    after = server.get(made["id"])
    assert after["versionId"] != before["versionId"]
    assert digests_of(after) == digests_of(before)


def test_meta_of_the_editor_is_noise(server: Server) -> None:
    made = start(server)
    before = digests_of(server.get(made["id"]))
    server.edit_by_hand(made["id"], meta={"templateId": "5"})
    assert digests_of(server.get(made["id"])) == before


@TWO
def test_the_published_version_of_a_changed_draft_has_its_own_digest(server: Server) -> None:
    made = server.published(workflow(None, schedule(), node("A", parameters={"a": 1})))
    nodes = [made["nodes"][0], made["nodes"][1] | {"parameters": {"a": 2}}]
    answered(server.put(made["id"], body_of(made, nodes=nodes), publishIfActive="false"))
    after = server.get(made["id"])
    running = {**after, **{name: after["activeVersion"][name] for name in ("nodes", "connections")}}
    assert digests_of(running) == digests_of(made)
    assert digests_of(after).logic != digests_of(running).logic


def test_the_list_and_get_have_one_digest(server: Server) -> None:
    made = start(server)
    (item,) = answered(server.api.get("/workflows", params={"name": made["name"]}))["data"]
    assert digests_of(item) == digests_of(server.get(made["id"]))
