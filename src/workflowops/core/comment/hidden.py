"""The parts of a Markdown comment that GitHub shows as code or quotation, or not at all."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]

_HIDING = re.compile(
    "blockquote|code|del|head|iframe|kbd|math|noembed|noframes|noscript|object|plaintext|pre|q|s|samp|script|strike|"
    "style|svg|template|textarea|title|tt|var|xmp"
)
"""Elements that show what they hold as code or quotation, crossed out, or not at all."""

_BLOCKS = (
    "address|article|aside|base|basefont|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|"
    "figcaption|figure|footer|form|frame|frameset|h[1-6]|header|hr|html|legend|li|link|main|menu|menuitem|nav|ol|"
    "optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|tr|track|ul|blockquote|head|iframe|"
    "noframes|pre|script|style|textarea|title"
)
"""Elements that begin a block of HTML at the begin of a line."""

_PREFIX = r"[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
_FENCE = rf"{_PREFIX}(?:`{{3,}}(?=[^`\n]*$)|~{{3,}})"
_MARKUP = r"<(?:!--|!\[CDATA\[|\?|![a-z])"
_OPENING = re.compile(
    rf"""^(?P<fence>{_FENCE})[^\n]*
    | ^{_PREFIX}(?P<quotation>>)
    | ^{_PREFIX}\[(?:[^\[\]\\]|\\[^\n])+\](?P<definition>:)
    | (?P<markup>(?P<block>^{_PREFIX})?(?P<kind>{_MARKUP}))
    | (?P<tag>(?:(?P<first>^{_PREFIX})(?=</?(?:{_BLOCKS})(?:[\s>/]|\Z)))?<(?P<slash>/?)(?P<name>[a-z][a-z0-9-]*))
    | (?P<escape>\\[\\`<$!\[\]])
    | (?P<ticks>`+)
    | (?P<math>\$\$)
    | (?P<link>!\[|\]\(|\]\[)""",
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
_TICKS = re.compile(r"`+")
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>", "$$": "$$"}
_DECLARATION_END = ">"
_VALUE = r"\s*=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s>\"'][^\s>]*)?"
_REST_OF_TAG = re.compile(rf"(?:[\s/]+|[^\s/>][^\s/>=]*(?:{_VALUE})?)*+>")
_LINK_ON_ITS_LINE = {
    "![": re.compile(r"(?:[^\[\]\n\\]|\\.|\[[^\[\]\n]*\])*+\]"),
    "][": re.compile(r"[^\[\]\n]*\]"),
    "](": re.compile(
        r"""(?:[^()\s\\]|\\.|\([^()\s]*\)|[ \t]++(?!["'(]))*+"""
        r"""(?:[ \t]+(?:"(?:[^"\n\\]|\\.)*+"|'(?:[^'\n\\]|\\.)*+'|\([^()\n]*\)))?[ \t]*\)"""
    ),
}
_PARAGRAPH_END = re.compile(
    rf"^(?:[ \t]*$|{_FENCE}|{_PREFIX}(?:>|{_MARKUP}|</?(?:{_BLOCKS})(?:[\s>/]|\Z)))", re.MULTILINE | re.IGNORECASE
)
_MATH_BLOCK = re.compile(r"^[ \t]*\$\$[^$]*(?:\$[^$]+)*+\$\$", re.MULTILINE)


def hidden_spans(text: str) -> tuple[Span, ...]:
    """Answer where what is shown as something else, or not at all, begins and ends, in order and apart.

    That is code, mathematics, quotations with the lines that GitHub draws into them, HTML comments and the like, tags,
    the elements of `_HIDING` and what they hold, and links over several lines. Lines must end with a line feed alone.
    In doubt a place is hidden: a command that is not seen can be given again, one that was only shown must not be
    obeyed. The time grows with the length of the text and hardly more, whatever it holds.
    Source: the CommonMark specification 0.31 for Markdown, the HTML standard for where a tag ends.
    """
    return tuple(_apart(sorted([*_spans(text), *_math_blocks(text)])))


def is_hidden(spans: tuple[Span, ...], position: int) -> bool:
    """Say whether a position lies in one of the spans."""
    after = bisect_left(spans, (position + 1,))
    return after > 0 and position < spans[after - 1][1]


def _apart(spans: Iterable[Span]) -> Iterator[Span]:
    """Join spans that lie in each other."""
    begin, end = -1, -1
    for span in spans:
        if span[0] < end:
            end = max(end, span[1])
            continue
        if begin >= 0:
            yield begin, end
        begin, end = span
    if begin >= 0:
        yield begin, end


def _spans(text: str) -> Iterator[Span]:
    """Answer spans that may lie in each other: what an element holds is read for code and comments all the same."""
    ends = _Ends.of(text)
    opened: dict[str, list[int]] = {}
    position = 0
    while (found := _OPENING.search(text, position)) is not None:
        end = _end(text, found, ends)
        if end is not None:
            yield found.start(), end
        position = found.end() if end is None else end
        name = (found["name"] or "").lower()
        if text[position - 1] != ">" or not _HIDING.fullmatch(name):
            continue
        if not found["slash"]:
            opened.setdefault(name, []).append(found.start())
        elif opened.get(name):
            yield opened[name].pop(), position
    yield from ((start, len(text)) for starts in opened.values() for start in starts)


def _math_blocks(text: str) -> Iterator[Span]:
    """Answer from lines that begin with `$$` to the next such mark, also over blank lines."""
    position = 0
    while (found := _MATH_BLOCK.search(text, position)) is not None:
        yield found.span()
        position = found.end()


def _end(text: str, found: re.Match[str], ends: "_Ends") -> int | None:
    """Answer where what was opened ends; None when it is plain text after all."""
    start = found.end()
    paragraph = _first(ends.paragraphs, start) or len(text)
    match found.lastgroup:
        case "fence":
            return _end_of_fence(text, fence=found["fence"], start=start)
        case "quotation" | "definition":
            return paragraph
        case "markup":
            places = ends.marks[_ENDS.get(found["kind"].upper(), _DECLARATION_END)]
            start -= 2 if found["kind"] == "<!--" else 0
            if found["block"] is not None:
                return _first(places, start) or len(text)
            return _first(places, start, before=paragraph)
        case "tag":
            last = len(text) if found["first"] is not None else paragraph
            rest = _REST_OF_TAG.match(text, start, last)
            return last if rest is None else rest.end()
        case "ticks":
            return _first(ends.ticks.get(len(found["ticks"]), []), start, before=paragraph)
        case "math":
            return _first(ends.marks["$$"], start, before=paragraph)
        case "link":
            return None if _LINK_ON_ITS_LINE[found["link"]].match(text, start) else paragraph
        case _:
            return None


def _end_of_fence(text: str, *, fence: str, start: int) -> int:
    """Answer where a code block ends: at its closing fence, if that is one beyond doubt.

    How far a closing fence may be indented depends on the list it stands in. One that closes in one reading and opens
    the next code block in another hides everything below it.
    """
    prefix = re.match(_PREFIX, fence)
    before = "" if prefix is None else prefix[0]
    width, mark = len(before.expandtabs(4)), fence[len(before) :]
    most = 3 if width < 2 else max(3, width)
    if before.strip():
        most = width + 3
    for found in re.compile(rf"^([ \t]*){mark[0]}{{{len(mark)},}}[ \t]*$", re.MULTILINE).finditer(text, start):
        indent = len(found[1].expandtabs(4))
        if (width if width > 1 else 0) <= indent <= most:
            return found.end()
        if indent <= max(most, width + 3 if width > 1 else 3):
            break
    return len(text)


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
    marks: dict[str, list[Span]]
    paragraphs: list[Span]

    @classmethod
    def of(cls, text: str) -> "_Ends":
        """Find them all."""
        ticks: dict[int, list[Span]] = {}
        for found in _TICKS.finditer(text):
            ticks.setdefault(len(found[0]), []).append(found.span())
        marks = {
            mark: [found.span() for found in re.finditer(re.escape(mark), text)]
            for mark in (*_ENDS.values(), _DECLARATION_END)
        }
        return cls(ticks, marks, [(found.start(),) * 2 for found in _PARAGRAPH_END.finditer(text)])
