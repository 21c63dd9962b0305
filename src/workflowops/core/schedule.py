"""Times of the week at which nothing is promoted: how they are written."""

import re
from dataclasses import dataclass

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
