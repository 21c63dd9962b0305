"""Connections: the order of targets counts where n8n runs by it, as measured on n8n 2.41.1 and 1.123.81."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import JSON_VALUES, LAW, wires

from workflowops.core.connections import canonical_connections, tool_names

AT: dict[str, list[Any]] = {"Hook": [0, 0], "A": [200, 300], "B": [200, 100], "C": [200, 200], "D": [200, 50]}
SAME = {name: [200, 100] for name in AT}


def read(connections: Any, at: Any = None, *, v1: bool = True) -> tuple[dict[str, Any], dict[str, Any]]:
    return canonical_connections(
        connections,
        positions=AT if at is None else at,
        is_position_ordered=v1,
        ignored=Counter(),
        oddities=[],
    )


def hook(*outputs: Any) -> dict[str, Any]:
    return {"Hook": {"main": list(outputs)}}


@pytest.mark.parametrize(
    ("outputs", "at", "expected"),
    [
        pytest.param([wires("A", "B", "C")], AT, ["B", "C", "A"], id="top to bottom"),
        pytest.param(
            [wires("A", "B", "C")], AT | {"A": [300, 0], "B": [100, 0], "C": [200, 0]}, ["B", "C", "A"], id="then left"
        ),
        pytest.param([wires("A", "B", "C")], SAME, ["C", "B", "A"], id="at one place backwards"),
        pytest.param([wires("C", "A", "B")], SAME, ["B", "A", "C"], id="at one place backwards, another list"),
        pytest.param([wires("A"), wires("B"), wires("C")], AT, ["B", "C", "A"], id="across outputs"),
        pytest.param([wires("A"), wires("B"), wires("C")], SAME, ["C", "B", "A"], id="outputs at one place backwards"),
        pytest.param([wires("A", "B"), wires("C", "D")], AT, ["D", "B", "C", "A"], id="two outputs of two"),
        pytest.param(
            [wires("A", "B")], AT | {"A": [200, 100.5], "B": [200, 100.25]}, ["B", "A"], id="fractions of a pixel"
        ),
        pytest.param([wires("A", "B")], AT | {"A": None}, ["A", "B"], id="no position is the origin"),
        pytest.param([wires("A", "B")], AT | {"A": [200, 300, 7]}, ["B", "A"], id="a third number means nothing"),
        pytest.param([wires("A", "B")], AT | {"B": [None, 400]}, ["A", "B"], id="a missing x is nought"),
    ],
)
def test_v1_starts_targets_by_their_place(outputs, at, expected) -> None:
    assert read(hook(*outputs), at)[1] == {"Hook": expected}


@pytest.mark.parametrize("at", [pytest.param(AT, id="apart"), pytest.param(SAME, id="at one place")])
def test_v0_starts_targets_as_they_are_listed_wherever_they_stand(at) -> None:
    held, order = read(hook(wires("A", "B", "C")), at, v1=False)
    assert order == {}
    assert [target["node"] for target in held["Hook"]["main"][0]] == ["A", "B", "C"]
    assert held != read(hook(wires("C", "A", "B")), at, v1=False)[0]


@LAW
@given(st.permutations(["A", "B", "C", "D"]), st.permutations(["A", "B", "C", "D"]))
def test_under_v1_the_list_means_nothing_while_the_places_differ(one, other) -> None:
    assert read(hook(wires(*one))) == read(hook(wires(*other)))


@LAW
@given(
    st.dictionaries(st.sampled_from("ABCD"), st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=4),
    st.permutations(["A", "B", "C", "D"]),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
)
def test_the_order_is_the_one_that_was_measured(places, names, outputs) -> None:
    lists: list[list[Any]] = [[], [], []]
    for name, output in zip(names, outputs, strict=True):
        lists[output] += wires(name)
    flat = [target["node"] for group in lists for target in group]
    ranked = sorted(enumerate(flat), key=lambda each: (places[each[1]][1], places[each[1]][0], -each[0]))
    at = {"Hook": [0, 0]} | {name: list(place) for name, place in places.items()}
    assert read(hook(*lists), at)[1] == {"Hook": [name for _, name in ranked]}


@LAW
@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_moving_the_whole_picture_changes_nothing(right, down) -> None:
    moved = {name: [x + right, y + down] for name, (x, y) in AT.items()}
    assert read(hook(wires("A", "B", "C")), moved) == read(hook(wires("A", "B", "C")))


@pytest.mark.parametrize(
    ("node", "place", "is_reordered"),
    [
        pytest.param("B", [900, 100], False, id="to the right"),
        pytest.param("B", [200, 199], False, id="down, not past the next"),
        pytest.param("B", [200, 201], True, id="down past the next"),
        pytest.param("B", [200, 200], True, id="onto the next, which is listed later"),
        pytest.param("B", [199, 200], False, id="beside the next, on its left"),
        pytest.param("Hook", [0, 5000], False, id="the source"),
        pytest.param("D", [0, 5000], False, id="a node that nobody here leads to"),
    ],
)
def test_a_move_counts_when_it_changes_what_runs_first(node, place, is_reordered) -> None:
    connections = hook(wires("A", "B", "C"))
    assert (read(connections, AT | {node: place}) != read(connections)) is is_reordered


def test_a_single_target_has_no_order_however_often_it_is_wired() -> None:
    connections = {"Hook": {"main": [[*wires("A"), {"node": "A", "type": "main", "index": 1}]]}}
    assert read(connections)[1] == {}


def test_targets_that_do_not_exist_start_nothing() -> None:
    connections = hook(wires("A", "Ghost", "B"))
    above = AT | {"A": [0, -10], "B": [0, -20]}
    assert read(connections, above)[1] == {"Hook": ["B", "A"]}
    assert read({"Ghost": {"main": [wires("A", "B")]}})[1] == {}


def test_only_main_connections_are_ordered() -> None:
    tools = {"A": {"ai_tool": [wires("B", "C", kind="ai_tool")]}}
    turned = {"A": {"ai_tool": [wires("C", "B", kind="ai_tool")]}}
    for v1 in (True, False):
        held, order = read(tools, v1=v1)
        assert order == {}
        assert held == read(turned, v1=v1)[0]


@pytest.mark.parametrize(
    "connections",
    [
        pytest.param({"Hook": {"main": [[{"node": "A", "type": "main", "index": 0}]]}}, id="written out"),
        pytest.param({"Hook": {"main": [[{"node": "A"}]]}}, id="defaults left out"),
        pytest.param({"Hook": {"main": [[{"node": "A", "index": 0.0}]]}}, id="a float"),
        pytest.param({"Hook": {"main": [[None, {"node": "A"}], None, []]}}, id="null and empty"),
        pytest.param({"Hook": {"main": [[{"node": "A"}]], "ai_tool": [[]]}, "B": {"main": [[]]}}, id="empty remains"),
        pytest.param({"Hook": {"main": [[{"node": "A"}]]}, "B": None, "C": {"main": None}}, id="nothing behind"),
    ],
)
def test_what_means_the_same_is_read_the_same(connections) -> None:
    assert read(connections)[0] == {"Hook": {"main": [[{"node": "A"}]]}}


@pytest.mark.parametrize(
    "connections",
    [
        pytest.param({"Hook": {"main": [[], [{"node": "A"}]]}}, id="another output"),
        pytest.param({"Hook": {"main": [[{"node": "A", "index": 1}]]}}, id="another input"),
        pytest.param({"Hook": {"main": [[{"node": "A", "type": "ai_tool"}]]}}, id="another kind of input"),
        pytest.param({"Hook": {"error": [[{"node": "A"}]]}}, id="another kind of output"),
        pytest.param({"Hook": {"main": [[{"node": "B"}]]}}, id="another target"),
        pytest.param({"Hook": {"main": [[{"node": "A"}, {"node": "A"}]]}}, id="twice"),
        pytest.param({"B": {"main": [[{"node": "A"}]]}}, id="another source"),
        pytest.param({}, id="nothing"),
        pytest.param({"Hook": {"main": [[{"node": 5}]]}}, id="a target that is a number"),
        pytest.param({"Hook": {"main": "A"}}, id="text instead of outputs"),
        pytest.param({"Hook": ["A"]}, id="a list instead of kinds"),
        pytest.param(["Hook"], id="a list instead of an object"),
    ],
)
def test_what_means_something_else_is_read_differently(connections) -> None:
    assert read(connections)[0] != {"Hook": {"main": [[{"node": "A"}]]}}


def test_what_is_odd_or_not_read_is_told() -> None:
    ignored: Counter[str] = Counter()
    oddities: list[str] = []
    canonical_connections(
        {"Hook": {"main": [[{"node": "Ghost", "color": 1}]]}, "A": "B", "B": {"main": 7}},
        positions=AT,
        is_position_ordered=True,
        ignored=ignored,
        oddities=oddities,
    )
    assert ignored == {"connection key color": 1}
    assert oddities == [
        "'Hook' is connected to 'Ghost', which does not exist.",
        "The connections of 'A' are not an object.",
        "The 'main' connections of 'B' cannot be read.",
    ]


@pytest.mark.parametrize(
    ("connections", "expected"),
    [
        pytest.param({"T": {"ai_tool": [wires("Agent", kind="ai_tool")]}}, {"T"}, id="a tool"),
        pytest.param({"T": {"ai_tool": [[]]}}, set(), id="no longer wired"),
        pytest.param({"T": {"ai_tool": []}}, set(), id="no longer wired, no output left"),
        pytest.param({"T": {"main": [wires("Agent")]}}, set(), id="an ordinary node"),
        pytest.param({"T": {"ai_tool": "Agent"}}, {"T"}, id="odd, and wired all the same"),
        pytest.param({"T": None}, set(), id="null"),
        pytest.param(None, set(), id="nothing at all"),
    ],
)
def test_tools_are_the_nodes_that_serve_an_agent(connections, expected) -> None:
    assert tool_names(connections) == expected


@LAW
@given(JSON_VALUES | st.dictionaries(st.sampled_from("AB"), st.dictionaries(st.just("main"), JSON_VALUES)))
def test_no_connections_raise_and_reading_them_changes_nothing(connections) -> None:
    before = repr(connections)
    for v1 in (True, False):
        read(connections, {"A": None, "B": [1, "x"]}, v1=v1)
    tool_names(connections)
    assert repr(connections) == before
