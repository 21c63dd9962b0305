"""JSON as a reviewer must be able to trust it: strict, within limits, and with the place of every value."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from workflowops.core.json import Json
from workflowops.core.problems import PathInDocument, Place, Problem, shown
from workflowops.core.source import place_of_offset, read_text

DEEPEST = 200
"""The deepest of the 8,473 published templates has 15 levels; the limit keeps recursion far from Python's own."""

_SCAN: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().raw_decode
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A value and the text that it was read from."""

    value: Json
    text: str

    def place_of(self, path: PathInDocument, *, is_key: bool = False) -> Place:
        """Answer where the value at `path` begins, or its key; what does not exist is placed at what would hold it.

        Walks past everything else at the speed of the parser.
        """
        offset = _skip(self.text, 0)
        for number, step in enumerate(path):
            found = next(((key_at, at) for key, key_at, at, _ in _members(self.text, offset) if key == step), None)
            if found is None:
                break
            offset = found[0] if is_key and number == len(path) - 1 else found[1]
        return place_of_offset(self.text, offset)


def read_json(source: bytes, *, path: str, limit: int) -> JsonDocument | Problem:
    """Read one JSON document of at most `limit` bytes of UTF-8, or say why it cannot be read.

    Stricter than other readers: NaN and Infinity are no JSON, and an object that holds a key twice says one thing to a
    reviewer and another to n8n. A byte order mark is passed over.
    """
    text = read_text(source, path=path, limit=limit)
    if isinstance(text, Problem):
        return text
    if not text.strip(_SPACE):
        return Problem.error(
            path, rule="empty-file", message="The file is empty.", fix="Restore it from Git, or export it again."
        )
    try:
        value, has_twins = _decode(text)
    except json.JSONDecodeError as error:
        return _syntax_problem(error, text, path)
    except RecursionError:
        return _too_deep(path)
    except ValueError as error:
        word = error.args[0] if isinstance(error, _NoNumberError) else "a number of more than 4,300 digits"
        message = f"The file is not JSON that n8n could hold: {word} is no number there."
        return Problem.error(path, rule="json-syntax", message=message, fix="Write a number such as 1.5, or null.")
    if is_deeper_than(value, DEEPEST):
        return _too_deep(path)
    return _twice(text, path) if has_twins else JsonDocument(value, text)


def is_deeper_than(value: Json, levels: int) -> bool:
    """Say whether lists and objects are nested deeper than a number of levels, without recursion."""
    level: list[dict[str, Json] | list[Json]] = [value] if isinstance(value, (dict, list)) else []
    for _ in range(levels):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _decode(text: str) -> tuple[Json, bool]:
    """Answer the value, and whether an object in it holds a key twice."""
    twins = 0

    def held(members: list[tuple[str, Json]]) -> dict[str, Json]:
        nonlocal twins
        by_key = dict(members)
        twins += len(members) - len(by_key)
        return by_key

    value: Json = json.loads(text, object_pairs_hook=held, parse_constant=_no_number)
    return value, twins > 0


class _NoNumberError(ValueError):
    """NaN or Infinity, which Python takes and JSON does not know."""


def _no_number(word: str) -> Json:
    raise _NoNumberError(word)


def _syntax_problem(error: json.JSONDecodeError, text: str, path: str) -> Problem:
    fix = "Check this line; restore the file from Git or export it again."
    line_begin = text.rfind("\n", 0, error.pos) + 1
    if error.pos >= len(text.rstrip(_SPACE)) or "Unterminated string" in error.msg:
        message = "The file ends in the middle: a text, a list or an object is not closed."
    elif "control character" in error.msg:
        message, fix = (
            "A line break, a tab or a control character stands inside a text.",
            "Write it as \\n, \\t or \\u....",
        )
    elif error.msg == "Extra data":
        message, fix = "Something stands after the end of the document.", "Keep one JSON object in the file."
    elif text.startswith(("<<<<<<<", "=======", ">>>>>>>"), line_begin):
        message, fix = "A merge conflict was not resolved here.", "Keep one side and take the markers out."
    else:
        message = f"The file is not JSON: {error.msg[:1].lower()}{error.msg[1:]}."
    return Problem.error(path, rule="json-syntax", message=message, fix=fix, place=Place(error.lineno, error.colno))


def _too_deep(path: str) -> Problem:
    message = f"Lists and objects are nested more than {DEEPEST} deep."
    fix = "Check that this is the file you meant; no workflow is nested like this."
    return Problem.error(path, rule="nested-too-deeply", message=message, fix=fix)


def _twice(text: str, path: str) -> Problem:
    """Find the key that stands in an object a second time; apart from that the text is right."""
    open_values = [_skip(text, 0)]
    while open_values:
        seen: set[str | int] = set()
        inner = []
        for key, key_at, at, _ in _members(text, open_values.pop()):
            if key in seen:
                return Problem.error(
                    path,
                    rule="duplicate-key",
                    message=f"The key {shown(str(key))} stands in one object a second time. n8n takes the last one.",
                    fix="Keep one of the two.",
                    place=place_of_offset(text, key_at),
                )
            seen.add(key)
            inner.append(at)
        open_values.extend(reversed(inner))
    raise AssertionError("a twin was seen by the parser and not found again")


def _members(text: str, offset: int) -> Iterator[tuple[str | int, int, int, int]]:
    """Answer key or index, where the key begins, where the value begins and where it ends, for each member."""
    opened = text[offset : offset + 1]
    if opened not in ("{", "["):
        return
    at, number = _skip(text, offset + 1), 0
    while text[at : at + 1] not in ("}", "]", ""):
        key: str | int = number
        key_at = at
        if opened == "{":
            key, at = _SCAN(text, at)
            at = _skip(text, _skip(text, at) + 1)
        end = _SCAN(text, at)[1]
        yield key, key_at, at, end
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
        number += 1


def _skip(text: str, offset: int) -> int:
    while text[offset : offset + 1] and text[offset] in _SPACE:
        offset += 1
    return offset
