"""From a raw request to an answer: the order in which n8n checks things, without sockets."""

import base64
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote, urlsplit

from workflowops.core.json import Json
from workflowops.sandbox.faults import Drop, Ending, Fault, Faults
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.instance import Instance
from workflowops.sandbox.javascript import read
from workflowops.sandbox.refusal import Refused
from workflowops.sandbox.requests import Answer, Call, answer, html, refusal
from workflowops.sandbox.route import Route, find_route
from workflowops.sandbox.routes import routes_of

_API = "/api/v1"
_LARGEST_BODY = 16 * 1024 * 1024
_EDITOR = (
    b'<!DOCTYPE html>\n<html lang="en">\n\t<head>\n\t\t<meta charset="utf-8" />\n'
    b"\t\t<title>n8n.io - Workflow Automation</title>\n\t</head>\n\t<body></body>\n</html>\n"
)


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request as the log keeps it: the path without the sandbox's prefix, the query as it came."""

    method: str
    path: str
    query: str = ""
    status: int = 0
    """What was answered; 0 while it is not, and when the connection was dropped."""

    def __str__(self) -> str:
        """Write it as a line: `GET /api/v1/workflows?limit=250`."""
        return f"{self.method} {self.path}{'?' if self.query else ''}{self.query}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request off the wire; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What goes back: an answer, perhaps cut short, or nothing where `ending` says how the connection ends instead."""

    answer: Answer
    truncate_to: int | None = None
    ending: Ending | None = None


class Application:
    """Answers requests for one instance, with the latency, faults and hooks a test wants."""

    def __init__(self, instance: Instance, *, latency: float = 0.0, path_prefix: str = "") -> None:
        self.instance = instance
        self.latency = latency
        self.path_prefix = path_prefix.rstrip("/")
        self.faults = Faults()
        self.seen: list[SeenRequest] = []
        self.hooks: list[Callable[[SeenRequest], None]] = []
        self._routes = routes_of(instance.store.generation)
        self._openapi: bytes | None = None

    def handle(self, incoming: Incoming) -> Outgoing:
        """Answer a request as the real server would, unless a fault was ordered."""
        parts = urlsplit(incoming.target)
        request = SeenRequest(incoming.method, parts.path.removeprefix(self.path_prefix), parts.query)
        for hook in list(self.hooks):
            hook(request)
        fault = self.faults.take(method=request.method, path=request.path) or Fault()
        time.sleep(self.latency + fault.delay)
        if fault.drop == Drop.BEFORE:
            self.seen.append(request)
            return Outgoing(answer(None), ending=Ending(fault.ending))
        given = None
        if fault.status is None or fault.is_carried_out:
            given = self._answer(incoming, request, is_inside=parts.path.startswith(self.path_prefix))
        if given is None or fault.status is not None:
            given = Answer(fault.status or 500, [fault.body], fault.content_type, fault.headers)
        if fault.drop == Drop.AFTER:
            self.seen.append(request)
            return Outgoing(given, ending=Ending(fault.ending))
        self.seen.append(replace(request, status=given.status))
        return Outgoing(given, truncate_to=fault.truncate_to)

    def _answer(self, incoming: Incoming, request: SeenRequest, *, is_inside: bool) -> Answer:
        if not is_inside:
            return html(404, f"Cannot {request.method} {request.path}")
        if request.path in ("/healthz", "/healthz/readiness"):
            return answer({"status": "ok"})
        if not request.path.startswith(_API + "/"):
            return Answer(200, [_EDITOR], "text/html; charset=utf-8")
        if request.path == f"{_API}/openapi.yml":
            return Answer(200, [self._openapi_text()], "text/yaml; charset=utf-8")
        try:
            given = self._answer_api(incoming, request)
        except Refused as refused:
            return refusal(refused.status, refused.message, refused.details)
        return _conditional(given, incoming) if request.method == "GET" else given

    def _answer_api(self, incoming: Incoming, request: SeenRequest) -> Answer:
        """The order of the checks is the server's: body, route, key, scope, content type, then the endpoint's own."""
        if len(incoming.body) > _LARGEST_BODY:
            return html(413, "PayloadTooLargeError: request entity too large")
        try:
            body = read(incoming.body) if incoming.body and _is_json(incoming) else None
        except ValueError:
            return html(500, "ResponseError: Failed to parse request body")
        route, names, exists = find_route(self._routes, request.method, request.path.removeprefix(_API))
        if route is None:
            return refusal(405, f"{request.method} method not allowed") if exists else refusal(404, "not found")
        scopes = self._scopes(incoming, route)
        if route.body is not None and not _is_json(incoming) and (route.needs_body or incoming.body):
            given = incoming.headers.get("content-type", "undefined")
            return refusal(415, f"unsupported media type {given}")
        query = parse_qs(request.query, keep_blank_values=True)
        names = {name: unquote(value) for name, value in names.items()}
        with self.instance.lock:
            return route.handler(Call(self.instance.store, scopes, names, query, _filled(body, route)))

    def _scopes(self, incoming: Incoming, route: Route) -> frozenset[str]:
        """Answer what the key may do. Raises Refused (401, 403); 1.x without a licence lets every key do everything."""
        store = self.instance.store
        key = incoming.headers.get("x-n8n-api-key")
        if key not in store.keys:
            words = "'X-N8N-API-KEY' header required" if key is None else "unauthorized"
            raise Refused(401, words if store.generation is Generation.V1 else "Unauthorized")
        if store.generation is Generation.V1:
            return frozenset({*store.keys[key], route.scope, "workflow:activate"})
        if route.scope and route.scope not in store.keys[key]:
            raise Refused(403, "Forbidden")
        return store.keys[key]

    def _openapi_text(self) -> bytes:
        if self._openapi is None:
            from workflowops.sandbox.openapi import openapi_text

            self._openapi = openapi_text(self._routes, self.instance.store.generation)
        return self._openapi


def _is_json(incoming: Incoming) -> bool:
    return incoming.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _filled(body: Json, route: Route) -> Json:
    return {} if body is None and route.body is not None else body


def _conditional(given: Answer, incoming: Incoming) -> Answer:
    """Add the weak ETag, and answer 304 to the client that has it already."""
    if given.status != 200:
        return given
    digest = hashlib.sha1(usedforsecurity=False)
    for piece in given.body:
        digest.update(piece)
    length = sum(map(len, given.body))
    tag = f'W/"{length:x}-{base64.b64encode(digest.digest()).decode().rstrip("=")}"'
    if tag in incoming.headers.get("if-none-match", ""):
        return replace(given, status=304, body=[], headers={"ETag": tag})
    return replace(given, headers={"ETag": tag})
