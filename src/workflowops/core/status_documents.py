"""The status as the JSON document that `--json` prints; every text is masked."""

from typing import Any

import msgspec

from workflowops.core.dashboard import DashboardOutcome
from workflowops.core.figures import Figures, Spread
from workflowops.core.json import Json
from workflowops.core.secrets import mask_text
from workflowops.core.status import StatusReport, WorkflowRow

Document = dict[str, Json]


def status_document(
    report: StatusReport, *, dashboard: DashboardOutcome | None = None, page: str | None = None
) -> Document:
    """Write a report whole, but for the history: `incident list --all` and `promote status --all` have that.

    `claims` is null where nobody could ask. `dashboard` is null unless the issue was asked for, `page` the file that
    was written, null for none.
    """
    return {
        "taken_at": report.taken_at,
        "environments": [_masked(each) for each in report.environments],
        "workflows": [_row(each) for each in report.workflows],
        "unmanaged": [_masked(each) for each in report.unmanaged],
        "incidents": [_masked(each) for each in report.incidents],
        "promotions": [_masked(each) for each in report.promotions],
        "locks": [_masked(each) for each in report.locks],
        "claims": None if report.claims is None else [_masked(each) for each in report.claims],
        "figures": _figures(report.figures),
        "problems": [mask_text(each) for each in report.problems],
        "dashboard": None if dashboard is None else _masked(dashboard),
        "page": page,
    }


def _row(row: WorkflowRow) -> Document:
    return {
        "canonical_id": row.canonical_id,
        "slug": mask_text(row.slug),
        "name": mask_text(row.name),
        "cells": {environment: _masked(cell) for environment, cell in row.cells.items()},
    }


def _figures(figures: Figures) -> Document:
    return {
        "since": figures.since,
        "to_acknowledge": _spread(figures.to_acknowledge),
        "to_reconcile": _spread(figures.to_reconcile),
        "lead_time": _spread(figures.lead_time),
        "promotions_carried_out": figures.carried_out,
        "promotions_rolled_back": figures.rolled_back,
        "promotions_undone": figures.undone,
        "change_failure_percent": figures.change_failure_percent,
        "drift_weeks": [_masked(each) for each in figures.drift_weeks],
    }


def _spread(spread: Spread) -> Document:
    return {**_masked(spread), "too_few": spread.is_too_few}


def _masked(value: object) -> Document:
    document: Any = msgspec.to_builtins(value)
    return {key: _masked_value(item) for key, item in document.items()}


def _masked_value(value: Json) -> Json:
    if isinstance(value, str):
        return mask_text(value)
    return [_masked_value(item) for item in value] if isinstance(value, list | tuple) else value
