"""The nodes of a workflow, read for comparison: what runs, what only the editor shows, and the ids apart."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from workflowops.core.json import Json, canonical_text, javascript_number, printable
from workflowops.core.references import data_table_reference, workflow_reference

STICKY_NOTE = "n8n-nodes-base.stickyNote"

_KEYS = frozenset({
    "alwaysOutputData", "continueOnFail", "customTelemetryTags", "disabled", "executeOnce", "maxTries", "onError",
    "retryOnFail", "type", "typeVersion", "waitBetweenTries",
})  # fmt: skip
_KEYS_READ_ELSEWHERE = frozenset({
    "credentials", "id", "name", "notes", "notesInFlow", "parameters", "position", "webhookId",
})  # fmt: skip
_DEFAULTS: Mapping[str, Json] = {
    "alwaysOutputData": False,
    "continueOnFail": False,
    "customTelemetryTags": {},
    "disabled": False,
    "executeOnce": False,
    "maxTries": 3,
    "onError": "stopWorkflow",
    "retryOnFail": False,
    "waitBetweenTries": 1000,
}
"""What n8n does when the key is absent (n8n-core 2.41.1, `workflow-execute.js`).

A node that serves an agent as a tool goes on after an error unless `onError` says otherwise, so there it always counts.
"""

_CACHED = ("cachedResultName", "cachedResultUrl")
_CACHED_REASON = "name or address that a resource locator cached"


_PUBLIC = (
    "@n8n/n8n-nodes-langchain.chatTrigger",
    "@n8n/n8n-nodes-langchain.mcpTrigger",
    "n8n-nodes-base.formTrigger",
    "n8n-nodes-base.webhook",
)
"""The triggers that people and programs call by an address."""


@dataclass(slots=True)
class Nodes:
    """What was read, by the name of the node; nodes that share a name are numbered.

    `tools` are the nodes that serve an agent. `ignored` and `oddities` go on being filled by who reads the rest of the
    workflow. `odd` holds what is no node, as it stands.
    """

    tools: frozenset[str]
    logic: dict[str, Json] = field(default_factory=dict)
    positions: dict[str, Json] = field(default_factory=dict)
    notes: dict[str, Json] = field(default_factory=dict)
    sticky_notes: list[Json] = field(default_factory=list)
    webhook_ids: dict[str, Json] = field(default_factory=dict)
    credential_ids: dict[str, Json] = field(default_factory=dict)
    workflows: dict[str, Json] = field(default_factory=dict)
    data_tables: dict[str, Json] = field(default_factory=dict)
    webhooks: dict[str, Json] = field(default_factory=dict)
    names_by_id: dict[str, str] = field(default_factory=dict)
    odd: list[Json] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    oddities: list[str] = field(default_factory=list)


def read_nodes(nodes: Json, *, tools: frozenset[str]) -> Nodes:
    """Read the list of nodes, however odd it is. The order of the list makes no difference."""
    read = Nodes(tools)
    if not isinstance(nodes, list):
        if nodes is not None:
            read.odd.append({"nodes": held_value(nodes, read.ignored)})
        read.oddities.append("The workflow has no list of nodes.")
        return read
    by_name: dict[str, list[dict[str, Json]]] = {}
    for node in nodes:
        if not isinstance(node, dict):
            read.odd.append(held_value(node, read.ignored))
            read.oddities.append("A node is not an object.")
        elif node.get("type") == STICKY_NOTE:
            read.sticky_notes.append(_sticky_note(node, read.ignored))
        else:
            name = node.get("name")
            by_name.setdefault(name if isinstance(name, str) else "", []).append(node)
    for node, name in _named(by_name, read):
        _read_node(node, name, read)
    read.sticky_notes.sort(key=canonical_text)
    return read


def held_value(value: Json, ignored: Counter[str]) -> Json:
    """Hold a value as n8n does: JavaScript's numbers, LF line ends, resource locators without what they cached."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n") if "\r" in value else value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return javascript_number(value)
    if isinstance(value, list):
        return [held_value(item, ignored) for item in value]
    if "__rl" in value:
        kept = {key: item for key, item in value.items() if key not in _CACHED}
        if len(kept) != len(value):
            ignored[_CACHED_REASON] += 1
        value = kept
    return {key: held_value(item, ignored) for key, item in value.items()}


def _named(by_name: Mapping[str, list[dict[str, Json]]], read: Nodes) -> Iterator[tuple[dict[str, Json], str]]:
    """Give every node a name of its own; nodes that share one are told apart by their content, not by their place."""
    taken = set(by_name)
    for name, same in by_name.items():
        if name == "":
            read.oddities.append("A node has no name.")
        if len(same) > 1:
            read.oddities.append(f"{len(same)} nodes are called {name!r}.")
            same.sort(key=_content)
        yield same[0], name
        for node in same[1:]:
            yield node, _free_name(name, taken)


