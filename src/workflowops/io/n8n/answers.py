"""Answers that are not what was asked for: each status and each foreign page as its own error."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from workflowops.core.json import parse
from workflowops.errors import (
    N8nAnswerError,
    N8nError,
    N8nForbiddenError,
    N8nNotFoundError,
    N8nRejectedError,
    N8nUnauthorizedError,
)
from workflowops.io.n8n.faults import Fault

_PASSING = frozenset({408, 425, 429, *range(500, 600)} - {501, 505})
_TITLE = re.compile(r"<title[^>]*>(.{1,300}?)</title>", re.IGNORECASE | re.DOTALL)
_MOST_QUOTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer. `headers` have lower-case names; `url` is what was asked, `server` how messages name it.

    `secret` is what no message may repeat, though some servers repeat what they were sent.
    """

    server: str
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    secret: str = field(repr=False)

    @property
    def is_json(self) -> bool:
        """Tell whether the server calls it JSON."""
        return bool(re.match(r"application/(?:[\w.-]+\+)?json\b", self.content_type))

    @property
    def is_html(self) -> bool:
        """Tell whether it is a page for people."""
        return "html" in self.content_type or self.body.lstrip()[:1] == b"<"

    @property
    def content_type(self) -> str:
        """Answer the content type in lower case; empty when there is none."""
        return self.headers.get("content-type", "").lower()

    @property
    def message(self) -> str:
        """Answer n8n's own words, `message` of its JSON errors; empty when there are none."""
        if not self.is_json:
            return ""
        try:
            body = parse(self.body)
        except (ValueError, RecursionError):
            return ""
        message = body.get("message") if isinstance(body, dict) else None
        return message if isinstance(message, str) else ""


def says_not_found(answer: Answer) -> bool:
    """Tell whether n8n itself says that the thing does not exist.

    Not every 404 does: a wrong base path answers HTML or `not found` in lower case. Source: n8n 1.123 and 2.41.
    """
    wording = re.fullmatch(r"Not Found|Workflow with ID .* not found\.", answer.message, re.DOTALL)
    return answer.status == 404 and wording is not None


def fault_of(answer: Answer, *, scope: str) -> Fault:
    """Turn an answer that is not a 200 into the error it means. `scope` is what the API key needs for this request."""
    if answer.status in _PASSING:
        return Fault(_passing_error(answer), is_passing=True, wait=_retry_after(answer.headers))
    if 300 <= answer.status < 400:
        return Fault(_redirected(answer))
    match answer.status:
        case 401:
            return Fault(_unauthorized(answer))
        case 403:
            return Fault(_forbidden(answer, scope=scope))
        case 404:
            return Fault(_not_found(answer))
        case 413:
            return Fault(_too_large(answer))
        case _:
            return Fault(_rejected(answer))


def foreign_fault(answer: Answer, *, problem: str) -> Fault:
    """Turn a 200 that is not n8n's into the error it means; `problem` is what its reader said."""
    if answer.is_html:
        return Fault(_page_for_people(answer))
    if not answer.is_json:
        return Fault(_wrong_type(answer))
    try:
        parse(answer.body)
    except (ValueError, RecursionError):
        return Fault(_damaged(answer), is_passing=True)
    return Fault(
        N8nAnswerError(
            f"{answer.server} answered JSON that is not n8n's: {problem}",
            fix="Check that the environment's `url` is that of n8n, not of another program behind the same proxy.",
        )
    )


def _quoted(text: str, answer: Answer) -> str:
    """Make what a stranger wrote fit for a message: one line, printable, short, without the secret."""
    secret = re.compile(re.escape(answer.secret), re.IGNORECASE)
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in secret.sub("***", text)).split())
    return line if len(line) <= _MOST_QUOTED else line[:_MOST_QUOTED] + "..."


