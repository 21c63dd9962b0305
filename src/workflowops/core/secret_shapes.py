"""Secrets that give themselves away: by their own shape, or by what stands around them in a text."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflowops.core.secret_detectors import keyword_detector, shapes
from workflowops.core.secret_names import (
    is_documentation,
    is_secret_name,
    is_secret_query_name,
    is_stand_in,
    without_scheme,
)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a text that is, or looks like, a secret. `is_sure` keeps guesses out of findings."""

    start: int
    end: int
    kind: str
    is_sure: bool = True


_VENDORS = {
    "Airtable token": r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
    "Anthropic API key": r"sk-ant-[\w-]{20,}",
    "API key that starts with sk-": r"\bsk-(?:proj-|or-v1-|svcacct-)?[\w-]{20,}",
    "API token that starts with a vendor's mark": (
        r"\b(?:gsk_|hf_|r8_|xai-|pplx-|pcsk_|apify_api_|lin_api_|dop_v1_|dapi|tvly-|whsec_|npm_|PMAK-|xkeysib-|sbp_)"
        r"[A-Za-z0-9_-]{24,}"
    ),
    "Discord webhook address": r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{40,}",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9_]{30,}|github_pat_[A-Za-z0-9_]{22,})",
    "Google API key": r"\bAIza[\w-]{35}",
    "Google OAuth secret": r"\b(?:GOCSPX-[\w-]{20,}|ya29\.[\w-]{20,})",
    "HubSpot token": r"\bpat-(?:na|eu)\d-[0-9a-f-]{36}",
    "Notion token": r"\b(?:secret|ntn)_[A-Za-z0-9]{40,}",
    "Shopify token": r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "Slack token": r"\bx(?:ox[abeoprs]|app)-[A-Za-z0-9-]{10,}",
    "Stripe key": r"\b[sr]k_(?:live|test)_[0-9a-zA-Z]{16,}",
}
"""Formats that n8n's users meet and that detect-secrets 1.5 does not know, from the vendors' documentation."""

_VENDOR = re.compile("|".join(f"(?P<v{number}>{pattern})" for number, pattern in enumerate(_VENDORS.values())))
_VENDOR_KINDS = tuple(_VENDORS)
_TOKEN_TAIL = re.compile(r"[\w.=+/~-]*", re.ASCII)
_LONG_RUN = re.compile(r"[\w-]{16,}", re.ASCII)