def _free_name(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    taken.add(f"{name} ({number})")
    return f"{name} ({number})"


def _content(node: dict[str, Json]) -> list[bytes]:
    """Answer what tells a node from others of its name: first what runs, at last what only its instance knows."""
    alone = Nodes(frozenset())
    _read_node(node, "", alone)
    parts = (
        alone.logic, alone.notes, alone.positions, alone.workflows, alone.data_tables, alone.webhook_ids,
        alone.credential_ids, alone.names_by_id,
    )  # fmt: skip
    return [canonical_text(part) for part in parts]


def _sticky_note(node: dict[str, Json], ignored: Counter[str]) -> dict[str, Json]:
    return {
        "parameters": held_value(node.get("parameters") or {}, ignored),
        "position": held_value(node.get("position"), ignored),
    }


def _read_node(node: dict[str, Json], name: str, read: Nodes) -> None:
    held = _flags(node, name, read)
    parameters = _parameters(node, name, read)
    if parameters not in (None, {}):
        held["parameters"] = parameters
    credentials = _credentials(node.get("credentials"), name, read)
    if credentials not in (None, {}):
        held["credentials"] = credentials
    read.logic[name] = held
    read.positions[name] = held_value(node.get("position"), read.ignored)
    notes: dict[str, Json] = {
        key: held_value(node[key], read.ignored) for key in ("notes", "notesInFlow") if node.get(key)
    }
    if notes:
        read.notes[name] = notes
    if node.get("webhookId"):
        read.webhook_ids[name] = held_value(node["webhookId"], read.ignored)
        if node.get("type") in _PUBLIC and _is_address(parameters):
            read.webhooks[printable(name)] = held_value(node["webhookId"], read.ignored)
    node_id = node.get("id")
    if isinstance(node_id, str) and node_id:
        read.names_by_id.setdefault(node_id, name)


def _is_address(parameters: Json) -> bool:
    """Say whether a node is reached under its webhookId: it has no path of its own, or one with `:parameters`.

    Source: n8n-workflow 2.41.1, `getNodeWebhookPath`; forms and chats have none.
    """
    path = parameters.get("path") if isinstance(parameters, dict) else None
    return not isinstance(path, str) or not path or path.startswith(":") or "/:" in path


def _flags(node: dict[str, Json], name: str, read: Nodes) -> dict[str, Json]:
    """Keep the simple fields that are not what n8n does anyway, and a name that is no text."""
    held: dict[str, Json] = {}
    for key, value in node.items():
        if key in _KEYS:
            kept = held_value(value, read.ignored)
            is_said = kept != _DEFAULTS.get(key) or (key == "onError" and name in read.tools)
            if kept is not None and is_said:
                held[key] = kept
        elif key == "name" and not isinstance(value, str | None):
            held[key] = held_value(value, read.ignored)
        elif key not in _KEYS_READ_ELSEWHERE:
            read.ignored[f"node key {key}, which n8n's API does not take"] += 1
    return held


def _parameters(node: dict[str, Json], name: str, read: Nodes) -> Json:
    parameters = node.get("parameters")
    if not isinstance(parameters, dict):
        if parameters in (None, []):
            return None
        read.oddities.append(f"The parameters of node {name!r} are not an object.")
        return held_value(parameters, read.ignored)
    held: dict[str, Json] = {}
    for key, value in parameters.items():
        workflow = workflow_reference(node.get("type"), key, value)
        table = data_table_reference(key, value)
        if workflow is not None:
            read.workflows[printable(name)] = workflow
            held[key] = "<workflow>"
        elif table is not None:
            read.data_tables[printable(name)] = table
            held[key] = "<data table>"
        else:
            held[key] = held_value(value, read.ignored)
            continue
        if isinstance(value, dict) and any(cached in value for cached in _CACHED):
            read.ignored[_CACHED_REASON] += 1
    return held


def _credentials(credentials: Json, name: str, read: Nodes) -> Json:
    """Keep type and name; the id belongs to the instance. A bare string is read as the name."""
    if not isinstance(credentials, dict):
        if credentials in (None, []):
            return None
        read.oddities.append(f"The credentials of node {name!r} are not an object.")
        return held_value(credentials, read.ignored)
    held: dict[str, Json] = {}
    ids: dict[str, Json] = {}
    for kind, reference in credentials.items():
        if isinstance(reference, dict):
            held[kind] = held_value(reference.get("name"), read.ignored)
            if reference.get("id") is not None:
                ids[kind] = held_value(reference["id"], read.ignored)
            for key in reference.keys() - {"id", "name"}:
                read.ignored[f"credential key {key}"] += 1
        else:
            held[kind] = held_value(reference, read.ignored)
            read.oddities.append(f"The credential {kind!r} of node {name!r} is not an object.")
    if ids:
        read.credential_ids[name] = ids
    return held
