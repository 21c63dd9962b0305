"""The body of an issue: our part replaced, everything else kept, never too long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW
from tests.core.text.hostile import HOSTILE

from workflowops.core.incident.body import BEGIN, END, merged_body, reads_the_same
from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.incident.markers import issue_marker
from workflowops.core.text import incident as texts
from workflowops.core.text.incident_sections import units

MARKER = issue_marker("intent-1")
OURS = f"{BEGIN}\n{MARKER}\n**Drift**\n\n| a |\n{END}\n"
PART = OURS.strip()
OLD = f"{BEGIN}\n{MARKER}\nold\n{END}"


def test_the_marks_are_those_of_the_text() -> None:
    assert (texts.BEGIN, texts.END) == (BEGIN, END)


@pytest.mark.parametrize(
    ("existing", "expected"),
    [
        pytest.param("", PART, id="empty"),
        pytest.param(" \r\n\t\n", PART, id="blank"),
        pytest.param(OLD, PART, id="ours alone"),
        pytest.param(f"before\n{OLD}\nafter", f"before\n{PART}\nafter", id="around it"),
        pytest.param(f"before\r\n{OLD}\r\nafter\r\n", f"before\r\n{PART}\r\nafter\r\n", id="other line ends"),
        pytest.param("words of a person", f"{PART}\n\nwords of a person", id="everything replaced by hand"),
        pytest.param(f"before {BEGIN} rest", f"before {PART}", id="no end"),
        pytest.param(f"rest {END} after", f"{PART} after", id="no beginning"),
        pytest.param(f"{OLD}\n{OLD}", f"{PART}\n{OLD}", id="copied: the first is ours"),
        pytest.param(f"{END}\n{OLD} after", f"{END}\n{PART} after", id="a mark of the end before it"),
        pytest.param(f"> {MARKER}\n", f"{PART}\n\n> {MARKER}\n", id="the incident's marker alone is nothing"),
    ],
)
def test_our_part_is_replaced_and_the_rest_kept(existing, expected) -> None:
    assert merged_body(existing, OURS) == expected


BODIES = st.lists(
    st.sampled_from([BEGIN, END, MARKER, "\n", "\r\n", "text", "```", "<details>", PART]) | st.text(max_size=5),
    max_size=8,
).map("".join)


@given(BODIES, st.sampled_from([OURS, PART, f"{BEGIN}{END}"]))
@LAW
def test_merging_again_changes_nothing(existing, ours) -> None:
    merged = merged_body(existing, ours)
    assert merged_body(merged, ours) == merged
    assert ours.strip() in merged


@given(BODIES)
@LAW
def test_another_part_later_leaves_the_surroundings_as_they_are(existing) -> None:
    first = merged_body(existing, OURS)
    second = f"{BEGIN}\nother\n{END}"
    assert merged_body(first, second) == first.replace(PART, second, 1)
    assert merged_body(merged_body(first, second), OURS) == first


def long_part(blocks: int) -> str:
    told = [f"<details><summary>{number}</summary>\n\n```diff\n-a\n\n+b\n```\n\n</details>" for number in range(blocks)]
    return "\n".join([BEGIN, MARKER, "**Drift**", "", "\n\n".join(told), END])


@pytest.mark.parametrize("people", [0, 10_000, 60_000, 65_000, LONGEST_TEXT - 200])
def test_a_long_part_gives_way_to_what_people_wrote(people) -> None:
    ours = long_part(900)
    assert units(ours) < LONGEST_TEXT
    existing = f"{OLD}\n\n{'w' * people}"
    merged = merged_body(existing, ours)
    assert units(merged) <= LONGEST_TEXT
    assert merged.endswith("w" * people)
    assert MARKER in merged
    assert merged.count("<details>") == merged.count("</details>")
    assert merged.count("```") % 2 == 0
    assert merged_body(merged, ours) == merged
    assert ("(cut here" in merged) is (5_000 < people < 65_400)


def test_a_code_block_is_kept_whole_or_not_at_all() -> None:
    block = "\n".join(["```", *["x" * 50, ""] * 400, "```"])
    ours = "\n".join([BEGIN, MARKER, "**Drift**", "", block, "", block, END])
    merged = merged_body(f"{OLD}{'w' * 40_000}", ours)
    assert (merged.count("```"), merged.count("x" * 50)) == (2, 400)


def test_where_nothing_fits_the_body_stays_as_it_is() -> None:
    existing = "w" * LONGEST_TEXT
    assert merged_body(existing, OURS) == existing


def test_characters_beyond_the_basic_plane_count_twice() -> None:
    emoji = chr(0x1F600)
    assert units(merged_body(f"{OLD}{emoji * 25_000}", long_part(900))) <= LONGEST_TEXT
    ours = "\n".join([BEGIN, MARKER, "", f"{emoji * 500}\n\n" * 60, END])
    merged = merged_body(f"{OLD}{'w' * 40_000}", ours)
    assert units(merged) <= LONGEST_TEXT
    assert emoji in merged


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_people_write_is_kept(text) -> None:
    assert merged_body(f"{OLD}\n{text}", OURS) == f"{PART}\n{text}"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param("a\r\nb", "a\nb", True, id="line ends"),
        pytest.param("a\rb", "a\nb", True, id="old line ends"),
        pytest.param("a  \nb\t\n", "a\nb", True, id="blanks at the end of lines"),
        pytest.param("\n\na\n\n", "a", True, id="blank lines around"),
        pytest.param("a\n\nb", "a\nb", False, id="a blank line within"),
        pytest.param("a", "b", False, id="words"),
        pytest.param(" a\nb", "a\n b", False, id="indentation"),
    ],
)
def test_line_ends_and_trailing_blanks_do_not_count(one, other, expected) -> None:
    assert reads_the_same(one, other) is expected
