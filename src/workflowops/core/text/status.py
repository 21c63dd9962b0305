"""What runs where, what is open and what it took, for the terminal and the step summary."""

from collections.abc import Iterator, Sequence

from workflowops.core.records import DriftStatus
from workflowops.core.secrets import mask_text
from workflowops.core.status import EnvironmentStatus, Freshness, OpenIncident, OpenPromotion, StatusReport
from workflowops.core.text.fold import folded
from workflowops.core.text.incident_words import lasted
from workflowops.core.text.markdown import joined
from workflowops.core.text.plain import count, cut, log_safe, moment, padded, visible
from workflowops.core.text.status_markdown import fitted, report_blocks
from workflowops.core.text.status_matrix import details_lines, matrix_lines
from workflowops.core.text.status_words import (
    approval_told,
    claim_told,
    figures_told,
    incident_told,
    standing_told,
)
from workflowops.core.text.style import Style
from workflowops.core.text.words import place

MOST_BYTES = 900_000
_MOST_NAMED = 20
_MOST_WORKFLOWS_NAMED = 3
_LONGEST_NAME = 120
_LONGEST_WORD = 60
_WEEK = 5


def render_status(report: StatusReport, *, style: Style, shows_details: bool = False) -> str:
    """Tell where every environment stands, the matrix, what is open, the unmanaged workflows, then the figures.

    No line is wider than the terminal. With `shows_details` every workflow is told in full instead of the matrix.
    """
    blocks = [
        [line for each in report.environments for line in _environment(each, style)]
        or ["No environment is configured."],
        [*_problems(report, style)],
        [*_workflows(report, style, shows_details=shows_details)],
        [*_incidents(report.incidents, style)],
        [*_promotions(report.promotions, style)],
        [*_locks(report, style)],
        [*_unmanaged(report, style)],
        [*_figures(report, style)],
    ]
    return log_safe("\n".join(joined(blocks)))


def summary_status(report: StatusReport) -> str:
    """Tell the same in Markdown: under GitHub's limit, what does not fit is counted."""
    lines = fitted(
        lambda rows: ["## Status", "", *joined(report_blocks(report, most_rows=rows))],
        most=MOST_BYTES,
        measure=lambda text: len(text.encode("utf-8", "replace")),
    )
    return "\n".join(lines) + "\n"


def _environment(each: EnvironmentStatus, style: Style) -> Iterator[str]:
    line = f"{place(each.title, each.name)}: {standing_told(each)}"
    yield from (_stand_painted(part, each, style) for part in folded(line, style.width))
    checked = f"checked {moment(each.checked_at)}, synced {moment(each.synced_at)}"
    yield from (style.quiet(part) for part in folded(checked, style.width, indent="  "))
    if each.problem:
        yield from folded(visible(mask_text(each.problem)), style.width, indent="  ! ", hanging="    ")


def _stand_painted(line: str, each: EnvironmentStatus, style: Style) -> str:
    match each.drift_status:
        case DriftStatus.UNKNOWN:
            return style.alarming(line)
        case DriftStatus.DRIFT_DETECTED:
            return style.bad(line)
        case DriftStatus.NEW:
            return style.notable(line)
        case DriftStatus.IN_SYNC:
            return style.good(line) if each.freshness is Freshness.FRESH else style.notable(line)


def _problems(report: StatusReport, style: Style) -> Iterator[str]:
    for each in report.problems:
        told = f"Not read: {visible(mask_text(each))}"
        yield from (style.alarming(line) for line in folded(told, style.width, hanging="  "))


def _workflows(report: StatusReport, style: Style, *, shows_details: bool) -> Iterator[str]:
    if not report.workflows:
        yield "No source-managed workflow to show."
    elif shows_details:
        for row in report.workflows:
            yield from details_lines(row, report.environments, taken_at=report.taken_at, style=style)
    else:
        yield from matrix_lines(report.workflows, report.environments, taken_at=report.taken_at, style=style)


def _incidents(incidents: Sequence[OpenIncident], style: Style) -> Iterator[str]:
    if not incidents:
        return
    yield style.strong(count(len(incidents), "open incident"))
    for each in incidents:
        number = "(no issue yet)" if each.number is None else f"#{each.number}"
        assigned = f", assigned to {_named(each.assigned)}" if each.assigned else ", assigned to nobody"
        line = f"{number} {_named(each.environment)}: {incident_told(each)}{assigned}"
        paint = style.notable if each.drift_is_gone else style.bad
        yield from (paint(part) for part in folded(line, style.width, indent="  ", hanging="    "))
        yield from folded(workflows_named(each.workflows), style.width, indent="    ")


