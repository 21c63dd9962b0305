"""Builders of promotions as the state has them."""

from typing import Any

from workflowops.core.promotion.plan import Content, WorkflowChangeType
from workflowops.core.promotion.record import (
    ApprovalGiven,
    ExecutionResult,
    Outcome,
    PromotedWorkflow,
    Promotion,
    PromotionsIndex,
    PromotionStatus,
)

DIGEST = "d" * 64
CREATED = "2026-01-14T10:30:00Z"
BEGUN = "2026-01-14T10:40:00Z"
ENDED_AT = "2026-01-14T10:40:20Z"
EMPTY = PromotionsIndex()


def promotion(promotion_id: str = "promo-7", **changes: Any) -> Promotion:
    """A promotion of one workflow from dev to staging that waits for its approval."""
    settings: dict[str, Any] = {
        "promotion_id": promotion_id,
        "pipeline_id": "default",
        "source_stage": "dev",
        "target_stage": "staging",
        "status": PromotionStatus.PENDING_APPROVAL,
        "workflow_selection": ("order-processing",),
        "plan_digest": DIGEST,
        "git_commit_sha": "c" * 40,
        "pull_request": 12,
        "created_by": "ada",
        "created_at": CREATED,
    }
    return Promotion(**(settings | changes))


def promoted(canonical_id: str = "order-processing", **changes: Any) -> PromotedWorkflow:
    """A workflow that was read back as planned, with two credentials rewritten."""
    content = Content(logic="l" * 64, layout="y" * 64, graph="g" * 64)
    settings: dict[str, Any] = {
        "canonical_id": canonical_id,
        "canonical_slug": canonical_id.replace("-", "_"),
        "workflow_name": "Order Processing v2",
        "change_type": WorkflowChangeType.UPDATED,
        "n8n_workflow_id": "wf-staging-005",
        "planned": content,
        "credentials_rewritten": 2,
        "outcome": Outcome.AS_PLANNED,
    }
    return PromotedWorkflow(**(settings | changes))


def approval(by: str = "grace", **changes: Any) -> ApprovalGiven:
    """An approval of the plan, by comment."""
    settings: dict[str, Any] = {"by": by, "at": "2026-01-14T10:35:00Z", "plan_digest": DIGEST, "comment": "Looks good"}
    return ApprovalGiven(**(settings | changes))


def result(**changes: Any) -> ExecutionResult:
    """What came of a promotion of one workflow."""
    settings: dict[str, Any] = {
        "workflows_promoted": 1,
        "credentials_rewritten": 2,
        "target_pre_snapshot_id": "promo-7-pre",
        "target_post_snapshot_id": "promo-7-post",
        "execution_time_ms": 5430,
        "n8n_requests": 9,
    }
    return ExecutionResult(**(settings | changes))


def indexed(*promotions: Promotion, last: int | None = None) -> PromotionsIndex:
    """The index that knows these promotions as open."""
    still: dict[str, tuple[str, ...]] = {}
    for each in promotions:
        still[each.target_stage] = (*still.get(each.target_stage, ()), each.promotion_id)
    numbers = [int(each.promotion_id.removeprefix("promo-")) for each in promotions]
    return PromotionsIndex(last=max(numbers, default=0) if last is None else last, open=still)
