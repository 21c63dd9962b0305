"""Putting workflows away and deleting them."""

import pytest
from tests.acceptance.documents import Document, body_of
from tests.acceptance.servers import Server, answered, eventually, refused

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")


def archived(server: Server, made: Document) -> Document:
    answered(server.api.post(f"/workflows/{made['id']}/archive"))
    return server.get(made["id"])


@TWO
def test_archiving_unpublishes_and_makes_a_version_of_nothing_new(server: Server) -> None:
    made = server.published()
    after = archived(server, made)
    assert (after["isArchived"], after["active"], after["activeVersion"]) == (True, False, None)
    assert after["versionId"] != made["versionId"]
    assert after["nodes"] == made["nodes"]
    assert after["versionCounter"] == made["versionCounter"]


@TWO
def test_archiving_twice_does_no_harm(server: Server) -> None:
    made = server.new()
    first = archived(server, made)
    assert archived(server, made) == first


@TWO
def test_an_archived_workflow_is_still_listed(server: Server) -> None:
    made = server.new()
    archived(server, made)
    (item,) = answered(server.api.get("/workflows", params={"name": made["name"]}))["data"]
    assert item["isArchived"] is True


@TWO
def test_an_archived_workflow_can_be_neither_changed_nor_published(server: Server) -> None:
    made = server.new()
    archived(server, made)
    assert refused(server.put(made["id"], body_of(made))) == (400, "Cannot update an archived workflow.")
    assert refused(server.activate(made["id"])) == (400, "Cannot activate an archived workflow.")


@TWO
def test_an_archived_workflow_can_be_tagged(server: Server) -> None:
    made = server.new()
    archived(server, made)
    assert answered(server.api.put(f"/workflows/{made['id']}/tags", json=[])) == []


@TWO
def test_unarchiving_brings_it_back_unpublished(server: Server) -> None:
    made = server.published()
    away = archived(server, made)
    answered(server.api.post(f"/workflows/{made['id']}/unarchive"))
    back = server.get(made["id"])
    assert (back["isArchived"], back["active"]) == (False, False)
    assert len({made["versionId"], away["versionId"], back["versionId"]}) == 3
    assert refused(server.api.post(f"/workflows/{made['id']}/unarchive")) == (400, "Workflow is not archived.")


@TWO
def test_archiving_what_is_not_there_is_404(server: Server) -> None:
    assert refused(server.api.post("/workflows/nosuchworkflow/archive")) == (404, "Workflow not found")


@TWO
def test_2x_does_not_delete_what_is_published(server: Server) -> None:
    made = server.published()
    assert refused(server.api.delete(f"/workflows/{made['id']}")) == (
        409,
        "Cannot delete a published workflow. Unpublish it before deleting.",
    )
    answered(server.api.post(f"/workflows/{made['id']}/deactivate"))
    eventually(lambda: server.api.delete(f"/workflows/{made['id']}").status_code, lambda status: status == 200)


@ONE
def test_1x_deletes_what_is_active(server: Server) -> None:
    made = server.published()
    answered(server.api.delete(f"/workflows/{made['id']}"))
    assert server.api.get(f"/workflows/{made['id']}").status_code == 404


def test_delete_is_for_good(server: Server) -> None:
    made = server.new()
    answered(server.api.delete(f"/workflows/{made['id']}"))
    assert refused(server.api.delete(f"/workflows/{made['id']}")) == (404, "Not Found")


@TWO
def test_an_archived_workflow_can_be_deleted(server: Server) -> None:
    made = server.new()
    archived(server, made)
    answered(server.api.delete(f"/workflows/{made['id']}"))
