"""References: where a workflow names another one, or a data table, by an id of its instance."""

import pytest
from hypothesis import given
from tests.builders import JSON_VALUES, LAW

from workflowops.core.references import (
    WORKFLOW_CALLERS,
    data_table_reference,
    setting_references,
    workflow_reference,
)

CALL = "n8n-nodes-base.executeWorkflow"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("wf-1", "wf-1", id="a plain string, as old nodes hold it"),
        pytest.param({"__rl": True, "mode": "list", "value": "wf-1", "cachedResultName": "Sub"}, "wf-1", id="chosen"),
        pytest.param({"__rl": True, "mode": "id", "value": "wf-1"}, "wf-1", id="typed"),
        pytest.param({"value": "wf-1"}, "wf-1", id="without a mode"),
        pytest.param(12, "12", id="a number, as old instances count"),
        pytest.param(12.0, "12", id="the same number"),
        pytest.param("={{ $json.id }}", None, id="an expression"),
        pytest.param({"mode": "id", "value": "={{ $json.id }}"}, None, id="an expression in a locator"),
        pytest.param({"mode": "url", "value": "wf-1"}, None, id="another mode"),
        pytest.param({"mode": "id", "value": ""}, None, id="empty"),
        pytest.param({"mode": "id", "value": None}, None, id="nothing chosen"),
        pytest.param({"mode": ["id"], "value": "wf-1"}, None, id="a mode that is a list"),
        pytest.param(True, None, id="true"),
        pytest.param(["wf-1"], None, id="a list"),
        pytest.param("wf-\ud83d", "wf-\ufffd", id="half a character, which state cannot hold"),
    ],
)
def test_the_id_of_the_called_workflow_is_found_in_every_shape(value, expected) -> None:
    assert workflow_reference(CALL, "workflowId", value) == expected


@pytest.mark.parametrize("node_type", sorted(WORKFLOW_CALLERS))
def test_every_calling_node_type_is_read(node_type) -> None:
    assert workflow_reference(node_type, "workflowId", "wf-1") == "wf-1"
    assert workflow_reference(node_type, "workflow", "wf-1") is None


def test_the_same_parameter_of_another_node_is_no_reference() -> None:
    assert workflow_reference("n8n-nodes-base.set", "workflowId", "wf-1") is None


@LAW
@given(JSON_VALUES, JSON_VALUES)
def test_no_type_and_no_value_raises(node_type, value) -> None:
    assert isinstance(workflow_reference(node_type, "workflowId", value), str | None)
    assert isinstance(data_table_reference("dataTableId", value), str | None)
    assert isinstance(setting_references({"errorWorkflow": value, "callerIds": node_type}), tuple)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({"__rl": True, "mode": "list", "value": "t1"}, "t1", id="chosen"),
        pytest.param({"__rl": True, "mode": "id", "value": "t1"}, "t1", id="typed"),
        pytest.param({"__rl": True, "mode": "name", "value": "Customers"}, None, id="by name, which holds everywhere"),
        pytest.param("t1", None, id="a plain string is a user's own value"),
    ],
)
def test_a_data_table_is_a_reference_when_it_is_named_by_id(value, expected) -> None:
    assert data_table_reference("dataTableId", value) == expected


@pytest.mark.parametrize(
    ("settings", "markers", "references"),
    [
        pytest.param({}, {}, {}, id="none"),
        pytest.param({"errorWorkflow": "e"}, {"errorWorkflow": "<workflow>"}, {"error_workflow": "e"}, id="error"),
        pytest.param({"errorWorkflow": 5.0}, {"errorWorkflow": "<workflow>"}, {"error_workflow": "5"}, id="a number"),
        pytest.param({"errorWorkflow": "DEFAULT"}, {}, {}, id="the instance's own"),
        pytest.param({"errorWorkflow": ""}, {}, {}, id="empty"),
        pytest.param(
            {"callerIds": "b, a ,b,"}, {"callerIds": "<workflows>"}, {"caller_ids": ["a", "b"]}, id="callers, sorted"
        ),
        pytest.param({"callerIds": " , "}, {}, {}, id="no caller"),
        pytest.param({"callerIds": ["a"]}, {"callerIds": ["a"]}, {}, id="an odd list counts as it stands"),
        pytest.param({"callerIds": None}, {}, {}, id="null"),
    ],
)
def test_the_ids_in_settings_are_split_off(settings, markers, references) -> None:
    assert setting_references(settings) == (markers, references)
