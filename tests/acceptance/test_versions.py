"""The history of a workflow: what a version holds, and publishing an older one."""

from typing import Any

import pytest
from tests.acceptance.documents import (
    Document,
    body_of,
    unique,
)
from tests.acceptance.servers import Server, answered, refused

TWO = pytest.mark.generations("2.41")


def moved(made: Document, place: int = 9) -> list[Document]:
    return [made["nodes"][0] | {"position": [place, place]}]


def place_of(version: Document) -> Any:
    return version["nodes"][0]["position"]


@TWO
def test_get_tells_when_the_active_version_was_published(server: Server) -> None:
    made = server.published()
    (line,) = made["activeVersion"]["workflowPublishHistory"]
    assert set(line) == {"id", "workflowId", "versionId", "event", "userId", "createdAt"}
    assert (line["event"], line["versionId"]) == ("activated", made["versionId"])


@TWO
def test_an_older_version_can_be_published_and_labelled(server: Server) -> None:
    made = server.new()
    answered(server.put(made["id"], body_of(made, nodes=moved(made))))
    wish = {"versionId": made["versionId"], "name": "label", "description": "why"}
    answered(server.api.post(f"/workflows/{made['id']}/publish", json=wish))
    after = server.get(made["id"])
    assert after["activeVersionId"] == made["versionId"] != after["versionId"]
    assert (place_of(after), place_of(after["activeVersion"])) == ([9, 9], [0, 0])
    assert (after["activeVersion"]["name"], after["activeVersion"]["description"]) == ("label", "why")


@TWO
@pytest.mark.parametrize(
    ("wish", "status", "told"),
    [
        pytest.param({"versionId": "nosuchversion"}, 404, "Version not found", id="unknown version"),
        pytest.param({"versionId": None}, 400, "request/body/versionId Expected string, received null", id="null"),
        pytest.param([], 400, "request/body Expected object, received array", id="array"),
        pytest.param({"foo": 1}, 200, "", id="unknown keys are ignored"),
        pytest.param({}, 200, "", id="empty"),
    ],
)
def test_what_publish_may_be_told(server: Server, wish: Any, status: int, told: str) -> None:
    answer = server.api.post(f"/workflows/{server.new()['id']}/publish", json=wish)
    assert answer.status_code == status
    if told:
        assert answer.json()["message"] == told


@TWO
def test_the_history_lists_versions_newest_first_without_nodes(server: Server) -> None:
    made = server.new()
    answered(server.put(made["id"], body_of(made, nodes=moved(made))))
    shown = answered(server.api.get(f"/workflows/{made['id']}/history"))
    assert [entry["versionId"] for entry in shown["data"]] == [server.get(made["id"])["versionId"], made["versionId"]]
    assert set(shown["data"][0]) == {
        "versionId", "workflowId", "authors", "name", "description", "createdAt", "updatedAt",
    }  # fmt: skip
    assert len(answered(server.api.get(f"/workflows/{made['id']}/history", params={"limit": 1}))["data"]) == 1


@TWO
def test_a_rename_or_a_setting_is_in_no_version(server: Server) -> None:
    made = server.new()
    answered(server.put(made["id"], body_of(made, name=unique("renamed"), settings={"executionTimeout": 5})))
    assert len(answered(server.api.get(f"/workflows/{made['id']}/history"))["data"]) == 1


@TWO
def test_a_version_can_be_read_with_its_nodes(server: Server) -> None:
    made = server.new()
    answered(server.put(made["id"], body_of(made, nodes=moved(made))))
    shown = answered(server.api.get(f"/workflows/{made['id']}/versions/{made['versionId']}"))
    assert shown["nodes"] == made["nodes"]
    assert set(shown) == {
        "versionId", "workflowId", "nodes", "connections", "nodeGroups", "authors", "name", "description", "createdAt",
        "updatedAt",
    }  # fmt: skip
    unknown = server.api.get(f"/workflows/{made['id']}/versions/nosuchversion")
    assert refused(unknown) == (404, "Version not found")
