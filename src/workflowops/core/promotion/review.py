"""What people and checks say about a commit, as the place where it is reviewed tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPullRequest:
    """A pull request. `merge_commit` is set once it is merged; `head` is its last commit. `labels` are all of them.

    `approved_by` are the logins whose latest review of the last commit approves it.
    """

    number: int
    url: str
    title: str
    author: str
    head: str
    base: str
    body: str = ""
    merged_by: str | None = None
    merge_commit: str | None = None
    is_open: bool = False
    labels: tuple[str, ...] = ()
    approved_by: tuple[str, ...] = ()


class CheckState(StrEnum):
    """How a check ended, or that it has not."""

    PASSED = "passed"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Checks:
    """Check runs and commit statuses by name. Neutral and skipped ones count as passed (GitHub's own rule)."""

    states: dict[str, CheckState] = field(default_factory=dict)


def all_of(checks: Mapping[str, Checks]) -> Checks:
    """Put the checks of several commits together, by commit; none at all where one of them has none."""
    if len(checks) == 1:
        return next(iter(checks.values()))
    if not all(each.states for each in checks.values()):
        return Checks()
    return Checks(
        {f"{name} ({commit[:7]})": state for commit, each in checks.items() for name, state in each.states.items()}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What guards a GitHub environment. `exists` is False when there is no environment of that name.

    `reviewers` are logins and `team:<slug>`; none means that nobody has to approve. `problem` says why it could not be
    read, and nothing else is known then.
    """

    exists: bool = False
    reviewers: tuple[str, ...] = ()
    prevents_self_review: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunApproval:
    """Somebody's word on the environments of a run; `environments` are their names."""

    by: str
    is_approved: bool
    comment: str
    environments: tuple[str, ...]
    at: str | None = None


class CheckConclusion(StrEnum):
    """How our check ends; GitHub's words."""

    SUCCESS = "success"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A remark on a line of a file; `level` is notice, warning or failure."""

    path: str
    line: int
    level: str
    title: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """Our check on a commit, found again by its name. GitHub takes 50 annotations a request and 65,535 characters."""

    name: str
    commit: str
    conclusion: CheckConclusion
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
