"""The program writes exactly the outputs that its action documents."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.actions.contract import COMMANDS_WITH_AN_ACTION, PROMOTION_COMMANDS, ROOT, read_action
from tests.actions.world import World, comment_payload, made_world
from tests.cli.shop import alone
from tests.commands.promotion_shop import Team, made_promotion_template, opened_team


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with made_world(tmp_path) as world:
        yield world


def outputs_of(world: World, *arguments: str) -> dict[str, str]:
    """Run a command as a step would that a comment started; answer what it left in GITHUB_OUTPUT."""
    output = world.repository.home / "output"
    output.unlink(missing_ok=True)
    event = world.repository.home / "event.json"
    event.write_text(json.dumps(comment_payload("/status")), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-P", "-m", "workflowops", *arguments],
        cwd=world.repository.clone,
        env=world.variables
        | {"PYTHONPATH": str(ROOT / "src"), "GITHUB_ACTIONS": "true"}
        | {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": os.devnull}
        | {"GITHUB_EVENT_NAME": "issue_comment", "GITHUB_EVENT_PATH": str(event)}
        | {"WORKFLOWOPS_ISSUES_FOLDER": str(world.repository.home / "github")},
        capture_output=True,
        timeout=60,
        check=True,
    )
    return parse_outputs(output)


def parse_outputs(path: Path) -> dict[str, str]:
    """Read `name<<delimiter` blocks as the runner does."""
    text = path.read_text(encoding="utf-8")
    return {name: value for name, _, value in re.findall(r"^(\w+)<<(\S+)\n(.*?)\n\2$", text, re.MULTILINE | re.DOTALL)}


@pytest.mark.parametrize("command", COMMANDS_WITH_AN_ACTION)
def test_a_command_writes_the_documented_outputs(world, command) -> None:
    arguments = ["--all", "--direct"] if command == "onboard" else []
    assert set(outputs_of(world, command, *arguments)) == set(read_action(command).outputs)


def test_a_command_without_outputs_of_its_own_writes_its_result(world) -> None:
    outputs_of(world, "onboard", "--all", "--direct")
    assert set(outputs_of(world, "baseline")) == {"result"}


@pytest.fixture
def team(tmp_path, monkeypatch) -> Iterator[Team]:
    alone(monkeypatch, tmp_path / "home")
    with opened_team(made_promotion_template(tmp_path / "template"), tmp_path / "shop") as team:
        monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(team.github))
        team.configure()
        yield team


def test_the_commands_of_a_promotion_write_the_documented_outputs(team, tmp_path, monkeypatch) -> None:
    team.merged()
    output = tmp_path / "output"
    for name, value in (("ACTIONS", "true"), ("OUTPUT", str(output)), ("STEP_SUMMARY", os.devnull)):
        monkeypatch.setenv(f"GITHUB_{name}", value)
    one = ("--promotion", "promo-1")
    arguments = dict(zip(PROMOTION_COMMANDS, [("--base", "HEAD^1"), (), one, one], strict=True))
    for command, more in arguments.items():
        team.shop.run_in_a_step(*command.split(), *more)
        written = parse_outputs(output)
        output.unlink()
        assert set(written) == set(read_action(command).outputs), command
    assert (written["promotion_id"], written["status"]) == ("promo-2", "completed")
