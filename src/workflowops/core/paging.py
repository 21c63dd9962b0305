"""The way through a list that others change while it is read: nothing that stays in it is passed over.

n8n pages by position. A workflow deleted between two pages moves everything behind it one place to the front, and the
first of them falls between the pages, unseen. Pages therefore overlap by one workflow. The list has one order (by id),
so a page that shows anything seen before continues without a gap, and one that does not is asked for again from
further to the front, where the overlap is wider. Source: measured on n8n 2.41.1.
"""

import base64
from dataclasses import dataclass

from workflowops.core.json import Json, canonical_text, parse
from workflowops.errors import ListingUnstableError

PAGE_SIZE = 250
"""The most that n8n gives at once."""

MOST_PAGES = 4_000
"""A million workflows: a list that still goes on has no end."""

MOST_DETOURS = 16
"""So many pages in a row may bring nothing new before the list counts as unstable."""

_FIRST_STEP_BACK = 8
"""Eight times as far each time: four steps reach 4,680 workflows back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutline:
    """What the way onward depends on: how many entries a page has, the ids among them, and the server's cursor."""

    count: int
    ids: tuple[str, ...]
    next_cursor: str | None


class Walk:
    """Says what to ask for next, and whether an answer continues what was read before.

    With `by_offset` positions are asked for with the parameter that n8n documents for it (2.41 does, 2.16 does not).
    Else they are written into the cursor that the server gave, which holds a position in every version so far. A
    cursor of another make is followed as it is: then an overlap cannot be had, and what looks like a fault (a short
    page that is not the last, a page or a cursor met before) sends the reader back to the start.
    """

    def __init__(self, *, by_offset: bool = False) -> None:
        self.query = {"limit": str(PAGE_SIZE)}
        self.is_finished = False
        self._by_offset = by_offset
        self._offset = 0
        self._step_back = _FIRST_STEP_BACK
        self._cursor: dict[str, Json] = {}
        self._seen: set[str] = set()
        self._met: set[str] = set()
        self._pages = 0
        self._detours = 0

    def take(self, page: PageOutline) -> frozenset[str] | None:
        """Answer the ids that were not seen before, or None when something may lie between this page and those before.

        Then sets the next `query`, or `is_finished`. Raises ListingUnstableError when too many pages lead nowhere.
        """
        self._pages += 1
        if self._pages > MOST_PAGES:
            raise _unstable(f"The list of workflows has not ended after {MOST_PAGES} pages.")
        if self._is_foreign(page.next_cursor) and not self._by_offset:
            self._follow(page)
        elif self._offset > 0 and self._seen.isdisjoint(page.ids):
            self._go_back()
            return None
        else:
            self._go_on(page)
        fresh = frozenset(page.ids) - self._seen
        if fresh:
            self._detours = 0
        self._seen |= fresh
        return fresh

    def use_cursor(self) -> bool:
        """Ask again with cursors where offsets were asked for; False when that was so before."""
        was_by_offset, self._by_offset = self._by_offset, False
        self._ask_at(self._offset)
        return was_by_offset

    def _is_foreign(self, cursor: str | None) -> bool:
        """Tell whether the server's cursors hold something else than a position; remember those that hold one."""
        if cursor is None:
            return bool(self._met)
        position = _position(cursor)
        self._cursor = position or {}
        return position is None

    def _go_on(self, page: PageOutline) -> None:
        self._step_back = _FIRST_STEP_BACK
        if page.next_cursor is None:
            self.is_finished = True
            return
        if self._seen.issuperset(page.ids):
            self._count_detour("n8n answers the same page of workflows again and again.")
        self._ask_at(self._offset + max(page.count - 1, 1))

    def _go_back(self) -> None:
        self._count_detour("The list of workflows changed while it was read, and each time it was read again.")
        self._ask_at(max(0, self._offset - self._step_back))
        self._step_back *= 8

    def _ask_at(self, offset: int) -> None:
        self._offset = offset
        self.query = {"limit": str(PAGE_SIZE)}
        if self._by_offset:
            self.query["offset"] = str(offset)
        elif offset > 0:
            self.query["cursor"] = _cursor(self._cursor, offset=offset)

    def _follow(self, page: PageOutline) -> None:
        self.query = {"limit": str(PAGE_SIZE)}
        if page.next_cursor is None:
            self.is_finished = True
        elif page.count < PAGE_SIZE or page.next_cursor in self._met or self._met.issuperset(page.ids):
            self._count_detour("n8n answers short or repeated pages of workflows.")
            self._met.clear()
        else:
            self._met |= {page.next_cursor, *page.ids}
            self.query["cursor"] = page.next_cursor

    def _count_detour(self, problem: str) -> None:
        self._detours += 1
        if self._detours > MOST_DETOURS:
            raise _unstable(problem)


def _position(cursor: str) -> dict[str, Json] | None:
    """Read n8n's cursor, base64 of `{"limit":250,"offset":250}`; None when it is of another make."""
    try:
        position = parse(base64.b64decode(cursor, validate=True))
    except (ValueError, RecursionError):
        return None
    return position if isinstance(position, dict) and position.keys() == {"limit", "offset"} else None


def _cursor(position: dict[str, Json], *, offset: int) -> str:
    return base64.b64encode(canonical_text(position | {"offset": offset})).decode("ascii")


def _unstable(problem: str) -> ListingUnstableError:
    return ListingUnstableError(
        problem,
        fix="Run it again when nobody imports or deletes workflows; a cache in front of n8n must not keep /api/v1.",
    )
