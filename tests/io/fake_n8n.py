"""A server that pages and fails as n8n and the proxies in front of it do, and a client for one piece of work."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import pytest

from workflowops.core.abilities import Abilities
from workflowops.core.listing import Page
from workflowops.errors import N8nError
from workflowops.io.n8n import N8nClient

KEY = "eyJhbGciOiJIUzI1NiJ9.secret-of-the-test"
Result = TypeVar("Result")
Answering = Callable[[httpx.Request], httpx.Response]
STACK_PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body><pre>SyntaxError: x</pre></body></html>"


def workflow(identity: str, **changes: Any) -> dict[str, Any]:
    """A workflow as n8n 2.41 answers it."""
    return {
        "id": identity,
        "name": f"Workflow {identity}",
        "active": False,
        "isArchived": False,
        "updatedAt": "2026-01-02T00:00:00.000Z",
        "versionId": "v1",
        "nodes": [],
        "connections": {},
        "nodeGroups": [],
        "settings": {},
        "tags": [],
        "activeVersion": None,
    } | changes


def many(count: int, *, step: int = 1) -> dict[str, dict[str, Any]]:
    """As many workflows, by id."""
    return {identity: workflow(identity) for identity in (f"{number * step:06d}" for number in range(count))}


@dataclass
class FakeN8n:
    """An n8n over a store that tests may change at any time.

    `refuses_offset` behaves like versions before the parameter came, which answer 400. `mangle` may replace the answer
    to the n-th request (from 1); `before` is told its number before it is looked at. `seen` are the requests.
    """

    store: dict[str, dict[str, Any]] = field(default_factory=dict)
    refuses_offset: bool = False
    has_openapi: bool = True
    mangle: dict[int, Answering | httpx.Response | Exception] = field(default_factory=dict)
    before: Callable[[int], None] = lambda _: None
    seen: list[httpx.Request] = field(default_factory=list)
    prefix: str = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        number = len(self.seen)
        self.before(number)
        mangled = self.mangle.get(number)
        if isinstance(mangled, Exception):
            raise mangled
        if mangled is not None:
            return mangled if isinstance(mangled, httpx.Response) else mangled(request)
        return self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(f"{self.prefix}/api/v1")
        if path == request.url.path:
            return page_for_people(404, "Cannot GET")
        if path == "/openapi.yml":
            return (
                httpx.Response(200, text=OPENAPI, headers={"content-type": "text/yaml"})
                if self.has_openapi
                else nothing()
            )
        if request.headers.get("x-n8n-api-key") != KEY:
            return httpx.Response(401, json={"message": "Unauthorized"})
        if path == "/discover":
            return httpx.Response(200, json=DISCOVERED)
        if path == "/workflows":
            return self.listing(request.url.params)
        found = self.store.get(path.removeprefix("/workflows/"))
        return httpx.Response(200, json=found) if found else httpx.Response(404, json={"message": "Not Found"})

    def listing(self, query: httpx.QueryParams) -> httpx.Response:
        if self.refuses_offset and "offset" in query:
            return httpx.Response(400, json={"message": "Unknown query parameter 'offset'"})
        limit, offset = int(query["limit"]), int(query.get("offset", "0"))
        if "cursor" in query:
            position = json.loads(base64.b64decode(query["cursor"]))
            limit, offset = position["limit"], position["offset"]
        ids = sorted(self.store)
        onward = {"limit": limit, "offset": offset + limit} if len(ids) > offset + limit else None
        cursor = None if onward is None else base64.b64encode(json.dumps(onward).encode()).decode()
        data = [self.store[identity] for identity in ids[offset : offset + limit]]
        return httpx.Response(200, json={"data": data, "nextCursor": cursor})

    def queries(self) -> Sequence[dict[str, str]]:
        return [dict(request.url.params) for request in self.seen]


def page_for_people(status: int, title: str, **headers: str) -> httpx.Response:
    """An HTML page, as proxies and login pages send it."""
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>"
    return httpx.Response(status, text=text, headers={"content-type": "text/html; charset=utf-8"} | headers)


def nothing() -> httpx.Response:
    return httpx.Response(404, json={"message": "not found"})


def cut(length: int) -> Answering:
    """An answer that ends too early though its length is right, as behind a proxy with a small buffer."""

    def answer(_: httpx.Request) -> httpx.Response:
        text = json.dumps({"data": [workflow("a"), workflow("b")], "nextCursor": None})[:length]
        return httpx.Response(200, text=text, headers={"content-type": "application/json"})

    return answer


OPENAPI = """
openapi: 3.0.0
paths:
  /workflows: {get: {parameters: [{name: offset, in: query}, {name: excludePinnedData, in: query}]}}
  /discover: {get: {}}
"""
ENDPOINTS = [{"method": "POST", "path": "/api/v1/workflows/{workflowId}/publish", "operationId": "publish"}]
DISCOVERED = {"data": {"scopes": [], "resources": {"workflow": {"operations": [], "endpoints": ENDPOINTS}}}}


class Naps:
    """A sleep that takes no time and remembers how long it was meant to be."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def use(
    server: Callable[[httpx.Request], Any],
    work: Callable[[N8nClient], Awaitable[Result]],
    *,
    naps: Naps | None = None,
    url: str = "https://n8n.example.com",
    key: str = KEY,
    random: Callable[[], float] = lambda: 1.0,
) -> Result:
    """Do some work with a client of a server that lives in this process."""

    async def run() -> Result:
        transport = httpx.MockTransport(server)
        async with N8nClient(url, key, transport=transport, sleep=naps or Naps(), random=random) as n8n:
            return await work(n8n)

    return asyncio.run(run())


async def all_pages(n8n: N8nClient, abilities: Abilities | None = None) -> list[Page]:
    return [page async for page in n8n.list_workflows(abilities=abilities)]


def listed_ids(server: FakeN8n, *, abilities: Abilities | None = None, naps: Naps | None = None) -> list[str]:
    pages = use(server, lambda n8n: all_pages(n8n, abilities), naps=naps)
    return [each.id for page in pages for each in page.workflows]


def failure(server: Callable[[httpx.Request], Any], *, naps: Naps | None = None, **how: Any) -> N8nError:
    """The error that a listing ends in."""
    with pytest.raises(N8nError) as caught:
        use(server, all_pages, naps=naps, **how)
    assert caught.value.fix
    assert KEY not in f"{caught.value} {caught.value.fix} {caught.value!r}"
    return caught.value
