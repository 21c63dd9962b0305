"""`workflowops baseline`."""

import sys
from typing import Any

import click

from workflowops.cli.options import shared, shared_options


@click.command()
@shared_options
@click.option(
    "--accept",
    envvar="WORKFLOWOPS_ACCEPT",
    type=click.Choice(["git", "live"]),
    default=None,
    help="For what is not in sync: which side was right. Without it such workflows are listed and left out.",
)
def baseline(accept: str | None, **values: Any) -> int:
    """Accept what is in sync as last known good.

    From then on drift is judged: a workflow that n8n changes is drift, one that Git changes is pending work. Taking a
    baseline again brings it up to date. Nothing is written to n8n.

    \b
    Example:
      workflowops baseline --environment prod
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.baseline import take_baseline
    from workflowops.core.baseline import Accept
    from workflowops.core.documents import baseline_document
    from workflowops.core.json import canonical_text
    from workflowops.core.text.baseline import render_baseline, summary_baseline
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    options = shared(values)
    with opened(options) as at, at.runner.group("Taking a baseline"):
        outcome = take_baseline(at.workspace, at.environments, accept=None if accept is None else Accept(accept))
    document = baseline_document(outcome.environments)
    at.runner.write_outputs({"result": canonical_text(document).decode()})
    at.runner.add_summary(lambda: summary_baseline(outcome.environments))
    if options.json:
        print_json(document)
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_baseline(outcome.environments, style=style, is_dry_run=options.dry_run))
    if any(each.is_unreachable for each in outcome.environments):
        return ExitCode.REMOTE
    return ExitCode.RULE if any(each.failed for each in outcome.environments) else ExitCode.DONE
