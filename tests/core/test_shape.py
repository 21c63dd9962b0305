"""The shortcut past jsonschema agrees with jsonschema, and faults are told in words."""

import re
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.shape import faults, fits
from workflowops.schemas import SchemaName, schema

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 1000)
    | st.sampled_from(
        [0.0, 1.0, 1.5, -2.0, float("inf"), 10**30, "1", "", "prod", "prod\n", "${A}", "${A}\n", "x" * 201]
    )
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def fitting(asked: Mapping[str, Any], root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Documents of the shape of a schema, as far as it can be generated."""
    if "$ref" in asked:
        return fitting(root["$defs"][asked["$ref"].rpartition("/")[2]], root)
    if "const" in asked or "enum" in asked:
        return st.sampled_from(asked.get("enum") or [asked["const"]])
    kind = asked.get("type")
    if isinstance(kind, list):
        return st.one_of(fitting({**asked, "type": one}, root) for one in kind)
    match kind:
        case "null":
            return st.none()
        case "object":
            return objects(asked, root)
        case "array":
            items = fitting(asked["items"], root) if "items" in asked else ANYTHING
            return st.lists(items, min_size=asked.get("minItems", 0), max_size=3)
        case "boolean":
            return st.booleans()
        case "string" | "number" | "integer":
            return st.sampled_from([each for each in asked.get("examples", ["a"]) if each is not None] or [1])
        case _:
            return ANYTHING


def objects(asked: Mapping[str, Any], root: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    properties = {key: fitting(value, root) for key, value in asked.get("properties", {}).items()}
    required = {key: value for key, value in properties.items() if key in asked.get("required", ())}
    known = st.fixed_dictionaries(required, optional={k: v for k, v in properties.items() if k not in required})
    others = asked.get("additionalProperties", False)
    if not isinstance(others, dict):
        return known
    names = st.sampled_from(["dev", "prod", "prod-eu"])
    extra = st.dictionaries(names, fitting(others, root), min_size=asked.get("minProperties", 0), max_size=2)
    return st.tuples(known, extra).map(lambda pair: {**pair[0], **pair[1]})


@st.composite
def changed(draw: st.DrawFn, value: Any) -> Any:
    """The document with one thing changed somewhere in it."""
    inside = draw(st.integers(0, 4))
    if isinstance(value, dict) and value and inside:
        key = draw(st.sampled_from(sorted(value)))
        if inside == 1:
            return {name: member for name, member in value.items() if name != key}
        if inside == 2:
            return {**value, draw(st.sampled_from(["", "Prod", "prod\n", "folders", "x"])): value[key]}
        return {**value, key: draw(changed(value[key]))}
    if isinstance(value, list) and value and inside:
        place = draw(st.integers(0, len(value) - 1))
        return [*value[:place], draw(changed(value[place])), *value[place + 1 :]]
    return draw(ANYTHING)


@st.composite
def near(draw: st.DrawFn, asked: Mapping[str, Any]) -> Any:
    """Documents that have the shape of a schema, but for up to two changes."""
    value = draw(fitting(asked, asked))
    for _ in range(draw(st.integers(0, 2))):
        value = draw(changed(value))
    return value


@pytest.mark.parametrize("name", SchemaName)
def test_the_shortcut_says_what_jsonschema_says(name) -> None:
    asked = schema(name)
    validator = jsonschema.Draft202012Validator(asked)
    seen = {True: 0, False: 0}

    @settings(deadline=None, max_examples=400)
    @given(near(asked))
    def agree(value: Any) -> None:
        is_valid = validator.is_valid(value)
        seen[is_valid] += 1
        assert fits(value, asked) is is_valid
        assert bool(list(faults(value, asked))) is not is_valid

    agree()
    assert min(seen.values()) > 40, f"the documents were too much alike: {seen}"


@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        pytest.param({"type": "integer"}, 1.0, True, id="1.0 is whole"),
        pytest.param({"type": "integer"}, True, False, id="true is no number"),
        pytest.param({"type": "integer"}, float("inf"), False, id="infinity is not whole"),
        pytest.param({"const": 1}, True, False, id="true is not 1"),
        pytest.param({"const": 1}, 1.0, True, id="1.0 is 1"),
        pytest.param({"enum": [False]}, 0, False, id="0 is not false"),
        pytest.param({"pattern": "b"}, "abc", True, id="a pattern may match anywhere"),
        pytest.param({"minLength": 2}, [], True, id="a length is asked of text alone"),
        pytest.param({"oneOf": [{}]}, 1, False, id="a keyword that is not known means: ask jsonschema"),
        pytest.param({"maxItems": 2}, [1, 2], True, id="as many as there may be"),
        pytest.param({"maxItems": 2}, [1, 2, 3], False, id="one more"),
        pytest.param({"type": ["string", "null"]}, "a", True, id="one type of several"),
        pytest.param({"type": ["string", "null"]}, None, True, id="another type of several"),
        pytest.param({"type": ["string", "null"]}, False, False, id="none of several types"),
    ],
)
def test_fits(asked, value, expected) -> None:
    assert fits(value, asked) is expected


THING = {
    "type": "object",
    "required": ["name", "count"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]*$", "description": "A word."},
        "count": {"type": "integer", "minimum": 1, "maximum": 3, "examples": [2]},
        "share": {"type": "number", "exclusiveMinimum": 0},
        "is_on": {"type": "boolean"},
        "level": {"enum": ["low", "high"]},
        "version": {"const": 1},
        "items": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}},
        "hours": {"type": ["number", "null"], "exclusiveMinimum": 0},
        "by_name": {"type": "object", "minProperties": 1, "propertyNames": {"pattern": "^[a-z]+$"}},
    },
}


@pytest.mark.parametrize(
    ("wrong", "path", "rule", "message", "fix"),
    [
        ({"nam": "a"}, ("nam",), "unknown-key", "has no key `nam`", "Did you mean `name`?"),
        ({"zzzzzz": 1}, ("zzzzzz",), "unknown-key", "has no key `zzzzzz`", "Known here: by_name, count, hours, is_on"),
        ({"name": None}, ("name",), "wrong-type", "`name` must be text, not nothing", "Write a value after the colon"),
        ({"name": 5}, ("name",), "wrong-type", "`name` must be text, not a whole number", "quotes"),
        ({"name": ["a"]}, ("name",), "wrong-type", "must be text, not a list", "A word."),
        ({"name": ""}, ("name",), "out-of-bounds", "is empty", "A word."),
        ({"name": "a" * 6}, ("name",), "out-of-bounds", "more than 5 characters", "A word."),
        ({"name": "A"}, ("name",), "bad-value", "not written as it must be", "A word."),
        ({"count": 0}, ("count",), "out-of-bounds", "at least 1", "Example: 2"),
        ({"count": 4}, ("count",), "out-of-bounds", "at most 3", "Example: 2"),
        ({"count": 1.5}, ("count",), "wrong-type", "a whole number, not a number", "Example: 2"),
        ({"count": "2"}, ("count",), "wrong-type", "a whole number, not text", "Example: 2"),
        ({"share": 0}, ("share",), "out-of-bounds", "more than 0", "schema"),
        ({"is_on": "no"}, ("is_on",), "wrong-type", "true or false, not text", "Write true or false"),
        ({"level": "hihg"}, ("level",), "unknown-value", "one of low, high, not `hihg`", "Did you mean `high`?"),
        ({"level": 3}, ("level",), "unknown-value", "one of low, high.", "Write low or high."),
        ({"version": 2}, ("version",), "unknown-value", "must be 1.", "Write 1."),
        ({"version": "1"}, ("version",), "unknown-value", "must be 1, not `1`.", "without quotes"),
        ({"items": []}, ("items",), "out-of-bounds", "at least 1 entries", "schema"),
        ({"items": ["a", "b", "c"]}, ("items",), "out-of-bounds", "more than 2 entries", "schema"),
        ({"hours": 0}, ("hours",), "out-of-bounds", "more than 0", "schema"),
        ({"hours": "4h"}, ("hours",), "wrong-type", "`hours` must be a number or nothing, not text", "schema"),
        ({"items": ["a", 1]}, ("items", 1), "wrong-type", "`items[1]` must be text", "quotes"),
        ({"by_name": {}}, ("by_name",), "out-of-bounds", "is empty", "schema"),
        ({"by_name": {"A": 1}}, ("by_name", "A"), "bad-name", "`A` cannot be a name", "schema"),
    ],
)
def test_a_fault_is_told_in_words_with_a_fix(wrong, path, rule, message, fix) -> None:
    (fault,) = faults({"name": "a", "count": 1, **wrong}, THING)
    assert (fault.path, fault.rule) == (path, rule)
    assert message in fault.message
    assert fix in fault.fix


def test_all_faults_are_told_at_once_and_each_once() -> None:
    found = [(fault.rule, fault.path) for fault in faults({"level": 1, "x": 1, "y": 2}, THING)]
    assert sorted(found) == [
        ("missing-key", ()),
        ("missing-key", ()),
        ("unknown-key", ("x",)),
        ("unknown-key", ("y",)),
        ("unknown-value", ("level",)),
    ]


def test_a_document_of_the_wrong_kind_is_told_as_the_file() -> None:
    (fault,) = faults([], THING)
    assert fault.message == "The file must be a mapping of keys to values, not a list."


def test_a_keyword_without_words_of_its_own_is_told_all_the_same() -> None:
    (fault,) = faults(4, {"multipleOf": 3, "description": "A third."})
    assert (fault.rule, fault.fix) == ("bad-value", "A third.")


@settings(deadline=None)
@given(st.text("abcdefgh0123", min_size=8))
def test_no_value_is_repeated_but_words_that_were_to_be_chosen_from(secret) -> None:
    wrong = {"name": f"{secret}A", "count": secret, "is_on": secret, "items": secret, "by_name": secret}
    told = " ".join(f"{fault.message} {fault.fix}" for fault in faults(wrong, THING))
    assert not re.search(re.escape(secret), told)
