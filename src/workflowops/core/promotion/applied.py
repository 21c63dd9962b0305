"""What is last known good once a promotion is done: what n8n runs now, whether Git says the same or not."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from workflowops.core.baseline import plan_baseline, refreshed
from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.mapping import Known
from workflowops.core.records import (
    AppliedWorkflow,
    CurrentFile,
    MappedWorkflow,
    MappingFile,
    MappingStatus,
)
from workflowops.core.standing import DriftKind
from workflowops.core.verdicts import Verdict


def applied_after(
    known: Known, mapping: MappingFile, verdicts: Sequence[Verdict], *, changed: Collection[str], now: str
) -> CurrentFile:
    """Answer the baseline after a promotion wrote the workflows `changed` (canonical ids).

    What n8n runs of them is what was applied: where Git says something else, as after a rollback, Git is ahead and
    nothing has drifted. An environment without a baseline gets one, with everything else in it that is in sync.
    """
    current = refreshed(known, mapping, verdicts)
    if current is None:
        current = plan_baseline(known, mapping, verdicts, accept=None, now=now).current
    in_sync = {each.canonical_id for each in verdicts if each.content is DriftKind.IN_SYNC}
    entries = {
        each.canonical_id: each
        for each in mapping.workflows.values()
        if each.canonical_id is not None and each.status is MappingStatus.LINKED
    }
    workflows = dict(current.workflows)
    for canonical_id in changed:
        entry = entries.get(canonical_id)
        if entry is None:
            workflows.pop(canonical_id, None)
            continue
        agreed = workflows.get(canonical_id) if canonical_id in in_sync else None
        workflows[canonical_id] = replace(agreed or _live(entry), active=entry.active, tags=entry.tags)
    return replace(
        current,
        canonical_form=CANONICAL_FORM,
        git_commit_sha=known.canonical.git_commit_sha,
        workflows=workflows,
    )


def with_created(mapping: MappingFile | None, created: Sequence[MappedWorkflow]) -> MappingFile:
    """Answer the mapping with links to workflows that only the promotion which created them knows of."""
    there = {} if mapping is None else mapping.workflows
    names = {each.canonical_id for each in created}
    kept = {key: each for key, each in there.items() if each.canonical_id not in names}
    form = CANONICAL_FORM if mapping is None else mapping.canonical_form
    return MappingFile(canonical_form=form, workflows=kept | {each.n8n_workflow_id: each for each in created})


def created_entry(n8n_workflow_id: str, canonical_id: str, name: str) -> MappedWorkflow:
    """Answer the link of a created workflow; what it holds is filled in from the instance."""
    return MappedWorkflow(
        n8n_workflow_id=n8n_workflow_id,
        workflow_name=name,
        status=MappingStatus.LINKED,
        canonical_id=canonical_id,
        active=False,
        tags=(),
        node_count=0,
        raw_hash="",
        env_content_hash="",
        env_layout_hash="",
        env_bindings_hash="",
    )


def _live(entry: MappedWorkflow) -> AppliedWorkflow:
    return AppliedWorkflow(
        n8n_workflow_id=entry.n8n_workflow_id, content_hash=entry.env_content_hash, references=entry.env_references
    )
