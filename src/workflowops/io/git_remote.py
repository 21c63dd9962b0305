"""The remote repository: fetching one ref, and moving one ref by compare-and-swap."""

import hashlib
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from workflowops.errors import ConfigurationError, MovedError, WorkflowOpsError
from workflowops.io.git import REMOTE_SECONDS, Git, GitAnswer
from workflowops.io.git_failures import GitFailure, error_for, redact

_LOCAL_TRIES = 12
"""How often a fetch is tried again because another process in the same checkout holds a ref's lock."""
_NETWORK_TRIES = 3


class PushStatus(StrEnum):
    """What became of a push: done, somebody else was first, or the connection broke and nobody knows."""

    DONE = "done"
    MOVED = "moved"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Pushed:
    """The status of a push, and the error to raise should it stay that way."""

    status: PushStatus
    error: WorkflowOpsError | None = None

    def given_up(self, *, tries: int) -> WorkflowOpsError:
        """Answer the error for a push that was tried often enough."""
        if self.status is PushStatus.UNCERTAIN and self.error is not None:
            return self.error
        return MovedError(
            f"Somebody else was faster, {tries} times. Git said last: {self.error}",
            fix="Run again in a minute; nothing was written.",
        )


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before another try: a random part of a time that doubles, so that many writers spread out."""

    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    first_seconds: float = 0.2
    longest_seconds: float = 4.0

    def wait(self, attempt: int) -> None:
        """Wait before try number `attempt` + 1, counted from 0."""
        self.sleep(self.random() * min(self.longest_seconds, self.first_seconds * 2**attempt))


class GitRemote:
    """One remote of a repository, by name, path or URL."""

    def __init__(self, git: Git, name: str, *, backoff: Backoff | None = None) -> None:
        if not name or name.startswith("-") or any(ord(character) < 33 for character in name):
            raise ConfigurationError(f"{name!r} cannot be a git remote.", fix="Name one that `git remote -v` lists.")
        self.git = git
        self.name = name
        self.backoff = backoff or Backoff()
        self._known: set[str] = set()

    def fetch(self, ref: str, *, depth: int | None = None) -> str | None:
        """Bring the commit behind a ref of the remote into the object database and answer a local ref that names it.

        None when the remote has no such ref. Nothing else of the user's repository changes: no tag, no branch, no
        FETCH_HEAD, no remote-tracking ref. `depth` limits the history of the first fetch, and only in a shallow clone:
        a full one would be cut by it, and later fetches need no more than what came since.
        """
        kept = self._kept(ref)
        cut = [f"--depth={depth}"] if depth is not None and ref not in self._known and self.git.facts.shallow else []
        answer = self._ask(
            *("fetch", "--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-recurse-submodules"),
            *("--no-filter", "--refmap=", *cut, self.name, f"+{ref}:{kept}"),
        )
        failure = None if answer.succeeded else self.git.failure_of(answer)
        if failure in {None, GitFailure.NO_REF}:
            self._known.add(ref)
        if failure is None:
            return kept
        if failure is GitFailure.NO_REF:
            return None
        raise error_for(failure, doing=f"reading {_short(ref)} of the remote {self.title}", detail=answer.problem)

    def push(self, commit: str | None, ref: str, *, expected: str | None) -> Pushed:
        """Move the remote's ref from `expected` to `commit`; None means "no such ref" on either side.

        The lease makes the remote compare, and is no permission to overwrite: a commit pushed here to a branch is a
        child of `expected`, or takes the place of a commit that we made ourselves. A plain push would also bring back a
        branch that was deleted or rewound on purpose. Raises PushRefusedError, ConfigurationError or RemoteError when
        trying again cannot help.
        """
        answer = self.git.run(
            *("push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"),
            f"--force-with-lease={ref}:{expected or ''}",
            *(self.name, f"{commit or ''}:{ref}"),
            seconds=REMOTE_SECONDS,
        )
        if answer.succeeded:
            return Pushed(PushStatus.DONE)
        failure = self.git.failure_of(answer)
        error = error_for(
            failure, doing=f"pushing {_short(ref)} to the remote {self.title}", detail=answer.problem, writing=True
        )
        if failure is GitFailure.MOVED:
            return Pushed(PushStatus.MOVED, error)
        if failure is GitFailure.UNREACHABLE:
            return Pushed(PushStatus.UNCERTAIN, error)
        raise error

    def reached(self, commit: str, *, tip: str | None) -> bool:
        """Say whether a push whose end was not seen arrived: is `commit` the tip fetched since, or behind it?"""
        if tip is None or tip == commit:
            return tip == commit
        return self.git.run("merge-base", "--is-ancestor", commit, tip).succeeded

    def default_tip(self) -> str | None:
        """Answer the commit at the tip of the remote's default branch; None when its HEAD names no branch it has.

        Raises RemoteError when the remote cannot be asked.
        """
        answer = self._ask("ls-remote", self.name, "HEAD")
        if not answer.succeeded:
            failure = self.git.failure_of(answer)
            raise error_for(failure, doing=f"asking the remote {self.title} for its HEAD", detail=answer.problem)
        commit, _, name = answer.text.partition("\t")
        return commit if name == "HEAD" else None

    def refs(self, prefix: str) -> tuple[str, ...]:
        """List the refs of the remote below a prefix such as `refs/heads/`, sorted; one request, nothing is fetched.

        Raises RemoteError when the remote cannot be asked.
        """
        answer = self._ask("ls-remote", "--refs", self.name, f"{prefix}*")
        if not answer.succeeded:
            failure = self.git.failure_of(answer)
            raise error_for(failure, doing=f"listing {prefix} of the remote {self.title}", detail=answer.problem)
        lines = answer.stdout.decode("utf-8", "surrogateescape").split("\n")
        names = (line.partition("\t")[2] for line in lines)
        return tuple(sorted(name for name in names if name.startswith(prefix)))

    def _ask(self, *arguments: str) -> GitAnswer:
        """Run a command that only reads from the remote, again where that can help."""
        network = 0
        for attempt in range(_LOCAL_TRIES):
            answer = self.git.run(*arguments, seconds=REMOTE_SECONDS)
            if answer.succeeded or answer.timed_out:
                break
            failure = self.git.failure_of(answer)
            network += failure is GitFailure.UNREACHABLE
            if failure not in {GitFailure.MOVED, GitFailure.UNREACHABLE} or network >= _NETWORK_TRIES:
                break
            self.backoff.wait(attempt)
        return answer

    def _kept(self, ref: str) -> str:
        """Name the private ref that keeps what was fetched from being collected; one for each remote and ref."""
        which = hashlib.sha256(f"{self.name} {ref}".encode()).hexdigest()
        return f"refs/workflowops/fetched/{which[:16]}"

    @property
    def title(self) -> str:
        return redact(self.name)


def check_ref_name(name: str, *, what: str, fix: str) -> str:
    """Answer the name when it can be (part of) a ref everywhere. Raises ConfigurationError otherwise."""
    parts = name.split("/")
    if (
        re.fullmatch(r"[^\x00-\x20\x7f~^:?*\[\\]{1,200}", name) is None
        or name.startswith("-")
        or ".." in name
        or "@{" in name
        or name == "@"
        or any(not part or part.startswith(".") or part.endswith((".", ".lock")) for part in parts)
    ):
        raise ConfigurationError(f"{name!r} cannot be the name of {what}.", fix=fix)
    return name


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/")
