"""What is remembered of comments where no incident is: which were acted upon, and what is left to be said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from workflowops.core.comment.handled import MOST_REMEMBERED, remembered
from workflowops.core.records import SCHEMA

COMMENTS_PATH = "comments/pull_requests.json"

_MOST_UNSAID = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """An answer that was decided: the Markdown, and since when it may have been said.

    `pull_request` is the number of the pull request or the issue it is for; GitHub counts both in one row.
    """

    pull_request: int
    text: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSeen:
    """What is remembered of an issue that the form made; `environment` is the one it named when it was opened."""

    environment: str | None = None
    is_acted_upon: bool = False
    is_change_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsFile:
    """`comments/pull_requests.json`. `handled` and the keys of `unsaid` are guards (`handled.guard_of`).

    `refused` are number and login, `12:octocat`, of those who were told that they may not; `forms` holds the issues
    that the form made by their number. The name of the file is older than the issues in it.
    """

    schema: int = SCHEMA
    handled: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    unsaid: dict[str, Unsaid] = field(default_factory=dict)
    forms: dict[str, FormSeen] = field(default_factory=dict)


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


def with_form(before: CommentsFile, number: int, seen: FormSeen, unsaid: Unsaid, *, guard: str) -> CommentsFile:
    """Remember what became of an issue that the form made, and what is to be said there.

    What another run noted meanwhile stays: an issue that was acted upon is so for good.
    """
    known = before.forms.get(str(number), FormSeen())
    both = FormSeen(
        environment=seen.environment or known.environment,
        is_acted_upon=seen.is_acted_upon or known.is_acted_upon,
        is_change_answered=seen.is_change_answered or known.is_change_answered,
    )
    forms = {**before.forms, str(number): both}
    kept = sorted(forms.items(), key=lambda each: int(each[0]))[-MOST_REMEMBERED:]
    unsaid_by_now = [*before.unsaid.items(), (guard, unsaid)][-_MOST_UNSAID:]
    return replace(before, unsaid=dict(unsaid_by_now), forms=dict(kept))


def form_seen(file: CommentsFile, number: int) -> FormSeen:
    """Answer what is remembered of an issue that the form made; one so old that it was forgotten counts as settled."""
    found = file.forms.get(str(number))
    if found is None and len(file.forms) >= MOST_REMEMBERED and number < min(map(int, file.forms)):
        return FormSeen(is_acted_upon=True, is_change_answered=True)
    return found or FormSeen()


def without_said(before: CommentsFile, guards: Collection[str]) -> CommentsFile:
    """Forget what was said by now."""
    return replace(before, unsaid={guard: each for guard, each in before.unsaid.items() if guard not in guards})


def _added(names: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*names, name)))[-MOST_REMEMBERED:]
