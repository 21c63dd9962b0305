"""`workflowops init`."""

import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.options import dry_run_option, json_option, with_options
from workflowops.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from workflowops.commands.init import InitOutcome, Present
    from workflowops.core.setup.wishes import ActionsPin, Setup
    from workflowops.io.setup_folder import SetupFolder


@click.command()
@click.option(
    "--environment",
    envvar="WORKFLOWOPS_ENVIRONMENT",
    multiple=True,
    metavar="NAME",
    help="A name for each n8n instance, in the order of promotion; repeatable. The last one is production.",
)
@click.option(
    "--approval",
    envvar="WORKFLOWOPS_APPROVAL",
    type=click.Choice(["environment", "comments"]),
    default=None,
    help="Who approves for production: the reviewers of a GitHub environment (the default), or comments.",
)
@click.option("--branch", envvar="WORKFLOWOPS_BRANCH", metavar="BRANCH", help="The default branch of the repository.")
@click.option(
    "--runs-on",
    envvar="WORKFLOWOPS_RUNS_ON",
    metavar="LABEL[,LABEL]",
    help="The runner; one of your own where GitHub's cannot reach n8n. When left out, the one that the files name, "
    "and ubuntu-latest at first.",
)
@click.option(
    "--actions",
    envvar="WORKFLOWOPS_ACTIONS",
    metavar="OWNER/REPO@COMMIT",
    help="The repository and commit that the actions are taken from; the checkout this runs from when left out.",
)
@click.option("--yes", envvar="WORKFLOWOPS_YES", is_flag=True, help="Ask nothing.")
@with_options(dry_run_option, json_option)
def init(**values: Any) -> int:
    """Set up this repository: configuration, workflow files, issue form.

    Writes what is not there, updates what it wrote before and nobody has edited, and leaves everything else as it is.
    Asks on a terminal; with --yes it takes the options and asks nothing. At the end it says which keys and settings are
    still needed. Exit code 2 when something is wrong with the names or the repository.

    \b
    Examples:
      workflowops init
      workflowops init --environment dev --environment staging --environment prod --yes
    """
    from workflowops.commands.init import carry_out, look, plan
    from workflowops.io.setup_folder import SetupFolder, packaged_workflows

    asks = not values["yes"]
    if asks and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on. Pass --yes, and --environment NAME for each instance.")
    folder = SetupFolder(Path.cwd())
    present = look(folder)
    setup = _setup(values, folder, present, asks=asks)
    outcome = plan(setup, present, templates=packaged_workflows())
    if not values["dry_run"] and (not asks or _is_agreed(outcome)):
        outcome = carry_out(outcome, folder, present)
    _print(outcome, as_json=values["as_json"])
    return ExitCode.DONE


def _setup(values: dict[str, Any], folder: "SetupFolder", present: "Present", *, asks: bool) -> "Setup":
    """Make what is wanted of options, of what is there, and of answers."""
    from workflowops.cli.asking import ask_approval, ask_environments
    from workflowops.commands.init import joined
    from workflowops.core.configuration import Approval
    from workflowops.core.setup.wishes import Setup, check_approval, check_branch, planned_environments, read_runner

    names: tuple[str, ...] = tuple(part for each in values["environment"] for part in each.split())
    if asks and not present.environments:
        named = ask_environments(names)
    elif names or not present.environments:
        named = planned_environments(names)
    else:
        named = ()
    said_branch, said_runner = present.said
    pin, runner = _pin(values["actions"]), read_runner(values["runs_on"] or said_runner or "ubuntu-latest")
    branch = check_branch(values["branch"] or said_branch or folder.default_branch())
    check_approval(values["approval"], configured=present.approval)
    approval = present.approval or values["approval"]
    if approval is None:
        approval = ask_approval() if asks and len(named) > 1 else Approval.ENVIRONMENT
    return Setup(
        environments=joined(present, named),
        pin=pin,
        approval=Approval(approval),
        branch=branch,
        runs_on=runner,
        repository=folder.name(),
        program=_program(),
        folder=None if Path.cwd().samefile(folder.root) else shlex.quote(str(folder.root)),
    )


def _program() -> str:
    """Answer how a shell calls this program here: by the script that started it, where it was one."""
    root = os.environ.get("WORKFLOWOPS_SOURCE")
    return f"bash {shlex.quote(f'{root}/action/run.sh')}" if root else "workflowops"


def _pin(actions: str | None) -> "ActionsPin":
    from workflowops.core.setup.wishes import read_pin
    from workflowops.io.own_source import own_source

    if actions:
        return read_pin(actions)
    source = own_source(os.environ)
    if source.pin is None:
        raise ConfigurationError(f"It is not known which commit of the actions to use. {source.reason}", fix=source.fix)
    return read_pin(source.pin)


def _is_agreed(outcome: "InitOutcome") -> bool:
    """Show what would be done and ask once; nothing to write needs no answer."""
    from workflowops.cli.printing import is_coloured, terminal_width
    from workflowops.core.setup.updating import to_write
    from workflowops.core.text.setup import render_plans
    from workflowops.core.text.style import Style

    if not to_write(outcome.plans):
        return True
    style = Style(color=is_coloured(sys.stderr), width=terminal_width())
    click.echo("\n" + render_plans(outcome.plans, style=style, is_planned=True) + "\n", err=True)
    return click.confirm("Write these files?", default=True, err=True)


def _print(outcome: "InitOutcome", *, as_json: bool) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.setup.document import setup_document
    from workflowops.core.text.setup import nothing_written, render_next, render_plans, render_setup
    from workflowops.core.text.style import Style

    if as_json:
        print_json(setup_document(outcome.setup, outcome.plans, outcome.needs, is_dry_run=outcome.is_dry_run))
        return
    style = Style(color=is_coloured(sys.stdout), width=terminal_width())
    blocks = [
        render_setup(outcome.setup, style=style),
        render_plans(outcome.plans, style=style, is_planned=outcome.is_dry_run),
        *([nothing_written(outcome.plans)] if outcome.is_dry_run else []),
        render_next(outcome.setup, outcome.needs, style=style),
    ]
    print_text("\n\n".join(blocks))
