"""`workflowops drift`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import shared, shared_options

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.cli.options import Shared
    from workflowops.core.drift import DriftReport
    from workflowops.core.incident.outcome import IncidentsOutcome


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
@click.option(
    "--incidents/--no-incidents",
    envvar="WORKFLOWOPS_INCIDENTS",
    default=True,
    show_default=True,
    help="Open, update and reconcile incidents, where GitHub is configured.",
)
@issues_folder_option
def drift(fail_on_drift: bool, show_ignored: bool, incidents: bool, issues_folder: Path | None, **values: Any) -> int:
    """Tell what n8n runs that Git does not say.

    Compares every workflow that Git declares with what the instance runs, by content. An instance that cannot be read
    completely is `unknown`, never "in sync", and the exit code is 4. With GITHUB_TOKEN and GITHUB_REPOSITORY set, as in
    GitHub Actions, drift becomes an incident: a GitHub issue that is kept up to date until the drift is gone.

    \b
    Example:
      workflowops drift --environment prod --fail-on-drift
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.printing import is_coloured, print_json, print_not_recorded, print_text, terminal_width
    from workflowops.commands.drift import check_drift
    from workflowops.core.documents import drift_document
    from workflowops.core.incident.outcome import IncidentsOutcome
    from workflowops.core.json import canonical_text
    from workflowops.core.text.drift import render_drift, summary_drift
    from workflowops.core.text.incidents import render_incidents, summary_incidents
    from workflowops.core.text.style import Style
    from workflowops.core.text.verdicts import annotations

    options = shared(values)
    with opened(options) as at, at.runner.group("Checking for drift"):
        report = check_drift(at.workspace, at.environments)
        outcome = _with_incidents(at, options, report, issues_folder) if incidents else IncidentsOutcome()
    document = drift_document(report, shows_ignored=show_ignored, incidents=outcome)
    for level, text in annotations(report):
        at.runner.annotate(level, text)
    for text in outcome.problems:
        at.runner.annotate("error", text)
    at.runner.write_outputs(_outputs(report, outcome) | {"result": canonical_text(document).decode()})
    at.runner.add_summary(lambda: summary_drift(report) + summary_incidents(outcome))
    if options.json:
        print_json(document)
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_drift(report, style=style, show_ignored=show_ignored))
        told = render_incidents(outcome, style=style)
        if told:
            print_text(f"\n{told}")
    if report.not_recorded is not None:
        print_not_recorded(report.not_recorded, at.runner)
    return _exit_code(report, outcome, fails_on_drift=fail_on_drift)


def _with_incidents(
    at: "Opened", options: "Shared", report: "DriftReport", issues_folder: Path | None
) -> "IncidentsOutcome":
    """Bring the incidents up to date, if there is anything to do for them: PyGithub takes its time to load."""
    from workflowops.cli.desk import opened_desk
    from workflowops.commands.incidents import needs_a_look, update_incidents
    from workflowops.core.incident.outcome import IncidentsOutcome

    if not needs_a_look(report):
        return IncidentsOutcome(is_plan=options.dry_run)
    with opened_desk(at, options, issues_folder=issues_folder) as desk:
        return update_incidents(desk, report)


def _outputs(report: "DriftReport", outcome: "IncidentsOutcome") -> dict[str, str]:
    still_open = (*outcome.opened, *outcome.updated, *outcome.unchanged)
    numbers = json.dumps(sorted(each.number for each in still_open if each.number))
    return {
        "drift_status": str(report.status),
        "drift_detected": str(report.drifted > 0).lower(),
        "workflows_drifted": str(report.drifted),
        "incidents_opened": str(len(outcome.opened)),
        "incidents_updated": str(len(outcome.updated)),
        "incidents_closed": str(len(outcome.closed)),
        "incident_numbers": numbers if outcome.is_complete else "",
    }


def _exit_code(report: "DriftReport", outcome: "IncidentsOutcome", *, fails_on_drift: bool) -> int:
    """Answer the exit code: what failed comes before what was found."""
    from workflowops.core.records import DriftStatus
    from workflowops.errors import ExitCode

    if report.not_recorded is not None and report.not_recorded.exit_code:
        return report.not_recorded.exit_code
    if report.status is DriftStatus.UNKNOWN:
        return ExitCode.REMOTE
    if outcome.problems:
        return outcome.exit_code or ExitCode.REMOTE
    return ExitCode.RULE if fails_on_drift and report.drifted else ExitCode.DONE
