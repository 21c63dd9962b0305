"""Which commit the actions are pinned to: said by whoever started the program, or not known; never guessed."""

from pathlib import Path

import pytest
from tests.git_repositories import commit_files, git, isolate_git

from workflowops.io.own_source import own_source

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose commit is on a branch of its origin."""
    isolate_git(monkeypatch, tmp_path)
    folder = tmp_path / "workflowops"
    folder.mkdir()
    git("init", "--quiet", "--initial-branch", "main", cwd=folder)
    commit_files(folder, {"action.yml": b"name: x\n"}, push=False)
    git("remote", "add", "origin", "https://github.com/acme/workflowops.git", cwd=folder)
    git("update-ref", "refs/remotes/origin/main", "HEAD", cwd=folder)
    return folder


def variables(checkout: Path, **more: str) -> dict[str, str]:
    return {"WORKFLOWOPS_SOURCE": str(checkout)} | more


def test_a_checkout_says_its_repository_and_commit(checkout) -> None:
    found = own_source(variables(checkout))
    assert found.pin == f"acme/workflowops@{git('rev-parse', 'HEAD', cwd=checkout)}"


@pytest.mark.parametrize(
    ("address", "repository"),
    [
        ("git@github.com:acme/ops.git", "acme/ops"),
        ("ssh://git@github.com/acme/ops", "acme/ops"),
        ("ssh://git@github.com:22/acme/ops.git", "acme/ops"),
        ("https://x-access-token:secret@github.com/acme/ops.git/", "acme/ops"),
        ("https://github.example.com/acme/ops", "acme/ops"),
        ("https://gitlab.com/acme/ops.git", None),
        ("https://github.com/acme/group/ops.git", None),
        ("/srv/git/acme/ops.git", None),
        ("../ops", None),
    ],
)
def test_only_an_origin_on_github_can_be_named(checkout, address, repository) -> None:
    git("remote", "set-url", "origin", address, cwd=checkout)
    found = own_source(variables(checkout, GITHUB_SERVER_URL="https://github.example.com"))
    assert (found.pin and found.pin.partition("@")[0]) == repository
    assert "secret" not in f"{found}"


def test_a_commit_that_was_not_pushed_is_not_named(checkout) -> None:
    commit_files(checkout, {"action.yml": b"name: y\n"}, push=False)
    found = own_source(variables(checkout))
    assert found.pin is None
    assert "on no branch of its origin" in found.reason
    assert "Push it to acme/workflowops" in found.fix


def test_a_folder_inside_another_repository_says_nothing(checkout) -> None:
    (checkout / "copy").mkdir()
    assert own_source(variables(checkout / "copy")).pin is None


@pytest.mark.parametrize("source", ["", "/does/not/exist"])
def test_without_a_checkout_nothing_is_known(source) -> None:
    found = own_source({"WORKFLOWOPS_SOURCE": source})
    assert found.pin is None
    assert "--actions" in found.fix


def test_a_runner_says_the_commit_of_the_action(tmp_path) -> None:
    given = {"GITHUB_ACTION_REPOSITORY": "acme/workflowops", "GITHUB_ACTION_REF": COMMIT}
    given["GITHUB_ACTION_PATH"] = str(tmp_path / "action" / "sync")
    assert own_source(variables(tmp_path, **given)).pin == f"acme/workflowops@{COMMIT}"


@pytest.mark.parametrize("ref", ["main", "v1", COMMIT[:7]])
def test_an_action_that_runs_from_a_branch_or_tag_pins_nothing(tmp_path, ref) -> None:
    given = {"GITHUB_ACTION_REPOSITORY": "acme/workflowops", "GITHUB_ACTION_REF": ref}
    found = own_source(variables(tmp_path, **given, GITHUB_ACTION_PATH=str(tmp_path)))
    assert found.pin is None
    assert ref in found.reason


def test_the_variables_of_another_action_say_nothing(checkout, tmp_path) -> None:
    given = {"GITHUB_ACTION_REPOSITORY": "actions/checkout", "GITHUB_ACTION_REF": COMMIT}
    found = own_source(variables(checkout, **given, GITHUB_ACTION_PATH=str(tmp_path / "other")))
    assert (found.pin or "").startswith("acme/workflowops@")


def test_a_checkout_with_changes_that_no_commit_holds_is_not_named(checkout) -> None:
    """The files that `init` writes would be those of the changes, and the actions that they name another program."""
    (checkout / "action.yml").write_bytes(b"name: z\n")
    found = own_source(variables(checkout))
    assert found.pin is None
    assert "changes" in found.reason


def test_a_file_that_git_does_not_know_is_no_change_of_the_program(checkout) -> None:
    (checkout / "notes.txt").write_bytes(b"mine\n")
    assert own_source(variables(checkout)).pin is not None
