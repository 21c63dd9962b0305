"""One request to GitHub and its answer, as values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from workflowops.core.json import Json, JsonObject, parse

_NEXT = re.compile(r'<([^<>]*)>[^<>]*;\s*rel="?next"?')


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request. `path` is below the API's address and quoted; `task` says what it is for: "Could not <task> in o/r".

    `needs` is the line of a workflow's `permissions` that allows it.
    """

    method: str
    path: str
    task: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    needs: str = "issues: write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer. `headers` have lower-case names; `data` is None when there is no content, or it is no JSON.

    `is_readable` tells whether there is either no content or a whole JSON document.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    data: Json
    is_readable: bool

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str], text: str) -> Self:
        """Read an answer; what it holds may be anything."""
        try:
            data, is_readable = (parse(text) if text.strip() else None), True
        except ValueError:
            data, is_readable = None, False
        return cls(status=status, headers=headers, text=text, data=data, is_readable=is_readable)

    @property
    def is_html(self) -> bool:
        """Tell whether it is a page for people."""
        return "html" in self.headers.get("content-type", "").lower() or self.text.lstrip()[:1] == "<"

    @property
    def message(self) -> str:
        """Answer GitHub's own words: `message`, and what `errors` add to it; empty when there are none."""
        data = self.data
        if not isinstance(data, dict):
            return ""
        errors = data.get("errors")
        words = [_text(data.get("message")), *map(_error, errors if isinstance(errors, list) else [errors])]
        return ": ".join(word.rstrip(".") for word in words if word)

    @property
    def error_codes(self) -> frozenset[str]:
        """Answer the `code` of every entry of `errors`, such as `already_exists`."""
        data = self.data
        errors = data.get("errors") if isinstance(data, dict) else None
        entries = errors if isinstance(errors, list) else []
        return frozenset(_text(entry.get("code")) for entry in entries if isinstance(entry, dict))

    def next_path(self, *, prefix: str) -> str | None:
        """Answer the path and query of the next page below the API's address; None on the last page.

        The host that it names is not looked at: the token goes where it was meant to go, and nowhere else.
        Source: docs.github.com, "Using pagination in the REST API".
        """
        found = _NEXT.search(self.headers.get("link", ""))
        if found is None:
            return None
        parts = urlsplit(found.group(1))
        return f"/{parts.path.removeprefix(prefix).lstrip('/')}?{parts.query}"


def _error(error: Json) -> str:
    """Answer what one entry of `errors` says: a sentence, or resource, field and code."""
    if isinstance(error, dict):
        fields = [_text(error.get(name)) for name in ("resource", "field", "code")]
        return _text(error.get("message")) or " ".join(word for word in fields if word)
    return _text(error)


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
