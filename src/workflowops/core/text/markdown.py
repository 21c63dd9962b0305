"""Markdown for GitHub, in which everything that comes from n8n is data and nothing in it is markup."""

import re
from collections.abc import Iterable, Sequence

from workflowops.core.text.plain import visible

_ENTITIES = str.maketrans({character: f"&#{ord(character)};" for character in "&<>|`*_[]\\~$#!@"})
_SCHEME = re.compile(r":(?=//)")
_WWW = re.compile(r"(?i)\b(www)\.")
_GITHUB_ISSUE = re.compile(r"(?i)\b(gh)(?=-\d)")
_BACKTICKS = re.compile(r"`+")


def code(text: str) -> str:
    """Answer a text as inline code, safe in paragraphs, table cells, lists and `<summary>` alike.

    Written as HTML with every sign of Markdown as an entity: in a table, a backtick span ends at a pipe. GitHub links
    no mention, issue number or commit inside `<code>`.
    """
    return f"<code>{_entities(visible(text)) or '&nbsp;'}</code>"


def escaped(text: str) -> str:
    """Answer a text as plain prose: no markup, no mention, no reference to an issue, no link.

    Entities alone would not do: GitHub looks for `@name` and `#12` in the finished page. An invisible character
    (U+200B) keeps them apart, as Renovate does it.
    """
    apart = _entities(visible(text)).replace("&#64;", "&#64;&#8203;").replace("&#35;", "&#35;&#8203;")
    return _GITHUB_ISSUE.sub(r"\1&#8203;", apart)


def _entities(text: str) -> str:
    return _WWW.sub(r"\1&#46;", _SCHEME.sub("&#58;", text.translate(_ENTITIES)))


def fence(lines: Iterable[str], language: str = "") -> list[str]:
    """Answer lines as a code block whose fence is longer than any run of backticks in it."""
    body = [visible(line) for line in lines]
    longest = max((len(run) for line in body for run in _BACKTICKS.findall(line)), default=0)
    marks = "`" * max(3, longest + 1)
    return [f"{marks}{language}", *body, marks]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Answer a table. Cells are Markdown already: made by `code`, `escaped` or from words of our own."""
    return [
        f"| {' | '.join(header)} |",
        f"|{'|'.join(' --- ' for _ in header)}|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def details(summary: str, body: Iterable[str], *, is_open: bool = False) -> list[str]:
    """Fold lines away under a summary that is Markdown-free HTML, such as `code` answers."""
    return [f"<details{' open' if is_open else ''}><summary>{summary}</summary>", "", *body, "", "</details>"]


def joined(blocks: Iterable[Sequence[str]]) -> list[str]:
    """Put blocks of lines below each other, one blank line between: Markdown after HTML needs it."""
    lines: list[str] = []
    for block in blocks:
        if block:
            lines += ["", *block] if lines else block
    return lines


def with_commands(step: str) -> str:
    """Keep our own backticks as code; everything between them is escaped."""
    parts = step.split("`")
    return "".join(code(part) if number % 2 else escaped(part) for number, part in enumerate(parts))


def size(lines: Iterable[str]) -> int:
    """Answer how many bytes lines take in a file, line ends included."""
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)
