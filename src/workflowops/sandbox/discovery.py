"""What a server tells the holder of a key about itself: /discover."""

from collections.abc import Mapping, Sequence
from typing import Any

from workflowops.sandbox.route import Route
from workflowops.sandbox.shape import Kind, Shape

_BASE = "/api/v1"


def discovery_document(
    routes: Sequence[Route], scopes: frozenset[str], query: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Answer /discover: the endpoints this key may use, with their schemas when `include=schemas`."""
    allowed = [route for route in routes if not route.scope or route.scope in scopes]
    with_schemas = "schemas" in query.get("include", ())
    resources: dict[str, dict[str, list[Any]]] = {}
    for route in allowed:
        if _is_wanted(route, query):
            entry = resources.setdefault(route.resource, {"operations": [], "endpoints": []})
            operation = _operation(route)
            if operation and operation not in entry["operations"]:
                entry["operations"].append(operation)
            entry["endpoints"].append(_endpoint(route, with_schema=with_schemas))
    filters = {
        "resource": {
            "description": "Filter to a specific resource",
            "values": list(dict.fromkeys(route.resource for route in allowed)),
        },
        "operation": {
            "description": "Filter to a specific operation",
            "values": [name for name in dict.fromkeys(map(_operation, allowed)) if name],
        },
        "include": {"description": "Include additional data", "values": ["schemas"]},
    }
    document = {"scopes": sorted(scopes), "resources": resources, "filters": filters}
    return {"data": {**document, "specUrl": f"{_BASE}/openapi.yml"}}


def _is_wanted(route: Route, query: Mapping[str, Sequence[str]]) -> bool:
    resource, operation = query.get("resource"), query.get("operation")
    return (not resource or route.resource in resource) and (not operation or _operation(route) in operation)


def _operation(route: Route) -> str:
    return route.scope.partition(":")[2]


def _endpoint(route: Route, *, with_schema: bool) -> dict[str, Any]:
    endpoint: dict[str, Any] = {
        "method": route.method,
        "path": _BASE + route.path,
        "operationId": route.operation,
    }
    if with_schema and route.body is not None:
        endpoint["requestSchema"] = json_schema(route.body)
    return endpoint


def json_schema(shape: Shape) -> dict[str, Any]:
    """Answer the JSON Schema of a body, as /discover and openapi.yml show it."""
    if shape.kind is Kind.STATIC_DATA:
        text = {"type": "string", "format": "jsonString"}
        return {"anyOf": [text, {"type": "object", "additionalProperties": {"nullable": True}}, {"nullable": True}]}
    schema: dict[str, Any] = {"type": str(shape.kind)}
    fields = shape.fields if shape.fields is not None else shape.known
    if fields:
        schema["properties"] = {name: json_schema(part) for name, part in fields.items()}
    if shape.fields is not None and not shape.strips:
        schema["additionalProperties"] = False
    if shape.item is not None:
        schema["items"] = json_schema(shape.item)
    optional = {
        "required": list(shape.required),
        "enum": list(shape.choices),
        "default": shape.default,
        "maxLength": shape.longest,
        "readOnly": shape.read_only,
        "nullable": shape.nullable,
    }
    return schema | {name: value for name, value in optional.items() if value or (value is False and name == "default")}
