"""JSON cut into the texts of its members, without decoding what is inside them."""

import json
import re
from collections.abc import Iterator

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_KEY = re.compile(_STRING, re.DOTALL)
_TO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+[\[\]{}]", re.DOTALL)
_TO_BRACKET_OR_COMMA = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")*+[\[\]{},]", re.DOTALL)


def split_object(text: bytes) -> dict[str, bytes]:
    """Cut an object into key -> text of the value, exactly as it was written; of a repeated key the last one counts.

    Takes what a strict or recursive reader refuses: lone surrogates in strings, any depth. Only the cuts are checked,
    not what lies between them. Raises ValueError when the text is no object or ends in the middle of one.
    """
    members: dict[str, bytes] = {}
    for member in _cut(text, opening=b"{", closing=b"}"):
        key = _KEY.match(member)
        if key is None:
            raise ValueError("A member of an object has no key.")
        rest = member[key.end() :].lstrip()
        if not rest.startswith(b":"):
            raise ValueError("A member of an object has no value.")
        members[json.loads(key.group())] = rest[1:].strip()
    return members


def split_array(text: bytes) -> list[bytes]:
    """Cut an array into the texts of its elements; otherwise like `split_object`."""
    return list(_cut(text, opening=b"[", closing=b"]"))


def _cut(text: bytes, *, opening: bytes, closing: bytes) -> Iterator[bytes]:
    text = text.strip()
    if not text.startswith(opening):
        raise ValueError(f"It does not start with {opening.decode()}.")
    depth = start = place = 1
    while depth:
        stretch = (_TO_BRACKET_OR_COMMA if depth == 1 else _TO_BRACKET).match(text, place)
        if stretch is None:
            raise ValueError("It ends in the middle.")
        place = stretch.end()
        match text[place - 1 : place]:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
            case _:
                yield text[start : place - 1].strip()
                start = place
    if place != len(text) or not text.endswith(closing):
        raise ValueError("Something follows its end.")
    last = text[start : place - 1].strip()
    if last:
        yield last
