"""The status page: what it says, what it never says, and that names are nothing but names."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from tests.builders import ANY_TEXT, LAW
from tests.core.page.graphs import document, hot_fix, kept, row_of, stored
from tests.core.page.reading import Seen, seen
from tests.core.page.reports import (
    EVERY_ATTACK,
    SYNC,
    calm,
    drawings,
    environment,
    eventful,
    hostile,
    hostile_drawings,
)
from tests.core.statuses import shop
from tests.core.text.incidents import closed
from tests.core.text.promotions import done

from workflowops.core.drawing import draw
from workflowops.core.figures import Figures, Spread
from workflowops.core.page.document import PageDrawings, page
from workflowops.core.page.look import SCRIPT, STYLE
from workflowops.core.page.timelines import MOST_TOLD
from workflowops.core.records import DriftStatus
from workflowops.core.status import CellKind, Freshness, History, StatusReport, WorkflowRow
from workflowops.core.text.page import cell_look, cell_notes, cell_told, environment_told

CALM = "Every workflow that Git manages runs as Git says."
TAGS = {
    "a", "b", "bdi", "body", "caption", "circle", "code", "dd", "desc", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "g", "h1", "h2", "h3", "h4", "head", "header", "html", "input", "label",
    "legend", "li", "line", "main", "meta", "nav", "ol", "p", "path", "polygon", "rect", "script", "section", "span",
    "strong", "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "time", "title", "tr", "ul",
}  # fmt: skip


def shown(report: StatusReport, kept_drawings: PageDrawings | None = None) -> Seen:
    return seen(page(report, kept_drawings or PageDrawings(), repository="acme/workflows"))


def faults(found: Seen) -> list[str]:
    """Everything by which a page could do more than be read."""
    events = [name for _, attributes in found.elements for name in attributes if name.startswith("on")]
    foreign = [name for name, _ in found.elements if name not in TAGS]
    links = [each for each in found.values("href") if not each.startswith(("https://", "http://", "#"))]
    loads = [name for _, attributes in found.elements for name in attributes if name in ("src", "srcset", "action")]
    ids = found.values("id")
    doubled = sorted({each for each in ids if ids.count(each) > 1})
    scripts = [] if len(found.all("script")) == 1 and len(found.all("style")) == 1 else ["script or style"]
    return [*events, *foreign, *links, *loads, *doubled, *scripts, *found.unclosed]


@pytest.mark.parametrize("text", EVERY_ATTACK.values(), ids=EVERY_ATTACK.keys())
def test_no_name_becomes_markup(text) -> None:
    html = page(hostile(text), hostile_drawings(text), repository=text)
    assert faults(seen(html)) == []
    assert html.count("<script>") == html.count("</script>") == html.count("<style>") == 1
    assert "\u202e" not in html
    assert "\x1b" not in html


@LAW
@given(ANY_TEXT)
def test_whatever_a_name_holds_the_page_stays_a_page(text) -> None:
    html = page(hostile(text), hostile_drawings(text), repository=text)
    assert faults(seen(html)) == []
    html.encode("utf-8")


@pytest.mark.parametrize("report", [calm(), eventful(), shop()], ids=["calm", "eventful", "one of everything"])
def test_a_page_is_well_formed_and_asks_for_nothing(report) -> None:
    html = page(report, drawings())
    assert faults(seen(html)) == []
    assert "@import" not in STYLE
    assert "url(" not in STYLE
    assert "fetch" not in SCRIPT
    assert "default-src 'none'" in html


def test_the_same_report_gives_the_same_page() -> None:
    assert page(eventful(), drawings()) == page(eventful(), drawings())


def test_a_link_within_the_page_leads_somewhere() -> None:
    found = shown(eventful(), drawings())
    assert {each[1:] for each in found.values("href") if each.startswith("#")} <= {*found.values("id")}


def test_what_names_an_element_is_there() -> None:
    found = shown(eventful(), drawings())
    named = {each for value in found.values("aria-labelledby") for each in value.split()}
    assert named <= {*found.values("id")}


def test_headings_begin_at_one_and_leave_out_no_level() -> None:
    levels = [
        int(name[1]) for name, _ in shown(eventful(), drawings()).elements if name[0] == "h" and name[1:].isdigit()
    ]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_header_of_a_table_says_what_it_heads() -> None:
    assert {each.get("scope") for each in shown(eventful(), drawings()).all("th")} == {"col", "row"}


def test_a_proven_calm_is_told() -> None:
    assert CALM in shown(calm()).text


def a_cell(**more) -> StatusReport:
    report = calm()
    row = WorkflowRow("x", "X", {"dev": replace(SYNC, **more), "prod": SYNC}, "c-1")
    return replace(report, workflows=(row,))


def a_column(**more) -> StatusReport:
    report = calm()
    return replace(report, environments=(environment("dev", "Development", **more), *report.environments[1:]))


@pytest.mark.parametrize(
    "report",
    [
        pytest.param(a_cell(freshness=Freshness.OLD), id="an old check"),
        pytest.param(a_cell(freshness=Freshness.FAILED), id="a failed check"),
        pytest.param(a_cell(kind=CellKind.UNKNOWN), id="not compared"),
        pytest.param(a_cell(kind=CellKind.NOT_CHECKED, freshness=Freshness.NEVER), id="never checked"),
        pytest.param(a_cell(kind=CellKind.DRIFTED), id="drifted"),
        pytest.param(a_cell(kind=CellKind.MISSING), id="gone"),
        pytest.param(a_cell(kind=CellKind.PENDING), id="newer in Git"),
        pytest.param(a_column(status=DriftStatus.UNKNOWN), id="an environment that could not be checked"),
        pytest.param(a_column(status=DriftStatus.NEW), id="an environment without a baseline"),
        pytest.param(a_column(status=DriftStatus.DRIFT_DETECTED), id="an environment with drift"),
        pytest.param(a_column(freshness=Freshness.OLD), id="an environment checked long ago"),
        pytest.param(replace(calm(), problems=("incidents/1.json cannot be read.",)), id="something unread"),
        pytest.param(replace(calm(), workflows=()), id="no workflow"),
        pytest.param(replace(calm(), environments=()), id="no environment"),
    ],
)
def test_calm_is_said_of_nothing_else(report) -> None:
    assert CALM not in shown(report).text


@pytest.mark.parametrize("freshness", [Freshness.OLD, Freshness.FAILED, Freshness.NEVER])
def test_an_old_word_is_told_as_an_old_word(freshness) -> None:
    cell = replace(SYNC, freshness=freshness)
    assert (cell_told(cell), cell_look(cell)) == ("was in sync", "unsure")
    assert cell_notes(cell)[0].startswith("checked 2026-01-16 08:37 UTC, ")
    column = environment("dev", "Development", freshness=freshness)
    assert environment_told(column) == ("was in sync", "unsure")


def test_a_fresh_word_needs_no_excuse() -> None:
    assert (cell_told(SYNC), cell_look(SYNC), cell_notes(SYNC)) == ("in sync", "good", [])
    assert environment_told(environment("dev", "Development")) == ("in sync", "good")


@pytest.mark.parametrize("kind", [CellKind.DRIFTED, CellKind.MISSING])
def test_drift_that_was_found_long_ago_is_not_played_down(kind) -> None:
    assert cell_look(replace(SYNC, kind=kind, freshness=Freshness.OLD)) == "bad"


def test_claims_that_were_not_asked_for_are_not_told_as_none() -> None:
    assert "No run holds a claim" not in shown(replace(calm(), claims=None)).text
    assert "No run holds a claim" in shown(calm()).text


def test_too_few_measurements_are_told_as_such() -> None:
    few = Figures(since="2025-07-21", to_acknowledge=Spread(count=2, median_seconds=60), carried_out=0)
    text = shown(replace(calm(), figures=few)).text
    assert "median of 2; too few to judge by" in text
    assert text.count("no figure yet") == 3


def test_a_week_in_which_nobody_looked_is_neither_a_bar_nor_a_zero() -> None:
    found = shown(eventful())
    assert found.text.count("not observed") == 8 + 8  # the titles of the marks, and the cells of the table
    marks = found.values("class")
    weeks = [each for week in eventful().figures.drift_weeks for each in week.detections.values()]
    assert marks.count("unobserved") == 8
    assert (marks.count("none"), marks.count("bar")) == (weeks.count(0), len(weeks) - weeks.count(0))


def test_the_graphs_of_a_change_stand_with_it() -> None:
    found = shown(eventful(), drawings())
    assert [each["id"] for each in found.all("details") if each.get("id")] == [
        "incident-51", "incident-42", "promo-9", "promo-1",
    ]  # fmt: skip
    assert len(found.all("figure")) == 4
    assert "Added: Wait for Stock." in found.text
    assert "The workflow was not there." in found.text


def test_graphs_that_are_not_drawn_are_counted() -> None:
    many = replace(kept(*[hot_fix()] * 13), left_out=4)
    assert (
        "The graphs of 7 more workflows are not drawn here."
        in shown(eventful(), PageDrawings(incidents={51: many})).text
    )


def test_an_entry_without_a_kept_graph_says_so() -> None:
    empty = PageDrawings(incidents={51: kept(stored(draw(document(), document())))})
    assert "No graph was kept." in shown(eventful(), empty).text


def test_older_entries_are_counted_with_the_place_where_they_lie() -> None:
    incidents = tuple(replace(closed(), number=number) for number in range(MOST_TOLD + 7, 0, -1))
    promotions = tuple(replace(done(), promotion_id=f"promo-{number}") for number in range(MOST_TOLD + 1, 0, -1))
    text = shown(replace(calm(), history=History(incidents=incidents, promotions=promotions))).text
    assert "7 older incidents not told here: see incidents/ on the state branch." in text
    assert "1 older promotion not told here: see promotions/ on the state branch." in text


def test_three_thousand_workflows_fit_on_a_page() -> None:
    row = calm().workflows[0]
    rows = tuple(replace(row, slug=f"w{number}", name=f"Workflow {number}") for number in range(3_000))
    html = page(replace(calm(), workflows=rows), PageDrawings())
    assert html.count('<tr role="row" data-states="sync">') == 3_000
    assert len(html) < 4_000_000


def test_a_page_draws_the_newest_and_stays_small() -> None:
    large = kept(*[stored(draw(row_of(100), None), f"Flow {number}") for number in range(30)])
    promotions = tuple(replace(done(), promotion_id=f"promo-{number}") for number in range(50, 0, -1))
    incidents = tuple(replace(closed(), number=number) for number in range(50, 0, -1))
    report = replace(calm(), history=History(incidents=incidents, promotions=promotions))
    many = PageDrawings(
        incidents=dict.fromkeys(range(1, 51), large), promotions={each.promotion_id: large for each in promotions}
    )
    html = page(report, many)
    assert len(html) < 6_000_000
    text = seen(html).text
    assert "The graphs of 20 more workflows are not drawn here." in text
    assert "The graphs of 30 workflows are not drawn here." in text
    assert "No graph was kept." not in text


NOTHING = ("No incident is open.", "No promotion waits or runs.", "No environment is closed.", "no incident.")
NOTHING += ("no promotion.", "Git manages no workflow yet.", "Git manages every workflow")


def test_where_something_could_not_be_read_nothing_is_called_absent() -> None:
    empty = replace(calm(), workflows=(), unmanaged=(), incidents=(), promotions=(), locks=(), history=History())
    assert [each for each in NOTHING if each not in shown(empty).text] == []
    text = shown(replace(empty, problems=("environments/prod/incidents.json cannot be read.",))).text
    assert [each for each in NOTHING if each in text] == []
    assert text.count("None in what could be read; see the top of the page.") == 7
