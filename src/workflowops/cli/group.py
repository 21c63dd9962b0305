"""The top of the command line: every command by name, loaded only when it is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from workflowops import __version__

COMMANDS = {
    "audit": ("workflowops.cli.audit:audit", "Check the audit log."),
    "baseline": ("workflowops.cli.baseline:baseline", "Accept what is in sync as last known good."),
    "comment": (
        "workflowops.cli.comment:comment",
        "Answer the comment, or the issue, in the event that started a run of GitHub Actions.",
    ),
    "demo": ("workflowops.cli.demo:demo", "Play the main job on three sandbox instances."),
    "doctor": (
        "workflowops.cli.doctor:doctor",
        "Look whether everything is set up, and say what to do about what is not.",
    ),
    "drift": ("workflowops.cli.drift:drift", "Tell what n8n runs that Git does not say."),
    "incident": ("workflowops.cli.incident:incident", "Show incidents, and take their steps by hand."),
    "init": ("workflowops.cli.init:init", "Set up this repository: configuration, workflow files, issue form."),
    "lock": ("workflowops.cli.lock:lock", "Close an environment for promotions."),
    "onboard": ("workflowops.cli.onboard:onboard", "Put unmanaged workflows under Git."),
    "promote": ("workflowops.cli.promote:promote", "Bring workflows from one stage of a pipeline to the next."),
    "status": ("workflowops.cli.status:status", "Show what runs where, what is open, and how long things took."),
    "sync": ("workflowops.cli.sync:sync", "Bring the mapping up to date with n8n and Git."),
    "unlock": ("workflowops.cli.lock:unlock", "Open an environment for promotions again."),
    "validate": ("workflowops.cli.validate:validate", "Check configuration, workflow files and sidecars."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; the list of them needs no import."""

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands."""
        return sorted(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and answer one command."""
        if cmd_name not in self._lazy:
            return None
        module, _, attribute = self._lazy[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their short texts."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self._lazy[name][1]) for name in self.list_commands(ctx)])


@click.group(
    cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="workflowops")
def workflowops() -> None:
    """Governance for n8n workflows across instances, run from a team's GitHub repository.

    \b
    Begin:     workflowops demo
    Each day:  workflowops sync && workflowops drift --fail-on-drift

    Exit codes: 0 done, 1 a bug, 2 usage or configuration, 3 a rule said no (drift, limit), 4 n8n or git failed,
    5 somebody else moved the state first.
    """
