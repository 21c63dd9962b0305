"""Holds requests and answers to GitHub's own description of its API, as slim_openapi.py cut it down."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs

DESCRIPTION = Path(__file__).with_name("openapi.json")
# The text of the documentation allows the bare list of names that PyGithub sends; the schema does not.
BODIES_NOT_CHECKED = {"issues/add-labels", "issues/set-labels"}
REDIRECTS = {301, 302, 307, 308}
# What any address of the platform may answer, documented there or not: it is elsewhere by now, no token, no right,
# nothing there, limits, and its own failures.
ANYWHERE = REDIRECTS | {401, 403, 404, 429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what came back. `path` is from the host's root, with the query; bodies are as they were sent."""

    method: str
    path: str
    body: bytes | None
    status: int | None = None
    answer: bytes = b""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the API, with its checks compiled. `answers` is by status; None: there is no JSON body."""

    id: str
    path: re.Pattern[str]
    literal_parts: int
    path_parameters: Mapping[str, jsonschema_rs.Validator]
    query: Mapping[str, jsonschema_rs.Validator]
    body: jsonschema_rs.Validator | None
    body_properties: frozenset[str] | None
    is_body_required: bool
    answers: Mapping[int, jsonschema_rs.Validator | None]


@dataclass(slots=True)
class Contract:
    """Every operation that we use, by method."""

    operations: Mapping[str, tuple[Operation, ...]] = field(repr=False)

    def operation(self, method: str, path: str) -> Operation | None:
        """Answer the operation of an address; of several, the one with the fewest parameters, as routers do."""
        found = [each for each in self.operations.get(method, ()) if each.path.fullmatch(plain_path(path))]
        return max(found, key=lambda each: each.literal_parts, default=None)

    def faults(self, exchange: Exchange) -> tuple[str, ...]:
        """Say in sentences what GitHub would not take of the request, and what it would never have answered."""
        operation = self.operation(exchange.method, exchange.path)
        asked = f"{exchange.method} {exchange.path}"
        if operation is None:
            return (f"{asked}: GitHub has no such operation, or openapi.json lacks it.",)
        found = [*_request_faults(operation, exchange)]
        if exchange.status is not None:
            found += _answer_faults(operation, exchange)
        return tuple(f"{asked} ({operation.id}): {each}" for each in found)


def plain_path(path: str) -> str:
    """Without the query, and without the prefix that a GitHub of one's own has."""
    return urlsplit(path).path.removeprefix("/api/v3") or "/"


def _request_faults(operation: Operation, exchange: Exchange) -> Iterator[str]:
    match = operation.path.fullmatch(plain_path(exchange.path))
    for name, value in (match.groupdict() if match else {}).items():
        yield from _errors(
            operation.path_parameters[name], unquote(value), _typed(unquote(value)), where=f"{name} in the path"
        )
    for name, value in parse_qsl(urlsplit(exchange.path).query, keep_blank_values=True):
        if name not in operation.query:
            yield f"there is no query parameter {name}"
        else:
            yield from _errors(operation.query[name], value, _typed(value), where=f"query parameter {name}")
    yield from _body_faults(operation, exchange.body)


def _body_faults(operation: Operation, body: bytes | None) -> Iterator[str]:
    if operation.id in BODIES_NOT_CHECKED:
        return
    if not body or body == b"null":
        if operation.is_body_required:
            yield "the request has no body"
        return
    if operation.body is None:
        yield f"a body was sent where none is taken: {body[:80]!r}"
        return
    try:
        content = json.loads(body)
    except ValueError:
        yield f"the body is not JSON: {body[:80]!r}"
        return
    yield from _errors(operation.body, content, where="the body")
    if operation.body_properties is not None and isinstance(content, dict):
        yield from (
            f"the body has {name}, which is not taken" for name in sorted({*content} - operation.body_properties)
        )


def _answer_faults(operation: Operation, exchange: Exchange) -> Iterator[str]:
    status = exchange.status or 0
    if status not in operation.answers:
        if status not in ANYWHERE:
            yield f"the status {status} is not documented"
        return
    schema = operation.answers[status]
    if schema is None:
        if exchange.answer and status not in ANYWHERE:
            yield f"the answer {status} has a body: {exchange.answer[:80]!r}"
        return
    try:
        content = json.loads(exchange.answer)
    except ValueError:
        if status not in ANYWHERE:
            yield f"the answer {status} is not JSON: {exchange.answer[:80]!r}"
        return
    yield from _errors(schema, content, where=f"the answer {status}")


def _errors(validator: jsonschema_rs.Validator, *readings: Any, where: str) -> Iterator[str]:
    """The errors of the first reading, when no reading of the value is right."""
    if not any(validator.is_valid(each) for each in readings):
        for error in validator.iter_errors(readings[0]):
            place = "/".join(str(step) for step in error.instance_path)
            yield f"{where}{' at ' + place if place else ''}: {error.message[:300]}"


def _typed(value: str) -> Any:
    """A text of an address as the number or the boolean that it may stand for."""
    if re.fullmatch(r"-?\d+", value):
        return int(value)
    return {"true": True, "false": False}.get(value, value)


@cache
def load_contract() -> Contract:
    """Read openapi.json and compile it."""
    document = json.loads(DESCRIPTION.read_bytes())
    definitions = document["$defs"]
    operations: dict[str, list[Operation]] = {}
    for entry in document["operations"]:
        operations.setdefault(entry["method"], []).append(_operation(entry, definitions))
    return Contract({method: tuple(found) for method, found in operations.items()})


def _operation(entry: Mapping[str, Any], definitions: Mapping[str, Any]) -> Operation:
    def compiled(schema: Any) -> jsonschema_rs.Validator:
        return jsonschema_rs.Draft202012Validator({"$defs": definitions, "allOf": [schema]})

    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(entry["path"]))
    body = entry["body"]
    return Operation(
        id=entry["id"],
        path=re.compile(pattern),
        literal_parts=sum("{" not in part for part in entry["path"].split("/")),
        path_parameters={name: compiled(schema) for name, schema in entry["path_parameters"].items()},
        query={name: compiled(schema) for name, schema in entry["query"].items()},
        body=compiled(body) if body is not None else None,
        body_properties=frozenset(body["properties"]) if body and "properties" in body else None,
        is_body_required=entry["is_body_required"],
        answers={
            int(status): compiled(schema) if schema is not None else None for status, schema in entry["answers"].items()
        },
    )
