"""Values from old to new: short, on one line, cut where they differ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.forms import VALUES
from tests.core.text.hostile import HOSTILE, unseen_characters

from workflowops.core.diff import ChangeType, FieldChange
from workflowops.core.risk import Risk
from workflowops.core.text.values import SAME_WHEN_MASKED, is_text_block, pair, text_difference, told


def change(old, new, change_type=ChangeType.MODIFIED) -> FieldChange:
    return FieldChange("parameters.x", old, new, Risk.PARAMETER, change_type)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("Berlin", "Berlin", id="a text"),
        pytest.param("", '""', id="an empty text"),
        pytest.param(" x", '" x"', id="a text with a space in front"),
        pytest.param("true", '"true"', id="a text that looks like a switch"),
        pytest.param(True, "true", id="a switch"),
        pytest.param(None, "null", id="null"),
        pytest.param(2.5, "2.5", id="a number"),
        pytest.param({"a": ["\u4e2d"]}, '{"a": ["\u4e2d"]}', id="an object"),
        pytest.param("(not set)", '"(not set)"', id="a text that looks like ours"),
    ],
)
def test_a_value_is_written_so_that_kinds_can_be_told_apart(value, expected) -> None:
    assert told(value) == expected


def test_absent_is_not_null() -> None:
    assert pair(change(None, None, ChangeType.REMOVED), 80) == ("null", "(not set)")
    assert pair(change(None, None, ChangeType.ADDED), 80) == ("(not set)", "null")


def test_two_long_values_are_cut_where_they_differ() -> None:
    old, new = pair(change("x" * 500 + "old", "x" * 500 + "new"), 40)
    assert (old.endswith("old"), new.endswith("new")) == (True, True)
    assert max(len(old), len(new)) <= 40


def test_values_that_look_alike_once_masked_are_said_to_differ() -> None:
    assert pair(change("*** (3 characters)", "*** (3 characters)"), 80) == ("*** (3 characters)", SAME_WHEN_MASKED)


@given(VALUES | st.sampled_from([*HOSTILE.values()]), VALUES)
def test_any_two_values_can_be_shown(old, new) -> None:
    for text in pair(change(old, new), 60):
        assert len(text) <= 60
        assert unseen_characters(text) == []


def test_code_is_told_by_its_changed_lines() -> None:
    old = "\n".join(f"line {n}" for n in range(1, 101))
    new = old.replace("line 50\n", "line fifty\nline more\n")
    assert text_difference(change(old, new), most_lines=20, width=80) == [
        "@@ line 48 @@",
        " line 48",
        " line 49",
        "-line 50",
        "+line fifty",
        "+line more",
        " line 51",
        " line 52",
    ]


def test_a_long_difference_is_cut_and_says_so() -> None:
    lines = text_difference(change("a\n" * 100, "b\n" * 100), most_lines=10, width=80)
    assert len(lines) == 11
    assert lines[-1] == "(192 more lines)"


def test_a_very_long_code_text_is_counted_and_not_compared() -> None:
    assert text_difference(change("a\n" * 20_000, "b\n" * 30_000), most_lines=10, width=80) == [
        "(20,001 lines became 30,001 lines)"
    ]


def test_a_long_line_is_cut_where_it_differs() -> None:
    minified = "x=1;" * 5_000
    lines = text_difference(change(f"a\n{minified}OLD;", f"a\n{minified}NEW;"), most_lines=10, width=60)
    assert [line for line in lines if "OLD" in line or "NEW" in line] == [lines[2], lines[3]]
    assert max(len(line) for line in lines) <= 61


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [("a\nb", "a\nc", True), (None, "a\nb", True), ("a", "b", False), ("a\nb", 1, False), (None, None, False)],
)
def test_only_texts_of_several_lines_are_told_line_by_line(old, new, expected) -> None:
    assert is_text_block(change(old, new)) is expected


@given(st.text(max_size=40) | st.sampled_from([*HOSTILE.values()]), st.text(max_size=40))
def test_any_two_texts_can_be_compared_line_by_line(old, new) -> None:
    for line in text_difference(change(old, new), most_lines=10, width=60):
        assert unseen_characters(line) == []
        assert len(line) <= 61
