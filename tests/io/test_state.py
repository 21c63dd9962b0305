"""The state branch: what is written is read back, nothing else is touched, and every failure leaves it as it was."""

import shutil
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.git_repositories import (
    bare_remote,
    clone,
    commit_files,
    content_of,
    files_of,
    git,
    install_hook,
    isolate_git,
    refs,
)

from workflowops.errors import ConfigurationError, PushRefusedError, RemoteError, StateError
from workflowops.io.git_remote import Backoff
from workflowops.io.state import GitStateStore

BRANCH = "refs/heads/workflowops-state"
JOBS = "environments/prod/jobs.json"
MAPPING = "environments/prod/mapping.json"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare_remote(tmp_path)


@pytest.fixture
def store(remote: Path, tmp_path: Path) -> GitStateStore:
    return new_store(remote, tmp_path / "here")


def new_store(bare: Path, path: Path, **options) -> GitStateStore:
    """Make a store in a new clone that does not wait between tries, unless told."""
    if not path.exists():
        clone(bare, path)
    options.setdefault("backoff", Backoff(sleep=lambda _: None))
    return GitStateStore(path, **options)


def put(store: GitStateStore, files: dict[str, bytes | None], message: str = "Put files") -> str | None:
    return store.change(lambda _: files, message=message)


def count_up(view, path: str = JOBS) -> dict[str, bytes]:
    return {path: b"%d" % (int(view.read(path) or b"0") + 1)}


# ── reading and writing ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_branch_that_is_not_there_is_an_empty_view(store: GitStateStore) -> None:
    view = store.view()
    assert (view.tip, view.read(JOBS), view.list("")) == (None, None, ())


def test_a_remote_without_any_commit_is_an_empty_view_and_can_be_written(tmp_path: Path) -> None:
    remote = bare_remote(tmp_path, files={})
    store = new_store(remote, tmp_path / "here")
    assert store.view().tip is None
    assert put(store, {JOBS: b"{}"}) == refs(remote)[BRANCH]


def test_the_first_change_makes_an_orphan_commit(store: GitStateStore, remote: Path) -> None:
    commit = put(store, {JOBS: b"{}"}, message="Sync prod")
    assert refs(remote)[BRANCH] == commit
    assert files_of(remote, BRANCH) == {JOBS: b"{}"}
    title, mark, parents = git("log", "--format=%s|%b|%P", BRANCH, cwd=remote).split("|")
    assert (title, parents) == ("Sync prod", "")
    assert mark.startswith("Workflowops-Change: ")


def test_a_view_reads_and_lists_what_was_written(store: GitStateStore) -> None:
    put(store, {JOBS: b"\0\xff", MAPPING: b"", "canonical.json": b"{}"})
    view = store.view()
    assert view.read(JOBS) == b"\0\xff"
    assert view.read(MAPPING) == b""
    assert view.list("environments/prod/") == (JOBS, MAPPING)
    assert view.list("environments/prod/m") == (MAPPING,)
    assert view.list("c") == ("canonical.json",)
    assert view.list("none/") == ()


def test_a_change_edits_its_paths_and_preserves_everything_else(
    store: GitStateStore, remote: Path, tmp_path: Path
) -> None:
    put(store, {JOBS: b"1", MAPPING: b"1", "canonical.json": b"1"})
    other = clone(remote, tmp_path / "other")
    git("checkout", "--quiet", "workflowops-state", cwd=other)
    (other / "link").symlink_to("nowhere")
    (other / "environments" / "run.sh").write_bytes(b"#!/bin/sh")
    (other / "environments" / "run.sh").chmod(0o755)
    commit_files(other, {'odd "name\n.json': b"odd", "environments/\udcff.txt": b"bytes", ".hidden/x": b"hidden"})
    before = git("rev-parse", BRANCH, cwd=remote)
    commit = put(store, {JOBS: b"2", MAPPING: None, "environments/dev/jobs.json": b"new"})
    changed = git("diff", "--name-status", "--no-renames", before, commit or "", cwd=remote).splitlines()
    assert changed == ["A\tenvironments/dev/jobs.json", f"M\t{JOBS}", f"D\t{MAPPING}"]
    assert git("rev-parse", f"{commit}^", cwd=remote) == before
    git("fsck", "--strict", cwd=remote)
    assert store.view().list("") == ("canonical.json", "environments/dev/jobs.json", JOBS, "environments/run.sh")