def _said(answer: Answer) -> str:
    """Quote n8n's message or the title of the page, as the end of a sentence."""
    title = _TITLE.search(answer.body[:20_000].decode("utf-8", "replace")) if answer.is_html else None
    words = _quoted(answer.message or (html.unescape(title.group(1)) if title else ""), answer)
    return f": {words.rstrip('.')}." if words else "."


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After`, seconds or a date, which is compared with the server's own clock where it tells it."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    until = _date(value)
    if until is None:
        return None
    return max(0.0, (until - (_date(headers.get("date", "")) or datetime.now(UTC))).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _passing_error(answer: Answer) -> N8nError:
    if answer.status == 429:
        return N8nAnswerError(
            f"{answer.server} limits the rate of requests (429){_said(answer)}",
            fix="Wait, run less often, or raise the limit of the proxy in front of n8n; n8n itself has none.",
        )
    if answer.status in {502, 503, 504}:
        return N8nAnswerError(
            f"{answer.server} is not available ({answer.status}){_said(answer)}",
            fix="n8n is down, starting or overloaded behind its proxy: look whether it runs, then run this again.",
        )
    return N8nAnswerError(
        f"{answer.server} failed with {answer.status}{_said(answer)}", fix="Look into n8n's log for the cause."
    )


def _redirected(answer: Answer) -> N8nAnswerError:
    asked = urlsplit(answer.url)
    try:
        target = urlsplit(urljoin(answer.url, answer.headers.get("location", "")))
        host = target.hostname or "nowhere"
    except ValueError:
        target, host = asked, "nowhere"
    place = _quoted(f"{target.scheme}://{host}", answer)
    if (asked.scheme, target.scheme) == ("http", "https") and asked.hostname == target.hostname:
        fix = "Write the environment's `url` with https://."
    elif asked.hostname == target.hostname:
        fix = "Check the path of the environment's `url`; a login in front of n8n must let requests to /api/v1 pass."
    else:
        fix = f"If n8n moved to {place}, change the environment's `url`; if that is a login page, let /api/v1 pass it."
    return N8nAnswerError(f"{answer.server} redirects to {place} ({answer.status}), which is not followed.", fix=fix)


def _unauthorized(answer: Answer) -> N8nUnauthorizedError:
    if not answer.is_json:
        return N8nUnauthorizedError(
            f"Something in front of {answer.server} asks for a login (401){_said(answer)}",
            fix="Let requests to /api/v1 pass the proxy's own login, or reach n8n from inside its network.",
        )
    return N8nUnauthorizedError(
        f"{answer.server} does not accept the API key (401).",
        fix="Make a new key under Settings > n8n API on that instance and store it in the secret that `api_key` names. "
        "Keys expire, and belong to one instance.",
    )


def _forbidden(answer: Answer, *, scope: str) -> N8nForbiddenError:
    if not answer.is_json:
        return N8nForbiddenError(
            f"Something in front of {answer.server} refuses the request (403){_said(answer)}",
            fix="Let this machine's address and requests to /api/v1 pass the firewall or proxy.",
        )
    if re.search("licen[cs]e", answer.message, re.IGNORECASE):
        return N8nForbiddenError(
            f"The licence of {answer.server} does not cover this (403){_said(answer)}",
            fix="Do without this feature, or upgrade the instance's licence.",
        )
    return N8nForbiddenError(
        f"The API key of {answer.server} may not do this (403){_said(answer)}",
        fix=f"Give the key the scope {scope}, and its user access to the workflows in question.",
    )


def _not_found(answer: Answer) -> N8nError:
    if says_not_found(answer):
        return N8nNotFoundError(f"{answer.server} has no such thing (404).", fix="Check the id.")
    return N8nAnswerError(
        f"There is no n8n API at {answer.server} (404){_said(answer)}",
        fix="Check the path of the environment's `url` (what stands before /api/v1), and that n8n's public API is on.",
    )


def _too_large(answer: Answer) -> N8nRejectedError:
    return N8nRejectedError(
        f"What was sent is too large for {answer.server} (413){_said(answer)}",
        fix="Raise N8N_PAYLOAD_SIZE_MAX (MiB, 16 by default) and the limit of the proxy in front of n8n.",
    )


def _rejected(answer: Answer) -> N8nError:
    if answer.is_json and answer.status >= 400:
        return N8nRejectedError(
            f"{answer.server} refuses the request ({answer.status}){_said(answer)}",
            fix="n8n's words name the reason. If they are about a parameter, its version is not one we know: tell us.",
        )
    return N8nAnswerError(
        f"{answer.server} answered {answer.status}, which n8n's API does not{_said(answer)}",
        fix="Check that the environment's `url` is that of n8n itself.",
    )


def _page_for_people(answer: Answer) -> N8nAnswerError:
    return N8nAnswerError(
        f"{answer.server} answered a page for people instead of JSON{_said(answer)}",
        fix="Check the path of the environment's `url`; a login in front of n8n must let requests to /api/v1 pass.",
    )


def _wrong_type(answer: Answer) -> N8nAnswerError:
    kind = _quoted(answer.content_type.partition(";")[0], answer) or "nothing"
    return N8nAnswerError(
        f"{answer.server} answered {kind} instead of application/json.",
        fix="Check that the environment's `url` is that of n8n, and that no proxy changes what it answers.",
    )


def _damaged(answer: Answer) -> N8nAnswerError:
    is_cut = answer.body.rstrip()[-1:] not in {b"}", b"]"}
    how = f"ends in the middle, after {len(answer.body)} bytes" if is_cut else "is damaged"
    return N8nAnswerError(
        f"The JSON that {answer.server} answered {how}.",
        fix="Look at the proxy in front of n8n (buffers, size limits, timeouts), then run this again.",
    )
