"""What can become of one request to n8n, and the check that a target is whole afterwards."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx
from tests.commands.promotion_world import WRITES, Answer, PromotionWorld

from workflowops.core.promotion.record import Promotion, PromotionStatus


class Died(BaseException):
    """The process is gone: nothing catches this."""


class Fault(StrEnum):
    """What happens to a request, and whether the server carried it out."""

    TIMEOUT_BEFORE = "timeout before"
    TIMEOUT_AFTER = "timeout after"
    REFUSED_400 = "400"
    STORED_403 = "403 but stored"
    REFUSED_409 = "409"
    HTML_500 = "500 HTML"
    HTML_500_DONE = "500 HTML but done"
    RESET = "connection reset"
    RESET_DONE = "connection reset but done"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"


_IS_DONE = frozenset({
    Fault.TIMEOUT_AFTER, Fault.STORED_403, Fault.HTML_500_DONE, Fault.RESET_DONE, Fault.KILLED_AFTER,
})  # fmt: skip


def struck(fault: Fault, request: httpx.Request, answer: Answer) -> httpx.Response:
    """Answer a request as the fault has it."""
    if fault in _IS_DONE:
        answer()
    match fault:
        case Fault.TIMEOUT_BEFORE | Fault.TIMEOUT_AFTER:
            raise httpx.ReadTimeout("", request=request)
        case Fault.RESET | Fault.RESET_DONE:
            raise httpx.ReadError("", request=request)
        case Fault.KILLED_BEFORE | Fault.KILLED_AFTER:
            raise Died
        case Fault.HTML_500 | Fault.HTML_500_DONE:
            headers = {"content-type": "text/html"}
            return httpx.Response(500, headers=headers, content=b"<html>Bad luck</html>", request=request)
        case Fault.REFUSED_400:
            return _refusal(request, 400, "Cannot publish workflow: something is wrong with it")
        case Fault.STORED_403:
            return _refusal(request, 403, "Your change was saved as a draft. It wasn't published.")
        case Fault.REFUSED_409:
            return _refusal(request, 409, "There is a conflict with one of the webhooks.")


def _refusal(request: httpx.Request, status: int, message: str) -> httpx.Response:
    headers = {"content-type": "application/json; charset=utf-8"}
    return httpx.Response(status, headers=headers, content=json.dumps({"message": message}), request=request)


@dataclass
class Once:
    """Lets the n-th request (from 0) meet a fault; `times` makes the same fault meet as many after it, writes only."""

    fault: Fault | None
    at: int
    times: int = 1
    seen: int = 0
    met: str | None = None

    def __call__(self, request: httpx.Request, answer: Answer) -> httpx.Response:
        number = self.seen
        self.seen += 1
        is_hit = self.at <= number < self.at + self.times if self.met is None or request.method in WRITES else False
        if self.fault is None or not is_hit:
            return answer()
        self.met = self.met or f"{request.method} {request.url.path}"
        return struck(self.fault, request, answer)


def comparable(held: Mapping[str, Mapping[str, Any]]) -> Any:
    """Answer what a target holds with the ids of created workflows replaced by their names."""
    text = json.dumps({key: dict(value) for key, value in held.items()}, sort_keys=True)
    for workflow_id, document in held.items():
        if not workflow_id.startswith("id-"):
            text = text.replace(workflow_id, f"created {document['name']}")
    return json.loads(text)


def check_invariant(
    world: PromotionWorld,
    promotion: Promotion,
    *,
    before: Mapping[str, dict[str, Any]],
    planned: Any,
    changed_names: Callable[[str], bool] = lambda _: True,
) -> None:
    """Fail unless every workflow of the target is as before or as planned, as the record says, or named in it."""
    held = world.held()
    match promotion.status:
        case PromotionStatus.COMPLETED:
            assert comparable(held) == planned
        case PromotionStatus.ROLLED_BACK:
            assert held == before
        case PromotionStatus.ROLLBACK_INCOMPLETE:
            assert promotion.execution_result is not None
            told = " ".join(promotion.execution_result.not_as_before)
            for workflow_id in held.keys() | before.keys():
                if held.get(workflow_id) != before.get(workflow_id):
                    assert workflow_id in told, (workflow_id, told)
        case _:
            raise AssertionError(promotion.status)
