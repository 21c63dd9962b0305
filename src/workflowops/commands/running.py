"""A sync while it runs: its claim, its job record, and what it keeps should it be interrupted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from workflowops.commands.claiming import new_claim
from workflowops.commands.gathering import Declared, known_of, record_of
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.claims import Claim
from workflowops.core.configuration import Environment
from workflowops.core.mapping import partial_mapping
from workflowops.core.observation import ObservedWorkflow
from workflowops.core.records import (
    Checkpoint,
    JobRecord,
    JobsFile,
    JobStatus,
    decode,
    encode,
    jobs_path,
    mapping_path,
)
from workflowops.core.sync import BATCH_SIZE, EnvironmentSync, checkpointed_job, with_job
from workflowops.core.timestamps import iso
from workflowops.errors import WorkflowOpsError

_CHECKPOINT_EVERY = timedelta(seconds=30)


@dataclass(slots=True)
class Run:
    """One environment's job while it runs."""

    environment: Environment
    job: JobRecord
    claim: Claim
    saved_at: datetime
    declared: Declared | None = None
    seen: Sequence[ObservedWorkflow] = ()


def claim_all(
    workspace: Workspace, environments: Sequence[Environment], runs: list[Run], started: datetime
) -> dict[str, EnvironmentSync]:
    """Add to `runs` what could be claimed, one by one; answer what cannot be synced now, by environment."""
    held: dict[str, EnvironmentSync] = {}
    for environment in environments:
        job_id = f"job-{workspace.new_id()}"
        claim = new_claim(
            workspace,
            f"sync/{environment.name}",
            claim_id=job_id,
            reason=f"sync of {environment.name}",
            now=started,
        )
        job = JobRecord(
            id=job_id,
            environment=environment.name,
            status=JobStatus.RUNNING,
            created_at=iso(started),
            created_by=workspace.actor.name,
            run_url=workspace.actor.run_url,
        )
        runs.append(Run(environment, job, claim, saved_at=started))  # before it is ours: we may be stopped in between
        holder = None if workspace.is_dry_run else workspace.state.acquire(claim)
        if holder is not None:
            runs.pop()
            held[environment.name] = _held(environment, holder)
    return held


def _held(environment: Environment, holder: Claim) -> EnvironmentSync:
    """Answer the job that has the environment. A claim that nobody can read never ends, so it is a failure."""
    held = EnvironmentSync(environment=environment.name, title=environment.title, job_id=holder.claim_id, is_new=False)
    if not holder.unreadable:
        return held
    return replace(
        held,
        failed=f"The claim {holder.name} blocks: {holder.reason}.",
        failed_fix=f"When no sync of {environment.name} runs, remove it: "
        f"`git push origin :refs/workflowops/locks/{holder.name}`.",
    )


def job_file(tip: StateView, job: JobRecord) -> dict[str, bytes | None]:
    """Note a job. Who holds the claim knows that no other is running: one that seems to has died."""
    path = jobs_path(job.environment)
    jobs = decode(tip.read(path), JobsFile, path=path) or JobsFile()
    ended = tuple(
        replace(each, status=JobStatus.INTERRUPTED) if each.status is JobStatus.RUNNING else each for each in jobs.jobs
    )
    return {path: encode(with_job(replace(jobs, jobs=ended), job))}


def partial_files(tip: StateView, run: Run, *, now: str) -> dict[str, bytes | None]:
    """Answer the mapping with what was read so far."""
    if not run.seen or run.declared is None:
        return {}
    known = known_of(run.environment, tip, run.declared)
    return {mapping_path(run.environment.name): encode(partial_mapping(known, run.seen, now=now))}


def on_batch_of(workspace: Workspace, run: Run) -> Callable[[Sequence[ObservedWorkflow]], None]:
    """After every batch: a line of progress, and a checkpoint when the last one is older than half a minute."""

    def on_batch(seen: Sequence[ObservedWorkflow]) -> None:
        run.seen = seen
        if len(seen) % (10 * BATCH_SIZE) == 0:
            workspace.progress.say(f"{run.environment.name}: {len(seen)} workflows read")
        now = workspace.clock()
        if not workspace.is_dry_run and now - run.saved_at >= _CHECKPOINT_EVERY:
            run.saved_at = now
            _renew(workspace, run, now=now)
            store_what_was_seen(workspace, [run], status=JobStatus.RUNNING, now=now)

    return on_batch


def _renew(workspace: Workspace, run: Run, *, now: datetime) -> None:
    """Prolong the claim. Without it the sync is no less right, because the state is written by compare-and-swap."""
    try:
        run.claim = workspace.state.renew(run.claim, now=now)
    except WorkflowOpsError as error:
        workspace.progress.say(f"The claim on {run.claim.name} could not be prolonged: {error}")


def store_what_was_seen(workspace: Workspace, runs: Sequence[Run], *, status: JobStatus, now: datetime) -> None:
    """Store what was read so far, so that the next run does not begin again; should it fail, it begins again."""
    runs = [run for run in runs if run.seen]
    if workspace.is_dry_run or not runs:
        return
    names = ", ".join(run.environment.name for run in runs)

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        files: dict[str, bytes | None] = {}
        for run in runs:
            files |= partial_files(tip, run, now=iso(now))
            total = record_of(run.environment, tip).workflow_count
            files |= job_file(tip, checkpointed_job(run.job, _checkpoint(run), status=status, total=total))
        return files

    try:
        workspace.state.change(decide, message=f"sync: checkpoint of {names}")
    except WorkflowOpsError as error:
        workspace.progress.say(f"What was read of {names} so far could not be stored: {error}")


def _checkpoint(run: Run) -> Checkpoint:
    return Checkpoint(
        last_processed_index=len(run.seen),
        workflows_synced=len(run.seen),
        workflows_skipped=sum(found.is_unchanged for found in run.seen),
        errors=tuple(found.id for found in run.seen if found.problem is not None),
    )
