"""Planning: what a promotion writes, in which order, and what stands against it, from what Git and n8n hold."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.core.drawing import compare_and_draw, draw
from workflowops.core.json import Json
from workflowops.core.observation import live_document
from workflowops.core.promotion.conflicts import absence_of, conflicts_of, name_of
from workflowops.core.promotion.content import content_of, held_of
from workflowops.core.promotion.digest import digest_of
from workflowops.core.promotion.finding import Conflict, Finding, FindingCode, Gravity
from workflowops.core.promotion.identity import identity_findings
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
from workflowops.core.promotion.policies import content_findings
from workflowops.core.promotion.publication import publication_findings, publication_of, tags_of
from workflowops.core.promotion.rebinding import Rebound, rebound
from workflowops.core.promotion.removal import is_to_be_removed, removal_findings, removed
from workflowops.core.promotion.reversing import (
    REVERSAL_COMMAND,
    Wanted,
    new_id_findings,
    reversal_findings,
    taken_back,
)
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DriftKind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Considered:
    """One workflow of a plan with what was found about it."""

    planned: PlannedWorkflow
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A candidate whose version in the target was read; `problem` says why it could not be.

    `is_reversed` says that only what somebody did in n8n is to be taken back.
    """

    candidate: Candidate
    held: Held | None = None
    running: Mapping[str, Json] | None = None
    problem: str | None = None
    is_reversed: bool = False


def plan_promotion(  # noqa: PLR0913 - keyword-only, and each is one fact of the plan
    candidates: Sequence[Candidate],
    *,
    target: Target,
    pipeline_id: str | None,
    source_stage: str | None,
    git_commit_sha: str | None,
    options: Options,
    kind: PromotionKind = PromotionKind.PROMOTION,
) -> PromotionPlan:
    """Say what is to be done with each candidate, and all that stands against it.

    Touches nothing and asks nobody; the gates are asked by who has their facts (`gate_results` is empty). Whatever the
    order of the candidates, the plan is the same. A reversal takes back what somebody did in n8n, and nothing else: the
    edit that it overwrites does not stop it, and there is no stage that it comes from.
    """
    is_reversal = kind is PromotionKind.REVERSAL
    read = [_read(each) for each in sorted(candidates, key=lambda each: each.canonical_id)]
    if is_reversal:
        read = [replace(each, candidate=replace(each.candidate, source=None), is_reversed=True) for each in read]
    allowed = replace(options, allow_overwriting_hotfixes=True) if is_reversal else options
    created = frozenset(each.candidate.canonical_id for each in read if _is_created(each, target))
    considered = [_considered(each, target=target, options=allowed, created=created) for each in read]
    order = arranged((each.planned for each in considered), target=target)
    return PromotionPlan(
        kind=kind,
        pipeline_id=pipeline_id,
        source_stage=None if is_reversal else source_stage,
        target_stage=target.environment.name,
        target_title=target.environment.title,
        git_commit_sha=git_commit_sha,
        workflows=order.workflows,
        options=options,
        digest=digest_of(kind, target.environment.name, order.workflows, options),
        estimated_impact=impact_of(order.workflows),
        conflicts=tuple(
            replace(conflict, allowed_by=REVERSAL_COMMAND) if is_reversal else conflict
            for each in considered
            for conflict in each.conflicts
        ),
        findings=(
            *(finding for each in considered for finding in each.findings),
            *order.findings,
            *identity_findings(candidates, order.workflows),
            *(new_id_findings(candidates, order.workflows, target=target) if is_reversal else ()),
        ),
    )


def _read(candidate: Candidate) -> _Read:
    if candidate.live is None:
        return _Read(candidate=candidate)
    try:
        return _Read(
            candidate=candidate,
            held=held_of(candidate.live),
            running=live_document(candidate.live),
        )
    except (ValueError, TypeError) as error:
        return _Read(candidate=candidate, problem=str(error) or type(error).__name__)


def _is_created(read: _Read, target: Target) -> bool:
    candidate = read.candidate
    if candidate.live is not None or candidate.file is None or candidate.problem is not None:
        return False
    return not read.is_reversed or taken_back(candidate, target=target, held=None).is_written


def _considered(read: _Read, *, target: Target, options: Options, created: Collection[str]) -> _Considered:
    unknown = _unknown(read)
    if unknown is not None:
        return _Considered(planned=_unchanged(read), findings=(unknown,))
    if read.is_reversed:
        against = reversal_findings(read.candidate, target=target, held=read.held)
        if against or read.candidate.file is None:
            return _Considered(planned=_unchanged(read), findings=against)
    if read.candidate.file is None:
        return _without_file(read, target=target, options=options)
    return _declared(read, read.candidate.file, target=target, options=options, created=created)


def _unknown(read: _Read) -> Finding | None:
    """Answer why nothing can be planned for a workflow."""
    candidate, verdict = read.candidate, read.candidate.verdict
    if candidate.problem is not None:
        return _finding(candidate, FindingCode.FILE_UNREADABLE, candidate.problem, "Put the file right.")
    problem = read.problem
    if problem is None and verdict is not None and verdict.content is DriftKind.UNKNOWN:
        problem = verdict.problem or "It could not be compared."
    if problem is None and verdict is None and candidate.live is not None:
        problem = "It was not compared with what Git declares."
    if problem is None:
        return None
    message = f"What n8n holds of {name_of(candidate)} is not known: {mask_text(problem)}"
    return _finding(candidate, FindingCode.TARGET_UNKNOWN, message, "Put that right in n8n, and ask again.")


