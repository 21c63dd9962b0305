"""`workflowops promote apply` and `workflowops promote rollback`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import (
    config_option,
    dry_run_option,
    json_option,
    shared,
    state_options,
    with_options,
)
from workflowops.cli.promoting import allow_options, options_from

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.core.promotion.outcome import Carried

_promotion_option = click.option(
    "--promotion",
    "promotion_id",
    envvar="WORKFLOWOPS_PROMOTION",
    required=True,
    metavar="ID",
    help="The promotion, such as promo-7.",
)


@click.command()
@_promotion_option
@with_options(config_option, state_options, issues_folder_option, json_option, dry_run_option)
def apply(promotion_id: str, issues_folder: Path | None, **values: Any) -> int:
    """Carry out an approved promotion: everything of it, or nothing.

    Reads the target anew, makes the plan once more and compares it with the one that was approved, asks every gate,
    pushes a snapshot of the whole target, and then writes: dependencies first, every workflow read back. If anything
    fails the target is put back as it was. What a run that died left behind is brought to an end first. This is the
    one command, with rollback, that needs an API key which may write.

    \b
    Example:
      workflowops promote apply --promotion promo-7
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.promoting import opened_promoting
    from workflowops.commands.promotion_apply import apply_promotion

    options = shared({"environment": (), "ref": "HEAD"} | values)
    with opened(options) as at, at.runner.group("Promoting"):
        with opened_promoting(at, options, issues_folder=issues_folder) as promoting:
            outcome = apply_promotion(promoting, promotion_id)
        _report(at, outcome)
    _print(outcome, as_json=options.json)
    return outcome.exit_code


@click.command()
@_promotion_option
@with_options(allow_options, config_option, state_options, issues_folder_option, json_option, dry_run_option)
def rollback(promotion_id: str, issues_folder: Path | None, **values: Any) -> int:
    """Take a completed promotion back: the workflows that it changed become what they were before it.

    That is a promotion like any other, with a plan, a snapshot and an approval. It is refused where somebody has
    changed one of the workflows since, unless --allow-overwriting-hotfixes says that this may be lost.

    \b
    Example:
      workflowops promote rollback --promotion promo-7
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.promoting import opened_promoting
    from workflowops.commands.promotion_rollback import roll_back

    allowed = options_from(values)
    options = shared({"environment": (), "ref": "HEAD"} | values)
    with opened(options) as at, at.runner.group("Taking it back"):
        with opened_promoting(at, options, issues_folder=issues_folder) as promoting:
            outcome = roll_back(promoting, promotion_id, options=allowed)
        _report(at, outcome)
    _print(outcome, as_json=options.json)
    return outcome.exit_code


def _report(at: "Opened", outcome: "Carried") -> None:
    from workflowops.core.json import canonical_text
    from workflowops.core.promotion.answers import carried_answer
    from workflowops.core.text.promotion import promotion_markdown

    at.runner.write_outputs(
        {
            "result": canonical_text(carried_answer(outcome)).decode(),
            "promotion_id": outcome.promotion.promotion_id,
            "status": str(outcome.promotion.status),
        }
    )
    for reason in outcome.waits_for:
        at.runner.annotate("error", f"Not carried out: {reason}")
    if outcome.promotion.problem is not None and not outcome.waits_for:
        at.runner.annotate("error", outcome.promotion.problem)
    if outcome.not_told is not None:
        at.runner.annotate("warning", f"The pull request does not show it: {outcome.not_told}")
    at.runner.add_summary(
        lambda: "\n\n".join(promotion_markdown(each, links=None) for each in (*outcome.recovered, outcome.promotion))
    )


def _print(outcome: "Carried", *, as_json: bool) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.promotion.answers import carried_answer
    from workflowops.core.text.promotion_outcome import render_carried
    from workflowops.core.text.style import Style

    if as_json:
        print_json(carried_answer(outcome))
    else:
        print_text(render_carried(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
