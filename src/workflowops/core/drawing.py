"""A workflow's graph before and after a change, as a value that can be kept and drawn later."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.canonical import CanonicalForm, canonicalize
from workflowops.core.changes import NodeChange, WorkflowDiff
from workflowops.core.diff import compare
from workflowops.core.fields import ChangeType
from workflowops.core.json import Json
from workflowops.core.wiring import Wire, read_wiring, wires_of

MOST_NODES = 200
MOST_WIRES = 600
_FARTHEST = 1_000_000


class DrawnChange(StrEnum):
    """What happened to a node or a wire. A renamed node is modified, and keeps its old name beside the new one."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node stands on n8n's canvas, in its pixels: x to the right, y down."""

    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnNode:
    """A node of either version. `before` and `after` are its places; None where it is not, or n8n does not say where.

    `old_name` is there only for a node that was renamed.
    """

    name: str
    node_type: str
    change: DrawnChange = DrawnChange.SAME
    before: Place | None = None
    after: Place | None = None
    old_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnWire:
    """A connection between two nodes, numbered as in the drawing. `kind` is `main`, `ai_tool`, ...; `output` counts
    from 0."""

    source: int
    target: int
    kind: str = "main"
    output: int = 0
    change: DrawnChange = DrawnChange.SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Both versions in one: what is removed is only before, what is added only after, the rest in both.

    Holds names, types and places, and no parameter of any node. Sticky notes are left out. `nodes_left_out` and
    `wires_left_out` count what is beyond the limits.
    """

    nodes: tuple[DrawnNode, ...] = ()
    wires: tuple[DrawnWire, ...] = ()
    nodes_left_out: int = 0
    wires_left_out: int = 0

    def count(self, change: DrawnChange) -> int:
        """Count the nodes that are drawn as changed in this way."""
        return sum(node.change is change for node in self.nodes)


def draw(before: Mapping[str, Json] | None, after: Mapping[str, Json] | None) -> Drawing:
    """Draw a workflow's graph from its two documents; None is a version that is not there.

    Names are whole, as n8n holds them; `stored_drawings` hides what is secret in them.
    """
    return compare_and_draw(before, after)[1]


def compare_and_draw(
    before: Mapping[str, Json] | None, after: Mapping[str, Json] | None
) -> tuple[WorkflowDiff, Drawing]:
    """Answer the difference between two documents, and the drawing that shows it."""
    old, new = canonicalize(before or {}), canonicalize(after or {})
    diff = compare(old=old, new=new)
    return diff, drawing_of(old=old, new=new, diff=diff)


def drawing_of(*, old: CanonicalForm, new: CanonicalForm, diff: WorkflowDiff) -> Drawing:
    """Draw two versions that were compared already; what the difference does not name is drawn as the same.

    Of large workflows the changed nodes are kept first, then those beside them, then the others from left to right.
    """
    changes = {change.node_name: change for change in diff.node_changes}
    renames = {was: name for name, change in changes.items() if (was := _name_before(change)) is not None}
    nodes = _nodes(old, new, changes, renames)
    wires = _wires(old, new, renames)
    kept = _kept(nodes, wires)
    numbers = {name: number for number, name in enumerate(kept)}
    drawn = [
        DrawnWire(
            source=numbers[wire.source], target=numbers[wire.target], kind=kind, output=output, change=wire_change
        )
        for wire, wire_change in wires
        if wire.source in numbers and wire.target in numbers
        for kind, output in [_output(wire.output)]
    ]
    drawn.sort(key=lambda wire: (wire.change is DrawnChange.SAME, wire.source, wire.output, wire.target))
    return Drawing(
        nodes=tuple(nodes[name] for name in kept),
        wires=tuple(drawn[:MOST_WIRES]),
        nodes_left_out=len(nodes) - len(kept),
        wires_left_out=sum(wire.source in nodes and wire.target in nodes for wire, _ in wires)
        - len(drawn[:MOST_WIRES]),
    )


def _name_before(change: NodeChange) -> str | None:
    if change.change_type is not ChangeType.RENAMED:
        return None
    return next((str(field.old_value) for field in change.changes if field.path == "name"), None)


def _nodes(
    old: CanonicalForm, new: CanonicalForm, changes: Mapping[str, NodeChange], renames: Mapping[str, str]
) -> dict[str, DrawnNode]:
    """Answer the nodes of both versions by name; a renamed one stands under its new name, and once."""
    old_names = {now: was for was, now in renames.items()}
    before = {renames.get(name, name): name for name in _names(old)}
    after = _names(new)
    return {
        name: DrawnNode(
            name=name,
            node_type=_type(new, name) or _type(old, before.get(name, name)),
            change=_change(was=name in before, now=name in after, changed=name in changes),
            before=_place(old, before[name]) if name in before else None,
            after=_place(new, name) if name in after else None,
            old_name=old_names.get(name),
        )
        for name in dict.fromkeys([*after, *before])
    }


def _change(*, was: bool, now: bool, changed: bool) -> DrawnChange:
    if not was:
        return DrawnChange.ADDED
    if not now:
        return DrawnChange.REMOVED
    return DrawnChange.MODIFIED if changed else DrawnChange.SAME


def _names(form: CanonicalForm) -> dict[str, Json]:
    nodes = form.logic.get("nodes")
    return nodes if isinstance(nodes, dict) else {}


def _type(form: CanonicalForm, name: str) -> str:
    node = _names(form).get(name)
    node_type = node.get("type") if isinstance(node, dict) else None
    return node_type if isinstance(node_type, str) else ""


def _place(form: CanonicalForm, name: str) -> Place | None:
    positions = form.layout.get("positions")
    position = positions.get(name) if isinstance(positions, dict) else None
    if not isinstance(position, list) or len(position) < 2:
        return None
    x, y = _coordinate(position[0]), _coordinate(position[1])
    return None if x is None or y is None else Place(x=x, y=y)


def _coordinate(value: Json) -> int | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return None
    return round(min(max(value, -_FARTHEST), _FARTHEST))


def _wires(old: CanonicalForm, new: CanonicalForm, renames: Mapping[str, str]) -> list[tuple[Wire, DrawnChange]]:
    before = _drawn_wires(old, renames)
    after = _drawn_wires(new, {})
    return [
        *((wire, DrawnChange.REMOVED) for wire in sorted((before - after).elements())),
        *((wire, DrawnChange.ADDED) for wire in sorted((after - before).elements())),
        *((wire, DrawnChange.SAME) for wire in sorted((after & before).elements())),
    ]


def _drawn_wires(form: CanonicalForm, renames: Mapping[str, str]) -> Counter[Wire]:
    """Count the wires of a version by their new names; one to a node that is not there leads nowhere in it."""
    there = {renames.get(name, name) for name in _names(form)}
    found = wires_of(read_wiring(form.logic, names=renames))
    return Counter(wire for wire in found if {*_ends(wire)} <= there)


def _output(output: str) -> tuple[str, int]:
    """Read `main[1]`."""
    kind, _, rest = output.partition("[")
    number = rest.removesuffix("]")
    return kind, int(number) if number.isascii() and number.isdecimal() else 0


def _kept(nodes: Mapping[str, DrawnNode], wires: list[tuple[Wire, DrawnChange]]) -> list[str]:
    """Name the nodes that are drawn, in the order of the canvas."""
    if len(nodes) > MOST_NODES:
        changed = {name for name, node in nodes.items() if node.change is not DrawnChange.SAME}
        changed |= {name for wire, change in wires if change is not DrawnChange.SAME for name in _ends(wire)}
        beside = {name for wire, _ in wires if changed & {*_ends(wire)} for name in _ends(wire)}
        ranked = sorted(nodes, key=lambda name: (name not in changed, name not in beside, _order(nodes[name])))
        nodes = {name: nodes[name] for name in ranked[:MOST_NODES]}
    return sorted(nodes, key=lambda name: _order(nodes[name]))


def _ends(wire: Wire) -> tuple[str, str]:
    return wire.source, wire.target


def _order(node: DrawnNode) -> tuple[int, int, str]:
    place = node.after or node.before or Place(x=_FARTHEST, y=_FARTHEST)
    return place.x, place.y, node.name
