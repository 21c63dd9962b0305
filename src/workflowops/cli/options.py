"""The options that commands share. Each reads an environment variable as well, which is how the actions pass inputs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_REMOTE = "origin"


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared options of one call."""

    config: str
    environment: tuple[str, ...]
    ref: str
    state_remote: str
    state_branch: str
    json: bool
    dry_run: bool


def with_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Add options to a command, in the order in which `--help` shows them."""

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def config_option(command: Command) -> Command:
    """Add --config."""
    return click.option(
        "--config",
        envvar="WORKFLOWOPS_CONFIG",
        default="workflowops.yml",
        show_default=True,
        metavar="FILE",
        help="The configuration, in the repository to work on.",
    )(command)


def environment_option(command: Command) -> Command:
    """Add --environment."""
    return click.option(
        "--environment",
        envvar="WORKFLOWOPS_ENVIRONMENT",
        multiple=True,
        metavar="NAME",
        help="An environment of the configuration; repeatable. All when left out.",
    )(command)


def ref_option(command: Command) -> Command:
    """Add --ref."""
    return click.option(
        "--ref",
        envvar="WORKFLOWOPS_REF",
        default="HEAD",
        show_default=True,
        metavar="COMMIT",
        help="The commit whose files are what Git declares.",
    )(command)


def state_options(command: Command) -> Command:
    """Add --state-remote and --state-branch."""
    command = click.option(
        "--state-branch",
        envvar="WORKFLOWOPS_STATE_BRANCH",
        default="workflowops-state",
        show_default=True,
        metavar="BRANCH",
        help="The branch that holds the state.",
    )(command)
    return click.option(
        "--state-remote",
        envvar="WORKFLOWOPS_STATE_REMOTE",
        default=DEFAULT_REMOTE,
        show_default=True,
        metavar="REMOTE",
        help="The git remote (name, address or path) that has the state branch.",
    )(command)


def json_option(command: Command) -> Command:
    """Add --json."""
    return click.option(
        "--json", "as_json", envvar="WORKFLOWOPS_JSON", is_flag=True, help="Print one JSON document and nothing else."
    )(command)


def dry_run_option(command: Command) -> Command:
    """Add --dry-run."""
    return click.option(
        "--dry-run", envvar="WORKFLOWOPS_DRY_RUN", is_flag=True, help="Show what would be written; write nothing."
    )(command)


def shared_options(command: Command) -> Command:
    """Add all the options that commands with instances and state share."""
    for add in (dry_run_option, json_option, state_options, ref_option, environment_option, config_option):
        command = add(command)
    return command


def shared(values: dict[str, Any]) -> Shared:
    """Take the shared options out of a command's arguments."""
    return Shared(
        config=values.pop("config"),
        environment=values.pop("environment"),
        ref=values.pop("ref"),
        state_remote=values.pop("state_remote"),
        state_branch=values.pop("state_branch"),
        json=values.pop("as_json"),
        dry_run=values.pop("dry_run"),
    )
