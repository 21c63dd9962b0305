"""A drift report for people: the verdict first, nothing acted out, nothing too long, unknown never calm."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.forms import CODE, form, node, wire
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code
from tests.core.text.reports import drift_of, environment, everything, hot_fix, workflow

from workflowops.core.diff import compare
from workflowops.core.drift import DriftReport, ValueChange
from workflowops.core.records import Counts, DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.core.text.drift import render_drift, summary_drift
from workflowops.core.text.style import Style

PLAIN = Style(color=False, width=100)


def test_the_terminal_text_is_as_agreed() -> None:
    assert_golden("drift.txt", render_drift(everything(), style=PLAIN))


def test_the_terminal_text_with_what_was_left_out_is_as_agreed() -> None:
    assert_golden("drift_ignored.txt", render_drift(everything(), style=PLAIN, show_ignored=True))


def test_the_summary_is_as_agreed() -> None:
    assert_golden("drift.md", summary_drift(everything()))


def test_the_hot_fix_of_walkthrough_3_is_told_in_a_screenful() -> None:
    assert_golden("drift_hot_fix.txt", render_drift(drift_of(hot_fix()), style=PLAIN))


@pytest.mark.parametrize("status", DriftStatus)
def test_the_first_line_is_the_verdict(status) -> None:
    report = DriftReport((environment(status=status, counts=Counts(in_sync=3)),))
    first = render_drift(report, style=PLAIN).splitlines()[0]
    assert first.startswith("Production (prod): ")
    assert ("in sync. " in first) is (status is DriftStatus.IN_SYNC)


@pytest.mark.parametrize("counts", [Counts(), Counts(in_sync=44, unknown=1)], ids=["nothing read", "one not compared"])
@pytest.mark.parametrize(
    "write", [lambda report: render_drift(report, style=PLAIN), summary_drift], ids=["text", "summary"]
)
def test_unknown_is_loud_and_never_looks_like_in_sync(counts, write) -> None:
    report = DriftReport((environment(status=DriftStatus.UNKNOWN, counts=counts, problems=("Connection refused.",)),))
    told = write(report)
    assert re.search(r"NOT (FULLY )?CHECKED", told)
    assert "Connection refused." in told
    assert re.search(r"(?<!mean that it is )in sync", told) is None


def test_colour_only_repeats_what_the_words_say() -> None:
    coloured = render_drift(everything(), style=Style(color=True, width=100))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == render_drift(everything(), style=PLAIN)


def hostile_report(text: str) -> DriftReport:
    """The same text wherever n8n or Git may put one."""
    old = form(
        {text: node(parameters={"a": 1}), f"{text}2": node(CODE, parameters={"jsCode": f"1\n{text}\n{text}"})},
        name=f"{text} old",
        connections={text: {"main": [[wire(f"{text}2")]], text: [[wire("x")]]}},
        order={text: [text, "b"]},
        settings={"timezone": text, text: text},
        references={"workflows": {text: text}},
    )
    new = form(
        {text: node(text, parameters={text: text, "list": [text]}),
         "Code": node(CODE, parameters={"jsCode": f"1\n{text}"}),
         f"{text}2": node(CODE, parameters={"jsCode": f"2\n{text}\n{text}\n{text}"})},
        name=text,
        connections={text: {"main": [[wire(text)]]}},
        order={text: ["b", text]},
        settings={"timezone": "UTC"},
        references={"workflows": {text: "other"}, "error_workflow": text},
    )  # fmt: skip
    fields = {
        "diff": compare(old=old, new=new),
        "file": text,
        "canonical_slug": text,
        "workflow_id": text,
        "problem": text,
        "n8n_updated_at": text,
        "ignored": {text: 1},
        "tags": ValueChange(old=[text], new=[f"{text}2"]),
    }
    return DriftReport(
        (
            environment(
                workflow(text, **fields),
                workflow(text, DriftKind.UNMAPPED, suggestion=text, workflow_id=text),
                title=text,
                problems=(text,),
                ignored={text: 3},
                git_commit_sha=text,
                checked_at=text,
                counts=Counts(modified=1, unmapped=1),
            ),
        )
    )


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
@pytest.mark.parametrize("show_ignored", [False, True], ids=["short", "with what was left out"])
def test_nothing_in_a_text_from_n8n_acts_in_the_log(text, show_ignored) -> None:
    told = render_drift(hostile_report(text), style=PLAIN, show_ignored=show_ignored)
    assert unseen_characters(told) == []
    assert runner_commands(told) == []
    told.encode("utf-8")


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_a_text_from_n8n_acts_in_the_summary(text) -> None:
    told = summary_drift(hostile_report(text))
    prose = without_code(told)
    assert unseen_characters(told.replace("\u200b", "")) == []
    assert re.sub(r"</?(?:details|summary)(?: open)?>", "", prose).count("<") == 0
    assert re.search(r"@\w|(?<!&)#\d|\]\(|://", prose) is None
    assert prose.count("<details") == prose.count("</details>")
    assert {line.count("|") for line in prose.splitlines() if line.startswith("|")} <= {4, 5, 6}


TEXTS = st.text(max_size=12) | st.sampled_from([*HOSTILE.values()])


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_any_text_can_be_told(text) -> None:
    report = hostile_report(text)
    told = render_drift(report, style=PLAIN)
    assert runner_commands(told) == []
    assert unseen_characters(told) == []
    without_code(summary_drift(report))


def test_a_summary_fits_whatever_comes() -> None:
    big = compare(
        old=form({f"N{n}": node(CODE, parameters={"jsCode": "a = 1\n" * 300, "x": [n] * 100}) for n in range(20)}),
        new=form(
            {f"N{n}": node(CODE, parameters={"jsCode": "b = <2>\n" * 300, "x": ["|" * 90] * 100}) for n in range(20)}
        ),
    )
    report = DriftReport(
        (
            environment(*(workflow(f"W{n}", diff=big) for n in range(30)), problems=("\u4e2d" * 9_000,) * 300),
            environment(*(workflow(f"V{n}", diff=big) for n in range(30)), environment="staging", title="Staging"),
        )
    )
    told = summary_drift(report)
    assert len(told.encode()) < 1_000_000
    assert len(re.findall(r"more workflows left out here", told)) == 2
    assert "<code>V0</code> edited in n8n" in told
    without_code(told)


def test_a_long_report_is_cut_in_the_terminal_and_says_so() -> None:
    told = render_drift(
        DriftReport((environment(*(workflow(f"W{n}", diff=hot_fix()) for n in range(500))),)), style=PLAIN
    )
    assert "(300 more workflows; `--json` lists them all)" in told


def test_nothing_to_do_is_not_dressed_up() -> None:
    report = DriftReport((environment(status=DriftStatus.IN_SYNC, counts=Counts(in_sync=12)),))
    assert render_drift(report, style=PLAIN).splitlines() == [
        "Production (prod): in sync. All 12 source-managed workflows run what Git says.",
        "  checked 2026-01-14 15:25 UTC, Git abc123def456, 2 requests",
    ]


def test_an_added_secret_is_told_as_one_that_is_masked_the_same_way() -> None:
    old, new = (form({"A": node(parameters={"password": value})}) for value in ("hunter2a", "hunter2b"))
    assert "(another value, masked the same way)" in render_drift(drift_of(compare(old=old, new=new)), style=PLAIN)
