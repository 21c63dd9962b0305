"""The dashboard issue's text: whole within its marks, under GitHub's limit, and harmless."""

from dataclasses import replace

import pytest
from tests.core.statuses import cell, incident, report, row, shop, stands
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, unseen_characters, without_code
from tests.core.text.promotions import LINKS

from workflowops.core.dashboard import DashboardOutcome
from workflowops.core.incident.body import BEGIN, END, merged_body
from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.standing import DriftKind
from workflowops.core.text.dashboard import dashboard_body, render_dashboard, summary_dashboard
from workflowops.core.text.style import Style

INTENT = "1d2c3b4a-0000-4000-8000-000000000001"
MARKER = f"<!-- workflowops:dashboard {INTENT} -->"
DONE = DashboardOutcome(number=7, url="https://github.com/o/r/issues/7")
SMILES = "\U0001f600" * 60
LARGE = report(
    environments=(stands("dev"), stands("prod")),
    workflows=tuple(row(f"w{number}_{SMILES}", dev=cell(), prod=cell(DriftKind.MODIFIED)) for number in range(3_000)),
    incidents=tuple(incident(number, workflows=("\u4e2d" * 500,) * 9) for number in range(1, 400)),
)


def test_the_issue_is_as_agreed() -> None:
    assert_golden("dashboard.md", dashboard_body(shop(), intent=INTENT, links=LINKS))


def test_our_part_stands_between_its_marks_and_names_its_marker() -> None:
    body = dashboard_body(shop(), intent=INTENT, links=None)
    assert body.startswith(f"{BEGIN}\n{MARKER}\n")
    assert body.endswith(f"\n{END}")
    assert "by [this run]" not in body


def test_what_is_too_much_is_counted_and_the_worst_is_kept() -> None:
    body = dashboard_body(LARGE, intent=INTENT, links=LINKS)
    assert len(body.encode("utf-16-le")) // 2 <= 60_000
    assert body.count("more left out here; `workflowops status --json` has them all") == 2
    assert "### 3,000 source-managed workflows" in body
    assert "### Figures since" in body


@pytest.mark.parametrize("written", [20_000, 60_000, LONGEST_TEXT - 300])
def test_however_much_people_wrote_our_marker_stays(written) -> None:
    before = f"{'x' * written}\n\n{dashboard_body(report(), intent=INTENT, links=None)}"
    merged = merged_body(before, dashboard_body(LARGE, intent=INTENT, links=LINKS))
    assert len(merged.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert MARKER in merged
    assert merged.startswith("x" * written)


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        pytest.param(
            replace(DONE, is_new=True), "Dashboard issue #7 opened: https://github.com/o/r/issues/7", id="new"
        ),
        pytest.param(DONE, "Dashboard issue #7 up to date: https://github.com/o/r/issues/7", id="changed"),
        pytest.param(replace(DONE, pin_problem="Three are."), "It is not pinned: Three are.", id="not pinned"),
        pytest.param(
            replace(DONE, problem="No answer.", fix="Wait."),
            "The dashboard issue is not up to date: No answer. Wait.",
            id="failed",
        ),
        pytest.param(DashboardOutcome(is_plan=True), "The dashboard issue would be opened.", id="planned"),
        pytest.param(
            replace(DONE, is_plan=True), "The dashboard issue #7 would be brought up to date.", id="change planned"
        ),
    ],
)
def test_what_became_of_it_is_told(outcome, told) -> None:
    assert told in render_dashboard(outcome, style=Style()).splitlines()


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        pytest.param(DONE, "Dashboard: #7.\n", id="done"),
        pytest.param(
            replace(DONE, pin_problem="No."), "Dashboard: #7. :warning: It is not pinned: No.\n", id="unpinned"
        ),
        pytest.param(
            replace(DONE, problem="No."), ":warning: The dashboard issue is not up to date: No.\n", id="failed"
        ),
        pytest.param(replace(DONE, is_plan=True), "", id="planned"),
    ],
)
def test_the_summary_says_it_in_a_line(outcome, told) -> None:
    assert summary_dashboard(outcome) == told


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_a_text_from_outside_acts(text) -> None:
    hostile = report(
        environments=(stands(text, title=text, problem=text),),
        workflows=(row(text, **{text: cell(last_promotion=text)}),),
        incidents=(incident(environment=text, workflows=(text,), assigned=text),),
        problems=(text,),
    )
    body = dashboard_body(hostile, intent=INTENT, links=None)
    assert "](" not in without_code(body)
    assert "@octocat" not in body
    assert body.count("<!--") == 3
    assert unseen_characters(body.replace("\u200b", "")) == []
    told = replace(DONE, pin_problem=text, problem=text)
    assert "@octocat" not in summary_dashboard(told)
    assert unseen_characters(render_dashboard(told, style=Style())) == []
