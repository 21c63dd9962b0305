"""Who did what: audit entries, written in the same commit as what they speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workflowops.commands.judging import Judgement
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.audit import AuditEntry, append, audit_path, last_hash
from workflowops.core.incident.index import new_steps
from workflowops.core.incident.lifecycle import durations
from workflowops.core.incident.record import Event, Incident, IncidentStatus, Step
from workflowops.core.json import Json
from workflowops.core.onboarding import Onboarded
from workflowops.core.onboarding_record import OnboardingRequest
from workflowops.core.promotion.entries import NotedStep, credential_steps, promotion_steps
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.record import LockFile, Promotion
from workflowops.core.records import EnvironmentRecord, encode, environment_path

_DONE = {
    Event.ACKNOWLEDGE: "acknowledged",
    Event.STABILIZE: "stabilized",
    Event.RECONCILE: "reconciled",
    Event.CLOSE: "closed",
    Event.ASSIGN: "assigned",
    Event.ACCEPT: "accepted",
    Event.DETECT: "detected",
    Event.DRIFT_CHANGED: "drift_changed",
    Event.DRIFT_GONE: "drift_gone",
    Event.DRIFT_BACK: "drift_back",
    Event.ESCALATE: "escalated",
    Event.REOPEN: "reopened",
    Event.ISSUE_GONE: "issue_gone",
}


def recorded(tip: StateView, record: EnvironmentRecord, entries: Sequence[AuditEntry]) -> dict[str, bytes | None]:
    """Answer the files for an environment's record and its audit entries; the record names the log's last line.

    An entry of a machine whose clock is behind goes to the latest month there is, because the chain goes on there.
    """
    files: dict[str, bytes | None] = {}
    name = record.environment
    if entries:
        months = tip.list(f"environments/{name}/audit/")
        path = max([audit_path(name, at=entries[0].at), *months])
        earlier = [each for each in months if each < path]
        before = tip.read(earlier[-1]) if earlier else None
        content = append(tip.read(path), entries, previous=None if before is None else last_hash(before))
        files[path] = content
        record = replace(record, audit_head=last_hash(content))
    files[environment_path(name)] = encode(record)
    return files


def status_entries(
    workspace: Workspace, judgement: Judgement, before: EnvironmentRecord, *, now: datetime
) -> tuple[AuditEntry, ...]:
    """Note that an environment's status is another one than the state says so far."""
    if judgement.status is before.drift_status and before.last_drift_checked_at is not None:
        return ()
    details: dict[str, Json] = {
        "previous_status": str(before.drift_status),
        "new_status": str(judgement.status),
        "drifted": judgement.counts.drifted,
    }
    return (
        _entry(
            workspace,
            f"environment.{judgement.status}",
            resource=("environment", before.environment),
            environment=before.environment,
            details=details,
            now=now,
        ),
    )


def baseline_entry(
    workspace: Workspace, environment: str, *, accepted: int, left_out: int, now: datetime
) -> AuditEntry:
    """Note that a baseline was taken."""
    details: dict[str, Json] = {"accepted": accepted, "left_out": left_out}
    return _entry(
        workspace,
        "baseline.taken",
        resource=("environment", environment),
        environment=environment,
        details=details,
        now=now,
    )


def onboarded_entries(
    workspace: Workspace, onboarded: Sequence[Onboarded], *, environment: str, commit: str, now: datetime
) -> tuple[AuditEntry, ...]:
    """Note every workflow of an environment that was put under Git."""
    return tuple(
        _entry(
            workspace,
            "workflow.onboarded",
            resource=("workflow", each.canonical_id),
            environment=environment,
            details={
                "canonical_slug": each.canonical_slug,
                "git_commit_sha": commit,
                "git_file_path": each.git_file_path,
                "n8n_workflow_id": each.workflow_id,
            },
            now=now,
        )
        for each in onboarded
        if each.environment == environment
    )


