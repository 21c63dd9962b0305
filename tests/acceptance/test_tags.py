"""Tags: unique names, ids on workflows, filters by name."""

from typing import Any

import pytest
from tests.acceptance.documents import Document, unique
from tests.acceptance.servers import Server, answered, refused

TWO = pytest.mark.generations("2.41")


def new_tag(server: Server, name: str | None = None) -> Document:
    answer = server.api.post("/tags", json={"name": name or unique("tag")[:24]})
    assert answer.status_code == 201
    return dict(answered(answer))


def set_tags(server: Server, made: Document, *tags: Document) -> Any:
    return server.api.put(f"/workflows/{made['id']}/tags", json=[{"id": tag["id"]} for tag in tags])


def test_a_tag_has_a_name_that_no_other_has(server: Server) -> None:
    tag = new_tag(server)
    assert set(tag) == {"id", "name", "createdAt", "updatedAt"}
    assert refused(server.api.post("/tags", json={"name": tag["name"]})) == (409, "Tag already exists")


@pytest.mark.parametrize("name", ["", "x" * 25], ids=["empty", "25 characters"])
def test_a_name_that_does_not_fit_is_told_like_one_that_is_taken(server: Server, name: str) -> None:
    assert refused(server.api.post("/tags", json={"name": name})) == (409, "Tag already exists")


def test_names_of_tags_are_trimmed_and_case_counts(server: Server) -> None:
    name = unique("t")[:20]
    assert new_tag(server, f" {name} ")["name"] == name
    assert new_tag(server, name.upper())["name"] == name.upper()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "request/body must have required property 'name'"),
        ({"name": "n", "id": "x"}, "request/body/id is read-only"),
    ],
)
def test_a_tag_is_only_a_name(server: Server, body: Document, told: str) -> None:
    assert refused(server.api.post("/tags", json=body)) == (400, told)


def test_tagging_changes_the_tags_and_not_the_date(server: Server) -> None:
    made, tags = server.new(), [new_tag(server), new_tag(server)]
    before = server.get(made["id"])
    shown = answered(set_tags(server, made, *tags))
    assert {tag["id"] for tag in shown} == {tag["id"] for tag in tags}
    after = server.get(made["id"])
    assert {name for name in before if before[name] != after[name]} == {"tags"}
    assert {tag["name"] for tag in after["tags"]} == {tag["name"] for tag in tags}
    assert {tag["id"] for tag in answered(server.api.get(f"/workflows/{made['id']}/tags"))} == {t["id"] for t in tags}
    assert answered(set_tags(server, made)) == []


@pytest.mark.parametrize("ids", [["nosuchtag"], ["twice", "twice"]], ids=["unknown", "twice"])
def test_unknown_and_repeated_tags_are_404_and_change_nothing(server: Server, ids: list[str]) -> None:
    made, tag = server.new(), new_tag(server)
    answered(set_tags(server, made, tag))
    body = [{"id": tag["id"] if name == "twice" else name} for name in ids]
    assert refused(server.api.put(f"/workflows/{made['id']}/tags", json=body)) == (404, "Some tags not found")
    assert [shown["id"] for shown in server.get(made["id"])["tags"]] == [tag["id"]]


def test_tags_of_a_workflow_are_named_by_id(server: Server) -> None:
    made, tag = server.new(), new_tag(server)
    answer = server.api.put(f"/workflows/{made['id']}/tags", json=[{"name": tag["name"]}])
    assert refused(answer) == (400, "request/body/0 must have required property 'id'")


def test_the_filter_wants_all_tags_by_exact_name(server: Server) -> None:
    both, first, one, two = server.new(), server.new(), new_tag(server), new_tag(server)
    answered(set_tags(server, both, one, two))
    answered(set_tags(server, first, one))

    def found(*names: str) -> set[str]:
        listed = answered(server.api.get("/workflows", params={"tags": ",".join(names)}))["data"]
        return {item["id"] for item in listed}

    assert found(one["name"]) == {both["id"], first["id"]}
    assert found(one["name"], " " + two["name"]) == {both["id"]}
    assert found(one["name"].upper()) == set()
    assert found("nosuchtag") == set()
    assert found(two["name"], "nosuchtag") == server.says(on_2=set(), on_1={both["id"]})


def test_a_renamed_tag_shows_its_new_name_everywhere(server: Server) -> None:
    made, tag, name = server.new(), new_tag(server), unique("new")[:24]
    answered(set_tags(server, made, tag))
    (item,) = answered(server.api.get("/workflows", params={"name": made["name"]}))["data"]
    assert [shown["name"] for shown in item["tags"]] == [tag["name"]]
    answered(server.api.put(f"/tags/{tag['id']}", json={"name": name}))
    assert [shown["name"] for shown in server.get(made["id"])["tags"]] == [name]
    (item,) = answered(server.api.get("/workflows", params={"name": made["name"]}))["data"]
    assert [shown["name"] for shown in item["tags"]] == [name]


def test_a_deleted_tag_leaves_its_workflows(server: Server) -> None:
    made, tag = server.new(), new_tag(server)
    answered(set_tags(server, made, tag))
    answered(server.api.delete(f"/tags/{tag['id']}"))
    assert server.get(made["id"])["tags"] == []
    assert refused(server.api.get(f"/tags/{tag['id']}")) == (404, "Not Found")


def test_tags_come_in_pages(server: Server) -> None:
    new_tag(server), new_tag(server)
    first = answered(server.api.get("/tags", params={"limit": 1}))
    second = answered(server.api.get("/tags", params={"cursor": first["nextCursor"]}))
    assert first["data"] != second["data"]
