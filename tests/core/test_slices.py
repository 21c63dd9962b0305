import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.slices import split_array, split_object

TEXTS = st.text(alphabet=st.sampled_from('ab"\\{}[],: \n\N{GRINNING FACE}\ud83d'), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
LAYOUTS = st.sampled_from([{"separators": (",", ":")}, {"indent": 2}, {"ensure_ascii": False}])


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(TEXTS, JSON, max_size=4), LAYOUTS)
def test_the_pieces_of_an_object_are_the_texts_of_its_members(members, layout) -> None:
    pieces = split_object(json.dumps(members, **layout).encode("utf-8", "surrogatepass"))
    assert {key: json.loads(piece) for key, piece in pieces.items()} == members


@settings(max_examples=60, deadline=None)
@given(st.lists(JSON, max_size=4), LAYOUTS)
def test_the_pieces_of_an_array_are_the_texts_of_its_elements(elements, layout) -> None:
    assert [
        json.loads(piece) for piece in split_array(json.dumps(elements, **layout).encode("utf-8", "surrogatepass"))
    ] == elements


@settings(max_examples=60, deadline=None)
@given(st.lists(JSON, min_size=1, max_size=4), st.data())
def test_no_text_cut_short_is_split(elements, data) -> None:
    text = json.dumps(elements).encode()
    length = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError, match=r"It (does not start|ends)"):
        split_array(text[:length])


def test_what_strict_readers_refuse_is_cut_all_the_same() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    text = b'{"emoji": "\\ud83d", "deep": ' + deep + b', "quote": "a\\"}]b"}'
    assert split_object(text) == {"emoji": b'"\\ud83d"', "deep": deep, "quote": b'"a\\"}]b"'}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="no object"),
        pytest.param(b"[1]", id="an array"),
        pytest.param(b'{"a":1}x', id="something behind it"),
        pytest.param(b'{"a":1}}', id="one bracket too many"),
        pytest.param(b'{"a":1}{"b":2}', id="two objects"),
        pytest.param(b'{"a":1]', id="another end"),
        pytest.param(b"{a:1}", id="a bare key"),
        pytest.param(b'{"a"}', id="a key alone"),
        pytest.param(b'{"a":"', id="an open string"),
    ],
)
def test_what_is_no_object_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        split_object(text)


def test_of_a_repeated_key_the_last_value_counts() -> None:
    assert split_object(b'{"a":1,"a":2}') == {"a": b"2"}