def test_writing_what_stands_there_already_makes_no_commit(store: GitStateStore, remote: Path) -> None:
    first = put(store, {JOBS: b"1", MAPPING: b"1"})
    assert put(store, {JOBS: b"1", MAPPING: b"1"}) is None
    assert put(store, {"absent.json": None}) is None
    assert put(store, {}) is None
    assert refs(remote)[BRANCH] == first


def test_the_message_is_made_after_the_decision(store: GitStateStore, remote: Path) -> None:
    said: list[str] = []
    store.change(lambda _: said.append("Synced 3 workflows") or {JOBS: b"1"}, message=lambda: said[-1])
    assert git("log", "-1", "--format=%s", BRANCH, cwd=remote) == "Synced 3 workflows"


def test_the_users_checkout_stays_as_it_is(store: GitStateStore, tmp_path: Path) -> None:
    here = tmp_path / "here"
    (here / "README.md").write_bytes(b"edited")
    (here / "staged.json").write_bytes(b"staged")
    git("add", "staged.json", cwd=here)
    index = (here / ".git" / "index").read_bytes()
    put(store, {JOBS: b"1"})
    put(store, {JOBS: b"2"})
    store.view()
    assert (here / ".git" / "index").read_bytes() == index
    assert sorted(git("status", "--porcelain", cwd=here).splitlines()) == [" M README.md", "A  staged.json"]
    assert git("branch", "--list", cwd=here) == "* main"
    assert refs(here, "refs/workflowops/pending") == {}


def test_a_shallow_checkout_is_enough_and_fetches_one_commit(remote: Path, tmp_path: Path) -> None:
    full = new_store(remote, tmp_path / "full")
    for number in range(5):
        put(full, {JOBS: b"%d" % number})
    here = clone(remote, tmp_path / "shallow", depth=1)
    store = new_store(remote, here)
    assert store.change(count_up, message="Up") == refs(remote)[BRANCH]
    assert store.change(count_up, message="Up") == refs(remote)[BRANCH]
    assert content_of(remote, f"{BRANCH}:{JOBS}") == b"6"
    assert git("rev-list", "--count", BRANCH, cwd=remote) == "7"
    assert int(git("rev-list", "--count", "--glob=refs/workflowops/fetched", cwd=here)) <= 3


def test_a_full_clone_is_not_cut(store: GitStateStore, remote: Path, tmp_path: Path) -> None:
    for number in range(3):
        put(store, {JOBS: b"%d" % number})
    full = clone(f"file://{remote}", tmp_path / "full")
    git("update-ref", "-d", "refs/remotes/origin/workflowops-state", cwd=full)
    new_store(remote, full).view()
    assert git("rev-parse", "--is-shallow-repository", cwd=full) == "false"
    assert git("rev-list", "--count", "--glob=refs/workflowops/fetched", cwd=full) == "3"


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", ".git/config", "a/.git", "a\\b", 'a"b', "a\nb", "a\0b"]
)
def test_a_path_that_leaves_the_branch_is_refused(store: GitStateStore, remote: Path, path: str) -> None:
    put(store, {JOBS: b"1"})
    before = refs(remote)
    with pytest.raises(StateError):
        put(store, {path: b"x"})
    with pytest.raises(StateError):
        store.view().read(path)
    assert refs(remote) == before


def test_what_is_no_file_or_no_folder_is_refused_and_left(store: GitStateStore, remote: Path, tmp_path: Path) -> None:
    put(store, {JOBS: b"1"})
    other = clone(remote, tmp_path / "other")
    git("checkout", "--quiet", "workflowops-state", cwd=other)
    (other / "canonical.json").symlink_to("elsewhere")
    before = commit_files(other, {})
    with pytest.raises(StateError, match="not a file"):
        store.view().read("canonical.json")
    with pytest.raises(StateError, match="not a file"):
        put(store, {"environments/prod": b"x"})
    with pytest.raises(StateError, match="not a folder"):
        put(store, {f"{JOBS}/x": b"x"})
    assert refs(remote)[BRANCH] == before


@pytest.mark.parametrize("branch", ["", "-x", "a b", "a..b", "x.lock"])
def test_what_cannot_be_a_branch_is_refused(tmp_path: Path, branch: str) -> None:
    with pytest.raises(ConfigurationError):
        GitStateStore(tmp_path, branch=branch)


# ── what fails ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_hook_that_declines_is_a_refusal_and_is_not_tried_again(store: GitStateStore, remote: Path) -> None:
    install_hook(remote, "pre-receive", "echo asked >> asked; echo 'no state here' >&2; exit 1")
    with pytest.raises(PushRefusedError, match="no state here") as caught:
        put(store, {JOBS: b"1"})
    assert "contents: write" in caught.value.fix
    assert (remote / "asked").read_text() == "asked\n"
    assert BRANCH not in refs(remote)


