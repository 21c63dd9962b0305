"""A write that is done once, though its answer may be lost."""

from collections.abc import Callable, Collection
from typing import TypeVar

from workflowops.io.github.exchange import Exchange
from workflowops.io.github.faults import Fault
from workflowops.io.github.messages import Answer, Request

Found = TypeVar("Found")
_SETTLE_SECONDS = 3.0
"""What was cut off may still be under way at GitHub, which ends requests after ten seconds."""


def write_once(
    exchange: Exchange,
    request: Request,
    *,
    find: Callable[[], Found | None],
    read: Callable[[Answer], Found],
    accept: Collection[int] = (),
) -> Found:
    """Send a write and read its answer. Where the answer is lost, look first, and send it once more if need be.

    `find` answers what the write was to make, if it is there. Raises the GitHubError of the second try when it is not
    there even after that.
    """
    outcome = exchange.write(request, accept=accept)
    if isinstance(outcome, Answer):
        return read(outcome)
    exchange.pause(_SETTLE_SECONDS, because=f"{outcome.error} It may have been done all the same.")
    found = find()
    if found is not None:
        return found
    outcome = exchange.write(request, accept=accept)
    if isinstance(outcome, Answer):
        return read(outcome)
    found = find()
    if found is not None:
        return found
    raise type(outcome.error)(f"{outcome.error} It was tried twice.", fix=outcome.error.fix) from outcome.cause


def write_again(exchange: Exchange, request: Request, *, accept: Collection[int] = ()) -> Answer:
    """Send a write that may be done twice without harm; once more where the answer to the first one is lost."""
    outcome: Answer | Fault = exchange.write(request, accept=accept)
    if isinstance(outcome, Answer):
        return outcome
    exchange.pause(_SETTLE_SECONDS, because=str(outcome.error))
    outcome = exchange.write(request, accept=accept)
    if isinstance(outcome, Answer):
        return outcome
    raise type(outcome.error)(f"{outcome.error} It was tried twice.", fix=outcome.error.fix) from outcome.cause
