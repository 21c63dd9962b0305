"""Changed fields: complete, named where they are, quick."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.forms import OBJECTS, VALUES

from workflowops.core.alignment import align
from workflowops.core.fields import ChangeType, are_equal, changed_fields
from workflowops.core.json import canonical_text

SOURCE = Path(__file__).parents[2] / "src"


def told(old, new) -> list[tuple]:
    return [(change.path, change.change_type.value, change.old, change.new) for change in changed_fields(old, new)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({"a": 1}, {"a": 2}, [(("a",), "modified", 1, 2)], id="a value"),
        pytest.param(
            {"a": {"b": 1}},
            {"a": {"b": 2, "c": 3}},
            [(("a", "b"), "modified", 1, 2), (("a", "c"), "added", None, 3)],
            id="inside an object",
        ),
        pytest.param({"a": None}, {}, [(("a",), "removed", None, None)], id="null is not absent"),
        pytest.param({"a": 1}, {"a": True}, [(("a",), "modified", 1, True)], id="one is not true"),
        pytest.param(
            {"a": [1, 0]}, {"a": [1, False]}, [(("a", 1), "modified", 0, False)], id="zero is not false in a list"
        ),
        pytest.param({"a": {}}, {"a": []}, [(("a",), "modified", {}, [])], id="an empty object is no empty list"),
        pytest.param(
            {"a": {"__rl": True}},
            {"a": {"__rl": False}},
            [(("a", "__rl"), "modified", True, False)],
            id="a key with underscores",
        ),
        pytest.param(
            {"a": ["x", "y"]}, {"a": ["n", "x", "y"]}, [(("a", 0), "added", None, "n")], id="text put in front"
        ),
        pytest.param(
            {"a": [{"k": 1}, {"k": 2}]},
            {"a": [{"k": 0}, {"k": 1}, {"k": 2}]},
            [(("a", 0), "added", None, {"k": 0})],
            id="object put in front",
        ),
        pytest.param(
            {"a": [{"id": "1", "v": 1}, {"id": "2", "v": 2}]},
            {"a": [{"id": "2", "v": 3}]},
            [(("a", 0), "removed", {"id": "1", "v": 1}, None), (("a", 0, "v"), "modified", 2, 3)],
            id="items are known by their id",
        ),
        pytest.param(
            {"a": ["x", "x"]}, {"a": ["x", "x", "x"]}, [(("a", 2), "added", None, "x")], id="one more of the same"
        ),
        pytest.param(
            {"a": ["x", "y"]}, {"a": ["y", "x"]}, [(("a",), "reordered", ["x", "y"], ["y", "x"])], id="only the order"
        ),
        pytest.param({"a": [[1], [2]]}, {"a": [[1], [2, 3]]}, [(("a", 1, 1), "added", None, 3)], id="lists in lists"),
    ],
)
def test_a_change_is_named_where_it_is(old, new, expected) -> None:
    assert told(old, new) == expected


def test_the_name_beside_a_value_is_told() -> None:
    old = {"parameters": [{"name": "Accept", "value": "x"}, {"name": "Authorization", "value": "a"}]}
    new = {"parameters": [{"name": "Accept", "value": "x"}, {"name": "Authorization", "value": "b"}]}
    assert [change.labels for change in changed_fields(old, new)] == [("Authorization",)]


@given(OBJECTS, OBJECTS)
def test_there_are_changes_exactly_when_the_objects_differ(old, new) -> None:
    assert bool(changed_fields(old, new)) is not are_equal(old, new)


@given(OBJECTS, OBJECTS)
def test_swapping_the_objects_swaps_the_changes(old, new) -> None:
    swapped = {ChangeType.ADDED: ChangeType.REMOVED, ChangeType.REMOVED: ChangeType.ADDED}
    there = Counter(canonical_text([c.change_type, c.old, c.new]) for c in changed_fields(old, new))
    back = Counter(
        canonical_text([swapped.get(c.change_type, c.change_type), c.new, c.old]) for c in changed_fields(new, old)
    )
    assert there == back


@given(OBJECTS, OBJECTS)
def test_every_path_leads_to_the_value_that_is_told(old, new) -> None:
    for change in changed_fields(old, new):
        is_removed = change.change_type is ChangeType.REMOVED
        value = old if is_removed else new
        for part in change.path:
            value = value[part]
        assert are_equal(value, change.old if is_removed else change.new)


@given(st.lists(VALUES, max_size=6), st.lists(VALUES, max_size=6))
def test_an_alignment_loses_no_item(old, new) -> None:
    alignment = align(old, new)
    gone = [pair.old for pair in alignment.pairs if pair.old is not None]
    come = [pair.new for pair in alignment.pairs if pair.new is not None]
    left = Counter(canonical_text(item) for index, item in enumerate(old) if index not in gone)
    right = Counter(canonical_text(item) for index, item in enumerate(new) if index not in come)
    assert len(gone) == len(set(gone))
    assert len(come) == len(set(come))
    assert left == right
    if not alignment.pairs:
        assert alignment.is_reordered is (canonical_text(old) != canonical_text(new))


ROWS = st.lists(st.sampled_from("abcd"), max_size=12)


@given(ROWS, ROWS)
def test_swapping_two_lists_swaps_their_pairs(old, new) -> None:
    there, back = align(old, new), align(new, old)
    assert {(pair.old, pair.new) for pair in there.pairs} == {(pair.new, pair.old) for pair in back.pairs}
    assert there.is_reordered is back.is_reordered


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"c": [*range(5_000)]}, {"c": [*range(1, 5_001)]}, id="a list of 5,000 numbers"),
        pytest.param(
            {"c": [{"id": n} for n in range(5_000)]},
            {"c": [{"id": n, "x": 1} for n in range(5_000)]},
            id="a list of 5,000 objects",
        ),
        pytest.param({"c": "x = 1\n" * 20_000}, {"c": "x = 2\n" * 20_000}, id="a code text of 120,000 characters"),
    ],
)
def test_what_is_very_large_is_compared_as_one_value(old, new) -> None:
    assert told(old, new) == [(("c",), "modified", old["c"], new["c"])]


def test_a_large_object_is_still_compared_key_by_key() -> None:
    old = {"c": {str(n): {"deep": n} for n in range(3_000)}}
    new = {"c": {**old["c"], "7": {"deep": "other"}}}
    assert told(old, new) == [(("c", "7", "deep"), "modified", 7, "other")]


def test_a_deeply_nested_value_is_compared() -> None:
    old = new = "leaf"
    for _ in range(300):
        old, new = {"a": old}, {"a": new if new != "leaf" else "other"}
    (change,) = changed_fields({"x": old}, {"x": new})
    assert change.change_type is ChangeType.MODIFIED


def test_deepdiff_is_loaded_only_where_something_differs() -> None:
    program = (
        "import sys; from workflowops.core.fields import changed_fields;"
        "changed_fields({'a': [1, {'b': 2}]}, {'a': [1, {'b': 2}]}); assert 'deepdiff' not in sys.modules;"
        "changed_fields({'a': 1}, {'a': 2}); assert 'deepdiff' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(SOURCE)})
