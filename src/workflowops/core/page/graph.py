"""A drawing as two pictures, before and after, in SVG, with words for those who do not see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflowops.core.drawing import Drawing, DrawnChange, DrawnNode, DrawnWire
from workflowops.core.drawings_file import StoredDrawing
from workflowops.core.page.labels import fitted
from workflowops.core.page.layout import HEIGHT, WIDTH, Layout, laid_out
from workflowops.core.page.markup import element, named, text
from workflowops.core.text.page import CHANGES, SIGNS
from workflowops.core.text.plain import count, visible
from workflowops.core.text.words import short_type

_NAME_ROOM = (WIDTH - 18) / 12.5
_KIND_ROOM = (WIDTH - 18) / 11
_MOST_NAMED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What the two pictures are called: `Git declares`, `n8n ran`. Words of ours, not escaped yet."""

    before: str
    after: str


def figure(stored: StoredDrawing, sides: Sides, *, key: str) -> str:
    """Answer a workflow's two pictures; `key` is unique on the page and made of letters, digits and hyphens."""
    drawing = stored.drawing
    if not drawing.nodes:
        return ""
    layout = laid_out(drawing)
    panes = [
        _pane(drawing, layout.before, layout, title=sides.before, absent=DrawnChange.ADDED, key=f"{key}b"),
        _pane(drawing, layout.after, layout, title=sides.after, absent=DrawnChange.REMOVED, key=f"{key}a"),
    ]
    nodes, wires = drawing.nodes_left_out, drawing.wires_left_out
    more = f"{count(nodes, 'node')} and {count(wires, 'connection')} are not drawn." if nodes or wires else ""
    return element(
        "figure",
        element("figcaption", element("strong", named(stored.workflow_name)), " ", text(_told(drawing))),
        element("div", *panes, class_="panes", style=f"--w:{layout.width:.0f}px"),
        element("p", text(more), class_="quiet") if more else "",
        class_="graph",
    )


def legend() -> str:
    """Say once for all pictures what the marks mean."""
    items = [
        element("li", element("span", text(SIGNS[change]), class_=f"sign {change}"), " ", text(CHANGES[change]))
        for change in (DrawnChange.ADDED, DrawnChange.REMOVED, DrawnChange.MODIFIED)
    ]
    return element("ul", *items, class_="legend", aria_label="Marks in the graphs")


def _told(drawing: Drawing) -> str:
    parts = [
        f"{drawing.count(change)} {CHANGES[change]}"
        for change in (DrawnChange.ADDED, DrawnChange.REMOVED, DrawnChange.MODIFIED)
        if drawing.count(change)
    ]
    wires = sum(wire.change is not DrawnChange.SAME for wire in drawing.wires)
    nodes = f"nodes: {', '.join(parts)}" if parts else "the same nodes"
    return f"{nodes}; {count(wires, 'connection')} changed" if wires else nodes


def _pane(
    drawing: Drawing,
    places: Mapping[int, tuple[float, float]],
    layout: Layout,
    *,
    title: str,
    absent: DrawnChange,
    key: str,
) -> str:
    heading = element("p", text(title), class_="side", id=f"{key}h")
    if not places:
        return element("div", heading, element("p", "The workflow was not there.", class_="quiet"), class_="pane")
    shown = {number: node for number, node in enumerate(drawing.nodes) if number in places}
    wires = [wire for wire in drawing.wires if wire.change is not absent]
    outputs = dict.fromkeys(shown, 1)
    for wire in wires:
        if wire.kind == "main":
            outputs[wire.source] = max(outputs[wire.source], wire.output + 1)
    picture = element(
        "svg",
        element("title", text(title), id=f"{key}t"),
        element("desc", text(_described(shown.values(), wires)), id=f"{key}d"),
        *(_wire(wire, outputs[wire.source], places) for wire in wires),
        *(_node(node, places[number]) for number, node in shown.items()),
        viewBox=f"0 0 {layout.width:.0f} {layout.height:.0f}",
        role="img",
        aria_labelledby=f"{key}t {key}d",
    )
    scrolled = element("div", picture, class_="scroll", tabindex=0, role="group", aria_labelledby=f"{key}h")
    return element("div", heading, scrolled, class_="pane")


