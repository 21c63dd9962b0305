"""Where a promotion goes: the pipeline, the stage it writes to and the stage before."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflowops.core.configuration import Approval, Configuration, Pipeline, Stage
from workflowops.core.problems import nearest, shown
from workflowops.core.promotion.record import ENDED, Promotion, PromotionStatus
from workflowops.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Route:
    """A stage of a pipeline as a target. `previous` is None for the first stage."""

    pipeline: Pipeline
    stage: Stage
    previous: Stage | None

    @property
    def environment(self) -> str:
        """Name the environment that is written to."""
        return self.stage.environment


def routes(configuration: Configuration) -> Iterator[Route]:
    """Answer every stage of every pipeline, in the file's order."""
    for pipeline in configuration.pipelines.values():
        for number, stage in enumerate(pipeline.stages):
            yield Route(pipeline, stage, pipeline.stages[number - 1] if number else None)


def promoted_routes(configuration: Configuration, *, pipeline: str | None = None) -> tuple[Route, ...]:
    """Answer the stages that changes are promoted to, of one pipeline or of all: those with a stage before them.

    The first stage is where workflows are made, in n8n's editor; a change of its folder follows its instance. A stage
    that stands in several pipelines is answered once, by the first of them.
    """
    found: dict[str, Route] = {}
    for route in routes(configuration):
        if route.previous is not None and pipeline in (None, route.pipeline.name):
            found.setdefault(route.environment, route)
    return tuple(found.values())


def route_of_reversal(configuration: Configuration, environment: str) -> Route | None:
    """Answer whose gates are asked when what somebody did in n8n is taken back; None for a stage of no pipeline.

    That is the pipeline that leads to the environment. One that begins there counts where none leads to it.
    """
    found = [each for each in routes(configuration) if each.environment == environment]
    return next((each for each in found if each.previous is not None), found[0] if found else None)


def route_to(
    configuration: Configuration, target: str, *, source: str | None = None, pipeline: str | None = None
) -> Route:
    """Find the way to a target stage. Raises ConfigurationError that says what there is instead.

    `source` must be the stage before; `pipeline` tells several pipelines with that stage apart.
    """
    if not configuration.pipelines:
        raise ConfigurationError(
            "The configuration has no pipelines, so nothing can be promoted.",
            fix="Add `pipelines:` with the stages in their order, such as dev, staging, prod.",
        )
    named = [each for each in routes(configuration) if each.environment == target]
    found = [
        each
        for each in named
        if pipeline in (None, each.pipeline.name)
        and (source is None or (each.previous is not None and each.previous.environment == source))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.pipeline.name for each in found)
        raise ConfigurationError(f"{target} is a stage of several pipelines: {names}.", fix="Name one with --pipeline.")
    raise _no_route(configuration, target, named, source=source, pipeline=pipeline)


def is_for_the_next_job(configuration: Configuration, promotion: Promotion) -> bool:
    """Say whether a job that carries it out would get further now: it is approved, or its job is what is approved.

    One that waits for comments is left out. One whose stage is configured no more is not: the job says so.
    """
    if promotion.status is not PromotionStatus.PENDING_APPROVAL:
        return promotion.status not in ENDED
    stages = [each.stage for each in routes(configuration) if each.environment == promotion.target_stage]
    return not stages or any(each.gates.approval is Approval.ENVIRONMENT for each in stages)


def _no_route(
    configuration: Configuration, target: str, named: list[Route], *, source: str | None, pipeline: str | None
) -> ConfigurationError:
    stages = list(dict.fromkeys(each.environment for each in routes(configuration)))
    if not named:
        guess = nearest(target, stages)
        return ConfigurationError(
            f"No pipeline has a stage {shown(target)}.",
            fix=(f"Did you mean {shown(guess)}? " if guess is not None else "") + f"Stages: {', '.join(stages)}.",
        )
    if pipeline is not None and all(each.pipeline.name != pipeline for each in named):
        known = ", ".join(dict.fromkeys(each.pipeline.name for each in named))
        return ConfigurationError(f"{target} is no stage of the pipeline {shown(pipeline)}.", fix=f"It is in: {known}.")
    before = [each.previous.environment for each in named if each.previous is not None]
    fix = f"The stage before it is {' or '.join(before)}." if before else f"{target} is the first stage."
    return ConfigurationError(f"Workflows do not go from {source} to {target}.", fix=fix)
