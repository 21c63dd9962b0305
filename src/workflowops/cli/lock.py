"""`workflowops lock` and `workflowops unlock`."""

import sys
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.options import config_option, dry_run_option, json_option, shared, state_options, with_options

if TYPE_CHECKING:
    from workflowops.core.promotion.lock import LockOutcome

_OPTIONS = (config_option, state_options, json_option, dry_run_option)
_force = click.option(
    "--force",
    envvar="WORKFLOWOPS_FORCE",
    is_flag=True,
    help="Also when somebody else locked it; the audit log says so.",
)


@click.command()
@click.argument("environment", envvar="WORKFLOWOPS_ENVIRONMENT")
@click.argument("reason", envvar="WORKFLOWOPS_REASON", nargs=-1, required=True)
@_force
@with_options(*_OPTIONS)
def lock(environment: str, reason: tuple[str, ...], *, force: bool, **values: Any) -> int:
    """Close an environment for promotions.

    Until it is unlocked none begins; REASON tells those who wait why. A promotion that is being carried out goes on to
    its end. Exit code 3 when somebody else locked it already.

    \b
    Example:
      workflowops lock prod "Stock taking until Monday"
    """
    from workflowops.cli.opening import opened
    from workflowops.commands.lock import lock_environment

    options = shared({"environment": (environment,), "ref": "HEAD", **values})
    with opened(options) as at:
        outcome = lock_environment(at.workspace, at.environments[0], reason=" ".join(reason), is_forced=force)
    return _printed(outcome, as_json=options.json)


@click.command()
@click.argument("environment", envvar="WORKFLOWOPS_ENVIRONMENT")
@_force
@with_options(*_OPTIONS)
def unlock(environment: str, *, force: bool, **values: Any) -> int:
    """Open an environment for promotions again.

    Exit code 3 when somebody else locked it. One that is not locked stays so.

    \b
    Example:
      workflowops unlock prod
    """
    from workflowops.cli.opening import opened
    from workflowops.commands.lock import unlock_environment

    options = shared({"environment": (environment,), "ref": "HEAD", **values})
    with opened(options) as at:
        outcome = unlock_environment(at.workspace, at.environments[0], is_forced=force)
    return _printed(outcome, as_json=options.json)


def _printed(outcome: "LockOutcome", *, as_json: bool) -> int:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.promotion.lock import lock_document
    from workflowops.core.text.lock import render_lock
    from workflowops.core.text.style import Style
    from workflowops.errors import ExitCode

    if as_json:
        print_json(lock_document(outcome))
    else:
        print_text(render_lock(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
    return ExitCode.DONE
