"""Freeze windows: what is read and what is refused, and until when one holds."""

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.schedule import DAYS, FreezeWindow, frozen_until, parse_freeze, time_zone

DAY = 24 * 60


@pytest.mark.parametrize(
    ("text", "begin", "end", "time_zone"),
    [
        pytest.param("Fri 16:00-Mon 08:00 Europe/Berlin", 4 * DAY + 960, 480, "Europe/Berlin", id="over the weekend"),
        pytest.param("Mon 00:00-Mon 23:59 UTC", 0, 1439, "UTC", id="within a day"),
        pytest.param("Sat 00:00 - Sun 12:30 Etc/GMT+5", 5 * DAY, 6 * DAY + 750, "Etc/GMT+5", id="with spaces"),
        pytest.param("Tue 09:00-Tue 08:00 A/B_c/D", DAY + 540, DAY + 480, "A/B_c/D", id="almost a whole week"),
    ],
)
def test_a_window_of_the_week_is_read(text, begin, end, time_zone) -> None:
    assert parse_freeze(text) == FreezeWindow(begin, end, time_zone)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "written as day", id="empty"),
        pytest.param("weekends", "written as day", id="a word"),
        pytest.param("Fri 16:00-Mon 08:00", "written as day", id="no time zone"),
        pytest.param("Fri 16:00-Mon 08:00 Europe/Berlin please", "written as day", id="more than a window"),
        pytest.param("Friday 16:00-Mon 08:00 UTC", "The day", id="a long day"),
        pytest.param("fri 16:00-Mon 08:00 UTC", "The day", id="a small day"),
        pytest.param("Fri 24:00-Mon 08:00 UTC", "The time", id="hour 24"),
        pytest.param("Fri 16:60-Mon 08:00 UTC", "The time", id="minute 60"),
        pytest.param("Fri 4:00-Mon 08:00 UTC", "The time", id="one digit"),
        pytest.param("Fri 16:00-Mon 08:00 CET", "time zone", id="an abbreviation"),
        pytest.param("Fri 16:00-Mon 08:00 ../../etc/passwd", "time zone", id="a path"),
        pytest.param("Fri 16:00-Fri 16:00 UTC", "ends when it begins", id="nothing or everything"),
    ],
)
def test_what_is_no_window_is_refused_with_the_reason(text, said) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_freeze(text)


WEEKEND = "Fri 16:00-Mon 08:00 Europe/Berlin"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def until(text: str | None) -> datetime | None:
    return None if text is None else at(text)


@pytest.mark.parametrize(
    ("windows", "now", "end"),
    [
        pytest.param([WEEKEND], "2026-11-20T14:59:59", None, id="a second before it begins"),
        pytest.param([WEEKEND], "2026-11-20T15:00:00", "2026-11-23T07:00:00", id="as it begins"),
        pytest.param([WEEKEND], "2026-11-22T23:30:00", "2026-11-23T07:00:00", id="past midnight on Sunday there"),
        pytest.param([WEEKEND], "2026-11-23T06:59:59", "2026-11-23T07:00:00", id="a second before it ends"),
        pytest.param([WEEKEND], "2026-11-23T07:00:00", None, id="as it ends"),
        pytest.param([WEEKEND], "2026-07-03T14:00:00", "2026-07-06T06:00:00", id="in summer time"),
        pytest.param(["Mon 09:00-Mon 17:00 UTC"], "2026-11-23T12:00:00", "2026-11-23T17:00:00", id="within a day"),
        pytest.param(["Sun 23:00-Mon 01:00 UTC"], "2026-11-22T23:30:00", "2026-11-23T01:00:00", id="round the week"),
        pytest.param(["Mon 00:00-Tue 00:00 Pacific/Auckland"], "2026-11-22T11:00:00", "2026-11-23T11:00:00", id="east"),
        pytest.param(["Sun 12:00-Mon 00:00 America/Los_Angeles"], "2026-11-23T07:59:00", "2026-11-23T08:00:00",
                     id="west"),
        pytest.param([WEEKEND, "Mon 08:00-Mon 12:00 Europe/Berlin"], "2026-11-22T00:00:00", "2026-11-23T11:00:00",
                     id="two that touch"),
        pytest.param(["Mon 10:00-Mon 12:00 UTC", "Mon 08:00-Mon 11:00 UTC"], "2026-11-23T09:00:00",
                     "2026-11-23T12:00:00", id="two that overlap"),
        pytest.param(["Mon 10:00-Mon 11:00 UTC", "Mon 08:00-Mon 12:00 UTC"], "2026-11-23T10:30:00",
                     "2026-11-23T12:00:00", id="one within another"),
        pytest.param(["Mon 10:00-Mon 11:00 UTC", "Mon 11:01-Mon 12:00 UTC"], "2026-11-23T10:30:00",
                     "2026-11-23T11:00:00", id="two with a minute between"),
        pytest.param(["Tue 09:00-Tue 08:00 UTC"], "2026-11-23T12:00:00", "2026-11-24T08:00:00", id="almost a week"),
        pytest.param([], "2026-11-23T12:00:00", None, id="none at all"),
    ],
)  # fmt: skip
def test_a_freeze_holds_until(windows, now, end) -> None:
    assert frozen_until(windows, now=at(now)) == until(end)


