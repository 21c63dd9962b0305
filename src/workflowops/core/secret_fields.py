"""Values of fields whose name says that they hold a secret: which part of them is it."""

import re
from collections.abc import Iterator

from workflowops.core.secret_names import is_stand_in, without_scheme
from workflowops.core.secret_shapes import Span

_QUOTED = re.compile(
    r"(?P<step>(?<=[\w)\]])\[\s*|\$\w*\(\s*)?(?P<quote>[\"'`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)", re.DOTALL
)
_SHORTEST_IN_CODE = 6


def credential_spans(text: str, *, name: str) -> list[Span]:
    """Find the secret in the value of a field whose `name`, such as `apiKey` or `Authorization`, is that of a secret.

    Everything literal is one, apart from a scheme (`Bearer`) and from what visibly stands for a secret. An expression
    is none as long as it only refers to something: `={{ $env.TOKEN }}`, `=Bearer {{ $json["token"] }}`.
    """
    found: list[tuple[int, int]] = []
    position = 1 if text.startswith("=") else 0
    while (opening := text.find("{{", position)) >= 0 and (closing := text.find("}}", opening)) >= 0:
        found += _literal(text, position, opening)
        found += _literals_in_code(text, opening + 2, closing)
        position = closing + 2
    found += _literal(text, position, len(text))
    return [Span(start, end, f"value of `{name}`") for start, end in found]


def _literal(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Narrow a piece of text to the credentials in it: without spaces, scheme and quotes around them."""
    piece = text[start:end]
    core = without_scheme(piece.lstrip(" \t\n\"'`"))
    start = end - len(core)
    core = core.rstrip(" \t\n\"'`")
    if core and not is_stand_in(core) and not is_stand_in(piece):
        yield start, start + len(core)


def _literals_in_code(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find the quoted texts of an expression that are no names of fields or nodes (`$json["x"]`, `$("Node")`)."""
    for match in _QUOTED.finditer(text, start, end):
        if match["step"] is None and len(without_scheme(match["text"]).strip()) >= _SHORTEST_IN_CODE:
            yield from _literal(text, match.start("text"), match.end("text"))
