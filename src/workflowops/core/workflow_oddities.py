"""What is strange about a workflow that can be read all the same, each oddity told once with its first place."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from workflowops.core.json import Json
from workflowops.core.problems import Fault, PathInDocument, Severity, shown

LONGEST_NAME = 128
_MOST_NAMED = 3
_PRIVATE = {
    "pinData": "recorded data",
    "shared": "the accounts of its owners",
    "staticData": "what its triggers remember",
}


@dataclass(slots=True)
class _Seen:
    """Where an oddity was seen, and what was odd there."""

    first: PathInDocument
    names: list[str] = field(default_factory=list)
    count: int = 0


_Sightings = dict[str, _Seen]

_TOLD: Mapping[str, tuple[str, str]] = {
    "node-not-object": ("Nodes that are no objects", "Take them out; n8n cannot load them."),
    "node-without-name": ("Nodes without a name", "Name them in n8n and export the workflow again."),
    "node-without-id": (
        "Nodes without an id, to which n8n gives a new one at every save",
        "Save the workflow in n8n and export it again.",
    ),
    "node-without-type": ("Nodes without a type", "Export the workflow again."),
    "node-without-position": ("Nodes without a position, which n8n 2 refuses", "Export the workflow again."),
    "node-name-twice": ("Nodes that have the name of another one, which n8n 2 refuses", "Rename them in n8n."),
    "node-id-twice": ("Nodes that have the id of another one, which n8n 2 refuses", "Copy the nodes anew in n8n."),
    "parameters-not-object": ("Nodes whose parameters are no object", "Export the workflow again."),
    "credential-not-object": (
        "Credentials that are bare text, which is read as their name",
        "Choose the credential in n8n and export the workflow again.",
    ),
    "credential-without-name": (
        "Credentials without a name, by which they are told apart",
        "Choose the credential in n8n and export the workflow again.",
    ),
    "connection-odd": ("Connections that cannot be read", "Draw them again in n8n and export the workflow."),
    "connection-null": ("Empty places (null) in the connections", "Nothing has to be done: n8n reads past them."),
    "connection-from-nowhere": ("Connections that begin at a node that does not exist", "Save the workflow in n8n."),
    "connection-to-nowhere": (
        "Connections that lead to a node that does not exist, which n8n 2 refuses",
        "Save the workflow in n8n and export it again.",
    ),
}


def oddities_of(document: Mapping[str, Json]) -> Iterator[Fault]:
    """Say what is odd, as warnings. Never raises, whatever the document holds."""
    yield from _top_level(document)
    seen: _Sightings = {}
    nodes = document.get("nodes")
    _look_at_nodes(nodes if isinstance(nodes, list) else [], seen)
    _look_at_connections(document.get("connections"), _names(nodes), seen)
    for rule, sighting in seen.items():
        what, fix = _TOLD[rule]
        yield _warning(sighting.first, rule, f"{what}: {sighting.count}{_examples(sighting)}.", fix)


def _warning(path: PathInDocument, rule: str, message: str, fix: str) -> Fault:
    return Fault(path, rule, message, fix, Severity.WARNING)


def _examples(seen: _Seen) -> str:
    named = [shown(name) for name in seen.names]
    more = ", ..." if len(named) > _MOST_NAMED else ""
    return f" ({', '.join(named[:_MOST_NAMED])}{more})" if named else ""


def _see(seen: _Sightings, rule: str, path: PathInDocument, name: Json = None) -> None:
    sighting = seen.setdefault(rule, _Seen(path))
    sighting.count += 1
    if isinstance(name, str) and name and len(sighting.names) <= _MOST_NAMED and name not in sighting.names:
        sighting.names.append(name)


def _top_level(document: Mapping[str, Json]) -> Iterator[Fault]:
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        yield _warning(("name",), "workflow-without-name", "The workflow has no name.", "Name it in n8n.")
    elif len(name) > LONGEST_NAME:
        message = f"The name has {len(name)} characters; n8n 2 takes {LONGEST_NAME}."
        yield _warning(("name",), "workflow-name-long", message, "Shorten it in n8n.")
    if "settings" in document and not isinstance(document["settings"], dict):
        yield _warning(
            ("settings",), "settings-not-object", "The settings are no object.", "Export the workflow again."
        )
    if "tags" in document and not isinstance(document["tags"], list):
        yield _warning(("tags",), "tags-not-list", "The tags are no list.", "Export the workflow again.")
    for key, what in _PRIVATE.items():
        if document.get(key):
            message = f"The file holds {what} (`{key}`), which may be private. It is not compared."
            yield _warning((key,), "private-data", message, f"Take `{key}` out of the file.")


def _look_at_nodes(nodes: list[Json], seen: _Sightings) -> None:
    names: set[str] = set()
    ids: set[str] = set()
    for number, node in enumerate(nodes):
        path: PathInDocument = ("nodes", number)
        if not isinstance(node, dict):
            _see(seen, "node-not-object", path)
            continue
        name, node_id = node.get("name"), node.get("id")
        if not isinstance(name, str) or not name:
            _see(seen, "node-without-name", path)
        elif name in names:
            _see(seen, "node-name-twice", path, name)
        else:
            names.add(name)
        if not isinstance(node_id, str) or not node_id:
            _see(seen, "node-without-id", path, name)
        elif node_id in ids:
            _see(seen, "node-id-twice", path, name)
        else:
            ids.add(node_id)
        _look_inside(node, path, seen)


def _look_inside(node: dict[str, Json], path: PathInDocument, seen: _Sightings) -> None:
    name = node.get("name")
    if not isinstance(node.get("type"), str):
        _see(seen, "node-without-type", path, name)
    position = node.get("position")
    if not isinstance(position, list) or len(position) != 2:
        _see(seen, "node-without-position", path, name)
    if not isinstance(node.get("parameters", {}), dict):
        _see(seen, "parameters-not-object", (*path, "parameters"), name)
    credentials = node.get("credentials")
    if credentials and not isinstance(credentials, dict):
        _see(seen, "credential-not-object", (*path, "credentials"), name)
    for kind, reference in (credentials if isinstance(credentials, dict) else {}).items():
        place = (*path, "credentials", kind)
        if not isinstance(reference, dict):
            _see(seen, "credential-not-object", place, name)
        elif not isinstance(reference.get("name"), str):
            _see(seen, "credential-without-name", place, name)


def _names(nodes: Json) -> frozenset[str]:
    listed = nodes if isinstance(nodes, list) else []
    found = [node.get("name") for node in listed if isinstance(node, dict)]
    return frozenset(name for name in found if isinstance(name, str))


def _look_at_connections(connections: Json, names: frozenset[str], seen: _Sightings) -> None:
    for source, by_kind in (connections if isinstance(connections, dict) else {}).items():
        path: PathInDocument = ("connections", source)
        if source not in names:
            _see(seen, "connection-from-nowhere", path, source)
        if not isinstance(by_kind, dict):
            _see(seen, "connection-null" if by_kind is None else "connection-odd", path, source)
            continue
        for kind, outputs in by_kind.items():
            _look_at_targets(outputs, (*path, kind), source, names, seen)


def _look_at_targets(outputs: Json, path: PathInDocument, source: str, names: Iterable[str], seen: _Sightings) -> None:
    if not isinstance(outputs, list):
        _see(seen, "connection-null" if outputs is None else "connection-odd", path, source)
        return
    for output, group in enumerate(outputs):
        if not isinstance(group, list):
            _see(seen, "connection-null" if group is None else "connection-odd", (*path, output), source)
            continue
        for number, target in enumerate(group):
            place = (*path, output, number)
            node = target.get("node") if isinstance(target, dict) else None
            if target is None:
                _see(seen, "connection-null", place, source)
            elif not isinstance(node, str):
                _see(seen, "connection-odd", place, source)
            elif node not in names:
                _see(seen, "connection-to-nowhere", place, node)
