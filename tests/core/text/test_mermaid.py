"""The picture of a changed graph: small enough, and nothing in a name is drawn."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.forms import form, node, wire
from tests.core.text.hostile import HOSTILE, as_read
from tests.core.text.reports import hot_fix, rebuilt

from workflowops.core.diff import compare
from workflowops.core.text.mermaid import graph, label
from workflowops.core.text.plain import cut, visible


def test_changed_nodes_are_coloured_by_what_happened_to_them() -> None:
    lines = graph(rebuilt())
    assert '  n1["Check Inventory"]:::added' in lines
    assert '  n4["Old"]:::removed' in lines
    assert '  n2["Join"]:::renamed' in lines
    assert "  n5 ==> n1" in lines
    assert "  n5 -.-> n4" in lines


def test_a_single_node_makes_no_picture() -> None:
    assert graph(hot_fix()) == []


@given(st.text() | st.sampled_from([*HOSTILE.values()]))
def test_a_label_holds_letters_digits_and_entities_alone(name) -> None:
    written = label(name)
    rest = re.sub(r"#\d+;", "", written)
    assert all(character.isalnum() or character == " " for character in rest)
    assert as_read(written) == cut(visible(name).strip() or "no name", 40).replace("\u200b", "")


@pytest.mark.parametrize("number", [41, 500])
def test_a_large_drawing_is_cut_and_says_so(number) -> None:
    names = [f"Node {n}" for n in range(number)]
    new = form(
        {name: node(parameters={"n": name}) for name in names},
        connections={names[0]: {"main": [[wire(name) for name in names[1:]]]}},
    )
    lines = graph(compare(old=form(), new=new))
    assert len("\n".join(lines)) < 10_000
    assert f'  more["{number - 40} more not drawn"]' in lines
