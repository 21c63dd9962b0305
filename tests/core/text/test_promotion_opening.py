"""The pull request that promotes, and the answers to commands about promotions, word by word."""

from dataclasses import replace

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.promotions import promotion
from tests.core.text.test_promotion_outcome import OPENED

from workflowops.core.promotion.lock import LockOutcome
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import LockFile, PromotionStatus
from workflowops.core.text.promotion_hands import (
    approved_answer,
    lock_answer,
    not_shown_answer,
    opened_answer,
    rejected_answer,
    rollback_answer,
)
from workflowops.core.text.promotion_opening import pull_request_body, pull_request_title

HOSTILE = "<script>@everyone [x](https://evil.example.com)\n::error::x"


def test_the_pull_request_reads_as_agreed() -> None:
    assert_golden("promotion_pull_request.md", f"# {pull_request_title(OPENED)}\n\n{pull_request_body(OPENED)}")


@pytest.mark.parametrize(
    ("slugs", "expected"),
    [
        (("orders",), "Promote orders from dev to staging"),
        (("orders", "stock"), "Promote 2 workflows from dev to staging"),
    ],
)
def test_the_title_names_one_workflow_or_their_number(slugs, expected) -> None:
    assert pull_request_title(replace(OPENED, canonical_slugs=slugs)) == expected


def test_the_body_stays_short_however_many_files_there_are() -> None:
    files = tuple(f"staging/{'x' * 150}{number}.json" for number in range(5_000))
    body = pull_request_body(replace(OPENED, files=files))
    assert len(body) < 60_000
    assert "- and 4800 more" in body


def test_the_answers_read_as_agreed() -> None:
    lock = LockFile(locked_by="otto", locked_at="2026-01-14T10:00:00Z", reason="Inventory week")
    rollback = promotion(
        PromotionStatus.PENDING_APPROVAL, promotion_id="promo-2", kind=PromotionKind.ROLLBACK, rolls_back="promo-1"
    )
    answers = [
        opened_answer(OPENED),
        opened_answer(replace(OPENED, files=(), left_out={})),
        opened_answer(replace(OPENED, pull_request=None, problem="GitHub says 502.", fix="Run it again.")),
        approved_answer([promotion(PromotionStatus.PENDING_APPROVAL)], ["1 of 2 approvals."]),
        rejected_answer([promotion(PromotionStatus.REJECTED)]),
        rollback_answer(rollback, "0 of 1 approvals."),
        lock_answer(LockOutcome(environment="staging", title="Staging", before=None, after=lock)),
        lock_answer(LockOutcome(environment="staging", title="Staging", before=lock, after=None)),
        not_shown_answer("GitHub says 502. Run it again."),
    ]
    assert_golden("promotion_hands.md", "\n\n---\n\n".join(answers))


def test_nothing_of_a_foreign_text_works_in_an_answer() -> None:
    hostile = replace(OPENED, canonical_slugs=(HOSTILE,), left_out={HOSTILE: HOSTILE}, problem=HOSTILE, fix=HOSTILE)
    lock = LockFile(locked_by=HOSTILE, locked_at="", reason=HOSTILE)
    for text in (
        opened_answer(hostile),
        pull_request_body(replace(hostile, files=(HOSTILE,))),
        lock_answer(LockOutcome(environment="staging", title=HOSTILE, before=None, after=lock)),
        not_shown_answer(HOSTILE),
    ):
        assert "<script>" not in text
        assert "@everyone" not in text
        assert "](https://" not in text
