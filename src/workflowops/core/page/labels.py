"""Names in the boxes of a picture, which are as wide as they are, whatever the letters."""

import unicodedata
from collections.abc import Iterator

from workflowops.core.text.plain import visible

_WIDE = frozenset("MWmw@%—…")
_NARROW = frozenset("fijlrtI.,:;'|!()[] ")


def fitted(text: str, *, room: float, lines: int) -> list[str]:
    """Break a text into so many lines at most, each no wider than `room` (in heights of its font); the rest is cut.

    Widths are guessed on the large side, for a bold font without serifs: which one a reader has is not known.
    """
    words = visible(text).split()
    broken = [*_broken(words, room)]
    if len(broken) <= lines:
        return broken
    last = broken[lines - 1]
    while last and _wide(f"{last}…") > room:
        last = last[:-1]
    return [*broken[: lines - 1], f"{last.rstrip()}…"]


def _broken(words: list[str], room: float) -> Iterator[str]:
    line = ""
    for word in words:
        begun = f"{line} {word}" if line else word
        if _wide(begun) <= room:
            line = begun
            continue
        if line:
            yield line
        line = ""
        for character in word:
            if line and _wide(line + character) > room:
                yield line
                line = ""
            line += character
    if line:
        yield line


def _wide(text: str) -> float:
    return sum(map(_width, text))


def _width(character: str) -> float:
    if unicodedata.combining(character) or character == "\u200d":
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.3 if unicodedata.category(character) == "So" else 1.05
    if character in _WIDE:
        return 1.15
    if character in _NARROW:
        return 0.45
    return 0.85 if character.isupper() else 0.72 if character.isascii() else 1.0
