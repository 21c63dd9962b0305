"""The command line as a whole: exit codes, help, options and where they come from."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from tests.cli.shop import Shop, run
from tests.test_architecture import HEAVY, SOURCE

from workflowops import errors
from workflowops.cli import main
from workflowops.cli.group import COMMANDS, workflowops
from workflowops.cli.opening import names_of
from workflowops.errors import ExitCode, WorkflowOpsError

EXPECTED = {
    "WorkflowOpsError": 1,
    "ConfigurationError": 2,
    "BlockedError": 3,
    "RemoteError": 4,
    "StateError": 4,
    "PushRefusedError": 4,
    "N8nError": 4,
    "N8nUnreachableError": 4,
    "N8nUncertainError": 4,
    "N8nUnauthorizedError": 4,
    "N8nForbiddenError": 4,
    "N8nNotFoundError": 4,
    "N8nRejectedError": 4,
    "N8nAnswerError": 4,
    "ListingUnstableError": 4,
    "GitHubError": 4,
    "GitHubUnreachableError": 4,
    "GitHubUnauthorizedError": 4,
    "GitHubForbiddenError": 4,
    "GitHubNotFoundError": 4,
    "GitHubLimitedError": 4,
    "GitHubRejectedError": 4,
    "GitHubAnswerError": 4,
    "MovedError": 5,
}


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command, those of the groups below included, by the words that call it."""
    context = click.Context(workflowops)
    for name in workflowops.list_commands(context):
        command = workflowops.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", each) for inner, each in command.commands.items())


RUNNABLE = [(name, command) for name, command in commands() if not isinstance(command, click.Group)]
OPTIONS = [
    pytest.param(command, option, id=f"{name} {option.opts[-1]}")
    for name, command in RUNNABLE
    for option in command.params
    if isinstance(option, click.Option)
]


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "fail", ("tests.cli.failing:fail", "Fail."))


def parsed(command: click.Command, *arguments: str) -> dict[str, object]:
    """What a command would be called with; an argument that it cannot do without is 1."""
    needed = ["1" for each in command.params if isinstance(each, click.Argument) and each.required]
    return command.make_context("x", [*needed, *arguments]).params


def tree(error: type[WorkflowOpsError]) -> Iterator[type[WorkflowOpsError]]:
    yield error
    for below in error.__subclasses__():
        yield from tree(below)


def test_the_table_below_knows_every_error() -> None:
    assert {each.__name__ for each in tree(WorkflowOpsError) if each.__module__ == errors.__name__} == set(EXPECTED)


@pytest.mark.parametrize(("name", "code"), EXPECTED.items())
def test_every_error_has_its_exit_code_and_tells_its_fix(failing, name, code) -> None:
    ran = run("fail", name)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith("Error: The problem.\n")
    assert "\nFix: The fix.\n" in ran.err


