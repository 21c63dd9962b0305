"""Plain text: nothing foreign in it can act."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters

from workflowops.core.text.plain import columns, count, cut, cut_pair, log_safe, moment, padded, visible, wrapped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Call API", "Call API", id="plain"),
        pytest.param("a\nb\tc\r", "a\\nb\\tc\\r", id="white space"),
        pytest.param("\x1b[31m", "\\x1b[31m", id="escape"),
        pytest.param("\u202eabc", "\\u202eabc", id="right to left"),
        pytest.param("\ud800", "\\ud800", id="half a character"),
        pytest.param("\u00fcber \u4e2d\u6587 \U0001f600", "\u00fcber \u4e2d\u6587 \U0001f600", id="other scripts"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text, expected) -> None:
    assert visible(text) == expected


@given(st.text() | st.sampled_from([*HOSTILE.values()]))
def test_a_visible_text_is_one_line_that_can_be_written(text) -> None:
    shown = visible(text)
    assert unseen_characters(shown) == []
    assert "\n" not in shown
    shown.encode("utf-8")


@given(st.lists(st.sampled_from(["::", "##[", " ", "\n", "a", "\\", ":", "#", "["]), max_size=12).map("".join))
def test_a_log_safe_text_commands_no_runner(text) -> None:
    assert runner_commands(log_safe(text)) == []


@pytest.mark.parametrize(
    ("old", "new", "limit", "expected"),
    [
        pytest.param("abc", "abd", 10, ("abc", "abd"), id="short"),
        pytest.param("x" * 50 + "A", "x" * 50 + "B", 20, ("\u2026xxxxxA", "\u2026xxxxxB"), id="differs at the end"),
        pytest.param(
            "A" + "x" * 50, "B" + "x" * 50, 10, ("Axxxxxxxx\u2026", "Bxxxxxxxx\u2026"), id="differs at the start"
        ),
    ],
)
def test_two_texts_are_cut_where_they_differ(old, new, limit, expected) -> None:
    assert cut_pair(old, new, limit) == expected


@given(st.text(max_size=60), st.text(max_size=60), st.integers(8, 30))
def test_cut_texts_are_short_and_still_differ(old, new, limit) -> None:
    one, two = cut_pair(old, new, limit)
    assert len(one) <= max(limit, 1)
    assert len(two) <= max(limit, 1)
    assert (one == two) is (old == new)


@given(st.text(alphabet="ab\u4e2d\U0001f600e\u0301", max_size=20), st.integers(1, 12))
def test_a_padded_text_fills_its_columns(text, width) -> None:
    assert columns(padded(text, width)) == width


def test_numbers_and_times_read_like_prose() -> None:
    assert [count(0, "node"), count(1, "node"), count(2_000, "node"), count(2, "entry", "entries")] == [
        "0 nodes", "1 node", "2,000 nodes", "2 entries",
    ]  # fmt: skip
    assert moment("2026-01-14T15:25:00.000Z") == "2026-01-14 15:25 UTC"
    assert moment(None) == "never"
    assert moment("yesterday\n") == "yesterday\\n"
    assert cut("abcdef", 4) == "abc\u2026"


def test_prose_is_broken_between_words_and_commands_stay_whole() -> None:
    command = "workflowops baseline --accept live --environment production"
    lines = wrapped(
        f"Then {command.replace(' ', '_')} again and again and again.", width=40, indent="  - ", hanging="    "
    )
    assert any(command.replace(" ", "_") in line for line in lines)
    assert all(line.startswith(("  - ", "    ")) for line in lines)
