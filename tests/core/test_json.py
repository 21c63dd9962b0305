"""JSON as n8n's server holds it: read whatever it can answer, hold numbers as JavaScript does."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import ANY_TEXT, JSON_VALUES, LAW

from workflowops.core.json import canonical_text, javascript_number, javascript_numbers, parse, printable, sha256

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@LAW
@given(JSON_VALUES)
def test_what_was_written_is_read_again(value) -> None:
    assert parse(json.dumps(value)) == value
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b'"\\ud83d"', "\ud83d", id="half an emoji as an escape"),
        pytest.param('{"a": "\ud83d"}', {"a": "\ud83d"}, id="half an emoji as it stands"),
        pytest.param(b"12345678901234567890", 12345678901234567890, id="beyond 64 bits"),
        pytest.param(b"1" * 300, int("1" * 300), id="far beyond 64 bits"),
        pytest.param(b'{"a": 1, "a": 2}', {"a": 2}, id="a key twice"),
    ],
)
def test_what_n8n_can_answer_is_read(text, expected) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="cut short"),
        pytest.param(b"<html>", id="HTML"),
        pytest.param(b'"\xff"', id="no UTF-8"),
        pytest.param(b"[" * 200_000 + b"]" * 200_000, id="nested without end"),
        pytest.param("[" * 200_000 + "]" * 200_000, id="nested without end, as text"),
        pytest.param(b"1" * 5000, id="a number longer than Python reads"),
    ],
)
def test_what_is_no_json_is_a_value_error(text) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(text)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param(2.0, 2, id="a whole number with a point"),
        pytest.param(-0.0, 0, id="minus zero"),
        pytest.param(2.5, 2.5, id="a fraction"),
        pytest.param(2**53, 2**53, id="the last exact one"),
        pytest.param(2**53 + 1, 2**53, id="the first that JavaScript takes for its neighbour"),
        pytest.param(-(2**53) - 1, -(2**53), id="its negative"),
        pytest.param(12345678901234567890, 12345678901234567000.0, id="measured on n8n"),
        pytest.param(10**400, None, id="infinite for JavaScript"),
        pytest.param(math.inf, None, id="infinite"),
        pytest.param(math.nan, None, id="no number"),
    ],
)
def test_a_number_is_held_as_javascript_holds_it(number, expected) -> None:
    held = javascript_number(number)
    assert held == expected
    assert type(held) is type(expected)


@LAW
@given(NUMBERS)
def test_a_number_that_is_held_does_not_change_again(number) -> None:
    held = javascript_number(number)
    assert held is not None
    assert canonical_text(javascript_number(held)) == canonical_text(held)


@LAW
@given(st.integers(-(2**70), 2**70))
def test_a_whole_number_and_its_float_have_one_text(number) -> None:
    assert canonical_text(javascript_number(number)) == canonical_text(javascript_number(float(number)))


def test_numbers_are_held_at_every_depth_and_nothing_else_is_touched() -> None:
    value = {"a": [1.0, True, None, "1.0", {"b": -0.0}], "c": {}}
    assert canonical_text(javascript_numbers(value)) == b'{"a":[1,true,null,"1.0",{"b":0}],"c":{}}'


@LAW
@given(st.dictionaries(st.text(), JSON_VALUES), st.randoms())
def test_key_order_leaves_the_canonical_text_alone(value, random) -> None:
    pairs = list(value.items())
    random.shuffle(pairs)
    assert canonical_text(dict(pairs)) == canonical_text(value)


@LAW
@given(JSON_VALUES, JSON_VALUES)
def test_two_values_have_one_text_exactly_when_they_are_the_same_json(one, other) -> None:
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (canonical_text(one) == canonical_text(other)) is is_same


def test_true_and_one_are_told_apart() -> None:
    assert canonical_text({"a": True}) != canonical_text({"a": 1})


@LAW
@given(ANY_TEXT)
def test_what_is_printable_can_be_encoded_and_stays_as_it_is(text) -> None:
    shown = printable(text)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert printable(shown) == shown


def test_half_a_character_is_replaced() -> None:
    assert printable("a\ud83d\U0001f600é") == "a\ufffd\U0001f600é"


def test_the_digest_is_sha256() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
