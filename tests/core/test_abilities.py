import json

import msgspec
import pytest

from workflowops.core.abilities import (
    Abilities,
    AbilitySource,
    parse_discover,
    parse_openapi,
    read_abilities,
    remembered_abilities,
)

OLD = b"""
openapi: 3.0.0
info: {title: n8n Public API, version: 1.1.1}
paths:
  /credentials:
    post: {operationId: createCredential}
  /workflows:
    post: {operationId: createWorkflow}
    get:
      parameters:
        - {name: active, in: query}
        - {name: excludePinnedData, in: query}
        - $ref: '#/components/parameters/limit'
  /workflows/{id}:
    put:
      parameters:
        - $ref: '#/components/parameters/workflowId'
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/workflow'}
  /workflows/{id}/{versionId}:
    get: {operationId: getWorkflowVersion}
  /workflows/{id}/activate:
    post: {operationId: activateWorkflow}
components:
  parameters:
    limit: {name: limit, in: query}
    workflowId: {name: id, in: path}
  schemas:
    workflow:
      properties:
        id: {type: string, readOnly: true}
        name: {type: string}
        nodes: {type: array, items: {$ref: '#/components/schemas/node'}}
        settings: {$ref: '#/components/schemas/workflowSettings'}
        tags: {$ref: '#/components/schemas/tags'}
    node:
      properties: {id: {type: string}, name: {type: string}, createdAt: {readOnly: true}}
    workflowSettings:
      properties: {timezone: {type: string}, errorWorkflow: {type: string}}
    tags: {type: array, readOnly: true}
"""

NEW = b"""
openapi: 3.0.0
paths:
  /discover: {get: {operationId: getDiscover}}
  /credentials: {get: {}, post: {}}
  /workflows:
    parameters: [{$ref: '#/components/parameters/offset'}]
    get: {parameters: [{name: limit, in: query}, {name: excludePinnedData, in: query}]}
  /workflows/{workflowId}:
    put:
      parameters:
        - {name: workflowId, in: path}
        - {name: publishIfActive, in: query}
      requestBody:
        content:
          application/json:
            schema:
              properties:
                name: {}
                description: {}
                nodeGroups: {}
                nodes: {items: {properties: {name: {}, customTelemetryTags: {}}}}
                settings: {properties: {timeSavedMode: {}}}
                isArchived: {readOnly: true}
  /workflows/{workflowId}/archive: {post: {}}
  /workflows/{workflowId}/publish: {post: {}}
  /workflows/{workflowId}/history: {get: {}}
  /workflows/{workflowId}/versions/{workflowVersionId}: {get: {}}
components:
  parameters:
    offset: {name: offset, in: query}
"""

PUT = {
    "properties": {
        "name": {"type": "string"},
        "nodeGroups": {},
        "nodes": {"items": {"properties": {"name": {}, "createdAt": {"readOnly": True}}}},
        "settings": {"properties": {"timezone": {}}},
        "active": {"readOnly": True},
    }
}


def discovered(*endpoints: tuple[str, str], schema: object = None) -> bytes:
    """An answer of `GET /discover?include=schemas` as n8n 2.41 gives it."""
    entries = [{"method": method, "path": f"/api/v1{path}", "operationId": "x"} for method, path in endpoints]
    for entry in entries:
        if entry["method"] == "PUT" and schema is not None:
            entry["requestSchema"] = schema
    resources = {"workflow": {"operations": ["list"], "endpoints": entries}}
    return json.dumps({"data": {"scopes": ["workflow:list"], "resources": resources, "specUrl": "/x"}}).encode()


def test_an_openapi_document_of_1_x_tells_what_is_not_there() -> None:
    assert parse_openapi(OLD) == Abilities(
        source=AbilitySource.OPENAPI,
        list_without_pinned_data=True,
        published_versions=True,
        workflow_keys=("name", "nodes", "settings"),
        node_keys=("id", "name"),
        settings_keys=("errorWorkflow", "timezone"),
    )


