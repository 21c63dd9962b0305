"""A world with an open incident, for the commands that bring its two sides together."""

from typing import Any

from tests.commands.builders import World, baselined, document
from tests.commands.fake_tracker import FakeTracker

from workflowops.commands.desk import Desk
from workflowops.core.configuration import IncidentSeverity
from workflowops.core.drift import EnvironmentDrift, WorkflowDrift
from workflowops.core.incident.record import WHOLE_ENVIRONMENT, AffectedWorkflow, Incident
from workflowops.core.standing import DRIFT

NUMBER = 7


def desk_of(world: World, tracker: FakeTracker | None, **changes: Any) -> Desk:
    return Desk(workspace=world.workspace(**changes), tracker=tracker, pause=lambda _: None)


def incident_of(world: World, *ids: str, environment: str = "prod") -> Incident:
    """The incident that a check of this moment would open: about these workflows (n8n ids), or all that drifted."""
    return affected_of(world.drift_of(environment), *ids)


def affected_of(drift: EnvironmentDrift, *ids: str) -> Incident:
    """The incident that a check would open that found this."""
    affected = [each for each in drift.workflows if (each.workflow_id in ids if ids else each.kind in DRIFT)]
    return Incident(
        number=NUMBER,
        intent="intent-1",
        key=WHOLE_ENVIRONMENT,
        environment=drift.environment,
        environment_title=drift.title,
        severity=IncidentSeverity.HIGH,
        detected_at=drift.checked_at,
        detection_method="scheduled",
        git_commit_sha=drift.git_commit_sha,
        affected_workflows=tuple(_affected(each) for each in affected),
    )


def _affected(workflow: WorkflowDrift) -> AffectedWorkflow:
    return AffectedWorkflow(
        canonical_id=workflow.canonical_id or "",
        canonical_slug=workflow.canonical_slug,
        workflow_id=workflow.workflow_id,
        workflow_name=workflow.workflow_name,
        drift_type=workflow.kind,
        file=workflow.file,
        fingerprint="f",
    )


def hot_fixed(*names: str, workflows: int = 2) -> World:
    """A baselined world (see `baselined`) in which `w0` of the last environment was edited by hand."""
    world = baselined(*names, workflows=workflows)
    world.put([*world.n8n][-1], "w0", edited(0))
    return world


def edited(number: int = 0, url: str = "https://hot-fix.example.com", **more: Any) -> dict[str, Any]:
    """What a hot fix makes of the workflow `w<number>`."""
    return document(f"Orders {number}", url=url, **more)
