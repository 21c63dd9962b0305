"""Credentials of the stage before under the names that they have in the next one."""

from collections.abc import Mapping

from workflowops.core.json import Json


def with_mapped_credentials(document: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """Answer a document with the names of its credentials replaced, each once."""
    nodes = document.get("nodes")
    if not isinstance(nodes, list):
        return {**document}
    return {**document, "nodes": [_with_names(node, names) for node in nodes]}


def _with_names(node: Json, names: Mapping[str, str]) -> Json:
    given = node.get("credentials") if isinstance(node, dict) else None
    if not isinstance(node, dict) or not isinstance(given, dict):
        return node
    return {**node, "credentials": {kind: _with_name(held, names) for kind, held in given.items()}}


def _with_name(held: Json, names: Mapping[str, str]) -> Json:
    name = held.get("name") if isinstance(held, dict) else None
    return {**held, "name": names.get(name, name)} if isinstance(held, dict) and isinstance(name, str) else held
