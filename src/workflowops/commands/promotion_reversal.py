"""`/revert`: what somebody did in n8n is taken back by a plan of promotions, which is recorded and approved."""

from dataclasses import replace

from workflowops.commands.desk import Desk
from workflowops.commands.promoting import Promoting, candidates_of, look_at_target, plan_for, target_of
from workflowops.commands.promotion_files import registered_once
from workflowops.commands.promotion_plan import new_promotion
from workflowops.commands.promotion_words import answered_again, with_earlier_words
from workflowops.commands.revert import plan_reversal
from workflowops.core.comment.outcome import Acted
from workflowops.core.incident.record import Incident
from workflowops.core.problems import shown
from workflowops.core.promotion.plan import Options, PromotionKind, PromotionPlan
from workflowops.core.promotion.register import Registered
from workflowops.core.promotion.reversal_outcome import ReversalByHand, ReversalRecord, ReversalWay
from workflowops.core.promotion.reversing import to_be_reversed
from workflowops.core.promotion.route import Route, route_of_reversal
from workflowops.core.text.reversal import reversal_text
from workflowops.errors import ExitCode


def revert(promoting: Promoting, incident: Incident) -> Acted:
    """Plan how n8n comes to run what Git says again, have that recorded, and tell the same steps by hand.

    Nothing is written to n8n. Raises what kept n8n, Git or the state from being read for the record.
    """
    desk = Desk(workspace=promoting.workspace, tracker=promoting.tracker, links=promoting.links, pause=promoting.pause)
    reversal = plan_reversal(desk, incident)
    if not any(each.steps for each in reversal.workflows):
        return Acted(reversal_text(reversal, links=promoting.links), reversal.exit_code)
    way = record_reversal(promoting, incident)
    is_blocked = isinstance(way, ReversalByHand) and way.blocked is not None
    exit_code = max(reversal.exit_code, ExitCode.RULE) if is_blocked else reversal.exit_code
    return Acted(reversal_text(reversal, links=promoting.links, way=way), exit_code)


def record_reversal(promoting: Promoting, incident: Incident) -> ReversalWay:
    """Record that what somebody did to an incident's workflows in n8n shall be taken back; a dry run only says so.

    The record of the same plan is answered again. A plan that is blocked, or an environment that promotions do not
    write to, leads to no record.
    """
    workspace = promoting.workspace
    route = route_of_reversal(workspace.configuration, incident.environment)
    if route is None:
        reason = f"{shown(incident.environment)} is a stage of no pipeline, so nothing of ours writes to it."
        return ReversalByHand(reason=reason)
    if not (route.pipeline.enabled and route.stage.enabled):
        reason = f"Promotions to {shown(incident.environment)} are switched off, so nothing of ours writes to it."
        return ReversalByHand(reason=reason)
    plan = _plan(promoting, route, incident)
    if plan.is_blocked:
        return ReversalByHand(reason="The plan that would be carried out is blocked.", blocked=plan)
    if not plan.changes:
        reason = "The plan that would be carried out has nothing to write any more; the next drift check tells more."
        return ReversalByHand(reason=reason)
    registered = _registered(promoting, route, plan, incident)
    return ReversalRecord(
        promotion=answered_again(promoting, route, registered.promotion),
        plan=plan,
        gates=route.stage.gates,
        is_again=registered.changes[0].before is not None,
    )


def _plan(promoting: Promoting, route: Route, incident: Incident) -> PromotionPlan:
    workspace = promoting.workspace
    seen = look_at_target(workspace, route)
    candidates = candidates_of(workspace, seen, (each.canonical_id for each in incident.affected_workflows))
    moved = to_be_reversed(candidates, target=target_of(seen, ()))
    return plan_for(workspace, seen, moved, options=Options(), kind=PromotionKind.REVERSAL)


def _registered(promoting: Promoting, route: Route, plan: PromotionPlan, incident: Incident) -> Registered:
    new = replace(new_promotion(promoting, route, plan, None), incident=incident.number)
    new = with_earlier_words(promoting, route, new)
    message = f"promote: take back what incident {incident.number} is about"
    return registered_once(promoting.workspace, new, plan, message=message)
