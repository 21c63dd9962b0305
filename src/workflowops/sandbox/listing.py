"""Pages: limits, cursors and filters as each generation reads them."""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from workflowops.core.json import Json
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.javascript import read, write
from workflowops.sandbox.records import Workflow
from workflowops.sandbox.refusal import bad_request
from workflowops.sandbox.rendering import View, render
from workflowops.sandbox.store import Store

_DEFAULT_LIMIT = 100
_LARGEST_LIMIT = 250
_INVALID_CURSOR = "An invalid cursor was provided"
_BOOLEANS = {"true": True, "false": False}
_PARAMETERS_OF_1 = ("active", "tags", "name", "projectId", "excludePinnedData", "limit", "cursor")

Query = Mapping[str, Sequence[str]]
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a collection is asked for; a limit of 0 or less means all of it."""

    limit: int
    offset: int

    def next_cursor(self, total: int) -> str | None:
        """The cursor of the page after this one. With limit 0 it never advances, as on the real server."""
        if total <= self.offset + self.limit:
            return None
        following = write({"limit": self.limit, "offset": self.offset + self.limit})
        return base64.b64encode(following).decode("ascii")

    def bounds(self, total: int) -> tuple[int, int]:
        """First and last index (exclusive) of the page."""
        return self.offset, total if self.limit <= 0 else min(total, self.offset + self.limit)


def page_of_workflows(store: Store, query: Query) -> list[bytes]:
    """Answer the list's body in pieces, ready to be joined. Raises Refused."""
    given = read_query(query, store.generation, known=_PARAMETERS_OF_1)
    window = read_window(given, store.generation, takes_offset=True)
    excludes = read_flag(given, "excludePinnedData", store.generation) or False
    chosen = _chosen(store, given)
    total = len(store) if chosen is None else len(chosen)
    start, stop = window.bounds(total)
    rows = store.slice(start=start, stop=stop) if chosen is None else chosen[start:stop]
    items = [render(row, store, View.LIST, excludes_pin_data=excludes) for row in rows]
    return _enclosed(items, window.next_cursor(total))


def page_of(rows: Sequence[_Row], query: Query, generation: Generation, show: Callable[[_Row], object]) -> list[bytes]:
    """Answer any other collection's page. Raises Refused."""
    window = read_window(read_query(query, generation, known=("limit", "cursor")), generation, takes_offset=False)
    start, stop = window.bounds(len(rows))
    return _enclosed([write(show(row)) for row in rows[start:stop]], window.next_cursor(len(rows)))


def read_query(query: Query, generation: Generation, *, known: Iterable[str]) -> dict[str, str]:
    """Answer single values; 1.x refuses what it does not know and what is empty, 2.x ignores the former."""
    if generation is Generation.V1:
        for name, values in query.items():
            if name not in known:
                raise bad_request(f"Unknown query parameter '{name}'")
            if not values[0]:
                raise bad_request(f"Empty value found for query parameter '{name}'")
    for name, values in query.items():
        if len(values) > 1 and name in known:
            words = "must be number" if generation is Generation.V1 else "Expected string, received array"
            raise bad_request(f"request/query/{name} {words}")
    return {name: values[0] for name, values in query.items()}


def read_flag(query: Mapping[str, str], name: str, generation: Generation) -> bool | None:
    """Answer a true or false parameter; None when it is absent. Raises Refused for anything else."""
    if name not in query:
        return None
    if query[name] not in _BOOLEANS:
        if generation is Generation.V1:
            raise bad_request(f"request/query/{name} must be boolean")
        raise bad_request(
            f"request/query/{name} Invalid enum value. Expected 'true' | 'false', received '{query[name]}'"
        )
    return _BOOLEANS[query[name]]


def read_window(query: Mapping[str, str], generation: Generation, *, takes_offset: bool) -> Window:
    """Answer limit and offset; what a cursor says wins over the query, and nobody checks it. Raises Refused."""
    limit = _read_limit(query, generation)
    offset = _read_number(query, "offset", otherwise=0) if takes_offset and generation is Generation.V2 else 0
    cursor = _decoded(query["cursor"]) if query.get("cursor") else {}
    return Window(limit=_integer(cursor.get("limit"), limit), offset=_integer(cursor.get("offset"), offset))


def _read_limit(query: Mapping[str, str], generation: Generation) -> int:
    if generation is Generation.V2:
        return min(_read_number(query, "limit", otherwise=_DEFAULT_LIMIT), _LARGEST_LIMIT)
    try:
        limit = int(float(query.get("limit", _DEFAULT_LIMIT)))
    except ValueError:
        raise bad_request("request/query/limit must be number") from None
    if limit > _LARGEST_LIMIT:
        raise bad_request(f"request/query/limit must be <= {_LARGEST_LIMIT}")
    return limit


def _read_number(query: Mapping[str, str], name: str, *, otherwise: int) -> int:
    """Read as parseInt does: the digits in front count."""
    given = query.get(name, "")
    if not given:
        return otherwise
    digits = re.match(r"\s*[+-]?\d+", given)
    if digits is None:
        raise bad_request(f"request/query/{name} Param `{name}` must be a valid integer")
    if int(digits.group()) < 0:
        raise bad_request(f"request/query/{name} Param `{name}` must be a non-negative integer")
    return int(digits.group())


def _decoded(cursor: str) -> Mapping[str, Json]:
    try:
        value = read(base64.b64decode(cursor + "=" * (-len(cursor) % 4), validate=False))
    except (ValueError, binascii.Error):
        raise bad_request(_INVALID_CURSOR) from None
    if isinstance(value, list):
        return {}
    if not isinstance(value, dict):
        raise bad_request(_INVALID_CURSOR)
    return value


def _integer(value: Json, otherwise: int) -> int:
    return int(value) if isinstance(value, int | float | str) else otherwise


def _chosen(store: Store, query: Mapping[str, str]) -> list[Workflow] | None:
    """Answer the rows that pass the filters; None when there is no filter."""
    wishes: list[Callable[[Workflow], bool]] = []
    active = read_flag(query, "active", store.generation)
    if active is not None:
        wishes.append(lambda row: (row.active_version is not None) is active)
    if query.get("name"):
        pattern = _like(query["name"].strip())
        wishes.append(lambda row: pattern.search(row.name) is not None)
    if query.get("tags"):
        wanted = _tag_ids(store, query["tags"])
        wishes.append(lambda row: wanted is not None and wanted <= set(row.tag_ids))
    if query.get("projectId"):
        wishes.append(lambda _: query["projectId"] == store.owner.project_id)
    return [row for row in store.rows() if all(wish(row) for wish in wishes)] if wishes else None


def _tag_ids(store: Store, names: str) -> set[str] | None:
    """Answer the tags that must all be there; None when nothing can match. 1.x overlooks names it does not know."""
    wanted = [name.strip() for name in names.split(",")]
    known = {tag.name: tag.id for tag in store.tags.values()}
    found = {known[name] for name in wanted if name in known}
    is_complete = len(found) == len(set(wanted)) or store.generation is Generation.V1
    return found if found and is_complete else None


def _like(name: str) -> re.Pattern[str]:
    """The database's LIKE %name%: any case, and % and _ in the name are wild."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in name), re.IGNORECASE | re.DOTALL)


def _enclosed(items: Sequence[bytes], cursor: str | None) -> list[bytes]:
    return [b'{"data":[', b",".join(items), b'],"nextCursor":', write(cursor), b"}"]
