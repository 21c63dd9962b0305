"""The first line of a generated file, which tells whether a person has changed it since."""

import hashlib
import re
from enum import StrEnum

_ADVICE = "The next `init` updates this file as long as nobody has edited it."
_FIRST_LINE = re.compile(r"# Written by workflowops init \(sha256:(?P<digest>[0-9a-f]{64})\)\.[^\n]*\n")


class Authorship(StrEnum):
    """Whose words a file holds: ours as we wrote them, ours with a person's changes, or another's."""

    OURS = "ours"
    EDITED = "edited"
    FOREIGN = "foreign"


def marked(text: str) -> str:
    """Put the first line before a text, with the digest of the text."""
    return f"# Written by workflowops init (sha256:{_digest(text)}). {_ADVICE}\n{text}"


def authorship(content: str) -> Authorship:
    """Say whose words these are. Line ends do not count: Git may rewrite them in a checkout."""
    found = _FIRST_LINE.match(with_plain_line_ends(content))
    if found is None:
        return Authorship.FOREIGN
    rest = with_plain_line_ends(content)[found.end() :]
    return Authorship.OURS if _digest(rest) == found["digest"] else Authorship.EDITED


def with_plain_line_ends(content: str) -> str:
    r"""Answer the text with `\n` at the end of every line, and without a byte order mark."""
    return content.removeprefix("\ufeff").replace("\r\n", "\n")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
