"""The work tree that `init` writes into: real files inside the repository, each replaced at once or not at all."""

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

from workflowops.errors import ConfigurationError, MovedError
from workflowops.io.git import Git
from workflowops.io.git_failures import GitFailure, error_for

_LARGEST_FILE = 1024 * 1024
_USUAL_BRANCHES = {"main", "master", "trunk"}


def packaged_workflows() -> dict[str, str]:
    """Answer the workflow files that come with the program, by file name."""
    folder = resources.files("workflowops") / "workflows"
    return {each.name: each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(".yml")}


class SetupFolder:
    """The root of a git work tree."""

    def __init__(self, start: Path) -> None:
        """Find the repository that `start` lies in. Raises ConfigurationError when it lies in none."""
        answer = Git(start).run("rev-parse", "--show-toplevel")
        if answer.failure is GitFailure.UNTRUSTED:
            raise error_for(answer.failure, doing="looking for the repository", detail=answer.problem)
        if not answer.succeeded or not answer.text:
            raise ConfigurationError(
                "This folder is no git repository with a work tree.",
                fix="Run `git init` here, or change into a clone of the repository that shall hold the workflows.",
            )
        self.root = Path(answer.text)
        self._git = Git(self.root)

    def default_branch(self) -> str:
        """Answer the default branch as far as the clone knows it; `main` where nothing says otherwise.

        Where nothing is committed yet it is the branch that the first commit will make.
        """
        head = self._git.run("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").text
        if head.startswith("origin/"):
            return head.removeprefix("origin/")
        current = self._git.run("symbolic-ref", "--quiet", "--short", "HEAD").text
        is_begun = self._git.run("rev-parse", "--verify", "--quiet", "HEAD").succeeded
        return current if current in _USUAL_BRANCHES or (current and not is_begun) else "main"

    def name(self) -> str:
        """Answer a name that stays: the last two parts of the origin's address, or the folder's name."""
        address = self._git.run("remote", "get-url", "origin").text.removesuffix("/").removesuffix(".git")
        return "/".join(re.split(r"[/:]", address)[-2:]) if address else self.root.name

    def read(self, paths: Iterable[str]) -> dict[str, str]:
        """Answer the content of those files that are there; a mark of byte order and line ends are as they lie there.

        Raises ConfigurationError for a link, for what is no file, and for a path that leads out of the repository.
        """
        found = {}
        for path in paths:
            target = self._checked(path)
            if target.exists():
                found[path] = _content(target, path)
        return found

    def write(self, files: Mapping[str, str], *, before: Mapping[str, str]) -> None:
        """Write all the files, or none: what was written is taken back when one of them fails.

        `before` is what `read` answered: a file that is another one by now is not overwritten (MovedError).
        """
        targets = {path: self._checked(path) for path in files}
        for path, target in targets.items():
            if (_content(target, path) if target.exists() else None) != before.get(path):
                raise MovedError(f"{path} was changed while this ran.", fix="Run `workflowops init` again.")
        done: list[str] = []
        made: list[Path] = []
        try:
            for path, target in targets.items():
                made += _made_folders(target.parent)
                _replace(target, files[path])
                done.append(path)
        except OSError as error:
            self._take_back(done, made, before)
            raise ConfigurationError(
                f"{path} cannot be written: {error.strerror}. Nothing was changed.",
                fix="Check its folder's permissions.",
            ) from error
        except BaseException:  # an interruption, too, must not leave a part of the files
            self._take_back(done, made, before)
            raise

    def _take_back(self, done: Iterable[str], made: list[Path], before: Mapping[str, str]) -> None:
        for path in done:
            with contextlib.suppress(OSError):
                if path in before:
                    _replace(self.root / path, before[path])
                else:
                    (self.root / path).unlink()
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _checked(self, path: str) -> Path:
        """Answer where a file lies; it must lie inside the repository, and be a file if it is there."""
        target = self.root / path
        if target.is_symlink():
            raise ConfigurationError(f"{path} is a link.", fix="Put a file there, or remove it.")
        if not target.parent.resolve().is_relative_to(self.root.resolve()):
            raise ConfigurationError(
                f"{path} would lie outside of the repository: a folder on the way is a link.",
                fix="Replace the link by a real folder.",
            )
        if target.exists() and not target.is_file():
            raise ConfigurationError(f"{path} is no file.", fix="Move away what lies there.")
        for folder in target.relative_to(self.root).parents:
            place = self.root / folder
            if not place.is_dir() and (place.exists() or place.is_symlink()):
                raise ConfigurationError(f"{folder.as_posix()} is no folder.", fix="Move away what lies there.")
        return target


def _content(target: Path, path: str) -> str:
    try:
        if target.stat().st_size > _LARGEST_FILE:
            raise ConfigurationError(
                f"{path} is larger than 1 MiB.", fix="Move it away; no file of ours is that large."
            )
        return target.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text.", fix="Save it as UTF-8, or move it away.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.", fix="Check its permissions.") from error


def _made_folders(folder: Path) -> list[Path]:
    """Make a folder with those above it; answer the ones that were not there, the outermost first."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir()
    return list(reversed(missing))


def _replace(target: Path, content: str) -> None:
    """Put a whole file in place at once; a reader sees the old one or the new one."""
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content.encode("utf-8"))
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
