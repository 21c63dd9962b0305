"""`promote apply`: carries out what was approved, and nothing else, in the job that may write."""

from collections.abc import Callable
from dataclasses import replace

from workflowops.commands.executing import execute
from workflowops.commands.execution import Execution
from workflowops.commands.gathering import Look, Wanted, look_at_all, read_declared
from workflowops.commands.ports import StateView, Workspace
from workflowops.commands.promoting import Promoting, Seen, look_at_target, plan_for, target_of
from workflowops.commands.promotion_claim import claimed
from workflowops.commands.promotion_files import Step, known_promotion, open_promotions, step_promotion
from workflowops.commands.promotion_gates import Behind, approvals_that_count, gated
from workflowops.commands.promotion_overtaken import why_overtaken
from workflowops.commands.promotion_telling import tell_record, tell_undone
from workflowops.commands.recovering import recover
from workflowops.core.configuration import select
from workflowops.core.promotion.finding import GateStatus, Gravity
from workflowops.core.promotion.outcome import Carried
from workflowops.core.promotion.plan import Options, PromotionKind, PromotionPlan
from workflowops.core.promotion.record import ENDED, Promotion, PromotionsIndex, PromotionStatus
from workflowops.core.promotion.register import Registered, approve, hold, pass_without_approval, plan_changed
from workflowops.core.promotion.rolling_back import plan_rollback
from workflowops.core.promotion.route import route_to
from workflowops.core.promotion.snapshot import Snapshot, read_snapshot
from workflowops.errors import BlockedError, ConfigurationError, StateError

_AGAIN = {
    PromotionKind.PROMOTION: "Start the run of the merge again (`promote plan`) to have it planned anew.",
    PromotionKind.ROLLBACK: "Comment `/rollback {0}` again (`promote rollback`) to have it planned anew.",
    PromotionKind.REVERSAL: "Comment `/revert` on the incident again to have it planned anew.",
}
Keep = Callable[[], None]


def apply_promotion(promoting: Promoting, promotion_id: str) -> Carried:
    """Carry out an approved promotion; what a dead run left on its target is brought to an end before.

    The plan is made anew and has to be the approved one, every gate is asked again, and what is not passed writes
    nothing. One that is completed already is answered as it is. Raises BlockedError for one that ended otherwise,
    MovedError while another run writes to the target, and what kept the target from being read.
    """
    workspace = promoting.workspace
    promotion = known_promotion(workspace.state.view(), promotion_id)
    if promotion.status is PromotionStatus.COMPLETED:
        return Carried(promotion=promotion)
    _require_open(promotion)
    if workspace.is_dry_run:
        return rehearsed(promoting, promotion)
    with claimed(workspace, promotion.target_stage, reason=f"carries out {promotion_id}") as keep:
        recovered = recover_dead(promoting, promotion.target_stage, keep)
        promotion = known_promotion(workspace.state.view(), promotion_id)
        if promotion.status in ENDED:
            return told(promoting, Carried(promotion=promotion, recovered=recovered))
        carried = carry_out(promoting, promotion, keep)
    return told(promoting, replace(carried, recovered=recovered))


def _require_open(promotion: Promotion) -> None:
    if promotion.status in ENDED:
        why = f": {promotion.problem}" if promotion.problem else "."
        newer = promotion.superseded_by
        again = _AGAIN[promotion.kind].format(promotion.rolls_back or "promo-…")
        raise BlockedError(
            f"{promotion.promotion_id} has ended as {promotion.status.value.replace('_', ' ')}{why}",
            fix=again if newer is None else f"{newer} took its place, and brings its workflows as they are since.",
        )


def recover_dead(promoting: Promoting, environment: str, keep: Keep) -> tuple[Promotion, ...]:
    """Bring to an end what runs that died left on a target: who holds its claim knows that no other is writing."""
    view = promoting.workspace.state.view()
    dead = [each for each in open_promotions(view, environment) if each.status is PromotionStatus.RUNNING]
    found = []
    for promotion in dead:
        promoting.workspace.progress.say(f"{promotion.promotion_id} was left by a run that died; looking at it first")
        found.append(recover(_recovery(promoting, promotion, keep)))
    return tuple(found)


