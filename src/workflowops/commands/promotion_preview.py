"""`promote preview`: what a change means for every stage that it concerns, before anybody merges it."""

from collections.abc import Sequence
from dataclasses import replace

from workflowops.commands.promoting import Promoting, changed_ids, look_at_target, pending_ids, plan_for, selected
from workflowops.commands.promotion_gates import Behind, gated
from workflowops.core.promotion.finding import GateStatus
from workflowops.core.promotion.markers import preview_marker
from workflowops.core.promotion.outcome import Failed, Previewed
from workflowops.core.promotion.plan import Options, PromotionPlan
from workflowops.core.promotion.review import CheckConclusion, CheckReport, MergedPullRequest
from workflowops.core.promotion.route import Route
from workflowops.core.text.promotion import annotations, preview_markdown
from workflowops.errors import WorkflowOpsError

CHECK = "WorkflowOps preview"


def preview(
    promoting: Promoting,
    chosen: Sequence[Route],
    *,
    base: str | None,
    slugs: Sequence[str],
    options: Options,
    pull_request: MergedPullRequest | None,
) -> Previewed:
    """Plan every target whose folder differs between `base` and the declared commit. Nothing is recorded or written.

    Without a base everything counts in which Git and n8n are not the same. `slugs` are canonical slugs or ids; the plan
    is about these alone. A target that cannot be looked at does not hide the others. The pull request is told, in one
    comment for each target and in a check.
    """
    workspace = promoting.workspace
    commit = workspace.repository.resolve(workspace.ref)
    plans: list[PromotionPlan] = []
    unchanged: list[str] = []
    failed: list[Failed] = []
    for route in chosen:
        try:
            plan = plan_of_change(promoting, route, base=base, slugs=slugs, options=options, pull_request=pull_request)
        except WorkflowOpsError as error:
            failed.append(failure_of(route, error))
            continue
        if plan is None or not (plan.changes or plan.is_blocked):
            unchanged.append(route.environment)
        else:
            plans.append(plan)
    outcome = Previewed(
        commit=commit,
        base=base,
        plans=tuple(plans),
        unchanged=tuple(unchanged),
        failed=tuple(failed),
        pull_request_url=None if pull_request is None or workspace.is_dry_run else pull_request.url,
    )
    return outcome if workspace.is_dry_run or pull_request is None else _told(promoting, outcome, pull_request)


def failure_of(route: Route, error: WorkflowOpsError) -> Failed:
    """Answer what kept a target from being planned."""
    return Failed(target=route.environment, problem=str(error), fix=error.fix, exit_code=error.exit_code)


def plan_of_change(
    promoting: Promoting,
    route: Route,
    *,
    base: str | None,
    slugs: Sequence[str],
    options: Options,
    pull_request: MergedPullRequest | None,
) -> PromotionPlan | None:
    """Plan one target for a change and ask its gates; None when the change does not concern it."""
    workspace = promoting.workspace
    chosen = None
    if base is not None:
        chosen = changed_ids(workspace, route, base=base, commit=workspace.repository.resolve(workspace.ref))
        if not chosen:
            return None
    seen = look_at_target(workspace, route)
    wanted = selected(seen, pending_ids(seen) if chosen is None else chosen, slugs)
    if not wanted:
        return None
    plan = plan_for(workspace, seen, wanted, options=options)
    is_merged = None if pull_request is None or pull_request.is_open else pull_request.merge_commit is not None
    return gated(promoting, seen, plan, Behind(pull_request=pull_request, is_merged=is_merged))


def _told(promoting: Promoting, outcome: Previewed, pull_request: MergedPullRequest) -> Previewed:
    """Show the plans on the pull request. That this failed takes nothing from the plans."""
    if promoting.pull_requests is None:
        return outcome
    try:
        for plan in outcome.plans:
            marker = preview_marker(plan.target_stage)
            text = preview_markdown(plan, links=promoting.links)
            promoting.pull_requests.say(pull_request.number, text, marker=marker)
        promoting.pull_requests.report_check(_check(promoting, outcome, pull_request))
    except WorkflowOpsError as error:
        return replace(outcome, not_told=f"{error} {error.fix}")
    return outcome


def _check(promoting: Promoting, outcome: Previewed, pull_request: MergedPullRequest) -> CheckReport:
    return CheckReport(
        name=CHECK,
        commit=pull_request.head,
        conclusion=_conclusion(outcome),
        title=_title(outcome),
        summary="\n\n".join(preview_markdown(plan, links=promoting.links) for plan in outcome.plans) or _title(outcome),
        annotations=tuple(each for plan in outcome.plans for each in annotations(plan)),
    )


def _conclusion(outcome: Previewed) -> CheckConclusion:
    if outcome.failed or any(plan.is_blocked for plan in outcome.plans):
        return CheckConclusion.FAILURE
    refused = [gate for plan in outcome.plans for gate in plan.gate_results if gate.status is GateStatus.FAILED]
    return CheckConclusion.ACTION_REQUIRED if refused else CheckConclusion.SUCCESS


def _title(outcome: Previewed) -> str:
    if outcome.failed:
        return f"Could not be planned for {', '.join(each.target for each in outcome.failed)}"
    if not outcome.plans:
        return "Nothing would be promoted"
    counts = [f"{plan.target_stage}: {len(plan.changes)}" for plan in outcome.plans]
    return f"Workflows that would change: {', '.join(counts)}"
