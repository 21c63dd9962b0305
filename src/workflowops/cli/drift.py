"""`workflowops drift`."""

import sys
from typing import Any

import click

from workflowops.cli.options import shared, shared_options


@click.command()
@shared_options
@click.option(
    "--fail-on-drift",
    envvar="WORKFLOWOPS_FAIL_ON_DRIFT",
    is_flag=True,
    help="Exit with 3 when something drifted.",
)
@click.option(
    "--show-ignored",
    envvar="WORKFLOWOPS_SHOW_IGNORED",
    is_flag=True,
    help="Tell what was left out of the comparison, and how often.",
)
def drift(fail_on_drift: bool, show_ignored: bool, **values: Any) -> int:
    """Tell what n8n runs that Git does not say.

    Compares every workflow that Git declares with what the instance runs, by content. An instance that cannot be read
    completely is `unknown`, never "in sync", and the exit code is 4.

    \b
    Example:
      workflowops drift --environment prod --fail-on-drift
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.printing import is_coloured, print_json, print_not_recorded, print_text, terminal_width
    from workflowops.commands.drift import check_drift
    from workflowops.core.documents import drift_document
    from workflowops.core.json import canonical_text
    from workflowops.core.records import DriftStatus
    from workflowops.core.text.drift import render_drift, summary_drift
    from workflowops.core.text.style import Style
    from workflowops.core.text.verdicts import annotations
    from workflowops.errors import ExitCode

    options = shared(values)
    with opened(options) as at, at.runner.group("Checking for drift"):
        report = check_drift(at.workspace, at.environments)
    document = drift_document(report, shows_ignored=show_ignored)
    for level, text in annotations(report):
        at.runner.annotate(level, text)
    at.runner.write_outputs(
        {
            "drift_status": str(report.status),
            "drift_detected": str(report.drifted > 0).lower(),
            "workflows_drifted": str(report.drifted),
            "result": canonical_text(document).decode(),
        }
    )
    at.runner.add_summary(lambda: summary_drift(report))
    if options.json:
        print_json(document)
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_drift(report, style=style, show_ignored=show_ignored))
    if report.not_recorded is not None:
        print_not_recorded(report.not_recorded, at.runner)
        if report.not_recorded.exit_code:
            return report.not_recorded.exit_code
    if report.status is DriftStatus.UNKNOWN:
        return ExitCode.REMOTE
    return ExitCode.RULE if fail_on_drift and report.drifted else ExitCode.DONE
