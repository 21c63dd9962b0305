"""Snapshots as tags: pushed before they count, never changed, read back by a clone that never saw them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.git_repositories import bare_remote, clone, commit_files, files_of, git, install_hook, isolate_git, refs

from workflowops.errors import BlockedError, ConfigurationError, PushRefusedError, RemoteError
from workflowops.io.git_remote import Backoff
from workflowops.io.snapshots import GitSnapshots

TAG = "refs/tags/snapshots/promo-7-pre"
FILES = {"snapshot.json": b'{"form": 1}\n', "workflows/a.json": b"{}\n", "workflows/~b.json": "ü\n".encode()}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare_remote(tmp_path)


@pytest.fixture
def here(remote: Path, tmp_path: Path) -> Path:
    return clone(remote, tmp_path / "here")


def snapshots(path: Path, **options) -> GitSnapshots:
    """Snapshots through a clone that does not wait between tries."""
    return GitSnapshots(path, backoff=Backoff(sleep=lambda _: None), **options)


def save(path: Path, files=None, *, name: str = "promo-7-pre") -> str:
    return snapshots(path).save(name, (FILES if files is None else files).items(), message="Before promo-7 into prod")


def test_the_commit_is_answered_once_the_remote_has_its_tag(here: Path, remote: Path) -> None:
    commit = save(here)
    assert refs(remote)[TAG] == commit
    assert files_of(remote, TAG) == FILES


def test_the_commit_has_no_parent_and_says_what_it_is(here: Path, remote: Path) -> None:
    save(here)
    assert git("log", "--format=%P%s", TAG, cwd=remote) == "Before promo-7 into prod"


def test_another_clone_reads_it(here: Path, remote: Path, tmp_path: Path) -> None:
    save(here)
    assert snapshots(clone(remote, tmp_path / "there")).load("promo-7-pre") == FILES


def test_a_shallow_clone_saves_and_reads(here: Path, remote: Path, tmp_path: Path) -> None:
    commit_files(here, {"second.txt": b"2"})
    shallow = clone(remote, tmp_path / "shallow", depth=1)
    commit = save(shallow)
    assert refs(remote)[TAG] == commit
    assert snapshots(clone(remote, tmp_path / "other", depth=1)).load("promo-7-pre") == FILES


def test_the_one_that_saved_it_reads_it(here: Path) -> None:
    save(here)
    assert snapshots(here).load("promo-7-pre") == FILES


def test_a_tag_that_was_moved_is_refused_by_who_knows_its_commit(here: Path, remote: Path) -> None:
    commit = save(here)
    forged = save(here, {"snapshot.json": b"{}\n"}, name="forged")
    assert snapshots(here).load("promo-7-pre", commit=commit) == FILES
    git("push", "--quiet", "--force", "origin", f"{forged}:{TAG}", cwd=here)
    with pytest.raises(BlockedError, match="somebody moved it") as caught:
        snapshots(here).load("promo-7-pre", commit=commit)
    assert commit in caught.value.fix
    git("push", "--quiet", "--force", "origin", f"{commit}:{TAG}", cwd=here)
    assert snapshots(here).load("promo-7-pre", commit=commit) == FILES


def test_a_tag_that_became_an_object_of_its_own_still_names_its_commit(here: Path, remote: Path) -> None:
    commit = save(here)
    git("tag", "--force", "-a", "-m", "by hand", "snapshots/promo-7-pre", commit, cwd=remote)
    assert snapshots(here).load("promo-7-pre", commit=commit) == FILES


def test_a_snapshot_that_is_not_there_is_none(here: Path) -> None:
    assert snapshots(here).load("promo-8-pre") is None


def test_nothing_of_the_user_is_touched(here: Path, remote: Path) -> None:
    (here / "unsaved.txt").write_text("mine")
    before = {name: oid for name, oid in refs(here).items() if not name.startswith("refs/workflowops/")}
    elsewhere = refs(remote)
    save(here)
    snapshots(here).load("promo-7-pre")
    after = {name: oid for name, oid in refs(here).items() if not name.startswith("refs/workflowops/")}
    assert after == before
    assert git("status", "--porcelain", cwd=here) == "?? unsaved.txt"
    assert {name: oid for name, oid in refs(remote).items() if name != TAG} == elsewhere


def test_no_ref_is_left_of_the_making(here: Path) -> None:
    save(here)
    assert not refs(here, "refs/workflowops/pending")


def test_the_same_snapshot_again_is_the_one_that_is_there(here: Path, remote: Path, tmp_path: Path) -> None:
    first = save(here)
    assert save(here) == first
    assert save(clone(remote, tmp_path / "there")) == first
    assert refs(remote)[TAG] == first


def test_another_snapshot_of_the_same_name_is_refused(here: Path, remote: Path, tmp_path: Path) -> None:
    first = save(here)
    with pytest.raises(BlockedError, match="holds something else"):
        save(clone(remote, tmp_path / "there"), {**FILES, "workflows/a.json": b"[]\n"})
    assert refs(remote)[TAG] == first
    assert files_of(remote, TAG) == FILES


def test_a_tag_that_only_this_checkout_has_does_not_count(here: Path, remote: Path) -> None:
    git("tag", "snapshots/promo-7-pre", cwd=here)
    assert snapshots(here).load("promo-7-pre") is None
    commit = save(here)
    assert refs(remote)[TAG] == commit


def test_a_push_that_arrived_although_its_answer_was_lost_counts(here: Path, remote: Path) -> None:
    install_hook(remote, "post-receive", "kill -9 $PPID")
    commit = save(here)
    assert refs(remote)[TAG] == commit


def test_a_push_whose_answer_is_lost_is_tried_again(here: Path, remote: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    install_hook(remote, "pre-receive", f"test -e {mark} || {{ touch {mark}; kill -9 $PPID; }}")
    commit = save(here)
    assert refs(remote)[TAG] == commit


def test_a_remote_that_never_answers_is_a_remote_error(here: Path, remote: Path) -> None:
    install_hook(remote, "pre-receive", "kill -9 $PPID")
    with pytest.raises(RemoteError) as caught:
        save(here)
    assert not isinstance(caught.value, PushRefusedError)
    assert TAG not in refs(remote)


def test_a_remote_that_refuses_tags_is_told_apart(here: Path, remote: Path) -> None:
    install_hook(remote, "pre-receive", "echo 'GH013: tags are protected' >&2; exit 1")
    with pytest.raises(PushRefusedError):
        save(here)
    assert TAG not in refs(remote)


def test_a_remote_that_is_gone_is_a_remote_error(here: Path, tmp_path: Path) -> None:
    nowhere = GitSnapshots(here, remote=str(tmp_path / "nowhere.git"), backoff=Backoff(sleep=lambda _: None))
    with pytest.raises(RemoteError):
        nowhere.save("promo-7-pre", FILES.items(), message="x")
    with pytest.raises(RemoteError):
        nowhere.load("promo-7-pre")


def test_what_fails_while_the_files_are_made_saves_nothing(here: Path, remote: Path) -> None:
    def broken() -> Iterator[tuple[str, bytes]]:
        yield "snapshot.json", b"{}"
        raise BlockedError("no more", fix="none")

    with pytest.raises(BlockedError, match="no more"):
        snapshots(here).save("promo-7-pre", broken(), message="x")
    assert TAG not in refs(remote)


def test_git_that_ends_in_the_middle_is_told_with_its_reason(here: Path, remote: Path) -> None:
    pack = here / ".git" / "objects" / "pack"
    shutil.rmtree(pack)
    pack.write_text("in the way")
    many = ((f"workflows/{number}.json", bytes(100_000)) for number in range(200))
    with pytest.raises(RemoteError, match=r"Git failed while storing a commit: .*pack"):
        snapshots(here).save("promo-7-pre", many, message="x")
    assert TAG not in refs(remote)


def test_what_both_snapshots_of_a_promotion_hold_is_kept_once(here: Path, remote: Path) -> None:
    big = {f"workflows/{number}.json": os.urandom(50_000) for number in range(20)}
    save(here, {**big, "snapshot.json": b"pre"})
    before = stored(here), stored(remote)
    save(here, {**big, "snapshot.json": b"post"}, name="promo-7-post")
    assert (stored(here) - before[0], stored(remote) - before[1]) < (50_000, 50_000)


def stored(repository: Path) -> int:
    """Bytes of all objects of a repository."""
    return sum(path.stat().st_size for path in repository.rglob("objects/**/*") if path.is_file())


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "../a", "a/../b", ".git/config", "a\nb", 'a"b', "a//b", "ü", " a"], ids=repr
)
def test_a_path_that_git_could_misread_is_refused(here: Path, remote: Path, path: str) -> None:
    with pytest.raises(ValueError, match="cannot be a path"):
        save(here, {path: b"x"})
    assert TAG not in refs(remote)


@pytest.mark.parametrize("name", ["", "..", "a b", "a..b", "-", "a.lock", "a~1", "/a"], ids=repr)
def test_a_name_that_cannot_be_a_tag_is_refused(here: Path, name: str) -> None:
    with pytest.raises(ConfigurationError):
        save(here, name=name)
    with pytest.raises(ConfigurationError):
        snapshots(here).load(name)


def test_a_tag_that_is_an_object_of_its_own_is_followed(here: Path, remote: Path) -> None:
    commit = save(here, name="promo-7-post")
    git("tag", "-a", "-m", "by hand", "snapshots/promo-7-pre", commit, cwd=remote)
    assert snapshots(here).load("promo-7-pre") == FILES
    assert save(here) == commit


def test_a_link_in_a_snapshot_is_refused(here: Path) -> None:
    (here / "link").symlink_to("README.md")
    git("add", "--all", cwd=here)
    git("commit", "--quiet", "--message", "A link", cwd=here)
    git("push", "--quiet", "origin", "HEAD:refs/tags/snapshots/promo-7-pre", cwd=here)
    with pytest.raises(RemoteError, match="link"):
        snapshots(here).load("promo-7-pre")


def test_content_of_any_kind_comes_back(here: Path) -> None:
    odd = {"a.bin": bytes(range(256)) * 4000, "b.txt": b"done\n", "c.txt": b"", "d.txt": b"M 100644 inline x\ndata 3\n"}
    save(here, odd)
    assert snapshots(here).load("promo-7-pre") == odd


def test_a_repository_of_the_other_object_format_works(tmp_path: Path) -> None:
    remote, here = tmp_path / "remote256.git", tmp_path / "here256"
    git("init", "--quiet", "--bare", "--object-format=sha256", str(remote), cwd=tmp_path)
    git("init", "--quiet", "--object-format=sha256", str(here), cwd=tmp_path)
    git("remote", "add", "origin", str(remote), cwd=here)
    commit = save(here)
    assert refs(remote)[TAG] == commit
    assert snapshots(here).load("promo-7-pre") == FILES
