"""How a reversal goes on, in words: its record and who has to approve it, or why somebody does it by hand."""

from collections.abc import Sequence

from workflowops.core.configuration import Approval, Gates
from workflowops.core.promotion.finding import Gravity
from workflowops.core.promotion.plan import PlannedWorkflow, Publication
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.reversal_outcome import ReversalByHand, ReversalRecord, ReversalWay
from workflowops.core.secrets import mask_text
from workflowops.core.text.incident_words import name
from workflowops.core.text.markdown import joined, with_commands
from workflowops.core.text.plain import count
from workflowops.core.text.promotion_words import (
    CHANGE_TYPES,
    LONGEST_NAME,
    Thing,
    afterwards,
    blocking,
    fitting,
    plain,
    sentence,
)

_CHANGES_ROOM = 3_000
_FINDINGS_ROOM = 5_000
NOTHING_RECORDED = "**Nothing was executed.** n8n was only read, and nothing was recorded."


def way_text(way: ReversalWay | None, *, follows: str = "") -> list[str]:
    """Answer lines of Markdown, in at most 10,000 units; `follows` says what becomes of the incident afterwards."""
    match way:
        case None:
            return [_sentences(NOTHING_RECORDED, "Somebody does it by hand, as told below.", follows)]
        case ReversalByHand(blocked=None):
            reason = with_commands(plain(way.reason))
            return [_sentences(NOTHING_RECORDED, reason, "So somebody does it by hand, as told below.", follows)]
        case ReversalByHand():
            return _blocked(way, follows)
        case ReversalRecord():
            return _recorded(way, follows)


def _blocked(way: ReversalByHand, follows: str) -> list[str]:
    things = () if way.blocked is None else blocking(way.blocked)
    first = _sentences(NOTHING_RECORDED, with_commands(plain(way.reason)), "This stands against it:")
    then = _sentences("Once that is put right, ask again; or somebody does it by hand, as told below.", follows)
    return joined([[first], _listed(things, ":x:"), [then]])


def _recorded(way: ReversalRecord, follows: str) -> list[str]:
    promotion = way.promotion
    number = name(promotion.promotion_id, LONGEST_NAME)
    again = "The same plan was recorded before, as" if way.is_again else "The plan is recorded as"
    command = with_commands(f"`workflowops promote apply --promotion {plain(promotion.promotion_id)}`")
    known = _sentences(
        "**Nothing was executed yet.**",
        f"{again} {number}; its plan digest is {name(promotion.plan_digest, LONGEST_NAME)}.",
        _approval(promotion, way.gates),
        f"{command} carries it out, as long as n8n holds what it held when it was planned.",
        follows,
    )
    changes = way.plan.changes
    warnings = [each for each in way.plan.findings if each.gravity is Gravity.WARNING]
    hand = "Whoever cannot wait takes the steps below by hand; the plan then is another one, and is not carried out."
    return joined([[known], _changes(changes), _listed(warnings, ":warning:"), [hand]])


def _approval(promotion: Promotion, gates: Gates) -> str:
    """Say in a sentence or two how it comes to be approved."""
    if promotion.status is PromotionStatus.RUNNING:
        return "It is being carried out."
    if gates.approval is Approval.NONE:
        return "Nobody has to approve it."
    if promotion.status is PromotionStatus.APPROVED:
        return "It is approved."
    asked = name(mask_text(promotion.created_by), LONGEST_NAME)
    comment = with_commands(f"`/approve {plain(promotion.plan_digest)}`")
    by_comment = f"write access other than {asked} comments {comment} on this issue"
    wanted, stage = gates.min_approvals, name(mask_text(promotion.target_stage), LONGEST_NAME)
    if gates.approval is Approval.COMMENTS:
        people = f"{count(wanted, 'person', 'people')} with" if wanted > 1 else "somebody with"
        return f"It waits for approval: {people} {by_comment}."
    told = f"It waits for approval: a required reviewer of the GitHub environment {stage} approves the job that runs it"
    if wanted <= 1:
        return f"{told}."
    return f"{told}. {wanted} approvals are asked for: somebody with {by_comment} for each further one."


def _changes(changes: Sequence[PlannedWorkflow]) -> list[str]:
    lines = (
        f"- {name(plain(each.workflow_name, LONGEST_NAME) or '(no name)', 4 * LONGEST_NAME)}: "
        f"{CHANGE_TYPES[each.change_type]}, {_afterwards(each)}"
        for each in changes
    )
    told, over = fitting(lines, room=_CHANGES_ROOM)
    return [*told, *([f"- and {over:,} more"] if over else [])]


def _afterwards(workflow: PlannedWorkflow) -> str:
    if workflow.document is None and workflow.publication is Publication.KEEP:
        return "its tags alone"
    return afterwards(workflow)


def _listed(things: Sequence[Thing], mark: str) -> list[str]:
    lines = (f"- {mark} {sentence(each.message, each.fix)}" for each in things)
    told, over = fitting(lines, room=_FINDINGS_ROOM)
    return [*told, *([f"- and {over:,} more"] if over else [])]


def _sentences(*sentences: str) -> str:
    return " ".join(each for each in sentences if each)
