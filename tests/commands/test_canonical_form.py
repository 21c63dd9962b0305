"""A new canonical form: whatever command meets the state of an older one, nothing shows up as drift because of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.commands.builders import World, baselined, document, file_of

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.records import CANONICAL_PATH, DriftStatus
from workflowops.errors import N8nUnreachableError

NAMES = ("dev", "prod")
STATE = [CANONICAL_PATH, *(f"environments/{name}/{file}.json" for name in NAMES for file in ("mapping", "current"))]
HASHES = {
    "content_hash",
    "layout_hash",
    "bindings_hash",
    "env_content_hash",
    "env_layout_hash",
    "env_bindings_hash",
    "git_content_hash",
}


def aged(value: Any) -> Any:
    """The digests as another form would have made them."""
    if isinstance(value, list):
        return [aged(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: f"older {item}" if key in HASHES and item is not None else aged(item) for key, item in value.items()}


def upgraded(workflows: int = 3) -> World:
    """Two environments, in sync and baselined by a program of another canonical form."""
    world = baselined(*NAMES, workflows=workflows)
    for path in STATE:
        value = aged(world.state.document(path)) | {"canonical_form": CANONICAL_FORM - 1}
        world.state.files[path] = json.dumps(value).encode()
    return world


def kinds(world: World, name: str = "prod") -> dict[str | None, str]:
    return {each.workflow_id: str(each.kind) for each in world.drift_of(name).workflows}


def hot_fix(world: World) -> None:
    world.put("prod", "w0", document("Orders 0", url="https://hot.fix"))


def pull_request(world: World) -> None:
    world.repository.commit({"prod/orders_1.json": file_of(document("Orders 1", url="https://reviewed"))})


def deletion(world: World) -> None:
    del world.n8n["prod"].store["w2"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(lambda world: None, {}, id="nothing happened"),
        pytest.param(hot_fix, {"w0": "modified"}, id="a hot fix since"),
        pytest.param(pull_request, {"w1": "pending"}, id="a pull request since"),
        pytest.param(deletion, {"w2": "missing"}, id="a deletion since"),
    ],
)
def test_only_what_really_happened_is_told(change: Callable[[World], None], expected: dict[str, str]) -> None:
    world = upgraded()
    change(world)
    assert kinds(world) == expected
    assert kinds(world) == expected


@pytest.mark.parametrize("command", ["drift", "sync", "baseline"])
def test_every_command_carries_the_state_over(command: str) -> None:
    world = upgraded()
    getattr(world, command)()
    for path in STATE:
        assert world.state.document(path)["canonical_form"] == CANONICAL_FORM
        assert b"older" not in world.state.files[path]
    assert world.drift().status is DriftStatus.IN_SYNC


def test_an_environment_that_comes_later_finds_the_canonical_records_carried_over_already() -> None:
    world = upgraded()
    world.drift("dev")
    pull_request(world)
    assert kinds(world) == {"w1": "pending"}
    hot_fix(world)
    assert kinds(world) == {"w0": "modified", "w1": "pending"}
    assert b"older" not in world.state.files["environments/prod/current.json"]


def test_a_sync_that_breaks_off_mixes_no_forms() -> None:
    world = upgraded(workflows=30)
    before = world.state.document("environments/prod/mapping.json")
    world.n8n["prod"].page_size = 10
    world.n8n["prod"].fails_at = {3: N8nUnreachableError("No answer.", fix="Try again.")}
    world.sync("prod")
    after = world.state.document("environments/prod/mapping.json")
    assert after == before
    world.n8n["prod"].fails_at = {}
    assert kinds(world) == {}
