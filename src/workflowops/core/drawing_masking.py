"""Drawings made fit to be kept and shown: secrets in names hidden, sizes bounded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from workflowops.core.changes import WorkflowDiff
from workflowops.core.drawing import Drawing, DrawnNode
from workflowops.core.drawings_file import DrawingsFile, StoredDrawing
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.records import encode

_LONGEST_NAME = 80
_MOST_BYTES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A workflow's drawing with the difference that it shows: the difference knows what is to be masked."""

    canonical_id: str
    workflow_name: str
    drawing: Drawing
    diff: WorkflowDiff


def stored_drawings(workflows: Iterable[Drawn]) -> DrawingsFile:
    """Answer the file for the drawings of some workflows, in their order: masked, and about 200 kB at most."""
    kept: list[StoredDrawing] = []
    taken = left_out = 0
    for each in workflows:
        if taken >= _MOST_BYTES:
            left_out += 1
            continue
        stored = _masked(each)
        taken += len(encode(DrawingsFile(drawings=(stored,))))
        if taken > _MOST_BYTES:
            left_out += 1
        else:
            kept.append(stored)
    return DrawingsFile(drawings=tuple(kept), left_out=left_out)


def _masked(workflow: Drawn) -> StoredDrawing:
    """Hide secrets before anything is cut: half a secret does not look like one."""
    _, redaction = masked_with_redaction(workflow.diff)
    drawing = workflow.drawing
    return StoredDrawing(
        canonical_id=workflow.canonical_id,
        workflow_name=_text(workflow.workflow_name, redaction),
        drawing=replace(
            drawing,
            nodes=tuple(_node(node, redaction) for node in drawing.nodes),
            wires=tuple(replace(wire, kind=_text(wire.kind, redaction)) for wire in drawing.wires),
        ),
    )


def _node(node: DrawnNode, redaction: Redaction) -> DrawnNode:
    return replace(
        node,
        name=_text(node.name, redaction),
        node_type=_text(node.node_type, redaction),
        old_name=None if node.old_name is None else _text(node.old_name, redaction),
    )


def _text(text: str, redaction: Redaction) -> str:
    shown = redaction.text(text)
    return shown if len(shown) <= _LONGEST_NAME else shown[: _LONGEST_NAME - 1] + "…"
