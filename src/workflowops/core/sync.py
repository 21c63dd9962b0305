"""What a sync did, environment by environment, and the job records it keeps."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workflowops.core.json import JsonObject
from workflowops.core.mapping import MappingPlan
from workflowops.core.observation import Observation
from workflowops.core.records import (
    Checkpoint,
    DriftStatus,
    JobRecord,
    JobsFile,
    JobStatus,
    MappingFile,
    MappingStatus,
)

BATCH_SIZE = 25
"""Workflows processed between two checkpoints (walkthrough 1, step 5)."""

_KEPT_JOBS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowError:
    """An odd workflow that was set aside."""

    workflow_id: str
    workflow_name: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedWorkflow:
    """An unmanaged workflow, as walkthrough 4 lists it."""

    n8n_workflow_id: str
    workflow_name: str
    node_count: int
    active: bool
    detected_at: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSync:
    """The result of one environment's sync. `failed` says why there is none; then the figures mean nothing."""

    environment: str
    title: str
    job_id: str
    is_new: bool = True
    drift_status: DriftStatus = DriftStatus.UNKNOWN
    workflows_synced: int = 0
    workflows_skipped: int = 0
    workflows_linked: int = 0
    workflows_unmapped: int = 0
    workflows_missing: int = 0
    errors: tuple[WorkflowError, ...] = ()
    created_workflow_ids: tuple[str, ...] = ()
    unmapped: tuple[UnmappedWorkflow, ...] = ()
    problems: tuple[str, ...] = ()
    duration_seconds: float = 0.0
    failed: str | None = None
    failed_fix: str | None = None


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """The outcome of one sync over one or more environments."""

    environments: tuple[EnvironmentSync, ...]


def summarise(
    plan: MappingPlan, observation: Observation, *, environment: str, title: str, job_id: str, status: DriftStatus
) -> EnvironmentSync:
    """Count what the plan does, in the walkthrough's figures. `workflows_skipped` are those that had not changed."""
    entries = plan.mapping.workflows.values()
    by_status = [entry.status for entry in entries]
    return EnvironmentSync(
        environment=environment,
        title=title,
        job_id=job_id,
        drift_status=status,
        workflows_synced=len(observation.workflows) - plan.archived_unmapped,
        workflows_skipped=sum(seen.is_unchanged for seen in observation.workflows),
        workflows_linked=by_status.count(MappingStatus.LINKED),
        workflows_unmapped=by_status.count(MappingStatus.UNMAPPED),
        workflows_missing=by_status.count(MappingStatus.MISSING),
        errors=workflow_errors(observation),
        created_workflow_ids=plan.created_workflow_ids,
        unmapped=unmapped_workflows(plan.mapping),
        problems=observation.problems,
    )


def workflow_errors(observation: Observation) -> tuple[WorkflowError, ...]:
    """Name the workflows that were set aside because their content cannot be read."""
    return tuple(
        WorkflowError(
            workflow_id=seen.id,
            workflow_name=seen.name,
            message=seen.problem,
            fix="Open it in n8n's editor, save it again, and run the sync once more.",
        )
        for seen in observation.workflows
        if seen.problem is not None
    )


def unmapped_workflows(mapping: MappingFile) -> tuple[UnmappedWorkflow, ...]:
    """List the unmanaged workflows of an environment by name."""
    found = (
        UnmappedWorkflow(
            n8n_workflow_id=entry.n8n_workflow_id,
            workflow_name=entry.workflow_name,
            node_count=entry.node_count,
            active=entry.active,
            detected_at=entry.detected_at,
            suggestion=entry.suggestion,
        )
        for entry in mapping.workflows.values()
        if entry.status is MappingStatus.UNMAPPED
    )
    return tuple(sorted(found, key=lambda each: (each.workflow_name.casefold(), each.n8n_workflow_id)))


def with_job(jobs: JobsFile | None, job: JobRecord) -> JobsFile:
    """Put a job at the front, in place of its earlier state; the oldest fall off after twenty."""
    others: Iterable[JobRecord] = () if jobs is None else (each for each in jobs.jobs if each.id != job.id)
    return JobsFile(jobs=(job, *others)[:_KEPT_JOBS])


def finished_job(job: JobRecord, result: EnvironmentSync, *, now: str) -> JobRecord:
    """Close a job with the figures of its result, or with the reason why there are none."""
    if result.failed is not None:
        return replace(job, status=JobStatus.FAILED, completed_at=now, error=result.failed)
    return replace(
        job,
        status=JobStatus.COMPLETED,
        completed_at=now,
        progress_percent=100,
        checkpoint=None,
        error=None,
        result=job_result(result),
    )


def job_result(result: EnvironmentSync) -> JsonObject:
    """Answer the result object of walkthrough 1, step 8."""
    return {
        "workflows_synced": result.workflows_synced,
        "workflows_skipped": result.workflows_skipped,
        "workflows_linked": result.workflows_linked,
        "workflows_unmapped": result.workflows_unmapped,
        "workflows_missing": result.workflows_missing,
        "errors": [error.workflow_id for error in result.errors],
        "created_workflow_ids": [*result.created_workflow_ids],
    }


def checkpointed_job(job: JobRecord, checkpoint: Checkpoint, *, status: JobStatus, total: int | None) -> JobRecord:
    """Note how far a job came; the next run takes over what is stored and goes on. `total` is the last known count."""
    percent = min(99, 100 * checkpoint.last_processed_index // total) if total else 0
    return replace(job, status=status, checkpoint=checkpoint, progress_percent=percent)
