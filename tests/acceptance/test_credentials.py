"""Credentials: what is listed, and how n8n rewrites the references of a workflow that it saves."""

from typing import Any

import pytest
from tests.acceptance.documents import HTTP_REQUEST, Document, body_of, node, schedule, unique, workflow
from tests.acceptance.servers import Server, answered, eventually, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")

# One type per purpose, because a reference without an id takes any credential of its type.
LONELY, CROWDED, NONE = "httpBasicAuth", "httpHeaderAuth", "httpDigestAuth"


@pytest.fixture(scope="module")
def lonely(server: Server) -> Document:
    """The only credential of its type."""
    return {"id": server.new_credential("Only Basic", LONELY), "name": "Only Basic"}


@pytest.fixture(scope="module")
def crowded(server: Server) -> list[str]:
    """Two credentials of one type and one name, in the order of their creation."""
    return [server.new_credential("Twin", CROWDED) for _ in range(2)]


def using(kind: str, reference: Any, name: str = "H", **fields: Any) -> Document:
    return node(name, HTTP_REQUEST, **{"typeVersion": 4.2, "credentials": {kind: reference}, **fields})


def bound(server: Server, kind: str, *references: Any, **fields: Any) -> list[Any]:
    """What became of the references of one workflow."""
    nodes = [using(kind, reference, f"H{index}", **fields) for index, reference in enumerate(references)]
    return [item["credentials"][kind] for item in server.new(workflow(None, schedule(), *nodes))["nodes"][1:]]


BOUND, KEPT = "bound", "kept"


@pytest.mark.parametrize(
    ("reference", "becomes"),
    [
        pytest.param({"id": "{id}", "name": "whatever"}, BOUND, id="the id decides, the name is corrected"),
        pytest.param({"id": "nosuchid", "name": "Only Basic"}, BOUND, id="else the one of that name"),
        pytest.param({"id": "nosuchid", "name": "nosuchname"}, KEPT, id="else it stays"),
        pytest.param({"id": "nosuchid", "name": "only basic"}, KEPT, id="case counts"),
        pytest.param({"id": "", "name": "Only Basic"}, BOUND, id="empty id"),
        pytest.param({"id": None, "name": "Only Basic"}, BOUND, id="null id, known name"),
        pytest.param({"id": None, "name": "Zip"}, KEPT, id="null id, unknown name"),
        pytest.param("Only Basic", BOUND, id="a text is a name"),
        pytest.param("Zip", KEPT, id="an unknown text stays a text"),
        pytest.param({"name": "Only Basic"}, BOUND, id="no id, known name"),
        pytest.param({"name": "Zip"}, BOUND, id="no id, unknown name: ANY of the type"),
        pytest.param({}, BOUND, id="empty reference: ANY of the type"),
        pytest.param({"id": "{id}", "name": "Only Basic", "extra": 1}, BOUND, id="further keys are lost"),
    ],
)
def test_how_a_reference_is_bound(server: Server, lonely: Document, reference: Any, becomes: str) -> None:
    if isinstance(reference, dict) and reference.get("id") == "{id}":
        reference = reference | {"id": lonely["id"]}
    assert bound(server, LONELY, reference) == [lonely if becomes is BOUND else reference]


def test_disabled_nodes_are_not_bound(server: Server, lonely: Document) -> None:
    reference = {"id": "nosuchid", "name": lonely["name"]}
    assert bound(server, LONELY, reference, disabled=True) == [reference]


def test_a_reference_without_id_takes_any_credential_of_its_type(server: Server, crowded: list[str]) -> None:
    assert bound(server, CROWDED, {"name": "Zip"}) == [{"id": crowded[0], "name": "Twin"}]


@pytest.mark.parametrize("reference", [{"id": "nosuchid", "name": "Twin"}, {"id": None, "name": "Twin"}, "Twin"])
def test_an_ambiguous_name_binds_nothing(server: Server, crowded: list[str], reference: Any) -> None:
    assert bound(server, CROWDED, reference) == [reference]


def test_an_id_of_another_type_stays(server: Server, lonely: Document, crowded: list[str]) -> None:
    reference = {"id": lonely["id"], "name": lonely["name"]}
    assert bound(server, CROWDED, reference) == [reference]


