"""JSON read strictly: what is refused, where things stand, and that nothing in a file can bring the reader down."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.json_document import DEEPEST, JsonDocument, is_deeper_than, read_json
from workflowops.core.problems import Place, Problem

LIMIT = 16 * 1024 * 1024
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=15,
)


def read(text: str) -> JsonDocument:
    document = read_json(text.encode(), path="a.json", limit=LIMIT)
    assert isinstance(document, JsonDocument)
    return document


def refused(source: bytes) -> Problem:
    found = read_json(source, path="a.json", limit=LIMIT)
    assert isinstance(found, Problem)
    assert found.path == "a.json"
    assert found.fix
    return found


@pytest.mark.parametrize(
    ("source", "rule", "place"),
    [
        pytest.param(b"", "empty-file", (None, None), id="nothing"),
        pytest.param(b" \r\n\t", "empty-file", (None, None), id="white space"),
        pytest.param(b'{"a": [1, 2', "json-syntax", (1, 12), id="truncated in a list"),
        pytest.param(b'{"a": {"b": 1, "b": 2}, "c": [', "json-syntax", (1, 31), id="truncated after a key twice"),
        pytest.param(b'{\n  "a": "b', "json-syntax", (2, 8), id="truncated in a text"),
        pytest.param(b'{"a": 1 "b": 2}', "json-syntax", (1, 9), id="a comma too few"),
        pytest.param(b"{'a': 1}", "json-syntax", (1, 2), id="single quotes"),
        pytest.param(b'{"a": 1} {"b": 2}', "json-syntax", (1, 10), id="two documents"),
        pytest.param(b'{"a": NaN}', "json-syntax", (None, None), id="NaN"),
        pytest.param(b'{"a": -Infinity}', "json-syntax", (None, None), id="Infinity"),
        pytest.param(b"[" + b"1" * 5000 + b"]", "json-syntax", (None, None), id="a number of 5,000 digits"),
        pytest.param(b'{"a": "x\ny"}', "json-syntax", (1, 9), id="a line break within a text"),
        pytest.param(b'{\n<<<<<<< HEAD\n"a": 1\n}', "json-syntax", (2, 1), id="a merge conflict"),
        pytest.param(b"<html></html>", "json-syntax", (1, 1), id="HTML"),
        pytest.param(b'{"a": 1, "b": 2, "a": 3}', "duplicate-key", (1, 18), id="a key twice"),
        pytest.param(b'{"x": [{}, {"a": 1,\n "a": 3}]}', "duplicate-key", (2, 2), id="a key twice further in"),
        pytest.param(b'{"\\u0061": 1, "a": 2}', "duplicate-key", (1, 15), id="a key twice, once as an escape"),
        pytest.param('{"a": 1}'.encode("utf-16"), "not-utf-8", (None, None), id="UTF-16"),
        pytest.param(b'{"a": "\xff"}', "not-utf-8", (1, 8), id="no UTF-8"),
        pytest.param(b"[" * 100_000, "nested-too-deeply", (None, None), id="100,000 open lists"),
        pytest.param(b'{"a":' * 100_000, "nested-too-deeply", (None, None), id="100,000 open objects"),
        pytest.param(b"[" * 201 + b"]" * 201, "nested-too-deeply", (None, None), id="one level too many"),
        pytest.param(
            b'{"a": 1, "a": ' + b"[" * 201 + b"]" * 201 + b"}", "nested-too-deeply", (None, None), id="deep and twice"
        ),
        pytest.param(b'{"a": 1}' + b" " * 100_000_000, "file-too-large", (None, None), id="100 MB"),
    ],
)
def test_what_cannot_be_trusted_is_refused_with_its_place(source, rule, place) -> None:
    found = refused(source)
    assert (found.rule, (found.line, found.column)) == (rule, place)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        pytest.param(b'{"a": [1', "ends in the middle", id="truncated"),
        pytest.param(b"{}{}", "after the end", id="two documents"),
        pytest.param(b'{\n=======\n"a": 1}', "merge conflict", id="a conflict"),
        pytest.param(b'{"a": "x\ty"}', "inside a text", id="a tab within a text"),
        pytest.param(b'{"a": NaN}', "NaN is no number", id="NaN"),
        pytest.param(b"{a: 1}", "property name enclosed in double quotes", id="no quotes"),
    ],
)
def test_a_syntax_fault_is_told_in_plain_words(source, said) -> None:
    assert said in refused(source).message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('\ufeff{"a": 1}', {"a": 1}, id="a byte order mark"),
        pytest.param('{"a": "\\ud800"}', {"a": "\ud800"}, id="half a character"),
        pytest.param("[12345678901234567890123]", [12345678901234567890123], id="a large integer"),
        pytest.param("[" * 200 + "]" * 200, None, id="as deep as may be"),
        pytest.param('{"a": {"b": 1}, "c": {"b": 1}}', {"a": {"b": 1}, "c": {"b": 1}}, id="one key in two objects"),
        pytest.param(' "text" ', "text", id="a text alone"),
    ],
)
def test_what_n8n_can_store_is_read(text, value) -> None:
    assert value is None or read(text).value == value


@pytest.mark.parametrize(("depth", "expected"), [(0, False), (199, False), (200, False), (201, True), (5000, True)])
def test_depth_is_counted_without_recursion(depth, expected) -> None:
    value: object = 1
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    assert is_deeper_than(value, DEEPEST) is expected


@pytest.mark.parametrize(
    ("path", "is_key", "expected"),
    [
        ((), False, Place(2, 1)),
        (("nodes",), False, Place(3, 12)),
        (("nodes",), True, Place(3, 3)),
        (("nodes", 1), False, Place(4, 18)),
        (("nodes", 1, "b"), False, Place(5, 19)),
        (("nodes", 1, "b"), True, Place(5, 13)),
        (("last",), False, Place(6, 12)),
        (("nodes", 1, "c"), False, Place(4, 18)),
        (("nodes", 7, "c"), False, Place(3, 12)),
        (("other",), True, Place(2, 1)),
        (("last", "x"), False, Place(6, 12)),
    ],
)
def test_every_value_has_its_place(path, is_key, expected) -> None:
    text = '\n{\n  "nodes": [\n    {"a": "]}"}, {\n            "b":  [1]}],\n  "last"  :1}'
    assert read(text).place_of(path, is_key=is_key) == expected


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 0, 2]))
def test_what_was_written_is_read(value, indent) -> None:
    assert read(json.dumps(value, indent=indent)).value == value


@settings(deadline=None)
@given(VALUES, st.data())
def test_the_text_at_a_place_is_the_value(value, data) -> None:
    document = read(json.dumps(value, indent=2))
    path: list[str | int] = []
    while isinstance(value, (dict, list)) and value and data.draw(st.booleans()):
        step = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        path, value = [*path, step], value[step]
    place = document.place_of(tuple(path))
    rest = "\n".join(document.text.split("\n")[place.line - 1 :])[place.column - 1 :]
    assert json.JSONDecoder().raw_decode(rest)[0] == value


@settings(deadline=None)
@given(st.binary() | st.text('{}[]",:1eE+-.tfn \\u\n', max_size=40).map(str.encode))
def test_whatever_the_bytes_there_is_a_document_or_a_problem(source) -> None:
    found = read_json(source, path="a.json", limit=LIMIT)
    assert isinstance(found, (JsonDocument, Problem))
    if isinstance(found, Problem):
        assert re.fullmatch(r"[a-z0-9-]+", found.rule)
        assert found.fix


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4), st.integers(0, 3))
def test_a_key_twice_is_found_wherever_it_stands(keys, depth) -> None:
    inner = "{" + ", ".join(f'"{key}": []' for key in keys) + "}"
    found = read_json(('[{"x": ' * depth + inner + "}]" * depth).encode(), path="a.json", limit=LIMIT)
    assert isinstance(found, Problem) is (len(set(keys)) < len(keys))
