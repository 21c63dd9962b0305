"""The hands behind `/promote`, `/approve`, `/reject`, `/rollback`, `/lock`, `/unlock` and `/revert`."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from workflowops.commands.comment_promotion import PromotionHands, Voice
from workflowops.commands.lock import lock_environment, unlock_environment
from workflowops.commands.ports import StateView
from workflowops.commands.promoting import Promoting
from workflowops.commands.promotion_files import (
    known_promotion,
    open_promotions,
    promotions,
    read_index,
    step_promotion,
)
from workflowops.commands.promotion_gates import Behind, also_wrote, authors_behind
from workflowops.commands.promotion_open import Asked, open_promotion
from workflowops.commands.promotion_reversal import revert
from workflowops.commands.promotion_rollback import record_rollback
from workflowops.commands.promotion_telling import tell_record
from workflowops.core.comment.outcome import Acted
from workflowops.core.comment.requests import Approve, Lock, Promote, Reject, Rollback, Unlock
from workflowops.core.configuration import Approval, select
from workflowops.core.promotion.plan import Options
from workflowops.core.promotion.record import ApprovalGiven, Promotion, PromotionStatus
from workflowops.core.promotion.register import WAITING, approve, reject
from workflowops.core.promotion.route import Route, is_for_the_next_job, route_to
from workflowops.core.text.promotion_hands import (
    approved_answer,
    lock_answer,
    not_shown_answer,
    opened_answer,
    rejected_answer,
    rollback_answer,
)
from workflowops.errors import BlockedError


def hands_of(promoting: Promoting) -> PromotionHands:
    """Answer what the commands about promotions do here."""
    return PromotionHands(
        open=lambda voice, asked: _open(promoting, voice, asked),
        approve=lambda voice, asked: _approve(promoting, voice, asked),
        reject=lambda voice, asked: _reject(promoting, voice, asked),
        rollback=lambda voice, asked: _rollback(promoting, voice, asked),
        lock=lambda voice, asked: _lock(promoting, voice, asked),
        unlock=lambda voice, asked: _unlock(promoting, voice, asked),
        revert=lambda voice, incident: revert(_as(promoting, voice), incident),
    )


def open_ids(promoting: Promoting) -> frozenset[str]:
    """Name the promotions that have not ended."""
    return frozenset(each for ids in read_index(promoting.workspace.state.view()).open.values() for each in ids)


def to_be_carried_out(promoting: Promoting, *, known: Collection[str]) -> tuple[Promotion, ...]:
    """Answer the promotions that a comment made ready for the next job; `known` were open before it.

    That is what is approved, and what the comment recorded where the job is what has to be approved. What was recorded
    before has a job that waits for its reviewers: a second one would ask them again.
    """
    view = promoting.workspace.state.view()
    found = [each for target in read_index(view).open for each in open_promotions(view, target)]
    return tuple(
        each
        for each in found
        if is_for_the_next_job(promoting.workspace.configuration, each)
        and (each.status is PromotionStatus.APPROVED or each.promotion_id not in known)
    )


def _route(promoting: Promoting, promotion: Promotion) -> Route:
    configuration = promoting.workspace.configuration
    return route_to(configuration, promotion.target_stage, pipeline=promotion.pipeline_id)


def _as(promoting: Promoting, voice: Voice) -> Promoting:
    """Let whoever asked be the one who did it."""
    workspace = promoting.workspace
    return replace(promoting, workspace=replace(workspace, actor=replace(workspace.actor, name=voice.by)))


def _open(promoting: Promoting, voice: Voice, asked: Promote) -> Acted:
    route = route_to(promoting.workspace.configuration, asked.stage)
    wanted = Asked(slugs=asked.slugs, with_dependencies=asked.with_dependencies)
    outcome = open_promotion(_as(promoting, voice), route, wanted)
    return Acted(opened_answer(outcome), outcome.exit_code)


def _approve(promoting: Promoting, voice: Voice, asked: Approve) -> Acted:
    view = promoting.workspace.state.view()
    found = [
        each
        for target in read_index(view).open
        for each in open_promotions(view, target)
        if each.plan_digest == asked.digest and each.status in WAITING
    ]
    if not found:
        raise BlockedError(
            f"No promotion waits with the plan {asked.digest[:12]}.",
            fix="Take the digest from the latest comment about the promotion: a new plan has another one.",
        )
    given = ApprovalGiven(by=voice.by, at=voice.at, plan_digest=asked.digest, comment=asked.comment, proof="comment")
    approved = [_approved(promoting, each, given) for each in found]
    return _told(promoting, approved_answer(approved, [_needed(promoting, each) for each in approved]), approved)


def _approved(promoting: Promoting, promotion: Promotion, given: ApprovalGiven) -> Promotion:
    gates = _route(promoting, promotion).stage.gates
    if gates.approval is Approval.NONE:
        raise BlockedError(f"{promotion.promotion_id} asks nobody to approve.", fix="There is nothing to do.")
    _require_other_person(promoting, promotion, given.by, is_merger_excluded=gates.four_eyes)
    people = {each.by.casefold() for each in promotion.approvals if each.proof == "comment"} | {given.by.casefold()}
    is_enough = gates.approval is Approval.COMMENTS and len(people) >= gates.min_approvals
    registered = step_promotion(
        promoting.workspace,
        promotion.promotion_id,
        lambda before, index, _: approve(before, given, index=index, is_enough=is_enough),
        message=f"promote: {promotion.promotion_id} is approved by {given.by}",
    )
    return registered.promotion


def _require_other_person(promoting: Promoting, promotion: Promotion, login: str, *, is_merger_excluded: bool) -> None:
    """Refuse the approval of who had a hand in the change. The gates ask once more before anything runs."""
    pull_request = None
    if promoting.pull_requests is not None and promotion.pull_request is not None:
        pull_request = promoting.pull_requests.pull_request(promotion.pull_request)
    behind = Behind(pull_request=pull_request, promotion=promotion)
    view = promoting.workspace.state.view()
    authors = authors_behind(promoting, view, behind)
    if is_merger_excluded and not authors.are_all_known:
        raise BlockedError(
            f"Not everybody is known who wrote the commits of {promotion.promotion_id}.",
            fix="Bring the change in by a pull request whose commits are by addresses that GitHub knows.",
        )
    hands = [promotion.created_by, *also_wrote(view, behind), *authors.logins]
    hands += [behind.merged_by] if is_merger_excluded and behind.merged_by is not None else []
    if login.casefold() in {each.casefold() for each in hands}:
        raise BlockedError(
            f"{login} wrote, asked for or merged {promotion.promotion_id}, and cannot approve it.",
            fix="Ask somebody else with write access.",
        )


def _needed(promoting: Promoting, promotion: Promotion) -> str:
    """Say in a sentence what still has to come before it is carried out."""
    gates = _route(promoting, promotion).stage.gates
    if promotion.status is PromotionStatus.APPROVED:
        return f"It is carried out by `promote apply --promotion {promotion.promotion_id}`."
    if gates.approval is Approval.ENVIRONMENT:
        return f"A reviewer of the GitHub environment {promotion.target_stage} still has to approve the waiting job."
    people = {each.by.casefold() for each in promotion.approvals}
    return f"{len(people)} of {gates.min_approvals} approvals."


def _reject(promoting: Promoting, voice: Voice, asked: Reject) -> Acted:
    view = promoting.workspace.state.view()
    if asked.promotion_id is not None:
        found: Sequence[Promotion] = [known_promotion(view, asked.promotion_id)]
    else:
        found = [
            each
            for target in read_index(view).open
            for each in open_promotions(view, target)
            if voice.pull_request is not None and each.pull_request == voice.pull_request and each.status in WAITING
        ]
    done = _rejected_by(view, voice, found)
    if done:
        return Acted(rejected_answer(done))
    if not found:
        raise BlockedError("Nothing of this pull request waits.", fix="Name a promotion: `/reject promo-7 reason`.")
    rejected = []
    for promotion in found:
        registered = step_promotion(
            promoting.workspace,
            promotion.promotion_id,
            lambda before, index, _: reject(before, index=index, by=voice.by, at=voice.at, reason=asked.reason),
            message=f"promote: {promotion.promotion_id} is rejected by {voice.by}",
        )
        rejected.append(registered.promotion)
    return _told(promoting, rejected_answer(rejected), rejected)


def _rollback(promoting: Promoting, voice: Voice, asked: Rollback) -> Acted:
    options = Options(allow_overwriting_hotfixes=asked.allow_overwriting_hotfixes)
    record = record_rollback(_as(promoting, voice), asked.promotion_id, options=options)
    return _told(promoting, rollback_answer(record, _needed(promoting, record)), [record])


def _rejected_by(view: StateView, voice: Voice, named: Sequence[Promotion]) -> tuple[Promotion, ...]:
    """Answer what this very comment rejected, in a run that died before it could say so."""
    return tuple(
        each
        for each in (named or promotions(view))
        if each.status is PromotionStatus.REJECTED and (each.rejected_by, each.rejected_at) == (voice.by, voice.at)
    )


def _told(promoting: Promoting, answer: str, records: Sequence[Promotion]) -> Acted:
    """Show the records on their pull requests; that this failed takes nothing from what was done, and is said."""
    if promoting.workspace.is_dry_run:
        return Acted(answer)
    problems = dict.fromkeys(tell_record(promoting, each, None) for each in records)
    told = [not_shown_answer(each) for each in problems if each is not None]
    return Acted("\n\n".join([answer, *told]))


def _lock(promoting: Promoting, voice: Voice, asked: Lock) -> Acted:
    environment = select(promoting.workspace.configuration, [asked.environment])[0]
    outcome = lock_environment(
        promoting.workspace, environment, reason=asked.reason, by=voice.by, is_forced=asked.is_forced
    )
    return Acted(lock_answer(outcome))


def _unlock(promoting: Promoting, voice: Voice, asked: Unlock) -> Acted:
    environment = select(promoting.workspace.configuration, [asked.environment])[0]
    outcome = unlock_environment(promoting.workspace, environment, by=voice.by, is_forced=asked.is_forced)
    return Acted(lock_answer(outcome))
