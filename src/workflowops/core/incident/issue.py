"""An issue as GitHub holds it, and what we ask to be written there."""

from dataclasses import dataclass
from enum import StrEnum

LONGEST_TEXT = 65_536
"""Characters that GitHub takes for the body of an issue, a pull request or a comment; more is refused with 422."""


class Reaction(StrEnum):
    """How a comment is answered before there is time for words; the values are GitHub's."""

    SEEN = "eyes"
    DONE = "+1"
    REFUSED = "-1"
    CONFUSED = "confused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue; never a pull request, which GitHub lists among them."""

    number: int
    url: str
    title: str
    body: str
    is_open: bool
    labels: tuple[str, ...]
    assignees: tuple[str, ...] = ()
    author: str
    is_locked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """An issue to be opened. `marker` stands in its body and tells whether it was opened already."""

    title: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...] = ()
    marker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEdit:
    """What is to be changed of an issue; None leaves a thing as it is.

    `assignees` are assigned and `unassigned` are not any longer; whoever else is assigned stays.
    """

    title: str | None = None
    body: str | None = None
    labels: tuple[str, ...] | None = None
    is_open: bool | None = None
    assignees: tuple[str, ...] | None = None
    unassigned: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A label with its looks: `color` is six hexadecimal digits, `description` at most 100 characters."""

    name: str
    color: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPullRequest:
    """A pull request to be opened, from `head` into `base`; the same head is never opened twice at a time."""

    head: str
    base: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request that is there. `is_new` is False when it was open already."""

    number: int
    url: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequestState:
    """Where a pull request stands. `merge_commit` is set once it is merged; closed without one, it was turned down."""

    number: int
    url: str
    is_open: bool
    merge_commit: str | None = None
