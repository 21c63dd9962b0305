"""Finding what a promotion created although nobody answered with its id, and what a cycle is created as."""

from dataclasses import replace
from typing import Any

from workflowops.core.promotion.created import find_created, first_versions
from workflowops.core.promotion.plan import CREATED_PREFIX, Content, Held, PlannedWorkflow, WorkflowChangeType
from workflowops.core.promotion.record import PromotedWorkflow


def content(name: str, **references: str) -> Content:
    return Content(logic=name, layout=name, graph=name, references={"workflows": references} if references else {})


def created(canonical_id: str, planned: Content, **more: Any) -> PromotedWorkflow:
    base = PromotedWorkflow(
        canonical_id=canonical_id,
        canonical_slug=canonical_id,
        workflow_name=canonical_id,
        change_type=WorkflowChangeType.CREATED,
        planned=planned,
    )
    return replace(base, **more)


def held(workflow_id: str, draft: Content) -> Held:
    return Held(workflow_id=workflow_id, draft=draft, published=None, is_active=False, is_archived=False, tags=())


def test_the_one_workflow_of_exactly_the_planned_content_is_found() -> None:
    found = find_created([created("a", content("A"))], {"w1": held("w1", content("A")), "w2": held("w2", content("B"))})
    assert found.ids == {"a": "w1"}
    assert found.several == {}


def test_two_of_the_same_content_prove_none() -> None:
    found = find_created([created("a", content("A"))], {"w1": held("w1", content("A")), "w2": held("w2", content("A"))})
    assert found.ids == {}
    assert found.several == {"a": ("w1", "w2")}


def test_a_known_id_is_taken_and_counts_for_nothing_else() -> None:
    changes = [created("a", content("A"), n8n_workflow_id="w1"), created("b", content("A"))]
    found = find_created(changes, {"w1": held("w1", content("edited")), "w2": held("w2", content("A"))})
    assert found.ids == {"a": "w1", "b": "w2"}


def test_a_reference_must_mean_the_other_created_workflow() -> None:
    calling = created("a", content("A", Call=f"{CREATED_PREFIX}b"))
    other = created("b", content("B"))
    right = {"w1": held("w1", content("A", Call="w2")), "w2": held("w2", content("B"))}
    assert find_created([calling, other], right).ids == {"a": "w1", "b": "w2"}
    wrong = {"w1": held("w1", content("A", Call="w9")), "w2": held("w2", content("B"))}
    assert find_created([calling, other], wrong).ids == {"b": "w2"}


def test_the_unfinished_version_of_a_cycle_is_found() -> None:
    change = created("a", content("A", Call=f"{CREATED_PREFIX}b"), planned_first=content("A without"))
    assert find_created([change], {"w1": held("w1", content("A without"))}).ids == {"a": "w1"}


def test_what_is_not_created_is_not_looked_for() -> None:
    change = replace(created("a", content("A")), change_type=WorkflowChangeType.UPDATED)
    assert find_created([change], {"w1": held("w1", content("A"))}).ids == {}


def calling(canonical_id: str, *ids: str, **more: Any) -> PlannedWorkflow:
    nodes = [
        {
            "name": f"Call {each}",
            "type": "n8n-nodes-base.executeWorkflow",
            "parameters": {"workflowId": {"__rl": True, "mode": "id", "value": f"{CREATED_PREFIX}{each}"}},
        }
        for each in ids
    ]
    base = PlannedWorkflow(
        canonical_id=canonical_id,
        canonical_slug=canonical_id,
        workflow_name=canonical_id,
        change_type=WorkflowChangeType.CREATED,
        document={"name": canonical_id, "nodes": nodes, "connections": {}, "settings": {}},
    )
    return replace(base, **more)


def called(document: dict[str, Any]) -> list[str]:
    return [each["parameters"]["workflowId"]["value"].removeprefix(CREATED_PREFIX) for each in document["nodes"]]


def test_only_what_comes_later_is_empty_at_first() -> None:
    firsts = first_versions([calling("a", "b"), calling("b", "a", "b"), calling("c", "a", "b")])
    assert {key: called(document) for key, document in firsts.items()} == {"a": [""], "b": ["a", ""]}


def test_an_update_is_not_created_twice() -> None:
    assert first_versions([calling("a", "b", change_type=WorkflowChangeType.UPDATED), calling("b")]) == {}
