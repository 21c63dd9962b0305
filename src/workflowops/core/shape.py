"""Whether a document has the shape that its schema asks for, and in plain words what is wrong when it has not."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflowops.core.problems import Fault, PathInDocument, nearest, shown, where

Schema = Mapping[str, Any]

_SAYS_NOTHING = frozenset({"$comment", "$defs", "$id", "$schema", "default", "description", "examples", "title"})


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
    "null": lambda value: value is None,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}
_NAMES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "nothing",
    "number": "a number",
    "object": "a mapping of keys to values",
    "string": "text",
}


def fits(value: Any, schema: Schema, *, root: Schema | None = None) -> bool:
    """Say yes when a value certainly has the shape of a schema. No means: ask `faults`.

    A shortcut past jsonschema, whose import takes longer than everything else that reading a configuration needs. It
    knows the keywords that our schemas use, and says no to any other, so it can be slow but not wrong.
    """
    root = schema if root is None else root
    return all(
        keyword in _SAYS_NOTHING or (keyword in _CHECKS and _CHECKS[keyword](value, asked, schema, root))
        for keyword, asked in schema.items()
    )


def _members_fit(value: Any, properties: Schema, schema: Schema, root: Schema) -> bool:
    del schema
    return not isinstance(value, dict) or all(
        fits(member, properties[key], root=root) for key, member in value.items() if key in properties
    )


def _others_fit(value: Any, asked: Any, schema: Schema, root: Schema) -> bool:
    if not isinstance(value, dict) or asked is True:
        return True
    others = [member for key, member in value.items() if key not in schema.get("properties", ())]
    return not others if asked is False else all(fits(member, asked, root=root) for member in others)


def _equals(value: Any, asked: Any) -> bool:
    return isinstance(value, bool) is isinstance(asked, bool) and bool(value == asked)


_CHECKS: Mapping[str, Callable[[Any, Any, Schema, Schema], bool]] = {
    "$ref": lambda value, asked, _, root: fits(value, _defined(asked, root), root=root),
    "additionalProperties": _others_fit,
    "const": lambda value, asked, *_: _equals(value, asked),
    "enum": lambda value, asked, *_: any(_equals(value, known) for known in asked),
    "exclusiveMinimum": lambda value, asked, *_: not _is_number(value) or value > asked,
    "items": lambda value, asked, _, root: (
        not isinstance(value, list) or all(fits(item, asked, root=root) for item in value)
    ),
    "maxItems": lambda value, asked, *_: not isinstance(value, list) or len(value) <= asked,
    "maxLength": lambda value, asked, *_: not isinstance(value, str) or len(value) <= asked,
    "maximum": lambda value, asked, *_: not _is_number(value) or value <= asked,
    "minItems": lambda value, asked, *_: not isinstance(value, list) or len(value) >= asked,
    "minLength": lambda value, asked, *_: not isinstance(value, str) or len(value) >= asked,
    "minProperties": lambda value, asked, *_: not isinstance(value, dict) or len(value) >= asked,
    "minimum": lambda value, asked, *_: not _is_number(value) or value >= asked,
    "pattern": lambda value, asked, *_: not isinstance(value, str) or re.search(asked, value) is not None,
    "properties": _members_fit,
    "propertyNames": lambda value, asked, _, root: (
        not isinstance(value, dict) or all(fits(key, asked, root=root) for key in value)
    ),
    "required": lambda value, asked, *_: not isinstance(value, dict) or all(key in value for key in asked),
    "type": lambda value, asked, *_: any(_KINDS[kind](value) for kind in _kinds(asked)),
}


def _kinds(asked: str | Sequence[str]) -> Sequence[str]:
    return [asked] if isinstance(asked, str) else asked


def _defined(reference: str, root: Schema) -> Schema:
    """Follow a reference within the schema: `#/$defs/name`."""
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return dict(found)


def faults(value: Any, schema: Schema) -> Iterator[Fault]:
    """Say everything that is wrong with the shape of a value, each with its path and a fix. Asks jsonschema.

    No value of the document is repeated, apart from a word where one of a few known words is asked for.
    """
    import jsonschema  # 70 ms that a document without faults does not need

    told: set[Fault] = set()
    for error in jsonschema.Draft202012Validator(schema).iter_errors(value):
        is_about_key = "propertyNames" in error.absolute_schema_path
        word = _key_fault if is_about_key else _WORDING.get(str(error.validator), _other_fault)
        for fault in word(tuple(error.absolute_path), error):
            if fault not in told:
                told.add(fault)
                yield fault


def _key_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    key = str(error.instance)
    message = f"{shown(key)} cannot be a name."
    yield Fault((*path, key), "bad-name", message, _written_like(error.schema), is_key=True)


def _type_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    kinds, value = _kinds(error.validator_value), error.instance
    asked, fix = kinds[0], _written_like(error.schema)
    if asked == "boolean" and isinstance(value, str):
        fix = "Write true or false; only these two words are read as such."
    elif asked == "string" and isinstance(value, (int, float, bool)):
        fix = "Put it in quotes."
    elif value is None:
        fix = f"Write a value after the colon, or take the key out. {fix}"
    named = " or ".join(_NAMES[kind] for kind in kinds)
    yield Fault(path, "wrong-type", f"{where(path)} must be {named}, not {_kind(value)}.", fix)


def _kind(value: Any) -> str:
    return next(name for kind, name in _NAMES.items() if _KINDS[kind](value))


def _missing_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    for key in error.validator_value:
        if key not in error.instance:
            asked = error.schema.get("properties", {}).get(key, {})
            fix = f"Add {shown(key)}. {_written_like(asked)}"
            yield Fault(path, "missing-key", f"{where(path)} lacks {shown(key)}.", fix)


def _unknown_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    known = sorted(error.schema.get("properties", ()))
    for key in error.instance:
        if key not in known:
            meant = nearest(key, known)
            fix = f"Did you mean {shown(meant)}?" if meant else f"Known here: {', '.join(known)}."
            yield Fault((*path, key), "unknown-key", f"{where(path)} has no key {shown(key)}.", fix, is_key=True)


def _word_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    known: Sequence[Any] = error.validator_value if error.validator == "enum" else [error.validator_value]
    words, said = [str(word) for word in known], error.instance
    fix = f"Write {' or '.join(words)}."
    if isinstance(said, str):
        meant = nearest(said, words)
        fix = "Write it without quotes." if said in words else f"Did you mean {shown(meant)}?" if meant else fix
    message = f"{where(path)} must be {'one of ' if len(words) > 1 else ''}{', '.join(words)}"
    yield Fault(path, "unknown-value", f"{message}{f', not {shown(said)}' if isinstance(said, str) else ''}.", fix)


def _limit_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    limit = error.validator_value
    told = {
        "exclusiveMinimum": f"must be more than {limit}",
        "maxItems": f"has more than {limit} entries",
        "maxLength": f"has more than {limit} characters",
        "maximum": f"must be at most {limit}",
        "minItems": f"needs at least {limit} entries",
        "minLength": "is empty",
        "minProperties": "is empty",
        "minimum": f"must be at least {limit}",
    }[str(error.validator)]
    yield Fault(path, "out-of-bounds", f"{where(path)} {told}.", _written_like(error.schema))


def _other_fault(path: PathInDocument, error: Any) -> Iterator[Fault]:
    message = f"{where(path)} is not written as it must be."
    yield Fault(path, "bad-value", message, _written_like(error.schema))


def _written_like(schema: Any) -> str:
    """Make the advice that a schema can give: what the value is, and an example."""
    described = str(schema.get("description", "")).strip()
    examples = schema.get("examples") or [schema.get("default")]
    example = json.dumps(examples[0], ensure_ascii=False) if examples[0] is not None else ""
    return f"{described} Example: {example}".strip() if example else described or "See the schema of the file."


_WORDING: Mapping[str, Callable[[PathInDocument, Any], Iterator[Fault]]] = {
    "additionalProperties": _unknown_fault,
    "const": _word_fault,
    "enum": _word_fault,
    **dict.fromkeys(
        ("exclusiveMinimum", "maxItems", "maxLength", "maximum", "minItems", "minLength", "minProperties", "minimum"),
        _limit_fault,
    ),
    "required": _missing_fault,
    "type": _type_fault,
}
