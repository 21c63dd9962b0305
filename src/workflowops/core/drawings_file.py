"""Drawings as the state branch keeps them, beside the incident or promotion they are about."""

from dataclasses import dataclass

from workflowops.core.drawing import Drawing
from workflowops.core.records import SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDrawing:
    """The drawing of one workflow; its names are masked and cut."""

    canonical_id: str
    workflow_name: str
    drawing: Drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawingsFile:
    """`incidents/<number>.drawings.json` and `promotions/<id>.drawings.json`; `left_out` counts what did not fit."""

    schema: int = SCHEMA
    drawings: tuple[StoredDrawing, ...] = ()
    left_out: int = 0


def incident_drawings_path(number: int) -> str:
    """Answer where the drawings of an incident lie: what Git declared before, what n8n ran after."""
    return f"incidents/{number}.drawings.json"


def promotion_drawings_path(promotion_id: str) -> str:
    """Answer where the drawings of a promotion lie: what the target ran before, what was planned after."""
    return f"promotions/{promotion_id}.drawings.json"
