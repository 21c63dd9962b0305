"""`workflowops promote preview` and `workflowops promote plan`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from workflowops.cli.promoting import allow_options, options_from, target_options

if TYPE_CHECKING:
    from workflowops.cli.opening import Opened
    from workflowops.cli.promoting import Triggered
    from workflowops.commands.promoting import Promoting
    from workflowops.core.configuration import Configuration
    from workflowops.core.promotion.outcome import Failed, Previewed, Recorded
    from workflowops.core.promotion.record import Promotion
    from workflowops.core.promotion.route import Route

_base_option = click.option(
    "--base",
    envvar="WORKFLOWOPS_BASE",
    default=None,
    metavar="COMMIT",
    help="The commit before the change. Taken from the event in GitHub Actions.",
)
_COMMON = (
    config_option,
    ref_option,
    _base_option,
    target_options,
    allow_options,
    state_options,
    issues_folder_option,
    json_option,
    dry_run_option,
)


@click.command()
@with_options(*_COMMON)
@click.option(
    "--pull-request",
    envvar="WORKFLOWOPS_PULL_REQUEST",
    type=int,
    default=None,
    metavar="NUMBER",
    help="The pull request to show it on. Taken from the event in GitHub Actions.",
)
def preview(
    targets: tuple[str, ...],
    pipeline: str | None,
    slugs: tuple[str, ...],
    base: str | None,
    pull_request: int | None,
    issues_folder: Path | None,
    **values: Any,
) -> int:
    """Show what a change means for the next stages, before it is merged.

    For every workflow: what changes, how dangerous that is, which credentials and workflows of the target it will use,
    what stands against it, and what the gates say. Without --base it is about everything that Git and n8n do not agree
    on. Nothing is written to n8n or recorded; a pull request gets one comment for each stage, and a check.

    \b
    Example:
      workflowops promote preview --to staging
    """
    from workflowops.cli.opening import names_of, opened
    from workflowops.cli.promoting import opened_promoting, triggered
    from workflowops.commands.promotion_preview import preview as preview_change

    allowed = options_from(values)
    options = shared({"environment": ()} | values)
    event = triggered(os.environ)
    with opened(options) as at, at.runner.group("Planning"):
        chosen = _routes(at.workspace.configuration, names_of(targets), pipeline)
        with opened_promoting(at, options, issues_folder=issues_folder) as promoting:
            number = pull_request or event.pull_request
            asked = None
            if number is not None and promoting.pull_requests is not None:
                asked = promoting.pull_requests.pull_request(number)
            outcome = preview_change(
                promoting,
                chosen,
                base=_base(promoting, event, base),
                slugs=names_of(slugs),
                options=allowed,
                pull_request=asked,
            )
        _report_preview(at, outcome)
    _print_preview(outcome, as_json=options.json)
    return outcome.exit_code


@click.command()
@with_options(*_COMMON)
def plan(
    targets: tuple[str, ...],
    pipeline: str | None,
    slugs: tuple[str, ...],
    base: str | None,
    issues_folder: Path | None,
    **values: Any,
) -> int:
    """Make a record of what was merged, for every stage that it concerns.

    The merged pull request behind the commit is looked up; a push without one is refused, unless the pipeline says
    `allow_unreviewed`. The same merge makes the same records, however often it is planned. Nothing is written to n8n:
    `promote apply` does that, once the gates are passed.

    \b
    Example:
      workflowops promote plan --base HEAD^1
    """
    from workflowops.cli.opening import names_of, opened
    from workflowops.cli.promoting import opened_promoting, triggered
    from workflowops.commands.promotion_plan import plan_merge

    allowed = options_from(values)
    options = shared({"environment": ()} | values)
    event = triggered(os.environ)
    with opened(options) as at, at.runner.group("Planning"):
        chosen = _routes(at.workspace.configuration, names_of(targets), pipeline)
        with opened_promoting(at, options, issues_folder=issues_folder) as promoting:
            outcome = plan_merge(
                promoting,
                chosen,
                base=base or event.base or "HEAD^1",
                slugs=names_of(slugs),
                options=allowed,
            )
        _report_plan(at, outcome)
    _print_plan(outcome, as_json=options.json)
    return outcome.exit_code


def _routes(configuration: "Configuration", targets: Sequence[str], pipeline: str | None) -> tuple["Route", ...]:
    from workflowops.core.promotion.route import promoted_routes, route_to

    if targets:
        return tuple(route_to(configuration, each, pipeline=pipeline) for each in dict.fromkeys(targets))
    found = promoted_routes(configuration, pipeline=pipeline)
    if not found:
        from workflowops.errors import ConfigurationError

        raise ConfigurationError(
            "No pipeline has a second stage, so nothing can be promoted.",
            fix="Add `pipelines:` to the configuration, with the stages in their order.",
        )
    return found


def _base(promoting: "Promoting", event: "Triggered", base: str | None) -> str | None:
    """Answer the commit before the change; for the merge that GitHub makes of a pull request, its first parent."""
    from workflowops.errors import ConfigurationError

    if base is not None or event.pull_request is None:
        return base or event.base
    ref = promoting.workspace.ref
    try:
        promoting.workspace.repository.resolve(f"{ref}^2")
        return promoting.workspace.repository.resolve(f"{ref}^1")
    except ConfigurationError:
        return event.base


def _report_preview(at: "Opened", outcome: "Previewed") -> None:
    from workflowops.core.json import canonical_text
    from workflowops.core.promotion.answers import preview_answer
    from workflowops.core.text.promotion import annotations, preview_markdown

    at.runner.write_outputs(
        {
            "result": canonical_text(preview_answer(outcome)).decode(),
            "can_proceed": str(bool(outcome.plans) and all(each.can_proceed for each in outcome.plans)).lower(),
            "is_blocked": str(any(each.is_blocked for each in outcome.plans)).lower(),
        }
    )
    for plan in outcome.plans:
        for each in annotations(plan):
            level = {"failure": "error"}.get(each.level, each.level)
            at.runner.annotate(level, f"{each.title}: {each.message}", file=each.path, line=each.line)
    _annotate_failures(at, outcome.failed, outcome.not_told)
    at.runner.add_summary(
        lambda: "\n\n".join(preview_markdown(each, links=None) for each in outcome.plans) or "Nothing to promote.\n"
    )


def _report_plan(at: "Opened", outcome: "Recorded") -> None:
    from workflowops.core.json import canonical_text
    from workflowops.core.promotion.answers import plan_answer, waiting
    from workflowops.core.text.promotion import preview_markdown, promotion_markdown

    at.runner.write_outputs(
        {
            "result": canonical_text(plan_answer(outcome)).decode(),
            "promotions": canonical_text(waiting(_next(at, outcome))).decode(),
            "promotion_ids": " ".join([] if outcome.is_dry_run else [each.promotion_id for each in outcome.promotions]),
        }
    )
    _annotate_failures(at, outcome.failed, outcome.not_told)
    at.runner.add_summary(
        lambda: (
            "\n\n".join(
                [
                    *(promotion_markdown(each, links=None) for each in outcome.promotions),
                    *(preview_markdown(each, links=None) for each in (*outcome.plans.values(), *outcome.blocked)),
                ]
            )
            or "Nothing to promote.\n"
        )
    )


def _next(at: "Opened", outcome: "Recorded") -> list["Promotion"]:
    """Answer the promotions that a job can carry out, or whose reviewers it has to wait for."""
    from workflowops.core.promotion.route import is_for_the_next_job

    configuration = at.workspace.configuration
    found = () if outcome.is_dry_run else outcome.promotions
    return [each for each in found if is_for_the_next_job(configuration, each)]


def _annotate_failures(at: "Opened", failed: Sequence["Failed"], not_told: str | None) -> None:
    for each in failed:
        at.runner.annotate("error", f"{each.target}: {each.problem}\nFix: {each.fix}")
    if not_told is not None:
        at.runner.annotate("warning", f"The pull request does not show it: {not_told}")


def _print_preview(outcome: "Previewed", *, as_json: bool) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.promotion.answers import preview_answer
    from workflowops.core.text.promotion_outcome import render_preview
    from workflowops.core.text.style import Style

    if as_json:
        print_json(preview_answer(outcome))
    else:
        print_text(render_preview(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))


def _print_plan(outcome: "Recorded", *, as_json: bool) -> None:
    from workflowops.cli.printing import is_coloured, print_json, print_text, terminal_width
    from workflowops.core.promotion.answers import plan_answer
    from workflowops.core.text.promotion_outcome import render_plan
    from workflowops.core.text.style import Style

    if as_json:
        print_json(plan_answer(outcome))
    else:
        print_text(render_plan(outcome, style=Style(color=is_coloured(sys.stdout), width=terminal_width())))
