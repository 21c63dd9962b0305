"""Opening what a command works with: configuration, repository, state branch, n8n."""

import getpass
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from workflowops.cli.options import DEFAULT_REMOTE, Shared
from workflowops.cli.printing import StderrProgress
from workflowops.commands.ports import Actor, N8nWriter, Workspace
from workflowops.core.access import title_of, variables_in
from workflowops.core.claims import Claim
from workflowops.core.configuration import Configuration, Connection, Environment, read_configuration, select
from workflowops.core.problems import Problem, Severity
from workflowops.errors import ConfigurationError
from workflowops.io.checkout import GitRepository
from workflowops.io.git import Git
from workflowops.io.runner import Runner
from workflowops.io.state import GitStateStore


@dataclass(frozen=True, slots=True)
class Opened:
    """A workspace, the environments asked for, and the runner to report to."""

    workspace: Workspace
    environments: tuple[Environment, ...]
    runner: Runner


@contextmanager
def opened(shared: Shared) -> Iterator[Opened]:
    """Open everything a command needs; closes the git processes at the end."""
    runner = Runner(os.environ)
    configuration = titled(load_configuration(shared.config), os.environ)
    environments = select(configuration, names_of(shared.environment))
    mask_keys(configuration, os.environ, runner)
    root = Path.cwd()
    repository = GitRepository(root, remote=files_remote(root, state_remote=shared.state_remote))
    state = GitStateStore(root, remote=shared.state_remote, branch=shared.state_branch, is_alive=is_alive)
    try:
        yield Opened(
            Workspace(
                configuration=configuration,
                variables=os.environ,
                ref=shared.ref,
                state=state,
                repository=repository,
                open_n8n=open_n8n,
                clock=lambda: datetime.now(UTC),
                new_id=lambda: str(uuid4()),
                progress=StderrProgress(),
                actor=actor_of(os.environ, runner),
                is_dry_run=shared.dry_run,
            ),
            environments,
            runner,
        )
    finally:
        repository.close()
        state.close()


def titled(configuration: Configuration, variables: Mapping[str, str]) -> Configuration:
    """Read the variables in the titles, once for everything that prints them. A key is never read into a title."""
    keys = {name for each in configuration.environments.values() for name in variables_in(each.api_key)}
    harmless = {name: value for name, value in variables.items() if name not in keys}
    environments = {
        name: replace(environment, title=title_of(environment, variables=harmless))
        for name, environment in configuration.environments.items()
    }
    return replace(configuration, environments=environments)


def files_remote(root: Path, *, state_remote: str) -> str:
    """Answer the remote that workflow files are pushed to: that of the branch, which need not hold the state."""
    if state_remote == DEFAULT_REMOTE:
        return DEFAULT_REMOTE
    git = Git(root)
    branch = git.run("symbolic-ref", "--quiet", "--short", "HEAD")
    remote = git.run("config", "--get", f"branch.{branch.text}.remote") if branch.succeeded else branch
    return remote.text if remote.succeeded and remote.text not in ("", ".") else DEFAULT_REMOTE


def names_of(values: Sequence[str]) -> tuple[str, ...]:
    """Split names that came through one environment variable: by white space or commas."""
    return tuple(name for value in values for name in value.replace(",", " ").split())


def load_configuration(path: str) -> Configuration:
    """Read the configuration; raises ConfigurationError that tells every problem with its line."""
    configuration, problems = read_configuration(read_file(path), path=path)
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if configuration is None or errors:
        lines = "\n".join(f"{place_of(problem)}: {problem.message} {problem.fix}" for problem in errors)
        raise ConfigurationError(
            f"{path} has {len(errors)} problem{'' if len(errors) == 1 else 's'}.\n{lines}",
            fix="Put these right; `workflowops validate` checks again without touching anything.",
        )
    return configuration


def read_file(path: str) -> bytes:
    """Read the configuration file; raises ConfigurationError when it is not there or is no file."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationError(
            f"There is no {path} here.",
            fix="Run this in the root of the repository that holds it, or name it with --config.",
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}.", fix="Name a readable file with --config."
        ) from error


def place_of(problem: Problem) -> str:
    """Answer `file:line:column` as far as it is known."""
    return ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)


def mask_keys(configuration: Configuration, variables: Mapping[str, str], runner: Runner) -> None:
    """Keep the API keys out of the log, whatever may print them later."""
    for environment in configuration.environments.values():
        for name in variables_in(environment.api_key):
            runner.mask(variables.get(name, ""))


def actor_of(variables: Mapping[str, str], runner: Runner) -> Actor:
    """Answer who runs this: the GitHub login that triggered the run, or the local user."""
    if runner.is_actions:
        name = variables.get("GITHUB_TRIGGERING_ACTOR") or variables.get("GITHUB_ACTOR") or "github-actions"
        run_id = f"{variables.get('GITHUB_RUN_ID', '')}-{variables.get('GITHUB_RUN_ATTEMPT', '1')}"
        return Actor(name=name, run_id=run_id, run_url=runner.run_url)
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor(name=name, run_id=f"{socket.gethostname()}-{os.getpid()}")


def is_alive(claim: Claim) -> bool | None:
    """Say whether the run behind a claim is over: False for a process of this machine that ended, else None."""
    host, _, process = (claim.run_id or "").rpartition("-")
    if host != socket.gethostname() or not process.isdecimal():
        return None
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return None


@asynccontextmanager
async def open_n8n(connection: Connection, environment: Environment) -> AsyncIterator[N8nWriter]:
    """Open a client for one instance, to read it and to write to it."""
    from workflowops.io.n8n import N8nClient

    async with N8nClient(connection.url, connection.api_key, timeout=environment.timeout_seconds) as client:
        yield client
