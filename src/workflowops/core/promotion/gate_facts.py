"""What the gates of a promotion are asked with: everything that is known, and nothing that is guessed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from workflowops.core.configuration import Gates
from workflowops.core.incident.policy import Role
from workflowops.core.promotion.finding import GateResult, GateStatus, GateType
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import ApprovalGiven, LockFile
from workflowops.core.promotion.review import Checks, Protection, RunApproval


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Whether the stage before ran the same content of one workflow, and still does.

    `since` is when it was completed there, None where that is not known. `reason` says why it is not verified, or why
    nobody knows.
    """

    is_verified: bool
    since: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFacts:
    """All that the gates need to know of one promotion. What is None is not known, and lets nothing pass.

    `target_stage` is the environment that is written to, and the GitHub environment of that name. `changed` are the
    workflows that the plan changes, canonical id -> name; `verified` is by canonical id. `author` wrote the change or
    asked for the rollback or the reversal, `also_wrote` are others who had a hand in it, such as who asked for a pull
    request of ours. `is_every_author_known` is False where a commit is by somebody whom GitHub does not know.

    `is_reviewed` says whether a merged pull request stands behind the commit, None while it is not merged or not known.
    `earlier_approvals` names who had approved this run before it knew the promotion, once for each of their words.
    `approvals` are those of the record; `roles` is what GitHub says now of the people who gave them, and
    `memberships` maps a login to the reviewers `team:<slug>` that it is proven to belong to. `is_execution` is True in
    the job that would write: there an approval has to be proven, everywhere else it may still be waited for.
    """

    gates: Gates
    target_stage: str
    kind: PromotionKind = PromotionKind.PROMOTION
    pipeline_id: str | None
    is_pipeline_enabled: bool
    is_stage_enabled: bool
    plan_digest: str
    changed: Mapping[str, str]
    author: str | None
    also_wrote: Collection[str] = ()
    is_every_author_known: bool
    merged_by: str | None
    is_reviewed: bool | None
    allow_unreviewed: bool
    checks: Checks | None
    protection: Protection | None
    run_approvals: Sequence[RunApproval] | None
    earlier_approvals: Collection[str]
    approvals: Sequence[ApprovalGiven]
    roles: Mapping[str, Role] = field(default_factory=dict)
    memberships: Mapping[str, Collection[str]] = field(default_factory=dict)
    lock: LockFile | None
    verified: Mapping[str, Verified] | None
    now: datetime
    is_execution: bool

    @property
    def brings_nothing_new(self) -> bool:
        """Say whether it puts back what ran there before: what an earlier promotion replaced, or somebody edited."""
        return self.kind in (PromotionKind.ROLLBACK, PromotionKind.REVERSAL)


def passed(gate: GateType, message: str, *, required: bool = True) -> GateResult:
    """Let it pass."""
    return GateResult(gate_type=gate, status=GateStatus.PASSED, required=required, message=message)


def not_asked(gate: GateType, message: str) -> GateResult:
    """Let it pass, because nothing asks for this gate here."""
    return passed(gate, message, required=False)


def failed(gate: GateType, message: str, *, fix: str) -> GateResult:
    """Refuse it."""
    return GateResult(gate_type=gate, status=GateStatus.FAILED, required=True, message=message, fix=fix)


def pending(gate: GateType, message: str, *, fix: str) -> GateResult:
    """Have it wait for somebody or something."""
    return GateResult(gate_type=gate, status=GateStatus.PENDING, required=True, message=message, fix=fix)


def open_question(gate: GateType, message: str, *, fix: str, is_execution: bool) -> GateResult:
    """Answer for what is not there or not known: it may still come before the execution, and refuses the execution."""
    return (failed if is_execution else pending)(gate, message, fix=fix)
