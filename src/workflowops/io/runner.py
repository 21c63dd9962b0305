"""The GitHub Actions runner: outputs, step summary, annotations, masks and log groups; silent anywhere else."""

import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from workflowops.io.streams import write_line

_LONGEST_OUTPUT = 900_000
_LONGEST_SUMMARY = 1_000_000


class Runner:
    """What a step can tell its runner.

    Outside of GitHub Actions nothing is written. Commands go to standard error, which the runner reads as well, so that
    `--json` leaves nothing but its document on standard output.
    """

    def __init__(self, variables: Mapping[str, str], *, log: TextIO | None = None) -> None:
        self._variables = variables
        self._log = log
        self.is_actions = variables.get("GITHUB_ACTIONS") == "true"

    @property
    def run_url(self) -> str | None:
        """Answer the address of this run."""
        parts = [self._variables.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
        if not all(parts):
            return None
        server, repository, run = parts
        return f"{server}/{repository}/actions/runs/{run}"

    def write_outputs(self, outputs: Mapping[str, str]) -> None:
        """Hand outputs to the next step, each behind a delimiter of its own that no value can forge.

        A value over GitHub's limit is replaced by a sentence that says so.
        Source: docs.github.com, "Workflow commands for GitHub Actions", multiline strings.
        """
        path = self._variables.get("GITHUB_OUTPUT")
        if not path or not self.is_actions:
            return
        with Path(path).open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            for name, value in outputs.items():
                delimiter = f"end-{secrets.token_hex(16)}"
                file.write(f"{name}<<{delimiter}\n{_output(value)}\n{delimiter}\n")

    def add_summary(self, render: Callable[[], str]) -> None:
        """Append Markdown to the page that people see first; cut before GitHub's limit of 1 MiB a step.

        It is rendered only where there is such a page.
        """
        path = self._variables.get("GITHUB_STEP_SUMMARY")
        if not path or not self.is_actions:
            return
        text = render()
        with Path(path).open("ab") as file:
            file.write(_summary(text, room=_LONGEST_SUMMARY - file.tell()))

    def annotate(self, level: str, message: str, *, file: str | None = None, line: int | None = None) -> None:
        """Put an `error`, `warning` or `notice` on a line of a file, where a pull request shows it."""
        properties = [f"file={_property(file)}"] if file is not None else []
        if file is not None and line is not None:
            properties.append(f"line={line}")
        self._command(f"{level} {','.join(properties)}".strip(), message)

    def mask(self, value: str) -> None:
        """Keep a secret out of the log."""
        for line in value.splitlines():
            if line.strip():
                self._command("add-mask", line.strip())

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold the lines in between."""
        self._command("group", title)
        try:
            yield
        finally:
            self._command("endgroup", "")

    def _command(self, name: str, message: str) -> None:
        if self.is_actions:
            write_line(f"::{name}::{_data(message)}", self._log or sys.stderr)


def _output(value: str) -> str:
    if len(value.encode("utf-8", "replace")) > _LONGEST_OUTPUT:
        return "too long for an output; see the step summary, or run the command with --json"
    return value


def _summary(markdown: str, *, room: int) -> bytes:
    """Cut to the room that is left on the page; GitHub drops a page above its limit as a whole."""
    text = markdown.encode("utf-8", "replace")
    if len(text) <= room:
        return text
    return text[: max(room, 0)].decode("utf-8", "ignore").encode() + b"\n\nThe rest was cut: it is too long.\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
