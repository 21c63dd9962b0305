"""Folding: no line is wider than it may be, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW

from workflowops.core.text.fold import folded
from workflowops.core.text.plain import columns


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("one two three", 20, ["one two three"], id="fits"),
        pytest.param("one two three", 8, ["one two", "three"], id="between words"),
        pytest.param("abcdefghij", 4, ["abcd", "efgh", "ij"], id="within a long word"),
        pytest.param("\u4e2d\u6587\u5b57", 4, ["\u4e2d\u6587", "\u5b57"], id="two columns a sign"),
        pytest.param("", 10, [""], id="nothing"),
    ],
)
def test_texts_are_broken_where_they_have_to_be(text, width, expected) -> None:
    assert folded(text, width) == expected


def test_later_lines_hang() -> None:
    assert folded("one two three", 8, indent="- ", hanging="  ") == ["- one", "  two", "  three"]


@LAW
@given(st.text(alphabet="ab \u4e2d\u00e9", max_size=60), st.integers(min_value=10, max_value=40))
def test_no_line_is_too_wide_and_nothing_is_lost(text, width) -> None:
    lines = folded(text, width, indent="  ", hanging="    ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
