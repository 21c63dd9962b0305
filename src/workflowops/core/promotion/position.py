"""Where a workflow of the target stands between what it was and what a promotion wants it to be, part by part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.configuration import OnDelete
from workflowops.core.json import Json, JsonObject
from workflowops.core.promotion.content import with_ids_of_created
from workflowops.core.promotion.plan import Content, Held, PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.promotion.read_back import bindings_of
from workflowops.core.promotion.record import PromotedWorkflow

_OF_THE_GRAPH = ("workflows", "data_tables", "webhooks")
"""The references that nodes hold; the others stand in the settings, which a published version has none of."""


class Part(StrEnum):
    """What of a workflow is compared; one can be as planned while another is still as before."""

    EXISTENCE = "existence"
    DRAFT = "draft"
    PUBLISHED = "published"
    ACTIVE = "active"
    ARCHIVED = "archived"
    TAGS = "tags"


_ALL = frozenset(Part)
_WORDS = {
    Part.EXISTENCE: "whether it exists",
    Part.DRAFT: "its draft",
    Part.PUBLISHED: "its published version",
    Part.ACTIVE: "whether it runs",
    Part.ARCHIVED: "whether it is archived",
    Part.TAGS: "its tags",
}


@dataclass(frozen=True, slots=True)
class Position:
    """Which parts are as before, which as planned, and which as only a promotion under way leaves them.

    A part can be as before and as planned at once, where the plan leaves it alone.
    """

    as_before: frozenset[Part]
    as_planned: frozenset[Part]
    in_between: frozenset[Part] = frozenset()

    @property
    def is_as_before(self) -> bool:
        """Say whether nothing of the plan is seen."""
        return self.as_before == _ALL

    @property
    def is_as_planned(self) -> bool:
        """Say whether all of the plan is seen."""
        return self.as_planned == _ALL

    @property
    def strange(self) -> tuple[Part, ...]:
        """Name the parts that neither the plan nor what was before explains."""
        return tuple(part for part in Part if part not in self.as_before | self.as_planned | self.in_between)

    @property
    def is_ours(self) -> bool:
        """Say whether nobody but this promotion can have brought it here, so that it may be put back."""
        return not self.strange

    @property
    def not_as_before(self) -> tuple[Part, ...]:
        """Name the parts that are not what they were."""
        return tuple(part for part in Part if part not in self.as_before)

    @property
    def not_as_planned(self) -> tuple[Part, ...]:
        """Name the parts that are not what was planned."""
        return tuple(part for part in Part if part not in self.as_planned)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How a workflow is once its change is done; `published` None where nothing of it runs."""

    draft: Content | None
    published: Content | None
    is_active: bool
    is_archived: bool
    tags: tuple[str, ...]
    runs_its_draft: bool = False


def promoted_of(planned: PlannedWorkflow, *, first: Content | None = None) -> PromotedWorkflow:
    """Answer what the record keeps of a planned workflow before anything was done with it.

    `first` is what it is created as where that is not the whole of it yet.
    """
    return PromotedWorkflow(
        canonical_id=planned.canonical_id,
        canonical_slug=planned.canonical_slug,
        workflow_name=planned.workflow_name,
        change_type=planned.change_type,
        n8n_workflow_id=planned.target_workflow_id,
        file=planned.file,
        planned=planned.planned,
        planned_published=planned.planned_published,
        planned_first=first,
        bound=bindings_of(planned.document),
        bound_published=bindings_of(planned.published_document),
        before=planned.before,
        publication=planned.publication,
        tags=planned.tags,
        removal=planned.removal,
        credentials_rewritten=sum(each.is_rewritten for each in planned.credentials),
    )


def position_of(change: PromotedWorkflow, now: Held | None, *, ids: Mapping[str, str], saves_drafts: bool) -> Position:
    """Compare what the target holds now (None: proven absent) with both ends of a change.

    `ids` is canonical id -> n8n id of created workflows as far as they exist. `saves_drafts` says that the server can
    save a draft beside what runs; where it cannot, a save that fails may leave a workflow switched off.
    """
    before, wanted = change.before, _wanted(change, ids)
    if now is None:
        return _absent(before, wanted)
    return Position(
        as_before=_as_before(before, now, wanted),
        as_planned=_as_planned(wanted, now, before),
        in_between=_in_between(change, now, wanted, ids=ids, saves_drafts=saves_drafts),
    )


def told(parts: Sequence[Part]) -> str:
    """Name parts in a sentence."""
    words = [_WORDS[part] for part in parts]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else "nothing"


def is_content(planned: Content | None, now: Content | None, *, ids: Mapping[str, str]) -> bool:
    """Say whether a version that was read back is the planned one; webhookIds that n8n gave by itself do not count."""
    if planned is None or now is None:
        return planned is now
    planned = with_ids_of_created(planned, ids)
    labels = (planned.logic, planned.layout, planned.graph)
    return labels == (now.logic, now.layout, now.graph) and _holds(now.references, planned.references)


def is_unfinished(change: PromotedWorkflow, now: Content, *, ids: Mapping[str, str]) -> bool:
    """Say whether a version is the one that a workflow of a cycle is created as, its later references still empty."""
    return change.planned_first is not None and is_content(change.planned_first, now, ids=ids)


