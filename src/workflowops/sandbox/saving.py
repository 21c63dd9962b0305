"""Creating and changing workflows: what n8n stores, keeps, merges and refuses."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflowops.core.json import Json
from workflowops.sandbox.binding import bind_credentials
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.groups import check_node_groups
from workflowops.sandbox.javascript import read, write
from workflowops.sandbox.node_types import has_webhook
from workflowops.sandbox.publishing import publish, republish_on_1
from workflowops.sandbox.records import Version, Workflow
from workflowops.sandbox.refusal import Refused, bad_request
from workflowops.sandbox.settings import merged
from workflowops.sandbox.store import Store
from workflowops.sandbox.structure import check_structure

_NO_UPDATE_PERMISSION = "You do not have permission to update this workflow. Ask the owner to share it with you."
_NO_PUBLISH_SCOPE = (
    "Your change was saved as a draft. It wasn't published because this API key does not have the "
    "workflow:activate scope."
)
_NAME_LENGTH = "Workflow name must be 1 to 128 characters long."

Body = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Saving:
    """How an update treats a published workflow. `may_publish` False: the key lacks workflow:activate."""

    publish_if_active: bool = True
    may_publish: bool = True


def create(store: Store, body: Mapping[str, Json], *, workflow_id: str | None = None) -> Workflow:
    """Store a new workflow from a body that has passed the schema. Raises Refused."""
    fields = read_body(body)
    if store.generation is Generation.V2:
        _check_name(fields["name"])
        if "projectId" in fields and fields["projectId"] != store.owner.project_id:
            raise Refused(404, "Project not found")
    _complete(store, fields)
    if store.generation is Generation.V2:
        _check(fields["nodes"], fields["connections"], fields.get("nodeGroups", []))
    return insert(store, fields, workflow_id=workflow_id)


def insert(store: Store, fields: Mapping[str, Json], *, workflow_id: str | None = None) -> Workflow:
    """Write a row as it is given: no check, no completion."""
    now = store.now()
    row = Workflow(
        id=workflow_id or store.identifiers.short(),
        name=str(fields["name"]),
        nodes=write(fields["nodes"]),
        connections=write(fields["connections"]),
        settings=write(fields["settings"]),
        node_groups=write(fields.get("nodeGroups", [])),
        static_data=write(fields.get("staticData")),
        pin_data=write(fields.get("pinData")),
        meta=write(fields.get("meta")),
        version_id=store.identifiers.long(),
        created_at=now,
        updated_at=now,
    )
    store.put(row)
    store.add_version(version_of(row, now=now))
    return row


def update(store: Store, workflow_id: str, body: Mapping[str, Json], saving: Saving | None = None) -> Workflow:
    """Change a workflow from a body that has passed the schema (PUT) or comes from the editor. Raises Refused.

    A refusal to publish comes after the draft was stored, as on the real server.
    """
    saving = saving or Saving()
    missing = _NO_UPDATE_PERMISSION if store.generation is Generation.V2 else "Not Found"
    old = store.get(workflow_id, otherwise=missing)
    fields = read_body(body)
    if store.generation is Generation.V1:
        return _update_on_1(store, old, fields)
    if old.is_archived:
        raise bad_request("Cannot update an archived workflow.")
    new, has_new_version = _changed_on_2(store, old, fields)
    settings_changed = read(new.settings) != read(old.settings)
    store.put(new)
    if has_new_version:
        store.add_version(version_of(new, now=new.updated_at))
    return _publish_after_save(store, new, saving, settings_changed=settings_changed)


def read_body(body: Mapping[str, Json]) -> Body:
    """Copy a body, with texts that hold JSON read as the server reads them."""
    fields: Body = {name: read(write(value)) for name, value in body.items()}
    if isinstance(fields.get("staticData"), str):
        fields["staticData"] = read(str(fields["staticData"]).encode())
    return fields


def version_of(row: Workflow, *, now: str) -> Version:
    """The history entry for a row as it stands."""
    return Version(row.version_id, row.id, row.nodes, row.connections, row.node_groups, created_at=now, updated_at=now)


def _changed_on_2(store: Store, old: Workflow, fields: Body) -> tuple[Workflow, bool]:
    """Answer the row after the save, and whether it is a new version: only nodes, connections and groups decide."""
    bind_credentials(fields.get("nodes"), credentials=list(store.credentials.values()), generation=store.generation)
    stored = {"nodes": old.nodes, "connections": old.connections, "nodeGroups": old.node_groups}
    is_new = any(name in fields and fields[name] != read(text) for name, text in stored.items())
    _add_ids(store, fields.get("nodes"))
    content = {name: fields.get(name, read(text)) for name, text in stored.items()}
    if is_new:
        _check(content["nodes"], content["connections"], content["nodeGroups"])
    if fields.get("name"):
        _check_name(fields["name"])
    row = _with_fields(store, old, fields)
    counts = row.nodes != old.nodes or row.settings != old.settings
    return (
        replace(
            row,
            version_id=store.identifiers.long() if is_new else old.version_id,
            version_counter=old.version_counter + counts,
            updated_at=store.now(),
        ),
        is_new,
    )


def _publish_after_save(store: Store, new: Workflow, saving: Saving, *, settings_changed: bool) -> Workflow:
    published = new.active_version
    if published is None:
        return new
    if saving.publish_if_active:
        if new.version_id != published.version_id and not saving.may_publish:
            raise Refused(403, _NO_PUBLISH_SCOPE, {"reason": "insufficient_api_key_scope", "versionId": new.version_id})
        return publish(store, new.id)
    return publish(store, new.id, version_id=published.version_id) if settings_changed else new


def _update_on_1(store: Store, old: Workflow, fields: Body) -> Workflow:
    """1.x: any difference from the stored row makes a version, and an active workflow goes live at once."""
    bind_credentials(fields.get("nodes"), credentials=list(store.credentials.values()), generation=store.generation)
    stored = {
        "name": write(old.name),
        "nodes": old.nodes,
        "connections": old.connections,
        "settings": old.settings,
        "staticData": old.static_data,
        "pinData": old.pin_data,
        "meta": old.meta,
        "description": write(old.description),
    }
    is_new = any(name not in stored or value != read(stored[name]) for name, value in fields.items())
    if fields.get("name"):
        _check_name(fields["name"])
    _add_ids(store, fields.get("nodes"), webhooks=False)
    row = _with_fields(store, old, fields)
    new = store.put(
        replace(
            row,
            version_id=store.identifiers.long() if is_new else old.version_id,
            version_counter=old.version_counter + 1,
            updated_at=store.now(),
        )
    )
    if is_new:
        store.add_version(version_of(new, now=new.updated_at))
    return new if old.active_version is None else republish_on_1(store, new, old_version_id=old.version_id)


def _with_fields(store: Store, old: Workflow, fields: Body) -> Workflow:
    """Answer the row with the given columns: what is left out stays, settings are merged."""
    columns = {"connections": "connections", "nodes": "nodes", "nodeGroups": "node_groups", "staticData": "static_data"}
    columns |= {"pinData": "pin_data", "meta": "meta"}
    given = {column: write(fields[name]) for name, column in columns.items() if name in fields}
    if isinstance(fields.get("settings"), dict):
        given["settings"] = write(merged(read(old.settings), fields["settings"], store.generation))
    texts = {name: str(fields[name]) for name in ("name", "description") if fields.get(name) is not None}
    return replace(old, **given, **texts)  # type: ignore[arg-type]


def _complete(store: Store, fields: Body) -> None:
    """Bind credentials and add what a saved node must have."""
    bind_credentials(fields["nodes"], credentials=list(store.credentials.values()), generation=store.generation)
    _add_ids(store, fields["nodes"], webhooks=store.generation is Generation.V2)


def _add_ids(store: Store, nodes: Json, *, webhooks: bool = True) -> None:
    """Give every node without an id a new one - again at every save - and webhook nodes a webhookId."""
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict):
            if not node.get("id"):
                node["id"] = store.identifiers.long()
            if webhooks and not node.get("webhookId") and has_webhook(str(node.get("type"))):
                node["webhookId"] = store.identifiers.long()


def _check(nodes: Json, connections: Json, groups: Json) -> None:
    check_structure(nodes=nodes, connections=connections)
    if isinstance(nodes, list) and isinstance(groups, list):
        check_node_groups(nodes=nodes, groups=groups)


def _check_name(name: Json) -> None:
    if not 1 <= len(str(name)) <= 128:
        raise bad_request(_NAME_LENGTH)
