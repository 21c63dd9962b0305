"""What the texts about the status call things: cells, ages, figures."""

from datetime import datetime

from workflowops.core.configuration import Approval
from workflowops.core.figures import Figures, Spread
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.core.status import Cell, CellKind, EnvironmentStatus, Freshness, HeldClaim, OpenIncident, OpenPromotion
from workflowops.core.text.incident_words import lasted
from workflowops.core.text.plain import count
from workflowops.core.text.promotion_words import STATUSES as PROMOTION_STATUSES
from workflowops.core.text.words import STATUSES

ABSENT = "-"

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

NOT_CHECKED = "not checked"
BEHIND = "newer draft"
BEHIND_TOLD = f'"{BEHIND}": n8n\'s editor holds a newer version than the published one.'
STALE_TOLD = (
    '"was": an earlier check said so; the latest one failed, is more than a day old, or Git has another file since.'
)
UNKNOWN_TOLD = "This does not mean that it is in sync."


def cell_told(cell: Cell | None, *, taken_at: str) -> str:
    """Say where a workflow stands; what an earlier check said is told as such, with its age.

    >>> cell_told(Cell(kind=CellKind.IN_SYNC, drift=DriftKind.IN_SYNC), taken_at="2026-01-14T15:25:00Z")
    'in sync'
    """
    if cell is None:
        return ABSENT
    if cell.kind is CellKind.NOT_CHECKED:
        word = NOT_CHECKED
    else:
        word = CELLS[cell.drift or DriftKind.UNKNOWN]
        if cell.freshness is not Freshness.FRESH:
            word = f"was {word} {age_told(cell.checked_at, taken_at=taken_at)}".rstrip()
    return f"{word}, {BEHIND}" if cell.published_behind else word


def is_notable(cell: Cell) -> bool:
    """Say whether somebody has to look at a cell."""
    return not cell.is_calm and (cell.kind is not CellKind.PENDING or cell.freshness is not Freshness.FRESH)


def age_told(moment: str | None, *, taken_at: str) -> str:
    """Say how long ago something was: `3d 4h ago`; nothing for what is no time."""
    if moment is None:
        return ""
    seconds = int((datetime.fromisoformat(taken_at) - datetime.fromisoformat(moment)).total_seconds())
    return f"{lasted(max(0, seconds))} ago"


def standing_told(each: EnvironmentStatus) -> str:
    """Say where an environment stands, with its counts; an unknown one is never mistaken for one in sync."""
    told = STATUSES[each.drift_status]
    if each.drift_status is DriftStatus.UNKNOWN:
        return f"{told}. {UNKNOWN_TOLD}"
    if each.freshness is Freshness.OLD:
        told = f"{told} when it was last checked, more than a day ago"
    elif each.freshness is Freshness.OVERTAKEN:
        told = f"{told} when it was last checked; Git has changed since"
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


def spread_told(spread: Spread, *, one: str) -> str:
    """Say a median with what it rests on; too few measurements are called that."""
    waiting = f"; {spread.waiting:,} still waiting, not counted" if spread.waiting else ""
    if not spread.count:
        return f"no {one} yet{waiting}"
    number = count(spread.count, one)
    if spread.is_too_few:
        return f"too few to say ({number}, median {lasted(spread.median_seconds)}){waiting}"
    p90 = f", nine of ten within {lasted(spread.p90_seconds)}"
    return f"median {lasted(spread.median_seconds)}{p90} ({number}){waiting}"


def failures_told(figures: Figures) -> str:
    """Say how many promotions were carried out and how many of them had to be taken back."""
    if not figures.carried_out:
        return "none carried out yet"
    told = f"{figures.carried_out:,} carried out, {figures.rolled_back:,} rolled back, {figures.undone:,} undone later"
    return f"{told} ({figures.change_failure_percent} % had to be taken back)"


def figures_told(figures: Figures) -> list[tuple[str, str]]:
    """Answer title and value of every figure but the drift per week."""
    return [
        ("Time to acknowledge", spread_told(figures.to_acknowledge, one="incident")),
        ("Time to reconcile", spread_told(figures.to_reconcile, one="incident")),
        ("Lead time", spread_told(figures.lead_time, one="promotion")),
        ("Promotions", failures_told(figures)),
    ]


def incident_told(each: OpenIncident) -> str:
    """Say how an open incident stands, without any text from n8n."""
    status = f"{each.status}, drift is gone" if each.drift_is_gone else str(each.status)
    return f"severity {each.severity}, {status}, open for {lasted(each.age_seconds)}"


def approval_told(each: OpenPromotion) -> str:
    """Say what an open promotion waits for; logins are left to the caller."""
    told = f"{PROMOTION_STATUSES[each.status]} for {lasted(each.age_seconds)}"
    if each.status is not PromotionStatus.PENDING_APPROVAL:
        return told
    match each.approval:
        case Approval.ENVIRONMENT:
            who = "the reviewers of its GitHub environment approve it"
        case Approval.COMMENTS:
            who = "comments on its pull request approve it"
        case _:
            who = "the configuration asks nobody to approve it"
    return f"{told}; {who}, {len(each.approved_by)} of {each.min_approvals} so far"


def claim_told(each: HeldClaim) -> str:
    """Say how a claim stands, without its owner and reason."""
    if each.is_unreadable:
        return "cannot be read, so it blocks until it is removed"
    since = f"held for {lasted(each.age_seconds)}"
    return f"{since}, its time is over: the next run takes it" if each.is_dead else since