def _without_file(read: _Read, *, target: Target, options: Options) -> _Considered:
    candidate, held = read.candidate, read.held
    if held is None or not is_to_be_removed(candidate, target=target, held=held):
        return _Considered(planned=_unchanged(read))
    return _Considered(
        planned=replace(removed(candidate, target=target, held=held), drawing=draw(read.running, None)),
        conflicts=conflicts_of(
            candidate, target=target, held=held, planned=None, publication=Publication.KEEP, options=options
        ),
        findings=tuple(removal_findings(candidate, target=target)),
    )


def _declared(
    read: _Read, file: Mapping[str, Json], *, target: Target, options: Options, created: Collection[str]
) -> _Considered:
    candidate, held = read.candidate, read.held
    wanted = _wanted(read, target)
    publication, tags = wanted.publication, wanted.tags
    written = rebound(candidate, target=target, created=created) if wanted.is_written else None
    if written is None and tags is None and not _switches(held, publication):
        return _Considered(planned=_unchanged(read))
    if written is None and not _switches(held, publication):
        publication = Publication.KEEP  # tags alone: a draft of somebody's is not to be published along with them
    planned = _changed(read, written, publication=publication, tags=tags)
    if _is_done(planned):
        return _Considered(planned=_unchanged(read))
    return _Considered(
        planned=planned,
        conflicts=conflicts_of(
            candidate,
            target=target,
            held=held,
            planned=None if written is None else planned.planned,
            publication=publication,
            options=options,
        ),
        findings=(
            *absence_of(candidate, target=target, options=options),
            *(() if written is None else written.findings),
            *(() if written is None else _policies(candidate, file, target)),
            *publication_findings(
                candidate, target=target, held=held, publication=publication, is_written=written is not None
            ),
        ),
    )


def _wanted(read: _Read, target: Target) -> Wanted:
    candidate, held = read.candidate, read.held
    if read.is_reversed:
        return taken_back(candidate, target=target, held=held)
    is_new = held is None or held.is_archived or candidate.verdict is None
    return Wanted(
        is_written=is_new or _differs(candidate),
        publication=publication_of(candidate, target=target, held=held),
        tags=tags_of(candidate, held=held),
    )


def _differs(candidate: Candidate) -> bool:
    verdict = candidate.verdict
    return verdict is not None and verdict.content is not DriftKind.IN_SYNC


def _switches(held: Held | None, publication: Publication) -> bool:
    is_on = held is not None and held.is_active
    return publication is (Publication.UNPUBLISH if is_on else Publication.PUBLISH)


def _changed(
    read: _Read, written: Rebound | None, *, publication: Publication, tags: tuple[str, ...] | None
) -> PlannedWorkflow:
    candidate, held = read.candidate, read.held
    base = _unchanged(read)
    change_type = WorkflowChangeType.CREATED if held is None else WorkflowChangeType.UPDATED
    base = replace(base, change_type=change_type, before=held, publication=publication, tags=tags)
    if written is None:
        return replace(base, planned=None if held is None else held.draft)
    # Tells what changes in what runs; of a new workflow, all of it.
    diff, drawing = compare_and_draw(read.running, written.read_back)
    return replace(
        base,
        workflow_name=_text(written.document.get("name")) or candidate.canonical_slug,
        document=written.document,
        planned=content_of(written.read_back),
        diff=diff,
        drawing=drawing,
        risk=diff.risk,
        credentials=written.credentials,
        dropped=written.dropped,
    )


def _is_done(planned: PlannedWorkflow) -> bool:
    """Say whether the target holds already what would be written."""
    held, wanted = planned.before, planned.planned
    if held is None or held.is_archived or wanted is None or planned.tags is not None or held.draft != wanted:
        return False
    return held.published == wanted if planned.publication is Publication.PUBLISH else not _switches_off(planned)


def _switches_off(planned: PlannedWorkflow) -> bool:
    return planned.publication is Publication.UNPUBLISH


def _unchanged(read: _Read) -> PlannedWorkflow:
    candidate = read.candidate
    named = None if candidate.copy is None else candidate.copy.name
    live = None if candidate.live is None else candidate.live.name
    return PlannedWorkflow(
        canonical_id=candidate.canonical_id,
        canonical_slug=candidate.canonical_slug,
        workflow_name=named or live or candidate.canonical_slug,
        change_type=WorkflowChangeType.UNCHANGED,
        workflow_id=None if candidate.source is None else candidate.source.workflow_id,
        target_workflow_id=None if candidate.live is None else candidate.live.id,
        file=candidate.path,
    )


def _policies(candidate: Candidate, file: Mapping[str, Json], target: Target) -> Iterable[Finding]:
    return content_findings(file, target.stage.policies, canonical_id=candidate.canonical_id, file=candidate.path)


def _finding(candidate: Candidate, code: FindingCode, message: str, fix: str) -> Finding:
    return Finding(
        code=code,
        gravity=Gravity.BLOCKING,
        message=message,
        fix=fix,
        canonical_id=candidate.canonical_id,
        file=candidate.path,
    )


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""
