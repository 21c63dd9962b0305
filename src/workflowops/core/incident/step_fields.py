"""The fields that people give to a step: what they have to be, and how they are kept."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from workflowops.core.incident.record import ResolutionType
from workflowops.core.text.plain import cut

LONGEST_FIELD = 10_000
"""Characters of a text that a step keeps."""

MOST_DAYS_ACCEPTED = 366

AT_ONCE = "now"
"""Given as the day until which a difference is accepted: it is accepted no longer."""

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]|_(?=[A-Za-z0-9])){0,38}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def either(names: Sequence[str]) -> str:
    """Write a choice as prose: `a, b or c`."""
    *head, last = names
    return f"{', '.join(head)} or {last}" if head else last


def expected(name: str) -> str:
    match name:
        case "until":
            return f": a day to come, such as 2026-12-01, at most {MOST_DAYS_ACCEPTED} days ahead"
        case "assigned_to":
            return ": a GitHub login"
        case "resolution_type" | "likely_resolution_type":
            return f": one of {either(tuple(ResolutionType))}"
        case _:
            return ""


def value_of(name: str, text: str, *, today: date) -> str | None:
    """Answer a field as it is kept; None when it cannot be what it is meant to be."""
    match name:
        case "until":
            return _until(text, today)
        case "assigned_to":
            login = text.removeprefix("@")
            return login if _LOGIN.fullmatch(login) else None
        case "resolution_type" | "likely_resolution_type":
            value = re.sub(r"[\s-]+", "_", text).lower()
            return value if value in tuple(ResolutionType) else None
        case _:
            return _text(text)


def _until(text: str, today: date) -> str | None:
    if text.lower() == AT_ONCE:
        return AT_ONCE
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else today
    except ValueError:
        return None
    return text if today < day <= today + timedelta(days=MOST_DAYS_ACCEPTED) else None


def _text(text: str) -> str:
    """Answer a text without secrets of known formats, with plain line ends, cut to what a step keeps."""
    from workflowops.core.secrets import mask_text  # loads the detectors

    return cut(mask_text(text.replace("\r\n", "\n").replace("\r", "\n")), LONGEST_FIELD)
