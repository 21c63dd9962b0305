"""Addresses that two workflows of one instance would listen on at the same time."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from workflowops.core.json import Json
from workflowops.core.problems import shown
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.target import Listener
from workflowops.core.secrets import mask_text

_WEBHOOK = "n8n-nodes-base.webhook"
_FORM = "n8n-nodes-base.formTrigger"
_MCP = "@n8n/n8n-nodes-langchain.mcpTrigger"
_CHAT = "@n8n/n8n-nodes-langchain.chatTrigger"
_WHOLE_PATH = frozenset({_WEBHOOK, _FORM, _MCP})
"""The types whose path stands alone; the others are reached below their webhookId."""

_GIVEN_BY_N8N = "\0"
"""In place of the webhookId that n8n gives a node of its own when it is saved; no other node has it."""

Address = tuple[str, str]


def listeners_of(document: Mapping[str, Json], *, workflow_id: str, workflow_name: str) -> tuple[Listener, ...]:
    """Name every address that the enabled triggers of a workflow listen on once it is published.

    What only an expression tells is left out. Source: n8n-workflow 2.41.1, `getNodeWebhookPath`; n8n 2.41.1, publishing
    two workflows of one path (409).
    """
    return tuple(
        Listener(
            method=method, path=path, workflow_id=workflow_id, workflow_name=workflow_name, node_name=_name_of(node)
        )
        for node in _triggers(document)
        for method, path in _addresses(node, webhook_id=_webhook_id(node), workflow_id=workflow_id)
    )


def collisions(
    planned: Sequence[tuple[str, str, Mapping[str, Json]]],
    *,
    listeners: Sequence[Listener],
    leaving: Collection[str],
) -> tuple[Finding, ...]:
    """Find the addresses that n8n would refuse when the planned workflows are published in this order.

    `planned` is canonical id, n8n id (empty for one that is created) and document of each that will run. An address is
    free once its holder was published without it, but not before: a holder that comes later in the order, or that is
    only removed at the end (`leaving`, n8n ids), still has it.
    """
    held: dict[Address, Listener] = {(each.method, each.path): each for each in listeners}
    findings: list[Finding] = []
    later = {workflow_id for _, workflow_id, _ in planned if workflow_id}
    for canonical_id, workflow_id, document in planned:
        own_id = workflow_id or f"{_GIVEN_BY_N8N}{canonical_id}"
        held = {address: holder for address, holder in held.items() if holder.workflow_id != own_id}
        later.discard(own_id)
        for wanted in _wanted(document, workflow_id=own_id):
            holder = held.setdefault((wanted.method, wanted.path), wanted)
            if holder is not wanted:
                findings.append(_finding(canonical_id, wanted, holder, _why(holder, own_id, later, leaving)))
    return tuple(findings)


def _wanted(document: Mapping[str, Json], *, workflow_id: str) -> Iterator[Listener]:
    name = str(document.get("name"))
    for node in _triggers(document):
        webhook_id = _webhook_id(node) or f"{_GIVEN_BY_N8N}{node.get('id')}"
        for method, path in _addresses(node, webhook_id=webhook_id, workflow_id=workflow_id):
            yield Listener(
                method=method, path=path, workflow_id=workflow_id, workflow_name=name, node_name=_name_of(node)
            )


def _why(holder: Listener, own_id: str, later: Collection[str], leaving: Collection[str]) -> tuple[str, str]:
    """Answer the end of the sentence, and what to do."""
    name = shown(mask_text(holder.workflow_name))
    if holder.workflow_id == own_id:
        return "too, in the same workflow", "Give one of the two another path."
    if holder.workflow_id in leaving:
        return f"in {name} until that is removed, which comes last", f"Promote the removal of {name} first."
    if holder.workflow_id in later:
        return f"in {name} until that is published, which comes later", f"Promote {name} first, then this one."
    return f"in {name}", "Give one of the two another path."


def _finding(canonical_id: str, wanted: Listener, holder: Listener, why: tuple[str, str]) -> Finding:
    ending, fix = why
    node, other = shown(mask_text(wanted.node_name)), shown(mask_text(holder.node_name))
    is_own = holder.workflow_id == wanted.workflow_id
    return Finding(
        code=FindingCode.WEBHOOK_COLLISION,
        gravity=Gravity.WARNING if is_own else Gravity.BLOCKING,  # n8n 1.x takes it within one workflow
        message=f"Node {node} listens on {_shown_address(wanted)}, which node {other} has {ending}.",
        fix=fix,
        canonical_id=canonical_id,
        node_name=mask_text(wanted.node_name),
    )


def _shown_address(listener: Listener) -> str:
    return shown(f"{listener.method} /{mask_text(listener.path)}", longest=200)


def _triggers(document: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Answer the enabled nodes that have an address of their own.

    n8n's triggers are called so; only they, and the Webhook node, register an address when a workflow is published.
    """
    nodes = document.get("nodes")
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict) and node.get("disabled") is not True:
            kind = str(node.get("type"))
            if kind in (_WEBHOOK, _FORM, _MCP, _CHAT) or (kind.endswith("Trigger") and _webhook_id(node) is not None):
                yield node


def _addresses(node: Mapping[str, Json], *, webhook_id: str | None, workflow_id: str) -> Iterator[Address]:
    for method, path in _described(node):
        if not path.startswith("=") and not method.startswith("="):
            yield method.upper(), _full_path(path, node, webhook_id=webhook_id, workflow_id=workflow_id)


def _described(node: Mapping[str, Json]) -> Iterator[Address]:
    """Answer the methods and paths that the description of the node's type asks for."""
    given = _object(node.get("parameters"))
    path = str(given.get("path") or "")
    match node.get("type"):
        case "n8n-nodes-base.webhook":
            methods = given.get("httpMethod") or "GET"
            yield from ((str(method), path) for method in (methods if isinstance(methods, list) else [methods]))
        case "n8n-nodes-base.formTrigger":
            path = path or str(_object(given.get("options")).get("path") or "")
            suffix = "/n8n-form" if node.get("typeVersion") == 1 else ""
            yield from (("GET", path + suffix), ("POST", path + suffix))
        case "@n8n/n8n-nodes-langchain.mcpTrigger":
            yield from (("GET", path), ("POST", path), ("DELETE", path))
        case "@n8n/n8n-nodes-langchain.chatTrigger":
            yield from (("GET", "chat"), ("POST", "chat"))
        case _:
            yield "POST", "webhook"


def _full_path(path: str, node: Mapping[str, Json], *, webhook_id: str | None, workflow_id: str) -> str:
    path = path.strip().removeprefix("/").removesuffix("/")
    if webhook_id is None:
        return f"{workflow_id}/{_name_of(node).lower()}/{path}"
    if node.get("type") in _WHOLE_PATH and not (path.startswith(":") or "/:" in path):
        return path or webhook_id
    return f"{webhook_id}/{path}"


def _webhook_id(node: Mapping[str, Json]) -> str | None:
    webhook_id = node.get("webhookId")
    return webhook_id if isinstance(webhook_id, str) and webhook_id else None


def _name_of(node: Mapping[str, Json]) -> str:
    return str(node.get("name"))


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
