"""The issues about unmanaged workflows after a sync: opened, kept up to date, closed when nothing is left."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.commands.delivery import MOST_OUTAGES, OUTAGES
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.onboarding_files import change_onboarding, read_onboarding
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.configuration import Environment, title_of
from workflowops.core.incident.issue import Issue, IssueEdit, NewIssue
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.onboarding_record import OnboardingFile, UnmappedAlert, proposed_requests, with_alert
from workflowops.core.records import EnvironmentRecord, MappingFile, decode, environment_path, mapping_path
from workflowops.core.text.unmapped import settled_text, unmapped_body, unmapped_title
from workflowops.core.timestamps import iso
from workflowops.core.unmapped.alert import (
    LABELS,
    LIST_LABEL,
    Deed,
    Listing,
    Shown,
    as_found,
    concerns_github,
    deed_for,
    edit_for,
    is_on_its_way,
    is_the_issue_of,
    listing_of,
    unmapped_marker,
)
from workflowops.core.unmapped.outcome import UnmappedIssue, UnmappedOutcome
from workflowops.errors import ExitCode, WorkflowOpsError

_SILENT = frozenset({Deed.UNCHANGED, Deed.DROPPED, Deed.LEFT_CLOSED})


@dataclass(frozen=True, slots=True)
class _Step:
    """What is to be done about the issue of one environment, judged by the issue as it was read.

    `noted` is what is remembered of it, `alert` what that comes to by the issue itself.
    """

    listing: Listing
    noted: UnmappedAlert | None
    alert: UnmappedAlert | None
    issue: Issue | None
    deed: Deed
    edit: IssueEdit | None = None


@dataclass(slots=True)
class _Round:
    """One update on its way: what became of the issues, what is to be remembered, what went wrong."""

    desk: Desk
    tracker: IssueTracker
    keep: Callable[[], None]
    alerts: dict[str, UnmappedAlert | None] = field(default_factory=dict)
    issues: list[UnmappedIssue] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    outages: int = 0


def update_unmapped(desk: Desk, environments: Sequence[Environment]) -> UnmappedOutcome:
    """Bring the issue of every environment up to what its last sync found.

    An environment whose last reading failed changes nothing; the issue of one that left the configuration is closed,
    with a word that nobody looks any more. Where nothing is unmanaged and no issue is open, nothing
    is asked of GitHub. Raises no error of ours: what could not be read or written is told in the outcome with the exit
    code it deserves, and is left to the next run.
    """
    if desk.tracker is None:
        return UnmappedOutcome(left_alone="GitHub is not configured, so no issue was opened or changed.")
    try:
        return _updated(desk, desk.tracker, environments)
    except WorkflowOpsError as error:
        return UnmappedOutcome(
            problems=(f"{error} {error.fix}",),
            exit_code=error.exit_code,
            requests=desk.tracker.requests,
            is_plan=desk.workspace.is_dry_run,
        )


def _updated(desk: Desk, tracker: IssueTracker, environments: Sequence[Environment]) -> UnmappedOutcome:
    view = desk.workspace.state.view()
    listings, unknown = _listings(desk, view, environments)
    steps = _steps(desk, tracker, read_onboarding(view), listings)
    outcome = UnmappedOutcome(unknown=unknown, is_plan=desk.workspace.is_dry_run)
    if desk.workspace.is_dry_run or not any(_is_work(each) for each in steps):
        return replace(outcome, issues=tuple(map(_planned, steps)), requests=tracker.requests)
    with at_the_desk(desk) as keep:
        view = desk.workspace.state.view()
        listings, unknown = _listings(desk, view, environments)
        steps = _steps(desk, tracker, read_onboarding(view), listings)
        current = _Round(desk, tracker, keep)
        try:
            _carry_out(current, _with_intents(desk, steps))
        finally:
            _remember(current)
    return replace(
        outcome,
        unknown=unknown,
        issues=tuple(current.issues),
        problems=tuple(current.problems),
        requests=tracker.requests,
        exit_code=ExitCode.REMOTE if current.problems else ExitCode.DONE,
    )


def _listings(
    desk: Desk, view: StateView, environments: Sequence[Environment]
) -> tuple[list[Listing], tuple[str, ...]]:
    """List what the environments have that Git has not; answers the names of those that nobody can tell about, too."""
    listings, unknown = [], []
    file = read_onboarding(view)
    for each in environments:
        record_path, path = environment_path(each.name), mapping_path(each.name)
        listing = listing_of(
            decode(view.read(record_path), EnvironmentRecord, path=record_path),
            decode(view.read(path), MappingFile, path=path),
            environment=each.name,
            title=title_of(each, variables=desk.workspace.variables),
            requests=proposed_requests(file, each.name),
        )
        listings += [] if listing is None else [listing]
        unknown += [each.name] if listing is None else []
    known = desk.workspace.configuration.environments
    listings += [
        Listing(environment=name, title=name, workflows=(), has_left=True)
        for name, alert in sorted(file.alerts.items())
        if name not in known and is_on_its_way(alert)
    ]
    return listings, tuple(unknown)


def _steps(desk: Desk, tracker: IssueTracker, file: OnboardingFile, listings: Sequence[Listing]) -> list[_Step]:
    """Read the issues that matter, and say what is to be done about each."""
    known = [(each, file.alerts.get(each.environment)) for each in listings]
    return [_step(desk, tracker, listing, alert) for listing, alert in known if concerns_github(alert, listing)]


def _step(desk: Desk, tracker: IssueTracker, listing: Listing, alert: UnmappedAlert | None) -> _Step:
    if alert is None:
        return _Step(listing, None, None, None, deed_for(None, None, listing, None))
    issue = _issue_of(tracker, alert)
    if issue is None:
        return _Step(listing, alert, alert, None, deed_for(alert, None, listing, None))
    found = as_found(alert, issue, listing, now=iso(desk.workspace.clock()))
    edit = edit_for(found, issue, _shown(desk, listing, found.intent), is_open=bool(listing.workflows))
    return _Step(listing, alert, found, issue, deed_for(found, issue, listing, edit), edit)


def _issue_of(tracker: IssueTracker, alert: UnmappedAlert) -> Issue | None:
    """Read the issue; one that a run before this one may have opened without noting it is looked for."""
    if alert.number is None:
        return tracker.find_issue(LIST_LABEL, unmapped_marker(alert.intent), since=alert.decided_at)
    issue = tracker.issue(alert.number)
    return issue if issue is not None and is_the_issue_of(alert, issue) else None


def _shown(desk: Desk, listing: Listing, intent: str) -> Shown:
    return Shown(title=unmapped_title(listing), body=unmapped_body(listing, intent=intent, links=desk.links))


def _is_work(step: _Step) -> bool:
    """Say whether anything is to be written, on GitHub or in the state."""
    if step.deed not in _SILENT:
        return True
    if step.deed is Deed.DROPPED:
        return step.noted is not None
    return step.alert is not None and (step.alert.number is None or step.alert != step.noted)


def _with_intents(desk: Desk, steps: Sequence[_Step]) -> list[_Step]:
    """Decide on what is to be opened before it is, so that a run that dies opens no second one and none is lost."""
    intended = [replace(each, alert=_intent(desk, each)) for each in steps]
    fresh = {
        new.listing.environment: new.alert for old, new in zip(steps, intended, strict=True) if new.alert != old.alert
    }
    if fresh:
        _write(desk, fresh, message=f"unmapped: issues for {', '.join(fresh)}")
    return intended


def _intent(desk: Desk, step: _Step) -> UnmappedAlert | None:
    alert = step.alert
    if step.deed is Deed.OPENED and (alert is None or alert.number is not None):
        return UnmappedAlert(intent=desk.workspace.new_id(), decided_at=iso(desk.workspace.clock()))
    if step.deed is Deed.REOPENED and alert is not None:
        return replace(alert, is_reopening=True)
    return alert


def _carry_out(current: _Round, steps: Sequence[_Step]) -> None:
    for step in steps:
        if current.outages >= MOST_OUTAGES:
            return
        try:
            _do(current, step)
        except WorkflowOpsError as error:
            current.outages += isinstance(error, OUTAGES)
            current.problems.append(
                f"The issue about unmanaged workflows in {step.listing.environment}: {error} {error.fix}"
            )


def _do(current: _Round, step: _Step) -> None:
    """Do one thing about one issue, and note what is to be remembered of it."""
    name, alert, issue = step.listing.environment, step.alert, step.issue
    if step.deed is Deed.DROPPED or alert is None:
        current.alerts[name] = None
        current.issues.append(_planned(step))
        return
    if step.deed is Deed.OPENED:
        issue = _open(current, step.listing, alert)
        alert = replace(alert, title=issue.title)
    elif issue is not None and step.deed not in _SILENT:
        alert = _edited(current, step, alert, issue)
    if issue is None:
        return
    current.alerts[name] = replace(alert, number=issue.number, url=issue.url, title=alert.title or issue.title)
    current.issues.append(replace(_planned(step), number=issue.number, url=issue.url))


def _open(current: _Round, listing: Listing, alert: UnmappedAlert) -> Issue:
    current.tracker.ensure_labels(LABELS)
    current.keep()
    shown = _shown(current.desk, listing, alert.intent)
    new = NewIssue(title=shown.title, body=shown.body, labels=(LIST_LABEL,), marker=unmapped_marker(alert.intent))
    return current.tracker.open_issue(new, look_since=None)


def _edited(current: _Round, step: _Step, alert: UnmappedAlert, issue: Issue) -> UnmappedAlert:
    """Change the issue; that nothing is left is said before it is closed, so that a run that dies says it once."""
    if step.deed is Deed.CLOSED and issue.is_open:
        marker = note_marker(f"{alert.intent}-settled-{alert.closings + 1}")
        current.keep()
        text = marked(settled_text(step.listing), marker)
        current.tracker.comment(issue.number, text, marker=marker, look_since=alert.decided_at)
    if step.edit is not None:
        current.keep()
        current.tracker.edit_issue(issue.number, step.edit)
    is_closed = step.deed is Deed.CLOSED
    title = None if step.edit is None else step.edit.title
    return replace(
        alert,
        title=title or alert.title,
        is_open=not is_closed,
        closings=alert.closings + is_closed,
        closed_by_hand_at=None,
        is_reopening=False,
    )


def _remember(current: _Round) -> None:
    """Note what was done; should that fail, the next run finds the markers on GitHub."""
    if not current.alerts:
        return
    try:
        _write(current.desk, current.alerts, message=f"unmapped: the issues of {', '.join(sorted(current.alerts))}")
    except WorkflowOpsError as error:
        current.problems.append(f"What was done could not be noted: {error} {error.fix} The next run notices.")


def _write(desk: Desk, alerts: Mapping[str, UnmappedAlert | None], *, message: str) -> None:
    def change(before: OnboardingFile) -> OnboardingFile:
        for name, alert in alerts.items():
            before = with_alert(before, name, alert)
        return before

    change_onboarding(desk.workspace, change, message=message)


def _planned(step: _Step) -> UnmappedIssue:
    """Answer what a step would come to."""
    issue = step.issue
    return UnmappedIssue(
        environment=step.listing.environment,
        deed=step.deed,
        workflows_unmapped=len(step.listing.workflows),
        number=None if issue is None else issue.number,
        url=None if issue is None else issue.url,
        is_open=step.deed not in (Deed.CLOSED, Deed.LEFT_CLOSED, Deed.DROPPED) and bool(step.listing.workflows),
    )