def test_an_openapi_document_of_2_41_tells_what_is_new() -> None:
    assert parse_openapi(NEW) == Abilities(
        source=AbilitySource.OPENAPI,
        list_offset=True,
        list_without_pinned_data=True,
        credentials_list=True,
        archive=True,
        publish=True,
        publish_if_active=True,
        history=True,
        published_versions=True,
        discover=True,
        node_groups=True,
        put_description=True,
        workflow_keys=("description", "name", "nodeGroups", "nodes", "settings"),
        node_keys=("customTelemetryTags", "name"),
        settings_keys=("timeSavedMode",),
    )


def test_discover_tells_what_the_key_may_do_and_no_query_parameters() -> None:
    endpoints = [
        ("GET", "/workflows"),
        ("PUT", "/workflows/{workflowId}"),
        ("POST", "/workflows/{workflowId}/publish"),
        ("GET", "/discover"),
    ]
    assert parse_discover(discovered(*endpoints, schema=PUT)) == Abilities(
        source=AbilitySource.DISCOVER,
        publish=True,
        discover=True,
        node_groups=True,
        workflow_keys=("name", "nodeGroups", "nodes", "settings"),
        node_keys=("name",),
        settings_keys=("timezone",),
    )


def test_a_read_only_key_discovers_no_keys_to_write() -> None:
    abilities = parse_discover(discovered(("GET", "/workflows"), ("GET", "/credentials")))
    assert (abilities.workflow_keys, abilities.credentials_list) == ((), True)


def test_a_reference_that_leads_nowhere_tells_nothing() -> None:
    circle = NEW.replace(b"offset: {name: offset, in: query}", b"offset: {$ref: '#/components/parameters/offset'}")
    outside = NEW.replace(b"#/components/parameters/offset", b"https://example.com/offset")
    missing = NEW.replace(b"#/components/parameters/offset", b"#/components/parameters/nothing")
    assert [parse_openapi(text).list_offset for text in (NEW, circle, outside, missing)] == [True, False, False, False]


def test_a_path_parameter_is_no_query_parameter() -> None:
    assert not parse_openapi(
        NEW.replace(b"offset: {name: offset, in: query}", b"offset: {name: offset, in: path}")
    ).list_offset


@pytest.mark.parametrize("parse", [parse_discover, parse_openapi])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"message": "not found"}', id="an error"),
        pytest.param(b'{"data": {"resources": [], "paths": {}}}', id="of another shape"),
        pytest.param(b"a: [", id="cut short"),
        pytest.param(b"\xff\xfe\xfd", id="no text"),
        pytest.param(b"[" * 5_000, id="nested too deeply"),
        pytest.param(b"!!python/object/apply:os.getcwd []", id="a YAML tag that would run code"),
    ],
)
def test_another_document_is_refused(parse, body) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(body)


@pytest.mark.parametrize(
    "part", ["requestBody: 7", "requestBody: {content: [1]}", "parameters: {a: 1}", "parameters: [7]"]
)
def test_odd_parts_of_a_document_tell_nothing_and_break_nothing(part) -> None:
    text = f"openapi: 3\npaths:\n  /workflows: 5\n  /workflows/{{id}}:\n    put:\n      {part}\n"
    assert parse_openapi(text.encode()) == Abilities(source=AbilitySource.OPENAPI)


def test_abilities_come_back_from_the_state_as_they_were() -> None:
    abilities = parse_openapi(NEW)
    kept = msgspec.json.decode(msgspec.json.encode(remembered_abilities(abilities)))
    assert read_abilities(kept) == abilities


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(remembered_abilities(None), id="nothing was known"),
        pytest.param({}, id="nothing in it"),
        pytest.param([], id="a list"),
        pytest.param({**msgspec.to_builtins(parse_openapi(NEW)), "another": True}, id="more than is known now"),
        pytest.param({**msgspec.to_builtins(parse_openapi(NEW)), "archive": "yes"}, id="of a wrong type"),
        pytest.param({"source": "openapi", "list_offset": True}, id="less than is known now"),
    ],
)
def test_what_another_version_kept_is_asked_for_again(kept) -> None:
    assert read_abilities(kept) is None
