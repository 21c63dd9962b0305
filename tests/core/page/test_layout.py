"""The places of nodes: as on the canvas, side by side where they overlapped, and the same before and after."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW
from tests.core.page.graphs import hot_fix

from workflowops.core.drawing import Drawing, DrawnChange, DrawnNode, DrawnWire, Place, draw
from workflowops.core.page.layout import HEIGHT, WIDTH, laid_out

PLACES = st.builds(Place, x=st.integers(-1_000_000, 1_000_000), y=st.integers(-1_000_000, 1_000_000)) | st.none()
NODES = st.lists(
    st.builds(
        DrawnNode,
        name=st.text(max_size=3),
        node_type=st.just("t"),
        change=st.sampled_from(DrawnChange),
        before=PLACES,
        after=PLACES,
    ),
    max_size=12,
).map(tuple)


def at(*places: tuple[int, int]) -> Drawing:
    return Drawing(
        nodes=tuple(
            DrawnNode(name=str(number), node_type="t", before=Place(x=x, y=y), after=Place(x=x, y=y))
            for number, (x, y) in enumerate(places)
        )
    )


@LAW
@given(NODES)
def test_every_node_of_a_side_has_a_place_inside_the_picture(nodes) -> None:
    layout = laid_out(Drawing(nodes=nodes))
    assert layout.before.keys() == {n for n, each in enumerate(nodes) if each.change is not DrawnChange.ADDED}
    assert layout.after.keys() == {n for n, each in enumerate(nodes) if each.change is not DrawnChange.REMOVED}
    for x, y in [*layout.before.values(), *layout.after.values()]:
        assert 0 < x <= layout.width - WIDTH
        assert 0 < y <= layout.height - HEIGHT


def test_what_stays_stands_at_the_same_spot_in_both_pictures() -> None:
    drawing = hot_fix().drawing
    layout = laid_out(drawing)
    same = [n for n, each in enumerate(drawing.nodes) if each.change is DrawnChange.SAME]
    assert [layout.before[n] for n in same] == [layout.after[n] for n in same]


def test_left_of_and_above_stay_so_and_long_gaps_are_shortened() -> None:
    layout = laid_out(at((0, 0), (200, 0), (900_000, 500)))
    (x0, _), (x1, _), (x2, y2) = (layout.after[n] for n in range(3))
    assert x0 < x1 < x2 < 1_000
    assert layout.after[0][1] < y2 < 400


@pytest.mark.parametrize("gap", [100, 130, 150])
def test_crowded_nodes_are_pulled_apart(gap) -> None:
    layout = laid_out(at((0, 0), (gap, 0), (2 * gap, 0)))
    xs = sorted(x for x, _ in layout.after.values())
    assert all(right - left >= WIDTH for left, right in itertools.pairwise(xs))


def test_nodes_on_one_spot_are_all_to_be_seen() -> None:
    assert len({*laid_out(at((5, 5), (5, 5), (5, 5))).after.values()}) == 3


def test_nodes_without_a_place_follow_the_wires() -> None:
    nodes = tuple(DrawnNode(name=name, node_type="t") for name in "abc")
    layout = laid_out(Drawing(nodes=nodes, wires=(DrawnWire(source=0, target=1), DrawnWire(source=1, target=2))))
    assert layout.after[0][0] < layout.after[1][0] < layout.after[2][0]


def test_an_empty_drawing_is_laid_out() -> None:
    assert laid_out(draw(None, None)).after == {}
