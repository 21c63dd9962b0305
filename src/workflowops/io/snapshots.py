"""Snapshots as tags of the remote: an orphan commit each, pushed before anybody relies on it, never changed."""

import re
from collections.abc import Iterable
from pathlib import Path

from workflowops.errors import BlockedError, RemoteError
from workflowops.io.git import Git
from workflowops.io.git_commit import stream_commit
from workflowops.io.git_objects import LARGEST_FILE, stream_blobs
from workflowops.io.git_remote import Backoff, GitRemote, PushStatus, check_ref_name

TAGS = "refs/tags/snapshots"
_TRIES = 4
_PATH = re.compile(r"(?!\.)[A-Za-z0-9_~.-]+(?:/(?!\.)[A-Za-z0-9_~.-]+)*")


class GitSnapshots:
    """The snapshots of one remote, through the user's checkout, whose files, index, branches and tags stay untouched.

    A run that reads a snapshot fetches it; the local repository keeps the content, and no tag.
    """

    def __init__(self, repository: Path, *, remote: str = "origin", backoff: Backoff | None = None) -> None:
        self._git = Git(repository)
        self._remote = GitRemote(self._git, remote, backoff=backoff)

    def save(self, name: str, files: Iterable[tuple[str, bytes]], *, message: str) -> str:
        """Store files as a commit, push its tag, and answer the commit once the remote has it.

        A tag that is there with the same files is answered as it is. Raises BlockedError when it holds others,
        PushRefusedError when we may not write, RemoteError when the remote fails.
        """
        ref = _ref(name)
        commit = stream_commit(self._git, _checked(files), message=message)
        for attempt in range(_TRIES):
            pushed = self._remote.push(commit, ref, expected=None)
            if pushed.status is PushStatus.DONE:
                return commit
            kept = self._remote.fetch(ref, depth=1)
            if kept is not None:
                return self._same(commit, kept, name=name)
            self._remote.backoff.wait(attempt)
        raise pushed.given_up(tries=_TRIES)

    def load(self, name: str, *, commit: str | None = None) -> dict[str, bytes] | None:
        """Read the files of a snapshot; None when the remote has no such tag. Raises RemoteError.

        A tag can be moved by who may push. Where the commit that was saved is given, another one is refused with
        BlockedError.
        """
        kept = self._remote.fetch(_ref(name), depth=1)
        if kept is None:
            return None
        doing = f"reading the snapshot {name}"
        if commit is not None:
            self._require_unmoved(kept, commit, name=name)
        listing = self._git.require("ls-tree", "-r", "-z", "--full-tree", f"{kept}^{{commit}}", doing=doing)
        blobs = dict(_blob(line) for line in listing.stdout.split(b"\0") if line)
        contents = dict(stream_blobs(self._git, dict.fromkeys(blobs.values()), largest=LARGEST_FILE))
        return {path: contents[oid] for path, oid in blobs.items()}

    def _require_unmoved(self, kept: str, commit: str, *, name: str) -> None:
        answer = self._git.require("rev-parse", f"{kept}^{{commit}}", doing=f"reading the snapshot {name}")
        found = answer.stdout.decode().strip()
        if found != commit:
            raise BlockedError(
                f"The tag {TAGS.removeprefix('refs/tags/')}/{name} names {found[:12]}, and the snapshot that was saved "
                f"is {commit[:12]}: somebody moved it.",
                fix=f"Nothing was written. Find out who moved it, and push {commit} under that tag again from a clone "
                "that has it.",
            )

    def _same(self, commit: str, found: str, *, name: str) -> str:
        """Answer the commit under a tag that is there already, if it holds what was to be saved."""
        answer = self._git.require(
            *("rev-parse", f"{found}^{{commit}}", f"{found}^{{tree}}", f"{commit}^{{tree}}"),
            doing=f"comparing the snapshot {name}",
        )
        theirs, tree, ours = answer.stdout.decode().split()
        if tree != ours:
            raise BlockedError(
                f"The snapshot {name} is there already and holds something else.",
                fix="A snapshot is never changed: take another name for this one.",
            )
        return theirs


def _ref(name: str) -> str:
    checked = check_ref_name(name, what="a snapshot", fix="Use letters, digits, dots, dashes and underscores.")
    return f"{TAGS}/{checked}"


def _checked(files: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, bytes]]:
    for path, content in files:
        if _PATH.fullmatch(path) is None:
            raise ValueError(f"{path!r} cannot be a path in a snapshot.")
        yield path, content


def _blob(line: bytes) -> tuple[str, str]:
    """Read a line of `ls-tree`; raises RemoteError for what is no file, which we never write."""
    labels, _, path = line.partition(b"\t")
    mode, _, oid = labels.decode().split()
    if not mode.startswith("100"):
        raise RemoteError(
            f"The snapshot holds {path.decode('utf-8', 'replace')!r}, which is no file.",
            fix="Somebody changed the commit behind its tag. Restore the tag from another clone.",
        )
    return path.decode("utf-8", "surrogateescape"), oid
