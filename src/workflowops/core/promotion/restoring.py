"""How a workflow of the target is put back to what it was: the steps, decided from what it was and what it is."""

from collections.abc import Mapping
from dataclasses import dataclass

from workflowops.core.abilities import Abilities
from workflowops.core.canonical import canonicalize, digests
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.localization import WRITTEN
from workflowops.core.promotion.snapshot import SnapshotWorkflow
from workflowops.core.promotion.writable import Writable, writable_on, written_settings


@dataclass(frozen=True, slots=True)
class Unarchive:
    """Take it back; nothing of it runs."""


@dataclass(frozen=True, slots=True)
class Write:
    """Write a document; unless `as_draft`, it runs at once where the workflow is active."""

    document: Mapping[str, Json]
    as_draft: bool


@dataclass(frozen=True, slots=True)
class Publish:
    """Let a version run, the draft's own where None is given."""

    version_id: str | None


@dataclass(frozen=True, slots=True)
class Unpublish:
    """Let nothing of it run."""


@dataclass(frozen=True, slots=True)
class SetTags:
    """Give it exactly these tags."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Archive:
    """Put it away."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove it for good."""


Step = Unarchive | Write | Publish | Unpublish | SetTags | Archive | Delete


def held_now(listed: ListedWorkflow) -> SnapshotWorkflow:
    """Answer what was read just now in the form in which a snapshot holds it; raises ValueError for what is no JSON."""
    return SnapshotWorkflow(
        id=listed.id,
        name=listed.name,
        active=listed.active,
        is_archived=listed.is_archived,
        tags=listed.tags,
        version_id=listed.version_id,
        published_version_id=listed.published_version_id,
        document=listed.document(),
        published=listed.published(),
    )


def is_as_it_was(former: SnapshotWorkflow, now: SnapshotWorkflow) -> bool:
    """Say whether a workflow is what it was, down to the ids of its credentials and webhooks.

    Version ids do not count: n8n gives a draft that was put back a new one.
    """
    return (
        former.active == now.active
        and former.is_archived == now.is_archived
        and set(former.tags) == set(now.tags)
        and _is_same(former.document, now.document)
        and (not former.active or _runs_the_same(former, now))
    )


def steps_back(
    former: SnapshotWorkflow | None,
    now: SnapshotWorkflow,
    *,
    abilities: Abilities | None,
    is_version_lost: bool = False,
) -> tuple[Step, ...]:
    """Answer what makes `now` what it was: nothing where it is that, its removal where it was not there.

    What ran comes first: that version is published again by its id, then the draft is written. With `is_version_lost`
    n8n has that version no longer: its content is written and published before the draft is put back over it. Where
    the server cannot save a draft, what ran comes before what the editor showed, and a draft that was ahead of it
    cannot be put back.
    """
    if former is None:
        return (*((Unpublish(),) if now.active else ()), Delete())
    tags: tuple[Step, ...] = () if set(former.tags) == set(now.tags) else (SetTags(former.tags),)
    content = _content_back(former, now, abilities, is_version_lost=is_version_lost)
    if former.is_archived:
        is_moved = bool(content) or not now.is_archived
        before: tuple[Step, ...] = (Unarchive(),) if now.is_archived and content else ()
        return (*before, *content, *tags, *((Archive(),) if is_moved else ()))
    return (*((Unarchive(),) if now.is_archived else ()), *content, *tags)


def former_document(
    document: Mapping[str, Json], *, now: Mapping[str, Json], abilities: Abilities | None
) -> dict[str, Json]:
    """Answer what is sent so that n8n holds a document it held before, over what it holds now.

    A credential without an id is sent with an id of null: n8n would bind it to any other of its type.
    """
    writable = writable_on(abilities, live=now)
    given, live = _object(document.get("settings")), _object(now.get("settings"))
    settings = written_settings(given, live=live, writable=writable, is_update=True)
    sent = {key: document[key] for key in WRITTEN if key in document}
    if not writable.node_groups:
        sent.pop("nodeGroups", None)
    nodes = document.get("nodes")
    if isinstance(nodes, list):
        sent["nodes"] = [_node(node, writable) if isinstance(node, dict) else node for node in nodes]
    return {**sent, "settings": settings.written}


def _content_back(
    former: SnapshotWorkflow, now: SnapshotWorkflow, abilities: Abilities | None, *, is_version_lost: bool
) -> tuple[Step, ...]:
    saves_drafts = abilities is not None and abilities.publish_if_active
    is_running = now.active and not now.is_archived
    document = former_document(former.document, now=now.document, abilities=abilities)
    if not former.active:
        written = () if _is_same(former.document, now.document) else (Write(document, as_draft=saves_drafts),)
        return (*((Unpublish(),) if is_running else ()), *written)
    ran = former.published or former.document
    runs_the_same = is_running and _runs_the_same(former, now)
    if not saves_drafts:
        document = former_document(ran, now=now.document, abilities=abilities)
        is_there = _is_same(ran, now.document) and (runs_the_same or not is_running)
        return (
            *(() if is_there else (Write(document, as_draft=False),)),
            *(() if is_running else (Publish(None),)),
        )
    if is_version_lost and not runs_the_same:
        running = former_document(ran, now=now.document, abilities=abilities)
        again = () if _is_same(ran, former.document) else (Write(document, as_draft=True),)
        return (Write(running, as_draft=True), Publish(None), *again)
    draft = () if _is_same(former.document, now.document) else (Write(document, as_draft=True),)
    published = () if runs_the_same else (Publish(former.published_version_id),)
    return (*draft, *published) if former.published_version_id is None else (*published, *draft)


def _runs_the_same(former: SnapshotWorkflow, now: SnapshotWorkflow) -> bool:
    """Say whether what runs is what ran; on a server without versions that is the only version there is."""
    if not now.active:
        return False
    ran, runs = former.published or former.document, now.published or now.document
    return _graph(ran) == _graph(runs)


def _is_same(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    return digests(canonicalize(one)) == digests(canonicalize(other))


def _graph(document: Mapping[str, Json]) -> object:
    """Answer what a published version holds: nodes with their ids of credentials and webhooks, and connections."""
    return digests(canonicalize({key: document.get(key) for key in ("nodes", "connections")}))


def _node(node: Mapping[str, Json], writable: Writable) -> dict[str, Json]:
    kept = {key: value for key, value in node.items() if key in writable.node_keys}
    credentials = kept.get("credentials")
    if isinstance(credentials, dict):
        kept["credentials"] = {kind: _credential(value) for kind, value in credentials.items()}
    return kept


def _credential(reference: Json) -> Json:
    return {"id": None, **reference} if isinstance(reference, dict) else reference


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
