import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.listing import ListedWorkflow, OddWorkflow, Page, parse_page, parse_workflow

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
NODES = [{"id": "n1", "name": "Set", "type": "n8n-nodes-base.set", "position": [0, 0], "parameters": {"a": 1.0}}]
CONNECTIONS = {"Set": {"main": [[{"node": "Set", "type": "main", "index": 0}]]}}


def entry(**changes: Any) -> dict[str, Any]:
    """One entry of the list as n8n 2.41 answers it."""
    return {
        "id": "abc123",
        "name": "Orders",
        "active": False,
        "activeVersionId": None,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-02T00:00:00.000Z",
        "isArchived": False,
        "versionId": "v1",
        "triggerCount": 0,
        "nodes": NODES,
        "connections": CONNECTIONS,
        "nodeGroups": [],
        "settings": {"executionOrder": "v1"},
        "staticData": None,
        "meta": None,
        "pinData": {},
        "tags": [{"id": "t2", "name": "b", "updatedAt": "2026"}, {"id": "t1", "name": "a", "updatedAt": "2026"}],
        "shared": [],
        "activeVersion": None,
    } | changes


def version(**changes: Any) -> dict[str, Any]:
    """A published version inside an entry."""
    graph = {"nodes": NODES, "connections": CONNECTIONS, "nodeGroups": [], "authors": "Olive", "name": None}
    return {"versionId": "v1"} | graph | changes


def without(key: str) -> dict[str, Any]:
    """An entry that lacks a field."""
    return {name: value for name, value in entry().items() if name != key}


def page_of(*entries: Any, **more: Any) -> Page:
    return parse_page(json.dumps({"data": list(entries), "nextCursor": None} | more).encode())


def listed(**changes: Any) -> ListedWorkflow:
    page = page_of(entry(**changes))
    assert page.odd == ()
    return page.workflows[0]


PUBLISHED = entry(active=True, activeVersion=version())


def test_the_labels_are_decoded() -> None:
    workflow = listed(isArchived=True)
    assert (workflow.id, workflow.name, workflow.active, workflow.is_archived) == ("abc123", "Orders", False, True)
    assert (workflow.updated_at, workflow.version_id) == ("2026-01-02T00:00:00.000Z", "v1")
    assert workflow.tags == ("a", "b")


def test_a_document_holds_what_is_compared_and_nothing_else() -> None:
    assert listed(pinData={"Set": [{"secret": 1}]}, staticData={"x": 1}).document() == {
        "name": "Orders",
        "active": False,
        "tags": ["a", "b"],
        "nodes": NODES,
        "connections": CONNECTIONS,
        "settings": {"executionOrder": "v1"},
        "nodeGroups": [],
    }


def test_the_published_version_stands_beside_the_draft() -> None:
    running = [NODES[0] | {"parameters": {"a": 2}}]
    workflow = listed(active=True, activeVersion=version(nodes=running))
    published = workflow.published()
    assert published == workflow.document() | {"nodes": running}
    assert workflow.document()["nodes"] == NODES


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"active": True, "activeVersion": None}, id="a server without versions"),
        pytest.param({"active": False, "activeVersion": None}, id="a draft"),
        pytest.param({"active": False, "activeVersion": version()}, id="a version that is switched off"),
    ],
)
def test_nothing_is_published_where_nothing_runs_a_version(changes) -> None:
    assert listed(**changes).published() is None


def test_a_server_without_node_groups_gives_documents_without_them() -> None:
    bare = {key: value for key, value in version().items() if key != "nodeGroups"}
    page = page_of(without("nodeGroups") | {"active": True, "activeVersion": bare})
    assert "nodeGroups" not in page.workflows[0].document()
    assert "nodeGroups" not in (page.workflows[0].published() or {})


def test_a_version_that_does_not_tell_its_groups_has_the_drafts() -> None:
    bare = {key: value for key, value in version().items() if key != "nodeGroups"}
    workflow = listed(active=True, activeVersion=bare, nodeGroups=[{"id": "g"}])
    assert (workflow.published() or {})["nodeGroups"] == [{"id": "g"}]


