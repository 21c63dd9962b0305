"""JSON as a JavaScript server holds and compares it."""

import json
import re

import msgspec

from workflowops.core.json import Json, javascript_number, parse

_MAY_CHANGE = re.compile(rb'\d\.\d*0\b|\d[eE]|\d{16}|-0|"\d+"\s*:')
"""What a text must hold for JavaScript to hold it otherwise than Python does; found inside strings too, harmlessly."""


def read(text: bytes) -> Json:
    """Answer what JSON.parse would: numbers as doubles, integer-like keys first. Raises ValueError."""
    value = parse(text)
    return as_javascript(value) if _MAY_CHANGE.search(text) else value


def as_javascript(value: Json) -> Json:
    """Answer the value with the numbers and the order of keys it has once JavaScript has held it."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return javascript_number(value)
    if isinstance(value, list):
        return [as_javascript(item) for item in value]
    keys = sorted((key for key in value if _is_index(key)), key=int)
    keys += [key for key in value if not _is_index(key)]
    return {key: as_javascript(value[key]) for key in keys}


def write(value: object) -> bytes:
    """Answer what JSON.stringify would: no white space, unescaped text, lone surrogates as escapes."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "backslashreplace")


def type_name(value: Json) -> str:
    """Name a value's type as JavaScript's error messages do."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and (key == "0" or not key.startswith("0")) and int(key) < 2**32 - 1