def carry_out(promoting: Promoting, promotion: Promotion, keep: Keep) -> Carried:
    """Plan anew under the claim, ask every gate, and write; or say what it waits for."""
    seen = _seen(promoting, promotion)
    overtaken = why_overtaken(promoting, promotion, seen)
    if overtaken is not None:
        return _changed(promoting, promotion, None, problem=overtaken)
    plan = replan(promoting, promotion, seen)
    if plan.digest != promotion.plan_digest:
        return _changed(promoting, promotion, plan, problem=_another_plan(promotion, plan))
    behind = _behind(promoting, promotion)
    plan = gated(promoting, seen, plan, behind)
    if not plan.can_proceed:
        waits_for = reasons_of(plan)
        held = _step(promoting, promotion, _held("; ".join(waits_for)), message="does not go on")
        return Carried(promotion=held, plan=plan, waits_for=waits_for)
    approved = _approved(promoting, promotion, seen, plan, behind)
    execution = _execution(promoting, approved, keep, look=seen.look, plan=plan)
    return Carried(promotion=execute(execution), plan=plan)


def rehearsed(promoting: Promoting, promotion: Promotion) -> Carried:
    """Answer what carrying it out would come to now; nothing is claimed, recorded or written."""
    seen = _seen(promoting, promotion)
    overtaken = why_overtaken(promoting, promotion, seen)
    if overtaken is not None:
        return Carried(promotion=promotion, waits_for=(overtaken,), is_dry_run=True)
    plan = replan(promoting, promotion, seen)
    if plan.digest != promotion.plan_digest:
        return Carried(promotion=promotion, plan=plan, waits_for=(_another_plan(promotion, plan),), is_dry_run=True)
    plan = gated(promoting, seen, plan, _behind(promoting, promotion))
    return Carried(promotion=promotion, plan=plan, waits_for=reasons_of(plan), is_dry_run=True)


def replan(promoting: Promoting, promotion: Promotion, seen: Seen) -> PromotionPlan:
    """Make the plan of a record once more, from what is there now."""
    if promotion.kind is PromotionKind.ROLLBACK:
        undone = known_promotion(seen.view, promotion.rolls_back or "")
        return plan_undoing(promoting, undone, seen, options=promotion.options)
    return plan_for(
        promoting.workspace, seen, promotion.workflow_selection, options=promotion.options, kind=promotion.kind
    )


def reasons_of(plan: PromotionPlan) -> tuple[str, ...]:
    """Answer everything that stands against carrying a plan out now."""
    return (
        *(each.message for each in plan.findings if each.gravity is Gravity.BLOCKING),
        *(each.message for each in plan.conflicts if not each.is_allowed),
        *(each.message for each in plan.gate_results if each.status is not GateStatus.PASSED),
    )


def plan_undoing(promoting: Promoting, undone: Promotion, seen: Seen, *, options: Options) -> PromotionPlan:
    """Plan what takes a completed promotion back. Raises StateError when its snapshot is gone."""
    before = snapshot_of(promoting, undone)
    return plan_rollback(
        undone,
        snapshot=before,
        target=target_of(seen, [each.document for each in before.workflows.values()]),
        live=seen.look.bodies,
        options=options,
    )


def snapshot_of(promoting: Promoting, promotion: Promotion) -> Snapshot:
    """Read what a promotion's target held before it. Raises StateError when the remote has it no longer."""
    result = promotion.execution_result
    name = None if result is None else result.target_pre_snapshot_id
    commit = None if result is None else result.target_pre_snapshot_commit
    files = None if name is None else promoting.snapshots.load(name, commit=commit)
    if files is None:
        raise StateError(
            f"The snapshot of {promotion.target_stage} from before {promotion.promotion_id} is not there.",
            fix=f"Fetch the tag snapshots/{name} from a clone that has it and push it, or put the workflows right by "
            "a pull request.",
        )
    return read_snapshot(files)


def _seen(promoting: Promoting, promotion: Promotion) -> Seen:
    workspace = _at_its_commit(promoting.workspace, promotion)
    route = route_to(workspace.configuration, promotion.target_stage, pipeline=promotion.pipeline_id)
    return look_at_target(workspace, route)


def _behind(promoting: Promoting, promotion: Promotion) -> Behind:
    pull_request = None
    if promoting.pull_requests is not None and promotion.pull_request is not None:
        pull_request = promoting.pull_requests.pull_request(promotion.pull_request)
    return Behind(
        pull_request=pull_request,
        promotion=promotion,
        is_merged=promotion.pull_request is not None and not promotion.unreviewed,
        is_execution=True,
    )


