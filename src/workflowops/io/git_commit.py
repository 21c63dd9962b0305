"""Writing a commit with one `fast-import` process: no work tree, no index, no branch of the user's touched."""

import secrets
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from workflowops.errors import RemoteError
from workflowops.io.git import LOCAL_SECONDS, Git, GitAnswer, end
from workflowops.io.git_failures import error_for, redact

_PACK_FROM = 256 * 1024
"""Bytes from which a change stays in the pack it was written to. Smaller ones become loose objects, as `git commit`
makes them; a large one would be compressed a second time for that (measured: 5 MB, 75 ms instead of 160 ms)."""
_DOING = "storing a commit"


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Content that the repository already holds, by its name."""

    oid: str


Edit = bytes | StoredBlob | None
"""What shall stand at a path: new content, content already stored, or nothing."""


def write_commit(git: Git, *, parent: str | None, edits: Mapping[str, Edit], message: str) -> str:
    """Store a commit on `parent` (or an orphan) with these edits to its tree, and answer its name.

    Everything else in the tree stays as it is, whatever it is. No ref is left behind: the one that fast-import insists
    on has a name of its own and is taken back before the process ends. Paths must have passed `check_path`.
    """
    script = b"".join(_script(git, parent=parent, edits=edits.items(), message=message))
    size = sum(len(edit) for edit in edits.values() if isinstance(edit, bytes))
    answer = git.require(*_fast_import(is_packed=size >= _PACK_FROM), given=script, doing=_DOING)
    return _named(git, answer)


def stream_commit(git: Git, files: Iterable[tuple[str, bytes]], *, message: str) -> str:
    """Store an orphan commit of many files, one in memory at a time, and answer its name.

    No ref is left behind, as with `write_commit`; the content stays in one pack. Whatever `files` raises ends git and
    stores nothing.
    """
    with tempfile.TemporaryFile() as complaints:
        process = git.start(*_fast_import(is_packed=True), stderr=complaints.fileno())
        broken: OSError | None = None
        stdout, timed_out = b"", False
        try:
            try:
                for piece in _script(git, parent=None, edits=files, message=message):
                    _input(process).write(piece)
            except BrokenPipeError as error:
                broken = error
            stdout, _ = process.communicate(timeout=LOCAL_SECONDS)
        except subprocess.TimeoutExpired:
            timed_out = True
        finally:
            end(process)
        complaints.seek(0)
        said = redact(complaints.read(100_000).decode("utf-8", "replace"))
    answer = GitAnswer(process.returncode, stdout, said, timed_out=timed_out)
    if not answer.succeeded:
        raise error_for(git.failure_of(answer), doing=_DOING, detail=answer.problem) from broken
    return _named(git, answer)


def _fast_import(*, is_packed: bool) -> tuple[str, ...]:
    limit = ("-c", f"fastimport.unpackLimit={'1' if is_packed else '100000'}")
    return (*limit, "fast-import", "--quiet", "--done", "--date-format=now", "--depth=0")


def _script(git: Git, *, parent: str | None, edits: Iterable[tuple[str, Edit]], message: str) -> Iterator[bytes]:
    """Yield what fast-import reads. The ref that it insists on has a name of its own and is taken back."""
    ref = f"refs/workflowops/pending/{secrets.token_hex(8)}"
    text = message.replace("\0", "").encode("utf-8", "replace")
    yield f"commit {ref}\nmark :1\ncommitter {git.identity} now\ndata {len(text)}\n".encode() + text + b"\n"
    if parent is not None:
        yield f"from {parent}\n".encode()
    for path, edit in edits:
        yield from _edit_pieces(path.encode(), edit)
    yield f"\nget-mark :1\nreset {ref}\nfrom {git.facts.no_object}\n\ndone\n".encode()


def _input(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise ValueError("git was started without pipes")
    return process.stdin


def _named(git: Git, answer: GitAnswer) -> str:
    if len(answer.text) != len(git.facts.no_object):
        raise RemoteError("Git stored a commit but did not name it.", fix="Install git 2.30 or newer.")
    return answer.text


def _edit_pieces(path: bytes, edit: Edit) -> tuple[bytes, ...]:
    """Answer the lines for one edit in pieces, so that content is copied once, when all is put together."""
    match edit:
        case None:
            return (b"D " + path + b"\n",)
        case StoredBlob(oid):
            return (b"M 100644 " + oid.encode() + b" " + path + b"\n",)
        case content:
            return (b"M 100644 inline " + path + b"\ndata %d\n" % len(content), content, b"\n")
