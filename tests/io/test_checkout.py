"""The user's repository: what a commit holds is read whole, and files reach a branch without harm to anybody's work."""

import subprocess
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

from workflowops.errors import BlockedError, ConfigurationError, MovedError, PushRefusedError, RemoteError
from workflowops.io.checkout import LARGEST_FILE, CommittedFiles, GitRepository, ProposedFiles, TreeFile
from workflowops.io.git_remote import Backoff

MAIN = "refs/heads/main"
AT_ONCE = Backoff(sleep=lambda _: None)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return bare_remote(tmp_path, files={"workflowops.yml": b"version: 1\n", "dev/a.json": b"{}"})


@pytest.fixture
def here(remote: Path, tmp_path: Path) -> Path:
    return clone(remote, tmp_path / "here")


@pytest.fixture
def repository(here: Path) -> GitRepository:
    return GitRepository(here, backoff=AT_ONCE)


@pytest.fixture
def other(remote: Path, tmp_path: Path) -> Path:
    """Somebody else's clone."""
    return clone(remote, tmp_path / "other")


def move_meanwhile(remote: Path, other: Path, files: dict[str, bytes]) -> str:
    """Let somebody else's commit become the tip of main exactly while the next push is received; answer the commit."""
    theirs = commit_files(other, files, push=False)
    git("push", "--quiet", "origin", "HEAD:theirs", cwd=other)
    swap = f"git update-ref {MAIN} refs/heads/theirs"
    install_hook(remote, "pre-receive", f"rm hooks/pre-receive; unset GIT_QUARANTINE_PATH; {swap}")
    return theirs


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("ref", ["HEAD", "main", "origin/main", "v1", "refs/tags/v1", "annotated"])
def test_a_ref_is_resolved_to_its_commit(repository: GitRepository, here: Path, ref: str) -> None:
    git("tag", "v1", cwd=here)
    git("tag", "--annotate", "--message", "x", "annotated", cwd=here)
    head = git("rev-parse", "HEAD", cwd=here)
    assert repository.resolve(ref) == head
    assert repository.resolve(head[:10]) == head


