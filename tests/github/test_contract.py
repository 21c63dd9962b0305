"""The contract is GitHub's: what its description does not have is found, whoever sent or stubbed it."""

import json
from pathlib import Path

import pytest
import requests
import responses
from tests.github.checking import checked_requests
from tests.github.contract import DESCRIPTION, Exchange, load_contract
from tests.github.slim_openapi import OPERATIONS, as_text, slim, slimmed

ISSUES = "/repos/o/r/issues"
LABEL = {
    "id": 1,
    "node_id": "x",
    "url": "https://api.github.com/repos/o/r/labels/bug",
    "name": "bug",
    "description": None,
    "color": "d73a4a",
    "default": False,
}


def faults(
    method: str, path: str, body: object = None, status: int | None = None, answer: object = None
) -> tuple[str, ...]:
    sent = json.dumps(body).encode() if body is not None else None
    got = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return load_contract().faults(Exchange(method, path, sent, status, got if answer is not None else b""))


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("GET", f"{ISSUES}?labels=a,b&state=all&per_page=100&since=2026-11-22T10:00:00Z", None, id="list"),
        pytest.param("POST", ISSUES, {"title": "T", "body": "B", "labels": ["a"], "assignees": ["ada"]}, id="open"),
        pytest.param("PATCH", f"{ISSUES}/7", {"state": "closed", "state_reason": "completed"}, id="close"),
        pytest.param("PUT", f"{ISSUES}/7/labels", ["a", "b"], id="labels as a bare list"),
        pytest.param("POST", f"{ISSUES}/comments/7/reactions", {"content": "+1"}, id="react"),
        pytest.param("GET", "/repos/o/r/labels/workflowops%3Aincident", None, id="a label with a colon"),
        pytest.param("GET", "/repos/o/r/labels/2026", None, id="a label that is a number"),
        pytest.param("GET", "/api/v3/repos/o/r/issues/7", None, id="a GitHub of one's own"),
    ],
)
def test_what_github_takes_passes(method, path, body) -> None:
    assert faults(method, path, body) == ()


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        pytest.param("GET", "/repos/o/r/incidents", None, "no such operation", id="unknown address"),
        pytest.param("DELETE", f"{ISSUES}/7", None, "no such operation", id="unknown method"),
        pytest.param("GET", f"{ISSUES}/seven", None, "issue_number in the path", id="path parameter"),
        pytest.param("GET", f"{ISSUES}?status=open", None, "no query parameter status", id="unknown query"),
        pytest.param("GET", f"{ISSUES}?state=opened", None, "query parameter state", id="query value"),
        pytest.param("GET", f"{ISSUES}?per_page=many", None, "query parameter per_page", id="query type"),
        pytest.param("POST", ISSUES, {"body": "B"}, '"title" is a required', id="missing property"),
        pytest.param("POST", ISSUES, {"title": "T", "label": ["a"]}, "has label", id="unknown property"),
        pytest.param("POST", ISSUES, None, "has no body", id="no body"),
        pytest.param("PATCH", f"{ISSUES}/7", {"state": "shut"}, "the body at state", id="wrong value"),
        pytest.param("GET", f"{ISSUES}/7", {"a": 1}, "none is taken", id="body of a GET"),
        pytest.param("POST", f"{ISSUES}/comments/7/reactions", {"content": "ok"}, "content", id="reaction"),
    ],
)
def test_what_github_would_not_take_is_told(method, path, body, told) -> None:
    (fault, *_) = faults(method, path, body)
    assert told in fault


@pytest.mark.parametrize(
    ("method", "path", "status", "answer"),
    [
        pytest.param("GET", "/repos/o/r/labels", 200, [LABEL], id="documented"),
        pytest.param("GET", f"{ISSUES}/7", 410, {"message": "This issue was deleted"}, id="gone"),
        pytest.param("GET", "/repos/o/r/labels", 502, b"<html>", id="the platform's own failure"),
        pytest.param("GET", "/repos/o/r/labels", 403, {"message": "limit"}, id="a limit"),
        pytest.param("DELETE", "/repos/o/r/labels/bug", 204, None, id="nothing"),
    ],
)
def test_what_github_answers_passes(method, path, status, answer) -> None:
    assert faults(method, path, None, status, answer) == ()


