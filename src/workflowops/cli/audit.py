"""`workflowops audit`."""

import sys

import click

from workflowops.cli.options import config_option, json_option, state_options, with_options


@click.group()
def audit() -> None:
    """Check the audit log."""


@audit.command()
@with_options(config_option, state_options, json_option)
def verify(config: str, state_remote: str, state_branch: str, as_json: bool) -> int:
    """Check that the audit log is what was written.

    Every line carries the hash of the line before; a line that was edited, removed or moved is named. Exit code 3 when
    there is one.

    \b
    Example:
      workflowops audit verify
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.options import Shared
    from workflowops.cli.printing import is_coloured, print_json, print_text
    from workflowops.commands.audit import verify_audit
    from workflowops.core.documents import audit_document
    from workflowops.core.text.audit import render_audit
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    options = Shared(config, (), "HEAD", state_remote, state_branch, as_json, dry_run=True)
    with opened(options) as at:
        outcome = verify_audit(at.workspace.state)
    if as_json:
        print_json(audit_document(outcome.problems, files=outcome.files, entries=outcome.entries))
    else:
        style = Style(color=is_coloured(sys.stdout), width=100)
        print_text(render_audit(outcome.problems, files=outcome.files, entries=outcome.entries, style=style))
    return ExitCode.RULE if outcome.problems else ExitCode.DONE
