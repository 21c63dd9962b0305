"""Who did what: audit entries, written in the same commit as what they speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workflowops.commands.judging import Judgement
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.audit import AuditEntry, append, audit_path, last_hash
from workflowops.core.json import Json
from workflowops.core.onboarding import Onboarded
from workflowops.core.records import EnvironmentRecord, encode, environment_path


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
