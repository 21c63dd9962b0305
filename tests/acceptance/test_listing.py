"""The list of workflows: pages, cursors, filters, and what stands in an item."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.acceptance.documents import body_of, node, schedule, unique, workflow
from tests.acceptance.servers import Server, answered, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")
MANY = 260


@pytest.fixture(scope="module")
def crowd(server: Server) -> str:
    """The name that 260 workflows share, which no other workflow holds."""
    name = unique("crowd")
    for _ in range(MANY):
        server.new(workflow(name, node("A")))
    return name


def page(server: Server, **query: Any) -> Any:
    return answered(server.api.get("/workflows", params=query))


def pages(server: Server, **query: Any) -> Iterator[Any]:
    cursor: dict[str, str] = {}
    while True:
        shown = page(server, **query, **cursor)
        yield shown
        if not shown["nextCursor"]:
            return
        cursor = {"cursor": shown["nextCursor"]}


def decoded(cursor: str) -> Any:
    return json.loads(base64.b64decode(cursor))


def test_a_page_holds_100_unless_asked_otherwise(server: Server, crowd: str) -> None:
    assert len(page(server, name=crowd)["data"]) == 100


def test_cursors_lead_through_all_pages_without_gap_or_repetition(server: Server, crowd: str) -> None:
    ids = [item["id"] for shown in pages(server, name=crowd, limit=250) for item in shown["data"]]
    assert len(ids) == MANY
    assert ids == sorted(set(ids)), "ordered by id"


def test_a_cursor_is_an_offset_in_disguise(server: Server, crowd: str) -> None:
    assert decoded(page(server, name=crowd, limit=30)["nextCursor"]) == {"limit": 30, "offset": 30}


def test_the_limit_in_a_cursor_wins_over_the_query(server: Server, crowd: str) -> None:
    cursor = page(server, name=crowd, limit=30)["nextCursor"]
    assert len(page(server, name=crowd, limit=7, cursor=cursor)["data"]) == 30


def test_the_last_page_has_no_cursor(server: Server, crowd: str) -> None:
    *_, last = pages(server, name=crowd, limit=250)
    assert last["nextCursor"] is None


@TWO
@pytest.mark.parametrize(
    ("query", "count"),
    [
        pytest.param({"limit": 251}, 250, id="too large is cut"),
        pytest.param({"limit": 5000}, 250, id="far too large is cut"),
        pytest.param({"limit": ""}, 100, id="empty is the default"),
        pytest.param({"limit": "1.5"}, 1, id="parsed as parseInt does"),
        pytest.param({"limit": 10, "offset": 255}, 5, id="offset"),
        pytest.param({"offset": 1000}, 0, id="offset beyond the end"),
        pytest.param({"foo": 1}, 100, id="unknown parameters are ignored"),
    ],
)
def test_2x_reads_the_window_generously(server: Server, crowd: str, query: dict[str, Any], count: int) -> None:
    assert len(page(server, name=crowd, **query)["data"]) == count


def test_limit_0_answers_everything_and_a_cursor_that_never_advances(server: Server, crowd: str) -> None:
    shown = page(server, name=crowd, limit=0)
    assert len(shown["data"]) == MANY
    assert decoded(shown["nextCursor"]) == {"limit": 0, "offset": 0}


@pytest.mark.parametrize(
    ("query", "on_2", "on_1"),
    [
        pytest.param(
            "limit=abc", "Param `limit` must be a valid integer", "request/query/limit must be number", id="limit abc"
        ),
        pytest.param("limit=-1", "Param `limit` must be a non-negative integer", "", id="limit -1"),
        pytest.param("limit=251", "", "request/query/limit must be <= 250", id="limit 251"),
        pytest.param("limit=", "", "Empty value found for query parameter 'limit'", id="limit empty"),
        pytest.param("offset=1", "", "Unknown query parameter 'offset'", id="offset on 1.x"),
        pytest.param("offset=abc", "Param `offset` must be a valid integer", "Unknown query", id="offset abc"),
        pytest.param("foo=1", "", "Unknown query parameter 'foo'", id="unknown parameter"),
        pytest.param("cursor=abc", "An invalid cursor was provided", "An invalid cursor was provided", id="cursor"),
        pytest.param(
            "active=maybe",
            "request/query/active Invalid enum value. Expected 'true' | 'false', received 'maybe'",
            "request/query/active must be boolean",
            id="active maybe",
        ),
        pytest.param("limit=1&limit=2", "Expected string, received array", "must be number", id="limit twice"),
    ],
)
def test_queries_are_refused(server: Server, query: str, on_2: str, on_1: str) -> None:
    told = server.says(on_2=on_2, on_1=on_1)
    answer = server.api.get(f"/workflows?{query}")
    if not told:
        assert answer.status_code == 200
        return
    status, message = refused(answer)
    assert status == 400
    assert told in message


def test_a_workflow_deleted_between_two_pages_makes_the_cursor_skip_one(server: Server) -> None:
    name = unique("moving")
    for _ in range(6):
        server.new(workflow(name, node("A")))
    everything = [item["id"] for item in page(server, name=name)["data"]]
    first = page(server, name=name, limit=3)
    answered(server.api.delete(f"/workflows/{everything[0]}"))
    second = page(server, name=name, limit=3, cursor=first["nextCursor"])
    seen = [item["id"] for item in first["data"] + second["data"]]
    assert [missed for missed in everything if missed not in seen] == [everything[3]]


@TWO
def test_an_overlapping_offset_shows_that_the_list_has_moved(server: Server) -> None:
    name = unique("overlap")
    for _ in range(6):
        server.new(workflow(name, node("A")))
    first = page(server, name=name, limit=3)["data"]
    still = page(server, name=name, limit=3, offset=2)["data"]
    assert still[0]["id"] == first[-1]["id"]
    answered(server.api.delete(f"/workflows/{first[0]['id']}"))
    moved = page(server, name=name, limit=3, offset=2)["data"]
    assert moved[0]["id"] != first[-1]["id"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(str.upper, True, id="any case"),
        pytest.param(lambda name: name[3:-3], True, id="a part"),
        pytest.param(lambda name: name.replace(" ", "_"), True, id="underscore is wild"),
        pytest.param(lambda name: name + "x", False, id="too much"),
    ],
)
def test_the_name_filter_is_the_databases_like(server: Server, wanted: Any, found: bool) -> None:
    name = unique("filter me")
    made = server.new(workflow(name, node("A")))
    assert (made["id"] in [item["id"] for item in page(server, name=wanted(name))["data"]]) is found


def test_the_active_filter_tells_published_from_not(server: Server) -> None:
    name = unique("either")
    idle, running = server.new(workflow(name)), server.published(workflow(name))
    assert [item["id"] for item in page(server, name=name, active="true")["data"]] == [running["id"]]
    assert [item["id"] for item in page(server, name=name, active="false")["data"]] == [idle["id"]]


def test_a_list_item_has_less_than_get(server: Server) -> None:
    made = server.new()
    (item,) = page(server, name=made["name"])["data"]
    missing = set(server.get(made["id"])) - set(item)
    assert missing == server.says(
        on_2={"description", "versionCounter", "sourceWorkflowId"}, on_1={"description", "versionCounter"}
    )


def test_a_list_item_carries_the_whole_body_and_the_whole_published_version(server: Server) -> None:
    made = server.published()
    (item,) = page(server, name=made["name"])["data"]
    assert item["nodes"] == made["nodes"]
    assert item["activeVersion"]["nodes"] == made["nodes"]
    assert item["activeVersion"]["connections"] == made["connections"]
    assert set(item["activeVersion"]) == server.says(
        on_2={
            "versionId", "workflowId", "nodes", "connections", "nodeGroups", "authors", "name", "description",
            "autosaved", "createdAt", "updatedAt",
        },
        on_1={
            "versionId", "workflowId", "nodes", "connections", "authors", "name", "description", "createdAt",
            "updatedAt",
        },
    )  # fmt: skip


def test_the_list_does_not_name_the_owner_but_get_does(server: Server) -> None:
    made = server.new()
    (item,) = page(server, name=made["name"])["data"]
    assert set(item["shared"][0]) == {"role", "workflowId", "projectId", "createdAt", "updatedAt"}
    assert "@" in server.get(made["id"])["shared"][0]["project"]["name"]


def test_pinned_data_is_left_out_on_request(server: Server) -> None:
    made = server.new()
    server.edit_by_hand(made["id"], pinData={"Start": [{"json": {"a": 1}}]})
    (item,) = page(server, name=made["name"])["data"]
    assert item["pinData"] == {"Start": [{"json": {"a": 1}}]}
    (item,) = page(server, name=made["name"], excludePinnedData="true")["data"]
    assert "pinData" not in item


@TWO
def test_a_draft_ahead_of_the_published_version_is_seen_in_the_list(server: Server) -> None:
    made = server.published()
    moved = [made["nodes"][0] | {"position": [7, 7]}]
    answered(server.put(made["id"], body_of(made, nodes=moved), publishIfActive="false"))
    (item,) = page(server, name=made["name"])["data"]
    assert item["active"] is True
    assert item["activeVersionId"] != item["versionId"]
    assert item["nodes"][0]["position"] == [7, 7]
    assert item["activeVersion"]["nodes"][0]["position"] == [0, 0]


def test_names_are_not_unique(server: Server) -> None:
    name = unique("twin")
    first, second = server.new(workflow(name, schedule())), server.new(workflow(name, schedule()))
    assert {item["id"] for item in page(server, name=name)["data"]} == {first["id"], second["id"]}
