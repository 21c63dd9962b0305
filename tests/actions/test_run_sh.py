"""`action/run.sh` starts the program on any machine, installs once, and leaves everything else alone."""

import json
import os
import shutil
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL_TOOLS = ["bash", "cat", "cp", "dirname", "find", "git", "mkdir", "mktemp", "mv", "rm", "sort"]

# Stands for the program: tells what it was given.
PROGRAM = """
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "path": sys.path, "program": __file__, "utf8": sys.flags.utf8_mode}))
from workflowops import part
sys.exit(int(os.environ.get("EXIT_WITH", "0")))
"""

# Stands for uv: makes an environment that is nothing but a link to Python, and writes down how it was called.
UV = """#!/usr/bin/env bash
if [ "$1" = --version ]; then exit 0; fi
printf '%s|%s|%s\\n' "$*" "$PWD" "${UV_DEFAULT_INDEX:-}" >>"$UV_LOG"
case "$1" in
  venv)
    while [ $# -gt 1 ]; do if [ "$1" = --python ]; then python=$2; fi; shift; done
    mkdir -p "$1/bin" && ln -s "$python" "$1/bin/python"
    ;;
  pip) if [ -n "${UV_FAILS:-}" ]; then echo "uv: the index does not answer" >&2; exit 1; fi ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """A checkout of the action in a path with blanks, a folder of programs that is all of PATH, and an empty cache."""

    checkout: Path
    programs: Path
    cache: Path
    uv_log: Path

    def run(
        self, *arguments: str, folder: Path | None = None, **variables: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Run run.sh; a variable of None is not set."""
        environment = {
            "PATH": str(self.programs),
            "WORKFLOWOPS_CACHE": str(self.cache),
            "WORKFLOWOPS_PYTHON": sys.executable,
            "UV_LOG": str(self.uv_log),
            "PYTHONDONTWRITEBYTECODE": "1",
        } | variables
        return subprocess.run(
            [self.programs / "bash", self.checkout / "action" / "run.sh", *arguments],
            cwd=folder or self.checkout.parent,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def installs(self) -> list[str]:
        """The calls of `uv pip install` so far."""
        log = self.uv_log.read_text() if self.uv_log.exists() else ""
        return [line for line in log.splitlines() if line.startswith("pip install")]

    def cached(self) -> list[str]:
        """What kinds of things the cache holds."""
        return sorted(path.name.split("-")[0] for path in self.cache.iterdir()) if self.cache.exists() else []


def write_program(path: Path, text: str) -> None:
    path.write_text(textwrap.dedent(text))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def python_that(path: Path, *, before: str = "", version: str = "sys.version_info") -> str:
    """Write a Python that says it is `path` itself, and of that version; shell lines first may answer in its place."""
    pretend = f"import sys; sys._base_executable = {str(path)!r}; sys.version_info = {version}; exec(sys.argv.pop(1))"
    write_program(
        path,
        f"""\
        #!{shutil.which("bash")}
        {before}
        if [ "$2" = -c ]; then shift 2; exec "{sys.executable}" -I -c '{pretend.replace("'", '"')}' "$@"; fi
        exec "{sys.executable}" "$@"
        """,
    )
    return str(path)


NO_PIP = 'if [ "$2" = -m ]; then exit 1; fi'
# `-I -m pip ...`: writes down how it was called; what it installs with --target is uv.
PIP = (
    'if [ "$3" = pip ]; then echo "pip $PIP_REQUIRE_HASHES$PIP_ONLY_BINARY $*" >>"$UV_LOG"; while [ $# -gt 1 ]; do '
    'if [ "$1" = --target ]; then mkdir -p "$2/bin"; cp "$UV_PROGRAM" "$2/bin/uv"; fi; shift; done; exit 0; fi'
)


@pytest.fixture
def machine(tmp_path) -> Iterator[Machine]:
    checkout, programs = tmp_path / "a checkout", tmp_path / "programs"
    package = checkout / "src" / "workflowops"
    package.mkdir(parents=True)
    programs.mkdir()
    shutil.copytree(ROOT / "action", checkout / "action")
    (package / "__init__.py").touch()
    (package / "part.py").touch()
    (package / "__main__.py").write_text(PROGRAM)
    for name in SHELL_TOOLS:
        (programs / name).symlink_to(shutil.which(name) or pytest.skip(f"{name} is not on PATH"))
    (programs / "env").symlink_to(shutil.which("env") or "/usr/bin/env")
    (programs / "ln").symlink_to(shutil.which("ln") or "/bin/ln")
    write_program(programs / "uv", UV)
    yield Machine(checkout=checkout, programs=programs, cache=tmp_path / "a cache", uv_log=tmp_path / "uv.log")
    assert not list(tmp_path.rglob(".making.*")), "a temporary folder was left behind"


def listing(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*"))


def test_arguments_and_exit_code_pass_through_unchanged(machine) -> None:
    arguments = ["drift", "--environment", "a b", "", "$(id)", "*", "it's"]
    done = machine.run(*arguments, EXIT_WITH="3")
    assert json.loads(done.stdout)["arguments"] == arguments
    assert done.returncode == 3


def test_the_first_run_installs_and_says_so_in_one_line_the_second_does_neither(machine) -> None:
    first, second = machine.run(), machine.run()
    assert len(first.stderr.splitlines()) == 1
    assert (second.returncode, second.stderr) == (0, "")
    assert len(machine.installs()) == 1


def test_only_pinned_wheels_are_installed_and_never_in_the_callers_folder(machine) -> None:
    machine.run(folder=machine.checkout)
    (install,) = machine.installs()
    command, folder, _ = install.split("|")
    assert "--require-hashes" in command
    assert "--no-build" in command
    assert Path(folder).parent == machine.cache


@pytest.mark.parametrize(
    ("notify", "file"),
    [
        pytest.param("true", "requirements-notify.txt", id="asked for"),
        pytest.param("false", "requirements.txt", id="not wanted"),
        pytest.param("", "requirements.txt", id="left empty"),
        pytest.param(None, "requirements.txt", id="left out"),
        pytest.param("$(id)", "requirements.txt", id="anything else"),
    ],
)
def test_what_notifies_is_installed_only_when_it_is_asked_for(machine, notify, file) -> None:
    assert machine.run(WORKFLOWOPS_NOTIFY=notify).returncode == 0
    (install,) = machine.installs()
    assert install.split("|")[0].endswith(f"/action/{file}")


def test_with_and_without_notifications_each_has_an_environment_of_its_own(machine) -> None:
    for notify in ("true", None, "true", None):
        machine.run(WORKFLOWOPS_NOTIFY=notify)
    assert len(machine.installs()) == 2
    assert machine.cached() == ["app", "env", "env"]


@pytest.mark.parametrize(
    ("changed", "installs", "apps"),
    [
        pytest.param("action/requirements.txt", 2, 1, id="a requirement"),
        pytest.param("src/workflowops/part.py", 1, 2, id="the source"),
        pytest.param("src/workflowops/data.json", 1, 2, id="a new file in the source"),
        pytest.param("src/workflowops/__pycache__/part.pyc", 1, 1, id="somebody's bytecode"),
        pytest.param("README.md", 1, 1, id="anything else"),
    ],
)
def test_what_changed_is_made_again(machine, changed, installs, apps) -> None:
    machine.run()
    (machine.checkout / changed).parent.mkdir(exist_ok=True)
    with (machine.checkout / changed).open("a") as file:
        file.write("# changed\n")
    assert machine.run().returncode == 0
    assert len(machine.installs()) == installs
    assert machine.cached().count("app") == apps


def test_a_renamed_file_counts_as_changed(machine) -> None:
    machine.run()
    source = machine.checkout / "src" / "workflowops"
    (source / "part.py").rename(source / "piece.py")
    assert "cannot import name 'part'" in machine.run().stderr


def test_the_checkout_stays_as_it_was_and_bytecode_goes_to_the_cache(machine) -> None:
    before = listing(machine.checkout)
    machine.run()
    assert listing(machine.checkout) == before
    assert list(machine.cache.rglob("part.*.pyc"))


def test_nothing_is_imported_from_the_folder_that_is_worked_on(machine, tmp_path) -> None:
    repository = tmp_path / "a repository"
    (repository / "workflowops").mkdir(parents=True)
    for name in ["workflowops/__init__.py", "json.py", "click.py", "sitecustomize.py"]:
        (repository / name).write_text("raise SystemExit('imported from the repository')")
    done = machine.run(folder=repository, PYTHONPATH=str(repository))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert not {str(repository), ""} & set(told["path"])
    assert Path(told["program"]).is_relative_to(machine.cache)
    assert told["utf8"] == 1


def test_runs_side_by_side_share_one_installation(machine) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: machine.run(), range(8)))
    assert [(one.returncode, one.stderr.count("Error")) for one in done] == [(0, 0)] * 8
    assert machine.cached() == ["app", "env"]


