"""The files of a checkout as they lie on disk, committed or not."""

from collections.abc import Iterable
from pathlib import Path

from workflowops.errors import ConfigurationError

_LARGEST_FILE = 16 * 1024 * 1024


def read_folders(root: Path, folders: Iterable[str]) -> dict[str, bytes]:
    """Answer content by path from `root` for every JSON file below the folders, whatever the case of its end.

    Raises ConfigurationError for a folder that is a link or no folder, for a link below it that could hide a workflow
    (at a commit it is refused as well), for a file above 16 MiB and one that cannot be read.
    """
    found: dict[str, bytes] = {}
    for folder in folders:
        _check_folder(root, folder)
        for path in sorted((root / folder).rglob("*")):
            holds_json = path.name.lower().endswith(".json")
            if path.is_symlink() and (holds_json or "." not in path.name):
                raise ConfigurationError(
                    f"{path.relative_to(root).as_posix()} is a symbolic link; its workflows cannot be read.",
                    fix="Put the files themselves there.",
                )
            if holds_json and path.is_file():
                found[path.relative_to(root).as_posix()] = _content(path)
    return found


def _check_folder(root: Path, folder: str) -> None:
    """Refuse a folder that leads elsewhere, at whatever step; one that is not there yet is empty."""
    top = root / folder
    for step in (top, *top.parents):
        if step == root:
            break
        if step.is_symlink():
            raise ConfigurationError(
                f"{step.relative_to(root).as_posix()} is a link.", fix="Name a real folder of the repository."
            )
    if top.exists() and not top.is_dir():
        raise ConfigurationError(f"{folder} is not a folder.", fix="Name a real folder of the repository.")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ConfigurationError(
                f"{path} is larger than 16 MiB.", fix="n8n takes no workflow of that size; remove the file."
            )
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.", fix="Check its permissions.") from error
