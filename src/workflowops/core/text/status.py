"""The matrix of workflows by environment, in words."""

from collections.abc import Iterator, Sequence

from workflowops.core.records import DriftStatus
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DriftKind
from workflowops.core.status import EnvironmentStatus, StatusReport, UnmanagedWorkflow, WorkflowRow
from workflowops.core.text.markdown import code, details, escaped, size, table
from workflowops.core.text.plain import columns, count, cut, log_safe, moment, padded, visible, wrapped
from workflowops.core.text.style import Style
from workflowops.core.text.words import STATUSES, place

_MOST_BYTES = 900_000
_MOST_NAMED = 20
_MOST_ROWS = 1_000
_LONGEST_NAME = 120
_NARROWEST = 12
_ABSENT = "-"

CELLS = {
    DriftKind.IN_SYNC: "in sync",
    DriftKind.MODIFIED: "edited in n8n",
    DriftKind.PENDING: "newer in Git",
    DriftKind.CONFLICT: "both changed",
    DriftKind.MISSING: "gone",
    DriftKind.UNMAPPED: "unmanaged",
    DriftKind.ACTIVATION_CHANGED: "switched",
    DriftKind.TAGS_CHANGED: "other tags",
    DriftKind.UNKNOWN: "NOT COMPARED",
}
"""What a cell of the matrix says; short, because the columns are narrow."""

_KNOWN = frozenset(DriftKind)
_CALM = frozenset({DriftKind.IN_SYNC, DriftKind.PENDING})


def render_status(report: StatusReport, *, style: Style) -> str:
    """Tell where every environment stands, then the matrix, then the unmanaged workflows."""
    lines: list[str] = []
    for each in report.environments:
        lines += _environment(each, style)
    if not lines:
        lines.append("No environment is configured.")
    lines += ["", *_matrix(report, style)] if report.workflows else ["", "No source-managed workflow is known yet."]
    lines += _unmanaged(report.unmanaged, style)
    return log_safe("\n".join(lines))


def summary_status(report: StatusReport) -> str:
    """Tell the same in Markdown: under GitHub's limit, what does not fit is counted."""
    names = [each.name for each in report.environments]
    lines = ["## Status", ""]
    lines += table(
        ["Environment", "Stands", "Checked", "Synced"],
        [
            [
                escaped(place(each.title, each.name)),
                escaped(_standing(each)),
                escaped(moment(each.checked_at)),
                escaped(moment(each.synced_at)),
            ]
            for each in report.environments
        ],
    )
    rows = [
        [code(cut(mask_text(row.slug), _LONGEST_NAME)), *(_cell(row, name) for name in names)]
        for row in report.workflows[:_MOST_ROWS]
    ]
    unmanaged = [
        [escaped(each.environment), code(cut(mask_text(each.name), _LONGEST_NAME)), code(each.workflow_id)]
        for each in report.unmanaged[:_MOST_ROWS]
    ]
    while size(lines) + sum(size(row) + 20 for row in (*rows, *unmanaged)) > _MOST_BYTES:
        rows, unmanaged = rows[: len(rows) // 2], unmanaged[: len(unmanaged) // 2]
    lines += ["", *table(["Workflow", *(escaped(name) for name in names)], rows), ""]
    lines += _left_out(len(report.workflows) - len(rows))
    if report.unmanaged:
        title = count(len(report.unmanaged), "unmanaged workflow")
        body = [
            *table(["Environment", "Workflow", "n8n id"], unmanaged),
            *_left_out(len(report.unmanaged) - len(unmanaged)),
        ]
        lines += details(title, body)
    return "\n".join(lines) + "\n"


def _left_out(number: int) -> list[str]:
    return ["", f"{number:,} more left out here; `--json` has them all.", ""] if number else []


def _environment(each: EnvironmentStatus, style: Style) -> Iterator[str]:
    line = f"{place(each.title, each.name)}: {_standing(each)}"
    match each.drift_status:
        case DriftStatus.UNKNOWN:
            yield style.alarming(line)
        case DriftStatus.DRIFT_DETECTED:
            yield style.bad(line)
        case DriftStatus.NEW:
            yield style.notable(line)
        case DriftStatus.IN_SYNC:
            yield style.good(line)
    yield style.quiet(f"  checked {moment(each.checked_at)}, synced {moment(each.synced_at)}")
    if each.problem:
        yield from wrapped(visible(mask_text(each.problem)), width=style.width, indent="  ! ", hanging="    ")


def _standing(each: EnvironmentStatus) -> str:
    told = STATUSES[each.drift_status]
    if each.drift_status is DriftStatus.UNKNOWN:
        return f"{told}. This does not mean that it is in sync."
    counts = each.counts
    numbers = [
        (counts.in_sync, "in sync"),
        (counts.drifted, "drifted"),
        (counts.pending, "pending"),
        (counts.unknown, "not compared"),
        (counts.unmapped, "unmanaged"),
    ]
    parts = ", ".join(f"{number:,} {word}" for number, word in numbers if number)
    return f"{told} ({parts})" if parts else told


def _matrix(report: StatusReport, style: Style) -> Iterator[str]:
    """Draw one line a workflow and one column an environment; the first column takes the room that is left."""
    names = [each.name for each in report.environments]
    wide = [
        max(_NARROWEST, min(columns(visible(name)), 24), *(columns(_word(row, name)) for row in report.workflows))
        for name in names
    ]
    longest = max(columns(_slug(row)) for row in report.workflows)
    first = max(min(longest, style.width - sum(wide) - 2 * len(wide)), _NARROWEST)
    header = [padded("workflow", first), *(padded(visible(name), size) for name, size in zip(names, wide, strict=True))]
    yield style.strong("  ".join(header).rstrip())
    for row in report.workflows:
        cells = [_painted(row, name, size, style) for name, size in zip(names, wide, strict=True)]
        yield "  ".join([padded(_slug(row), first), *cells]).rstrip()


def _slug(row: WorkflowRow) -> str:
    return cut(visible(mask_text(row.slug)), _LONGEST_NAME)


def _word(row: WorkflowRow, environment: str) -> str:
    kind = row.cells.get(environment)
    if kind is None:
        return _ABSENT
    return CELLS[DriftKind(kind)] if kind in _KNOWN else visible(kind)


def _painted(row: WorkflowRow, environment: str, size: int, style: Style) -> str:
    word = padded(_word(row, environment), size)
    kind = row.cells.get(environment)
    if kind is None:
        return style.quiet(word)
    if kind not in _KNOWN:
        return style.notable(word)
    return (style.good if kind == DriftKind.IN_SYNC else style.notable if kind in _CALM else style.bad)(word)


def _cell(row: WorkflowRow, environment: str) -> str:
    word = _word(row, environment)
    is_drift = word != _ABSENT and row.cells.get(environment) not in _CALM
    return f"**{escaped(word)}**" if is_drift else escaped(word)


def _unmanaged(workflows: Sequence[UnmanagedWorkflow], style: Style) -> Iterator[str]:
    if not workflows:
        return
    yield ""
    yield style.strong(f"{count(len(workflows), 'unmanaged workflow')}, not in Git")
    for each in workflows[:_MOST_NAMED]:
        name = cut(visible(mask_text(each.name)) or "(no name)", _LONGEST_NAME)
        yield f"  {visible(each.environment)}: {name} (n8n id {visible(each.workflow_id)})"
    if len(workflows) > _MOST_NAMED:
        yield f"  and {len(workflows) - _MOST_NAMED:,} more; --json lists them all"
