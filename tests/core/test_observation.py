"""Observation: digests of what n8n runs, taken over only while nothing that is compared has changed."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import (
    JSON_VALUES,
    LAW,
    NOW,
    answered,
    changed,
    known,
    listed,
    mapping,
    node,
    observation,
    page,
    workflow,
)

from workflowops.core.canonical import canonicalize, digests
from workflowops.core.listing import OddWorkflow
from workflowops.core.mapping import known_workflows, plan_mapping
from workflowops.core.observation import ObservedWorkflow, live_document, observe, set_aside
from workflowops.core.records import MappedWorkflow

DRAFT = changed(workflow(), "nodes.1.parameters.text", "draft")


def published(document: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"versionId": "v1", **{key: document[key] for key in ("nodes", "connections")}, **more}


def entry_of(found: ObservedWorkflow) -> MappedWorkflow:
    """What the mapping keeps of it."""
    return plan_mapping(known(), observation(found), now=NOW).mapping.workflows[found.id]


def test_a_workflow_is_digested_as_what_n8n_runs() -> None:
    found = observe(listed("w1", workflow()), known=None)
    expected = digests(canonicalize(workflow()))
    assert found.content_hash == expected.logic
    assert found.layout_hash == expected.layout
    assert found.bindings_hash == expected.bindings
    assert found.references == {"workflows": {"Call": "wf-sub"}, "error_workflow": "wf-err"}
    assert (found.name, found.active, found.tags) == ("Customer Onboarding", True, ("customers",))
    assert (found.node_count, found.is_unchanged, found.problem) == (5, False, None)
    assert found.draft_content_hash is None


def test_the_published_version_runs_and_the_draft_is_told_beside_it() -> None:
    ahead = listed("w1", DRAFT, activeVersion=published(workflow()))
    found = observe(ahead, known=None)
    assert live_document(ahead)["nodes"] == workflow()["nodes"]
    assert found.content_hash == digests(canonicalize(workflow())).logic
    assert found.draft_content_hash == digests(canonicalize(DRAFT)).logic


@pytest.mark.parametrize(
    ("draft", "is_ahead"),
    [
        pytest.param(workflow(), False, id="published as it is"),
        pytest.param(DRAFT, True, id="another parameter"),
        pytest.param(changed(workflow(), "nodes.1.position", [999, 50]), False, id="a node moved"),
        pytest.param(changed(workflow(), "nodes.4.notes", "other"), False, id="a note"),
        pytest.param(
            changed(workflow(), "nodes.3.parameters.workflowId.value", "x"), True, id="another workflow called"
        ),
    ],
)
def test_a_draft_is_ahead_when_publishing_it_would_change_what_runs(draft, is_ahead) -> None:
    found = observe(listed("w1", draft, activeVersion=published(workflow())), known=None)
    assert (found.draft_content_hash is not None) is is_ahead


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"active": False}, id="not published"),
        pytest.param({"active": True, "activeVersion": None}, id="a server without versions"),
        pytest.param({"active": False, "activeVersion": published(workflow())}, id="published once, and not now"),
    ],
)
def test_without_a_published_version_the_only_version_is_what_counts(more) -> None:
    found = observe(listed("w1", DRAFT, **more), known=None)
    assert found.content_hash == digests(canonicalize(DRAFT)).logic
    assert found.draft_content_hash is None


def test_a_setting_takes_effect_without_being_published() -> None:
    found = observe(
        listed("w1", workflow(settings={"timezone": "Europe/Berlin"}), activeVersion=published(workflow())), known=None
    )
    assert found.content_hash == digests(canonicalize(workflow(settings={"timezone": "Europe/Berlin"}))).logic
    assert found.draft_content_hash is None


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"updatedAt": "2027-01-01T00:00:00.000Z", "versionId": "v2"}, id="an identical save"),
        pytest.param(
            {"staticData": {"a": 1}, "triggerCount": 9, "pinData": {"A": []}, "shared": [1]}, id="its own life"
        ),
    ],
)
def test_digests_are_taken_over_while_nothing_that_is_compared_changed(more) -> None:
    first = observe(listed("w1", workflow()), known=None)
    again = observe(listed("w1", workflow(), **more), known=entry_of(first))
    assert again.is_unchanged
    assert replace(again, is_unchanged=False, updated_at=first.updated_at) == first


@pytest.mark.parametrize(
    ("document", "more"),
    [
        pytest.param(changed(workflow(), "nodes.1.parameters.text", "x"), {}, id="a parameter"),
        pytest.param(changed(workflow(), "name", "x"), {}, id="its name"),
        pytest.param(changed(workflow(), "settings.timezone", "x"), {}, id="a setting"),
        pytest.param(changed(workflow(), "tags", []), {}, id="its tags, which leave updatedAt alone"),
        pytest.param(changed(workflow(), "active", False), {}, id="unpublished"),
        pytest.param(workflow(), {"isArchived": True}, id="archived"),
        pytest.param(workflow(), {"activeVersion": published(DRAFT)}, id="an older version published"),
        pytest.param(changed(workflow(), "nodes.1.position", [1, 1]), {}, id="a move"),
    ],
)
def test_any_change_that_could_count_is_digested_anew(document, more) -> None:
    first = observe(listed("w1", workflow()), known=None)
    again = observe(listed("w1", document, **more), known=entry_of(first))
    assert not again.is_unchanged
    assert again == observe(listed("w1", document, **more), known=None)


def test_what_could_not_be_read_before_is_read_again() -> None:
    entry = entry_of(observe(listed("w1", workflow()), known=None))
    again = observe(
        listed("w1", workflow()), known=replace(entry, problem="It could not be read.", env_content_hash="")
    )
    assert not again.is_unchanged
    assert again.content_hash == entry.env_content_hash


def test_digests_of_another_canonical_form_are_not_taken_over() -> None:
    entry = entry_of(observe(listed("w1", workflow()), known=None))
    assert known_workflows(mapping(entry, form=0)) == {}
    assert known_workflows(None) == {}
    assert known_workflows(mapping(entry)) == {"w1": entry}


def test_a_workflow_nested_without_end_is_set_aside_and_hides_no_other() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    odd, whole = page(
        answered("w1", workflow(nodes=[node("A", parameters={"deep": deep})])), answered("w2", workflow())
    ).workflows
    found = observe(odd, known=None)
    assert found.problem is not None
    assert (found.content_hash, found.name, found.active) == ("", "Customer Onboarding", True)
    assert observe(whole, known=None).problem is None


def test_an_entry_that_cannot_be_read_is_kept_with_its_problem() -> None:
    found = set_aside(OddWorkflow("w1", "Orders", "It cannot be read: its `nodes` is missing."))
    assert isinstance(found, ObservedWorkflow)
    assert (found.id, found.name, found.raw_hash) == ("w1", "Orders", "")
    assert found.problem == "It cannot be read: its `nodes` is missing."


def test_an_entry_without_an_id_is_told_in_words() -> None:
    assert set_aside(OddWorkflow(None, None, "Its id is no text.")) == (
        "An entry of the list without an id was set aside. Its id is no text."
    )


@LAW
@given(st.lists(JSON_VALUES, max_size=3), st.dictionaries(st.text(max_size=3), JSON_VALUES, max_size=2))
def test_no_content_stops_a_listing(nodes, connections) -> None:
    found = observe(listed("w1", workflow(nodes=nodes, connections=connections, active=False)), known=None)
    assert found.problem is None
    assert found.content_hash
