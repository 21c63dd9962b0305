"""The record of a promotion in words: for its comment on the pull request and the page of the run."""

from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import (
    ApprovalGiven,
    ExecutionResult,
    Outcome,
    PromotedWorkflow,
    Promotion,
    PromotionStatus,
    promotion_path,
)
from workflowops.core.promotion.register import number_of
from workflowops.core.secrets import mask_text
from workflowops.core.text.incident_sections import units
from workflowops.core.text.incident_words import instant, name, prose
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, escaped, joined, table
from workflowops.core.text.plain import count, cut
from workflowops.core.text.promotion_words import (
    CHANGE_TYPES,
    LONGEST_NAME,
    OUTCOMES,
    STATUSES,
    again_of,
    counted_of,
    duration,
    fitting,
    plain,
    sentence,
)

_TABLE_ROOM = 25_000
_NOT_AS_BEFORE_ROOM = 15_000
_APPROVALS_ROOM = 4_000
_MARKS = {
    PromotionStatus.PENDING_APPROVAL: ":hourglass:",
    PromotionStatus.APPROVED: ":white_check_mark:",
    PromotionStatus.RUNNING: ":arrow_forward:",
    PromotionStatus.COMPLETED: ":white_check_mark:",
    PromotionStatus.ROLLED_BACK: ":leftwards_arrow_with_hook:",
    PromotionStatus.ROLLBACK_INCOMPLETE: ":rotating_light:",
    PromotionStatus.PLAN_CHANGED: ":no_entry:",
    PromotionStatus.REJECTED: ":no_entry:",
    PromotionStatus.SUPERSEDED: ":fast_forward:",
}


def promotion_markdown(promotion: Promotion, *, links: Links | None) -> str:
    """Tell a record as it stands, in fewer than 60,000 characters whatever it holds; without a marker."""
    blocks = [
        [f"## {_called(promotion)} {escaped(STATUSES[promotion.status].lower())}"],
        [f"{_MARKS[promotion.status]} {_verdict(promotion)}"],
        [sentence(promotion.problem)] if promotion.problem else [],
        *_not_as_before(promotion.execution_result),
        _facts(promotion, links),
        _workflows(promotion),
        [sentence(again)] if (again := again_of(promotion)) else [],
        _foot(promotion, links),
    ]
    return "\n".join(joined(blocks)) + "\n"


def _called(promotion: Promotion) -> str:
    return name(promotion.promotion_id, LONGEST_NAME)


def _verdict(promotion: Promotion) -> str:
    """Say in a sentence what became of it, and no more than was read back."""
    where = prose(mask_text(promotion.target_stage), LONGEST_NAME)
    match promotion.status:
        case PromotionStatus.PENDING_APPROVAL:
            return f"**Nothing was written to {where}.** It waits for approval; the gates say whose."
        case PromotionStatus.APPROVED:
            return f"**Nothing was written to {where} yet.** It is approved, and the next run carries it out."
        case PromotionStatus.RUNNING:
            return (
                f"**{where} is being written to.** If the run dies, the next one finds this record and finishes it or "
                "takes it back."
            )
        case PromotionStatus.COMPLETED:
            return f"**Done in {where}.** {_read_back(promotion)}"
        case PromotionStatus.ROLLED_BACK:
            return f"**It failed, and {where} is as it was before.** That was read back from n8n."
        case PromotionStatus.ROLLBACK_INCOMPLETE:
            return f"**It failed, and {where} is not as it was before.** Somebody has to look at what is named here."
        case PromotionStatus.PLAN_CHANGED:
            return f"**Nothing was written to {where}.** What would have been written is not what was approved."
        case PromotionStatus.REJECTED:
            return f"**Nothing was written to {where}.** It was rejected."
        case PromotionStatus.SUPERSEDED:
            newer = name(promotion.superseded_by, LONGEST_NAME) if promotion.superseded_by else "A newer promotion"
            return f"**Nothing was written to {where}.** {newer} has the same workflows."


def _read_back(promotion: Promotion) -> str:
    """Say of how many workflows it is known that n8n has them as planned; the others are in the table."""
    planned = sum(each.outcome is Outcome.AS_PLANNED for each in promotion.workflows)
    if planned == 1:
        return "1 workflow was read back from n8n and is as planned."
    return f"{count(planned, 'workflow')} were read back from n8n and are as planned."


def _not_as_before(result: ExecutionResult | None) -> list[list[str]]:
    if result is None or not result.not_as_before:
        return []
    lines = [f"- :x: {prose(plain(each), 2_000)}" for each in result.not_as_before]
    kept, over = fitting(lines, room=_NOT_AS_BEFORE_ROOM)
    return [["### Not as it was before"], [*kept, *([f"- and {over:,} more, named in the record"] if over else [])]]


