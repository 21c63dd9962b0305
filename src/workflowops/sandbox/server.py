"""The sandbox's HTTP: loopback only, HTTP/1.1 with connections kept alive, one send per answer."""

import socket
import struct
import sys
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any

from workflowops.sandbox.application import Application, Incoming, Outgoing
from workflowops.sandbox.faults import Ending


class Server(ThreadingHTTPServer):
    """Serves one application; closing it ends every connection, so that no thread is left."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, application: Application, *, port: int) -> None:
        self.application = application
        self._open: set[socket.socket] = set()
        self._guard = Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then let a thread serve it."""
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget and close a connection that is done."""
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the port and every connection, and wait for their threads."""
        with self._guard:
            for connection in self._open:
                _hang_up(connection)
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about clients that went away; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def handle_any(self) -> None:
        """Read one request, let the application answer, send the answer in one piece."""
        length = int(self.headers.get("Content-Length") or 0)
        incoming = Incoming(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        self._send(self.server.application.handle(incoming))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the names http.server looks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing: the application keeps its own log."""

    def _send(self, outgoing: Outgoing) -> None:
        if outgoing.ending is not None:
            self.close_connection = True
            self._end(outgoing.ending)
            return
        text = _head(outgoing) + b"".join(outgoing.answer.body)
        if outgoing.truncate_to is not None:
            head = _head(outgoing)
            self.wfile.write(text[: len(head) + outgoing.truncate_to])
            self.close_connection = True
            _hang_up(self.connection)
            return
        self.wfile.write(text)

    def _end(self, ending: Ending) -> None:
        if ending is Ending.SILENCE:
            self.rfile.read(1)  # returns when the client goes away, or when the server closes
        if ending is Ending.RESET:
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            socket.close(self.connection.detach())
        else:
            _hang_up(self.connection)


def _head(outgoing: Outgoing) -> bytes:
    answer = outgoing.answer
    fields = {
        "Content-Type": answer.content_type,
        "Content-Length": str(sum(map(len, answer.body))),
        "Vary": "Accept-Encoding",
        "Date": formatdate(usegmt=True),
        "Connection": "keep-alive",
        **answer.headers,
    }
    if answer.status == HTTPStatus.NOT_MODIFIED:
        del fields["Content-Type"], fields["Content-Length"]
    reason = HTTPStatus(answer.status).phrase if answer.status in list(HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{name}: {value}" for name, value in fields.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