def test_without_any_credential_of_the_type_a_reference_stays(server: Server) -> None:
    assert bound(server, NONE, {"name": "Zip"}) == [{"name": "Zip"}]


def test_the_second_node_with_an_unknown_text_gets_an_object(server: Server, lonely: Document) -> None:
    assert bound(server, LONELY, "Zip", "Zip") == ["Zip", {"id": None, "name": "Zip"}]


def test_a_workflow_with_an_unbound_credential_can_be_published(server: Server) -> None:
    made = server.new(workflow(None, schedule(), using(LONELY, {"id": "nosuchid", "name": "nosuchname"})))
    answered(server.activate(made["id"]))


def test_put_binds_as_post_does(server: Server, lonely: Document) -> None:
    made = server.new(workflow(None, schedule(), using(LONELY, {"id": "nosuchid", "name": "nosuchname"})))
    nodes = [made["nodes"][0], using(LONELY, {"id": "nosuchid", "name": lonely["name"]})]
    answered(server.put(made["id"], body_of(made, nodes=nodes)))
    assert server.get(made["id"])["nodes"][1]["credentials"] == {LONELY: lonely}


def test_a_null_reference_is_kept_by_2x_and_refused_by_1x(server: Server) -> None:
    answer = server.api.post("/workflows", json=workflow(None, using(LONELY, None)))
    if server.is_2:
        assert answered(answer)["nodes"][0]["credentials"] == {LONELY: None}
    else:
        assert refused(answer) == (400, "Cannot read properties of null (reading 'id')")


@TWO
def test_a_renamed_credential_shows_only_after_the_next_save_which_is_a_new_version(server: Server) -> None:
    name, later = unique("before"), unique("after")
    made_id = server.new_credential(name, CROWDED)
    made = server.new(workflow(None, using(CROWDED, {"id": made_id, "name": name})))
    answered(server.api.patch(f"/credentials/{made_id}", json={"name": later}))
    assert server.get(made["id"])["nodes"] == made["nodes"]
    answered(server.put(made["id"], body_of(made)))
    after = server.get(made["id"])
    assert after["nodes"][0]["credentials"] == {CROWDED: {"id": made_id, "name": later}}
    assert after["versionId"] != made["versionId"]


@TWO
def test_credentials_are_listed_without_their_data(server: Server) -> None:
    name = unique("listed")
    made_id = server.new_credential(name, CROWDED)
    listed = answered(server.api.get("/credentials", params={"limit": 250}))["data"]
    (item,) = [item for item in listed if item["id"] == made_id]
    assert set(item) == {"id", "name", "type", "createdAt", "updatedAt", "shared"}
    assert (item["name"], item["type"]) == (name, CROWDED)


@ONE
@pytest.mark.parametrize("path", ["/credentials", "/credentials/x"])
def test_1x_lists_no_credentials(server: Server, path: str) -> None:
    assert refused(server.api.get(path)) == (405, "GET method not allowed")


@TWO
def test_credentials_come_in_pages(server: Server, crowded: list[str]) -> None:
    first = answered(server.api.get("/credentials", params={"limit": 1}))
    second = answered(server.api.get("/credentials", params={"cursor": first["nextCursor"]}))
    assert len(first["data"]) == len(second["data"]) == 1
    assert first["data"] != second["data"]


def test_a_credential_in_use_can_be_deleted(server: Server) -> None:
    made_id = server.new_credential(unique("gone"), CROWDED)
    made = server.new(workflow(None, using(CROWDED, {"id": made_id, "name": "x"})))
    answered(server.api.delete(f"/credentials/{made_id}"))
    eventually(lambda: server.get(made["id"])["nodes"], lambda nodes: nodes == made["nodes"])


@TWO
def test_an_unknown_credential_is_404(server: Server) -> None:
    assert refused(server.api.get("/credentials/nosuchcredential")) == (404, "Credential not found")


@pytest.mark.parametrize("field", ["name", "type", "data"])
def test_a_credential_needs_three_fields(server: Server, field: str) -> None:
    body: Document = {"name": "n", "type": LONELY, "data": {}}
    del body[field]
    message = f"request/body must have required property '{field}'"
    assert refused(server.api.post("/credentials", json=body)) == (400, message)