def _facts(promotion: Promotion, links: Links | None) -> list[str]:
    result = promotion.execution_result
    rows = [
        ["Kind", _kind(promotion)],
        ["From", prose(mask_text(promotion.source_stage or ""), LONGEST_NAME)],
        ["Commit", _commit(promotion.git_commit_sha, links)],
        ["Pull request", "" if promotion.pull_request is None else f"#{promotion.pull_request:d}"],
        ["Author", _person(promotion.created_by)],
        ["Merged by", _person(promotion.merged_by)],
        ["Approved", _approvals(promotion)],
        ["Rejected", _rejected(promotion)],
        ["Started", _when(promotion.execution_started_at, promotion.executed_by)],
        ["Ended", _when(promotion.execution_completed_at, None)],
        ["Took", _took(result)],
        ["Credentials rewritten", f"{result.credentials_rewritten:,}" if result else ""],
        ["Snapshots", _snapshots(result)],
        ["Undone by", name(promotion.rolled_back_by, LONGEST_NAME) if promotion.rolled_back_by else ""],
        ["Plan digest", name(promotion.plan_digest, LONGEST_NAME)],
    ]
    header = ["Workflows", counted_of(promotion)]
    return table(header, [row for row in rows if row[1]])


def _kind(promotion: Promotion) -> str:
    match promotion.kind:
        case PromotionKind.PROMOTION:
            return ""
        case PromotionKind.ROLLBACK:
            undone = f" of {name(promotion.rolls_back, LONGEST_NAME)}" if promotion.rolls_back else ""
            return f"rollback{undone}"
        case PromotionKind.REVERSAL:
            about = f" for #{promotion.incident:d}" if promotion.incident is not None else ""
            return f"reversal{about}"


def _commit(sha: str | None, links: Links | None) -> str:
    if not sha:
        return ""
    told = name(sha[:12], LONGEST_NAME)
    return told if links is None or not sha.isalnum() or not sha.isascii() else f"[{told}]({links.commit(sha[:64])})"


def _person(login: str | None) -> str:
    return name(mask_text(login), LONGEST_NAME) if login else ""


def _when(at: str | None, by: str | None) -> str:
    if at is None:
        return ""
    return f"{escaped(instant(at))} by {_person(by)}" if by else escaped(instant(at))


def _approvals(promotion: Promotion) -> str:
    if promotion.approvals:
        told, more = fitting((_approval(each) for each in promotion.approvals), room=_APPROVALS_ROOM)
        return ", ".join(told) + (f" and {more:,} more" if more else "")
    approved = _when(promotion.approved_at, promotion.approved_by)
    comment = f": {prose(plain(promotion.approval_comment), 500)}" if promotion.approval_comment else ""
    return f"{approved}{comment}" if approved else ""


def _approval(each: ApprovalGiven) -> str:
    how = "as reviewer of the environment" if each.proof == "environment" else "in a comment"
    comment = f" ({prose(plain(each.comment), 300)})" if each.comment else ""
    return f"{escaped(instant(each.at))} by {_person(each.by)} {how}{comment}"


def _rejected(promotion: Promotion) -> str:
    rejected = _when(promotion.rejected_at, promotion.rejected_by)
    reason = f": {prose(plain(promotion.rejection_reason), 500)}" if promotion.rejection_reason else ""
    return f"{rejected}{reason}" if rejected else ""


def _took(result: ExecutionResult | None) -> str:
    if result is None:
        return ""
    return f"{duration(result.execution_time_ms)}, {count(result.n8n_requests, 'request')} to n8n"


def _snapshots(result: ExecutionResult | None) -> str:
    if result is None:
        return ""
    names = (result.target_pre_snapshot_id, result.target_post_snapshot_id)
    return ", ".join(name(each, LONGEST_NAME) for each in names if each)


def _workflows(promotion: Promotion) -> list[str]:
    """List the workflows with what became of each, what went wrong first; as many as fit."""
    worst_first = sorted(promotion.workflows, key=lambda each: each.outcome is not Outcome.OTHERWISE)
    is_written = promotion.execution_started_at is not None
    rows: list[list[str]] = []
    left = _TABLE_ROOM
    for each in worst_first:
        row = _row(each, is_written=is_written)
        left -= sum(units(cell) + 3 for cell in row) + 2
        if left < 0:
            break
        rows.append(row)
    more = len(promotion.workflows) - len(rows)
    header = ["Workflow", "Change", *(["Read back"] if is_written else []), "n8n id"]
    return joined([table(header, rows) if rows else [], [f"({count(more, 'more workflow')})"] if more else []])


def _row(each: PromotedWorkflow, *, is_written: bool) -> list[str]:
    problem = f". {prose(plain(each.problem), 1_000)}" if each.problem else ""
    return [
        name(plain(each.workflow_name, LONGEST_NAME) or "(no name)", 4 * LONGEST_NAME),
        CHANGE_TYPES[each.change_type],
        *([f"{OUTCOMES[each.outcome]}{problem}"] if is_written else []),
        name(plain(each.n8n_workflow_id), LONGEST_NAME) if each.n8n_workflow_id else "new",
    ]


def _foot(promotion: Promotion, links: Links | None) -> list[str]:
    path = promotion_path(cut(promotion.promotion_id, 60))
    record = (
        code(path)
        if links is None or not number_of(promotion.promotion_id)
        else f"[{code(path)}]({links.state_file(path)})"
    )
    run = "" if links is None or links.run_url is None else f" [The run]({links.run_url}) that says this."
    return [f"<sub>The record in full: {record} on the state branch.{run}</sub>"]
