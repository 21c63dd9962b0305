"""`workflowops doctor`."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import click

from workflowops.cli.options import Shared, config_option, environment_option, json_option, state_options, with_options
from workflowops.errors import ConfigurationError

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.commands.ports_doctor import N8nExaminer
    from workflowops.commands.ports_repository import RepositorySettings
    from workflowops.core.configuration import Configuration, Connection, Environment
    from workflowops.core.doctor.check import Check
    from workflowops.core.doctor.report import Diagnosis
    from workflowops.io.runner import Runner


@click.command()
@with_options(config_option, environment_option, state_options, json_option)
@click.option(
    "--github/--no-github",
    envvar="WORKFLOWOPS_GITHUB",
    default=True,
    show_default=True,
    help="Look at the repository's settings on GitHub as well.",
)
def doctor(
    config: str,
    environment: tuple[str, ...],
    state_remote: str,
    state_branch: str,
    as_json: bool,
    github: bool,
) -> int:
    """Look whether everything is set up, and say what to do about what is not.

    Checks the configuration, every n8n instance (address, key and what it may do, clock, names, credentials), the state
    branch and the repository on GitHub. Nothing is changed anywhere; what git fetches stays in the clone's .git. What
    could not be looked at is told as unknown. The exit code is 3 when something is broken.

    \b
    Example:
      workflowops doctor --environment dev
    """
    from workflowops.errors import ExitCode
    from workflowops.io.runner import Runner

    options = Shared(config, environment, "HEAD", state_remote, state_branch, as_json, dry_run=True)
    runner = Runner(os.environ)
    diagnosis = _diagnosed(options, runner, github=github)
    _tell(diagnosis, runner, as_json=as_json)
    return ExitCode.RULE if diagnosis.is_broken else ExitCode.DONE


def _tell(diagnosis: "Diagnosis", runner: "Runner", *, as_json: bool) -> None:
    """Write outputs and summary, then print."""
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.doctor.report import doctor_document
    from workflowops.core.json import canonical_text
    from workflowops.core.text.doctor import render_doctor, summary_doctor
    from workflowops.core.text.style import Style

    document = doctor_document(diagnosis)
    _annotate(diagnosis, runner)
    runner.write_outputs(
        {
            "doctor_status": str(diagnosis.verdict),
            **{f"checks_{verdict}": str(number) for verdict, number in diagnosis.counts.items()},
            "result": canonical_text(document).decode(),
        }
    )
    runner.add_summary(lambda: summary_doctor(diagnosis))
    if as_json:
        print_json(document)
    else:
        print_text(render_doctor(diagnosis, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))


def _diagnosed(options: Shared, runner: "Runner", *, github: bool) -> "Diagnosis":
    """Make every check that can be made; a configuration that cannot be used is itself one, and the only one then."""
    from workflowops.cli.opening import names_of, opened
    from workflowops.core.configuration import select
    from workflowops.core.doctor.report import Diagnosis

    configured, configuration = _configured(options.config)
    if configuration is None:
        return Diagnosis((configured,))
    select(configuration, names_of(options.environment))
    try:
        with opened(options) as at, at.runner.group("Looking at everything"):
            found = _examined(at, options, github=github)
    except ConfigurationError as error:
        return Diagnosis((configured, _not_opened(error)))
    return Diagnosis((configured, *found.checks))


def _examined(at: "Opened", options: Shared, *, github: bool) -> "Diagnosis":
    from workflowops.commands.doctor import Doctor, diagnose

    with ExitStack() as stack:
        settings, failure = None, None
        try:
            settings = stack.enter_context(_settings(at, wanted=github))
        except ConfigurationError as error:
            failure = error
        doctor = Doctor(
            workspace=at.workspace,
            open_examiner=_open_examiner,
            settings=settings,
            settings_failure=failure,
            state_branch=options.state_branch,
            wants_repository=github,
        )
        return diagnose(doctor, at.environments)


def _configured(path: str) -> "tuple[Check, Configuration | None]":
    """Read the configuration; answers its check, and None where nothing else can be looked at."""
    from workflowops.cli.opening import read_file
    from workflowops.core.configuration import read_configuration
    from workflowops.core.doctor.catalogue import configuration_check

    try:
        configuration, problems = read_configuration(read_file(path), path=path)
    except ConfigurationError as error:
        return configuration_check(error), None
    return configuration_check(problems), configuration


def _not_opened(error: ConfigurationError) -> "Check":
    from workflowops.core.doctor.check import CONFIGURATION, Check, Verdict

    title = "Repository, remote and variables can be used"
    return Check("configuration.opened", CONFIGURATION, title, Verdict.BROKEN, str(error), error.fix)


@asynccontextmanager
async def _open_examiner(connection: "Connection", environment: "Environment") -> "AsyncIterator[N8nExaminer]":
    """Open a client for one instance, to look at it."""
    from workflowops.io.n8n import N8nClient

    async with N8nClient(connection.url, connection.api_key, timeout=environment.timeout_seconds) as client:
        yield client


@contextmanager
def _settings(at: "Opened", *, wanted: bool) -> "Iterator[RepositorySettings | None]":
    """Open the repository on GitHub where it is configured by GITHUB_TOKEN and GITHUB_REPOSITORY, as in Actions."""
    token, repository = os.environ.get("GITHUB_TOKEN"), os.environ.get("GITHUB_REPOSITORY")
    if not wanted or not token or not repository:
        yield None
        return
    from workflowops.cli.desk import API, LONGEST_WAIT_SECONDS
    from workflowops.io.github.settings import GitHubSettings

    at.runner.mask(token)
    with GitHubSettings(
        repository,
        token,
        api_url=os.environ.get("GITHUB_API_URL") or API,
        progress=at.workspace.progress,
        wait_limit_seconds=LONGEST_WAIT_SECONDS,
    ) as settings:
        yield settings


def _annotate(diagnosis: "Diagnosis", runner: "Runner") -> None:
    """Put what is broken where the run's page shows it."""
    from workflowops.core.doctor.check import Verdict

    for check in diagnosis.checks:
        if check.verdict is Verdict.BROKEN:
            runner.annotate("error", f"{check.subject}: {check.title}: {check.found}\nFix: {check.fix}")
