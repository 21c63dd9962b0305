"""The register of promotions: how a record goes from one status to the next, and what the index says of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import (
    ENDED,
    ApprovalGiven,
    EarlierWords,
    ExecutionResult,
    PromotedWorkflow,
    Promotion,
    PromotionsIndex,
    PromotionStatus,
)
from workflowops.core.promotion.snapshot import StoredSnapshot
from workflowops.core.secrets import mask_text
from workflowops.errors import BlockedError

PREFIX = "promo-"
COMMENT = "comment"
"""The proof of an approval that stands in a comment, which has to name the plan; a reviewer of the run saw it."""
WAITING = frozenset({PromotionStatus.PENDING_APPROVAL, PromotionStatus.APPROVED})
"""A promotion that has not begun: it can be approved, rejected, superseded, or found to have become another plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A promotion before (None when it is new) and after."""

    before: Promotion | None
    after: Promotion


@dataclass(frozen=True, slots=True)
class Registered:
    """The index and every promotion that changed; the first one is the one it was about."""

    index: PromotionsIndex
    changes: tuple[Change, ...]

    @property
    def promotion(self) -> Promotion:
        """Answer the promotion it was about, as it is now."""
        return self.changes[0].after


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Who carries a promotion out, when it began (ISO 8601 in UTC), and where to watch."""

    by: str
    at: str
    url: str | None = None


def next_id(index: PromotionsIndex) -> str:
    """Answer the id of the next promotion: `promo-7` after six."""
    return f"{PREFIX}{index.last + 1}"


def number_of(promotion_id: str) -> int:
    """Answer the number in an id, 0 for what is no id of ours; later promotions have higher ones."""
    number = promotion_id.removeprefix(PREFIX)
    return int(number) if promotion_id.startswith(PREFIX) and number.isascii() and number.isdecimal() else 0


def create(promotion: Promotion, *, index: PromotionsIndex, others: Iterable[Promotion]) -> Registered:
    """Register a new promotion under the next id, whatever id it carries.

    `others` are the promotions known to the index as open. Those that wait for the same target with one of the same
    workflows are superseded; one that is running goes on. Raises BlockedError unless the new one waits.
    """
    _require(promotion, WAITING, doing="be registered")
    new = replace(promotion, promotion_id=next_id(index))
    passed = [
        Change(before=each, after=replace(each, status=PromotionStatus.SUPERSEDED, superseded_by=new.promotion_id))
        for each in others
        if _is_superseded(each, new)
    ]
    changes = (Change(before=None, after=new), *passed)
    return Registered(_reindexed(replace(index, last=index.last + 1), changes), changes)


def approve(
    promotion: Promotion, approval: ApprovalGiven, *, index: PromotionsIndex, is_enough: bool = True
) -> Registered:
    """Note an approval; with `is_enough` the promotion may be carried out afterwards.

    The same person, however the login is written, counts once for each proof, with the latest word. Raises BlockedError
    when the promotion does not wait any more, when the approval is of another plan, or by a comment that names none.
    """
    _require(promotion, WAITING, doing="be approved")
    if approval.plan_digest is None and approval.proof == COMMENT:
        raise BlockedError(
            f"The approval of {promotion.promotion_id} by {approval.by} names no plan.",
            fix=f"Approve with the digest of the plan: `/approve {promotion.plan_digest}`.",
        )
    if approval.plan_digest not in {None, promotion.plan_digest}:
        raise BlockedError(
            f"{approval.by} approved the plan {(approval.plan_digest or '')[:12]}; "
            f"that of {promotion.promotion_id} is {promotion.plan_digest[:12]}.",
            fix="Look at the plan as it is now, and approve that digest.",
        )
    given = replace(approval, comment=None if approval.comment is None else mask_text(approval.comment))
    person = (given.by.casefold(), given.proof)
    others = [each for each in promotion.approvals if (each.by.casefold(), each.proof) != person]
    after = replace(promotion, approvals=(*others, given))
    if is_enough:
        after = replace(
            after,
            status=PromotionStatus.APPROVED,
            approved_by=given.by,
            approved_at=given.at,
            approval_comment=given.comment,
        )
    return _changed(promotion, after, index)


