"""What the promotion commands print with `--json`, what they hand on, and how they end."""

import json

import pytest
from tests.core.text.promotions import conflict, done, finding, gate, plan, promotion, walkthrough

from workflowops.core.incident.issue import PullRequest
from workflowops.core.promotion.answers import (
    carried_answer,
    opened_answer,
    plan_answer,
    preview_answer,
    waiting,
)
from workflowops.core.promotion.finding import GateStatus
from workflowops.core.promotion.outcome import Carried, Failed, OpenedPromotion, Previewed, Recorded
from workflowops.core.promotion.record import ENDED, PromotionStatus
from workflowops.errors import ExitCode

COMMIT = "c" * 40
UNREACHABLE = Failed(target="prod", problem="No answer.", fix="Start n8n.", exit_code=ExitCode.REMOTE)
UNREVIEWED = Failed(target="prod", problem="No pull request.", fix="Open one.", exit_code=ExitCode.RULE)


def previewed(*plans, **more) -> Previewed:
    return Previewed(commit=COMMIT, base="b" * 40, plans=plans, **more)


def recorded(**more) -> Recorded:
    return Recorded(commit=COMMIT, base="b" * 40, **more)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        pytest.param(previewed(), ExitCode.DONE, id="nothing"),
        pytest.param(previewed(plan()), ExitCode.DONE, id="ready"),
        pytest.param(previewed(plan(gate_results=(gate(),))), ExitCode.DONE, id="waits for an approval"),
        pytest.param(previewed(plan(gate_results=(gate(status=GateStatus.FAILED),))), ExitCode.RULE, id="gate"),
        pytest.param(previewed(plan(findings=(finding(),))), ExitCode.RULE, id="blocked"),
        pytest.param(previewed(plan(conflicts=(conflict(),))), ExitCode.RULE, id="conflict"),
        pytest.param(previewed(plan(conflicts=(conflict(is_allowed=True),))), ExitCode.DONE, id="allowed conflict"),
        pytest.param(previewed(plan(findings=(finding(),)), failed=(UNREACHABLE,)), ExitCode.REMOTE, id="not read"),
        pytest.param(recorded(), ExitCode.DONE, id="nothing recorded"),
        pytest.param(recorded(promotions=(promotion(),)), ExitCode.DONE, id="recorded"),
        pytest.param(recorded(promotions=(promotion(),), blocked=(plan(),)), ExitCode.RULE, id="one not recorded"),
        pytest.param(recorded(failed=(UNREVIEWED,)), ExitCode.RULE, id="not reviewed"),
        pytest.param(recorded(failed=(UNREVIEWED, UNREACHABLE)), ExitCode.REMOTE, id="the worst counts"),
        pytest.param(recorded(promotions=(promotion(),), not_told="502"), ExitCode.DONE, id="not told is no failure"),
    ],
)
def test_how_planning_ends(outcome, expected) -> None:
    assert outcome.exit_code is expected


CARRIED = {
    PromotionStatus.COMPLETED: ExitCode.DONE,
    PromotionStatus.ROLLED_BACK: ExitCode.REMOTE,
    PromotionStatus.ROLLBACK_INCOMPLETE: ExitCode.REMOTE,
}


@pytest.mark.parametrize("status", PromotionStatus)
def test_only_what_is_completed_ends_well(status) -> None:
    assert Carried(promotion=promotion(status)).exit_code is CARRIED.get(status, ExitCode.RULE)


@pytest.mark.parametrize("status", PromotionStatus)
@pytest.mark.parametrize(("waits_for", "expected"), [((), ExitCode.DONE), (("No.",), ExitCode.RULE)])
def test_a_dry_run_ends_well_where_it_could_go_on(status, waits_for, expected) -> None:
    assert Carried(promotion=promotion(status), waits_for=waits_for, is_dry_run=True).exit_code is expected


def test_the_next_job_gets_what_has_not_ended() -> None:
    every = [promotion(status, promotion_id=f"promo-{number}") for number, status in enumerate(PromotionStatus, 1)]
    found = waiting(every)
    assert [each["status"] for each in found] == [str(each) for each in PromotionStatus if each not in ENDED]
    assert found[0] == {
        "promotion_id": "promo-1",
        "environment": "staging",
        "status": "pending_approval",
        "plan_digest": every[0].plan_digest,
    }


def read(document):
    return json.loads(json.dumps(document))


def test_a_preview_names_what_was_compared_and_what_failed() -> None:
    document = read(preview_answer(previewed(walkthrough(), unchanged=("qa",), failed=(UNREACHABLE,))))
    assert (document["git_commit_sha"], document["base"], document["unchanged"]) == (COMMIT, "b" * 40, ["qa"])
    assert document["previews"][0]["promotion_id"] is None
    assert document["failed"] == [
        {"target_stage": "prod", "problem": "No answer.", "fix": "Start n8n.", "exit_code": 4}
    ]
    assert document["exit_code"] == 4


def test_a_plan_names_its_record_and_one_that_was_there_has_no_plan() -> None:
    known = promotion(promotion_id="promo-2")
    new = promotion(PromotionStatus.PENDING_APPROVAL)
    outcome = recorded(promotions=(new, known), plans={"promo-1": walkthrough()}, superseded=("promo-0",))
    document = read(plan_answer(outcome))
    assert [each["promotion_id"] for each in document["promotions"]] == ["promo-1", "promo-2"]
    assert [each["promotion_id"] for each in document["previews"]] == ["promo-1"]
    assert (document["superseded"], document["blocked"]) == (["promo-0"], [])


def test_what_was_carried_out_has_the_record_of_the_walkthrough() -> None:
    document = read(carried_answer(Carried(promotion=done(), plan=walkthrough(), recovered=(promotion(),))))
    result = document["promotion"]["execution_result"]
    assert result.keys() >= {
        "workflows_promoted",
        "workflows_failed",
        "credentials_rewritten",
        "rollback_performed",
        "target_pre_snapshot_id",
        "target_post_snapshot_id",
        "execution_time_ms",
    }
    assert document["preview"]["promotion_id"] == "promo-1"
    assert len(document["recovered"]) == 1
    assert read(carried_answer(Carried(promotion=done())))["preview"] is None


@pytest.mark.parametrize("pull_request", [None, PullRequest(12, "https://github.com/o/r/pull/12", is_new=True)])
def test_what_was_proposed_names_branch_and_pull_request(pull_request) -> None:
    outcome = OpenedPromotion(
        source_stage="dev",
        target_stage="staging",
        pipeline_id="main",
        canonical_slugs=("orders",),
        files=("staging/orders.json",),
        left_out={"dev/alarm.json": "It is not JSON."},
        branch="workflowops/promote-staging-orders",
        commit=COMMIT,
        is_new=True,
        pull_request=pull_request,
    )
    document = read(opened_answer(outcome))
    expected = None if pull_request is None else {"number": 12, "url": "https://github.com/o/r/pull/12"}
    assert document["pull_request"] == expected
    assert (document["branch"], document["git_commit_sha"]) == (outcome.branch, COMMIT)
    assert (document["workflows"], document["left_out"]) == (["orders"], {"dev/alarm.json": "It is not JSON."})
