"""What a workflow refers to, in every shape that n8n stores."""

from typing import Any

import pytest
from tests.builders import corpus, needs_corpus, node
from tests.core.promotion.rebinding_world import calling, small, whole, with_credential

from workflowops.core.canonical import canonicalize
from workflowops.core.promotion.references import (
    TO_WORKFLOWS,
    Reference,
    ReferenceKind,
    calls_of,
    changed_references,
    needed_by,
)

MEANS = {"d-sub": "c-sub", "d-err": "c-err", "d-main": "c-main"}
EXECUTE, TOOL, RETRIEVER = (
    "n8n-nodes-base.executeWorkflow",
    "@n8n/n8n-nodes-langchain.toolWorkflow",
    "@n8n/n8n-nodes-langchain.retrieverWorkflow",
)


def found(*nodes: Any, **more: Any) -> tuple[Reference, ...]:
    return calls_of(small(*nodes, **more), resolve=MEANS.get)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EXECUTE, ReferenceKind.EXECUTE_WORKFLOW),
        (TOOL, ReferenceKind.TOOL_WORKFLOW),
        (RETRIEVER, ReferenceKind.RETRIEVER_WORKFLOW),
    ],
)
@pytest.mark.parametrize(
    ("value", "expected_id", "canonical_id", "expression"),
    [
        pytest.param({"__rl": True, "mode": "list", "value": "d-sub"}, "d-sub", "c-sub", None, id="chosen from a list"),
        pytest.param({"__rl": True, "mode": "id", "value": "d-sub"}, "d-sub", "c-sub", None, id="typed in"),
        pytest.param("d-sub", "d-sub", "c-sub", None, id="plain text"),
        pytest.param(17, "17", None, None, id="a number"),
        pytest.param({"__rl": True, "mode": "id", "value": "={{ 1 }}"}, None, None, "={{ 1 }}", id="an expression"),
        pytest.param("={{ 1 }}", None, None, "={{ 1 }}", id="a plain expression"),
    ],
)
def test_a_called_workflow_is_found_in_every_shape(
    kind, expected, value, expected_id, canonical_id, expression
) -> None:
    (reference,) = found(node("Call", type=kind, parameters={"workflowId": value}))
    assert reference == Reference(
        kind=expected, id=expected_id, canonical_id=canonical_id, node_name="Call", expression=expression
    )


@pytest.mark.parametrize("value", ["", None, {"__rl": True, "mode": "list", "value": ""}, []], ids=str)
def test_an_empty_choice_is_no_reference(value) -> None:
    assert found(node("Call", type=EXECUTE, parameters={"workflowId": value})) == ()


@pytest.mark.parametrize(
    "idle",
    [calling("d-sub", disabled=True), calling("d-sub", parameters={"source": "url", "workflowId": "d-sub"})],
    ids=["disabled", "from elsewhere"],
)
def test_what_is_not_in_use_is_told_apart(idle) -> None:
    assert [each.is_used for each in found(idle)] == [False]


def test_settings_data_tables_and_credentials_are_found() -> None:
    table = node("Rows", parameters={"dataTableId": {"__rl": True, "mode": "list", "value": "t-1"}})
    told = found(table, with_credential({"id": "1", "name": "Auth"}),
                 settings={"errorWorkflow": "d-err", "callerIds": "d-main, x,"})  # fmt: skip
    assert [(each.kind, each.id, each.canonical_id) for each in told] == [
        (ReferenceKind.DATA_TABLE, "t-1", None),
        (ReferenceKind.CREDENTIAL, "1", None),
        (ReferenceKind.ERROR_WORKFLOW, "d-err", "c-err"),
        (ReferenceKind.CALLER, "d-main", "c-main"),
        (ReferenceKind.CALLER, "x", None),
    ]
    assert (told[1].credential_type, told[1].name) == ("httpBasicAuth", "Auth")


@pytest.mark.parametrize("error_workflow", ["", "DEFAULT", None])
def test_no_error_workflow_is_no_reference(error_workflow) -> None:
    assert found(settings={"errorWorkflow": error_workflow}) == ()


def test_a_workflow_needs_what_it_calls_and_its_error_workflow_but_not_its_callers() -> None:
    file = small(calling("d-sub"), calling("d-sub", "Again"), calling("nobody", "Lost"),
                 settings={"errorWorkflow": "d-err", "callerIds": "d-main"})  # fmt: skip
    assert needed_by(file, resolve=MEANS.get) == ("c-sub", "c-err")


def test_references_are_replaced_and_nothing_else() -> None:
    changed = changed_references(whole(), str.upper)
    assert [each.id for each in calls_of(changed, resolve=MEANS.get) if each.kind in TO_WORKFLOWS] == [
        "D-SUB", "D-ERR", "D-SUB", "T-OWN"]  # fmt: skip
    back = changed_references(changed, str.lower)
    assert canonicalize(back).references == canonicalize(whole()).references
    assert changed_references(whole(), lambda each: each) == whole()


@needs_corpus
def test_what_is_found_in_real_workflows_is_what_the_canonical_form_holds() -> None:
    count = 0
    for name, document in corpus():
        told = calls_of(document, resolve=MEANS.get)
        held: Any = canonicalize(document).references
        workflows = {each.id for each in told if each.kind in TO_WORKFLOWS and each.node_name is not None and each.id}
        assert workflows == set(held.get("workflows", {}).values()), name
        tables = {each.id for each in told if each.kind is ReferenceKind.DATA_TABLE}
        assert tables == set(held.get("data_tables", {}).values()), name
        count += len(workflows)
    assert count > 10
