"""Builders of real git repositories for tests: a bare remote, clones of it, commits, hooks, and a git that is alone."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

NOBODY = {"GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@example.com"} | {
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.com",
}


def isolate_git(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Make git, ours and the builders', ignore this machine's user: no configuration, no identity, no proxy."""
    for name in list(os.environ):
        if name.startswith("GIT_") or name.lower() in {"http_proxy", "https_proxy", "all_proxy"}:
            monkeypatch.delenv(name)
    home.mkdir(parents=True, exist_ok=True)
    for name, value in {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)


def git(*arguments: str, cwd: Path, given: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
    """Run git in a repository and answer its output without the last line end; fails the test when git fails."""
    answer = subprocess.run(
        ["git", *arguments],
        cwd=cwd,
        input=given,
        capture_output=True,
        check=False,
        env=os.environ | NOBODY | (environment or {}),
    )
    assert answer.returncode == 0, f"git {' '.join(arguments)}: {answer.stderr.decode()}"
    return answer.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def bare_remote(tmp_path: Path, *, name: str = "remote.git", files: Mapping[str, bytes] | None = None) -> Path:
    """Make a bare repository with a branch `main` that holds `files` (default: a README); `{}` leaves it empty."""
    remote = tmp_path / name
    tmp_path.mkdir(parents=True, exist_ok=True)
    git("init", "--quiet", "--bare", "--initial-branch=main", str(remote), cwd=tmp_path)
    files = {"README.md": b"Workflows\n"} if files is None else files
    if files:
        seed = clone(remote, tmp_path / f"{name}.seed")
        commit_files(seed, files, message="Begin")
    return remote


def clone(remote: Path | str, path: Path, *, depth: int | None = None) -> Path:
    """Clone a remote; with `depth` its history is cut off, as actions/checkout does."""
    address = f"file://{remote}" if depth is not None else str(remote)
    cut = [f"--depth={depth}"] if depth is not None else []
    git("clone", "--quiet", *cut, address, str(path), cwd=path.parent)
    return path


def commit_files(
    repository: Path, files: Mapping[str, bytes | None], *, message: str = "Change files", push: bool = True
) -> str:
    """Write (None: remove) files in a clone, commit them on its branch, push it, and answer the commit."""
    for name, content in files.items():
        path = repository / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    git("add", "--all", cwd=repository)
    git("commit", "--quiet", "--allow-empty", "--message", message, cwd=repository)
    if push:
        git("push", "--quiet", "origin", "HEAD", cwd=repository)
    return git("rev-parse", "HEAD", cwd=repository)


def refs(repository: Path, pattern: str = "refs") -> dict[str, str]:
    """Answer the refs of a repository: name to object."""
    lines = git("for-each-ref", "--format=%(refname) %(objectname)", pattern, cwd=repository).splitlines()
    return dict(line.split(" ", 1) for line in lines)


def files_of(repository: Path, ref: str) -> dict[str, bytes]:
    """Answer the files of a commit: path to content."""
    names = git("ls-tree", "-r", "-z", "--name-only", ref, cwd=repository).split("\0")
    return {name: content_of(repository, f"{ref}:{name}") for name in names if name}


def content_of(repository: Path, name: str) -> bytes:
    """Answer the bytes of one object, for instance `main:dev/a.json`."""
    return subprocess.run(
        ["git", "cat-file", "-p", os.fsencode(name)], cwd=repository, capture_output=True, check=True
    ).stdout


def install_hook(remote: Path, name: str, script: str) -> None:
    """Put an executable hook into a bare repository; `script` is the body of a shell script."""
    hook = remote / "hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)
