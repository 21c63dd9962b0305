"""`promote plan`: what was merged becomes a record for every stage that it concerns, once."""

from collections.abc import Mapping, Sequence
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
from workflowops.core.promotion.plan import Options, PromotionPlan
from workflowops.core.promotion.record import ENDED, Promotion, PromotionStatus
from workflowops.core.promotion.register import Change, Registered, create
from workflowops.core.promotion.request import options_of
from workflowops.core.promotion.review import MergedPullRequest
from workflowops.core.promotion.route import Route
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError, WorkflowOpsError


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
    known = promotion_of_commit(workspace.state.view(), target_stage=route.environment, git_commit_sha=outcome.commit)
    if known is not None and (known.status not in ENDED or known.status is PromotionStatus.COMPLETED):
        return replace(outcome, promotions=(*outcome.promotions, known))
    changed = changed_ids(workspace, route, base=outcome.base or "", commit=outcome.commit)
    if not changed:
        return replace(outcome, unchanged=(*outcome.unchanged, route.environment))
    seen = look_at_target(workspace, route)
    plan = plan_for(workspace, seen, selected(seen, changed, slugs), options=options)
    if not plan.changes and not plan.is_blocked:
        return replace(outcome, unchanged=(*outcome.unchanged, route.environment))
    plan = gated(promoting, seen, plan, Behind(pull_request=pull_request, is_merged=pull_request is not None))
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
    registered = _registered(promoting, route, plan, pull_request)
    promotion = registered.promotion
    problem = None if workspace.is_dry_run else tell_record(promoting, promotion, plan)
    return replace(
        outcome,
        promotions=(*outcome.promotions, promotion),
        plans={**outcome.plans, promotion.promotion_id: plan},
        superseded=(
            *outcome.superseded,
            *(each.after.promotion_id for each in registered.changes[1:]),
        ),
        not_told=problem or outcome.not_told,
    )


def _registered(
    promoting: Promoting, route: Route, plan: PromotionPlan, pull_request: MergedPullRequest | None
) -> Registered:
    """Write the record, in one commit with the index, those it supersedes, and who did it."""
    workspace = promoting.workspace
    now = workspace.clock()
    new = new_promotion(promoting, route, plan, pull_request)
    latest: list[Registered] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        others = open_promotions(tip, plan.target_stage)
        again = [
            each for each in others if each.git_commit_sha == new.git_commit_sha and each.plan_digest == new.plan_digest
        ]
        if again:  # the same event, delivered twice at once
            latest.append(Registered(read_index(tip), (Change(before=again[0], after=again[0]),)))
            return {}
        latest.append(create(new, index=read_index(tip), others=others))
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
