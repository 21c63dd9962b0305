"""The difference between two versions of a workflow: complete, symmetric, told by node and field."""

import itertools
import json
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from tests.core.forms import CODE, FORMS, HTTP, WEBHOOK, form, node, wire

from workflowops.core.diff import ChangeType, as_json, compare, without_ignored
from workflowops.core.field_path import parse_path
from workflowops.core.fields import are_equal
from workflowops.core.json import canonical_text
from workflowops.core.risk import Risk


@dataclass(frozen=True)
class Rule:
    """Like `IgnoreRule` of the configuration."""

    path: str
    node_type: str | None = None
    node_name: str | None = None


OLD_URL = "https://api.paymentprocessor.com/charge"
NEW_URL = "https://api-new.paymentprocessor.com/charge"


def chain(*names: str, **more) -> dict:
    """Connections from each node to the next."""
    return {one: {"main": [[wire(two)]]} for one, two in itertools.pairwise(names)}


def test_the_hot_fix_of_walkthrough_3_reads_as_there() -> None:
    diff = compare(
        old=form({"Call Payment API": node(parameters={"url": OLD_URL})}),
        new=form({"Call Payment API": node(parameters={"url": NEW_URL})}),
    )
    told = as_json(diff)
    assert {key: told[key] for key in list(told)[:6]} == {
        "has_changes": True,
        "nodes_added": 0,
        "nodes_removed": 0,
        "nodes_modified": 1,
        "connections_changed": False,
        "settings_changed": False,
    }
    assert told["node_changes"] == [
        {
            "node_name": "Call Payment API",
            "node_type": HTTP,
            "change_type": "modified",
            "fields_changed": ["parameters.url"],
            "old_value": OLD_URL,
            "new_value": NEW_URL,
            "risk": "url",
        }
    ]


def test_several_fields_of_a_node_are_told_by_name() -> None:
    diff = compare(
        old=form({"A": node(parameters={"url": OLD_URL, "gone": 1})}),
        new=form({"A": node(parameters={"url": NEW_URL, "come": None}, disabled=True)}),
    )
    (change,) = as_json(diff)["node_changes"]
    assert change["fields_changed"] == ["disabled", "parameters.come", "parameters.gone", "parameters.url"]
    assert change["old_value"] == {"parameters.gone": 1, "parameters.url": OLD_URL}
    assert change["new_value"] == {"disabled": True, "parameters.come": None, "parameters.url": NEW_URL}


def test_an_added_node_is_told_with_its_parameters() -> None:
    diff = compare(old=form({}), new=form({"Code": node(CODE, parameters={"jsCode": "return []", "mode": "each"})}))
    (change,) = diff.node_changes
    assert (change.change_type, change.risk) == (ChangeType.ADDED, Risk.CODE)
    assert change.fields_changed == ("parameters.jsCode", "parameters.mode", "type", "typeVersion")
    assert diff.nodes_added == 1


def test_a_removed_trigger_is_the_risk_of_a_trigger() -> None:
    diff = compare(old=form({"Hook": node(WEBHOOK)}), new=form({}))
    assert (diff.nodes_removed, diff.risk) == (1, Risk.TRIGGER)