def keep_words(promotion: Promotion, words: EarlierWords, *, index: PromotionsIndex) -> Registered:
    """Note what reviewers had said in a run before it knew the promotion; what is noted of that run already stays."""
    if promotion.status not in WAITING or any(each.run_id == words.run_id for each in promotion.earlier_words):
        return _changed(promotion, promotion, index)
    return _changed(promotion, replace(promotion, earlier_words=(*promotion.earlier_words, words)), index)


def pass_without_approval(promotion: Promotion, *, index: PromotionsIndex) -> Registered:
    """Let a promotion go on for which no gate asks an approval."""
    _require(promotion, WAITING, doing="be let through")
    return _changed(promotion, replace(promotion, status=PromotionStatus.APPROVED), index)


def reject(promotion: Promotion, *, index: PromotionsIndex, by: str, at: str, reason: str | None) -> Registered:
    """End a promotion that waits, because somebody says no."""
    _require(promotion, WAITING, doing="be rejected")
    after = replace(
        promotion,
        status=PromotionStatus.REJECTED,
        rejected_by=by,
        rejected_at=at,
        rejection_reason=None if reason is None else mask_text(reason),
    )
    return _changed(promotion, after, index)


def hold(promotion: Promotion, *, index: PromotionsIndex, problem: str) -> Registered:
    """Note why a promotion that waits did not go on this time; it may be tried again."""
    _require(promotion, WAITING, doing="be held")
    return _changed(promotion, replace(promotion, problem=mask_text(problem)), index)


def plan_changed(promotion: Promotion, *, index: PromotionsIndex, problem: str) -> Registered:
    """End a promotion that would not have been what was approved; nothing was written."""
    _require(promotion, WAITING, doing="end as another plan")
    after = replace(promotion, status=PromotionStatus.PLAN_CHANGED, problem=mask_text(problem))
    return _changed(promotion, after, index)


def begin(
    promotion: Promotion,
    *,
    index: PromotionsIndex,
    others: Iterable[Promotion],
    workflows: Sequence[PromotedWorkflow],
    pre_snapshot: StoredSnapshot,
    run: Run,
) -> Registered:
    """Note that an approved promotion is being carried out: from here on the target may have been written to.

    `others` are the open promotions, `pre_snapshot` is the snapshot that was pushed. Raises BlockedError
    when it is not approved, or another one runs on the same target.
    """
    _require(promotion, {PromotionStatus.APPROVED}, doing="be carried out")
    for each in others:
        if each.target_stage == promotion.target_stage and each.status is PromotionStatus.RUNNING:
            raise BlockedError(
                f"{each.promotion_id} is running on {promotion.target_stage}.",
                fix="Wait for its end. If its run is gone, the next run finishes it or takes it back first.",
            )
    after = replace(
        promotion,
        status=PromotionStatus.RUNNING,
        execution_started_at=run.at,
        executed_by=run.by,
        run_url=run.url,
        workflows=_masked(workflows),
        execution_result=ExecutionResult(
            target_pre_snapshot_id=pre_snapshot.name, target_pre_snapshot_commit=pre_snapshot.commit
        ),
        problem=None,
    )
    return _changed(promotion, after, index)


def progress(promotion: Promotion, *, index: PromotionsIndex, workflows: Sequence[PromotedWorkflow]) -> Registered:
    """Note how far a running promotion came."""
    _require(promotion, {PromotionStatus.RUNNING}, doing="go on")
    return _changed(promotion, replace(promotion, workflows=_masked(workflows)), index)


