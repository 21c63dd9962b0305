"""What each endpoint shows of a workflow, and what it says when it will not."""

import json
from typing import Any

import httpx
import pytest
from tests.acceptance.documents import body_of, schedule, workflow
from tests.acceptance.servers import Server, answered, eventually, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

SHOWN_BY_2 = frozenset(
    {
        "active", "activeVersion", "activeVersionId", "connections", "createdAt", "description", "id", "isArchived",
        "meta", "name", "nodeGroups", "nodes", "pinData", "settings", "shared", "sourceWorkflowId", "staticData",
        "tags", "triggerCount", "updatedAt", "versionCounter", "versionId",
    }
)  # fmt: skip
SHOWN_BY_1 = SHOWN_BY_2 - {"nodeGroups", "sourceWorkflowId"}


def test_get_shows_every_field(server: Server) -> None:
    assert set(server.get(server.new()["id"])) == server.says(on_2=SHOWN_BY_2, on_1=SHOWN_BY_1)


def test_post_shows_the_folder_on_2x_and_no_relations_on_1x(server: Server) -> None:
    assert set(server.new()) == server.says(
        on_2=SHOWN_BY_2 | {"parentFolder"}, on_1=SHOWN_BY_1 - {"shared", "tags", "activeVersion"}
    )


def test_put_does_not_show_whose_it_is(server: Server) -> None:
    made = server.new()
    shown = answered(server.put(made["id"], body_of(made)))
    assert set(shown) == server.says(on_2=SHOWN_BY_2 - {"shared"}, on_1=SHOWN_BY_1 - {"shared", "activeVersion"})


def test_publishing_and_unpublishing_do_not_show_tags(server: Server) -> None:
    made = server.new()
    on = answered(server.activate(made["id"]))
    off = answered(server.api.post(f"/workflows/{made['id']}/deactivate"))
    assert set(on) == server.says(on_2=SHOWN_BY_2 - {"tags", "shared"}, on_1=SHOWN_BY_1 - {"tags", "shared"})
    assert set(off) == server.says(on_2=SHOWN_BY_2 - {"tags"}, on_1=SHOWN_BY_1 - {"tags"})


def test_delete_shows_what_was_there(server: Server) -> None:
    made = server.new()
    shown = answered(server.api.delete(f"/workflows/{made['id']}"))
    assert shown["name"] == made["name"]
    assert set(shown) == server.says(on_2=SHOWN_BY_2, on_1=SHOWN_BY_1) - {"tags", "activeVersion"}
    assert server.api.get(f"/workflows/{made['id']}").status_code == 404


def test_personal_data_stands_in_shared(server: Server) -> None:
    project = server.get(server.new()["id"])["shared"][0]["project"]
    assert "@" in project["name"]
    assert ("projectRelations" in project) is server.says(on_2=False, on_1=True)


def test_an_etag_saves_the_body_of_an_unchanged_workflow(server: Server) -> None:
    made = server.new()
    path = f"/workflows/{made['id']}"
    tag = server.api.get(path).headers["etag"]
    assert tag.startswith('W/"')
    assert server.api.get(path, headers={"If-None-Match": tag}).status_code == 304
    answered(server.put(made["id"], body_of(made, name="other")))
    assert server.api.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_writes_ignore_if_match(server: Server) -> None:
    made = server.new()
    answer = server.api.put(f"/workflows/{made['id']}", json=body_of(made), headers={"If-Match": 'W/"nothing"'})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "on_2", "on_1"),
    [
        pytest.param("GET", "", "Not Found", "Not Found", id="GET"),
        pytest.param("DELETE", "", "Not Found", "Not Found", id="DELETE"),
        pytest.param("PUT", "", "You do not have permission to update this workflow.", "Not Found", id="PUT"),
        pytest.param("POST", "/activate", "You do not have permission to activate", "Not Found", id="activate"),
        pytest.param("POST", "/deactivate", "You do not have permission to deactivate", "Not Found", id="deactivate"),
        pytest.param("GET", "/tags", "Not Found", "Not Found", id="tags"),
    ],
)
def test_an_unknown_workflow_is_404_in_the_words_of_the_endpoint(
    server: Server, method: str, path: str, on_2: str, on_1: str
) -> None:
    body = workflow("x") if method == "PUT" else None
    status, message = refused(server.api.request(method, f"/workflows/nosuchworkflow{path}", json=body))
    assert status == 404
    assert str(message).startswith(server.says(on_2=on_2, on_1=on_1))


