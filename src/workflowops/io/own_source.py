"""Where the running program comes from: the repository and the commit, which generated files are pinned to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflowops.io.git import Git

_ADDRESS = re.compile(
    r"(?:https?://(?:[^/@\s]*@)?|ssh://(?:[^/@\s]*@)?|[^/@\s:]+@)(?P<host>[A-Za-z0-9.-]+)(?::[0-9]+)?[:/]"
    r"(?P<repository>[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+?)(?:\.git)?/?"
)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_OTHERWISE = "Pass --actions OWNER/REPO@COMMIT: the repository that holds this program, and the commit you looked at."


@dataclass(frozen=True, slots=True)
class OwnSource:
    """`pin` is `OWNER/REPO@COMMIT`; None when it cannot be told, and then `reason` says why and `fix` what to do."""

    pin: str | None
    reason: str = ""
    fix: str = _OTHERWISE


def own_source(variables: Mapping[str, str]) -> OwnSource:
    """Find out what this program is a copy of; never guesses.

    In a job of GitHub Actions the runner says it (GITHUB_ACTION_REPOSITORY and GITHUB_ACTION_REF, a whole commit).
    Elsewhere `action/run.sh` says which checkout it stands in (WORKFLOWOPS_SOURCE): its origin and its commit count,
    when the commit is on a branch of that origin.
    """
    root = variables.get("WORKFLOWOPS_SOURCE", "")
    repository, ref = variables.get("GITHUB_ACTION_REPOSITORY", ""), variables.get("GITHUB_ACTION_REF", "")
    if repository and ref and _is_inside(variables.get("GITHUB_ACTION_PATH", ""), root):
        if _COMMIT.fullmatch(ref):
            return OwnSource(f"{repository}@{ref}")
        return OwnSource(None, f"The action that runs is pinned to {ref!r}, which is no commit.")
    if not root or not Path(root).is_dir():
        return OwnSource(None, "The program does not run from a checkout of its repository, so no commit is known.")
    hosts = {"github.com", re.sub(r"^https?://|[:/].*$", "", variables.get("GITHUB_SERVER_URL", ""))}
    return _of_checkout(Path(root), hosts=hosts)


def _is_inside(path: str, root: str) -> bool:
    """Say whether the action that runs is this program; a step of another action may set the same variables."""
    return bool(path and root) and Path(path).resolve().is_relative_to(Path(root).resolve())


def _of_checkout(root: Path, *, hosts: set[str]) -> OwnSource:
    git = Git(root)
    top = git.run("rev-parse", "--show-toplevel")
    commit = git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if not top.succeeded or Path(top.text).resolve() != root.resolve() or not _COMMIT.fullmatch(commit.text):
        return OwnSource(None, "The program lies in no git checkout of its own, so no commit is known.")
    if git.run("status", "--porcelain", "--untracked-files=no").text:
        return OwnSource(
            None,
            f"The checkout of the program holds changes that its commit {commit.text[:12]} does not.",
            fix="Commit and push them, or pass --actions OWNER/REPO@COMMIT.",
        )
    address = git.run("remote", "get-url", "origin").text
    found = _ADDRESS.fullmatch(address)
    if found is None or found["host"].lower() not in hosts:
        return OwnSource(None, "The checkout of the program has no origin on GitHub.")
    if not git.run("branch", "--remotes", "--contains", commit.text, "--list", "origin/*").text:
        return OwnSource(
            None,
            f"The commit {commit.text[:12]} of the program is on no branch of its origin.",
            fix=f"Push it to {found['repository']}, or pass --actions OWNER/REPO@COMMIT.",
        )
    return OwnSource(f"{found['repository']}@{commit.text}")
