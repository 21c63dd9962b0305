"""Times as they are written: ISO 8601 in UTC, to the second, with a Z."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Write a moment; raises ValueError for one without a time zone, which would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def odd_time(document: object) -> str | None:
    """Find a value below a key `at` or `..._at` that is no moment with a time zone; None where all are or are unset.

    >>> odd_time({"lock": {"locked_at": "yesterday"}})
    'yesterday'
    """
    waiting = [document]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            times = [value for key, value in each.items() if key == "at" or str(key).endswith("_at")]
            odd = next((value for value in times if isinstance(value, str) and not _is_moment(value)), None)
            if odd is not None:
                return odd
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
    return None


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
