"""What a request body may hold, and the two voices in which the generations of n8n complain about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from workflowops.core.json import Json
from workflowops.sandbox.javascript import read, type_name


class Kind(StrEnum):
    """The type a field must have; the values are JSON's own words."""

    STRING = "string"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"
    STATIC_DATA = "staticData"
    """An object, null, or a text that is JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One field of a body. `fields` None means an open object; else unknown keys are refused unless `strips`."""

    kind: Kind
    fields: Mapping[str, "Shape"] | None = None
    required: tuple[str, ...] = ()
    item: "Shape | None" = None
    choices: tuple[str, ...] = ()
    default: Json = None
    longest: int | None = None
    nullable: bool = False
    read_only: bool = False
    strips: bool = False
    complaint: str = ""
    """What is said about a wrong type instead of the usual words."""
    read_only_complaint: str = "is read-only"
    known: Mapping[str, "Shape"] = field(default_factory=dict)
    """Fields of an open object that are checked when present."""


def fault_in_words_of_2(value: Json, shape: Shape, *, path: str) -> str | None:
    """Answer the first complaint of n8n 2.x (zod): fields in the order of the schema, unknown keys after them."""
    if shape.read_only:
        return f"{path} {shape.read_only_complaint}"
    if value is None and shape.nullable:
        return None
    if shape.kind is Kind.STATIC_DATA:
        return _static_data_fault_of_2(value, path=path)
    if not _is_of_kind(value, shape.kind):
        return f"{path} {shape.complaint or _expectation(value, shape)}"
    if shape.choices and value not in shape.choices:
        return f"{path} Invalid enum value. Expected {_alternatives(shape)}, received '{value}'"
    if shape.longest is not None and len(str(value)) > shape.longest:
        return f"{path} String must contain at most {shape.longest} character(s)"
    if isinstance(value, list) and shape.item is not None:
        faults = (fault_in_words_of_2(item, shape.item, path=f"{path}/{index}") for index, item in enumerate(value))
        return next((fault for fault in faults if fault), None)
    if isinstance(value, dict):
        return _object_fault_of_2(value, shape, path=path)
    return None


def read_only_fault_of_2(body: Json, shape: Shape) -> str | None:
    """Answer 2.x's complaint about a read-only key of the body itself, which it makes before any other."""
    if isinstance(body, dict):
        for name, part in (shape.fields or {}).items():
            if part.read_only and name in body:
                return f"request/body/{name} {part.read_only_complaint}"
    return None


def fault_in_words_of_1(value: Json, shape: Shape, *, path: str) -> str | None:
    """Answer the first complaint of n8n 1.x (ajv): missing keys, unknown keys, then the fields in order."""
    if value is None and shape.nullable:
        return f"{path} {shape.read_only_complaint}" if shape.read_only else None
    if shape.kind is Kind.STATIC_DATA:
        return _static_data_fault_of_1(value, path=path)
    if not _is_of_kind(value, shape.kind):
        return f"{path} must be {shape.kind}"
    if shape.choices and value not in shape.choices:
        return f"{path} must be equal to one of the allowed values: {', '.join(shape.choices)}"
    if shape.read_only:
        return f"{path} {shape.read_only_complaint}"
    if isinstance(value, list) and shape.item is not None:
        faults = (fault_in_words_of_1(item, shape.item, path=f"{path}/{index}") for index, item in enumerate(value))
        return next((fault for fault in faults if fault), None)
    if isinstance(value, dict):
        return _object_fault_of_1(value, shape, path=path)
    return None


def in_order_of(shape: Shape, value: Json) -> Json:
    """Answer a valid value with the keys of closed objects in the order of the schema, as zod hands it on."""
    if isinstance(value, list) and shape.item is not None:
        return [in_order_of(shape.item, item) for item in value]
    if isinstance(value, dict) and shape.fields is not None:
        return {name: in_order_of(part, value[name]) for name, part in shape.fields.items() if name in value}
    return value


def with_defaults(shape: Shape, value: Json) -> Json:
    """Answer the value with the defaults of absent keys filled in, as ajv does it on 1.x."""
    if isinstance(value, dict) and shape.fields is not None:
        filled = {name: with_defaults(shape.fields[name], part) for name, part in value.items()}
        absent = {
            name: part.default for name, part in shape.fields.items() if part.default is not None and name not in value
        }
        return {**filled, **absent}
    return value


def _object_fault_of_2(value: dict[str, Json], shape: Shape, *, path: str) -> str | None:
    fields = shape.known if shape.fields is None else shape.fields
    for name, part in fields.items():
        if name not in value:
            if name in shape.required:
                told = f"/{name} {part.complaint}" if part.complaint else f" must have required property '{name}'"
                return path + told
            continue
        fault = fault_in_words_of_2(value[name], part, path=f"{path}/{name}")
        if fault:
            return fault
    unknown = [name for name in value if name not in fields]
    if unknown and shape.fields is not None and not shape.strips:
        return f"{path} Unrecognized key(s) in object: {', '.join(repr_in_javascript(name) for name in unknown)}"
    return None


def _object_fault_of_1(value: dict[str, Json], shape: Shape, *, path: str) -> str | None:
    for name in shape.required:
        if name not in value:
            return f"{path} must have required property '{name}'"
    fields = shape.known if shape.fields is None else shape.fields
    if shape.fields is not None and not shape.strips and any(name not in fields for name in value):
        return f"{path} must NOT have additional properties"
    for name, part in fields.items():
        fault = fault_in_words_of_1(value[name], part, path=f"{path}/{name}") if name in value else None
        if fault:
            return fault
    return None


def repr_in_javascript(name: str) -> str:
    """Put a key into the single quotes of an error message."""
    return f"'{name}'"


def _is_of_kind(value: Json, kind: Kind) -> bool:
    name = type_name(value)
    if kind is Kind.INTEGER:
        return name == "number" and float(cast("float", value)).is_integer()
    return name == kind


def _expectation(value: Json, shape: Shape) -> str:
    return f"Expected {_alternatives(shape) if shape.choices else shape.kind}, received {type_name(value)}"


def _alternatives(shape: Shape) -> str:
    return " | ".join(f"'{choice}'" for choice in shape.choices)


def _static_data_fault_of_2(value: Json, *, path: str) -> str | None:
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, str):
        return None if _is_json(value) else f"{path} must be a JSON string"
    return f"{path} Invalid input"


def _static_data_fault_of_1(value: Json, *, path: str) -> str | None:
    if value is None or isinstance(value, dict) or (isinstance(value, str) and _is_json(value)):
        return None
    first = 'must match format "jsonString"' if isinstance(value, str) else "must be string"
    return f"{path} {first}, {path} must be object, {path} must match a schema in anyOf"


def _is_json(text: str) -> bool:
    try:
        read(text.encode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return True