@pytest.mark.parametrize(
    ("window", "now", "end"),
    [
        # Europe/Berlin, 29 March 2026: 02:00 CET is 03:00 CEST (01:00 UTC). 25 October: 03:00 CEST is 02:00 CET.
        pytest.param("Sat 12:00-Sun 12:00 Europe/Berlin", "2026-03-29T09:59:00", "2026-03-29T10:00:00",
                     id="into summer"),
        pytest.param("Sat 12:00-Sun 12:00 Europe/Berlin", "2026-10-25T10:59:00", "2026-10-25T11:00:00",
                     id="into winter"),
        pytest.param("Sun 00:00-Sun 02:30 Europe/Berlin", "2026-03-29T00:59:59", "2026-03-29T01:00:00",
                     id="an end that the clocks leap over"),
        pytest.param("Sun 00:00-Sun 02:30 Europe/Berlin", "2026-03-29T01:00:00", None, id="over as they leap"),
        pytest.param("Sun 02:30-Sun 04:00 Europe/Berlin", "2026-03-29T00:59:59", None, id="before a begin leapt over"),
        pytest.param("Sun 02:30-Sun 04:00 Europe/Berlin", "2026-03-29T01:00:00", "2026-03-29T02:00:00",
                     id="a begin that the clocks leap over"),
        pytest.param("Sun 02:10-Sun 02:50 Europe/Berlin", "2026-03-29T01:00:00", None, id="a window that never comes"),
        pytest.param("Sun 00:00-Sun 02:30 Europe/Berlin", "2026-10-25T00:45:00", "2026-10-25T01:30:00",
                     id="between two ends"),
        pytest.param("Sun 00:00-Sun 02:30 Europe/Berlin", "2026-10-25T01:30:00", None, id="after the second end"),
        pytest.param("Sun 02:30-Sun 04:00 Europe/Berlin", "2026-10-25T00:30:00", "2026-10-25T03:00:00",
                     id="from the first begin"),
        pytest.param("Sun 02:30-Sun 04:00 Europe/Berlin", "2026-10-25T01:15:00", "2026-10-25T03:00:00",
                     id="before the second begin"),
        pytest.param("Sun 01:45-Sun 02:15 Australia/Lord_Howe", "2026-10-03T15:20:00", "2026-10-03T15:30:00",
                     id="half an hour leapt over"),
        pytest.param("Thu 12:00-Fri 12:00 Pacific/Apia", "2011-12-30T09:59:00", "2011-12-30T10:00:00",
                     id="a day leapt over"),
    ],
)  # fmt: skip
def test_a_freeze_keeps_to_the_clocks_where_they_are_changed(window, now, end) -> None:
    assert frozen_until([window], now=at(now)) == until(end)


def test_the_moment_counts_and_not_the_zone_it_is_told_in() -> None:
    now = datetime(2026, 11, 21, 1, tzinfo=timezone(timedelta(hours=9)))
    assert frozen_until([WEEKEND], now=now) == at("2026-11-23T07:00:00")
    with pytest.raises(ValueError, match="time zone"):
        frozen_until([WEEKEND], now=now.replace(tzinfo=None))


@pytest.mark.parametrize("name", ["Mars/Olympus", "Europe/Berln", "Europe/", "../zone", "a" * 300, "Europe/\0"])
def test_an_unknown_time_zone_is_told_and_no_window_is_taken_as_over(name) -> None:
    with pytest.raises(ValueError, match="is not known here"):
        time_zone(name)


@pytest.mark.parametrize("window", ["weekends", "Fri 16:00-Mon 08:00 Mars/Olympus"])
def test_what_cannot_be_read_raises_even_beside_one_that_holds(window) -> None:
    with pytest.raises(ValueError, match=r"It is not written|is not known here"):
        frozen_until([WEEKEND, window], now=at("2026-11-22T12:00:00"))


MINUTES = st.integers(0, 7 * DAY - 1)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"])
MOMENTS = st.integers(0, 6 * 366 * DAY).map(lambda minutes: at("2024-01-01T00:00:00") + timedelta(minutes=minutes))


def written(minute: int) -> str:
    return f"{DAYS[minute // DAY]} {minute % DAY // 60:02}:{minute % 60:02}"


@given(MINUTES, MINUTES, ZONES, MOMENTS)
def test_away_from_changes_of_the_clocks_the_time_on_the_wall_decides(begin, end, zone, now) -> None:
    offsets = {(now + timedelta(days=day)).astimezone(ZoneInfo(zone)).utcoffset() for day in range(-9, 10)}
    if begin == end or len(offsets) > 1:
        return
    wall = now.astimezone(ZoneInfo(zone))
    minute = wall.weekday() * DAY + wall.hour * 60 + wall.minute
    is_frozen = begin <= minute < end if begin < end else minute >= begin or minute < end
    found = frozen_until([f"{written(begin)}-{written(end)} {zone}"], now=now)
    assert (found is not None) is is_frozen
    if found is not None:
        assert now < found <= now + timedelta(days=7)
        assert frozen_until([f"{written(begin)}-{written(end)} {zone}"], now=found) is None


@given(MINUTES, MINUTES, ZONES, MOMENTS)
def test_a_freeze_ends_once_and_for_all(begin, end, zone, now) -> None:
    if begin == end:
        return
    windows = [f"{written(begin)}-{written(end)} {zone}"]
    found = frozen_until(windows, now=now)
    if found is not None:
        assert frozen_until(windows, now=found - timedelta(seconds=1)) == found
        assert frozen_until(windows, now=found) is None
