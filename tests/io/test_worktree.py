"""The checkout as it lies on disk: every JSON file of the folders, and nothing from elsewhere."""

import os
from pathlib import Path

import pytest

from workflowops.errors import ConfigurationError
from workflowops.io.worktree import read_folders


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())


def test_json_files_are_read_at_any_depth_by_path_from_the_root(tmp_path) -> None:
    write(tmp_path, "dev/a.json", "dev/deep/er/b.wfo.json", "dev/README.md", "prod/c.json", "other/d.json")
    found = read_folders(tmp_path, ["dev", "prod"])
    assert found == {path: path.encode() for path in ("dev/a.json", "dev/deep/er/b.wfo.json", "prod/c.json")}


def test_files_that_will_not_be_read_as_workflows_are_there_to_be_told(tmp_path) -> None:
    write(tmp_path, "dev/UPPER.JSON", "dev/.hidden.json", "dev/.folder/x.json")
    assert set(read_folders(tmp_path, ["dev"])) == {"dev/UPPER.JSON", "dev/.hidden.json", "dev/.folder/x.json"}


def test_a_folder_that_is_not_there_yet_is_empty(tmp_path) -> None:
    assert read_folders(tmp_path, ["dev", "deep/prod"]) == {}


def test_what_is_named_like_a_file_and_is_none_is_passed_over(tmp_path) -> None:
    write(tmp_path, "dev/folder.json/a.json")
    os.mkfifo(tmp_path / "dev/pipe.json")
    assert set(read_folders(tmp_path, ["dev"])) == {"dev/folder.json/a.json"}


@pytest.mark.parametrize(
    ("link", "target", "folder"),
    [
        pytest.param("dev", "outside", "dev", id="the folder"),
        pytest.param("workflows", "outside", "workflows/dev", id="above the folder"),
        pytest.param("workflows", "gone", "workflows/dev", id="a link that leads nowhere"),
    ],
)
def test_a_folder_that_leads_elsewhere_is_refused(tmp_path, link, target, folder) -> None:
    write(tmp_path, "outside/dev/a.json")
    root = tmp_path / "root"
    root.mkdir()
    (root / link).symlink_to(tmp_path / target)
    with pytest.raises(ConfigurationError, match="is a link") as caught:
        read_folders(root, [folder])
    assert caught.value.fix


@pytest.mark.parametrize(
    ("link", "target"),
    [
        pytest.param("dev/b.json", "outside/x.json", id="a file"),
        pytest.param("dev/b.json", "gone", id="to nothing"),
        pytest.param("dev/linked", "outside", id="a folder"),
        pytest.param("dev/again", "dev", id="in a circle"),
    ],
)
def test_a_link_that_could_hide_a_workflow_is_refused_as_it_is_at_a_commit(tmp_path, link, target) -> None:
    write(tmp_path, "outside/x.json", "dev/a.json")
    (tmp_path / link).symlink_to(tmp_path / target)
    with pytest.raises(ConfigurationError, match=f"{link} is a symbolic link"):
        read_folders(tmp_path, ["dev"])


def test_a_link_to_something_else_is_passed_over(tmp_path) -> None:
    write(tmp_path, "outside/notes.md", "dev/a.json")
    (tmp_path / "dev/notes.md").symlink_to(tmp_path / "outside/notes.md")
    assert set(read_folders(tmp_path, ["dev"])) == {"dev/a.json"}


def test_a_file_in_the_folders_place_is_refused(tmp_path) -> None:
    write(tmp_path, "dev")
    with pytest.raises(ConfigurationError, match="not a folder"):
        read_folders(tmp_path, ["dev"])


def test_a_file_above_16_mib_is_refused(tmp_path) -> None:
    write(tmp_path, "dev/a.json")
    with (tmp_path / "dev/a.json").open("wb") as file:
        file.truncate(16 * 1024 * 1024)
    assert len(read_folders(tmp_path, ["dev"])["dev/a.json"]) == 16 * 1024 * 1024
    with (tmp_path / "dev/a.json").open("ab") as file:
        file.write(b"1")
    with pytest.raises(ConfigurationError, match="larger than 16 MiB"):
        read_folders(tmp_path, ["dev"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_told(tmp_path) -> None:
    write(tmp_path, "dev/a.json")
    (tmp_path / "dev/a.json").chmod(0)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_folders(tmp_path, ["dev"])
