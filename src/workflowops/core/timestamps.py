"""Times as they are written: ISO 8601 in UTC, to the second, with a Z."""

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """Write a moment; raises ValueError for one without a time zone, which would be a guess."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
