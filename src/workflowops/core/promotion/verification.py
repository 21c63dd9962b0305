"""Whether the stage before runs what a promotion brings: told from its file, its instance and its promotions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflowops.core.json import Json
from workflowops.core.promotion.content import content_of
from workflowops.core.promotion.gate_facts import Verified
from workflowops.core.promotion.mapped import with_mapped_credentials
from workflowops.core.promotion.plan import CREATED_PREFIX, WorkflowChangeType
from workflowops.core.promotion.record import PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.records import DeclaredCopy, MappedWorkflow
from workflowops.core.standing import Content, Resolve, content_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known of one workflow in the stage before.

    `is_first` says that nothing is promoted to that stage. `copy` is its file there at the commit that is promoted,
    None where it has none; `is_same` whether that file says what the target's does (`says_the_same_here`), None where
    one of the two cannot be read. `entry` is how its instance was last seen to hold it, None where it was seen not to;
    `problem` why nobody knows how it stands there, which outweighs all else. `anywhere` answers what an id of any
    instance stands for. `promotions` are those into that stage, in any order.
    """

    stage: str
    is_first: bool
    copy: DeclaredCopy | None
    is_same: bool | None
    entry: MappedWorkflow | None
    anywhere: Resolve
    promotions: Sequence[Promotion] = ()
    problem: str | None = None


def verified_before(canonical_id: str, before: Before, *, is_removal: bool = False) -> Verified:
    """Say whether the stage before runs the version of a workflow that is promoted, and since when.

    It does when its file says the same, its instance was last seen to run that file, and the latest promotion that
    changed the workflow there brought exactly what runs. Of a first stage, to which nothing is promoted, nobody knows
    since when. A removal is verified where file and instance lack the workflow. What is not known is not verified.
    """
    runs = [each for each in before.promotions if _names(each, canonical_id) and each.status is PromotionStatus.RUNNING]
    if before.problem is not None:
        return _not_verified(f"how it stands in {before.stage} is not known: {before.problem}")
    if runs:
        return _not_verified(f"{runs[0].promotion_id} to {before.stage} has not ended")
    if before.entry is not None and before.entry.problem is not None:
        return _not_verified(f"what {before.stage} runs could not be read: {before.entry.problem}")
    latest = _latest(before.promotions, canonical_id)
    if is_removal:
        return _removed(before, latest)
    why = _why_not_the_same(before)
    if why is not None:
        return _not_verified(why)
    if before.is_first:
        return Verified(is_verified=True, reason=f"nobody knows since when, as nothing is promoted to {before.stage}")
    if latest is None or not _is_what_runs(_brought(latest[1]), before):
        return _not_verified(f"no completed promotion brought this version to {before.stage}")
    return Verified(is_verified=True, since=latest[0])


def says_the_same_here(
    file: Mapping[str, Json], *, before: Mapping[str, Json], names: Mapping[str, str], anywhere: Resolve
) -> bool | None:
    """Say whether the file of the stage before means what the target's does; None where one cannot be read.

    `names` maps the names of credentials there to those here. Ids of workflows are compared by what they stand for,
    which `anywhere` answers; where nodes stand on the canvas, and ids that nobody knows here, do not count.
    """
    try:
        here, there = content_of(file), content_of(with_mapped_credentials(before, names))
    except ValueError:
        return None
    return _means_the_same(
        Content(here.logic, here.references), Content(there.logic, there.references), anywhere=anywhere
    )


def _why_not_the_same(before: Before) -> str | None:
    if before.copy is None:
        return f"Git has no file of it for {before.stage}"
    if before.is_same is not True:
        return f"the file of {before.stage} {'cannot be read' if before.is_same is None else 'says something else'}"
    if before.entry is None:
        return f"{before.stage} was not seen to hold it"
    if not _is_what_runs(Content(before.copy.content_hash, before.copy.references), before):
        return f"{before.stage} does not run what its file says"
    return None


def _is_what_runs(content: Content | None, before: Before) -> bool:
    """Say whether the instance was last seen to run a content."""
    if content is None or before.entry is None:
        return False
    runs = Content(before.entry.env_content_hash, before.entry.env_references)
    return _means_the_same(content, runs, anywhere=before.anywhere)


def _means_the_same(one: Content, other: Content, *, anywhere: Resolve) -> bool:
    def meaning(workflow_id: str) -> str | None:
        created = workflow_id.removeprefix(CREATED_PREFIX)
        return anywhere(workflow_id) if created == workflow_id else created

    keys = content_keys(declared=one, live=other, applied=None, here=meaning, anywhere=meaning)
    return keys.declared == keys.live


def _removed(before: Before, latest: tuple[datetime, PromotedWorkflow] | None) -> Verified:
    if before.copy is not None or before.entry is not None:
        return _not_verified(f"it is still in {before.stage}")
    is_removal = latest is not None and latest[1].change_type is WorkflowChangeType.REMOVED
    return Verified(is_verified=True, since=latest[0] if latest is not None and is_removal else None)


def _latest(promotions: Sequence[Promotion], canonical_id: str) -> tuple[datetime, PromotedWorkflow] | None:
    """Answer the completed promotion that changed a workflow last; None where there is none, or no telling which."""
    found = [
        (_moment(promotion.execution_completed_at), each)
        for promotion in promotions
        if promotion.status is PromotionStatus.COMPLETED
        for each in promotion.workflows
        if each.canonical_id == canonical_id and each.change_type is not WorkflowChangeType.UNCHANGED
    ]
    timed = [(moment, each) for moment, each in found if moment is not None]
    return max(timed, key=lambda each: each[0]) if timed and len(timed) == len(found) else None


def _brought(workflow: PromotedWorkflow) -> Content | None:
    """Answer what was to run afterwards."""
    content = workflow.planned_published or workflow.planned
    return None if content is None else Content(content.logic, content.references)


def _names(promotion: Promotion, canonical_id: str) -> bool:
    return any(each.canonical_id == canonical_id for each in promotion.workflows)


def _not_verified(reason: str) -> Verified:
    return Verified(is_verified=False, reason=reason)


def _moment(text: str | None) -> datetime | None:
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if found is None or found.tzinfo is None else found
