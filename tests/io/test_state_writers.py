"""Many writers of the state branch: a decision runs again exactly when it must, and nobody's change is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.git_repositories import bare_remote, clone, content_of, files_of, git, isolate_git, refs

from workflowops.errors import MovedError
from workflowops.io.git_remote import Backoff
from workflowops.io.state import GitStateStore

BRANCH = "refs/heads/workflowops-state"
JOBS = "environments/prod/jobs.json"
MAPPING = "environments/prod/mapping.json"
AT_ONCE = Backoff(sleep=lambda _: None)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare_remote(tmp_path)


@pytest.fixture
def store(remote: Path, tmp_path: Path) -> GitStateStore:
    return GitStateStore(clone(remote, tmp_path / "here"), backoff=AT_ONCE)


@pytest.fixture
def other(remote: Path, tmp_path: Path) -> GitStateStore:
    """Somebody else, with a clone of their own, who has written first."""
    other = GitStateStore(clone(remote, tmp_path / "other"), backoff=AT_ONCE)
    put(other, {JOBS: b"4", MAPPING: b"1"})
    return other


def put(store: GitStateStore, files: dict[str, bytes | None]) -> None:
    store.change(lambda _: files, message="Put files")


def count_up(view, path: str = JOBS) -> dict[str, bytes | None]:
    return {path: b"%d" % (int(view.read(path) or b"0") + 1)}


class Interrupted:
    """A decision that counts its runs, and a message that lets somebody else write between decision and push."""

    def __init__(self, decide, *meanwhile: Callable[[], object]) -> None:
        self._decide = decide
        self._meanwhile = list(meanwhile)
        self.runs = 0

    def decide(self, view):
        self.runs += 1
        return self._decide(view)

    def message(self) -> str:
        if self._meanwhile:
            self._meanwhile.pop(0)()
        return "Change"

    def carry_out(self, store: GitStateStore) -> str | None:
        return store.change(self.decide, message=self.message)


def test_a_writer_who_moved_what_was_not_seen_causes_no_second_decision(store, other, remote) -> None:
    change = Interrupted(count_up, lambda: put(other, {MAPPING: b"2"}), lambda: put(other, {"new.json": b"3"}))
    commit = change.carry_out(store)
    assert change.runs == 1
    assert files_of(remote, BRANCH) == {JOBS: b"5", MAPPING: b"2", "new.json": b"3"}
    assert refs(remote)[BRANCH] == commit


@pytest.mark.parametrize(
    ("decide", "elsewhere", "expected"),
    [
        pytest.param(count_up, {JOBS: b"7"}, {JOBS: b"8", MAPPING: b"1"}, id="a file that was read"),
        pytest.param(count_up, {JOBS: None}, {JOBS: b"1", MAPPING: b"1"}, id="a file that was read and is gone"),
        pytest.param(
            lambda view: {"sum": view.read("late") or b"-"},
            {"late": b"late"},
            {JOBS: b"4", MAPPING: b"1", "late": b"late", "sum": b"late"},
            id="a file that was read as absent",
        ),
        pytest.param(
            lambda view: {"sum": b"%d" % len(view.list("environments/"))},
            {"environments/dev/jobs.json": b"1"},
            {JOBS: b"4", MAPPING: b"1", "environments/dev/jobs.json": b"1", "sum": b"3"},
            id="a folder that was listed",
        ),
        pytest.param(
            lambda _: {MAPPING: b"9"}, {MAPPING: b"2"}, {JOBS: b"4", MAPPING: b"9"}, id="a file written without reading"
        ),
    ],
)
def test_a_writer_who_moved_what_was_seen_causes_a_second_decision(
    store, other, remote, decide, elsewhere, expected
) -> None:
    change = Interrupted(decide, lambda: put(other, elsewhere))
    change.carry_out(store)
    assert change.runs == 2
    assert files_of(remote, BRANCH) == expected


def test_a_listing_whose_names_are_the_same_stands(store, other) -> None:
    change = Interrupted(
        lambda view: {"sum": b"%d" % len(view.list("environments/"))}, lambda: put(other, {JOBS: b"5"})
    )
    change.carry_out(store)
    assert change.runs == 1


def test_what_was_read_counts_also_after_a_try_in_which_it_stood(store, other, remote) -> None:
    change = Interrupted(
        lambda view: {"copy": view.read(JOBS)}, lambda: put(other, {MAPPING: b"2"}), lambda: put(other, {JOBS: b"9"})
    )
    change.carry_out(store)
    assert change.runs == 2
    assert files_of(remote, BRANCH) == {JOBS: b"9", MAPPING: b"2", "copy": b"9"}


def test_a_second_decision_may_find_nothing_left_to_do(store, other, remote) -> None:
    change = Interrupted(
        lambda view: {} if view.read("done") else {"done": b"by me"}, lambda: put(other, {"done": b"by them"})
    )
    assert change.carry_out(store) is None
    assert content_of(remote, f"{BRANCH}:done") == b"by them"


def test_equal_changes_at_the_same_moment_are_two_commits(store, other, remote) -> None:
    """Same parent, content, author and second make the same commit, unless something tells them apart."""
    change = Interrupted(lambda _: {JOBS: b"5"}, lambda: put(other, {JOBS: b"5"}))
    assert change.carry_out(store) is None
    counting = Interrupted(count_up, lambda: other.change(count_up, message="Change"))
    counting.carry_out(store)
    assert content_of(remote, f"{BRANCH}:{JOBS}") == b"7"


def test_two_who_create_the_branch_at_once_both_arrive(remote, tmp_path, store) -> None:
    second = GitStateStore(clone(remote, tmp_path / "second"), backoff=AT_ONCE)
    change = Interrupted(lambda _: {"a": b"1"}, lambda: put(second, {"b": b"2"}))
    change.carry_out(store)
    assert files_of(remote, BRANCH) == {"a": b"1", "b": b"2"}
    assert git("rev-list", "--count", BRANCH, cwd=remote) == "2"


def test_a_branch_deleted_in_between_is_begun_anew_and_not_brought_back(store, other, remote) -> None:
    change = Interrupted(count_up, lambda: git("update-ref", "-d", BRANCH, cwd=remote))
    change.carry_out(store)
    assert change.runs == 2
    assert files_of(remote, BRANCH) == {JOBS: b"1"}


def test_a_branch_set_back_in_between_stays_set_back(store, other, remote) -> None:
    earlier = refs(remote)[BRANCH]
    put(other, {JOBS: b"damaged"})
    change = Interrupted(lambda view: {"seen": view.read(JOBS)}, lambda: git("update-ref", BRANCH, earlier, cwd=remote))
    change.carry_out(store)
    assert files_of(remote, BRANCH) == {JOBS: b"4", MAPPING: b"1", "seen": b"4"}


def test_who_is_always_too_late_is_told_after_a_bounded_time(store, other, remote) -> None:
    numbers = iter(range(1000))
    change = Interrupted(lambda _: {"mine": b"1"}, *[lambda: put(other, {JOBS: b"%d" % next(numbers)})] * 1000)
    with pytest.raises(MovedError):
        change.carry_out(store)
    assert "mine" not in files_of(remote, BRANCH)
    assert next(numbers) <= 50


def test_fifty_writers_at_once_lose_nothing(remote, tmp_path) -> None:
    """Five threads in each of ten clones: those of one clone also compete for its locks."""
    clones = [clone(remote, tmp_path / f"clone-{number}") for number in range(10)]
    start = threading.Barrier(50)

    def write(number: int) -> str | None:
        store = GitStateStore(clones[number % 10])
        start.wait()
        return store.change(
            lambda view: count_up(view, "shared") | count_up(view, f"writers/{number}"), message=f"Writer {number}"
        )

    with ThreadPoolExecutor(50) as pool:
        commits = list(pool.map(write, range(50)))
    files = files_of(remote, BRANCH)
    assert files.pop("shared") == b"50"
    assert files == {f"writers/{number}": b"1" for number in range(50)}
    assert len(set(commits)) == 50
    assert git("rev-list", "--count", BRANCH, cwd=remote) == "50"
