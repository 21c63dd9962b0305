"""What runs where: the matrix of workflows by environment, read from state alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflowops.core.configuration import Environment
from workflowops.core.records import CanonicalFile, Counts, DriftStatus, EnvironmentRecord, MappingFile, MappingStatus
from workflowops.core.standing import DriftKind

NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentState:
    """What the state branch holds of one configured environment."""

    environment: Environment
    record: EnvironmentRecord | None
    mapping: MappingFile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentStatus:
    """One column of the matrix."""

    name: str
    title: str
    drift_status: DriftStatus
    checked_at: str | None
    synced_at: str | None
    counts: Counts
    problem: str | None


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """One source-managed workflow; `cells` is environment -> drift kind, absent where it does not exist."""

    slug: str
    name: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class UnmanagedWorkflow:
    """A workflow that an instance has and Git does not."""

    environment: str
    workflow_id: str
    name: str


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The matrix, with the unmanaged workflows apart."""

    environments: tuple[EnvironmentStatus, ...]
    workflows: tuple[WorkflowRow, ...]
    unmanaged: tuple[UnmanagedWorkflow, ...]


def plan_status(canonical: CanonicalFile | None, states: Sequence[EnvironmentState]) -> StatusReport:
    """Put together what was last found; says nothing that no check said. A cell never checked is `not checked`."""
    rows: dict[str, dict[str, str]] = {}
    unmanaged: list[UnmanagedWorkflow] = []
    for state in states:
        name = state.environment.name
        for entry in () if state.mapping is None else state.mapping.workflows.values():
            if entry.canonical_id is not None:
                rows.setdefault(entry.canonical_id, {})[name] = entry.drift_status or NOT_CHECKED
            elif entry.status is MappingStatus.UNMAPPED:
                unmanaged.append(UnmanagedWorkflow(name, entry.n8n_workflow_id, entry.workflow_name))
    workflows = {} if canonical is None else canonical.workflows
    for canonical_id, workflow in workflows.items():
        for environment in workflow.copies:
            if any(state.environment.name == environment for state in states):
                rows.setdefault(canonical_id, {}).setdefault(environment, _absent(environment, states))
    return StatusReport(
        environments=tuple(_column(state) for state in states),
        workflows=tuple(
            sorted(
                (_row(canonical_id, cells, canonical) for canonical_id, cells in rows.items()),
                key=lambda row: row.slug,
            )
        ),
        unmanaged=tuple(sorted(unmanaged, key=lambda each: (each.environment, each.name.casefold()))),
    )


def _absent(environment: str, states: Sequence[EnvironmentState]) -> str:
    """What is declared and has no workflow yet is pending, once the environment was looked at."""
    was_seen = any(state.environment.name == environment and state.mapping is not None for state in states)
    return str(DriftKind.PENDING) if was_seen else NOT_CHECKED


def _row(canonical_id: str, cells: Mapping[str, str], canonical: CanonicalFile | None) -> WorkflowRow:
    workflow = None if canonical is None else canonical.workflows.get(canonical_id)
    if workflow is None:
        return WorkflowRow(canonical_id, canonical_id, cells)
    name = next((copy.name for copy in workflow.copies.values() if copy.name), workflow.canonical_slug)
    return WorkflowRow(workflow.canonical_slug, name, cells)


def _column(state: EnvironmentState) -> EnvironmentStatus:
    record = state.record
    if record is None:
        return EnvironmentStatus(
            name=state.environment.name,
            title=state.environment.title,
            drift_status=DriftStatus.NEW,
            checked_at=None,
            synced_at=None,
            counts=Counts(),
            problem=None,
        )
    return EnvironmentStatus(
        name=state.environment.name,
        title=state.environment.title,
        drift_status=record.drift_status,
        checked_at=record.last_drift_checked_at,
        synced_at=record.last_sync_completed_at,
        counts=record.drift_summary or Counts(),
        problem=record.problem,
    )
