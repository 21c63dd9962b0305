"""`workflowops incident`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import (
    config_option,
    dry_run_option,
    environment_option,
    json_option,
    state_options,
    with_options,
)

if TYPE_CHECKING:
    from workflowops.core.comment.outcome import StepOutcome

Command = TypeVar("Command", bound=Callable[..., Any])

_TYPES = ("accepted_runtime_changes", "reverted_to_git", "replaced", "mixed", "other")

number_argument = click.argument("number", type=click.IntRange(min=1))
step_options = with_options(config_option, state_options, issues_folder_option, json_option, dry_run_option)


def field_option(name: str, help_: str, **more: Any) -> Callable[[Command], Command]:
    """Add an option that fills a field of the step, by walkthrough 3's name."""
    return click.option(
        f"--{name.replace('_', '-')}",
        envvar=f"WORKFLOWOPS_{name.upper()}",
        default=None,
        help=help_,
        **({"metavar": "TEXT"} | more),
    )


@click.group()
def incident() -> None:
    """Show incidents, and take their steps by hand."""


@incident.command("list")
@with_options(config_option, environment_option, state_options)
@click.option("--all", "is_all", envvar="WORKFLOWOPS_ALL", is_flag=True, help="Closed ones as well.")
@json_option
def list_(
    config: str, environment: tuple[str, ...], state_remote: str, state_branch: str, is_all: bool, as_json: bool
) -> int:
    """List the open incidents.

    Reads the state branch alone. The issues on GitHub follow what stands there.

    \b
    Example:
      workflowops incident list --environment prod --all
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.options import Shared
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.incident import list_incidents
    from workflowops.core.incident.documents import incidents_document
    from workflowops.core.text.incident_terminal import incident_list_text
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    options = Shared(config, environment, "HEAD", state_remote, state_branch, as_json, dry_run=True)
    with opened(options) as at:
        names = {each.name for each in at.environments} if environment else ()
        found = list_incidents(at.workspace.state, environments=names, is_all=is_all)
        now = at.workspace.clock()
    if as_json:
        print_json(incidents_document(found))
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(incident_list_text(found, style=style, now=now))
    return ExitCode.DONE


@incident.command()
@number_argument
@with_options(config_option, state_options, json_option)
def show(number: int, config: str, state_remote: str, state_branch: str, as_json: bool) -> int:
    """Show one incident: how it stands, what happened so far, what differs.

    \b
    Example:
      workflowops incident show 42
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.options import Shared
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.incident import show_incident
    from workflowops.core.incident.documents import incident_document
    from workflowops.core.text.incident_terminal import incident_text
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    options = Shared(config, (), "HEAD", state_remote, state_branch, as_json, dry_run=True)
    with opened(options) as at:
        found, details = show_incident(at.workspace.state, number)
        now = at.workspace.clock()
    if as_json:
        print_json(incident_document(found))
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(incident_text(found, details, style=style, now=now))
    return ExitCode.DONE


@incident.command()
@number_argument
@field_option("comment", "What you have to say about it.")
@step_options
def acknowledge(**values: Any) -> int:
    """Say that somebody is looking into it.

    \b
    Example:
      workflowops incident acknowledge 42 --comment Reviewing
    """
    return _take("acknowledge", values)


@incident.command()
@number_argument
@field_option("reason", "Why it can do no more harm.")
@field_option("assigned_to", "Who takes care of it.", metavar="LOGIN")
@field_option("resolution_plan", "How it goes on.")
@step_options
def stabilize(**values: Any) -> int:
    """Say that it can do no more harm, and how it goes on.

    \b
    Example:
      workflowops incident stabilize 42 --reason Committed --assigned-to octocat
    """
    return _take("stabilize", values)


@incident.command()
@number_argument
@field_option(
    "resolution_type",
    "How the two sides came together. May be left out where drift is gone.",
    type=click.Choice(_TYPES),
    metavar="TYPE",
)
@field_option("resolution_details", "What was done.")
@field_option("lessons_learned", "What to do better.")
@step_options
def reconcile(**values: Any) -> int:
    """Say how Git and n8n came together again.

    TYPE is accepted_runtime_changes (Git has n8n's version), reverted_to_git (n8n has Git's version), replaced (both
    have something new), mixed or other.

    \b
    Example:
      workflowops incident reconcile 42 --resolution-type accepted_runtime_changes
    """
    return _take("reconcile", values)


@incident.command()
@number_argument
@field_option("closure_reason", "Why it is over.")
@field_option("lessons_learned", "What to do better.")
@step_options
def close(**values: Any) -> int:
    """Close a reconciled incident.

    \b
    Example:
      workflowops incident close 42 --closure-reason Resolved
    """
    return _take("close", values)


@incident.command()
@number_argument
@field_option("assigned_to", "Who takes care of it.", metavar="LOGIN")
@step_options
def assign(**values: Any) -> int:
    """Say who takes care of it.

    \b
    Example:
      workflowops incident assign 42 --assigned-to octocat
    """
    return _take("assign", values)


@incident.command()
@number_argument
@field_option("until", "The last day (UTC), or now to end an acceptance.", metavar="DAY")
@field_option("reason", "Why it may stay.")
@step_options
def accept(**values: Any) -> int:
    """Let the difference stay until the end of a day, or no longer.

    DAY is YYYY-MM-DD. Given once more it changes the day; now ends the acceptance, and the next drift check finds the
    difference again.

    \b
    Example:
      workflowops incident accept 42 --until 2026-12-01
      workflowops incident accept 42 --until now
    """
    return _take("accept", values)


def _take(event: str, values: dict[str, Any]) -> int:
    """Take a step by hand; the options that are not shared are its fields."""
    from workflowops.cli.desk import opened_desk
    from workflowops.cli.opening import opened
    from workflowops.cli.options import shared
    from workflowops.commands.incident import take_step
    from workflowops.core.incident.record import Event

    number: int = values.pop("number")
    folder: Path | None = values.pop("issues_folder")
    given = {"environment": (), "ref": "HEAD"} | values
    options = shared(given)
    fields = {name: value for name, value in given.items() if value is not None}
    with opened(options) as at:
        with opened_desk(at, options, issues_folder=folder) as desk:
            outcome = take_step(desk, number, Event(event), fields)
        for text in outcome.delivery.problems:
            at.runner.annotate("error", text)
    _print_step(outcome, as_json=options.json)
    return outcome.exit_code


def _print_step(outcome: "StepOutcome", *, as_json: bool) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.incident.documents import step_document
    from workflowops.core.text.comment_outcome import render_step
    from workflowops.core.text.style import Style

    if as_json:
        print_json(step_document(outcome))
    else:
        print_text(render_step(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
