"""Pages of n8n's list of workflows, split without decoding what is inside the workflows."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import msgspec
from msgspec import Raw

from workflowops.core.entries import ABSENT, Entry, Version, label, lenient_entry
from workflowops.core.json import Json, parse
from workflowops.core.slices import split_array, split_object

_DIGEST_FORM = 1
"""Changes when the digest of the same text changes, so that digests kept from earlier are not believed."""


@dataclass(frozen=True, slots=True)
class Graph:
    """The undecoded texts of what a workflow runs; `groups` is None where the server does not know node groups."""

    nodes: Raw
    connections: Raw
    groups: Raw | None

    def kept(self) -> Self:
        """Answer a copy that owns its bytes."""
        groups = None if self.groups is None else self.groups.copy()
        return replace(self, nodes=self.nodes.copy(), connections=self.connections.copy(), groups=groups)

    def decoded(self) -> dict[str, Json]:
        """Decode the texts; raises ValueError when one of them is not JSON."""
        graph = {"nodes": _decode(self.nodes), "connections": _decode(self.connections)}
        return graph if self.groups is None else graph | {"nodeGroups": _decode(self.groups)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWorkflow:
    """One workflow as n8n answered it: labels decoded, content as text until somebody asks for it.

    The content points into the page it came on, so holding on to a workflow holds on to some megabytes: take `kept()`
    of those that outlive their page. `raw_digest` is SHA-256, in hexadecimal, over the text of everything that is
    compared (name, active, archived, tag names, settings, draft and published graph) and of nothing else, so that it
    stands still while execution counters, static data, pinned data, owners and dates move.
    """

    id: str
    name: str
    active: bool
    is_archived: bool
    updated_at: str
    version_id: str | None
    tags: tuple[str, ...]
    raw_digest: str
    draft: Graph = field(repr=False, compare=False)
    published_graph: Graph | None = field(repr=False, compare=False)
    settings: Raw = field(repr=False, compare=False)
    published_version_id: str | None = None

    def document(self) -> dict[str, Json]:
        """Decode the draft, which is what n8n's editor shows; raises ValueError when n8n's text of it is not JSON."""
        return self._document(self.draft)

    def published(self) -> dict[str, Json] | None:
        """Decode what n8n runs; None when nothing is published or the server keeps no versions."""
        return None if self.published_graph is None else self._document(self.published_graph)

    def kept(self) -> Self:
        """Answer a copy that owns its bytes and lets go of the page."""
        draft = self.draft.kept()
        published = None if self.published_graph is None else self.published_graph.kept()
        if published == draft:
            published = draft
        return replace(self, draft=draft, published_graph=published, settings=self.settings.copy())

    def _document(self, graph: Graph) -> dict[str, Json]:
        labels: dict[str, Json] = {"name": self.name, "active": self.active, "tags": list(self.tags)}
        return labels | {"settings": _decode(self.settings)} | graph.decoded()


@dataclass(frozen=True, slots=True)
class OddWorkflow:
    """An entry that could not be read, or not alone; `problem` is a sentence. It exists: nobody may call it missing."""

    id: str | None
    name: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list. `next_cursor` is None on the last one; `odd` are the entries that were set aside."""

    workflows: tuple[ListedWorkflow, ...]
    next_cursor: str | None
    odd: tuple[OddWorkflow, ...] = ()


class _Page(msgspec.Struct, rename="camel"):
    data: list[Entry]
    next_cursor: str | None = None


class _Pieces(msgspec.Struct, rename="camel"):
    data: list[Raw]
    next_cursor: str | None = None


_PAGE = msgspec.json.Decoder(_Page)
_PIECES = msgspec.json.Decoder(_Pieces)
_ENTRY = msgspec.json.Decoder(Entry)


def parse_page(body: bytes) -> Page:
    """Split one page of `GET /workflows`; raises ValueError when it is no such page, whole and well-formed.

    An odd entry is read leniently where its meaning is clear, else set aside under `odd`; it never hides the others.
    """
    try:
        page = _PAGE.decode(body)
        return Page(tuple(map(_listed, page.data)), page.next_cursor)
    except (ValueError, RecursionError):
        return _parse_one_by_one(body)


def parse_workflow(body: bytes) -> ListedWorkflow | OddWorkflow:
    """Split the answer of `GET /workflows/{id}`; raises ValueError when it is no JSON object."""
    split_object(body)
    return _parse_entry(body)


