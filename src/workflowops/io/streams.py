"""Standard output and error, whose reader may leave early (`| head`) without changing what the program answers."""

import os
from typing import TextIO


def write_line(text: str, stream: TextIO) -> None:
    """Write one line at once."""
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        _let_go_of(stream)


def write_text(text: str, stream: TextIO) -> None:
    """Write as UTF-8 whatever the locale says: a workflow's name must not end the program."""
    buffer = getattr(stream, "buffer", None)
    try:
        stream.flush()
        if buffer is None:
            stream.write(text)
        else:
            buffer.write(text.encode("utf-8", "replace"))
            buffer.flush()
    except BrokenPipeError:
        _let_go_of(stream)


def _let_go_of(stream: TextIO) -> None:
    """Send what is still to be written nowhere, so that Python does not complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
