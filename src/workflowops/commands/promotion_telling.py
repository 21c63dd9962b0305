"""REPORT on pull requests: one comment for each promotion, kept up to date, and labels that mirror where it stands."""

from collections.abc import Iterable

from workflowops.commands.ports import StateView
from workflowops.commands.promoting import Promoting
from workflowops.commands.promotion_files import known_promotion, promotions
from workflowops.core.incident.issue import LONGEST_TEXT, Label
from workflowops.core.promotion.markers import preview_marker, promotion_marker
from workflowops.core.promotion.outcome import Failed
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.request import status_label
from workflowops.core.promotion.review import MergedPullRequest
from workflowops.core.text.promotion import failure_markdown, preview_markdown, promotion_markdown
from workflowops.errors import WorkflowOpsError


def tell_blocked(promoting: Promoting, plan: PromotionPlan, pull_request: MergedPullRequest | None) -> str | None:
    """Show on the pull request why its merge was not recorded; answers why that could not be shown."""
    if promoting.pull_requests is None or pull_request is None:
        return None
    try:
        text = preview_markdown(plan, links=promoting.links)
        promoting.pull_requests.say(pull_request.number, text, marker=preview_marker(plan.target_stage))
    except WorkflowOpsError as error:
        return f"{error} {error.fix}"
    return None


def tell_failed(promoting: Promoting, failed: Failed, pull_request: MergedPullRequest | None) -> str | None:
    """Show on the pull request why a target could not be planned; answers why that could not be shown."""
    if promoting.pull_requests is None or pull_request is None:
        return None
    try:
        promoting.pull_requests.say(pull_request.number, failure_markdown(failed), marker=preview_marker(failed.target))
    except WorkflowOpsError as error:
        return f"{error} {error.fix}"
    return None


def tell_record(promoting: Promoting, promotion: Promotion, plan: PromotionPlan | None) -> str | None:
    """Show on its pull request where a promotion stands; answers why that could not be shown.

    What happened in n8n and in the state stands, whatever GitHub says: nobody is told that it failed because of this.
    """
    if promoting.pull_requests is None or promotion.pull_request is None:
        return None
    text = promotion_markdown(promotion, links=promoting.links)
    if plan is not None and plan.changes:
        told = preview_markdown(plan, links=promoting.links, promotion_id=promotion.promotion_id)
        text = f"{text}\n\n{told}" if len(text) + len(told) < LONGEST_TEXT - 1000 else text
    try:
        promoting.pull_requests.say(promotion.pull_request, text, marker=promotion_marker(promotion.promotion_id))
        promoting.pull_requests.set_labels(
            promotion.pull_request, labels_of(promoting.workspace.state.view(), promotion)
        )
    except WorkflowOpsError as error:
        return f"{error} {error.fix}"
    return None


def tell_undone(promoting: Promoting, rollback: Promotion) -> str | None:
    """Show on the pull request of what a rollback took back that it was; answers why that could not be shown."""
    if rollback.rolls_back is None or rollback.status is not PromotionStatus.COMPLETED:
        return None
    try:
        undone = known_promotion(promoting.workspace.state.view(), rollback.rolls_back)
    except WorkflowOpsError as error:
        return f"{error} {error.fix}"
    return tell_record(promoting, undone, None)


def labels_of(view: StateView, promotion: Promotion) -> tuple[Label, ...]:
    """Answer the labels of a pull request: one for the latest promotion into each stage."""
    return tuple(status_label(each.target_stage, each.status) for each in _latest(view, promotion))


def _latest(view: StateView, promotion: Promotion) -> Iterable[Promotion]:
    found: dict[str, Promotion] = {promotion.target_stage: promotion}
    for each in promotions(view):
        if each.pull_request == promotion.pull_request:
            found.setdefault(each.target_stage, each)
    return found.values()