def _parse_one_by_one(body: bytes) -> Page:
    entries, next_cursor = _pieces(body)
    read = [_parse_entry(entry) for entry in entries]
    workflows = tuple(entry for entry in read if isinstance(entry, ListedWorkflow))
    return Page(workflows, next_cursor, tuple(entry for entry in read if isinstance(entry, OddWorkflow)))


def _pieces(body: bytes) -> tuple[list[bytes], str | None]:
    try:
        pieces = _PIECES.decode(body)
        return [bytes(piece) for piece in pieces.data], pieces.next_cursor
    except (ValueError, RecursionError):
        members = split_object(body)
    if "data" not in members:
        raise ValueError("The answer has no `data`.")
    cursor = parse(members.get("nextCursor", b"null"))
    if cursor is not None and not isinstance(cursor, str):
        raise ValueError("The answer's `nextCursor` is no text.")
    return split_array(members["data"]), cursor


def _parse_entry(text: bytes) -> ListedWorkflow | OddWorkflow:
    try:
        return _listed(_ENTRY.decode(text))
    except (ValueError, RecursionError):
        pass
    members = _members(text)
    identity = label(members.get("id"))
    name = label(members.get("name"))
    try:
        json.loads(text)
        return _listed(lenient_entry(members))
    except RecursionError:
        return OddWorkflow(identity, name, "It is nested too deeply to be read.")
    except ValueError as error:
        return OddWorkflow(identity, name, f"It cannot be read: {error}")


def _members(text: bytes) -> dict[str, bytes]:
    try:
        return split_object(text)
    except ValueError:
        return {}


def _listed(entry: Entry) -> ListedWorkflow:
    if not entry.id:
        raise ValueError("its `id` is empty.")
    draft = _graph(entry)
    published = None if entry.active_version is None or not entry.active else _graph(entry.active_version)
    if published is not None and published.groups is None:
        published = replace(published, groups=draft.groups)
    settings = _checked(entry.settings, b"{", "settings", default=b"{}")
    tags = tuple(sorted(tag.name for tag in entry.tags or ()))
    is_archived = entry.is_archived is True
    labels = [_DIGEST_FORM, entry.name, entry.active, is_archived, tags, published is not None]
    texts = [settings, *_texts(draft), *(() if published is None else _texts(published))]
    return ListedWorkflow(
        id=entry.id,
        name=entry.name,
        active=entry.active,
        is_archived=is_archived,
        updated_at=entry.updated_at or "",
        version_id=entry.version_id,
        tags=tags,
        raw_digest=_digest([msgspec.json.encode(labels), *texts]),
        draft=draft,
        published_graph=published,
        settings=settings,
        published_version_id=None
        if published is None or entry.active_version is None
        else entry.active_version.version_id,
    )


def _graph(source: Entry | Version) -> Graph:
    groups = source.node_groups
    return Graph(
        nodes=_checked(source.nodes, b"[", "nodes", default=None),
        connections=_checked(source.connections, b"{", "connections", default=b"{}"),
        groups=None if groups == ABSENT else _checked(groups, b"[", "nodeGroups", default=b"[]"),
    )


def _checked(text: Raw, opening: bytes, name: str, *, default: bytes | None) -> Raw:
    """Answer the text when it holds the right kind of JSON, and the default for null or nothing where there is one."""
    if memoryview(text)[:1] == opening:
        return text
    if default is not None and bytes(text) in {b"", b"null"}:
        return Raw(default)
    raise ValueError(f"its `{name}` is missing or of a wrong type.")


def _texts(graph: Graph) -> tuple[Raw, ...]:
    return (graph.nodes, graph.connections, ABSENT if graph.groups is None else graph.groups)


def _digest(texts: Sequence[Raw | bytes]) -> str:
    """Hash the texts, each behind its length, so that nothing can move from one into the next unseen."""
    digest = hashlib.sha256()
    for text in texts:
        view = memoryview(text)
        digest.update(view.nbytes.to_bytes(8, "big"))
        digest.update(view)
    return digest.hexdigest()


def _decode(text: Raw) -> Json:
    try:
        return parse(bytes(text))
    except RecursionError as error:
        raise ValueError("It is nested too deeply to be read.") from error
