"""`workflowops status`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import (
    Shared,
    config_option,
    dry_run_option,
    environment_option,
    json_option,
    shared,
    state_options,
    with_options,
)

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.core.dashboard import DashboardOutcome
    from workflowops.core.status import StatusReport
    from workflowops.errors import WorkflowOpsError

_KINDS = ("drifted", "missing", "unknown", "pending", "not_checked", "in_sync")


@click.command()
@with_options(config_option, environment_option, state_options)
@click.option(
    "--workflow",
    envvar="WORKFLOWOPS_WORKFLOW",
    default="",
    metavar="TEXT",
    help="Only workflows whose slug or name holds this text, told in full.",
)
@click.option(
    "--only",
    envvar="WORKFLOWOPS_ONLY",
    type=click.Choice(_KINDS),
    default=None,
    help="Only workflows that stand like this in some environment.",
)
@click.option(
    "--issue",
    envvar="WORKFLOWOPS_ISSUE",
    is_flag=True,
    help="Open the dashboard issue on GitHub, or bring it up to date.",
)
@click.option(
    "--html",
    envvar="WORKFLOWOPS_HTML",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    metavar="DIR",
    help="Write the status as one self-contained page, DIR/index.html.",
)
@issues_folder_option
@with_options(dry_run_option, json_option)
def status(
    workflow: str, only: str | None, issue: bool, html: Path | None, issues_folder: Path | None, **values: Any
) -> int:
    """Show what runs where, what is open, and how long things took.

    Reads the state branch alone: what the last sync or drift check found, and when. No instance is asked. What was last
    checked more than a day ago, or could not be checked, is told as such and never as in sync. The issue and the page
    show everything, whatever --workflow and --only choose.

    \b
    Example:
      workflowops status --only drifted
      workflowops status --issue --html public
    """
    from workflowops.cli.opening import opened
    from workflowops.commands.status import read_status

    is_plan = values.pop("dry_run")
    options = shared({**values, "ref": "HEAD", "dry_run": is_plan or not issue})
    with opened(options) as at:
        workspace = at.workspace
        report = read_status(workspace.state, workspace.configuration, at.environments, now=workspace.clock())
        dashboard, no_issue = _dashboard(at, options, report, issues_folder) if issue else (None, None)
        page, no_page = (None, None) if html is None else _written_page(at, report, html, is_plan=is_plan)
    _tell(at, _chosen(report, workflow, only), dashboard, page, as_json=options.json, shows_details=bool(workflow))
    for failure in (no_issue, no_page):
        if failure is not None:
            raise failure
    return _exit_code(dashboard)


def _chosen(report: "StatusReport", workflow: str, only: str | None) -> "StatusReport":
    from workflowops.core.status import CellKind
    from workflowops.core.status_matrix import chosen

    kind = None if only is None else CellKind(only)
    return replace(report, workflows=chosen(report.workflows, workflow=workflow, only=kind))


def _dashboard(
    at: "Opened", options: Shared, report: "StatusReport", issues_folder: Path | None
) -> "tuple[DashboardOutcome | None, WorkflowOpsError | None]":
    """Bring the dashboard issue up to date; an error waits until the status was told, which it is no part of."""
    from workflowops.cli.desk import opened_desk
    from workflowops.commands.dashboard import update_dashboard
    from workflowops.errors import WorkflowOpsError

    try:
        with opened_desk(at, options, issues_folder=issues_folder) as desk:
            return update_dashboard(desk, report), None
    except WorkflowOpsError as error:
        return None, error


def _written_page(
    at: "Opened", report: "StatusReport", folder: Path, *, is_plan: bool
) -> "tuple[str | None, WorkflowOpsError | None]":
    """Write the page, unless this is a dry run, and answer where it lies; an error waits as that of the issue does."""
    from workflowops.cli.status_page import write_status_page
    from workflowops.errors import WorkflowOpsError

    try:
        return write_status_page(at, report, folder, is_plan=is_plan), None
    except WorkflowOpsError as error:
        return None, error


def _tell(
    at: "Opened",
    report: "StatusReport",
    dashboard: "DashboardOutcome | None",
    page: str | None,
    *,
    as_json: bool,
    shows_details: bool,
) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.json import canonical_text
    from workflowops.core.status_documents import status_document
    from workflowops.core.text.dashboard import render_dashboard, summary_dashboard
    from workflowops.core.text.status import render_status, summary_status
    from workflowops.core.text.style import Style

    document = status_document(report, dashboard=dashboard, page=page)
    at.runner.write_outputs(_outputs(report, dashboard, page) | {"result": canonical_text(document).decode()})
    at.runner.add_summary(
        lambda: summary_status(report) + ("" if dashboard is None else f"\n{summary_dashboard(dashboard)}")
    )
    if dashboard is not None and dashboard.problem is not None:
        at.runner.annotate("error", f"The dashboard issue is not up to date: {dashboard.problem}")
    elif dashboard is not None and dashboard.pin_problem is not None:
        at.runner.annotate("warning", f"The dashboard issue is not pinned: {dashboard.pin_problem}")
    if as_json:
        print_json(document)
        return
    style = Style(color=is_coloured(sys.stdout), width=terminal_width())
    print_text(render_status(report, style=style, shows_details=shows_details))
    if dashboard is not None:
        print_text(f"\n{render_dashboard(dashboard, style=style)}")
    if page is not None:
        print_text(f"\nPage: {page}")


def _outputs(report: "StatusReport", dashboard: "DashboardOutcome | None", page: str | None) -> dict[str, str]:
    from workflowops.core.status import CellKind

    drifted = (CellKind.DRIFTED, CellKind.MISSING)
    cells = [cell for row in report.workflows for cell in row.cells.values()]
    return {
        "workflows_drifted": str(sum(cell.kind in drifted for cell in cells)),
        "workflows_unmanaged": str(len(report.unmanaged)),
        "incidents_open": str(len(report.incidents)),
        "promotions_open": str(len(report.promotions)),
        "dashboard_issue": "" if dashboard is None or dashboard.number is None else str(dashboard.number),
        "page": page or "",
    }


def _exit_code(dashboard: "DashboardOutcome | None") -> int:
    from workflowops.errors import ExitCode

    return ExitCode.REMOTE if dashboard is not None and dashboard.problem is not None else ExitCode.DONE
