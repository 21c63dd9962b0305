"""Snapshots: what was listed is read again, whole or not at all, and nothing personal is in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.listing import ListedWorkflow, parse_page
from workflowops.core.promotion.snapshot import (
    OVERVIEW_PATH,
    read_snapshot,
    snapshot_files,
    snapshot_names,
    workflow_path,
)
from workflowops.errors import StateError

CORPUS = Path(__file__).parents[3].parent / "shared" / "corpus"
NODES = [{"id": "n1", "name": "Set", "type": "n8n-nodes-base.set", "position": [0, 0], "parameters": {"a": 1.5}}]
OTHER = [{"id": "n1", "name": "Set", "type": "n8n-nodes-base.set", "position": [0, 0], "parameters": {"a": 2}}]
WIRES = {"Set": {"main": [[{"node": "Set", "type": "main", "index": 0}]]}}


def entry(workflow_id: str = "wf1", **changes: Any) -> dict[str, Any]:
    """A workflow as n8n lists it, with everything that must not be kept."""
    return {
        "id": workflow_id,
        "name": "Orders",
        "active": False,
        "isArchived": False,
        "updatedAt": "2026-01-02T00:00:00.000Z",
        "versionId": "v2",
        "nodes": NODES,
        "connections": WIRES,
        "nodeGroups": [],
        "settings": {"executionOrder": "v1"},
        "staticData": {"lastId": "kept-by-n8n-alone"},
        "pinData": {"Set": [{"json": {"customer": "Pinned Customer"}}]},
        "tags": [{"id": "t1", "name": "billing"}],
        "shared": [{"project": {"name": "Olive Owner <olive.owner@example.com>"}}],
        "activeVersion": None,
    } | changes


def ran(nodes: list[Any], **changes: Any) -> dict[str, Any]:
    """The fields of a published workflow."""
    version = {"versionId": "v1", "nodes": nodes, "connections": WIRES, "nodeGroups": [], "authors": "Olive Owner"}
    return {"active": True, "activeVersion": version | changes}


def without(entry: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in keys}


def listed(*entries: dict[str, Any]) -> tuple[ListedWorkflow, ...]:
    page = parse_page(json.dumps({"data": entries, "nextCursor": None}).encode())
    assert page.odd == ()
    return page.workflows


def files(*entries: dict[str, Any]) -> dict[str, bytes]:
    return dict(made(listed(*entries)))


def made(workflows: Any) -> Any:
    return snapshot_files(workflows, environment="prod", promotion_id="promo-7", taken_at="2026-01-14T10:30:00Z")


CASES = [
    pytest.param(entry(), id="draft"),
    pytest.param(entry(**ran(NODES)), id="published as it is"),
    pytest.param(entry(**ran(OTHER)), id="draft ahead"),
    pytest.param(entry(active=True), id="active on a server without versions"),
    pytest.param(entry(isArchived=True), id="archived"),
    pytest.param(entry(tags=[]), id="no tags"),
    pytest.param(without(entry(), "nodeGroups", "versionId", "activeVersion", "settings"), id="older server"),
    pytest.param(entry(name='Half "quoted"\n\u00fc\U0001f600 \ud83d', settings={}), id="odd name"),
    pytest.param(entry(nodes=[{**NODES[0], "parameters": {"text": "\ud83d"}}]), id="half a character"),
    pytest.param(entry(nodes=[{**NODES[0], "parameters": {"n": 12345678901234567890123}}]), id="huge number"),
    pytest.param(entry("1"), id="numbered"),
    pytest.param(entry("../../etc/passwd"), id="an id that would leave the folder"),
    pytest.param(entry(".git"), id="an id that git refuses"),
    pytest.param(entry("x" * 3000), id="an id too long for a path"),
]


@pytest.mark.parametrize("given_entry", CASES)
def test_what_was_listed_is_read_again(given_entry: dict[str, Any]) -> None:
    (workflow,) = listed(given_entry)
    found = read_snapshot(dict(made([workflow]))).workflows[workflow.id]
    assert found.document == workflow.document()
    assert found.published == workflow.published()
    assert (found.name, found.active, found.is_archived) == (workflow.name, workflow.active, workflow.is_archived)
    assert (found.tags, found.version_id) == (workflow.tags, workflow.version_id)
    assert found.published_version_id == workflow.published_version_id


def test_a_snapshot_says_what_it_is_of() -> None:
    found = read_snapshot(files(entry("a"), entry("b")))
    assert (found.promotion_id, found.environment, found.taken_at) == ("promo-7", "prod", "2026-01-14T10:30:00Z")
    assert set(found.workflows) == {"a", "b"}


def test_what_could_not_be_read_is_named() -> None:
    labels = {"environment": "prod", "promotion_id": "promo-7", "taken_at": "2026-01-14T10:30:00Z"}
    found = read_snapshot(dict(snapshot_files(listed(entry("a")), **labels, unread=["odd", "c", "odd"])))
    assert found.unread == {"odd", "c"}
    assert set(found.workflows) == {"a"}
    assert read_snapshot(files(entry())).unread == frozenset()


def test_an_instance_without_workflows_has_a_snapshot() -> None:
    assert read_snapshot(files()).workflows == {}


@pytest.mark.parametrize("foreign", ["Olive", "example.com", "Pinned Customer", "kept-by-n8n-alone", "t1"])
def test_no_owner_no_static_and_no_pinned_data_is_kept(foreign: str) -> None:
    assert foreign.encode() not in b"".join(files(entry(**ran(OTHER))).values())


def test_the_order_of_the_list_does_not_matter() -> None:
    one, other = entry("a"), entry("b", name="Second")
    assert files(one, other) == files(other, one)


def test_a_changed_parameter_is_one_changed_line() -> None:
    path = workflow_path("wf1")
    before = files(entry())[path].decode().splitlines()
    after = files(entry(nodes=[{**NODES[0], "parameters": {"a": 2.5}}]))[path].decode().splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ('    "a": 1.5', '    "a": 2.5')
    ]


def test_what_ran_is_written_once_where_it_is_the_draft() -> None:
    path = workflow_path("wf1")
    text = files(entry(**ran(NODES)))[path]
    assert text.count(b'"nodes"') == 1
    assert files(entry(**ran(OTHER)))[path].count(b'"nodes"') == 2


def test_numbers_are_kept_as_n8n_wrote_them() -> None:
    body = json.dumps({"data": [entry()]}).replace("1.5", "1.50e0")
    (workflow,) = parse_page(body.encode()).workflows
    assert b"1.50e0" in dict(made([workflow]))[workflow_path("wf1")]


def test_every_path_is_plain() -> None:
    names = [workflow_path(name) for name in ("abc", "A-b_9", "a/b", "a b", "", ".", "ü", "x" * 101)]
    assert names[:2] == ["workflows/abc.json", "workflows/A-b_9.json"]
    assert all(name.startswith("workflows/~") for name in names[2:])
    assert len(set(names)) == len(names)


def test_a_list_with_one_id_twice_is_refused() -> None:
    with pytest.raises(StateError, match="wf1 twice"):
        files(entry(), entry(name="Copy"))


def test_files_come_one_by_one() -> None:
    taken: list[str] = []

    def slowly() -> Any:
        for workflow in listed(entry("a"), entry("b")):
            taken.append(workflow.id)
            yield workflow

    stream = made(slowly())
    assert taken == []
    next(stream)
    assert taken == ["a"]


def changed(**changes: Any) -> dict[str, bytes]:
    """A snapshot whose one workflow file was edited: fields replaced, or taken away by `...`."""
    found = files(entry())
    document = {**json.loads(found[workflow_path("wf1")]), **changes}
    kept = {name: value for name, value in document.items() if value is not ...}
    return found | {workflow_path("wf1"): json.dumps(kept).encode()}


def overview(**changes: Any) -> dict[str, bytes]:
    found = files(entry())
    return found | {OVERVIEW_PATH: json.dumps({**json.loads(found[OVERVIEW_PATH]), **changes}).encode()}


BROKEN = [
    pytest.param({}, id="empty"),
    pytest.param({**files(entry()), OVERVIEW_PATH: b"{"}, id="overview cut short"),
    pytest.param({**files(entry()), OVERVIEW_PATH: b"[]"}, id="overview is a list"),
    pytest.param({**files(entry()), OVERVIEW_PATH: b"\xff"}, id="overview is no text"),
    pytest.param(overview(form=99), id="newer"),
    pytest.param(overview(workflow_count=2), id="one is missing"),
    pytest.param(overview(workflow_ids_sha256="0"), id="another than was saved"),
    pytest.param({**files(entry()), workflow_path("wf2"): files(entry())[workflow_path("wf1")]}, id="twice"),
    pytest.param({**files(entry()), workflow_path("wf1"): b"{"}, id="workflow cut short"),
    pytest.param({**files(entry()), workflow_path("wf1"): b"[]"}, id="workflow is a list"),
    pytest.param(changed(id="wf9"), id="under a wrong name"),
    pytest.param(
        {OVERVIEW_PATH: files(entry())[OVERVIEW_PATH], workflow_path("wf2"): files(entry())[workflow_path("wf1")]},
        id="moved",
    ),
    pytest.param(changed(nodes=...), id="no nodes"),
    pytest.param(changed(nodes={}), id="nodes are no list"),
    pytest.param(changed(connections=...), id="no connections"),
    pytest.param(changed(active="yes"), id="active is a text"),
    pytest.param(changed(tags=None), id="no tags"),
    pytest.param(changed(publishedIsDraft=...), id="nobody knows what ran"),
    pytest.param(changed(published=[]), id="what ran is a list"),
    pytest.param(changed(settings=...), id="no settings"),
    pytest.param({name: text for name, text in files(entry()).items() if name == OVERVIEW_PATH}, id="no workflow"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_snapshot_is_read_whole_or_not_at_all(broken: dict[str, bytes]) -> None:
    with pytest.raises(StateError) as caught:
        read_snapshot(broken)
    assert caught.value.fix


def test_a_newer_form_is_told_as_such() -> None:
    with pytest.raises(StateError, match="form 99") as caught:
        read_snapshot(overview(form=99))
    assert "newer" in caught.value.fix


def test_names_to_try_begin_with_the_plain_one() -> None:
    assert list(snapshot_names("promo-7", "pre", most=4)) == ["promo-7-pre", "promo-7-pre-2", "promo-7-pre-3"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
NODE_LISTS = st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=3)
ENTRIES = st.builds(
    lambda key, name, nodes, other, tags, flags: entry(
        key,
        name=name,
        nodes=nodes,
        isArchived=flags[0],
        tags=[{"name": tag} for tag in tags],
        **(ran(nodes if flags[2] else other) if flags[1] else {}),
    ),
    st.text(min_size=1),
    st.text(),
    NODE_LISTS,
    NODE_LISTS,
    st.lists(st.text(), max_size=2),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRIES, max_size=4, unique_by=lambda each: each["id"]))
def test_a_snapshot_holds_every_workflow_as_it_was(entries: list[dict[str, Any]]) -> None:
    workflows = listed(*entries)
    found = read_snapshot(dict(made(workflows))).workflows
    assert {name: (each.document, each.published) for name, each in found.items()} == {
        each.id: (each.document(), each.published()) for each in workflows
    }


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real workflows is not beside this repository")
def test_every_real_workflow_is_read_again() -> None:
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(CORPUS.glob("*/*.json"))]
    entries = [
        entry(f"w{number}", name=document.get("name") or "Workflow", nodes=document["nodes"], **ran(document["nodes"]))
        | {"connections": document.get("connections") or {}, "settings": document.get("settings") or {}}
        for number, document in enumerate(documents)
    ]
    workflows = listed(*entries)
    found = read_snapshot(dict(made(workflows))).workflows
    assert len(found) == len(documents) > 300
    for each in workflows:
        assert (found[each.id].document, found[each.id].published) == (each.document(), each.published())
