"""A workflow of an incident as it stands at this moment, with what both sides hold: for `/adopt` and `/revert`."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.core.diff import WorkflowDiff
from workflowops.core.drift import WorkflowDrift
from workflowops.core.incident.record import AffectedWorkflow
from workflowops.core.json import Json
from workflowops.core.records import AppliedWorkflow, DeclaredCopy
from workflowops.core.standing import DriftKind, classify_value
from workflowops.core.verdicts import Verdict, as_told

TAKEN_BACK = "it is in sync by now"


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedNow:
    """What Git and n8n hold of an affected workflow now.

    `verdict` is None when neither side knows it any more. `live` is what n8n runs, `file` what stands in Git; None
    where there is none, or it cannot be read. `applied` is what was last known good.
    """

    recorded: AffectedWorkflow
    verdict: Verdict | None
    diff: WorkflowDiff | None = None
    live: Mapping[str, Json] | None = None
    file: bytes | None = None
    copy: DeclaredCopy | None = None
    applied: AppliedWorkflow | None = None
    has_sidecar: bool = False

    @property
    def has_other_content(self) -> bool:
        """Say whether n8n runs something that Git does not say, or was preferred to what Git says."""
        verdict = self.verdict
        if verdict is None:
            return False
        return verdict.content in (DriftKind.MODIFIED, DriftKind.CONFLICT) or verdict.awaits_git

    @property
    def is_switched(self) -> bool:
        """Say whether somebody switched it on or off in n8n, where that is compared."""
        if self.verdict is None or self.verdict.activation is None or self.copy is None:
            return False
        applied = None if self.applied is None else self.applied.active
        return _moved(self.copy.active, self.verdict.activation.new, applied)

    @property
    def is_tagged(self) -> bool:
        """Say whether somebody changed its tags in n8n, where they are compared."""
        if self.verdict is None or self.verdict.tags is None or self.copy is None:
            return False
        new = self.verdict.tags.new
        live = tuple(str(each) for each in new) if isinstance(new, list) else new
        return _moved(self.copy.tags, live, None if self.applied is None else self.applied.tags)

    @property
    def drift(self) -> WorkflowDrift:
        """Answer it as a drift report would tell it; by its record when neither side knows it any more."""
        if self.verdict is None:
            return WorkflowDrift(
                workflow_id=self.recorded.workflow_id,
                workflow_name=self.recorded.workflow_name,
                canonical_id=self.recorded.canonical_id,
                canonical_slug=self.recorded.canonical_slug,
                file=self.recorded.file,
                kind=DriftKind.IN_SYNC,
            )
        return as_told(self.verdict, self.diff)


def _moved(declared: object, live: object, applied: object) -> bool:
    kind = classify_value(declared=declared, live=live, applied=applied, drift=DriftKind.MODIFIED)
    return kind is DriftKind.MODIFIED