def _described(nodes: Iterable[DrawnNode], wires: list[DrawnWire]) -> str:
    """Tell a picture in words: how large, and what in it is marked."""
    shown = [*nodes]
    parts = [f"{count(len(shown), 'node')}, {count(len(wires), 'connection')}."]
    for change in (DrawnChange.ADDED, DrawnChange.REMOVED, DrawnChange.MODIFIED):
        names = [visible(node.name) for node in shown if node.change is change]
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            parts.append(f"{CHANGES[change].capitalize()}: {', '.join(names[:_MOST_NAMED])}{more}.")
    return " ".join(parts)


def _node(node: DrawnNode, place: tuple[float, float]) -> str:
    x, y = place
    label = visible(node.name).strip() or "(no name)"
    lines = fitted(label, room=_NAME_ROOM, lines=2)
    kind = " ".join(fitted(short_type(node.node_type), room=_KIND_ROOM, lines=1))
    top = y + (22 if len(lines) == 2 else 28)
    renamed = f", before: {node.old_name}" if node.old_name else ""
    parts = [
        element("title", text(f"{label} ({kind}{renamed})")),
        element("rect", x=f"{x:.0f}", y=f"{y:.0f}", width=WIDTH, height=HEIGHT, rx=8),
        *(_label(line, x + 12, top + 15 * number, "name") for number, line in enumerate(lines)),
        _label(kind, x + 12, top + 15 * len(lines) + 1, "kind"),
    ]
    if node.change is not DrawnChange.SAME:
        parts.append(element("circle", cx=f"{x + WIDTH - 4:.0f}", cy=f"{y + 4:.0f}", r=10))
        parts.append(_label(SIGNS[node.change], x + WIDTH - 4, y + 9, "mark"))
    return element("g", *parts, class_=f"node {node.change}")


def _label(label: str, x: float, y: float, kind: str) -> str:
    return element("text", text(label), x=f"{x:.0f}", y=f"{y:.0f}", class_=kind)


def _wire(wire: DrawnWire, outputs: int, places: Mapping[int, tuple[float, float]]) -> str:
    """Draw a connection from right to left edge; what serves an agent goes from top to bottom edge, as in n8n.

    `outputs` is how many the node has that it comes from.
    """
    (x1, y1), (x2, y2) = places[wire.source], places[wire.target]
    if wire.kind == "main":
        start = x1 + WIDTH, y1 + HEIGHT * (wire.output + 1) / (outputs + 1)
        end = x2, y2 + HEIGHT / 2
        curve = _sideways(start, end)
        head = f"{end[0]:.0f},{end[1]:.0f} {end[0] - 8:.0f},{end[1] - 4.5:.1f} {end[0] - 8:.0f},{end[1] + 4.5:.1f}"
        arrow = element("polygon", points=head)
    else:
        start, end = (x1 + WIDTH / 2, y1), (x2 + WIDTH / 2, y2 + HEIGHT)
        bend = max(24.0, abs(start[1] - end[1]) / 2)
        curve = f"M{_at(start)}C{_at((start[0], start[1] - bend))} {_at((end[0], end[1] + bend))} {_at(end)}"
        arrow = element("circle", cx=f"{end[0]:.0f}", cy=f"{end[1]:.0f}", r=3.5)
    side = "" if wire.kind == "main" else " side-wire"
    return element("g", element("path", d=curve), arrow, class_=f"wire {wire.change}{side}")


def _sideways(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Bend a wire; one that leads back runs below the boxes, so that it is not hidden behind them."""
    (x1, y1), (x2, y2) = start, end
    tip = x2 - 6
    if tip >= x1:
        bend = max(20.0, (tip - x1) / 2)
        return f"M{_at(start)}C{_at((x1 + bend, y1))} {_at((tip - bend, y2))} {_at((tip, y2))}"
    below = max(y1, y2) + HEIGHT
    return (
        f"M{_at(start)}C{_at((x1 + 40, y1))} {_at((x1 + 40, below))} {_at((x1 - 10, below))}"
        f"L{_at((x2 + 10, below))}C{_at((x2 - 40, below))} {_at((x2 - 40, y2))} {_at((tip, y2))}"
    )


def _at(point: tuple[float, float]) -> str:
    return f"{point[0]:.0f} {point[1]:.0f}"
