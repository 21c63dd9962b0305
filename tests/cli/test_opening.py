"""Opening: what a command works with comes from configuration, environment and repository, or is refused."""

import asyncio
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from tests.cli.shop import configuration
from tests.git_repositories import bare_remote, clone, git

from workflowops.cli.opening import (
    actor_of,
    files_remote,
    is_alive,
    load_configuration,
    mask_keys,
    names_of,
    open_n8n,
    opened,
    place_of,
    read_file,
    titled,
)
from workflowops.cli.options import Shared
from workflowops.commands.ports import Actor
from workflowops.core.claims import Claim
from workflowops.core.configuration import Connection, Environment, read_configuration
from workflowops.core.problems import Problem, Severity
from workflowops.errors import ConfigurationError
from workflowops.io.runner import Runner

RUN = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_ACTOR": "grace",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/workflows",
    "GITHUB_RUN_ID": "17",
    "GITHUB_RUN_ATTEMPT": "2",
}
URL = "https://github.com/acme/workflows/actions/runs/17"
SHARED = Shared("workflowops.yml", (), "HEAD", "origin", "workflowops-state", False, False)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    remote = bare_remote(tmp_path, files={"workflowops.yml": configuration("dev", "prod")})
    monkeypatch.chdir(clone(remote, tmp_path / "checkout"))
    return tmp_path / "checkout"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param((), (), id="none"),
        pytest.param(("dev", "prod"), ("dev", "prod"), id="repeated"),
        pytest.param(("dev,prod",), ("dev", "prod"), id="commas"),
        pytest.param((" dev\tprod\n", ", staging,"), ("dev", "prod", "staging"), id="white space of all kinds"),
        pytest.param(("", " , "), (), id="nothing in it"),
    ],
)
def test_names_are_split_by_white_space_and_commas(values, expected) -> None:
    assert names_of(values) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param(RUN, Actor(name="grace", run_id="17-2", run_url=URL), id="a run"),
        pytest.param(
            {**RUN, "GITHUB_TRIGGERING_ACTOR": "ada"}, Actor(name="ada", run_id="17-2", run_url=URL), id="run again"
        ),
        pytest.param(
            {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "17"},
            Actor(name="github-actions", run_id="17-1"),
            id="as little as possible",
        ),
    ],
)
def test_in_a_run_github_says_who_it_is(variables, expected) -> None:
    assert actor_of(variables, Runner(variables)) == expected


