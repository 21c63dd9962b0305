"""Writing into a work tree: all or nothing, nothing outside of it, nothing over what somebody else just wrote."""

import os
from pathlib import Path

import pytest
from tests.git_repositories import commit_files, git, isolate_git

from workflowops.errors import ConfigurationError, MovedError
from workflowops.io.setup_folder import SetupFolder, packaged_workflows

FILE = ".github/workflows/x.yml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate_git(monkeypatch, tmp_path)
    folder = tmp_path / "repository"
    folder.mkdir()
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    return folder


def everything(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def test_the_workflow_files_come_with_the_program() -> None:
    assert "workflowops-drift.yml" in packaged_workflows()


def test_the_root_is_found_from_a_folder_below_it(root) -> None:
    (root / "a" / "b").mkdir(parents=True)
    assert SetupFolder(root / "a" / "b").root == root


def test_a_folder_that_is_in_no_repository_is_refused(tmp_path, monkeypatch) -> None:
    isolate_git(monkeypatch, tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(ConfigurationError, match="no git repository") as caught:
        SetupFolder(tmp_path)
    assert "git init" in caught.value.fix


def test_what_is_written_is_read_again(root) -> None:
    folder = SetupFolder(root)
    folder.write({FILE: "a\n", "b.yml": "b\n"}, before={})
    assert folder.read([FILE, "b.yml", "absent"]) == {FILE: "a\n", "b.yml": "b\n"}
    assert everything(root) == {FILE: "a\n", "b.yml": "b\n"}


def test_line_ends_are_read_as_they_lie_there(root) -> None:
    (root / "a").write_bytes(b"x\r\n")
    assert SetupFolder(root).read(["a"]) == {"a": "x\r\n"}


def test_a_file_keeps_its_mode(root) -> None:
    (root / "a").write_text("1")
    (root / "a").chmod(0o640)
    SetupFolder(root).write({"a": "2"}, before={"a": "1"})
    assert (root / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("there", "before"), [("new", {}), ("new", {"b": "old"}), (None, {"b": "old"})])
def test_a_file_that_changed_meanwhile_stops_everything(root, there, before) -> None:
    if there is not None:
        (root / "b").write_text(there)
    was = everything(root)
    with pytest.raises(MovedError, match="b was changed"):
        SetupFolder(root).write({"a": "1", "b": "2"}, before=before)
    assert everything(root) == was


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_write_that_is_not_allowed_leaves_nothing_behind(root) -> None:
    (root / "shut").mkdir(mode=0o500)
    with pytest.raises(ConfigurationError, match="Nothing was changed"):
        SetupFolder(root).write({"a": "1", FILE: "2", "shut/b": "3"}, before={})
    assert everything(root) == {}
    assert not (root / ".github").exists()


def test_a_write_that_fails_takes_back_the_others(root) -> None:
    (root / "a").write_text("old")
    too_long = "n" * 300
    with pytest.raises(ConfigurationError, match="cannot be written"):
        SetupFolder(root).write({"a": "1", FILE: "2", f"folder/{too_long}": "3"}, before={"a": "old"})
    assert everything(root) == {"a": "old"}
    assert not (root / ".github").exists()


@pytest.mark.parametrize("link", [".github", ".github/workflows"])
def test_nothing_is_written_outside_of_the_repository(root, tmp_path, link) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / link).parent.mkdir(exist_ok=True)
    (root / link).symlink_to(outside, target_is_directory=True)
    for use in (lambda: SetupFolder(root).read([FILE]), lambda: SetupFolder(root).write({FILE: "x"}, before={})):
        with pytest.raises(ConfigurationError, match="outside of the repository"):
            use()
    assert list(outside.iterdir()) == []


def test_a_folder_that_is_a_link_inside_the_repository_is_followed(root) -> None:
    (root / "real").mkdir()
    (root / ".github").symlink_to("real", target_is_directory=True)
    SetupFolder(root).write({FILE: "x"}, before={})
    assert (root / "real/workflows/x.yml").read_text() == "x"


def make_link(root: Path) -> None:
    (root / "elsewhere").write_text("")
    (root / "a").symlink_to("elsewhere")


def make_broken_link(root: Path) -> None:
    (root / "a").symlink_to("nowhere")


def make_folder(root: Path) -> None:
    (root / "a").mkdir()


def make_binary(root: Path) -> None:
    (root / "a").write_bytes(b"\xff\xfe")


def make_large(root: Path) -> None:
    (root / "a").write_bytes(b"x" * (1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (make_link, "is a link"),
        (make_broken_link, "is a link"),
        (make_folder, "is no file"),
        (make_binary, "is not UTF-8"),
        (make_large, "larger than 1 MiB"),
    ],
)
def test_what_is_no_text_file_is_refused(root, make, problem) -> None:
    make(root)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        SetupFolder(root).read(["a"])
    assert caught.value.fix


def test_a_file_where_a_folder_must_be_is_refused(root) -> None:
    (root / ".github").write_text("")
    with pytest.raises(ConfigurationError, match=r"\.github is no folder"):
        SetupFolder(root).read([FILE])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param([], "main", id="checked out"),
        pytest.param(["checkout", "--quiet", "-b", "master"], "master", id="master"),
        pytest.param(["checkout", "--quiet", "-b", "trunk"], "trunk", id="what the first commit will make"),
        pytest.param(
            ["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"], "develop", id="as origin says"
        ),
    ],
)
def test_the_default_branch(root, arguments, expected) -> None:
    if arguments:
        git(*arguments, cwd=root)
    assert SetupFolder(root).default_branch() == expected


def test_a_topic_branch_is_not_taken_for_the_default_branch(root) -> None:
    commit_files(root, {"README.md": b"flows"}, push=False)
    git("checkout", "--quiet", "-b", "topic", cwd=root)
    assert SetupFolder(root).default_branch() == "main"


def test_a_checkout_of_another_user_is_told_as_such_and_not_as_no_repository(root, monkeypatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(ConfigurationError, match="dubious ownership") as caught:
        SetupFolder(root)
    assert "safe.directory" in caught.value.fix


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, "repository"),
        ("https://github.com/acme/flows.git", "acme/flows"),
        ("git@github.com:acme/flows.git", "acme/flows"),
    ],
)
def test_the_name_comes_from_the_origin(root, address, expected) -> None:
    if address:
        git("remote", "add", "origin", address, cwd=root)
    assert SetupFolder(root).name() == expected


@pytest.mark.parametrize("error", [UnicodeEncodeError, KeyboardInterrupt], ids=["unwritable text", "interrupted"])
def test_whatever_ends_the_writing_leaves_no_part_of_the_files(root, error) -> None:
    class Interrupting(dict):
        def __getitem__(self, path: str) -> str:
            if path == "b.yml" and error is KeyboardInterrupt:
                raise KeyboardInterrupt
            return super().__getitem__(path)

    with pytest.raises(error):
        SetupFolder(root).write(Interrupting({"new/a.yml": "a\n", "b.yml": "\udc80"}), before={})
    assert not (root / "new").exists()
    assert not (root / "b.yml").exists()