@pytest.mark.parametrize(
    "ref", ["", "none", "-n1", "--all", "HEAD:dev", "HEAD:dev/a.json", "a\0b", "main..HEAD", "0" * 40]
)
def test_what_is_no_commit_is_told(repository: GitRepository, ref: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        repository.resolve(ref)
    assert "--ref" in caught.value.fix


def test_a_commit_beyond_a_shallow_clone_is_told_with_the_way_to_get_it(
    here: Path, remote: Path, tmp_path: Path
) -> None:
    first = git("rev-parse", "HEAD", cwd=here)
    commit_files(here, {"dev/b.json": b"{}"})
    shallow = GitRepository(clone(remote, tmp_path / "shallow", depth=1))
    assert shallow.resolve("HEAD")
    with pytest.raises(ConfigurationError, match="cut off") as caught:
        shallow.resolve(first)
    assert "fetch-depth: 0" in caught.value.fix


def test_a_repository_without_a_commit_is_told(tmp_path: Path) -> None:
    git("init", "--quiet", str(tmp_path / "new"), cwd=tmp_path)
    with pytest.raises(ConfigurationError):
        GitRepository(tmp_path / "new").resolve("HEAD")


def test_the_tip_of_the_default_branch_is_read_although_the_clone_lacks_it(
    repository: GitRepository, here: Path, other: Path
) -> None:
    before = refs(here)
    assert repository.default_tip() == git("rev-parse", "HEAD", cwd=here)
    theirs = commit_files(other, {"dev/b.json": b"{}"})
    assert repository.default_tip() == theirs
    assert [file.path for file in repository.tree(theirs, "dev")] == ["dev/a.json", "dev/b.json"]
    assert git("rev-parse", "HEAD", cwd=here) != theirs
    kept = {name: commit for name, commit in refs(here).items() if not name.startswith("refs/workflowops/")}
    assert kept == before


def test_the_tip_is_read_by_a_shallow_clone_which_keeps_the_history_that_it_has(
    here: Path, remote: Path, tmp_path: Path
) -> None:
    commit_files(here, {"dev/b.json": b"{}"})
    shallow = clone(remote, tmp_path / "shallow", depth=2)
    last = commit_files(here, {"dev/c.json": b"{}"})
    repository = GitRepository(shallow, backoff=AT_ONCE)
    assert repository.default_tip() == last
    assert repository.first_parents("HEAD^1", "HEAD") == (git("rev-parse", "HEAD", cwd=shallow),)


def test_a_remote_without_its_default_branch_has_no_tip(repository: GitRepository, remote: Path) -> None:
    git("symbolic-ref", "HEAD", "refs/heads/gone", cwd=remote)
    assert repository.default_tip() is None


def test_what_came_to_a_branch_is_one_commit_for_each_merge(repository: GitRepository, here: Path) -> None:
    base = git("rev-parse", "HEAD", cwd=here)
    direct = commit_files(here, {"dev/b.json": b"{}"})
    git("switch", "--quiet", "--create", "change", cwd=here)
    commit_files(here, {"dev/c.json": b"{}"}, push=False)
    commit_files(here, {"dev/d.json": b"{}"}, push=False)
    git("switch", "--quiet", "main", cwd=here)
    git("merge", "--quiet", "--no-ff", "--message", "Merge", "change", cwd=here)
    merge = git("rev-parse", "HEAD", cwd=here)
    assert repository.first_parents(base, "HEAD") == (merge, direct)
    assert repository.first_parents(merge, "HEAD") == ()


def test_a_base_that_is_not_behind_the_commit_is_told(repository: GitRepository, here: Path) -> None:
    commit_files(here, {"dev/b.json": b"{}"})
    with pytest.raises(BlockedError, match="is not behind") as caught:
        repository.first_parents("HEAD", "HEAD^1")
    assert "--base" in caught.value.fix


@pytest.mark.parametrize(("count", "is_listed"), [(250, True), (251, False)])
def test_no_more_than_250_commits_are_looked_at(repository: GitRepository, here: Path, count, is_listed) -> None:
    base = git("rev-parse", "HEAD", cwd=here)
    author = "A <a@example.com> 1700000000 +0000"
    lines = []
    for number in range(count):
        lines += ["commit refs/heads/long", f"committer {author}", "data 1", "x"]
        lines += [f"from {base}"] if number == 0 else []
    subprocess.run(["git", "fast-import", "--quiet"], cwd=here, input="\n".join([*lines, ""]).encode(), check=True)
    if is_listed:
        assert len(repository.first_parents(base, "long")) == count
    else:
        with pytest.raises(BlockedError, match="More than 250"):
            repository.first_parents(base, "long")


def test_a_folder_is_listed_with_everything_below_it_and_nothing_beside_it(
    here: Path, repository: GitRepository
) -> None:
    commit = commit_files(
        here, {"dev/sub/ü b.json": b"123", "dev/[x]*.json": b"", "dev2/c.json": b"{}", "README": b"dev/x"}
    )
    paths = {file.path: file.size for file in repository.tree(commit, "dev")}
    assert paths == {"dev/a.json": 2, "dev/sub/ü b.json": 3, "dev/[x]*.json": 0}
    assert repository.tree(commit, "dev/") == repository.tree(commit, "dev")
    assert [file.path for file in repository.tree(commit, "dev/sub")] == ["dev/sub/ü b.json"]
    assert repository.tree(commit, "none") == ()
    assert repository.tree(commit, "dev/*") == ()
    assert len(repository.tree(commit, ".")) == 6


def test_a_listing_names_the_content_that_is_then_read(repository: GitRepository) -> None:
    (file,) = repository.tree(repository.resolve("HEAD"), "dev")
    assert file == TreeFile("dev/a.json", "9e26dfeeb6e641a33dae4961196235bdb965b21b", 2)
    assert list(repository.blobs([file.blob, file.blob])) == [(file.blob, b"{}")] * 2


def test_the_work_tree_does_not_matter(here: Path, repository: GitRepository) -> None:
    commit = repository.resolve("HEAD")
    (here / "dev" / "a.json").write_bytes(b"edited")
    (here / "dev" / "new.json").write_bytes(b"new")
    inside = GitRepository(here / "dev")
    assert inside.tree(commit, "dev") == repository.tree(commit, "dev") == (repository.tree(commit, "dev")[0],)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("dev/b.json", "a.json", id="a workflow that is a link"),
        pytest.param("dev/more", "../prod", id="a folder that is a link"),
    ],
)
def test_a_link_that_could_hide_a_workflow_is_refused(here: Path, repository, link: str, target: str) -> None:
    (here / link).symlink_to(target)
    with pytest.raises(ConfigurationError, match=f"{link} is a symbolic link"):
        repository.tree(commit_files(here, {}), "dev")


