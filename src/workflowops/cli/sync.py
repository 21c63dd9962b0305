"""`workflowops sync`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import shared, shared_options

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.cli.options import Shared
    from workflowops.core.sync import SyncOutcome
    from workflowops.core.unmapped.following import SyncFollowed


@click.command()
@shared_options
@click.option(
    "--issues/--no-issues",
    envvar="WORKFLOWOPS_ISSUES",
    default=True,
    show_default=True,
    help="Keep an issue about each environment's unmanaged workflows, where GitHub is configured.",
)
@issues_folder_option
def sync(issues: bool, issues_folder: Path | None, **values: Any) -> int:
    """Bring the mapping up to date with n8n and Git.

    Reads every workflow of the instances and every workflow file of the commit, and links them. What nobody put under
    Git is listed as unmanaged. Nothing is written to n8n; a read-only key is enough. With GITHUB_TOKEN and
    GITHUB_REPOSITORY set, as in GitHub Actions, an issue lists the unmanaged workflows of each environment, and whoever
    asked for one to be put under Git is told once it is.

    \b
    Example:
      workflowops sync --environment dev --environment prod
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.sync import sync as run_sync
    from workflowops.core.documents import sync_document
    from workflowops.core.text.following import render_followed, summary_followed
    from workflowops.core.text.style import Style
    from workflowops.core.text.sync import render_sync, summary_sync
    from workflowops.core.unmapped.following import SyncFollowed, followed_document
    from workflowops.errors import ExitCode

    options = shared(values)
    with opened(options) as at, at.runner.group("Syncing"):
        outcome = run_sync(at.workspace, at.environments)
        followed = _followed(at, options, outcome, issues_folder) if issues else SyncFollowed()
    document = sync_document(outcome) | followed_document(followed)
    for text in followed.problems:
        at.runner.annotate("error", text)
    at.runner.write_outputs(_outputs(document, followed, is_told=issues and not options.dry_run))
    at.runner.add_summary(lambda: summary_sync(outcome) + summary_followed(followed))
    if options.json:
        print_json(document)
    else:
        style = Style(color=is_coloured(sys.stdout), width=terminal_width())
        print_text(render_sync(outcome, style=style))
        told = render_followed(followed, style=style)
        if told:
            print_text(f"\n{told}")
    if any(each.failed is not None for each in outcome.environments):
        return ExitCode.REMOTE
    return ExitCode.REMOTE if followed.problems else ExitCode.DONE


def _followed(at: "Opened", options: "Shared", outcome: "SyncOutcome", issues_folder: Path | None) -> "SyncFollowed":
    """Tell GitHub what the sync found, if anything: PyGithub takes its time to load.

    A dry run recorded nothing that could be told.
    """
    from workflowops.cli.desk import opened_desk
    from workflowops.commands.following import follow_sync, needs_following
    from workflowops.core.unmapped.following import SyncFollowed

    if options.dry_run or not needs_following(at.workspace.state, outcome):
        return SyncFollowed()
    with opened_desk(at, options, issues_folder=issues_folder) as desk:
        return follow_sync(desk, at.environments)


def _outputs(document: "dict[str, Any]", followed: "SyncFollowed", *, is_told: bool) -> dict[str, str]:
    """Write the outputs; which issues are open is empty where nobody looked at all of them."""
    from workflowops.core.json import canonical_text

    figures = ("workflows_synced", "workflows_skipped", "workflows_linked", "workflows_unmapped", "workflows_missing")
    unmapped = followed.unmapped
    is_complete = is_told and not (followed.problems or unmapped.unknown or unmapped.left_alone)
    return {
        **{name: str(document[name]) for name in (*figures, "errors")},
        "created_workflow_ids": canonical_text(document["created_workflow_ids"]).decode(),
        "unmapped_issues": canonical_text([*unmapped.open_numbers]).decode() if is_complete else "",
        "result": canonical_text(document).decode(),
    }
