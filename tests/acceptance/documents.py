"""Builders of workflows for the acceptance suite: the smallest that say what a test needs."""

import uuid
from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]

MANUAL = "n8n-nodes-base.manualTrigger"
SCHEDULE = "n8n-nodes-base.scheduleTrigger"
WEBHOOK = "n8n-nodes-base.webhook"
NO_OPERATION = "n8n-nodes-base.noOp"
EXECUTE_WORKFLOW = "n8n-nodes-base.executeWorkflow"
CALLED_BY_WORKFLOW = "n8n-nodes-base.executeWorkflowTrigger"
HTTP_REQUEST = "n8n-nodes-base.httpRequest"
SET = "n8n-nodes-base.set"


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix} {uuid.uuid4().hex[:12]}"


def node(name: str, kind: str = NO_OPERATION, *, position: Sequence[float] = (0, 0), **fields: Any) -> Document:
    """A node with an id, version 1 and no parameters unless told."""
    made = {
        "id": str(uuid.uuid4()),
        "name": name,
        "type": kind,
        "typeVersion": 1,
        "position": list(position),
        "parameters": {},
    }
    return made | fields


def schedule(name: str = "Start", **fields: Any) -> Document:
    """A trigger that lets a workflow be published and then sleeps until midnight."""
    rule = {"rule": {"interval": [{"field": "days"}]}}
    return node(name, SCHEDULE, **{"typeVersion": 1.2, "parameters": rule, **fields})


def webhook(path: str, name: str = "Hook", *, method: str = "GET", **fields: Any) -> Document:
    """A trigger that listens on a path and answers with what the last node gave."""
    parameters = {"path": path, "httpMethod": method, "responseMode": "lastNode"}
    return node(name, WEBHOOK, **{"typeVersion": 2, "parameters": parameters, "webhookId": str(uuid.uuid4()), **fields})


def calling(workflow_id: str, name: str = "Exec", **fields: Any) -> Document:
    """A node that runs another workflow."""
    locator = {"__rl": True, "value": workflow_id, "mode": "id"}
    return node(name, EXECUTE_WORKFLOW, **{"typeVersion": 1.2, "parameters": {"workflowId": locator}, **fields})


def targets(*names: str) -> list[Document]:
    """One output's connections, to the first input of each."""
    return [{"node": name, "type": "main", "index": 0} for name in names]


def workflow(name: str | None = None, *nodes: Document, **fields: Any) -> Document:
    """A body for POST; with one trigger unless nodes are given."""
    made = {"name": name or unique("workflow"), "nodes": list(nodes) or [schedule()], "connections": {}, "settings": {}}
    return made | fields


def body_of(document: Document, **changes: Any) -> Document:
    """The four fields that a PUT needs, taken from a document that the server answered."""
    return {field: document[field] for field in ("name", "nodes", "connections", "settings")} | changes
