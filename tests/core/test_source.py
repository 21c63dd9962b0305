"""Reading the bytes of a file as text."""

import pytest

from workflowops.core.problems import Place, Problem
from workflowops.core.source import has_byte_order_mark, place_of_offset, read_text


@pytest.mark.parametrize(
    ("source", "rule", "said"),
    [
        pytest.param("a: 1".encode("utf-16"), "not-utf-8", "UTF-16", id="UTF-16 with a mark"),
        pytest.param("a: 1".encode("utf-16-le"), "not-utf-8", "UTF-16", id="UTF-16 little endian without a mark"),
        pytest.param("a: 1".encode("utf-16-be"), "not-utf-8", "UTF-16", id="UTF-16 big endian without a mark"),
        pytest.param("a: 1".encode("utf-32"), "not-utf-8", "UTF-32", id="UTF-32"),
        pytest.param("a: ü".encode("latin-1"), "not-utf-8", "not UTF-8", id="Latin-1"),
        pytest.param(b"a: \xed\xa0\x80", "not-utf-8", "not UTF-8", id="half a character"),
        pytest.param(b"x" * 11, "file-too-large", "11 bytes", id="too large"),
    ],
)
def test_what_is_no_text_is_refused_with_a_fix(source, rule, said) -> None:
    refused = read_text(source, path="a.yml", limit=10 if rule == "file-too-large" else 1000)
    assert isinstance(refused, Problem)
    assert (refused.path, refused.rule) == ("a.yml", rule)
    assert said in refused.message
    assert refused.fix


def test_a_byte_that_is_no_utf_8_is_placed() -> None:
    refused = read_text(b"a: 1\nb: \xc3\xbc\xff", path="a.yml", limit=100)
    assert isinstance(refused, Problem)
    assert (refused.line, refused.column) == (2, 5)


@pytest.mark.parametrize("source", [b"", b"a", b"\xef\xbb\xbfa", "\U0001f600".encode(), b"\x00\x00"])
def test_utf_8_is_read_with_or_without_a_byte_order_mark(source) -> None:
    assert read_text(source, path="a.yml", limit=100) == source.decode("utf-8-sig")


def test_a_byte_order_mark_is_seen() -> None:
    assert has_byte_order_mark(b"\xef\xbb\xbf{}")
    assert not has_byte_order_mark(b"{}")


@pytest.mark.parametrize(("offset", "place"), [(0, Place(1, 1)), (2, Place(1, 3)), (3, Place(2, 1)), (5, Place(2, 3))])
def test_an_offset_is_a_line_and_a_column(offset, place) -> None:
    assert place_of_offset("ab\ncd\n", offset) == place
