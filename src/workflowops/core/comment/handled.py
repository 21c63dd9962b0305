"""Which comments were acted upon: remembered in the record, so that a delivery that comes again changes nothing."""

import re
from collections.abc import Collection, Sequence

MOST_REMEMBERED = 500
"""Portions of comments, and people who were refused, that a record remembers."""

_GUARD = re.compile(r"comment-(\d+)(?:-\d+)?")


def guard_of(comment_id: int, portion: int) -> str:
    """Answer the name under which a portion (from 0) of a comment's commands is remembered."""
    return f"comment-{comment_id}" + (f"-{portion + 1}" if portion else "")


def remembered(handled: Sequence[str], guards: Sequence[str]) -> tuple[str, ...]:
    """Add what was acted upon; the oldest comments are forgotten first, by their ids, which grow."""
    together = list(dict.fromkeys((*handled, *guards)))
    if len(together) <= MOST_REMEMBERED:
        return tuple(together)
    return tuple(sorted(together, key=_comment_of)[-MOST_REMEMBERED:])


def was_handled(handled: Collection[str], guard: str) -> bool:
    """Say whether a portion was acted upon, or is of a comment so old that it may have been."""
    if guard in handled:
        return True
    return len(handled) >= MOST_REMEMBERED and _comment_of(guard) <= min(map(_comment_of, handled))


def _comment_of(guard: str) -> int:
    found = _GUARD.fullmatch(guard)
    return 0 if found is None else int(found[1])
