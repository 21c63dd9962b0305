"""Drawings as the state branch keeps them, beside the incident or promotion they are about."""

from dataclasses import dataclass

from workflowops.core.drawing import MOST_NODES, MOST_WIRES, Drawing, DrawnChange
from workflowops.core.records import SCHEMA

_FARTHEST = 10_000_000


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


def is_drawable(file: DrawingsFile) -> bool:
    """Say whether every drawing is one that `draw` could have made: wires lead to its nodes, and it is no larger."""
    return all(_is_drawable(each.drawing) for each in file.drawings)


def _is_drawable(drawing: Drawing) -> bool:
    nodes = drawing.nodes
    places = [place for node in nodes for place in (node.before, node.after) if place is not None]
    return (
        len(nodes) <= MOST_NODES
        and len(drawing.wires) <= MOST_WIRES
        and all(max(abs(place.x), abs(place.y)) <= _FARTHEST for place in places)
        and all(
            0 <= end < len(nodes) and nodes[end].change in (DrawnChange.SAME, DrawnChange.MODIFIED, wire.change)
            for wire in drawing.wires
            for end in (wire.source, wire.target)
        )
        and all(wire.output >= 0 for wire in drawing.wires)
    )
