"""Drawings: every node and every wire once, marked by what happened to it, and nothing but names, types and places."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import JSON_VALUES, LAW, changed, node, wires, workflow
from tests.core.page.graphs import document, orders_after, orders_before, row_of, stored

from workflowops.core.canonical import canonicalize
from workflowops.core.diff import compare, without_ignored
from workflowops.core.drawing import MOST_NODES, MOST_WIRES, Drawing, DrawnChange, Place, draw, drawing_of
from workflowops.core.drawings_file import DrawingsFile, is_drawable
from workflowops.core.page.graph import Sides, figure


def marks(drawing: Drawing) -> dict[str, str]:
    return {each.name: str(each.change) for each in drawing.nodes if each.change is not DrawnChange.SAME}


def wired(drawing: Drawing, change: DrawnChange) -> set[tuple[str, str]]:
    return {
        (drawing.nodes[each.source].name, drawing.nodes[each.target].name)
        for each in drawing.wires
        if each.change is change
    }


def test_a_hot_fix_is_marked_where_it_touched_the_graph() -> None:
    drawing = draw(orders_before(), orders_after())
    assert marks(drawing) == {"Check Stock": "modified", "Sort by Hand": "removed", "Wait for Stock": "added"}
    assert wired(drawing, DrawnChange.REMOVED) == {("In Stock?", "Sort by Hand")}
    assert wired(drawing, DrawnChange.ADDED) == {("In Stock?", "Wait for Stock"), ("Wait for Stock", "Check Stock")}
    assert ("Model", "Answer Customer") in wired(drawing, DrawnChange.SAME)


def test_sticky_notes_are_left_out() -> None:
    assert "Note" not in {each.name for each in draw(orders_before(), orders_before()).nodes}


def test_a_version_against_itself_has_no_mark() -> None:
    drawing = draw(workflow(), workflow())
    assert marks(drawing) == {}
    assert wired(drawing, DrawnChange.ADDED) | wired(drawing, DrawnChange.REMOVED) == set()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, orders_before(), DrawnChange.ADDED, id="a new workflow"),
        pytest.param(orders_before(), None, DrawnChange.REMOVED, id="one that is gone"),
    ],
)
def test_a_side_that_is_not_there_marks_everything(before, after, expected) -> None:
    drawing = draw(before, after)
    assert {each.change for each in drawing.nodes} == {expected}
    assert {each.change for each in drawing.wires} == {expected}


def test_a_renamed_node_is_one_node_with_both_names_and_its_wires_stay() -> None:
    after = orders_before()
    after["nodes"][1]["name"] = "Ask Warehouse"
    links = after["connections"]
    links["Ask Warehouse"] = links.pop("Check Stock")
    links["Webhook"] = {"main": [wires("Ask Warehouse")]}
    drawing = draw(orders_before(), after)
    assert marks(drawing) == {"Ask Warehouse": "modified"}
    [renamed] = [each for each in drawing.nodes if each.old_name]
    assert renamed.old_name == "Check Stock"
    assert ("Webhook", "Ask Warehouse") in wired(drawing, DrawnChange.SAME)


def test_a_moved_node_has_both_places_and_no_mark() -> None:
    after = changed(orders_before(), "nodes", [*orders_before()["nodes"]])
    after["nodes"][0]["position"] = [-40, 310.4]
    drawing = draw(orders_before(), after)
    [webhook] = [each for each in drawing.nodes if each.name == "Webhook"]
    assert (webhook.before, webhook.after) == (Place(x=0, y=300), Place(x=-40, y=310))
    assert marks(drawing) == {}


@pytest.mark.parametrize(
    "position",
    [None, [], [1], ["a", "b"], [float("inf"), 0], [float("nan"), 0], {"x": 1}, [True, False], "0,0"],
    ids=str,
)
def test_a_place_that_is_none_is_left_open(position) -> None:
    [only] = draw(document(node("A", position=position)), document(node("A", position=position))).nodes
    assert (only.before, only.after) == (None, None)


def test_what_the_configuration_ignores_is_not_marked() -> None:
    from workflowops.core.configuration import IgnoreRule

    old, new = canonicalize(orders_before()), canonicalize(orders_after())
    rule = IgnoreRule(node_name="Check Stock", node_type=None, path="parameters")
    kept, _ = without_ignored(compare(old=old, new=new), [rule])
    assert "Check Stock" not in marks(drawing_of(old=old, new=new, diff=kept))


def test_a_large_workflow_keeps_what_changed_and_counts_the_rest() -> None:
    after = row_of(MOST_NODES + 100)
    after["nodes"][-1]["parameters"] = {"keep": "changed"}
    drawing = draw(row_of(MOST_NODES + 100), after)
    assert (len(drawing.nodes), drawing.nodes_left_out) == (MOST_NODES, 100)
    assert marks(drawing) == {f"Step {MOST_NODES + 99}": "modified"}
    assert f"Step {MOST_NODES + 98}" in {each.name for each in drawing.nodes}
    assert len(drawing.wires) + drawing.wires_left_out == MOST_NODES + 99


def test_wires_beyond_the_limit_are_counted() -> None:
    names = [f"N{number}" for number in range(40)]
    links = {name: {"main": [wires(*names)]} for name in names}
    drawing = draw(None, document(*(node(name) for name in names), links=links))
    assert (len(drawing.wires), drawing.wires_left_out) == (MOST_WIRES, 1_600 - MOST_WIRES)


@LAW
@given(st.dictionaries(st.sampled_from(["nodes", "connections", "settings", "name"]), JSON_VALUES))
def test_nothing_that_n8n_may_answer_stops_a_drawing(odd: dict[str, Any]) -> None:
    drawing = draw({**orders_before(), **odd}, orders_after())
    numbers = range(len(drawing.nodes))
    assert all(wire.source in numbers and wire.target in numbers for wire in drawing.wires)
    assert msgspec.convert(msgspec.to_builtins(drawing), type=Drawing) == drawing


@pytest.mark.parametrize("drawn", [DrawnChange.ADDED, DrawnChange.REMOVED])
def test_a_connection_to_a_node_that_is_not_there_is_none(drawn) -> None:
    links = {"A": {"main": [wires("B")]}}
    sides = [document(node("A"), links=links), document(node("A"), node("B"), links=links)]
    drawing = draw(*(sides if drawn is DrawnChange.ADDED else reversed(sides)))
    assert wired(drawing, drawn) == {("A", "B")}
    assert [each.change for each in drawing.wires] == [drawn]


_NAMES = st.sampled_from("ABCD")


@LAW
@given(
    st.tuples(st.sets(_NAMES), st.sets(_NAMES)),
    st.tuples(*[st.dictionaries(_NAMES, st.lists(_NAMES, max_size=3), max_size=4)] * 2),
)
def test_whatever_is_connected_to_whatever_the_drawing_can_be_drawn(nodes, connected) -> None:
    sides = [
        document(*(node(name) for name in sorted(names)), links={a: {"main": [wires(*b)]} for a, b in led.items()})
        for names, led in zip(nodes, connected, strict=True)
    ]
    drawing = draw(*sides)
    assert is_drawable(DrawingsFile(drawings=(stored(drawing),)))
    figure(stored(drawing), Sides(before="before", after="after"), key="k")


def test_no_parameter_is_in_a_drawing() -> None:
    secret = "only-in-a-parameter"
    after = changed(orders_after(), "nodes", orders_after()["nodes"])
    after["nodes"][0]["parameters"] = {"path": secret}
    assert secret not in str(draw(orders_before(), after))
