"""What a drift check found, as far as the incidents of an environment care."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from workflowops.core.drawings_file import DrawingsFile
from workflowops.core.drift import Compared, EnvironmentDrift, WorkflowDrift
from workflowops.core.incident.fingerprint import affected_by, fingerprint
from workflowops.core.incident.record import Acceptance, AffectedWorkflow, Incident
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.timestamps import iso

_JUDGED = frozenset({DriftStatus.IN_SYNC, DriftStatus.DRIFT_DETECTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The drifted workflows of a check by canonical id, with their fingerprints, and what could not be compared.

    `accepted` are those acceptances that stand: not expired, not seen without drift since, and the difference is still
    the one that was accepted.
    """

    drift: EnvironmentDrift
    workflows: Mapping[str, WorkflowDrift]
    fingerprints: Mapping[str, str]
    unknown: frozenset[str]
    accepted: Mapping[str, Acceptance]

    def is_drifting(self, canonical_id: str) -> bool:
        """Say whether a workflow drifts, accepted or not."""
        return canonical_id in self.fingerprints

    def is_accepted(self, canonical_id: str) -> bool:
        """Say whether a workflow drifts, and may for now."""
        return canonical_id in self.accepted and canonical_id in self.fingerprints

    def is_open_question(self, canonical_id: str) -> bool:
        """Say whether a workflow is neither answered for nor gone: nobody knows, or it may drift for now."""
        return canonical_id in self.unknown or self.is_accepted(canonical_id)

    def accepted_in(self, incident: Incident) -> tuple[str, ...]:
        """Name the workflows that were accepted in an incident and drift still."""
        return tuple(
            workflow.workflow_name
            for canonical_id, workflow in self.workflows.items()
            if self.is_accepted(canonical_id) and self.accepted[canonical_id].incident == incident.number
        )

    @property
    def to_answer(self) -> tuple[str, ...]:
        """Answer the workflows that drift and may not, in the order of the report."""
        return tuple(each for each in self.fingerprints if each not in self.accepted)

    def affected(
        self, canonical_ids: Iterable[str], known: Mapping[str, AffectedWorkflow]
    ) -> tuple[AffectedWorkflow, ...]:
        """Answer the entries of drifted workflows; a difference that is known already keeps the entry it has."""
        return tuple(self._affected(each, known.get(each)) for each in canonical_ids)

    def _affected(self, canonical_id: str, known: AffectedWorkflow | None) -> AffectedWorkflow:
        compared = self.compared(canonical_id)
        found = self.fingerprints[canonical_id]
        if known is None or known.fingerprint != found:
            return affected_by(self.workflows[canonical_id], compared, known_as=found)
        if (known.git_key, known.live_key) == (compared.git_key, compared.live_key):
            return known
        return replace(known, git_key=compared.git_key, live_key=compared.live_key)

    def compared(self, canonical_id: str) -> Compared:
        """Answer what was compared for a drifted workflow."""
        return _compared(self.drift, self.workflows[canonical_id])

    def details(self, affected: Iterable[AffectedWorkflow]) -> str:
        """Tell the differences of workflows in full, as Markdown."""
        from workflowops.core.text.incident_details import details_of  # loads the detectors

        ids = {each.canonical_id for each in affected}
        workflows = tuple(each for each in self.drift.workflows if each.canonical_id in ids)
        return details_of(replace(self.drift, workflows=workflows), ids)

    def drawings(self, affected: Iterable[AffectedWorkflow]) -> DrawingsFile:
        """Draw workflows before (as Git declares them) and after (as n8n runs them), as far as there are two sides."""
        from workflowops.core.drawing_masking import Drawn, stored_drawings  # loads the detectors

        ids = {each.canonical_id for each in affected}
        return stored_drawings(
            Drawn(
                canonical_id=each.canonical_id, workflow_name=each.workflow_name, drawing=each.drawing, diff=each.diff
            )
            for each in self.drift.workflows
            if each.canonical_id in ids and each.canonical_id and each.drawing is not None and each.diff is not None
        )


def findings_of(drift: EnvironmentDrift, accepted: Mapping[str, Acceptance], *, now: datetime) -> Findings | None:
    """Read a drift report; None where the environment could not be judged, so that nothing follows from it."""
    if drift.drift_status not in _JUDGED:
        return None
    workflows: dict[str, WorkflowDrift] = {}
    unknown = {each for each, compared in drift.compared.items() if compared.kind is DriftKind.UNKNOWN}
    for workflow in drift.workflows:
        if workflow.canonical_id is None:
            continue
        if workflow.kind in DRIFT:
            workflows.setdefault(workflow.canonical_id, workflow)
        elif workflow.kind is DriftKind.UNKNOWN:
            unknown.add(workflow.canonical_id)
    gone = {each for each in drift.compared if each not in workflows and each not in unknown}
    found = {each: fingerprint(workflow, _compared(drift, workflow)) for each, workflow in workflows.items()}
    return Findings(
        drift=drift,
        workflows=workflows,
        fingerprints=found,
        unknown=frozenset(unknown - found.keys()),
        accepted={
            each: one for each, one in accepted.items() if each not in gone and _stands(one, found.get(each), now)
        },
    )


def _compared(drift: EnvironmentDrift, workflow: WorkflowDrift) -> Compared:
    found = drift.compared.get(workflow.canonical_id or "")
    return found or Compared(workflow.kind, git_key=None, live_key=None)


def _stands(acceptance: Acceptance, found: str | None, now: datetime) -> bool:
    """Say whether an acceptance still counts: to the end of its day (UTC), and for no other difference."""
    return iso(now)[:10] <= acceptance.until and found in (None, acceptance.fingerprint)
