"""What is remembered of onboarding: which workflows were proposed where, and what is still to be said about them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workflowops.core.records import SCHEMA

ONBOARDING_PATH = "onboarding.json"


class RequestStatus(StrEnum):
    """Where the wish to put a workflow under Git stands."""

    PROPOSED = "proposed"
    ONBOARDED = "onboarded"
    WITHDRAWN = "withdrawn"
    UNLINKED = "unlinked"  # merged, and what came to Git is not tied to the workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingRequest:
    """One workflow that somebody wants under Git. Times are ISO 8601 in UTC.

    `content_hash` is the digest of its logic, by which a copy on another instance is known. `pull_request` is None
    where no place for pull requests is configured; `branch` is then all there is. `issue` is the number under which the
    answer is given; None where the pull request is the only place. `git_commit_sha` and `onboarded_at` are set once the
    file came to the default branch and the workflow is linked.
    """

    n8n_workflow_id: str
    workflow_name: str
    environment: str
    canonical_id: str
    canonical_slug: str
    git_file_path: str
    content_hash: str = ""
    branch: str
    pull_request: int | None = None
    pull_request_url: str | None = None
    requested_by: str
    requested_at: str
    issue: int | None = None
    status: RequestStatus = RequestStatus.PROPOSED
    git_commit_sha: str | None = None
    onboarded_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedAlert:
    """The issue that lists the unmanaged workflows of an environment.

    `intent` stands in its hidden marker; `number` is None between the decision to open it and its being open. `title`
    is the one we gave it last; `closings` counts how often nothing was left; `closed_by_hand_at` is set while it is
    closed although workflows are listed: what was found since then is news. `is_reopening` is set between the decision
    to open it again and its being open.
    """

    intent: str
    decided_at: str
    number: int | None = None
    url: str | None = None
    title: str = ""
    is_open: bool = True
    closings: int = 0
    closed_by_hand_at: str | None = None
    is_reopening: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """What was decided to be said on an issue or pull request; `since` is when, so that it is found if it was said."""

    number: int
    text: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingFile:
    """`onboarding.json`: requests by `<environment>/<n8n id>`, alerts by environment, what is unsaid by note id."""

    schema: int = SCHEMA
    requests: dict[str, OnboardingRequest] = field(default_factory=dict)
    alerts: dict[str, UnmappedAlert] = field(default_factory=dict)
    unsaid: dict[str, Unsaid] = field(default_factory=dict)


def request_key(environment: str, workflow_id: str) -> str:
    """Answer the key of a request: no name of an environment holds a slash."""
    return f"{environment}/{workflow_id}"


def with_requests(file: OnboardingFile, requests: Iterable[OnboardingRequest]) -> OnboardingFile:
    """Enter requests, each in place of an earlier one for the same workflow."""
    entered = {request_key(each.environment, each.n8n_workflow_id): each for each in requests}
    return replace(file, requests=file.requests | entered)


def with_alert(file: OnboardingFile, environment: str, alert: UnmappedAlert | None) -> OnboardingFile:
    """Enter the issue of an environment's unmanaged workflows; None takes it out."""
    others = {name: each for name, each in file.alerts.items() if name != environment}
    return replace(file, alerts=others if alert is None else others | {environment: alert})


def with_unsaid(file: OnboardingFile, unsaid: Mapping[str, Unsaid]) -> OnboardingFile:
    """Enter what is to be said, by note id."""
    return replace(file, unsaid=file.unsaid | dict(unsaid))


def without_said(file: OnboardingFile, note_ids: Collection[str]) -> OnboardingFile:
    """Forget what was said."""
    return replace(file, unsaid={key: each for key, each in file.unsaid.items() if key not in note_ids})


def proposed_requests(file: OnboardingFile, environment: str | None = None) -> tuple[OnboardingRequest, ...]:
    """Answer the requests that wait for their merge, of one environment or of all, by key."""
    return tuple(
        each
        for _, each in sorted(file.requests.items())
        if each.status is RequestStatus.PROPOSED and environment in (None, each.environment)
    )


def unfinished_requests(file: OnboardingFile) -> tuple[OnboardingRequest, ...]:
    """Answer the requests whose workflow is not under Git as far as is known, by key: turned down ones as well.

    A pull request that was closed may be opened again, and files that tie nothing may be repaired.
    """
    return tuple(each for _, each in sorted(file.requests.items()) if each.status is not RequestStatus.ONBOARDED)
