"""What is remembered of comments on pull requests: which were acted upon, and what is left to be said about them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from workflowops.core.comment.handled import MOST_REMEMBERED, remembered
from workflowops.core.records import SCHEMA

COMMENTS_PATH = "comments/pull_requests.json"

_MOST_UNSAID = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """An answer that was decided: the pull request it is for, the Markdown, and since when it may have been said."""

    pull_request: int
    text: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsFile:
    """`comments/pull_requests.json`. `handled` and the keys of `unsaid` are guards (`handled.guard_of`).

    `refused` are pull request and login, `12:octocat`, of those who were told that they may not.
    """

    schema: int = SCHEMA
    handled: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unsaid: dict[str, Unsaid] = field(default_factory=dict)


def with_decided(
    before: CommentsFile, guard: str, unsaid: Unsaid | None, *, refused: str | None = None
) -> CommentsFile:
    """Remember that a comment was acted upon, and what is to be said about it."""
    kept = [*before.unsaid.items(), *([] if unsaid is None else [(guard, unsaid)])]
    return replace(
        before,
        handled=remembered(before.handled, [guard]),
        refused=before.refused if refused is None else _added(before.refused, refused),
        unsaid=dict(kept[-_MOST_UNSAID:]),
    )


def without_said(before: CommentsFile, guards: Collection[str]) -> CommentsFile:
    """Forget what was said by now."""
    return replace(before, unsaid={guard: each for guard, each in before.unsaid.items() if guard not in guards})


def _added(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, name)))[-MOST_REMEMBERED:]
