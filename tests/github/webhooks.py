"""Receives the webhooks of a repository, as a runner of GitHub's would: signed, and one event after the other."""

import hashlib
import hmac
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.github.emulate_server import REPOSITORY
from tests.github.proxy import GitHub, polished

SECRET = "a-secret-of-the-webhook"
HOOKS = f"/repos/{REPOSITORY}/hooks"
READY_WITHIN = 15.0  # seconds that a delivery may take before the test fails


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event as it was delivered."""

    event: str
    payload: dict[str, Any]


class Deliveries:
    """The events that came, in their order."""

    def __init__(self, github: GitHub) -> None:
        self._github = github
        self._waiting: queue.Queue[Delivery] = queue.Queue()

    def take(self, event: str, action: str, *, sender: str) -> dict[str, Any]:
        """The payload of somebody's next event of that kind; what came before it is passed over. Fails when none comes.

        The bot's own writes come as well: GitHub tells Apps of them, though it starts no run for those of a job.
        """
        while True:
            found = self._waiting.get(timeout=READY_WITHIN)
            who = found.payload["sender"]["login"]
            if (found.event, found.payload["action"], who) == (event, action, sender):
                return found.payload

    def receive(self, event: str, body: bytes, signature: str) -> bool:
        """Take a delivery in; False when it was not signed with our secret."""
        wanted = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, wanted):
            return False
        payload = json.loads(polished(body))
        if event != "ping":
            self._waiting.put(Delivery(event, self._completed(payload)))
        return True

    def _completed(self, payload: dict[str, Any]) -> dict[str, Any]:
        """emulate leaves out of the issue of a comment that it is a pull request."""
        issue = payload.get("issue")
        address = f"/repos/{REPOSITORY}/pulls/{issue['number']}" if issue else ""
        pull = self._github.gaps.read(address) if issue else None
        if pull is not None and pull.status == 200:
            payload["issue"] |= {"pull_request": {"url": pull.json["url"], "html_url": pull.json["html_url"]}}
        return payload


@contextmanager
def webhooks_of(github: GitHub) -> Iterator[Deliveries]:
    """Subscribe to everything about issues, and take it in until the block ends."""
    deliveries = Deliveries(github)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            event, signature = self.headers["x-github-event"], self.headers.get("x-hub-signature-256", "")
            self.send_response(204 if deliveries.receive(event, body, signature) else 401)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    config = {"url": f"http://127.0.0.1:{server.server_port}/", "content_type": "json", "secret": SECRET}
    hook = github.ask("POST", HOOKS, {"events": ["issues", "issue_comment"], "config": config})["id"]
    try:
        yield deliveries
    finally:
        github.ask("DELETE", f"{HOOKS}/{hook}")
        server.shutdown()
        thread.join()
        server.server_close()
