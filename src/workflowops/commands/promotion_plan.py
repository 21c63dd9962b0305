"""`promote plan`: what was merged becomes a record for every stage that it concerns, once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from workflowops.commands.ports import StateView
from workflowops.commands.promoting import Promoting, changed_ids, look_at_target, plan_for, selected
from workflowops.commands.promotion_files import (
    changed_files,
    drawing_files,
    open_promotions,
    promotion_of_commit,
    read_index,
    step_promotion,
)
from workflowops.commands.promotion_gates import gated
from workflowops.commands.promotion_origin import Origin, origin_of
from workflowops.commands.promotion_overtaken import overlapping, since, slugs_of, taken_over
from workflowops.commands.promotion_preview import failure_of
from workflowops.commands.promotion_telling import tell_blocked, tell_failed, tell_record
from workflowops.commands.promotion_words import answered_again, with_earlier_words
from workflowops.core.configuration import Approval
from workflowops.core.promotion.finding import GateStatus, GateType
from workflowops.core.promotion.outcome import Recorded
from workflowops.core.promotion.plan import Options, PromotionPlan
from workflowops.core.promotion.record import Promotion, PromotionsIndex, PromotionStatus
from workflowops.core.promotion.register import Change, Registered, create, plan_changed
from workflowops.core.promotion.request import options_of
from workflowops.core.promotion.route import Route
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError, MovedError, WorkflowOpsError

_CAME_TO_NOTHING = frozenset({
    PromotionStatus.ROLLED_BACK,
    PromotionStatus.ROLLBACK_INCOMPLETE,
    PromotionStatus.PLAN_CHANGED,
    PromotionStatus.REJECTED,
})  # fmt: skip
"""How a record ended whose merge may be planned anew."""


def plan_merge(
    promoting: Promoting, chosen: Sequence[Route], *, base: str, slugs: Sequence[str], options: Options
) -> Recorded:
    """Make a record for every target whose folder differs between `base` and the declared commit.

    The merged pull request behind every commit since is looked up; where one has none it is refused, unless the
    pipeline allows it. Asked again for the same commit, the same records are answered. What the tip of the default
    branch declares otherwise than the commit is left out. A plan that is blocked is told and not recorded: once it was
    put right, the same run can be started again. Nothing is written to n8n.
    """
    workspace = promoting.workspace
    commit = workspace.repository.resolve(workspace.ref)
    last = None if promoting.pull_requests is None else promoting.pull_requests.of_commit(commit)
    is_review_needed = not any(route.pipeline.allow_unreviewed for route in chosen)
    merge = _Merge(
        base=base,
        slugs=slugs,
        options=options,
        origin=cache(
            lambda: origin_of(promoting, last, base=base, commit=commit, is_review_needed=is_review_needed),
        ),
    )
    outcome = Recorded(
        commit=commit,
        base=base,
        pull_request_url=None if last is None else last.url,
        is_dry_run=workspace.is_dry_run,
    )
    for route in chosen:
        try:
            outcome = _with_target(promoting, route, outcome, merge)
        except WorkflowOpsError as error:
            failed = failure_of(route, error)
            problem = None if workspace.is_dry_run else tell_failed(promoting, failed, last)
            outcome = replace(outcome, failed=(*outcome.failed, failed), not_told=problem or outcome.not_told)
    return outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merge:
    """What was asked to be planned; `origin` is looked up when the first target needs it."""

    base: str
    slugs: Sequence[str]
    options: Options
    origin: Callable[[], Origin]


def _with_target(promoting: Promoting, route: Route, outcome: Recorded, merge: _Merge) -> Recorded:
    workspace = promoting.workspace
    view = workspace.state.view()
    known = _made_before(view, route.environment, outcome.commit)
    if known is not None:
        return replace(outcome, promotions=(*outcome.promotions, answered_again(promoting, route, known)))
    changed = changed_ids(workspace, route, base=merge.base, commit=outcome.commit)
    if not changed:
        return replace(outcome, unchanged=(*outcome.unchanged, route.environment))
    seen = look_at_target(workspace, route)
    wanted = selected(seen, changed, merge.slugs)
    left = since(workspace, view, route, commit=outcome.commit).canonical_ids
    overtaken = [f"{route.environment}/{slug}" for slug in slugs_of(seen, left.intersection(wanted))]
    outcome = replace(outcome, overtaken=(*outcome.overtaken, *overtaken))
    wanted = tuple(each for each in wanted if each not in left)
    if not wanted:
        return outcome if overtaken else replace(outcome, unchanged=(*outcome.unchanged, route.environment))
    wanted = (*wanted, *sorted(taken_over(view, route.environment, wanted, commit=outcome.commit) - left))
    origin = merge.origin()
    plan = plan_for(workspace, seen, wanted, options=options_of(origin.labels, merge.options))
    if not plan.changes and not plan.is_blocked:
        return _without_changes(promoting, route, outcome, wanted)
    plan = gated(promoting, seen, plan, origin.behind)
    _require_reviewed(plan, origin)
    if plan.is_blocked:
        problem = None if workspace.is_dry_run else tell_blocked(promoting, plan, origin.last)
        return replace(outcome, blocked=(*outcome.blocked, plan), not_told=problem or outcome.not_told)
    replaces = [each.promotion_id for each in overlapping(view, route.environment, wanted)]
    return _recorded(promoting, outcome, plan, _registered(promoting, route, plan, origin, replaces=replaces))


def _recorded(promoting: Promoting, outcome: Recorded, plan: PromotionPlan, registered: Registered) -> Recorded:
    """Add a record to the outcome, and show it, and those whose place it took, on their pull requests."""
    promotion = registered.promotion
    superseded = [each.after for each in registered.changes[1:]]
    problems = [] if outcome.is_dry_run else [tell_record(promoting, promotion, plan), *_told(promoting, superseded)]
    return replace(
        outcome,
        promotions=(*outcome.promotions, promotion),
        plans={**outcome.plans, promotion.promotion_id: plan},
        superseded=(*outcome.superseded, *(each.promotion_id for each in superseded)),
        not_told=next((each for each in problems if each is not None), outcome.not_told),
    )


def _without_changes(promoting: Promoting, route: Route, outcome: Recorded, wanted: Collection[str]) -> Recorded:
    """Note that a target holds it all; what waited to bring it something else has nothing left to do, and ends."""
    target = route.environment
    problem = f"{target} holds already what {outcome.commit[:12]} declares of the same workflows."

    def step(before: Promotion, index: PromotionsIndex, _: StateView) -> Registered:
        return plan_changed(before, index=index, problem=problem)

    ended = [
        step_promotion(
            promoting.workspace,
            each.promotion_id,
            step,
            message=f"promote: {each.promotion_id} has nothing left to do",
        ).promotion
        for each in overlapping(promoting.workspace.state.view(), target, wanted)
        if set(each.workflow_selection) <= set(wanted)
    ]
    problems = [] if outcome.is_dry_run else _told(promoting, ended)
    return replace(
        outcome,
        unchanged=(*outcome.unchanged, target),
        ended=(*outcome.ended, *(each.promotion_id for each in ended)),
        not_told=next((each for each in problems if each is not None), outcome.not_told),
    )


def _told(promoting: Promoting, promotions: Iterable[Promotion]) -> list[str | None]:
    return [tell_record(promoting, each, None) for each in promotions]


def _require_reviewed(plan: PromotionPlan, origin: Origin) -> None:
    for each in plan.gate_results:
        if each.gate_type is GateType.REVIEWED and each.status is not GateStatus.PASSED:
            commits = ", ".join(commit[:12] for commit in origin.unreviewed)
            raise BlockedError(f"{each.message} It is {commits}." if commits else each.message, fix=each.fix)


def _made_before(view: StateView, target_stage: str, commit: str | None) -> Promotion | None:
    """Answer the record that a commit made; None where there is none, or the last one came to nothing.

    One that was superseded is answered too: planned anew, it would bring back what a newer merge has replaced.
    """
    if commit is None:
        return None
    known = promotion_of_commit(view, target_stage=target_stage, git_commit_sha=commit)
    return None if known is None or known.status in _CAME_TO_NOTHING else known


def _registered(
    promoting: Promoting,
    route: Route,
    plan: PromotionPlan,
    origin: Origin,
    *,
    replaces: Collection[str],
) -> Registered:
    """Write the record, in one commit with the index, those it supersedes, and who did it.

    `replaces` are the only ones whose place it may take: what was recorded since may be newer.
    """
    workspace = promoting.workspace
    now = workspace.clock()
    new = with_earlier_words(promoting, route, new_promotion(promoting, route, plan, origin))
    latest: list[Registered] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        again = _made_before(tip, plan.target_stage, new.git_commit_sha)
        if again is not None:  # the same event, delivered twice at once
            latest.append(Registered(read_index(tip), (Change(before=again, after=again),)))
            return {}
        if {each.promotion_id for each in overlapping(tip, plan.target_stage, new.workflow_selection)} - {*replaces}:
            raise MovedError(
                f"Another change of the same workflows was recorded for {plan.target_stage} meanwhile.",
                fix="Plan the merge again.",
            )
        latest.append(create(new, index=read_index(tip), others=open_promotions(tip, plan.target_stage)))
        drawn = drawing_files(latest[-1].promotion.promotion_id, plan)
        return changed_files(workspace, tip, latest[-1], now=now) | drawn

    if workspace.is_dry_run:
        decide(workspace.state.view())
    else:
        workspace.state.change(decide, message=f"promote: planned for {plan.target_stage}")
    return latest[-1]


def new_promotion(promoting: Promoting, route: Route, plan: PromotionPlan, origin: Origin | None) -> Promotion:
    """Answer the record of a plan; its id is given by the register. Without an origin, whoever runs this made it."""
    workspace = promoting.workspace
    pull_request = None if origin is None else origin.last
    is_free = route.stage.gates.approval is Approval.NONE
    return Promotion(
        promotion_id="",
        kind=plan.kind,
        pipeline_id=plan.pipeline_id,
        source_stage=plan.source_stage,
        target_stage=plan.target_stage,
        status=PromotionStatus.APPROVED if is_free else PromotionStatus.PENDING_APPROVAL,
        workflow_selection=tuple(each.canonical_id for each in plan.workflows),
        options=plan.options,
        plan_digest=plan.digest,
        git_commit_sha=plan.git_commit_sha,
        head_sha=None if pull_request is None else pull_request.head,
        pull_request=None if pull_request is None else pull_request.number,
        pull_request_url=None if pull_request is None else pull_request.url,
        created_by=workspace.actor.name if pull_request is None else pull_request.author,
        merged_by=None if pull_request is None else pull_request.merged_by,
        also_wrote=() if origin is None else origin.also_wrote,
        other_heads=() if origin is None else tuple(each.head for each in origin.others),
        other_pull_requests=() if origin is None else tuple(each.number for each in origin.others),
        unreviewed=() if origin is None else origin.unreviewed,
        created_at=iso(workspace.clock()),
    )
