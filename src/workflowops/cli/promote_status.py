"""`workflowops promote status`."""

import sys
from typing import Any

import click

from workflowops.cli.options import config_option, environment_option, json_option, shared, state_options, with_options


@click.command()
@click.argument("promotion_id", required=False, default=None, metavar="[ID]")
@click.option("--all", "is_all", is_flag=True, help="Also those that have ended.")
@with_options(config_option, environment_option, state_options, json_option)
def status(promotion_id: str | None, *, is_all: bool, **values: Any) -> int:
    """Show the promotions that have not ended, or one of them in full.

    \b
    Example:
      workflowops promote status promo-7
    """
    from workflowops.cli.opening import opened
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.commands.promotions import list_promotions, show_promotion
    from workflowops.core.text.promotion import promotion_json, promotion_text, status_text
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    options = shared({"ref": "HEAD", "dry_run": False} | values)
    style = Style(color=is_coloured(sys.stdout), width=terminal_width())
    with opened(options) as at:
        if promotion_id is not None:
            one = show_promotion(at.workspace.state, promotion_id)
            if options.json:
                print_json(promotion_json(one))
            else:
                print_text(promotion_text(one, style))
            return ExitCode.DONE
        names = {each.name for each in at.environments} if options.environment else set()
        found = list_promotions(at.workspace.state, environments=names, is_all=is_all)
    if options.json:
        print_json({"promotions": [promotion_json(each) for each in found]})
    else:
        print_text(status_text(found, style))
    return ExitCode.DONE
