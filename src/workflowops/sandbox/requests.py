"""A request as the stand-in sees it, and the answer it gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workflowops.core.json import Json
from workflowops.sandbox.javascript import write
from workflowops.sandbox.store import Store

JSON_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Call:
    """A request that found its route: everything a handler may look at."""

    store: Store
    scopes: frozenset[str]
    names: Mapping[str, str]
    """What the path's placeholders hold."""
    query: Mapping[str, Sequence[str]]
    body: Json = None

    def name(self) -> str:
        """The first placeholder of the path."""
        return next(iter(self.names.values()))


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body in pieces, content type, further headers."""

    status: int
    body: Sequence[bytes]
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(value: object, *, status: int = 200) -> Answer:
    """An answer that holds a JSON value."""
    return Answer(status, [write(value)])


def refusal(status: int, message: str, details: Mapping[str, str] | None = None) -> Answer:
    """An answer that says no, in the shape of n8n's public API."""
    return answer({"message": message, **(details or {})}, status=status)


def html(status: int, words: str) -> Answer:
    """The page of n8n's web framework, for what goes wrong before the API is reached."""
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n<body>\n'
        f"<pre>{words}</pre>\n</body>\n</html>\n"
    )
    return Answer(status, [page.encode()], "text/html; charset=utf-8")
