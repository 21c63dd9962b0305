"""What the pull request of a promotion says about itself: who asked for it, and what it may overwrite."""

import re
from collections.abc import Collection

from workflowops.core.incident.issue import Label
from workflowops.core.promotion.plan import Options
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.promotion.review import MergedPullRequest

_REQUESTED = re.compile(r"<!-- workflowops:requested-by ([A-Za-z0-9][A-Za-z0-9-]{0,98}) -->")

OVERWRITE_LABEL = "workflowops:overwrite-hotfixes"
"""On a pull request: what was edited in the target since may be overwritten."""

FORCE_LABEL = "workflowops:force-on-conflicts"
"""On a pull request: it goes on although the source instance runs something that its file does not say."""

OPTION_LABELS = frozenset({OVERWRITE_LABEL, FORCE_LABEL})
"""Labels that people set, under our prefix; what keeps our own labels right leaves them alone."""


def requested_marker(login: str) -> str:
    """Answer the hidden mark in a pull request of ours that says who asked for it."""
    return f"<!-- workflowops:requested-by {login} -->" if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", login) else ""


def requested_by(body: str) -> str | None:
    """Answer who asked for a pull request of ours; None where it does not say."""
    found = _REQUESTED.search(body)
    return None if found is None else found[1]


def hands_in(pull_request: MergedPullRequest) -> tuple[str, ...]:
    """Answer who wrote a pull request, asked for it, or merged it."""
    found = (pull_request.author, requested_by(pull_request.body), pull_request.merged_by)
    return tuple(each for each in found if each)


def options_of(labels: Collection[str], given: Options) -> Options:
    """Answer what a pull request's labels allow beside what is allowed already."""
    return Options(
        allow_overwriting_hotfixes=given.allow_overwriting_hotfixes or OVERWRITE_LABEL in labels,
        allow_force_promotion_on_conflicts=given.allow_force_promotion_on_conflicts or FORCE_LABEL in labels,
        with_dependencies=given.with_dependencies,
    )


_COLORS = {
    PromotionStatus.PENDING_APPROVAL: "fbca04",
    PromotionStatus.APPROVED: "1d76db",
    PromotionStatus.RUNNING: "1d76db",
    PromotionStatus.COMPLETED: "0e8a16",
    PromotionStatus.ROLLED_BACK: "d93f0b",
    PromotionStatus.ROLLBACK_INCOMPLETE: "b60205",
    PromotionStatus.PLAN_CHANGED: "d93f0b",
    PromotionStatus.REJECTED: "cccccc",
    PromotionStatus.SUPERSEDED: "cccccc",
}


def status_label(target_stage: str, status: PromotionStatus) -> Label:
    """Answer the label that mirrors where the promotion of a pull request into one stage stands."""
    words = status.value.replace("_", "-")
    name = f"workflowops:{target_stage}-{words}"
    if len(name) > 50:
        name = f"workflowops:{words}"
    return Label(name, _COLORS[status], f"The promotion into {target_stage} is {status.value.replace('_', ' ')}."[:100])
