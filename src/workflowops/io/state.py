"""The state branch: read at one commit, changed by compare-and-swap, written with plumbing only."""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from workflowops.core.claims import Claim
from workflowops.errors import StateError
from workflowops.io.git import Git
from workflowops.io.git_commit import Edit, StoredBlob, write_commit
from workflowops.io.git_objects import TREE_MODE, ObjectReader, blob_oid
from workflowops.io.git_remote import Backoff, GitRemote, PushStatus, check_ref_name
from workflowops.io.locks import Attempt, GitLocks, IsAlive

STATE_BRANCH = "workflowops-state"
_TRIES = 40
_UNCERTAIN_TRIES = 3
_PATH = re.compile(r"(?!.*(?:^|/)\.)[^\x00-\x1f\x7f\"\\/]+(?:/[^\x00-\x1f\x7f\"\\/]+)*")


class Readable(Protocol):
    """What a decision is given: the state branch at one commit."""

    @property
    def tip(self) -> str | None: ...
    def read(self, path: str) -> bytes | None: ...
    def list(self, prefix: str) -> tuple[str, ...]: ...


Decide = Callable[[Readable], Mapping[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Change:
    """A write that changes something: the new content of a path and its name in git, both None to remove the file."""

    path: str
    content: bytes | None
    oid: str | None


class GitStateView:
    """The state branch at the commit `tip`, or an empty one; remembers what was asked of it."""

    def __init__(self, tip: str | None, reader: ObjectReader) -> None:
        self.tip = tip
        self._reader = reader
        self._read: dict[str, str | None] = {}
        self._listed: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> bytes | None:
        """Answer the content of a file, or None when there is none. Raises StateError for what is no file."""
        oid = self._read[path] = self.oid(path)
        return None if oid is None else self._reader.require(oid).content

    def list(self, prefix: str) -> tuple[str, ...]:
        """Answer the paths of all files that begin with `prefix`, sorted."""
        self._listed[prefix] = self._paths(prefix)
        return self._listed[prefix]

    def oid(self, path: str) -> str | None:
        """Answer the name of a file's content without remembering that it was asked."""
        entry = self._reader.find(self.tip, check_path(path)) if self.tip is not None else None
        if entry is not None and not entry.is_file:
            raise StateError(f"{path} on the state branch is not a file.", fix="Remove it from the branch.")
        return entry.oid if entry is not None else None

    def differing(self, writes: Mapping[str, bytes | None], *, object_format: str) -> "tuple[Change, ...]":
        """Answer those writes that change something here. Raises StateError when a file stands where a folder must."""
        changes: list[Change] = []
        for path, content in sorted(writes.items()):
            blocked = self._reader.obstacle(self.tip, check_path(path)) if self.tip is not None else None
            if blocked is not None:
                raise StateError(f"{blocked} on the state branch is not a folder.", fix="Remove it from the branch.")
            oid = None if content is None else blob_oid(content, object_format=object_format)
            if oid != self.oid(path):
                changes.append(Change(path=path, content=content, oid=oid))
        return tuple(changes)

    def still_holds(self, latest: "GitStateView", *, also: Mapping[str, bytes | None]) -> bool:
        """Say whether `latest` answers everything that was asked here in the same way, and the paths in `also`."""
        return all(latest.oid(path) == oid for path, oid in self._read.items()) and (
            all(latest.oid(path) == self.oid(path) for path in also)
            and all(latest._paths(prefix) == paths for prefix, paths in self._listed.items())
        )

    def moved_to(self, latest: "GitStateView") -> "GitStateView":
        """Answer `latest` with the memory of what was asked here, for a decision that stands unchanged."""
        latest._read.update(self._read)
        latest._listed.update(self._listed)
        return latest

    def _paths(self, prefix: str) -> tuple[str, ...]:
        folder = prefix.rpartition("/")[0]
        if self.tip is None:
            return ()
        if not folder:
            tree = self._reader.root(self.tip)
        else:
            entry = self._reader.find(self.tip, check_path(folder))
            if entry is None or entry.mode != TREE_MODE:
                return ()
            tree = entry.oid
        below = f"{folder}/" if folder else ""
        return tuple(sorted(path for path in self._reader.files(tree, below=below) if _is_ours(path, prefix)))


class GitStateStore:
    """The state branch of a remote, through the user's checkout, whose files, index and branches stay untouched."""

    def __init__(
        self,
        repository: Path,
        *,
        remote: str = "origin",
        branch: str = STATE_BRANCH,
        backoff: Backoff | None = None,
        is_alive: IsAlive | None = None,
    ) -> None:
        check_ref_name(branch, what="the state branch", fix="Pass another --state-branch.")
        self.branch = branch
        self._git = Git(repository)
        self._remote = GitRemote(self._git, remote, backoff=backoff)
        self._reader = ObjectReader(self._git)
        self._locks = GitLocks(self._remote, self._reader)
        self._is_alive = is_alive

    def view(self) -> GitStateView:
        """Fetch the branch and answer it as it is; an absent one is an empty view. Raises RemoteError, StateError."""
        kept = self._remote.fetch(self._ref, depth=1)
        if kept is None:
            return GitStateView(None, self._reader)
        commit = self._reader.read(f"{kept}^{{commit}}")
        if commit is None:
            raise StateError(f"The branch {self.branch} holds no commit.", fix="Pass another --state-branch.")
        return GitStateView(commit.oid, self._reader)

    def change(self, decide: Decide, *, message: str | Callable[[], str]) -> str | None:
        """Carry out a decision about the state; answer the new commit, or None when nothing differs.

        The commit stands on the tip that was read. When somebody was faster: `decide` runs again if something it read,
        listed or writes has changed, else the same writes are committed on the new tip. Raises MovedError after 40
        tries, PushRefusedError when we may not write, RemoteError when the remote fails. Each commit carries a mark of
        its own: two equal changes made in one second would otherwise be one commit, and one of them would be lost.
        """
        view = self.view()
        writes = decide(view)
        stored: set[str] = set()
        uncertain = 0
        for attempt in range(_TRIES):
            changes = view.differing(writes, object_format=self._git.facts.object_format)
            if not changes:
                return None
            commit = self._commit(view, changes, stored, message if isinstance(message, str) else message())
            pushed = self._remote.push(commit, self._ref, expected=view.tip)
            if pushed.status is PushStatus.DONE:
                return commit
            self._remote.backoff.wait(attempt)
            latest = self.view()
            if pushed.status is PushStatus.UNCERTAIN:
                if self._remote.reached(commit, tip=latest.tip):
                    return commit
                uncertain += 1
                if uncertain >= _UNCERTAIN_TRIES:
                    break
            if view.still_holds(latest, also=writes):
                view = view.moved_to(latest)
            else:
                view, writes = latest, decide(latest)
        raise pushed.given_up(tries=attempt + 1)

    def acquire(self, claim: Claim) -> Claim | None:
        """Ask for a lock; None when it is ours, else the living or unreadable claim that holds it."""
        return self.attempt(claim).holder

    def attempt(self, claim: Claim) -> Attempt:
        """Ask for a lock as `acquire` does, and learn also whose dead claim was taken over."""
        return self._locks.attempt(claim, is_alive=self._is_alive)

    def renew(self, claim: Claim, *, now: datetime) -> Claim:
        """Prolong a claim that we hold. Raises MovedError when it is ours no longer."""
        return self._locks.renew(claim, now=now)

    def release(self, claim: Claim) -> None:
        """Give up a claim; one that is gone already is fine. Raises MovedError when the lock is somebody else's."""
        self._locks.release(claim)

    def holder(self, name: str) -> Claim | None:
        """Answer who holds a lock now, unreadable claims included; None when it is free."""
        return self._locks.holder(name)

    def holders(self) -> tuple[Claim, ...]:
        """Answer every lock that is held now, by name, unreadable claims included. Raises RemoteError."""
        return self._locks.holders()

    def close(self) -> None:
        """End the process that reads objects; it also ends with this store."""
        self._reader.close()

    def _commit(self, view: GitStateView, changes: Iterable[Change], stored: set[str], title: str) -> str:
        """Store a commit of these changes on the view's tip; `stored` remembers what git holds already."""
        edits: dict[str, Edit] = {
            change.path: StoredBlob(change.oid) if change.oid in stored and change.oid else change.content
            for change in changes
        }
        mark = secrets.token_hex(8)
        commit = write_commit(
            self._git, parent=view.tip, edits=edits, message=f"{title.strip()}\n\nWorkflowops-Change: {mark}\n"
        )
        stored.update(change.oid for change in changes if change.oid)
        return commit

    @property
    def _ref(self) -> str:
        return f"refs/heads/{self.branch}"


def check_path(path: str) -> str:
    """Answer a path that we may write on the state branch. Raises StateError for one that leaves it or hides."""
    if _PATH.fullmatch(path) is None or len(path) > 1000:
        raise StateError(f"{path!r} cannot be a path on the state branch.", fix="Rename the environment it came from.")
    return path


def _is_ours(path: str, prefix: str) -> bool:
    """Say whether a path found on the branch begins as asked and is one that our programs could have written."""
    return path.startswith(prefix) and _PATH.fullmatch(path) is not None and path.isprintable()
