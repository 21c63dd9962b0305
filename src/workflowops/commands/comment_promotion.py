"""The commands about promotions: who may give them where, and the hands that carry them out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from workflowops.commands.comment_effects import Effect, Effects
from workflowops.commands.delivery import policy_of
from workflowops.commands.desk import Desk
from workflowops.commands.ports import StateView
from workflowops.commands.promotion_files import read_index, read_promotion
from workflowops.core.comment.commands import PROMOTION, CommandName, Misunderstood, Understood
from workflowops.core.comment.event import CommentEvent
from workflowops.core.comment.outcome import Acted
from workflowops.core.comment.requests import Approve, Lock, Promote, Reject, Request, Rollback, Unlock, request_of
from workflowops.core.comment.strictest import strictest_rules
from workflowops.core.incident.policy import CommandRule
from workflowops.core.incident.record import Incident
from workflowops.core.promotion.record import Promotion
from workflowops.errors import ConfigurationError

_NOWHERE = ""
"""Stands for an environment that cannot be told; the strictest rule of all counts for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who asked for something, when (ISO 8601, UTC) and where: on a pull request, an incident or another issue of ours.

    One of `pull_request`, `incident` and `issue` is a number.
    """

    by: str
    at: str
    url: str
    pull_request: int | None = None
    incident: int | None = None
    issue: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionHands:
    """What the commands do. Whoever gave one may give it, as far as its role and the configuration's lists go.

    Each answers in Markdown, and raises WorkflowOpsError when it could not do its part; `exit_code` RULE says that it
    is not possible now. A run that dies before its answer is remembered is repeated, so a hand that is asked the same
    by the same comment again finds what it did. `revert` has a reversal recorded; without it, only its steps are told.
    """

    open: Callable[[Voice, Promote], Acted]
    approve: Callable[[Voice, Approve], Acted]
    reject: Callable[[Voice, Reject], Acted]
    rollback: Callable[[Voice, Rollback], Acted]
    lock: Callable[[Voice, Lock], Acted]
    unlock: Callable[[Voice, Unlock], Acted]
    revert: Callable[[Voice, Incident], Acted] | None = None


def voice_of(event: CommentEvent) -> Voice:
    """Answer who speaks in a comment, and where."""
    return Voice(
        by=event.author,
        at=event.created_at,
        url=event.url,
        pull_request=event.issue_number if event.is_pull_request else None,
        incident=None if event.is_pull_request else event.issue_number,
    )


def promotion_effects(hands: PromotionHands | None, voice: Voice) -> Effects:
    """Answer what the commands about promotions, and `/revert`, do when they are given on an incident."""
    effect: Effect = lambda _, asked: handed(hands, voice, asked)  # noqa: E731 - one effect for all of them
    effects = dict.fromkeys(PROMOTION, effect)
    revert = None if hands is None else hands.revert
    return effects if revert is None else {**effects, CommandName.REVERT: lambda incident, _: revert(voice, incident)}


def handed(hands: PromotionHands | None, voice: Voice, asked: Understood) -> Acted:
    """Carry out a command about promotions. Raises WorkflowOpsError when it could not be carried out at all."""
    if hands is None:
        raise ConfigurationError(
            "Promotions cannot be commanded from here.",
            fix="Run `workflowops comment` in a checkout of the repository.",
        )
    request = request_of(asked)
    match request:
        case Promote():
            return hands.open(voice, request)
        case Approve():
            return hands.approve(voice, request)
        case Reject():
            return hands.reject(voice, request)
        case Rollback():
            return hands.rollback(voice, request)
        case Lock():
            return hands.lock(voice, request)
        case Unlock():
            return hands.unlock(voice, request)
        case _:
            assert_never(request)


def promotion_rules(
    desk: Desk, view: StateView, wanted: Sequence[Understood | Misunderstood], voice: Voice
) -> dict[str, CommandRule]:
    """Answer the rules for the commands about promotions in a comment: those of the environments they are about.

    Where several are meant, or it cannot be told which, the strictest counts: a command on the incident of one
    environment gets nobody further in another one.
    """
    meant: dict[CommandName, list[str]] = {}
    for each in wanted:
        if isinstance(each, Understood) and each.name in PROMOTION:
            targets = [*_targets(view, request_of(each), voice)]
            meant.setdefault(each.name, []).extend(targets or [_NOWHERE])
    rules: dict[str, CommandRule] = {}
    for name, environments in meant.items():
        known: list[Mapping[str, CommandRule]] = [
            policy_of(desk, environment).commands for environment in dict.fromkeys(environments)
        ]
        found = strictest_rules(known).get(name)
        rules |= {} if found is None else {name: found}
    return rules


def _targets(view: StateView, request: Request, voice: Voice) -> Iterator[str]:
    """Name the environments that a request is about, as far as that can be told."""
    match request:
        case Promote():
            yield request.stage
        case Lock() | Unlock():
            yield request.environment
        case Rollback(promotion_id=str(promotion_id)) | Reject(promotion_id=str(promotion_id)):
            found = read_promotion(view, promotion_id)
            if found is not None:
                yield found.target_stage
        case Approve():
            yield from (each.target_stage for each in _open(view) if each.plan_digest == request.digest)
        case Reject():
            about = voice.pull_request
            yield from (each.target_stage for each in _open(view) if about is not None and each.pull_request == about)


def _open(view: StateView) -> Iterator[Promotion]:
    for promotion_id in (each for ids in read_index(view).open.values() for each in ids):
        found = read_promotion(view, promotion_id)
        if found is not None:
            yield found
