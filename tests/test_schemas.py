"""The schemas that ship with the package: valid, described, with examples that hold."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from workflowops.core.shape import fits
from workflowops.schemas import SchemaName, schema

# What `core.shape.fits` knows; another keyword would make every document go through jsonschema.
KNOWN = {
    "$comment", "$defs", "$id", "$ref", "$schema", "additionalProperties", "const", "default", "description", "enum",
    "examples", "exclusiveMinimum", "items", "maxItems", "maxLength", "maximum", "minItems", "minLength",
    "minProperties", "minimum", "pattern", "properties", "propertyNames", "required", "title", "type",
}  # fmt: skip


def parts(asked: dict[str, Any], *, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, with a name to find it by."""
    yield name, asked
    for group in ("$defs", "properties"):
        for key, inner in asked.get(group, {}).items():
            yield from parts(inner, name=f"{name}.{key}")
    for key in ("items", "additionalProperties", "propertyNames"):
        if isinstance(asked.get(key), dict):
            yield from parts(asked[key], name=f"{name}.{key}")


PARTS = [
    pytest.param(name, part, id=label)
    for name in SchemaName
    for label, part in parts(dict(schema(name)), name=name.removesuffix(".schema.json"))
]
KEYS = [
    pytest.param(name, inner, id=f"{label}.{key}")
    for name in SchemaName
    for label, part in parts(dict(schema(name)), name=name.removesuffix(".schema.json"))
    for key, inner in {**part.get("properties", {}), **part.get("$defs", {})}.items()
]


@pytest.mark.parametrize("name", SchemaName)
def test_a_schema_is_valid_json_schema_2020_12(name) -> None:
    assert schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_a_schema_keeps_to_the_keywords_that_the_shortcut_knows(name, part) -> None:
    assert set(part) <= KNOWN


@pytest.mark.parametrize(("name", "part"), KEYS)
def test_every_key_is_described_and_has_examples_that_hold(name, part) -> None:
    whole = {**part, "$defs": schema(name).get("$defs", {})}
    described = schema(name)["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part
    assert described["description"].endswith(".")
    assert described["examples"]
    for example in [*described["examples"], *([part["default"]] if "default" in part else [])]:
        jsonschema.Draft202012Validator(whole).validate(example)
        assert fits(example, whole)


@pytest.mark.parametrize(("name", "part"), [case for case in PARTS if "properties" in case.values[1]])
def test_an_object_that_people_write_by_hand_takes_no_unknown_keys(name, part) -> None:
    assert part.get("additionalProperties") is (None if name is SchemaName.WORKFLOW else False)
    assert set(part.get("required", ())) <= set(part["properties"])


@pytest.mark.parametrize("name", SchemaName)
def test_a_pattern_ends_at_the_end_and_not_before_a_last_line_break(name) -> None:
    patterns = [part["pattern"] for _, part in parts(dict(schema(name)), name=name) if "pattern" in part]
    assert all(pattern.startswith("^") and pattern.endswith("(?!\\n)$") for pattern in patterns)
