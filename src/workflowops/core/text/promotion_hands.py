"""The answers to commands about promotions, as Markdown."""

from collections.abc import Sequence

from workflowops.core.promotion.lock import LockOutcome
from workflowops.core.promotion.outcome import OpenedPromotion
from workflowops.core.promotion.record import Promotion
from workflowops.core.text.markdown import code, escaped
from workflowops.core.text.promotion_words import plain


def opened_answer(outcome: OpenedPromotion) -> str:
    """Say what was proposed, and where."""
    stage = escaped(outcome.target_stage)
    if not outcome.files:
        return f"{stage} has it all already: there is nothing to propose."
    names = ", ".join(code(each) for each in outcome.canonical_slugs[:20])
    more = len(outcome.canonical_slugs) - 20
    lines = [f"Proposed for {stage}: {names}{f' and {more} more' if more > 0 else ''}."]
    if outcome.pull_request is not None:
        lines.append(f"Pull request: #{outcome.pull_request.number}. Its merge is what promotes.")
    elif outcome.branch is not None:
        lines.append(f"On the branch {code(outcome.branch)}.")
    lines += [f"Left out: {code(slug)}: {escaped(why)}" for slug, why in outcome.left_out.items()]
    if outcome.problem is not None:
        lines.append(f"{escaped(plain(outcome.problem))} {escaped(outcome.fix or '')}")
    return "\n\n".join(lines)


def approved_answer(promotions: Sequence[Promotion], needed: Sequence[str]) -> str:
    """Say what was approved, and what still has to come."""
    return "\n\n".join(
        f"Approved: {code(each.promotion_id)} to {escaped(each.target_stage)}, plan {code(each.plan_digest[:12])}. "
        f"{what}"
        for each, what in zip(promotions, needed, strict=True)
    )


def rejected_answer(promotions: Sequence[Promotion]) -> str:
    """Say what was rejected."""
    names = ", ".join(f"{code(each.promotion_id)} to {escaped(each.target_stage)}" for each in promotions)
    return f"Rejected: {names}. Nothing was written to n8n."


def rollback_answer(record: Promotion, needed: str) -> str:
    """Say what was recorded, and how it goes on."""
    return (
        f"Recorded as {code(record.promotion_id)}: takes {code(record.rolls_back or '')} back on "
        f"{escaped(record.target_stage)}. {needed}\n\nPlan: {code(record.plan_digest)}"
    )


def not_shown_answer(problem: str) -> str:
    """Say that a record on a pull request is out of date, and why."""
    return f"It is done, and its pull request does not show it: {escaped(plain(problem))}"


def lock_answer(outcome: LockOutcome) -> str:
    """Say whether an environment is closed for promotions."""
    title = escaped(outcome.title)
    if outcome.after is None:
        return f"{title} is open for promotions."
    return f"{title} is closed for promotions by {escaped(outcome.after.locked_by)}: {escaped(outcome.after.reason)}"
