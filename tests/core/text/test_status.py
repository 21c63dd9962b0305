"""The matrix of workflows by environment, for people."""

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code

from workflowops.core.records import Counts, DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.core.status import EnvironmentStatus, StatusReport, UnmanagedWorkflow, WorkflowRow
from workflowops.core.text.plain import columns
from workflowops.core.text.status import CELLS, render_status, summary_status
from workflowops.core.text.style import Style

PLAIN = Style(color=False, width=100)


def stands(name: str, status: DriftStatus = DriftStatus.IN_SYNC, **fields) -> EnvironmentStatus:
    return EnvironmentStatus(
        **{
            "name": name,
            "title": name.title(),
            "drift_status": status,
            "checked_at": "2026-01-14T15:25:00Z",
            "synced_at": "2026-01-14T15:20:00Z",
            "counts": Counts(in_sync=3),
            "problem": None,
            **fields,
        }
    )


def report() -> StatusReport:
    return StatusReport(
        environments=(
            stands("dev", DriftStatus.NEW, checked_at=None, counts=Counts()),
            stands("staging", DriftStatus.UNKNOWN, problem="https://staging.n8n.example.com did not answer in 30 s."),
            stands("prod", DriftStatus.DRIFT_DETECTED, counts=Counts(in_sync=38, modified=2, pending=1, unmapped=4)),
        ),
        workflows=(
            WorkflowRow("customer_survey", "Customer Survey", {"prod": "pending", "staging": "not checked"}),
            WorkflowRow("order_processing", "Order Processing", {"dev": "in_sync", "prod": "conflict"}),
            WorkflowRow(
                "payment_gateway", "Payment Gateway", {"dev": "in_sync", "staging": "in_sync", "prod": "modified"}
            ),
        ),
        unmanaged=(UnmanagedWorkflow("prod", "wf-77", "Leads"),),
    )


def test_the_terminal_text_is_as_agreed() -> None:
    assert_golden("status.txt", render_status(report(), style=PLAIN))


def test_the_summary_is_as_agreed() -> None:
    assert_golden("status.md", summary_status(report()))


def test_every_kind_has_a_word_for_a_cell() -> None:
    assert {*CELLS} == {*DriftKind}


def test_the_matrix_keeps_to_the_width_of_the_terminal() -> None:
    rows = tuple(WorkflowRow("\u4e2d" * n, "x", {"dev": "in_sync", "prod": "conflict"}) for n in (3, 60, 100))
    wide = StatusReport(environments=(stands("dev"), stands("prod")), workflows=rows, unmanaged=())
    matrix = render_status(wide, style=Style(color=False, width=60)).splitlines()[-4:]
    assert all(columns(line) <= 60 for line in matrix)
    assert [line.endswith("both changed") for line in matrix] == [False, True, True, True]


@pytest.mark.parametrize(
    "write", [lambda each: render_status(each, style=PLAIN), summary_status], ids=["text", "summary"]
)
def test_unknown_is_loud(write) -> None:
    told = write(StatusReport((stands("prod", DriftStatus.UNKNOWN),), (), ()))
    assert "NOT CHECKED. This does not mean that it is in sync." in told


def test_a_summary_of_thousands_of_workflows_fits() -> None:
    rows = tuple(WorkflowRow("|" * 300, "x", {"dev": "in_sync"}) for _ in range(5_000))
    unmanaged = tuple(UnmanagedWorkflow("dev", "1", "<" * 300) for _ in range(5_000))
    told = summary_status(StatusReport((stands("dev"),), rows, unmanaged))
    assert len(told.encode()) < 1_000_000
    assert told.count("more left out here") == 2


def test_nothing_known_yet_is_said() -> None:
    assert render_status(StatusReport((), (), ()), style=PLAIN).splitlines() == [
        "No environment is configured.",
        "",
        "No source-managed workflow is known yet.",
    ]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_a_text_from_n8n_acts(text) -> None:
    hostile = StatusReport(
        (stands(text, DriftStatus.UNKNOWN, title=text, problem=text, checked_at=text),),
        (WorkflowRow(text, text, {text: text}),),
        (UnmanagedWorkflow(text, text, text),),
    )
    log, summary = render_status(hostile, style=PLAIN), summary_status(hostile)
    assert runner_commands(log) == unseen_characters(log) == []
    assert "](" not in without_code(summary)
    assert unseen_characters(summary.replace("\u200b", "")) == []
