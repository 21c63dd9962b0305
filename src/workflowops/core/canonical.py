"""The canonical form of a workflow: what counts, apart from layout and from what belongs to one instance."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.core.connections import canonical_connections, tool_names
from workflowops.core.json import Json, canonical_text, sha256
from workflowops.core.nodes import Nodes, held_value, read_nodes
from workflowops.core.references import setting_references

CANONICAL_FORM = 1
"""Stored beside every digest. A new number never shows up as drift: digests of an older one are translated."""

_SETTINGS_DEFAULTS: Mapping[str, Json] = {
    "availableInMCP": False,
    "binaryMode": "separate",
    "callerPolicy": "workflowsFromSameOwner",
    "customTelemetryTags": [],
    "engineType": "v1",
    "executionOrder": "v0",
    "executionTimeout": None,
    "redactionPolicy": "none",
    "saveDataErrorExecution": "DEFAULT",
    "saveDataSuccessExecution": "DEFAULT",
    "saveExecutionProgress": "DEFAULT",
    "saveManualExecutions": "DEFAULT",
    "timeSavedMode": "fixed",
    "timeSavedPerExecution": None,
    "timezone": "DEFAULT",
}
"""The settings that count, with the value that means the same as leaving the key out (n8n 2.41.1).

`binaryMode` and `engineType` cannot be written through n8n's API, but its editor sets them and they decide what runs.
"""

_TOP_LEVEL_KEYS = frozenset({"active", "connections", "name", "nodeGroups", "nodes", "settings", "tags"})
_TOP_LEVEL_VOLATILE = frozenset({
    "activeVersion", "activeVersionId", "createdAt", "description", "id", "isArchived", "parentFolder",
    "parentFolderId", "shared", "sourceWorkflowId", "triggerCount", "updatedAt", "versionCounter", "versionId",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Digests:
    """SHA-256 of the four parts of a canonical form, in hexadecimal. `logic` decides drift."""

    logic: str
    layout: str
    bindings: str
    references: str


@dataclass(frozen=True, slots=True)
class CanonicalForm:
    """A workflow read for comparison.

    `logic` is what runs; `layout` what only the editor shows; `bindings` ids that n8n chooses by itself (webhooks,
    credentials); `references` ids of other workflows and data tables, which mean something within one instance only.
    `node_ids` is in no digest. `ignored` counts what was left out, by reason; `oddities` says what was strange.
    """

    logic: dict[str, Json]
    layout: dict[str, Json]
    bindings: dict[str, Json]
    references: dict[str, Json]
    node_ids: dict[str, str]
    ignored: dict[str, int]
    oddities: tuple[str, ...]


def digests(form: CanonicalForm) -> Digests:
    """Digest the four parts, each by itself."""
    return Digests(
        logic=sha256(canonical_text(form.logic)),
        layout=sha256(canonical_text(form.layout)),
        bindings=sha256(canonical_text(form.bindings)),
        references=sha256(canonical_text(form.references)),
    )


def node_count(form: CanonicalForm) -> int:
    """Count the nodes that do something; sticky notes do not."""
    nodes = form.logic["nodes"]
    return len(nodes) if isinstance(nodes, dict) else 0


def canonicalize(document: Mapping[str, Json]) -> CanonicalForm:
    """Read a workflow document of n8n 1.x or 2.x, or a file of it, into its canonical form.

    Never raises on odd content (RecursionError only, where JSON is nested deeper than Python can follow).
    An allow-list decides: what it does not name is counted under `ignored`. What cannot be read (a node that is a
    string, connections that are a list) is compared as it stands and told under `oddities`, so that nothing hides.
    `active` and `tags` are compared beside the form, never in it (walkthrough 1).
    """
    nodes = read_nodes(document.get("nodes"), tools=tool_names(document.get("connections")))
    settings, setting_ids = _read_settings(document.get("settings"), nodes)
    connections, order = canonical_connections(
        document.get("connections"),
        positions=nodes.positions,
        is_position_ordered=settings.get("executionOrder") == "v1",
        ignored=nodes.ignored,
        oddities=nodes.oddities,
    )
    name = document.get("name")
    if not isinstance(name, str):
        nodes.oddities.append("The workflow has no name.")
    logic: dict[str, Json] = {
        "connections": connections,
        "name": held_value(name, nodes.ignored),
        "nodes": nodes.logic,
        "order": order,
        "settings": settings,
    }
    if nodes.odd:
        logic["odd_nodes"] = nodes.odd
    layout = _layout(document.get("nodeGroups"), nodes)
    _count_top_level(document, nodes.ignored)
    return CanonicalForm(
        logic=logic,
        layout=layout,
        bindings=_present({"credential_ids": nodes.credential_ids, "webhook_ids": nodes.webhook_ids}),
        references=setting_ids
        | _present({"workflows": nodes.workflows, "data_tables": nodes.data_tables, "webhooks": nodes.webhooks}),
        node_ids={name: node_id for node_id, name in nodes.names_by_id.items()},
        ignored=dict(nodes.ignored),
        oddities=tuple(nodes.oddities),
    )


def _layout(groups: Json, nodes: Nodes) -> dict[str, Json]:
    return _present(
        {
            "groups": _groups(groups, nodes),
            "notes": nodes.notes,
            "positions": nodes.positions,
            "sticky_notes": nodes.sticky_notes,
        }
    )


def _present(parts: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in parts.items() if value}


def _read_settings(settings: Json, nodes: Nodes) -> tuple[dict[str, Json], dict[str, Json]]:
    if not isinstance(settings, dict):
        if settings in (None, []):
            return {}, {}
        nodes.oddities.append("The settings are not an object.")
        return {"": held_value(settings, nodes.ignored)}, {}
    markers, references = setting_references(settings)
    held: dict[str, Json] = dict(markers)
    for key, value in settings.items():
        if key in ("errorWorkflow", "callerIds"):
            continue
        if key not in _SETTINGS_DEFAULTS:
            nodes.ignored[f"setting {key}, which n8n's API does not keep"] += 1
            continue
        kept = held_value(value, nodes.ignored)
        if kept is not None and kept != "" and kept != _SETTINGS_DEFAULTS[key]:
            held[key] = kept
    return held, references


def _groups(groups: Json, nodes: Nodes) -> list[Json]:
    """Node groups are frames on the canvas; they name nodes by id, and ids do not count."""
    if not isinstance(groups, list):
        return [] if groups is None else [{"groups": held_value(groups, nodes.ignored)}]
    held: list[Json] = []
    for group in groups:
        if not isinstance(group, dict):
            held.append(held_value(group, nodes.ignored))
            continue
        ids = group.get("nodeIds")
        members = [nodes.names_by_id.get(str(each), "") for each in ids] if isinstance(ids, list) else []
        labels = {key: held_value(group.get(key), nodes.ignored) for key in ("description", "name")}
        held.append({**labels, "nodes": [*sorted(members)]})
    return sorted(held, key=canonical_text)


def _count_top_level(document: Mapping[str, Json], ignored: Counter[str]) -> None:
    for key, value in document.items():
        if key in _TOP_LEVEL_KEYS or key in _TOP_LEVEL_VOLATILE or not value:
            continue
        ignored[key if key in ("meta", "pinData", "staticData") else f"unknown workflow key {key}"] += 1
