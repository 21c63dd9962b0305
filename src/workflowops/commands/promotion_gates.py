"""GATHER for the gates: everything that has to be known of a promotion before it may be carried out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.commands.ports import PullRequests, StateView
from workflowops.commands.promoting import Promoting, Seen
from workflowops.commands.promotion_files import promotions, read_lock
from workflowops.commands.promotion_verified import verified_changes
from workflowops.core.configuration import Approval
from workflowops.core.incident.policy import Role
from workflowops.core.promotion.approval import approved_words, counted
from workflowops.core.promotion.gate_facts import GateFacts, Verified
from workflowops.core.promotion.gates import evaluate_gates
from workflowops.core.promotion.plan import PromotionKind, PromotionPlan
from workflowops.core.promotion.record import ApprovalGiven, Promotion
from workflowops.core.promotion.request import hands_in, requested_by
from workflowops.core.promotion.review import Checks, MergedPullRequest, Protection, RunApproval, all_of
from workflowops.core.timestamps import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What stands behind a plan: the pull request, where there is one, and the record, once there is one.

    `others` are the pull requests of earlier commits that came with the same push. `is_merged` is None while nobody
    asked. `is_execution` is True in the job that would write.
    """

    pull_request: MergedPullRequest | None = None
    others: tuple[MergedPullRequest, ...] = ()
    promotion: Promotion | None = None
    is_merged: bool | None = None
    is_execution: bool = False

    @property
    def is_rollback(self) -> bool:
        """Say whether it takes something back, so that the pull request is not what is approved."""
        return self.promotion is not None and self.promotion.kind is PromotionKind.ROLLBACK

    @property
    def author(self) -> str | None:
        """Answer who wrote the change, or asked for the rollback."""
        if self.promotion is not None:
            return self.promotion.created_by
        return None if self.pull_request is None else self.pull_request.author

    @property
    def merged_by(self) -> str | None:
        """Answer who merged it; nobody has merged a rollback, whoever merged what it takes back."""
        if self.is_rollback:
            return None
        if self.promotion is not None and self.promotion.merged_by is not None:
            return self.promotion.merged_by
        return None if self.pull_request is None else self.pull_request.merged_by


@dataclass(frozen=True, slots=True)
class Authors:
    """Who wrote the commits of the pull requests behind a promotion, and whether that is everybody."""

    logins: tuple[str, ...] = ()
    are_all_known: bool = True


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
        for each in approved_words(facts)
        if each.by in found.reviewers
    ]
    return (*by_comment, *by_review)


def _facts(promoting: Promoting, seen: Seen, plan: PromotionPlan, behind: Behind) -> GateFacts:
    gates, pull_requests = seen.route.stage.gates, promoting.pull_requests
    approvals = () if behind.promotion is None else behind.promotion.approvals
    protection = _protection(pull_requests, seen) if gates.approval is Approval.ENVIRONMENT else None
    run_approvals = _run_approvals(promoting, seen, behind)
    view = promoting.workspace.state.view()
    authors = Authors() if gates.approval is Approval.NONE else authors_behind(promoting, view, behind)
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
        also_wrote=(*also_wrote(view, behind), *authors.logins),
        is_every_author_known=authors.are_all_known,
        merged_by=behind.merged_by,
        is_reviewed=behind.is_merged,
        allow_unreviewed=seen.route.pipeline.allow_unreviewed,
        checks=_checks(pull_requests, seen, behind),
        protection=protection,
        run_approvals=run_approvals,
        earlier_approvals=_earlier_approvals(promoting, behind),
        approvals=approvals,
        roles=_roles(promoting, approvals),
        memberships=_memberships(promoting, protection, run_approvals),
        lock=read_lock(view, plan.target_stage),
        verified=_verified(promoting, seen, plan),
        now=promoting.workspace.clock(),
        is_execution=behind.is_execution,
    )


