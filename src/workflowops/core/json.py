"""JSON as both n8n and Python hold it: a reader that survives odd documents, and one canonical text."""

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import msgspec

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

if TYPE_CHECKING:
    JsonObject = dict[str, Json]
else:
    JsonObject = dict[str, Any]  # msgspec reads types at run time, and cannot follow one that names itself

_EXACT_INTEGER = 2**53
"""Beyond this a JavaScript number no longer tells neighbouring integers apart."""


def parse(text: bytes | str) -> Json:
    """Read one JSON document; raises ValueError with the place of the fault.

    The fast reader refuses lone surrogates and integers beyond 64 bits, which n8n can store and answer; Python's own
    reader takes them, so that one odd string does not make a workflow unreadable.
    """
    try:
        return msgspec.json.decode(text)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text)  # type: ignore[no-any-return]
    except RecursionError as error:
        raise ValueError("The JSON is nested too deeply.") from error


def javascript_number(number: float) -> int | float | None:
    """Hold a number as n8n's server does: `2.0` is `2`, `-0.0` is `0`, what is infinite is null.

    Source: measured on n8n 2.41.1; 12345678901234567890 comes back as 12345678901234567000.
    """
    if isinstance(number, int):
        if -_EXACT_INTEGER <= number <= _EXACT_INTEGER:
            return number
        try:
            number = float(number)
        except OverflowError:
            return None
    if math.isinf(number) or math.isnan(number):
        return None
    if number.is_integer() and -_EXACT_INTEGER <= number <= _EXACT_INTEGER:
        return int(number)
    return number


def javascript_numbers(value: Json) -> Json:
    """Hold every number of a value as n8n's server does, and leave everything else as it is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return javascript_number(value)
    if isinstance(value, list):
        return [javascript_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: javascript_numbers(item) for key, item in value.items()}
    return value


def printable(text: str) -> str:
    """Replace half characters, which JSON can hold as an escape and UTF-8 cannot hold at all."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def canonical_text(value: object) -> bytes:
    """Write a value as the one text that stands for it: sorted keys, no white space, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def sha256(text: bytes) -> str:
    """Answer the digest in lower-case hexadecimal."""
    return hashlib.sha256(text).hexdigest()
