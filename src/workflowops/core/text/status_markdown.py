"""What runs where, what is open and what it took, as Markdown for GitHub."""

from collections.abc import Callable, Iterator, Sequence

from workflowops.core.secrets import mask_text
from workflowops.core.status import OpenIncident, OpenPromotion, StatusReport, WorkflowRow
from workflowops.core.status_matrix import worst_first
from workflowops.core.text.incident_words import lasted
from workflowops.core.text.markdown import code, details, escaped, table
from workflowops.core.text.plain import count, cut, moment
from workflowops.core.text.status_words import (
    BEHIND,
    BEHIND_TOLD,
    STALE_TOLD,
    approval_told,
    cell_told,
    claim_told,
    figures_told,
    incident_told,
    is_notable,
    standing_told,
)
from workflowops.core.text.words import place

MOST_ROWS = 1_000
_LONGEST_NAME = 120
_LONGEST_TEXT = 1_000
_MOST_NAMED = 3

Block = list[str]


def fitted(write: Callable[[int], Sequence[str]], *, most: int, measure: Callable[[str], int]) -> Sequence[str]:
    """Answer what `write` makes of the largest number of rows that fits, each try with half as many as the one before.

    `measure` is the size of a text in the unit of `most`. Without any row it is answered as it is.
    """
    rows = MOST_ROWS
    while rows and measure("\n".join(write(rows))) > most:
        rows //= 2
    return write(rows)


def report_blocks(report: StatusReport, *, most_rows: int) -> tuple[Block, ...]:
    """Answer the blocks of a report; every list shows at most so many rows and counts the others."""
    return (
        _environments(report, most_rows),
        _problems(report, most_rows),
        _incidents(report.incidents, most_rows),
        _promotions(report.promotions, most_rows),
        _locks(report, most_rows),
        *_matrix(report, most_rows),
        _unmanaged(report, most_rows),
        _figures(report),
        _drift_weeks(report),
    )


def _environments(report: StatusReport, most: int) -> Block:
    if not report.environments:
        return ["No environment is configured."]
    rows = [
        [
            escaped(place(each.title, each.name)),
            escaped(standing_told(each)),
            escaped(moment(each.checked_at)),
            escaped(moment(each.synced_at)),
        ]
        for each in report.environments
    ]
    told = [
        f"- {escaped(place(each.title, each.name))}: {_text(each.problem)}"
        for each in report.environments[:most]
        if each.problem
    ]
    return [*table(["Environment", "Stands", "Checked", "Synced"], rows), *(["", *told] if told else [])]


def _problems(report: StatusReport, most: int) -> Block:
    if not report.problems:
        return []
    told = [f"> Not read: {_text(each)}" for each in report.problems[:most]]
    return ["> [!WARNING]", *told, *_left_out(len(report.problems) - len(told))]


def _incidents(incidents: Sequence[OpenIncident], most: int) -> Block:
    if not incidents:
        return []
    rows = [
        [
            "(no issue yet)" if each.number is None else f"#{each.number}",
            escaped(_short(each.environment)),
            escaped(incident_told(each)),
            escaped(_short(each.assigned)) if each.assigned else "nobody",
            _names(each.workflows),
        ]
        for each in incidents[:most]
    ]
    header = ["Incident", "Environment", "Stands", "Assigned to", "Workflows"]
    return [f"### {count(len(incidents), 'open incident')}", "", *table(header, rows), *_rest(incidents, rows)]


def _promotions(promotions: Sequence[OpenPromotion], most: int) -> Block:
    if not promotions:
        return []
    rows = [
        [
            _link(_short(each.promotion_id), each.url),
            escaped(f"{_short(each.source)} to {_short(each.target)}" if each.source else f"to {_short(each.target)}"),
            f"{each.workflows:,}",
            _approval(each),
        ]
        for each in promotions[:most]
    ]
    header = ["Promotion", "Way", "Workflows", "Stands"]
    return [f"### {count(len(promotions), 'open promotion')}", "", *table(header, rows), *_rest(promotions, rows)]


def _approval(each: OpenPromotion) -> str:
    by = f" ({', '.join(map(_short, each.approved_by))})" if each.approved_by else ""
    problem = f"<br>{_text(each.problem)}" if each.problem else ""
    return f"{escaped(cut(approval_told(each) + by, _LONGEST_TEXT))}{problem}"


def _locks(report: StatusReport, most: int) -> Block:
    locks = [
        f"- **{escaped(_short(each.environment))}** is closed for promotions, by {escaped(_short(each.locked_by))} "
        f"for {lasted(each.age_seconds)}: {_text(each.reason)}"
        for each in report.locks
    ]
    claims = [
        f"- Claim {code(_short(each.name))}: {escaped(claim_told(each))} "
        f"({escaped(_short(each.owner))}, {_text(each.reason)})"
        for each in report.claims or ()
    ]
    lines = [*locks, *claims]
    return ["### Locks", "", *lines[:most], *_left_out(len(lines) - len(lines[:most]))] if lines else []


