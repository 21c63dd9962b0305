"""The two generations of n8n the sandbox can behave like."""

from enum import StrEnum


class Generation(StrEnum):
    """The release whose measured behaviour is imitated."""

    V1 = "1.123"
    V2 = "2.41"
