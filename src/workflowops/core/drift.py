"""A drift report: what n8n runs against what Git declares, workflow by workflow, as it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflowops.core.diff import WorkflowDiff
from workflowops.core.drawing import Drawing
from workflowops.core.json import Json
from workflowops.core.records import (
    Counts,
    DriftStatus,
)
from workflowops.core.standing import (
    DriftKind,
)
from workflowops.errors import ExitCode


@dataclass(frozen=True, slots=True)
class ValueChange:
    """An attribute beside the content: `old` is what Git declares, `new` what n8n has."""

    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class Compared:
    """What was compared for a source-managed workflow: a key for what each side says, None where there is nothing.

    A key is only ever compared with a key of the same side: they tell later which side has moved since.
    """

    kind: DriftKind
    git_key: str | None
    live_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowDrift:
    """A verdict with its difference, as it is shown and reported."""

    workflow_id: str | None
    workflow_name: str
    canonical_id: str | None
    canonical_slug: str | None
    file: str | None
    kind: DriftKind
    diff: WorkflowDiff | None = None
    activation: ValueChange | None = None
    tags: ValueChange | None = None
    draft_ahead: bool = False
    bindings_changed: bool = False
    is_archived: bool = False
    awaits_git: bool = False
    ignored: Mapping[str, int] = field(default_factory=dict)
    n8n_updated_at: str | None = None
    suggestion: str | None = None
    problem: str | None = None
    drawing: Drawing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentDrift:
    """One environment's part of a drift report. `workflows` leaves out what is in sync; drift comes first.

    `compared` has every source-managed workflow by canonical id.
    """

    environment: str
    title: str
    drift_status: DriftStatus
    checked_at: str
    git_commit_sha: str
    counts: Counts = field(default_factory=Counts)
    workflows: tuple[WorkflowDrift, ...] = ()
    problems: tuple[str, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    compared: Mapping[str, Compared] = field(default_factory=dict)
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRecorded:
    """Why a check left the state as it was. `exit_code` is that of the failure, or DONE when it was meant."""

    reason: str
    fix: str
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The outcome of one drift check over one or more environments; what was found stands, recorded or not.

    `open_incidents` is how many the state had when the check began: open, to be opened, or with their end to be told.
    """

    environments: tuple[EnvironmentDrift, ...]
    not_recorded: NotRecorded | None = None
    open_incidents: int = 0

    @property
    def status(self) -> DriftStatus:
        """Answer the worst status; not being able to check is worse than drift."""
        order = (DriftStatus.UNKNOWN, DriftStatus.DRIFT_DETECTED, DriftStatus.NEW, DriftStatus.IN_SYNC)
        return min((each.drift_status for each in self.environments), key=order.index, default=DriftStatus.UNKNOWN)

    @property
    def drifted(self) -> int:
        """Count the workflows that drifted, over all environments."""
        return sum(each.counts.drifted for each in self.environments)
