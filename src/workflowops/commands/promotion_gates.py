"""GATHER for the gates: everything that has to be known of a promotion before it may be carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.commands.ports import PullRequests
from workflowops.commands.promoting import Promoting, Seen
from workflowops.commands.promotion_files import read_lock
from workflowops.commands.promotion_verified import verified_changes
from workflowops.core.configuration import Approval
from workflowops.core.incident.policy import Role
from workflowops.core.promotion.approval import counted
from workflowops.core.promotion.gate_facts import GateFacts, Verified
from workflowops.core.promotion.gates import evaluate_gates
from workflowops.core.promotion.plan import PromotionPlan
from workflowops.core.promotion.record import ApprovalGiven, Promotion
from workflowops.core.promotion.request import requested_by
from workflowops.core.promotion.review import Checks, MergedPullRequest, Protection, RunApproval
from workflowops.core.timestamps import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind a plan: the pull request, where there is one, and the record, once there is one.

    `is_merged` is None while nobody asked. `is_execution` is True in the job that would write.
    """

    pull_request: MergedPullRequest | None = None
    promotion: Promotion | None = None
    is_merged: bool | None = None
    is_execution: bool = False

    @property
    def author(self) -> str | None:
        """Answer who wrote the change, or asked for the rollback."""
        if self.promotion is not None:
            return self.promotion.created_by
        return None if self.pull_request is None else self.pull_request.author

    @property
    def merged_by(self) -> str | None:
        """Answer who merged it."""
        if self.promotion is not None and self.promotion.merged_by is not None:
            return self.promotion.merged_by
        return None if self.pull_request is None else self.pull_request.merged_by


def gated(promoting: Promoting, seen: Seen, plan: PromotionPlan, behind: Behind) -> PromotionPlan:
    """Answer the plan with what every gate says of it now. What cannot be asked passes nothing.

    Raises RemoteError where GitHub failed: that is no answer either, and nothing was written.
    """
    return replace(plan, gate_results=evaluate_gates(_facts(promoting, seen, plan, behind)))


def approvals_that_count(
    promoting: Promoting, seen: Seen, plan: PromotionPlan, promotion: Promotion, behind: Behind
) -> tuple[ApprovalGiven, ...]:
    """Answer the approvals that the gates counted: comments first, then the reviewers of this run."""
    facts = _facts(promoting, seen, plan, behind)
    found = counted(facts)
    now = iso(promoting.workspace.clock())
    by_comment = [each for each in promotion.approvals if each.proof == "comment" and each.by in found.commenters]
    by_review = [
        ApprovalGiven(
            by=each.by,
            at=each.at or now,
            plan_digest=plan.digest,
            comment=each.comment or None,
            proof="environment",
        )
        for each in facts.run_approvals or ()
        if each.is_approved and each.by in found.reviewers
    ]
    return (*by_comment, *by_review)


def _facts(promoting: Promoting, seen: Seen, plan: PromotionPlan, behind: Behind) -> GateFacts:
    gates, pull_requests = seen.route.stage.gates, promoting.pull_requests
    approvals = () if behind.promotion is None else behind.promotion.approvals
    protection = _protection(pull_requests, seen) if gates.approval is Approval.ENVIRONMENT else None
    run_approvals = _run_approvals(promoting, seen, behind)
    return GateFacts(
        gates=gates,
        target_stage=plan.target_stage,
        kind=plan.kind,
        pipeline_id=plan.pipeline_id,
        is_pipeline_enabled=seen.route.pipeline.enabled,
        is_stage_enabled=seen.route.stage.enabled,
        plan_digest=plan.digest,
        changed={each.canonical_id: each.workflow_name for each in plan.changes},
        author=behind.author,
        also_wrote=_also_wrote(behind),
        merged_by=behind.merged_by,
        is_reviewed=behind.is_merged,
        allow_unreviewed=seen.route.pipeline.allow_unreviewed,
        checks=_checks(pull_requests, seen, behind),
        protection=protection,
        run_approvals=run_approvals,
        approvals=approvals,
        roles=_roles(promoting, approvals),
        memberships=_memberships(promoting, protection, run_approvals),
        lock=read_lock(promoting.workspace.state.view(), plan.target_stage),
        verified=_verified(promoting, seen, plan),
        now=promoting.workspace.clock(),
        is_execution=behind.is_execution,
    )


def _also_wrote(behind: Behind) -> tuple[str, ...]:
    """Answer who asked for a pull request of ours, whose author is a bot.

    Its body says who, and can be edited: so whoever merged the pull request of a bot counts among those who wrote it.
    """
    if behind.pull_request is None:
        return ()
    asked = requested_by(behind.pull_request.body)
    merged = behind.merged_by if behind.pull_request.author.endswith("[bot]") else None
    return tuple(each for each in (asked, merged) if each is not None)


def _checks(pull_requests: PullRequests | None, seen: Seen, behind: Behind) -> Checks | None:
    if pull_requests is None or not seen.route.stage.gates.require_all_tests_passed:
        return None
    head = None if behind.pull_request is None else behind.pull_request.head
    commit = head or (None if behind.promotion is None else behind.promotion.head_sha)
    return None if commit is None else pull_requests.checks(commit)


def _protection(pull_requests: PullRequests | None, seen: Seen) -> Protection | None:
    return None if pull_requests is None else pull_requests.protection(seen.environment.name)


def _run_approvals(promoting: Promoting, seen: Seen, behind: Behind) -> Sequence[RunApproval] | None:
    is_asked = behind.is_execution and seen.route.stage.gates.approval is Approval.ENVIRONMENT
    if not is_asked or promoting.pull_requests is None or promoting.run_id is None:
        return None
    return promoting.pull_requests.run_approvals(promoting.run_id)


def _roles(promoting: Promoting, approvals: Sequence[ApprovalGiven]) -> dict[str, Role]:
    """Ask what the people who approved by comment may do here now."""
    tracker = promoting.tracker
    if tracker is None:
        return {}
    return {each.by: tracker.role_of(each.by) for each in approvals if each.proof == "comment"}


def _memberships(
    promoting: Promoting, protection: Protection | None, run_approvals: Sequence[RunApproval] | None
) -> dict[str, tuple[str, ...]]:
    """Ask of which reviewing teams the people who approved are proven members."""
    tracker, links = promoting.tracker, promoting.links
    if tracker is None or links is None or protection is None:
        return {}
    owner = links.repository.partition("/")[0]
    teams = [each for each in protection.reviewers if each.startswith("team:")]
    people = dict.fromkeys(each.by for each in run_approvals or () if each.is_approved)
    return {
        login: tuple(
            team for team in teams if tracker.is_member(login, team=f"{owner}/{team.removeprefix('team:')}") is True
        )
        for login in people
    }


def _verified(promoting: Promoting, seen: Seen, plan: PromotionPlan) -> Mapping[str, Verified] | None:
    """Say of every changed workflow whether the stage before runs the same; nothing is read where no gate asks."""
    gates = seen.route.stage.gates
    if not gates.verified_in_previous and gates.soak_hours is None:
        return None
    return verified_changes(promoting.workspace, seen, plan.changes)
