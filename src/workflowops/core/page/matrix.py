"""The matrix of source-managed workflows by environment, and what stands above and below it."""

from workflowops.core.page.markup import element, named, nothing, text, timed
from workflowops.core.status import (
    Cell,
    CellKind,
    EnvironmentStatus,
    Freshness,
    StatusReport,
    UnmanagedWorkflow,
    WorkflowRow,
)
from workflowops.core.status_matrix import worst_first
from workflowops.core.text.page import cell_look, cell_notes, cell_told, checked_told, counted, environment_told
from workflowops.core.text.plain import count, moment
from workflowops.core.text.words import place

_FILTERS = (
    ("all", "All"),
    ("drift", "Drifted"),
    ("pending", "Newer in Git"),
    ("unsure", "Not proven"),
    ("sync", "In sync everywhere"),
)
_MOST_UNMANAGED = 200


def environments(report: StatusReport) -> str:
    """Answer one card for each environment."""
    closed = {lock.environment for lock in report.locks}
    return element(
        "ul",
        *(_card(each, is_locked=each.name in closed) for each in report.environments),
        class_="cards",
        aria_label="Environments",
    )


def _card(status: EnvironmentStatus, *, is_locked: bool) -> str:
    told, look = environment_told(status)
    numbers = [
        element("li", element("strong", f"{number:,}"), " ", text(words)) for number, words in counted(status.counts)
    ]
    return element(
        "li",
        element("h3", text(place(status.title, status.name))),
        element("p", chip(told, look)),
        element("ul", *numbers, class_="numbers") if numbers else "",
        element("p", named(status.problem), class_="problem") if status.problem else "",
        element("p", "Closed for promotions.", class_="problem") if is_locked else "",
        element("p", text(_sentence(checked_told(status))), class_="quiet"),
        class_=f"card {look}",
    )


def matrix(report: StatusReport, *, linked: frozenset[str]) -> str:
    """Answer the table, the worst rows first; `linked` are the promotions that the page tells further below."""
    if not report.workflows and report.problems:
        return nothing("", is_whole=False)
    if not report.workflows:
        command = element("code", "workflowops onboard")
        return element("p", "Git manages no workflow yet. ", command, " brings them there.")
    columns = [element("th", text(each.title), scope="col", role="columnheader") for each in report.environments]
    head = element("tr", element("th", "Workflow", scope="col", role="columnheader"), *columns, role="row")
    rows = (_row(row, report.environments, linked) for row in worst_first(report.workflows))
    table = element(
        "table",
        element("caption", "Source-managed workflows by environment, what needs a look first", class_="unseen"),
        element("thead", head, role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        role="table",
        class_="matrix",
    )
    return _filters(report) + element("div", table, class_="wide")


def chip(told: str, look: str) -> str:
    """Answer a state in words, coloured, with a shape of its own before it."""
    return element("span", element("span", class_="dot", aria_hidden="true"), text(told), class_=f"chip {look}")


def _filters(report: StatusReport) -> str:
    states = [_states(row) for row in report.workflows]
    choices = []
    for value, label in _FILTERS:
        number = len(states) if value == "all" else sum(value in each for each in states)
        box = element("input", type="radio", name="state", value=value, checked=value == "all")
        choices.append(element("label", box, element("span", f"{label} ", element("b", f"{number:,}"))))
    find = element("label", "Name or slug ", element("input", type="search", id="find", autocomplete="off"))
    return element(
        "form",
        element("fieldset", element("legend", "Show"), *choices),
        find,
        element("p", count(len(states), "workflow"), id="shown", role="status"),
        id="filters",
        class_="filters",
        hidden=True,
    )


def _states(row: WorkflowRow) -> list[str]:
    cells = row.cells.values()
    states = ["drift"] if any(cell.kind in (CellKind.DRIFTED, CellKind.MISSING) for cell in cells) else []
    states += ["pending"] if any(cell.kind is CellKind.PENDING for cell in cells) else []
    is_unsure = (CellKind.UNKNOWN, CellKind.NOT_CHECKED)
    if any(cell.kind in is_unsure or cell.freshness is not Freshness.FRESH for cell in cells):
        states.append("unsure")
    return [*states, "sync"] if row.cells and all(cell.is_calm for cell in cells) else states


def _row(row: WorkflowRow, columns: tuple[EnvironmentStatus, ...], linked: frozenset[str]) -> str:
    slug = element("span", named(row.slug, empty=""), class_="slug") if row.slug != row.name else ""
    return element(
        "tr",
        element("th", named(row.name), slug, scope="row", role="rowheader"),
        *(_cell(row.cells.get(column.name), column, linked) for column in columns),
        role="row",
        data_states=" ".join(_states(row)),
    )


def _cell(cell: Cell | None, column: EnvironmentStatus, linked: frozenset[str]) -> str:
    where = element("span", text(column.title), class_="where", aria_hidden="true")
    if cell is None:
        absent = element("span", "\u2013", aria_hidden="true") + element(
            "span", "not in this environment", class_="unseen"
        )
        return element("td", where, element("span", absent, class_="absent"), role="cell")
    lines = [element("span", text(note), class_="note") for note in cell_notes(cell)]
    if cell.last_promotion is not None:
        name = text(cell.last_promotion)
        told = element("a", name, href=f"#{cell.last_promotion}") if cell.last_promotion in linked else name
        day = moment(cell.promoted_at)[:10] if cell.promoted_at else ""
        lines.append(element("span", told, text(f" {day}"), class_="note"))
    value = element("span", chip(cell_told(cell), cell_look(cell)), *lines, class_="value")
    return element("td", where, value, role="cell")


def unmanaged(report: StatusReport) -> str:
    """Answer what instances have and Git does not, by environment."""
    if not report.unmanaged:
        told = "As far as the environments were read, Git manages every workflow that they have."
        return nothing(told, is_whole=not report.problems)
    parts = []
    for column in report.environments:
        found = [each for each in report.unmanaged if each.environment == column.name]
        if found:
            parts.append(_unmanaged_in(column, found))
    return "".join(parts)


def _unmanaged_in(column: EnvironmentStatus, found: list[UnmanagedWorkflow]) -> str:
    items = [
        element(
            "li",
            named(each.name),
            " ",
            element("code", text(each.workflow_id)),
            " first seen " + timed(each.first_seen) if each.first_seen else "",
        )
        for each in found[:_MOST_UNMANAGED]
    ]
    more = len(found) - _MOST_UNMANAGED
    return element(
        "details",
        element("summary", text(f"{column.title}: {count(len(found), 'unmanaged workflow')}")),
        element("ul", *items, class_="plain"),
        element("p", f"{more:,} more are not listed here.") if more > 0 else "",
    )


def _sentence(told: str) -> str:
    return f"{told[:1].upper()}{told[1:]}."
