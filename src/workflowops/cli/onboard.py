"""`workflowops onboard`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import shared, shared_options
from workflowops.errors import ConfigurationError

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.cli.options import Shared
    from workflowops.core.onboarding import OnboardingOutcome, Selection, Wishes


@click.command()
@shared_options
@click.option("--all", "is_all", envvar="WORKFLOWOPS_ALL", is_flag=True, help="Every unmanaged workflow.")
@click.option(
    "--workflow",
    envvar="WORKFLOWOPS_WORKFLOW",
    multiple=True,
    metavar="ID",
    help="The n8n id of an unmanaged workflow; repeatable. `workflowops sync` lists them.",
)
@click.option("--slug", envvar="WORKFLOWOPS_SLUG", help="The canonical slug; made from the name when left out.")
@click.option("--description", envvar="WORKFLOWOPS_DESCRIPTION", default="", help="What the workflow is for.")
@click.option("--tags", envvar="WORKFLOWOPS_TAGS", default="", metavar="A,B", help="Tags for the sidecar.")
@click.option("--file", envvar="WORKFLOWOPS_FILE", metavar="PATH", help="The file; <folder>/<slug>.json when left out.")
@click.option("--message", envvar="WORKFLOWOPS_MESSAGE", help="The commit message.")
@click.option("--direct", envvar="WORKFLOWOPS_DIRECT", is_flag=True, help="Commit to the branch, without a review.")
@click.option(
    "--branch",
    envvar="WORKFLOWOPS_BRANCH",
    metavar="BRANCH",
    help="With --direct, the branch to commit to; the one that is checked out when left out.",
)
@click.option(
    "--allow-secrets",
    envvar="WORKFLOWOPS_ALLOW_SECRETS",
    is_flag=True,
    help="Commit workflows although they hold what looks like a secret.",
)
@click.option(
    "--link",
    envvar="WORKFLOWOPS_LINK",
    is_flag=True,
    help="Tie to the source-managed workflow of the same slug or name instead of making a new one.",
)
@issues_folder_option
def onboard(issues_folder: Path | None, **values: Any) -> int:
    """Put unmanaged workflows under Git.

    Proposes each workflow as a file with a sidecar beside it, all in one commit on a branch, and opens a pull request.
    Once that is merged, the next sync links them and says so there. Workflows that hold what looks like a secret are
    named and left out. With --direct they are committed to the branch and linked at once.

    \b
    Examples:
      workflowops onboard --environment dev --all
      workflowops onboard --environment dev --workflow 2tUt1wbLX592XDdX --slug order_processing
      workflowops onboard --environment dev --all --direct
    """
    from workflowops.cli.opening import names_of, opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.onboarding import Selection
    from workflowops.core.onboarding_document import onboarding_document
    from workflowops.core.text.onboarding import render_onboarding
    from workflowops.core.text.style import Style

    options = shared(values)
    selection = Selection(
        workflow_ids=names_of(values["workflow"]),
        is_all=values["is_all"],
        message=values["message"] or None,
        branch=values["branch"] or None,
    )
    _check(selection.workflow_ids, values)
    with opened(options) as at:
        with at.runner.group("Onboarding"):
            outcome = _onboarded(at, options, selection, _wishes(values), values["direct"], issues_folder)
        _tell_runner(at, outcome)
    if options.json:
        print_json(onboarding_document(outcome))
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_onboarding(outcome, style=style, is_dry_run=options.dry_run))
    return outcome.exit_code


def _onboarded(
    at: "Opened",
    options: "Shared",
    selection: "Selection",
    wishes: "Wishes",
    is_direct: bool,
    issues_folder: Path | None,
) -> "OnboardingOutcome":
    from workflowops.cli.desk import opened_desk
    from workflowops.commands.desk import at_the_desk
    from workflowops.commands.onboard import onboard as commit
    from workflowops.commands.onboarding_request import propose_onboarding

    with opened_desk(at, options, issues_folder=issues_folder) as desk, at_the_desk(desk):
        if is_direct:
            return commit(at.workspace, at.environments, selection, wishes, tracker=desk.tracker)
        return propose_onboarding(desk, at.environments, selection, wishes)


def _tell_runner(at: "Opened", outcome: "OnboardingOutcome") -> None:
    """Write the step's outputs and its summary."""
    from workflowops.core.json import canonical_text
    from workflowops.core.onboarding_document import onboarding_document
    from workflowops.core.text.onboarding import summary_onboarding

    document = onboarding_document(outcome)
    pull_request = outcome.pull_request
    at.runner.write_outputs(
        {
            "workflows_onboarded": str(document["workflows_onboarded"]),
            "workflows_proposed": str(document["workflows_proposed"]),
            "workflows_refused": str(len(outcome.refused)),
            "files": canonical_text(document["files"]).decode(),
            "commit_sha": outcome.commit_sha or "",
            "branch": outcome.branch or "",
            "pull_request": "" if pull_request is None else str(pull_request.number),
            "result": canonical_text(document).decode(),
        }
    )
    at.runner.add_summary(lambda: summary_onboarding(outcome))
    if outcome.problem is not None:
        at.runner.annotate("error", f"{outcome.problem}\nFix: {outcome.fix}")


def _wishes(values: dict[str, Any]) -> "Wishes":
    from workflowops.core.onboarding import Wishes

    return Wishes(
        slug=values["slug"] or None,
        file=values["file"] or None,
        description=values["description"],
        tags=tuple(tag.strip() for tag in values["tags"].split(",") if tag.strip()),
        allow_secrets=values["allow_secrets"],
        link=values["link"],
    )


def _check(workflow_ids: tuple[str, ...], values: dict[str, Any]) -> None:
    """Refuse calls that contradict themselves, before anything is opened."""
    if values["is_all"] == bool(workflow_ids):
        raise ConfigurationError(
            "Say which workflows: all of them, or some by their n8n id.", fix="Pass either --all or --workflow ID."
        )
    if (values["slug"] or values["file"]) and len(workflow_ids) != 1:
        raise ConfigurationError(
            "A slug or a file is for one workflow.", fix="Pass one --workflow ID with it, or leave them out."
        )
    if values["branch"] and not values["direct"]:
        raise ConfigurationError(
            "A pull request is proposed on a branch of its own, whose name is made from what it holds.",
            fix="Leave --branch out, or pass --direct to commit to that branch.",
        )
