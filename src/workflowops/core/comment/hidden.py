"""The parts of a Markdown comment that GitHub shows as code or quotation, or not at all."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

Span = tuple[int, int]

_TAGS = "pre|code|blockquote|script|style|textarea"
_FENCE = r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}(?=[^`\n]*$)|~{3,})"
_OPENING = re.compile(
    rf"""^(?P<fence>{_FENCE})[^\n]*
    | ^[ ]{{0,3}}(?P<quotation>>)[^\n]*
    | ^[ ]{{0,3}}(?P<html><!--)
    | (?P<comment><!--)
    | (?P<escape>\\[\\`<])
    | (?P<ticks>`+)
    | <(?P<tag>{_TAGS})(?=[\s>/])""",
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
_TICKS = re.compile(r"`+")
_COMMENT_END = re.compile(r"-->")
_TAG_END = re.compile(rf"</({_TAGS})(?=[\s>])", re.IGNORECASE)
_PARAGRAPH_END = re.compile(rf"^(?:[ \t]*$|{_FENCE}|[ ]{{0,3}}>)", re.MULTILINE)


def hidden_spans(text: str) -> tuple[Span, ...]:
    """Answer where code, quotations and HTML comments begin and end, in order; lines must end with a line feed alone.

    In doubt a place is hidden: a command that is not seen can be given again, one that was only shown must not be
    obeyed. The time grows with the length of the text and hardly more, whatever it holds.
    Source: the CommonMark specification 0.31, as far as it decides what is code.
    """
    return tuple(_spans(text))


def is_hidden(spans: tuple[Span, ...], position: int) -> bool:
    """Say whether a position lies in one of the spans."""
    after = bisect_left(spans, (position + 1,))
    return after > 0 and position < spans[after - 1][1]


def _spans(text: str) -> Iterator[Span]:
    ends = _Ends.of(text)
    position = 0
    while (found := _OPENING.search(text, position)) is not None:
        end = _end(text, found, ends)
        if end is not None:
            yield found.start(), end
        position = found.end() if end is None else end


def _end(text: str, found: re.Match[str], ends: "_Ends") -> int | None:
    """Answer where what was opened ends; None when it is plain text after all."""
    start = found.end()
    match found.lastgroup:
        case "fence":
            return _end_of_fence(text, mark=found["fence"].lstrip(" \t-*+0123456789.)"), start=start)
        case "quotation":
            return start
        case "escape":
            return None
        case "ticks":
            return _first(ends.ticks.get(len(found["ticks"]), []), start, before=_first(ends.paragraphs, start))
        case "comment":
            return _first(ends.comments, start - 2, before=_first(ends.paragraphs, start))
        case "html":
            return _first(ends.comments, start - 2) or len(text)
        case _:
            return _first(ends.tags.get(found["tag"].lower(), []), start) or len(text)


def _end_of_fence(text: str, *, mark: str, start: int) -> int:
    closing = re.compile(rf"^[ \t]*{mark[0]}{{{len(mark)},}}[ \t]*$", re.MULTILINE).search(text, start)
    return len(text) if closing is None else closing.end()


def _first(places: list[Span], start: int, *, before: int | None = None) -> int | None:
    """Answer the end of the first place from `start` on."""
    found = bisect_left(places, (start,))
    if found == len(places) or (before is not None and places[found][0] >= before):
        return None
    return places[found][1]


@dataclass(frozen=True, slots=True)
class _Ends:
    """Where things can end, found once: looking again from every opening would take the square of the time."""

    ticks: dict[int, list[Span]]
    tags: dict[str, list[Span]]
    comments: list[Span]
    paragraphs: list[Span]

    @classmethod
    def of(cls, text: str) -> "_Ends":
        """Find them all."""
        ticks: dict[int, list[Span]] = {}
        for found in _TICKS.finditer(text):
            ticks.setdefault(len(found[0]), []).append(found.span())
        tags: dict[str, list[Span]] = {}
        for found in _TAG_END.finditer(text):
            tags.setdefault(found[1].lower(), []).append(found.span())
        comments = [found.span() for found in _COMMENT_END.finditer(text)]
        return cls(ticks, tags, comments, [(found.start(),) * 2 for found in _PARAGRAPH_END.finditer(text)])
