"""The one issue that shows what runs where: its record on the state branch, its marker and its label."""

from dataclasses import dataclass

from workflowops.core.incident.issue import Issue, Label
from workflowops.core.records import SCHEMA

DASHBOARD_PATH = "dashboard.json"
DASHBOARD_LABEL = Label("workflowops:dashboard", "0e8a16", "What runs where, kept by WorkflowOps")


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardFile:
    """`dashboard.json`. `number` is 0 from the decision to open the issue until it is known to exist.

    `intent` stands in the issue's marker. `is_pinned` once it was pinned: a person who unpins it is not overruled.
    """

    schema: int = SCHEMA
    intent: str
    decided_at: str
    number: int = 0
    url: str | None = None
    is_pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardOutcome:
    """What became of the dashboard issue; `number` and `url` are None where there is none (yet).

    `problem` says why it is not up to date, `pin_problem` why it is not pinned. `is_plan` after a dry run.
    """

    number: int | None = None
    url: str | None = None
    is_new: bool = False
    problem: str | None = None
    fix: str | None = None
    pin_problem: str | None = None
    is_plan: bool = False


def dashboard_marker(intent: str) -> str:
    """Answer what the body of the dashboard issue holds."""
    return f"<!-- workflowops:dashboard {intent} -->"


def is_dashboard(issue: Issue, record: DashboardFile) -> bool:
    """Say whether an issue is still the one of the record: it has the marker or the label.

    Where people took both away the issue is theirs, and is left alone.
    """
    return dashboard_marker(record.intent) in issue.body or DASHBOARD_LABEL.name in issue.labels
