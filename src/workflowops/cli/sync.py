"""`workflowops sync`."""

import sys
from typing import Any

import click

from workflowops.cli.options import shared, shared_options


@click.command()
@shared_options
def sync(**values: Any) -> int:
    """Bring the mapping up to date with n8n and Git.

    Reads every workflow of the instances and every workflow file of the commit, and links them. What nobody put under
    Git is listed as unmanaged. Nothing is written to n8n; a read-only key is enough.

    \b
    Example:
      workflowops sync --environment dev --environment prod
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.sync import sync as run_sync
    from workflowops.core.documents import sync_document
    from workflowops.core.json import canonical_text
    from workflowops.core.text.style import Style
    from workflowops.core.text.sync import render_sync, summary_sync
    from workflowops.errors import ExitCode

    options = shared(values)
    with opened(options) as at, at.runner.group("Syncing"):
        outcome = run_sync(at.workspace, at.environments)
    document = sync_document(outcome)
    figures = ("workflows_synced", "workflows_skipped", "workflows_linked", "workflows_unmapped", "workflows_missing")
    at.runner.write_outputs(
        {
            **{name: str(document[name]) for name in (*figures, "errors")},
            "created_workflow_ids": canonical_text(document["created_workflow_ids"]).decode(),
            "result": canonical_text(document).decode(),
        }
    )
    at.runner.add_summary(lambda: summary_sync(outcome))
    if options.json:
        print_json(document)
    else:
        print_text(render_sync(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
    return ExitCode.REMOTE if any(each.failed is not None for each in outcome.environments) else ExitCode.DONE
