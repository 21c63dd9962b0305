"""Rolling back later: the plan that makes the workflows of a promotion what they were before it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from workflowops.core.configuration import OnDelete
from workflowops.core.drawing import compare_and_draw
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.observation import live_document
from workflowops.core.problems import shown
from workflowops.core.promotion.content import content_of, held_of
from workflowops.core.promotion.digest import digest_of
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.impact import impact_of
from workflowops.core.promotion.ordering import arranged
from workflowops.core.promotion.plan import (
    Held,
    Options,
    PlannedWorkflow,
    PromotionKind,
    PromotionPlan,
    Publication,
    WorkflowChangeType,
)
from workflowops.core.promotion.position import position_of
from workflowops.core.promotion.rebinding import Rebound, rebound
from workflowops.core.promotion.record import PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.promotion.restored import as_if_there
from workflowops.core.promotion.snapshot import Snapshot, SnapshotWorkflow
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.secrets import mask_text

_Planned = tuple[PlannedWorkflow, tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Undoing:
    """One rollback: what it undoes, and where."""

    promotion: Promotion
    snapshot: Snapshot
    target: Target
    live: Mapping[str, ListedWorkflow]
    options: Options

    @property
    def ids_of_created(self) -> dict[str, str]:
        """Answer canonical id -> n8n id of what the promotion created."""
        return {
            each.canonical_id: each.n8n_workflow_id
            for each in self.promotion.workflows
            if each.change_type is WorkflowChangeType.CREATED and each.n8n_workflow_id is not None
        }

    @property
    def recreated(self) -> tuple[str, ...]:
        """Name the canonical ids of what is gone and has to be created anew, under another id."""
        lasting = (WorkflowChangeType.UPDATED, WorkflowChangeType.REMOVED)
        return tuple(
            each.canonical_id
            for each in self.promotion.workflows
            if each.change_type in lasting and each.n8n_workflow_id not in self.live
        )


def plan_rollback(
    promotion: Promotion,
    *,
    snapshot: Snapshot,
    target: Target,
    live: Mapping[str, ListedWorkflow],
    options: Options,
) -> PromotionPlan:
    """Plan to make each workflow that a promotion changed what it was in the snapshot taken before it.

    `live` is by n8n id. What moved since the promotion blocks the plan unless `options` allow to overwrite it. What was
    created is deleted, what was deleted is created again, under another id; what it was called by follows.
    """
    undoing = _Undoing(promotion=promotion, snapshot=snapshot, target=target, live=live, options=options)
    considered = [
        _undone(each, undoing)
        for each in sorted(promotion.workflows, key=lambda each: each.canonical_id)
        if each.change_type is not WorkflowChangeType.UNCHANGED
    ]
    order = arranged((each for each, _ in considered), target=target)
    return PromotionPlan(
        kind=PromotionKind.ROLLBACK,
        pipeline_id=promotion.pipeline_id,
        source_stage=None,
        target_stage=target.environment.name,
        target_title=target.environment.title,
        git_commit_sha=None,
        workflows=order.workflows,
        options=options,
        digest=digest_of(PromotionKind.ROLLBACK, target.environment.name, order.workflows, options),
        estimated_impact=impact_of(order.workflows),
        findings=(*(finding for _, found in considered for finding in found), *order.findings),
    )


def _undone(promoted: PromotedWorkflow, undoing: _Undoing) -> _Planned:
    now = undoing.live.get(promoted.n8n_workflow_id or "")
    try:
        held = None if now is None else held_of(now)
    except (ValueError, TypeError) as error:
        return _unchanged(promoted), (_unknown(promoted, undoing, str(error)),)
    moved = tuple(_moved(promoted, held, undoing))
    if promoted.change_type is WorkflowChangeType.CREATED:
        return (_unchanged(promoted) if held is None else _deleted(promoted, held)), moved
    before = undoing.snapshot.workflows.get(promoted.n8n_workflow_id or "")
    if before is None:
        problem = "the snapshot from before the promotion does not have it"
        return _unchanged(promoted), (*moved, _unknown(promoted, undoing, problem))
    if before.is_archived:
        return (_archived(promoted, held)), moved
    planned, findings = _restored(promoted, before, now, held, undoing)
    return planned, ((*moved, *findings) if planned.is_change else ())


def _restored(
    promoted: PromotedWorkflow,
    before: SnapshotWorkflow,
    now: ListedWorkflow | None,
    held: Held | None,
    undoing: _Undoing,
) -> _Planned:
    draft = _rebound(promoted, before, before.document, now, undoing)
    ran = before.published
    published = None if ran is None or not before.active else _rebound(promoted, before, ran, now, undoing)
    planned = content_of(draft.read_back)
    planned_published = None if published is None else content_of(published.read_back)
    if planned_published == planned:
        published = planned_published = None
    running = None if now is None else live_document(now)
    diff, drawing = compare_and_draw(running, (published or draft).read_back)
    change = replace(
        _unchanged(promoted),
        change_type=WorkflowChangeType.CREATED if held is None else WorkflowChangeType.UPDATED,
        workflow_name=before.name,
        target_workflow_id=None if held is None else held.workflow_id,
        document=draft.document,
        published_document=None if published is None else published.document,
        planned=planned,
        planned_published=planned_published,
        before=held,
        publication=_publication(before, held),
        tags=None if (() if held is None else held.tags) == before.tags else before.tags,
        diff=diff,
        drawing=drawing,
        risk=diff.risk,
        credentials=draft.credentials,
        dropped=draft.dropped,
    )
    if _is_done(change, before):
        return _unchanged(promoted), ()
    both = (draft,) if published is None else (draft, published)
    return change, tuple(dict.fromkeys(finding for each in both for finding in each.findings))


def _rebound(
    promoted: PromotedWorkflow,
    before: SnapshotWorkflow,
    document: Mapping[str, Json],
    now: ListedWorkflow | None,
    undoing: _Undoing,
) -> Rebound:
    """Bind a version of the snapshot to the instance that it is from, as it is now."""
    candidate = Candidate(
        canonical_id=promoted.canonical_id,
        canonical_slug=promoted.canonical_slug,
        file=document,
        copy=None,
        path=promoted.file,
        verdict=None,
        live=as_if_there(before, document, now=now),
        applied=None,
    )
    target = undoing.target
    known = {
        each.n8n_workflow_id: each.canonical_id
        for each in undoing.promotion.workflows
        if each.n8n_workflow_id is not None
    }
    own = replace(
        target,
        stage=replace(target.stage, credentials={}),
        here=lambda each: known.get(each) or target.here(each),
        anywhere=lambda each: known.get(each) or target.here(each),
    )
    return rebound(candidate, target=own, created=frozenset(undoing.recreated))


def _publication(before: SnapshotWorkflow, held: Held | None) -> Publication:
    if before.active:
        return Publication.PUBLISH
    return Publication.UNPUBLISH if held is not None and held.is_active else Publication.KEEP


def _is_done(planned: PlannedWorkflow, before: SnapshotWorkflow) -> bool:
    """Say whether the workflow is already as it was."""
    held = planned.before
    if held is None or planned.tags is not None or held.is_archived is not before.is_archived:
        return False
    if held.draft != planned.planned:
        return False
    return held.published == ((planned.planned_published or planned.planned) if before.active else None)


def _archived(promoted: PromotedWorkflow, held: Held | None) -> PlannedWorkflow:
    """Put away again what was archived before; what it says meanwhile runs nowhere."""
    if held is None or held.is_archived:
        return _unchanged(promoted)
    return replace(_unchanged(promoted), change_type=WorkflowChangeType.REMOVED, before=held, removal=OnDelete.ARCHIVE)


def _deleted(promoted: PromotedWorkflow, held: Held) -> PlannedWorkflow:
    return replace(_unchanged(promoted), change_type=WorkflowChangeType.REMOVED, before=held, removal=OnDelete.DELETE)


def _unchanged(promoted: PromotedWorkflow) -> PlannedWorkflow:
    return PlannedWorkflow(
        canonical_id=promoted.canonical_id,
        canonical_slug=promoted.canonical_slug,
        workflow_name=promoted.workflow_name,
        change_type=WorkflowChangeType.UNCHANGED,
        target_workflow_id=promoted.n8n_workflow_id,
        file=promoted.file,
    )


def _moved(promoted: PromotedWorkflow, held: Held | None, undoing: _Undoing) -> Iterator[Finding]:
    """Tell that a workflow is not what the promotion left; a moved node counts, because it would be moved back.

    One whose putting back was incomplete left what it wrote in part: nothing else may be there.
    """
    position = position_of(promoted, held, ids=undoing.ids_of_created, saves_drafts=True)
    is_incomplete = undoing.promotion.status is PromotionStatus.ROLLBACK_INCOMPLETE
    if position.is_as_planned or (is_incomplete and position.is_ours):
        return
    is_allowed = undoing.options.allow_overwriting_hotfixes
    name, title = shown(mask_text(promoted.workflow_name)), undoing.target.environment.title
    yield Finding(
        code=FindingCode.MOVED_SINCE,
        gravity=Gravity.WARNING if is_allowed else Gravity.BLOCKING,
        message=f"{name} in {title} is not what {undoing.promotion.promotion_id} left there; what was done since would "
        "be undone as well.",
        fix="" if is_allowed else "Look at the difference; allow overwriting hot fixes to undo that as well.",
        canonical_id=promoted.canonical_id,
        file=promoted.file,
    )


def _unknown(promoted: PromotedWorkflow, undoing: _Undoing, problem: str) -> Finding:
    name, title = shown(mask_text(promoted.workflow_name)), undoing.target.environment.title
    return Finding(
        code=FindingCode.TARGET_UNKNOWN,
        gravity=Gravity.BLOCKING,
        message=f"{name} in {title} cannot be rolled back: {mask_text(problem)}.",
        fix="Put that workflow right by hand, from Git or from the snapshot.",
        canonical_id=promoted.canonical_id,
        file=promoted.file,
    )
