"""What the promotion commands answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflowops.core.incident.issue import PullRequest
from workflowops.core.promotion.finding import GateStatus
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.errors import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A target that could not be looked at, and why."""

    target: str
    problem: str
    fix: str
    exit_code: ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """The plans for a change, one a target. `unchanged` are targets that it does not concern.

    `base` and `commit` are what was compared. `pull_request_url` is where it is shown, None after a dry run; `not_told`
    says why it is not.
    """

    commit: str
    base: str | None
    plans: tuple[PromotionPlan, ...] = ()
    unchanged: tuple[str, ...] = ()
    failed: tuple[Failed, ...] = ()
    pull_request_url: str | None = None
    not_told: str | None = None

    @property
    def exit_code(self) -> ExitCode:
        """Answer 4 where a target could not be looked at, 3 where a plan is blocked.

        A gate that is not passed yet is no failure: that is what approval is for.
        """
        if self.failed:
            return max(each.exit_code for each in self.failed)
        is_refused = any(
            plan.is_blocked or any(gate.status is GateStatus.FAILED for gate in plan.gate_results)
            for plan in self.plans
        )
        return ExitCode.RULE if is_refused else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a merge became: the records, new ones and those that were there, each with its plan.

    `blocked` are plans that are not recorded, because they must not be carried out as they are. `overtaken` are
    workflows (`stage/slug`) that are left out, because a newer commit changes them or is recorded with them. `ended`
    are records that waited and have nothing left to do.
    """

    commit: str
    base: str | None
    promotions: tuple[Promotion, ...] = ()
    plans: Mapping[str, PromotionPlan] = field(default_factory=dict)  # by promotion id
    blocked: tuple[PromotionPlan, ...] = ()
    superseded: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    failed: tuple[Failed, ...] = ()
    pull_request_url: str | None = None
    not_told: str | None = None
    is_dry_run: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """Answer 4 where a target could not be looked at, 3 where a plan is blocked."""
        if self.failed:
            return max(each.exit_code for each in self.failed)
        return ExitCode.RULE if self.blocked else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What became of carrying out a promotion. `plan` is the one that was made just now; None where none was.

    `recovered` are promotions of runs that died, brought to an end before. `waits_for` says what is missing where
    nothing was written.
    """

    promotion: Promotion
    plan: PromotionPlan | None = None
    recovered: tuple[Promotion, ...] = ()
    waits_for: tuple[str, ...] = ()
    not_told: str | None = None
    is_dry_run: bool = False

    @property
    def exit_code(self) -> ExitCode:
        """Answer 0 for a promotion that is completed, 4 where it failed, else 3; 0 for a dry run that could go on."""
        if self.is_dry_run:
            return ExitCode.RULE if self.waits_for else ExitCode.DONE
        if self.promotion.status is PromotionStatus.COMPLETED:
            return ExitCode.DONE
        if self.promotion.status in (PromotionStatus.ROLLED_BACK, PromotionStatus.ROLLBACK_INCOMPLETE):
            return ExitCode.REMOTE
        return ExitCode.RULE


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedPromotion:
    """What `promote open` came to: the files proposed on a branch, and the pull request where there is one."""

    source_stage: str
    target_stage: str
    pipeline_id: str
    canonical_slugs: tuple[str, ...]
    files: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)  # slug -> why
    branch: str | None = None
    commit: str | None = None
    is_new: bool = False
    pull_request: PullRequest | None = None
    problem: str | None = None
    fix: str | None = None
    is_dry_run: bool = False
    exit_code: ExitCode = ExitCode.DONE
