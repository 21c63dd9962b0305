"""Incidents, reports and issues with defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from workflowops.core.changes import WorkflowDiff
from workflowops.core.configuration import IncidentSeverity
from workflowops.core.drift import Compared, EnvironmentDrift, WorkflowDrift
from workflowops.core.incident.fingerprint import affected_by
from workflowops.core.incident.issue import Issue
from workflowops.core.incident.lifecycle import BY_MACHINE, Given, advance
from workflowops.core.incident.policy import IncidentPolicy
from workflowops.core.incident.record import (
    WHOLE_ENVIRONMENT,
    AffectedWorkflow,
    Event,
    Incident,
    IncidentsFile,
    IncidentStatus,
    Step,
)
from workflowops.core.incident.triage import Facts
from workflowops.core.records import Counts, DriftStatus
from workflowops.core.risk import Risk
from workflowops.core.standing import DriftKind

AT = "2026-01-14T15:25:00Z"
NOW = datetime(2026, 1, 14, 15, 25, tzinfo=UTC)
COMMIT = "abc123def4567890abc123def4567890abc123de"
OPEN = (
    IncidentStatus.DETECTED,
    IncidentStatus.ACKNOWLEDGED,
    IncidentStatus.STABILIZED,
    IncidentStatus.RECONCILED,
)


def later(**duration: float) -> datetime:
    """The moment of detection and so much more."""
    return NOW + timedelta(**duration)


def drifted(
    canonical_id: str = "c1", version: str = "new", kind: DriftKind = DriftKind.MODIFIED, **more: Any
) -> WorkflowDrift:
    """A workflow of a report whose time zone is `version` in n8n and `old` in Git."""
    from workflowops.core.changes import FieldChange

    change = FieldChange("settings.timezone", "old", version, Risk.SCHEDULE)
    has_diff = kind in (DriftKind.MODIFIED, DriftKind.CONFLICT)
    fields: dict[str, Any] = {
        "workflow_id": f"wf-{canonical_id}",
        "workflow_name": f"Workflow {canonical_id}",
        "canonical_id": canonical_id,
        "canonical_slug": canonical_id,
        "file": f"prod/{canonical_id}.json",
        "kind": kind,
        "diff": WorkflowDiff(settings_changes=(change,)) if has_diff else None,
    }
    return WorkflowDrift(**fields | more)


def sides(
    kind: DriftKind = DriftKind.MODIFIED, *, git: str | None = "git-old", live: str | None = "live-new"
) -> Compared:
    """What was compared of a workflow."""
    return Compared(kind, git_key=git, live_key=live)


def report(*workflows: WorkflowDrift, **more: Any) -> EnvironmentDrift:
    """A check of prod that found these; `compared` follows from them, `also` adds to it."""
    compared = {
        each.canonical_id: sides(
            each.kind,
            live=None if each.kind is DriftKind.MISSING else f"live-{_version(each)}",
        )
        for each in workflows
        if each.canonical_id is not None
    }
    compared |= more.pop("also", {})
    fields: dict[str, Any] = {
        "environment": "prod",
        "title": "Production",
        "drift_status": DriftStatus.DRIFT_DETECTED if workflows else DriftStatus.IN_SYNC,
        "checked_at": AT,
        "git_commit_sha": COMMIT,
        "counts": Counts(),
        "workflows": workflows,
        "compared": compared,
    }
    return EnvironmentDrift(**fields | more)


def _version(workflow: WorkflowDrift) -> object:
    return workflow.diff.settings_changes[0].new_value if workflow.diff is not None else workflow.kind


def affected(canonical_id: str = "c1", version: str = "new", **more: Any) -> AffectedWorkflow:
    """The entry of a drifted workflow."""
    workflow = drifted(canonical_id, version, **more)
    return affected_by(workflow, report(workflow).compared[canonical_id])


def detected(*workflows: AffectedWorkflow, number: int = 42, **more: Any) -> Incident:
    """An incident that was detected at `AT`, about everything unless a key is given."""
    step = Step(event=Event.DETECT, at=AT, by=BY_MACHINE, previous_status=None, status=IncidentStatus.DETECTED)
    fields: dict[str, Any] = {
        "number": number,
        "intent": f"intent-{number}",
        "url": f"https://github.example/o/r/issues/{number}",
        "author": "workflowops[bot]",
        "title": f"Drift {number}",
        "key": WHOLE_ENVIRONMENT,
        "environment": "prod",
        "environment_title": "Production",
        "severity": IncidentSeverity.HIGH,
        "detected_at": AT,
        "detection_method": "scheduled",
        "git_commit_sha": COMMIT,
        "affected_workflows": workflows or (affected(),),
        "timeline": (step,),
    }
    return Incident(**fields | more)


def after(incident: Incident, event: Event, at: str = AT, by: str = "octocat", **fields: str) -> Incident:
    """The incident after something that the table allows."""
    result = advance(incident, Given(event=event, by=by, at=at, fields=fields))
    assert isinstance(result, Incident), result
    return result


def standing(status: IncidentStatus, incident: Incident | None = None) -> Incident:
    """An incident that went to a status step by step."""
    result = incident or detected()
    steps = {
        IncidentStatus.ACKNOWLEDGED: (Event.ACKNOWLEDGE, {"comment": "on it"}),
        IncidentStatus.STABILIZED: (Event.STABILIZE, {"reason": "harmless", "resolution_plan": "adopt"}),
        IncidentStatus.RECONCILED: (
            Event.RECONCILE,
            {"resolution_type": "replaced", "resolution_details": "both", "lessons_learned": "ask"},
        ),
        IncidentStatus.CLOSED: (Event.CLOSE, {"closure_reason": "done"}),
    }
    for reached, (event, fields) in steps.items():
        if result.status is not status:
            result = after(result, event, **fields)
            assert result.status is reached
    return result


def issue_of(incident: Incident, **more: Any) -> Issue:
    """The issue of an incident, open, as if nobody had touched it."""
    fields: dict[str, Any] = {
        "number": incident.number,
        "url": incident.url or "",
        "title": incident.title,
        "body": "",
        "is_open": True,
        "labels": (),
        "author": incident.author or "",
    }
    return Issue(**fields | more)


def facts(drift: EnvironmentDrift, *incidents: Incident, **more: Any) -> Facts:
    """What is known when these incidents are open and their issues stand as they should."""
    intents = iter(f"intent-new-{number}" for number in range(1, 10_000))
    policy = more.pop("policy", {})
    fields: dict[str, Any] = {
        "drift": drift,
        "severity": IncidentSeverity.HIGH,
        "policy": IncidentPolicy(**policy),
        "index": IncidentsFile(open={each.key: each.number for each in incidents}),
        "incidents": {each.number: each for each in incidents},
        "issues": {each.number: issue_of(each) for each in incidents},
        "detection_method": "scheduled",
        "git_branch": "main",
        "now": NOW,
        "new_intent": lambda: next(intents),
    }
    return Facts(**fields | more)
