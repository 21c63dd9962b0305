"""What the doctor makes of the facts about a repository on GitHub."""

from collections.abc import Callable, Iterator
from datetime import datetime

from workflowops.core.configuration import Approval, Configuration, Stage
from workflowops.core.doctor.check import REPOSITORY, STATE, Check, Finding, Verdict, check_of, environment_subject
from workflowops.core.doctor.repository_branches import (
    default_branch_is_reviewed,
    proposals_can_be_pushed,
    snapshots_can_be_tagged,
    state_branch_can_be_pushed,
)
from workflowops.core.doctor.repository_environments import (
    Gated,
    default_branch_may_deploy,
    nobody_approves_alone,
    promotions_wait_for_reviewers,
    reviewers_are_still_here,
    writing_key_is_guarded,
)
from workflowops.core.doctor.repository_facts import Asked, RepositoryFacts, Unread
from workflowops.core.doctor.repository_itself import (
    form_label_exists,
    issues_are_on,
    repository_is_in_use,
    token_may_read,
    token_may_write,
    values_are_set,
)
from workflowops.core.doctor.repository_view import Seen
from workflowops.core.doctor.repository_workflows import (
    actions_may_open_pull_requests,
    actions_may_run,
    files_are_on_the_default_branch,
    schedules_start_runs,
    workflows_are_active,
)

REPOSITORY_CHECKS: dict[str, Callable[[Seen], Finding]] = {
    "github.repository": repository_is_in_use,
    "github.issues": issues_are_on,
    "github.token": token_may_read,
    "github.token_writes": token_may_write,
    "github.files": files_are_on_the_default_branch,
    "github.workflows": workflows_are_active,
    "github.schedules": schedules_start_runs,
    "github.actions": actions_may_run,
    "github.pull_requests": actions_may_open_pull_requests,
    "github.values": values_are_set,
    "github.labels": form_label_exists,
    "github.default_branch": default_branch_is_reviewed,
    "github.proposals": proposals_can_be_pushed,
}
STATE_CHECKS: dict[str, Callable[[Seen], Finding]] = {
    "github.state_branch": state_branch_can_be_pushed,
    "github.snapshot_tags": snapshots_can_be_tagged,
}
STAGE_CHECKS: dict[str, Callable[[Gated], Finding]] = {
    "github.approval": promotions_wait_for_reviewers,
    "github.reviewers": reviewers_are_still_here,
    "github.self_review": nobody_approves_alone,
    "github.deployments": default_branch_may_deploy,
    "github.writing_key": writing_key_is_guarded,
}


def asked_of(configuration: Configuration | None, *, state_branch: str) -> Asked:
    """Say what the facts have to be about for this configuration; None where it cannot be read."""
    names = tuple(stage.environment for stage in _targets(configuration))
    return Asked(environments=names, state_branch=state_branch)


def repository_checks(
    configuration: Configuration | None, facts: RepositoryFacts, *, now: datetime
) -> tuple[Check, ...]:
    """Answer every check on the repository, in the order in which people put things right.

    Where the repository itself could not be read that is the only one: UNKNOWN when GitHub failed, else BROKEN.
    Without a configuration nothing is said about stages.
    """
    if isinstance(facts.overview, Unread):
        return (_unreadable(facts.overview),)
    seen = Seen(configuration=configuration, facts=facts, overview=facts.overview, now=now)
    return (
        *(check_of(unit, seen, identifier=name, subject=REPOSITORY) for name, unit in REPOSITORY_CHECKS.items()),
        *(check_of(unit, seen, identifier=name, subject=STATE) for name, unit in STATE_CHECKS.items()),
        *_stage_checks(seen),
    )


def _stage_checks(seen: Seen) -> Iterator[Check]:
    for stage in _targets(seen.configuration):
        found = seen.facts.environments.get(stage.environment, _NOT_READ)
        gated = Gated(seen=seen, stage=stage, environment=found)
        for name, unit in STAGE_CHECKS.items():
            yield check_of(unit, gated, identifier=name, subject=environment_subject(stage.environment))


def _targets(configuration: Configuration | None) -> tuple[Stage, ...]:
    """Answer the stages that promotions go to, one for each environment: all but the first of a pipeline in use.

    Where several pipelines lead to an environment, a stage that its reviewers approve comes first.
    """
    found: dict[str, Stage] = {}
    for pipeline in configuration.pipelines.values() if configuration is not None else ():
        for stage in pipeline.stages[1:] if pipeline.enabled else ():
            known = found.get(stage.environment)
            if stage.enabled and (known is None or stage.gates.approval is Approval.ENVIRONMENT):
                found[stage.environment] = stage
    return tuple(found.values())


def _unreadable(found: Unread) -> Check:
    verdict = Verdict.BROKEN if found.is_refused else Verdict.UNKNOWN
    title = "The repository can be read"
    return Check("github.repository", REPOSITORY, title, verdict, found.why, found.fix)


_NOT_READ = Unread("It was not asked for.", "Run the doctor again.")