@pytest.mark.parametrize(
    "changes",
    [
        {"staticData": {"node:Cron": {"n": 1}}},
        {"meta": {"instanceId": "x"}},
        {"triggerCount": 9},
        {"shared": [{"role": "workflow:owner", "project": {"name": "Olive <olive@example.com>"}}]},
        {"versionCounter": 7},
        {"versionId": "v2"},
        {"activeVersionId": "v2"},
        {"updatedAt": "2027-01-01T00:00:00.000Z"},
        {"createdAt": "2027-01-01T00:00:00.000Z"},
        {"pinData": {"Set": [{"json": {}}]}},
        {"tags": [{"id": "t9", "name": "a"}, {"id": "t8", "name": "b", "updatedAt": "2030"}]},
        {"activeVersion": version(authors="Otto", name="v", description="d", versionId="v7")},
        {"description": "only GET tells it"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_the_digest_stands_still_while_what_is_not_compared_moves(changes) -> None:
    assert page_of(PUBLISHED | changes).workflows[0].raw_digest == page_of(PUBLISHED).workflows[0].raw_digest


OTHER = [NODES[0] | {"name": "Other"}]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": "Orders 2"}, id="name"),
        pytest.param({"nodes": OTHER}, id="nodes"),
        pytest.param({"connections": {}}, id="connections"),
        pytest.param({"settings": {}}, id="settings"),
        pytest.param({"nodeGroups": [{"id": "g"}]}, id="nodeGroups"),
        pytest.param({"active": False}, id="active"),
        pytest.param({"isArchived": True}, id="isArchived"),
        pytest.param({"tags": []}, id="tags"),
        pytest.param({"activeVersion": None}, id="activeVersion"),
        pytest.param({"activeVersion": version(nodes=OTHER)}, id="published nodes"),
        pytest.param({"activeVersion": version(connections={})}, id="published connections"),
        pytest.param({"activeVersion": version(nodeGroups=[{"id": "g"}])}, id="published groups"),
        pytest.param({"nodes": OTHER, "activeVersion": version(nodes=OTHER)}, id="both graphs alike"),
    ],
)
def test_the_digest_moves_with_everything_that_is_compared(changes) -> None:
    assert page_of(PUBLISHED | changes).workflows[0].raw_digest != page_of(PUBLISHED).workflows[0].raw_digest


def test_what_moves_from_one_field_into_the_next_is_seen() -> None:
    first, second = entry(name="ab", tags=[{"name": "c"}]), entry(name="a", tags=[{"name": "bc"}])
    digests = {workflow.raw_digest for workflow in page_of(first, second).workflows}
    swapped = entry(active=True, nodes=OTHER, activeVersion=version())
    digests |= {w.raw_digest for w in page_of(swapped, PUBLISHED | {"activeVersion": version(nodes=OTHER)}).workflows}
    assert len(digests) == 4


def test_list_and_single_workflow_have_the_same_digest() -> None:
    more = {"description": "d", "versionCounter": 3, "sourceWorkflowId": None}
    alone = parse_workflow(json.dumps(PUBLISHED | more).encode())
    assert isinstance(alone, ListedWorkflow)
    assert alone.raw_digest == page_of(PUBLISHED).workflows[0].raw_digest


SETTINGS_ABSENT = without("settings")


@pytest.mark.parametrize(
    ("odd", "field", "expected"),
    [
        pytest.param(entry(id=17), "id", "17", id="numeric id"),
        pytest.param(entry(name="half an emoji \ud83d"), "name", "half an emoji \N{REPLACEMENT CHARACTER}", id="name"),
        pytest.param(entry(tags=None), "tags", (), id="tags null"),
        pytest.param(without("tags"), "tags", (), id="tags switched off"),
        pytest.param(entry(tags=["x", "a"]), "tags", ("a", "x"), id="tags as names"),
        pytest.param(entry(isArchived=None), "is_archived", False, id="isArchived null"),
        pytest.param(without("isArchived"), "is_archived", False, id="no isArchived"),
        pytest.param(entry(versionId=None), "version_id", None, id="versionId null"),
        pytest.param(entry(versionId=3), "version_id", "3", id="numeric versionId"),
        pytest.param(entry(updatedAt=None), "updated_at", "", id="updatedAt null"),
    ],
)
def test_an_odd_label_is_read_where_its_meaning_is_clear(odd, field, expected) -> None:
    page = page_of(entry(id="before"), odd, entry(id="behind"))
    assert page.odd == ()
    assert getattr(page.workflows[1], field) == expected
    assert [page.workflows[0].id, page.workflows[2].id] == ["before", "behind"]


@pytest.mark.parametrize(
    ("odd", "key", "expected"),
    [
        pytest.param(entry(settings=None), "settings", {}, id="settings null"),
        pytest.param(without("settings"), "settings", {}, id="no settings"),
        pytest.param(entry(connections=None), "connections", {}, id="connections null"),
        pytest.param(entry(nodeGroups=None), "nodeGroups", [], id="nodeGroups null"),
        pytest.param(entry(nodes=[None, "x"]), "nodes", [None, "x"], id="nodes that are none"),
        pytest.param(entry(nodes=[{"n": "\ud83d"}]), "nodes", [{"n": "\ud83d"}], id="half an emoji in a node"),
        pytest.param(entry(nodes=[10**30]), "nodes", [10**30], id="a huge number"),
    ],
)
def test_odd_content_is_read_where_its_meaning_is_clear(odd, key, expected) -> None:
    page = page_of(entry(id="before"), odd, entry(id="behind"))
    assert page.odd == ()
    assert page.workflows[1].document()[key] == expected


DEEP = "[" * 3_000 + "]" * 3_000


@pytest.mark.parametrize(
    ("odd", "identity", "problem"),
    [
        pytest.param(without("id"), None, "`id`", id="no id"),
        pytest.param(entry(id=""), None, "`id`", id="empty id"),
        pytest.param(entry(id=True), None, "`id`", id="id is no label"),
        pytest.param(without("name"), "abc123", "`name`", id="no name"),
        pytest.param(entry(name=None), "abc123", "`name`", id="name null"),
        pytest.param(entry(active=None), "abc123", "`active`", id="active null"),
        pytest.param(entry(nodes=None), "abc123", "`nodes`", id="nodes null"),
        pytest.param(without("nodes"), "abc123", "`nodes`", id="no nodes"),
        pytest.param(entry(nodes={}), "abc123", "`nodes`", id="nodes of another kind"),
        pytest.param(entry(connections=[1]), "abc123", "`connections`", id="connections of another kind"),
        pytest.param(entry(settings="x"), "abc123", "`settings`", id="settings of another kind"),
        pytest.param(entry(tags={}), "abc123", "`tags`", id="tags of another kind"),
        pytest.param(entry(tags=[{"id": "t"}]), "abc123", "`tags`", id="a tag without a name"),
        pytest.param(entry(active=True, activeVersion={}), "abc123", "`nodes`", id="an empty version"),
        pytest.param(entry(activeVersion=[]), "abc123", "start", id="a version of another kind"),
        pytest.param(None, None, "`id`", id="null"),
        pytest.param("x", None, "`id`", id="a text"),
    ],
)
def test_an_entry_that_cannot_be_understood_is_set_aside_and_hides_no_other(odd, identity, problem) -> None:
    page = page_of(entry(id="before"), odd, entry(id="behind"), nextCursor="more")
    assert [workflow.id for workflow in page.workflows] == ["before", "behind"]
    assert page.next_cursor == "more"
    assert [(each.id or None) for each in page.odd] == [identity]
    assert problem in page.odd[0].problem


def test_a_workflow_nested_too_deeply_is_set_aside_with_its_name() -> None:
    text = json.dumps({"data": [entry(id="a"), entry(id="b", nodes=["deep"])], "nextCursor": None})
    page = parse_page(text.replace('"deep"', DEEP).encode())
    assert [workflow.id for workflow in page.workflows] == ["a"]
    assert page.odd == (OddWorkflow("b", "Orders", "It is nested too deeply to be read."),)


def test_half_an_emoji_hides_no_other_workflow() -> None:
    odd = entry(id="odd", nodes=[{"name": "\ud83d", "parameters": {}}])
    page = page_of(*(entry(id=str(number)) for number in range(50)), odd, nextCursor="more")
    assert len(page.workflows) == 51
    assert page.next_cursor == "more"


def test_bytes_that_are_no_utf8_are_told_when_they_are_decoded() -> None:
    body = json.dumps({"data": [entry()]}).encode().replace(b"n8n-nodes-base.set", b"\xff\xfe")
    with pytest.raises(ValueError, match="utf-8"):
        parse_page(body).workflows[0].document()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="nothing in it"),
        pytest.param(b'{"message":"Not Found"}', id="an error of n8n's"),
        pytest.param(b'{"data":null}', id="data null"),
        pytest.param(b'{"data":{}}', id="data of another kind"),
        pytest.param(b'{"data":[],"nextCursor":5}', id="a cursor that is a number"),
        pytest.param(b'{"data":[]}<html>', id="something behind it"),
        pytest.param(b"<html></html>", id="html"),
    ],
)
def test_what_is_no_page_is_refused(body) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_page(body)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_no_page_cut_short_passes_for_a_page(data) -> None:
    body = json.dumps({"data": [entry(), PUBLISHED, entry(id=3)], "nextCursor": None}).encode()
    length = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(ValueError, match=r"."):
        parse_page(body[:length])


