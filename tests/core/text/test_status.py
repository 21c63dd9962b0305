"""What runs where, for people: loud where nobody knows, and never wider than the terminal."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW
from tests.core.statuses import (
    TAKEN_AT,
    cell,
    claim,
    incident,
    lock,
    promotion,
    report,
    row,
    shop,
    stands,
    weeks,
)
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code

from workflowops.core.configuration import Approval
from workflowops.core.figures import Figures, Spread
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.core.status import Freshness, StatusReport, UnmanagedWorkflow
from workflowops.core.text.plain import columns
from workflowops.core.text.status import render_status, summary_status
from workflowops.core.text.status_words import CELLS, approval_told, cell_told, spread_told
from workflowops.core.text.style import Style

PLAIN = Style(color=False, width=100)
BOTH = pytest.mark.parametrize(
    "write", [lambda each: render_status(each, style=PLAIN), summary_status], ids=["text", "summary"]
)
OLD = {"freshness": Freshness.OLD, "checked_at": "2026-01-11T12:00:00Z"}


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_the_terminal_text_is_as_agreed(width) -> None:
    assert_golden(f"status_{width}.txt", render_status(shop(), style=Style(color=False, width=width)))


def test_the_details_are_as_agreed() -> None:
    text = render_status(shop(), style=Style(color=False, width=60), shows_details=True)
    assert_golden("status_details.txt", text)


def test_the_summary_is_as_agreed() -> None:
    assert_golden("status.md", summary_status(shop()))


def test_every_kind_has_a_word_for_a_cell() -> None:
    assert {*CELLS} == {*DriftKind}


@pytest.mark.parametrize(
    ("given_cell", "told"),
    [
        pytest.param(cell(), "in sync", id="in sync"),
        pytest.param(cell(**OLD), "was in sync 3d 4h ago", id="checked long ago"),
        pytest.param(cell(DriftKind.MODIFIED, freshness=Freshness.FAILED), "was edited in n8n 35m ago", id="failed"),
        pytest.param(cell(None), "not checked", id="never"),
        pytest.param(cell(DriftKind.UNKNOWN), "NOT COMPARED", id="unknown"),
        pytest.param(cell(published_behind=True), "in sync, newer draft", id="published version behind"),
        pytest.param(None, "-", id="not there"),
    ],
)
def test_a_cell_says_no_more_than_the_check_did(given_cell, told) -> None:
    assert cell_told(given_cell, taken_at=TAKEN_AT) == told


@BOTH
def test_unknown_is_loud(write) -> None:
    told = write(report(environments=(stands("prod", DriftStatus.UNKNOWN),)))
    assert "NOT CHECKED. This does not mean that it is in sync." in told


@BOTH
def test_an_environment_whose_files_changed_since_the_check_is_not_called_in_sync(write) -> None:
    told = write(report(environments=(stands("prod", freshness=Freshness.OVERTAKEN),)))
    assert "in sync when it was last checked; Git has changed since" in told


@BOTH
def test_what_was_checked_long_ago_is_never_called_in_sync(write) -> None:
    told = write(report(environments=(stands("prod", **OLD),), workflows=(row("orders", prod=cell(**OLD)),)))
    assert "in sync when it was last checked, more than a day ago" in told
    assert "was in sync 3d 4h ago" in told
    assert "in sync everywhere" not in told
    assert "All of them are in sync" not in told


@BOTH
def test_what_could_not_be_read_is_told(write) -> None:
    assert "Not read: promotions/index.json" in write(report(problems=("promotions/index.json is cut short.",)))


@BOTH
def test_nothing_known_yet_is_said(write) -> None:
    told = write(report())
    assert "No environment is configured." in told
    assert "No source-managed workflow" in told


@BOTH
def test_too_few_measurements_are_called_that(write) -> None:
    figures = Figures(since="2025-07-21", lead_time=Spread(count=2, median_seconds=60, waiting=1))
    told = write(report(figures=figures))
    assert "too few to say (2 promotions, median 1m); 1 still waiting, not counted" in " ".join(told.split())


@pytest.mark.parametrize(
    ("spread", "told"),
    [
        pytest.param(Spread(), "no incident yet", id="none"),
        pytest.param(Spread(waiting=3), "no incident yet; 3 still waiting, not counted", id="only open ones"),
        pytest.param(
            Spread(count=5, median_seconds=60, p90_seconds=3600),
            "median 1m, nine of ten within 1h (5 incidents)",
            id="enough",
        ),
    ],
)
def test_a_spread_says_what_it_rests_on(spread, told) -> None:
    assert spread_told(spread, one="incident") == told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "the reviewers of its GitHub environment approve it, 1 of 2 so far"),
        ({"approval": Approval.COMMENTS}, "comments on its pull request approve it, 1 of 2 so far"),
        ({"approval": None}, "the configuration asks nobody to approve it"),
        ({"status": PromotionStatus.RUNNING}, "running for 3h"),
    ],
)
def test_an_open_promotion_says_whom_it_waits_for(more, told) -> None:
    assert told in approval_told(promotion(**more))


def everything(text: str) -> StatusReport:
    """A report with a text wherever one can come from outside."""
    return report(
        environments=(stands(text, DriftStatus.UNKNOWN, title=text, problem=text, checked_at=text),),
        workflows=(row(text, **{text: cell(last_promotion=text, n8n_workflow_id=text)}), row(text)),
        unmanaged=(UnmanagedWorkflow(text, text, text),),
        incidents=(incident(environment=text, workflows=(text,), assigned=text, url=text),),
        promotions=(promotion(text, source=text, target=text, url=text, approved_by=(text,), problem=text),),
        locks=(lock(text, locked_by=text, reason=text),),
        claims=(claim(text, owner=text, reason=text, run_url=text),),
        figures=Figures(since="2025-07-21", drift_weeks=weeks(**{text: [1]})),
        problems=(text,),
    )


@LAW
@given(
    st.integers(min_value=40, max_value=200),
    st.text(alphabet="ab \u4e2d\U0001f600-_", max_size=90),
    st.integers(min_value=0, max_value=6),
    st.booleans(),
)
def test_no_line_is_wider_than_the_terminal(width, text, environments, shows_details) -> None:
    names = [f"{text}{number}" for number in range(environments)]
    wide = report(
        environments=tuple(stands(name) for name in names),
        workflows=(row(text, **dict.fromkeys(names, cell(DriftKind.CONFLICT, published_behind=True, **OLD))),),
        incidents=(incident(environment=text, workflows=(text,), assigned=text),),
        promotions=(promotion(target=text, problem=text),),
        locks=(lock(text, reason=text),),
        claims=(claim(text),),
        unmanaged=(UnmanagedWorkflow(text, text, text),),
        figures=Figures(since="2025-07-21", drift_weeks=weeks(**{name: [None, 12, 345] for name in (*names, "x")})),
        problems=(text,),
    )
    told = render_status(wide, style=Style(color=False, width=width), shows_details=shows_details)
    assert [line for line in told.splitlines() if columns(line) > width] == []


@pytest.mark.parametrize("width", [40, 100])
def test_colour_only_repeats_what_words_say(width) -> None:
    plain = render_status(shop(), style=Style(color=False, width=width))
    coloured = render_status(shop(), style=Style(color=True, width=width))
    assert coloured != plain
    assert re.sub(r" *\x1b\[[\d;]*m *(?=\n|$)|\x1b\[[\d;]*m", "", coloured) == plain


def test_the_worst_comes_first() -> None:
    rows = (row("a", prod=cell()), row("b", prod=cell(DriftKind.PENDING)), row("c", prod=cell(DriftKind.MISSING)))
    told = render_status(report(environments=(stands("prod"),), workflows=rows), style=PLAIN)
    assert told.index("gone") < told.index("newer in Git") < told.index("a  ")


@BOTH
def test_many_names_are_counted(write) -> None:
    assert "Payment Gateway" in write(report(incidents=(incident(),)))
    told = re.sub(r"</?code>", "", write(report(incidents=(incident(workflows=("A", "B", "C", "D", "E")),))))
    assert "A, B, C and 2 more" in told


def test_a_summary_of_thousands_of_workflows_fits() -> None:
    rows = tuple(row("|" * 300 + str(number), dev=cell(DriftKind.MODIFIED)) for number in range(5_000))
    unmanaged = tuple(UnmanagedWorkflow("dev", "1", "<" * 300) for _ in range(5_000))
    told = summary_status(report(environments=(stands("dev"),), workflows=rows, unmanaged=unmanaged))
    assert len(told.encode()) < 1_000_000
    assert told.count("more left out here; `workflowops status --json` has them all") == 2


def test_unmanaged_workflows_beyond_the_first_are_counted_in_the_terminal() -> None:
    many = tuple(UnmanagedWorkflow("dev", str(number), f"W{number}") for number in range(25))
    assert "and 5 more; --json lists them all" in render_status(report(unmanaged=many), style=PLAIN)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_a_text_from_outside_acts(text) -> None:
    hostile = everything(text)
    summary = summary_status(hostile)
    for log in (
        render_status(hostile, style=PLAIN),
        render_status(hostile, style=Style(color=False, width=40), shows_details=True),
    ):
        assert runner_commands(log) == unseen_characters(log) == []
    assert "](" not in without_code(summary)
    assert "@octocat" not in summary
    assert "<img" not in summary
    assert unseen_characters(summary.replace("\u200b", "")) == []
