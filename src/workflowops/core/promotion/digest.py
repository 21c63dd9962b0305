"""The digest of a plan: whoever approves it approves exactly these writes over exactly these versions."""

from collections.abc import Sequence

import msgspec

from workflowops.core.json import Json, canonical_text, sha256
from workflowops.core.promotion.plan import PLAN_FORM, Options, PlannedWorkflow, PromotionKind


def digest_of(kind: PromotionKind, target_stage: str, workflows: Sequence[PlannedWorkflow], options: Options) -> str:
    """Answer SHA-256, in hexadecimal, over all that decides what is written, and over what it replaces.

    What the target held is always in it: `allow_overwriting_hotfixes` lets a change that was seen be overwritten, and
    never one that came later. The commit, the gates, names for display and the order, which follows from the documents,
    are not in it.
    """
    changed = sorted((each for each in workflows if each.is_change), key=lambda each: each.canonical_id)
    told: dict[str, Json] = {
        "form": PLAN_FORM,
        "kind": str(kind),
        "target_stage": target_stage,
        "allow_overwriting_hotfixes": options.allow_overwriting_hotfixes,
        "workflows": [_digested(each) for each in changed],
    }
    return sha256(canonical_text(told))


def _digested(workflow: PlannedWorkflow) -> Json:
    published = workflow.published_document
    return {
        "canonical_id": workflow.canonical_id,
        "change_type": str(workflow.change_type),
        "target_workflow_id": workflow.target_workflow_id,
        "document": None if workflow.document is None else {**workflow.document},
        "published_document": None if published is None else {**published},
        "publication": str(workflow.publication),
        "tags": None if workflow.tags is None else [*workflow.tags],
        "removal": None if workflow.removal is None else str(workflow.removal),
        "before": msgspec.to_builtins(workflow.before),
    }
