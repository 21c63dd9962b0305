"""Oddities of real workflows: each told once, none of them fatal."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.problems import Fault, Severity, where
from workflowops.core.workflow_oddities import oddities_of

NODE = {"id": "1", "name": "A", "type": "t", "position": [0, 0], "parameters": {}}
SECOND = {**NODE, "id": "2", "name": "B"}


def workflow(*nodes: Any, **top_level: Any) -> dict[str, Any]:
    return {"name": "W", "nodes": list(nodes), "connections": {}, **top_level}


def connected(by_kind: Any, *, source: str = "A") -> dict[str, Any]:
    return workflow(NODE, SECOND, connections={source: by_kind})


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in NODE.items() if name != key}


@pytest.mark.parametrize(
    ("document", "rule", "place"),
    [
        pytest.param({"nodes": [], "connections": {}}, "workflow-without-name", "name", id="no name"),
        pytest.param(workflow(name="  "), "workflow-without-name", "name", id="a name of spaces"),
        pytest.param(workflow(name=5), "workflow-without-name", "name", id="a name that is no text"),
        pytest.param(workflow(name="x" * 129), "workflow-name-long", "name", id="a name of 129 characters"),
        pytest.param(workflow(settings=[]), "settings-not-object", "settings", id="settings in a list"),
        pytest.param(workflow(tags="a"), "tags-not-list", "tags", id="tags in a text"),
        pytest.param(workflow(pinData={"A": []}), "private-data", "pinData", id="pinned data"),
        pytest.param(workflow(staticData={"a": 1}), "private-data", "staticData", id="static data"),
        pytest.param(workflow(shared=[{}]), "private-data", "shared", id="owners"),
        pytest.param(workflow("text"), "node-not-object", "nodes[0]", id="a node that is text"),
        pytest.param(workflow(None), "node-not-object", "nodes[0]", id="a node that is null"),
        pytest.param(workflow(without("name")), "node-without-name", "nodes[0]", id="a node without a name"),
        pytest.param(workflow(without("id")), "node-without-id", "nodes[0]", id="a node without an id"),
        pytest.param(workflow({**NODE, "id": 7}), "node-without-id", "nodes[0]", id="a numeric id"),
        pytest.param(workflow(without("type")), "node-without-type", "nodes[0]", id="a node without a type"),
        pytest.param(
            workflow(without("position")), "node-without-position", "nodes[0]", id="a node without a position"
        ),
        pytest.param(workflow(NODE, {**NODE, "id": "2"}), "node-name-twice", "nodes[1]", id="one name twice"),
        pytest.param(workflow(NODE, {**NODE, "name": "B"}), "node-id-twice", "nodes[1]", id="one id twice"),
        pytest.param(
            workflow({**NODE, "parameters": []}),
            "parameters-not-object",
            "nodes[0].parameters",
            id="parameters in a list",
        ),
        pytest.param(
            workflow({**NODE, "credentials": "x"}), "credential-not-object", "nodes[0].credentials", id="one credential"
        ),
        pytest.param(
            workflow({**NODE, "credentials": {"a": "x"}}),
            "credential-not-object",
            "nodes[0].credentials.a",
            id="a credential that is text",
        ),
        pytest.param(
            workflow({**NODE, "credentials": {"a": None}}),
            "credential-not-object",
            "nodes[0].credentials.a",
            id="a credential that is null",
        ),
        pytest.param(
            workflow({**NODE, "credentials": {"a": {"id": "1"}}}),
            "credential-without-name",
            "nodes[0].credentials.a",
            id="a credential without a name",
        ),
        pytest.param(connected(None), "connection-null", "connections.A", id="null for a source"),
        pytest.param(connected([]), "connection-odd", "connections.A", id="a list for a source"),
        pytest.param(connected({"main": None}), "connection-null", "connections.A.main", id="null for a kind"),
        pytest.param(connected({"main": {}}), "connection-odd", "connections.A.main", id="an object for a kind"),
        pytest.param(connected({"main": [None]}), "connection-null", "connections.A.main[0]", id="null for an output"),
        pytest.param(connected({"main": ["B"]}), "connection-odd", "connections.A.main[0]", id="text for an output"),
        pytest.param(
            connected({"main": [[None]]}), "connection-null", "connections.A.main[0][0]", id="null for a target"
        ),
        pytest.param(
            connected({"main": [["B"]]}), "connection-odd", "connections.A.main[0][0]", id="text for a target"
        ),
        pytest.param(
            connected({"main": [[{"node": "Z"}]]}), "connection-to-nowhere", "connections.A.main[0][0]", id="to nowhere"
        ),
        pytest.param(connected({}, source="Z"), "connection-from-nowhere", "connections.Z", id="from nowhere"),
    ],
)
def test_an_oddity_is_a_warning_with_its_first_place(document, rule, place) -> None:
    (fault,) = oddities_of(document)
    assert (fault.rule, where(fault.path), fault.severity) == (rule, f"`{place}`", Severity.WARNING)
    assert fault.fix


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(workflow(NODE, SECOND), id="plain"),
        pytest.param(connected({"main": [[{"node": "B", "type": "main", "index": 0}], []]}), id="connected"),
        pytest.param(
            workflow({**NODE, "credentials": {"a": {"id": None, "name": "x"}}}), id="a credential without an id"
        ),
        pytest.param(workflow(pinData={}, staticData=None, settings={}, tags=[]), id="keys without content"),
        pytest.param(workflow(unknown=1), id="an unknown key"),
    ],
)
def test_an_ordinary_workflow_has_none(document) -> None:
    assert list(oddities_of(document)) == []


def test_many_of_one_kind_are_told_once_with_number_and_names() -> None:
    nodes = [{**without("id"), "name": f"Node {number}"} for number in range(12)]
    (fault,) = oddities_of(workflow(*nodes))
    assert "save: 12 (`Node 0`, `Node 1`, `Node 2`, ...)." in fault.message


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["main", "node", "name", "id", "credentials", "position", "A"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, VALUES, st.lists(VALUES, max_size=3) | VALUES)
def test_nothing_is_too_odd(name, connections, nodes) -> None:
    found: list[Fault] = list(oddities_of({"name": name, "connections": connections, "nodes": nodes}))
    assert len({fault.rule for fault in found}) == len(found)