@pytest.mark.parametrize(
    ("method", "path", "status", "answer", "told"),
    [
        pytest.param("GET", "/repos/o/r/labels", 202, [], "status 202 is not documented", id="status"),
        pytest.param("GET", "/repos/o/r/labels", 200, {"labels": []}, "the answer 200", id="shape"),
        pytest.param("GET", "/repos/o/r/labels", 200, [{**LABEL, "color": None}], "0/color", id="type"),
        pytest.param("GET", "/repos/o/r/labels", 200, b"<html>", "is not JSON", id="HTML"),
        pytest.param("DELETE", "/repos/o/r/labels/bug", 204, {"a": 1}, "has a body", id="a body where there is none"),
    ],
)
def test_what_github_would_never_answer_is_told(method, path, status, answer, told) -> None:
    (fault, *_) = faults(method, path, None, status, answer)
    assert told in fault


def test_null_is_allowed_where_the_description_says_nullable() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "nullable": True, "example": "x"}}}
    assert slim(schema) == {"type": "object", "properties": {"a": {"anyOf": [{"type": "null"}, {"type": "string"}]}}}


def test_a_property_named_like_a_keyword_is_kept() -> None:
    assert slim({"properties": {"description": {"type": "string", "description": "Prose"}}}) == {
        "properties": {"description": {"type": "string"}}
    }


def test_the_slimmed_description_is_what_the_script_makes_and_small() -> None:
    stored = json.loads(DESCRIPTION.read_bytes())
    assert as_text(stored) == DESCRIPTION.read_text(encoding="utf-8")
    assert DESCRIPTION.stat().st_size < 400_000
    assert sum(map(len, OPERATIONS.values())) == len(stored["operations"])


def test_only_what_is_used_stays_of_the_description() -> None:
    def operation(schema: str) -> dict[str, object]:
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
        return {"operationId": schema, "responses": {"200": {"content": content}}}

    paths = {path: {method: operation("used") for method in methods} for path, methods in OPERATIONS.items()}
    schemas = {
        "used": {"items": {"$ref": "#/components/schemas/deeper"}},
        "deeper": {"type": "string"},
        "unused": {"type": "string"},
    }
    assert set(slimmed({"paths": paths, "components": {"schemas": schemas}})["$defs"]) == {"used", "deeper"}


@responses.activate
def test_a_stub_that_github_would_never_answer_is_found_whoever_catches_what() -> None:
    responses.get("https://api.github.com:443/repos/o/r/labels", json=[{"name": "bug"}])
    with checked_requests() as found:
        requests.get("https://api.github.com:443/repos/o/r/labels", timeout=5)
    assert len(found) > 0
    assert "issues/list-labels-for-repo" in found[0]


@responses.activate
def test_a_request_is_checked_though_no_answer_came() -> None:
    responses.get("https://api.github.com:443/repos/o/r/labels", body=requests.ConnectionError("reset"))
    with checked_requests() as found, pytest.raises(requests.ConnectionError):
        requests.get("https://api.github.com:443/repos/o/r/labels?colour=red", timeout=5)
    assert found == [
        "GET /repos/o/r/labels?colour=red (issues/list-labels-for-repo): there is no query parameter colour"
    ]


@responses.activate
def test_foreign_answers_can_be_allowed_and_requests_are_checked_still() -> None:
    responses.get("https://api.github.com:443/repos/o/r/labels", body="<html>")
    with checked_requests(answers=False) as found:
        requests.get("https://api.github.com:443/repos/o/r/labels?page=x", timeout=5)
    assert len(found) == 1


@responses.activate
def test_every_hop_of_a_redirect_is_held_to_its_own_operation() -> None:
    address = "https://api.github.com:443/repos/o/r/labels"
    responses.get("https://api.github.com:443/repos/o/old/issues", status=301, headers={"location": address}, json={})
    responses.get(address, json=[LABEL])
    with checked_requests() as found:
        requests.get("https://api.github.com:443/repos/o/old/issues", timeout=5)
    assert found == []


def test_the_description_names_its_source() -> None:
    assert "@octokit/openapi 23.0.2" in json.loads(Path(DESCRIPTION).read_bytes())["source"]
