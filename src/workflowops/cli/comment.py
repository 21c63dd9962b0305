"""`workflowops comment`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflowops.cli.desk import issues_folder_option
from workflowops.cli.options import config_option, dry_run_option, json_option, shared, state_options, with_options

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.core.comment.event import CommentEvent, FormEvent, Ignored, IssueEvent
    from workflowops.core.comment.outcome import EventOutcome
    from workflowops.core.json import JsonObject


@click.command()
@with_options(config_option, state_options)
@click.option(
    "--event",
    "event_file",
    envvar="WORKFLOWOPS_EVENT",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE",
    help="The payload of the event. GITHUB_EVENT_PATH when left out.",
)
@click.option(
    "--event-name",
    envvar="WORKFLOWOPS_EVENT_NAME",
    default=None,
    metavar="NAME",
    help="issue_comment or issues. GITHUB_EVENT_NAME when left out.",
)
@with_options(issues_folder_option, json_option, dry_run_option)
def comment(event_file: Path | None, event_name: str | None, issues_folder: Path | None, **values: Any) -> int:
    """Answer the comment, or the issue, in the event that started a run of GitHub Actions.

    A comment on an incident's issue may hold commands, such as /acknowledge or /close; /help lists them. On the issue
    about unmanaged workflows, /onboard puts some under Git by a pull request; the onboarding form does the same for
    one. Who may is asked from GitHub. What people do to the issue of an incident by hand is answered as well: one that
    was closed too early is opened again, labels are put back. Other issues are left alone. A refusal is an answer, not
    a failure.

    \b
    Example:
      workflowops comment --event payload.json --event-name issue_comment --dry-run
    """
    from workflowops.cli.desk import opened_desk
    from workflowops.cli.opening import opened
    from workflowops.cli.promoting import promoting_at
    from workflowops.commands.comment import answer_event, left_alone
    from workflowops.commands.comment_effects import effects_of
    from workflowops.commands.comment_onboarding import onboarding_hand
    from workflowops.commands.promotion_hands import hands_of, open_ids, to_be_carried_out
    from workflowops.core.comment.commands import PROMOTION, CommandName
    from workflowops.core.comment.outcome import Became
    from workflowops.core.promotion.answers import waiting

    event = _event(event_file, event_name)
    options = shared({"environment": (), "ref": "HEAD"} | values)
    promotions: list[JsonObject] = []
    with opened(options) as at, at.runner.group("Answering"):
        outcome = left_alone(event)
        if outcome is None:
            with (
                opened_desk(at, options, issues_folder=issues_folder) as desk,
                promoting_at(at, options, desk, issues_folder=issues_folder) as promoting,
            ):
                known = open_ids(promoting)
                outcome = answer_event(
                    desk,
                    event,
                    effects=effects_of(desk),
                    hands=hands_of(promoting),
                    onboarding=onboarding_hand(desk),
                )
                done = {each.name for each in outcome.commands if each.became is Became.DONE}
                if done & (PROMOTION | {CommandName.REVERT}):
                    promotions = waiting(to_be_carried_out(promoting, known=known))
        _report(at, outcome, promotions)
    _print(outcome, as_json=options.json)
    return outcome.exit_code


def _event(file: Path | None, name: str | None) -> "CommentEvent | IssueEvent | FormEvent | Ignored":
    from workflowops.core.comment.event import read_event
    from workflowops.core.json import parse
    from workflowops.errors import ConfigurationError

    path = file or Path(os.environ.get("GITHUB_EVENT_PATH", ""))
    if path == Path():
        raise ConfigurationError(
            "There is no event to answer.",
            fix="Run this in GitHub Actions, or pass --event FILE and --event-name issue_comment.",
        )
    try:
        payload = parse(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"The event {path} cannot be read: {error.strerror}.", fix="Name a readable file with --event."
        ) from error
    except ValueError as error:
        raise ConfigurationError(
            f"The event {path} is not JSON: {error}", fix="Name a file as GitHub writes it with --event."
        ) from error
    return read_event(name or os.environ.get("GITHUB_EVENT_NAME", ""), payload)


def _report(at: "Opened", outcome: "EventOutcome", promotions: "list[JsonObject]") -> None:
    """Tell the runner: outputs, annotations, and the answer on the page of the run."""
    from workflowops.core.incident.documents import comment_document, understood_names
    from workflowops.core.json import canonical_text

    for text in outcome.problems:
        at.runner.annotate("error", text)
    for text in outcome.warnings:
        at.runner.annotate("warning", text)
    at.runner.write_outputs(
        {
            "outcome": str(outcome.outcome),
            "commands": canonical_text(understood_names(outcome)).decode(),
            "incident": "" if outcome.incident is None else str(outcome.incident.number),
            "promotions": canonical_text(promotions).decode(),
            "result": canonical_text(comment_document(outcome)).decode(),
        }
    )
    if outcome.answer is not None:
        answer = outcome.answer
        at.runner.add_summary(lambda: f"### Answer\n\n{answer}\n")


def _print(outcome: "EventOutcome", *, as_json: bool) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.incident.documents import comment_document
    from workflowops.core.text.comment_outcome import render_comment
    from workflowops.core.text.style import Style

    if as_json:
        print_json(comment_document(outcome))
    else:
        print_text(render_comment(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
