"""Telling people outside of GitHub: chats, e-mail and pagers, by way of Apprise in a process of its own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from workflowops.io.notify_process import Outcome

_LONGEST_TITLE = 250
_LONGEST_TEXT = 10_000

_HANDED_ON = re.compile(
    r"(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|requests_ca_bundle|curl_ca_bundle"
    r"|path|ld_library_path|home|tmpdir|lang|lc_all|tz|virtual_env|python\w*",
    re.IGNORECASE,
)
"""The variables that the process gets: how to reach the network and Python, and none of the team's tokens."""
_CALL = re.compile(r"@(?=(?:everyone|here|channel|all)\b)|<(?=[!@#&]|[a-z]+:)", re.IGNORECASE)

_TOLD: Mapping[Outcome, str] = {
    Outcome.UNKNOWN: "is no address that Apprise knows",
    Outcome.SEVERAL: "holds more than one address; give each a variable of its own",
    Outcome.LOCAL: "is about the machine that sends, not about a service; such addresses are not used",
    Outcome.READS_FILES: "reads a file of the machine that sends; such addresses are not used",
    Outcome.LACKING: "needs a Python package that is not installed",
    Outcome.UNREACHABLE: "cannot be reached, or did not answer in time",
    Outcome.REFUSED: "did not take the message",
    Outcome.FAILED: "cannot be used as it is written",
    Outcome.SLOW: "did not finish in time",
}


class AppriseNotifier:
    """Sends to addresses of Apprise (github.com/caronc/apprise): `slack://...`, `mailto://...`, `json://...`.

    All addresses are tried at the same time, in a process that has `start_seconds` to begin and `limit_seconds` to
    send, and is then ended whatever it does: a run never hangs because of a notification, nothing that a service's code
    prints can reach a log, and the environment's tokens stay here. Nothing is stored and no file is read.
    """

    def __init__(
        self, *, limit_seconds: float = 30.0, start_seconds: float = 30.0, python: str = sys.executable
    ) -> None:
        """`python` runs the process; it must be able to import what this one can."""
        self._limit_seconds = limit_seconds
        self._start_seconds = start_seconds
        self._python = python

    def send(self, addresses: Sequence[str], *, title: str, text: str) -> str | None:
        """Send to every address; answers what went wrong, None when all were reached.

        An address is called by its number and, where it is known, its kind: neither it nor an exception's text, which
        could hold it, is repeated.
        """
        if not addresses:
            return None
        if find_spec("apprise") is None:
            return (
                "nothing was sent, because the package apprise is not installed: "
                '`pip install "workflowops[notify]"`, or `notify: true` for the action'
            )
        asked = {
            "addresses": [address.strip() for address in addresses],
            "title": _without_calls(title, longest=_LONGEST_TITLE) or "WorkflowOps",
            "text": _without_calls(text, longest=_LONGEST_TEXT) or title or "WorkflowOps",
            "limit_seconds": self._limit_seconds,
        }
        problems = _problems(self._answer(json.dumps(asked)), len(addresses))
        return "; ".join(problems) or None

    def _answer(self, asked: str) -> str:
        """Run the process and answer what it wrote; nothing when it had to be ended."""
        command = [self._python, "-P", "-m", "workflowops.io.notify_process"]
        try:
            done = subprocess.run(
                command,
                input=asked,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(os.environ),
                encoding="utf-8",
                errors="replace",
                timeout=self._start_seconds + self._limit_seconds,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    chosen = {name: value for name, value in variables.items() if _HANDED_ON.fullmatch(name)}
    source = str(Path(__file__).parents[2])
    chosen["PYTHONPATH"] = os.pathsep.join(filter(None, [source, chosen.get("PYTHONPATH")]))
    return chosen | {"PYTHONUTF8": "1"}


def _problems(answer: str, count: int) -> list[str]:
    """Put the process's answer into words. What is not an answer as it should be counts as none."""
    try:
        results = [(Outcome(each["outcome"]), each["kind"], each["status"]) for each in json.loads(answer)]
    except (ValueError, TypeError, KeyError):
        results = []
    if len(results) != count:
        return [f"none of the {count} notifications is known to have been sent: sending them did not finish in time"]
    return [
        _problem(outcome, f"address {number} of {count}{f' ({kind})' if kind else ''}", status)
        for number, (outcome, kind, status) in enumerate(results, start=1)
        if outcome is not Outcome.SENT
    ]


def _problem(outcome: Outcome, named: str, status: int | None) -> str:
    if outcome is Outcome.REFUSED and status is not None:
        return f"{named} answered {status}"
    return f"{named} {_TOLD[outcome]}"


def _without_calls(text: str, *, longest: int) -> str:
    """Cut a text, and break what chats take as a call to everybody (`@everyone`, `<!channel>`): it may be a name."""
    cut = text if len(text) <= longest else f"{text[:longest]}..."
    return _CALL.sub(lambda found: f"{found[0]}\u200b", cut)
