"""Carrying out an approved promotion: all of it becomes what the target runs, or nothing changes."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from workflowops.commands.execution import Execution, Seen, look_again, require_bodies
from workflowops.commands.gathering import Look
from workflowops.commands.ports import StateView
from workflowops.commands.promotion_ending import store_completed, store_failed
from workflowops.commands.promotion_files import (
    changed_files,
    drawing_files,
    known_promotion,
    open_promotions,
    read_index,
    step_promotion,
)
from workflowops.commands.promotion_restoring import Restoring
from workflowops.commands.promotion_session import Progress, Session, readable
from workflowops.commands.promotion_writing import Writing
from workflowops.core.configuration import connections
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.content import content_of
from workflowops.core.promotion.created import first_versions
from workflowops.core.promotion.digest import digest_of
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.position import position_of, promoted_of, told
from workflowops.core.promotion.read_back import bound_otherwise
from workflowops.core.promotion.record import Outcome, PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.promotion.register import Registered, Run, begin
from workflowops.core.promotion.register import progress as progressed
from workflowops.core.promotion.restoring import held_now
from workflowops.core.promotion.snapshot import StoredSnapshot, snapshot_files, snapshot_names
from workflowops.core.secrets import mask_text
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError, MovedError, N8nAnswerError, StateError, WorkflowOpsError

__all__ = ["Execution", "execute"]


def execute(execution: Execution) -> Promotion:
    """Carry out a promotion, and answer its record as it is stored at the end.

    The whole target is in a pushed snapshot before the first write. What fails, at any step and by any error, is put
    back and read back: the record is then rolled back, or names what is not as before. Raises what went wrong where
    nothing was written; MovedError, without another write, where the claim was lost; and where the target cannot be
    read or the state cannot be stored: the record says running then, and the next run brings it to an end.
    """
    plan = _approved_plan(execution)
    require_bodies(execution.look)
    execution.keep()
    snapshot = save_snapshot(execution, "pre", execution.look)
    running = _begin(execution, plan, snapshot)
    execution = replace(execution, promotion=running)
    progress = Progress(
        {each.canonical_id: each for each in running.workflows},
        frozenset(execution.look.ids),
    )
    try:
        asyncio.run(_write(execution, plan, progress))
        seen = _as_planned(execution, progress)
    except MovedError:
        raise
    except Exception as error:
        ended = _put_back(execution, progress, problem=mask_text(str(error) or type(error).__name__))
        if not isinstance(error, WorkflowOpsError):
            raise  # a bug of ours, told as one once the target is as it was
        return ended
    return finish(execution, progress, seen)


def finish(execution: Execution, progress: Progress, seen: Seen) -> Promotion:
    """Record a promotion that was read back as planned."""
    post: StoredSnapshot | None = None
    try:
        post = save_snapshot(execution, "post", seen.look)
    except WorkflowOpsError as error:
        execution.say(f"The snapshot after the promotion could not be stored: {error}")
    return store_completed(execution, execution.promotion, progress, seen, post_snapshot=post)


def put_back(restoring: Restoring, *, problem: str) -> Promotion:
    """Put the target back, and record what it was read back as."""
    execution, progress = restoring.execution, restoring.progress
    execution.say(f"{problem} What was written is put back.")
    restoring.put_back()
    left = [each for each in progress.changes.values() if each.outcome is Outcome.OTHERWISE]
    return store_failed(
        execution, execution.promotion, progress, problem=problem, not_as_before=[_named(each) for each in left]
    )


def save_snapshot(execution: Execution, moment: str, look: Look) -> StoredSnapshot:
    """Push a snapshot of the whole target and answer where it is. Raises RemoteError: nothing relies on it then."""
    promotion_id, name = execution.promotion.promotion_id, execution.environment.name
    taken_at, unread = iso(execution.workspace.clock()), look.ids - look.bodies.keys()
    refused: BlockedError | None = None
    for candidate in snapshot_names(promotion_id, moment):
        files = snapshot_files(
            look.bodies.values(), environment=name, promotion_id=promotion_id, taken_at=taken_at, unread=unread
        )
        try:
            commit = execution.snapshots.save(candidate, files, message=f"{name} {moment} {promotion_id}")
        except BlockedError as error:
            refused = error
            continue
        execution.say(f"snapshot {candidate} of {len(look.bodies)} workflows is pushed")
        return StoredSnapshot(candidate, commit)
    raise refused or StateError("No name for a snapshot is left.", fix="Delete old tags below snapshots/.")


def written_as_planned(
    execution: Execution, changes: Mapping[str, PromotedWorkflow], seen: Seen, ids: Mapping[str, str]
) -> dict[str, str]:
    """Answer what is not as planned: canonical id -> how."""
    wrong: dict[str, str] = {}
    for change in changes.values():
        body = seen.look.bodies.get(change.n8n_workflow_id or "")
        now = None if body is None else readable(body)
        if now is None and change.n8n_workflow_id in seen.look.ids:
            wrong[change.canonical_id] = "it cannot be read"
            continue
        position = position_of(change, now, ids=ids, saves_drafts=execution.saves_drafts)
        if not position.is_as_planned:
            wrong[change.canonical_id] = f"{told(position.not_as_planned)} not as planned"
        elif body is not None and (others := _bound_otherwise(change, body)):
            wrong[change.canonical_id] = " ".join(others).removesuffix(".")
    return wrong


def _bound_otherwise(change: PromotedWorkflow, body: ListedWorkflow) -> tuple[str, ...]:
    """Say where n8n uses other credentials than were written: they are no part of what is compared as content."""
    running = body.published() if change.bound_published else None
    there = () if running is None else bound_otherwise(change.bound_published, running)
    return (*bound_otherwise(change.bound, body.document()), *there)


def _approved_plan(execution: Execution) -> PromotionPlan:
    """Answer the plan, which must be the approved one to the last byte. Raises BlockedError."""
    promotion, plan = execution.promotion, execution.plan
    if execution.workspace.is_dry_run:
        raise BlockedError("A dry run carries nothing out.", fix="Leave out --dry-run.")
    if promotion.status is not PromotionStatus.APPROVED:
        raise BlockedError(
            f"{promotion.promotion_id} is {promotion.status.value.replace('_', ' ')}, not approved.",
            fix="Nothing was written. See `workflowops promote status`.",
        )
    again = None if plan is None else digest_of(plan.kind, plan.target_stage, plan.workflows, plan.options)
    if plan is None or promotion.plan_digest != plan.digest or again != plan.digest:
        raise BlockedError(
            f"What would be written is not what was approved for {promotion.promotion_id}.",
            fix="Nothing was written. Have the plan as it is now approved.",
        )
    if plan.is_blocked:
        raise BlockedError(
            f"The plan of {promotion.promotion_id} is blocked by what was found.",
            fix="Nothing was written. `workflowops promote preview` names it.",
        )
    return plan


def _begin(execution: Execution, plan: PromotionPlan, snapshot: StoredSnapshot) -> Promotion:
    workspace = execution.workspace
    actor = workspace.actor
    firsts = {key: content_of(document) for key, document in first_versions(plan.changes).items()}

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        now = workspace.clock()
        before = known_promotion(tip, execution.promotion.promotion_id)
        if before.plan_digest != plan.digest:
            raise BlockedError(f"{before.promotion_id} is another plan by now.", fix="Nothing was written. Run again.")
        latest.append(
            begin(
                before,
                index=read_index(tip),
                others=open_promotions(tip, before.target_stage),
                workflows=[promoted_of(each, first=firsts.get(each.canonical_id)) for each in plan.changes],
                pre_snapshot=snapshot,
                run=Run(by=actor.name, at=iso(now), url=actor.run_url),
            )
        )
        return changed_files(workspace, tip, latest[-1], now=now) | drawn

    latest: list[Registered] = []
    drawn = drawing_files(execution.promotion.promotion_id, plan)
    workspace.state.change(decide, message=f"promote: {execution.promotion.promotion_id} is running")
    return latest[-1].promotion


async def _write(execution: Execution, plan: PromotionPlan, progress: Progress) -> None:
    reached = connections([execution.environment], variables=execution.workspace.variables)
    async with execution.open_writer(reached[execution.environment.name], execution.environment) as n8n:
        writing = Writing(Session(execution, n8n, progress), plan.changes)
        try:
            await writing.write_drafts()
            if progress.ids:
                _note_created(execution, progress)
            await writing.publish()
            await writing.remove()
        finally:
            progress.requests += n8n.requests


def _note_created(execution: Execution, progress: Progress) -> None:
    """Keep the ids of what was created, so that a later run finds them should this one die."""
    try:
        step_promotion(
            execution.workspace,
            execution.promotion.promotion_id,
            lambda before, index, _: progressed(before, index=index, workflows=tuple(progress.changes.values())),
            message=f"promote: {execution.promotion.promotion_id} has written its drafts",
        )
    except WorkflowOpsError as error:
        execution.say(f"How far it came could not be stored: {error}")


def _as_planned(execution: Execution, progress: Progress) -> Seen:
    """List everything and compare it with the plan. Raises N8nAnswerError that names what is not as planned."""
    seen = look_again(execution)
    wrong = written_as_planned(execution, progress.changes, seen, progress.ids)
    if wrong:
        names = "; ".join(f"{mask_text(progress.changes[key].workflow_name)}: {how}" for key, how in wrong.items())
        raise N8nAnswerError(f"Read back at the end: {names}.", fix="Look at these workflows in n8n.")
    for key, change in progress.changes.items():
        progress.changes[key] = replace(change, outcome=Outcome.AS_PLANNED, problem=None)
    return seen


def _put_back(execution: Execution, progress: Progress, *, problem: str) -> Promotion:
    bodies = execution.look.bodies
    changed = {each.n8n_workflow_id for each in progress.changes.values()}
    formers = {key: held_now(body) for key, body in bodies.items() if key in changed}
    return put_back(Restoring(execution, progress, formers, is_sure=True), problem=problem)


def _named(change: PromotedWorkflow) -> str:
    where = f" ({change.n8n_workflow_id})" if change.n8n_workflow_id else ""
    return f"{mask_text(change.workflow_name)}{where}: {change.problem}"
