"""Opening what promotions take: the snapshots, GitHub's pull requests, and the event that started the run."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from workflowops.cli.desk import API, LONGEST_WAIT_SECONDS, opened_desk
from workflowops.cli.opening import Opened, open_n8n
from workflowops.cli.options import Shared, with_options
from workflowops.commands.desk import Desk
from workflowops.commands.ports import PullRequests
from workflowops.commands.promoting import Promoting
from workflowops.core.json import Json, parse
from workflowops.core.promotion.plan import Options
from workflowops.errors import ConfigurationError

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Triggered:
    """What the event that started the run says: its pull request, and the commits before it."""

    pull_request: int | None = None
    base: str | None = None


def target_options(command: Command) -> Command:
    """Add --to, --pipeline and --workflow."""
    return with_options(
        click.option(
            "--to",
            "targets",
            envvar="WORKFLOWOPS_TO",
            multiple=True,
            metavar="STAGE",
            help="A stage to promote to; repeatable. Every stage but the first when left out.",
        ),
        pipeline_option,
        workflow_option,
    )(command)


def pipeline_option(command: Command) -> Command:
    """Add --pipeline."""
    return click.option(
        "--pipeline",
        envvar="WORKFLOWOPS_PIPELINE",
        default=None,
        metavar="NAME",
        help="The pipeline, where a stage stands in several.",
    )(command)


def workflow_option(command: Command) -> Command:
    """Add --workflow."""
    return click.option(
        "--workflow",
        "slugs",
        envvar="WORKFLOWOPS_WORKFLOW",
        multiple=True,
        metavar="SLUG",
        help="A workflow by canonical slug or id; repeatable. All that changed when left out.",
    )(command)


def allow_options(command: Command) -> Command:
    """Add what a promotion may be allowed to do."""
    return with_options(
        click.option(
            "--allow-overwriting-hotfixes",
            envvar="WORKFLOWOPS_ALLOW_OVERWRITING_HOTFIXES",
            is_flag=True,
            help="Overwrite what was edited in the target's n8n since it was last applied.",
        ),
        click.option(
            "--allow-force-promotion-on-conflicts",
            envvar="WORKFLOWOPS_ALLOW_FORCE_PROMOTION_ON_CONFLICTS",
            is_flag=True,
            help="Go on although the source's n8n runs something that its file does not say.",
        ),
    )(command)


def options_from(values: dict[str, Any]) -> Options:
    """Take what is allowed out of a command's arguments."""
    return Options(
        allow_overwriting_hotfixes=values.pop("allow_overwriting_hotfixes"),
        allow_force_promotion_on_conflicts=values.pop("allow_force_promotion_on_conflicts"),
    )


@contextmanager
def opened_promoting(at: Opened, shared: Shared, *, issues_folder: Path | None) -> Iterator[Promoting]:
    """Open what work on promotions takes; closes the connections at the end."""
    with (
        opened_desk(at, shared, issues_folder=issues_folder) as desk,
        promoting_at(at, shared, desk, issues_folder=issues_folder) as promoting,
    ):
        yield promoting


@contextmanager
def promoting_at(at: Opened, shared: Shared, desk: Desk, *, issues_folder: Path | None) -> Iterator[Promoting]:
    """Open what work on promotions takes beside an open desk; closes the connections at the end."""
    from workflowops.io.snapshots import GitSnapshots

    with ExitStack() as stack:
        yield Promoting(
            workspace=at.workspace,
            open_writer=open_n8n,
            snapshots=GitSnapshots(Path.cwd(), remote=shared.state_remote),
            pull_requests=_pull_requests(at, os.environ, issues_folder, stack),
            tracker=desk.tracker,
            links=desk.links,
            run_id=_run_id(at, os.environ),
            run_attempt=_run_attempt(os.environ),
            pause=desk.pause,
        )


def _pull_requests(
    at: Opened, variables: Mapping[str, str], folder: Path | None, stack: ExitStack
) -> PullRequests | None:
    if folder is not None:
        from workflowops.io.pull_request_folder import PullRequestFolder

        return PullRequestFolder(folder, clock=at.workspace.clock)
    token, repository = variables.get("GITHUB_TOKEN"), variables.get("GITHUB_REPOSITORY")
    if not token or not repository:
        return None
    from workflowops.io.github.review import GitHubPullRequests

    return stack.enter_context(
        GitHubPullRequests(
            repository,
            token,
            api_url=variables.get("GITHUB_API_URL") or API,
            progress=at.workspace.progress,
            run_id=_run_id(at, variables),
            wait_limit_seconds=LONGEST_WAIT_SECONDS,
        )
    )


def _run_id(at: Opened, variables: Mapping[str, str]) -> str | None:
    return variables.get("GITHUB_RUN_ID") if at.runner.is_actions else None


def _run_attempt(variables: Mapping[str, str]) -> int:
    """Read which attempt of its run this is; one that cannot be read is taken for a later one."""
    attempt = variables.get("GITHUB_RUN_ATTEMPT", "1")
    return int(attempt) if attempt.isascii() and attempt.isdecimal() else 2


def triggered(variables: Mapping[str, str]) -> Triggered:
    """Read what started the run; empty outside of GitHub Actions. Raises ConfigurationError for a broken event."""
    path, name = variables.get("GITHUB_EVENT_PATH"), variables.get("GITHUB_EVENT_NAME", "")
    if not path or name not in ("pull_request", "push"):
        return Triggered()
    try:
        payload = parse(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"The event {path} cannot be read: {error}.", fix="Run this in a job of GitHub Actions, or pass --base."
        ) from error
    event = payload if isinstance(payload, dict) else {}
    if name == "push":
        return Triggered(base=_commit(event.get("before")))
    asked = event.get("pull_request")
    number = asked.get("number") if isinstance(asked, dict) else None
    base = asked.get("base") if isinstance(asked, dict) else None
    return Triggered(
        pull_request=number if isinstance(number, int) else None,
        base=_commit(base.get("sha")) if isinstance(base, dict) else None,
    )


def _commit(value: Json) -> str | None:
    """Answer a commit's name; None for the zeros that stand for a branch which was not there before."""
    return value if isinstance(value, str) and value.strip("0") else None
