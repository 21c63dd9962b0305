"""What reviewers said in a run before a promotion was recorded in it: that was no word on this promotion."""

from dataclasses import replace

from workflowops.commands.ports import StateView
from workflowops.commands.promoting import Promoting
from workflowops.commands.promotion_files import step_promotion
from workflowops.core.configuration import Approval
from workflowops.core.promotion.record import EarlierWords, Promotion, PromotionsIndex
from workflowops.core.promotion.register import WAITING, Registered, keep_words
from workflowops.core.promotion.route import Route


def with_earlier_words(
    promoting: Promoting, route: Route, promotion: Promotion, *, is_in_its_job: bool = False
) -> Promotion:
    """Answer a new record with the approvals that this run has of its environment already.

    GitHub lists the approvals of all attempts of a run, without their times, so they are told apart by who was there
    before. With `is_in_its_job` it is recorded in the job that the reviewers approved for it: in the run's first
    attempt there is nothing earlier, and in a later one nobody can tell. Outside of a run, and where the environment
    is not what approves, nothing is asked. Raises RemoteError.
    """
    words = _words_now(promoting, route, is_in_its_job=is_in_its_job)
    return promotion if words is None else replace(promotion, earlier_words=(words,))


def answered_again(
    promoting: Promoting, route: Route, promotion: Promotion, *, is_in_its_job: bool = False
) -> Promotion:
    """Answer a record that was there already, after noting the same of this run if this run has not met it before.

    One that the run made or met in an earlier attempt keeps the approval that it was given since.
    """
    known = {each.run_id for each in promotion.earlier_words}
    if promotion.status not in WAITING or promoting.run_id in known or promoting.workspace.is_dry_run:
        return promotion
    words = _words_now(promoting, route, is_in_its_job=is_in_its_job)
    if words is None:
        return promotion

    def step(before: Promotion, index: PromotionsIndex, _: StateView) -> Registered:
        return keep_words(before, words, index=index)

    message = f"promote: {promotion.promotion_id} is met again"
    return step_promotion(promoting.workspace, promotion.promotion_id, step, message=message).promotion


def _words_now(promoting: Promoting, route: Route, *, is_in_its_job: bool) -> EarlierWords | None:
    if promoting.run_id is None or promoting.pull_requests is None:
        return None
    if route.stage.gates.approval is not Approval.ENVIRONMENT:
        return None
    if is_in_its_job and promoting.run_attempt == 1:
        return EarlierWords(run_id=promoting.run_id)
    said = promoting.pull_requests.run_approvals(promoting.run_id)
    name = route.environment.casefold()
    return EarlierWords(
        run_id=promoting.run_id,
        approved_by=tuple(
            each.by for each in said if each.is_approved and name in {every.casefold() for every in each.environments}
        ),
    )