def test_a_page_of_1_x_has_no_cursor_when_it_is_the_last() -> None:
    assert parse_page(b'{"data":[]}') == Page((), None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(entry())), VALUES, max_size=4))
def test_whatever_an_entry_holds_it_is_listed_or_set_aside(changes) -> None:
    page = page_of(entry(id="first") | changes, entry(id="last"))
    assert len(page.workflows) + len(page.odd) == 2
    assert page.workflows[-1].id == "last"
    for workflow in page.workflows:
        workflow.document()
        workflow.published()
        workflow.name.encode()
        msgspec.json.encode(workflow.tags)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_documents_are_what_the_standard_library_reads(members, nodes) -> None:
    body = json.dumps({"data": [entry(settings=members, nodes=nodes)]})
    expected = json.loads(body)["data"][0]
    document = parse_page(body.encode()).workflows[0].document()
    assert (document["settings"], document["nodes"]) == (expected["settings"], expected["nodes"])


def test_a_kept_workflow_is_equal_and_lets_go_of_the_page() -> None:
    body = json.dumps({"data": [PUBLISHED], "nextCursor": None}).encode()
    holders = sys.getrefcount(body)
    page = parse_page(body)
    kept = page.workflows[0].kept()
    assert sys.getrefcount(body) > holders
    assert kept == page.workflows[0]
    assert (kept.document(), kept.published()) == (page.workflows[0].document(), page.workflows[0].published())
    del page
    assert sys.getrefcount(body) == holders
    assert kept.document()["nodes"] == NODES