def finished_entries(
    workspace: Workspace, requests: Sequence[OnboardingRequest], *, environment: str, now: datetime
) -> tuple[AuditEntry, ...]:
    """Note every workflow of an environment whose pull request brought it under Git, and who asked for that."""
    return tuple(
        _entry(
            workspace,
            "workflow.onboarded",
            resource=("workflow", each.canonical_id),
            environment=environment,
            details={
                "canonical_slug": each.canonical_slug,
                "git_commit_sha": each.git_commit_sha,
                "git_file_path": each.git_file_path,
                "n8n_workflow_id": each.n8n_workflow_id,
                "pull_request": each.pull_request,
                "requested_by": each.requested_by,
            },
            now=now,
        )
        for each in requests
        if each.environment == environment
    )


def incident_entries(workspace: Workspace, *, before: Incident | None, after: Incident) -> tuple[AuditEntry, ...]:
    """Note every step that an incident took since `before`, as walkthrough 3 words it."""
    return tuple(_incident_entry(workspace, after, step) for step in new_steps(before, after))


def promotion_entries(
    workspace: Workspace, *, before: Promotion | None, after: Promotion, now: datetime
) -> tuple[AuditEntry, ...]:
    """Note everything that happened to a promotion since `before`: approvals, its begin, its end."""
    return _noted(workspace, after, promotion_steps(before, after), now=now)


def credential_entries(
    workspace: Workspace, promotion: Promotion, *, plan: PromotionPlan | None, now: datetime
) -> tuple[AuditEntry, ...]:
    """Note every credential that was rewritten in a workflow that was read back as planned.

    Without the plan (a run that died took it along) there is one entry a workflow, which counts them.
    """
    return _noted(workspace, promotion, credential_steps(promotion, plan), now=now)


def lock_entry(
    workspace: Workspace, environment: str, *, before: LockFile | None, after: LockFile | None, by: str, now: datetime
) -> AuditEntry:
    """Note that an environment was closed for promotions, or opened again."""
    details: dict[str, Json] = {
        "reason": None if after is None else after.reason,
        "previously_locked_by": None if before is None else before.locked_by,
        "previous_reason": None if before is None else before.reason,
    }
    resource = ("environment", environment)
    action = "environment.unlocked" if after is None else "environment.locked"
    entry = _entry(workspace, action, resource=resource, environment=environment, details=details, now=now)
    return replace(entry, actor=by)


def _noted(
    workspace: Workspace, promotion: Promotion, steps: Sequence[NotedStep], *, now: datetime
) -> tuple[AuditEntry, ...]:
    """Give every step an entry of this moment: those of one commit belong into one month's log."""
    return tuple(
        AuditEntry(
            id=f"audit-{workspace.new_id()}",
            at=now,
            actor=step.by or workspace.actor.name,
            action=step.action,
            resource_type=step.resource_type,
            resource_id=step.resource_id or promotion.promotion_id,
            environment=promotion.target_stage,
            details=step.details,
        )
        for step in steps
    )


def _incident_entry(workspace: Workspace, incident: Incident, step: Step) -> AuditEntry:
    details: dict[str, Json] = {
        **step.fields,
        "previous_status": None if step.previous_status is None else str(step.previous_status),
        "new_status": str(step.status),
    }
    if step.status is IncidentStatus.CLOSED:
        total = durations(incident).total
        details |= {
            "resolution_type": None if incident.resolution_type is None else str(incident.resolution_type),
            "total_duration_hours": None if total is None else round(total / 3600, 2),
            "workflows_affected": len(incident.affected_workflows),
        }
    return AuditEntry(
        id=f"audit-{workspace.new_id()}",
        at=datetime.fromisoformat(step.at),
        actor=step.by,
        action=f"incident.{_DONE[step.event]}",
        resource_type="drift_incident",
        resource_id=f"incident-{incident.number}",
        environment=incident.environment,
        details=details,
    )


def _entry(
    workspace: Workspace,
    action: str,
    *,
    resource: tuple[str, str],
    environment: str,
    details: Mapping[str, Json],
    now: datetime,
) -> AuditEntry:
    return AuditEntry(
        id=f"audit-{workspace.new_id()}",
        at=now,
        actor=workspace.actor.name,
        action=action,
        resource_type=resource[0],
        resource_id=resource[1],
        environment=environment,
        details=details,
    )
