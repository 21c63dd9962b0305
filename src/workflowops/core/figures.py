"""How long people and promotions took, and how much drifted, counted from the records alone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import ceil
from statistics import median

from workflowops.core.incident.record import Event, Incident, IncidentStatus
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import Promotion, PromotionStatus

WEEKS = 26
"""How far back the figures look, the week that is running included."""

TOO_FEW = 5
"""Below so many measurements a median says more about one of them than about the team."""

_CARRIED_OUT = frozenset({
    PromotionStatus.COMPLETED,
    PromotionStatus.ROLLED_BACK,
    PromotionStatus.ROLLBACK_INCOMPLETE,
})  # fmt: skip
_TAKEN_BACK = frozenset({PromotionStatus.ROLLED_BACK, PromotionStatus.ROLLBACK_INCOMPLETE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How long something took, in seconds, over `count` measurements; both None without any.

    `p90_seconds` is the time within which nine of ten were done (nearest rank); None where there are too few.
    `waiting` counts those that have not come so far and are therefore not in it, however old they are.
    """

    count: int = 0
    median_seconds: int | None = None
    p90_seconds: int | None = None
    waiting: int = 0

    @property
    def is_too_few(self) -> bool:
        """Say whether there are too few measurements for a median to mean anything."""
        return self.count < TOO_FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftWeek:
    """The drift of an ISO week (`2026-W03`, from Monday `starts_on`, UTC), environment -> how often drift was found.

    Each detection of an incident counts, and each time that its drift came back. An environment is absent in a week
    that was over before it had a baseline: nobody looked, which is not the same as none.
    """

    week: str
    starts_on: str
    detections: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the records of the last 26 weeks say; `since` is the first day (UTC) that counts.

    `to_acknowledge`: from the detection (or the latest return of the drift before it) to the first acknowledgment.
    `to_reconcile`: from the detection (or the latest return of the drift before it) to the latest reconciliation.
    `lead_time`: from a promotion's record, which is made when its pull request is merged, to its completion.
    `carried_out` counts promotions that wrote to n8n and ended, `rolled_back` those of them that failed and were put
    back, `undone` those that were completed and taken back later. Rollbacks and reverts are none of them.
    `drift_weeks` are always 26, the oldest first.
    """

    since: str
    to_acknowledge: Spread = field(default_factory=Spread)
    to_reconcile: Spread = field(default_factory=Spread)
    lead_time: Spread = field(default_factory=Spread)
    carried_out: int = 0
    rolled_back: int = 0
    undone: int = 0
    drift_weeks: tuple[DriftWeek, ...] = ()

    @property
    def change_failure_percent(self) -> int | None:
        """Answer how many of a hundred promotions that wrote to n8n had to be taken back; None without any."""
        failed = self.rolled_back + self.undone
        return round(100 * failed / self.carried_out) if self.carried_out else None


def figures(
    incidents: Sequence[Incident],
    promotions: Sequence[Promotion],
    *,
    observed_since: Mapping[str, str | None],
    now: datetime,
) -> Figures:
    """Count the records of the last 26 weeks.

    `observed_since` is environment -> when it got its baseline (ISO 8601), None where it has none yet. Incidents whose
    issue is yet to be opened count like the others.
    """
    first = _monday(now) - timedelta(weeks=WEEKS - 1)
    since = datetime(first.year, first.month, first.day, tzinfo=UTC)
    carried = [each for each in promotions if _is_promotion(each) and each.status in _CARRIED_OUT]
    recent = [each for each in carried if _ended_since(each, since)]
    return Figures(
        since=first.isoformat(),
        to_acknowledge=_spread(
            _taken((_to_acknowledge(each) for each in incidents), since),
            waiting=sum(each.status is IncidentStatus.DETECTED for each in incidents),
        ),
        to_reconcile=_spread(
            _taken((_to_reconcile(each) for each in incidents), since),
            waiting=sum(_is_unreconciled(each) for each in incidents),
        ),
        lead_time=_spread(
            _taken((_lead_time(each) for each in carried), since),
            waiting=sum(_is_promotion(each) and each.status in _WAITING for each in promotions),
        ),
        carried_out=len(recent),
        rolled_back=sum(each.status in _TAKEN_BACK for each in recent),
        undone=sum(each.status is PromotionStatus.COMPLETED and each.rolled_back_by is not None for each in recent),
        drift_weeks=_drift_weeks(incidents, observed_since, first=first),
    )


_WAITING = frozenset({PromotionStatus.PENDING_APPROVAL, PromotionStatus.APPROVED, PromotionStatus.RUNNING})

_Measured = tuple[datetime, int]
"""When something was done, and how many seconds it had taken."""


def _is_promotion(promotion: Promotion) -> bool:
    return promotion.kind is PromotionKind.PROMOTION


def _is_unreconciled(incident: Incident) -> bool:
    return incident.status not in (IncidentStatus.RECONCILED, IncidentStatus.CLOSED)


def _to_acknowledge(incident: Incident) -> _Measured | None:
    at = next((step.at for step in incident.timeline if step.event is Event.ACKNOWLEDGE), incident.acknowledged_at)
    return None if at is None else _since_detection(incident, at)


def _to_reconcile(incident: Incident) -> _Measured | None:
    at = incident.reconciled_at
    return None if at is None else _since_detection(incident, at)


def _since_detection(incident: Incident, at: str) -> _Measured:
    """Measure from the latest time that drift came up before it was answered."""
    end = datetime.fromisoformat(at)
    starts = [start for start in map(datetime.fromisoformat, _detections(incident)) if start <= end]
    return end, int((end - max(starts, default=end)).total_seconds())


def _lead_time(promotion: Promotion) -> _Measured | None:
    if promotion.status is not PromotionStatus.COMPLETED or promotion.execution_completed_at is None:
        return None
    end = datetime.fromisoformat(promotion.execution_completed_at)
    return end, max(0, int((end - datetime.fromisoformat(promotion.created_at)).total_seconds()))


def _ended_since(promotion: Promotion, since: datetime) -> bool:
    at = promotion.execution_completed_at or promotion.execution_started_at or promotion.created_at
    return datetime.fromisoformat(at) >= since


def _taken(measured: Iterator[_Measured | None], since: datetime) -> list[int]:
    return [each[1] for each in measured if each is not None and each[0] >= since]


def _spread(seconds: Collection[int], *, waiting: int) -> Spread:
    if not seconds:
        return Spread(waiting=waiting)
    ranked = sorted(seconds)
    return Spread(
        count=len(ranked),
        median_seconds=int(median(ranked)),
        p90_seconds=None if len(ranked) < TOO_FEW else ranked[ceil(0.9 * len(ranked)) - 1],
        waiting=waiting,
    )


def _detections(incident: Incident) -> tuple[str, ...]:
    back = (step.at for step in incident.timeline if step.event is Event.DRIFT_BACK)
    return (incident.detected_at, *back)


def _drift_weeks(
    incidents: Sequence[Incident], observed_since: Mapping[str, str | None], *, first: date
) -> tuple[DriftWeek, ...]:
    found = [(each.environment, _monday(datetime.fromisoformat(at))) for each in incidents for at in _detections(each)]
    weeks = []
    for number in range(WEEKS):
        monday = first + timedelta(weeks=number)
        detections = {
            environment: 0 for environment, start in observed_since.items() if _was_observed(start, monday=monday)
        }
        for environment, week in found:
            if week == monday:
                detections[environment] = detections.get(environment, 0) + 1
        year, week_number, _ = monday.isocalendar()
        weeks.append(DriftWeek(week=f"{year}-W{week_number:02}", starts_on=monday.isoformat(), detections=detections))
    return tuple(weeks)


def _was_observed(start: str | None, *, monday: date) -> bool:
    return start is not None and _monday(datetime.fromisoformat(start)) <= monday


def _monday(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())
