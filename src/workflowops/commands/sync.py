"""`sync`: brings the mapping of every environment up to date with n8n and Git."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from workflowops.commands.auditing import recorded, status_entries
from workflowops.commands.claiming import release
from workflowops.commands.gathering import (
    Look,
    Wanted,
    differs_from_git,
    look_at_all,
    read_declared,
    record_of,
    require_current,
)
from workflowops.commands.judging import (
    Differences,
    Judgement,
    canonical_files,
    checked_record,
    failed_record,
    judge_all,
    judged_files,
)
from workflowops.commands.ports import StateView, Workspace
from workflowops.commands.running import (
    Run,
    claim_all,
    job_file,
    on_batch_of,
    partial_files,
    store_what_was_seen,
)
from workflowops.core.configuration import Environment
from workflowops.core.records import JobStatus, encode, environment_path
from workflowops.core.sync import EnvironmentSync, SyncOutcome, finished_job, summarise
from workflowops.core.timestamps import iso
from workflowops.errors import WorkflowOpsError


def sync(workspace: Workspace, environments: Sequence[Environment]) -> SyncOutcome:
    """Read n8n and Git, and write mapping and canonical records.

    An environment that another living run is syncing is left to it: its job is answered with `is_new` false. What was
    read before a failure or an interruption is kept, and the next run takes it over.
    """
    started = workspace.clock()
    runs: list[Run] = []
    try:
        held = claim_all(workspace, environments, runs, started)
        synced = _sync(workspace, runs, started) if runs else ()
    except BaseException:
        store_what_was_seen(workspace, runs, status=JobStatus.INTERRUPTED, now=workspace.clock())
        raise
    finally:
        for run in runs:
            release(workspace, run.claim)
    results = {**held, **{result.environment: result for result in synced}}
    return SyncOutcome(tuple(results[environment.name] for environment in environments))


def _sync(workspace: Workspace, runs: Sequence[Run], started: datetime) -> tuple[EnvironmentSync, ...]:
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    require_current(workspace, declared)
    for run in runs:
        run.declared = declared
    looks = look_at_all(
        workspace,
        [run.environment for run in runs],
        view,
        declared,
        wanted=Wanted(
            keep=differs_from_git,
            on_batch={run.environment.name: on_batch_of(workspace, run) for run in runs},
            trusts_abilities=False,
        ),
    )
    differences = Differences(workspace, declared, looks)
    moment = workspace.clock()
    latest: list[tuple[Judgement, ...]] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        latest.append(judge_all(tip, declared, looks, differences, now=iso(moment)))
        results = _results(runs, looks, latest[-1], workspace.clock() - started)
        files = canonical_files(declared)
        for judgement in latest[-1]:
            files |= _judged(workspace, tip, judgement, commit=declared.commit, now=moment)
        for run, look, result in zip(runs, looks, results, strict=True):
            files |= job_file(tip, finished_job(run.job, result, now=iso(moment)))
            if look.failure is not None:
                files |= _failed(tip, run, look.failure, now=iso(moment))
        return files

    if workspace.is_dry_run:
        decide(view)
    else:
        names = ", ".join(run.environment.name for run in runs)
        workspace.state.change(decide, message=f"sync: {names}")
    return _results(runs, looks, latest[-1], workspace.clock() - started)


def _results(
    runs: Sequence[Run], looks: Sequence[Look], judgements: Sequence[Judgement], duration: timedelta
) -> tuple[EnvironmentSync, ...]:
    judged = {judgement.look.environment.name: judgement for judgement in judgements}
    results = []
    for run, look in zip(runs, looks, strict=True):
        name = run.environment.name
        if name in judged and look.observation is not None:
            judgement = judged[name]
            result = summarise(
                judgement.plan,
                look.observation,
                environment=name,
                title=run.environment.title,
                job_id=run.job.id,
                status=judgement.status,
            )
        else:
            result = EnvironmentSync(
                environment=name,
                title=run.environment.title,
                job_id=run.job.id,
                failed=str(look.failure),
                failed_fix=None if look.failure is None else look.failure.fix,
            )
        results.append(replace(result, duration_seconds=round(duration.total_seconds(), 3)))
    return tuple(results)


def _judged(
    workspace: Workspace, tip: StateView, judgement: Judgement, *, commit: str, now: datetime
) -> dict[str, bytes | None]:
    """Answer what an environment writes that was read to its end."""
    before = record_of(judgement.look.environment, tip)
    record = replace(
        checked_record(judgement, before, commit=commit, now=iso(now)),
        last_sync_attempted_at=iso(now),
        last_sync_completed_at=iso(now),
        last_sync_succeeded=True,
    )
    entries = status_entries(workspace, judgement, before, now=now)
    return judged_files(judgement) | recorded(tip, record, entries)


def _failed(tip: StateView, run: Run, failure: WorkflowOpsError, *, now: str) -> dict[str, bytes | None]:
    """Answer what an environment writes whose instance could not be read: what was seen before it broke off stays."""
    record = failed_record(record_of(run.environment, tip), failure)
    record = replace(record, last_sync_attempted_at=now, last_sync_succeeded=False)
    return {environment_path(record.environment): encode(record), **partial_files(tip, run, now=now)}
