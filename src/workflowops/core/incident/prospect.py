"""Prospect: what a drift check will make of an incident once somebody has done what was proposed."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.drift import WorkflowDrift
from workflowops.core.incident.affected import AffectedNow
from workflowops.core.incident.policy import IncidentPolicy, OnDriftGone
from workflowops.core.incident.record import Incident, IncidentStatus, ResolutionType
from workflowops.core.incident.resolution import combined
from workflowops.core.standing import DRIFT, DriftKind


class Follows(StrEnum):
    """What becomes of the incident."""

    RECONCILED = "reconciled"
    CLOSED = "closed"  # reconciled and closed, as the configuration wants it
    TOLD = "told"  # the configuration wants drift that is gone to be told only
    RECONCILED_ALREADY = "reconciled_already"
    STAYS_OPEN = "stays_open"  # some of its workflows go on drifting


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What becomes of one workflow when the proposal is carried out.

    `is_proposed` says that something is proposed for it, `is_proven` that it then drifts no longer for certain.
    `resolution` is how a drift check would say that its drift went away; None where that cannot be told.
    """

    workflow: WorkflowDrift
    is_proposed: bool
    is_proven: bool = True
    resolution: ResolutionType | None = None

    @property
    def goes_on(self) -> bool:
        """Say whether it drifts as before, or nobody knows."""
        return not self.is_proposed and self.workflow.kind in DRIFT | {DriftKind.UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What follows. `open_because` names the workflows that go on drifting; `is_proven` says that the others end.

    `resolution` is the resolution type of the reconciliation, None where it cannot be told beforehand.
    """

    follows: Follows
    open_because: tuple[str, ...] = ()
    is_proven: bool = True
    resolution: ResolutionType | None = None


def prospect_of(incident: Incident, policy: IncidentPolicy, expected: Sequence[Expected]) -> Prospect:
    """Say what follows for an incident from what becomes of its workflows, if nothing else changes."""
    is_proven = all(each.is_proven for each in expected)
    open_because = tuple(each.workflow.workflow_name for each in expected if each.goes_on)
    if open_because:
        return Prospect(follows=Follows.STAYS_OPEN, open_because=open_because, is_proven=is_proven)
    follows = _follows(incident, policy)
    found = {each.resolution for each in expected}
    known = [each for each in found if each is not None]
    is_told = len(known) == len(found) and follows in (Follows.RECONCILED, Follows.CLOSED)
    resolution = combined(incident, known) if is_told else None
    return Prospect(follows=follows, is_proven=is_proven, resolution=resolution)


def is_all_of_n8n(now: AffectedNow) -> bool:
    """Say whether all that differs was changed in n8n, so that the two sides agree once that is adopted or taken back.

    Where Git is ahead in something, it stays ahead.
    """
    verdict = now.verdict
    if verdict is None or verdict.content is DriftKind.PENDING:
        return False
    if verdict.kind is DriftKind.MISSING:
        return True
    return (verdict.activation is None or now.is_switched) and (verdict.tags is None or now.is_tagged)


def _follows(incident: Incident, policy: IncidentPolicy) -> Follows:
    if policy.on_drift_gone is OnDriftGone.CLOSE:
        return Follows.CLOSED
    if incident.status is IncidentStatus.RECONCILED:
        return Follows.RECONCILED_ALREADY
    return Follows.TOLD if policy.on_drift_gone is OnDriftGone.TELL else Follows.RECONCILED