@pytest.mark.parametrize(
    ("old_ids", "new_ids", "new_parameters"),
    [
        pytest.param({"B": "7"}, {"C": "7"}, {"x": 2}, id="known by its id, although it was edited too"),
        pytest.param({}, {}, {"x": 1}, id="known by its content"),
        pytest.param({"B": "7"}, {"C": "8"}, {"x": 1}, id="known by its content, although ids were written anew"),
    ],
)
def test_a_renamed_node_is_no_rewiring(old_ids, new_ids, new_parameters) -> None:
    diff = compare(
        old=form(
            {"A": node(), "B": node(parameters={"x": 1})},
            connections=chain("A", "B", "A"),
            node_ids=old_ids,
            order={"B": ["A", "B"]},
            references={"workflows": {"B": "w1"}},
        ),
        new=form(
            {"A": node(), "C": node(parameters=new_parameters)},
            connections=chain("A", "C", "A"),
            node_ids=new_ids,
            order={"C": ["A", "C"]},
            references={"workflows": {"C": "w1"}},
        ),
    )
    (change,) = diff.node_changes
    assert (change.node_name, change.change_type, change.fields_changed[0]) == ("C", ChangeType.RENAMED, "name")
    assert not diff.connections_changed
    assert not diff.reference_changes
    assert (diff.nodes_added, diff.nodes_removed, diff.nodes_modified) == (0, 0, 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(form({"A": node(), "B": node()}), form({"C": node(), "D": node()}), id="two that look alike"),
        pytest.param(form({"A": node(), "B": node()}), form({"C": node()}), id="one that either could have become"),
        pytest.param(
            form({"A": node(CODE)}, node_ids={"A": "1"}),
            form({"B": node(HTTP)}, node_ids={"B": "1"}),
            id="another type",
        ),
    ],
)
def test_a_rename_is_not_guessed(old, new) -> None:
    assert {change.change_type for change in compare(old=old, new=new).node_changes} == {
        ChangeType.ADDED,
        ChangeType.REMOVED,
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            chain("A", "B"),
            chain("A", "C"),
            [("A", "main[0]", "B", "main[0]", "removed"), ("A", "main[0]", "C", "main[0]", "added")],
            id="rewired",
        ),
        pytest.param(
            {"A": {"main": [[wire("B")]]}},
            {"A": {"main": [[], [wire("B")]]}},
            [("A", "main[0]", "B", "main[0]", "removed"), ("A", "main[1]", "B", "main[0]", "added")],
            id="another output",
        ),
        pytest.param(
            {"A": {"main": [[wire("B")]]}},
            {"A": {"main": [[wire("B", index=1)]]}},
            [("A", "main[0]", "B", "main[0]", "removed"), ("A", "main[0]", "B", "main[1]", "added")],
            id="another input",
        ),
        pytest.param(
            {}, {"A": {"ai_tool": [[wire("B")]]}}, [("A", "ai_tool[0]", "B", "ai_tool[0]", "added")], id="another kind"
        ),
        pytest.param(
            {"A": {"main": [[wire("B")]]}},
            {"A": {"main": [[wire("B"), wire("B")]]}},
            [("A", "main[0]", "B", "main[0]", "added")],
            id="twice",
        ),
    ],
)
def test_a_changed_connection_is_named(old, new, expected) -> None:
    nodes = {name: node(parameters={"n": name}) for name in "ABC"}
    diff = compare(old=form(nodes, connections=old), new=form(nodes, connections=new))
    assert [(c.source, c.output, c.target, c.input, c.change_type) for c in diff.connection_changes] == expected
    assert diff.risk is Risk.STRUCTURE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"order": {"A": ["B", "C"]}}, {"order": {"A": ["C", "B"]}}, id="by position"),
        pytest.param(
            {"connections": {"A": {"main": [[wire("B"), wire("C")]]}}},
            {"connections": {"A": {"main": [[wire("C"), wire("B")]]}}},
            id="by the list",
        ),
    ],
)
def test_targets_that_start_in_another_order_are_told(old, new) -> None:
    (change,) = compare(old=form(**old), new=form(**new)).connection_changes
    assert change.change_type is ChangeType.REORDERED
    assert (change.old_order, change.new_order) == (("B", "C"), ("C", "B"))


def test_a_new_wire_does_not_read_as_a_new_order() -> None:
    diff = compare(
        old=form(order={"A": ["B", "C"]}, connections=chain("A", "B")),
        new=form(order={"A": ["D", "B", "C"]}, connections=chain("A", "C")),
    )
    assert {change.change_type for change in diff.connection_changes} == {ChangeType.ADDED, ChangeType.REMOVED}


def test_a_removed_reference_of_a_renamed_node_keeps_the_name_it_had() -> None:
    diff = compare(
        old=form({"B": node()}, node_ids={"B": "7"}, references={"workflows": {"B": "w1"}}),
        new=form({"C": node()}, node_ids={"C": "7"}),
    )
    assert [change.path for change in diff.reference_changes] == ["workflows"]


@given(FORMS)
def test_a_workflow_does_not_differ_from_itself(one) -> None:
    assert not compare(old=one, new=one).has_changes