def complete(
    promotion: Promotion,
    *,
    index: PromotionsIndex,
    workflows: Sequence[PromotedWorkflow],
    result: ExecutionResult,
    at: str,
    undone: Promotion | None = None,
) -> Registered:
    """Note that all of a running promotion was read back as planned.

    `undone` is the promotion that a rollback took back; it is told so. Raises BlockedError when it is not the one that
    `rolls_back` names.
    """
    after = _ended(promotion, PromotionStatus.COMPLETED, workflows=workflows, result=result, at=at)
    changes = [Change(before=promotion, after=after)]
    if undone is not None:
        if undone.promotion_id != promotion.rolls_back:
            raise BlockedError(
                f"{promotion.promotion_id} takes back {promotion.rolls_back}, not {undone.promotion_id}.",
                fix="Name the promotion that `rolls_back` names.",
            )
        changes.append(Change(before=undone, after=replace(undone, rolled_back_by=promotion.promotion_id)))
    latest = {**index.latest_completed, promotion.target_stage: promotion.promotion_id}
    return Registered(_reindexed(replace(index, latest_completed=latest), changes), tuple(changes))


def fail(
    promotion: Promotion,
    *,
    index: PromotionsIndex,
    workflows: Sequence[PromotedWorkflow],
    result: ExecutionResult,
    at: str,
    problem: str,
) -> Registered:
    """Note that a running promotion failed: everything is as before, or `result.not_as_before` names what is not."""
    status = PromotionStatus.ROLLBACK_INCOMPLETE if result.not_as_before else PromotionStatus.ROLLED_BACK
    after = _ended(promotion, status, workflows=workflows, result=result, at=at)
    return _changed(promotion, replace(after, problem=mask_text(problem)), index)


def _ended(
    promotion: Promotion,
    status: PromotionStatus,
    *,
    workflows: Sequence[PromotedWorkflow],
    result: ExecutionResult,
    at: str,
) -> Promotion:
    _require(promotion, {PromotionStatus.RUNNING}, doing=f"end as {_words(status)}")
    told = replace(result, not_as_before=tuple(map(mask_text, result.not_as_before)))
    return replace(
        promotion, status=status, workflows=_masked(workflows), execution_result=told, execution_completed_at=at
    )


def _masked(workflows: Iterable[PromotedWorkflow]) -> tuple[PromotedWorkflow, ...]:
    return tuple(each if each.problem is None else replace(each, problem=mask_text(each.problem)) for each in workflows)


def _is_superseded(older: Promotion, newer: Promotion) -> bool:
    """Say whether one that waits has its place taken; what undoes something is no newer version of it."""
    return (
        older.status in WAITING
        and older.target_stage == newer.target_stage
        and (older.kind is PromotionKind.PROMOTION) == (newer.kind is PromotionKind.PROMOTION)
        and not set(older.workflow_selection).isdisjoint(newer.workflow_selection)
    )


def _changed(before: Promotion, after: Promotion, index: PromotionsIndex) -> Registered:
    changes = (Change(before=before, after=after),)
    return Registered(_reindexed(index, changes), changes)


def _reindexed(index: PromotionsIndex, changes: Iterable[Change]) -> PromotionsIndex:
    """Answer the index with what is open now, the oldest first; a target with nothing open is not in it."""
    still = {target: set(ids) for target, ids in index.open.items()}
    for change in changes:
        ids = still.setdefault(change.after.target_stage, set())
        _put(ids, change.after.promotion_id, is_in=change.after.status not in ENDED)
    return replace(index, open={target: tuple(sorted(ids, key=number_of)) for target, ids in still.items() if ids})


def _put(ids: set[str], promotion_id: str, *, is_in: bool) -> None:
    ids.discard(promotion_id)
    if is_in:
        ids.add(promotion_id)


def _require(promotion: Promotion, allowed: Iterable[PromotionStatus], *, doing: str) -> None:
    wanted = sorted(allowed, key=list(PromotionStatus).index)
    if promotion.status in wanted:
        return
    needed = " or ".join(_words(each) for each in wanted)
    raise BlockedError(
        f"{promotion.promotion_id} cannot {doing}: it is {_words(promotion.status)}, and would have to be {needed}.",
        fix=f"`workflowops promote status {promotion.promotion_id}` shows what became of it.",
    )


def _words(status: PromotionStatus) -> str:
    return status.value.replace("_", " ")
