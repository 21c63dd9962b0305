"""The remote: what is fetched disturbs nothing, and a ref moves only from where it was expected."""

import subprocess
from pathlib import Path

import pytest
from tests.git_repositories import bare_remote, clone, commit_files, git, install_hook, isolate_git, refs

from workflowops.errors import ConfigurationError, RemoteError
from workflowops.io.git import Git
from workflowops.io.git_commit import write_commit
from workflowops.io.git_remote import Backoff, GitRemote, PushStatus, check_ref_name


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return clone(bare_remote(tmp_path), tmp_path / "clone")


def test_fetching_leaves_the_users_repository_as_it_is(tmp_path: Path) -> None:
    remote = bare_remote(tmp_path)
    here, other = clone(remote, tmp_path / "here"), clone(remote, tmp_path / "other")
    tip = commit_files(other, {"a.json": b"a"})
    git("tag", "v1", cwd=other)
    git("push", "--quiet", "origin", "v1", cwd=other)
    before = refs(here)
    kept = GitRemote(Git(here), "origin").fetch("refs/heads/main")
    after = refs(here)
    assert kept is not None
    assert after.pop(kept) == tip
    assert after == before
    assert kept.startswith("refs/workflowops/")
    assert not (here / ".git" / "FETCH_HEAD").exists()


def test_a_ref_that_the_remote_lacks_is_none(repository: Path) -> None:
    assert GitRemote(Git(repository), "origin").fetch("refs/heads/none") is None


def test_a_push_moves_a_ref_only_from_where_it_was_expected(tmp_path: Path) -> None:
    remote = bare_remote(tmp_path)
    here = clone(remote, tmp_path / "here")
    there = GitRemote(Git(here), "origin")
    first = git("rev-parse", "HEAD", cwd=here)
    second = write_commit(Git(here), parent=first, edits={"a": b"a"}, message="a")
    assert there.push(second, "refs/heads/new", expected=first).status is PushStatus.MOVED
    assert there.push(second, "refs/heads/new", expected=None).status is PushStatus.DONE
    assert there.push(second, "refs/heads/other", expected=None).status is PushStatus.DONE
    assert there.push(first, "refs/heads/new", expected=None).status is PushStatus.MOVED
    assert there.push(None, "refs/heads/new", expected=first).status is PushStatus.MOVED
    assert refs(remote)["refs/heads/new"] == second
    assert there.push(None, "refs/heads/new", expected=second).status is PushStatus.DONE
    assert "refs/heads/new" not in refs(remote)


@pytest.mark.parametrize("hook", ["pre-push", "reference-transaction"])
def test_a_users_hook_is_not_run(repository: Path, hook: str) -> None:
    install_hook(repository / ".git", hook, "exit 1")
    commit = git("rev-parse", "HEAD", cwd=repository)
    remote = GitRemote(Git(repository), "origin")
    assert remote.push(commit, "refs/heads/x", expected=None).status is PushStatus.DONE
    assert remote.fetch("refs/heads/x") is not None


def test_reading_is_tried_again_when_the_network_fails_and_not_for_ever(repository: Path) -> None:
    waits: list[float] = []
    remote = GitRemote(Git(repository), "http://127.0.0.1:9/r.git", backoff=Backoff(sleep=waits.append))
    with pytest.raises(RemoteError) as caught:
        remote.fetch("refs/heads/main")
    assert type(caught.value) is RemoteError
    assert len(waits) == 2


def test_credentials_in_the_remotes_address_are_not_told(repository: Path) -> None:
    address = "http://octocat:hunter2@127.0.0.1:9/r.git"
    remote = GitRemote(Git(repository), address, backoff=Backoff(sleep=lambda _: None))
    with pytest.raises(RemoteError) as caught:
        remote.fetch("refs/heads/main")
    assert "hunter2" not in f"{caught.value} {caught.value.fix} {caught.value!r}"


def test_waits_grow_to_a_limit_and_are_spread_by_chance() -> None:
    waits: list[float] = []
    backoff = Backoff(sleep=waits.append, random=lambda: 0.5, first_seconds=1, longest_seconds=8)
    for attempt in range(6):
        backoff.wait(attempt)
    assert waits == [0.5, 1, 2, 4, 4, 4]


@pytest.mark.parametrize("name", ["", "-u", "a b", "--upload-pack=x", "a\nb"])
def test_what_cannot_be_a_remote_is_refused(repository: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        GitRemote(Git(repository), name)


@pytest.mark.parametrize(
    "name",
    ["", "-x", "a..b", "a b", "a.lock", "a/.b", "/a", "a/", "a//b", "a^b", "a:b", "@", "a@{1}", "a?", "a\\b", "a\n"],
)
def test_what_git_does_not_take_as_a_branch_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        check_ref_name(name, what="a branch", fix="no")
    assert subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False).returncode or name in {
        "-x",
        "@",
    }


@pytest.mark.parametrize("name", ["main", "feature/ümlaut", "renovate/a-1.x", "fix(x)", "a@b", "user/o'neil"])
def test_what_git_takes_as_a_branch_is_taken(name: str) -> None:
    assert check_ref_name(name, what="a branch", fix="no") == name
    assert subprocess.run(["git", "check-ref-format", f"refs/heads/{name}"], check=False).returncode == 0
