"""What is under way: open incidents, promotions that wait or run, locks and claims."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from workflowops.core.claims import Claim, Standing, judge
from workflowops.core.configuration import Approval, Configuration, Gates, IncidentSeverity
from workflowops.core.incident.durations import open_since
from workflowops.core.incident.record import Incident, IncidentStatus
from workflowops.core.promotion.record import ENDED, LockFile, Promotion
from workflowops.core.status import HeldClaim, OpenIncident, OpenLock, OpenPromotion

_SEVERITIES = (
    IncidentSeverity.CRITICAL,
    IncidentSeverity.HIGH,
    IncidentSeverity.MEDIUM,
    IncidentSeverity.LOW,
)


def open_incidents(incidents: Iterable[Incident], *, now: datetime) -> tuple[OpenIncident, ...]:
    """List the incidents that are not closed, the severest first and the oldest of them before the others."""
    found = [_incident(each, now=now) for each in incidents if each.status is not IncidentStatus.CLOSED]
    return tuple(sorted(found, key=lambda each: (_SEVERITIES.index(each.severity), -each.age_seconds)))


def _incident(each: Incident, *, now: datetime) -> OpenIncident:
    return OpenIncident(
        number=each.number or None,
        url=each.url,
        environment=each.environment,
        severity=each.severity,
        status=each.status,
        detected_at=each.detected_at,
        age_seconds=_age(open_since(each), now=now),
        assigned=each.assigned_to,
        workflows=tuple(workflow.workflow_name for workflow in each.affected_workflows),
        drift_is_gone=each.drift_gone_at is not None,
    )


def waiting_promotions(
    promotions: Iterable[Promotion], configuration: Configuration, *, now: datetime
) -> tuple[OpenPromotion, ...]:
    """List the promotions that have not ended, in the order given."""
    return tuple(_promotion(each, configuration, now=now) for each in promotions if each.status not in ENDED)


def _promotion(each: Promotion, configuration: Configuration, *, now: datetime) -> OpenPromotion:
    gates = _gates(each, configuration)
    return OpenPromotion(
        promotion_id=each.promotion_id,
        kind=each.kind,
        status=each.status,
        source=each.source_stage,
        target=each.target_stage,
        url=each.pull_request_url,
        pull_request=each.pull_request,
        created_at=each.created_at,
        age_seconds=_age(each.created_at, now=now),
        workflows=len(each.workflow_selection),
        approval=None if gates is None or gates.approval is Approval.NONE else gates.approval,
        min_approvals=1 if gates is None else gates.min_approvals,
        approved_by=tuple(dict.fromkeys(approval.by for approval in each.approvals)),
        problem=each.problem,
    )


def _gates(each: Promotion, configuration: Configuration) -> Gates | None:
    """Answer what the target asks for; None where no pipeline leads there any more."""
    pipeline = configuration.pipelines.get(each.pipeline_id or "")
    stages = () if pipeline is None else pipeline.stages
    return next((stage.gates for stage in stages if stage.environment == each.target_stage), None)


def open_locks(locks: Mapping[str, LockFile], *, now: datetime) -> tuple[OpenLock, ...]:
    """List the locks by environment."""
    return tuple(
        OpenLock(
            environment=environment,
            locked_by=lock.locked_by,
            locked_at=lock.locked_at,
            reason=lock.reason,
            age_seconds=_age(lock.locked_at, now=now),
        )
        for environment, lock in sorted(locks.items())
    )


def held_claims(claims: Sequence[Claim], *, now: datetime) -> tuple[HeldClaim, ...]:
    """List the claims by name. Whether the run behind one still goes is not asked: only its time tells."""
    return tuple(
        HeldClaim(
            name=each.name,
            owner=each.owner,
            reason=each.reason,
            run_url=each.run_url,
            age_seconds=None if each.unreadable else max(0, int((now - each.created_at).total_seconds())),
            is_dead=judge(each, now=now, alive=None) is Standing.DEAD,
            is_unreadable=each.unreadable,
        )
        for each in sorted(claims, key=lambda claim: claim.name)
    )


def _age(since: str, *, now: datetime) -> int:
    return max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
