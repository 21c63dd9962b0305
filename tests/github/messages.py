"""Requests and answers of the REST API, as the proxy passes them along."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody sent; `target` is the path with the query, `login` whoever the token belongs to."""

    method: str
    target: str
    body: bytes = b""
    login: str | None = None

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        """The body, decoded; {} when there is none, or none that can be."""
        try:
            return json.loads(self.body) if self.body else {}
        except ValueError:
            return {}

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Send = Callable[[Request], Answer]


def answer(status: int, content: Any, **headers: str) -> Answer:
    """An answer in JSON; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(content).encode(), {"content-type": "application/json; charset=utf-8"} | named)


def refusal(status: int, message: str, **headers: str) -> Answer:
    """An error as GitHub words it."""
    return answer(status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}, **headers)


def invalid(resource: str, field_name: str, code: str, message: str = "") -> Answer:
    """422, with what is wrong with which field."""
    error = {"resource": resource, "field": field_name, "code": code}
    errors = [error | {"message": message} if message else error]
    content = {"message": "Validation Failed", "errors": errors, "documentation_url": DOCUMENTATION, "status": "422"}
    return answer(422, content)


def page(items: list[Any], request: Request, *, url: str) -> Answer:
    """One page of a list, with the addresses of its neighbours; `url` is the server's."""
    number, size = int(request.query.get("page", 1)), min(100, int(request.query.get("per_page", 30)))
    last = max(1, -(-len(items) // size))
    named = {"next": number + 1, "last": last} if number < last else {}
    named |= {"first": 1, "prev": number - 1} if number > 1 else {}
    links = ", ".join(
        f'<{url}{urlsplit(request.target).path}?{urlencode(request.query | {"page": str(to)})}>; rel="{name}"'
        for name, to in named.items()
    )
    found = answer(200, items[(number - 1) * size : number * size])
    return Answer(200, found.body, {**found.headers, "link": links} if links else found.headers)
