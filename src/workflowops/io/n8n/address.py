"""Where an n8n server's API is, from the URL that a person wrote."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, urlsplit

from workflowops.errors import ConfigurationError

_HOST = re.compile(r"[A-Za-z0-9._~:-]{1,253}")
_LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1")
_EXAMPLE = "Write it as https://n8n.example.com, with the path prefix if n8n has one."


@dataclass(frozen=True, slots=True)
class Address:
    """`api` ends in /v1 without a slash; `server` is how the server is named in messages, without secrets."""

    api: str
    server: str
    is_tls: bool
    is_loopback: bool

    @classmethod
    def of(cls, url: str) -> Self:
        """Read a base URL: with a path prefix, a trailing slash, or the API's own path; raises ConfigurationError.

        A path that ends in /v1 is the API's path already, because an instance may call it otherwise than /api.
        """
        parts = _split(url.strip())
        host = _host(parts)
        netloc = f"[{host}]" if ":" in host else host
        if parts.port is not None:
            netloc += f":{parts.port}"
        path = parts.path.rstrip("/")
        prefix = path.removesuffix("/api/v1")
        return cls(
            api=f"{parts.scheme}://{netloc}{path if path.endswith('/v1') else path + '/api/v1'}",
            server=f"{parts.scheme}://{netloc}{prefix}",
            is_tls=parts.scheme == "https",
            is_loopback=_LOOPBACK.fullmatch(host) is not None,
        )


def path_segment(workflow_id: str) -> str:
    """Write an id as one segment of a path; raises ConfigurationError for what would be another path."""
    if not workflow_id.strip("."):
        raise ConfigurationError(
            f"{workflow_id!r} is no id of a workflow.", fix="Ids stand in the address of n8n's editor."
        )
    return quote(workflow_id, safe="")


def _split(url: str) -> SplitResult:
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ConfigurationError("The URL of an n8n server holds blanks or control characters.", fix=_EXAMPLE)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # whose text repeats parts of the URL, and so perhaps of a password
        raise ConfigurationError("The URL of an n8n server has a wrong host or port.", fix=_EXAMPLE) from None
    if parts.scheme not in {"http", "https"}:
        raise ConfigurationError("The URL of an n8n server does not start with https:// or http://.", fix=_EXAMPLE)
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("The URL of an n8n server holds a user name or a password.", fix="Leave them out.")
    if parts.query or parts.fragment:
        raise ConfigurationError("The URL of an n8n server has a query or a fragment.", fix="Cut it at `?` or `#`.")
    return parts


def _host(parts: SplitResult) -> str:
    try:
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ConfigurationError("The URL of an n8n server has no usable host name.", fix=_EXAMPLE) from error
    if not _HOST.fullmatch(host):
        raise ConfigurationError("The URL of an n8n server has no usable host name.", fix=_EXAMPLE)
    return host
