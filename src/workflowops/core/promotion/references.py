"""What a workflow refers to outside of itself: other workflows, data tables, credentials."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.json import Json, parse
from workflowops.core.references import WORKFLOW_CALLERS, data_table_reference, workflow_reference
from workflowops.core.standing import Resolve


class ReferenceKind(StrEnum):
    """By what a workflow refers to something."""

    EXECUTE_WORKFLOW = "execute_workflow"
    TOOL_WORKFLOW = "tool_workflow"
    RETRIEVER_WORKFLOW = "retriever_workflow"
    ERROR_WORKFLOW = "error_workflow"
    CALLER = "caller"
    DATA_TABLE = "data_table"
    CREDENTIAL = "credential"


_KINDS = {
    "n8n-nodes-base.executeWorkflow": ReferenceKind.EXECUTE_WORKFLOW,
    "@n8n/n8n-nodes-langchain.toolWorkflow": ReferenceKind.TOOL_WORKFLOW,
    "@n8n/n8n-nodes-langchain.retrieverWorkflow": ReferenceKind.RETRIEVER_WORKFLOW,
}
TO_WORKFLOWS = frozenset({*_KINDS.values(), ReferenceKind.ERROR_WORKFLOW, ReferenceKind.CALLER})

Change = Callable[[str], str]
"""From the id in a reference to the one that takes its place; the empty text takes the reference out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One reference. `id` is None where only an expression tells it, which then is `expression`.

    `canonical_id` is what the id stands for, None where nobody knows. `is_used` is False for a disabled node, and for a
    node that takes its workflow from elsewhere. `credential_type` and `name` are those of a credential.
    """

    kind: ReferenceKind
    id: str | None
    canonical_id: str | None = None
    node_name: str | None = None
    is_used: bool = True
    expression: str | None = None
    credential_type: str | None = None
    name: str | None = None


def calls_of(document: Mapping[str, Json], *, resolve: Resolve) -> tuple[Reference, ...]:
    """Name everything a document refers to, nodes first, in the order of the document."""
    found = [
        reference
        for node in nodes_of(document)
        for reference in (*_of_parameters(node, resolve), *_of_credentials(node))
    ]
    return (*found, *_of_settings(document.get("settings"), resolve))


def nodes_of(document: Mapping[str, Json]) -> list[dict[str, Json]]:
    """Answer what is a node in the list of nodes."""
    nodes = document.get("nodes")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def needed_by(document: Mapping[str, Json], *, resolve: Resolve) -> tuple[str, ...]:
    """Name what a workflow needs to work: the canonical ids it calls, and its error workflow. Its callers need it."""
    kinds = TO_WORKFLOWS - {ReferenceKind.CALLER}
    found = (each.canonical_id for each in calls_of(document, resolve=resolve) if each.kind in kinds)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def changed_references(document: Mapping[str, Json], change: Change) -> dict[str, Json]:
    """Answer the document with the id of every reference to a workflow replaced, and nothing else."""
    changed = dict(document)
    if isinstance(nodes := document.get("nodes"), list):
        changed["nodes"] = [_changed_node(node, change) if isinstance(node, dict) else node for node in nodes]
    if isinstance(settings := document.get("settings"), dict):
        changed["settings"] = _changed_settings(settings, change)
    return changed


def inline_workflows(document: Mapping[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    """Give the workflows that nodes hold as a text, which n8n runs as it stands, by the name of the outermost node."""
    waiting: list[tuple[str, Mapping[str, Json]]] = [("", document)]
    for name, here in waiting:
        for node in nodes_of(here):
            inner = _inline(node)
            if inner is not None:
                waiting.append((name or str(node.get("name")), inner))
                yield waiting[-1][0], inner


def _inline(node: dict[str, Json]) -> dict[str, Json] | None:
    parameters = node.get("parameters")
    if node.get("type") not in WORKFLOW_CALLERS or not isinstance(parameters, dict):
        return None
    held = parameters.get("workflowJson")
    if parameters.get("source", "database") == "database" or not isinstance(held, str | dict):
        return None
    try:
        inner = parse(held) if isinstance(held, str) else held
    except ValueError:
        return None
    return inner if isinstance(inner, dict) else None


def caller_ids(callers: Json) -> list[str]:
    """Answer the ids in a list of callers, which is a text with commas."""
    return [each.strip() for each in callers.split(",") if each.strip()] if isinstance(callers, str) else []


def _of_parameters(node: dict[str, Json], resolve: Resolve) -> Iterator[Reference]:
    parameters = node.get("parameters")
    name, kind = str(node.get("name")), node.get("type")
    for key, value in parameters.items() if isinstance(parameters, dict) else ():
        is_used = node.get("disabled") is not True
        workflow, table = workflow_reference(kind, key, value), data_table_reference(key, value)
        if table is not None:
            yield Reference(kind=ReferenceKind.DATA_TABLE, id=table, node_name=name, is_used=is_used)
        elif key == "workflowId" and isinstance(kind, str) and kind in WORKFLOW_CALLERS:
            expression = None if workflow is not None else _said(value)
            if workflow is not None or expression:
                yield Reference(
                    kind=_KINDS[kind],
                    id=workflow,
                    canonical_id=None if workflow is None else resolve(workflow),
                    node_name=name,
                    is_used=is_used and parameters.get("source", "database") == "database",  # type: ignore[union-attr]
                    expression=expression,
                )


def _of_credentials(node: dict[str, Json]) -> Iterator[Reference]:
    credentials = node.get("credentials")
    for kind, held in credentials.items() if isinstance(credentials, dict) else ():
        given = held if isinstance(held, dict) else {"name": held}
        credential_id, name = given.get("id"), given.get("name")
        yield Reference(
            kind=ReferenceKind.CREDENTIAL,
            id=None if credential_id is None else str(credential_id),
            node_name=str(node.get("name")),
            is_used=node.get("disabled") is not True,
            credential_type=kind,
            name=name if isinstance(name, str) else None,
        )


def _of_settings(settings: Json, resolve: Resolve) -> Iterator[Reference]:
    given = settings if isinstance(settings, dict) else {}
    error_workflow = given.get("errorWorkflow")
    if isinstance(error_workflow, str) and error_workflow not in ("", "DEFAULT"):
        is_expression = error_workflow.startswith("=")
        yield Reference(
            kind=ReferenceKind.ERROR_WORKFLOW,
            id=None if is_expression else error_workflow,
            canonical_id=None if is_expression else resolve(error_workflow),
            expression=error_workflow if is_expression else None,
        )
    for each in caller_ids(given.get("callerIds")):
        yield Reference(kind=ReferenceKind.CALLER, id=each, canonical_id=resolve(each))


def _said(value: Json) -> str:
    """Answer what a reference without an id says: an expression, or a name."""
    said = value.get("value") if isinstance(value, dict) else value
    return said if isinstance(said, str) else ""


def _changed_node(node: dict[str, Json], change: Change) -> dict[str, Json]:
    parameters = node.get("parameters")
    if not isinstance(parameters, dict) or node.get("type") not in WORKFLOW_CALLERS:
        return node
    return {**node, "parameters": {key: _changed(node, key, value, change) for key, value in parameters.items()}}


def _changed(node: dict[str, Json], key: str, value: Json, change: Change) -> Json:
    held = workflow_reference(node.get("type"), key, value)
    if held is None or (wanted := change(held)) == held:
        return value
    return {**value, "value": wanted} if isinstance(value, dict) else wanted


def _changed_settings(settings: dict[str, Json], change: Change) -> dict[str, Json]:
    changed = dict(settings)
    error_workflow, callers = settings.get("errorWorkflow"), caller_ids(settings.get("callerIds"))
    if isinstance(error_workflow, str) and error_workflow not in ("", "DEFAULT"):
        changed["errorWorkflow"] = change(error_workflow)
        if not changed["errorWorkflow"]:
            del changed["errorWorkflow"]
    wanted = [other for each in callers if (other := change(each))]
    if wanted != callers:
        changed["callerIds"] = ",".join(wanted)
    return changed
