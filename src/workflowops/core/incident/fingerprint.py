"""What an incident keeps of a drifted workflow: a fingerprint of its difference, and the difference in short."""

from collections.abc import Iterable, Sequence

from workflowops.core.changes import ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.drift import Compared, ValueChange, WorkflowDrift
from workflowops.core.fields import ChangeType
from workflowops.core.incident.record import AffectedWorkflow, ChangeSummary
from workflowops.core.json import Json, canonical_text, sha256
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.risk import Risk, rank
from workflowops.core.secrets import mask
from workflowops.core.standing import DriftKind
from workflowops.core.text.plain import count, cut
from workflowops.core.text.values import NOT_SET, pair

_BY_CONTENT = frozenset({DriftKind.MODIFIED, DriftKind.CONFLICT})
_LONGEST_NAME = 150
_LONGEST_VALUE = 300
_MOST_NAMES = 30
_LONGEST_LISTED_NAME = 80


def fingerprint(workflow: WorkflowDrift, compared: Compared) -> str:
    """Answer a digest that changes exactly when the difference does.

    Made of content alone: no risk class, label or text of ours is in it, so that a new release changes none, and no
    order, name or time that can change without the difference. Where the content differs and the difference is not at
    hand, the two sides stand for it.
    """
    told: dict[str, Json] = {
        "kind": workflow.kind,
        "archived": workflow.is_archived,
        "activation": _beside(workflow.activation),
        "tags": _beside(workflow.tags),
        "diff": _difference(workflow, compared),
    }
    return sha256(canonical_text(told))


def _difference(workflow: WorkflowDrift, compared: Compared) -> Json:
    if workflow.diff is not None and workflow.diff.has_changes:
        return _content(workflow.diff)
    return [compared.git_key, compared.live_key] if workflow.kind in _BY_CONTENT else None


def _beside(change: ValueChange | None) -> Json:
    return None if change is None else [change.old, change.new]


def _content(diff: WorkflowDiff) -> Json:
    return {
        "name": None if diff.name is None else _field(diff.name),
        "nodes": _sorted([node.change_type, node.node_name, _fields(node.changes)] for node in diff.node_changes),
        "connections": _sorted(map(_connection, diff.connection_changes)),
        "settings": _fields(diff.settings_changes),
        "references": _fields(diff.reference_changes),
        "others": _fields(diff.other_changes),
    }


def _connection(change: ConnectionChange) -> Json:
    ends: list[Json] = [change.change_type, change.source, change.output, change.target, change.input]
    return [*ends, [*change.old_order], [*change.new_order]]


def _fields(changes: Sequence[FieldChange]) -> Json:
    return _sorted(map(_field, changes))


def _field(change: FieldChange) -> Json:
    return [change.change_type, change.path, change.old_value, change.new_value]


def _sorted(values: Iterable[Json]) -> Json:
    return [*sorted(values, key=canonical_text)]


def affected_by(workflow: WorkflowDrift, compared: Compared, *, known_as: str | None = None) -> AffectedWorkflow:
    """Answer what the record of an incident keeps of a drifted, source-managed workflow; names and values are masked.

    `known_as` is its fingerprint where the caller has it already.
    """
    diff, redaction = (None, Redaction()) if workflow.diff is None else masked_with_redaction(workflow.diff)
    return AffectedWorkflow(
        canonical_id=workflow.canonical_id or "",
        canonical_slug=workflow.canonical_slug,
        workflow_id=workflow.workflow_id,
        workflow_name=cut(redaction.text(workflow.workflow_name), _LONGEST_NAME),
        drift_type=workflow.kind,
        file=workflow.file,
        fingerprint=known_as or fingerprint(workflow, compared),
        git_key=compared.git_key,
        live_key=compared.live_key,
        nodes_added=0 if diff is None else diff.nodes_added,
        nodes_removed=0 if diff is None else diff.nodes_removed,
        nodes_modified=0 if diff is None else diff.nodes_modified,
        risk=None if diff is None or diff.risk is None else str(diff.risk),
        change_summary=_summary(workflow, diff, redaction),
        n8n_updated_at=workflow.n8n_updated_at,
    )


def _summary(workflow: WorkflowDrift, diff: WorkflowDiff | None, redaction: Redaction) -> ChangeSummary | None:
    """Tell the worst change in short; the workflow's own fields have no node name."""
    if diff is not None and diff.has_changes:
        return _worst(diff)
    for name, change in (("active", workflow.activation), ("tags", workflow.tags)):
        if change is not None:
            old, new = (redaction.value(mask(value, path=name)) for value in (change.old, change.new))
            return _told("", FieldChange(name, old, new, Risk.SETTINGS))
    return None


def _worst(diff: WorkflowDiff) -> ChangeSummary | None:
    node = max(diff.node_changes, key=lambda change: rank(change.risk), default=None)
    own = [*(() if diff.name is None else (diff.name,)), *diff.fields]
    field = max(own, key=lambda change: rank(change.risk), default=None)
    wire = rank(Risk.STRUCTURE) if diff.connection_changes else -1
    node_rank, field_rank = -1 if node is None else rank(node.risk), -1 if field is None else rank(field.risk)
    if node is not None and node_rank >= max(field_rank, wire):
        return _of_node(node)
    if field is not None and field_rank >= wire:
        return _told("", field)
    return _of_connection(diff.connection_changes[0])


def _of_node(node: NodeChange) -> ChangeSummary:
    if node.change_type in (ChangeType.ADDED, ChangeType.REMOVED):
        is_added = node.change_type is ChangeType.ADDED
        sides = (NOT_SET, node.node_type) if is_added else (node.node_type, NOT_SET)
        return _summed(node.node_name, "type", *sides)
    return _told(node.node_name, max(node.changes, key=lambda change: rank(change.risk)))


def _of_connection(change: ConnectionChange) -> ChangeSummary:
    if change.change_type is ChangeType.REORDERED:
        return _summed(change.source, change.output, ", ".join(change.old_order), ", ".join(change.new_order))
    is_added = change.change_type is ChangeType.ADDED
    sides = (NOT_SET, change.target) if is_added else (change.target, NOT_SET)
    return _summed(change.source, change.output, *sides)


def _told(node_name: str, change: FieldChange) -> ChangeSummary:
    return _summed(node_name, change.path, *pair(change, _LONGEST_VALUE))


def _summed(node_name: str, field: str, old: str, new: str) -> ChangeSummary:
    return ChangeSummary(
        node_name=cut(node_name, _LONGEST_NAME),
        field=cut(field, _LONGEST_NAME),
        old_value=cut(old, _LONGEST_VALUE),
        new_value=cut(new, _LONGEST_VALUE),
    )


def listed(names: Iterable[str]) -> str:
    """Name masked workflows in one line: separated by commas, cut, the rest of many counted."""
    every = [cut(name, _LONGEST_LISTED_NAME) for name in names]
    shown = ", ".join(every[:_MOST_NAMES])
    left = len(every) - _MOST_NAMES
    return f"{shown} and {count(left, 'more', 'more')}" if left > 0 else shown
