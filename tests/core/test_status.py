"""The matrix: what a check said, and nothing that none said."""

from dataclasses import replace

import pytest
from tests.builders import LATER, NOW, canonical, declared, mapped, mapping

from workflowops.core.configuration import Environment
from workflowops.core.records import (
    CanonicalFile,
    Counts,
    DriftStatus,
    EnvironmentRecord,
    MappedWorkflow,
    MappingStatus,
)
from workflowops.core.status import NOT_CHECKED, EnvironmentState, StatusReport, UnmanagedWorkflow, plan_status


def state(name: str, *entries: MappedWorkflow | None, record: EnvironmentRecord | None = None) -> EnvironmentState:
    """What state holds of an environment; no mapping at all when the only entry is None."""
    environment = Environment(
        name=name, title=name.title(), url="https://n8n.example.com", api_key="${KEY}", folder=name
    )
    held = [entry for entry in entries if entry is not None]
    return EnvironmentState(
        environment=environment, record=record, mapping=mapping(*held) if len(held) == len(entries) else None
    )


def cells(report: StatusReport) -> dict[str, dict[str, str]]:
    return {row.slug: dict(row.cells) for row in report.workflows}


DECLARED = canonical({"orders": {"dev": declared(name="Orders"), "prod": declared(name="Orders")}})


def test_a_cell_says_what_the_last_check_said() -> None:
    report = plan_status(
        DECLARED,
        [
            state("dev", mapped("w1", "orders", drift_status="in_sync")),
            state("prod", mapped("w9", "orders", drift_status="modified")),
        ],
    )
    assert cells(report) == {"orders": {"dev": "in_sync", "prod": "modified"}}
    assert report.workflows[0].name == "Orders"


@pytest.mark.parametrize(
    ("prod", "expected"),
    [
        pytest.param(state("prod", None), NOT_CHECKED, id="an environment that was never looked at"),
        pytest.param(state("prod", mapped("w9", "orders")), NOT_CHECKED, id="a workflow that no check has judged"),
        pytest.param(state("prod"), "pending", id="looked at, and not there"),
        pytest.param(
            state("prod", mapped("w9", "orders", drift_status="missing", status=MappingStatus.MISSING)),
            "missing",
            id="gone",
        ),
        pytest.param(state("prod", mapped("w9", "orders", drift_status="unknown")), "unknown", id="unreadable"),
    ],
)
def test_nothing_is_said_that_no_check_said(prod, expected) -> None:
    dev = state("dev", mapped("w1", "orders", drift_status="in_sync"))
    assert cells(plan_status(DECLARED, [dev, prod])) == {"orders": {"dev": "in_sync", "prod": expected}}


def test_an_environment_that_is_not_asked_for_has_no_cell() -> None:
    assert cells(plan_status(DECLARED, [state("dev", None)])) == {"orders": {"dev": NOT_CHECKED}}


def test_where_a_workflow_does_not_exist_there_is_no_cell() -> None:
    report = plan_status(canonical({"orders": {"dev": declared()}}), [state("dev"), state("prod")])
    assert cells(report) == {"orders": {"dev": "pending"}}


@pytest.mark.parametrize("known", [pytest.param(None, id="no records"), pytest.param(canonical({}), id="none of it")])
def test_a_workflow_that_git_no_longer_declares_is_told_by_its_id(known: CanonicalFile | None) -> None:
    report = plan_status(known, [state("prod", mapped("w9", "c-1", drift_status="pending"))])
    assert [(row.slug, row.name, row.cells) for row in report.workflows] == [("c-1", "c-1", {"prod": "pending"})]


def test_unmanaged_workflows_stand_apart() -> None:
    report = plan_status(
        None,
        [
            state("prod", mapped("w2", workflow_name="beta"), mapped("w1", workflow_name="Alpha")),
            state("dev", mapped("w3", workflow_name="Gamma")),
        ],
    )
    assert report.workflows == ()
    assert report.unmanaged == (
        UnmanagedWorkflow("dev", "w3", "Gamma"),
        UnmanagedWorkflow("prod", "w1", "Alpha"),
        UnmanagedWorkflow("prod", "w2", "beta"),
    )


def test_a_new_environment_is_new_and_was_not_checked() -> None:
    [column] = plan_status(None, [state("dev", None)]).environments
    assert (column.name, column.title, column.drift_status) == ("dev", "Dev", DriftStatus.NEW)
    assert (column.checked_at, column.synced_at, column.counts, column.problem) == (None, None, Counts(), None)


RECORD = EnvironmentRecord(
    environment="prod",
    title="As it was called then",
    drift_status=DriftStatus.DRIFT_DETECTED,
    drift_summary=Counts(modified=1, in_sync=3),
    last_drift_checked_at=NOW,
    last_sync_completed_at=LATER,
)


def test_a_column_says_what_its_record_says() -> None:
    [column] = plan_status(None, [state("prod", record=RECORD)]).environments
    assert (column.drift_status, column.counts) == (DriftStatus.DRIFT_DETECTED, Counts(modified=1, in_sync=3))
    assert (column.checked_at, column.synced_at) == (NOW, LATER)
    assert column.title == "Prod"


def test_an_environment_that_could_not_be_checked_is_unknown_and_says_why() -> None:
    record = replace(RECORD, drift_status=DriftStatus.UNKNOWN, problem="No answer from prod.")
    [column] = plan_status(None, [state("prod", record=record)]).environments
    assert (column.drift_status, column.problem) == (DriftStatus.UNKNOWN, "No answer from prod.")
    assert column.checked_at == NOW


def test_rows_stand_in_the_order_of_their_slugs_and_columns_in_that_of_the_configuration() -> None:
    report = plan_status(
        canonical({"b": {"dev": declared()}, "a": {"dev": declared()}}), [state("staging"), state("dev"), state("aaa")]
    )
    assert [row.slug for row in report.workflows] == ["a", "b"]
    assert [column.name for column in report.environments] == ["staging", "dev", "aaa"]
