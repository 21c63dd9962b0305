"""What n8n made of a document, credential by credential: it may bind a reference to another one than was meant."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from workflowops.core.json import Json, JsonObject
from workflowops.core.problems import shown
from workflowops.core.secrets import mask_text


def wrongly_bound(
    sent: Mapping[str, Json], held: Mapping[str, Json], *, must_be_found: Collection[str]
) -> tuple[str, ...]:
    """Say, in a sentence each, which credentials of a document that was read back are not those that were sent.

    An id must be the one that was sent. Where null was sent, n8n looks for the name; it has to have found it in the
    enabled nodes named in `must_be_found` (masked, as findings name them). Disabled nodes it leaves alone.
    """
    return tuple(_wrong(_nodes(sent), _nodes(held), must_be_found))


def bindings_of(document: Mapping[str, Json] | None) -> JsonObject:
    """Answer which credentials the nodes of a document are sent with: name (masked) -> type -> id, or null."""
    return {
        mask_text(name): {kind: _id(reference) for kind, reference in credentials.items()}
        for name, node in _nodes(document or {}).items()
        if (credentials := _object(node.get("credentials")))
    }


def bound_otherwise(bindings: Mapping[str, Json], held: Mapping[str, Json]) -> tuple[str, ...]:
    """Say, in a sentence each, where a document uses another credential than the ids in `bindings` say."""
    there = {mask_text(name): node for name, node in _nodes(held).items()}
    sent = {
        name: {"credentials": {kind: {"id": given} for kind, given in _object(credentials).items()}}
        for name, credentials in bindings.items()
    }
    return tuple(_wrong(sent, there, ()))


def unfound_credentials(document: Mapping[str, Json]) -> frozenset[tuple[str, str]]:
    """Name the credentials (node, type) that enabled nodes have by name only, so that they cannot work."""
    return frozenset(
        (name, kind)
        for name, node in _nodes(document).items()
        if node.get("disabled") is not True
        for kind, reference in _object(node.get("credentials")).items()
        if _id(reference) is None
    )


def _wrong(
    sent: Mapping[str, Mapping[str, Any]], held: Mapping[str, Mapping[str, Json]], must_be_found: Collection[str]
) -> Iterator[str]:
    for name, node in sent.items():
        there = _object(held.get(name, {}).get("credentials"))
        node_name = mask_text(name)
        for kind, reference in _object(node.get("credentials")).items():
            wanted, found = _id(reference), _id(there.get(kind))
            if wanted is not None and found != wanted:
                yield f"Node {shown(node_name)} uses another credential of type {shown(kind)} than was written."
            elif found is None and node_name in must_be_found and node.get("disabled") is not True:
                yield f"n8n found no credential of type {shown(kind)} and that name for node {shown(node_name)}."


def _nodes(document: Mapping[str, Json]) -> dict[str, Mapping[str, Json]]:
    nodes = document.get("nodes")
    listed = nodes if isinstance(nodes, list) else []
    return {str(node.get("name")): node for node in listed if isinstance(node, dict)}


def _id(reference: Json) -> Json:
    return reference.get("id") if isinstance(reference, dict) else None


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
