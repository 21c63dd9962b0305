"""The matrix: what a check said, how far that may be believed, and nothing that none said."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import COMMIT, LAW, NOW, canonical, declared, mapped, mapping
from tests.core.promotion.records import promoted, promotion
from tests.core.statuses import cell, row

from workflowops.core.configuration import Environment
from workflowops.core.promotion.plan import WorkflowChangeType
from workflowops.core.promotion.record import Outcome, Promotion, PromotionStatus
from workflowops.core.records import (
    CanonicalFile,
    Counts,
    DriftStatus,
    EnvironmentRecord,
    MappedWorkflow,
    MappingStatus,
)
from workflowops.core.standing import DriftKind
from workflowops.core.status import CellKind, EnvironmentState, Freshness, UnmanagedWorkflow, WorkflowRow
from workflowops.core.status_matrix import FRESH_FOR, chosen, column_of, rows_of, unmanaged_of, worst_first

AT = datetime.fromisoformat(NOW) + timedelta(hours=1)
CHECKED = EnvironmentRecord(
    environment="x",
    title="X",
    drift_status=DriftStatus.IN_SYNC,
    last_drift_checked_at=NOW,
    git_commit_sha=COMMIT,
)


def state(name: str, *entries: MappedWorkflow | None, record: EnvironmentRecord | None = CHECKED) -> EnvironmentState:
    """What state holds of an environment; no mapping at all when the only entry is None."""
    environment = Environment(
        name=name, title=name.title(), url="https://n8n.example.com", api_key="${KEY}", folder=name
    )
    held = [entry for entry in entries if entry is not None]
    return EnvironmentState(
        environment=environment, record=record, mapping=mapping(*held) if len(held) == len(entries) else None
    )


def rows(known: CanonicalFile | None, *states: EnvironmentState, promotions: tuple[Promotion, ...] = ()):
    return rows_of(known, states, promotions, now=AT)


def kinds(found: tuple[WorkflowRow, ...]) -> dict[str, dict[str, str]]:
    return {each.slug: {name: str(cell.kind) for name, cell in each.cells.items()} for each in found}


DECLARED = canonical({"orders": {"dev": declared(name="Orders"), "prod": declared(name="Orders")}})
IN_SYNC = mapped("w1", "orders", drift_status="in_sync")


def test_a_cell_says_what_the_last_check_said() -> None:
    [orders] = rows(DECLARED, state("dev", IN_SYNC), state("prod", mapped("w9", "orders", drift_status="modified")))
    assert (orders.slug, orders.name, orders.canonical_id) == ("orders", "Orders", "orders")
    dev, prod = orders.cells["dev"], orders.cells["prod"]
    assert (dev.kind, dev.drift, dev.is_calm) == (CellKind.IN_SYNC, DriftKind.IN_SYNC, True)
    assert (prod.kind, prod.drift, prod.is_calm) == (CellKind.DRIFTED, DriftKind.MODIFIED, False)
    assert (prod.n8n_workflow_id, prod.active, prod.checked_at) == ("w9", False, NOW)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("in_sync", CellKind.IN_SYNC),
        ("modified", CellKind.DRIFTED),
        ("conflict", CellKind.DRIFTED),
        ("activation_changed", CellKind.DRIFTED),
        ("tags_changed", CellKind.DRIFTED),
        ("missing", CellKind.MISSING),
        ("pending", CellKind.PENDING),
        ("unknown", CellKind.UNKNOWN),
        ("unmapped", CellKind.UNKNOWN),
        ("of a later version", CellKind.UNKNOWN),
    ],
)
def test_every_verdict_has_its_kind_and_an_unknown_one_is_unknown(kind, expected) -> None:
    [orders] = rows(DECLARED, state("dev", mapped("w1", "orders", drift_status=kind)))
    assert orders.cells["dev"].kind is expected


@pytest.mark.parametrize(
    ("prod", "expected"),
    [
        pytest.param(state("prod", None), "not_checked", id="no mapping"),
        pytest.param(state("prod", record=None), "not_checked", id="a check that did not come to its end"),
        pytest.param(state("prod", IN_SYNC, record=None), "not_checked", id="a verdict without a check"),
        pytest.param(state("prod", mapped("w9", "orders")), "not_checked", id="a workflow that no check has judged"),
        pytest.param(state("prod"), "pending", id="looked at, and not there"),
    ],
)
def test_nothing_is_said_that_no_check_said(prod, expected) -> None:
    found = rows(DECLARED, state("dev", IN_SYNC), prod)
    assert kinds(found) == {"orders": {"dev": "in_sync", "prod": expected}}
    assert found[0].cells["prod"].is_calm is False


@pytest.mark.parametrize(
    ("record", "age", "expected"),
    [
        pytest.param(CHECKED, FRESH_FOR, Freshness.FRESH, id="a day ago to the second"),
        pytest.param(CHECKED, FRESH_FOR + timedelta(seconds=1), Freshness.OLD, id="a second more"),
        pytest.param(CHECKED, timedelta(days=-2), Freshness.OLD, id="by a clock that was two days ahead"),
        pytest.param(
            replace(CHECKED, drift_status=DriftStatus.UNKNOWN, problem="No answer."),
            timedelta(minutes=1),
            Freshness.FAILED,
            id="the latest check failed",
        ),
        pytest.param(
            replace(CHECKED, drift_status=DriftStatus.UNKNOWN),
            timedelta(minutes=1),
            Freshness.FRESH,
            id="it worked, and left something uncompared",
        ),
    ],
)
def test_a_cell_is_in_sync_for_good_only_by_a_recent_check_that_worked(record, age, expected) -> None:
    now = datetime.fromisoformat(NOW) + age
    [orders] = rows_of(DECLARED, [state("dev", IN_SYNC, record=record)], (), now=now)
    dev = orders.cells["dev"]
    assert (dev.freshness, dev.is_calm, dev.checked_at) == (expected, expected is Freshness.FRESH, NOW)
    assert column_of(state("dev", record=record), now=now).freshness is expected


def test_the_published_version_is_behind_where_the_editor_holds_a_draft() -> None:
    entry = mapped("w1", "orders", drift_status="in_sync", draft_content_hash="d")
    gone = replace(entry, status=MappingStatus.MISSING, drift_status="missing")
    assert rows(DECLARED, state("dev", entry))[0].cells["dev"].published_behind
    missing = rows(DECLARED, state("dev", gone))[0].cells["dev"]
    assert (missing.published_behind, missing.active) == (False, None)


def test_a_cell_names_the_latest_completed_promotion_that_changed_it() -> None:
    def done(number: int, *workflows, **more) -> Promotion:
        settings = {"status": PromotionStatus.COMPLETED, "target_stage": "prod", "execution_completed_at": NOW}
        return promotion(f"promo-{number}", workflows=workflows, **settings | more)

    found = rows(
        DECLARED,
        state("dev", IN_SYNC),
        state("prod", IN_SYNC),
        promotions=(
            done(6, promoted("orders"), status=PromotionStatus.ROLLED_BACK),
            done(5, promoted("orders", outcome=Outcome.NOT_TOUCHED)),
            done(4, promoted("orders", change_type=WorkflowChangeType.UNCHANGED)),
            done(3, promoted("another")),
            done(2, promoted("orders")),
            done(1, promoted("orders"), execution_completed_at="2020-01-01T00:00:00Z"),
        ),
    )
    cells = found[0].cells
    assert (cells["prod"].last_promotion, cells["prod"].promoted_at) == ("promo-2", NOW)
    assert cells["dev"].last_promotion is None


def test_an_environment_that_is_not_asked_for_has_no_cell() -> None:
    assert kinds(rows(DECLARED, state("dev", None))) == {"orders": {"dev": "not_checked"}}


def test_where_a_workflow_does_not_exist_there_is_no_cell() -> None:
    found = rows(canonical({"orders": {"dev": declared()}}), state("dev"), state("prod"))
    assert kinds(found) == {"orders": {"dev": "pending"}}


@pytest.mark.parametrize("known", [pytest.param(None, id="no records"), pytest.param(canonical({}), id="none of it")])
def test_a_workflow_that_git_no_longer_declares_is_told_by_its_id(known: CanonicalFile | None) -> None:
    [found] = rows(known, state("prod", mapped("w9", "c-1", drift_status="pending")))
    assert (found.slug, found.name, found.cells["prod"].kind) == ("c-1", "c-1", CellKind.PENDING)


def test_unmanaged_workflows_stand_apart() -> None:
    states = [
        state("prod", mapped("w2", workflow_name="beta"), mapped("w1", workflow_name="Alpha")),
        state("dev", mapped("w3", workflow_name="Gamma")),
    ]
    assert rows(None, *states) == ()
    assert unmanaged_of(states) == (
        UnmanagedWorkflow("dev", "w3", "Gamma", NOW),
        UnmanagedWorkflow("prod", "w1", "Alpha", NOW),
        UnmanagedWorkflow("prod", "w2", "beta", NOW),
    )


def test_a_new_environment_is_new_and_was_not_checked() -> None:
    column = column_of(state("dev", None, record=None), now=AT)
    assert (column.name, column.title, column.drift_status) == ("dev", "Dev", DriftStatus.NEW)
    assert (column.checked_at, column.synced_at, column.counts, column.problem) == (None, None, Counts(), None)
    assert column.freshness is Freshness.NEVER


def test_a_column_says_what_its_record_says() -> None:
    record = replace(
        CHECKED,
        drift_status=DriftStatus.UNKNOWN,
        drift_summary=Counts(modified=1, in_sync=3),
        last_sync_completed_at="2026-01-13T09:30:00Z",
        problem="No answer from prod.",
    )
    column = column_of(state("prod", record=record), now=AT)
    assert (column.drift_status, column.counts) == (DriftStatus.UNKNOWN, Counts(modified=1, in_sync=3))
    assert (column.checked_at, column.synced_at) == (NOW, "2026-01-13T09:30:00Z")
    assert (column.title, column.problem) == ("Prod", "No answer from prod.")


def test_rows_stand_in_the_order_of_their_slugs() -> None:
    found = rows(canonical({"b": {"dev": declared()}, "a": {"dev": declared()}}), state("dev"))
    assert [each.slug for each in found] == ["a", "b"]


STALE = {"freshness": Freshness.OLD}
RANKED = (
    row("missing", dev=cell(), prod=cell(DriftKind.MISSING)),
    row("drifted", prod=cell(DriftKind.TAGS_CHANGED)),
    row("unknown", prod=cell(DriftKind.UNKNOWN)),
    row("pending", prod=cell(DriftKind.PENDING)),
    row("not_checked", prod=cell(None)),
    row("was_in_sync", dev=cell(), prod=cell(**STALE)),
    row("in_sync", dev=cell(), prod=cell()),
    row("nowhere"),
)


@LAW
@given(st.permutations(RANKED))
def test_what_has_to_be_looked_at_comes_first_whatever_the_order_was(shuffled) -> None:
    assert worst_first(shuffled) == RANKED


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        pytest.param({}, [each.slug for each in RANKED], id="everything"),
        pytest.param({"only": CellKind.DRIFTED}, ["drifted"], id="a kind"),
        pytest.param({"only": CellKind.IN_SYNC}, ["missing", "was_in_sync", "in_sync"], id="a kind in any cell"),
        pytest.param({"workflow": "IN_S"}, ["was_in_sync", "in_sync"], id="a part of a slug"),
        pytest.param({"workflow": "not che"}, ["not_checked"], id="a part of a name"),
        pytest.param({"workflow": "in_sync", "only": CellKind.PENDING}, [], id="both"),
    ],
)
def test_rows_are_chosen_by_name_and_kind(choice, expected) -> None:
    assert [each.slug for each in chosen(RANKED, **choice)] == expected
