"""Entries of n8n's list of workflows as they travel: the fields that are read, strictly first, then leniently."""

import json

import msgspec
from msgspec import Raw

from workflowops.core.json import Json, parse
from workflowops.core.slices import split_object

ABSENT = Raw(b"")


class Tag(msgspec.Struct):
    """A tag; its id and dates are the instance's own business."""

    name: str


class Version(msgspec.Struct, rename="camel"):
    """The published version inside an entry."""

    nodes: Raw
    connections: Raw
    node_groups: Raw = ABSENT
    version_id: str | None = None


class Entry(msgspec.Struct, rename="camel"):
    """What is read of a workflow. The texts are neither decoded nor checked here."""

    id: str
    name: str
    active: bool
    nodes: Raw
    connections: Raw
    node_groups: Raw = ABSENT
    settings: Raw = ABSENT
    updated_at: str | None = None
    is_archived: bool | None = False
    version_id: str | None = None
    tags: list[Tag] | None = None
    active_version: Version | None = None


def lenient_entry(members: dict[str, bytes]) -> Entry:
    """Read an entry whose fields are of other types than n8n's, where there is one way to understand them.

    Raises ValueError, with half a sentence that names the field, where there is none.
    """
    identity = label(members.get("id"))
    name = parse(members.get("name", b"null"))
    active = parse(members.get("active", b"null"))
    if not identity or not isinstance(name, str) or not isinstance(active, bool):
        wrong = "id" if not identity else "name" if not isinstance(name, str) else "active"
        raise ValueError(f"its `{wrong}` is missing or of a wrong type.")
    return Entry(
        id=identity,
        name=_printable(name),
        active=active,
        nodes=_raw(members, "nodes"),
        connections=_raw(members, "connections"),
        node_groups=_raw(members, "nodeGroups"),
        settings=_raw(members, "settings"),
        updated_at=label(members.get("updatedAt")),
        is_archived=parse(members.get("isArchived", b"false")) is True,
        version_id=label(members.get("versionId")),
        tags=_tags(parse(members.get("tags", b"null"))),
        active_version=_version(members.get("activeVersion", b"null")),
    )


def label(text: bytes | None) -> str | None:
    """Read an id or a name. Old instances number their workflows; half an emoji cannot be printed and is replaced."""
    try:
        value = json.loads(text or b"null")
    except (ValueError, RecursionError):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _printable(value) if isinstance(value, str) else None


def _printable(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _tags(value: Json) -> list[Tag]:
    if not isinstance(value, list | None):
        raise ValueError("its `tags` are no list.")
    names = [tag.get("name") if isinstance(tag, dict) else tag for tag in value or ()]
    if not all(isinstance(name, str) for name in names):
        raise ValueError("one of its `tags` has no name.")
    return [Tag(_printable(str(name))) for name in names]


def _version(text: bytes) -> Version | None:
    if text == b"null":
        return None
    members = split_object(text)
    return Version(_raw(members, "nodes"), _raw(members, "connections"), _raw(members, "nodeGroups"))


def _raw(members: dict[str, bytes], key: str) -> Raw:
    return Raw(members.get(key, b""))
