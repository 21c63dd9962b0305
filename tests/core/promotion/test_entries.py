"""What the audit log says of a promotion: each thing once, by the one who did it."""

from dataclasses import replace
from typing import Any

import pytest
from tests.core.promotion.records import DIGEST, approval, promoted, promotion, result

from workflowops.core.promotion.entries import credential_steps, promotion_steps
from workflowops.core.promotion.plan import (
    CredentialBinding,
    Options,
    PlannedWorkflow,
    PromotionKind,
    PromotionPlan,
    WorkflowChangeType,
)
from workflowops.core.promotion.record import Outcome, Promotion, PromotionStatus

BINDING = CredentialBinding(
    node_name="Create Order",
    credential_type="postgres",
    old_name="Orders DB",
    name="Orders DB (staging)",
    id="cred-staging-015",
    is_rewritten=True,
)
SECRET = "ghp_" + "a1B2" * 9
NEW = promotion()


def actions(before: Promotion | None, after: Promotion) -> list[str]:
    return [each.action for each in promotion_steps(before, after)]


def at(status: PromotionStatus, **changes: Any) -> Promotion:
    return promotion(status=status, **changes)


STATUSES = [
    pytest.param(PromotionStatus.RUNNING, ["promotion.started"], id="started"),
    pytest.param(PromotionStatus.COMPLETED, ["promotion.completed"], id="completed"),
    pytest.param(PromotionStatus.ROLLED_BACK, ["promotion.rolled_back"], id="rolled back"),
    pytest.param(PromotionStatus.ROLLBACK_INCOMPLETE, ["promotion.rollback_incomplete"], id="rollback incomplete"),
    pytest.param(PromotionStatus.PLAN_CHANGED, ["promotion.plan_changed"], id="plan changed"),
    pytest.param(PromotionStatus.REJECTED, ["promotion.rejected"], id="rejected"),
    pytest.param(PromotionStatus.SUPERSEDED, ["promotion.superseded"], id="superseded"),
    pytest.param(PromotionStatus.APPROVED, ["promotion.passed"], id="let through"),
    pytest.param(PromotionStatus.PENDING_APPROVAL, [], id="nothing happened"),
]


@pytest.mark.parametrize(("status", "expected"), STATUSES)
def test_every_status_that_is_reached_is_noted(status: PromotionStatus, expected: list[str]) -> None:
    assert actions(NEW, at(status)) == expected
    assert actions(at(status), at(status)) == []
    for step in promotion_steps(NEW, at(status)):
        assert step.details.get("previous_status", "pending_approval") == "pending_approval"


def test_a_new_promotion_is_noted_by_its_author_with_what_it_allows() -> None:
    new = promotion(options=Options(allow_overwriting_hotfixes=True))
    (step,) = promotion_steps(None, new)
    assert (step.action, step.by) == ("promotion.created", "ada")
    assert step.details["allow_overwriting_hotfixes"] is True
    assert step.details["allow_force_promotion_on_conflicts"] is False
    assert (step.details["plan_digest"], step.details["pull_request"]) == (DIGEST, 12)
    assert step.details["workflow_selection"] == ["order-processing"]


def test_one_that_needs_no_approval_is_created_and_let_through() -> None:
    assert actions(None, at(PromotionStatus.APPROVED)) == ["promotion.created", "promotion.passed"]


def test_every_approval_is_noted_once_by_the_one_who_gave_it() -> None:
    first = replace(NEW, approvals=(approval(),))
    second = replace(first, approvals=(approval(), approval("linus", proof="environment")))
    assert [each.by for each in promotion_steps(NEW, second)] == ["grace", "linus"]
    (step,) = promotion_steps(first, second)
    assert (step.action, step.by, step.details["proof"]) == ("promotion.approved", "linus", "environment")
    assert step.details["approved_at"] == "2026-01-14T10:35:00Z"
    assert step.details["comment"] == "Looks good"


def test_an_approved_promotion_that_had_approvals_is_not_told_as_let_through() -> None:
    assert actions(NEW, at(PromotionStatus.APPROVED, approvals=(approval(),))) == ["promotion.approved"]


