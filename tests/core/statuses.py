"""Status reports with defaults: a small shop of three environments, and cells one by one."""

from typing import Any

from workflowops.core.configuration import Approval, IncidentSeverity
from workflowops.core.figures import DriftWeek, Figures, Spread
from workflowops.core.incident.record import IncidentStatus
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.records import Counts, DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.core.status import (
    Cell,
    CellKind,
    EnvironmentStatus,
    Freshness,
    HeldClaim,
    OpenIncident,
    OpenLock,
    OpenPromotion,
    StatusReport,
    UnmanagedWorkflow,
    WorkflowRow,
)

TAKEN_AT = "2026-01-14T16:00:00Z"
CHECKED_AT = "2026-01-14T15:25:00Z"
FIGURES = Figures(since="2025-07-21")
_KINDS = {
    DriftKind.IN_SYNC: CellKind.IN_SYNC,
    DriftKind.PENDING: CellKind.PENDING,
    DriftKind.MISSING: CellKind.MISSING,
    DriftKind.UNKNOWN: CellKind.UNKNOWN,
}


def cell(drift: DriftKind | None = DriftKind.IN_SYNC, **more: Any) -> Cell:
    """A cell that was judged half an hour ago; with None no check has judged it."""
    fields: dict[str, Any] = {
        "kind": CellKind.NOT_CHECKED if drift is None else _KINDS.get(drift, CellKind.DRIFTED),
        "drift": drift,
        "freshness": Freshness.NEVER if drift is None else Freshness.FRESH,
        "checked_at": None if drift is None else CHECKED_AT,
        "active": True,
        "n8n_workflow_id": "wf-1",
    }
    return Cell(**fields | more)


def row(slug: str, **cells: Cell) -> WorkflowRow:
    """A workflow by environment."""
    return WorkflowRow(slug, slug.replace("_", " ").title(), cells, f"id-{slug}")


def stands(name: str, status: DriftStatus = DriftStatus.IN_SYNC, **more: Any) -> EnvironmentStatus:
    """An environment that was checked half an hour ago."""
    fields: dict[str, Any] = {
        "name": name,
        "title": name.title(),
        "drift_status": status,
        "checked_at": CHECKED_AT,
        "synced_at": "2026-01-14T15:20:00Z",
        "counts": Counts(in_sync=3),
        "problem": None,
        "freshness": Freshness.FRESH,
    }
    return EnvironmentStatus(**fields | more)


def incident(number: int | None = 42, **more: Any) -> OpenIncident:
    """An incident that has been waiting for two hours."""
    fields: dict[str, Any] = {
        "number": number,
        "url": None if number is None else f"https://github.com/o/r/issues/{number}",
        "environment": "prod",
        "severity": IncidentSeverity.HIGH,
        "status": IncidentStatus.DETECTED,
        "detected_at": "2026-01-14T14:00:00Z",
        "age_seconds": 7200,
        "assigned": None,
        "workflows": ("Payment Gateway",),
    }
    return OpenIncident(**fields | more)


def promotion(promotion_id: str = "promo-7", **more: Any) -> OpenPromotion:
    """A promotion that waits for the reviewers of prod."""
    fields: dict[str, Any] = {
        "promotion_id": promotion_id,
        "kind": PromotionKind.PROMOTION,
        "status": PromotionStatus.PENDING_APPROVAL,
        "source": "staging",
        "target": "prod",
        "url": "https://github.com/o/r/pull/12",
        "pull_request": 12,
        "created_at": "2026-01-14T13:00:00Z",
        "age_seconds": 10_800,
        "workflows": 3,
        "approval": Approval.ENVIRONMENT,
        "min_approvals": 2,
        "approved_by": ("grace",),
        "problem": None,
    }
    return OpenPromotion(**fields | more)


