"""`init` in a real repository: asks or is told, writes what is missing, and leaves what people made."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shop import Ran, run
from tests.git_repositories import git

from workflowops.core.setup.files import FORM_PATH, paths

PIN = "acme/workflowops@0123456789abcdef0123456789abcdef01234567"
THREE = ("--environment", "dev", "--environment", "staging", "--environment", "prod")
TOLD = ("init", "--yes", "--actions", PIN)
DRIFT = ".github/workflows/workflowops-drift.yml"


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    monkeypatch.chdir(folder)
    return folder


def files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def results(ran: Ran) -> dict[str, str]:
    assert ran.code == 0, ran
    return {each["path"]: each["result"] for each in ran.document["files"]}


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch):
    """Somebody at a terminal, who types these lines."""
    import io

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def answers(*lines: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))

    return answers


def test_it_writes_everything_that_validate_then_takes(root) -> None:
    ran = run(*TOLD, *THREE)
    assert ran.code == 0, ran
    assert set(files(root)) == set(paths())
    assert run("validate").code == 0


def test_what_is_left_to_do_is_told() -> None:
    ran = run(*TOLD, *THREE)
    for said in ("N8N_STAGING_API_KEY", "workflow:list", "approval: comments", "workflowops doctor", "Issues: on"):
        assert said in ran.out


def test_a_second_run_changes_nothing(root) -> None:
    run(*TOLD, *THREE)
    before = files(root)
    ran = run(*TOLD, *THREE, "--json")
    assert set(results(ran).values()) == {"unchanged"}
    assert files(root) == before


def test_a_second_run_knows_the_environments_from_the_configuration(root) -> None:
    run(*TOLD, *THREE)
    ran = run(*TOLD, "--json")
    assert [each["name"] for each in ran.document["environments"]] == ["dev", "staging", "prod"]
    assert set(results(ran).values()) == {"unchanged"}


def test_an_environment_that_joins_later_is_not_taken_for_production(root) -> None:
    run(*TOLD, *THREE)
    ran = run(*TOLD, "--environment", "qa", "--json")
    production = {each["name"]: each["production"] for each in ran.document["environments"]}
    assert production == {"dev": False, "staging": False, "prod": True, "qa": False}


def test_a_newer_commit_updates_what_nobody_edited_and_shows_the_difference(root) -> None:
    run(*TOLD, *THREE)
    newer = PIN.replace("@0", "@f")
    ran = run("init", "--yes", "--actions", newer)
    assert f"-        uses: {PIN.replace('@', '/action/drift@')}" in ran.out
    assert f"+        uses: {newer.replace('@', '/action/drift@')}" in ran.out
    assert newer.partition("@")[2] in files(root)[DRIFT]


def test_what_somebody_edited_is_left_and_the_difference_shown(root) -> None:
    run(*TOLD, *THREE)
    edited = files(root)[DRIFT].replace("timeout-minutes: 30", "timeout-minutes: 50")
    (root / DRIFT).write_text(edited)
    ran = run(*TOLD, "--json")
    assert results(ran).pop(DRIFT) == "left"
    assert files(root)[DRIFT] == edited
    (told,) = [each for each in ran.document["files"] if each["path"] == DRIFT]
    assert "-    timeout-minutes: 50" in told["difference"]
    assert "edited" in told["advice"]


@pytest.mark.parametrize("path", paths())
def test_no_file_of_a_person_is_ever_written_over(root, path) -> None:
    content = (
        "version: 1\nenvironments:\n  dev: {url: '${A}', api_key: '${B}'}\n" if path == "workflowops.yml" else "x\n"
    )
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)
    ran = run(*TOLD, *THREE, "--json")
    assert results(ran)[path] == "left"
    assert files(root)[path] == content


def test_one_more_environment_joins_those_that_are_configured(root) -> None:
    run(*TOLD, "--environment", "dev", "--environment", "prod")
    ran = run(*TOLD, "--environment", "prod-us", "--json")
    assert [each["name"] for each in ran.document["environments"]] == ["dev", "prod", "prod-us"]
    assert results(ran)["workflowops.yml"] == "left"
    assert "N8N_PROD_US_URL" in files(root)[DRIFT]
    assert "N8N_DEV_URL" in files(root)[DRIFT]
    assert "prod-us" in files(root)[FORM_PATH]


def test_variables_of_a_configuration_that_is_there_are_kept(root) -> None:
    text = "version: 1\nenvironments:\n  live: {url: 'https://n8n.example.com', api_key: '${LIVE_KEY}'}\n"
    (root / "workflowops.yml").write_text(text)
    assert run(*TOLD).code == 0
    assert "      LIVE_KEY: ${{ secrets.LIVE_KEY }}\n" in files(root)[DRIFT]
    assert "N8N_" not in files(root)[DRIFT]


def test_an_address_of_several_variables_gives_all_of_them_to_the_jobs(root) -> None:
    text = "version: 1\nenvironments:\n  live: {url: 'https://${HOST}:${PORT}', api_key: '${LIVE_KEY}'}\n"
    (root / "workflowops.yml").write_text(text)
    ran = run(*TOLD, "--json")
    for name in ("HOST", "PORT"):
        assert f"      {name}: ${{{{ vars.{name} }}}}\n" in files(root)[DRIFT]
        assert name in [each["name"] for each in ran.document["needs"]["values"]]


def test_no_key_that_writes_is_asked_for_where_nothing_is_promoted_to(root) -> None:
    environments = "".join(
        f"  {name}: {{url: 'https://x.example', api_key: '${{{name.upper()}}}'}}\n" for name in "abc"
    )
    stages = "pipelines:\n  default: {stages: [{environment: a}, {environment: b}]}\n"
    (root / "workflowops.yml").write_text(f"version: 1\nenvironments:\n{environments}{stages}")
    needed = run(*TOLD, "--json").document["needs"]["values"]
    assert [each["environment"] for each in needed if each["environment"]] == ["b"]


def test_a_second_run_says_who_approves_by_the_configuration_and_keeps_branch_and_runner(root) -> None:
    run(*TOLD, *THREE, "--approval", "comments", "--branch", "trunk", "--runs-on", "self-hosted,linux")
    before = files(root)
    document = run(*TOLD, "--json").document
    assert [each["approval"] for each in document["needs"]["approvals"] if each["chosen"]] == ["comments"]
    assert (document["approval"], document["branch"], document["runs_on"]) == (
        "comments", "trunk", ["self-hosted", "linux"],
    )  # fmt: skip
    assert files(root) == before


def test_a_workflow_file_that_people_edited_beyond_the_options_is_no_dead_end(root) -> None:
    run(*TOLD, *THREE)
    edited = files(root)[DRIFT].replace("[main]", "[main, 'rel/**']").replace("ubuntu-latest", "${{ vars.RUNNER }}")
    (root / DRIFT).write_text(edited)
    ran = run(*TOLD, "--json")
    assert (ran.document["branch"], ran.document["runs_on"]) == ("main", ["ubuntu-latest"])
    assert files(root)[DRIFT] == edited


def test_an_approval_that_the_configuration_does_not_say_is_refused_and_not_told_as_chosen(root) -> None:
    run(*TOLD, *THREE, "--approval", "comments")
    ran = run(*TOLD, "--approval", "environment")
    assert (ran.code, "--approval does not change it" in ran.err) == (2, True)
    assert run(*TOLD, "--approval", "comments").code == 0


def test_the_commands_that_it_names_work_from_where_it_was_called(root, monkeypatch) -> None:
    (root / "sub folder").mkdir()
    monkeypatch.chdir(root / "sub folder")
    monkeypatch.setenv("WORKFLOWOPS_SOURCE", "/srv/pro grams/workflowops")
    commands = [each["command"] for each in run(*TOLD, *THREE, "--json").document["next"]]
    assert commands[0] == f"cd {root}"
    assert "bash '/srv/pro grams/workflowops/action/run.sh' doctor" in commands
    git("config", "user.email", "ada@example.com", cwd=root)
    git("config", "user.name", "ada", cwd=root)
    git("init", "--quiet", "--bare", str(root.parent / "origin.git"), cwd=root)
    git("remote", "add", "origin", str(root.parent / "origin.git"), cwd=root)
    git("checkout", "--quiet", "-b", "set-up", cwd=root)
    subprocess.run(["bash", "-c", " && ".join(commands[:2])], check=True, capture_output=True)
    assert git("ls-tree", "--name-only", "set-up", cwd=root.parent / "origin.git").split() == [
        ".gitattributes", ".github", "workflowops.yml",
    ]  # fmt: skip


def test_line_ends_around_our_part_of_the_attributes_stay(root) -> None:
    run(*TOLD, "--environment", "dev")
    theirs = ("*.png binary\r\n", "*.jpg binary\r\n")
    ours = files(root)[".gitattributes"].replace("\n", "\r\n")
    (root / ".gitattributes").write_bytes(f"{theirs[0]}{ours}{theirs[1]}".encode())
    assert results(run(*TOLD, "--environment", "prod", "--json"))[".gitattributes"] == "updated"
    content = (root / ".gitattributes").read_bytes().decode()
    assert content.startswith(theirs[0])
    assert content.endswith(theirs[1])
    assert content.count("\n") == content.count("\r\n")
    assert "prod/**" in content


def test_a_dry_run_writes_nothing_and_shows_everything(root) -> None:
    ran = run(*TOLD, *THREE, "--dry-run")
    assert ran.code == 0, ran
    assert files(root) == {}
    assert "would be written" in ran.out
    assert "Nothing was written; 10 files would be." in ran.out
    assert run(*TOLD, *THREE, "--dry-run", "--json").document["dry_run"] is True
    assert files(root) == {}


def test_options_reach_the_files(root) -> None:
    more = ("--branch", "trunk", "--runs-on", "self-hosted,linux", "--approval", "comments")
    assert run(*TOLD, *THREE, *more).code == 0
    assert "branches: [trunk]" in files(root)[DRIFT]
    assert "runs-on: [self-hosted, linux]" in files(root)[DRIFT]
    assert "approval: comments" in files(root)["workflowops.yml"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        pytest.param(("init", *THREE), "no terminal", id="nobody to ask"),
        pytest.param(TOLD, "No environment is named", id="no environment"),
        pytest.param(("init", "--yes", *THREE), "not known which commit", id="no commit known"),
        pytest.param(("init", "--yes", *THREE, "--actions", "acme/x@main"), "names no commit", id="a branch"),
        pytest.param((*TOLD, "--environment", "Prod"), "is no name", id="no name"),
        pytest.param((*TOLD, "--environment", "a-b", "--environment", "a_b"), "would both read", id="one variable"),
        pytest.param((*TOLD, *THREE, "--branch", "ma*n"), "cannot stand in a trigger", id="a pattern"),
        pytest.param((*TOLD, *THREE, "--approval", "none"), "'none' is not one of", id="no approval"),
    ],
)
def test_a_call_that_cannot_be_carried_out_writes_nothing(root, arguments, problem) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert problem in ran.err
    assert "Fix:" in ran.err
    assert files(root) == {}


def test_a_configuration_with_errors_is_told_before_anything_is_written(root) -> None:
    (root / "workflowops.yml").write_text("version: 7\n")
    ran = run(*TOLD, *THREE)
    assert (ran.code, set(files(root))) == (2, {"workflowops.yml"})
    assert "workflowops validate" in ran.err


def test_a_folder_that_leads_out_of_the_repository_is_refused(root, tmp_path) -> None:
    (tmp_path / "outside").mkdir()
    (root / ".github").symlink_to(tmp_path / "outside", target_is_directory=True)
    ran = run(*TOLD, *THREE)
    assert ran.code == 2
    assert "outside of the repository" in ran.err
    assert not (root / "workflowops.yml").exists()


def test_outside_of_a_repository_nothing_is_written(tmp_path, monkeypatch) -> None:
    (tmp_path / "plain").mkdir()
    monkeypatch.chdir(tmp_path / "plain")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    ran = run(*TOLD, *THREE)
    assert ran.code == 2
    assert "git init" in ran.err


def test_it_writes_at_the_root_from_wherever_it_is_called(root, monkeypatch) -> None:
    (root / "sub").mkdir()
    monkeypatch.chdir(root / "sub")
    assert run(*TOLD, *THREE).code == 0
    assert set(files(root)) == set(paths())


def test_answers_on_a_terminal_make_the_files(root, answering) -> None:
    answering("test, live", "Test bed", "", "", "comments", "y")
    ran = run("init", "--actions", PIN)
    assert ran.code == 0, ran
    text = files(root)["workflowops.yml"]
    assert "title: Test bed" in text
    assert "title: Live" in text
    assert "approval: comments" in text


def test_a_name_that_cannot_be_used_is_asked_for_again(root, answering) -> None:
    answering("Test, Live", "test", "", "y")
    ran = run("init", "--actions", PIN)
    assert ran.code == 0, ran
    assert "is no name of an environment" in ran.err
    assert "  test:" in files(root)["workflowops.yml"]


def test_a_no_writes_nothing(root, answering) -> None:
    answering("", "", "", "", "", "", "n")
    ran = run("init", "--actions", PIN)
    assert ran.code == 0, ran
    assert files(root) == {}
    assert "Nothing was written" in ran.out


def test_questions_do_not_get_into_the_document(root, answering) -> None:
    answering("", "", "", "", "", "", "y")
    ran = run("init", "--actions", PIN, "--json")
    assert [each["title"] for each in ran.document["environments"]] == ["Development", "Staging", "Production"]
    assert ran.document["dry_run"] is False
    assert set(files(root)) == set(paths())


def test_an_end_of_input_writes_nothing(root, answering) -> None:
    answering("dev")
    assert run("init", "--actions", PIN).code == 130
    assert files(root) == {}


def test_started_by_run_sh_it_pins_the_commit_of_its_checkout(root, tmp_path) -> None:
    """The variable that action/run.sh sets names a checkout whose commit is on its origin."""
    program = tmp_path / "workflowops"
    program.mkdir()
    git("init", "--quiet", cwd=program)
    git("commit", "--quiet", "--allow-empty", "--message", "Begin", cwd=program)
    git("remote", "add", "origin", "https://github.com/acme/ops.git", cwd=program)
    git("update-ref", "refs/remotes/origin/main", "HEAD", cwd=program)
    import os

    done = subprocess.run(
        [sys.executable, "-P", "-m", "workflowops", "init", "--yes", *THREE, "--json"],
        cwd=root,
        env=os.environ | {"WORKFLOWOPS_SOURCE": str(program), "PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["actions"] == f"acme/ops@{git('rev-parse', 'HEAD', cwd=program)}"
