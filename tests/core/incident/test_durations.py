"""How long an incident took: walkthrough 3's own numbers, and clocks that disagree."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW
from tests.core.incident.builders import after, detected

from workflowops.core.incident.lifecycle import Durations, detection, durations, open_since
from workflowops.core.incident.record import Event, Incident
from workflowops.core.timestamps import iso

MINUTE, HOUR = 60, 3_600


def walked(*, until: int = 4) -> Incident:
    """Walkthrough 3 at its own times, so many steps of it."""
    steps: tuple[tuple[Event, str, dict[str, str]], ...] = (
        (Event.ACKNOWLEDGE, "15:30", {}),
        (Event.STABILIZE, "16:45", {}),
        (Event.RECONCILE, "17:15", {"resolution_type": "accepted_runtime_changes"}),
        (Event.CLOSE, "17:50", {}),
    )
    incident = detected()
    for event, time, given_fields in steps[:until]:
        incident = after(incident, event, f"2026-01-14T{time}:00Z", **given_fields)
    return incident


def test_the_metrics_are_those_of_the_walkthrough() -> None:
    assert durations(walked()) == Durations(
        to_acknowledge=5 * MINUTE,
        to_stabilize=HOUR + 15 * MINUTE,
        to_reconcile=30 * MINUTE,
        to_close=35 * MINUTE,
        total=2 * HOUR + 25 * MINUTE,
    )


@pytest.mark.parametrize("until", range(4))
def test_what_did_not_happen_yet_has_no_duration(until) -> None:
    measured = durations(walked(until=until))
    taken = [measured.to_acknowledge, measured.to_stabilize, measured.to_reconcile, measured.to_close]
    assert [each is not None for each in taken] == [number < until for number in range(4)]
    assert measured.total is None


def test_a_step_that_was_left_out_counts_to_the_next() -> None:
    incident = after(detected(), Event.DRIFT_GONE, "2026-01-14T16:25:00Z", resolution_type="replaced")
    incident = after(incident, Event.CLOSE, "2026-01-14T16:35:00Z")
    assert durations(incident) == Durations(to_reconcile=HOUR, to_close=10 * MINUTE, total=HOUR + 10 * MINUTE)


def test_drift_that_came_back_is_measured_from_then_and_the_total_from_the_beginning() -> None:
    back = after(walked(until=3), Event.DRIFT_BACK, "2026-01-15T15:25:00Z")
    assert (back.detected_at, detection(back)) == ("2026-01-14T15:25:00Z", "2026-01-15T15:25:00Z")
    again = after(back, Event.ACKNOWLEDGE, "2026-01-15T15:26:00Z")
    assert durations(again) == Durations(to_acknowledge=MINUTE)
    assert detection(after(again, Event.DRIFT_BACK, "2026-01-16T00:00:00Z")) == "2026-01-16T00:00:00Z"
    gone = after(again, Event.ISSUE_GONE, "2026-01-15T15:25:30Z")
    assert durations(gone).total == 24 * HOUR + 30


def gone_and_back(*days: str) -> Incident:
    incident = detected()
    for gone, back in zip(days[::2], days[1::2], strict=True):
        incident = after(incident, Event.DRIFT_GONE, f"2026-01-{gone}:00Z", resolution_type="other")
        incident = after(incident, Event.DRIFT_BACK, f"2026-01-{back}:00Z")
    return incident


@pytest.mark.parametrize(
    ("incident", "expected"),
    [
        pytest.param(detected(), "2026-01-14T15:25:00Z", id="never gone"),
        pytest.param(gone_and_back("14T16:00", "14T17:00"), "2026-01-14T15:25:00Z", id="gone for an hour"),
        pytest.param(gone_and_back("14T16:00", "15T15:59"), "2026-01-14T15:25:00Z", id="not quite a day"),
        pytest.param(gone_and_back("14T16:00", "15T16:00"), "2026-01-15T16:00:00Z", id="a day"),
        pytest.param(
            gone_and_back("14T16:00", "15T09:00", "15T09:01", "16T09:00"), "2026-01-14T15:25:00Z", id="flapping"
        ),
        pytest.param(
            gone_and_back("14T16:00", "15T16:00", "15T17:00", "15T18:00"), "2026-01-15T16:00:00Z", id="a day, then not"
        ),
        pytest.param(
            after(walked(until=3), Event.DRIFT_BACK, "2026-01-14T18:00:00Z"), "2026-01-14T15:25:00Z", id="by hand"
        ),
        pytest.param(
            after(after(detected(), Event.ACCEPT, until="2026-01-20"), Event.DRIFT_BACK, "2026-01-21T00:00:00Z"),
            "2026-01-21T00:00:00Z",
            id="accepted for days",
        ),
        pytest.param(
            after(after(detected(), Event.DRIFT_GONE), Event.DRIFT_BACK, "2026-01-16T00:00:00Z"),
            "2026-01-16T00:00:00Z",
            id="told only",
        ),
    ],
)
def test_only_drift_that_was_gone_for_a_day_is_young_again(incident, expected) -> None:
    assert open_since(incident) == expected


def test_a_clock_that_was_set_back_makes_no_duration_negative() -> None:
    incident = after(detected(), Event.ACKNOWLEDGE, "2026-01-14T15:20:00Z")
    incident = after(incident, Event.STABILIZE, "2026-01-14T15:21:00Z")
    assert durations(incident) == Durations(to_acknowledge=0, to_stabilize=MINUTE)


@given(st.lists(st.none() | st.datetimes(), min_size=4, max_size=4))
@LAW
def test_no_duration_is_negative_whatever_the_clocks_said(moments) -> None:
    from datetime import UTC

    acknowledged, stabilized, reconciled, closed = (
        None if moment is None else iso(moment.replace(year=2026, tzinfo=UTC, day=1)) for moment in moments
    )
    measured = durations(
        replace(
            detected(),
            acknowledged_at=acknowledged,
            stabilized_at=stabilized,
            reconciled_at=reconciled,
            closed_at=closed,
        )
    )
    taken = (measured.to_acknowledge, measured.to_stabilize, measured.to_reconcile, measured.to_close, measured.total)
    assert all(each is None or each >= 0 for each in taken)
