"""`promote rollback`: what a promotion did is taken back, by a plan with gates of its own."""

from dataclasses import replace

from workflowops.commands.promoting import Promoting, Seen, look_at_target
from workflowops.commands.promotion_apply import carry_out, plan_undoing, reasons_of, recover_dead, told
from workflowops.commands.promotion_claim import claimed
from workflowops.commands.promotion_files import known_promotion, registered_once
from workflowops.commands.promotion_gates import Behind, gated
from workflowops.commands.promotion_plan import new_promotion
from workflowops.commands.promotion_words import answered_again, with_earlier_words
from workflowops.core.promotion.outcome import Carried
from workflowops.core.promotion.plan import Options, PromotionPlan
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.route import Route, route_to
from workflowops.errors import BlockedError


def roll_back(promoting: Promoting, promotion_id: str, *, options: Options) -> Carried:
    """Take a promotion back as far as the gates of its target let it; else record that it waits.

    It is completed, or failed and was put back in part. Gates about what is new (checks, the stage before, freeze
    windows) are not asked; an approval is. Raises BlockedError when there is nothing to take back, or the target moved
    since and `options` do not allow it.
    """
    workspace = promoting.workspace
    undone = known_promotion(workspace.state.view(), promotion_id)
    _require_done(undone)
    if workspace.is_dry_run:
        seen = look_at_target(workspace, _route(promoting, undone))
        return replace(_rehearsed(promoting, undone, seen, options), is_dry_run=True)
    with claimed(workspace, undone.target_stage, reason=f"takes {promotion_id} back") as keep:
        recovered = recover_dead(promoting, undone.target_stage, keep)
        record = record_rollback(promoting, promotion_id, options=options, is_in_its_job=True)
        carried = carry_out(promoting, record, keep)
    return told(promoting, replace(carried, recovered=recovered))


def record_rollback(
    promoting: Promoting, promotion_id: str, *, options: Options, is_in_its_job: bool = False
) -> Promotion:
    """Record that a promotion shall be taken back; the record of the same plan is answered again.

    A dry run answers the record that would be made. `is_in_its_job` says that this is the job that carries it out.
    """
    workspace = promoting.workspace
    undone = known_promotion(workspace.state.view(), promotion_id)
    _require_done(undone)
    route = _route(promoting, undone)
    plan = plan_undoing(promoting, undone, look_at_target(workspace, route), options=options)
    _require_possible(plan, undone)
    new = with_earlier_words(promoting, route, _new(promoting, route, plan, undone), is_in_its_job=is_in_its_job)
    record = registered_once(workspace, new, plan, message=f"promote: take {promotion_id} back").promotion
    return answered_again(promoting, route, record, is_in_its_job=is_in_its_job)


def _new(promoting: Promoting, route: Route, plan: PromotionPlan, undone: Promotion) -> Promotion:
    return replace(
        new_promotion(promoting, route, plan, None),
        rolls_back=undone.promotion_id,
        pull_request=undone.pull_request,
        pull_request_url=undone.pull_request_url,
    )


def _rehearsed(promoting: Promoting, undone: Promotion, seen: Seen, options: Options) -> Carried:
    plan = plan_undoing(promoting, undone, seen, options=options)
    plan = gated(promoting, seen, plan, Behind(promotion=_new(promoting, seen.route, plan, undone)))
    return Carried(promotion=undone, plan=plan, waits_for=reasons_of(plan))


def _route(promoting: Promoting, undone: Promotion) -> Route:
    return route_to(promoting.workspace.configuration, undone.target_stage, pipeline=undone.pipeline_id)


def _require_done(undone: Promotion) -> None:
    """Refuse what left nothing to take back: one that was put back in part is like one that is completed."""
    if undone.status not in (PromotionStatus.COMPLETED, PromotionStatus.ROLLBACK_INCOMPLETE):
        raise BlockedError(
            f"{undone.promotion_id} is {undone.status.value.replace('_', ' ')}: only a promotion that is completed, or "
            "whose rollback was incomplete, can be taken back.",
            fix=f"`workflowops promote status {undone.promotion_id}` shows what became of it.",
        )
    if undone.rolled_back_by is not None:
        raise BlockedError(
            f"{undone.promotion_id} was taken back already, by {undone.rolled_back_by}.",
            fix="There is nothing to do.",
        )


def _require_possible(plan: PromotionPlan, undone: Promotion) -> None:
    reasons = reasons_of(replace(plan, gate_results=()))
    if reasons:
        raise BlockedError(
            f"{undone.promotion_id} cannot be taken back: {' '.join(reasons)}",
            fix="Look at what was done since. --allow-overwriting-hotfixes takes it back over that, where it can be.",
        )
    if not plan.changes:
        raise BlockedError(
            f"{undone.target_stage} holds already what it held before {undone.promotion_id}.",
            fix="There is nothing to do.",
        )
