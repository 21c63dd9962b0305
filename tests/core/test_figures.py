"""Figures: what was measured, from when on, and nothing made up where too little is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW
from tests.core.incident.builders import after, detected
from tests.core.promotion.records import promotion

from workflowops.core.figures import TOO_FEW, WEEKS, Figures, figures
from workflowops.core.incident.record import Event, Incident, Step
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import Promotion, PromotionStatus

NOW = datetime(2026, 1, 14, 16, 0, tzinfo=UTC)  # a Wednesday of week 3
DAY = timedelta(days=1)


def at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def found(**ago: float) -> Incident:
    """An incident that was detected so long ago."""
    return detected(detected_at=at(**ago))


def back(incident: Incident, **ago: float) -> Incident:
    """The same with its drift back so long ago."""
    step = Step(event=Event.DRIFT_BACK, at=at(**ago), by="x", previous_status=incident.status, status=incident.status)
    return replace(incident, timeline=(*incident.timeline, step))


def acknowledged(incident: Incident, **ago: float) -> Incident:
    return after(incident, Event.ACKNOWLEDGE, at=at(**ago), comment="on it")


def reconciled(incident: Incident, **ago: float) -> Incident:
    incident = after(incident, Event.STABILIZE, at=at(**ago), reason="harmless", resolution_plan="adopt")
    given = {"resolution_type": "replaced", "resolution_details": "x", "lessons_learned": "y"}
    return after(incident, Event.RECONCILE, at=at(**ago), **given)


def completed(*, hours: float, **more: Any) -> Promotion:
    settings: dict[str, Any] = {
        "status": PromotionStatus.COMPLETED,
        "created_at": at(days=2),
        "execution_started_at": at(days=2),
        "execution_completed_at": (NOW - 2 * DAY + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    return promotion(**settings | more)


def counted(*records: Incident | Promotion, **observed: str | None) -> Figures:
    return figures(
        [each for each in records if isinstance(each, Incident)],
        [each for each in records if isinstance(each, Promotion)],
        observed_since=observed,
        now=NOW,
    )


def test_the_time_to_acknowledge_is_counted_from_the_detection() -> None:
    spread = counted(acknowledged(found(hours=5), hours=3)).to_acknowledge
    assert (spread.count, spread.median_seconds, spread.p90_seconds, spread.waiting) == (1, 7200, None, 0)


def test_who_acknowledges_drift_that_came_back_is_measured_from_its_return() -> None:
    spread = counted(acknowledged(back(found(days=5), hours=4), hours=3)).to_acknowledge
    assert spread.median_seconds == 3600


def test_drift_that_came_back_after_the_acknowledgment_does_not_shorten_it() -> None:
    spread = counted(back(acknowledged(found(hours=5), hours=3), hours=1)).to_acknowledge
    assert spread.median_seconds == 7200


def test_what_nobody_has_acknowledged_is_counted_apart() -> None:
    spread = counted(found(days=9)).to_acknowledge
    assert (spread.count, spread.median_seconds, spread.waiting) == (0, None, 1)


def test_the_time_to_reconcile_is_counted_from_the_detection_too() -> None:
    incident = reconciled(acknowledged(found(hours=5), hours=4), hours=1)
    spread = counted(incident, found(hours=1)).to_reconcile
    assert (spread.count, spread.median_seconds, spread.waiting) == (1, 4 * 3600, 1)


def test_the_lead_time_is_from_the_record_to_its_completion() -> None:
    records = [completed(hours=1), completed(hours=3), promotion(created_at=at(days=1))]
    spread = counted(*records).lead_time
    assert (spread.count, spread.median_seconds, spread.waiting) == (2, 2 * 3600, 1)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(completed(hours=9, status=PromotionStatus.ROLLED_BACK), id="rolled back"),
        pytest.param(completed(hours=9, kind=PromotionKind.ROLLBACK), id="a rollback"),
        pytest.param(completed(hours=9, kind=PromotionKind.REVERSAL), id="a revert"),
        pytest.param(completed(hours=9, status=PromotionStatus.REJECTED), id="rejected"),
    ],
)
def test_only_completed_promotions_have_a_lead_time(other) -> None:
    assert counted(completed(hours=1), other).lead_time.median_seconds == 3600


def test_promotions_that_were_taken_back_are_failures() -> None:
    counts = counted(
        completed(hours=1),
        completed(hours=1),
        completed(hours=1, rolled_back_by="promo-9"),
        completed(hours=1, status=PromotionStatus.ROLLED_BACK),
        completed(hours=1, status=PromotionStatus.ROLLBACK_INCOMPLETE),
        completed(hours=1, status=PromotionStatus.PLAN_CHANGED),
        completed(hours=1, kind=PromotionKind.ROLLBACK),
    )
    assert (counts.carried_out, counts.rolled_back, counts.undone, counts.change_failure_percent) == (5, 2, 1, 60)


def test_without_promotions_there_is_no_failure_rate() -> None:
    assert counted().change_failure_percent is None


def test_what_is_older_than_the_window_does_not_count() -> None:
    old = reconciled(acknowledged(found(days=400), days=399), days=398)
    gone = completed(hours=1, created_at=at(days=400), execution_completed_at=at(days=399))
    counts = counted(old, gone)
    assert (counts.to_acknowledge.count, counts.to_reconcile.count, counts.lead_time.count) == (0, 0, 0)
    assert counts.carried_out == 0
    assert counts.since == "2025-07-21"


@pytest.mark.parametrize(
    ("number", "p90_hours"),
    [pytest.param(4, None, id="too few"), pytest.param(5, 5, id="enough"), pytest.param(20, 18, id="many")],
)
def test_nine_of_ten_needs_measurements(number, p90_hours) -> None:
    spread = counted(*(completed(hours=hours) for hours in range(1, number + 1))).lead_time
    assert spread.is_too_few is (p90_hours is None)
    assert spread.p90_seconds == (None if p90_hours is None else p90_hours * 3600)


def test_each_week_counts_detections_and_returns_of_the_drift() -> None:
    counts = counted(back(found(days=7), hours=1), found(hours=2), found(days=7))
    assert [dict(each.detections) for each in counts.drift_weeks[-3:]] == [{}, {"prod": 2}, {"prod": 2}]
    assert [(each.week, each.starts_on) for each in counts.drift_weeks[-2:]] == [
        ("2026-W02", "2026-01-05"),
        ("2026-W03", "2026-01-12"),
    ]
    assert (len(counts.drift_weeks), counts.drift_weeks[0].starts_on) == (WEEKS, counts.since)


def test_a_week_before_the_baseline_says_nothing_and_a_calm_one_says_none() -> None:
    counts = counted(prod=at(days=8), dev=None)
    assert [dict(each.detections) for each in counts.drift_weeks[-3:]] == [{}, {"prod": 0}, {"prod": 0}]


@pytest.mark.parametrize(
    ("moment", "week"),
    [
        pytest.param("2026-01-11T23:59:59Z", "2026-W02", id="sunday, last second"),
        pytest.param("2026-01-12T00:00:00Z", "2026-W03", id="monday, first second"),
        pytest.param("2025-12-31T12:00:00Z", "2026-W01", id="the year of the week, not of the day"),
        pytest.param("2026-01-12T00:30:00+02:00", "2026-W02", id="in UTC"),
    ],
)
def test_weeks_are_those_of_iso_8601_in_utc(moment, week) -> None:
    counts = counted(detected(detected_at=moment))
    assert [each.week for each in counts.drift_weeks if each.detections] == [week]


@LAW
@given(st.lists(st.integers(min_value=0, max_value=10_000_000), max_size=40))
def test_a_spread_lies_within_what_was_measured(seconds) -> None:
    created = datetime(2025, 8, 20, tzinfo=UTC)
    records = [
        promotion(
            status=PromotionStatus.COMPLETED,
            created_at=created.isoformat(),
            execution_completed_at=(created + timedelta(seconds=each)).isoformat(),
        )
        for each in seconds
    ]
    spread = counted(*records).lead_time
    assert spread.count == len(seconds)
    if seconds:
        assert spread.median_seconds is not None
        assert min(seconds) <= spread.median_seconds <= max(seconds)
    if len(seconds) >= TOO_FEW:
        assert spread.p90_seconds in seconds
        assert sum(each <= (spread.p90_seconds or 0) for each in seconds) >= 0.9 * len(seconds)
