"""Drift per week: a row of bars for each environment, and the same numbers as a table."""

from collections.abc import Sequence

from workflowops.core.figures import DriftWeek
from workflowops.core.page.markup import element, text
from workflowops.core.status import EnvironmentStatus
from workflowops.core.text.page import week_told
from workflowops.core.text.plain import count

_WEEK = 26
_BAR = 18
_HIGH = 64
_TOP = 20
_KEY = "A dot is a week in which no drift was found, a dashed line one in which nobody looked."
_ROOM = 3  # weeks that the name of a month takes


def drift_plot(weeks: Sequence[DriftWeek], columns: Sequence[EnvironmentStatus]) -> str:
    """Answer the plot with one scale for all environments; a week in which nobody looked has no bar and no zero."""
    if not weeks or not columns:
        return ""
    highest = max((number for week in weeks for number in week.detections.values()), default=0)
    rows = [_row(number, column, weeks, max(highest, 1)) for number, column in enumerate(columns)]
    return element("p", _KEY, class_="quiet") + element("div", *rows, class_="plots") + _table(weeks, columns)


def _row(number: int, column: EnvironmentStatus, weeks: Sequence[DriftWeek], highest: int) -> str:
    width = _WEEK * len(weeks)
    found = [week.detections.get(column.name) for week in weeks]
    total, observed = sum(each or 0 for each in found), sum(each is not None for each in found)
    told = f"{count(total, 'time')} in {count(observed, 'week')} observed"
    key = f"plot{number}"
    picture = element(
        "svg",
        element("title", text(f"Drift found in {column.title}, per week"), id=f"{key}t"),
        element("desc", text(f"{told}. The table below has the numbers."), id=f"{key}d"),
        element("line", x1=0, y1=_TOP + _HIGH + 0.5, x2=width, y2=_TOP + _HIGH + 0.5, class_="axis"),
        *(_bar(place, week, each, highest) for place, (week, each) in enumerate(zip(weeks, found, strict=True))),
        *_months(weeks),
        viewBox=f"0 0 {width} {_TOP + _HIGH + 22}",
        role="img",
        aria_labelledby=f"{key}t {key}d",
    )
    heading = element("h4", text(column.title), " ", element("span", text(told), class_="quiet"), id=f"{key}h")
    scrolled = element("div", picture, class_="scroll plot", tabindex=0, role="group", aria_labelledby=f"{key}h")
    return element("section", heading, scrolled, aria_labelledby=f"{key}h")


def _bar(place: int, week: DriftWeek, detections: int | None, highest: int) -> str:
    x = place * _WEEK + (_WEEK - _BAR) / 2
    base = _TOP + _HIGH
    title = element("title", text(f"{week.week}, from {week.starts_on}: {week_told(detections)}"))
    if detections is None:
        mark = element("rect", x=x, y=base - 3, width=_BAR, height=2, class_="unobserved")
    elif detections == 0:
        mark = element("circle", cx=x + _BAR / 2, cy=base - 4, r=2, class_="none")
    else:
        tall = max(6.0, _HIGH * detections / highest)
        label = element("text", text(str(detections)), x=x + _BAR / 2, y=f"{base - tall - 5:.0f}", class_="number")
        bar = element("rect", x=x, y=f"{base - tall:.1f}", width=_BAR, height=f"{tall:.1f}", rx=2, class_="bar")
        mark = bar + label
    return element("g", title, mark)


def _months(weeks: Sequence[DriftWeek]) -> list[str]:
    """Name a month below the first week that starts in it, where there is room."""
    labels: list[str] = []
    months = [week.starts_on[:7] for week in weeks]
    for place, month in enumerate(months):
        is_first = place == 0 or months[place - 1] != month
        if is_first and months[place : place + _ROOM] == [month] * _ROOM:
            labels.append(element("text", text(month), x=place * _WEEK + 4, y=_TOP + _HIGH + 17, class_="month"))
    return labels


def _table(weeks: Sequence[DriftWeek], columns: Sequence[EnvironmentStatus]) -> str:
    head = [element("th", text(each.title), scope="col") for each in columns]
    rows = [
        element(
            "tr",
            element("th", text(week.week), scope="row"),
            *(element("td", text(week_told(week.detections.get(each.name)))) for each in columns),
        )
        for week in reversed(weeks)
    ]
    table = element(
        "table",
        element("caption", "How often drift was found, by week and environment"),
        element("thead", element("tr", element("th", "Week", scope="col"), *head)),
        element("tbody", *rows),
        class_="numbers-table",
    )
    scrolled = element("div", table, class_="scroll", tabindex=0, role="group", aria_label="Drift per week, as a table")
    return element("details", element("summary", "The same as a table"), scrolled)