def test_an_invalid_body_is_refused_before_the_workflow_is_looked_for(server: Server) -> None:
    assert refused(server.put("nosuchworkflow", {})) == (400, "request/body must have required property 'name'")


@pytest.mark.parametrize(
    ("key", "on_2", "on_1"),
    [
        pytest.param(None, "Unauthorized", "'X-N8N-API-KEY' header required", id="no key"),
        pytest.param("wrong", "Unauthorized", "unauthorized", id="wrong key"),
    ],
)
def test_without_a_good_key_everything_is_401(server: Server, key: str | None, on_2: str, on_1: str) -> None:
    with server.client(key) as stranger:
        for path in ("/workflows", "/workflows/nosuchworkflow", "/tags"):
            assert refused(stranger.get(path)) == (401, server.says(on_2=on_2, on_1=on_1))
        assert stranger.post("/workflows", content=b"{}").status_code == 401, "the key comes before the body"


def test_a_key_in_the_authorization_header_is_no_key(server: Server) -> None:
    key = server.api.headers["X-N8N-API-KEY"]
    with server.client(None) as client:
        assert client.get("/workflows", headers={"Authorization": f"Bearer {key}"}).status_code == 401


@TWO
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/workflows"),
        ("PUT", "/workflows/{id}"),
        ("DELETE", "/workflows/{id}"),
        ("POST", "/workflows/{id}/publish"),
        ("POST", "/workflows/{id}/archive"),
        ("GET", "/workflows/{id}/tags"),
        ("GET", "/tags"),
        ("GET", "/credentials"),
        ("GET", "/variables"),
        ("PUT", "/workflows/nosuchworkflow"),
    ],
)
def test_a_reading_key_may_not_do_more_on_2x(server: Server, method: str, path: str) -> None:
    made = server.new()
    with server.client(server.make_key("workflow:list", "workflow:read")) as reader:
        assert reader.get("/workflows", params={"limit": 1}).status_code == 200
        assert reader.get(f"/workflows/{made['id']}").status_code == 200
        answer = reader.request(method, path.format(id=made["id"]), json={} if method in {"POST", "PUT"} else None)
        assert refused(answer) == (403, "Forbidden"), "the scope comes before the body"


@ONE
def test_scopes_are_not_enforced_on_1x(server: Server) -> None:
    made = server.new()
    with server.client(server.make_key("workflow:list", "workflow:read")) as reader:
        answered(reader.put(f"/workflows/{made['id']}", json=body_of(made, name="written with a reading key")))
        answered(reader.delete(f"/workflows/{made['id']}"))


def test_an_unknown_path_is_404_even_without_a_key(server: Server) -> None:
    with server.client(None) as stranger:
        assert refused(stranger.get("/nosuchthing")) == (404, "not found")
    assert refused(server.api.get("/nosuchthing")) == (404, "not found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "/workflows/x"), ("PUT", "/workflows"), ("POST", "/workflows/x"), ("DELETE", "/workflows")],
)
def test_a_wrong_method_is_405(server: Server, method: str, path: str) -> None:
    assert refused(server.api.request(method, path, json={})) == (405, f"{method} method not allowed")


@ONE
@pytest.mark.parametrize("path", ["/workflows/x/publish", "/workflows/x/archive", "/workflows/x/unpublish"])
def test_1x_cannot_publish_or_archive_by_these_names(server: Server, path: str) -> None:
    assert refused(server.api.post(path)) == (405, "POST method not allowed")


