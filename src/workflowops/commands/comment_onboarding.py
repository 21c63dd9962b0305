"""`/onboard`: who may give it where, and the hand that carries it out."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from workflowops.commands.comment_effects import Effects
from workflowops.commands.comment_promotion import Voice
from workflowops.commands.delivery import policy_of
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.onboarding_request import propose_onboarding
from workflowops.core.comment.commands import CommandName, Misunderstood, Understood
from workflowops.core.comment.onboarding_request import OnboardingAsked, onboarding_asked
from workflowops.core.comment.outcome import Acted
from workflowops.core.comment.strictest import strictest_rules
from workflowops.core.configuration import Configuration, Environment, select
from workflowops.core.incident.policy import CommandRule
from workflowops.core.onboarding import Selection, Wishes
from workflowops.core.text.comment_onboarding import onboarding_answer
from workflowops.errors import BlockedError, ConfigurationError, ExitCode

OnboardingHand = Callable[[Voice, OnboardingAsked], Acted]
"""Puts workflows under Git by a pull request, and answers in Markdown.

Raises WorkflowOpsError when it could not do its part. What is refused is told in the answer, with exit code RULE.
"""

_NOWHERE = ""


def onboarding_hand(desk: Desk) -> OnboardingHand:
    """Answer what `/onboard` and the form do here: a pull request, and an answer later where it was asked for."""
    return lambda voice, asked: _proposed(desk, voice, asked)


def asked_of(command: Understood, *, environment: str | None) -> OnboardingAsked:
    """Read what a `/onboard` asks for; the place of the command tells the environment where none is named.

    Raises BlockedError for what cannot be meant: the run does not fail because somebody mistyped.
    """
    try:
        asked = onboarding_asked(command.fields)
    except ConfigurationError as error:
        raise BlockedError(str(error), fix=error.fix) from error
    return asked if asked.environment is not None else replace(asked, environment=environment)


def handed_onboarding(hand: OnboardingHand | None, voice: Voice, asked: OnboardingAsked) -> Acted:
    """Carry out what was asked for. Raises WorkflowOpsError when it could not be carried out at all."""
    if hand is None:
        raise ConfigurationError(
            "Workflows cannot be put under Git from here.",
            fix="Run `workflowops comment` in a checkout of the repository.",
        )
    return hand(voice, asked)


def onboarding_effects(hand: OnboardingHand | None, voice: Voice) -> Effects:
    """Answer what `/onboard` does on an incident, whose environment it means unless told otherwise."""
    return {
        CommandName.ONBOARD: lambda incident, command: handed_onboarding(
            hand, voice, asked_of(command, environment=incident.environment)
        )
    }


def onboarding_rules(
    desk: Desk, wanted: Sequence[Understood | Misunderstood], *, environment: str | None
) -> dict[str, CommandRule]:
    """Answer the rule for `/onboard` in a comment: that of the environments it is about, the strictest of several.

    `environment` is that of the place. Where it cannot be told which is meant, the strictest of all counts.
    """
    meant = [
        each.fields.get("environment", "").strip("` ") or environment or _NOWHERE
        for each in wanted
        if isinstance(each, Understood) and each.name is CommandName.ONBOARD
    ]
    return rules_for(desk, meant)


def rules_for(desk: Desk, environments: Sequence[str]) -> dict[str, CommandRule]:
    """Answer the rule for `/onboard` in all of some environments, by its name; empty where there is none."""
    known = [policy_of(desk, each).commands for each in dict.fromkeys(environments)]
    found = strictest_rules(known).get(CommandName.ONBOARD)
    return {} if found is None else {CommandName.ONBOARD: found}


def _proposed(desk: Desk, voice: Voice, asked: OnboardingAsked) -> Acted:
    environments = _meant(desk.workspace.configuration, asked)
    selection = Selection(workflow_ids=asked.workflow_ids, is_all=asked.is_all, message=asked.message)
    wishes = Wishes(
        slug=asked.slug,
        file=asked.file,
        description=asked.description,
        tags=asked.tags,
        allow_secrets=asked.allow_secrets,
        link=asked.link,
    )
    number = voice.issue or voice.incident
    with at_the_desk(desk):
        outcome = propose_onboarding(desk, environments, selection, wishes, requested_by=voice.by, issue=number)
    is_told_in_it = outcome.onboarded and outcome.exit_code is ExitCode.RULE
    code = ExitCode.DONE if is_told_in_it else outcome.exit_code
    return Acted(onboarding_answer(outcome, is_plan=desk.workspace.is_dry_run), code)


def _meant(configuration: Configuration, asked: OnboardingAsked) -> Sequence[Environment]:
    if asked.environment is None and len(configuration.environments) > 1:
        raise BlockedError(
            "It cannot be told which environment is meant.",
            fix=f"Name it, as in `environment={next(iter(configuration.environments))}`.",
        )
    try:
        return select(configuration, [] if asked.environment is None else [asked.environment])
    except ConfigurationError as error:
        raise BlockedError(str(error), fix=error.fix) from error