def test_a_link_of_another_kind_is_passed_over(here: Path, repository: GitRepository) -> None:
    (here / "dev" / "README.md").symlink_to("../README.md")
    assert [file.path for file in repository.tree(commit_files(here, {}), "dev")] == ["dev/a.json"]


def test_an_environment_that_is_a_link_is_refused(here: Path, repository: GitRepository) -> None:
    (here / "prod").symlink_to("dev")
    with pytest.raises(ConfigurationError, match="prod is not a folder"):
        repository.tree(commit_files(here, {}), "prod")


def test_a_submodule_among_the_workflows_is_refused(here: Path, repository: GitRepository) -> None:
    head = git("rev-parse", "HEAD", cwd=here)
    git("update-index", "--add", "--cacheinfo", f"160000,{head},dev/module", cwd=here)
    git("commit", "--quiet", "--message", "Module", cwd=here)
    with pytest.raises(ConfigurationError, match="dev/module is a submodule"):
        repository.tree("HEAD", "dev")


def test_a_workflow_whose_name_is_not_utf8_is_refused_and_another_file_passed_over(here: Path, repository) -> None:
    assert len(repository.tree(commit_files(here, {"dev/\udcff.txt": b""}), "dev")) == 1
    with pytest.raises(ConfigurationError, match=r"dev/\\xff.json is not UTF-8"):
        repository.tree(commit_files(here, {"dev/\udcff.json": b""}), "dev")


def test_a_file_that_is_too_large_is_told_and_not_read(here: Path, repository: GitRepository) -> None:
    commit = commit_files(here, {"dev/huge.json": b" " * (LARGEST_FILE + 1)}, push=False)
    (huge,) = [file for file in repository.tree(commit, "dev") if file.size > LARGEST_FILE]
    with pytest.raises(ConfigurationError, match=str(LARGEST_FILE)):
        list(repository.blobs([huge.blob]))


# ── committing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_files_are_committed_onto_the_branch_and_the_checkout_follows(repository, here: Path, remote: Path) -> None:
    before = git("rev-parse", "HEAD", cwd=here)
    done = repository.commit_files({"dev/b.json": b"b", "dev/b.wfo.json": b"{}"}, message="Onboard b")
    assert done == CommittedFiles(refs(remote)[MAIN], "main", fast_forwarded=True)
    assert git("log", "-1", "--format=%s|%P|%an", MAIN, cwd=remote) == f"Onboard b|{before}|workflowops"
    assert git("rev-parse", "HEAD", cwd=here) == done.commit
    assert (here / "dev" / "b.json").read_bytes() == b"b"
    assert git("status", "--porcelain", cwd=here) == ""


def test_changes_of_the_user_elsewhere_are_kept(repository: GitRepository, here: Path) -> None:
    (here / "workflowops.yml").write_bytes(b"edited")
    (here / "dev" / "mine.json").write_bytes(b"mine")
    (here / "staged").write_bytes(b"staged")
    git("add", "staged", cwd=here)
    assert repository.commit_files({"dev/b.json": b"b"}, message="Onboard").fast_forwarded
    assert sorted(git("status", "--porcelain", cwd=here).splitlines()) == [
        " M workflowops.yml",
        "?? dev/mine.json",
        "A  staged",
    ]
    assert "staged" not in files_of(here, "HEAD")


def test_a_file_of_the_user_in_the_way_keeps_the_checkout_where_it_is(repository, here: Path, remote: Path) -> None:
    before = git("rev-parse", "HEAD", cwd=here)
    (here / "dev" / "b.json").write_bytes(b"mine")
    done = repository.commit_files({"dev/b.json": b"theirs"}, message="Onboard")
    assert not done.fast_forwarded
    assert (here / "dev" / "b.json").read_bytes() == b"mine"
    assert git("rev-parse", "HEAD", cwd=here) == before
    assert refs(remote)[MAIN] == done.commit


def test_local_commits_that_were_not_pushed_stay_where_they_are(repository, here: Path, remote: Path) -> None:
    local = commit_files(here, {"dev/local.json": b"local"}, push=False)
    git("config", "user.name", "Ada", cwd=here)
    git("config", "user.email", "ada@example.com", cwd=here)
    done = repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert not done.fast_forwarded
    assert git("rev-parse", "HEAD", cwd=here) == local
    assert "dev/local.json" not in files_of(remote, MAIN)


