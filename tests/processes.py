"""Starts nothing and ends everything: ports for the servers of the tests, and how their processes end."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def end_process(process: subprocess.Popen[bytes], *, name: str) -> None:
    """End a process that leads a session of its own, and its children: politely first, then whatever outlived that."""
    _signal_group(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        print(f"{name} (process {process.pid}) did not end when asked; killing it.", file=sys.stderr)
    _signal_group(process.pid, signal.SIGKILL)
    process.wait(15)


def _signal_group(leader: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, number)
