"""The matrix of workflows by environment: what the last checks said, and how far that may still be believed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from workflowops.core.promotion.plan import WorkflowChangeType
from workflowops.core.promotion.record import Outcome, Promotion, PromotionStatus
from workflowops.core.records import (
    CanonicalFile,
    CanonicalWorkflow,
    Counts,
    DriftStatus,
    MappedWorkflow,
    MappingStatus,
)
from workflowops.core.standing import DRIFT, DriftKind
from workflowops.core.status import (
    Cell,
    CellKind,
    EnvironmentState,
    EnvironmentStatus,
    Freshness,
    UnmanagedWorkflow,
    WorkflowRow,
)

FRESH_FOR = timedelta(hours=24)
"""A check is believed for so long; the drift check of the templates runs several times a day."""

_KINDS = {
    DriftKind.IN_SYNC: CellKind.IN_SYNC,
    DriftKind.PENDING: CellKind.PENDING,
    DriftKind.MISSING: CellKind.MISSING,
    **dict.fromkeys(DRIFT - {DriftKind.MISSING}, CellKind.DRIFTED),
}
_UNTOUCHED = frozenset({Outcome.NOT_TOUCHED, Outcome.AS_BEFORE})
_RANK = (
    CellKind.MISSING,
    CellKind.DRIFTED,
    CellKind.UNKNOWN,
    CellKind.PENDING,
    CellKind.NOT_CHECKED,
    CellKind.IN_SYNC,
)
_Cells = dict[str, dict[str, Cell]]  # canonical id -> environment -> cell


def column_of(state: EnvironmentState, *, now: datetime) -> EnvironmentStatus:
    """Answer where an environment stands."""
    record, environment = state.record, state.environment
    if record is None:
        return EnvironmentStatus(
            name=environment.name,
            title=environment.title,
            drift_status=DriftStatus.NEW,
            checked_at=None,
            synced_at=None,
            counts=Counts(),
            problem=None,
        )
    return EnvironmentStatus(
        name=environment.name,
        title=environment.title,
        drift_status=record.drift_status,
        checked_at=record.last_drift_checked_at,
        synced_at=record.last_sync_completed_at,
        counts=record.drift_summary or Counts(),
        problem=record.problem,
        freshness=_freshness(record.last_drift_checked_at, problem=record.problem, now=now),
    )


def _freshness(checked_at: str | None, *, problem: str | None, now: datetime) -> Freshness:
    """Judge the latest check; its problem stands in the record until one works again."""
    if checked_at is None:
        return Freshness.NEVER
    if problem is not None:
        return Freshness.FAILED
    is_fresh = abs(now - datetime.fromisoformat(checked_at)) <= FRESH_FOR
    return Freshness.FRESH if is_fresh else Freshness.OLD


def columns_of(
    states: Sequence[EnvironmentState], rows: Sequence[WorkflowRow], *, now: datetime
) -> tuple[EnvironmentStatus, ...]:
    """Answer where the environments stand; one whose files have changed since its check is told so."""
    overtaken = {name for row in rows for name, cell in row.cells.items() if cell.freshness is Freshness.OVERTAKEN}
    columns = (column_of(state, now=now) for state in states)
    return tuple(replace(each, freshness=Freshness.OVERTAKEN) if each.name in overtaken else each for each in columns)


def rows_of(
    canonical: CanonicalFile | None,
    states: Sequence[EnvironmentState],
    promotions: Sequence[Promotion],
    *,
    now: datetime,
) -> tuple[WorkflowRow, ...]:
    """Answer a row for each source-managed workflow, by slug; says nothing that no check said.

    `promotions` are the newest first. What Git declares and an environment has not is pending, once that was looked at.
    A sync of one environment alone reads a newer commit than another was compared with: where the file is another one
    there, the verdict of the other is overtaken.
    """
    rows: _Cells = {}
    declared = {} if canonical is None else canonical.workflows
    behind = {state.environment.name for state in states if _is_behind(state, canonical)}
    columns = {state.environment.name: column_of(state, now=now) for state in states}
    looked_at = {state.environment.name for state in states if state.mapping is not None}
    for state in states:
        column = columns[state.environment.name]
        for entry in () if state.mapping is None else state.mapping.workflows.values():
            if entry.canonical_id is not None:
                is_other = column.name in behind and _is_other_file(entry, column.name, declared)
                rows.setdefault(entry.canonical_id, {})[column.name] = _cell(entry, column, is_overtaken=is_other)
    for canonical_id, workflow in declared.items():
        for name in workflow.copies:
            if name in columns and name not in rows.get(canonical_id, {}):
                absent = _absent(columns[name], is_looked_at=name in looked_at, is_behind=name in behind)
                rows.setdefault(canonical_id, {})[name] = absent
    _note_promotions(rows, promotions)
    return tuple(sorted((_row(canonical_id, cells, canonical) for canonical_id, cells in rows.items()), key=_by_slug))


def _is_behind(state: EnvironmentState, canonical: CanonicalFile | None) -> bool:
    """Say whether an environment was compared with another commit than the one that the state knows of."""
    return canonical is None or state.record is None or state.record.git_commit_sha != canonical.git_commit_sha


def _is_other_file(entry: MappedWorkflow, environment: str, declared: Mapping[str, CanonicalWorkflow]) -> bool:
    workflow = declared.get(entry.canonical_id or "")
    copy = None if workflow is None else workflow.copies.get(environment)
    return (None if copy is None else copy.git_blob) != entry.git_blob


def _cell(entry: MappedWorkflow, column: EnvironmentStatus, *, is_overtaken: bool) -> Cell:
    """Answer what the mapping says of a workflow that is there, or was."""
    drift = next((kind for kind in DriftKind if kind == entry.drift_status), None)
    is_judged = entry.drift_status is not None and column.freshness is not Freshness.NEVER
    kind = _KINDS.get(drift, CellKind.UNKNOWN) if drift is not None else CellKind.UNKNOWN
    return Cell(
        kind=kind if is_judged else CellKind.NOT_CHECKED,
        drift=drift if is_judged else None,
        freshness=_overtaken(column.freshness, is_overtaken=is_overtaken) if is_judged else Freshness.NEVER,
        checked_at=column.checked_at if is_judged else None,
        published_behind=entry.draft_content_hash is not None and entry.status is not MappingStatus.MISSING,
        active=None if entry.status is MappingStatus.MISSING else entry.active,
        n8n_workflow_id=entry.n8n_workflow_id,
    )


def _overtaken(freshness: Freshness, *, is_overtaken: bool) -> Freshness:
    return Freshness.OVERTAKEN if is_overtaken and freshness is Freshness.FRESH else freshness


def _absent(column: EnvironmentStatus, *, is_looked_at: bool, is_behind: bool) -> Cell:
    if not is_looked_at or column.freshness is Freshness.NEVER:
        return Cell(kind=CellKind.NOT_CHECKED, freshness=Freshness.NEVER)
    if is_behind:
        return Cell(kind=CellKind.NOT_CHECKED, freshness=_overtaken(column.freshness, is_overtaken=True))
    return Cell(
        kind=CellKind.PENDING,
        drift=DriftKind.PENDING,
        freshness=column.freshness,
        checked_at=column.checked_at,
    )


def _note_promotions(rows: _Cells, promotions: Sequence[Promotion]) -> None:
    """Tell each cell the latest completed promotion that changed it."""
    for each in reversed([one for one in promotions if one.status is PromotionStatus.COMPLETED]):
        for workflow in each.workflows:
            is_touched = workflow.change_type is not WorkflowChangeType.UNCHANGED and workflow.outcome not in _UNTOUCHED
            cell = rows.get(workflow.canonical_id, {}).get(each.target_stage)
            if cell is not None and is_touched:
                rows[workflow.canonical_id][each.target_stage] = replace(
                    cell, last_promotion=each.promotion_id, promoted_at=each.execution_completed_at
                )


def _row(canonical_id: str, cells: Mapping[str, Cell], canonical: CanonicalFile | None) -> WorkflowRow:
    workflow = None if canonical is None else canonical.workflows.get(canonical_id)
    if workflow is None:
        return WorkflowRow(canonical_id, canonical_id, cells, canonical_id)
    name = next((copy.name for copy in workflow.copies.values() if copy.name), workflow.canonical_slug)
    return WorkflowRow(workflow.canonical_slug, name, cells, canonical_id)


def unmanaged_of(states: Sequence[EnvironmentState]) -> tuple[UnmanagedWorkflow, ...]:
    """List what instances have and Git does not, by environment and name."""
    found = [
        UnmanagedWorkflow(state.environment.name, entry.n8n_workflow_id, entry.workflow_name, entry.detected_at or None)
        for state in states
        if state.mapping is not None
        for entry in state.mapping.workflows.values()
        if entry.canonical_id is None and entry.status is MappingStatus.UNMAPPED
    ]
    return tuple(sorted(found, key=lambda each: (each.environment, each.name.casefold(), each.workflow_id)))


def worst_first(rows: Sequence[WorkflowRow]) -> tuple[WorkflowRow, ...]:
    """Sort rows so that what a person has to look at comes first; equals stay in the order of their slugs."""
    return tuple(
        sorted(rows, key=lambda row: (min(map(_badness, row.cells.values()), default=(len(_RANK), 0)), row.slug))
    )


def chosen(rows: Sequence[WorkflowRow], *, workflow: str = "", only: CellKind | None = None) -> tuple[WorkflowRow, ...]:
    """Answer the rows whose slug or name holds a text, in any case, and that have a cell of a kind."""
    wanted = workflow.casefold()
    return tuple(
        row
        for row in rows
        if (wanted in row.slug.casefold() or wanted in row.name.casefold())
        and (only is None or any(cell.kind is only for cell in row.cells.values()))
    )


def _badness(cell: Cell) -> tuple[int, int]:
    return _RANK.index(cell.kind), int(cell.freshness is Freshness.FRESH)


def _by_slug(row: WorkflowRow) -> str:
    return row.slug
