"""Requests to an n8n server: limits on everything, asked again where that cannot hurt and may help, written once."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.request import getproxies

import httpx

from workflowops.errors import ConfigurationError, N8nAnswerError, N8nError, N8nUncertainError
from workflowops.io.n8n.address import Address
from workflowops.io.n8n.answers import Answer
from workflowops.io.n8n.faults import Fault, connection_fault
from workflowops.io.n8n.trust import closed_context, ssl_context

Read = TypeVar("Read")

MOST_BYTES = 256 * 2**20
"""Of one answer, unpacked: 250 workflows of a megabyte each."""

MOST_TRIES = 5
RETRY_SECONDS = 60.0
"""Trying again ends after so long in all, or after three timeouts where that is longer."""

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0
_ANSWER_TIMEOUTS = 10
_AT_ONCE = 4
"""Requests in flight: the server is bound by its processor, and more of them do not make it faster."""

_MOST_BYTES_OF_AN_ERROR = 64 * 2**10

_JSON_BODY = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request below /api/v1, with a JSON body or none. `sent` is set once the server has it."""

    path: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    accept: str = "application/json"
    body: bytes | None = None
    sent: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a sign of life (seconds), and how to pass the time between two tries."""

    timeout: float
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]


class Exchange:
    """Sends requests over connections that are kept alive. `requests` counts what was sent, repetitions included."""

    def __init__(
        self, address: Address, api_key: str, *, patience: Patience, transport: httpx.AsyncBaseTransport | None
    ) -> None:
        self.requests = 0
        self._address = address
        self._api_key = _checked_key(api_key)
        self._patience = patience
        self._is_traced = transport is None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._http = _http_client(address, self._api_key, timeout=patience.timeout, transport=transport)

    async def get(self, request: Request, read: Callable[[Answer], Read | Fault]) -> Read:
        """Answer what `read` makes of the answer, asking again while the fault may pass.

        Only for requests that change nothing. Raises the error of the last fault.
        """
        clock = asyncio.get_running_loop().time
        started, waited, tries = clock(), 0.0, 0
        while True:
            outcome = await self._try(request, read)
            if not isinstance(outcome, Fault):
                return outcome
            tries += 1
            is_last = not outcome.is_passing or tries == MOST_TRIES
            wait = 0.0 if is_last else self._wait(outcome, tries=tries)
            if is_last or max(waited, clock() - started) + wait > self._patience_ends():
                raise _told(outcome, tries=tries) from outcome.cause
            await self._patience.sleep(wait)
            waited += wait

    async def send_once(self, request: Request, read: Callable[[Answer], Read | Fault]) -> Read:
        """Answer what `read` makes of the answer to a request that changes something; nothing repeats it.

        Raises N8nUncertainError unless it is certain that nothing was changed, and then the error of the fault.
        """
        outcome = await self._try(request, read)
        if not isinstance(outcome, Fault):
            return outcome
        told = _told(outcome, tries=1)
        if outcome.is_undone:
            raise told from outcome.cause
        raise N8nUncertainError(
            f"{told} Whether {self._address.server} carried out the change is not known.",
            fix=f"Look what is there now before anything is written again. {told.fix}",
        ) from outcome.cause

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _wait(self, fault: Fault, *, tries: int) -> float:
        """Answer the seconds until the next try: what the server asks for, else random below a doubling limit."""
        if fault.wait is not None:
            return fault.wait
        return float(self._patience.random() * min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (tries - 1)))

    def _patience_ends(self) -> float:
        return max(RETRY_SECONDS, 3 * self._patience.timeout)

    async def _try(self, request: Request, read: Callable[[Answer], Read | Fault]) -> Read | Fault:
        async with self._turns:
            self.requests += 1
            try:
                async with asyncio.timeout(_ANSWER_TIMEOUTS * self._patience.timeout):
                    answer = await self._send(request)
            except (httpx.HTTPError, TimeoutError, OSError) as error:
                return connection_fault(error, server=self._address.server, seconds=self._patience.timeout)
        return answer if isinstance(answer, Fault) else read(answer)

    async def _send(self, request: Request) -> Answer | Fault:
        async def trace(event: str, _: object) -> None:
            if event.endswith("send_request_body.complete"):
                request.sent.set()

        if not self._is_traced:
            request.sent.set()
        sending = self._http.build_request(
            request.method,
            self._address.api + request.path,
            params=dict(request.query),
            content=request.body,
            headers={"accept": request.accept} | ({} if request.body is None else _JSON_BODY),
            extensions={"trace": trace} if self._is_traced else {},
        )
        response = await self._http.send(sending, stream=True)
        try:
            body = await self._body(response)
        finally:
            await response.aclose()
        if body is None:
            return Fault(_too_long(self._address.server))
        return Answer(
            server=self._address.server,
            url=str(sending.url),
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
            secret=self._api_key,
        )

    async def _body(self, response: httpx.Response) -> bytes | None:
        """Read the body, unpacked piece by piece so that little can swell into much; None when it is too long."""
        is_error = not response.is_success
        pieces, size = [], 0
        async for piece in response.aiter_bytes():
            pieces.append(piece)
            size += len(piece)
            if is_error and size > _MOST_BYTES_OF_AN_ERROR:
                break
            if size > MOST_BYTES:
                return None
        return b"".join(pieces)


def _http_client(
    address: Address, api_key: str, *, timeout: float, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    """Make the client: proxies and NO_PROXY from the usual variables, no redirects, verification always on.

    On loopback compressing costs the server more than it saves.
    """
    needs_trust = transport is None and (address.is_tls or bool(getproxies()))
    try:
        return httpx.AsyncClient(
            headers={
                "X-N8N-API-KEY": api_key,
                "user-agent": "workflowops",
                "accept-encoding": "identity" if address.is_loopback else "gzip, deflate",
            },
            verify=ssl_context(os.environ) if needs_trust else closed_context(),
            timeout=timeout,
            limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE, keepalive_expiry=60),
            follow_redirects=False,
            transport=transport,
        )
    except (ValueError, ImportError) as error:  # an unknown kind of proxy, or SOCKS without its library
        raise ConfigurationError(
            "One of the proxy variables cannot be used.",
            fix="Let HTTP_PROXY, HTTPS_PROXY and ALL_PROXY hold http:// or https:// addresses; SOCKS is not supported.",
        ) from error


def _checked_key(api_key: str) -> str:
    key = api_key.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise ConfigurationError(
            "The API key is empty, or holds spaces or characters that no key has." if key else "The API key is empty.",
            fix="Store the key as n8n showed it, one line without quotes, in the secret that `api_key` names.",
        )
    return key


def _told(fault: Fault, *, tries: int) -> N8nError:
    problem = str(fault.error)
    if tries > 1:
        problem += f" It was tried {tries} times."
    if fault.wait is not None:
        problem += f" It asks to wait {fault.wait:.0f} seconds."
    return type(fault.error)(problem, fix=fault.error.fix)


def _too_long(server: str) -> N8nAnswerError:
    return N8nAnswerError(
        f"{server} answered more than {MOST_BYTES // 2**20} MiB at once.",
        fix="Look for workflows of many megabytes, such as pinned binary data, and for a proxy that answers nonsense.",
    )
