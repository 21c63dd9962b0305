"""The dashboard issue: what runs where, as Markdown that fits into an issue."""

from workflowops.core.dashboard import DashboardOutcome, dashboard_marker
from workflowops.core.incident.body import BEGIN, END
from workflowops.core.status import StatusReport
from workflowops.core.text.incident_sections import units
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import escaped, joined
from workflowops.core.text.plain import moment, visible
from workflowops.core.text.status_markdown import fitted, report_blocks
from workflowops.core.text.style import Style

DASHBOARD_TITLE = "WorkflowOps: what runs where"
_MOST_UNITS = 60_000


def dashboard_body(report: StatusReport, *, intent: str, links: Links | None) -> str:
    """Answer our part of the issue's body, between its marks; at most 60,000 of GitHub's 65,536 characters."""
    run = "" if links is None or links.run_url is None else f" by [this run]({links.run_url})"
    head = [
        BEGIN,
        dashboard_marker(intent),
        f"As of {escaped(moment(report.taken_at))}, written{run}. It says what the last checks found; what you write "
        "above or below this text stays.",
        "",
    ]
    lines = fitted(
        lambda rows: [*head, *joined(report_blocks(report, most_rows=rows)), END], most=_MOST_UNITS, measure=units
    )
    return "\n".join(lines)


def is_told(body: str, ours: str) -> bool:
    """Say whether a body holds at least how old our part is: people's text may leave it no room."""
    return ours.split("\n")[2] in body


def render_dashboard(outcome: DashboardOutcome, *, style: Style) -> str:
    """Tell what became of the issue, for the terminal."""
    if outcome.problem is not None:
        return style.bad(
            visible(f"The dashboard issue is not up to date: {outcome.problem} {outcome.fix or ''}".strip())
        )
    if outcome.is_plan:
        where = f"#{outcome.number} would be brought up to date" if outcome.number else "would be opened"
        return style.notable(f"The dashboard issue {where}.")
    done = "opened" if outcome.is_new else "up to date"
    lines = [style.good(visible(f"Dashboard issue #{outcome.number} {done}: {outcome.url}"))]
    if outcome.pin_problem is not None:
        lines.append(style.notable(visible(f"It is not pinned: {outcome.pin_problem}")))
    return "\n".join(lines)


def summary_dashboard(outcome: DashboardOutcome) -> str:
    """Tell the same as a line of Markdown."""
    if outcome.problem is not None:
        return f":warning: The dashboard issue is not up to date: {escaped(outcome.problem)}\n"
    if outcome.number is None or outcome.is_plan:
        return ""
    pin = f" :warning: It is not pinned: {escaped(outcome.pin_problem)}" if outcome.pin_problem else ""
    return f"Dashboard: #{outcome.number}.{pin}\n"
