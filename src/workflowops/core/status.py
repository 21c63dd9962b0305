"""What runs where, what is open, and what it took: the values that every text about the status is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workflowops.core.configuration import Approval, Environment, IncidentSeverity
from workflowops.core.figures import Figures
from workflowops.core.incident.record import Incident, IncidentStatus
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.records import Counts, DriftStatus, EnvironmentRecord, MappingFile
from workflowops.core.standing import DriftKind


class CellKind(StrEnum):
    """Where a workflow stands in an environment, in the words of the legend."""

    IN_SYNC = "in_sync"
    DRIFTED = "drifted"  # `Cell.drift` says how
    PENDING = "pending"  # Git is ahead
    MISSING = "missing"  # gone from n8n
    UNKNOWN = "unknown"  # could not be compared
    NOT_CHECKED = "not_checked"  # no check has ever judged it


class Freshness(StrEnum):
    """How far what a check said may still be believed."""

    FRESH = "fresh"
    OLD = "old"  # the environment was last checked more than 24 hours before `taken_at`, or after it by a wrong clock
    OVERTAKEN = "overtaken"  # the file in Git is another one than the check compared
    FAILED = "failed"  # the latest check of the environment failed: this is what an earlier one said
    NEVER = "never"  # there was no check


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A workflow in an environment, as the last check left it; never "in sync" alone unless `freshness` is `fresh`.

    `drift` is exactly what the check said, None where none did. `published_behind`: n8n's editor holds a newer version
    than the published one. `active`, None where there is no workflow. `last_promotion` is the id of the latest
    completed promotion that changed it here, `promoted_at` when (ISO 8601).
    """

    kind: CellKind
    drift: DriftKind | None = None
    freshness: Freshness = Freshness.FRESH
    checked_at: str | None = None
    published_behind: bool = False
    active: bool | None = None
    n8n_workflow_id: str | None = None
    last_promotion: str | None = None
    promoted_at: str | None = None

    @property
    def is_calm(self) -> bool:
        """Say whether it is proven to be as Git says, by a check that may be believed."""
        return self.kind is CellKind.IN_SYNC and self.freshness is Freshness.FRESH


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentState:
    """What the state branch holds of one configured environment."""

    environment: Environment
    record: EnvironmentRecord | None
    mapping: MappingFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentStatus:
    """One column of the matrix. `checked_at` is the last check that worked; `freshness` says whether that is recent."""

    name: str
    title: str
    drift_status: DriftStatus
    checked_at: str | None
    synced_at: str | None
    counts: Counts
    problem: str | None
    freshness: Freshness = Freshness.NEVER


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """One source-managed workflow; `cells` is by environment, absent where Git declares it not and n8n has it not."""

    slug: str
    name: str
    cells: Mapping[str, Cell]
    canonical_id: str = ""


@dataclass(frozen=True, slots=True)
class UnmanagedWorkflow:
    """A workflow that an instance has and Git does not; `first_seen` is ISO 8601."""

    environment: str
    workflow_id: str
    name: str
    first_seen: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIncident:
    """An incident that is not closed, `number` None until its issue is opened.

    `age_seconds` counts from when it began to wait for somebody. `workflows` are the names (masked) of what drifted.
    """

    number: int | None
    url: str | None
    environment: str
    severity: IncidentSeverity
    status: IncidentStatus
    detected_at: str
    age_seconds: int
    assigned: str | None
    workflows: tuple[str, ...]
    drift_is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPromotion:
    """A promotion that waits or runs. `approval` is how the target's gate wants it approved, None where it has none.

    `approved_by` are those who have approved so far, of `min_approvals`; whether each of them counts is for the gates.
    """

    promotion_id: str
    kind: PromotionKind
    status: PromotionStatus
    source: str | None
    target: str
    url: str | None
    pull_request: int | None
    created_at: str
    age_seconds: int
    workflows: int
    approval: Approval | None
    min_approvals: int
    approved_by: tuple[str, ...]
    problem: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLock:
    """An environment that somebody closed for promotions."""

    environment: str
    locked_by: str
    locked_at: str
    reason: str
    age_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldClaim:
    """What a run has claimed. `is_dead` when its time ran out, so that the next run takes it over."""

    name: str
    owner: str
    reason: str
    run_url: str | None
    age_seconds: int | None  # None where it cannot be read
    is_dead: bool
    is_unreadable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All records of the environments that were asked for, the newest first."""

    incidents: tuple[Incident, ...] = ()
    promotions: tuple[Promotion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """The matrix, what is open, and the figures, as of `taken_at` (ISO 8601, UTC).

    `claims` is None where the remote was not asked or did not answer. `problems` are sentences about what could not be
    read; what they speak of is missing in everything else.
    """

    taken_at: str
    environments: tuple[EnvironmentStatus, ...]
    workflows: tuple[WorkflowRow, ...]
    unmanaged: tuple[UnmanagedWorkflow, ...]
    figures: Figures
    incidents: tuple[OpenIncident, ...] = ()
    promotions: tuple[OpenPromotion, ...] = ()
    locks: tuple[OpenLock, ...] = ()
    claims: tuple[HeldClaim, ...] | None = None
    history: History = field(default_factory=History)
    problems: tuple[str, ...] = ()