def also_wrote(view: StateView, behind: Behind) -> tuple[str, ...]:
    """Answer who had a hand in it beside its author.

    Those who asked for a pull request of ours, whose author is a bot: its body says who, and can be edited, so whoever
    merged the pull request of a bot counts as well. Whoever wrote or merged what came with the same push. And those who
    wrote the promotions whose place it took, because it brings their changes too.
    """
    if behind.is_rollback:
        return ()
    earlier = () if behind.promotion is None else _superseded(view, behind.promotion)
    found = [
        name
        for each in earlier
        for name in (each.created_by, _merged_for_a_bot(each.created_by, each.merged_by), *each.also_wrote)
    ]
    found += () if behind.promotion is None else behind.promotion.also_wrote
    found += [name for each in behind.others for name in hands_in(each)]
    if behind.pull_request is not None:
        found.append(requested_by(behind.pull_request.body))
        found.append(_merged_for_a_bot(behind.pull_request.author, behind.merged_by))
    return tuple(dict.fromkeys(each for each in found if each is not None))


def authors_behind(promoting: Promoting, view: StateView, behind: Behind) -> Authors:
    """Ask who wrote the commits of every pull request whose change it brings: whoever pushed to a branch wrote as well.

    A rollback brings none. Raises RemoteError.
    """
    if behind.is_rollback:
        return Authors()
    mine = () if behind.promotion is None else (behind.promotion, *_superseded(view, behind.promotion))
    numbers = [each.number for each in (behind.pull_request, *behind.others) if each is not None]
    for each in mine:
        numbers += [*(() if each.pull_request is None else (each.pull_request,)), *each.other_pull_requests]
    found: list[str] = []
    are_all_known = True
    for number in dict.fromkeys(numbers):
        people = None if promoting.pull_requests is None else promoting.pull_requests.commit_authors(number)
        found += people or ()
        are_all_known = are_all_known and people is not None
    return Authors(tuple(dict.fromkeys(found)), are_all_known)


def _merged_for_a_bot(author: str, merged_by: str | None) -> str | None:
    return merged_by if author.endswith("[bot]") else None


def _superseded(view: StateView, promotion: Promotion) -> tuple[Promotion, ...]:
    """Answer the promotions whose place this one took, those that its commit made before, and so on back."""
    found: dict[str, Promotion] = {}
    for each in promotions(view, environments=(promotion.target_stage,)):  # the newest first
        is_same = promotion.git_commit_sha is not None and each.git_commit_sha == promotion.git_commit_sha
        if is_same or each.superseded_by in (promotion.promotion_id, *found):
            found[each.promotion_id] = each
    return tuple(found.values())


def _checks(pull_requests: PullRequests | None, seen: Seen, behind: Behind) -> Checks | None:
    if pull_requests is None or not seen.route.stage.gates.require_all_tests_passed:
        return None
    head = None if behind.pull_request is None else behind.pull_request.head
    commit = head or (None if behind.promotion is None else behind.promotion.head_sha)
    if commit is None:
        return None
    earlier = () if behind.promotion is None else behind.promotion.other_heads
    heads = dict.fromkeys((commit, *earlier, *(each.head for each in behind.others)))
    return all_of({each: pull_requests.checks(each) for each in heads})


def _protection(pull_requests: PullRequests | None, seen: Seen) -> Protection | None:
    return None if pull_requests is None else pull_requests.protection(seen.environment.name)


def _run_approvals(promoting: Promoting, seen: Seen, behind: Behind) -> Sequence[RunApproval] | None:
    is_asked = behind.is_execution and seen.route.stage.gates.approval is Approval.ENVIRONMENT
    if not is_asked or promoting.pull_requests is None or promoting.run_id is None:
        return None
    return promoting.pull_requests.run_approvals(promoting.run_id)


def _earlier_approvals(promoting: Promoting, behind: Behind) -> tuple[str, ...]:
    """Answer who had approved this run before it knew the promotion, once for each word."""
    noted = () if behind.promotion is None else behind.promotion.earlier_words
    return tuple(by for each in noted if each.run_id == promoting.run_id for by in each.approved_by)


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