@given(FORMS, FORMS)
def test_there_are_changes_exactly_when_logic_or_references_differ(old, new) -> None:
    is_same = are_equal(old.logic, new.logic) and are_equal(old.references, new.references)
    assert compare(old=old, new=new).has_changes is not is_same


SWAPPED = {ChangeType.ADDED: ChangeType.REMOVED, ChangeType.REMOVED: ChangeType.ADDED}


def _fields(changes, *, is_swapped: bool) -> list:
    """What fields say, without the index of list items: an item that moved has one on either side."""
    return sorted(
        str(
            (
                [part for part in parse_path(change.path) if isinstance(part, str)],
                SWAPPED.get(change.change_type, change.change_type) if is_swapped else change.change_type,
                canonical_text(
                    [change.new_value, change.old_value] if is_swapped else [change.old_value, change.new_value]
                ),
            )
        )
        for change in changes
    )


def _told(diff, *, is_swapped: bool) -> dict:
    def turned(change_type):
        return SWAPPED.get(change_type, change_type) if is_swapped else change_type

    return {
        "counts": (diff.nodes_removed, diff.nodes_added)[:: -1 if is_swapped else 1],
        "modified": diff.nodes_modified,
        "nodes": Counter(
            (turned(change.change_type), str(_fields(change.changes, is_swapped=is_swapped)))
            for change in diff.node_changes
        ),
        "connections": Counter(
            (turned(c.change_type), (c.new_order, c.old_order)[:: -1 if is_swapped else 1])
            for c in diff.connection_changes
        ),
        "settings": _fields(diff.settings_changes, is_swapped=is_swapped),
        # A connection of a node that does not exist can bear the name that another node is renamed to.
        "others": 0
        if any(node.change_type is ChangeType.RENAMED for node in diff.node_changes)
        else len(diff.other_changes),
    }


@given(FORMS, FORMS)
def test_swapping_the_versions_swaps_what_is_told(old, new) -> None:
    assert _told(compare(old=old, new=new), is_swapped=False) == _told(compare(old=new, new=old), is_swapped=True)


def _at(value, path: str):
    for part in parse_path(path):
        value = value[part]
    return value


@given(FORMS, FORMS)
def test_every_field_that_is_named_exists_with_the_value_that_is_told(old, new) -> None:
    diff = compare(old=old, new=new)
    for change in diff.node_changes:
        before = {field.old_value: field.new_value for field in change.changes if field.path == "name"}
        for field in change.changes:
            if field.path != "name" or field.old_value not in old.logic["nodes"]:
                is_removed = field.change_type is ChangeType.REMOVED
                nodes = old.logic["nodes"] if is_removed else new.logic["nodes"]
                name = next(iter(before), change.node_name) if is_removed else change.node_name
                told = field.old_value if is_removed else field.new_value
                assert are_equal(_at(nodes[name], field.path), told)
    has_renames = any(change.change_type is ChangeType.RENAMED for change in diff.node_changes)
    references = () if has_renames else diff.reference_changes  # they are told under the nodes' new names
    for field in (*diff.settings_changes, *references):
        is_removed = field.change_type is ChangeType.REMOVED
        side = old if is_removed else new
        whole = {**side.references, "settings": side.logic["settings"]}
        assert are_equal(_at(whole, field.path), field.old_value if is_removed else field.new_value)


@given(FORMS, FORMS)
def test_the_same_versions_are_told_in_the_same_words(old, new) -> None:
    assert json.dumps(as_json(compare(old=old, new=new), mask=False)) == json.dumps(
        as_json(compare(old=old, new=new), mask=False)
    )


