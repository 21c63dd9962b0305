"""Times of the week at which nothing is promoted: how they are written, and until when one lasts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

_WEEK = 7 * 24 * 60
_SECOND = timedelta(seconds=1)

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_WINDOW = re.compile(
    r"(?P<from_day>[A-Za-z]+) (?P<from_time>[0-9:]+) ?- ?"
    r"(?P<to_day>[A-Za-z]+) (?P<to_time>[0-9:]+) (?P<zone>\S+)"
)
_TIME = re.compile(r"(?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])")
_ZONE = re.compile(r"UTC|[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+")


@dataclass(frozen=True, slots=True)
class FreezeWindow:
    """A part of every week. Begin and end are minutes since Monday 00:00 in the time zone; past the end of Sunday the
    week goes round, so that the end can be the smaller number.
    """

    begin: int
    end: int
    time_zone: str


def parse_freeze(text: str) -> FreezeWindow:
    """Read `Fri 16:00-Mon 08:00 Europe/Berlin`. Raises ValueError that says what is wrong.

    Whether the time zone exists is not asked here: that takes a look at this machine's time zone data.
    """
    window = _WINDOW.fullmatch(text.strip())
    if window is None:
        raise ValueError("It is not written as day, time, `-`, day, time, time zone.")
    begin = _minute_of_week(window["from_day"], window["from_time"])
    end = _minute_of_week(window["to_day"], window["to_time"])
    if begin == end:
        raise ValueError("It ends when it begins.")
    if _ZONE.fullmatch(window["zone"]) is None:
        raise ValueError("The time zone is not UTC or a name such as Europe/Berlin.")
    return FreezeWindow(begin, end, window["zone"])


def _minute_of_week(day: str, time: str) -> int:
    if day not in DAYS:
        raise ValueError(f"The day is not one of {', '.join(DAYS)}.")
    clock = _TIME.fullmatch(time)
    if clock is None:
        raise ValueError("The time is not between 00:00 and 23:59, with two digits each.")
    return (DAYS.index(day) * 24 + int(clock["hour"])) * 60 + int(clock["minute"])


def frozen_until(windows: Sequence[str], *, now: datetime) -> datetime | None:
    """Answer when the freeze that holds at `now` ends (UTC), windows without a gap joined; None when none holds.

    A window begins the first time that its clock shows the time and ends the last time, so that an hour which comes
    twice is frozen both times; where the clocks leap over a time, the moment of the leap stands for it. It looks three
    weeks ahead at most. Raises ValueError when a window or its time zone cannot be read: then nobody knows. Time zones
    are those of this machine (IANA, `zoneinfo`).
    """
    if now.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    moment = now.astimezone(UTC)
    spans = sorted(span for text in windows for span in _spans(parse_freeze(text), around=moment))
    end: datetime | None = None
    for begin, over in spans:
        if begin <= (end or moment) < over:
            end = over
    return end


def time_zone(name: str) -> tzinfo:
    """Answer a time zone by its IANA name. Raises ValueError when this machine does not know it."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError(f"The time zone {name} is not known here.") from error


def _spans(window: FreezeWindow, *, around: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Answer begin and end of a window (UTC) in the weeks from the one before to the one after next."""
    zone = time_zone(window.time_zone)
    local = around.astimezone(zone).replace(tzinfo=None)
    monday = datetime.combine(local.date() - timedelta(days=local.weekday()), datetime.min.time())
    length = window.end - window.begin + (0 if window.begin < window.end else _WEEK)
    for week in range(-2, 3):
        begin = monday + timedelta(weeks=week, minutes=window.begin)
        yield _first(begin, zone), _last(begin + timedelta(minutes=length), zone)


def _first(local: datetime, zone: tzinfo) -> datetime:
    return min(_moments(local, zone))


def _last(local: datetime, zone: tzinfo) -> datetime:
    return max(_moments(local, zone))


def _moments(local: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """Answer the moments at which clocks show a time: two equal ones mostly; the leap itself where they never do."""
    early, late = sorted(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late or early.astimezone(zone).replace(tzinfo=None) == local:
        return early, late
    before = early.astimezone(zone).utcoffset()
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    leap = late.replace(microsecond=0)
    return leap, leap
