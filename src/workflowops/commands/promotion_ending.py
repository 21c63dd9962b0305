"""The end of a promotion: its record, and what is known of its target, in one commit of the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workflowops.commands.auditing import credential_entries, promotion_entries, recorded, status_entries
from workflowops.commands.execution import Execution, Seen
from workflowops.commands.gathering import record_of
from workflowops.commands.judging import (
    Differences,
    canonical_files,
    checked_record,
    judge_all,
    judged_files,
    rejudged,
)
from workflowops.commands.ports import StateView
from workflowops.commands.promotion_files import changed_files, files_for, known_promotion, read_index
from workflowops.commands.promotion_session import Progress
from workflowops.core.promotion.applied import applied_after, created_entry, with_created
from workflowops.core.promotion.plan import WorkflowChangeType
from workflowops.core.promotion.record import ExecutionResult, Outcome, Promotion
from workflowops.core.promotion.register import Registered, complete, fail
from workflowops.core.promotion.snapshot import StoredSnapshot
from workflowops.core.records import CurrentFile, MappingFile, current_path, decode, encode, mapping_path
from workflowops.core.secrets import mask_text
from workflowops.core.timestamps import iso

Files = dict[str, bytes | None]


def store_completed(
    execution: Execution, running: Promotion, progress: Progress, seen: Seen, *, post_snapshot: StoredSnapshot | None
) -> Promotion:
    """Record that everything was read back as planned, with what the target holds now; answer the record.

    Raises what kept the state from being written: the record says running then, and the next run finds it.
    """
    result = _result(execution, running, progress, is_rolled_back=False)
    if post_snapshot is not None:
        result = replace(
            result, target_post_snapshot_id=post_snapshot.name, target_post_snapshot_commit=post_snapshot.commit
        )
    latest: list[Registered] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        now = execution.workspace.clock()
        before = known_promotion(tip, running.promotion_id)
        undone = None if before.rolls_back is None else known_promotion(tip, before.rolls_back)
        latest.append(
            complete(
                before,
                index=read_index(tip),
                workflows=tuple(progress.changes.values()),
                result=result,
                at=iso(now),
                undone=undone,
            )
        )
        return _target_files(execution, tip, seen, latest[-1], progress, now=now) | files_for(latest[-1])

    execution.workspace.state.change(decide, message=f"promote: {running.promotion_id} is completed")
    return latest[-1].promotion


def store_failed(
    execution: Execution, running: Promotion, progress: Progress, *, problem: str, not_as_before: Sequence[str]
) -> Promotion:
    """Record that a promotion failed and what the target was read back as; answer the record. Raises as above."""
    result = replace(_result(execution, running, progress, is_rolled_back=True), not_as_before=tuple(not_as_before))
    latest: list[Registered] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        now = execution.workspace.clock()
        latest.append(
            fail(
                known_promotion(tip, running.promotion_id),
                index=read_index(tip),
                workflows=tuple(progress.changes.values()),
                result=result,
                at=iso(now),
                problem=problem,
            )
        )
        return changed_files(execution.workspace, tip, latest[-1], now=now)

    execution.workspace.state.change(decide, message=f"promote: {running.promotion_id} failed")
    return latest[-1].promotion


def _result(execution: Execution, running: Promotion, progress: Progress, *, is_rolled_back: bool) -> ExecutionResult:
    begun = running.execution_started_at
    now = execution.workspace.clock()
    changes = progress.changes.values()
    promoted = [each for each in changes if each.outcome is Outcome.AS_PLANNED]
    before = running.execution_result or ExecutionResult()
    return replace(
        before,
        workflows_promoted=len(promoted),
        workflows_failed=len(changes) - len(promoted),
        credentials_rewritten=sum(each.credentials_rewritten for each in promoted),
        rollback_performed=is_rolled_back,
        execution_time_ms=0 if begun is None else round((now - datetime.fromisoformat(begun)).total_seconds() * 1000),
        n8n_requests=progress.requests,
    )


@dataclass(frozen=True, slots=True)
class _Overlaid:
    """A commit of the state with some files as they are about to be."""

    view: StateView
    files: Mapping[str, bytes]

    @property
    def tip(self) -> str | None:
        return self.view.tip

    def read(self, path: str) -> bytes | None:
        return self.files[path] if path in self.files else self.view.read(path)

    def list(self, prefix: str) -> tuple[str, ...]:
        return self.view.list(prefix)


def _target_files(
    execution: Execution, tip: StateView, seen: Seen, registered: Registered, progress: Progress, *, now: datetime
) -> Files:
    """Answer mapping, baseline, record and audit log of the target, judged as the next drift check will judge them."""
    workspace, name = execution.workspace, execution.environment.name
    differences = Differences(workspace, seen.declared, [seen.look])
    view = _with_promoted(tip, name, progress)
    judgement = judge_all(view, seen.declared, [seen.look], differences, now=iso(now))[0]
    current = applied_after(
        judgement.known, judgement.plan.mapping, judgement.verdicts, changed=tuple(progress.changes), now=iso(now)
    )
    after = rejudged(judgement, current, differences)
    before = record_of(execution.environment, tip)
    record = checked_record(after, before, commit=seen.declared.commit, now=iso(now))
    record = replace(record, onboarded_at=before.onboarded_at or current.onboarded_at)
    canonical = canonical_files(seen.declared) if seen.declared.is_current else {}
    entries = [
        *(
            entry
            for each in registered.changes
            for entry in promotion_entries(workspace, before=each.before, after=each.after, now=now)
        ),
        *credential_entries(workspace, registered.promotion, plan=execution.plan, now=now),
        *status_entries(workspace, after, before, now=now),
    ]
    return {**canonical, **judged_files(after), **recorded(tip, record, entries)}


def _with_promoted(tip: StateView, environment: str, progress: Progress) -> StateView:
    """Answer the state with the links of created workflows, and without the baseline of removed ones."""
    mapping = decode(tip.read(mapping_path(environment)), MappingFile, path=mapping_path(environment))
    current = decode(tip.read(current_path(environment)), CurrentFile, path=current_path(environment))
    changes = progress.changes.values()
    created = [
        created_entry(each.n8n_workflow_id, each.canonical_id, mask_text(each.workflow_name))
        for each in changes
        if each.change_type is WorkflowChangeType.CREATED and each.n8n_workflow_id is not None
    ]
    files = {mapping_path(environment): encode(with_created(mapping, created))}
    if current is not None:
        removed = {each.canonical_id for each in changes if each.change_type is WorkflowChangeType.REMOVED}
        kept = {key: each for key, each in current.workflows.items() if key not in removed}
        files[current_path(environment)] = encode(replace(current, workflows=kept))
    return _Overlaid(tip, files)
