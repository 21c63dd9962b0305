"""What the promotion commands print for a person at a terminal."""

from collections.abc import Iterable, Iterator

from workflowops.core.promotion.outcome import Carried, Failed, OpenedPromotion, Previewed, Recorded
from workflowops.core.promotion.record import ENDED, PromotionStatus
from workflowops.core.text.plain import log_safe
from workflowops.core.text.promotion_list import promotion_text
from workflowops.core.text.promotion_terminal import preview_text
from workflowops.core.text.promotion_words import plain
from workflowops.core.text.style import Style


def render_preview(outcome: Previewed, *, style: Style) -> str:
    """Tell what a change would mean for every stage that it concerns."""
    blocks = [preview_text(each, style) for each in outcome.plans]
    if outcome.unchanged:
        blocks.append(f"Not concerned: {', '.join(outcome.unchanged)}.")
    blocks += _failures(outcome.failed, style)
    if not outcome.plans and not outcome.failed:
        blocks.append("Nothing would be promoted.")
    if outcome.not_told is not None:
        blocks.append(style.bad(f"The pull request does not show it: {plain(outcome.not_told)}"))
    elif outcome.pull_request_url is not None:
        blocks.append(f"Shown on {outcome.pull_request_url}")
    return log_safe("\n\n".join(blocks))


def render_plan(outcome: Recorded, *, style: Style) -> str:
    """Tell what a merge became."""
    blocks: list[str] = []
    for promotion in outcome.promotions:
        plan = outcome.plans.get(promotion.promotion_id)
        if plan is not None:
            blocks.append(preview_text(plan, style))
        blocks.append(
            "\n".join(_recorded(promotion.promotion_id, promotion.status, style, is_dry_run=outcome.is_dry_run))
        )
    for plan in outcome.blocked:
        blocks.append(preview_text(plan, style))
        blocks.append(style.bad(f"Not recorded for {plan.target_stage}. Put that right, and plan the merge again."))
    if outcome.superseded:
        blocks.append(f"Superseded by this: {', '.join(outcome.superseded)}.")
    if outcome.ended:
        blocks.append(f"Ended, because nothing of it is left to do: {', '.join(outcome.ended)}.")
    if outcome.overtaken:
        blocks.append(
            f"Left out, because a newer commit changes it, and its own run promotes it: "
            f"{', '.join(map(plain, outcome.overtaken))}."
        )
    if outcome.unchanged:
        blocks.append(f"Nothing to promote to: {', '.join(outcome.unchanged)}.")
    blocks += _failures(outcome.failed, style)
    if outcome.not_told is not None:
        blocks.append(style.bad(f"The pull request does not show it: {plain(outcome.not_told)}"))
    return log_safe("\n\n".join(blocks))


def render_carried(outcome: Carried, *, style: Style) -> str:
    """Tell what became of carrying out a promotion."""
    others = (each for each in outcome.recovered if each.promotion_id != outcome.promotion.promotion_id)
    blocks = [f"Left by a run that died:\n{promotion_text(each, style)}" for each in others]
    if outcome.plan is not None and (outcome.waits_for or outcome.is_dry_run):
        blocks.append(preview_text(outcome.plan, style))
    if outcome.is_dry_run:
        blocks.append("Nothing was written: this is a dry run.")
    else:
        blocks.append(promotion_text(outcome.promotion, style))
    if outcome.waits_for:
        reasons = "\n".join(f"  - {plain(each)}" for each in outcome.waits_for)
        blocks.append(f"{style.bad('Not carried out, and nothing was written:')}\n{reasons}")
    if outcome.not_told is not None:
        blocks.append(style.bad(f"The pull request does not show it: {plain(outcome.not_told)}"))
    return log_safe("\n\n".join(blocks))


def render_opened(outcome: OpenedPromotion, *, style: Style) -> str:
    """Tell what was proposed for the next stage."""
    lines = []
    if outcome.files:
        what = "Would propose" if outcome.is_dry_run else "Proposed"
        count = len(outcome.canonical_slugs)
        lines.append(
            style.strong(
                f"{what} {count} workflow{'' if count == 1 else 's'} of {outcome.source_stage} for "
                f"{outcome.target_stage}: {', '.join(map(plain, outcome.canonical_slugs))}."
            )
        )
        lines += [f"  {plain(path)}" for path in outcome.files]
    else:
        lines.append(f"{outcome.target_stage} has it all already: there is nothing to propose.")
    lines += [f"Left out: {plain(slug)}: {plain(why)}" for slug, why in outcome.left_out.items()]
    if outcome.branch is not None:
        lines.append(f"On the branch {outcome.branch}, commit {(outcome.commit or '')[:12]}.")
    if outcome.pull_request is not None:
        lines.append(f"Pull request #{outcome.pull_request.number}: {outcome.pull_request.url}")
    elif outcome.branch is not None and outcome.problem is None:
        lines.append("Open a pull request from it; its merge is what promotes.")
    if outcome.problem is not None:
        lines.append(style.bad(plain(outcome.problem)))
        lines.append(f"Fix: {plain(outcome.fix or '')}")
    return log_safe("\n".join(lines))


def _recorded(promotion_id: str, status: PromotionStatus, style: Style, *, is_dry_run: bool) -> Iterator[str]:
    if is_dry_run:
        yield "Nothing was recorded: this is a dry run."
        return
    if status is PromotionStatus.PENDING_APPROVAL:
        yield style.strong(f"Recorded as {promotion_id}, which waits for approval.")
    else:
        yield style.strong(f"Recorded as {promotion_id}: {status.value.replace('_', ' ')}.")
    if status in ENDED:
        return
    yield f"  It is carried out by: workflowops promote apply --promotion {promotion_id}"


def _failures(failed: Iterable[Failed], style: Style) -> list[str]:
    return [
        f"{style.bad(f'{each.target} could not be planned: {plain(each.problem)}')}\nFix: {plain(each.fix)}"
        for each in failed
    ]
