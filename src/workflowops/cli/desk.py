"""Opening the desk for incidents: GitHub's issues where GitHub is configured, else files in a folder, else nothing."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from workflowops.cli.opening import Opened
from workflowops.cli.options import Shared
from workflowops.commands.desk import Desk
from workflowops.commands.ports import IssueTracker, Notifier
from workflowops.core.access import variables_in
from workflowops.core.configuration import Configuration
from workflowops.core.text.links import Links

Command = TypeVar("Command", bound=Callable[..., Any])

_METHODS = {"schedule": "scheduled", "push": "push", "issue_comment": "comment"}
_SERVER = "https://github.com"
API = "https://api.github.com"
LONGEST_WAIT_SECONDS = 60.0
"""For a limit of GitHub, twice in a write: well below what the claim on the desk lasts without being prolonged."""


def issues_folder_option(command: Command) -> Command:
    """Add --issues-folder."""
    return click.option(
        "--issues-folder",
        envvar="WORKFLOWOPS_ISSUES_FOLDER",
        type=click.Path(file_okay=False, path_type=Path),
        default=None,
        metavar="DIR",
        help="Keep issues as files in this folder instead of on GitHub: a rehearsal.",
    )(command)


@contextmanager
def opened_desk(at: Opened, shared: Shared, *, issues_folder: Path | None) -> Iterator[Desk]:
    """Open what work on incidents takes; closes the connection at the end.

    GitHub is configured by GITHUB_TOKEN and GITHUB_REPOSITORY, as in Actions.
    """
    variables = os.environ
    addresses = addresses_of(at.workspace.configuration, variables)
    for address in addresses.values():
        at.runner.mask(address)
    with ExitStack() as stack:
        yield Desk(
            workspace=at.workspace,
            tracker=_tracker(at, variables, issues_folder, stack),
            notifier=_notifier() if addresses else None,
            links=_links(variables, shared.state_branch, at.workspace.actor.run_url),
            detection_method=_METHODS.get(variables.get("GITHUB_EVENT_NAME", ""), "manual"),
            git_branch=variables.get("GITHUB_REF_NAME") if variables.get("GITHUB_REF_TYPE") == "branch" else None,
            addresses=addresses,
            pause=time.sleep,
        )


def addresses_of(configuration: Configuration, variables: Mapping[str, str]) -> dict[str, str]:
    """Answer the addresses that notifications go to, by how the configuration names them; what is unset is left out."""
    wanted = {each for environment in configuration.environments.values() for each in environment.incidents.notify}
    named = {each: variables.get(next(iter(variables_in(each)), each), "") for each in sorted(wanted)}
    return {each: address for each, address in named.items() if address}


def _tracker(at: Opened, variables: Mapping[str, str], folder: Path | None, stack: ExitStack) -> IssueTracker | None:
    if folder is not None:
        from workflowops.io.issue_folder import IssueFolder

        return IssueFolder(folder, clock=at.workspace.clock)
    token, repository = variables.get("GITHUB_TOKEN"), variables.get("GITHUB_REPOSITORY")
    if not token or not repository:
        return None
    from workflowops.io.github import GitHubTracker

    at.runner.mask(token)
    return stack.enter_context(
        GitHubTracker(
            repository,
            token,
            api_url=variables.get("GITHUB_API_URL") or API,
            progress=at.workspace.progress,
            wait_limit_seconds=LONGEST_WAIT_SECONDS,
        )
    )


def _notifier() -> Notifier:
    from workflowops.io.notify import AppriseNotifier

    return AppriseNotifier()


def _links(variables: Mapping[str, str], state_branch: str, run_url: str | None) -> Links | None:
    repository = variables.get("GITHUB_REPOSITORY")
    if not repository:
        return None
    return Links(
        server_url=variables.get("GITHUB_SERVER_URL") or _SERVER,
        repository=repository,
        state_branch=state_branch,
        run_url=run_url,
    )
