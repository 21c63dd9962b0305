"""What the audit log says of a promotion: approval, execution, every rewritten credential (walkthrough 2)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflowops.core.json import Json
from workflowops.core.promotion.plan import PlannedWorkflow, PromotionPlan
from workflowops.core.promotion.record import ApprovalGiven, Outcome, PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.secrets import mask_text


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedStep:
    """One thing that was done. `by` is None for whoever runs this; `resource_id` None for the promotion itself."""

    action: str
    details: Mapping[str, Json] = field(default_factory=dict)
    by: str | None = None
    resource_type: str = "promotion"
    resource_id: str | None = None


_REACHED = {
    PromotionStatus.RUNNING: "started",
    PromotionStatus.COMPLETED: "completed",
    PromotionStatus.ROLLED_BACK: "rolled_back",
    PromotionStatus.ROLLBACK_INCOMPLETE: "rollback_incomplete",
    PromotionStatus.PLAN_CHANGED: "plan_changed",
    PromotionStatus.REJECTED: "rejected",
    PromotionStatus.SUPERSEDED: "superseded",
}


def promotion_steps(before: Promotion | None, after: Promotion) -> tuple[NotedStep, ...]:
    """Answer what happened since, in order; everything for a promotion that was not there before."""
    return tuple(_steps(before, after))


def credential_steps(promotion: Promotion, plan: PromotionPlan | None) -> tuple[NotedStep, ...]:
    """Answer one step for each credential of a workflow that stands as planned, whose id or name was rewritten."""
    planned = {} if plan is None else {each.canonical_id: each for each in plan.workflows}
    return tuple(
        step
        for each in promotion.workflows
        if each.outcome is Outcome.AS_PLANNED
        for step in _rewrites(promotion, each, planned.get(each.canonical_id))
    )


def _steps(before: Promotion | None, after: Promotion) -> Iterator[NotedStep]:
    if before is None:
        yield NotedStep(action="promotion.created", by=after.created_by, details=_origin(after))
    known = () if before is None else before.approvals
    for approval in after.approvals:
        if approval not in known:
            yield NotedStep(action="promotion.approved", by=approval.by, details=_approval(approval))
    was = None if before is None else before.status
    if after.status is not was and after.status is PromotionStatus.APPROVED and not after.approvals:
        yield NotedStep(action="promotion.passed", details={"reason": "no gate asks an approval"})
    if after.status is not was and after.status in _REACHED:
        by = after.rejected_by if after.status is PromotionStatus.REJECTED else None
        details = {"previous_status": None if was is None else str(was), **_reached(after)}
        yield NotedStep(action=f"promotion.{_REACHED[after.status]}", by=by, details=details)
    if after.rolled_back_by is not None and (before is None or before.rolled_back_by != after.rolled_back_by):
        yield NotedStep(action="promotion.undone", details={"rolled_back_by": after.rolled_back_by})


def _origin(promotion: Promotion) -> dict[str, Json]:
    return {
        "kind": str(promotion.kind),
        "pipeline_id": promotion.pipeline_id,
        "source_stage": promotion.source_stage,
        "target_stage": promotion.target_stage,
        "plan_digest": promotion.plan_digest,
        "git_commit_sha": promotion.git_commit_sha,
        "pull_request": promotion.pull_request,
        "workflow_selection": [*promotion.workflow_selection],
        "allow_overwriting_hotfixes": promotion.options.allow_overwriting_hotfixes,
        "allow_force_promotion_on_conflicts": promotion.options.allow_force_promotion_on_conflicts,
        "rolls_back": promotion.rolls_back,
    }


def _approval(approval: ApprovalGiven) -> dict[str, Json]:
    return {
        "approved_at": approval.at,
        "comment": approval.comment,
        "plan_digest": approval.plan_digest,
        "proof": approval.proof,
    }


def _reached(promotion: Promotion) -> dict[str, Json]:
    """Answer what is worth keeping of the status that was reached."""
    result = promotion.execution_result
    match promotion.status:
        case PromotionStatus.RUNNING:
            snapshot = None if result is None else result.target_pre_snapshot_id
            told: dict[str, Json] = {"plan_digest": promotion.plan_digest, "target_pre_snapshot_id": snapshot}
            return told | {"run_url": promotion.run_url}
        case PromotionStatus.REJECTED:
            return {"reason": promotion.rejection_reason}
        case PromotionStatus.SUPERSEDED:
            return {"superseded_by": promotion.superseded_by}
        case PromotionStatus.PLAN_CHANGED:
            return {"plan_digest": promotion.plan_digest, "problem": promotion.problem}
        case _ if result is not None:
            return {
                "workflows_promoted": result.workflows_promoted,
                "workflows_failed": result.workflows_failed,
                "credentials_rewritten": result.credentials_rewritten,
                "rollback_performed": result.rollback_performed,
                "target_pre_snapshot_id": result.target_pre_snapshot_id,
                "target_post_snapshot_id": result.target_post_snapshot_id,
                "not_as_before": [*result.not_as_before],
                "problem": promotion.problem,
            }
        case _:
            return {"problem": promotion.problem}


def _rewrites(promotion: Promotion, each: PromotedWorkflow, planned: PlannedWorkflow | None) -> Iterator[NotedStep]:
    common: dict[str, Json] = {
        "promotion_id": promotion.promotion_id,
        "canonical_slug": each.canonical_slug,
        "n8n_workflow_id": each.n8n_workflow_id,
    }
    if planned is None:
        if each.credentials_rewritten:
            yield _rewrite(each, {**common, "credentials_rewritten": each.credentials_rewritten})
        return
    for binding in planned.credentials:
        if binding.is_rewritten:
            details = {
                "node_name": mask_text(binding.node_name),
                "credential_type": binding.credential_type,
                "old_name": mask_text(binding.old_name),
                "new_name": mask_text(binding.name),
                "new_id": binding.id,
            }
            yield _rewrite(each, {**common, **details})


def _rewrite(each: PromotedWorkflow, details: Mapping[str, Json]) -> NotedStep:
    return NotedStep(
        action="credential.rewritten", resource_type="workflow", resource_id=each.canonical_id, details=details
    )
