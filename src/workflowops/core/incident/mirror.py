"""GitHub as a mirror of the record: what an issue has to be given to show what the record says."""

from collections.abc import Sequence

from workflowops.core.incident.body import merged_body, reads_the_same
from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.core.incident.labels import LIST_LABEL, labels_of, repaired
from workflowops.core.incident.markers import issue_marker
from workflowops.core.incident.record import Incident, IncidentStatus

__all__ = ["LIST_LABEL", "edit_for", "edit_to", "is_the_issue_of", "labels_of", "merged_body"]


def is_the_issue_of(incident: Incident, issue: Issue) -> bool:
    """Say whether the issue of that number is the one that was opened for the incident.

    A state branch that was copied into another repository names numbers that are somebody else's there. Our mark in
    the body proves it, and so do author and address, because people empty bodies.
    """
    is_as_opened = issue.author == incident.author and issue.url == incident.url
    return is_as_opened or issue_marker(incident.intent) in issue.body


def edit_for(incident: Incident, issue: Issue, *, body: str, title: str) -> IssueEdit | None:
    """Answer what to change of an issue, None when it is as it should be; made twice, the second has nothing to do.

    `body` is our part of the body, what people wrote around it stays. `title` is taken over only while the issue still
    has the one we wrote (`Incident.title`).
    """
    is_ours = issue.title.strip() == incident.title.strip()
    return edit_to(
        issue,
        title=title if is_ours else None,
        body=body,
        labels=[label.name for label in labels_of(incident)],
        is_open=incident.status is not IncidentStatus.CLOSED,
    )


def edit_to(issue: Issue, *, title: str | None, body: str, labels: Sequence[str], is_open: bool) -> IssueEdit | None:
    """Answer what an issue of ours lacks, None when nothing; what people wrote around our part of the body stays.

    A `title` of None leaves the one it has; of the labels that are ours it gets these and no other.
    """
    merged = merged_body(issue.body, body)
    edit = IssueEdit(
        title=title if title is not None and issue.title.strip() != title.strip() else None,
        body=None if reads_the_same(issue.body, merged) else merged,
        labels=repaired(issue.labels, labels),
        is_open=None if issue.is_open is is_open else is_open,
    )
    return None if edit == IssueEdit() else edit