def workflows_named(names: Sequence[str]) -> str:
    """Name the first workflows and count the others."""
    told = ", ".join(
        cut(visible(mask_text(name)), _LONGEST_WORD) or "(no name)" for name in names[:_MOST_WORKFLOWS_NAMED]
    )
    more = len(names) - _MOST_WORKFLOWS_NAMED
    return f"{told} and {more:,} more" if more > 0 else told


def _promotions(promotions: Sequence[OpenPromotion], style: Style) -> Iterator[str]:
    if not promotions:
        return
    yield style.strong(count(len(promotions), "open promotion"))
    for each in promotions:
        number = "" if each.pull_request is None else f" (#{each.pull_request})"
        way = f"{_named(each.source)} to {_named(each.target)}" if each.source else f"to {_named(each.target)}"
        by = f" ({', '.join(map(_named, each.approved_by))})" if each.approved_by else ""
        line = f"{_named(each.promotion_id)}{number}, {each.kind} {way}: {count(each.workflows, 'workflow')}"
        yield from (style.notable(part) for part in folded(line, style.width, indent="  ", hanging="    "))
        yield from folded(f"{approval_told(each)}{by}", style.width, indent="    ")
        if each.problem:
            told = folded(visible(mask_text(each.problem)), style.width, indent="    ! ", hanging="      ")
            yield from (style.bad(part) for part in told)


def _locks(report: StatusReport, style: Style) -> Iterator[str]:
    for lock in report.locks:
        line = (
            f"Closed for promotions: {_named(lock.environment)}, by {_named(lock.locked_by)} "
            f"for {lasted(lock.age_seconds)}: {visible(mask_text(lock.reason))}"
        )
        yield from (style.notable(part) for part in folded(line, style.width, hanging="  "))
    for claim in report.claims or ():
        line = f"Claim {_named(claim.name)}: {claim_told(claim)} ({_named(claim.owner)}, {_named(claim.reason)})"
        paint = style.bad if claim.is_unreadable else style.quiet
        yield from (paint(part) for part in folded(line, style.width, hanging="  "))


def _unmanaged(report: StatusReport, style: Style) -> Iterator[str]:
    workflows = report.unmanaged
    if not workflows:
        return
    yield from (
        style.strong(line) for line in folded(f"{count(len(workflows), 'unmanaged workflow')}, not in Git", style.width)
    )
    for each in workflows[:_MOST_NAMED]:
        name = cut(visible(mask_text(each.name)) or "(no name)", _LONGEST_NAME)
        line = f"{visible(each.environment)}: {name} (n8n id {visible(each.workflow_id)})"
        yield from folded(line, style.width, indent="  ", hanging="    ")
    if len(workflows) > _MOST_NAMED:
        yield from folded(f"and {len(workflows) - _MOST_NAMED:,} more; --json lists them all", style.width, indent="  ")


def _figures(report: StatusReport, style: Style) -> Iterator[str]:
    yield from (
        style.strong(line) for line in folded(f"Figures since {report.figures.since}, from the records", style.width)
    )
    for title, value in figures_told(report.figures):
        yield from folded(f"{title}: {value}", style.width, indent="  ", hanging="    ")
    yield from _drift_weeks(report, style)


def _drift_weeks(report: StatusReport, style: Style) -> Iterator[str]:
    """Draw a line an environment and a column a week, as many of the latest weeks as fit."""
    names = sorted({name for week in report.figures.drift_weeks for name in week.detections})
    if not names:
        return
    first = min(24, max(len("  found drift"), *(len(visible(name)) + 4 for name in names)))
    weeks = report.figures.drift_weeks[-max(1, min(12, (style.width - first) // _WEEK)) :]
    yield style.quiet(padded("  found drift", first) + "".join(f"{each.week[-3:]:>{_WEEK}}" for each in weeks))
    for name in names:
        numbers = [each.detections.get(name) for each in weeks]
        cells = "".join(f"{'-' if number is None else f'{number:,}':>{_WEEK}}" for number in numbers)
        yield padded(f"    {visible(name)}", first) + cells


def _named(text: str) -> str:
    return cut(visible(mask_text(text)), _LONGEST_WORD)
