"""Plans and records of promotions as the JSON documents that `--json` prints; field names as in walkthrough 2."""

import msgspec

from workflowops.core.diff import as_json
from workflowops.core.json import Json, JsonObject
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.promotion.finding import Conflict, Finding, GateResult
from workflowops.core.promotion.plan import CredentialBinding, PlannedWorkflow, PromotionPlan
from workflowops.core.promotion.record import Promotion
from workflowops.core.secrets import mask_text


def preview_json(plan: PromotionPlan, promotion: Promotion | None) -> JsonObject:
    """Write a plan, every workflow of it, without the documents that would be written: those stand in Git.

    `promotion_id` is null as long as there is no record. Every text is masked.
    """
    return {
        "promotion_id": None if promotion is None else promotion.promotion_id,
        "status": None if promotion is None else str(promotion.status),
        "kind": str(plan.kind),
        "pipeline_id": plan.pipeline_id,
        "source_stage": plan.source_stage,
        "target_stage": plan.target_stage,
        "git_commit_sha": plan.git_commit_sha,
        "workflows": [_workflow(each, plan.conflicts) for each in plan.workflows],
        "conflicts": [_conflict(each) for each in plan.conflicts],
        "findings": [_finding(each) for each in plan.findings],
        "gate_results": [_gate(each) for each in plan.gate_results],
        "can_proceed": plan.can_proceed,
        "is_blocked": plan.is_blocked,
        "estimated_impact": str(plan.estimated_impact),
        "options": msgspec.to_builtins(plan.options),
        "plan_digest": plan.digest,
    }


def promotion_json(promotion: Promotion) -> JsonObject:
    """Write a record as it is stored."""
    document: JsonObject = msgspec.to_builtins(promotion)
    del document["schema"]
    return document


def _workflow(each: PlannedWorkflow, conflicts: tuple[Conflict, ...]) -> JsonObject:
    diff, redaction = (None, Redaction()) if each.diff is None else masked_with_redaction(each.diff)
    return {
        "workflow_id": each.workflow_id,
        "workflow_name": redaction.text(each.workflow_name),
        "canonical_id": each.canonical_id,
        "canonical_slug": redaction.text(each.canonical_slug),
        "change_type": str(each.change_type),
        "target_workflow_id": each.target_workflow_id,
        "file": None if each.file is None else redaction.text(each.file),
        "nodes_added": 0 if diff is None else diff.nodes_added,
        "nodes_removed": 0 if diff is None else diff.nodes_removed,
        "nodes_modified": 0 if diff is None else diff.nodes_modified,
        "connections_changed": diff is not None and diff.connections_changed,
        "settings_changed": diff is not None and diff.settings_changed,
        "conflicts": [_conflict(one) for one in conflicts if one.canonical_id == each.canonical_id],
        "diff_summary": None if diff is None else as_json(diff, mask=False),
        "risk": each.risk,
        "publication": str(each.publication),
        "removal": each.removal,
        "tags": None if each.tags is None else [redaction.text(tag) for tag in each.tags],
        "depends_on": [*each.depends_on],
        "credentials": [_credential(one, redaction) for one in each.credentials],
        "dropped_fields": [redaction.text(name) for name in each.dropped],
    }


def _credential(each: CredentialBinding, redaction: Redaction) -> JsonObject:
    return {
        "node_name": redaction.text(each.node_name),
        "credential_type": redaction.text(each.credential_type),
        "old_name": redaction.text(each.old_name),
        "name": redaction.text(each.name),
        "id": each.id,
        "is_rewritten": each.is_rewritten,
    }


def _conflict(each: Conflict) -> JsonObject:
    return {
        "type": str(each.type),
        "canonical_id": each.canonical_id,
        "workflow_id": each.workflow_id,
        "message": mask_text(each.message),
        "fix": mask_text(each.fix),
        "allowed_by": each.allowed_by,
        "is_allowed": each.is_allowed,
    }


def _finding(each: Finding) -> JsonObject:
    return {
        "code": str(each.code),
        "gravity": str(each.gravity),
        "message": mask_text(each.message),
        "fix": mask_text(each.fix),
        "canonical_id": each.canonical_id,
        "node_name": _masked(each.node_name),
        "file": _masked(each.file),
    }


def _gate(each: GateResult) -> JsonObject:
    return {
        "gate_type": str(each.gate_type),
        "status": str(each.status),
        "required": each.required,
        "message": mask_text(each.message),
        "fix": mask_text(each.fix),
    }


def _masked(text: str | None) -> Json:
    return None if text is None else mask_text(text)
