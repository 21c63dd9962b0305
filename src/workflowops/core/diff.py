"""The difference between two versions of a workflow, told by node and field."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workflowops.core.canonical import CanonicalForm
from workflowops.core.changes import ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.field_path import Part, is_at_or_below, parse_path, render_path
from workflowops.core.fields import ChangedField, ChangeType, are_equal, changed_fields
from workflowops.core.json import Json
from workflowops.core.renames import renamed_nodes
from workflowops.core.risk import Risk, highest, risk_of_field, risk_of_node, risk_of_reference, risk_of_setting
from workflowops.core.wiring import connection_changes, read_wiring

if TYPE_CHECKING:
    from workflowops.core.configuration import IgnoreRule

__all__ = [
    "ChangeType",
    "ConnectionChange",
    "FieldChange",
    "NodeChange",
    "WorkflowDiff",
    "as_json",
    "compare",
    "without_ignored",
]

_READ_BY_NAME = frozenset({"name", "nodes", "connections", "order", "settings"})


def compare(*, old: CanonicalForm, new: CanonicalForm) -> WorkflowDiff:
    """Answer what differs in what runs (`logic`) and in what it refers to (`references`), in a fixed order.

    There are changes exactly when one of the two differs. Renamed nodes are found first, and connections and references
    are compared under the new names, so that a rename does not read as rewiring.
    """
    if are_equal(old.logic, new.logic) and are_equal(old.references, new.references):
        return WorkflowDiff()
    old_nodes, new_nodes = _object(old.logic.get("nodes")), _object(new.logic.get("nodes"))
    renames = renamed_nodes(old_nodes, new_nodes, old_ids=old.node_ids, new_ids=new.node_ids)
    old_wiring, new_wiring = read_wiring(old.logic, names=renames), read_wiring(new.logic, names={})
    diff = WorkflowDiff(
        name=_name_change(old.logic.get("name"), new.logic.get("name")),
        node_changes=_node_changes(old_nodes, new_nodes, renames),
        connection_changes=connection_changes(old_wiring, new_wiring),
        settings_changes=tuple(
            _field_change(change, prefix=("settings",), risk=risk_of_setting(str(change.path[0])))
            for change in changed_fields(_object(old.logic.get("settings")), _object(new.logic.get("settings")))
        ),
        reference_changes=_reference_changes(old.references, new.references, renames),
        other_changes=tuple(
            _field_change(change, risk=Risk.STRUCTURE)
            for change in changed_fields(_others(old, old_wiring.rest), _others(new, new_wiring.rest))
        ),
    )
    return diff if diff.has_changes else replace(diff, other_changes=_undetected(old, new))


def without_ignored(diff: WorkflowDiff, rules: Sequence["IgnoreRule"]) -> tuple[WorkflowDiff, int]:
    """Leave out the fields that the configuration ignores; answers how many changes that were.

    A rule without a node applies to every node, and to the workflow's own fields (`settings.timezone`). Nodes that were
    added, removed or renamed stay: a rule speaks of fields.
    """
    left_out = 0
    nodes: list[NodeChange] = []
    for node in diff.node_changes:
        if node.change_type in (ChangeType.ADDED, ChangeType.REMOVED):
            nodes.append(node)
            continue
        kept, dropped = _kept(node.changes, [rule for rule in rules if _names_node(rule, node)])
        left_out += dropped
        if kept:
            nodes.append(replace(node, changes=kept, risk=highest(change.risk for change in kept) or node.risk))
    own = [rule for rule in rules if rule.node_type is None and rule.node_name is None]
    settings, settings_dropped = _kept(diff.settings_changes, own)
    references, references_dropped = _kept(diff.reference_changes, own)
    left_out += settings_dropped + references_dropped
    changed = replace(diff, node_changes=tuple(nodes), settings_changes=settings, reference_changes=references)
    return changed, left_out


def as_json(diff: WorkflowDiff, *, mask: bool = True) -> dict[str, Json]:
    """Write a difference with the field names of walkthrough 3. Secrets are masked unless told otherwise."""
    from workflowops.core.masking import masked  # loads the detectors

    shown = masked(diff) if mask else diff
    return {
        "has_changes": shown.has_changes,
        "nodes_added": shown.nodes_added,
        "nodes_removed": shown.nodes_removed,
        "nodes_modified": shown.nodes_modified,
        "connections_changed": shown.connections_changed,
        "settings_changed": shown.settings_changed,
        "risk": shown.risk,
        "name": None if shown.name is None else _field_as_json(shown.name),
        "node_changes": [_node_as_json(change) for change in shown.node_changes],
        "connection_changes": [_connection_as_json(change) for change in shown.connection_changes],
        "settings_changes": [_field_as_json(change) for change in shown.settings_changes],
        "reference_changes": [_field_as_json(change) for change in shown.reference_changes],
        "other_changes": [_field_as_json(change) for change in shown.other_changes],
    }


def _field_as_json(change: FieldChange) -> dict[str, Json]:
    return {
        "field": change.path,
        "change_type": change.change_type,
        "old_value": change.old_value,
        "new_value": change.new_value,
        "risk": change.risk,
    }


def _node_as_json(change: NodeChange) -> dict[str, Json]:
    return {
        "node_name": change.node_name,
        "node_type": change.node_type,
        "change_type": change.change_type,
        "fields_changed": [*change.fields_changed],
        "old_value": change.old_value,
        "new_value": change.new_value,
        "risk": change.risk,
    }


def _connection_as_json(change: ConnectionChange) -> dict[str, Json]:
    told: dict[str, Json] = {"source": change.source, "output": change.output, "change_type": change.change_type}
    if change.change_type is ChangeType.REORDERED:
        return {**told, "old_order": [*change.old_order], "new_order": [*change.new_order]}
    return {**told, "target": change.target, "input": change.input}


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}


def _name_change(old: Json, new: Json) -> FieldChange | None:
    return None if are_equal(old, new) else FieldChange("name", old, new, Risk.NAME)


def _field_change(change: ChangedField, *, prefix: tuple[Part, ...] = (), risk: Risk) -> FieldChange:
    path = render_path(prefix + change.path)
    return FieldChange(path, change.old, change.new, risk, change.change_type, change.labels)


def _node_changes(
    old: Mapping[str, Json], new: Mapping[str, Json], renames: Mapping[str, str]
) -> tuple[NodeChange, ...]:
    changes: list[NodeChange] = []
    for name, node in old.items():
        now = renames.get(name, name)
        if now not in new:
            changes.append(_whole_node(name, _object(node), ChangeType.REMOVED))
            continue
        fields = _changed_node_fields(_object(node), _object(new[now]))
        if now != name:
            fields = (FieldChange("name", name, now, Risk.NAME), *fields)
        if fields:
            change_type = ChangeType.MODIFIED if now == name else ChangeType.RENAMED
            risk = highest(field.risk for field in fields) or Risk.PARAMETER
            changes.append(NodeChange(now, _type(_object(new[now])), change_type, fields, risk))
    here_before = {renames.get(name, name) for name in old}
    changes += [
        _whole_node(name, _object(node), ChangeType.ADDED) for name, node in new.items() if name not in here_before
    ]
    return tuple(sorted(changes, key=lambda change: (change.node_name.casefold(), change.node_name)))


def _changed_node_fields(old: dict[str, Json], new: dict[str, Json]) -> tuple[FieldChange, ...]:
    return tuple(
        _field_change(
            change,
            risk=highest(
                risk_of_field(change.path, node_type=node_type, old=change.old, new=change.new, labels=change.labels)
                for node_type in {_type(old), _type(new)}
            )
            or Risk.PARAMETER,
        )
        for change in changed_fields(old, new)
    )


def _whole_node(name: str, node: dict[str, Json], change_type: ChangeType) -> NodeChange:
    """Tell an added or removed node by its fields, its parameters one by one."""
    node_type = _type(node)
    fields: list[FieldChange] = []
    for path, value in _parts(node):
        old, new = (None, value) if change_type is ChangeType.ADDED else (value, None)
        risk = risk_of_field(path, node_type=node_type, old=old, new=new)
        fields.append(FieldChange(render_path(path), old, new, risk, change_type))
    return NodeChange(name, node_type, change_type, tuple(fields), risk_of_node(node_type, (f.risk for f in fields)))


def _parts(node: dict[str, Json]) -> list[tuple[tuple[Part, ...], Json]]:
    parts: list[tuple[tuple[Part, ...], Json]] = []
    for key in sorted(node):
        value = node[key]
        if key in ("parameters", "credentials") and isinstance(value, dict) and value:
            parts += [((key, inner), value[inner]) for inner in sorted(value)]
        else:
            parts.append(((key,), value))
    return parts


def _type(node: dict[str, Json]) -> str:
    node_type = node.get("type")
    return node_type if isinstance(node_type, str) else ""


def _reference_changes(
    old: dict[str, Json], new: dict[str, Json], renames: Mapping[str, str]
) -> tuple[FieldChange, ...]:
    """Compare references under the new names of their nodes; a removed one keeps the name it had."""
    called_anew: dict[str, Json] = {**old}
    old_names: dict[tuple[str, str], str] = {}
    for kind, held in old.items():
        if isinstance(held, dict):
            names = {name: name if renames.get(name, name) in held else renames[name] for name in held}
            called_anew[kind] = {names[name]: value for name, value in held.items()}
            old_names |= {(kind, now): name for name, now in names.items()}
    changes: list[FieldChange] = []
    for change in changed_fields(called_anew, new):
        part, *inner = change.path
        if change.change_type is ChangeType.REMOVED and inner:
            inner[0] = old_names.get((str(part), str(inner[0])), inner[0])
        named = replace(change, path=(part, *inner))
        changes.append(_field_change(named, risk=risk_of_reference(str(part))))
    return tuple(changes)


def _others(form: CanonicalForm, unread_connections: dict[str, Json]) -> dict[str, Json]:
    others = {key: value for key, value in form.logic.items() if key not in _READ_BY_NAME}
    return {**others, "connections": unread_connections} if unread_connections else others


def _undetected(old: CanonicalForm, new: CanonicalForm) -> tuple[FieldChange, ...]:
    """Tell a difference that none of the parts above could name, so that it is never silent."""
    changes = (*changed_fields(old.logic, new.logic), *changed_fields(old.references, new.references))
    return tuple(_field_change(change, risk=Risk.STRUCTURE) for change in changes)


def _names_node(rule: "IgnoreRule", node: NodeChange) -> bool:
    return rule.node_type in (None, node.node_type) and rule.node_name in (None, node.node_name)


def _kept(changes: Sequence[FieldChange], rules: Sequence["IgnoreRule"]) -> tuple[tuple[FieldChange, ...], int]:
    kept = [
        left
        for change in changes
        if (left := change if change.path == "name" else _without_parts(change, [rule.path for rule in rules]))
    ]
    return tuple(kept), len(changes) - len(kept)


def _without_parts(change: FieldChange, paths: Sequence[str]) -> FieldChange | None:
    """Take what is ignored out of a change; None when nothing is left."""
    if any(is_at_or_below(change.path, prefix=path) for path in paths):
        return None
    inner = [
        parse_path(path)[len(parse_path(change.path)) :] for path in paths if is_at_or_below(path, prefix=change.path)
    ]
    if not inner:
        return change
    old, new = change.old_value, change.new_value
    for parts in inner:
        old, new = _pruned(old, parts), _pruned(new, parts)
    if are_equal(old, new) or (change.change_type in (ChangeType.ADDED, ChangeType.REMOVED) and not (old or new)):
        return None
    return replace(change, old_value=old, new_value=new)


def _pruned(value: Json, parts: Sequence[Part]) -> Json:
    if isinstance(value, dict) and isinstance(parts[0], str) and parts[0] in value:
        inner = None if len(parts) == 1 else _pruned(value[parts[0]], parts[1:])
        rest = {key: item for key, item in value.items() if key != parts[0]}
        return rest if len(parts) == 1 or not inner else {**rest, parts[0]: inner}
    if isinstance(value, list) and isinstance(parts[0], int) and parts[0] < len(value):
        index = parts[0]
        inner_item: list[Json] = [] if len(parts) == 1 else [_pruned(value[index], parts[1:])]
        return [*value[:index], *inner_item, *value[index + 1 :]]
    return value
