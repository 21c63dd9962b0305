"""Folding: texts broken into lines that never are wider than the terminal, whatever is written in them."""

from collections.abc import Iterator

from workflowops.core.text.plain import columns


def folded(text: str, width: int, *, indent: str = "", hanging: str | None = None) -> list[str]:
    """Break a text between words, and within words that are longer than a line; East Asian signs take two columns.

    `hanging` indents the second line and those after it, as `indent` the first; both are `indent` when left out.
    """
    later = indent if hanging is None else hanging
    lines: list[str] = []
    line = start = indent
    for word in text.split(" "):
        for piece in _pieces(word, max(width - max(columns(indent), columns(later)), 2)):
            if line != start and columns(line) + 1 + columns(piece) > width:
                lines.append(line.rstrip())
                line = start = later
            line += piece if line == start else f" {piece}"
    return [*lines, line.rstrip()]


def _pieces(word: str, room: int) -> Iterator[str]:
    piece = ""
    for character in word:
        if columns(piece + character) > room:
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece
