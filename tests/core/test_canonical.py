"""The canonical form: what counts, what does not, and that nothing odd raises or hides."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    CORPUS,
    JSON_VALUES,
    LAW,
    changed,
    corpus,
    leaves,
    needs_corpus,
    node,
    replaced,
    wires,
    workflow,
)

from workflowops.core.canonical import CanonicalForm, Digests, canonicalize, digests, node_count
from workflowops.core.json import canonical_text
from workflowops.core.workflow_file import parse_workflow, render_workflow

Document = dict[str, Any]
Change = Callable[[Document], Document]
SENTINEL = "a value that stands nowhere else"


def of_1(document: Document) -> Document:
    """The document as a server of version 1 answers it."""
    return {
        "id": "wf-1",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-02T00:00:00.000Z",
        "isArchived": False,
        "versionId": "5f0e",
        "versionCounter": 7,
        "triggerCount": 1,
        "meta": {"templateCredsSetupCompleted": True},
        "pinData": {"Hook": [{"json": {"secret": 1}}]},
        "staticData": {"node:Hook": {"lastTime": 1}},
        "shared": [{"role": "workflow:owner", "project": {"name": "Olive <olive@example.com>"}}],
        **document,
        "tags": [{"id": "t1", "name": "customers", "updatedAt": "2026-01-02T00:00:00.000Z"}],
    }


def of_2(document: Document) -> Document:
    """The document as a server of version 2 answers it, published."""
    graph = {key: document[key] for key in ("nodes", "connections")}
    return of_1(document) | {
        "description": None,
        "sourceWorkflowId": None,
        "nodeGroups": [
            {"id": "g1", "name": "Reads", "nodeIds": ["id-Top", "id-Sheet"], "description": "what comes in"}
        ],
        "activeVersionId": "5f0e",
        "activeVersion": {"versionId": "5f0e", "authors": "Olive Owner", "nodeGroups": [], **graph},
    }


SHAPES = [pytest.param(of_1, id="1.x"), pytest.param(of_2, id="2.x")]


def to(path: str, value: Any) -> Change:
    """Put a value at a path; `...` takes it away."""
    return lambda document: changed(document, path, value)


def both(*changes: Change) -> Change:
    def change(document: Document) -> Document:
        for each in changes:
            document = each(document)
        return document

    return change


def reorder_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reorder_keys(value[key]) for key in reversed([*value])}
    return [reorder_keys(item) for item in value] if isinstance(value, list) else value


def reorder_nodes(document: Document) -> Document:
    return document | {"nodes": document["nodes"][::-1]}


def rename(document: Document) -> Document:
    renamed = changed(document, "nodes.3.name", "Call the sub-workflow")
    return changed(renamed, "connections.Top.main.0.0.node", "Call the sub-workflow")


def without_node_ids(document: Document) -> Document:
    return document | {"nodes": [{key: each[key] for key in each if key != "id"} for each in document["nodes"]]}


def runs(document: Document) -> tuple[str, str]:
    """What decides drift: what runs, and the workflows it refers to."""
    found = digests(canonicalize(document))
    return found.logic, found.references


DRIFT = [
    pytest.param(to("nodes.1.parameters.text", "other"), id="a parameter"),
    pytest.param(to("nodes.1.parameters.more", None), id="a parameter that is null"),
    pytest.param(to("nodes.1.parameters.updatedAt", "other"), id="a user's own updatedAt"),
    pytest.param(to("nodes.1.parameters.position", 2), id="a user's own position"),
    pytest.param(to("nodes.1.disabled", True), id="a node disabled"),
    pytest.param(to("nodes.1.type", "n8n-nodes-base.noOp"), id="another node type"),
    pytest.param(to("nodes.1.typeVersion", 3.3), id="another version of the node type"),
    pytest.param(to("nodes.1.onError", "continueRegularOutput"), id="goes on after an error"),
    pytest.param(to("nodes.1.retryOnFail", True), id="tries again"),
    pytest.param(to("nodes.1.maxTries", 5), id="how often it tries"),
    pytest.param(to("nodes.1.waitBetweenTries", 5000), id="how long it waits"),
    pytest.param(to("nodes.1.alwaysOutputData", True), id="always answers"),
    pytest.param(to("nodes.1.executeOnce", True), id="runs once"),
    pytest.param(to("nodes.1", ...), id="a node removed"),
    pytest.param(rename, id="a node renamed"),
    pytest.param(to("name", "Other"), id="the workflow renamed"),
    pytest.param(to("name", ...), id="the workflow's name gone"),
    pytest.param(to("settings.executionTimeout", 60), id="a timeout"),
    pytest.param(to("settings.errorWorkflow", "wf-other"), id="another error workflow"),
    pytest.param(to("settings.errorWorkflow", ...), id="no error workflow"),
    pytest.param(to("settings.saveDataErrorExecution", "none"), id="what is saved after errors"),
    pytest.param(to("settings.saveManualExecutions", False), id="a setting from true to false"),
    pytest.param(to("settings.saveManualExecutions", ...), id="a setting that hangs on the instance gone"),
    pytest.param(to("settings.timezone", "Europe/Berlin"), id="a time zone"),
    pytest.param(to("settings.callerPolicy", "any"), id="who may call it"),
    pytest.param(to("settings.callerIds", "wf-7"), id="a caller"),
    pytest.param(to("settings.binaryMode", "combined"), id="how files are held"),
    pytest.param(to("settings.engineType", "v2"), id="another engine"),
    pytest.param(to("settings.executionOrder", "v0"), id="the execution order"),
    pytest.param(to("settings.executionOrder", ...), id="the execution order gone, which is v0"),
    pytest.param(to("nodes.2.credentials.httpBasicAuth.name", "Other"), id="a credential's name"),
    pytest.param(to("nodes.2.credentials", {"httpHeaderAuth": {"id": "cred-1", "name": "API Auth"}}), id="its type"),
    pytest.param(to("nodes.2.credentials", ...), id="no credential"),
    pytest.param(to("connections.Top.main.0.0.node", "Sheet"), id="a connection"),
    pytest.param(to("connections.Top.main.0.0.index", 1), id="another input"),
    pytest.param(to("connections.Top", ...), id="a connection removed"),
    pytest.param(to("nodes.2.position", [200, -100]), id="the vertical order under v1"),
    pytest.param(to("nodes.3.parameters.workflowId.value", "wf-other"), id="another workflow called"),
    pytest.param(
        to("nodes.3.parameters.workflowId.value", "={{ $json.id }}"), id="an expression instead of a workflow"
    ),
    pytest.param(to("nodes.4.parameters.documentId.value", "doc-2"), id="another document"),
    pytest.param(to("nodes.4.parameters.documentId.mode", "id"), id="how the document is chosen"),
]
NOISE = [
    pytest.param(lambda document: document, id="nothing"),
    pytest.param(reorder_keys, id="key order everywhere"),
    pytest.param(reorder_nodes, id="node order"),
    pytest.param(without_node_ids, id="no node ids"),
    pytest.param(to("nodes.1.id", "other"), id="a node id"),
    pytest.param(to("connections.Hook.main.0", wires("Bottom", "Top")), id="order of targets under v1"),
    pytest.param(to("nodes.1.position", [999, 50]), id="a move that changes no order"),
    pytest.param(to("nodes.4.position", [-999, -999]), id="a move of a single target"),
    pytest.param(to("nodes.2.credentials.httpBasicAuth.id", "cred-2"), id="a credential's id"),
    pytest.param(to("nodes.0.webhookId", "hook-2"), id="a webhook id"),
    pytest.param(to("nodes.4.parameters.documentId.cachedResultName", "Renamed"), id="a cached name"),
    pytest.param(to("nodes.4.parameters.documentId.cachedResultUrl", ...), id="a cached address gone"),
    pytest.param(to("nodes.3.parameters.workflowId.cachedResultName", ...), id="the cached name of a workflow"),
    pytest.param(to("nodes.3.parameters.workflowId", "wf-sub"), id="the same workflow, as old nodes hold it"),
    pytest.param(to("nodes.4.notes", "Ask Sandy"), id="a note"),
    pytest.param(to("nodes.5.parameters.content", "Read me twice"), id="a sticky note"),
    pytest.param(to("nodes.5", ...), id="a sticky note removed"),
    pytest.param(to("nodeGroups", []), id="node groups"),
    pytest.param(to("nodes.1.disabled", False), id="disabled: false"),
    pytest.param(to("nodes.1.onError", "stopWorkflow"), id="the default written out: onError"),
    pytest.param(to("nodes.1.maxTries", 3), id="the default written out: maxTries"),
    pytest.param(to("nodes.1.credentials", {}), id="no credentials written out"),
    pytest.param(to("nodes.1.color", "#fff"), id="a key that n8n's API does not take"),
    pytest.param(to("settings.timezone", "DEFAULT"), id="the instance's time zone written out"),
    pytest.param(to("settings.timezone", ""), id="an empty setting"),
    pytest.param(to("settings.callerPolicy", "workflowsFromSameOwner"), id="what 1.x adds by itself"),
    pytest.param(to("settings.availableInMCP", False), id="what else 1.x adds by itself"),
    pytest.param(to("settings.binaryMode", "separate"), id="the default written out: binaryMode"),
    pytest.param(to("settings.futureKey", 1), id="a setting that n8n's API does not keep"),
    pytest.param(to("nodes.1.typeVersion", 3.40), id="3.4 and 3.40"),
    pytest.param(to("nodes.1.parameters.position", 1.0), id="1 and 1.0"),
    pytest.param(to("nodes.1.parameters.text", "a\r\nb"), id="CRLF inside a text"),
    pytest.param(to("connections.Hook.main", [wires("Top", "Bottom"), [], None]), id="an empty output"),
    pytest.param(to("connections.Sheet", {"main": [[]]}), id="an output that leads nowhere"),
    pytest.param(both(to("active", False), to("tags", [])), id="activation and tags, which are compared beside"),
    *(
        pytest.param(to(key, value), id=key)
        for key, value in {
            "staticData": {"global": {"n": 2}},
            "pinData": {},
            "meta": None,
            "versionId": "other",
            "versionCounter": 8,
            "triggerCount": 2,
            "updatedAt": "2027-01-01T00:00:00.000Z",
            "createdAt": "2027-01-01T00:00:00.000Z",
            "shared": [],
            "id": "wf-2",
            "isArchived": True,
            "description": "told elsewhere",
            "unknownKeyOfTomorrow": 1,
        }.items()
    ),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("change", DRIFT)
def test_this_is_drift(shape, change) -> None:
    assert runs(change(shape(workflow()))) != runs(shape(workflow()))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("change", NOISE)
def test_this_is_noise(shape, change) -> None:
    assert runs(change(shape(workflow()))) == runs(shape(workflow()))


@pytest.mark.parametrize("change", [*DRIFT, *NOISE])
def test_both_generations_of_n8n_are_read_alike(change) -> None:
    assert runs(of_1(change(workflow()))) == runs(of_2(change(workflow())))


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        pytest.param(to("nodes.1.position", [999, 50]), {"layout"}, id="a move"),
        pytest.param(to("nodes.2.position", [200, -100]), {"layout", "logic"}, id="a move past another"),
        pytest.param(to("nodes.4.notes", "Ask Sandy"), {"layout"}, id="a note"),
        pytest.param(to("nodes.5.parameters.content", "Read"), {"layout"}, id="a sticky note"),
        pytest.param(to("nodeGroups.0.name", "Writes"), {"layout"}, id="a group's name"),
        pytest.param(to("nodeGroups.0.nodeIds", ["id-Top"]), {"layout"}, id="a group's members"),
        pytest.param(to("nodeGroups.0.id", "g2"), set(), id="a group's id"),
        pytest.param(to("nodes.0.webhookId", "hook-2"), {"bindings"}, id="a webhook id"),
        pytest.param(to("nodes.2.credentials.httpBasicAuth.id", "c2"), {"bindings"}, id="a credential id"),
        pytest.param(to("nodes.3.parameters.workflowId.value", "wf-2"), {"references"}, id="a called workflow"),
        pytest.param(to("settings.errorWorkflow", "wf-2"), {"references"}, id="an error workflow"),
        pytest.param(to("settings.callerIds", "wf-2"), {"references", "logic"}, id="the first caller"),
        pytest.param(to("nodes.1.parameters.text", "c"), {"logic"}, id="a parameter"),
    ],
)
def test_a_change_shows_up_in_the_part_it_belongs_to(change, parts) -> None:
    before, after = (digests(canonicalize(document)) for document in (of_2(workflow()), change(of_2(workflow()))))
    assert {part for part in Digests.__slots__ if getattr(before, part) != getattr(after, part)} == parts


def test_renumbered_nodes_keep_their_groups() -> None:
    renumbered = of_2(workflow())
    for each in renumbered["nodes"]:
        each["id"] += "-new"
    renumbered["nodeGroups"][0]["nodeIds"] = ["id-Sheet-new", "id-Top-new"]
    assert digests(canonicalize(renumbered)) == digests(canonicalize(of_2(workflow())))


@pytest.mark.parametrize(
    "settings",
    [pytest.param({}, id="unset"), pytest.param({"executionOrder": "v0"}, id="v0"), pytest.param(None, id="none")],
)
def test_without_v1_the_list_decides_and_the_place_does_not(settings) -> None:
    document = workflow(settings=settings)
    assert runs(changed(document, "nodes.2.position", [200, -100])) == runs(document)
    assert runs(changed(document, "connections.Hook.main.0", wires("Bottom", "Top"))) != runs(document)


def test_an_unknown_execution_order_runs_like_v0_and_is_told_apart() -> None:
    odd, old = workflow(settings={"executionOrder": "zzz"}), workflow(settings={"executionOrder": "v0"})
    assert canonicalize(odd).logic["order"] == {}
    assert runs(odd) != runs(old)


def test_what_a_tool_does_after_an_error_is_never_taken_for_said() -> None:
    tool = workflow()
    tool["connections"]["Sheet"] = {"ai_tool": [wires("Top", kind="ai_tool")]}
    assert runs(changed(tool, "nodes.4.onError", "stopWorkflow")) != runs(tool)
    tool["connections"]["Sheet"]["ai_tool"] = [[]]
    assert runs(changed(tool, "nodes.4.onError", "stopWorkflow")) == runs(tool)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(2.0, 2, id="a whole number"),
        pytest.param(-0.0, 0, id="minus zero"),
        pytest.param(12345678901234567890, 12345678901234567000, id="beyond what JavaScript can hold"),
        pytest.param(2**53 + 1, 2**53, id="at the edge of it"),
        pytest.param(1e400, None, id="infinite"),
    ],
)
def test_numbers_are_compared_as_n8n_holds_them(one, other) -> None:
    for path in ("nodes.1.parameters.text", "nodes.1.maxTries", "settings.executionTimeout", "nodes.1.position.0"):
        first, second = changed(workflow(), path, one), changed(workflow(), path, other)
        assert digests(canonicalize(first)) == digests(canonicalize(second)), path


def test_only_line_ends_are_folded() -> None:
    texts = ["a\rb", "ab", "a\nb", "a\n\rb", "a\n\nb"]
    found = {runs(changed(workflow(), "nodes.1.parameters.text", text)) for text in texts}
    assert len(found) == len(texts)


def test_what_is_left_out_is_counted_with_its_reason() -> None:
    document = changed(of_2(workflow()), "settings.futureKey", 1)
    document = changed(document, "nodes.1.color", "#fff")
    document = changed(document, "nodes.2.credentials.httpBasicAuth.flag", 1)
    document = changed(document, "connections.Top.main.0.0.label", "yes")
    assert canonicalize(document).ignored == {
        "name or address that a resource locator cached": 2,
        "node key color, which n8n's API does not take": 1,
        "credential key flag": 1,
        "connection key label": 1,
        "setting futureKey, which n8n's API does not keep": 1,
        "meta": 1,
        "pinData": 1,
        "staticData": 1,
    }


ODD = [
    pytest.param({}, id="nothing"),
    pytest.param({"nodes": None, "connections": None, "settings": None}, id="nulls"),
    pytest.param({"nodes": [], "connections": [], "settings": []}, id="lists, as PHP writes empty objects"),
]


@pytest.mark.parametrize("document", ODD)
def test_nothing_at_all_is_read_the_same_in_every_spelling(document) -> None:
    assert digests(canonicalize(document)) == digests(canonicalize({}))
    assert node_count(canonicalize(document)) == 0


@pytest.mark.parametrize(
    ("path", "values"),
    [
        pytest.param("nodes", [None, "text", ["text"], 7, [7], {"a": 1}, [[]], [None]], id="nodes"),
        pytest.param("nodes.1", ["text", None, 7, 8, True, []], id="a node"),
        pytest.param("nodes.1.name", [None, 5, 6, True, ["Top"], "Other"], id="a node's name"),
        pytest.param("nodes.1.type", [None, 5, ["n8n-nodes-base.set"], "other"], id="a node's type"),
        pytest.param("nodes.1.parameters", [None, "text", "", 0, False, 7, [7], {"a": 1}], id="parameters"),
        pytest.param("nodes.1.credentials", [None, "text", "", 0, [1], {"": "text"}, {"a": "text"}], id="credentials"),
        pytest.param(
            "nodes.1.credentials", [{"a": None}, {"a": "b"}, {"a": {"name": 5}}, {"a": []}], id="a credential"
        ),
        pytest.param("nodes.1.position", [None, "text", [1], {"x": 1}, [None, None]], id="a position"),
        pytest.param("settings", [None, "text", 7, [1]], id="settings"),
        pytest.param("settings.callerIds", [None, ["a"], ["b"], 7, "a", "b"], id="callers"),
        pytest.param("connections", [None, "text", ["text"], 7], id="connections"),
        pytest.param("connections.Top", [None, "text", 7, ["text"]], id="a node's connections"),
        pytest.param("connections.Top.main", [None, "text", 7, [7], ["text"], {}, [[{"node": 7}]]], id="outputs"),
        pytest.param("nodeGroups", [None, "text", 7, ["text"], [7], [{"name": 7}], [{"name": "a"}]], id="groups"),
        pytest.param("name", [None, 5, ["a"], "a"], id="the name"),
    ],
)
def test_what_is_odd_hides_nothing(path, values) -> None:
    seen: dict[tuple[str, ...], Any] = {}
    for value in values:
        found = digests(canonicalize(changed(workflow(), path, value)))
        key = (found.logic, found.layout, found.bindings, found.references)
        assert key not in seen, f"{value!r} reads like {seen.get(key)!r}"
        seen[key] = value


KEYS = st.sampled_from(
    ["name", "type", "parameters", "credentials", "position", "id", "webhookId", "notes", "onError", "workflowId"]
)
ODD_NODES = st.lists(JSON_VALUES | st.dictionaries(KEYS, JSON_VALUES, max_size=6), max_size=4)
ODD_CONNECTIONS = st.dictionaries(st.text(max_size=2), st.dictionaries(st.just("main"), JSON_VALUES), max_size=3)
ODD_DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "name": JSON_VALUES,
        "nodes": JSON_VALUES | ODD_NODES,
        "connections": JSON_VALUES | ODD_CONNECTIONS,
        "settings": JSON_VALUES
        | st.dictionaries(st.sampled_from(["callerIds", "errorWorkflow", "timezone"]), JSON_VALUES),
        "nodeGroups": JSON_VALUES | st.lists(st.dictionaries(st.sampled_from(["name", "nodeIds"]), JSON_VALUES)),
        "tags": JSON_VALUES,
        "meta": JSON_VALUES,
    },
)


@LAW
@given(ODD_DOCUMENTS)
def test_no_document_raises_and_reading_changes_nothing(document) -> None:
    before = copy.deepcopy(document)
    form = canonicalize(document)
    assert digests(form) == digests(canonicalize(document))
    assert isinstance(node_count(form), int)
    assert document == before


@LAW
@given(ODD_DOCUMENTS)
def test_how_the_json_is_written_makes_no_difference(document) -> None:
    written = json.loads(json.dumps(reorder_keys(document)))
    assert digests(canonicalize(written)) == digests(canonicalize(document))


TWINS = [
    node("A", parameters={"n": 1}),
    node("A", parameters={"n": 2}, position=[0, 100]),
    node("A", parameters={"n": 2}, position=[0, 200]),
    node("A (2)", parameters={"n": 3}),
    node("A", type="n8n-nodes-base.stickyNote"),
    node("B", position=[0, 300]),
]


@LAW
@given(st.permutations(TWINS))
def test_nodes_that_share_a_name_are_all_read_in_whatever_order_they_stand(nodes) -> None:
    document = workflow(nodes=nodes, connections={"B": {"main": [wires("A", "A (2)")]}})
    form = canonicalize(document)
    assert node_count(form) == 5
    assert digests(form) == digests(canonicalize(document | {"nodes": TWINS}))


def test_nodes_that_share_a_name_are_numbered_past_the_names_in_use() -> None:
    form = canonicalize(workflow(nodes=TWINS, connections={}))
    assert form.logic["nodes"] == {
        "A": {"type": "n8n-nodes-base.set", "typeVersion": 3.4, "parameters": {"n": 1}},
        "A (3)": {"type": "n8n-nodes-base.set", "typeVersion": 3.4, "parameters": {"n": 2}},
        "A (4)": {"type": "n8n-nodes-base.set", "typeVersion": 3.4, "parameters": {"n": 2}},
        "A (2)": {"type": "n8n-nodes-base.set", "typeVersion": 3.4, "parameters": {"n": 3}},
        "B": {"type": "n8n-nodes-base.set", "typeVersion": 3.4, "parameters": {"keep": "B"}},
    }
    assert "3 nodes are called 'A'." in form.oddities


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"id": "zzz"}, id="its id"),
        pytest.param({"credentials": {"a": {"id": "zzz", "name": "c"}}}, id="the id of its credential"),
        pytest.param({"color": "zzz"}, id="a key that does not count"),
        pytest.param({"webhookId": "zzz"}, id="its webhook id"),
    ],
)
def test_noise_does_not_swap_nodes_that_share_a_name(change) -> None:
    first = node("A", parameters={"n": 1}, credentials={"a": {"id": "aaa", "name": "c"}})
    second = node("A", parameters={"n": 2}, credentials={"a": {"id": "bbb", "name": "c"}})
    quiet = workflow(nodes=[first, second], connections={})
    noisy = workflow(nodes=[{**first, **change}, second], connections={})
    assert runs(noisy) == runs(quiet)


def test_references_can_be_stored_whatever_the_nodes_are_called() -> None:
    call = node("Call \ud83d", type="n8n-nodes-base.executeWorkflow", parameters={"workflowId": "wf-\ud83d"})
    form = canonicalize(workflow(nodes=[call], settings={"errorWorkflow": "e\ud83d", "callerIds": "c\ud83d"}))
    assert form.references == {
        "workflows": {"Call \ufffd": "wf-\ufffd"},
        "error_workflow": "e\ufffd",
        "caller_ids": ["c\ufffd"],
    }


def _counts(document: Document, path: tuple[str | int, ...]) -> bool:
    """Say whether the allow-list names the leaf at a path, so that another value there must show."""
    top = path[0]
    if top == "nodes" and len(path) > 2:
        return _counts_in_node(document["nodes"][path[1]], path[2:])
    if top == "connections":
        return len(path) < 6 or path[5] in ("node", "type", "index")
    if top == "settings":
        return len(path) == 1 or path[1] != "futureKey"
    if top == "nodeGroups":
        return len(path) < 3 or path[2] != "id"
    return top in ("name", "nodes")


def _counts_in_node(each: Document, path: tuple[str | int, ...]) -> bool:
    key = path[0]
    if each["type"] == "n8n-nodes-base.stickyNote":
        return key in ("type", "position", "parameters")
    if key == "credentials":
        return len(path) < 3 or path[2] in ("id", "name")
    if key == "parameters" and path[-1] in ("cachedResultName", "cachedResultUrl", "__rl"):
        return False
    counted = {"name", "type", "typeVersion", "parameters", "position", "disabled", "onError", "webhookId", "notes"}
    flags = {"alwaysOutputData", "continueOnFail", "executeOnce", "maxTries", "notesInFlow", "retryOnFail"}
    return key in counted | flags | {"waitBetweenTries"}


def parts_of(document: Document) -> tuple[str, ...]:
    found = digests(canonicalize(document))
    return found.logic, found.layout, found.bindings, found.references


def hidden_leaves(document: Document, paths: list[tuple[str | int, ...]]) -> list[tuple[str | int, ...]]:
    """The leaves that can be replaced without a trace, though they count."""
    whole = parts_of(document)
    return [path for path in paths if _counts(document, path) and parts_of(replaced(document, path, SENTINEL)) == whole]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_leaf_that_counts_can_be_replaced_unseen(shape) -> None:
    document = shape(workflow())
    paths = [*leaves(document)]
    assert sum(_counts(document, path) for path in paths) > 50
    assert hidden_leaves(document, paths) == []


@pytest.mark.parametrize("shape", SHAPES)
def test_only_what_is_meant_to_be_left_out_can_be_replaced_unseen(shape) -> None:
    document = shape(workflow())
    unseen = {
        path[0] for path in leaves(document) if parts_of(replaced(document, path, SENTINEL)) == parts_of(document)
    }
    assert unseen <= {
        "active", "activeVersion", "activeVersionId", "createdAt", "description", "id", "isArchived", "meta", "nodes",
        "nodeGroups", "pinData", "shared", "sourceWorkflowId", "staticData", "tags", "triggerCount", "updatedAt",
        "versionCounter", "versionId",
    }  # fmt: skip


@LAW
@given(JSON_VALUES, st.data())
def test_no_leaf_of_any_parameter_can_be_replaced_unseen(value, data) -> None:
    document = workflow(nodes=[node("A", parameters={"value": value})], connections={})
    path = data.draw(st.sampled_from([each for each in leaves(document) if each[2:4] == ("parameters", "value")]))
    assert runs(replaced(document, path, SENTINEL)) != runs(document)


@needs_corpus
def test_the_corpus_is_whole() -> None:
    assert sum(1 for _ in CORPUS.rglob("*.json")) == 338


@needs_corpus
def test_no_real_workflow_hides_a_replaced_leaf() -> None:
    for name, document in corpus():
        document.setdefault("settings", {}).pop("futureKey", None)
        draw = random.Random(name)
        known_settings = {path for path in leaves(document) if path[0] == "settings" and not _is_read(path)}
        paths = [path for path in leaves(document) if path not in known_settings]
        assert hidden_leaves(document, draw.sample(paths, min(12, len(paths)))) == [], name


def _is_read(path: tuple[str | int, ...]) -> bool:
    return len(path) == 1 or path[1] in ("executionOrder", "timezone", "errorWorkflow", "saveManualExecutions")


@needs_corpus
def test_real_workflows_are_read_the_same_however_they_are_written() -> None:
    for name, document in corpus():
        expected = digests(canonicalize(document))
        shuffled = reorder_keys(document)
        random.Random(name).shuffle(shuffled["nodes"])
        assert digests(canonicalize(shuffled)) == expected, name
        assert digests(canonicalize(json.loads(canonical_text(document)))) == expected, name
        assert digests(canonicalize(document)) == expected, name


@needs_corpus
def test_a_real_workflow_that_was_put_into_git_reads_as_before() -> None:
    for name, document in corpus():
        content = render_workflow(document)
        read, problems = parse_workflow(content, path="dev/a.json")
        assert read is not None, (name, problems)
        form, again = canonicalize(document), canonicalize(read)
        assert digests(again) == digests(form), name
        assert render_workflow(read) == content, name
        assert again.node_ids == form.node_ids, name


def test_the_form_of_a_small_workflow_is_what_the_contract_says() -> None:
    form = canonicalize(of_2(workflow()))
    assert isinstance(form, CanonicalForm)
    assert form.logic["order"] == {"Hook": ["Top", "Bottom"]}
    assert form.logic["settings"] == {
        "executionOrder": "v1",
        "saveManualExecutions": True,
        "errorWorkflow": "<workflow>",
    }
    assert form.references == {"workflows": {"Call": "wf-sub"}, "error_workflow": "wf-err"}
    assert form.bindings == {
        "webhook_ids": {"Hook": "hook-1"},
        "credential_ids": {"Bottom": {"httpBasicAuth": "cred-1"}},
    }
    assert form.layout["groups"] == [{"name": "Reads", "nodes": ["Sheet", "Top"], "description": "what comes in"}]
    assert form.node_ids["Top"] == "id-Top"
    assert form.oddities == ()
    assert node_count(form) == 5


@pytest.mark.parametrize(
    ("kind", "parameters", "is_told"),
    [
        pytest.param("n8n-nodes-base.formTrigger", {}, True, id="a form without a path"),
        pytest.param("n8n-nodes-base.webhook", {"path": ""}, True, id="an empty path"),
        pytest.param("n8n-nodes-base.webhook", {"path": "orders/:id"}, True, id="a path with a parameter"),
        pytest.param("n8n-nodes-base.webhook", {"path": "orders"}, False, id="a path of its own"),
        pytest.param("n8n-nodes-base.wait", {}, False, id="no public address"),
    ],
)
def test_a_webhook_id_counts_where_it_is_the_address(kind, parameters, is_told) -> None:
    before, after = (
        digests(
            canonicalize(
                workflow(nodes=[node("Hook", type=kind, parameters=parameters, webhookId=each)], connections={})
            )
        )
        for each in ("one", "other")
    )
    assert before.logic == after.logic
    assert (before.references != after.references) is is_told