def _wanted(change: PromotedWorkflow, ids: Mapping[str, str]) -> _Wanted | None:
    """Answer how it is to be; None where it is to be gone."""
    before = change.before
    if change.change_type is WorkflowChangeType.REMOVED:
        if change.removal is OnDelete.DELETE or before is None:
            return None
        return _Wanted(
            draft=before.draft,
            published=None,
            is_active=False,
            is_archived=change.removal is OnDelete.ARCHIVE or before.is_archived,
            tags=before.tags,
        )
    planned = change.planned or (None if before is None else before.draft)
    draft = None if planned is None else with_ids_of_created(planned, ids)
    tags = change.tags if change.tags is not None else () if before is None else before.tags
    match change.publication:
        case Publication.PUBLISH:
            published = change.planned_published
            running = draft if published is None else with_ids_of_created(published, ids)
            return _Wanted(draft, running, True, False, tags, runs_its_draft=published is None)  # noqa: FBT003
        case Publication.UNPUBLISH:
            return _Wanted(draft, None, is_active=False, is_archived=False, tags=tags)
        case Publication.KEEP:
            is_active = before is not None and before.is_active and not before.is_archived
            running = before.published if before is not None and is_active else None
            return _Wanted(draft, running, is_active=is_active, is_archived=False, tags=tags)


def _absent(before: Held | None, wanted: _Wanted | None) -> Position:
    nothing: frozenset[Part] = frozenset()
    beside = _ALL - {Part.EXISTENCE}
    as_before, as_planned = _ALL if before is None else nothing, _ALL if wanted is None else nothing
    return Position(as_before, as_planned, nothing if as_before or as_planned else beside)


def _as_before(before: Held | None, now: Held, wanted: _Wanted | None) -> frozenset[Part]:
    """Compare with what was; a workflow that was not there begins as it is created: switched off, without tags."""
    if before is None:
        found = {
            Part.DRAFT: wanted is not None and _is_same(now.draft, wanted.draft),
            Part.PUBLISHED: now.published is None,
            Part.ACTIVE: not now.is_active,
            Part.ARCHIVED: not now.is_archived,
            Part.TAGS: not now.tags,
        }
    else:
        found = {
            Part.EXISTENCE: True,
            Part.DRAFT: now.draft == before.draft,
            Part.PUBLISHED: _is_published(now, before.published, before.published_version_id),
            Part.ACTIVE: now.is_active == before.is_active,
            Part.ARCHIVED: now.is_archived == before.is_archived,
            Part.TAGS: set(now.tags) == set(before.tags),
        }
    return frozenset(part for part, is_so in found.items() if is_so)


def _as_planned(wanted: _Wanted | None, now: Held, before: Held | None) -> frozenset[Part]:
    if wanted is None:
        return frozenset()
    is_kept = before is not None and wanted.published is before.published
    version_id = before.published_version_id if before is not None and is_kept else None
    is_behind = wanted.runs_its_draft and now.version_id != now.published_version_id and now.published is not None
    found = {
        Part.EXISTENCE: True,
        Part.DRAFT: _is_same(now.draft, wanted.draft),
        Part.PUBLISHED: _is_published(now, wanted.published, version_id)
        and not (is_behind and None not in (now.version_id, now.published_version_id)),
        Part.ACTIVE: now.is_active == wanted.is_active,
        Part.ARCHIVED: now.is_archived == wanted.is_archived,
        Part.TAGS: set(now.tags) == set(wanted.tags),
    }
    return frozenset(part for part, is_so in found.items() if is_so)


def _in_between(
    change: PromotedWorkflow, now: Held, wanted: _Wanted | None, *, ids: Mapping[str, str], saves_drafts: bool
) -> frozenset[Part]:
    """Name the parts that are as a step of the promotion, or of putting it back, leaves them for a while."""
    found: set[Part] = set()
    before = change.before
    steps = (change.planned_published, None if before is None else before.published)
    if is_unfinished(change, now.draft, ids=ids) or any(is_content(each, now.draft, ids=ids) for each in steps if each):
        found.add(Part.DRAFT)
    if wanted is not None and now.published is not None and _is_same_graph(now.published, wanted.published):
        found.add(Part.PUBLISHED)  # the planned graph runs as another version than the draft
    may_be_off = change.change_type is WorkflowChangeType.REMOVED or not saves_drafts
    may_be_off = may_be_off or (before is not None and before.is_archived)
    if may_be_off and not now.is_active:
        found |= {Part.ACTIVE, Part.PUBLISHED}
    return frozenset(found)


def _is_published(now: Held, wanted: Content | None, version_id: str | None) -> bool:
    if wanted is None or now.published is None:
        return wanted is now.published
    if version_id is not None and now.published_version_id == version_id:
        return True
    return _is_same_graph(now.published, wanted)


def _is_same(now: Content, wanted: Content | None) -> bool:
    return is_content(wanted, now, ids={})


def _is_same_graph(now: Content, wanted: Content | None) -> bool:
    if wanted is None or now.graph != wanted.graph:
        return False
    return _holds(_of_the_graph(now.references), _of_the_graph(wanted.references))


def _of_the_graph(references: JsonObject) -> JsonObject:
    return {kind: references[kind] for kind in _OF_THE_GRAPH if kind in references}


def _holds(now: JsonObject, wanted: JsonObject) -> bool:
    """Say whether the references are those wanted, but for webhookIds that n8n gave where none was sent."""
    if {**now, "webhooks": {}} != {**wanted, "webhooks": {}}:
        return False
    there, sent = _object(now.get("webhooks")), _object(wanted.get("webhooks"))
    return all(there.get(name) == webhook_id for name, webhook_id in sent.items())


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