def test_a_remote_that_is_gone_is_told(store: GitStateStore, remote: Path) -> None:
    put(store, {JOBS: b"1"})
    shutil.rmtree(remote)
    for call in (store.view, lambda: put(store, {JOBS: b"2"})):
        with pytest.raises(RemoteError) as caught:
            call()
        assert type(caught.value) is RemoteError
        assert "git remote -v" in caught.value.fix


def test_a_folder_that_is_no_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        GitStateStore(tmp_path).view()


def test_a_remote_that_is_not_configured_is_told(remote: Path, tmp_path: Path) -> None:
    with pytest.raises(RemoteError, match="upstream"):
        new_store(remote, tmp_path / "here", remote="upstream").view()


def test_a_branch_in_the_way_is_told(store: GitStateStore, remote: Path) -> None:
    git("branch", "workflowops-state/old", "main", cwd=remote)
    with pytest.raises(ConfigurationError, match="workflowops-state"):
        put(store, {JOBS: b"1"})


def test_dying_between_storing_and_pushing_leaves_the_remote_as_it_was(store: GitStateStore, remote: Path) -> None:
    put(store, {JOBS: b"1"})
    before = refs(remote)
    install_hook(remote, "pre-receive", "echo asked >> asked; kill -9 $PPID")
    with pytest.raises(RemoteError):
        put(store, {JOBS: b"2"})
    assert refs(remote) == before
    assert (remote / "asked").read_text().count("asked") == 3
    (remote / "hooks" / "pre-receive").unlink()
    assert store.change(count_up, message="Up") == refs(remote)[BRANCH]
    assert content_of(remote, f"{BRANCH}:{JOBS}") == b"2"


def test_a_push_that_arrived_although_the_connection_broke_is_not_done_twice(
    store: GitStateStore, remote: Path, tmp_path: Path
) -> None:
    put(store, {JOBS: b"1"})
    install_hook(remote, "post-update", "rm hooks/post-update; kill -9 $PPID")
    runs: list[None] = []
    commit = store.change(lambda view: runs.append(None) or count_up(view), message="Up")
    assert (commit, len(runs)) == (refs(remote)[BRANCH], 1)
    assert content_of(remote, f"{BRANCH}:{JOBS}") == b"2"


def test_an_object_that_the_repository_lost_is_told(store: GitStateStore, tmp_path: Path) -> None:
    put(store, {JOBS: b"lost"})
    oid = git("hash-object", "--stdin", cwd=tmp_path, given=b"lost")
    (tmp_path / "here" / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(StateError, match=oid):
        store.view().read(JOBS)


def test_a_decision_that_fails_writes_nothing(store: GitStateStore, remote: Path) -> None:
    def decide(_):
        raise StateError("mapping.json is of schema 9", fix="Update.")

    with pytest.raises(StateError, match="schema 9"):
        store.change(decide, message="Never")
    assert BRANCH not in refs(remote)


# ── over http ───────────────────────────────────────────────────────────────────────────────────────────────────────


class OldFashionedServer(SimpleHTTPRequestHandler):
    """Serves a bare repository's files, which git can fetch from, and answers a push as it is told."""

    push_status = 403

    def do_GET(self) -> None:
        if "git-receive-pack" in self.path:
            self.send_error(self.push_status)
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path, *, push_status: int):
    kind = type("Server", (OldFashionedServer,), {"push_status": push_status})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(403, PushRefusedError, id="forbidden"),
        pytest.param(401, PushRefusedError, id="without credentials"),
        pytest.param(503, RemoteError, id="out of order"),
    ],
)
def test_being_refused_over_http_is_told_apart_from_a_failing_server(
    remote: Path, tmp_path: Path, status: int, expected: type
) -> None:
    git("update-server-info", cwd=remote)
    with served(tmp_path, push_status=status) as address:
        store = new_store(remote, tmp_path / "here", remote=f"{address}/{remote.name}")
        assert store.view().tip is None
        with pytest.raises(expected) as caught:
            put(store, {JOBS: b"1"})
    assert type(caught.value) is expected
    assert BRANCH not in refs(remote)


def test_a_port_where_nobody_listens_is_no_refusal(remote: Path, tmp_path: Path) -> None:
    store = new_store(remote, tmp_path / "here", remote="http://127.0.0.1:9/r.git")
    with pytest.raises(RemoteError) as caught:
        put(store, {JOBS: b"1"})
    assert type(caught.value) is RemoteError
