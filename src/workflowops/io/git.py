"""Git, run without surprises: no prompts, no hooks, no foreign environment, a time limit, no credentials told."""

import contextlib
import functools
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflowops.errors import ConfigurationError
from workflowops.io.git_failures import GitFailure, classify, describe, error_for, redact

LOCAL_SECONDS = 60.0
REMOTE_SECONDS = 300.0
OLDEST_GIT = "2.30"
OUR_IDENTITY = "workflowops <workflowops@users.noreply.github.com>"

_SETTINGS = {
    "core.hooksPath": os.devnull,  # a user's hooks are for the user's commits
    "core.fsmonitor": "false",
    "gc.auto": "0",  # a clean-up in the background would outlive the job's step
    "maintenance.auto": "false",
    "fetch.writeCommitGraph": "false",
    "submodule.recurse": "false",
    "merge.autoStash": "false",
    "merge.verifySignatures": "false",
    "push.gpgSign": "false",
    "color.push": "false",
    "color.transport": "false",
    "color.remote": "false",
    "core.compression": "1",  # the remote repacks anyhow; at level 6 a mapping of 5 MB costs 100 ms more
    "pack.compression": "1",
}
_FOREIGN = (
    # Set while git runs a hook or an alias; they would point us at another repository than the one we were given.
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "LANGUAGE",
)


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What a git process said. `problem` holds no credentials and no control characters."""

    returncode: int
    stdout: bytes
    stderr: str
    timed_out: bool = False

    @property
    def succeeded(self) -> bool:
        return self.returncode == 0 and not self.timed_out

    @property
    def failure(self) -> GitFailure:
        return GitFailure.UNREACHABLE if self.timed_out else classify(self.stderr)

    @property
    def problem(self) -> str:
        return "git gave no answer in time" if self.timed_out else describe(self.stderr)

    @property
    def text(self) -> str:
        """The first line of standard output."""
        return self.stdout.decode("utf-8", "surrogateescape").partition("\n")[0].strip()


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What does not change while we run: is history cut off, how are objects named."""

    shallow: bool
    object_format: str  # "sha1" or "sha256"

    @property
    def no_object(self) -> str:
        """The name that stands for "no object" in this repository."""
        return "0" * (64 if self.object_format == "sha256" else 40)


class Git:
    """One repository, and the git program on PATH."""

    def __init__(self, repository: Path) -> None:
        self.repository = repository

    def command(self, *arguments: str) -> list[str]:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return ["git", "-C", str(self.repository), *settings, *arguments]

    def run(self, *arguments: str, given: bytes = b"", seconds: float = LOCAL_SECONDS) -> GitAnswer:
        """Run git to its end; a failure is an answer, not an error. Raises ConfigurationError when there is no git."""
        process = self.start(*arguments, stderr=subprocess.PIPE)
        try:
            stdout, stderr = process.communicate(given, timeout=seconds)
        except subprocess.TimeoutExpired:
            return GitAnswer(returncode=-1, stdout=b"", stderr="", timed_out=True)
        finally:
            end(process)
        return GitAnswer(process.returncode, stdout, redact(stderr.decode("utf-8", "replace")))

    def require(self, *arguments: str, doing: str, given: bytes = b"") -> GitAnswer:
        """Run a local git command that has to succeed; `doing` completes "git failed while ..."."""
        answer = self.run(*arguments, given=given)
        if not answer.succeeded:
            raise error_for(self.failure_of(answer), doing=doing, detail=answer.problem)
        return answer

    def failure_of(self, answer: GitAnswer) -> GitFailure:
        """Say what kind of failure it was; usage errors of git itself are looked into: is this git too old?"""
        if answer.returncode == 129 and self._is_too_old():
            return GitFailure.TOO_OLD
        return answer.failure

    def start(self, *arguments: str, stderr: int) -> subprocess.Popen[bytes]:
        """Start git with pipes on its input and output, in a session of its own.

        Without a terminal nothing it starts (ssh, a credential helper) can stop and ask; and the whole group can be
        ended at once, which a time limit needs: a transport left behind would keep the pipes open.
        """
        try:
            return subprocess.Popen(
                self.command(*arguments),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environment(os.environ),
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ConfigurationError(
                "The program git is not on PATH.", fix=f"Install git {OLDEST_GIT} or newer."
            ) from error

    @functools.cached_property
    def facts(self) -> RepositoryFacts:
        answer = self.require(
            "rev-parse", "--is-shallow-repository", "--show-object-format", doing="looking at the repository"
        )
        shallow, object_format = answer.stdout.decode().split()
        return RepositoryFacts(shallow=shallow == "true", object_format=object_format)

    @functools.cached_property
    def identity(self) -> str:
        """Who commits, as `name <address>`: the configured user, else ourselves, so that a bare runner can commit."""
        answer = self.run("config", "-z", "--get-regexp", r"^user\.(name|email)$")
        lines = answer.stdout.decode("utf-8", "replace").split("\0")
        found = dict(line.split("\n", 1) for line in lines if "\n" in line)
        name = _clean(os.environ.get("GIT_COMMITTER_NAME") or found.get("user.name", ""))
        address = _clean(os.environ.get("GIT_COMMITTER_EMAIL") or found.get("user.email", ""))
        return f"{name} <{address}>" if name and address else OUR_IDENTITY

    def _is_too_old(self) -> bool:
        found = re.search(r"(\d+)\.(\d+)", self.run("version").text)
        oldest = tuple(int(part) for part in OLDEST_GIT.split("."))
        return found is not None and tuple(int(part) for part in found.groups()) < oldest


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Make git's environment: the inherited one, less what names another repository; messages in English."""
    kept = {name: value for name, value in inherited.items() if name not in _FOREIGN}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }


def end(process: subprocess.Popen[bytes]) -> None:
    """End the process with everything it started, and close its pipes; safe to call on one that is done."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def _clean(text: str) -> str:
    return re.sub(r"[<>\x00-\x1f\x7f]", "", text).strip()
