"""A new canonical form: what older programs wrote is read in today's form, and the change of form is never drift."""

import json
from typing import Any

import pytest
from tests.commands.builders import URL, World, baselined, document, file_of

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.records import DriftStatus
from workflowops.errors import N8nAnswerError

HASHES = {"content_hash", "env_content_hash", "git_content_hash", "layout_hash", "env_layout_hash", "bindings_hash"}


def aged(world: World) -> World:
    """Let the state be that of a program with an older form, whose digests were all other ones."""

    def older(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: f"older-{item}" if key in HASHES and isinstance(item, str) else older(item)
                for key, item in value.items()
            } | ({"canonical_form": CANONICAL_FORM - 1} if "canonical_form" in value else {})
        return [older(item) for item in value] if isinstance(value, list) else value

    files = {path: text for path, text in world.state.files.items() if path.endswith(".json")}
    world.state.write({path: json.dumps(older(json.loads(text))).encode() for path, text in files.items()})
    return world


def kinds(world: World, name: str = "prod") -> dict[str, str]:
    return {each.workflow_name: str(each.kind) for each in world.drift_of(name).workflows}


@pytest.mark.parametrize("command", ["drift", "sync", "baseline"])
def test_a_new_form_alone_changes_nothing(command) -> None:
    world = aged(baselined("dev", "prod", workflows=3))
    getattr(world, command)()
    assert [each.drift_status for each in world.drift().environments] == [DriftStatus.IN_SYNC] * 2
    for path in ("canonical.json", "environments/prod/mapping.json", "environments/prod/current.json"):
        assert world.state.document(path)["canonical_form"] == CANONICAL_FORM
    assert b"older-" not in b"".join(world.state.files.values())


def test_a_hot_fix_from_before_is_still_n8ns_alone() -> None:
    world = aged(baselined("prod", workflows=2))
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    assert kinds(world) == {"Orders 0": "modified"}
    assert kinds(world) == {"Orders 0": "modified"}


def test_git_ahead_from_before_is_still_pending() -> None:
    world = aged(baselined("prod", workflows=2))
    world.repository.commit({"prod/orders_0.json": file_of(document("Orders 0", url=f"{URL}/v2"))})
    assert kinds(world) == {"Orders 0": "pending"}


def test_what_went_missing_meanwhile_is_missing() -> None:
    world = aged(baselined("prod", workflows=2))
    del world.n8n["prod"].store["w0"]
    assert kinds(world) == {"Orders 0": "missing"}


def test_an_environment_that_is_checked_later_is_read_as_well() -> None:
    """The first check writes canonical.json for all environments in today's form."""
    world = aged(baselined("dev", "prod", workflows=2))
    world.drift("dev")
    assert world.drift_of("prod").drift_status is DriftStatus.IN_SYNC


def test_a_hot_fix_in_an_environment_that_is_checked_later_is_still_n8ns_alone() -> None:
    world = aged(baselined("dev", "prod", workflows=2))
    world.drift("dev")
    world.put("prod", "w0", document("Orders 0", url="https://hot-fix.example.com"))
    assert kinds(world) == {"Orders 0": "modified"}


def test_a_listing_that_breaks_off_leaves_the_older_state_to_the_next_run() -> None:
    world = aged(baselined("prod", workflows=60))
    world.n8n["prod"].page_size = 30
    world.n8n["prod"].fails_at = {2: N8nAnswerError("The answer is cut short.", fix="Again.")}
    world.sync()
    world.n8n["prod"].fails_at = {}
    report = world.drift_of()
    assert (report.drift_status, report.counts.in_sync) == (DriftStatus.IN_SYNC, 60)
