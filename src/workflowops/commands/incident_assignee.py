"""Who an incident is assigned to, shown on GitHub as the assignee of its issue."""

from dataclasses import replace

from workflowops.commands.desk import Desk
from workflowops.commands.incident_change import Decided
from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.errors import WorkflowOpsError

_MOST_ASSIGNEES = 10  # GitHub's limit


def assign_on_github(desk: Desk, decided: Decided) -> tuple[Issue | None, str | None]:
    """Give the issue to whom the incident was just assigned, in place of whoever had it before.

    Answers the issue as it was read or changed, and what went wrong: GitHub takes only people who can be assigned, and
    the record holds the name in either case.
    """
    before, after = decided.before.assigned_to, decided.after.assigned_to
    if desk.tracker is None or desk.workspace.is_dry_run or after is None or after == before:
        return None, None
    try:
        issue = desk.tracker.issue(decided.after.number)
        if issue is None or after.casefold() in {each.casefold() for each in issue.assignees}:
            return issue, None
        others = tuple(each for each in issue.assignees if each.casefold() != (before or "").casefold())
        assignees = (*others[: _MOST_ASSIGNEES - 1], after)
        desk.tracker.edit_issue(issue.number, IssueEdit(assignees=assignees))
    except WorkflowOpsError as error:
        return None, f"The issue could not be assigned to {after} on GitHub: {error}"
    return replace(issue, assignees=assignees), None