def test_a_branch_that_moved_before_is_built_upon(repository, here: Path, other: Path, remote: Path) -> None:
    theirs = commit_files(other, {"dev/c.json": b"c"})
    done = repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert done.fast_forwarded
    assert git("rev-parse", f"{done.commit}^", cwd=remote) == theirs
    assert (here / "dev" / "c.json").read_bytes() == b"c"


def test_a_branch_that_moves_meanwhile_is_built_upon_again(repository, here: Path, other: Path, remote: Path) -> None:
    theirs = move_meanwhile(remote, other, {"dev/c.json": b"c"})
    done = repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert git("rev-parse", f"{done.commit}^", cwd=remote) == theirs
    assert done.fast_forwarded
    assert (here / "dev" / "c.json").read_bytes() == b"c"


def test_a_file_that_somebody_else_adds_meanwhile_is_not_overwritten(repository, other: Path, remote: Path) -> None:
    theirs = move_meanwhile(remote, other, {"dev/b.json": b"theirs"})
    with pytest.raises(MovedError, match=r"dev/b\.json"):
        repository.commit_files({"dev/b.json": b"mine"}, message="Onboard")
    assert refs(remote)[MAIN] == theirs


def test_a_file_that_stands_there_with_other_content_is_not_overwritten(repository, remote: Path) -> None:
    before = refs(remote)
    with pytest.raises(MovedError, match=r"dev/a\.json exists"):
        repository.commit_files({"dev/a.json": b"mine", "dev/b.json": b"b"}, message="Onboard")
    assert refs(remote) == before


def test_files_that_stand_there_already_make_no_commit(repository, here: Path, remote: Path) -> None:
    before = refs(remote)
    done = repository.commit_files({"dev/a.json": b"{}"}, message="Onboard")
    assert done == CommittedFiles(before[MAIN], "main", fast_forwarded=True)
    assert refs(remote) == before


def test_a_file_may_be_replaced_that_is_as_it_was_read(repository, here: Path, other: Path, remote: Path) -> None:
    base = repository.resolve("HEAD")
    repository.commit_files({"dev/a.json": b"new"}, message="Adopt", base=base)
    assert content_of(remote, f"{MAIN}:dev/a.json") == b"new"
    with pytest.raises(MovedError):
        repository.commit_files({"dev/a.json": b"newer"}, message="Adopt", base=base)


def test_a_detached_head_needs_the_name_of_a_branch(repository, here: Path, remote: Path) -> None:
    git("checkout", "--quiet", "--detach", cwd=here)
    with pytest.raises(ConfigurationError, match="detached") as caught:
        repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert "--branch" in caught.value.fix
    done = repository.commit_files({"dev/b.json": b"b"}, message="Onboard", branch="main")
    assert done == CommittedFiles(refs(remote)[MAIN], "main", fast_forwarded=False)


def test_another_branch_is_written_and_the_checkout_stays(repository, here: Path, remote: Path) -> None:
    git("branch", "release", "main", cwd=remote)
    before = git("rev-parse", "HEAD", cwd=here)
    done = repository.commit_files({"dev/b.json": b"b"}, message="Onboard", branch="release")
    assert (done.branch, done.fast_forwarded) == ("release", False)
    assert refs(remote)["refs/heads/release"] == done.commit
    assert git("rev-parse", "HEAD", cwd=here) == before


@pytest.mark.parametrize("branch", ["main", None])
def test_a_shallow_checkout_is_enough(here: Path, remote: Path, tmp_path: Path, branch: str | None) -> None:
    commit_files(here, {"dev/b.json": b"b"})
    shallow = clone(remote, tmp_path / "shallow", depth=1)
    if branch:
        git("checkout", "--quiet", "--detach", cwd=shallow)
    commit_files(here, {"dev/c.json": b"c"})
    done = GitRepository(shallow).commit_files({"dev/d.json": b"d"}, message="Onboard", branch=branch)
    assert done.fast_forwarded is (branch is None)
    assert files_of(remote, MAIN).keys() >= {"dev/b.json", "dev/c.json", "dev/d.json"}


def test_a_branch_that_the_remote_lacks_is_told(repository, here: Path, remote: Path) -> None:
    git("checkout", "--quiet", "-b", "feature", cwd=here)
    with pytest.raises(ConfigurationError, match="no branch feature") as caught:
        repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert "git push -u origin feature" in caught.value.fix
    assert "refs/heads/feature" not in refs(remote)


