"""Times as they are written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW

from workflowops.core.timestamps import iso, odd_time

HOURS = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.datetimes(datetime(1900, 1, 2), datetime(2900, 1, 1), timezones=HOURS)  # noqa: DTZ001


def test_a_moment_is_written_in_utc_to_the_second() -> None:
    moment = datetime(2026, 1, 14, 10, 30, 59, 999_999, timezone(timedelta(hours=1)))
    assert iso(moment) == "2026-01-14T09:30:59Z"


@LAW
@given(MOMENTS)
def test_what_was_written_is_the_same_moment(moment) -> None:
    assert datetime.fromisoformat(iso(moment)) == moment.astimezone(UTC).replace(microsecond=0)


@LAW
@given(MOMENTS, MOMENTS)
def test_later_moments_sort_later(one, other) -> None:
    if one < other:
        assert iso(one) <= iso(other)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        iso(datetime(2026, 1, 14))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({"created_at": "2026-01-14T09:30:59Z", "problem": "yesterday"}, None, id="in order"),
        pytest.param({"created_at": None}, None, id="unset"),
        pytest.param({"created_at": "yesterday"}, "yesterday", id="no time"),
        pytest.param({"created_at": "2026-01-14T09:30:59"}, "2026-01-14T09:30:59", id="no time zone"),
        pytest.param({"timeline": [{"at": ""}]}, "", id="deep inside"),
    ],
)
def test_what_is_no_time_is_found_wherever_it_stands(document, expected) -> None:
    assert odd_time(document) == expected