def lock(environment: str = "staging", **more: Any) -> OpenLock:
    """A lock of an hour ago."""
    fields: dict[str, Any] = {
        "environment": environment,
        "locked_by": "ada",
        "locked_at": "2026-01-14T15:00:00Z",
        "reason": "release freeze",
        "age_seconds": 3600,
    }
    return OpenLock(**fields | more)


def claim(name: str = "promotion/prod", **more: Any) -> HeldClaim:
    """A claim of a run that began a minute ago."""
    fields: dict[str, Any] = {
        "name": name,
        "owner": "grace",
        "reason": "promotion promo-7",
        "run_url": "https://github.com/o/r/actions/runs/7",
        "age_seconds": 60,
        "is_dead": False,
        "is_unreadable": False,
    }
    return HeldClaim(**fields | more)


def weeks(**detections: list[int | None]) -> tuple[DriftWeek, ...]:
    """The first weeks of 2026, one for each entry; None where nobody looked."""
    number = max(map(len, detections.values()))
    return tuple(
        DriftWeek(
            week=f"2026-W{week + 1:02}",
            starts_on=f"2026-01-{5 + 7 * week:02}",
            detections={name: found for name, each in detections.items() if (found := each[week]) is not None},
        )
        for week in range(number)
    )


def report(**more: Any) -> StatusReport:
    """A report of nothing, but for what is given."""
    fields: dict[str, Any] = {
        "taken_at": TAKEN_AT,
        "environments": (),
        "workflows": (),
        "unmanaged": (),
        "figures": FIGURES,
        "claims": (),
    }
    return StatusReport(**fields | more)


def shop() -> StatusReport:
    """Three environments with one of everything."""
    stale = {"freshness": Freshness.FAILED, "checked_at": "2026-01-11T12:00:00Z"}
    return report(
        environments=(
            stands("dev", DriftStatus.NEW, checked_at=None, counts=Counts(), freshness=Freshness.NEVER),
            stands(
                "staging",
                DriftStatus.UNKNOWN,
                problem="https://staging.n8n.example.com did not answer in 30 s.",
                **stale,
            ),
            stands("prod", DriftStatus.DRIFT_DETECTED, counts=Counts(in_sync=38, modified=2, pending=1, unmapped=4)),
        ),
        workflows=(
            row("customer_survey", prod=cell(DriftKind.PENDING), staging=cell(None)),
            row("invoices", prod=cell(last_promotion="promo-6", promoted_at="2026-01-12T10:00:00Z")),
            row("order_processing", staging=cell(**stale), prod=cell(DriftKind.CONFLICT)),
            row("payment_gateway", staging=cell(**stale), prod=cell(DriftKind.MODIFIED, published_behind=True)),
        ),
        unmanaged=(UnmanagedWorkflow("prod", "wf-77", "Leads", "2026-01-10T12:00:00Z"),),
        incidents=(
            incident(workflows=("Order Processing", "Payment Gateway", "A", "B")),
            incident(None, severity=IncidentSeverity.LOW, environment="staging", assigned="ada", drift_is_gone=True),
        ),
        promotions=(
            promotion(),
            promotion(
                "promo-5",
                kind=PromotionKind.ROLLBACK,
                status=PromotionStatus.APPROVED,
                source=None,
                approval=None,
                pull_request=None,
                url=None,
                approved_by=(),
                problem="prod did not answer.",
            ),
        ),
        locks=(lock(),),
        claims=(claim(), claim("sync/dev", is_dead=True), claim("incidents", is_unreadable=True, age_seconds=None)),
        figures=Figures(
            since="2025-07-21",
            to_acknowledge=Spread(count=12, median_seconds=2100, p90_seconds=7500, waiting=1),
            to_reconcile=Spread(count=2, median_seconds=3900, waiting=2),
            lead_time=Spread(waiting=2),
            carried_out=14,
            rolled_back=1,
            undone=1,
            drift_weeks=weeks(prod=[None, 2, 0], staging=[None, None, 1]),
        ),
        problems=("incidents/9.json on the state branch cannot be read: cut short.",),
    )
