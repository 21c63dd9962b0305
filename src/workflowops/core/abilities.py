"""What the API of one n8n server can do, read from what the server says about itself and never from its version."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

import msgspec

from workflowops.core.json import Json, JsonObject, parse

_DEEPEST_REFERENCE = 16


class AbilitySource(StrEnum):
    """Which document of the server was read."""

    OPENAPI = "openapi"
    DISCOVER = "discover"


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What a server's public API can do. The keys are those a PUT of a workflow accepts; empty means not told.

    `openapi` is the whole server. `discover` is what the asking key may do, and tells no query parameters: what only
    they would show (`list_offset`, `list_without_pinned_data`, `publish_if_active`) is False then.
    """

    source: AbilitySource
    list_offset: bool = False  # GET /workflows takes `offset`
    list_without_pinned_data: bool = False  # ... and `excludePinnedData`
    credentials_list: bool = False  # names can be looked up
    archive: bool = False
    publish: bool = False  # draft and published version are separate calls
    publish_if_active: bool = False  # PUT takes `publishIfActive`, so that a draft can be saved beside what runs
    history: bool = False  # versions of a workflow can be listed
    published_versions: bool = False  # ... and read one by one
    discover: bool = False
    node_groups: bool = False  # PUT takes `nodeGroups`
    put_description: bool = False  # PUT takes `description`
    workflow_keys: tuple[str, ...] = ()
    node_keys: tuple[str, ...] = ()
    settings_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    """What either document says: calls as `GET /workflows/{}`, query parameters by call, the body that PUT takes."""

    calls: frozenset[str]
    parameters: Mapping[str, frozenset[str]]
    put_workflow: Mapping[str, Json]
    document: Mapping[str, Json]


def remembered_abilities(abilities: Abilities | None) -> JsonObject | None:
    """Answer abilities as JSON, to be kept."""
    remembered: JsonObject | None = msgspec.to_builtins(abilities)
    return remembered


def read_abilities(remembered: Json) -> Abilities | None:
    """Read what was kept; None when nothing was, or when it was kept by a program that knew of other abilities."""
    if not isinstance(remembered, dict) or remembered.keys() != {field.name for field in fields(Abilities)}:
        return None
    try:
        return msgspec.convert(remembered, Abilities)
    except msgspec.ValidationError:
        return None


def parse_discover(body: bytes) -> Abilities:
    """Read the answer of `GET /discover?include=schemas`; raises ValueError when it is none."""
    try:
        answer = _mapping(parse(body))
    except RecursionError as error:
        raise ValueError("The answer is nested too deeply.") from error
    resources = _mapping(answer.get("data")).get("resources")
    if not isinstance(resources, dict):
        raise ValueError("The answer has no `data.resources`.")
    endpoints = [_mapping(entry) for resource in resources.values() for entry in _list(_mapping(resource), "endpoints")]
    schemas = {_call(entry.get("method"), entry.get("path")): entry.get("requestSchema") for entry in endpoints}
    put_workflow = _mapping(schemas.get("PUT /workflows/{}"))
    told = _Told(calls=frozenset(schemas), parameters={}, put_workflow=put_workflow, document={})
    return _abilities(told, source=AbilitySource.DISCOVER)


def parse_openapi(text: bytes) -> Abilities:
    """Read a server's `/api/v1/openapi.yml`; raises ValueError when it is none. 760 kB of it take 0.2 s."""
    document = _mapping(_yaml(text))
    paths = document.get("paths")
    if not isinstance(paths, dict) or "openapi" not in document:
        raise ValueError("The document has no `openapi` or no `paths`.")
    operations = {
        _call(method, path): (_mapping(item), _mapping(operation))
        for path, item in paths.items()
        for method, operation in _mapping(item).items()
        if isinstance(operation, dict)
    }
    parameters = {
        call: frozenset(_query_parameters([*_list(item, "parameters"), *_list(operation, "parameters")], document))
        for call, (item, operation) in operations.items()
    }
    put = operations.get("PUT /workflows/{}", ({}, {}))[1]
    body = _resolved(put.get("requestBody"), document)
    media = _mapping(_mapping(body.get("content")).get("application/json"))
    told = _Told(frozenset(operations), parameters, _resolved(media.get("schema"), document), document)
    return _abilities(told, source=AbilitySource.OPENAPI)


def _abilities(told: _Told, *, source: AbilitySource) -> Abilities:
    properties = _properties(told.put_workflow, told.document)
    workflow_keys = _writable(properties, told.document)
    node = _mapping(_resolved(properties.get("nodes"), told.document).get("items"))
    settings = _resolved(properties.get("settings"), told.document)
    list_parameters = told.parameters.get("GET /workflows", frozenset())
    return Abilities(
        source=source,
        list_offset="offset" in list_parameters,
        list_without_pinned_data="excludePinnedData" in list_parameters,
        credentials_list="GET /credentials" in told.calls,
        archive="POST /workflows/{}/archive" in told.calls,
        publish="POST /workflows/{}/publish" in told.calls,
        publish_if_active="publishIfActive" in told.parameters.get("PUT /workflows/{}", frozenset()),
        history="GET /workflows/{}/history" in told.calls,
        published_versions=not told.calls.isdisjoint({"GET /workflows/{}/{}", "GET /workflows/{}/versions/{}"}),
        discover="GET /discover" in told.calls,
        node_groups="nodeGroups" in workflow_keys,
        put_description="description" in workflow_keys,
        workflow_keys=workflow_keys,
        node_keys=_writable(_properties(node, told.document), told.document),
        settings_keys=_writable(_properties(settings, told.document), told.document),
    )


def _call(method: Json, path: Json) -> str:
    """Name a call whatever its placeholders are called and wherever the API is mounted."""
    place = re.sub(r"\{[^{}]*\}", "{}", str(path).removeprefix("/api/v1"))
    return f"{str(method).upper()} {place}"


def _query_parameters(parameters: Iterable[Json], document: Mapping[str, Json]) -> set[str]:
    resolved = [_resolved(parameter, document) for parameter in parameters]
    return {str(parameter.get("name")) for parameter in resolved if parameter.get("in") == "query"}


def _properties(schema: Json | Mapping[str, Json], document: Mapping[str, Json]) -> dict[str, Json]:
    return _mapping(_resolved(schema, document).get("properties"))


def _writable(properties: Mapping[str, Json], document: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(sorted(key for key, value in properties.items() if not _resolved(value, document).get("readOnly")))


def _resolved(value: Json | Mapping[str, Json], document: Mapping[str, Json]) -> dict[str, Json]:
    """Follow references inside the document; what leads nowhere, outside or in a circle is an empty schema."""
    found = _mapping(value)
    for _ in range(_DEEPEST_REFERENCE):
        reference = found.get("$ref")
        if reference is None:
            return found
        found = _mapping(_pointed(str(reference), document))
    return {}


def _pointed(reference: str, document: Mapping[str, Json]) -> Json:
    if not reference.startswith("#/"):
        return None
    place: Json = dict(document)
    for step in reference.removeprefix("#/").split("/"):
        place = _mapping(place).get(step.replace("~1", "/").replace("~0", "~"))
    return place


def _mapping(value: object) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _list(value: Mapping[str, Json], key: str) -> list[Json]:
    members = value.get(key)
    return members if isinstance(members, list) else []


def _yaml(text: bytes) -> Json:
    import yaml  # 20 ms that only the first meeting with a server needs

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document: Json = yaml.load(text, Loader=loader)  # noqa: S506 - either loader is the safe one
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("The document is not YAML.") from error
    return document
