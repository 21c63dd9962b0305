"""The answers: which fields of a workflow each endpoint shows, in the order of the real server."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from workflowops.sandbox.generation import Generation
from workflowops.sandbox.javascript import write
from workflowops.sandbox.records import Credential, DataTable, Tag, Version, Workflow
from workflowops.sandbox.store import Store


class View(StrEnum):
    """The occasion on which a workflow is shown."""

    LIST = "list"
    GET = "get"
    CREATED = "created"
    UPDATED = "updated"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    DELETED = "deleted"


_GET_2 = tuple(
    "id name description active activeVersionId createdAt updatedAt isArchived versionId versionCounter "  # noqa: SIM905
    "sourceWorkflowId triggerCount nodes connections nodeGroups settings staticData pinData meta tags shared "
    "activeVersion".split()
)
_GET_1 = tuple(
    "updatedAt createdAt id name description active isArchived nodes connections settings staticData meta "  # noqa: SIM905
    "pinData versionId activeVersionId versionCounter triggerCount shared tags activeVersion".split()
)


def _without(names: Iterable[str], *dropped: str) -> tuple[str, ...]:
    return tuple(name for name in names if name not in dropped)


_FIELDS: Mapping[Generation, Mapping[View, tuple[str, ...]]] = {
    Generation.V2: {
        View.LIST: _without(_GET_2, "description", "versionCounter", "sourceWorkflowId"),
        View.GET: _GET_2,
        View.CREATED: (*_GET_2, "parentFolder"),
        View.UPDATED: _without(_GET_2, "shared"),
        View.PUBLISHED: _without(_GET_2, "tags", "shared"),
        View.UNPUBLISHED: _without(_GET_2, "tags"),
        View.DELETED: _without(_GET_2, "tags", "activeVersion"),
    },
    Generation.V1: {
        View.LIST: _without(_GET_1, "description", "versionCounter"),
        View.GET: _GET_1,
        View.CREATED: _without(_GET_1, "shared", "tags", "activeVersion"),
        View.UPDATED: _without(_GET_1, "shared", "activeVersion"),
        View.PUBLISHED: _without(_GET_1, "tags", "shared"),
        View.UNPUBLISHED: _without(_GET_1, "tags"),
        View.DELETED: _without(_GET_1, "tags", "activeVersion"),
    },
}


def render(workflow: Workflow, store: Store, view: View, *, excludes_pin_data: bool = False) -> bytes:
    """Encode a workflow as the endpoint answers it; list items are remembered as long as the row stays."""
    if view is View.LIST:
        return store.encoded(
            workflow,
            lambda: _render(workflow, store, view, excludes_pin_data=excludes_pin_data),
            excludes_pin_data=excludes_pin_data,
        )
    return _render(workflow, store, view, excludes_pin_data=excludes_pin_data)


def _render(workflow: Workflow, store: Store, view: View, *, excludes_pin_data: bool) -> bytes:
    columns = _columns(workflow, store, view)
    names = _FIELDS[store.generation][view]
    shown = (name for name in names if not (excludes_pin_data and name == "pinData"))
    return b"{" + b",".join(b'"' + name.encode() + b'":' + columns[name] for name in shown) + b"}"


def _columns(workflow: Workflow, store: Store, view: View) -> dict[str, bytes]:
    published = workflow.active_version
    full = view is not View.LIST
    plain = {
        "id": workflow.id,
        "name": workflow.name,
        "description": workflow.description,
        "active": published is not None,
        "activeVersionId": None if published is None else published.version_id,
        "createdAt": workflow.created_at,
        "updatedAt": workflow.updated_at,
        "isArchived": workflow.is_archived,
        "versionId": workflow.version_id,
        "versionCounter": workflow.version_counter,
        "sourceWorkflowId": None,
        "triggerCount": workflow.trigger_count,
        "tags": [tag_document(store.tags[tag_id]) for tag_id in workflow.tag_ids],
        "shared": [_shared(workflow, store, full=full)],
        "parentFolder": None,
    }
    return {name: write(value) for name, value in plain.items()} | {
        "nodes": workflow.nodes,
        "connections": workflow.connections,
        "nodeGroups": workflow.node_groups,
        "settings": workflow.settings,
        "staticData": workflow.static_data,
        "pinData": workflow.pin_data,
        "meta": workflow.meta,
        "activeVersion": b"null" if published is None else _active_version(published, store, full=full),
    }


def _active_version(version: Version, store: Store, *, full: bool) -> bytes:
    if store.generation is Generation.V1:
        return render_version(version, store)
    history = [
        {
            "id": event.id,
            "workflowId": event.workflow_id,
            "versionId": event.version_id,
            "event": event.event,
            "userId": store.owner.user_id,
            "createdAt": event.created_at,
        }
        for event in (store.events(version) if full else ())
    ]
    tail = b',"autosaved":false' + (b',"workflowPublishHistory":' + write(history) if full else b"") + b"}"
    return render_version(version, store).removesuffix(b"}") + tail


def render_version(version: Version, store: Store) -> bytes:
    """Encode a version with its nodes and connections."""
    groups = b',"nodeGroups":' + version.node_groups if store.generation is Generation.V2 else b""
    outline = write(version_document(version, store)).removesuffix(b"}")
    return outline + b',"nodes":' + version.nodes + b',"connections":' + version.connections + groups + b"}"


def version_document(version: Version, store: Store) -> dict[str, object]:
    """A version as the history lists it."""
    return {
        "versionId": version.version_id,
        "workflowId": version.workflow_id,
        "authors": store.owner.name,
        "name": version.name,
        "description": version.description,
        "createdAt": version.created_at,
        "updatedAt": version.updated_at,
    }


def tag_document(tag: Tag) -> dict[str, object]:
    """A tag as every endpoint shows it."""
    return {"id": tag.id, "name": tag.name, "createdAt": tag.created_at, "updatedAt": tag.updated_at}


def credential_document(credential: Credential) -> dict[str, object]:
    """A credential as its own endpoints show it: never its data."""
    return {
        "id": credential.id,
        "name": credential.name,
        "type": credential.type,
        "isManaged": False,
        "isGlobal": False,
        "createdAt": credential.created_at,
        "updatedAt": credential.updated_at,
    }


def data_table_document(table: DataTable, store: Store) -> dict[str, object]:
    """A data table as the list shows it: with its columns, without a row."""
    times = {"updatedAt": table.updated_at, "createdAt": table.created_at}
    columns = [
        {**times, "id": f"{table.id}-{index}", "name": name, "type": kind, "index": index}
        for index, (name, kind) in enumerate(table.columns)
    ]
    own = {"id": table.id, "name": table.name, "projectId": store.owner.project_id}
    return {**times, **own, "columns": columns, "sizeBytes": 4096}


def listed_credential_document(credential: Credential, store: Store) -> dict[str, object]:
    """A credential as the list shows it, with the person it belongs to."""
    share = {
        "id": store.owner.project_id,
        "name": f"{store.owner.name} <{store.owner.email}>",
        "role": "credential:owner",
        "createdAt": credential.created_at,
        "updatedAt": credential.created_at,
    }
    document = credential_document(credential)
    return {name: document[name] for name in ("id", "name", "type", "createdAt", "updatedAt")} | {"shared": [share]}


def _shared(workflow: Workflow, store: Store, *, full: bool) -> dict[str, object]:
    """Whose workflow it is. Everywhere but in the list it names the owner, on 1.x with e-mail and settings."""
    share: dict[str, object] = {
        "role": "workflow:owner",
        "workflowId": workflow.id,
        "projectId": store.owner.project_id,
    }
    times: dict[str, object] = {"createdAt": workflow.created_at, "updatedAt": workflow.created_at}
    if not full:
        return share | times
    owner = store.owner
    project: dict[str, object] = {
        "id": owner.project_id,
        "name": f"{owner.name} <{owner.email}>",
        "type": "personal",
        "icon": None,
        "description": None,
        "creatorId": owner.user_id,
        "createdAt": owner.since,
        "updatedAt": owner.since,
    }
    if store.generation is Generation.V1:
        user = {
            "id": owner.user_id,
            "email": owner.email,
            "firstName": owner.first_name,
            "lastName": owner.last_name,
            "settings": {"userActivated": False},
            "mfaEnabled": False,
            "lastActiveAt": store.now()[:10],
        }
        project["projectRelations"] = [{"userId": owner.user_id, "projectId": owner.project_id, "user": user}]
    return share | {"project": project} | times