_PRIVATE_KEY = re.compile(r"(?:-----)?BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY")
_PRIVATE_KEY_END = re.compile(r"END [A-Z0-9 ]{0,30}KEY(?: BLOCK)?(?:-----)?")
_USER_INFO = re.compile(
    r"\b(?:https?://[^\s/?#@:\"'<>]{0,200}:(?P<web>[^\s/?#\"'<>]{1,400})@"
    r"|(?!http)[a-z][a-z0-9+.-]{1,20}://[^\s/?#@:\"'<>]{0,200}:(?P<other>[^\s\"'<>]{1,400})@)"
)
_QUERY = re.compile(r"[?&;]([\w.\-\[\]%]{1,80})=([^&#\s\"'<>`]+)")
_HEADER = re.compile(r"\b(?:Bearer|Basic|Token|ApiKey|Bot)\s+([\w+/.=~-]{12,})", re.IGNORECASE | re.ASCII)
_ASSIGNMENT = re.compile(
    r"(?<![\w.-])([A-Za-z_][\w.-]*+)(?:\\?[\"'\]]){0,2}\s{0,8}(=>|:=|={1,3}|!==?|:|,)\s{0,8}(\\?[\"'`])"
)
_UNQUOTED = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*+)(?:=|:[ \t]{0,4})([^\s\"'`,;&|(){}\[\]<>$=]{4,})(?![\w(])")
_OPTION = re.compile(r"(?<!\S)(?:--([A-Za-z][\w-]{1,60})[ =]|-u\s{1,4}[^\s:]{1,200}:)[\"']?([^\s\"']{4,})")
_NAME_PARTS = (
    "pass", "pwd", "secret", "token", "key", "auth", "cookie", "signature", "dsn", "jwt", "connection", "cred",
    "-u ", "contrase",
)  # fmt: skip
_SCHEMES = ("bearer", "basic", "token", "apikey", "bot")
_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
_DENSE = re.compile(r"[A-Za-z0-9+/_=-]{32,}", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

_SHORTEST = 8
_LONGEST_PIECE = 2_000
_OVERLAP = 400
_LONGEST_QUOTED = 4_000


def spans(text: str, *, is_guessing: bool = False, is_dense_allowed: bool = True) -> list[Span]:
    """Find the secrets in a text by themselves, with overlapping pieces merged, in order.

    With `is_guessing` also what only may be one: for display, where a false alarm costs less than a leak. Dense text
    (long, mixed, random) is guessed to be a secret unless `is_dense_allowed`: the ids of documents look the same.
    """
    if len(text) < _SHORTEST:
        return []
    folded = text.lower()
    found: list[Span] = []
    if "private key" in folded or _LONG_RUN.search(text):
        found += _shaped(text)
    if "://" in text or "=" in text:
        found += _in_addresses(text)
    if any(scheme in folded for scheme in _SCHEMES):
        found += _in_headers(text)
    if any(part in folded for part in _NAME_PARTS):
        found += _assigned(text)
        found += _given_as_options(text)
        if is_guessing:
            found += _unquoted(text)
    if is_guessing and not is_dense_allowed:
        found += _dense(text)
    return merged(each for each in found if _counts(each, text[each.start : each.end], is_guessing=is_guessing))


def merged(found: Iterable[Span]) -> list[Span]:
    """Put spans in order, those that overlap as one."""
    disjoint: list[Span] = []
    for span in sorted(found):
        if disjoint and span.start < disjoint[-1].end:
            last = disjoint[-1]
            disjoint[-1] = Span(last.start, max(last.end, span.end), last.kind, last.is_sure)
        elif span.end > span.start:
            disjoint.append(span)
    return disjoint


def _counts(span: Span, text: str, *, is_guessing: bool) -> bool:
    core = without_scheme(text)
    return not is_stand_in(core) if is_guessing else span.is_sure and not is_documentation(core)


def _shaped(text: str) -> Iterator[Span]:
    for begin in _PRIVATE_KEY.finditer(text):
        end = _PRIVATE_KEY_END.search(text, begin.end())
        yield Span(begin.start(), end.end() if end else len(text), "private key")
    for match in _VENDOR.finditer(text):
        yield Span(match.start(), match.end(), _VENDOR_KINDS[int(str(match.lastgroup)[1:])])
    for start, piece in _pieces(text):
        if any(character.isdigit() for run in _LONG_RUN.findall(piece) for character in run):
            for kind, pattern in shapes():
                for match in pattern.finditer(piece):
                    tail = _TOKEN_TAIL.match(text, start + match.end())
                    yield Span(start + match.start(), tail.end() if tail else start + match.end(), kind)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut a text into lines, and long lines into overlapping pieces, so that no pattern meets more than it can bear."""
    start = 0
    for line in text.splitlines(keepends=True):
        for offset in range(0, max(len(line) - _OVERLAP, 1), _LONGEST_PIECE - _OVERLAP):
            yield start + offset, line[offset : offset + _LONGEST_PIECE]
        start += len(line)


def _in_addresses(text: str) -> Iterator[Span]:
    for match in _USER_INFO.finditer(text):
        group = "web" if match["web"] is not None else "other"
        yield Span(match.start(group), match.end(group), "password in an address")
    for match in _QUERY.finditer(text):
        if is_secret_query_name(match[1]):
            is_sure = len(match[2]) >= 12 and any(character.isdigit() for character in match[2])
            yield Span(match.start(2), match.end(2), f"`{match[1]}` in an address", is_sure)


def _in_headers(text: str) -> Iterator[Span]:
    for match in _HEADER.finditer(text):
        if len(match[1]) >= 24 or any(character.isdigit() for character in match[1]):
            yield Span(match.start(1), match.end(1), "credentials of an Authorization header")


def _assigned(text: str) -> Iterator[Span]:
    """Find quoted values given to names such as `password`, in code and in JSON inside a text."""
    for match in _ASSIGNMENT.finditer(text):
        if is_secret_name(match[1]):
            start = match.end()
            end = _closing_quote(text, start, match[3])
            is_in_list = match[2] == "," and not any(character.isdigit() for character in text[start:end])
            if end - start >= 4 and not is_in_list:
                yield Span(start, end, f"value of `{match[1]}`", is_sure=end - start >= 6)
    if '"' not in text and "'" not in text and "`" not in text:
        return
    find = keyword_detector()
    for offset, piece in _pieces(text):
        if any(part in piece.lower() for part in _NAME_PARTS):
            for value in find(piece):
                at = piece.find(value)
                if at >= 0 and len(value) >= 4:
                    yield Span(offset + at, offset + at + len(value), "Secret Keyword", is_sure=len(value) >= 6)


def _closing_quote(text: str, start: int, quote: str) -> int:
    """Answer where a quoted text ends: at its closing quote, else at the end of its line."""
    line_end = text.find("\n", start)
    limit = min(len(text) if line_end < 0 else line_end, start + _LONGEST_QUOTED)
    end = text.find(quote, start, limit)
    while end > 0 and len(quote) == 1 and text[end - 1] == "\\" and text[end - 2 : end] != "\\\\":
        end = text.find(quote, end + 1, limit)
    return limit if end < 0 else end


def _given_as_options(text: str) -> Iterator[Span]:
    for match in _OPTION.finditer(text):
        if match[1] is None or is_secret_name(match[1]):
            yield Span(match.start(2), match.end(2), "password on a command line")


def _unquoted(text: str) -> Iterator[Span]:
    """Guess at `password: hunter2` and `TOKEN=abc`: a value with a digit, or any value of a name in capitals."""
    for match in _UNQUOTED.finditer(text):
        name, value = match[1], match[2]
        if is_secret_name(name) and (name.isupper() or any(character.isdigit() for character in value)):
            yield Span(match.start(2), match.end(2), f"value of `{name}`", is_sure=False)


def _dense(text: str) -> Iterator[Span]:
    addresses = [(match.start(), match.end()) for match in _ADDRESS.finditer(text)]
    for match in _DENSE.finditer(text):
        token = match[0]
        is_in_address = any(start <= match.start() < end for start, end in addresses)
        if not is_in_address and not _UUID.search(token) and _is_random(token):
            yield Span(match.start(), match.end(), "dense text", is_sure=False)


def _is_random(token: str) -> bool:
    """Say whether a text looks drawn by lot: hexadecimal, or capitals, small letters and digits mixed."""
    entropy = -sum(n / len(token) * math.log2(n / len(token)) for n in Counter(token).values())
    is_hexadecimal = all(character in "0123456789abcdefABCDEF" for character in token)
    kinds = {"digit" if c.isdigit() else "upper" if c.isupper() else "lower" for c in token if c.isalnum()}
    return entropy >= (3.0 if is_hexadecimal else 4.2) and (is_hexadecimal or len(kinds) == 3)
