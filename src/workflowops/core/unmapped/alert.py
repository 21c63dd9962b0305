"""The issue that lists the unmanaged workflows of an environment: what is to be done about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workflowops.core.incident.issue import Issue, IssueEdit, Label
from workflowops.core.incident.mirror import edit_to
from workflowops.core.onboarding_record import OnboardingRequest, UnmappedAlert
from workflowops.core.records import DriftStatus, EnvironmentRecord, MappingFile
from workflowops.core.setup.form import FORM_LABEL
from workflowops.core.sync import UnmappedWorkflow, unmapped_workflows
from workflowops.core.text.markdown import code

LIST_LABEL = "workflowops:unmapped"
"""Every such issue has it; it is looked for by it."""

LABELS = (
    Label(LIST_LABEL, "5319e7", "Workflows that n8n has and Git has not, kept by WorkflowOps"),
    Label(FORM_LABEL, "bfdadc", "Asks for a workflow to be put under Git"),
)
"""What has to exist; the second is for the issues of the form, to which GitHub gives no label that is not there."""

_COUNTED = re.compile(r"(?:No|[\d,]+) unmanaged workflows? in |Not looked at any more: ")


class Deed(StrEnum):
    """What is done about the issue of an environment."""

    OPENED = "opened"
    UPDATED = "updated"
    CLOSED = "closed"
    REOPENED = "reopened"
    UNCHANGED = "unchanged"
    LEFT_CLOSED = "left_closed"  # somebody closed it by hand, and nothing is new since
    DROPPED = "dropped"  # there is no issue, and none is needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The unmanaged workflows of an environment as it was last read, newest first; `requests` are by n8n id.

    One that `has_left` the configuration lists none, because nobody looks.
    """

    environment: str
    title: str
    workflows: tuple[UnmappedWorkflow, ...]
    requests: Mapping[str, OnboardingRequest] = field(default_factory=dict)
    has_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the issue has to show: its title, and our part of its body."""

    title: str
    body: str


def unmapped_marker(intent: str) -> str:
    """Answer what the body of the issue holds."""
    return f"<!-- workflowops:unmapped {intent} -->"


def listing_of(
    record: EnvironmentRecord | None,
    mapping: MappingFile | None,
    *,
    environment: str,
    title: str,
    requests: tuple[OnboardingRequest, ...],
) -> Listing | None:
    """List what an environment has that Git has not; None where its last reading failed, or there was none.

    What nobody could read is unknown: neither nothing nor the list of before.
    """
    if record is None or mapping is None or record.last_sync_succeeded is not True:
        return None
    if record.drift_status is DriftStatus.UNKNOWN and record.problem is not None:
        return None
    return Listing(
        environment=environment,
        title=title,
        workflows=tuple(sorted(unmapped_workflows(mapping), key=lambda each: each.detected_at, reverse=True)),
        requests={each.n8n_workflow_id: each for each in requests},
    )


def is_the_issue_of(alert: UnmappedAlert, issue: Issue) -> bool:
    """Say whether the issue of that number is the one that was opened; a copied state branch names others."""
    return issue.url == alert.url or unmapped_marker(alert.intent) in issue.body


def concerns_github(alert: UnmappedAlert | None, listing: Listing) -> bool:
    """Say whether GitHub has to be looked at: something is unmanaged, or an issue is open or on its way."""
    return bool(listing.workflows) or (alert is not None and is_on_its_way(alert))


def is_on_its_way(alert: UnmappedAlert) -> bool:
    """Say whether the issue is open for all we know, or a run that decided to open it may have done so."""
    return alert.is_open or alert.is_reopening or alert.number is None


def as_found(alert: UnmappedAlert, issue: Issue, listing: Listing, *, now: str) -> UnmappedAlert:
    """Note what the issue shows: that it is open, and since when somebody wants it closed although it lists workflows.

    What it does not list yet and was found later than what it lists is news then, although the closing is seen only
    now. Where people took the list away, all counts that is found from now on.
    """
    if not listing.workflows:
        return replace(alert, closed_by_hand_at=None)
    if issue.is_open:
        return replace(alert, is_open=True, is_reopening=False, closed_by_hand_at=None)
    if not alert.is_open or alert.closed_by_hand_at is not None:
        return alert
    listed = [each.detected_at for each in listing.workflows if code(each.n8n_workflow_id) in issue.body]
    nothing_listed = alert.decided_at if unmapped_marker(alert.intent) in issue.body else now
    return replace(alert, closed_by_hand_at=max(listed, default=nothing_listed))


def deed_for(alert: UnmappedAlert | None, issue: Issue | None, listing: Listing, edit: IssueEdit | None) -> Deed:
    """Say what is to be done; `issue` is None where there is none, `edit` is what it lacks while it stays as it is."""
    if alert is None or issue is None:
        return Deed.OPENED if listing.workflows else Deed.DROPPED
    if not listing.workflows:
        return Deed.CLOSED if is_on_its_way(alert) else Deed.UNCHANGED
    if issue.is_open:
        return Deed.UNCHANGED if edit is None else Deed.UPDATED
    return Deed.REOPENED if not alert.is_open or _has_news(alert, listing) else Deed.LEFT_CLOSED


def edit_for(alert: UnmappedAlert, issue: Issue, shown: Shown, *, is_open: bool) -> IssueEdit | None:
    """Answer what to change of the issue, None when it is as it should be; what people wrote around our part stays.

    The title is changed only while the issue still has one that we gave it, perhaps in a run that could not note it.
    """
    is_ours = issue.title.strip() == alert.title.strip() or _place(issue.title) == _place(shown.title)
    return edit_to(issue, title=shown.title if is_ours else None, body=shown.body, labels=[LIST_LABEL], is_open=is_open)


def _place(title: str) -> str:
    """Answer a title of ours without its count; any other title stays whole."""
    found = _COUNTED.match(title.strip())
    return title.strip() if found is None else f"\n{title.strip()[found.end() :]}"


def _has_news(alert: UnmappedAlert, listing: Listing) -> bool:
    """Say whether a workflow was seen for the first time since somebody closed the issue by hand."""
    since = alert.closed_by_hand_at
    return since is not None and any(each.detected_at > since for each in listing.workflows)
