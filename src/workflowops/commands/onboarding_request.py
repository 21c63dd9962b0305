"""`onboard`: proposes unmanaged workflows for Git in a pull request, and remembers who asked for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from workflowops.commands.desk import Desk
from workflowops.commands.gathering import require_current
from workflowops.commands.onboarding_files import change_onboarding
from workflowops.commands.onboarding_selection import Prepared, commit_message, prepare
from workflowops.commands.ports import IssueTracker
from workflowops.core.configuration import Environment
from workflowops.core.incident.issue import NewPullRequest, PullRequest
from workflowops.core.onboarding import Onboarded, OnboardingOutcome, OnboardingPlan, Selection, Wishes
from workflowops.core.onboarding_record import OnboardingRequest, with_requests
from workflowops.core.text.onboarding_pull_request import onboarding_body, onboarding_title, plain_title
from workflowops.errors import WorkflowOpsError

_BRANCH = "workflowops/onboard-"


def propose_onboarding(
    desk: Desk,
    environments: Sequence[Environment],
    selection: Selection,
    wishes: Wishes,
    *,
    requested_by: str | None = None,
    issue: int | None = None,
) -> OnboardingOutcome:
    """Propose a file and a sidecar for every selected workflow: one commit on a branch of ours, and a pull request.

    Nothing is linked before that is merged; `finish_onboarding` sees it then and answers on the pull request, and on
    `issue` where one is given. `requested_by` is who asked, where that is not who runs this. Hold the desk's claim
    (`at_the_desk`) where others may ask at the same time. What was asked for and cannot be had is refused in the
    outcome, each with a fix; what GitHub or the state did not take is told there as well, and the next run repairs it:
    the same files come to the same branch, and the same pull request is brought up to date.
    Raises BlockedError where the commit is not the tip of the default branch, or people pushed onto the branch.
    """
    workspace = desk.workspace
    who = requested_by or workspace.actor.name
    found = prepare(workspace, environments, selection, wishes, tracker=desk.tracker, author=who)
    plan = found.plan
    outcome = replace(found.outcome, is_proposal=True)
    if not plan.files:
        return outcome
    require_current(workspace, found.declared)
    if workspace.is_dry_run:
        return replace(outcome, branch=branch_of(plan.onboarded))
    proposed = workspace.repository.propose_files(
        plan.files,
        message=commit_message(plan, selection, title=plain_title),
        branch=branch_of(plan.onboarded),
        base=found.declared.commit,
    )
    outcome = replace(
        outcome,
        commit_sha=proposed.commit,
        branch=proposed.branch,
        awaits_merge=True,
        is_local_up_to_date=True,
        is_ours=proposed.is_ours,
    )
    return _remembered(desk, _with_pull_request(desk, outcome, found, who), requested_by=who, issue=issue, at=found.now)


def branch_of(onboarded: Sequence[Onboarded]) -> str:
    """Name the branch of a proposal: after the slug of the one workflow, or a digest of which workflows they are."""
    environments = list(dict.fromkeys(each.environment for each in onboarded))
    where = environments[0] if len(environments) == 1 else "several"
    if len(onboarded) == 1:
        return f"{_BRANCH}{where}-{onboarded[0].canonical_slug}"
    ids = sorted(f"{each.environment}/{each.workflow_id}" for each in onboarded)
    digest = hashlib.sha256("\n".join(ids).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_BRANCH}{where}-{digest[:8]}"


def _with_pull_request(desk: Desk, outcome: OnboardingOutcome, found: Prepared, who: str) -> OnboardingOutcome:
    if desk.tracker is None:
        return outcome
    try:
        return replace(outcome, pull_request=_opened(desk, desk.tracker, outcome, found.plan, who))
    except WorkflowOpsError as error:
        return replace(outcome, problem=str(error), fix=error.fix)


def _opened(
    desk: Desk, tracker: IssueTracker, outcome: OnboardingOutcome, plan: OnboardingPlan, who: str
) -> PullRequest:
    environments = desk.workspace.configuration.environments
    titles = {name: each.title for name, each in environments.items()}
    return tracker.open_pull_request(
        NewPullRequest(
            head=outcome.branch or "",
            base=tracker.default_branch(),
            title=onboarding_title(plan.onboarded, titles=titles),
            body=onboarding_body(plan, branch=outcome.branch or "", titles=titles, requested_by=who),
        )
    )


def _remembered(
    desk: Desk, outcome: OnboardingOutcome, *, requested_by: str, issue: int | None, at: str
) -> OnboardingOutcome:
    """Store who waits for what. Where no pull request could be opened nothing waits, and the next run begins anew."""
    if outcome.problem is not None:
        return outcome
    opened = outcome.pull_request
    requests = [
        OnboardingRequest(
            n8n_workflow_id=each.workflow_id,
            workflow_name=each.workflow_name,
            environment=each.environment,
            canonical_id=each.canonical_id,
            canonical_slug=each.canonical_slug,
            git_file_path=each.git_file_path,
            content_hash=each.content_hash,
            branch=outcome.branch or "",
            pull_request=None if opened is None else opened.number,
            pull_request_url=None if opened is None else opened.url,
            requested_by=requested_by,
            requested_at=at,
            issue=issue,
        )
        for each in outcome.onboarded
    ]
    message = f"onboard: {len(requests)} workflows proposed on {outcome.branch}"
    try:
        change_onboarding(desk.workspace, lambda before: with_requests(before, requests), message=message)
    except WorkflowOpsError as error:
        return replace(outcome, state_problem=f"{error} {error.fix}")
    return outcome
