"""JSON as JavaScript holds it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.sandbox.javascript import as_javascript, read, type_name, write

TEXTS = st.text(st.characters(codec=None), max_size=8)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(JSON_VALUES)
def test_what_was_written_is_read_back(value) -> None:
    held = as_javascript(value)
    assert read(write(held)) == held


@given(JSON_VALUES)
def test_holding_twice_changes_nothing(value) -> None:
    assert as_javascript(as_javascript(value)) == as_javascript(value)


@given(JSON_VALUES)
def test_the_short_cut_of_read_is_right(value) -> None:
    text = json.dumps(value).encode()
    read_at_once, read_in_full = read(text), as_javascript(json.loads(text))
    assert read_at_once == read_in_full
    assert write(read_at_once) == write(read_in_full)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        pytest.param(b'{"b":1,"10":2,"a":3,"9":4}', b'{"9":4,"10":2,"b":1,"a":3}', id="integer-like keys come first"),
        pytest.param(b'{"01":1,"1":2}', b'{"1":2,"01":1}', id="a leading zero is no index"),
        pytest.param(b'{"a":1,"a":2}', b'{"a":2}', id="the last of two keys"),
        pytest.param(b"[1.0,-0.0,1e2]", b"[1,0,100]", id="whole numbers"),
        pytest.param(b"[1e2]", b"[100]", id="an exponent"),
        pytest.param(b"[1E400]", b"[null]", id="infinity"),
        pytest.param(b'["\\ud800"]', b'["\\ud800"]', id="a lone surrogate"),
        pytest.param('["é😀"]'.encode(), '["é😀"]'.encode(), id="text is not escaped"),
    ],
)
def test_how_javascript_holds_json(sent: bytes, held: bytes) -> None:
    assert write(read(sent)) == held


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), (True, "boolean"), (1, "number"), (1.5, "number"), ("", "string"), ([], "array"), ({}, "object")],
)
def test_the_names_of_types(value, name: str) -> None:
    assert type_name(value) == name