def test_elsewhere_it_is_the_user(monkeypatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    actor = actor_of({}, Runner({}))
    assert (actor.name, actor.run_url) == ("ada", None)
    assert actor.run_id.endswith(f"-{os.getpid()}")


def test_a_user_without_a_name_is_unknown(monkeypatch) -> None:
    """A container's user need not stand in /etc/passwd."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987_654_321)
    assert actor_of({}, Runner({})).name == "unknown"


def claim_of(run_id: str | None) -> Claim:
    now = datetime(2026, 1, 14, tzinfo=UTC)
    return Claim("sync/prod", "ada", "sync", "c1", created_at=now, renewed_at=now, expires_at=now, run_id=run_id)


def test_only_a_process_of_this_machine_is_known_to_be_over() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    assert is_alive(claim_of(f"{socket.gethostname()}-{ended.pid}")) is False
    assert is_alive(claim_of(f"{socket.gethostname()}-{os.getpid()}")) is None, "a number may be another process's now"


@pytest.mark.parametrize(
    "run_id",
    [
        pytest.param(None, id="no run"),
        pytest.param("17-2", id="a run of GitHub"),
        pytest.param("elsewhere-1", id="another machine"),
        pytest.param(f"{socket.gethostname()}-x", id="no number"),
        pytest.param(f"{socket.gethostname()}-{10**30}", id="no number of a process"),
        pytest.param(socket.gethostname(), id="no process"),
    ],
)
def test_of_any_other_run_nobody_knows(run_id) -> None:
    assert is_alive(claim_of(run_id)) is None


@pytest.mark.parametrize(
    ("line", "column", "expected"), [(None, None, "a.yml"), (3, None, "a.yml:3"), (3, 7, "a.yml:3:7")]
)
def test_a_place_is_told_as_far_as_it_is_known(line, column, expected) -> None:
    problem = Problem("a.yml", line, column, "rule", "message", "fix", Severity.ERROR)
    assert place_of(problem) == expected


def test_a_configuration_that_is_not_there(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"There is no workflowops\.yml here") as caught:
        read_file("workflowops.yml")
    assert "--config" in caught.value.fix
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_file(str(tmp_path))


def test_every_problem_of_a_configuration_is_told_with_its_line(tmp_path) -> None:
    path = tmp_path / "workflowops.yml"
    path.write_bytes(configuration("dev").replace(b"${N8N_DEV_API_KEY}", b"eyJ-literal-key") + b"bogus: 1\n")
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(str(path))
    told = str(caught.value)
    assert "2 problems" in told
    assert f"{path}:6:" in told
    assert f"{path}:7:" in told
    assert "eyJ-literal-key" not in told + caught.value.fix


def test_warnings_do_not_stop_a_command(tmp_path) -> None:
    path = tmp_path / "workflowops.yml"
    path.write_bytes(b"version: 1\nenvironments:\n  dev: {url: 'http://n8n.internal', api_key: '${KEY}'}\n")
    assert list(load_configuration(str(path)).environments) == ["dev"]


def read(source: bytes):
    found, problems = read_configuration(source, path="workflowops.yml")
    assert found is not None, problems
    return found


def test_keys_are_masked_where_there_is_a_runner(capsys) -> None:
    variables = {"GITHUB_ACTIONS": "true", "N8N_DEV_API_KEY": "one", "N8N_PROD_API_KEY": ""}
    mask_keys(read(configuration("dev", "prod")), variables, Runner(variables))
    assert capsys.readouterr().err == "::add-mask::one\n"
    mask_keys(read(configuration("dev")), {"N8N_DEV_API_KEY": "one"}, Runner({}))
    assert capsys.readouterr().err == ""


def test_titles_read_variables_but_never_a_key() -> None:
    source = configuration("dev").replace(b"title: Dev", b"title: 'Dev ${REGION} ${N8N_DEV_API_KEY} ${UNSET}'")
    variables = {"REGION": "Europe", "N8N_DEV_API_KEY": "secret"}
    title = titled(read(source), variables).environments["dev"].title
    assert title == "Dev Europe ${N8N_DEV_API_KEY} ${UNSET}"


def test_a_workspace_is_opened_and_closed(checkout) -> None:
    with opened(SHARED) as at:
        assert [each.name for each in at.environments] == ["dev", "prod"]
        assert at.workspace.repository.resolve("HEAD") == git("rev-parse", "HEAD", cwd=checkout)
        assert at.workspace.state.view().tip is None
        assert at.workspace.clock().tzinfo is not None
        assert len({at.workspace.new_id() for _ in range(100)}) == 100


def test_environments_are_chosen_by_name(checkout) -> None:
    with opened(Shared("workflowops.yml", ("prod,",), "HEAD", "origin", "s", False, False)) as at:
        assert [each.name for each in at.environments] == ["prod"]
        assert len(at.workspace.configuration.environments) == 2
    with (
        pytest.raises(ConfigurationError, match="`pro`") as caught,
        opened(Shared("workflowops.yml", ("pro",), "HEAD", "origin", "s", False, False)),
    ):
        pass
    assert "prod" in caught.value.fix


@pytest.mark.parametrize(
    ("remote", "branch"),
    [
        pytest.param("--upload-pack=touch /tmp/x", "workflowops-state", id="an option for a remote"),
        pytest.param("", "workflowops-state", id="no remote"),
        pytest.param("origin", "--force", id="an option for a branch"),
        pytest.param("origin", "a..b", id="no branch"),
        pytest.param("origin", "", id="an empty branch"),
    ],
)
def test_what_git_would_misread_is_refused(checkout, remote, branch) -> None:
    with (
        pytest.raises(ConfigurationError),
        opened(Shared("workflowops.yml", (), "HEAD", remote, branch, False, False)),
    ):
        pass


def test_files_are_pushed_where_the_branch_belongs(checkout, tmp_path) -> None:
    state = bare_remote(tmp_path, name="state.git")
    assert files_remote(checkout, state_remote="origin") == "origin"
    assert files_remote(checkout, state_remote=str(state)) == "origin"
    git("remote", "rename", "origin", "upstream", cwd=checkout)
    assert files_remote(checkout, state_remote="upstream") == "upstream"
    git("checkout", "--quiet", "--detach", cwd=checkout)
    assert files_remote(checkout, state_remote=str(state)) == "origin"


def test_a_client_is_opened_without_a_request_and_closed() -> None:
    environment = Environment(name="dev", title="Dev", url="", api_key="", folder="dev", timeout_seconds=1)

    async def use() -> int:
        async with open_n8n(Connection("http://127.0.0.1:9", "key"), environment) as n8n:
            return n8n.requests

    assert asyncio.run(use()) == 0
