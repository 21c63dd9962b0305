"""The API document that a server shows to anybody: openapi.yml."""

from collections.abc import Sequence
from typing import Any

import yaml

from workflowops.sandbox.discovery import json_schema
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.route import Route

_BASE = "/api/v1"
_FLAGS = {"active", "excludePinnedData", "publishIfActive"}


def openapi_text(routes: Sequence[Route], generation: Generation) -> bytes:
    """Answer openapi.yml for the endpoints the sandbox imitates."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _described(route, generation)
    components: dict[str, Any] = {"parameters": {name: _parameter(name) for name in ("limit", "cursor", "offset")}}
    document = {
        "openapi": "3.0.0",
        "info": {"title": "n8n Public API", "version": "1.1.1"},
        "servers": [{"url": _BASE}],
        "paths": paths,
        "components": components,
    }
    return yaml.dump(document, Dumper=_Indented, sort_keys=False, allow_unicode=True).encode()


class _Indented(yaml.SafeDumper):
    """Indents the items of a list, and repeats values instead of naming them, as the real file does."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _described(route: Route, generation: Generation) -> dict[str, Any]:
    in_path = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path
    ]
    for name in route.parameters:
        if name in ("limit", "cursor", "offset"):
            parameters.append({"$ref": f"#/components/parameters/{name}"})
        else:
            parameters.append(
                {"name": name, "in": "query", "required": False, "schema": _schema_of_flag(name, generation)}
            )
    described: dict[str, Any] = {"operationId": route.operation, "parameters": parameters}
    if route.body is not None:
        content = {"application/json": {"schema": json_schema(route.body)}}
        described["requestBody"] = {"required": route.needs_body, "content": content}
    return described | {"responses": {"200": {"description": "Operation successful."}}}


def _schema_of_flag(name: str, generation: Generation) -> dict[str, Any]:
    if name not in _FLAGS:
        return {"type": "string"}
    return {"type": "boolean"} if generation is Generation.V1 else {"type": "string", "enum": ["true", "false"]}


def _parameter(name: str) -> dict[str, Any]:
    schemas: dict[str, dict[str, Any]] = {
        "limit": {"type": "number", "default": 100, "maximum": 250},
        "offset": {"type": "integer", "default": 0, "minimum": 0},
        "cursor": {"type": "string"},
    }
    return {"name": name, "in": "query", "required": False, "schema": schemas[name]}
