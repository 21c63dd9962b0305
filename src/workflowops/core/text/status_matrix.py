"""The matrix of workflows by environment for the terminal, from 40 columns on."""

from collections.abc import Iterator, Sequence

from workflowops.core.secrets import mask_text
from workflowops.core.status import Cell, CellKind, EnvironmentStatus, WorkflowRow
from workflowops.core.status_matrix import worst_first
from workflowops.core.text.fold import folded
from workflowops.core.text.plain import columns, cut, padded, visible
from workflowops.core.text.status_words import ABSENT, BEHIND, BEHIND_TOLD, STALE_TOLD, age_told, cell_told, is_notable
from workflowops.core.text.style import Style

LONGEST_NAME = 120
_NARROWEST = 12
_FIRST = 20
_GAP = 2


def matrix_lines(
    rows: Sequence[WorkflowRow], environments: Sequence[EnvironmentStatus], *, taken_at: str, style: Style
) -> Iterator[str]:
    """Draw a line a workflow and a column an environment, the worst first; no line is wider than the terminal.

    Where the columns do not fit, each workflow has its environments below it instead, those that say the same together.
    """
    names = [each.name for each in environments]
    ordered = worst_first(rows)
    wide = [
        max(
            min(columns(visible(name)), 24),
            _NARROWEST,
            *(columns(cell_told(row.cells.get(name), taken_at=taken_at)) for row in ordered),
        )
        for name in names
    ]
    room = style.width - sum(wide) - _GAP * len(wide)
    longest = max(columns(slug_of(row)) for row in ordered)
    if room >= min(_FIRST, max(longest, _NARROWEST)):
        yield from _table(ordered, names, [max(min(longest, room), _NARROWEST), *wide], taken_at=taken_at, style=style)
    else:
        yield from _folded(ordered, names, taken_at=taken_at, style=style)
    told = " ".join(cell_told(cell, taken_at=taken_at) for row in ordered for cell in row.cells.values())
    legend = [(BEHIND, BEHIND_TOLD), ("was ", STALE_TOLD)]
    for sign, meaning in legend:
        if sign in told:
            yield from (style.quiet(line) for line in folded(meaning, style.width))


def details_lines(
    row: WorkflowRow, environments: Sequence[EnvironmentStatus], *, taken_at: str, style: Style
) -> Iterator[str]:
    """Tell everything that is known of one workflow, environment by environment."""
    name = cut(visible(mask_text(row.name)), LONGEST_NAME)
    yield from (style.strong(line) for line in folded(f"{slug_of(row)}: {name}", style.width))
    for environment in environments:
        cell = row.cells.get(environment.name)
        told = f"{visible(environment.name)}: {cell_told(cell, taken_at=taken_at)}"
        yield from (_painted(line, cell, style) for line in folded(told, style.width, indent="  "))
        if cell is not None:
            for fact in _facts(cell, taken_at=taken_at):
                yield from (style.quiet(line) for line in folded(fact, style.width, indent="    "))


def _facts(cell: Cell, *, taken_at: str) -> Iterator[str]:
    if cell.n8n_workflow_id is not None:
        runs = "" if cell.active is None else ", active" if cell.active else ", not active"
        yield f"n8n id {visible(cell.n8n_workflow_id)}{runs}"
    if cell.checked_at is not None:
        yield f"checked {age_told(cell.checked_at, taken_at=taken_at)}"
    if cell.last_promotion is not None:
        when = age_told(cell.promoted_at, taken_at=taken_at)
        yield f"last promotion {visible(cell.last_promotion)} {when}".rstrip()


def slug_of(row: WorkflowRow) -> str:
    """Answer what a workflow is called in the matrix."""
    return cut(visible(mask_text(row.slug)), LONGEST_NAME)


def _table(
    rows: Sequence[WorkflowRow], names: Sequence[str], sizes: Sequence[int], *, taken_at: str, style: Style
) -> Iterator[str]:
    header = ["workflow", *map(visible, names)]
    yield style.strong("  ".join(padded(title, size) for title, size in zip(header, sizes, strict=True)).rstrip())
    for row in rows:
        cells = [
            _painted(padded(cell_told(row.cells.get(name), taken_at=taken_at), size), row.cells.get(name), style)
            for name, size in zip(names, sizes[1:], strict=True)
        ]
        yield "  ".join([padded(slug_of(row), sizes[0]), *cells]).rstrip()


def _folded(rows: Sequence[WorkflowRow], names: Sequence[str], *, taken_at: str, style: Style) -> Iterator[str]:
    for row in rows:
        yield style.strong(padded(slug_of(row), style.width).rstrip())
        said: dict[str, list[str]] = {}
        for name in names:
            said.setdefault(cell_told(row.cells.get(name), taken_at=taken_at), []).append(name)
        for word, where in said.items():
            if word != ABSENT:
                line = f"{word}: {', '.join(map(visible, where))}"
                cell = row.cells[where[0]]
                yield from (_painted(each, cell, style) for each in folded(line, style.width, indent="  "))


def _painted(text: str, cell: Cell | None, style: Style) -> str:
    if cell is None:
        return style.quiet(text)
    if cell.is_calm:
        return style.notable(text) if cell.published_behind else style.good(text)
    if cell.kind in (CellKind.PENDING, CellKind.NOT_CHECKED, CellKind.IN_SYNC) or not is_notable(cell):
        return style.notable(text)
    return style.bad(text)
