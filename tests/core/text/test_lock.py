"""A lock in words: whether promotions can go on, who said so, and nothing that a terminal would obey."""

import pytest

from workflowops.core.promotion.lock import LockOutcome, lock_document
from workflowops.core.promotion.record import LockFile
from workflowops.core.text.lock import render_lock
from workflowops.core.text.style import Style

PLAIN = Style(color=False, width=100)
LOCK = LockFile(locked_by="ada", locked_at="2026-01-14T09:00:00Z", reason="Stock taking")
OTHER = LockFile(locked_by="grace", locked_at="2026-01-13T09:00:00Z", reason="Audit")


def outcome(before: LockFile | None, after: LockFile | None, *, is_plan: bool = False) -> LockOutcome:
    return LockOutcome(environment="prod", title="Production", before=before, after=after, is_plan=is_plan)


LOCKED = "Production (prod) is locked: no promotion into it begins until it is unlocked."
ADA = "  ada, 2026-01-14 09:00 UTC: Stock taking"
GRACE = "  before: grace, 2026-01-13 09:00 UTC: Audit"
DRY = "  This was a dry run; nothing was written."
UNLOCKED = "Production (prod) is unlocked: promotions into it can go on."
CASES = [
    pytest.param(outcome(None, LOCK), [LOCKED, ADA], id="locked"),
    pytest.param(outcome(OTHER, LOCK), [LOCKED, ADA, GRACE], id="taken over"),
    pytest.param(
        outcome(LOCK, LOCK), ["Production (prod) was locked already, for the same reason.", ADA], id="locked already"
    ),
    pytest.param(outcome(OTHER, None), [UNLOCKED, GRACE], id="unlocked"),
    pytest.param(outcome(None, None), ["Production (prod) was not locked."], id="not locked"),
    pytest.param(outcome(None, LOCK, is_plan=True), [LOCKED, ADA, DRY], id="dry run"),
    pytest.param(outcome(None, None, is_plan=True), ["Production (prod) was not locked."], id="dry run, no change"),
]


@pytest.mark.parametrize(("told", "lines"), CASES)
def test_what_became_of_a_lock_is_told(told: LockOutcome, lines: list[str]) -> None:
    assert render_lock(told, style=PLAIN).splitlines() == lines


def test_names_and_reasons_are_data() -> None:
    odd = LockFile(locked_by="\x1b[31mada", locked_at="nonsense", reason="a\n::error::b")
    shown = render_lock(outcome(None, odd), style=PLAIN)
    assert "\x1b" not in shown
    assert len(shown.splitlines()) == 2


def test_the_document_names_the_fields_of_the_file() -> None:
    assert lock_document(outcome(OTHER, LOCK)) == {
        "environment": "prod",
        "locked": True,
        "lock": {"locked_by": "ada", "locked_at": "2026-01-14T09:00:00Z", "reason": "Stock taking"},
        "previous_lock": {"locked_by": "grace", "locked_at": "2026-01-13T09:00:00Z", "reason": "Audit"},
        "changed": True,
        "dry_run": False,
    }
