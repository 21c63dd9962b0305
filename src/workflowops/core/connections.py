"""Connections as n8n runs them: order is kept where it decides something, and only there."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.core.json import Json, canonical_text, javascript_numbers

_TARGET_KEYS = frozenset({"node", "type", "index"})


@dataclass(frozen=True, slots=True)
class _Target:
    node: str
    output: int
    text: Json


def canonical_connections(
    connections: Json,
    *,
    positions: Mapping[str, Json],
    is_position_ordered: bool,
    ignored: Counter[str],
    oddities: list[str],
) -> tuple[dict[str, Json], dict[str, Json]]:
    """Answer the connections by source node, kind and output, and the order in which each source starts its targets.

    Under execution order v1 n8n starts all targets of a node, over all its outputs, top to bottom, then left to right;
    of two at the same place the one listed later starts first (n8n-core 2.41.1, `workflow-execute.js`). So targets are
    sorted and the order is held beside them; it changes when a move on the canvas changes what runs first, and with no
    other move. Under v0 the order of the lists themselves counts, and nothing is held beside them.
    `positions` names every node; targets that do not exist start nothing.
    """
    if not isinstance(connections, dict):
        if connections in (None, []):
            return {}, {}
        oddities.append("The connections are not an object.")
        return {"": javascript_numbers(connections)}, {}
    held: dict[str, Json] = {}
    order: dict[str, Json] = {}
    for source, by_kind in connections.items():
        kinds, main_targets = _source(
            source, by_kind, is_position_ordered=is_position_ordered, ignored=ignored, oddities=oddities
        )
        if kinds:
            held[source] = kinds
        existing = [target for target in main_targets if target.node in positions]
        if is_position_ordered and source in positions and len({target.node for target in existing}) > 1:
            order[source] = [target.node for target in _run_order(existing, positions)]
        oddities.extend(
            f"{source!r} is connected to {target.node!r}, which does not exist."
            for target in main_targets
            if target.node not in positions
        )
    return held, order


def tool_names(connections: Json) -> frozenset[str]:
    """Name the nodes that serve an agent as a tool."""
    if not isinstance(connections, dict):
        return frozenset()
    return frozenset(
        source
        for source, by_kind in connections.items()
        if isinstance(by_kind, dict) and _leads_somewhere(by_kind.get("ai_tool"))
    )


def _leads_somewhere(outputs: Json) -> bool:
    """n8n's editor leaves empty lists behind where a wire was taken away."""
    return any(group for group in outputs) if isinstance(outputs, list) else bool(outputs)


def _source(
    source: str, by_kind: Json, *, is_position_ordered: bool, ignored: Counter[str], oddities: list[str]
) -> tuple[dict[str, Json], list[_Target]]:
    if not isinstance(by_kind, dict):
        if by_kind is None:
            return {}, []
        oddities.append(f"The connections of {source!r} are not an object.")
        return {"": javascript_numbers(by_kind)}, []
    kinds: dict[str, Json] = {}
    main_targets: list[_Target] = []
    for kind, outputs in by_kind.items():
        targets = _targets(outputs, kind, ignored)
        if targets is None:
            oddities.append(f"The {kind!r} connections of {source!r} cannot be read.")
            kinds[kind] = javascript_numbers(outputs)
            continue
        if kind == "main":
            main_targets = targets
        keeps_list_order = kind == "main" and not is_position_ordered
        grouped = _by_output(targets, keeps_list_order=keeps_list_order)
        if grouped:
            kinds[kind] = grouped
    return kinds, main_targets


def _targets(outputs: Json, kind: str, ignored: Counter[str]) -> list[_Target] | None:
    """Read `[[{node, type, index}, ...] or null, ...]`; None when it is something else."""
    if outputs is None:
        return []
    if not isinstance(outputs, list):
        return None
    targets: list[_Target] = []
    for number, group in enumerate(outputs):
        if group is not None and not isinstance(group, list):
            return None
        read = [_target(target, kind, ignored) for target in group or () if target is not None]
        if None in read:
            return None
        targets.extend(_Target(str(text["node"]), number, text) for text in read if text is not None)
    return targets


def _target(target: Json, kind: str, ignored: Counter[str]) -> dict[str, Json] | None:
    """Read one target; what means the same when it is left out is left out."""
    if not isinstance(target, dict) or not isinstance(target.get("node"), str):
        return None
    read: dict[str, Json] = {"node": target["node"]}
    if target.get("type", kind) != kind:
        read["type"] = javascript_numbers(target["type"])
    if target.get("index"):
        read["index"] = javascript_numbers(target["index"])
    for key in target.keys() - _TARGET_KEYS:
        ignored[f"connection key {key}"] += 1
    return read


def _by_output(targets: list[_Target], *, keeps_list_order: bool) -> list[Json]:
    if not targets:
        return []
    groups: list[list[Json]] = [[] for _ in range(max(target.output for target in targets) + 1)]
    for target in targets:
        groups[target.output].append(target.text)
    if keeps_list_order:
        return [*groups]
    return [[*sorted(group, key=canonical_text)] for group in groups]


def _run_order(targets: list[_Target], positions: Mapping[str, Json]) -> list[_Target]:
    """n8n sorts bottom right first, keeps the list order of ties, and then puts each in front of the one before."""
    return sorted(targets, key=lambda target: _place(positions.get(target.node)), reverse=True)[::-1]


def _place(position: Json) -> tuple[float, float]:
    """Answer (y, x); a node without a position is taken at the origin, as n8n does."""
    if isinstance(position, list) and len(position) >= 2:
        return _coordinate(position[1]), _coordinate(position[0])
    return 0.0, 0.0


def _coordinate(value: Json) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0
