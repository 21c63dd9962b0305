"""Git: nothing surprises, nothing is asked, no environment and no user's configuration misleads it."""

import os
import select
import subprocess
from pathlib import Path

import pytest
from tests.git_repositories import bare_remote, clone, git, isolate_git

from workflowops.errors import ConfigurationError
from workflowops.io.git import OUR_IDENTITY, Git, end, environment
from workflowops.io.git_failures import GitFailure
from workflowops.io.git_remote import GitRemote


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_git(monkeypatch, tmp_path / "home")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return clone(bare_remote(tmp_path), tmp_path / "clone")


def test_an_environment_made_for_another_repository_is_left_behind() -> None:
    given = {"GIT_DIR": "/elsewhere", "GIT_INDEX_FILE": "x", "PATH": "/bin", "LC_ALL": "de_DE", "LANGUAGE": "de"}
    made = environment(given | {"GIT_CONFIG_COUNT": "1"})
    assert made["GIT_TERMINAL_PROMPT"] == "0"
    assert made["LC_ALL"] == "C"
    assert made["GIT_CONFIG_COUNT"] == "1"
    assert not made.keys() & {"GIT_DIR", "GIT_INDEX_FILE", "LANGUAGE"}


def test_git_works_inside_a_hook_of_another_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere/.git")
    assert Git(repository).run("rev-parse", "--show-toplevel").text == str(repository)


def test_a_machine_without_git_is_told_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(ConfigurationError, match="not on PATH"):
        Git(repository).run("version")


@pytest.mark.parametrize("folder", ["empty", "absent"])
def test_a_folder_that_is_no_repository_is_told_so(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigurationError) as caught:
        _ = Git(tmp_path / folder).facts
    assert "git checkout" in caught.value.fix


def test_a_git_that_is_too_old_is_told_so(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text(
        '#!/bin/sh\ncase "$*" in *" version") echo git version 2.17.1;; *) echo usage >&2; exit 129;; esac\n'
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}:/bin:/usr/bin")
    with pytest.raises(ConfigurationError) as caught:
        GitRemote(Git(repository), "origin").fetch("refs/heads/main")
    assert "2.30" in caught.value.fix


def test_ending_a_command_ends_all_that_it_started(repository: Path) -> None:
    git("config", "alias.wait", "!echo ready; sleep 60 & sleep 60", cwd=repository)
    process = Git(repository).start("wait", stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    kept = os.dup(process.stdout.fileno())
    end(process)
    ready, _, _ = select.select([kept], [], [], 20)
    assert ready, "somebody still holds the pipe"
    assert os.read(kept, 1) == b""
    os.close(kept)


def test_a_command_past_its_time_is_ended(repository: Path) -> None:
    git("config", "alias.wait", "!sleep 60", cwd=repository)
    answer = Git(repository).run("wait", seconds=0.2)
    assert answer.timed_out
    assert answer.failure is GitFailure.UNREACHABLE
    assert "in time" in answer.problem


def test_a_bare_runner_commits_as_ourselves_and_a_person_as_that_person(repository: Path) -> None:
    assert Git(repository).identity == OUR_IDENTITY
    git("config", "user.name", "Ada <Lovelace>", cwd=repository)
    git("config", "user.email", "ada@example.com", cwd=repository)
    assert Git(repository).identity == "Ada Lovelace <ada@example.com>"


def test_ending_a_process_twice_is_fine(repository: Path) -> None:
    process = Git(repository).start("cat-file", "--batch", stderr=subprocess.DEVNULL)
    end(process)
    end(process)
    assert process.poll() is not None
