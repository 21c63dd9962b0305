"""Locks: one owner at a time, taken over only from the dead, and never taken away from anybody else."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.git_repositories import bare_remote, clone, git, install_hook, isolate_git, refs

from workflowops.core.claims import Claim
from workflowops.errors import ConfigurationError, MovedError, PushRefusedError, RemoteError
from workflowops.io.git_remote import Backoff
from workflowops.io.state import GitStateStore

NOW = datetime(2026, 1, 14, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LOCK = "refs/workflowops/locks/prod"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare_remote(tmp_path)


def new_store(remote: Path, path: Path, **options) -> GitStateStore:
    return GitStateStore(clone(remote, path), backoff=Backoff(sleep=lambda _: None), **options)


@pytest.fixture
def ada(remote: Path, tmp_path: Path) -> GitStateStore:
    return new_store(remote, tmp_path / "ada")


@pytest.fixture
def bob(remote: Path, tmp_path: Path) -> GitStateStore:
    return new_store(remote, tmp_path / "bob")


def claim(claim_id: str, *, at: datetime = NOW, name: str = "prod") -> Claim:
    return Claim(
        name=name,
        owner=claim_id.partition("-")[0],
        reason="sync",
        claim_id=claim_id,
        created_at=at,
        renewed_at=at,
        expires_at=at + 10 * MINUTE,
        run_url="https://github.com/o/r/actions/runs/42",
    )


def test_a_free_lock_is_acquired_and_shown_with_all_it_carries(ada, bob, remote) -> None:
    assert ada.acquire(claim("ada-1")) is None
    assert bob.holder("prod") == claim("ada-1")
    assert git("log", "-1", "--format=%s|%P", LOCK, cwd=remote) == "Lock prod for ada|"


def test_a_held_lock_answers_its_holder(ada, bob) -> None:
    ada.acquire(claim("ada-1"))
    assert bob.acquire(claim("bob-1", at=NOW + 9 * MINUTE)) == claim("ada-1")
    assert ada.acquire(claim("ada-2")) == claim("ada-1")


def test_locks_of_other_names_are_free(ada, bob) -> None:
    ada.acquire(claim("ada-1"))
    assert bob.acquire(claim("bob-1", name="dev")) is None
    assert bob.holder("staging") is None


def test_every_held_lock_is_listed_by_name_whatever_is_written_in_it(ada, bob, remote) -> None:
    assert bob.holders() == ()
    ada.acquire(claim("ada-2", name="sync/dev"))
    ada.acquire(claim("ada-1"))
    ada.acquire(claim("ada-3", name="promotion/a/b"))
    blob = git("hash-object", "-w", "--stdin", cwd=remote)
    git("update-ref", "refs/workflowops/locks/odd", blob, cwd=remote)
    git("update-ref", "refs/workflowops/locksmith", blob, cwd=remote)
    found = bob.holders()
    assert [each.name for each in found] == ["odd", "prod", "promotion/a/b", "sync/dev"]
    assert [each.unreadable for each in found] == [True, False, False, False]
    assert found[1] == claim("ada-1")
    ada.release(claim("ada-1"))
    assert [each.name for each in bob.holders()] == ["odd", "promotion/a/b", "sync/dev"]


def test_locks_of_a_remote_that_does_not_answer_are_an_error_and_not_none(ada, remote) -> None:
    remote.rename(remote.with_name("gone.git"))
    with pytest.raises(RemoteError, match="listing refs/workflowops/locks/"):
        ada.holders()


def test_a_released_lock_is_free_and_leaves_no_ref(ada, bob, remote) -> None:
    ada.acquire(claim("ada-1"))
    ada.release(claim("ada-1"))
    assert LOCK not in refs(remote)
    assert bob.acquire(claim("bob-1")) is None


def test_releasing_twice_or_what_was_never_held_is_fine(ada) -> None:
    ada.release(claim("ada-1"))
    ada.acquire(claim("ada-1"))
    ada.release(claim("ada-1"))
    ada.release(claim("ada-1"))


def test_somebody_elses_claim_is_not_released(ada, bob, remote) -> None:
    ada.acquire(claim("ada-1"))
    before = refs(remote)
    with pytest.raises(MovedError, match="ada holds it now"):
        bob.release(claim("bob-1"))
    assert refs(remote) == before


def test_another_process_may_release_a_claim_that_it_knows(ada, bob, remote) -> None:
    ada.acquire(claim("ada-1"))
    held = bob.holder("prod")
    assert held is not None
    bob.release(held)
    assert LOCK not in refs(remote)


def test_a_renewed_claim_is_held_longer_and_can_be_released(ada, bob, remote) -> None:
    ada.acquire(claim("ada-1"))
    longer = ada.renew(claim("ada-1"), now=NOW + 9 * MINUTE)
    longer = ada.renew(longer, now=NOW + 18 * MINUTE)
    assert longer.expires_at == NOW + 28 * MINUTE
    assert bob.acquire(claim("bob-1", at=NOW + 27 * MINUTE)) == longer
    assert git("rev-list", "--count", LOCK, cwd=remote) == "1"
    ada.release(longer)
    assert bob.holder("prod") is None


def test_a_claim_past_its_time_is_taken_over_and_the_take_over_recorded(ada, bob) -> None:
    ada.acquire(claim("ada-1"))
    attempt = bob.attempt(claim("bob-1", at=NOW + 10 * MINUTE))
    assert attempt.acquired
    assert attempt.took_over == claim("ada-1")
    assert ada.holder("prod") == replace(claim("bob-1", at=NOW + 10 * MINUTE), took_over="ada-1")


def test_who_was_taken_over_can_neither_renew_nor_release(ada, bob) -> None:
    ada.acquire(claim("ada-1"))
    bob.acquire(claim("bob-1", at=NOW + 10 * MINUTE))
    with pytest.raises(MovedError, match="bob holds it now"):
        ada.renew(claim("ada-1"), now=NOW + 11 * MINUTE)
    with pytest.raises(MovedError, match="bob holds it now"):
        ada.release(claim("ada-1"))
    assert bob.renew(claim("bob-1", at=NOW + 10 * MINUTE), now=NOW + 12 * MINUTE)


def test_a_claim_that_was_removed_by_force_cannot_be_renewed(ada, remote) -> None:
    ada.acquire(claim("ada-1"))
    git("update-ref", "-d", LOCK, cwd=remote)
    with pytest.raises(MovedError, match="released by somebody"):
        ada.renew(claim("ada-1"), now=NOW + MINUTE)
    assert LOCK not in refs(remote)


@pytest.mark.parametrize(
    ("alive", "minutes", "acquired"),
    [
        pytest.param(False, 1, True, id="its run has ended"),
        pytest.param(True, 60, False, id="its run goes on past its time"),
        pytest.param(None, 1, False, id="unknown, in time"),
        pytest.param(None, 60, True, id="unknown, past its time"),
    ],
)
def test_what_is_known_of_the_owners_run_decides_first(ada, remote, tmp_path, alive, minutes, acquired) -> None:
    asked: list[Claim] = []
    bob = new_store(remote, tmp_path / "bob", is_alive=lambda held: asked.append(held) or alive)
    ada.acquire(claim("ada-1"))
    assert bob.attempt(claim("bob-1", at=NOW + minutes * MINUTE)).acquired is acquired
    assert asked == [claim("ada-1")]


@pytest.mark.parametrize("kind", ["commit", "blob"])
def test_an_unreadable_lock_blocks_whoever_asks_until_it_is_removed(remote, tmp_path, kind) -> None:
    bob = new_store(remote, tmp_path / "bob", is_alive=lambda _: pytest.fail("nobody can tell whose it is"))
    name = "main" if kind == "commit" else "main:README.md"
    git("update-ref", LOCK, git("rev-parse", name, cwd=remote), cwd=remote)
    holder = bob.acquire(claim("bob-1", at=NOW + 10_000 * MINUTE))
    assert holder is not None
    assert holder.unreadable
    assert "cannot be read" in holder.reason
    bob.release(holder)
    assert LOCK not in refs(remote)


def test_an_unreadable_lock_that_has_changed_is_not_removed(bob, remote) -> None:
    git("update-ref", LOCK, "main", cwd=remote)
    holder = bob.holder("prod")
    git("update-ref", LOCK, git("rev-parse", "main:README.md", cwd=remote), cwd=remote)
    with pytest.raises(MovedError):
        bob.release(holder)
    assert LOCK in refs(remote)


@pytest.mark.parametrize("dead_before", [False, True], ids=["free", "past its time"])
def test_of_many_who_ask_at_once_exactly_one_has_the_lock(ada, remote, tmp_path, dead_before) -> None:
    later = NOW + 60 * MINUTE
    if dead_before:
        ada.acquire(claim("ada-1"))
    stores = [new_store(remote, tmp_path / f"clone-{number}") for number in range(8)]
    start = threading.Barrier(8)

    def ask(number: int):
        start.wait()
        return stores[number].attempt(claim(f"c{number}-1", at=later))

    with ThreadPoolExecutor(8) as pool:
        attempts = list(pool.map(ask, range(8)))
    winners = [number for number, attempt in enumerate(attempts) if attempt.acquired]
    assert len(winners) == 1
    assert (attempts[winners[0]].took_over is not None) is dead_before
    holder = ada.holder("prod")
    assert holder is not None
    assert holder.claim_id == f"c{winners[0]}-1"
    assert {attempt.holder.claim_id for attempt in attempts if attempt.holder} == {holder.claim_id}


def test_a_claim_that_arrived_although_the_connection_broke_is_ours(ada, bob, remote) -> None:
    install_hook(remote, "post-update", "rm hooks/post-update; kill -9 $PPID")
    assert ada.acquire(claim("ada-1")) is None
    assert bob.holder("prod") == claim("ada-1")
    ada.release(claim("ada-1"))
    assert bob.holder("prod") is None


def test_a_renewal_that_arrived_although_the_connection_broke_is_done(ada, bob, remote) -> None:
    ada.acquire(claim("ada-1"))
    install_hook(remote, "post-update", "rm hooks/post-update; kill -9 $PPID")
    longer = ada.renew(claim("ada-1"), now=NOW + MINUTE)
    assert bob.holder("prod") == longer


def test_a_remote_that_lets_nobody_write_is_told(ada, remote) -> None:
    install_hook(remote, "pre-receive", "exit 1")
    with pytest.raises(PushRefusedError):
        ada.acquire(claim("ada-1"))


def test_a_remote_that_fails_is_told_and_nobody_has_the_lock(ada, bob, remote) -> None:
    install_hook(remote, "pre-receive", "kill -9 $PPID")
    with pytest.raises(RemoteError):
        ada.acquire(claim("ada-1"))
    assert bob.holder("prod") is None


@pytest.mark.parametrize("name", ["", "../main", "a b", "x.lock", "a\nb"])
def test_what_cannot_be_a_lock_is_refused(ada, name) -> None:
    with pytest.raises(ConfigurationError):
        ada.acquire(claim("ada-1", name=name))


def test_a_lock_is_acquired_in_a_shallow_checkout(remote, tmp_path, ada) -> None:
    store = GitStateStore(clone(remote, tmp_path / "shallow", depth=1))
    assert store.acquire(claim("bob-1")) is None
    assert ada.acquire(claim("ada-1")) == claim("bob-1")
    store.release(store.renew(claim("bob-1"), now=NOW))
    assert ada.acquire(claim("ada-1")) is None