def _matrix(report: StatusReport, most: int) -> Iterator[Block]:
    """Show what somebody has to look at, and fold the calm rows away below it."""
    if not report.workflows:
        yield ["No source-managed workflow is known yet."]
        return
    ordered = worst_first(report.workflows)
    calm = [row for row in ordered if _is_calm(row)]
    notable = [row for row in ordered if not _is_calm(row)]
    title = f"### {count(len(ordered), 'source-managed workflow')}"
    if notable:
        yield [title, "", *_rows(notable, report, most)]
    else:
        yield [title, "", "All of them are in sync, wherever they are."]
    if calm:
        yield details(f"{count(len(calm), 'workflow')} in sync everywhere", _rows(calm, report, most - len(notable)))
    told = " ".join(cell_told(cell, taken_at=report.taken_at) for row in ordered for cell in row.cells.values())
    yield [escaped(meaning) for sign, meaning in ((BEHIND, BEHIND_TOLD), ("was ", STALE_TOLD)) if sign in told]


def _is_calm(row: WorkflowRow) -> bool:
    return all(cell.is_calm and not cell.published_behind for cell in row.cells.values())


def _rows(rows: Sequence[WorkflowRow], report: StatusReport, most: int) -> Block:
    names = [each.name for each in report.environments]
    shown = rows[: max(most, 0)]
    if not shown:
        return _left_out(len(rows))
    lines = [[code(_short(row.slug)), *(_cell(row, name, report) for name in names)] for row in shown]
    return [
        *table(["Workflow", *(escaped(_short(name)) for name in names)], lines),
        *_left_out(len(rows) - len(shown)),
    ]


def _cell(row: WorkflowRow, environment: str, report: StatusReport) -> str:
    cell = row.cells.get(environment)
    word = escaped(cell_told(cell, taken_at=report.taken_at))
    if cell is None:
        return word
    promoted = f" ({escaped(_short(cell.last_promotion))})" if cell.last_promotion else ""
    return f"**{word}**{promoted}" if is_notable(cell) else f"{word}{promoted}"


def _unmanaged(report: StatusReport, most: int) -> Block:
    if not report.unmanaged:
        return []
    rows = [
        [escaped(_short(each.environment)), code(_short(each.name) or "(no name)"), code(_short(each.workflow_id))]
        for each in report.unmanaged[:most]
    ]
    title = f"{count(len(report.unmanaged), 'unmanaged workflow')}, not in Git"
    return details(title, [*table(["Environment", "Workflow", "n8n id"], rows), *_rest(report.unmanaged, rows)])


def _figures(report: StatusReport) -> Block:
    rows = [[escaped(title), escaped(value)] for title, value in figures_told(report.figures)]
    return [f"### Figures since {report.figures.since}", "", *table(["Figure", "From the records"], rows)]


def _drift_weeks(report: StatusReport) -> Block:
    """Tell how often drift was found, week by week; a week without a baseline says nothing."""
    names = sorted({name for week in report.figures.drift_weeks for name in week.detections})
    if not names:
        return []
    rows = [
        [week.week, *("-" if (number := week.detections.get(name)) is None else f"{number:,}" for name in names)]
        for week in reversed(report.figures.drift_weeks)
        if week.detections
    ]
    return details(
        f"How often drift was found in the last {count(len(rows), 'week')}",
        table(["Week", *(escaped(_short(name)) for name in names)], rows),
    )


def _names(names: Sequence[str]) -> str:
    told = ", ".join(code(_short(name) or "(no name)") for name in names[:_MOST_NAMED])
    more = len(names) - _MOST_NAMED
    return f"{told} and {more:,} more" if more > 0 else told


def _link(text: str, url: str | None) -> str:
    """Link to an address of ours; one that could end the link is left out."""
    if (
        url is None
        or not url.startswith("https://")
        or any(sign in url for sign in "()<>|\\ \"'`")
        or not url.isprintable()
    ):
        return escaped(text)
    return f"[{escaped(text)}]({url})"


def _rest(all_of: Sequence[object], rows: Sequence[object]) -> Block:
    return _left_out(len(all_of) - len(rows))


def _left_out(number: int) -> Block:
    return ["", f"{number:,} more left out here; `workflowops status --json` has them all."] if number > 0 else []


def _short(text: str | None) -> str:
    return cut(mask_text(text or ""), _LONGEST_NAME)


def _text(text: str | None) -> str:
    return escaped(cut(mask_text(text or ""), _LONGEST_TEXT))
