"""Where a workflow names another workflow or a data table by an id that only its own instance knows."""

from collections.abc import Mapping

from workflowops.core.json import Json, canonical_text, javascript_numbers, printable

WORKFLOW_CALLERS = frozenset({
    "@n8n/n8n-nodes-langchain.retrieverWorkflow",
    "@n8n/n8n-nodes-langchain.toolWorkflow",
    "n8n-nodes-base.executeWorkflow",
})  # fmt: skip
"""The node types whose `workflowId` n8n itself counts as a reference (n8n 2.41.1)."""


def workflow_reference(node_type: Json, parameter: str, value: Json) -> str | None:
    """Answer the id of the workflow that a parameter calls; None for any other parameter, no id or an expression."""
    if parameter != "workflowId" or not isinstance(node_type, str) or node_type not in WORKFLOW_CALLERS:
        return None
    return _static_id(value, modes=("list", "id", None))


def data_table_reference(parameter: str, value: Json) -> str | None:
    """Answer the id of the data table that a parameter names; a table chosen by name has no id."""
    if parameter != "dataTableId" or not isinstance(value, dict):
        return None
    return _static_id(value, modes=("list", "id"))


def setting_references(settings: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Split the settings that hold ids: markers for what counts as logic, and the ids themselves.

    What is no list of ids in n8n's way (a text with commas) counts as logic as it stands.
    """
    markers: dict[str, Json] = {}
    references: dict[str, Json] = {}
    error_workflow = settings.get("errorWorkflow")
    if error_workflow not in (None, "", "DEFAULT"):
        markers["errorWorkflow"] = "<workflow>"
        references["error_workflow"] = _id(error_workflow)
    callers = settings.get("callerIds")
    if not isinstance(callers, str):
        return (markers if callers is None else {**markers, "callerIds": javascript_numbers(callers)}), references
    ids = {printable(caller.strip()) for caller in callers.split(",")} - {""}
    if ids:
        markers["callerIds"] = "<workflows>"
        references["caller_ids"] = [*sorted(ids)]
    return markers, references


def _id(value: Json) -> str:
    held = javascript_numbers(value)
    return printable(held) if isinstance(held, str) else canonical_text(held).decode()


def _static_id(value: Json, *, modes: tuple[str | None, ...]) -> str | None:
    if isinstance(value, dict):
        if value.get("mode") not in modes:
            return None
        value = value.get("value")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _id(value)
    if not isinstance(value, str) or not value or value.startswith("="):
        return None
    return printable(value)
