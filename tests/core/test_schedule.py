"""Freeze windows: what is read and what is refused."""

import re

import pytest

from workflowops.core.schedule import FreezeWindow, parse_freeze

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
