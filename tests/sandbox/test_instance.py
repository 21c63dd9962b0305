"""The instance from inside: what a test or a rehearsal does to it without HTTP."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.documents import node, schedule, workflow

from workflowops.sandbox import Generation, Instance, Refused
from workflowops.sandbox.binding import bind_credentials
from workflowops.sandbox.records import Credential
from workflowops.sandbox.store import Identifiers, Store

BOTH = pytest.mark.parametrize("generation", list(Generation))


def instance(generation: Generation = Generation.V2) -> Instance:
    """An instance whose clock moves a second per look, and whose ids are always the same."""
    ticks = iter(range(10_000))
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return Instance(
        Store(generation, clock=lambda: start + timedelta(seconds=next(ticks)), identifiers=Identifiers(seed=1))
    )


def test_clock_and_ids_come_from_outside() -> None:
    first, second = instance(), instance()
    ids = [each.create_workflow(workflow()) for each in (first, second)]
    assert ids[0] == ids[1]
    assert first.document(ids[0]) == second.document(ids[1])
    assert first.document(ids[0])["createdAt"] == "2026-01-01T00:00:00.000Z"


@BOTH
def test_an_id_can_be_chosen(generation: Generation) -> None:
    made = instance(generation)
    assert made.create_workflow(workflow(), id="chosen") == "chosen"
    assert made.ids() == ["chosen"]


@BOTH
def test_a_document_that_a_server_answered_can_be_created_again(generation: Generation) -> None:
    made = instance(generation)
    original = made.document(made.create_workflow(workflow(), active=True))
    copy = made.document(made.create_workflow(original))
    assert copy["nodes"] == original["nodes"]
    assert copy["active"] is False


@BOTH
def test_what_post_refuses_is_refused(generation: Generation) -> None:
    with pytest.raises(Refused) as refused:
        instance(generation).create_workflow(workflow("W", schedule(color=1)))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"nodes": ["text", None, {"name": 5}]}, id="nodes that are no nodes"),
        pytest.param({"connections": {"A": None, "Z": {"main": [None, [None]]}}}, id="null in connections"),
        pytest.param({"nodes": [node("A"), node("A")]}, id="a name twice"),
        pytest.param({"nodes": [node("A", credentials={"x": "text"}, color=1)]}, id="credentials as text"),
        pytest.param({"settings": {"unknown": 1}}, id="unknown settings"),
        pytest.param({"name": "x" * 300}, id="a long name"),
    ],
)
def test_an_older_server_may_have_stored_anything(odd) -> None:
    made = instance()
    made_id = made.create_workflow(workflow() | odd, lenient=True, active=True)
    shown = made.document(made_id)
    assert {name: shown[name] for name in odd} == odd
    assert shown["active"] is True
    assert shown["activeVersion"]["nodes"] == shown["nodes"]


def test_an_edit_by_hand_is_a_draft_until_it_is_published() -> None:
    made = instance()
    made_id = made.create_workflow(workflow(), active=True)
    made.edit_by_hand(made_id, {"nodes": [schedule(position=[5, 5])]})
    draft = made.document(made_id)
    assert draft["activeVersionId"] != draft["versionId"]
    assert draft["activeVersion"]["nodes"][0]["position"] == [0, 0]
    made.edit_by_hand(made_id, {"name": "other"}, publish=True)
    after = made.document(made_id)
    assert after["activeVersionId"] == after["versionId"] == draft["versionId"]


def test_an_edit_can_be_a_function_of_the_document() -> None:
    made = instance()
    made_id = made.create_workflow(workflow())
    made.edit_by_hand(made_id, lambda shown: {"name": shown["name"] + "!"})
    assert made.document(made_id)["name"] == "W!"


def test_the_document_is_a_copy() -> None:
    made = instance()
    made_id = made.create_workflow(workflow())
    made.document(made_id)["nodes"].clear()
    assert made.document(made_id)["nodes"]


def test_deleting_a_published_workflow_needs_force() -> None:
    made = instance()
    made_id = made.create_workflow(workflow(), active=True)
    with pytest.raises(Refused, match="409"):
        made.delete(made_id, force=False)
    made.delete(made_id)
    assert made.ids() == []


def test_tags_are_made_as_they_are_needed() -> None:
    made = instance()
    first, second = (made.create_workflow(workflow(), tags=("prod", "billing")) for _ in range(2))
    assert [tag["name"] for tag in made.document(first)["tags"]] == ["prod", "billing"]
    assert made.document(first)["tags"] == made.document(second)["tags"]
    made.set_tags(first, ["prod"])
    assert [tag["name"] for tag in made.document(first)["tags"]] == ["prod"]


@BOTH
def test_ids_are_listed_in_order_whatever_comes_and_goes(generation: Generation) -> None:
    made = instance(generation)
    for letter in ("b", "a", "C", "d"):
        made.create_workflow(workflow(), id=letter)
    made.delete("b")
    assert made.ids() == ["C", "a", "d"]


def test_publishing_frees_the_paths_that_the_new_version_no_longer_has() -> None:
    made = instance()
    hook = node("Hook", "n8n-nodes-base.webhook", webhookId="w", parameters={"path": "p"})
    first = made.create_workflow(workflow("W", hook), active=True)
    with pytest.raises(Refused, match="409"):
        made.create_workflow(workflow("W", hook), active=True)
    made.edit_by_hand(first, {"nodes": [schedule()]}, publish=True)
    made.create_workflow(workflow("W", hook), active=True)


def test_a_deleted_workflow_frees_its_paths() -> None:
    made = instance()
    hook = node("Hook", "n8n-nodes-base.webhook", webhookId="w", parameters={"path": "p"})
    made.delete(made.create_workflow(workflow("W", hook), active=True))
    made.create_workflow(workflow("W", hook), active=True)


CREDENTIALS = [Credential(f"id{number}", name, kind, "", "") for number, (name, kind) in enumerate([
    ("one", "a"), ("two", "a"), ("two", "a"), ("one", "b"),
])]  # fmt: skip
REFERENCES = st.fixed_dictionaries(
    {}, optional={"id": st.sampled_from([None, "", "id0", "id1", "id9"]), "name": st.sampled_from(["one", "two", "x"])}
)


@BOTH
@given(references=st.lists(st.tuples(st.sampled_from("abc"), REFERENCES), max_size=5))
def test_a_bound_reference_is_not_bound_again(generation: Generation, references) -> None:
    nodes = [{"credentials": {kind: dict(reference)}} for kind, reference in references]
    bind_credentials(nodes, credentials=CREDENTIALS, generation=generation)
    once = [dict(each["credentials"]) for each in nodes]
    bind_credentials(nodes, credentials=CREDENTIALS, generation=generation)
    assert [each["credentials"] for each in nodes] == once


NAMES = st.sampled_from(["A", "B", "C"])
EDITS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"name": st.text(min_size=1, max_size=5)}),
        st.fixed_dictionaries({"settings": st.fixed_dictionaries({"executionTimeout": st.integers(1, 5)})}),
        st.fixed_dictionaries({"nodes": st.integers(0, 3).map(lambda x: [schedule(position=[x, x])])}),
    ),
    max_size=6,
)


@given(EDITS, st.booleans())
def test_a_new_version_means_other_nodes_and_the_history_has_them_all(edits, active: bool) -> None:
    made = instance()
    made_id = made.create_workflow(workflow(), active=active)
    for edit in edits:
        before = made.document(made_id)
        made.edit_by_hand(made_id, edit)
        after = made.document(made_id)
        assert (before["versionId"] != after["versionId"]) is (before["nodes"] != after["nodes"])
        assert before["updatedAt"] < after["updatedAt"]
        assert made.store.version(made_id, after["versionId"]).nodes == made.store.get(made_id).nodes
        if active:
            assert after["activeVersionId"] == before["activeVersionId"]
