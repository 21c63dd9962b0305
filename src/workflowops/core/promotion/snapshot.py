"""Snapshots: every workflow of an instance as files, which are diffed by people and read again by a rollback."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Raw

from workflowops.core.json import Json, JsonObject, canonical_text, parse, sha256
from workflowops.core.listing import Graph, ListedWorkflow
from workflowops.errors import StateError

SNAPSHOT_FORM = 1
"""Stands in every snapshot. A newer one is refused."""

OVERVIEW_PATH = "snapshot.json"
FOLDER = "workflows/"

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotWorkflow:
    """A workflow as the instance held it.

    `document` is the draft and `published` what ran, both as `ListedWorkflow` answers them; `published` is None where
    nothing was published or the server keeps no versions.
    """

    id: str
    name: str
    active: bool
    is_archived: bool
    tags: tuple[str, ...]
    version_id: str | None
    published_version_id: str | None
    document: dict[str, Json]
    published: dict[str, Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All workflows of an instance at one time, by their ids there. `taken_at` is ISO 8601 in UTC.

    `unread` are the ids of workflows that were there and could not be read: nothing else is known of them.
    """

    promotion_id: str
    environment: str
    taken_at: str
    workflows: Mapping[str, SnapshotWorkflow]
    unread: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot that was pushed: the name of its tag, and the commit that the tag names. A tag can be moved."""

    name: str
    commit: str


def snapshot_names(promotion_id: str, moment: str, *, most: int = 100) -> Iterator[str]:
    """Answer the names to try for a snapshot, in order: `promo-7-pre`, then `promo-7-pre-2` and so on.

    `moment` is `pre` or `post`. A run that ended between its snapshot and its record has used a name, and what it saved
    is not what the next run finds: a snapshot is never changed, so the next run takes the next name.
    """
    yield f"{promotion_id}-{moment}"
    yield from (f"{promotion_id}-{moment}-{number}" for number in range(2, most))


def snapshot_files(
    listed: Iterable[ListedWorkflow],
    *,
    environment: str,
    promotion_id: str,
    taken_at: str,
    unread: Iterable[str] = (),
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a snapshot as (path, content), one a workflow and at last an overview that counts them.

    `unread` are the ids of workflows that are there and could not be read; only that is kept of them.

    Nodes, connections and settings are n8n's own text, every member on a line of its own. Owners, e-mail addresses,
    static and pinned data are not among what was listed, and so in no file. Nothing is decoded and one workflow is held
    at a time. The same workflows give the same files, in whatever order they come. Raises StateError when two have one
    id, because one of them would be lost.
    """
    seen: set[str] = set()
    for each in listed:
        if each.id in seen:
            raise StateError(
                f"The list of {environment} has the workflow {each.id} twice.",
                fix="Run again; if it stays so, ask n8n's list of workflows for that id.",
            )
        seen.add(each.id)
        yield workflow_path(each.id), _workflow_text(each)
    overview = {
        "form": SNAPSHOT_FORM,
        "promotion_id": promotion_id,
        "environment": environment,
        "taken_at": taken_at,
        "workflow_count": len(seen),
        "workflow_ids_sha256": _fingerprint(seen),
        "unread": sorted(set(unread)),
    }
    yield OVERVIEW_PATH, msgspec.json.format(msgspec.json.encode(overview), indent=1) + b"\n"


def read_snapshot(files: Mapping[str, bytes]) -> Snapshot:
    """Read a snapshot again. Raises StateError when it is of a newer form, incomplete, or not a snapshot of ours."""
    overview = _overview(files.get(OVERVIEW_PATH))
    workflows: dict[str, SnapshotWorkflow] = {}
    for path, content in files.items():
        if path.startswith(FOLDER):
            workflow = _workflow(content, path=path)
            if workflow.id in workflows or workflow_path(workflow.id) != path:
                raise _unreadable(path, f"it holds the workflow {workflow.id}, which belongs elsewhere")
            workflows[workflow.id] = workflow
    if len(workflows) != overview.workflow_count or _fingerprint(workflows) != overview.workflow_ids_sha256:
        told = f"it names {overview.workflow_count} workflows and {len(workflows)} are there, or not the same ones"
        raise _unreadable(OVERVIEW_PATH, told)
    return Snapshot(
        promotion_id=overview.promotion_id,
        environment=overview.environment,
        taken_at=overview.taken_at,
        workflows=MappingProxyType(workflows),
        unread=frozenset(overview.unread),
    )


