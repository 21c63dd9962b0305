"""What becomes of a workflow whose file was deleted."""

from collections.abc import Collection, Iterator, Mapping

from workflowops.core.configuration import OnDelete
from workflowops.core.problems import shown
from workflowops.core.promotion.conflicts import name_of
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import Held, PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.secrets import mask_text


def is_to_be_removed(candidate: Candidate, *, target: Target, held: Held | None) -> bool:
    """Say whether the target still has what Git does not declare any more, and had it from Git.

    What is archived is put away already; what only has to be unpublished and is off is done.
    """
    if held is None or held.is_archived:
        return False
    if target.stage.on_delete is OnDelete.UNPUBLISH and not held.is_active:
        return False
    return candidate.applied is not None or candidate.canonical_id in target.ids


def removed(candidate: Candidate, *, target: Target, held: Held) -> PlannedWorkflow:
    """Plan the removal of a workflow as the stage's policy says."""
    return PlannedWorkflow(
        canonical_id=candidate.canonical_id,
        canonical_slug=candidate.canonical_slug,
        workflow_name=candidate.canonical_slug if candidate.live is None else candidate.live.name,
        change_type=WorkflowChangeType.REMOVED,
        workflow_id=None if candidate.source is None else candidate.source.workflow_id,
        target_workflow_id=held.workflow_id,
        file=candidate.path,
        before=held,
        removal=target.stage.on_delete,
    )


def removal_findings(candidate: Candidate, *, target: Target) -> Iterator[Finding]:
    """Tell that the policy or the server does not let a workflow go."""
    title, policy = target.environment.title, target.stage.on_delete
    if policy is OnDelete.BLOCK:
        yield Finding(
            code=FindingCode.REMOVAL_BLOCKED,
            gravity=Gravity.BLOCKING,
            message=f"The file of {name_of(candidate)} was deleted, and `on_delete: block` keeps it in {title}.",
            fix="Put the file back, or set `on_delete` of the stage to archive, unpublish or delete.",
            canonical_id=candidate.canonical_id,
            file=candidate.path,
        )
    elif policy is OnDelete.ARCHIVE and (target.abilities is None or not target.abilities.archive):
        yield Finding(
            code=FindingCode.NOT_SUPPORTED,
            gravity=Gravity.BLOCKING,
            message=f"{name_of(candidate)} is to be archived, and the server of {title} cannot do that by its API.",
            fix="Set `on_delete` of the stage to unpublish or delete, or update n8n.",
            canonical_id=candidate.canonical_id,
            file=candidate.path,
        )


def still_called(
    workflows: Collection[PlannedWorkflow], *, refers_to: Mapping[str, Collection[str]], target: Target
) -> Iterator[Finding]:
    """Tell which workflows would go, or be switched off, although one that stays refers to them.

    `refers_to` is canonical id -> n8n ids, of every workflow that the plan writes; for the others counts what they
    refer to now.
    """
    gone = {each.target_workflow_id for each in workflows if each.change_type is WorkflowChangeType.REMOVED}
    written = {each.target_workflow_id for each in workflows if each.canonical_id in refers_to}
    for each in workflows:
        is_removed = each.change_type is WorkflowChangeType.REMOVED
        workflow_id = each.target_workflow_id
        if workflow_id is None or not (is_removed or each.publication is Publication.UNPUBLISH):
            continue
        now = target.callers.get(workflow_id, ())
        names = [target.names.get(caller, caller) for caller in now if caller not in gone | written | {workflow_id}]
        names += [
            other.workflow_name
            for other in workflows
            if other is not each and workflow_id in refers_to.get(other.canonical_id, ())
        ]
        if names:
            yield _still_called(each, sorted(set(names)), is_removed=is_removed)


def _still_called(workflow: PlannedWorkflow, callers: Collection[str], *, is_removed: bool) -> Finding:
    told = ", ".join(shown(mask_text(name)) for name in callers)
    what = "would be removed" if is_removed else "would be switched off"
    return Finding(
        code=FindingCode.STILL_CALLED,
        gravity=Gravity.BLOCKING if is_removed else Gravity.WARNING,
        message=f"{shown(mask_text(workflow.workflow_name))} {what}, and {told} still refers to it."
        if len(callers) == 1
        else f"{shown(mask_text(workflow.workflow_name))} {what}, and {told} still refer to it.",
        fix="Change or remove what refers to it in the same promotion, or keep its file.",
        canonical_id=workflow.canonical_id,
        file=workflow.file,
    )
