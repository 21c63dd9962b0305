"""The page on the disk: whole or not at all, readable by a web server, and nothing left beside it."""

import pytest

from workflowops.errors import ConfigurationError
from workflowops.io.page_file import write_page


def test_a_page_is_written_into_a_new_folder(tmp_path) -> None:
    path = write_page(tmp_path / "a" / "b", "<p>äöü \ud800</p>")
    assert path == tmp_path / "a" / "b" / "index.html"
    assert path.read_text(encoding="utf-8") == "<p>äöü ?</p>"
    assert oct(path.stat().st_mode)[-3:] == "644"


def test_a_page_replaces_the_one_before_and_leaves_nothing_else(tmp_path) -> None:
    (tmp_path / "keep.txt").write_text("mine", encoding="utf-8")
    write_page(tmp_path, "one")
    write_page(tmp_path, "two")
    assert {each.name: each.read_text(encoding="utf-8") for each in tmp_path.iterdir()} == {
        "index.html": "two",
        "keep.txt": "mine",
    }


def test_a_link_is_replaced_and_not_followed(tmp_path) -> None:
    (tmp_path / "theirs").write_text("theirs", encoding="utf-8")
    (tmp_path / "index.html").symlink_to(tmp_path / "theirs")
    write_page(tmp_path, "ours")
    assert (tmp_path / "theirs").read_text(encoding="utf-8") == "theirs"


def test_a_folder_that_is_a_file_is_refused_with_advice(tmp_path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be written") as caught:
        write_page(tmp_path / "file", "x")
    assert "--html" in caught.value.fix


def test_where_the_page_cannot_take_its_place_nothing_is_left_behind(tmp_path) -> None:
    (tmp_path / "index.html").mkdir()
    with pytest.raises(ConfigurationError):
        write_page(tmp_path, "x")
    assert [each.name for each in tmp_path.iterdir()] == ["index.html"]
