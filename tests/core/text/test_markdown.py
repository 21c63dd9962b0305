"""Markdown: everything from outside is data."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.text.hostile import HOSTILE, as_read, unseen_characters, without_code

from workflowops.core.text.markdown import code, details, escaped, fence, table
from workflowops.core.text.plain import visible

TEXTS = st.text() | st.sampled_from([*HOSTILE.values()])


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
@pytest.mark.parametrize("write", [code, escaped])
def test_a_text_is_read_as_it_is_and_holds_no_markup(text, write) -> None:
    written = write(text)
    inner = written.removeprefix("<code>").removesuffix("</code>")
    assert re.search(r"[<>|`*_\[\]\\~$!@]|://|#(?!\d+;)", inner) is None
    assert as_read(inner).replace("\u00a0", "") == visible(text).replace("\u200b", "")


@given(TEXTS)
def test_no_text_breaks_out_of_a_table(text) -> None:
    lines = table(["a", "b"], [[code(text), escaped(text)]])
    assert len(lines) == 3
    assert lines[2].count("|") == 3
    assert unseen_characters(lines[2]) == []


@pytest.mark.parametrize("text", ["@octocat", "a@b", "#12", "o/r#12", "GH-12", "gh-7"])
def test_prose_mentions_nobody_and_refers_to_nothing(text) -> None:
    shown = re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), escaped(text))
    assert re.search(r"@\w|#\d|(?i:gh-\d)", shown) is None


@given(st.lists(TEXTS, max_size=4))
def test_a_code_block_ends_where_it_should(lines) -> None:
    block = fence(lines, "diff")
    assert without_code("\n".join([*block, "after"])) == "after"
    assert len(block) == len(lines) + 2


def test_details_leave_the_blank_lines_that_markdown_needs() -> None:
    assert details("Title", ["| a |"]) == ["<details><summary>Title</summary>", "", "| a |", "", "</details>"]