def test_with_json_an_error_is_a_document_as_well(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("status", "--json")
    assert ran.code == 2
    assert ran.document["error"]["exit_code"] == 2
    assert "workflowops.yml" in ran.document["error"]["problem"]
    assert "--config" in ran.document["error"]["fix"]
    assert ran.err.startswith("Error: There is no workflowops.yml here.")


def test_an_error_cannot_command_the_runner(failing, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    lines = run("fail", "RemoteError").err.splitlines()
    commands_seen = [line for line in lines if line.lstrip().startswith("::")]
    assert commands_seen == ["::error::The problem.%0A::add-mask::x%0AFix: The fix.%0A##[error]y"]
    assert not [line for line in lines if "##[" in line and line not in commands_seen]


@pytest.mark.parametrize(
    ("what", "code"),
    [pytest.param(str(int(code)), int(code), id=code.name) for code in ExitCode] + [pytest.param("nothing", 0)],
)
def test_a_commands_answer_is_the_exit_code(failing, what, code) -> None:
    assert run("fail", what).code == code


def test_being_stopped_is_130() -> None:
    """A group's own name, so that nothing of ours runs before the interruption."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(COMMANDS, "fail", ("tests.cli.failing:fail", "Fail."))
        ran = run("fail", "interrupt")
    assert ran.code == 130
    assert "Stopped" in ran.err


def test_a_bug_is_not_hidden(failing) -> None:
    with pytest.raises(ZeroDivisionError):
        main(["fail", "bug"])


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        pytest.param(["nope"], "workflowops --help", id="unknown command"),
        pytest.param(["drift", "--nope"], "workflowops drift --help", id="unknown option"),
        pytest.param(["drift", "surplus"], "workflowops drift --help", id="surplus argument"),
        pytest.param(["baseline", "--accept", "both"], "workflowops baseline --help", id="unknown choice"),
        pytest.param(["drift", "--ref"], "workflowops --help", id="option without its value"),
        pytest.param(["audit", "nope"], "workflowops audit --help", id="unknown command of a group"),
    ],
)
def test_a_wrong_call_is_2_and_shows_where_help_is(arguments, hint) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert f"See `{hint}`" in ran.err


def test_a_wrong_call_cannot_command_the_runner() -> None:
    err = run("x\n::add-mask::y").err
    assert not any(line.lstrip().startswith("::") for line in err.splitlines())


@pytest.mark.parametrize("arguments", [[], ["audit"]], ids=["workflowops", "a group"])
def test_no_command_shows_the_help_and_no_error(arguments) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: ")
    assert "Error" not in ran.err


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["-h"]], ids=" ".join)
def test_what_the_program_says_of_itself_is_on_standard_output(arguments) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert "workflowops" in ran.out


def test_both_names_of_the_program_are_the_same() -> None:
    project = tomllib.loads((SOURCE.parent / "pyproject.toml").read_text())["project"]
    assert project["scripts"] == {"workflowops": "workflowops.cli:main", "wfo": "workflowops.cli:main"}


def test_every_exit_code_is_explained_in_the_help() -> None:
    text = " ".join(run("--help").out.split())
    assert all(f" {int(code)} " in text for code in ExitCode)


@pytest.mark.parametrize(("name", "command"), RUNNABLE, ids=[name for name, _ in RUNNABLE])
def test_every_help_has_an_example_that_can_be_called(name, command) -> None:
    ran = run(*name.split(), "--help")
    assert ran.code == 0
    examples = [line.split() for line in ran.out.splitlines() if line.strip().startswith(f"workflowops {name}")]
    assert examples
    for words in examples:
        command.make_context("x", words[1 + len(name.split()) :])


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_the_command_says(name) -> None:
    command = workflowops.get_command(click.Context(workflowops), name)
    assert command is not None
    assert (command.help or "").splitlines()[0] == COMMANDS[name][1]


def test_no_help_loads_anything_heavy(tmp_path) -> None:
    """All of them in one process; which one it was is easily found out when it fails."""
    program = (
        "import sys\n"
        "from workflowops.cli import main\n"
        f"for name in {[name.split() for name, _ in RUNNABLE]!r}:\n"
        "    assert main([*name, '--help']) == 0\n"
        "sys.stderr.write(' '.join(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.split()) & HEAVY == set()
    assert "workflowops.cli.onboard" in done.stderr.split()


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_every_option_has_a_variable_of_its_name(command, option) -> None:
    longest = max(option.opts, key=len)
    assert option.envvar == "WORKFLOWOPS_" + longest.removeprefix("--").replace("-", "_").upper()
    assert option.help


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_unset_input_is_an_option_left_out(monkeypatch, command, option) -> None:
    """GitHub hands an input that nobody gave as an empty text."""
    without = parsed(command)
    monkeypatch.setenv(option.envvar, "")
    assert parsed(command) == without


@pytest.mark.parametrize(
    ("command", "option"), [each for each in OPTIONS if each.values[1].is_flag], ids=lambda each: ""
)
@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("false", False), ("True", True), ("FALSE", False), ("1", True), ("0", False)],
)
def test_a_flag_reads_true_and_false(monkeypatch, command, option, value, expected) -> None:
    monkeypatch.setenv(option.envvar, value)
    assert parsed(command)[option.name] is expected


@pytest.mark.parametrize(
    ("command", "option"), [each for each in OPTIONS if each.values[1].is_flag], ids=lambda each: ""
)
def test_a_flag_that_is_neither_is_refused(monkeypatch, command, option) -> None:
    monkeypatch.setenv(option.envvar, "maybe")
    with pytest.raises(click.BadParameter):
        parsed(command)


@pytest.mark.parametrize(
    ("command", "option"),
    [each for each in OPTIONS if each.values[1].multiple],
    ids=lambda each: getattr(each, "name", ""),
)
@pytest.mark.parametrize(
    "value", ["a b", "a,b", " a , b ", "a\nb\n", "a\tb", "a,,b", ",a b,"], ids=["spaces", "commas", *"cdefg"]
)
def test_names_may_be_split_by_spaces_commas_and_lines(monkeypatch, command, option, value) -> None:
    monkeypatch.setenv(option.envvar, value)
    given = parsed(command)[option.name]
    assert names_of(given) == ("a", "b")
    assert names_of(parsed(command, option.opts[-1], "a", option.opts[-1], "b")[option.name]) == ("a", "b")


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_a_variable_says_what_the_option_says(monkeypatch, command, option) -> None:
    name = option.opts[-1]
    match option.type:
        case click.Choice(choices=choices):
            value = choices[0]
        case _:
            value = "true" if option.is_flag else "value"
    by_option = parsed(command, name) if option.is_flag else parsed(command, name, value)
    monkeypatch.setenv(option.envvar, value)
    assert parsed(command) == by_option


def test_an_option_goes_before_its_variable(monkeypatch) -> None:
    command = dict(RUNNABLE)["drift"]
    monkeypatch.setenv("WORKFLOWOPS_REF", "variable")
    assert parsed(command, "--ref", "option")["ref"] == "option"


def test_the_declared_commit_is_head_when_an_input_is_empty(monkeypatch) -> None:
    for name in ("", None):
        if name is None:
            monkeypatch.delenv("WORKFLOWOPS_REF")
        else:
            monkeypatch.setenv("WORKFLOWOPS_REF", name)
        assert parsed(dict(RUNNABLE)["drift"])["ref"] == "HEAD"


def run_in_a_process(*arguments: str, folder: Path, **options) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "workflowops", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCE), **options.pop("env", {})},
        timeout=120,
        check=False,
        **options,
    )


def test_the_module_answers_the_exit_code_to_the_shell(tmp_path) -> None:
    done = run_in_a_process("status", folder=tmp_path, capture_output=True)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"There is no workflowops.yml here." in done.stderr


def test_names_are_written_whatever_the_locale_says(empty_shop: Shop) -> None:
    empty_shop.put("prod", {"name": "Bestellungen für Zürich 🚀", "nodes": [], "connections": {}}, lenient=True)
    for arguments in (["sync"], ["sync", "--json"]):
        done = run_in_a_process(
            *arguments,
            folder=empty_shop.checkout,
            capture_output=True,
            env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"},
        )
        assert done.returncode == 0, done.stderr
        assert "Bestellungen für Zürich 🚀" in done.stdout.decode()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_who_leaves_early_does_not_change_the_exit_code(shop: Shop, stream) -> None:
    """`drift --fail-on-drift | head -1` in a shell with pipefail, which is GitHub's default."""
    shop.edit("Payment Gateway", {"name": "Payment Gateway 2"})
    read, write = os.pipe()
    os.close(read)
    other = "stderr" if stream == "stdout" else "stdout"
    try:
        done = run_in_a_process(
            *("drift", "--fail-on-drift", "--json"),
            folder=shop.checkout,
            env={"GITHUB_ACTIONS": "true"},
            **{stream: write, other: subprocess.PIPE},
        )
    finally:
        os.close(write)
    assert done.returncode == 3, getattr(done, other)
    assert b"Traceback" not in getattr(done, other)
