"""Fingerprints change with the difference and with nothing else; entries hold it in short, masked."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from tests.builders import LAW
from tests.core.forms import CODE, FORMS, form, node
from tests.core.incident.builders import drifted, report, sides
from tests.core.text.reports import hot_fix, rebuilt, workflow

from workflowops.core.changes import ConnectionChange, FieldChange, NodeChange, WorkflowDiff
from workflowops.core.diff import compare
from workflowops.core.drift import Compared, ValueChange, WorkflowDrift
from workflowops.core.fields import ChangeType
from workflowops.core.incident.fingerprint import affected_by, fingerprint, listed
from workflowops.core.incident.record import AffectedWorkflow, ChangeSummary
from workflowops.core.risk import Risk
from workflowops.core.standing import DRIFT, DriftKind

SIDES = sides()
BASE = drifted()
CHANGE = FieldChange("parameters.url", "https://a.example", "https://b.example", Risk.URL)
NODE = NodeChange("Call", "n8n-nodes-base.httpRequest", ChangeType.MODIFIED, (CHANGE,), Risk.URL)
WIRE = ConnectionChange("A", "main[0]", "B", ChangeType.ADDED, "main[0]")


def told(diff: WorkflowDiff | None, **more) -> WorkflowDrift:
    return drifted(diff=diff, **more)


def summary(diff: WorkflowDiff | None, **more) -> ChangeSummary | None:
    return affected_by(told(diff, **more), SIDES).change_summary


FULL = WorkflowDiff(
    name=FieldChange("name", "a", "b", Risk.NAME),
    node_changes=(NODE,),
    connection_changes=(WIRE,),
    settings_changes=(CHANGE,),
    reference_changes=(CHANGE,),
    other_changes=(CHANGE,),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(BASE, drifted(kind=DriftKind.CONFLICT), id="kind"),
        pytest.param(BASE, drifted(version="newer"), id="new value"),
        pytest.param(BASE, drifted(activation=ValueChange(old=True, new=False)), id="activation"),
        pytest.param(BASE, drifted(tags=ValueChange(old=["a"], new=["b"])), id="tags"),
        pytest.param(
            drifted(kind=DriftKind.MISSING), drifted(kind=DriftKind.MISSING, is_archived=True), id="deleted or archived"
        ),
        pytest.param(
            told(WorkflowDiff(settings_changes=(replace(CHANGE, new_value=1),))),
            told(WorkflowDiff(settings_changes=(replace(CHANGE, new_value=True),))),
            id="one and true",
        ),
        pytest.param(
            told(WorkflowDiff(settings_changes=(replace(CHANGE, new_value=None),))),
            told(WorkflowDiff(settings_changes=(replace(CHANGE, new_value=None, change_type=ChangeType.REMOVED),))),
            id="null and nothing",
        ),
    ],
)
def test_another_difference_has_another_fingerprint(one, other) -> None:
    assert fingerprint(one, SIDES) != fingerprint(other, SIDES)


@pytest.mark.parametrize("part", [each.name for each in fields(WorkflowDiff)])
def test_every_part_of_a_difference_counts(part) -> None:
    emptied = replace(FULL, **{part: None if part == "name" else ()})
    assert fingerprint(told(FULL), SIDES) != fingerprint(told(emptied), SIDES)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"node_name": "Call 2"}, id="node"),
        pytest.param({"change_type": ChangeType.RENAMED}, id="change type"),
        pytest.param({"changes": (replace(CHANGE, path="parameters.uri"),)}, id="path"),
        pytest.param({"changes": (replace(CHANGE, old_value="x"),)}, id="old value"),
        pytest.param({"changes": (CHANGE, CHANGE)}, id="one more"),
    ],
)
def test_every_part_of_a_changed_node_counts(change) -> None:
    one, other = WorkflowDiff(node_changes=(NODE,)), WorkflowDiff(node_changes=(replace(NODE, **change),))
    assert fingerprint(told(one), SIDES) != fingerprint(told(other), SIDES)


@pytest.mark.parametrize("part", [each.name for each in fields(ConnectionChange)])
def test_every_part_of_a_connection_counts(part) -> None:
    new = {"change_type": ChangeType.REMOVED, "old_order": ("x",), "new_order": ("x",)}.get(part, "x")
    one = WorkflowDiff(connection_changes=(WIRE,))
    other = WorkflowDiff(connection_changes=(replace(WIRE, **{part: new}),))
    assert fingerprint(told(one), SIDES) != fingerprint(told(other), SIDES)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"workflow_name": "Called otherwise"}, id="name"),
        pytest.param({"workflow_id": "other"}, id="n8n id"),
        pytest.param({"file": "prod/moved.json"}, id="file"),
        pytest.param({"canonical_slug": "other"}, id="slug"),
        pytest.param({"n8n_updated_at": "2026-02-01T00:00:00Z"}, id="saved again"),
        pytest.param({"draft_ahead": True}, id="draft"),
        pytest.param({"bindings_changed": True}, id="bindings"),
        pytest.param({"ignored": {"pinData": 3}}, id="left out"),
        pytest.param({"suggestion": "x"}, id="suggestion"),
        pytest.param({"problem": "x"}, id="problem"),
        pytest.param({"awaits_git": True}, id="awaits git"),
    ],
)
def test_what_is_no_difference_does_not_count(more) -> None:
    assert fingerprint(drifted(**more), SIDES) == fingerprint(BASE, SIDES)


def test_risk_classes_labels_and_order_do_not_count() -> None:
    other = replace(CHANGE, path="parameters.method")
    one = WorkflowDiff(
        node_changes=(replace(NODE, changes=(CHANGE, other)), replace(NODE, node_name="Z")), connection_changes=(WIRE,)
    )
    relabelled = replace(CHANGE, risk=Risk.LAYOUT, labels=("Authorization",))
    two = WorkflowDiff(
        node_changes=(
            replace(NODE, node_name="Z", node_type="other", risk=Risk.CODE),
            replace(NODE, changes=(other, relabelled)),
        ),
        connection_changes=(WIRE,),
    )
    assert fingerprint(told(one), SIDES) == fingerprint(told(two), SIDES)


@pytest.mark.parametrize("diff", [None, WorkflowDiff()], ids=["none", "empty"])
@pytest.mark.parametrize("kind", [*sorted(DRIFT)])
def test_where_the_difference_is_not_at_hand_the_two_sides_stand_for_it(kind, diff) -> None:
    one = drifted(kind=kind, diff=diff)
    is_by_content = kind in (DriftKind.MODIFIED, DriftKind.CONFLICT)
    assert (fingerprint(one, SIDES) != fingerprint(one, replace(SIDES, live_key="live-newer"))) is is_by_content
    assert (fingerprint(one, SIDES) != fingerprint(one, replace(SIDES, git_key="git-newer"))) is is_by_content
    assert fingerprint(BASE, SIDES) == fingerprint(BASE, replace(SIDES, git_key="git-newer"))


def test_a_fingerprint_is_the_same_in_every_release() -> None:
    """Should this fail, every open incident would be told as changed: say so in the change log."""
    compared = Compared(DriftKind.MODIFIED, git_key="g", live_key="l")
    assert fingerprint(workflow("Payment Gateway", diff=hot_fix()), compared) == (
        "158fa24331329d4391686f382e0197518b5346d1f29b8254b27e90734c387d22"
    )
    assert fingerprint(workflow("Order Processing", DriftKind.CONFLICT, diff=rebuilt()), compared) == (
        "46bfb97deeaf035a880fd9bfd6ce352c3bea24a1567eeec71a9715ae26fb957e"
    )


@given(FORMS, FORMS, FORMS)
@LAW
def test_equal_differences_have_equal_fingerprints(git, live, other) -> None:
    one, same, another = compare(old=git, new=live), compare(old=git, new=live), compare(old=git, new=other)
    assert fingerprint(told(one), SIDES) == fingerprint(told(same), SIDES)
    if one.has_changes and another.has_changes and one.settings_changes != another.settings_changes:
        assert fingerprint(told(one), SIDES) != fingerprint(told(another), SIDES)


# The entry


def test_the_entry_is_that_of_the_walkthrough() -> None:
    compared = Compared(DriftKind.MODIFIED, git_key="g", live_key="l")
    drift = workflow("Payment Gateway", diff=hot_fix())
    assert affected_by(drift, compared) == AffectedWorkflow(
        canonical_id="c-1",
        canonical_slug="payment_gateway",
        workflow_id="wf-prod-042",
        workflow_name="Payment Gateway",
        drift_type=DriftKind.MODIFIED,
        file="prod/payment_gateway.json",
        fingerprint=fingerprint(drift, compared),
        git_key="g",
        live_key="l",
        nodes_modified=1,
        risk="url",
        change_summary=ChangeSummary(
            node_name="Call Payment API",
            field="parameters.url",
            old_value="https://api.paymentprocessor.com/charge",
            new_value="https://api-new.paymentprocessor.com/charge",
        ),
        n8n_updated_at=drift.n8n_updated_at,
    )


@pytest.mark.parametrize(
    ("diff", "more", "expected"),
    [
        pytest.param(None, {"kind": DriftKind.MISSING}, None, id="missing"),
        pytest.param(
            None,
            {"kind": DriftKind.ACTIVATION_CHANGED, "activation": ValueChange(old=True, new=False)},
            ("", "active", "true", "false"),
            id="switched off",
        ),
        pytest.param(
            WorkflowDiff(),
            {"kind": DriftKind.TAGS_CHANGED, "tags": ValueChange(old=["a"], new=["b", "c"])},
            ("", "tags", '["a"]', '["b", "c"]'),
            id="tags",
        ),
        pytest.param(
            WorkflowDiff(name=FieldChange("name", "A", "B", Risk.NAME)), {}, ("", "name", "A", "B"), id="renamed"
        ),
        pytest.param(
            compare(old=form(), new=form({"New": node(CODE)})),
            {},
            ("New", "type", "(not set)", CODE),
            id="node added",
        ),
        pytest.param(
            compare(old=form({"Old": node(CODE)}), new=form()),
            {},
            ("Old", "type", CODE, "(not set)"),
            id="node removed",
        ),
        pytest.param(
            WorkflowDiff(connection_changes=(WIRE,), name=FieldChange("name", "A", "B", Risk.NAME)),
            {},
            ("A", "main[0]", "(not set)", "B"),
            id="connection added",
        ),
        pytest.param(
            WorkflowDiff(connection_changes=(replace(WIRE, change_type=ChangeType.REMOVED),)),
            {},
            ("A", "main[0]", "B", "(not set)"),
            id="connection removed",
        ),
        pytest.param(
            WorkflowDiff(
                connection_changes=(
                    ConnectionChange(
                        "A", "main[0]", "", ChangeType.REORDERED, old_order=("B", "C"), new_order=("C", "B")
                    ),
                )
            ),
            {},
            ("A", "main[0]", "B, C", "C, B"),
            id="reordered",
        ),
        pytest.param(
            WorkflowDiff(
                node_changes=(
                    replace(NODE, node_name="Harmless", risk=Risk.LAYOUT),
                    replace(NODE, changes=(replace(CHANGE, path="notes", risk=Risk.LAYOUT), CHANGE)),
                ),
                settings_changes=(replace(CHANGE, path="settings.x", risk=Risk.SETTINGS),),
                connection_changes=(WIRE,),
            ),
            {},
            ("Call", "parameters.url", "https://a.example", "https://b.example"),
            id="the worst of many",
        ),
        pytest.param(
            WorkflowDiff(
                node_changes=(NODE,), reference_changes=(replace(CHANGE, path="workflows", risk=Risk.TRIGGER),)
            ),
            {},
            ("", "workflows", "https://a.example", "https://b.example"),
            id="worse than any node",
        ),
    ],
)
def test_the_worst_change_is_told_in_short(diff, more, expected) -> None:
    found = summary(diff, **more)
    assert (None if found is None else (found.node_name, found.field, found.old_value, found.new_value)) == expected


def test_secrets_are_in_no_entry() -> None:
    token = "ghp_" + "x7Kq9" * 7 + "z"
    diff = compare(
        old=form({token: node(parameters={"password": "hunter2hunter2", "url": "https://a.example"})}),
        new=form({token: node(parameters={"password": "s3cret-s3cret", "url": f"https://a.example/{token}"})}),
    )
    entry = affected_by(told(diff, workflow_name=f"Log in with s3cret-s3cret and {token}"), SIDES)
    for secret in (token, "s3cret-s3cret", "hunter2hunter2"):
        assert secret not in repr(entry)


def test_a_secret_among_the_tags_is_masked() -> None:
    token = "ghp_" + "x7Kq9" * 7 + "z"
    entry = affected_by(told(None, kind=DriftKind.TAGS_CHANGED, tags=ValueChange(old=[], new=[token])), SIDES)
    assert token not in repr(entry)


def test_an_entry_is_short_whatever_drifted() -> None:
    long = "x" * 100_000
    diff = compare(old=form({long: node(parameters={"text": "a"})}), new=form({long: node(parameters={"text": long})}))
    entry = affected_by(told(diff, workflow_name=long), SIDES)
    assert len(repr(replace(entry, fingerprint=""))) < 3_000


def test_equal_workflows_in_a_report_have_equal_entries() -> None:
    drift = report(drifted("c1"), drifted("c2"))
    one, two = (affected_by(each, drift.compared[each.canonical_id or ""]) for each in drift.workflows)
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A, B"),
        ([str(number) for number in range(32)], ", ".join(str(number) for number in range(30)) + " and 2 more"),
        (["x" * 81], "x" * 79 + "\u2026"),
    ],
)
def test_names_are_listed_in_one_line(names, expected) -> None:
    assert listed(names) == expected
