"""The questions that `init` asks on a terminal; on standard error, so that what is printed stays apart."""

import re
from collections.abc import Sequence

import click

from workflowops.core.setup.wishes import PlannedEnvironment, planned_environments, title_of
from workflowops.errors import ConfigurationError


def ask_environments(names: Sequence[str]) -> tuple[PlannedEnvironment, ...]:
    """Ask for the environments, unless they are named already, then for their titles and which is production."""
    chosen = _ask_names() if not names else [each.name for each in planned_environments(names)]
    titles = {name: click.prompt(f"What do people call {name}", default=title_of(name), err=True) for name in chosen}
    production = chosen[-1]
    if len(chosen) > 1:
        production = click.prompt(
            "Which one is production", type=click.Choice(chosen), default=chosen[-1], show_choices=False, err=True
        )
    return planned_environments(chosen, titles=titles, production=production)


def ask_approval() -> str:
    """Ask who approves what goes to production."""
    click.echo(
        "Who approves for production?\n"
        "  environment: the reviewers of a GitHub environment (a public repository, or GitHub Enterprise)\n"
        "  comments: /approve on the pull request (every plan)",
        err=True,
    )
    answer: str = click.prompt(
        "Approval", type=click.Choice(["environment", "comments"]), default="environment", err=True
    )
    return answer


def _ask_names() -> list[str]:
    """Ask until the names can be used."""
    while True:
        answer = click.prompt("Your n8n instances, in the order of promotion", default="dev, staging, prod", err=True)
        try:
            return [each.name for each in planned_environments(re.split(r"[\s,]+", answer.strip(" ,\t")))]
        except ConfigurationError as error:
            click.echo(f"{error} {error.fix}", err=True)