def _another_plan(promotion: Promotion, plan: PromotionPlan) -> str:
    return (
        f"What would be written now is not what was planned: the plan is {plan.digest[:12]}, and that of "
        f"{promotion.promotion_id} was {promotion.plan_digest[:12]}. Git, {promotion.target_stage} or the "
        "configuration has moved since."
    )


def _changed(promoting: Promoting, promotion: Promotion, plan: PromotionPlan | None, *, problem: str) -> Carried:
    def step(before: Promotion, index: PromotionsIndex, _: StateView) -> Registered:
        return plan_changed(before, index=index, problem=problem)

    ended = _step(promoting, promotion, step, message="would not be what was approved")
    return Carried(promotion=ended, plan=plan, waits_for=(problem,))


def _held(problem: str) -> Step:
    return lambda before, index, _: hold(before, index=index, problem=problem)


def _approved(promoting: Promoting, promotion: Promotion, seen: Seen, plan: PromotionPlan, behind: Behind) -> Promotion:
    """Note who approved, as the gates found it proven; every gate is passed by now."""
    if promotion.status is PromotionStatus.APPROVED and promotion.approved_by is not None:
        return promotion
    given = approvals_that_count(promoting, seen, plan, promotion, behind)

    def step(before: Promotion, index: PromotionsIndex, _: StateView) -> Registered:
        if not given:
            return pass_without_approval(before, index=index)
        registered = approve(before, given[0], index=index)
        for each in given[1:]:
            registered = approve(registered.promotion, each, index=index)
        return Registered(registered.index, (replace(registered.changes[0], before=before),))

    return _step(promoting, promotion, step, message="is approved")


def _step(promoting: Promoting, promotion: Promotion, step: Step, *, message: str) -> Promotion:
    registered = step_promotion(
        promoting.workspace,
        promotion.promotion_id,
        step,
        message=f"promote: {promotion.promotion_id} {message}",
    )
    return registered.promotion


def _recovery(promoting: Promoting, promotion: Promotion, keep: Keep) -> Execution:
    """Look at a target that a dead run left; snapshot and record are enough, should pipeline or commit be gone."""
    known = promoting.workspace
    environment = select(known.configuration, [promotion.target_stage])[0]
    workspace, view = _at_its_commit(known, promotion), known.state.view()
    try:
        declared = read_declared(workspace, view)
    except ConfigurationError as error:
        known.progress.say(f"{promotion.promotion_id} is compared with {known.ref} instead of its commit. {error}")
        workspace, declared = known, read_declared(known, view)
    wanted = Wanted(keep=lambda _, __: True)
    look = look_at_all(workspace, [environment], view, declared, wanted=wanted)[0]
    if look.failure is not None:
        raise look.failure
    return _execution(promoting, promotion, keep, look=look, plan=None, ref=workspace.ref)


def _at_its_commit(workspace: Workspace, promotion: Promotion) -> Workspace:
    return workspace if promotion.git_commit_sha is None else replace(workspace, ref=promotion.git_commit_sha)


def _execution(
    promoting: Promoting,
    promotion: Promotion,
    keep: Keep,
    *,
    look: Look,
    plan: PromotionPlan | None,
    ref: str | None = None,
) -> Execution:
    workspace = promoting.workspace
    workspace = _at_its_commit(workspace, promotion) if ref is None else replace(workspace, ref=ref)
    return Execution(
        workspace=workspace,
        environment=look.environment,
        promotion=promotion,
        plan=plan,
        look=look,
        snapshots=promoting.snapshots,
        open_writer=promoting.open_writer,
        keep=keep,
        pause=promoting.pause,
    )


def told(promoting: Promoting, carried: Carried) -> Carried:
    """Show on the pull requests what became of it, and of what was brought to an end before."""
    problems = [tell_record(promoting, each, None) for each in carried.recovered]
    problems.append(tell_record(promoting, carried.promotion, carried.plan if carried.waits_for else None))
    problems.append(tell_undone(promoting, carried.promotion))
    told = [each for each in problems if each is not None]
    return replace(carried, not_told=" ".join(dict.fromkeys(told)) or None)