def test_the_begin_names_the_snapshot_and_the_plan() -> None:
    (step,) = promotion_steps(NEW, at(PromotionStatus.RUNNING, execution_result=result(), run_url="https://x"))
    assert step.by is None
    assert step.details["target_pre_snapshot_id"] == "promo-7-pre"
    assert (step.details["plan_digest"], step.details["run_url"]) == (DIGEST, "https://x")


def test_the_end_holds_what_came_of_it() -> None:
    left = result(rollback_performed=True, not_as_before=("Orders",), workflows_failed=1)
    after = at(PromotionStatus.ROLLBACK_INCOMPLETE, execution_result=left, problem="503")
    (step,) = promotion_steps(at(PromotionStatus.RUNNING), after)
    assert step.details == {
        "previous_status": "running",
        "workflows_promoted": 1,
        "workflows_failed": 1,
        "credentials_rewritten": 2,
        "rollback_performed": True,
        "target_pre_snapshot_id": "promo-7-pre",
        "target_post_snapshot_id": "promo-7-post",
        "not_as_before": ["Orders"],
        "problem": "503",
    }


def test_a_rejection_is_by_the_one_who_said_no() -> None:
    after = at(PromotionStatus.REJECTED, rejected_by="grace", rejection_reason="Not now")
    (step,) = promotion_steps(NEW, after)
    assert (step.by, step.details["reason"]) == ("grace", "Not now")


def test_what_took_its_place_is_named() -> None:
    (step,) = promotion_steps(NEW, at(PromotionStatus.SUPERSEDED, superseded_by="promo-8"))
    assert step.details["superseded_by"] == "promo-8"


def test_a_later_rollback_is_noted_at_the_promotion_it_took_back() -> None:
    completed = at(PromotionStatus.COMPLETED)
    (step,) = promotion_steps(completed, replace(completed, rolled_back_by="promo-9"))
    assert (step.action, step.details) == ("promotion.undone", {"rolled_back_by": "promo-9"})


# ── credentials ─────────────────────────────────────────────────────────────────────────────────────────────────────


def plan(*bindings: CredentialBinding) -> PromotionPlan:
    workflow = PlannedWorkflow(
        canonical_id="order-processing",
        canonical_slug="order_processing",
        workflow_name="Order Processing v2",
        change_type=WorkflowChangeType.UPDATED,
        credentials=bindings,
    )
    return PromotionPlan(
        kind=PromotionKind.PROMOTION,
        pipeline_id="default",
        source_stage="dev",
        target_stage="staging",
        target_title="Staging",
        git_commit_sha=None,
        workflows=(workflow,),
        options=Options(),
        digest=DIGEST,
    )


def completed(**changes: Any) -> Promotion:
    return at(PromotionStatus.COMPLETED, workflows=(promoted(**changes),))


def test_every_rewritten_credential_is_noted_with_its_node() -> None:
    other = replace(BINDING, node_name="Webhook Trigger", credential_type="httpAuth", name="API Auth", id=None)
    steps = credential_steps(completed(), plan(BINDING, other, replace(BINDING, is_rewritten=False)))
    assert [each.details["node_name"] for each in steps] == ["Create Order", "Webhook Trigger"]
    assert {(each.action, each.resource_type, each.resource_id) for each in steps} == {
        ("credential.rewritten", "workflow", "order-processing")
    }
    assert steps[0].details == {
        "promotion_id": "promo-7",
        "canonical_slug": "order_processing",
        "n8n_workflow_id": "wf-staging-005",
        "node_name": "Create Order",
        "credential_type": "postgres",
        "old_name": "Orders DB",
        "new_name": "Orders DB (staging)",
        "new_id": "cred-staging-015",
    }


@pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.AS_PLANNED])
def test_what_was_not_read_back_as_planned_is_not_noted(outcome: Outcome) -> None:
    assert credential_steps(completed(outcome=outcome), plan(BINDING)) == ()
    assert credential_steps(completed(outcome=outcome), None) == ()


def test_without_the_plan_they_are_counted() -> None:
    (step,) = credential_steps(completed(), None)
    assert step.details["credentials_rewritten"] == 2
    assert credential_steps(completed(credentials_rewritten=0), None) == ()


def test_names_that_are_secrets_are_masked() -> None:
    odd = replace(BINDING, node_name=SECRET, old_name=SECRET, name=SECRET)
    assert SECRET not in repr(credential_steps(completed(), plan(odd)))
