"""What went wrong between us and an n8n server, in words, with what to do, and whether asking again may help."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx

from workflowops.errors import N8nAnswerError, N8nError, N8nUnreachableError


@dataclass(frozen=True, slots=True)
class Fault:
    """A failed try. `wait` are the seconds that the server asked for; `cause` is what a library raised, if one did.

    `is_undone` says that the server cannot have acted on the request, which matters to those that change something.
    """

    error: N8nError
    is_passing: bool = False
    is_undone: bool = False
    wait: float | None = None
    cause: Exception | None = None


def connection_fault(error: Exception, *, server: str, seconds: float) -> Fault:
    """Say why no whole answer came, from what httpx raised; `seconds` is how long was waited for a sign of life."""
    match error:
        case httpx.ProxyError():
            return Fault(_no_proxy(server, reason=str(error)), is_undone=True, cause=error)
        case httpx.ConnectError():
            return replace(_connect_fault(error, server=server), is_undone=True)
        case httpx.TimeoutException():
            told: N8nError = _timed_out(server, seconds=seconds)
        case TimeoutError():
            told = _too_slow(server)
        case httpx.NetworkError() | httpx.RemoteProtocolError():
            told = _dropped(server)
        case httpx.DecodingError():
            told = _garbled(server)
        case _:
            return Fault(_unsendable(server, name=type(error).__name__), cause=error)
    is_undone = isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout))
    return Fault(told, is_passing=True, is_undone=is_undone, cause=error)


def _connect_fault(error: httpx.ConnectError, *, server: str) -> Fault:
    is_refused = False
    for cause in _causes(error):
        match cause:
            case ssl.SSLCertVerificationError():
                return Fault(_distrusted(cause, server=server), cause=error)
            case ssl.SSLError():
                return Fault(_no_tls(cause, server=server), cause=error)
            case socket.gaierror():
                return Fault(_no_such_name(server), is_passing=cause.errno == socket.EAI_AGAIN, cause=error)
            case ConnectionRefusedError():
                is_refused = True
    return Fault(_no_connection(server, is_refused=is_refused), is_passing=True, cause=error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk to the root: the reason lies below two libraries, perhaps beside the failure of another address."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _causes(member)
    below = error.__cause__ or error.__context__
    if below is not None:
        yield from _causes(below)


def _distrusted(error: ssl.SSLCertVerificationError, *, server: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"The TLS certificate of {server} is not trusted: {error.verify_message}.",
        fix="Name your own CA with SSL_CERT_FILE (a PEM file) or SSL_CERT_DIR, or renew the certificate. "
        "Verification cannot be turned off.",
    )


def _no_tls(error: ssl.SSLError, *, server: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"No TLS connection to {server}: {error.reason or 'the handshake failed'}.",
        fix="Check that the port speaks TLS (else write http://), and TLS 1.2 or newer.",
    )


def _no_such_name(server: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"The host name of {server} cannot be resolved.",
        fix="Check the environment's `url`. A name known only inside your network needs a self-hosted runner there.",
    )


def _no_proxy(server: str, *, reason: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"The proxy on the way to {server} does not let us through: {reason}.",
        fix="Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or put the host into NO_PROXY.",
    )


def _timed_out(server: str, *, seconds: float) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"{server} did not answer within {seconds:g} seconds.",
        fix="Check that n8n is healthy and reachable from here, or raise the environment's `timeout_seconds`.",
    )


def _too_slow(server: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"{server} answers too slowly to wait for the end of it.",
        fix="Look at the load of n8n and at the network on the way, or raise the environment's `timeout_seconds`.",
    )


def _no_connection(server: str, *, is_refused: bool) -> N8nUnreachableError:
    reason = "the connection was refused" if is_refused else "no connection came about"
    return N8nUnreachableError(
        f"{server} cannot be reached: {reason}.",
        fix="Check that n8n runs, that host and port in the environment's `url` are right, and that no firewall blocks "
        "this machine.",
    )


def _dropped(server: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"{server} broke the connection off before its answer was complete.",
        fix="Look into the log of n8n and of the proxy in front of it; n8n may be short of memory.",
    )


def _garbled(server: str) -> N8nAnswerError:
    return N8nAnswerError(
        f"The compressed answer of {server} cannot be unpacked.",
        fix="Look at the proxy in front of n8n: what it compresses arrives damaged.",
    )


def _unsendable(server: str, *, name: str) -> N8nUnreachableError:
    return N8nUnreachableError(
        f"No request could be sent to {server} ({name}).",
        fix="Check the environment's `url` and the proxy variables.",
    )
