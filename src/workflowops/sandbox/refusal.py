"""How the stand-in says no: an answer n8n would give, not an error of this program."""

from collections.abc import Mapping


class Refused(Exception):  # noqa: N818 - the name says what the server did
    """An HTTP answer other than 200 with n8n's own words; `details` are further keys of its body."""

    def __init__(self, status: int, message: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.details = dict(details or {})


def bad_request(message: str) -> Refused:
    """400: n8n understood the request and will not do it."""
    return Refused(400, message)


def not_found(message: str = "Not Found") -> Refused:
    """404; the words differ between endpoints."""
    return Refused(404, message)
