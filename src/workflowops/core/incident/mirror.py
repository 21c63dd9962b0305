"""GitHub as a mirror of the record: what an issue has to be given to show what the record says."""

from workflowops.core.incident.body import merged_body, reads_the_same
from workflowops.core.incident.issue import Issue, IssueEdit
from workflowops.core.incident.labels import LIST_LABEL, labels_of, repaired
from workflowops.core.incident.record import Incident, IncidentStatus

__all__ = ["LIST_LABEL", "edit_for", "labels_of", "merged_body"]


def edit_for(incident: Incident, issue: Issue, *, body: str, title: str) -> IssueEdit | None:
    """Answer what to change of an issue, None when it is as it should be; made twice, the second has nothing to do.

    `body` is our part of the body, what people wrote around it stays. `title` is taken over only while the issue still
    has the one we wrote (`Incident.title`).
    """
    is_ours = issue.title.strip() == incident.title.strip()
    is_open = incident.status is not IncidentStatus.CLOSED
    merged = merged_body(issue.body, body)
    edit = IssueEdit(
        title=title if is_ours and issue.title.strip() != title.strip() else None,
        body=None if reads_the_same(issue.body, merged) else merged,
        labels=repaired(issue.labels, [label.name for label in labels_of(incident)]),
        is_open=None if issue.is_open is is_open else is_open,
    )
    return None if edit == IssueEdit() else edit
