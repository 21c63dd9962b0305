"""The words of the status page: for cells, columns, figures and pictures."""

from workflowops.core.drawing import DrawnChange
from workflowops.core.figures import Spread
from workflowops.core.records import Counts, DriftStatus
from workflowops.core.status import Cell, CellKind, EnvironmentStatus, Freshness, StatusReport
from workflowops.core.text.incident_words import lasted
from workflowops.core.text.plain import count, moment
from workflowops.core.text.words import KINDS

CHANGES = {
    DrawnChange.SAME: "the same",
    DrawnChange.ADDED: "added",
    DrawnChange.REMOVED: "removed",
    DrawnChange.MODIFIED: "changed",
}
SIGNS = {DrawnChange.ADDED: "+", DrawnChange.REMOVED: "\u2212", DrawnChange.MODIFIED: "~"}

LOOKS = {
    CellKind.IN_SYNC: "good",
    CellKind.DRIFTED: "bad",
    CellKind.MISSING: "bad",
    CellKind.PENDING: "work",
    CellKind.UNKNOWN: "unsure",
    CellKind.NOT_CHECKED: "unsure",
}
"""How a cell is coloured when the check behind it may be believed; otherwise it is `unsure`."""

_CELLS = {
    CellKind.IN_SYNC: "in sync",
    CellKind.DRIFTED: "drifted",
    CellKind.PENDING: "newer in Git",
    CellKind.MISSING: "gone from n8n",
    CellKind.UNKNOWN: "could not be compared",
    CellKind.NOT_CHECKED: "not checked yet",
}
_DOUBTS = {
    Freshness.OLD: "over 24 hours ago",
    Freshness.OVERTAKEN: "and Git has changed since",
    Freshness.FAILED: "and the latest check failed",
    Freshness.NEVER: "never confirmed by a check",
}
_ENVIRONMENTS = {
    DriftStatus.NEW: "no baseline yet",
    DriftStatus.IN_SYNC: "in sync",
    DriftStatus.DRIFT_DETECTED: "drift",
    DriftStatus.UNKNOWN: "could not be checked",
}
_COUNTED = (
    ("in_sync", "in sync"),
    ("modified", "edited in n8n"),
    ("conflict", "changed on both sides"),
    ("missing", "gone from n8n"),
    ("activation_changed", "switched on or off"),
    ("tags_changed", "tags changed"),
    ("pending", "newer in Git"),
    ("unknown", "could not be compared"),
    ("unmapped", "unmanaged"),
)


def cell_told(cell: Cell) -> str:
    """Say where a workflow stands; what an old or failed check said is never told as if it were so now."""
    if cell.kind is CellKind.IN_SYNC and not cell.is_calm:
        return "was in sync"
    return KINDS[cell.drift] if cell.kind is CellKind.DRIFTED and cell.drift is not None else _CELLS[cell.kind]


def cell_notes(cell: Cell) -> list[str]:
    """Say what else there is to know about a cell, and first of all why it cannot be believed."""
    notes = []
    if cell.kind is not CellKind.NOT_CHECKED and cell.freshness is not Freshness.FRESH:
        checked = f"checked {moment(cell.checked_at)}, " if cell.checked_at else ""
        notes.append(checked + _DOUBTS[cell.freshness])
    notes += ["newer draft than published"] if cell.published_behind else []
    return [*notes, "switched off"] if cell.active is False else notes


def cell_look(cell: Cell) -> str:
    """Answer how a cell is coloured."""
    return LOOKS[cell.kind] if cell.freshness is Freshness.FRESH or cell.kind in _ALARMING else "unsure"


_ALARMING = frozenset({CellKind.DRIFTED, CellKind.MISSING})


def environment_told(status: EnvironmentStatus) -> tuple[str, str]:
    """Say where an environment stands, and answer how that is coloured."""
    told = _ENVIRONMENTS[status.drift_status]
    if status.drift_status is DriftStatus.DRIFT_DETECTED:
        return f"{told}: {count(status.counts.drifted, 'workflow')}", "bad"
    if status.freshness is not Freshness.FRESH:
        return ("was in sync" if status.drift_status is DriftStatus.IN_SYNC else told), "unsure"
    return told, "good" if status.drift_status is DriftStatus.IN_SYNC else "unsure"


def checked_told(status: EnvironmentStatus) -> str:
    """Say when an environment was last checked, and whether that still counts."""
    if status.checked_at is None:
        return "never checked for drift"
    told = f"last checked {moment(status.checked_at)}"
    return {
        Freshness.OLD: f"{told}, over 24 hours ago",
        Freshness.OVERTAKEN: f"{told}; Git has changed since",
        Freshness.FAILED: f"{told}; the check after that failed",
    }.get(status.freshness, told)


def counted(counts: Counts) -> list[tuple[int, str]]:
    """List how many workflows are where, as far as there are any."""
    return [(number, words) for field, words in _COUNTED if (number := int(getattr(counts, field)))]


def summary(report: StatusReport) -> tuple[str, str]:
    """Answer the first sentence of the page and how it is coloured. Calm only when every cell is proven to be."""
    cells = [cell for row in report.workflows for cell in row.cells.values()]
    drifted = sum(cell.kind in _ALARMING for cell in cells)
    unsure = [each for each in report.environments if environment_told(each)[1] == "unsure"]
    unproven = sum(not cell.is_calm and cell.kind not in _ALARMING | {CellKind.PENDING} for cell in cells)
    pending = sum(cell.kind is CellKind.PENDING for cell in cells)
    if drifted or any(each.drift_status is DriftStatus.DRIFT_DETECTED for each in report.environments):
        differ = "workflow copy differs" if drifted == 1 else "workflow copies differ"
        return f"{f'{drifted:,} {differ}' if drifted else 'Workflows differ'} from what Git says.", "bad"
    if report.problems or unsure or unproven or not report.environments:
        names = ", ".join(each.title for each in unsure)
        return (f"Not everything is known: {names}." if names else "Not everything is known."), "unsure"
    if pending:
        newer = "workflow copy is" if pending == 1 else "workflow copies are"
        return f"{pending:,} {newer} newer in Git than in n8n; nothing drifts.", "work"
    if not cells:
        return "Git manages no workflow yet.", "unsure"
    return "Every workflow that Git manages runs as Git says.", "good"


def spread_told(spread: Spread) -> tuple[str, str]:
    """Answer a duration in large and what stands under it: how many were measured, and whether that is enough."""
    waiting = f", {spread.waiting} waiting" if spread.waiting else ""
    if spread.count == 0 or spread.median_seconds is None:
        return "no figure yet", f"none measured{waiting}"
    under = f"median of {spread.count}{waiting}"
    if spread.is_too_few:
        under += "; too few to judge by"
    elif spread.p90_seconds is not None:
        under += f"; nine of ten within {lasted(spread.p90_seconds)}"
    return lasted(spread.median_seconds), under


def week_told(detections: int | None) -> str:
    """Say how often drift was found in a week; None where nobody looked."""
    return "not observed" if detections is None else str(detections)