def test_a_protected_branch_asks_for_a_pull_request(repository, here: Path, remote: Path) -> None:
    before = git("rev-parse", "HEAD", cwd=here)
    install_hook(remote, "pre-receive", "echo 'error: GH006: Protected branch update failed' >&2; exit 1")
    with pytest.raises(PushRefusedError, match="GH006") as caught:
        repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert "pull request" in caught.value.fix
    assert git("rev-parse", "HEAD", cwd=here) == before
    assert not (here / "dev" / "b.json").exists()


def test_a_remote_that_fails_is_told_and_nothing_is_half_written(repository, here: Path, remote: Path) -> None:
    before = refs(remote)
    install_hook(remote, "pre-receive", "kill -9 $PPID")
    with pytest.raises(RemoteError):
        repository.commit_files({"dev/b.json": b"b"}, message="Onboard")
    assert refs(remote) == before
    assert git("status", "--porcelain", cwd=here) == ""


@pytest.mark.parametrize(
    "path",
    [
        *("", "/etc/x", "../x", "dev/../../x", "dev//x", "dev/", "./x", ".git/config", "dev/.GIT/x", "git~1/x", "C:/x"),
        *("dev\\x", 'dev/"x', "dev/x\ny", "dev/\0", "dev/\u202e.json", "x" * 1001),
    ],
)
def test_a_path_outside_the_repository_or_against_its_nature_is_refused(repository, remote: Path, path: str) -> None:
    before = refs(remote)
    with pytest.raises(ConfigurationError):
        repository.commit_files({path: b"x"}, message="Onboard")
    assert refs(remote) == before


def test_a_file_where_a_folder_must_be_is_refused(repository, here: Path, remote: Path) -> None:
    (here / "linked").symlink_to("/tmp")
    before = commit_files(here, {})
    for path in ("dev/a.json/b.json", "linked/b.json"):
        with pytest.raises(ConfigurationError, match="not a folder"):
            repository.commit_files({path: b"x"}, message="Onboard")
    with pytest.raises(MovedError):
        repository.commit_files({"dev": b"x"}, message="Onboard")
    assert refs(remote)[MAIN] == before


def test_a_file_too_large_to_be_read_again_is_not_committed(repository, remote: Path) -> None:
    before = refs(remote)
    with pytest.raises(ConfigurationError, match="limit"):
        repository.commit_files({"dev/b.json": b" " * (LARGEST_FILE + 1)}, message="Onboard")
    assert refs(remote) == before


def test_hundreds_of_files_are_one_commit(repository, here: Path, remote: Path) -> None:
    files = {f"dev/w{number:03}.json": b'{"n": %d}' % number * 100 for number in range(300)}
    done = repository.commit_files(files, message="Onboard all")
    assert done.fast_forwarded
    listed = repository.tree(done.commit, "dev")
    assert len(listed) == 301
    read = dict(repository.blobs(file.blob for file in listed))
    assert {file.path: read[file.blob] for file in listed if file.path != "dev/a.json"} == files
    git("fsck", cwd=remote)


# ── deleting ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_is_deleted_that_is_as_it_was_read(repository, here: Path, remote: Path) -> None:
    base = repository.resolve("HEAD")
    done = repository.commit_files({"dev/a.json": None, "dev/b.json": b"b"}, message="Move", base=base)
    assert files_of(remote, MAIN).keys() == {"workflowops.yml", "dev/b.json"}
    assert done.fast_forwarded
    assert not (here / "dev" / "a.json").exists()


def test_a_file_that_is_gone_already_makes_no_commit(repository, remote: Path) -> None:
    before = refs(remote)
    repository.commit_files({"dev/none.json": None}, message="Delete", base=repository.resolve("HEAD"))
    assert refs(remote) == before


@pytest.mark.parametrize("knows_base", [True, False])
def test_a_file_that_somebody_changed_is_not_deleted(repository, other: Path, remote: Path, knows_base: bool) -> None:
    base = repository.resolve("HEAD") if knows_base else None
    if knows_base:
        commit_files(other, {"dev/a.json": b"theirs"})
    before = refs(remote)
    with pytest.raises(MovedError, match=r"dev/a\.json"):
        repository.commit_files({"dev/a.json": None}, message="Delete", base=base)
    assert refs(remote) == before


