"""Plans and records made by hand, as planning and execution would answer them."""

from typing import Any

from tests.core.text.reports import COMMIT, hot_fix, rebuilt

from workflowops.core.configuration import OnDelete
from workflowops.core.promotion.finding import (
    Conflict,
    ConflictType,
    Finding,
    FindingCode,
    GateResult,
    GateStatus,
    GateType,
    Gravity,
)
from workflowops.core.promotion.plan import (
    Content,
    CredentialBinding,
    Held,
    Impact,
    Options,
    PlannedWorkflow,
    PromotionKind,
    PromotionPlan,
    Publication,
    WorkflowChangeType,
)
from workflowops.core.promotion.record import (
    ApprovalGiven,
    ExecutionResult,
    Outcome,
    PromotedWorkflow,
    Promotion,
    PromotionStatus,
)
from workflowops.core.text.links import Links

LINKS = Links(
    server_url="https://github.com",
    repository="o/r",
    state_branch="workflowops-state",
    run_url="https://github.com/o/r/actions/runs/7",
)
DIGEST = "d1" * 32
CONTENT = Content(logic="l" * 64, layout="y" * 64, graph="g" * 64)


def held(*, runs: bool = True, **more: Any) -> Held:
    fields: dict[str, Any] = {
        "workflow_id": "wf-staging-005",
        "draft": CONTENT,
        "published": CONTENT if runs else None,
        "is_active": runs,
        "is_archived": False,
        "tags": (),
    }
    return Held(**fields | more)


def planned(name: str = "Order Processing v2", **more: Any) -> PlannedWorkflow:
    fields: dict[str, Any] = {
        "canonical_id": "c-1",
        "canonical_slug": "order_processing",
        "workflow_name": name,
        "change_type": WorkflowChangeType.UPDATED,
        "workflow_id": "wf-dev-007",
        "target_workflow_id": "wf-staging-005",
        "file": "staging/order_processing.json",
        "before": held(),
        "publication": Publication.PUBLISH,
        "diff": hot_fix(),
    }
    fields |= more
    if fields["diff"] is not None:
        fields.setdefault("risk", fields["diff"].risk)
    return PlannedWorkflow(**fields)


def binding(**more: Any) -> CredentialBinding:
    fields: dict[str, Any] = {
        "node_name": "Create Order",
        "credential_type": "postgres",
        "old_name": "Orders DB",
        "name": "Orders DB (staging)",
        "id": "cred-staging-015",
        "is_rewritten": True,
    }
    return CredentialBinding(**fields | more)


def finding(code: FindingCode = FindingCode.CREDENTIAL_MISSING, **more: Any) -> Finding:
    fields: dict[str, Any] = {
        "code": code,
        "gravity": Gravity.BLOCKING,
        "message": "Staging has no credential `API Auth` of the type `httpHeaderAuth`, which the node `Notify` uses.",
        "fix": "Create it in n8n, or map the name under `credentials` of the stage.",
        "canonical_id": "c-1",
        "node_name": "Notify",
        "file": "staging/order_processing.json",
    }
    return Finding(**fields | more)


def conflict(**more: Any) -> Conflict:
    fields: dict[str, Any] = {
        "type": ConflictType.HOTFIX_IN_TARGET,
        "canonical_id": "c-1",
        "workflow_id": "wf-staging-005",
        "message": "Order Processing v2 was edited in Staging since it was last applied.",
        "fix": "Put the edit into Git with `/adopt`, or allow `allow_overwriting_hotfixes`.",
        "allowed_by": "allow_overwriting_hotfixes",
    }
    return Conflict(**fields | more)


def gate(gate_type: GateType = GateType.REQUIRE_APPROVAL, status: GateStatus = GateStatus.PENDING, **more: Any):
    fields: dict[str, Any] = {
        "required": True,
        "message": "Requires approval by the reviewers of the environment `staging`.",
        "fix": "Approve the waiting job on the page of its run.",
    }
    return GateResult(gate_type=gate_type, status=status, **fields | more)


def plan(*workflows: PlannedWorkflow, **more: Any) -> PromotionPlan:
    fields: dict[str, Any] = {
        "kind": PromotionKind.PROMOTION,
        "pipeline_id": "main",
        "source_stage": "dev",
        "target_stage": "staging",
        "target_title": "Staging",
        "git_commit_sha": COMMIT,
        "workflows": workflows or (planned(),),
        "options": Options(),
        "digest": DIGEST,
    }
    return PromotionPlan(**fields | more)


def walkthrough() -> PromotionPlan:
    """The plan of walkthrough 2: one workflow gets a node, two credentials become those of the target."""
    return plan(
        planned(
            diff=rebuilt(),
            credentials=(
                binding(node_name="Webhook Trigger", credential_type="httpAuth", old_name="API Auth",
                        name="API Auth", id="cred-staging-010"),
                binding(),
                binding(node_name="Untouched", is_rewritten=False),
            ),
        ),
        gate_results=(gate(), gate(GateType.FREEZE, GateStatus.PASSED, required=False, message="No window is set.")),
    )  # fmt: skip


