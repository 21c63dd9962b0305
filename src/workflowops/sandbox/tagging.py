"""Tags: unique names, and which workflow carries which."""

from collections.abc import Sequence
from dataclasses import replace

from workflowops.sandbox.records import Tag, Workflow
from workflowops.sandbox.refusal import Refused, not_found
from workflowops.sandbox.store import Store

_LONGEST_NAME = 24


def create_tag(store: Store, name: str) -> Tag:
    """Add a tag. Raises Refused (409) for a name that is taken, empty or too long: n8n tells these three alike."""
    tag = Tag(store.identifiers.short(), _checked(store, name), created_at=(now := store.now()), updated_at=now)
    store.tags[tag.id] = tag
    return tag


def rename_tag(store: Store, tag_id: str, name: str) -> Tag:
    """Rename a tag; every workflow that carries it shows the new name. Raises Refused."""
    tag = store.tags.get(tag_id)
    if tag is None:
        raise not_found()
    renamed = replace(tag, name=_checked(store, name, but=tag_id), updated_at=store.now())
    store.tags[tag_id] = renamed
    store.forget_encoded()
    return renamed


def delete_tag(store: Store, tag_id: str) -> Tag:
    """Remove a tag from the instance and from every workflow. Raises Refused (404)."""
    tag = store.tags.get(tag_id)
    if tag is None:
        raise not_found()
    for row in list(store.rows()):
        if tag_id in row.tag_ids:
            store.put(replace(row, tag_ids=tuple(other for other in row.tag_ids if other != tag_id)))
    del store.tags[tag_id]
    return tag


def set_workflow_tags(store: Store, workflow_id: str, tag_ids: Sequence[str]) -> Workflow:
    """Give a workflow exactly these tags; nothing else of it changes, not even updatedAt. Raises Refused (404)."""
    row = store.get(workflow_id)
    if len(set(tag_ids)) < len(tag_ids) or not set(tag_ids) <= store.tags.keys():
        raise not_found("Some tags not found")
    return store.put(replace(row, tag_ids=tuple(tag_ids)))


def _checked(store: Store, name: str, *, but: str | None = None) -> str:
    name = name.strip()
    taken = any(tag.name == name and tag.id != but for tag in store.tags.values())
    if taken or not 1 <= len(name) <= _LONGEST_NAME:
        raise Refused(409, "Tag already exists")
    return name
