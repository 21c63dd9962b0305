"""Reading git objects: one `cat-file --batch` process that answers for commits, trees and files."""

import hashlib
import subprocess
import tempfile
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from workflowops.errors import ConfigurationError, RemoteError, StateError
from workflowops.io.git import Git, end

LARGEST_FILE = 64 * 1024 * 1024
_AHEAD = 64
"""Questions sent before their answers are read: 64 names are far below what a pipe holds, so neither side blocks."""
_CHUNK = 1024 * 1024

TREE_MODE = "40000"


@dataclass(frozen=True, slots=True)
class GitObject:
    """An object as git stores it: its name, its kind (commit, tree, blob, tag) and its bytes."""

    oid: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OversizedObject:
    """An object that was not read, because it is larger than we take. `size` in bytes."""

    oid: str
    size: int


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One line of a tree. `mode` in octal: 100644 and 100755 files, 120000 a link, 160000 a submodule, 40000 a tree."""

    mode: str
    oid: str

    @property
    def is_file(self) -> bool:
        return self.mode.startswith("100")


def blob_oid(content: bytes, *, object_format: str) -> str:
    """Name the blob with this content, as git will."""
    return hashlib.new(object_format, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class ObjectReader:
    """Reads objects through one process that is started at the first question and ends with this reader.

    Objects that arrive later, by a fetch, are seen. Threads may share a reader; each question is one exchange.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._trees: dict[str, dict[str, TreeEntry]] = {}
        self._end: weakref.finalize[..., ObjectReader] | None = None

    def read(self, name: str) -> GitObject | None:
        """Read one object by its full name or a ref; None when there is no such object. Raises StateError when huge."""
        with self._lock:
            found = self._exchange(name)
        if isinstance(found, OversizedObject):
            raise StateError(
                f"Object {found.oid} has {found.size} bytes; the limit for one file is {LARGEST_FILE}.",
                fix="Restore the branch from a commit before that file was written.",
            )
        return found

    def require(self, oid: str) -> GitObject:
        """Read an object that another object names. Raises StateError when the repository lacks it."""
        found = self.read(oid)
        if found is None:
            raise StateError(
                f"The repository lacks object {oid}, which the branch refers to.",
                fix="Make a fresh clone; if it lacks the object too, restore the branch from a commit before.",
            )
        return found

    def entries(self, tree: str) -> dict[str, TreeEntry]:
        """Answer the entries of a tree by name; names that are not UTF-8 keep their bytes as surrogates."""
        if tree not in self._trees:
            self._trees[tree] = _parse_tree(self.require(tree).content, oid_bytes=len(tree) // 2)
        return self._trees[tree]

    def root(self, commit: str) -> str:
        """Answer the tree of a commit."""
        found = self.require(commit)
        head, _, rest = found.content.partition(b" ")
        if found.kind != "commit" or head != b"tree":
            raise StateError(f"{commit} is a {found.kind}, not a commit.", fix="Name a branch or a commit.")
        return rest.partition(b"\n")[0].decode()

    def find(self, commit: str, path: str) -> TreeEntry | None:
        """Answer what stands at a path, whatever its kind; None when nothing does."""
        entry = TreeEntry(TREE_MODE, self.root(commit))
        for name in path.split("/"):
            if entry.mode != TREE_MODE:
                return None
            below = self.entries(entry.oid).get(name)
            if below is None:
                return None
            entry = below
        return entry

    def obstacle(self, commit: str, path: str) -> str | None:
        """Answer the parent of `path` that is no folder, so that nothing can be written below it; None when free."""
        parts = path.split("/")
        for length in range(1, len(parts)):
            parent = "/".join(parts[:length])
            entry = self.find(commit, parent)
            if entry is not None and entry.mode != TREE_MODE:
                return parent
        return None

    def files(self, tree: str, *, below: str = "") -> Iterator[str]:
        """Walk the paths of the files of a tree, in order; links and submodules are not files."""
        for name, entry in self.entries(tree).items():
            if entry.mode == TREE_MODE:
                yield from self.files(entry.oid, below=f"{below}{name}/")
            elif entry.is_file:
                yield f"{below}{name}"

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _exchange(self, name: str) -> GitObject | OversizedObject | None:
        """Ask, and read the answer. Broken off, even by a signal, the process goes: its answers would fit no more."""
        whole = False
        questions, answers = _pipes(self._running())
        try:
            questions.write(f"{name}\n".encode())
            questions.flush()
            found = read_answer(answers, largest=LARGEST_FILE)
            whole = True
        except (OSError, EOFError) as error:
            raise RemoteError(
                f"Git stopped while reading {name}.", fix="Run `git fsck` in the checkout, or make a fresh clone."
            ) from error
        finally:
            if not whole:
                self._stop()
        return found

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch", stderr=subprocess.DEVNULL)
            self._end = weakref.finalize(self, end, self._process)
        return self._process

    def _stop(self) -> None:
        self._process = None
        if self._end is not None:
            self._end()


def stream_blobs(git: Git, oids: Iterable[str], *, largest: int) -> Iterator[tuple[str, bytes]]:
    """Read many blobs in the order asked, holding one in memory at a time.

    Up to 64 names are sent ahead of the answers, so that git never waits for us; closing the iterator ends git.
    Raises ConfigurationError for a blob larger than `largest`, RemoteError for one that is missing.
    """
    with tempfile.TemporaryFile() as complaints:
        process = git.start("cat-file", "--batch", stderr=complaints.fileno())
        try:
            questions, answers = _pipes(process)
            asked: deque[str] = deque()
            waiting = iter(oids)
            more = True
            while more or asked:
                while more and len(asked) < _AHEAD:
                    name = next(waiting, None)
                    more = name is not None
                    if name is not None:
                        asked.append(name)
                        questions.write(f"{name}\n".encode())
                questions.flush()
                if asked:
                    yield _next_blob(asked.popleft(), answers, largest=largest)
        except (OSError, EOFError) as error:
            complaints.seek(0)
            said = complaints.read(2000).decode("utf-8", "replace").strip()
            raise RemoteError(
                f"Git stopped while reading files: {said or error}", fix="Run `git fsck`, or make a fresh clone."
            ) from error
        finally:
            end(process)


def read_answer(answers: IO[bytes], *, largest: int) -> GitObject | OversizedObject | None:
    """Read one answer of `cat-file --batch`; None when there is no such object. Raises EOFError when git ended."""
    header = answers.readline()
    if not header.endswith(b"\n"):
        raise EOFError("no answer")
    parts = header.decode("utf-8", "replace").split()
    if parts[-1] in {"missing", "ambiguous"} or len(parts) != 3:
        return None
    oid, kind, size = parts[0], parts[1], int(parts[2])
    if size > largest:
        _skip(answers, size + 1)
        return OversizedObject(oid=oid, size=size)
    content = answers.read(size)
    if len(content) < size or answers.read(1) != b"\n":
        raise EOFError("answer cut short")
    return GitObject(oid=oid, kind=kind, content=content)


def _next_blob(oid: str, answers: IO[bytes], *, largest: int) -> tuple[str, bytes]:
    match read_answer(answers, largest=largest):
        case GitObject(kind="blob", content=content):
            return oid, content
        case OversizedObject(size=size):
            raise ConfigurationError(
                f"File content {oid} has {size} bytes; the limit for one file is {largest}.",
                fix="Take the file out of the environment's folder, or make it smaller.",
            )
        case _:
            raise RemoteError(f"The repository has no file content {oid}.", fix="Make a fresh clone, or fetch again.")


def _parse_tree(content: bytes, *, oid_bytes: int) -> dict[str, TreeEntry]:
    found: dict[str, TreeEntry] = {}
    position = 0
    while position < len(content):
        space = content.index(b" ", position)
        stop = content.index(b"\0", space) + 1
        name = content[space + 1 : stop - 1].decode("utf-8", "surrogateescape")
        mode = content[position:space].decode().lstrip("0")
        position = stop + oid_bytes
        found[name] = TreeEntry(mode=mode, oid=content[stop:position].hex())
    return found


def _skip(answers: IO[bytes], size: int) -> None:
    while size > 0:
        chunk = answers.read(min(size, _CHUNK))
        if not chunk:
            raise EOFError("answer cut short")
        size -= len(chunk)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise ValueError("git was started without pipes")
    return process.stdin, process.stdout
