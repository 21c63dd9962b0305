"""What became of recording a reversal: its record and what it waits for, or why somebody has to do it by hand."""

from dataclasses import dataclass

from workflowops.core.configuration import Gates
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.record import Promotion


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalRecord:
    """A reversal that was recorded; `is_again` says that the same plan was recorded before.

    `plan` is what is carried out once the record is approved as `gates` ask.
    """

    promotion: Promotion
    plan: PromotionPlan
    gates: Gates
    is_again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalByHand:
    """Why nothing was recorded. `blocked` is the plan with what stands against it, None where none was made."""

    reason: str
    blocked: PromotionPlan | None = None


ReversalWay = ReversalRecord | ReversalByHand