def test_a_folder_is_not_deleted_as_if_it_were_a_file(repository, remote: Path) -> None:
    before = refs(remote)
    with pytest.raises(ConfigurationError, match="dev is no file"):
        repository.commit_files({"dev": None}, message="Delete", base=repository.resolve("HEAD"))
    assert refs(remote) == before


# ── proposing ───────────────────────────────────────────────────────────────────────────────────────────────────────

OURS = "workflowops/adopt-7"
OUR_REF = f"refs/heads/{OURS}"


def propose(repository: GitRepository, files: dict[str, bytes | None], base: str | None = None) -> ProposedFiles:
    return repository.propose_files(files, message="Adopt", branch=OURS, base=base or repository.resolve("HEAD"))


def test_a_proposal_is_one_commit_on_its_base_and_the_checkout_stays(repository, here: Path, remote: Path) -> None:
    base = repository.resolve("HEAD")
    done = propose(repository, {"dev/a.json": b"new", "dev/b.json": b"b", "workflowops.yml": None})
    assert done == ProposedFiles(refs(remote)[OUR_REF], OURS, is_new=True, is_ours=True)
    assert files_of(remote, OUR_REF) == {"dev/a.json": b"new", "dev/b.json": b"b"}
    assert git("log", "-1", "--format=%s|%P", OUR_REF, cwd=remote) == f"Adopt|{base}"
    assert refs(remote)[MAIN] == base == repository.resolve("HEAD")
    assert git("status", "--porcelain", cwd=here) == ""
    assert OUR_REF not in refs(here)


def test_the_same_proposal_is_left_as_it_is(repository, remote: Path) -> None:
    first = propose(repository, {"dev/a.json": b"new"})
    before = refs(remote)
    assert propose(repository, {"dev/a.json": b"new"}) == ProposedFiles(first.commit, OURS, is_new=False, is_ours=True)
    assert refs(remote) == before


@pytest.mark.parametrize(
    "again",
    [
        pytest.param({"dev/a.json": b"newer"}, id="other content"),
        pytest.param({"dev/b.json": b"b"}, id="another file"),
        pytest.param({"dev/a.json": b"new", "dev/b.json": b"b"}, id="a file more"),
        pytest.param({"dev/a.json": None}, id="deleted instead"),
    ],
)
def test_another_proposal_takes_the_place_of_ours(repository, remote: Path, again) -> None:
    base = repository.resolve("HEAD")
    propose(repository, {"dev/a.json": b"new", "dev/c.json": b"c"})
    done = propose(repository, again)
    assert (done.is_new, done.is_ours) == (True, True)
    assert git("rev-parse", f"{OUR_REF}^", cwd=remote) == base
    expected = {"workflowops.yml": b"version: 1\n", "dev/a.json": b"{}", **again}
    assert files_of(remote, OUR_REF) == {path: content for path, content in expected.items() if content is not None}


def test_a_proposal_stays_when_only_other_files_moved_and_begins_anew_when_its_own_did(
    repository, here: Path, remote: Path
) -> None:
    first = propose(repository, {"dev/a.json": b"new"})
    commit_files(here, {"dev/other.json": b"x"})
    assert propose(repository, {"dev/a.json": b"new"}).commit == first.commit
    moved = commit_files(here, {"dev/a.json": b"moved"})
    assert propose(repository, {"dev/a.json": b"new"}).is_new
    assert git("rev-parse", f"{OUR_REF}^", cwd=remote) == moved


@pytest.mark.parametrize(
    "how",
    [
        pytest.param(["commit", "--allow-empty", "--message", "Mine"], id="a commit on top"),
        pytest.param(["commit", "--amend", "--no-edit"], id="our commit amended with other content"),
        pytest.param(["commit", "--amend", "--no-edit", "--allow-empty", "--message", "Mine"], id="our message gone"),
    ],
)  # fmt: skip
def test_a_branch_that_somebody_pushed_to_is_never_overwritten(repository, other: Path, remote: Path, how) -> None:
    propose(repository, {"dev/a.json": b"new"})
    git("fetch", "--quiet", "origin", OURS, cwd=other)
    git("checkout", "--quiet", "-b", "mine", "FETCH_HEAD", cwd=other)
    (other / "dev" / "a.json").write_bytes(b"mine")
    git("add", "--all", cwd=other)
    git(*how, cwd=other)
    git("push", "--quiet", "--force", "origin", f"HEAD:{OURS}", cwd=other)
    before = refs(remote)
    with pytest.raises(BlockedError, match="Somebody has pushed") as caught:
        propose(repository, {"dev/a.json": b"newer"})
    assert "delete the branch" in caught.value.fix
    assert refs(remote) == before


