"""The checks of a GitHub environment: whether the approval that the configuration asks for is real."""

from dataclasses import dataclass

from workflowops.core.access import variables_in
from workflowops.core.configuration import Approval, Stage
from workflowops.core.doctor.check import Finding, broken, passed, skipped, warning
from workflowops.core.doctor.repository_facts import EnvironmentFacts, Read, Unread
from workflowops.core.doctor.repository_view import Seen, enumerated, unread

_WITH_REVIEWERS = "enterprise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gated:
    """A stage that promotions go to, and the GitHub environment of its name."""

    seen: Seen
    stage: Stage
    environment: Read[EnvironmentFacts]


def promotions_wait_for_reviewers(gated: Gated) -> Finding:
    """Promotions are approved by whom the configuration says."""
    approval, name, found = gated.stage.gates.approval, gated.stage.environment, gated.environment
    if approval is Approval.NONE:
        return skipped("The stage asks for no approval.")
    if approval is Approval.COMMENTS:
        return _with_comments(gated)
    if isinstance(found, Unread):
        return unread(found, look=f"Look at Settings, Environments, {name}.")
    if not found.reviewers:
        return _without_reviewers(gated, exists=found.exists)
    told = f"{enumerated(found.reviewers)} {'approves' if len(found.reviewers) == 1 else 'approve'}; one is enough."
    if found.wait_minutes:
        told += f" The job waits {found.wait_minutes} minutes first."
    if found.admins_bypass:
        told += " An administrator may start the job without them, which then writes nothing, for nobody approved."
    return passed(told)


def reviewers_are_still_here(gated: Gated) -> Finding:
    """The reviewers can see the repository."""
    found = gated.environment
    if gated.stage.gates.approval is not Approval.ENVIRONMENT:
        return skipped("The stage asks no reviewers of the environment.")
    if isinstance(found, Unread):
        return unread(found)
    if not found.reviewers:
        return skipped("There are none.")
    strangers = found.strangers
    page = f"Settings, Environments, {gated.stage.environment}"
    if isinstance(strangers, Unread):
        return unread(strangers, look=f"Look at {page}.")
    fix = f"Name somebody else ({page}), or give them access again."
    if len(strangers) == len(found.reviewers):
        return broken(f"None of them can: {enumerated(strangers)}. Nobody can approve a promotion.", fix=fix)
    if strangers:
        return warning(f"{enumerated(strangers)} cannot see the repository any more.", fix=fix)
    teams = [each for each in found.reviewers if each.startswith("team:")]
    people = len(found.reviewers) - len(teams)
    looked = "All people among them can." if people else ""
    return passed(f"{looked} {_teams(teams)}".strip())


def nobody_approves_alone(gated: Gated) -> Finding:
    """Nobody approves what they merged themselves."""
    found, gates = gated.environment, gated.stage.gates
    if gates.approval is not Approval.ENVIRONMENT:
        return skipped("The stage asks no reviewers of the environment.")
    if gates.four_eyes:
        return passed("`four_eyes` sees to it.")
    if isinstance(found, Unread):
        return unread(found)
    if not found.reviewers:
        return skipped("There are no reviewers.")
    if not found.prevents_self_review:
        return warning(
            "Whoever started the run by merging may approve it as well.",
            fix=f'Switch on "Prevent self-review" (Settings, Environments, {found.name}), or write `four_eyes: true` '
            "among the gates of the stage.",
        )
    return passed("The environment prevents self-review.")


def default_branch_may_deploy(gated: Gated) -> Finding:
    """Jobs of the default branch may use the environment."""
    found = gated.environment
    if isinstance(found, Unread):
        return unread(found)
    if not found.exists:
        return skipped("There is no environment of that name; GitHub makes one at the first promotion.")
    if isinstance(found.admits_default_branch, Unread):
        return unread(found.admits_default_branch, look=f"Look at Settings, Environments, {found.name}.")
    branch = gated.seen.overview.default_branch
    if not found.admits_default_branch:
        return broken(
            f"The environment {found.name} does not admit {branch}, from which promotions run.",
            fix=f"Add {branch} to its deployment branches (Settings, Environments, {found.name}).",
        )
    return passed(f"It admits {branch}.")


def writing_key_is_guarded(gated: Gated) -> Finding:
    """The key that may write is a secret of the environment."""
    found, configuration = gated.environment, gated.seen.configuration
    environment = configuration.environments.get(gated.stage.environment) if configuration is not None else None
    names = variables_in(environment.api_key) if environment is not None else ()
    if not names:
        return skipped("The configuration names no key.")
    page = f"Settings, Environments, {gated.stage.environment}, Environment secrets"
    if isinstance(found, Unread):
        return unread(found, look=f"Look at {page}.")
    if isinstance(found.secrets, Unread):
        return unread(found.secrets, look=f"Look whether {names[0]} is there ({page}).")
    if names[0].upper() not in found.secrets:
        return warning(
            f"{names[0]} is no secret of the environment, so promotions use that of the repository, which every job "
            "has: either it cannot write, or all of them can.",
            fix=f"Store a key that may write as {names[0]} under {page}, and one that only reads as the repository's.",
        )
    return passed(f"{names[0]} is one.")


def _with_comments(gated: Gated) -> Finding:
    found = gated.environment
    if not isinstance(found, Unread) and found.reviewers:
        return warning(
            f"The stage is approved by comments, and its job waits for {enumerated(found.reviewers, last='or')} "
            "as well.",
            fix="Write `approval: environment` for the stage, or take the reviewers off the environment.",
        )
    count = gated.stage.gates.min_approvals
    return passed(f"By {count} comment{'' if count == 1 else 's'} `/approve` of people who may write here.")


def _without_reviewers(gated: Gated, *, exists: bool) -> Finding:
    """Tell both ways out: reviewers where the plan has them, and comments where it has not."""
    name, overview, plan = gated.stage.environment, gated.seen.overview, gated.seen.facts.plan
    lacks = f"The GitHub environment {name} has no required reviewers" if exists else f"There is no environment {name}"
    found = f"{lacks}, so every promotion to it is refused."
    page = f"Settings, Environments, {name}" if exists else "Settings, Environments, New environment"
    reviewers = f"{'Add' if exists else 'Create it with'} required reviewers ({page})"
    comments = f"write `approval: comments` among the gates of the stage {name} in workflowops.yml"
    known = None if isinstance(plan, Unread) else plan
    if not overview.is_private or overview.is_own_server or known == _WITH_REVIEWERS:
        return broken(found, fix=f"{reviewers}, or {comments}.")
    if known is not None:
        told = f"{found} In private repositories the plan {known} has no required reviewers at all."
        return broken(told, fix=f"{comments.capitalize()}. Reviewers need GitHub Enterprise or a public repository.")
    return broken(
        found,
        fix=f"{reviewers} on GitHub Enterprise. On other plans private repositories have none: {comments}.",
    )


def _teams(teams: list[str]) -> str:
    if not teams:
        return ""
    names = enumerated(teams)
    return f"Who is in {names} is not looked at."
