"""`workflowops promote open`."""

import sys
from pathlib import Path
from typing import Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import (
    config_option,
    dry_run_option,
    json_option,
    ref_option,
    shared,
    state_options,
    with_options,
)
from workflowops.cli.promoting import pipeline_option, workflow_option


@click.command("open")
@click.option(
    "--to", "target", envvar="WORKFLOWOPS_TO", required=True, metavar="STAGE", help="The stage to promote to."
)
@click.option(
    "--from",
    "source",
    envvar="WORKFLOWOPS_FROM",
    default=None,
    metavar="STAGE",
    help="The stage before it, to be sure that it is the one.",
)
@with_options(workflow_option, pipeline_option)
@click.option(
    "--with-dependencies",
    envvar="WORKFLOWOPS_WITH_DEPENDENCIES",
    is_flag=True,
    help="Also the workflows that these call, and their error workflows.",
)
@click.option(
    "--remove",
    "removed",
    envvar="WORKFLOWOPS_REMOVE",
    multiple=True,
    metavar="SLUG",
    help="A workflow that the source no longer has, to be removed from the target; repeatable.",
)
@with_options(config_option, ref_option, state_options, issues_folder_option, json_option, dry_run_option)
def open_promotion(
    target: str, source: str | None, pipeline: str | None, issues_folder: Path | None, **values: Any
) -> int:
    """Propose a stage's workflows for the next one, as a pull request.

    Writes the files of the stage before into the target's folder, on a branch: credentials under the names that the
    pipeline maps them to, with the target's own ids. Merging that pull request is what promotes. Nothing is written to
    n8n.

    \b
    Example:
      workflowops promote open --from dev --to staging --workflow order_processing --with-dependencies
    """
    from workflowops.cli.opening import names_of, opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.cli.promoting import opened_promoting
    from workflowops.commands.promotion_open import Asked
    from workflowops.commands.promotion_open import open_promotion as propose
    from workflowops.core.json import canonical_text
    from workflowops.core.promotion.answers import opened_answer
    from workflowops.core.promotion.route import route_to
    from workflowops.core.text.promotion_outcome import render_opened
    from workflowops.core.text.style import Style

    asked = Asked(
        slugs=names_of(values.pop("slugs")),
        with_dependencies=values.pop("with_dependencies"),
        removed=names_of(values.pop("removed")),
    )
    options = shared({"environment": ()} | values)
    with opened(options) as at, at.runner.group("Proposing"):
        route = route_to(at.workspace.configuration, target, source=source, pipeline=pipeline)
        with opened_promoting(at, options, issues_folder=issues_folder) as promoting:
            outcome = propose(promoting, route, asked)
        number = "" if outcome.pull_request is None else str(outcome.pull_request.number)
        result = canonical_text(opened_answer(outcome)).decode()
        at.runner.write_outputs({"result": result, "pull_request": number, "branch": outcome.branch or ""})
        if outcome.problem is not None:
            at.runner.annotate("error", f"{outcome.problem}\nFix: {outcome.fix}")
    if options.json:
        print_json(opened_answer(outcome))
    else:
        print_text(render_opened(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
    return outcome.exit_code
