"""Incidents made by hand, walkthrough 3's first."""

from dataclasses import replace

from tests.core.text.reports import environment, hot_fix, workflow

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.incident.lifecycle import BY_MACHINE, Given, advance
from workflowops.core.incident.record import (
    WHOLE_ENVIRONMENT,
    AffectedWorkflow,
    ChangeSummary,
    Event,
    Incident,
    IncidentStatus,
    Step,
)
from workflowops.core.standing import DriftKind
from workflowops.core.text.incident_details import details_of
from workflowops.core.text.links import Links

DETECTED_AT = "2026-01-14T15:25:00Z"
COMMIT = "abc123def4567890abc123def4567890abc123de"
LINKS = Links(
    server_url="https://github.com",
    repository="acme-corp/workflows",
    state_branch="workflowops-state",
    run_url="https://github.com/acme-corp/workflows/actions/runs/7",
)


def affected(name: str = "Payment Gateway", **fields) -> AffectedWorkflow:
    """A workflow of an incident; walkthrough 3's unless told otherwise."""
    return AffectedWorkflow(
        **{
            "canonical_id": "c-1",
            "canonical_slug": "payment_gateway",
            "workflow_id": "wf-prod-042",
            "workflow_name": name,
            "drift_type": DriftKind.MODIFIED,
            "file": "prod/payment_gateway.json",
            "fingerprint": "f-1",
            "nodes_modified": 1,
            "risk": "url",
            "change_summary": ChangeSummary(
                node_name="Call Payment API",
                field="parameters.url",
                old_value="https://api.paymentprocessor.com/charge",
                new_value="https://api-new.paymentprocessor.com/charge",
            ),
            "n8n_updated_at": "2026-01-14T15:22:00.000Z",
            **fields,
        }
    )


def detected(*workflows: AffectedWorkflow, **fields) -> Incident:
    """An incident that was just detected."""
    found = Step(
        event=Event.DETECT,
        at=DETECTED_AT,
        by=BY_MACHINE,
        previous_status=None,
        status=IncidentStatus.DETECTED,
        fields={"detection_method": "scheduled"},
    )
    return Incident(
        **{
            "number": 42,
            "intent": "intent-1",
            "url": "https://github.com/acme-corp/workflows/issues/42",
            "key": WHOLE_ENVIRONMENT,
            "environment": "prod",
            "environment_title": "Production",
            "severity": IncidentSeverity.HIGH,
            "detected_at": DETECTED_AT,
            "detection_method": "scheduled",
            "git_branch": "main",
            "git_commit_sha": COMMIT,
            "affected_workflows": workflows or (affected(),),
            "timeline": (found,),
            **fields,
        }
    )


def after(incident: Incident, event: Event, at: str, by: str = BY_MACHINE, **fields: str) -> Incident:
    """The incident after something happened to it; `at` is a time of the walkthrough's day, such as `15:30`."""
    moment = at if "T" in at else f"2026-01-14T{at}:00Z"
    happened = advance(incident, Given(event=event, by=by, at=moment, fields=fields))
    assert isinstance(happened, Incident), happened
    return happened


def acknowledged() -> Incident:
    """Walkthrough 3, step 5."""
    return after(
        detected(), Event.ACKNOWLEDGE, "15:30", "user-oncall-5", comment="Reviewing hotfix, will coordinate with team"
    )


def stabilized() -> Incident:
    """Walkthrough 3, step 6."""
    return after(
        acknowledged(),
        Event.STABILIZE,
        "16:45",
        "user-lead-3",
        reason="Hotfix committed to Git, change documented",
        assigned_to="user-lead-3",
        resolution_plan="Git now matches production. Will sync other environments on next deployment.",
    )


def reconciled() -> Incident:
    """Walkthrough 3, step 8."""
    return after(
        stabilized(),
        Event.RECONCILE,
        "17:15",
        "user-lead-3",
        resolution_type="accepted_runtime_changes",
        resolution_details="Git synchronized with production hotfix. All environments now aligned.",
        lessons_learned="Payment processor should notify us of API changes. Added monitoring for API endpoint changes.",
    )


def closed() -> Incident:
    """Walkthrough 3, step 9."""
    return after(
        reconciled(),
        Event.CLOSE,
        "17:50",
        "user-lead-3",
        closure_reason="Drift resolved, all environments synchronized",
    )


def details() -> str:
    """The difference of walkthrough 3 in full."""
    return details_of(environment(workflow("Payment Gateway", diff=hot_fix())), {"c-1"})


def many(number: int, name: str = "Payment Gateway", **fields) -> tuple[AffectedWorkflow, ...]:
    """That many affected workflows, each with a name of its own."""
    return tuple(
        replace(affected(f"{name} {each}", **fields), canonical_id=f"c-{each}", workflow_id=f"wf-{each}")
        for each in range(number)
    )
