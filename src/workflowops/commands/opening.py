"""Opening the issues of incidents that were decided: each once, whatever happened to the run before."""

from collections.abc import Callable, Collection, Mapping

from workflowops.commands.delivery import OUTAGES, body_of, policy_of, with_its_notes
from workflowops.commands.desk import Desk
from workflowops.commands.incident_files import Change, changed_files, read_index
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.incident.issue import Issue, NewIssue
from workflowops.core.incident.markers import issue_marker
from workflowops.core.incident.mirror import LIST_LABEL, labels_of
from workflowops.core.incident.record import Incident, IncidentsFile, Opening
from workflowops.core.incident.triage import dropped, opened
from workflowops.core.text.incident import incident_title
from workflowops.errors import WorkflowOpsError

Openings = Mapping[str, IncidentsFile]
Found = dict[tuple[str, str], Issue | None]
"""By environment and key: the issue of an opening, None for one that is not needed any more."""


def open_issues(
    desk: Desk,
    tracker: IssueTracker,
    indexes: Openings,
    *,
    known: Collection[str],
    drifting: Mapping[str, Collection[str]],
    keep: Callable[[], None],
) -> tuple[list[tuple[Incident, Issue]], list[str], int]:
    """Open an issue for every opening; answers the incidents with their issues, what went wrong, and how many wait.

    Openings in `known` were decided by a run before, so their issue may exist: it is looked for. Where it does not, and
    the drift is gone meanwhile (`drifting` holds the canonical ids by environment), the opening is dropped.
    """
    found: Found = {}
    failures: list[WorkflowOpsError] = []
    wanted = [(name, key, each) for name, index in indexes.items() for key, each in index.opening.items()]
    try:
        for environment, key, opening in wanted:
            if any(isinstance(failure, OUTAGES) for failure in failures):
                break
            try:
                issue = _issue_of(
                    desk,
                    tracker,
                    opening,
                    is_known=opening.intent in known,
                    drifting=drifting.get(environment, ()),
                    keep=keep,
                )
            except WorkflowOpsError as error:
                failures.append(error)
            else:
                found[environment, key] = issue
    finally:
        incidents = _recorded(desk, indexes, found)
    waiting = len(wanted) - len(found)
    told = dict.fromkeys(f"{error} {error.fix}" for error in failures)
    problems = [f"{waiting} of {len(wanted)} incidents have no issue yet: {each}" for each in told]
    return incidents, problems, waiting


def _issue_of(
    desk: Desk,
    tracker: IssueTracker,
    opening: Opening,
    *,
    is_known: bool,
    drifting: Collection[str],
    keep: Callable[[], None],
) -> Issue | None:
    incident = opening.incident
    marker = issue_marker(opening.intent)
    if is_known:
        found = tracker.find_issue(LIST_LABEL, marker, since=incident.detected_at)
        if found is not None:
            return found
        if not any(each.canonical_id in drifting for each in incident.affected_workflows):
            return None
    labels = labels_of(incident)
    tracker.ensure_labels(labels)
    keep()
    return tracker.open_issue(
        NewIssue(
            title=incident_title(incident),
            body=body_of(desk, incident, opening.details),
            labels=tuple(label.name for label in labels),
            assignees=policy_of(desk, incident.environment).assignees,
            marker=marker,
        ),
        look_since=None,
    )


def _recorded(desk: Desk, indexes: Openings, found: Found) -> list[tuple[Incident, Issue]]:
    """Write down the numbers of the issues that were opened, as far as it came."""
    if not found:
        return []
    latest: list[list[tuple[Incident, Issue]]] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        made: list[tuple[Incident, Issue]] = []
        lists: dict[str, IncidentsFile] = {}
        changes: list[Change] = []
        for (environment, key), issue in found.items():
            opening = indexes[environment].opening[key]
            index = lists.get(environment) or read_index(tip, environment)
            if key not in index.opening or index.opening[key].intent != opening.intent:
                continue
            if issue is None:
                lists[environment] = dropped(index, key)
                continue
            lists[environment], incident = opened(index, opening, issue)
            incident = with_its_notes(desk, None, incident)
            made.append((incident, issue))
            changes.append(Change(before=None, after=incident, details=opening.details, drawings=opening.drawings))
        latest.append(made)
        return changed_files(desk.workspace, tip, changes, indexes=lists)

    desk.workspace.state.change(decide, message=f"incidents: opened {len(found)}")
    return latest[-1]
