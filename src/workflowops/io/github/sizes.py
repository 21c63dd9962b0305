"""Texts as GitHub takes them: cut before its limits, so that it never has to refuse one."""

from collections.abc import Sequence

from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.json import printable

_LONGEST_TITLE = 256
_LONGEST_LABEL = 50
_LONGEST_DESCRIPTION = 100
_MOST_ASSIGNEES = 10
_TAIL = 1_000
_CUT = "\n\n*The middle of this text was left out: it is too long for GitHub.*\n\n"


def fitting_text(text: str, *, marker: str = "", longest: int = LONGEST_TEXT) -> str:
    """Answer a body or a comment that GitHub takes; of one that is too long, the middle is left out.

    Its end stays, because our markers stand there; `marker` is added where it would be lost. Texts are cut where they
    are written, with a pointer to the rest: this is the net below.
    """
    text = printable(text).replace("\0", "\ufffd")
    if len(text) <= longest:
        return text
    tail = text[-_TAIL:]
    tail = tail[tail.find("\n") + 1 :]
    if marker and marker not in tail:
        tail += f"\n{marker}"
    return text[: longest - len(_CUT) - len(tail)] + _CUT + tail


def fitting_title(title: str) -> str:
    """Answer a title on one line of at most 256 characters."""
    return _cut(title, _LONGEST_TITLE)


def label_name(name: str) -> str:
    """Answer the name of a label, at most 50 characters; a shorter one stays as it is, for it may be somebody's."""
    return name if len(name) <= _LONGEST_LABEL else name[:_LONGEST_LABEL].rstrip()


def label_description(text: str) -> str:
    """Answer the description of a label, at most 100 characters."""
    return _cut(text, _LONGEST_DESCRIPTION)


def fitting_assignees(logins: Sequence[str]) -> list[str]:
    """Answer at most ten different logins, written as they came first."""
    different: dict[str, str] = {}
    for login in logins:
        different.setdefault(login.casefold(), login)
    return list(different.values())[:_MOST_ASSIGNEES]


def _cut(text: str, length: int) -> str:
    return " ".join(printable(text).replace("\0", " ").split())[:length].rstrip()
