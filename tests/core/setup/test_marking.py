"""The first line tells whether anybody has changed a file since it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.setup.marking import Authorship, authorship, marked

TEXTS = st.text(alphabet=st.characters(exclude_characters="\r\ufeff", exclude_categories=["Cs"]), max_size=200)


@given(TEXTS)
def test_what_we_wrote_is_ours(text) -> None:
    assert authorship(marked(text)) is Authorship.OURS


@given(TEXTS, TEXTS)
def test_any_other_text_under_our_mark_is_edited(text, other) -> None:
    mark = marked(text).partition("\n")[0]
    assert (authorship(f"{mark}\n{other}") is Authorship.OURS) == (text == other)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), Authorship.OURS, id="line ends of Windows"),
        pytest.param(lambda text: "\ufeff" + text, Authorship.OURS, id="byte order mark"),
        pytest.param(lambda text: text + " ", Authorship.EDITED, id="a blank at the end"),
        pytest.param(lambda text: text.replace("a: 1", "a: 2"), Authorship.EDITED, id="a value"),
        pytest.param(lambda text: text.rstrip("\n"), Authorship.EDITED, id="the last line end"),
        pytest.param(lambda text: text.partition("\n")[2], Authorship.FOREIGN, id="no mark"),
        pytest.param(lambda text: "# Mine\n" + text, Authorship.FOREIGN, id="a line before the mark"),
        pytest.param(lambda _: "", Authorship.FOREIGN, id="nothing"),
    ],
)
def test_who_wrote_it(change, expected) -> None:
    assert authorship(change(marked("a: 1\nb: 2\n"))) is expected


def test_the_mark_is_a_comment_on_one_line() -> None:
    first, rest = marked("a: 1\n").split("\n", 1)
    assert first.startswith("# Written by workflowops init (sha256:")
    assert rest == "a: 1\n"
