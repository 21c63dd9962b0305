"""What a workflow needs of its instance before it can run on another one, by name and never by value."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from workflowops.core.json import Json, printable

_VARIABLE = re.compile(r"""\$vars(?:\.([A-Za-z_][A-Za-z0-9_]*)|\[\s*(["'])([^"'\\\]]{1,200})\2\s*\])""")
"""`$vars.NAME` and `$vars["NAME"]`, the two ways of n8n's editor; a name that is computed is not found."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Credentials as (type, name), variables and data tables by name; each sorted and named once."""

    credentials: tuple[tuple[str, str], ...] = ()
    variables: tuple[str, ...] = ()
    data_tables: tuple[str, ...] = ()


def needs_of(document: Mapping[str, Json]) -> Needs:
    """Find what a workflow document names. A data table chosen by its id, without a name beside it, is left out.

    A credential without a name is named by its type alone.
    """
    nodes = document.get("nodes")
    found = [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    return Needs(
        credentials=tuple(sorted({each for node in found for each in _credentials(node.get("credentials"))})),
        variables=tuple(sorted({name for text in _texts(found) for name in _variables(text)})),
        data_tables=tuple(sorted({name for node in found for name in _data_tables(node.get("parameters"))})),
    )


def all_needs(needs: Iterable[Needs]) -> Needs:
    """Put the needs of several workflows together."""
    held = tuple(needs)
    return Needs(
        credentials=tuple(sorted({each for one in held for each in one.credentials})),
        variables=tuple(sorted({each for one in held for each in one.variables})),
        data_tables=tuple(sorted({each for one in held for each in one.data_tables})),
    )


def _credentials(credentials: Json) -> Iterator[tuple[str, str]]:
    if not isinstance(credentials, dict):
        return
    for kind, reference in credentials.items():
        name = reference.get("name") if isinstance(reference, dict) else reference
        yield printable(kind), printable(name) if isinstance(name, str) else ""


def _variables(text: str) -> Iterator[str]:
    for found in _VARIABLE.finditer(text):
        yield printable(found[1] or found[3])


def _data_tables(value: Json) -> Iterator[str]:
    """Look for `dataTableId` at any depth: n8n's tools for agents hold it as its own node does."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
            name = _table_name(each.get("dataTableId"))
            if name:
                yield name


def _table_name(reference: Json) -> str | None:
    if not isinstance(reference, dict):
        return None
    name = reference.get("value") if reference.get("mode") == "name" else reference.get("cachedResultName")
    return printable(name) if isinstance(name, str) and not name.startswith("=") else None


def _texts(nodes: Iterable[Json]) -> Iterator[str]:
    waiting: list[Json] = [*nodes]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
