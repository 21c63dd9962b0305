"""What workflows of an instance lean on beside credentials: variables and data tables, by name and never by value."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflowops.core.json import printable

RESOURCES_FILE = "resources.yml"

_HEAD = """\
# What the n8n instance of this folder holds beside its workflows: names and column types, never values.
# Written by workflowops when workflows are onboarded. It is read by people; nothing is made from it.
"""


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column of a data table: its name, and its type in n8n's words (string, number, boolean, date)."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class TableShape:
    """A data table by name, with its columns; never its rows."""

    name: str
    columns: tuple[ColumnShape, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What an instance holds. None where it does not tell: no licence, an older n8n, or a key without the scope.

    An empty tuple is told, and means that there is none.
    """

    variables: tuple[str, ...] | None = None
    data_tables: tuple[TableShape, ...] | None = None

    @property
    def is_told(self) -> bool:
        """Whether the instance told anything, so that a file is worth writing."""
        return self.variables is not None or self.data_tables is not None


def resources_path(folder: str) -> str:
    """Answer where the resources of an environment's folder are written, from the repository's root."""
    return f"{folder.rstrip('/')}/{RESOURCES_FILE}"


def render_resources(resources: Resources) -> bytes:
    """Write resources as YAML: sorted, the same bytes for the same resources, with a word on what was not told."""
    import yaml  # 20 ms that only this needs

    parts = [_HEAD]
    told: dict[str, object] = {}
    if resources.variables is None:
        parts.append("# variables: n8n does not tell them (they need a licence and the scope variable:list).\n")
    else:
        told["variables"] = _sorted(resources.variables)
    if resources.data_tables is None:
        parts.append("# data_tables: n8n does not tell them (they need a newer n8n and the scope dataTable:list).\n")
    else:
        told["data_tables"] = [_table(table) for table in sorted(resources.data_tables, key=_by_name)]
    if told:
        is_plain = all(name.isprintable() for name in _names(resources))  # YAML folds some of the others away
        parts.append(yaml.safe_dump(told, sort_keys=False, allow_unicode=is_plain, default_flow_style=False, width=120))
    return "".join(parts).encode()


def _table(table: TableShape) -> dict[str, object]:
    columns = sorted(table.columns, key=_by_name)
    shapes = [{"name": printable(column.name), "type": printable(column.type)} for column in columns]
    return {"name": printable(table.name), "columns": shapes}


def _names(resources: Resources) -> Iterator[str]:
    """Every text that is written."""
    yield from resources.variables or ()
    for table in resources.data_tables or ():
        yield table.name
        yield from (text for column in table.columns for text in (column.name, column.type))


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted({printable(name) for name in names}, key=lambda name: (name.casefold(), name))


def _by_name(named: TableShape | ColumnShape) -> tuple[str, str]:
    return named.name.casefold(), named.name
