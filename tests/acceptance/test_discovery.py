"""What a server says about itself: how a client learns what it can do."""

from typing import Any

import httpx
import pytest
import yaml
from tests.acceptance.servers import Server, answered, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

WRITABLE = {
    "name", "nodes", "connections", "settings", "nodeGroups", "staticData", "pinData", "parentFolderId", "shared",
    "description",
}  # fmt: skip
SETTINGS_2 = {
    "saveExecutionProgress", "saveManualExecutions", "saveDataErrorExecution", "saveDataSuccessExecution",
    "executionTimeout", "errorWorkflow", "timezone", "executionOrder", "binaryMode", "callerPolicy", "callerIds",
    "timeSavedMode", "timeSavedPerExecution", "redactionPolicy", "availableInMCP", "customTelemetryTags",
    "credentialResolverId",
}  # fmt: skip
NODE_2 = {
    "id", "name", "webhookId", "disabled", "notesInFlow", "notes", "type", "typeVersion", "executeOnce",
    "alwaysOutputData", "retryOnFail", "maxTries", "waitBetweenTries", "continueOnFail", "onError", "position",
    "parameters", "credentials", "customTelemetryTags", "createdAt", "updatedAt",
}  # fmt: skip


def discovered(server: Server, **query: str) -> Any:
    return answered(server.api.get("/discover", params=query))["data"]


def endpoints(document: Any) -> set[tuple[str, str]]:
    return {
        (endpoint["method"], endpoint["path"])
        for resource in document["resources"].values()
        for endpoint in resource["endpoints"]
    }


@ONE
def test_1x_has_no_discover(server: Server) -> None:
    assert refused(server.api.get("/discover")) == (404, "not found")


@TWO
def test_discover_lists_scopes_and_endpoints(server: Server) -> None:
    shown = discovered(server)
    assert set(shown) == {"scopes", "resources", "filters", "specUrl"}
    assert {"workflow:list", "workflow:read", "workflow:activate", "credential:list"} <= set(shown["scopes"])
    assert {
        ("GET", "/api/v1/workflows"),
        ("PUT", "/api/v1/workflows/{workflowId}"),
        ("POST", "/api/v1/workflows/{workflowId}/publish"),
        ("POST", "/api/v1/workflows/{workflowId}/archive"),
        ("GET", "/api/v1/workflows/{workflowId}/history"),
        ("GET", "/api/v1/credentials"),
        ("PUT", "/api/v1/workflows/{workflowId}/tags"),
    } <= endpoints(shown)
    assert {"workflow", "tags", "credential", "discover"} <= set(shown["resources"])


@TWO
def test_discover_shows_a_key_what_it_may_do(server: Server) -> None:
    with server.client(server.make_key("workflow:list", "workflow:read")) as reader:
        shown = answered(reader.get("/discover"))["data"]
    assert shown["scopes"] == ["workflow:list", "workflow:read"]
    assert ("GET", "/api/v1/workflows") in endpoints(shown)
    assert not {method for method, path in endpoints(shown) if "workflows" in path} - {"GET"}


@TWO
def test_discover_wants_a_key(server: Server) -> None:
    with server.client(None) as stranger:
        assert stranger.get("/discover").status_code == 401


@TWO
def test_discover_answers_the_schema_of_put(server: Server) -> None:
    shown = discovered(server, resource="workflow", operation="update", include="schemas")
    (endpoint,) = [
        endpoint
        for endpoint in shown["resources"]["workflow"]["endpoints"]
        if endpoint["operationId"] == "updateWorkflow"
    ]
    assert (endpoint["method"], endpoint["path"]) == ("PUT", "/api/v1/workflows/{workflowId}")
    schema = endpoint["requestSchema"]
    assert schema["required"] == ["name", "nodes", "connections", "settings"]
    assert schema["additionalProperties"] is False
    assert {name for name, part in schema["properties"].items() if not part.get("readOnly")} == WRITABLE
    assert set(schema["properties"]["settings"]["properties"]) == SETTINGS_2
    assert set(schema["properties"]["nodes"]["items"]["properties"]) == NODE_2


def specification(server: Server) -> Any:
    answer = httpx.get(f"{server.url}/api/v1/openapi.yml", timeout=60, trust_env=False)
    assert answer.status_code == 200
    return yaml.load(answer.text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


def resolved(document: Any, part: Any) -> Any:
    """Follow references within the document."""
    while "$ref" in part:
        here = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            here = here[step]
        part = here
    return part


@pytest.fixture(scope="module")
def document(server: Server) -> Any:
    """The API document, which is shown to anybody."""
    return specification(server)


def operation(server: Server, document: Any, method: str, path: str) -> Any:
    name = server.says(on_2="{workflowId}", on_1="{id}")
    return document["paths"][path.replace("{id}", name)][method]


def parameters(document: Any, described: Any) -> set[str]:
    return {resolved(document, part)["name"] for part in described.get("parameters", [])}


def test_the_list_has_an_offset_on_2x_only(server: Server, document: Any) -> None:
    shown = parameters(document, operation(server, document, "get", "/workflows"))
    assert {"limit", "cursor", "active", "tags", "name", "projectId", "excludePinnedData"} <= shown
    assert ("offset" in shown) is server.is_2


def test_put_can_keep_a_draft_on_2x_only(server: Server, document: Any) -> None:
    shown = parameters(document, operation(server, document, "put", "/workflows/{id}"))
    assert ("publishIfActive" in shown) is server.is_2


def test_the_schema_of_put_says_what_may_be_written(server: Server, document: Any) -> None:
    described = operation(server, document, "put", "/workflows/{id}")
    body = resolved(document, described["requestBody"]["content"]["application/json"]["schema"])
    assert body["required"] == ["name", "nodes", "connections", "settings"]
    writable = {name for name, part in body["properties"].items() if not resolved(document, part).get("readOnly")}
    assert writable == server.says(
        on_2=WRITABLE, on_1={"name", "nodes", "connections", "settings", "staticData", "shared"}
    )
    settings = resolved(document, body["properties"]["settings"])["properties"]
    assert ("binaryMode" in settings) is server.is_2


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/workflows/{id}/publish", "post"),
        ("/workflows/{id}/archive", "post"),
        ("/workflows/{id}/history", "get"),
        ("/credentials", "get"),
        ("/discover", "get"),
    ],
)
def test_what_only_2x_has(server: Server, document: Any, path: str, method: str) -> None:
    name = server.says(on_2="{workflowId}", on_1="{id}")
    assert (method in document["paths"].get(path.replace("{id}", name), {})) is server.is_2
