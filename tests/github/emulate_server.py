"""Runs emulate, a GitHub that others wrote, on loopback."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from tests.github.emulate_installation import Installation, install
from tests.processes import end_process

OWNER = "o"
REPOSITORY = "o/r"
ACTIONS_BOT = "github-actions[bot]"


def token_of(login: str) -> str:
    """The token with which somebody is known; that of the bot is what a job has as GITHUB_TOKEN."""
    return f"ghs_token-of-{login.removesuffix('[bot]')}"


class StartError(Exception):
    """emulate did not start; the text holds what it wrote."""


class Emulate:
    """An emulate with the repository o/r and these people, until the block ends.

    `base_url` is the address that its answers name, `port` the one it listens on at 127.0.0.1.
    """

    def __init__(self, *, base_url: str, people: Sequence[str], installation: Installation | None = None) -> None:
        self._installation = installation
        self._options = {"baseUrl": base_url, "seed": _seed([OWNER, ACTIONS_BOT, *people])}
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def __enter__(self) -> Self:
        installation = self._installation or install()
        with tempfile.TemporaryFile() as log:
            self._process = subprocess.Popen(
                [
                    installation.node,
                    Path(__file__).with_name("emulate") / "start.mjs",
                    installation.folder,
                    json.dumps(self._options),
                ],
                env={"PATH": str(installation.node.parent)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
            line = self._process.stdout.readline() if self._process.stdout else b""
            if not line.strip().isdigit():
                self.close()
                log.seek(0)
                raise StartError(f"emulate said {line!r} and ended:\n{log.read().decode(errors='replace')}")
        self.port = int(line)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process that was started, by its id."""
        if self._process is not None:
            end_process(self._process, name="emulate")
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None


def _seed(logins: Sequence[str]) -> Mapping[str, Any]:
    known = list(dict.fromkeys(logins))
    return {
        "tokens": {token_of(login): {"login": login} for login in known},
        "github": {
            "users": [{"login": login} for login in known],
            "repos": [{"owner": OWNER, "name": REPOSITORY.partition("/")[2]}],
        },
    }
