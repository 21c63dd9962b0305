"""Records of promotions for the terminal: a list of them, and one in full."""

from collections.abc import Callable, Iterator, Sequence

from workflowops.core.promotion.record import Outcome, PromotedWorkflow, Promotion, PromotionStatus
from workflowops.core.text.incident_words import instant
from workflowops.core.text.plain import columns, count, log_safe, padded, visible, wrapped
from workflowops.core.text.promotion_words import (
    CHANGE_TYPES,
    LONGEST_NAME,
    OUTCOMES,
    STATUSES,
    again_of,
    counted_of,
    duration,
    plain,
)
from workflowops.core.text.style import Style

_PLAIN = Style()
_HEADER = ("promotion", "target", "status", "created", "author", "workflows")
_MOST_WORKFLOWS = 200
_CELL = 60
_BAD = frozenset({PromotionStatus.ROLLED_BACK, PromotionStatus.ROLLBACK_INCOMPLETE, PromotionStatus.PLAN_CHANGED})


def status_text(promotions: Sequence[Promotion], style: Style = _PLAIN) -> str:
    """Answer a table of promotions, one line each."""
    if not promotions:
        return "There is no promotion."
    rows = [_row(each) for each in promotions]
    sizes = [max(columns(row[column]) for row in (_HEADER, *rows)) for column in range(len(_HEADER))]
    lines = [style.strong(_line(_HEADER, sizes))]
    for each, row in zip(promotions, rows, strict=True):
        lines.append(_paint(each.status, style)(_line(row, sizes)))
        if each.problem:
            lines += wrapped(plain(each.problem), width=style.width, indent="    ")
    return log_safe("\n".join(lines))


def promotion_text(promotion: Promotion, style: Style) -> str:
    """Tell one record: how it stands, who approved it, and what became of each workflow."""
    lines = [
        style.strong(f"{_cell(promotion.promotion_id)} ({promotion.kind}) to {_cell(promotion.target_stage)}: ")
        + _paint(promotion.status, style)(STATUSES[promotion.status]),
        f"  {counted_of(promotion)}",
    ]
    if promotion.problem:
        told = wrapped(plain(promotion.problem), width=style.width, indent="  ! ", hanging="    ")
        lines += [style.bad(line) for line in told]
    lines += [f"  {title}: {value}" for title, value in _facts(promotion) if value]
    result = promotion.execution_result
    if result is not None and result.not_as_before:
        lines += ["", style.alarming("Not as it was before")]
        for each in result.not_as_before:
            lines += wrapped(plain(each), width=style.width, indent="  - ", hanging="    ")
    lines += ["", style.strong("Workflows"), *_workflows(promotion, style)] if promotion.workflows else []
    if again := again_of(promotion):
        lines += ["", *wrapped(plain(again), width=style.width)]
    return log_safe("\n".join(lines))


def _paint(status: PromotionStatus, style: Style) -> Callable[[str], str]:
    if status is PromotionStatus.COMPLETED:
        return style.good
    return style.bad if status in _BAD else style.notable


def _row(each: Promotion) -> tuple[str, ...]:
    return (
        _cell(each.promotion_id),
        _cell(each.target_stage),
        STATUSES[each.status],
        instant(each.created_at),
        _cell(each.created_by),
        counted_of(each),
    )


def _cell(text: str) -> str:
    return log_safe(plain(text, _CELL))


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    return "  ".join(padded(cell, size) for cell, size in zip(cells, sizes, strict=True)).rstrip()


def _facts(promotion: Promotion) -> Iterator[tuple[str, str]]:
    yield "from", _cell(promotion.source_stage or "")
    yield "undoes", _cell(promotion.rolls_back or "")
    yield "undone by", _cell(promotion.rolled_back_by or "")
    yield "superseded by", _cell(promotion.superseded_by or "")
    yield "commit", visible((promotion.git_commit_sha or "")[:12])
    yield "pull request", "" if promotion.pull_request is None else f"#{promotion.pull_request}"
    yield "author", _cell(promotion.created_by)
    yield "created", instant(promotion.created_at)
    yield "merged by", _cell(promotion.merged_by or "")
    for each in promotion.approvals:
        comment = f": {plain(each.comment, 200)}" if each.comment else ""
        yield "approved", f"{instant(each.at)} by {_cell(each.by)} ({_cell(each.proof)}){comment}"
    if promotion.approved_at and not promotion.approvals:
        yield "approved", f"{instant(promotion.approved_at)} by {_cell(promotion.approved_by or 'nobody is known')}"
    if promotion.rejected_at:
        reason = f": {plain(promotion.rejection_reason, 200)}" if promotion.rejection_reason else ""
        yield "rejected", f"{instant(promotion.rejected_at)} by {_cell(promotion.rejected_by or 'unknown')}{reason}"
    yield "started", instant(promotion.execution_started_at) if promotion.execution_started_at else ""
    result = promotion.execution_result
    if result is not None:
        yield "took", f"{duration(result.execution_time_ms)}, {count(result.n8n_requests, 'request')} to n8n"
        yield (
            "snapshots",
            ", ".join(_cell(each) for each in (result.target_pre_snapshot_id, result.target_post_snapshot_id) if each),
        )
    yield "plan digest", visible(promotion.plan_digest)


def _workflows(promotion: Promotion, style: Style) -> Iterator[str]:
    is_written = promotion.execution_started_at is not None
    for each in promotion.workflows[:_MOST_WORKFLOWS]:
        yield from _workflow(each, style, is_written=is_written)
    if len(promotion.workflows) > _MOST_WORKFLOWS:
        yield f"  ({count(len(promotion.workflows) - _MOST_WORKFLOWS, 'more workflow')}; `--json` lists them all)"


def _workflow(each: PromotedWorkflow, style: Style, *, is_written: bool) -> Iterator[str]:
    name = plain(each.workflow_name, LONGEST_NAME) or "(no name)"
    n8n_id = f" (n8n id {plain(each.n8n_workflow_id, LONGEST_NAME)})" if each.n8n_workflow_id else ""
    outcome = f", {OUTCOMES[each.outcome]}" if is_written else ""
    line = f"  {name}{n8n_id}: {CHANGE_TYPES[each.change_type]}{outcome}"
    yield style.alarming(line) if each.outcome is Outcome.OTHERWISE else line
    if each.problem:
        yield from wrapped(plain(each.problem), width=style.width, indent="      ")