def workflow_path(workflow_id: str) -> str:
    """Answer where a workflow lies in a snapshot; an id that cannot be part of a path is replaced by its digest."""
    name = workflow_id if _PLAIN_ID.fullmatch(workflow_id) else f"~{sha256(canonical_text(workflow_id))[:32]}"
    return f"{FOLDER}{name}.json"


class _Overview(msgspec.Struct):
    form: int
    promotion_id: str
    environment: str
    taken_at: str
    workflow_count: int
    workflow_ids_sha256: str
    unread: list[str] = []


def _fingerprint(ids: Iterable[str]) -> str:
    return sha256(canonical_text(sorted(ids)))


def _workflow_text(each: ListedWorkflow) -> bytes:
    """Put a workflow together from n8n's own texts; what ran is written once where it is the draft."""
    labels = {
        "id": each.id,
        "name": each.name,
        "active": each.active,
        "isArchived": each.is_archived,
        "tags": each.tags,
        "versionId": each.version_id,
        "publishedVersionId": each.published_version_id,
    }
    ran = each.published_graph
    is_draft = ran is not None and _is_same(ran, each.draft)
    pieces = [msgspec.json.encode(labels)[:-1], b',"settings":', each.settings, *_graph_pieces(each.draft)]
    pieces.append(b',"publishedIsDraft":true' if is_draft else b',"publishedIsDraft":false')
    if ran is not None and not is_draft:
        first, *rest = _graph_pieces(ran)
        pieces += [b',"published":{', bytes(first)[1:], *rest, b"}"]
    return _lines(b"".join(memoryview(piece) for piece in (*pieces, b"}")))


def _graph_pieces(graph: Graph) -> list[bytes | Raw]:
    groups = [] if graph.groups is None else [b',"nodeGroups":', graph.groups]
    return [b',"nodes":', graph.nodes, b',"connections":', graph.connections, *groups]


def _is_same(one: Graph, other: Graph) -> bool:
    if one is other:
        return True
    if (one.groups is None) != (other.groups is None):
        return False
    pairs = [(one.nodes, other.nodes), (one.connections, other.connections)]
    if one.groups is not None and other.groups is not None:
        pairs.append((one.groups, other.groups))
    return all(memoryview(mine) == memoryview(theirs) for mine, theirs in pairs)


def _lines(text: bytes) -> bytes:
    """Put every member on a line of its own, where the text can be followed; else leave it as n8n wrote it."""
    try:
        return msgspec.json.format(text, indent=1) + b"\n"
    except (ValueError, RecursionError):
        return text + b"\n"


def _overview(content: bytes | None) -> _Overview:
    if content is None:
        raise _unreadable(OVERVIEW_PATH, "it is not there")
    try:
        form = msgspec.json.decode(content, type=dict[str, Any]).get("form")
        if isinstance(form, int) and form > SNAPSHOT_FORM:
            raise StateError(
                f"The snapshot has form {form}; this program reads up to {SNAPSHOT_FORM}.",
                fix="Use the WorkflowOps version that made it, or a newer one. Nothing was changed.",
            )
        return msgspec.json.decode(content, type=_Overview)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(OVERVIEW_PATH, str(error)) from error


class _Labels(msgspec.Struct, rename="camel"):
    id: str
    name: str
    active: bool
    is_archived: bool
    tags: tuple[str, ...]
    version_id: str | None
    published_version_id: str | None
    published_is_draft: bool
    nodes: list[Any]
    connections: JsonObject
    settings: JsonObject
    published: JsonObject | None = None


def _workflow(content: bytes, *, path: str) -> SnapshotWorkflow:
    try:
        found = parse(content)
        if not isinstance(found, dict):
            raise ValueError("it is no object")
        known = msgspec.convert(found, type=_Labels)
    except ValueError as error:
        raise _unreadable(path, str(error)) from error
    base: dict[str, Json] = {"name": known.name, "active": known.active, "tags": [*known.tags]}
    base["settings"] = known.settings
    graph: dict[str, Json] = {key: found[key] for key in ("nodes", "connections", "nodeGroups") if key in found}
    ran = graph if known.published_is_draft else known.published
    return SnapshotWorkflow(
        id=known.id,
        name=known.name,
        active=known.active,
        is_archived=known.is_archived,
        tags=known.tags,
        version_id=known.version_id,
        published_version_id=known.published_version_id,
        document=base | graph,
        published=None if ran is None else base | ran,
    )


def _unreadable(path: str, why: str) -> StateError:
    return StateError(
        f"{path} of the snapshot cannot be read: {why}.",
        fix="Somebody changed the commit behind its tag. Restore the tag from another clone; nothing was changed.",
    )
