"""Locks as refs of the remote: claimed, renewed, taken over and released by compare-and-swap."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workflowops.core.claims import (
    Claim,
    Standing,
    judge,
    parse_claim,
    render_claim,
    renewed,
    taking_over,
    unreadable_claim,
)
from workflowops.errors import MovedError
from workflowops.io.git_commit import write_commit
from workflowops.io.git_objects import ObjectReader
from workflowops.io.git_remote import GitRemote, PushStatus, check_ref_name

LOCKS = "refs/workflowops/locks"
_TRIES = 8

IsAlive = Callable[[Claim], bool | None]
"""Asks whether the run behind a claim is still going: True, False, or None when nobody can say."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of asking for a lock: `holder` is who has it instead, `took_over` the dead claim that was replaced."""

    holder: Claim | None = None
    took_over: Claim | None = None

    @property
    def acquired(self) -> bool:
        return self.holder is None


@dataclass(frozen=True, slots=True)
class _Found:
    oid: str
    claim: Claim


class GitLocks:
    """The locks of one remote. A lock is a ref to an orphan commit whose message is the claim."""

    def __init__(self, remote: GitRemote, reader: ObjectReader) -> None:
        self._remote = remote
        self._reader = reader
        self._held: dict[str, str] = {}  # claim_id -> the commit it was last written as

    def attempt(self, claim: Claim, *, is_alive: IsAlive | None = None) -> Attempt:
        """Ask for the lock `claim.name`, at the time the claim was made.

        A free lock is taken; a dead one is taken over, by swapping exactly the claim that was judged. A living or
        unreadable one is answered. Raises PushRefusedError, RemoteError, and MovedError when others are always faster.
        """
        found: _Found | None = None
        dead: Claim | None = None
        commit = self._write(claim)
        for attempt in range(_TRIES):
            pushed = self._remote.push(commit, _ref(claim.name), expected=found.oid if found else None)
            if pushed.status is PushStatus.DONE:
                self._held[claim.claim_id] = commit
                return Attempt(took_over=dead if found else None)
            found = self._find(claim.name)
            if found is None:
                self._remote.backoff.wait(attempt)
                continue
            if found.claim.claim_id == claim.claim_id:
                self._held[claim.claim_id] = found.oid
                return Attempt(took_over=dead if found.claim.took_over else None)
            alive = is_alive(found.claim) if is_alive and not found.claim.unreadable else None
            if judge(found.claim, now=claim.renewed_at, alive=alive) is not Standing.DEAD:
                return Attempt(holder=found.claim)
            dead = found.claim
            commit = self._write(taking_over(claim, dead=dead))
        raise pushed.given_up(tries=_TRIES)

    def renew(self, claim: Claim, *, now: datetime) -> Claim:
        """Prolong a claim that we hold, and answer it as it stands now. Raises MovedError when it is ours no longer."""
        longer = renewed(claim, now=now)
        commit = self._write(longer)
        self._swap(claim, commit)
        self._held[claim.claim_id] = commit
        return longer

    def release(self, claim: Claim) -> None:
        """Give up a claim; one that is gone already is fine. Raises MovedError when the lock is somebody else's."""
        self._swap(claim, None)
        self._held.pop(claim.claim_id, None)

    def holder(self, name: str) -> Claim | None:
        """Answer who holds a lock now, unreadable claims included; None when it is free."""
        found = self._find(name)
        return found.claim if found else None

    def holders(self) -> tuple[Claim, ...]:
        """Answer every lock that is held, by name; a remote that holds none is asked once."""
        names = (ref.removeprefix(f"{LOCKS}/") for ref in self._remote.refs(f"{LOCKS}/"))
        return tuple(found.claim for name in names if (found := self._find(name)) is not None)

    def _swap(self, claim: Claim, commit: str | None) -> None:
        """Replace our claim by `commit`, or remove it. What is not ours stays."""
        expected = self._held.get(claim.claim_id)
        for attempt in range(_TRIES):
            if expected is None:
                found = self._find(claim.name)
                if found is None and commit is None:
                    return
                if found is None or found.claim.claim_id != claim.claim_id:
                    raise _lost(claim, found)
                expected = found.oid
            pushed = self._remote.push(commit, _ref(claim.name), expected=expected)
            if pushed.status is PushStatus.DONE:
                return
            expected = None
            self._remote.backoff.wait(attempt)
        raise pushed.given_up(tries=_TRIES)

    def _find(self, name: str) -> _Found | None:
        kept = self._remote.fetch(_ref(name))
        stored = self._reader.read(kept) if kept else None
        if stored is None:
            return None
        if stored.kind != "commit":
            claim = unreadable_claim(name, object_name=stored.oid, why=f"it is a {stored.kind}, not a commit")
            return _Found(stored.oid, claim)
        message = stored.content.partition(b"\n\n")[2]
        return _Found(stored.oid, parse_claim(message.partition(b"\n\n")[2].strip(), name=name, object_name=stored.oid))

    def _write(self, claim: Claim) -> str:
        message = f"Lock {claim.name} for {claim.owner}\n\n{render_claim(claim).decode()}\n"
        return write_commit(self._remote.git, parent=None, edits={}, message=message)


def _ref(name: str) -> str:
    checked = check_ref_name(name, what="a lock", fix="Use letters, digits, dots, dashes and underscores.")
    return f"{LOCKS}/{checked}"


def _lost(claim: Claim, found: _Found | None) -> MovedError:
    holder = f"{found.claim.owner} holds it now ({found.claim.reason})" if found else "it was released by somebody"
    return MovedError(
        f"The claim of {claim.owner} on {claim.name} is gone: {holder}.",
        fix="Nothing more is written under this claim. Run again, which asks for a new one.",
    )
