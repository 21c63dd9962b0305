"""What GitHub asks us to wait when it limits the rate."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from workflowops.io.github.messages import Answer

_UNTOLD_SECONDS = 60.0
_SECONDARY = ("secondary rate limit", "abuse detection", "please wait a few minutes", "retry your request again later")


@dataclass(frozen=True, slots=True)
class Limit:
    """A request that was not carried out because of a limit. `is_told` says whether GitHub named the seconds."""

    seconds: float
    is_primary: bool
    is_told: bool

    @property
    def name(self) -> str:
        """Name the limit in words of our own."""
        return "the hourly limit of requests" if self.is_primary else "the limit on many requests in a short time"


def limit_of(answer: Answer) -> Limit | None:
    """Answer the limit that an answer speaks of; None for any other 403, which waiting would not help.

    Both limits answer 403 or 429. `retry-after` decides, else `x-ratelimit-reset` where nothing remains, else a minute.
    Source: docs.github.com, "Rate limits for the REST API", and octokit/plugin-throttling.js for the wording.
    """
    if answer.status not in {403, 429}:
        return None
    message = answer.message.lower()
    is_primary = answer.headers.get("x-ratelimit-remaining", "").strip() == "0"
    is_primary = is_primary or message.startswith("api rate limit exceeded")
    is_secondary = any(words in message for words in _SECONDARY)
    told = _retry_after(answer)
    if not (answer.status == 429 or is_primary or is_secondary or told is not None):
        return None
    if told is None and is_primary and not is_secondary:
        told = _until_reset(answer)
    is_told = told is not None
    seconds = _UNTOLD_SECONDS if told is None else max(1.0, told)
    return Limit(seconds, is_primary=is_primary and not is_secondary, is_told=is_told)


def _retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    until = _date(value)
    return None if until is None else (until - _now(answer)).total_seconds()


def _until_reset(answer: Answer) -> float | None:
    """Answer the seconds until the limit is new, and one more: it is not known when in that second."""
    value = answer.headers.get("x-ratelimit-reset", "").strip()
    return float(value) + 1 - _now(answer).timestamp() if re.fullmatch(r"\d{1,12}", value) else None


def _now(answer: Answer) -> datetime:
    """Answer GitHub's own time, which the clock of this machine need not agree with."""
    return _date(answer.headers.get("date", "")) or datetime.now(UTC)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
