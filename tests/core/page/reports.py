"""Status reports to be shown as a page: an ordinary one, an empty one, and one whose every name is an attack."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.core.page.graphs import hot_fix, kept, orders_after, stored
from tests.core.text.hostile import HOSTILE
from tests.core.text.incidents import acknowledged, affected, closed
from tests.core.text.promotions import done, promoted, promotion

from workflowops.core.configuration import Approval, IncidentSeverity
from workflowops.core.drawing import draw
from workflowops.core.figures import DriftWeek, Figures, Spread
from workflowops.core.incident.record import IncidentStatus
from workflowops.core.page.document import PageDrawings
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
    History,
    OpenIncident,
    OpenLock,
    OpenPromotion,
    StatusReport,
    UnmanagedWorkflow,
    WorkflowRow,
)

TAKEN_AT = "2026-01-16T09:00:00Z"
CHECKED_AT = "2026-01-16T08:37:00Z"
SYNC = Cell(kind=CellKind.IN_SYNC, drift=DriftKind.IN_SYNC, checked_at=CHECKED_AT, active=True, n8n_workflow_id="w1")
MARKUP = {
    "script": "<script>window.hacked=1</script>",
    "picture": '"><img src="https://evil.example/x.png" onerror="window.hacked=1">',
    "address": "javascript:window.hacked=1",
    "style": "</style><style>*{display:none}</style>",
    "closing": "</title></svg></script><script>window.hacked=1</script>",
    "frame": "<iframe src=https://evil.example></iframe><svg/onload=window.hacked=1>",
    "attribute": "' autofocus onfocus='window.hacked=1' x='",
    "template": "{{constructor.constructor('window.hacked=1')()}}",
}
EVERY_ATTACK = {**HOSTILE, **MARKUP}


def environment(name: str, title: str, status: DriftStatus = DriftStatus.IN_SYNC, **more: Any) -> EnvironmentStatus:
    fields: dict[str, Any] = {
        "checked_at": CHECKED_AT,
        "synced_at": CHECKED_AT,
        "counts": Counts(in_sync=6),
        "problem": None,
        "freshness": Freshness.FRESH,
    }
    return EnvironmentStatus(name=name, title=title, drift_status=status, **fields | more)


def calm() -> StatusReport:
    """Everything that Git manages runs as Git says, and that is proven."""
    columns = (environment("dev", "Development"), environment("prod", "Production"))
    row = WorkflowRow("order_processing", "Order Processing", {"dev": SYNC, "prod": SYNC}, "c-1")
    return StatusReport(
        taken_at=TAKEN_AT, environments=columns, workflows=(row,), unmanaged=(), figures=Figures(since="2025-07-21"),
        claims=(),
    )  # fmt: skip


def weeks() -> tuple[DriftWeek, ...]:
    """Half a year; production was not looked at in the beginning."""
    first = datetime.fromisoformat("2025-07-21")
    found = []
    for number in range(26):
        monday = first + timedelta(weeks=number)
        detections = {"dev": number * 7 % 5, "staging": number * 3 % 4 if number % 3 else 0}
        if number >= 8:
            detections["prod"] = 2 if number in (12, 25) else 0
        week = f"{monday.isocalendar()[0]}-W{monday.isocalendar()[1]:02}"
        found.append(DriftWeek(week=week, starts_on=monday.date().isoformat(), detections=detections))
    return tuple(found)


def eventful() -> StatusReport:
    """Three environments on a busy morning: drift, a promotion that waits, one that runs, a lock, an old check."""
    modified = replace(SYNC, kind=CellKind.DRIFTED, drift=DriftKind.MODIFIED)
    old = replace(SYNC, freshness=Freshness.OLD, checked_at="2026-01-14T06:00:00Z")
    pending = replace(SYNC, kind=CellKind.PENDING, drift=DriftKind.PENDING)
    missing = Cell(kind=CellKind.MISSING, drift=DriftKind.MISSING, checked_at=CHECKED_AT)
    moved = replace(SYNC, last_promotion="promo-1", promoted_at="2026-01-14T10:40:20Z")
    names = ("Invoice Reminder", "Weekly Report", "Lead Scoring", "Backup of Contacts")
    others = [
        WorkflowRow(name.lower().replace(" ", "_"), name, {"dev": SYNC, "staging": old, "prod": SYNC}, f"c-{number}")
        for number, name in enumerate(names, start=10)
    ]
    return StatusReport(
        taken_at=TAKEN_AT,
        environments=(
            environment("dev", "Development", counts=Counts(in_sync=5, pending=1, unmapped=2)),
            environment("staging", "Staging", freshness=Freshness.OLD, checked_at="2026-01-14T06:00:00Z"),
            environment(
                "prod", "Production", DriftStatus.DRIFT_DETECTED, counts=Counts(in_sync=4, modified=1, missing=1)
            ),
        ),
        workflows=(
            WorkflowRow(
                "order_processing", "Order Processing", {"dev": SYNC, "staging": moved, "prod": modified}, "c-1"
            ),
            WorkflowRow("customer_onboarding", "Customer Onboarding", {"dev": pending, "staging": old}, "c-2"),
            WorkflowRow("nightly_import", "Nightly Import", {"dev": SYNC, "prod": missing}, "c-3"),
            WorkflowRow(
                "price_watch", "Price Watch", {"dev": replace(SYNC, published_behind=True, active=False)}, "c-4"
            ),
            *others,
        ),
        unmanaged=(
            UnmanagedWorkflow("dev", "9fK2", "Playground", "2026-01-09T07:00:00Z"),
            UnmanagedWorkflow("dev", "3pQ7", "Copy of Order Processing", "2026-01-12T07:00:00Z"),
        ),
        figures=Figures(
            since="2025-07-21",
            to_acknowledge=Spread(count=12, median_seconds=840, p90_seconds=5_400, waiting=1),
            to_reconcile=Spread(count=11, median_seconds=9_600, p90_seconds=90_000, waiting=2),
            lead_time=Spread(count=3, median_seconds=1_260),
            carried_out=21,
            rolled_back=1,
            undone=1,
            drift_weeks=weeks(),
        ),
        incidents=(
            OpenIncident(
                number=51, url="https://github.com/acme/workflows/issues/51", environment="prod",
                severity=IncidentSeverity.HIGH, status=IncidentStatus.ACKNOWLEDGED, detected_at="2026-01-16T06:37:00Z",
                age_seconds=8_580, assigned="mia", workflows=("Order Processing", "Nightly Import"),
            ),
        ),
        promotions=(
            OpenPromotion(
                promotion_id="promo-9", kind=PromotionKind.PROMOTION, status=PromotionStatus.PENDING_APPROVAL,
                source="staging", target="prod", url="https://github.com/acme/workflows/pull/60", pull_request=60,
                created_at="2026-01-16T08:00:00Z", age_seconds=3_600, workflows=2, approval=Approval.ENVIRONMENT,
                min_approvals=1, approved_by=(), problem=None,
            ),
        ),
        locks=(
            OpenLock(environment="prod", locked_by="olive", locked_at="2026-01-16T07:00:00Z",
                     reason="Month-end closing", age_seconds=7_200),
        ),
        claims=(
            HeldClaim(name="sync of dev", owner="sync, run 812", reason="sync", age_seconds=40, is_dead=False,
                      run_url="https://github.com/acme/workflows/actions/runs/812", is_unreadable=False),
        ),
        history=History(
            incidents=(replace(acknowledged(), number=51, detected_at="2026-01-16T06:37:00Z"), closed()),
            promotions=(
                promotion(PromotionStatus.PENDING_APPROVAL, promotion_id="promo-9", source_stage="staging",
                          target_stage="prod", created_at="2026-01-16T08:00:00Z",
                          pull_request_url="https://github.com/acme/workflows/pull/60"),
                done(),
            ),
        ),
    )  # fmt: skip


def drawings() -> PageDrawings:
    """The graphs of the busy morning."""
    return PageDrawings(
        incidents={51: kept(hot_fix()), 42: kept(hot_fix())},
        promotions={
            "promo-9": kept(stored(draw(None, orders_after()), "Order Processing")),
            "promo-1": kept(hot_fix()),
        },
    )


def hostile(text: str) -> StatusReport:
    """A report in which everything that people or n8n can name is this text."""
    base = eventful()
    record = closed()
    return replace(
        base,
        environments=tuple(replace(each, title=text, problem=text) for each in base.environments),
        workflows=tuple(replace(each, name=text, slug=text) for each in base.workflows),
        unmanaged=(UnmanagedWorkflow("dev", text, text, text),),
        incidents=tuple(replace(each, url=text, assigned=text, workflows=(text,)) for each in base.incidents),
        promotions=tuple(replace(each, url=text, problem=text, approved_by=(text,)) for each in base.promotions),
        locks=tuple(replace(each, locked_by=text, reason=text) for each in base.locks),
        claims=tuple(replace(each, name=text, owner=text, run_url=text) for each in base.claims or ()),
        history=History(
            incidents=(
                replace(
                    record,
                    number=51,
                    url=text,
                    environment_title=text,
                    affected_workflows=(affected(text),),
                    timeline=tuple(
                        replace(step, by=text, fields={"comment": text, text: text}) for step in record.timeline
                    ),
                ),
            ),
            promotions=(
                replace(
                    done(),
                    promotion_id="promo-9",
                    created_by=text,
                    executed_by=text,
                    problem=text,
                    pull_request_url=text,
                    workflows=(promoted(text),),
                    approvals=tuple(replace(each, by=text, comment=text) for each in done().approvals),
                ),
            ),
        ),
        problems=(text,),
    )


def hostile_drawings(text: str) -> PageDrawings:
    """Graphs whose nodes, types and wires carry this text."""
    found = hot_fix()
    drawing = replace(
        found.drawing,
        nodes=tuple(replace(each, name=text, node_type=text, old_name=text) for each in found.drawing.nodes),
        wires=tuple(replace(each, kind=text) for each in found.drawing.wires),
    )
    file = kept(stored(drawing, text))
    return PageDrawings(incidents={51: file}, promotions={"promo-9": file})
