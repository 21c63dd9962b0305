"""Outcomes as the JSON documents that `--json` prints and the actions hand on; field names as in the walkthroughs."""

from collections.abc import Sequence

import msgspec

from workflowops.core.audit import AuditProblem
from workflowops.core.baseline import EnvironmentBaseline
from workflowops.core.diff import as_json
from workflowops.core.drift import DriftReport, EnvironmentDrift, ValueChange, WorkflowDrift
from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.incident.record import Incident
from workflowops.core.json import Json
from workflowops.core.problems import Problem, Severity
from workflowops.core.secrets import mask, mask_text
from workflowops.core.sync import EnvironmentSync, SyncOutcome, job_result
from workflowops.core.verdicts import Verdict

Document = dict[str, Json]


def drift_document(report: DriftReport, *, shows_ignored: bool, incidents: IncidentsOutcome) -> Document:
    """Write a drift report and what became of the incidents. Values that look like secrets are masked."""
    return {
        "drift_status": str(report.status),
        "workflows_drifted": report.drifted,
        "not_recorded": None if report.not_recorded is None else report.not_recorded.reason,
        "environments": [_drifted_environment(each, shows_ignored=shows_ignored) for each in report.environments],
        "incidents": _incidents(incidents),
    }


def _incidents(outcome: IncidentsOutcome) -> Document:
    return {
        "opened": [_incident(each) for each in outcome.opened],
        "updated": [_incident(each) for each in outcome.updated],
        "closed": [_incident(each) for each in outcome.closed],
        "unchanged": [_incident(each) for each in outcome.unchanged],
        "workflows_accepted": outcome.accepted,
        "waiting": outcome.waiting,
        "requests": outcome.requests,
        "problems": [*outcome.problems],
        "warnings": [*outcome.warnings],
        "left_alone": outcome.left_alone,
        "dry_run": outcome.is_plan,
    }


def _incident(incident: Incident) -> Document:
    return {
        "number": incident.number or None,
        "url": incident.url,
        "environment": incident.environment,
        "status": str(incident.status),
        "severity": str(incident.severity),
        "workflows_affected": [each.canonical_id for each in incident.affected_workflows],
    }


def sync_document(outcome: SyncOutcome) -> Document:
    """Write a sync's outcome; the totals of all environments stand beside them."""
    environments = outcome.environments
    return {
        "workflows_synced": sum(each.workflows_synced for each in environments),
        "workflows_skipped": sum(each.workflows_skipped for each in environments),
        "workflows_linked": sum(each.workflows_linked for each in environments),
        "workflows_unmapped": sum(each.workflows_unmapped for each in environments),
        "workflows_missing": sum(each.workflows_missing for each in environments),
        "errors": sum(len(each.errors) for each in environments),
        "created_workflow_ids": [each_id for each in environments for each_id in each.created_workflow_ids],
        "environments": [_synced_environment(each) for each in environments],
    }


def baseline_document(environments: Sequence[EnvironmentBaseline]) -> Document:
    """Write what was accepted, and what was left out."""
    return {
        "environments": [
            {
                "environment": each.environment,
                "title": each.title,
                "accepted": each.accepted,
                "accepted_over": [_verdict(verdict) for verdict in each.accepted_over],
                "left_out": [_verdict(verdict) for verdict in each.left_out],
                "unmapped": each.unmapped,
                "git_commit_sha": each.git_commit_sha,
                "failed": each.failed,
                "fix": each.failed_fix,
            }
            for each in environments
        ]
    }


def audit_document(problems: Sequence[AuditProblem], *, files: int, entries: int) -> Document:
    """Write what was checked, and what is wrong with it."""
    return {
        "intact": not problems,
        "files": files,
        "entries": entries,
        "problems": [_plain(problem) for problem in problems],
    }


def _verdict(verdict: Verdict) -> Document:
    return {
        "workflow_id": verdict.workflow_id,
        "workflow_name": mask_text(verdict.workflow_name),
        "canonical_id": verdict.canonical_id,
        "canonical_slug": verdict.canonical_slug,
        "file": verdict.file,
        "kind": str(verdict.kind),
    }


def problems_document(problems: Sequence[Problem]) -> Document:
    """Write what `validate` found."""
    return {
        "valid": not any(problem.severity is Severity.ERROR for problem in problems),
        "problems": [_plain(problem) for problem in problems],
    }


def _plain(value: object) -> Document:
    document: Document = msgspec.to_builtins(value)
    return document


def _masked(value: object) -> Document:
    """Write a flat value, with what looks like a secret in its texts masked."""
    return {key: mask_text(item) if isinstance(item, str) else item for key, item in _plain(value).items()}


def _change(change: ValueChange | None) -> Json:
    return None if change is None else {"old_value": mask(change.old), "new_value": mask(change.new)}


def _drifted_environment(each: EnvironmentDrift, *, shows_ignored: bool) -> Document:
    document: Document = {
        "environment": each.environment,
        "title": each.title,
        "drift_status": str(each.drift_status),
        "checked_at": each.checked_at,
        "git_commit_sha": each.git_commit_sha,
        "counts": _plain(each.counts),
        "workflows": [_drifted_workflow(workflow) for workflow in each.workflows],
        "problems": [*each.problems],
        "requests": each.requests,
    }
    if shows_ignored:
        document["ignored"] = dict(each.ignored)
    return document


def _drifted_workflow(workflow: WorkflowDrift) -> Document:
    return {
        "workflow_id": workflow.workflow_id,
        "workflow_name": mask_text(workflow.workflow_name),
        "canonical_id": workflow.canonical_id,
        "canonical_slug": workflow.canonical_slug,
        "file": workflow.file,
        "kind": str(workflow.kind),
        "diff": None if workflow.diff is None else as_json(workflow.diff),
        "activation": _change(workflow.activation),
        "tags": _change(workflow.tags),
        "draft_ahead": workflow.draft_ahead,
        "bindings_changed": workflow.bindings_changed,
        "is_archived": workflow.is_archived,
        "awaits_git": workflow.awaits_git,
        "ignored": dict(workflow.ignored),
        "n8n_updated_at": workflow.n8n_updated_at,
        "suggestion": workflow.suggestion,
        "problem": None if workflow.problem is None else mask_text(workflow.problem),
    }


def _synced_environment(each: EnvironmentSync) -> Document:
    return {
        "environment": each.environment,
        "title": each.title,
        "job_id": each.job_id,
        "is_new": each.is_new,
        "status": "failed" if each.failed is not None else "completed" if each.is_new else "running",
        "drift_status": str(each.drift_status),
        **job_result(each),
        "errors": [_masked(error) for error in each.errors],
        "unmapped": [_masked(workflow) for workflow in each.unmapped],
        "problems": [*each.problems],
        "duration_seconds": each.duration_seconds,
        "failed": each.failed,
        "fix": each.failed_fix,
    }
