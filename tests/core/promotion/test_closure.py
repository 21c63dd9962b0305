"""What a selection needs, and the order in which it can be written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW

from workflowops.core.promotion.closure import Order, closure, in_order

IDS = st.sampled_from([*"abcdefgh"])
GRAPHS = st.dictionaries(IDS, st.frozensets(IDS, max_size=4))


@pytest.mark.parametrize(
    ("selection", "calls", "expected"),
    [
        pytest.param("b", {}, "b", id="nothing is called"),
        pytest.param("ba", {"b": "c", "c": "d"}, "bacd", id="called by what is called"),
        pytest.param("a", {"a": "b", "b": "a"}, "ab", id="each other"),
        pytest.param("aa", {"a": "cb"}, "abc", id="once, and sorted"),
    ],
)
def test_a_selection_takes_along_what_it_calls(selection, calls, expected) -> None:
    assert "".join(closure(selection, calls=calls)) == expected


@given(st.lists(IDS), GRAPHS)
def test_nothing_is_called_from_a_closure_that_is_not_in_it(selection, calls) -> None:
    found = closure(selection, calls=calls)
    assert set(selection) <= set(found)
    assert all(called in found for each in found for called in calls.get(each, ()))
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("ids", "depends_on", "expected"),
    [
        pytest.param("cab", {}, Order(("c", "a", "b")), id="as it was"),
        pytest.param("abc", {"a": "c"}, Order(("c", "a", "b")), id="what is called comes first"),
        pytest.param("abc", {"a": "cb", "b": "c"}, Order(("c", "b", "a")), id="in a chain"),
        pytest.param("ab", {"a": "ax"}, Order(("a", "b")), id="itself and what is not there do not count"),
        pytest.param("cabd", {"a": "b", "b": "ad"}, Order(("c", "d", "a", "b"), (("a", "b"),)), id="each other"),
        pytest.param("aba", {}, Order(("a", "b")), id="twice given"),
    ],
)
def test_dependencies_come_first(ids, depends_on, expected) -> None:
    assert in_order(ids, depends_on=depends_on) == expected


def reaches(start: str, end: str, depends_on) -> bool:
    return end in closure(sorted(depends_on.get(start, ())), calls=depends_on)


@LAW
@given(st.permutations([*"abcdefgh"]), GRAPHS)
def test_the_order_respects_every_dependency_but_those_of_a_cycle(ids, depends_on) -> None:
    order = in_order(ids, depends_on=depends_on)
    assert sorted(order.ids) == sorted(ids)
    for number, each in enumerate(order.ids):
        for later in order.ids[number + 1 :]:
            if reaches(each, later, depends_on):
                assert any({each, later} <= set(cycle) for cycle in order.cycles)
                assert reaches(later, each, depends_on)
    assert in_order(ids, depends_on=depends_on) == order


@given(GRAPHS)
def test_a_cycle_is_exactly_what_depends_on_each_other(depends_on) -> None:
    ids = [*"abcdefgh"]
    mutual = {frozenset({a, b}) for a in ids for b in ids if a != b
              and reaches(a, b, depends_on) and reaches(b, a, depends_on)}  # fmt: skip
    cycles = in_order(ids, depends_on=depends_on).cycles
    assert {frozenset({a, b}) for cycle in cycles for a in cycle for b in cycle if a != b} == mutual


def test_a_chain_of_thousands_is_put_in_order() -> None:
    ids = [str(number) for number in range(5_000)]
    chain = {each: [str(int(each) + 1)] for each in ids}
    assert in_order(ids, depends_on=chain).ids == tuple(reversed(ids))
    assert closure(["0"], calls={each: called for each, called in chain.items() if each != "4999"}) == tuple(ids)
