"""Being told to stop: a cancelled job sends SIGTERM, and what was read so far is worth keeping."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stops_on_signals() -> Iterator[None]:
    """Turn SIGTERM into KeyboardInterrupt while a command runs, so that both end in the same orderly way.

    GitHub sends SIGINT to a cancelled job, SIGTERM 7.5 seconds later, and kills it after another 2.5.
    Source: docs.github.com, "Workflow cancellation reference".
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signal_number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
