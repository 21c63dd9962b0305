"""What the promotion commands print at a terminal, word by word."""

from dataclasses import replace

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters
from tests.core.text.promotions import done, everything, plan, promotion, walkthrough

from workflowops.core.incident.issue import PullRequest
from workflowops.core.promotion.outcome import Carried, Failed, OpenedPromotion, Previewed, Recorded
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.text.promotion_outcome import render_carried, render_opened, render_plan, render_preview
from workflowops.core.text.style import Style
from workflowops.errors import ExitCode

PLAIN = Style(width=100)
COMMIT = "c" * 40
UNREACHABLE = Failed(target="prod", problem="No answer.", fix="Start n8n.", exit_code=ExitCode.REMOTE)
OPENED = OpenedPromotion(
    source_stage="dev",
    target_stage="staging",
    pipeline_id="main",
    canonical_slugs=("orders", "stock"),
    files=("staging/orders.json", "staging/stock.json"),
    left_out={"dev/alarm.json": "It is not JSON."},
    branch="workflowops/promote-staging-0123456789ab",
    commit=COMMIT,
    is_new=True,
    pull_request=PullRequest(12, "https://github.com/o/r/pull/12", is_new=True),
)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        pytest.param(
            "shown",
            Previewed(
                commit=COMMIT,
                base=None,
                plans=(walkthrough(),),
                unchanged=("qa",),
                failed=(UNREACHABLE,),
                pull_request_url="https://github.com/o/r/pull/12",
            ),
            id="a stage, one that is not concerned, one that failed",
        ),
        pytest.param("nothing", Previewed(commit=COMMIT, base=None, unchanged=("staging",)), id="nothing"),
        pytest.param(
            "not_told", Previewed(commit=COMMIT, base=None, not_told="GitHub says 502. Run it again."), id="not told"
        ),
    ],
)
def test_previews_read_as_agreed(name, outcome) -> None:
    assert_golden(f"promotion_outcome_preview_{name}.txt", render_preview(outcome, style=PLAIN))


PENDING = promotion(PromotionStatus.PENDING_APPROVAL)
RECORDED = Recorded(
    commit=COMMIT,
    base="b" * 40,
    promotions=(PENDING, promotion(promotion_id="promo-2", target_stage="qa")),
    plans={"promo-1": plan()},
    superseded=("promo-0",),
    unchanged=("dev",),
)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        pytest.param("recorded", RECORDED, id="one new, one that is completed already"),
        pytest.param("dry_run", replace(RECORDED, is_dry_run=True), id="dry run"),
        pytest.param(
            "overtaken",
            Recorded(commit=COMMIT, base=None, overtaken=("staging/orders", "qa/orders"), ended=("promo-1",)),
            id="a newer commit has it",
        ),
        pytest.param("blocked", Recorded(commit=COMMIT, base=None, blocked=(everything(),)), id="blocked"),
        pytest.param(
            "failed",
            Recorded(commit=COMMIT, base=None, failed=(UNREACHABLE,), not_told="GitHub says 502."),
            id="failed",
        ),
    ],
)
def test_plans_of_a_merge_read_as_agreed(name, outcome) -> None:
    assert_golden(f"promotion_outcome_plan_{name}.txt", render_plan(outcome, style=PLAIN))


HELD = Carried(promotion=PENDING, plan=walkthrough(), waits_for=("Nobody has approved.", "staging is locked."))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        pytest.param("completed", Carried(promotion=done(), plan=walkthrough()), id="completed"),
        pytest.param("held", HELD, id="held"),
        pytest.param("dry_run", replace(HELD, is_dry_run=True), id="dry run"),
        pytest.param(
            "recovered",
            Carried(
                promotion=done(promotion_id="promo-2"),
                recovered=(done(status=PromotionStatus.ROLLED_BACK, problem="Its run died."),),
                not_told="GitHub says 502.",
            ),
            id="after one that died",
        ),
    ],
)
def test_what_was_carried_out_reads_as_agreed(name, outcome) -> None:
    assert_golden(f"promotion_outcome_carried_{name}.txt", render_carried(outcome, style=PLAIN))


def test_one_that_died_and_is_asked_for_itself_is_told_once() -> None:
    record = done(status=PromotionStatus.ROLLED_BACK)
    text = render_carried(Carried(promotion=record, recovered=(record,)), style=PLAIN)
    assert text == render_carried(Carried(promotion=record), style=PLAIN)


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        pytest.param("proposed", OPENED, id="proposed"),
        pytest.param("dry_run", replace(OPENED, branch=None, pull_request=None, is_dry_run=True), id="dry run"),
        pytest.param("without_github", replace(OPENED, pull_request=None), id="no GitHub"),
        pytest.param("nothing", replace(OPENED, files=(), branch=None, pull_request=None, left_out={}), id="nothing"),
        pytest.param(
            "failed",
            replace(OPENED, pull_request=None, problem="GitHub says 502.", fix="Run it again."),
            id="GitHub failed",
        ),
    ],
)
def test_what_was_proposed_reads_as_agreed(name, outcome) -> None:
    assert_golden(f"promotion_outcome_opened_{name}.txt", render_opened(outcome, style=PLAIN))


@pytest.mark.parametrize("status", PromotionStatus)
def test_only_what_has_not_ended_is_said_to_be_carried_out_by_a_command(status) -> None:
    record = promotion(status)
    text = render_plan(Recorded(commit=COMMIT, base=None, promotions=(record,)), style=PLAIN)
    waits = {PromotionStatus.PENDING_APPROVAL, PromotionStatus.APPROVED, PromotionStatus.RUNNING}
    assert ("promote apply" in text) is (status in waits)


@pytest.mark.parametrize("foreign", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_foreign_text_speaks_to_a_terminal_or_a_runner(foreign) -> None:
    failed = Failed(target="prod", problem=foreign, fix=foreign, exit_code=ExitCode.REMOTE)
    for text in (
        render_preview(Previewed(commit=COMMIT, base=None, failed=(failed,), not_told=foreign), style=PLAIN),
        render_plan(Recorded(commit=COMMIT, base=None, failed=(failed,), not_told=foreign), style=PLAIN),
        render_carried(Carried(promotion=PENDING, waits_for=(foreign,), not_told=foreign), style=PLAIN),
        render_opened(replace(OPENED, left_out={foreign: foreign}, problem=foreign, fix=foreign), style=PLAIN),
    ):
        assert not unseen_characters(text)
        assert not runner_commands(text)
