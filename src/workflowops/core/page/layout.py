"""Where the nodes of a drawing stand in its picture: as on n8n's canvas, without the empty stretches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from workflowops.core.drawing import Drawing, DrawnChange, DrawnNode, Place

WIDTH = 156
HEIGHT = 60
MARGIN = 24

_FREE_ACROSS = 36
_FREE_DOWN = 22
_WIDEST_GAP = 300
_HIGHEST_GAP = 170
_MOST_STRETCH = 2.0
_SHIFT = 12

_Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The upper left corners of the nodes by number, before and after, in one picture of this size."""

    before: Mapping[int, _Point]
    after: Mapping[int, _Point]
    width: float
    height: float


def laid_out(drawing: Drawing) -> Layout:
    """Place the nodes; what stays where it was stands at the same spot in both pictures.

    Left of and above stay so. Long gaps are shortened, crowded graphs are stretched until the boxes do not overlap, as
    far as that can be had; a node whose place nobody knows stands below the others, in the order of the wires.
    """
    spare = _spare(drawing)
    before = {n: _raw(node.before or node.after, spare[n]) for n, node in _on(drawing, DrawnChange.ADDED)}
    after = {n: _raw(node.after or node.before, spare[n]) for n, node in _on(drawing, DrawnChange.REMOVED)}
    both = [*before.values(), *after.values()]
    across = _shortened((x for x, _ in both), widest=_WIDEST_GAP)
    down = _shortened((y for _, y in both), widest=_HIGHEST_GAP)
    sides = [{n: (across[x], down[y]) for n, (x, y) in side.items()} for side in (before, after)]
    stretch = max((_needed(side.values()) for side in sides), default=1.0)
    moved = [_apart({n: (x * stretch, y * stretch) for n, (x, y) in side.items()}) for side in sides]
    points = [point for side in moved for point in side.values()]
    return Layout(
        before=moved[0],
        after=moved[1],
        width=max((x for x, _ in points), default=0) + WIDTH + MARGIN,
        height=max((y for _, y in points), default=0) + HEIGHT + MARGIN,
    )


def _on(drawing: Drawing, absent: DrawnChange) -> Iterable[tuple[int, DrawnNode]]:
    return [(number, node) for number, node in enumerate(drawing.nodes) if node.change is not absent]


def _raw(place: Place | None, spare: _Point) -> _Point:
    return spare if place is None else (float(place.x), float(place.y))


def _spare(drawing: Drawing) -> Mapping[int, _Point]:
    """Answer a place for every node in case n8n has none: columns as the wires lead, below everything else."""
    places = [place for node in drawing.nodes for place in (node.before, node.after) if place is not None]
    top = max((place.y for place in places), default=-_HIGHEST_GAP) + _HIGHEST_GAP
    left = min((place.x for place in places), default=0)
    column = [0] * len(drawing.nodes)
    for _ in range(min(len(drawing.nodes), 50)):
        for wire in drawing.wires:
            if wire.source < wire.target or column[wire.target] == 0:
                column[wire.target] = max(column[wire.target], min(column[wire.source] + 1, len(drawing.nodes)))
    rows: dict[int, int] = {}
    spare: dict[int, _Point] = {}
    for number, node in enumerate(drawing.nodes):
        if node.before is None and node.after is None:
            row = rows.setdefault(column[number], 0)
            rows[column[number]] += 1
            spare[number] = left + column[number] * 220.0, top + row * 110.0
        else:
            spare[number] = 0.0, 0.0
    return spare


def _shortened(values: Iterable[float], *, widest: float) -> dict[float, float]:
    known = sorted({*values})
    moved: dict[float, float] = {}
    at = float(MARGIN)
    for number, value in enumerate(known):
        at += min(value - known[number - 1], widest) if number else 0
        moved[value] = at
    return moved


def _needed(points: Iterable[_Point]) -> float:
    """Answer how far a graph is stretched so that its boxes do not overlap; two on one spot do not count."""
    needed = 1.0
    for (x1, y1), (x2, y2) in combinations(points, 2):
        across, down = abs(x1 - x2), abs(y1 - y2)
        if across or down:
            by_width = (WIDTH + _FREE_ACROSS) / across if across else _MOST_STRETCH
            by_height = (HEIGHT + _FREE_DOWN) / down if down else _MOST_STRETCH
            needed = max(needed, min(by_width, by_height))
    return min(needed, _MOST_STRETCH)


def _apart(side: Mapping[int, _Point]) -> dict[int, _Point]:
    """Move nodes that lie on one spot a little, so that both can be seen."""
    taken: set[tuple[int, int]] = set()
    moved: dict[int, _Point] = {}
    for number, (x, y) in side.items():
        while (round(x), round(y)) in taken:
            x, y = x + _SHIFT, y + _SHIFT  # noqa: PLW2901 - the point wanders until its spot is free
        taken.add((round(x), round(y)))
        moved[number] = x, y
    return moved
