"""What an n8n instance was seen to hold: one entry a workflow, digested only where it changed."""

from dataclasses import dataclass, field

from workflowops.core.canonical import Digests, canonicalize, digests, node_count
from workflowops.core.json import Json, JsonObject
from workflowops.core.listing import ListedWorkflow, OddWorkflow
from workflowops.core.records import MappedWorkflow


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedWorkflow:
    """A workflow as one listing showed it. `content_hash` and its companions are of what n8n runs.

    `is_unchanged` says that the digests were taken over from the mapping; `problem` why there are none to compare.
    """

    id: str
    name: str
    active: bool
    is_archived: bool
    tags: tuple[str, ...]
    updated_at: str
    raw_hash: str
    content_hash: str = ""
    layout_hash: str = ""
    bindings_hash: str = ""
    references: JsonObject = field(default_factory=dict)
    draft_content_hash: str | None = None
    node_count: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    is_unchanged: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A complete listing of one instance; `proven_missing` were known before and answered 404 by id."""

    workflows: tuple[ObservedWorkflow, ...]
    proven_missing: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()
    requests: int = 0


def live_document(listed: ListedWorkflow) -> dict[str, Json]:
    """Answer what n8n runs: the published version where there is one, else the only version there is."""
    return listed.published() or listed.document()


def observe(listed: ListedWorkflow, *, known: MappedWorkflow | None) -> ObservedWorkflow:
    """Digest a workflow, or take its digests over from the mapping when nothing that is compared has changed.

    A workflow whose content cannot be read is answered with a `problem`; the others are not affected.
    """
    if known is not None and known.raw_hash == listed.raw_digest and known.problem is None:
        return _taken_over(listed, known)
    try:
        return _digested(listed)
    except (ValueError, TypeError, RecursionError) as error:
        return _bare(listed, problem=f"Its content cannot be read: {error or type(error).__name__}.")


def set_aside(odd: OddWorkflow) -> ObservedWorkflow | str:
    """Answer an entry of the list that cannot be read: as a workflow with a problem, or in words when it has no id."""
    if odd.id is None:
        return f"An entry of the list without an id was set aside. {odd.problem}"
    return ObservedWorkflow(
        id=odd.id,
        name=odd.name or "",
        active=False,
        is_archived=False,
        tags=(),
        updated_at="",
        raw_hash="",
        problem=odd.problem,
    )


def _bare(listed: ListedWorkflow, *, problem: str | None) -> ObservedWorkflow:
    return ObservedWorkflow(
        id=listed.id,
        name=listed.name,
        active=listed.active,
        is_archived=listed.is_archived,
        tags=listed.tags,
        updated_at=listed.updated_at,
        raw_hash=listed.raw_digest,
        problem=problem,
    )


def _taken_over(listed: ListedWorkflow, known: MappedWorkflow) -> ObservedWorkflow:
    return ObservedWorkflow(
        id=listed.id,
        name=listed.name,
        active=listed.active,
        is_archived=listed.is_archived,
        tags=listed.tags,
        updated_at=listed.updated_at,
        raw_hash=listed.raw_digest,
        content_hash=known.env_content_hash,
        layout_hash=known.env_layout_hash,
        bindings_hash=known.env_bindings_hash,
        references=known.env_references,
        draft_content_hash=known.draft_content_hash,
        node_count=known.node_count,
        ignored=known.ignored,
        is_unchanged=True,
    )


def _digested(listed: ListedWorkflow) -> ObservedWorkflow:
    draft = listed.document()
    published = listed.published()
    form = canonicalize(published or draft)
    hashes = digests(form)
    ahead = _ahead(hashes, digests(canonicalize(draft))) if published is not None else None
    return ObservedWorkflow(
        id=listed.id,
        name=listed.name,
        active=listed.active,
        is_archived=listed.is_archived,
        tags=listed.tags,
        updated_at=listed.updated_at,
        raw_hash=listed.raw_digest,
        content_hash=hashes.logic,
        layout_hash=hashes.layout,
        bindings_hash=hashes.bindings,
        references=form.references,
        draft_content_hash=ahead,
        node_count=node_count(form),
        ignored=form.ignored,
    )


def _ahead(live: Digests, draft: Digests) -> str | None:
    """Answer the draft's digest when publishing it would change what runs."""
    if draft.logic != live.logic:
        return draft.logic
    return draft.references if draft.references != live.references else None
