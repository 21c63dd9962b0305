"""`workflowops onboard`."""

import sys
from typing import Any

import click

from workflowops.cli.options import shared, shared_options
from workflowops.errors import ConfigurationError


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
@click.option("--direct", envvar="WORKFLOWOPS_DIRECT", is_flag=True, help="Commit to the branch and push it.")
@click.option(
    "--branch",
    envvar="WORKFLOWOPS_BRANCH",
    metavar="BRANCH",
    help="The branch to commit to; the one that is checked out when left out.",
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
def onboard(**values: Any) -> int:
    """Put unmanaged workflows under Git.

    Writes each workflow as a file with a sidecar beside it, all in one commit, and links them. Workflows that hold what
    looks like a secret are named and left out.

    \b
    Examples:
      workflowops onboard --environment dev --all --direct
      workflowops onboard --environment dev --workflow 2tUt1wbLX592XDdX --slug order_processing --direct
    """
    from workflowops.cli.opening import names_of, opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.onboard import Selection
    from workflowops.commands.onboard import onboard as run_onboard
    from workflowops.core.documents import onboarding_document
    from workflowops.core.json import canonical_text
    from workflowops.core.onboarding import Wishes
    from workflowops.core.text.onboarding import render_onboarding, summary_onboarding
    from workflowops.core.text.style import Style

    options = shared(values)
    selection = Selection(
        workflow_ids=names_of(values["workflow"]),
        is_all=values["is_all"],
        message=values["message"] or None,
        branch=values["branch"] or None,
    )
    wishes = Wishes(
        slug=values["slug"] or None,
        file=values["file"] or None,
        description=values["description"],
        tags=tuple(tag.strip() for tag in values["tags"].split(",") if tag.strip()),
        allow_secrets=values["allow_secrets"],
        link=values["link"],
    )
    _check(selection.workflow_ids, values, is_dry_run=options.dry_run)
    with opened(options) as at, at.runner.group("Onboarding"):
        outcome = run_onboard(at.workspace, at.environments, selection, wishes)
    document = onboarding_document(outcome)
    at.runner.write_outputs(
        {
            "workflows_onboarded": str(document["workflows_onboarded"]),
            "files": canonical_text(document["files"]).decode(),
            "commit_sha": outcome.commit_sha or "",
            "result": canonical_text(document).decode(),
        }
    )
    at.runner.add_summary(lambda: summary_onboarding(outcome))
    if options.json:
        print_json(document)
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_onboarding(outcome, style=style, is_dry_run=options.dry_run))
    return outcome.exit_code


def _check(workflow_ids: tuple[str, ...], values: dict[str, Any], *, is_dry_run: bool) -> None:
    """Refuse calls that contradict themselves, before anything is opened."""
    if values["is_all"] == bool(workflow_ids):
        raise ConfigurationError(
            "Say which workflows: all of them, or some by their n8n id.", fix="Pass either --all or --workflow ID."
        )
    if (values["slug"] or values["file"]) and len(workflow_ids) != 1:
        raise ConfigurationError(
            "A slug or a file is for one workflow.", fix="Pass one --workflow ID with it, or leave them out."
        )
    if not values["direct"] and not is_dry_run:
        raise ConfigurationError(
            "Onboarding by pull request is not built yet.",
            fix="Pass --direct to commit to the branch (with --branch NAME to another one, from which you open the "
            "pull request), or --dry-run to see what would be committed.",
        )
