"""What runs: publishing, unpublishing, archiving and deleting, by the rules of each generation."""

from dataclasses import dataclass, replace

from workflowops.core.json import Json
from workflowops.sandbox.checks import check_publishable, trigger_count
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.javascript import read, write
from workflowops.sandbox.records import Version, Workflow, whole_second
from workflowops.sandbox.refusal import Refused, bad_request
from workflowops.sandbox.store import Store
from workflowops.sandbox.webhooks import addresses

_NO_PERMISSION = "You do not have permission to {} this workflow. Ask the owner to share it with you."
_SCHEDULE = "n8n-nodes-base.scheduleTrigger"


@dataclass(frozen=True, slots=True)
class Label:
    """What a person may write on a version when publishing it."""

    name: str | None = None
    description: str | None = None


def publish(store: Store, workflow_id: str, *, version_id: str | None = None, label: Label | None = None) -> Workflow:
    """Make a version the one that runs; the draft's own when none is named. Raises Refused, and then changes nothing.

    Triggers register a moment later on the real 2.x; here they have by the next request.
    """
    is_1 = store.generation is Generation.V1
    row = store.get(workflow_id, otherwise="Not Found" if is_1 else _NO_PERMISSION.format("activate"))
    if row.is_archived:
        raise bad_request("Cannot activate an archived workflow.")
    version = store.version(row.id, version_id or row.version_id)
    check_publishable(store, row, read(version.nodes))
    if label is not None and (label.name is not None or label.description is not None):
        version = store.add_version(_labelled(version, label, now=whole_second(store.clock())))
    return force_publish(store, row, version)


def force_publish(store: Store, row: Workflow, version: Version) -> Workflow:
    """Make a version the one that runs, unchecked; answers the row as the request that did it sees it."""
    if row.active_version is not None and row.active_version != version:
        store.record(row, row.active_version.version_id, "deactivated")
    store.record(row, version.version_id, "activated")
    published = replace(row, active_version=version)
    store.leaving.discard(row.id)
    nodes = read(version.nodes)
    store.hold_webhooks(row.id, [address for _, address in addresses(nodes, workflow_id=row.id)])
    steps = 3 if store.generation is Generation.V1 and row.active_version is None else 0
    store.put(
        replace(
            published,
            trigger_count=trigger_count(nodes, store.generation),
            static_data=_with_schedules(row.static_data, nodes),
            version_counter=row.version_counter + steps,
        )
    )
    return published


def republish_on_1(store: Store, row: Workflow, *, old_version_id: str) -> Workflow:
    """1.x after a save: it goes live at once; when it cannot, it is left inactive under its old version id."""
    try:
        check_publishable(store, row, read(row.nodes))
    except Refused:
        store.release_webhooks(row.id)
        store.put(
            replace(
                row,
                active_version=None,
                version_id=old_version_id,
                version_counter=row.version_counter + 1,
                updated_at=whole_second(store.clock()),
            )
        )
        raise
    return force_publish(store, row, store.version(row.id, row.version_id))


def unpublish(store: Store, workflow_id: str) -> Workflow:
    """Let nothing run; a workflow that does not run stays as it is."""
    is_1 = store.generation is Generation.V1
    row = store.get(workflow_id, otherwise="Not Found" if is_1 else _NO_PERMISSION.format("deactivate"))
    if row.active_version is None:
        return row
    store.record(row, row.active_version.version_id, "deactivated")
    store.release_webhooks(row.id)
    if not is_1:
        store.leaving.add(row.id)
    return store.put(replace(row, active_version=None, version_counter=row.version_counter + is_1))


def archive(store: Store, workflow_id: str) -> Workflow:
    """Unpublish and put away; a new version id although nothing in it changed. Archived already: nothing happens."""
    row = store.get(workflow_id, otherwise="Workflow not found")
    if row.is_archived:
        return row
    row = unpublish(store, workflow_id)
    return _set_aside(store, replace(row, is_archived=True, updated_at=whole_second(store.clock())))


def unarchive(store: Store, workflow_id: str) -> Workflow:
    """Bring back an archived workflow, unpublished. Raises Refused for any other."""
    row = store.get(workflow_id, otherwise="Workflow not found")
    if not row.is_archived:
        raise bad_request("Workflow is not archived.")
    return _set_aside(store, replace(row, is_archived=False, updated_at=whole_second(store.clock())))


def delete(store: Store, workflow_id: str) -> Workflow:
    """Remove a workflow for good. 2.x refuses while it is published; 1.x does not ask.

    The real 2.x takes triggers down about 0.1 s after it answered an unpublish, and refuses until then. Here the first
    attempt after an unpublish is the one that comes too early.
    """
    row = store.get(workflow_id)
    if store.generation is Generation.V2 and row.active_version is not None:
        raise Refused(409, "Cannot delete a published workflow. Unpublish it before deleting.")
    if row.id in store.leaving:
        store.leaving.discard(row.id)
        raise Refused(409, "Workflow is still being unpublished. Please try again in a few moments.")
    store.drop(workflow_id)
    return row


def _labelled(version: Version, label: Label, *, now: str) -> Version:
    name = version.name if label.name is None else label.name
    description = version.description if label.description is None else label.description
    return replace(version, name=name, description=description, updated_at=now)


def _set_aside(store: Store, row: Workflow) -> Workflow:
    row = replace(row, version_id=store.identifiers.long())
    now = store.now()
    store.add_version(
        Version(row.version_id, row.id, row.nodes, row.connections, row.node_groups, created_at=now, updated_at=now)
    )
    return store.put(row)


def _with_schedules(static_data: bytes, nodes: Json) -> bytes:
    """The schedule trigger keeps its rules in the workflow's static data, which so changes without a save."""
    names = [
        str(node.get("name"))
        for node in (nodes if isinstance(nodes, list) else [])
        if isinstance(node, dict) and node.get("type") == _SCHEDULE and node.get("disabled") is not True
    ]
    if not names:
        return static_data
    held = read(static_data)
    kept = held if isinstance(held, dict) else {}
    return write({**{f"node:{name}": {"recurrenceRules": []} for name in names}, **kept})
