"""Which workflows of the target are those that a promotion created, although nobody answered with their ids."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflowops.core.json import Json
from workflowops.core.promotion.plan import CREATED_PREFIX, Content, Held, PlannedWorkflow, WorkflowChangeType
from workflowops.core.promotion.position import is_content, is_unfinished
from workflowops.core.promotion.rebinding import created_in
from workflowops.core.promotion.record import PromotedWorkflow
from workflowops.core.promotion.references import changed_references


@dataclass(frozen=True, slots=True)
class FoundCreated:
    """`ids` is canonical id -> n8n id of what was found; `several` names all that it could be, which proves none."""

    ids: Mapping[str, str] = field(default_factory=dict)
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def first_versions(changes: Iterable[PlannedWorkflow]) -> dict[str, dict[str, Json]]:
    """Answer, by canonical id, what those workflows are created as that name one that comes later, or themselves.

    Such references are empty in it; the others stand as they are in the plan. Each is written once more, in full, when
    all workflows exist.
    """
    firsts: dict[str, dict[str, Json]] = {}
    existing: set[str] = set()
    for planned in changes:
        if planned.change_type is not WorkflowChangeType.CREATED:
            continue
        document = planned.published_document or planned.document or {}
        ahead = {f"{CREATED_PREFIX}{each}" for each in created_in(document) if each not in existing}
        if ahead:
            firsts[planned.canonical_id] = _without(document, ahead)
        existing.add(planned.canonical_id)
    return firsts


def _without(document: Mapping[str, Json], ids: set[str]) -> dict[str, Json]:
    return changed_references(document, lambda held: "" if held in ids else held)


def find_created(changes: Iterable[PromotedWorkflow], new: Mapping[str, Held]) -> FoundCreated:
    """Find created workflows among those that were not there before (`new`, by n8n id).

    One whose id is known is taken as it is. Of the others only what holds exactly the planned content, name included,
    can be ours, and only where there is one such; references to other created workflows must mean those.
    """
    created = [each for each in changes if each.change_type is WorkflowChangeType.CREATED]
    known = {each.canonical_id: each.n8n_workflow_id for each in created if each.n8n_workflow_id is not None}
    free = {key: held for key, held in new.items() if key not in known.values()}
    likely = {
        each.canonical_id: tuple(key for key, held in free.items() if _is_likely(each, held.draft))
        for each in created
        if each.canonical_id not in known
    }
    supposed = known | {canonical_id: found[0] for canonical_id, found in likely.items() if len(found) == 1}
    changed = {each.canonical_id: each for each in created}
    ids = {
        canonical_id: key
        for canonical_id, key in supposed.items()
        if canonical_id in known or _is_proven(changed[canonical_id], free[key].draft, supposed)
    }
    return FoundCreated(ids, {canonical_id: found for canonical_id, found in likely.items() if len(found) > 1})


def _is_likely(change: PromotedWorkflow, now: Content) -> bool:
    versions = (change.planned, change.planned_first, change.planned_published)
    labels = (now.logic, now.layout, now.graph)
    return any(each is not None and (each.logic, each.layout, each.graph) == labels for each in versions)


def _is_proven(change: PromotedWorkflow, now: Content, ids: Mapping[str, str]) -> bool:
    versions = (change.planned, change.planned_published)
    return is_unfinished(change, now, ids=ids) or any(
        is_content(each, now, ids=ids) for each in versions if each is not None
    )
