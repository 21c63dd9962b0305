"""`promote plan`: what was merged becomes a record for every stage that it concerns, once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from workflowops.commands.ports import StateView
from workflowops.commands.promoting import Promoting, changed_ids, look_at_target, plan_for, selected
from workflowops.commands.promotion_files import changed_files, open_promotions, promotion_of_commit, read_index
from workflowops.commands.promotion_gates import Behind, gated
from workflowops.commands.promotion_preview import failure_of
from workflowops.commands.promotion_telling import tell_blocked, tell_record
from workflowops.core.configuration import Approval
from workflowops.core.promotion.finding import GateStatus, GateType
from workflowops.core.promotion.outcome import Recorded
from workflowops.core.promotion.plan import Options, PromotionKind, PromotionPlan
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.register import WAITING, Change, Registered, create
from workflowops.core.promotion.request import options_of
from workflowops.core.promotion.review import MergedPullRequest
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

    The merged pull request behind the commit is looked up; without one it is refused, unless the pipeline allows it.
    Asked again for the same commit, the same records are answered. A plan that is blocked is told and not recorded:
    once it was put right, the same run can be started again. Nothing is written to n8n.
    """
    workspace = promoting.workspace
    commit = workspace.repository.resolve(workspace.ref)
    pull_request = None if promoting.pull_requests is None else promoting.pull_requests.of_commit(commit)
    outcome = Recorded(
        commit=commit,
        base=base,
        pull_request_url=None if pull_request is None else pull_request.url,
        is_dry_run=workspace.is_dry_run,
    )
    allowed = options if pull_request is None else options_of(pull_request.labels, options)
    for route in chosen:
        try:
            outcome = _with_target(promoting, route, outcome, slugs=slugs, options=allowed, pull_request=pull_request)
        except WorkflowOpsError as error:
            outcome = replace(outcome, failed=(*outcome.failed, failure_of(route, error)))
    return outcome


def _with_target(
    promoting: Promoting,
    route: Route,
    outcome: Recorded,
    *,
    slugs: Sequence[str],
    options: Options,
    pull_request: MergedPullRequest | None,
) -> Recorded:
    workspace = promoting.workspace
    view = workspace.state.view()
    known = _made_before(view, route.environment, outcome.commit)
    if known is not None:
        return replace(outcome, promotions=(*outcome.promotions, known))
    changed = changed_ids(workspace, route, base=outcome.base or "", commit=outcome.commit)
    if not changed:
        return replace(outcome, unchanged=(*outcome.unchanged, route.environment))
    seen = look_at_target(workspace, route)
    wanted = selected(seen, changed, slugs)
    wanted = (*wanted, *sorted(_taken_over(view, route.environment, wanted, commit=outcome.commit)))
    plan = plan_for(workspace, seen, wanted, options=options)
    if not plan.changes and not plan.is_blocked:
        return replace(outcome, unchanged=(*outcome.unchanged, route.environment))
    plan = gated(promoting, seen, plan, _behind(promoting, pull_request))
    unreviewed = next(
        (
            each
            for each in plan.gate_results
            if each.gate_type is GateType.REVIEWED and each.status is not GateStatus.PASSED
        ),
        None,
    )
    if unreviewed is not None:
        raise BlockedError(unreviewed.message, fix=unreviewed.fix)
    if plan.is_blocked:
        problem = None if workspace.is_dry_run else tell_blocked(promoting, plan, pull_request)
        return replace(outcome, blocked=(*outcome.blocked, plan), not_told=problem or outcome.not_told)
    registered = _registered(promoting, route, plan, pull_request, wanted=wanted)
    promotion = registered.promotion
    superseded = [each.after for each in registered.changes[1:]]
    problem = None
    if not workspace.is_dry_run:
        problems = [
            tell_record(promoting, promotion, plan),
            *(tell_record(promoting, each, None) for each in superseded),
        ]
        problem = next((each for each in problems if each is not None), None)
    return replace(
        outcome,
        promotions=(*outcome.promotions, promotion),
        plans={**outcome.plans, promotion.promotion_id: plan},
        superseded=(*outcome.superseded, *(each.promotion_id for each in superseded)),
        not_told=problem or outcome.not_told,
    )


def _made_before(view: StateView, target_stage: str, commit: str | None) -> Promotion | None:
    """Answer the record that a commit made; None where there is none, or the last one came to nothing.

    One that was superseded is answered too: planned anew, it would bring back what a newer merge has replaced.
    """
    if commit is None:
        return None
    known = promotion_of_commit(view, target_stage=target_stage, git_commit_sha=commit)
    return None if known is None or known.status in _CAME_TO_NOTHING else known


def _taken_over(view: StateView, target_stage: str, canonical_ids: Collection[str], *, commit: str | None) -> set[str]:
    """Answer the workflows of the promotions whose place a new one takes, so that no change is lost with them.

    Those are what waits for the same target with one of the same workflows, and what the commit made before.
    """
    found = set(canonical_ids)
    before = None if commit is None else promotion_of_commit(view, target_stage=target_stage, git_commit_sha=commit)
    if before is not None:
        found |= set(before.workflow_selection)
    for each in open_promotions(view, target_stage):
        is_older = each.kind is PromotionKind.PROMOTION and each.status in WAITING
        if is_older and not found.isdisjoint(each.workflow_selection):
            found |= set(each.workflow_selection)
    return found - set(canonical_ids)


def _behind(promoting: Promoting, pull_request: MergedPullRequest | None) -> Behind:
    is_known = promoting.pull_requests is not None
    return Behind(pull_request=pull_request, is_merged=pull_request is not None if is_known else None)


def _registered(
    promoting: Promoting,
    route: Route,
    plan: PromotionPlan,
    pull_request: MergedPullRequest | None,
    *,
    wanted: Collection[str],
) -> Registered:
    """Write the record, in one commit with the index, those it supersedes, and who did it."""
    workspace = promoting.workspace
    now = workspace.clock()
    new = new_promotion(promoting, route, plan, pull_request)
    latest: list[Registered] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        again = _made_before(tip, plan.target_stage, new.git_commit_sha)
        if again is not None:  # the same event, delivered twice at once
            latest.append(Registered(read_index(tip), (Change(before=again, after=again),)))
            return {}
        if _taken_over(tip, plan.target_stage, wanted, commit=new.git_commit_sha):
            raise MovedError(
                f"Another change of the same workflows was recorded for {plan.target_stage} meanwhile.",
                fix="Plan the merge again.",
            )
        latest.append(create(new, index=read_index(tip), others=open_promotions(tip, plan.target_stage)))
        return changed_files(workspace, tip, latest[-1], now=now)

    if workspace.is_dry_run:
        decide(workspace.state.view())
    else:
        workspace.state.change(decide, message=f"promote: planned for {plan.target_stage}")
    return latest[-1]


def new_promotion(
    promoting: Promoting, route: Route, plan: PromotionPlan, pull_request: MergedPullRequest | None
) -> Promotion:
    """Answer the record of a plan; its id is given by the register."""
    workspace = promoting.workspace
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
        created_at=iso(workspace.clock()),
    )