def test_a_branch_with_somebody_s_commit_that_holds_our_files_is_answered_as_it_is(
    repository, other: Path, remote: Path
) -> None:
    """As after GitHub's button "Update branch"."""
    propose(repository, {"dev/a.json": b"new", "workflowops.yml": None})
    commit_files(other, {"dev/later.json": b"later"})
    git("fetch", "--quiet", "origin", OURS, cwd=other)
    git("checkout", "--quiet", "-b", "mine", "FETCH_HEAD", cwd=other)
    git("merge", "--quiet", "--no-edit", "main", cwd=other)
    git("push", "--quiet", "origin", f"HEAD:{OURS}", cwd=other)
    before = refs(remote)
    done = propose(repository, {"dev/a.json": b"new", "workflowops.yml": None})
    assert done == ProposedFiles(before[OUR_REF], OURS, is_new=False, is_ours=False)
    assert refs(remote) == before


def test_a_branch_whose_commits_are_all_merged_is_free(repository, here: Path, remote: Path) -> None:
    commit_files(here, {"dev/b.json": b"b"})
    git("branch", OURS, f"{MAIN}^", cwd=remote)
    assert propose(repository, {"dev/a.json": b"new"}).is_new
    merged = git("rev-parse", OUR_REF, cwd=remote)
    git("fetch", "--quiet", "origin", OURS, cwd=here)
    git("merge", "--quiet", "--no-ff", "--no-edit", "FETCH_HEAD", cwd=here)
    git("push", "--quiet", "origin", "main", cwd=here)
    done = propose(repository, {"dev/a.json": b"newer"})
    assert done.is_new
    assert git("rev-parse", f"{OUR_REF}^", cwd=remote) == repository.resolve("HEAD") != merged


def test_a_branch_that_moves_meanwhile_is_looked_at_again(repository, other: Path, remote: Path) -> None:
    propose(repository, {"dev/a.json": b"new"})
    git("fetch", "--quiet", "origin", OURS, cwd=other)
    git("checkout", "--quiet", "-b", "mine", "FETCH_HEAD", cwd=other)
    theirs = commit_files(other, {"dev/a.json": b"theirs"}, push=False)
    git("push", "--quiet", "origin", "HEAD:theirs", cwd=other)
    swap = f"git update-ref {OUR_REF} refs/heads/theirs"
    install_hook(remote, "pre-receive", f"rm hooks/pre-receive; unset GIT_QUARANTINE_PATH; {swap}")
    with pytest.raises(BlockedError, match="Somebody has pushed"):
        propose(repository, {"dev/a.json": b"newer"})
    assert refs(remote)[OUR_REF] == theirs


def test_a_shallow_checkout_knows_our_own_commit_again(here: Path, remote: Path, tmp_path: Path) -> None:
    commit_files(here, {"dev/b.json": b"b"})
    first = propose(GitRepository(clone(remote, tmp_path / "first", depth=1)), {"dev/a.json": b"new"})
    second = GitRepository(clone(remote, tmp_path / "second", depth=1))
    assert propose(second, {"dev/a.json": b"new"}) == ProposedFiles(first.commit, OURS, is_new=False, is_ours=True)
    assert propose(second, {"dev/a.json": b"newer"}).is_new


def test_a_proposal_of_what_is_there_already_is_refused_and_makes_no_branch(repository, remote: Path) -> None:
    with pytest.raises(BlockedError, match="holds all of it already"):
        propose(repository, {"dev/a.json": b"{}", "dev/none.json": None})
    assert OUR_REF not in refs(remote)


@pytest.mark.parametrize("path", ["../x", ".git/config", "dev/a.json/b.json"])
def test_a_bad_path_is_not_proposed(repository, remote: Path, path: str) -> None:
    before = refs(remote)
    with pytest.raises(ConfigurationError):
        propose(repository, {path: b"x"})
    assert refs(remote) == before


def test_a_remote_that_refuses_the_branch_is_told(repository, remote: Path) -> None:
    before = refs(remote)
    install_hook(remote, "pre-receive", "echo 'error: GH006: Protected branch update failed' >&2; exit 1")
    with pytest.raises(PushRefusedError, match="GH006"):
        propose(repository, {"dev/a.json": b"new"})
    assert refs(remote) == before