@pytest.mark.parametrize(
    ("content_type", "told"),
    [("text/plain", "text/plain"), (None, "undefined"), ("application/octet-stream", "application/octet-stream")],
)
def test_another_content_type_is_415(server: Server, content_type: str | None, told: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = server.api.post("/workflows", content=b"{}", headers=headers)
    assert refused(answer) == (415, f"unsupported media type {told}")


def assert_page(answer: httpx.Response, *, status: int, holds: str) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!DOCTYPE html>")
    assert holds in answer.text


def test_malformed_json_is_a_500_page_even_without_a_key(server: Server) -> None:
    headers = {"Content-Type": "application/json"}
    with server.client(None) as stranger:
        for client in (server.api, stranger):
            answer = client.post("/workflows", content=b'{"name":', headers=headers)
            assert_page(answer, status=500, holds="Failed to parse request body")


def test_a_body_over_16_mib_is_a_413_page(server: Server) -> None:
    large = workflow("large", schedule(notes="x" * (16 * 1024 * 1024 + 1)))
    assert_page(server.api.post("/workflows", json=large), status=413, holds="PayloadTooLargeError")


@pytest.mark.parametrize(
    ("content", "on_2", "on_1"),
    [
        pytest.param(b"", "must have required property 'name'", "must have required property 'name'", id="empty"),
        pytest.param(b"null", "must have required property 'name'", "must have required property 'name'", id="null"),
        pytest.param(b"[]", "Expected object, received array", "must be object", id="array"),
        pytest.param(b'"x"', "Expected object, received string", "must be object", id="string"),
    ],
)
def test_a_body_that_is_no_object_is_400(server: Server, content: bytes, on_2: str, on_1: str) -> None:
    answer = server.api.post("/workflows", content=content, headers={"Content-Type": "application/json"})
    assert refused(answer) == (400, f"request/body {server.says(on_2=on_2, on_1=on_1)}")


@pytest.mark.parametrize(
    ("path", "feature"),
    [("/variables", "feat:variables"), ("/projects", "feat:projectRole:admin")],
)
def test_paid_features_are_403_with_their_name(server: Server, path: str, feature: str) -> None:
    message = (
        f"Your license does not allow for {feature}. To enable {feature}, please upgrade to a license that supports"
    )
    status, told = refused(server.api.get(path))
    assert status == 403
    assert str(told).startswith(message)


def test_health_needs_no_key(server: Server) -> None:
    for path in ("/healthz", "/healthz/readiness"):
        assert httpx.get(server.url + path, trust_env=False).json() == {"status": "ok"}


def test_a_path_outside_the_api_is_the_editors_page(server: Server) -> None:
    answer = httpx.get(server.url + "/workflow/whatever", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def put_at_once(server: Server, made: Any, count: int) -> list[int]:
    return [server.put(made["id"], body_of(made, name=f"writer {number}")).status_code for number in range(count)]


def test_nothing_guards_against_a_lost_update(server: Server) -> None:
    made = server.new()
    assert set(put_at_once(server, made, 3)) == {200}
    assert server.get(made["id"])["name"] == "writer 2"


def test_text_survives_unchanged(server: Server) -> None:
    text = 'é 😀 \u2028 a\r\nb \\ / " <b> ${{ x }} \x7f'
    made = server.new(workflow(None, schedule(parameters={"text": text, "nested": [[{"": None}]]})))
    assert server.get(made["id"])["nodes"][0]["parameters"] == {"text": text, "nested": [[{"": None}]]}


def test_a_lone_surrogate_survives_as_an_escape(server: Server) -> None:
    body = json.dumps(workflow("surrogate", schedule(parameters={"text": "\ud800"})))
    made = answered(server.api.post("/workflows", content=body, headers={"Content-Type": "application/json"}))
    assert b'"\\ud800"' in eventually(lambda: server.api.get(f"/workflows/{made['id']}").content, bool)


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        ("1.0", "1"),
        ("-0.0", "0"),
        ("12345678901234567890", "12345678901234567000"),
        ("123456789.123456789", "123456789.12345679"),
        ("1E400", "null"),
        ("0.1", "0.1"),
        ("5e-324", "5e-324"),
    ],
)
def test_numbers_are_held_as_javascript_holds_them(server: Server, sent: str, held: str) -> None:
    body = json.dumps(workflow("numbers", schedule(parameters={"n": "HERE"}))).replace('"HERE"', sent)
    made = answered(server.api.post("/workflows", content=body, headers={"Content-Type": "application/json"}))
    kept, expected = server.get(made["id"])["nodes"][0]["parameters"]["n"], json.loads(held)
    assert kept == expected or float(kept) == float(expected)
    assert isinstance(kept, float) is isinstance(expected, float) or kept > 2**53, "1.0 comes back as 1"
