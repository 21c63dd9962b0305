"""Builders of workflows for the tests of the sandbox."""

from typing import Any

Document = dict[str, Any]


def node(name: str = "A", kind: str = "n8n-nodes-base.noOp", **fields: Any) -> Document:
    """A node whose id is its name."""
    made = {"id": name, "name": name, "type": kind, "typeVersion": 1, "position": [0, 0], "parameters": {}}
    return made | fields


def schedule(**fields: Any) -> Document:
    """A trigger."""
    return node("Start", "n8n-nodes-base.scheduleTrigger", **fields)


def workflow(name: str = "W", *nodes: Document, **fields: Any) -> Document:
    """A document that can be created and published."""
    return {"name": name, "nodes": list(nodes) or [schedule()], "connections": {}, "settings": {}} | fields
