"""What goes wrong between us and GitHub, on demand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.github.messages import Answer, Request, refusal

HTML = b"<html><head><title>Unicorn!</title></head><body>We had issues producing the response.</body></html>"


class FaultKind(StrEnum):
    """How a request fails, and whether it was carried out before it did."""

    RESET_BEFORE = "connection reset, nothing done"
    RESET_AFTER = "connection reset, done"
    SILENCE_AFTER = "no answer ever, done"
    BAD_GATEWAY_BEFORE = "502, nothing done"
    BAD_GATEWAY_AFTER = "502, done"
    SERVER_ERROR = "500 in HTML, nothing done"
    SECONDARY_LIMIT = "403 with retry-after, nothing done"
    TOO_MANY = "429 with retry-after, nothing done"
    PRIMARY_LIMIT = "403, no requests left, nothing done"

    @property
    def is_done(self) -> bool:
        """Whether GitHub carries out what was asked all the same."""
        return self in {FaultKind.RESET_AFTER, FaultKind.SILENCE_AFTER, FaultKind.BAD_GATEWAY_AFTER}

    @property
    def has_no_answer(self) -> bool:
        """Whether the connection is all that fails."""
        return self in {FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER, FaultKind.SILENCE_AFTER}


@dataclass(slots=True)
class Fault:
    """Strikes the requests of a method whose path matches, at the times given (1 is the first), each once."""

    kind: FaultKind
    method: str
    path: str
    at: Sequence[int] = (1,)
    retry_after: int = 60
    reset_at: int = 0
    seen: int = field(default=0, init=False)

    def strikes(self, request: Request) -> bool:
        """Say whether this request is one of them; to be asked once for each request."""
        if request.method != self.method or not re.fullmatch(self.path, request.path):
            return False
        self.seen += 1
        return self.seen in self.at

    def answer(self) -> Answer:
        """What is answered in place of GitHub's answer."""
        match self.kind:
            case FaultKind.BAD_GATEWAY_BEFORE | FaultKind.BAD_GATEWAY_AFTER:
                return Answer(502, HTML, {"content-type": "text/html"})
            case FaultKind.SERVER_ERROR:
                return Answer(500, HTML, {"content-type": "text/html"})
            case FaultKind.SECONDARY_LIMIT:
                text = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
                return refusal(403, text, retry_after=str(self.retry_after))
            case FaultKind.TOO_MANY:
                return refusal(429, "You have exceeded a secondary rate limit.", retry_after=str(self.retry_after))
            case FaultKind.PRIMARY_LIMIT:
                reset = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(self.reset_at)}
                return refusal(403, "API rate limit exceeded for installation.", **reset)
            case _:
                raise AssertionError(f"{self.kind} has no answer")