def everything() -> PromotionPlan:
    """A plan with one of everything, which is blocked."""
    return plan(
        planned("Shared Steps", canonical_id="c-2", change_type=WorkflowChangeType.CREATED, target_workflow_id=None,
                before=None, file="staging/shared_steps.json", publication=Publication.KEEP, tags=("crm", "eu")),
        planned(diff=rebuilt(), depends_on=("c-2",), dropped=("staticData",), credentials=(binding(id=None),)),
        planned("Nightly Export", canonical_id="c-3", file="staging/nightly_export.json", diff=None,
                publication=Publication.UNPUBLISH, tags=()),
        planned("Invoices", canonical_id="c-4", file="staging/invoices.json", publication=Publication.KEEP),
        planned("Cleanup", canonical_id="c-5", change_type=WorkflowChangeType.REMOVED, file=None, diff=None,
                removal=OnDelete.ARCHIVE),
        planned("Leads", canonical_id="c-6", change_type=WorkflowChangeType.UNCHANGED, diff=None),
        options=Options(allow_force_promotion_on_conflicts=True),
        estimated_impact=Impact.HIGH,
        conflicts=(
            conflict(),
            conflict(type=ConflictType.SOURCE_AHEAD, is_allowed=True, message="dev runs what its file does not say.",
                     allowed_by="allow_force_promotion_on_conflicts"),
        ),
        findings=(
            finding(),
            finding(FindingCode.STILL_CALLED, message="Leads calls Cleanup.", fix="Remove the call first.",
                    canonical_id="c-5", node_name=None, file=None),
            finding(FindingCode.CREATED_SWITCHED_OFF, gravity=Gravity.NOTE, message="Shared Steps stays switched off.",
                    fix="", canonical_id="c-2", node_name=None, file="staging/shared_steps.json"),
            finding(FindingCode.DROPPED_FIELD, gravity=Gravity.WARNING, message="The server takes no `staticData`.",
                    fix="Take it out of the file.", node_name=None),
        ),
        gate_results=(
            gate(),
            gate(GateType.REQUIRE_ALL_TESTS_PASSED, GateStatus.PASSED, message="3 checks of the commit passed."),
            gate(GateType.FREEZE, GateStatus.FAILED, message="Frozen until Mon 08:00 Europe/Berlin.",
                 fix="Wait until then."),
        ),
    )  # fmt: skip


def promoted(name: str = "Order Processing v2", **more: Any) -> PromotedWorkflow:
    fields: dict[str, Any] = {
        "canonical_id": "c-1",
        "canonical_slug": "order_processing",
        "workflow_name": name,
        "change_type": WorkflowChangeType.UPDATED,
        "n8n_workflow_id": "wf-staging-005",
        "file": "staging/order_processing.json",
        "credentials_rewritten": 2,
        "outcome": Outcome.AS_PLANNED,
    }
    return PromotedWorkflow(**fields | more)


def promotion(status: PromotionStatus = PromotionStatus.COMPLETED, **more: Any) -> Promotion:
    """The record of walkthrough 2, in the end."""
    fields: dict[str, Any] = {
        "promotion_id": "promo-1",
        "pipeline_id": "main",
        "source_stage": "dev",
        "target_stage": "staging",
        "status": status,
        "workflow_selection": ("c-1",),
        "plan_digest": DIGEST,
        "git_commit_sha": COMMIT,
        "pull_request": 12,
        "created_by": "dora",
        "merged_by": "mia",
        "created_at": "2026-01-14T10:30:00Z",
        "workflows": (promoted(),),
    }
    return Promotion(**fields | more)


def done(**more: Any) -> Promotion:
    """A promotion that was approved and carried out."""
    fields: dict[str, Any] = {
        "approvals": (
            ApprovalGiven(by="lea", at="2026-01-14T10:35:00Z", plan_digest=DIGEST, proof="environment",
                          comment="Changes look good, inventory check is needed"),
        ),
        "approved_by": "lea",
        "approved_at": "2026-01-14T10:35:00Z",
        "execution_started_at": "2026-01-14T10:40:00Z",
        "execution_completed_at": "2026-01-14T10:40:20Z",
        "executed_by": "lea",
        "execution_result": ExecutionResult(
            workflows_promoted=1,
            credentials_rewritten=2,
            target_pre_snapshot_id="snapshots/promo-1-pre",
            target_post_snapshot_id="snapshots/promo-1-post",
            execution_time_ms=5430,
            n8n_requests=8,
        ),
    }  # fmt: skip
    return promotion(**fields | more)
