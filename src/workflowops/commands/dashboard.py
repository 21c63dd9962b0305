"""The dashboard issue: opened once, kept up to date in place, and pinned."""

from collections.abc import Callable
from dataclasses import replace

from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.dashboard import (
    DASHBOARD_LABEL,
    DASHBOARD_PATH,
    DashboardFile,
    DashboardOutcome,
    dashboard_marker,
    is_dashboard,
)
from workflowops.core.incident.body import merged_body, reads_the_same
from workflowops.core.incident.issue import Issue, IssueEdit, NewIssue
from workflowops.core.records import decode, encode
from workflowops.core.status import StatusReport
from workflowops.core.text.dashboard import DASHBOARD_TITLE, dashboard_body, is_told
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError, ConfigurationError, MovedError, RemoteError


def update_dashboard(desk: Desk, report: StatusReport) -> DashboardOutcome:
    """Bring the dashboard issue up to date; the first time, and where it was deleted, it is opened.

    There is one: it is looked for by its number in the state, or by its marker where a run died before it wrote the
    number down. What people wrote around our text stays, as does its title; closed, it is opened again. What GitHub
    refuses is the outcome's `problem`, as is a text of people that leaves no room for ours. Raises ConfigurationError
    where no GitHub is configured, and StateError.
    """
    tracker = desk.tracker
    if tracker is None:
        raise ConfigurationError(
            "The dashboard issue needs GitHub, and none is configured.",
            fix="Set GITHUB_TOKEN and GITHUB_REPOSITORY, or rehearse with --issues-folder DIR.",
        )
    known = _read(desk.workspace.state.view())
    if desk.workspace.is_dry_run:
        number = None if known is None else known.number or None
        return DashboardOutcome(number=number, url=None if known is None else known.url, is_plan=True)
    try:
        with at_the_desk(desk) as keep:
            return _updated(desk, tracker, report, keep)
    except (RemoteError, MovedError, BlockedError) as error:
        number = None if known is None else known.number or None
        return DashboardOutcome(
            number=number, url=None if known is None else known.url, problem=str(error), fix=error.fix
        )


def _updated(desk: Desk, tracker: IssueTracker, report: StatusReport, keep: Callable[[], None]) -> DashboardOutcome:
    known = _read(desk.workspace.state.view())
    issue = None if known is None else _found(tracker, known)
    is_new = issue is None
    if known is None or (issue is None and known.number):
        known = _decided(desk)
    keep()
    if issue is None:
        issue = _opened(desk, tracker, report, known)
    else:
        _brought_up_to_date(desk, tracker, report, issue, known)
    known = replace(known, number=issue.number, url=issue.url)
    _written(desk, known)
    pin_problem = None
    if not known.is_pinned:
        keep()
        pin_problem = _pinned(desk, tracker, known)
    return DashboardOutcome(number=issue.number, url=issue.url, is_new=is_new, pin_problem=pin_problem)


def _found(tracker: IssueTracker, known: DashboardFile) -> Issue | None:
    """Answer the issue of a record; None when it is not there, or not ours any more."""
    if not known.number:
        return tracker.find_issue(DASHBOARD_LABEL.name, dashboard_marker(known.intent), since=known.decided_at)
    issue = tracker.issue(known.number)
    return issue if issue is not None and is_dashboard(issue, known) else None


def _decided(desk: Desk) -> DashboardFile:
    """Write down that an issue is to be opened, before it is: a run that dies in between opens no second one."""
    known = DashboardFile(intent=desk.workspace.new_id(), decided_at=iso(desk.workspace.clock()))
    _written(desk, known)
    return known


def _opened(desk: Desk, tracker: IssueTracker, report: StatusReport, known: DashboardFile) -> Issue:
    tracker.ensure_labels([DASHBOARD_LABEL])
    return tracker.open_issue(
        NewIssue(
            title=DASHBOARD_TITLE,
            body=dashboard_body(report, intent=known.intent, links=desk.links),
            labels=(DASHBOARD_LABEL.name,),
            marker=dashboard_marker(known.intent),
        ),
        look_since=None,
    )


def _brought_up_to_date(
    desk: Desk, tracker: IssueTracker, report: StatusReport, issue: Issue, known: DashboardFile
) -> None:
    """Edit what is not as it should be. Raises BlockedError where people's text leaves no room for ours."""
    ours = dashboard_body(report, intent=known.intent, links=desk.links)
    body = merged_body(issue.body, ours)
    if not is_told(body, ours):
        raise BlockedError(
            f"What people wrote in #{issue.number} leaves no room for the status.",
            fix="Shorten the text around ours, or move it into a comment.",
        )
    has_label = DASHBOARD_LABEL.name in issue.labels
    if not has_label:
        tracker.ensure_labels([DASHBOARD_LABEL])
    edit = IssueEdit(
        body=None if reads_the_same(issue.body, body) else body,
        labels=None if has_label else (*issue.labels, DASHBOARD_LABEL.name),
        is_open=None if issue.is_open else True,
    )
    if edit != IssueEdit():
        tracker.edit_issue(issue.number, edit)


def _pinned(desk: Desk, tracker: IssueTracker, known: DashboardFile) -> str | None:
    """Pin the issue, once; answers why it is not pinned. That is told, and nothing else fails with it."""
    try:
        problem = tracker.pin_issue(known.number)
    except RemoteError as error:
        return f"{error} {error.fix}"
    if problem is None:
        _written(desk, replace(known, is_pinned=True))
    return problem


def _read(view: StateView) -> DashboardFile | None:
    return decode(view.read(DASHBOARD_PATH), DashboardFile, path=DASHBOARD_PATH)


def _written(desk: Desk, known: DashboardFile) -> None:
    desk.workspace.state.change(lambda _: {DASHBOARD_PATH: encode(known)}, message="dashboard")