def test_a_failed_installation_tells_why_leaves_nothing_and_is_tried_again(machine, tmp_path) -> None:
    python = python_that(tmp_path / "python3", before=NO_PIP)
    failed = machine.run(UV_FAILS="yes", WORKFLOWOPS_PYTHON=python)
    assert failed.returncode == 4
    assert "uv: the index does not answer" in failed.stderr
    assert "Fix: " in failed.stderr
    assert machine.cached() == []
    assert machine.run(WORKFLOWOPS_PYTHON=python).returncode == 0


def test_an_interpreter_that_went_away_is_replaced(machine, tmp_path) -> None:
    machine.run()
    (link,) = machine.cache.glob("env-*/bin/python")
    link.unlink()
    link.symlink_to(tmp_path / "gone")
    assert machine.run().returncode == 0
    assert machine.cached() == ["app", "env"]


def test_what_nobody_used_for_a_month_goes_when_something_new_is_made(machine) -> None:
    machine.run()
    month_ago = time.time() - 40 * 24 * 3600
    for mark in machine.cache.glob("*/.used"):
        os.utime(mark, (month_ago, month_ago))
    with (machine.checkout / "action" / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert machine.run().returncode == 0
    assert machine.cached() == ["app", "env"]


@pytest.mark.parametrize(
    ("variables", "handed_over"),
    [
        pytest.param({"PIP_INDEX_URL": "https://mirror.example/pip"}, "https://mirror.example/pip", id="pip's mirror"),
        pytest.param(
            {"PIP_INDEX_URL": "https://mirror.example/pip", "UV_DEFAULT_INDEX": "https://mirror.example/uv"},
            "https://mirror.example/uv",
            id="uv's own mirror first",
        ),
        pytest.param({}, "", id="none"),
    ],
)
def test_mirrors_are_respected(machine, variables, handed_over) -> None:
    machine.run(**variables)
    assert machine.installs()[0].split("|")[2] == handed_over


def test_without_uv_the_pinned_one_is_fetched_with_pip_and_kept(machine, tmp_path) -> None:
    (machine.programs / "uv").rename(tmp_path / "uv")
    variables = {
        "WORKFLOWOPS_PYTHON": python_that(tmp_path / "python3", before=PIP),
        "UV_PROGRAM": str(tmp_path / "uv"),
    }
    assert machine.run(**variables).returncode == 0
    with (machine.checkout / "action" / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert machine.run(**variables).returncode == 0
    fetched = [line for line in machine.uv_log.read_text().splitlines() if "--target" in line]
    assert len(fetched) == 1
    assert fetched[0].startswith("pip 1:all: ")
    assert fetched[0].endswith("uv-requirements.txt")
    assert machine.cached() == ["app", "env", "env", "uv"]


def test_where_uv_does_not_get_through_pip_installs(machine, tmp_path) -> None:
    done = machine.run(UV_FAILS="yes", WORKFLOWOPS_PYTHON=python_that(tmp_path / "python3", before=PIP))
    assert done.returncode == 0, done.stderr
    assert "pip 1:all: -I -m pip --python" in machine.uv_log.read_text()


@pytest.mark.parametrize(
    ("lacking", "variables", "problem", "fix"),
    [
        pytest.param({"version": "(3, 9, 18)"}, {}, "is Python 3.9; WorkflowOps needs 3.11", "PYTHON", id="old Python"),
        pytest.param({"before": "exit 1"}, {}, "does not start", "WORKFLOWOPS_PYTHON", id="broken Python"),
        pytest.param({}, {"WORKFLOWOPS_PYTHON": None}, "no python3 on PATH", "Install Python 3.11", id="no Python"),
        pytest.param({"before": NO_PIP}, {"UV": "no"}, "neither pip nor ensurepip", "python3-venv", id="no pip"),
        pytest.param({}, {"WORKFLOWOPS_CACHE": None}, "HOME is not set", "WORKFLOWOPS_CACHE", id="no HOME"),
        pytest.param({}, {"WORKFLOWOPS_CACHE": "/dev/null/x"}, "cannot be written", "CACHE", id="no place"),
    ],
)
def test_what_the_machine_lacks_is_said_with_its_fix(machine, tmp_path, lacking, variables, problem, fix) -> None:
    python = python_that(tmp_path / "python3.x", **lacking)
    if variables.get("UV") == "no":
        (machine.programs / "uv").unlink()
    done = machine.run(**{"WORKFLOWOPS_PYTHON": python, "GITHUB_ACTIONS": "true"} | variables)
    assert done.returncode == 2
    annotation, error, told_fix = done.stderr.splitlines()[-3:]
    assert error.startswith("Error: ")
    assert problem in error
    assert told_fix.startswith("Fix: ")
    assert fix in told_fix
    assert annotation.startswith("::error title=WorkflowOps::")
    assert done.stdout == ""
