"""Who an incident is assigned to, shown on GitHub as the assignee of its issue."""

from dataclasses import replace

from workflowops.commands.desk import Desk
from workflowops.commands.incident_change import Decided
from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.core.incident.mirror import is_the_issue_of
from workflowops.errors import WorkflowOpsError

_MOST_ASSIGNEES = 10  # GitHub's limit


def assign_on_github(desk: Desk, decided: Decided) -> tuple[Issue | None, str | None]:
    """Give the issue to whom the incident was just assigned, in place of the one whom its record named before.

    Whoever people assigned beside them stays. Answers the issue as it was read or was asked to be, and what went wrong:
    GitHub takes only people who can be assigned, and the record holds the name in either case.
    """
    before, after = decided.before.assigned_to, decided.after.assigned_to
    if desk.tracker is None or desk.workspace.is_dry_run or after is None or after == before:
        return None, None
    try:
        issue = desk.tracker.issue(decided.after.number)
        if issue is None:
            return None, None
        if not is_the_issue_of(decided.after, issue):
            return issue, f"Issue #{issue.number} is not the one that was opened for the incident; nobody was assigned."
        edit = _edit(issue, former=before, new=after)
        if edit == IssueEdit():
            return issue, None
        desk.tracker.edit_issue(issue.number, edit)
    except WorkflowOpsError as error:
        return None, f"The issue could not be assigned to {after} on GitHub: {error}"
    gone = {each.casefold() for each in edit.unassigned or ()}
    stay = tuple(each for each in issue.assignees if each.casefold() not in gone)
    return replace(issue, assignees=(*stay, *(edit.assignees or ()))[:_MOST_ASSIGNEES]), None


def _edit(issue: Issue, *, former: str | None, new: str) -> IssueEdit:
    present = {each.casefold() for each in issue.assignees}
    is_replaced = former is not None and former.casefold() in present and former.casefold() != new.casefold()
    return IssueEdit(
        assignees=None if new.casefold() in present else (new,),
        unassigned=(former,) if former is not None and is_replaced else None,
    )
