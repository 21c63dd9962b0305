"""Starts a real n8n on loopback: `python -m tests.acceptance.real_n8n install`, `... start`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import httpx
from tests.acceptance.n8n_installation import DEFAULT_VERSION, N8N_PROGRAM, Installation, install
from tests.node_installation import InstallationError
from tests.processes import end_process, free_port

READY_WITHIN = 180.0  # seconds; a first start with migrations takes 9 on two idle cores
OWNER = {"email": "owner@example.com", "firstName": "Olive", "lastName": "Owner", "password": "Passw0rd-for-tests"}
# n8n serves its OpenAPI document with express, which refuses files below a hidden folder; our cache is one.
SERVE_FROM_HIDDEN_FOLDERS = """
const express = require(require.resolve("express", { paths: [process.argv[1]] }));
const sendFile = express.response.sendFile;
express.response.sendFile = function (path, ...rest) {
  const options = typeof rest[0] === "object" ? rest.shift() : {};
  return sendFile.call(this, path, { dotfiles: "allow", ...options }, ...rest);
};
"""
SWITCHED_OFF = (
    "N8N_SECURE_COOKIE",
    "N8N_DIAGNOSTICS_ENABLED",
    "N8N_PERSONALIZATION_ENABLED",
    "N8N_VERSION_NOTIFICATIONS_ENABLED",
    "N8N_TEMPLATES_ENABLED",
    "N8N_HIRING_BANNER_ENABLED",
    "N8N_AI_ENABLED",
    "N8N_LICENSE_AUTO_RENEW_ENABLED",
    "N8N_COMMUNITY_PACKAGES_ENABLED",
)
BROWSER = {"browser-id": "workflowops-acceptance"}


class StartError(Exception):
    """n8n did not become ready; the text holds the end of its log."""


class RealN8n:
    """A real n8n with an owner and an API key, in a folder of its own, gone when the block ends.

    `url` is the server's, `api_key` has every scope, `editor` a client that is logged in to the editor's own API.
    """

    def __init__(
        self, version: str = DEFAULT_VERSION, *, port: int = 0, installation: Installation | None = None
    ) -> None:
        self.version = version
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.api_key = ""
        self._installation = installation
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        installation = self._installation or install(self.version)
        self.folder = Path(tempfile.mkdtemp(prefix="workflowops-n8n-"))
        self.log = self.folder / "n8n.log"
        preload = self.folder / "preload.cjs"
        preload.write_text(SERVE_FROM_HIDDEN_FOLDERS, encoding="utf-8")
        self.editor = httpx.Client(base_url=self.url, headers=BROWSER, timeout=60, trust_env=False)
        try:
            with self.log.open("wb") as log:
                self._process = subprocess.Popen(
                    [installation.node, "--require", preload, installation.folder / N8N_PROGRAM, "start"],
                    cwd=self.folder,
                    env=_environment(self.folder, port=self.port, node=installation.node),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            self._wait_until_ready()
            self.api_key = self._set_up()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process group that was started, by its id, and remove its folder."""
        self.editor.close()
        if self._process is not None:
            end_process(self._process, name="n8n")
            self._process = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_key(self, *scopes: str, label: str = "scoped") -> str:
        """A further API key, with these scopes only (`workflow:list`, ...) or all of them."""
        wanted = list(scopes) or self._data("GET", "/rest/api-keys/scopes")
        body = {"label": f"{label}-{time.monotonic_ns()}", "scopes": wanted, "expiresAt": None}
        answer = self.editor.post("/rest/api-keys", json=body)
        if answer.status_code == 500 and "already an entry" in answer.text:
            time.sleep(1.1)  # 1.x signs a key with the second of its birth: two of one second are one
            answer = self.editor.post("/rest/api-keys", json=body)
        return str(self._checked(answer)["rawApiKey"])

    def log_tail(self, lines: int = 40) -> str:
        """The last lines n8n wrote."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not (self._answers("/healthz/readiness") and self._answers("/rest/settings")):
            if self._process is not None and self._process.poll() is not None:
                raise StartError(f"n8n {self.version} ended with {self._process.returncode}:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StartError(f"n8n {self.version} was not ready after {READY_WITHIN} s:\n{self.log_tail()}")
            time.sleep(0.1)

    def _answers(self, path: str) -> bool:
        """Whether n8n itself answers: while it starts, its server sends 200 with a page that says so."""
        try:
            answer = self.editor.get(path)
        except httpx.TransportError:
            return False
        return answer.status_code == 200 and answer.headers.get("content-type", "").startswith("application/json")

    def _set_up(self) -> str:
        self._data("POST", "/rest/owner/setup", json=OWNER)
        return self.make_key(label="owner")

    def _data(self, method: str, path: str, **more: Any) -> Any:
        return self._checked(self.editor.request(method, path, **more))

    def _checked(self, answer: httpx.Response) -> Any:
        if answer.is_error:
            asked = f"{answer.request.method} {answer.request.url.path}"
            raise StartError(f"{asked} answered {answer.status_code}: {answer.text[:500]}\n{self.log_tail()}")
        return answer.json()["data"]


def _environment(folder: Path, *, port: int, node: Path) -> dict[str, str]:
    """A closed environment: nothing of the caller's reaches n8n, nothing of n8n's leaves the machine."""
    url = f"http://127.0.0.1:{port}/"
    return dict.fromkeys(SWITCHED_OFF, "false") | {
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "N8N_USER_FOLDER": str(folder),
        "N8N_HOST": "127.0.0.1",
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_PORT": str(port),
        "N8N_PROTOCOL": "http",
        "WEBHOOK_URL": url,
        "N8N_EDITOR_BASE_URL": url,
        "DB_TYPE": "sqlite",
        "GENERIC_TIMEZONE": "UTC",
        "N8N_ONBOARDING_FLOW_DISABLED": "true",
        "N8N_RUNNERS_ENABLED": "true",
        "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        "N8N_RUNNERS_BROKER_LISTEN_ADDRESS": "127.0.0.1",
        "NODE_OPTIONS": "--max-old-space-size=2048",
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Install n8n, or start it and wait for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.real_n8n", description=__doc__)
    parser.add_argument("action", choices=["install", "start"])
    parser.add_argument(
        "--version", default=DEFAULT_VERSION, help="of n8n (default: %(default)s; 1.123.81 is known too)"
    )
    parser.add_argument("--port", type=int, default=0, help="to listen on at 127.0.0.1 (default: any free one)")
    chosen = parser.parse_args(arguments)
    try:
        installation = install(chosen.version)
        print(f"n8n {chosen.version} is installed: {installation.folder}", file=sys.stderr)
        if chosen.action == "start":
            _serve(installation, port=chosen.port)
    except (InstallationError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _serve(installation: Installation, *, port: int) -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with RealN8n(installation.version, port=port, installation=installation) as n8n:
        print(f"url      {n8n.url}")
        print(f"api key  {n8n.api_key}")
        print(f"editor   {OWNER['email']} / {OWNER['password']}")
        print(f"log      {n8n.log}", flush=True)
        stop.wait()


if __name__ == "__main__":
    sys.exit(main())
