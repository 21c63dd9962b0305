"""A GitHub on loopback: emulate, with what it lacks, a record of everything asked, and faults on demand."""

import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import pytest
from tests.github.contract import Exchange, load_contract
from tests.github.emulate_installation import WHY_NOT, is_asked_for
from tests.github.emulate_server import ACTIONS_BOT, OWNER, Emulate, token_of
from tests.github.faults import Fault, FaultKind
from tests.github.gaps import Gaps
from tests.github.messages import Answer, Request, refusal

PEOPLE = {
    "olga": "admin",
    "max": "maintain",
    "ada": "write",
    "tess": "triage",
    "reed": "read",
    ACTIONS_BOT: "write",
    OWNER: "admin",
}
OUTSIDER = "mallory"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it was answered; `status` is None when the answer never left."""

    method: str
    path: str
    login: str | None
    status: int | None

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    def __str__(self) -> str:
        return f"{self.method} {self.path} -> {self.status}"


class GitHub:
    """The repository o/r and people of every role; `url` is the address of its API.

    What is asked with a token that nobody has is answered 401, as GitHub does. `faults_of_requests` holds what GitHub
    would not have taken of what was sent, `faults_of_ours` what it would never have answered of what stands in gaps.py,
    `deviations` the same of emulate: the test that owns this looks at all three.
    """

    def __init__(self, *, roles: Mapping[str, str] | None = None) -> None:
        self.roles = dict(PEOPLE if roles is None else roles)
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.faults_of_requests: list[str] = []
        self.faults_of_ours: list[str] = []
        self.deviations: list[str] = []
        self._lock = threading.Lock()
        self._contract = load_contract()
        self._logins = {token_of(login): login for login in (*self.roles, OUTSIDER)}

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._emulate = Emulate(base_url=self.url, people=[*self.roles, OUTSIDER])
        self.gaps = Gaps(url=self.url, send=self.emulated, roles=self.roles)
        try:
            self._emulate.__enter__()
        except BaseException:
            self._server.server_close()
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._emulate.close()

    def fail(self, kind: FaultKind, method: str, path: str, *, at: Sequence[int] = (1,), **more: int) -> Fault:
        """Let requests fail: the first, or the `at`-th, of this method whose path the pattern matches as a whole."""
        fault = Fault(kind, method, path, at, **more)
        self.faults.append(fault)
        return fault

    def count(self, method: str | None = None, path: str = ".*") -> int:
        """How many such requests came, whatever became of them."""
        return sum(method in {None, each.method} and bool(re.fullmatch(path, each.path)) for each in self.asked)

    def writes(self) -> list[str]:
        """The writes so far, in order."""
        return [f"{each.method} {each.path}" for each in self.asked if each.is_write]

    def forget(self) -> None:
        """Begin to count anew."""
        self.asked.clear()

    def ask(self, method: str, path: str, content: Any = None, *, login: str = OWNER) -> Any:
        """Do something as one of the people, uncounted; answers the decoded JSON. Fails when it is refused."""
        body = json.dumps(content).encode() if content is not None else b""
        found = self._answer(Request(method, path, body, login))
        assert found.status < 400, f"{method} {path}: {found.status} {found.body[:500]!r}"
        return found.json if found.body else None

    @property
    def all_faults(self) -> list[str]:
        """Everything that GitHub would not have taken, or not have answered: to be empty at the end of a test."""
        return [*self.faults_of_requests, *self.faults_of_ours, *self.deviations]

    def emulated(self, request: Request) -> Answer:
        """What emulate answers, with the addresses, times and bots of GitHub."""
        connection = http.client.HTTPConnection("127.0.0.1", self._emulate.port, timeout=30)
        try:
            headers = {"Host": self.url.removeprefix("http://"), "Content-Type": "application/json"}
            if request.login:
                headers["Authorization"] = f"token {token_of(request.login)}"
            body = request.body or (b"{}" if request.method == "PUT" else None)  # emulate will not lock without
            connection.request(request.method, request.target, body, headers)
            response = connection.getresponse()
            kept = {name.lower(): value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
            return Answer(response.status, polished(response.read()), kept)
        finally:
            connection.close()

    def serve(self, request: Request, token: str | None) -> Answer | Fault:
        """Answer a request that came over the network; a Fault instead when the connection itself is to fail."""
        login = self._logins.get(token or "")
        known = Request(request.method, request.target, request.body, login)
        with self._lock:
            striking = [fault for fault in self.faults if fault.strikes(known)]
        # Where GitHub sends whoever asks for what has moved, and what its description does not describe.
        if not known.path.startswith(("/repositories/", "/graphql")):
            self.faults_of_requests += self._contract.faults(Exchange(known.method, known.target, known.body))
        found: Answer | Fault
        if token and login is None:
            found = refusal(401, "Bad credentials")
        elif striking and not striking[0].kind.is_done:
            found = striking[0]
        else:
            found = self._answer(known)
        if striking:
            found = striking[0]
        if isinstance(found, Fault) and not found.kind.has_no_answer:
            found = found.answer()
        status = found.status if isinstance(found, Answer) else None
        self.asked.append(Asked(known.method, known.path, login, status))
        return found

    def _answer(self, request: Request) -> Answer:
        own = self.gaps.answer(request)
        found = own or self.emulated(request)
        if self._contract.operation(request.method, request.target):
            exchange = Exchange(request.method, request.target, request.body, found.status, found.body)
            asked = self._contract.faults(Exchange(request.method, request.target, request.body))
            faults = [each for each in self._contract.faults(exchange) if each not in asked]
            (self.faults_of_ours if own else self.deviations).extend(faults)
        return found


def polished(body: bytes) -> bytes:
    """GitHub's times have no fractions of a second, and its bots are of the type Bot."""
    body = re.sub(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z"', rb'"\1Z"', body)
    return re.sub(rb'("login":"[^"]*\[bot\]".*?"type":)"User"', rb'\1"Bot"', body)


@contextmanager
def github_held_to_its_word(**options: Any) -> Iterator[GitHub]:
    """A GitHub for one test, which is skipped without emulate, and fails on everything that the contract forbids."""
    if not is_asked_for():
        pytest.skip(WHY_NOT)
    with GitHub(**options) as github:
        yield github
    assert not github.all_faults, "\n".join(github.all_faults)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, github: GitHub) -> None:
        self.github = github
        self.ending = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    def shutdown(self) -> None:
        self.ending.set()
        super().shutdown()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 60

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        request = Request(self.command, self.path, self.rfile.read(length))
        given = re.sub(r"^(Bearer|token)\s+", "", self.headers.get("authorization") or "", flags=re.IGNORECASE)
        found = self.server.github.serve(request, given or None)
        if isinstance(found, Fault):
            self._break(found.kind)
            return
        self.send_response_only(found.status)
        for name, value in found.headers.items():
            self.send_header(name, value)
        if found.status != 204:
            self.send_header("content-length", str(len(found.body)))
        self.end_headers()
        if found.status != 204 and self.command != "HEAD":
            self.wfile.write(found.body)

    def _break(self, kind: FaultKind) -> None:
        """Drop the connection: at once with a reset, or when whoever asked has gone."""
        self.close_connection = True
        if kind is FaultKind.SILENCE_AFTER:
            self.connection.settimeout(0.05)
            while not self.server.ending.is_set() and self._is_listened_to():
                pass
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()  # it holds the connection open, which a polite end would shut down first
        self.connection.close()

    def _is_listened_to(self) -> bool:
        try:
            return self.connection.recv(1) != b""
        except TimeoutError:
            return True
        except OSError:
            return False

    def log_message(self, *_: Any) -> None:
        """The record of the proxy is enough."""

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815
