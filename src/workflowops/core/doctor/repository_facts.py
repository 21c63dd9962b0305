"""What is known about a repository on GitHub: every value, or why it could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that could not be read: `why` in a sentence, and `fix`, what would make it readable.

    `is_refused`: GitHub does not let this token read it (403, or a 404 that may mean the same); else GitHub failed.
    """

    why: str
    fix: str
    is_refused: bool = False


Read: TypeAlias = Value | Unread
"""A value that was read, or why it was not. None inside of it is knowledge: there is none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the facts are to be about. `environments` are those of the stages that promotions go to."""

    environments: tuple[str, ...]
    state_branch: str
    state_tags: tuple[str, ...] = ("snapshots/promo-1-pre",)
    proposal_branch: str = "workflowops/onboard-example"


class WorkflowState(StrEnum):
    """Whether GitHub runs a workflow; the values are GitHub's."""

    ACTIVE = "active"
    DELETED = "deleted"
    DISABLED_FORK = "disabled_fork"
    DISABLED_INACTIVITY = "disabled_inactivity"
    DISABLED_MANUALLY = "disabled_manually"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledRun:
    """The last run that a schedule started; `conclusion` is None while it runs."""

    at: datetime
    conclusion: str | None
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowFile:
    """A workflow as GitHub lists it. `since` is when GitHub first saw it; `last_scheduled` None: no such run yet."""

    path: str
    state: WorkflowState
    since: datetime | None = None
    last_scheduled: "Read[ScheduledRun | None]" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFacts:
    """A GitHub environment. `reviewers` are logins and `team:<slug>`; `strangers` those logins that cannot write here.

    `admits_default_branch` says whether a job of the default branch may use it. `secrets` are the names of its own.
    """

    name: str
    exists: bool
    reviewers: tuple[str, ...] = ()
    strangers: "Read[tuple[str, ...]]" = ()
    prevents_self_review: bool = False
    admins_bypass: bool | None = None
    wait_minutes: int = 0
    admits_default_branch: "Read[bool]" = True
    secrets: "Read[frozenset[str]]" = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that holds for a ref. `source` names the ruleset or the branch protection that it is part of.

    `is_bypassed`: this token (of a branch protection: that of the jobs) may pass it by; None where GitHub does not
    say. `reviews` are the approvals it asks for.
    """

    type: str
    source: str
    is_bypassed: bool | None = None
    reviews: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchFacts:
    """What holds for a branch, existing or not.

    `is_protected` is GitHub's own word on it; `has_hidden_protection`: perhaps by more than the rules that can be read.
    """

    name: str
    exists: bool
    is_protected: bool = False
    rules: tuple[Rule, ...] = ()
    has_hidden_protection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The repository itself. `may_push` is what GitHub says of the token's owner; `scopes` those of a classic token."""

    full_name: str
    default_branch: str
    has_issues: bool
    is_private: bool
    is_archived: bool = False
    is_fork: bool = False
    is_own_server: bool = False
    may_push: bool | None = None
    scopes: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionsPermission:
    """Whether GitHub Actions run here, and which actions may be used: `all`, `local_only` or `selected`."""

    enabled: bool
    allowed: str


_UNASKED = Unread("It was not asked for.", "Run the doctor with a GitHub token.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryFacts:
    """Everything the doctor knows about the repository. Without `overview` nothing else was asked.

    `plan` is the name of the owner's plan in lower case; `files` the paths of workflow files and issue forms on the
    default branch; `labels` the names of all labels; `permissions` what became of reading what each permission allows,
    `tag_rules` the rules that hold for the tags of snapshots. `names` are those of the secrets and variables that every
    job sees: of the repository, and what its organization shares with it.
    """

    overview: "Read[Overview]"
    plan: "Read[str]" = _UNASKED
    files: "Read[frozenset[str]]" = _UNASKED
    workflows: "Read[tuple[WorkflowFile, ...]]" = _UNASKED
    environments: "Mapping[str, Read[EnvironmentFacts]]" = field(default_factory=dict)
    default_branch: "Read[BranchFacts]" = _UNASKED
    state_branch: "Read[BranchFacts]" = _UNASKED
    proposals: "Read[BranchFacts]" = _UNASKED
    tag_rules: "Read[tuple[Rule, ...]]" = _UNASKED
    actions: "Read[ActionsPermission]" = _UNASKED
    may_open_pull_requests: "Read[bool]" = _UNASKED
    labels: "Read[frozenset[str]]" = _UNASKED
    secrets: "Read[frozenset[str]]" = _UNASKED
    variables: "Read[frozenset[str]]" = _UNASKED
    permissions: "Mapping[str, Unread | None]" = field(default_factory=dict)
