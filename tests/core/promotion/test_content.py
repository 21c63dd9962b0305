"""Content: what of a version counts where, and that an instance is read part by part."""

from typing import Any

import pytest
from tests.core.promotion.planning_world import document
from tests.core.promotion.simulation import Instance

from workflowops.core.promotion.content import content_of, held_of, says_the_same, with_ids_of_created
from workflowops.core.promotion.plan import CREATED_PREFIX


def part_by_part(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    """Name the parts that tell two documents apart."""
    mine, theirs = content_of(one), content_of(other)
    parts = ("logic", "layout", "graph", "references")
    return {part for part in parts if getattr(mine, part) != getattr(theirs, part)}


BASE = document(calls=["t-a"], path="orders")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(document(calls=["t-a"], path="orders", url="other"), {"logic", "graph"}, id="a parameter"),
        pytest.param(document("New", calls=["t-a"], path="orders"), {"logic"}, id="the name"),
        pytest.param(BASE | {"settings": {"executionOrder": "v1", "timezone": "UTC"}}, {"logic"}, id="a setting"),
        pytest.param(document(calls=["t-a"], path="orders", x=40), {"layout"}, id="a position"),
        pytest.param(document(calls=["t-b"], path="orders"), {"references"}, id="a called workflow"),
        pytest.param(
            BASE | {"settings": {"executionOrder": "v1", "errorWorkflow": "t-e"}},
            {"logic", "references"},
            id="an error workflow",
        ),
        pytest.param(BASE | {"active": True, "tags": ["a"]}, set(), id="what stands beside the content"),
    ],
)
def test_each_part_holds_what_it_says(changed, expected) -> None:
    assert part_by_part(BASE, changed) == expected


def test_a_setting_that_takes_effect_at_once_leaves_the_published_graph_as_it_is() -> None:
    assert part_by_part(BASE, BASE | {"settings": {}}) == {"logic"}


def test_layout_does_not_tell_two_versions_apart_and_references_do() -> None:
    here = content_of(BASE)
    assert says_the_same(here, content_of(document(calls=["t-a"], path="orders", x=40)))
    assert not says_the_same(here, content_of(document(calls=["t-b"], path="orders")))
    assert not says_the_same(here, content_of(document(calls=["t-a"], path="orders", url="other")))


def test_what_is_nested_too_deeply_is_a_value_error() -> None:
    value: Any = "x"
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ValueError, match="too deeply"):
        content_of(BASE | {"nodes": [{"name": "A", "parameters": {"deep": value}}]})


def test_references_to_created_workflows_become_their_ids_everywhere() -> None:
    settings = {"errorWorkflow": f"{CREATED_PREFIX}e", "callerIds": f"t-9,{CREATED_PREFIX}a"}
    planned = content_of(document(calls=[f"{CREATED_PREFIX}a", "t-b"], settings=settings))
    known = content_of(document(calls=["t-1", "t-b"], settings={"errorWorkflow": "t-2", "callerIds": "t-1,t-9"}))
    assert with_ids_of_created(planned, {"a": "t-1", "e": "t-2", "unused": "t-3"}) == known
    assert with_ids_of_created(known, {"t-b": "other"}) == known


def test_what_is_off_has_a_draft_and_nothing_published() -> None:
    n8n = Instance()
    n8n.create(BASE, workflow_id="t-1", tags=("b", "a"))
    held = held_of(n8n.listed()["t-1"])
    assert held.draft == content_of(BASE)
    assert (held.published, held.is_active, held.is_archived, held.tags) == (None, False, False, ("a", "b"))


def test_what_runs_is_read_beside_the_draft() -> None:
    n8n = Instance()
    n8n.create({**BASE, "nodes": document(path="orders")["nodes"]}, workflow_id="t-1")
    n8n.publish("t-1")
    n8n.save("t-1", document("Renamed", path="orders", url="draft"))
    held = held_of(n8n.listed()["t-1"])
    assert held.published is not None
    assert held.draft == content_of(document("Renamed", path="orders", url="draft"))
    assert held.published.graph == content_of({**BASE, "nodes": document(path="orders")["nodes"]}).graph
    assert held.version_id != held.published_version_id


def test_a_server_without_versions_runs_its_draft() -> None:
    n8n = Instance()
    n8n.create(BASE, workflow_id="t-1")
    n8n.workflows["t-1"]["active"] = True
    held = held_of(n8n.listed()["t-1"])
    assert held.published == held.draft == content_of(BASE)
