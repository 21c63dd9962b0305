"""`workflowops status`."""

import sys

import click

from workflowops.cli.options import (
    config_option,
    environment_option,
    json_option,
    state_options,
    with_options,
)


@click.command()
@with_options(config_option, environment_option, state_options, json_option)
def status(config: str, environment: tuple[str, ...], state_remote: str, state_branch: str, as_json: bool) -> int:
    """Show what runs where.

    Reads the state branch alone: what the last sync or drift check found, and when. No instance is asked.

    \b
    Example:
      workflowops status
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.options import Shared
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.status import read_status
    from workflowops.core.documents import status_document
    from workflowops.core.json import canonical_text
    from workflowops.core.text.status import render_status, summary_status
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    options = Shared(config, environment, "HEAD", state_remote, state_branch, as_json, dry_run=True)
    with opened(options) as at:
        report = read_status(at.workspace.state, at.environments)
    document = status_document(report)
    at.runner.write_outputs({"result": canonical_text(document).decode()})
    at.runner.add_summary(lambda: summary_status(report))
    if as_json:
        print_json(document)
    else:
        print_text(render_status(report, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
    return ExitCode.DONE
