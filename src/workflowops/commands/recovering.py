"""Bringing to an end what a run that died left half done: completed where all of it is there, else put back."""

from collections.abc import Mapping
from dataclasses import replace

from workflowops.commands.executing import finish, put_back, written_as_planned
from workflowops.commands.execution import Execution, Seen, look_again
from workflowops.commands.promotion_restoring import Restoring
from workflowops.commands.promotion_session import Progress, readable
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.created import find_created
from workflowops.core.promotion.plan import WorkflowChangeType
from workflowops.core.promotion.read_back import unfound_credentials
from workflowops.core.promotion.record import Outcome, Promotion, PromotionStatus
from workflowops.core.promotion.snapshot import Snapshot, read_snapshot
from workflowops.errors import BlockedError, StateError


def recover(execution: Execution) -> Promotion:
    """End a promotion whose run died, and answer its record: completed, rolled back, or what is not as before.

    It is completed where every workflow is read back as planned and published; nothing is written then. Else all that
    only it can have brought about is put back from its snapshot. Raises as `execute` does. The caller holds the claim
    on the target, so no other run is writing.
    """
    promotion = execution.promotion
    if promotion.status is not PromotionStatus.RUNNING:
        raise BlockedError(
            f"{promotion.promotion_id} is {promotion.status.value.replace('_', ' ')}: there is nothing to recover.",
            fix="See `workflowops promote status`.",
        )
    execution.keep()
    snapshot = _snapshot(execution)
    progress = Progress(
        {each.canonical_id: each for each in promotion.workflows}, snapshot.unread.union(snapshot.workflows)
    )
    seen = look_again(execution)
    _find(progress, seen)
    problem = _unfinished(execution, progress, seen, snapshot)
    if problem is None:
        for key, change in progress.changes.items():
            progress.changes[key] = replace(change, outcome=Outcome.AS_PLANNED, problem=None)
        execution.say(f"{promotion.promotion_id} was carried out as planned by the run that died")
        return finish(execution, progress, seen)
    changed = {each.n8n_workflow_id for each in progress.changes.values()}
    formers = {key: each for key, each in snapshot.workflows.items() if key in changed}
    restoring = Restoring(execution, progress, formers, is_sure=False)
    return put_back(restoring, problem=f"The run that carried it out died: {problem}.")


def _snapshot(execution: Execution) -> Snapshot:
    result = execution.promotion.execution_result
    name = None if result is None else result.target_pre_snapshot_id
    commit = None if result is None else result.target_pre_snapshot_commit
    files = None if name is None else execution.snapshots.load(name, commit=commit)
    if files is None:
        raise StateError(
            f"The snapshot from before {execution.promotion.promotion_id} is not there.",
            fix=f"Push the tag snapshots/{name} from a clone that has it; nothing was written.",
        )
    return read_snapshot(files)


def _find(progress: Progress, seen: Seen) -> None:
    new = {
        key: now
        for key, body in seen.look.bodies.items()
        if key not in progress.known and (now := readable(body)) is not None
    }
    progress.learn(find_created(progress.changes.values(), new).ids)


def _unfinished(execution: Execution, progress: Progress, seen: Seen, snapshot: Snapshot) -> str | None:
    """Say what keeps the promotion from counting as carried out; None where nothing does."""
    wrong = written_as_planned(execution, progress.changes, seen, progress.ids)
    if wrong:
        return f"{len(wrong)} of {len(progress.changes)} workflows are not as planned"
    for change in progress.changes.values():
        body = seen.look.bodies.get(change.n8n_workflow_id or "")
        if body is None or change.change_type is WorkflowChangeType.REMOVED:
            continue
        former = snapshot.workflows.get(body.id)
        if not execution.keeps_names and _lacks(body, {} if former is None else former.document):
            return f"n8n has not found every credential of {change.workflow_name}"
    return None


def _lacks(body: ListedWorkflow, former: Mapping[str, Json]) -> bool:
    return bool(unfound_credentials(body.document()) - unfound_credentials(former))