def ignored(old, new, *rules: Rule):
    return without_ignored(compare(old=form({"A": old}), new=form({"A": new})), rules)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(Rule("parameters.debug"), id="any node"),
        pytest.param(Rule("parameters.debug", node_type=HTTP), id="by type"),
        pytest.param(Rule("parameters.debug", node_name="A"), id="by name"),
        pytest.param(Rule("parameters"), id="a prefix"),
    ],
)
def test_what_the_configuration_ignores_is_left_out_and_counted(rule) -> None:
    diff, count = ignored(node(parameters={"debug": {"a": 1}}), node(parameters={"debug": {"a": 2}}), rule)
    assert (diff.has_changes, count) == (False, 1)


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(Rule("parameters.debug", node_type=CODE), id="another type"),
        pytest.param(Rule("parameters.debug", node_name="B"), id="another name"),
        pytest.param(Rule("parameters.debugger"), id="another field"),
    ],
)
def test_a_rule_for_something_else_leaves_a_change_in(rule) -> None:
    diff, count = ignored(node(parameters={"debug": 1}), node(parameters={"debug": 2}), rule)
    assert (diff.has_changes, count) == (True, 0)


def test_the_rest_of_a_node_stays_and_is_judged_anew() -> None:
    rule = Rule("parameters.url")
    old, new = node(parameters={"url": OLD_URL, "x": 1}), node(parameters={"url": NEW_URL, "x": 2})
    diff, count = ignored(old, new, rule)
    assert (diff.node_changes[0].fields_changed, diff.risk, count) == (("parameters.x",), Risk.PARAMETER, 1)


@pytest.mark.parametrize(
    ("new_options", "left"),
    [
        pytest.param({"debug": True}, None, id="nothing else in it"),
        pytest.param({"debug": True, "x": 1}, {"x": 1}, id="something else in it"),
    ],
)
def test_an_ignored_field_is_taken_out_of_an_object_that_came_as_a_whole(new_options, left) -> None:
    diff, count = ignored(
        node(parameters={"a": 1}), node(parameters={"a": 1, "options": new_options}), Rule("parameters.options.debug")
    )
    assert diff.has_changes is (left is not None)
    assert count == (left is None)
    if left is not None:
        assert diff.node_changes[0].changes[0].new_value == left


def test_a_rule_never_hides_that_a_node_was_added_or_renamed() -> None:
    added, _ = without_ignored(compare(old=form({}), new=form({"A": node()})), [Rule("type"), Rule("typeVersion")])
    renamed, _ = without_ignored(compare(old=form({"A": node()}), new=form({"B": node()})), [Rule("name")])
    assert added.nodes_added == 1
    assert renamed.nodes_modified == 1


def test_a_setting_is_ignored_by_a_rule_without_a_node() -> None:
    diff = compare(old=form(settings={"timezone": "UTC"}), new=form(settings={"timezone": "Europe/Berlin"}))
    assert without_ignored(diff, [Rule("settings.timezone")])[1] == 1
    assert without_ignored(diff, [Rule("settings.timezone", node_type=HTTP)])[1] == 0


def test_connections_that_cannot_be_read_are_still_told() -> None:
    diff = compare(old=form(connections={"A": {"main": "broken"}}), new=form(connections={"A": {"main": "other"}}))
    assert [change.path for change in diff.other_changes] == ["connections.A.main"]


def test_a_difference_that_no_part_can_name_is_told_as_a_whole() -> None:
    diff = compare(old=form(connections={"A": {"main": [[], []]}}), new=form())
    assert [(change.path, change.old_value) for change in diff.other_changes] == [("connections.A", {"main": [[], []]})]


def test_a_reference_of_a_node_that_does_not_exist_is_not_lost_in_a_rename() -> None:
    diff = compare(
        old=form({"B": node()}, node_ids={"B": "7"}, references={"workflows": {"B": "w1", "C": "w2"}}),
        new=form({"C": node()}, node_ids={"C": "7"}, references={"workflows": {"C": "w1"}}),
    )
    assert {(change.path, change.old_value, change.new_value) for change in diff.reference_changes} == {
        ("workflows.B", "w1", None),
        ("workflows.C", "w2", "w1"),
    }


def test_a_stale_reference_that_went_is_told_under_its_own_name() -> None:
    diff = compare(
        old=form({"B": node()}, node_ids={"B": "7"}, references={"workflows": {"B": "w1", "C": "w2"}}),
        new=form({"C": node()}, node_ids={"C": "7"}, references={"workflows": {"B": "w1"}}),
    )
    assert [(change.path, change.old_value) for change in diff.reference_changes] == [("workflows.C", "w2")]
