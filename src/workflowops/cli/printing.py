"""Printing: outcomes to standard output, everything else to standard error."""

import json
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

import click

from workflowops.core.json import Json
from workflowops.core.text.plain import log_safe, visible
from workflowops.errors import WorkflowOpsError
from workflowops.io.runner import Runner
from workflowops.io.streams import write_line, write_text

if TYPE_CHECKING:
    from workflowops.core.drift import NotRecorded


class StderrProgress:
    """Progress lines for a person, on standard error."""

    def say(self, line: str) -> None:
        """Show one line at once; that nobody reads it any more does not end the work."""
        write_line(log_safe(visible(line)), sys.stderr)


def is_coloured(stream: TextIO) -> bool:
    """Say whether colour is wanted: on a terminal, unless NO_COLOR is set (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width() -> int:
    """Answer the width of the terminal; 100 columns where there is none."""
    return shutil.get_terminal_size((100, 24)).columns


def print_text(text: str) -> None:
    """Print a text for people."""
    write_text(text.rstrip("\n") + "\n", sys.stdout)


def print_json(document: Mapping[str, Json]) -> None:
    """Print one JSON document. A runner that reads it as a log finds no command in it."""
    import msgspec

    try:
        text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
    except UnicodeEncodeError:  # half a character, which n8n can store and answer
        text = json.dumps(document, indent=2)
    write_text(text.replace("##[", "\\u0023#[") + "\n", sys.stdout)


def print_error(error: WorkflowOpsError) -> None:
    """Print the problem and what to do about it."""
    start, end = ("\033[31m", "\033[0m") if is_coloured(sys.stderr) else ("", "")
    write_line(log_safe(f"{start}Error:{end} {_indented(str(error))}\nFix: {_indented(error.fix)}"), sys.stderr)
    Runner(os.environ).annotate("error", f"{error}\nFix: {error.fix}")


def print_not_recorded(why: "NotRecorded", runner: Runner) -> None:
    """Print that what was found is not in the state, and why."""
    write_line(log_safe(f"Not recorded: {_indented(why.reason)}\nFix: {_indented(why.fix)}"), sys.stderr)
    runner.annotate("warning", f"Not recorded: {why.reason}\nFix: {why.fix}")


def print_usage_error(error: click.ClickException) -> None:
    """Print what was wrong with the call, with the command's help at hand."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        write_line(error.format_message(), sys.stderr)
        return
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help" if context is not None else "workflowops --help"
    write_line(log_safe(f"Error: {error.format_message()}\nFix: See `{hint}`."), sys.stderr)


def _indented(text: str) -> str:
    """Spell out what could move a cursor, and set further lines off from the first."""
    return "\n  ".join(visible(line) for line in text.splitlines())