def test_a_kept_workflow_holds_equal_graphs_once() -> None:
    kept = page_of(PUBLISHED).workflows[0].kept()
    assert kept.published_graph is kept.draft


def test_a_workflow_shows_no_content_in_logs() -> None:
    assert "n8n-nodes-base" not in repr(listed())


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workflows is not beside this repository")
def test_every_real_workflow_is_listed_and_decodes_to_what_it_was() -> None:
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(CORPUS.glob("*/*.json"))]
    entries = [as_listed(number, document) for number, document in enumerate(documents)]
    page = page_of(*entries)
    read = {workflow.id: workflow for workflow in page.workflows}
    assert len(read) + len(page.odd) == len(documents) > 300
    assert page.odd == ()
    for each in entries:
        document = read[each["id"]].document()
        assert {key: document[key] for key in ("nodes", "connections", "settings")} == {
            key: each[key] for key in ("nodes", "connections", "settings")
        }
        assert read[each["id"]].published() == (document if each["active"] else None)


def as_listed(number: int, document: dict[str, Any]) -> dict[str, Any]:
    """A document of the corpus as n8n would list it after an import; every second one published."""
    graph = {"nodes": document.get("nodes") or [], "connections": document.get("connections") or {}}
    is_published = number % 2 == 0
    return entry(
        id=f"{number:016d}",
        name=document.get("name") or f"Workflow {number}",
        settings=document.get("settings") or {},
        pinData=document.get("pinData"),
        active=is_published,
        activeVersion=version(**graph) if is_published else None,
        **graph,
    )
