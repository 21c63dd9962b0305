"""Which addresses a workflow's triggers listen on."""

from collections.abc import Iterator, Mapping

from workflowops.core.json import Json
from workflowops.sandbox.node_types import has_webhook, is_trigger

_WEBHOOK = "n8n-nodes-base.webhook"
_FORM = "n8n-nodes-base.formTrigger"
_MCP = "@n8n/n8n-nodes-langchain.mcpTrigger"

Address = tuple[str, str]
"""Method and path: what must be free for a workflow to be published."""


def addresses(nodes: Json, *, workflow_id: str) -> Iterator[tuple[str, Address]]:
    """Answer node name and address of every enabled webhook trigger; expressions are not evaluated, so left out."""
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict) and node.get("disabled") is not True and _listens(str(node.get("type"))):
            for method, path in _described(node):
                if not path.startswith("="):
                    yield str(node.get("name")), (method, _full_path(path, node, workflow_id=workflow_id))


def _listens(name: str) -> bool:
    return name == _WEBHOOK or (has_webhook(name) and is_trigger(name))


def _described(node: Mapping[str, Json]) -> Iterator[Address]:
    """The methods and paths that the node type's description asks for, by the node's parameters."""
    parameters = node.get("parameters")
    given = parameters if isinstance(parameters, dict) else {}
    path = str(given.get("path") or "")
    match node.get("type"):
        case "n8n-nodes-base.webhook":
            methods = given.get("httpMethod") or "GET"
            for method in methods if isinstance(methods, list) else [methods]:
                yield str(method), path
        case "n8n-nodes-base.formTrigger":
            options = given.get("options")
            path = path or str((options.get("path") if isinstance(options, dict) else "") or "")
            suffix = "/n8n-form" if node.get("typeVersion") == 1 else ""
            yield from (("GET", path + suffix), ("POST", path + suffix))
        case "@n8n/n8n-nodes-langchain.mcpTrigger":
            yield from (("GET", path), ("POST", path), ("DELETE", path))
        case "@n8n/n8n-nodes-langchain.chatTrigger":
            yield from (("GET", "chat"), ("POST", "chat"))
        case _:
            yield "POST", "webhook"


def _full_path(path: str, node: Mapping[str, Json], *, workflow_id: str) -> str:
    path = path.strip().removeprefix("/").removesuffix("/")
    webhook_id = node.get("webhookId")
    if webhook_id is None:
        return f"{workflow_id}/{str(node.get('name')).lower()}/{path}"
    if node.get("type") in (_WEBHOOK, _FORM, _MCP):
        path = path or str(webhook_id)
        return f"{webhook_id}/{path}" if ":" in path else path
    return f"{webhook_id}/{path}"
