"""The installer: nothing half done is ever taken for done."""

import json
import threading
from pathlib import Path

import pytest
from tests.node_installation import COMPLETE, InstallationError, fill_folder, is_complete, one_installer, run


def fill(target: Path) -> dict[str, str]:
    (target / "file").write_text("new", encoding="utf-8")
    return {"what": "a test"}


def test_a_filled_folder_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    fill_folder(folder, fill)
    assert is_complete(folder)
    assert json.loads((folder / COMPLETE).read_text(encoding="utf-8")) == {"what": "a test"}
    assert list(tmp_path.iterdir()) == [folder]


def test_a_complete_folder_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    fill_folder(folder, fill)
    (folder / "file").write_text("kept", encoding="utf-8")
    fill_folder(folder, fill)
    assert (folder / "file").read_text(encoding="utf-8") == "kept"


def test_a_folder_that_was_not_completed_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "there"
    folder.mkdir()
    (folder / "half").touch()
    fill_folder(folder, fill)
    assert is_complete(folder)
    assert not (folder / "half").exists()


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail(target: Path) -> dict[str, str]:
        (target / "half").touch()
        raise InstallationError("no network")

    with pytest.raises(InstallationError, match="no network"):
        fill_folder(tmp_path / "there", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_step_tells_what_it_printed_last(tmp_path: Path) -> None:
    with pytest.raises(InstallationError, match=r"(?s)ended with 3:.*the reason"):
        run(["sh", "-c", "echo the reason >&2; exit 3"], folder=tmp_path)


def test_a_second_installer_waits_for_the_first(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with one_installer(tmp_path):
            order.append("second")

    with one_installer(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
