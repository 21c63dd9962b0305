"""Changed connections: which wires came and went, and where targets start in another order."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflowops.core.changes import ConnectionChange
from workflowops.core.fields import ChangeType
from workflowops.core.json import Json

_TARGET_KEYS = {"node", "type", "index"}


@dataclass(frozen=True, slots=True, order=True)
class Wire:
    """One connection: from an output (`main[0]`) of a node to an input of another."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Wiring:
    """The connections of one version, read as wires. `rest` is what could not be read as such."""

    wires: Mapping[tuple[str, str], tuple[Wire, ...]]
    order: Mapping[str, tuple[str, ...]]
    rest: dict[str, Json]
    is_list_order_kept: bool


def read_wiring(logic: Mapping[str, Json], *, names: Mapping[str, str]) -> Wiring:
    """Read `connections` and `order` of a canonical form, with its nodes called as `names` says (old name to new)."""
    wires: dict[tuple[str, str], tuple[Wire, ...]] = {}
    rest: dict[str, Json] = {}
    connections = logic.get("connections")
    for source, by_kind in connections.items() if isinstance(connections, dict) else ():
        for kind, outputs in by_kind.items() if isinstance(by_kind, dict) else (("", by_kind),):
            read = _outputs(names.get(source, source), kind, outputs, names)
            if read is None:
                left = rest.setdefault(names.get(source, source), {})
                if isinstance(left, dict):
                    left[kind] = outputs
            else:
                wires |= read
    order = logic.get("order")
    settings = logic.get("settings")
    return Wiring(
        wires=wires,
        order={
            names.get(source, source): tuple(names.get(str(target), str(target)) for target in targets)
            for source, targets in (order.items() if isinstance(order, dict) else ())
            if isinstance(targets, list)
        },
        rest=rest,
        is_list_order_kept=not isinstance(settings, dict) or settings.get("executionOrder") != "v1",
    )


def wires_of(wiring: Wiring) -> Iterator[Wire]:
    """Yield every wire, as often as it is there."""
    for wires in wiring.wires.values():
        yield from wires


def connection_changes(old: Wiring, new: Wiring) -> tuple[ConnectionChange, ...]:
    """List the wires that were removed or added, then where the same targets start in another order."""
    before, after = Counter(wires_of(old)), Counter(wires_of(new))
    removed = [_change(wire, ChangeType.REMOVED) for wire in sorted((before - after).elements())]
    added = [_change(wire, ChangeType.ADDED) for wire in sorted((after - before).elements())]
    return (*removed, *added, *_reordered(old, new))


def _outputs(
    source: str, kind: str, outputs: Json, names: Mapping[str, str]
) -> dict[tuple[str, str], tuple[Wire, ...]] | None:
    if not isinstance(outputs, list):
        return None
    read: dict[tuple[str, str], tuple[Wire, ...]] = {}
    for number, group in enumerate(outputs):
        if not isinstance(group, list):
            return None
        output = f"{kind}[{number}]"
        wires = [_wire(source, output, kind, target, names) for target in group]
        if None in wires:
            return None
        if wires:
            read[source, output] = tuple(wire for wire in wires if wire is not None)
    return read


def _wire(source: str, output: str, kind: str, target: Json, names: Mapping[str, str]) -> Wire | None:
    if not isinstance(target, dict) or not isinstance(target.get("node"), str) or target.keys() - _TARGET_KEYS:
        return None
    node = str(target["node"])
    return Wire(source, output, names.get(node, node), f"{target.get('type', kind)}[{target.get('index', 0)}]")


def _change(wire: Wire, change_type: ChangeType) -> ConnectionChange:
    return ConnectionChange(wire.source, wire.output, wire.target, change_type, wire.input)


def _reordered(old: Wiring, new: Wiring) -> Iterator[ConnectionChange]:
    told: set[str] = set()
    for source in sorted(old.order.keys() & new.order.keys()):
        before, after = _common(old.order[source], new.order[source])
        if before != after:
            told.add(source)
            yield ConnectionChange(source, "main", "", ChangeType.REORDERED, "", before, after)
    if old.is_list_order_kept and new.is_list_order_kept:
        for place in sorted(old.wires.keys() & new.wires.keys()):
            before, after = _common(_targets(old.wires[place]), _targets(new.wires[place]))
            if before != after and place[0] not in told and place[1].startswith("main["):
                yield ConnectionChange(*place, "", ChangeType.REORDERED, "", before, after)


def _targets(wires: tuple[Wire, ...]) -> tuple[str, ...]:
    return tuple(wire.target for wire in wires)


def _common(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Leave in both what both have, so that a wire that came or went does not read as a new order."""
    shared = Counter(old) & Counter(new)
    return _limited(old, shared), _limited(new, shared)


def _limited(names: tuple[str, ...], shared: Counter[str]) -> tuple[str, ...]:
    left = Counter(shared)
    kept: list[str] = []
    for name in names:
        if left[name] > 0:
            left[name] -= 1
            kept.append(name)
    return tuple(kept)
