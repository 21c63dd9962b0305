"""What a version of a workflow says, and what an instance holds of it, as digests that can be compared later."""

from collections.abc import Mapping

from workflowops.core.canonical import canonicalize, digests
from workflowops.core.json import Json, canonical_text, sha256
from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.plan import CREATED_PREFIX, Content, Held


def content_of(document: Mapping[str, Json]) -> Content:
    """Digest a version of a workflow; raises ValueError where it is nested too deeply to be read."""
    try:
        form = canonicalize(document)
        hashes = digests(form)
        return Content(logic=hashes.logic, layout=hashes.layout, graph=_graph_of(document), references=form.references)
    except RecursionError as error:
        raise ValueError("It is nested too deeply to be read.") from error


def held_of(live: ListedWorkflow) -> Held:
    """Digest what an instance holds of a workflow; raises ValueError where it cannot be read."""
    draft = content_of(live.document())
    published = live.published()
    running = draft if live.active else None
    return Held(
        workflow_id=live.id,
        draft=draft,
        published=running if published is None else content_of(published),
        is_active=live.active,
        is_archived=live.is_archived,
        tags=live.tags,
        version_id=live.version_id,
        published_version_id=live.published_version_id,
    )


def says_the_same(one: Content, other: Content) -> bool:
    """Say whether two versions mean the same to whoever runs them; where nodes stand on the canvas does not count."""
    return one.logic == other.logic and one.references == other.references


def with_ids_of_created(content: Content, ids: Mapping[str, str]) -> Content:
    """Answer the content with the n8n ids of created workflows; `ids` is canonical id -> n8n id."""
    references = _settled(content.references, {f"{CREATED_PREFIX}{each}": known for each, known in ids.items()})
    return Content(
        logic=content.logic,
        layout=content.layout,
        graph=content.graph,
        references=references if isinstance(references, dict) else {},
    )


def _graph_of(document: Mapping[str, Json]) -> str:
    """Digest nodes and connections as they stand, so that settings, which take effect at once, leave it as it is."""
    logic = canonicalize({key: document.get(key) for key in ("nodes", "connections")}).logic
    return sha256(canonical_text({key: value for key, value in logic.items() if key not in ("name", "settings")}))


def _settled(value: Json, ids: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {key: _settled(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [*sorted(str(_settled(item, ids)) for item in value)]
    return ids.get(value, value) if isinstance(value, str) else value
