"""Looking at a server itself: what the key may do, its clock, its variables and data tables. Nothing is changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

import msgspec

from workflowops.core.doctor.key import KeyRights
from workflowops.core.paging import PageOutline, Walk
from workflowops.core.resources import ColumnShape, Resources, TableShape
from workflowops.errors import N8nForbiddenError, N8nNotFoundError, N8nRejectedError
from workflowops.io.n8n.answers import Answer, fault_of
from workflowops.io.n8n.exchange import Exchange, Request
from workflowops.io.n8n.faults import Fault
from workflowops.io.n8n.readers import json_reader

NO_SUCH_ID = "workflowops-doctor-asks-and-changes-nothing"
"""Longer than n8n's column for ids (36), and unlike any id it makes: no workflow can have it."""

_EMPTY_WORKFLOW = b'{"name":"workflowops doctor","nodes":[],"connections":{},"settings":{}}'
_PROBES = {
    "workflow:update": Request(path=f"/workflows/{NO_SUCH_ID}", method="PUT", body=_EMPTY_WORKFLOW),
    "workflow:activate": Request(path=f"/workflows/{NO_SUCH_ID}/activate", method="POST"),
}
"""Refused with 403 without the scope, and with 404 with it. Measured on n8n 2.41.1 and 1.123.81: nothing changes."""


class _Discovered(msgspec.Struct):
    scopes: list[str]


class _Discovery(msgspec.Struct):
    data: _Discovered


class _Column(msgspec.Struct):
    name: str
    type: str


class _Table(msgspec.Struct):
    id: str
    name: str
    columns: list[_Column] = []


class _Variable(msgspec.Struct):
    id: str
    key: str


_Row = TypeVar("_Row", _Table, _Variable)


class _Page(msgspec.Struct, Generic[_Row], rename="camel"):
    data: list[_Row]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class _Kind(Generic[_Row]):
    path: str
    scope: str
    decode: Callable[[bytes], _Page[_Row]]


_TABLES = _Kind("/data-tables", "dataTable:list", msgspec.json.Decoder(_Page[_Table]).decode)
_VARIABLES = _Kind("/variables", "variable:list", msgspec.json.Decoder(_Page[_Variable]).decode)


async def read_rights(exchange: Exchange) -> KeyRights:
    """Answer what the key may do: as the server lists it (`/discover`, 2.16 or newer), else by harmless requests.

    Raises N8nError where the server or the key cannot be used at all.
    """
    scopes = await exchange.get(Request(path="/discover"), _scopes_or_missing)
    if scopes is not None:
        return KeyRights(scopes=scopes)
    proven = {scope: await exchange.get(request, _allowed) for scope, request in _PROBES.items()}
    return KeyRights(proven={scope: has for scope, has in proven.items() if has is not None})


async def read_clock(exchange: Exchange) -> datetime | None:
    """Answer what time the server says it is, to the second; None when it does not say. Raises N8nUnreachableError."""
    return await exchange.get(Request(path="/discover"), _date_of)


async def read_resources(exchange: Exchange) -> Resources:
    """Name variables and data tables; None for those that licence, version or key keep back. Raises N8nError."""
    variables = await _all(exchange, _VARIABLES)
    tables = await _all(exchange, _TABLES)
    return Resources(
        variables=None if variables is None else tuple(sorted(each.key for each in variables)),
        data_tables=None if tables is None else tuple(_shape(each) for each in tables),
    )


def _shape(table: _Table) -> TableShape:
    return TableShape(table.name, tuple(ColumnShape(column.name, column.type) for column in table.columns))


async def _all(exchange: Exchange, kind: _Kind[_Row]) -> list[_Row] | None:
    """Read every page; None where the server does not have this, or does not show it to this key."""
    walk, found = Walk(), dict[str, _Row]()
    read = json_reader(kind.decode, scope=kind.scope)
    while not walk.is_finished:
        try:
            page = await exchange.get(Request(path=kind.path, query=walk.query), _or_none(read))
        except (N8nForbiddenError, N8nNotFoundError, N8nRejectedError):
            return None
        if page is None:
            return None
        ids = tuple(row.id for row in page.data)
        if walk.take(PageOutline(count=len(ids), ids=ids, next_cursor=page.next_cursor)) is not None:
            found |= {row.id: row for row in page.data}
    return [found[identity] for identity in sorted(found)]


def _or_none(
    read: Callable[[Answer], _Page[_Row] | Fault],
) -> Callable[[Answer], _Page[_Row] | Fault | None]:
    """Take a path that n8n itself does not know for None: a version without this resource."""

    def read_or_none(answer: Answer) -> _Page[_Row] | Fault | None:
        return None if _is_unknown_path(answer) else read(answer)

    return read_or_none


def _scopes_or_missing(answer: Answer) -> frozenset[str] | Fault | None:
    if _is_unknown_path(answer):
        return None
    read = json_reader(msgspec.json.Decoder(_Discovery).decode, scope="none")
    found = read(answer)
    return found if isinstance(found, Fault) else frozenset(found.data.scopes)


def _is_unknown_path(answer: Answer) -> bool:
    return answer.status in {404, 405} and answer.is_json


def _allowed(answer: Answer) -> bool | Fault | None:
    """Read the answer to a probe; None where it tells neither, as when a proxy refuses the method."""
    if answer.status == 403 and answer.message == "Forbidden":
        return False
    if answer.status == 404 and answer.message not in {"", "not found"}:
        return True
    return fault_of(answer, scope="none") if answer.status in {401, *range(500, 600)} else None


def _date_of(answer: Answer) -> datetime | None:
    return _moment(answer.headers)


def _moment(headers: Mapping[str, str]) -> datetime | None:
    try:
        moment = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
