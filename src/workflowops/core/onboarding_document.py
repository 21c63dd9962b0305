"""What was put under Git or proposed, as the JSON that `onboard --json` prints; field names as in walkthrough 4."""

from workflowops.core.json import Json
from workflowops.core.onboarding import Onboarded, OnboardingOutcome, Refusal
from workflowops.core.secrets import mask_text


def onboarding_document(outcome: OnboardingOutcome) -> dict[str, Json]:
    """Write an outcome. Without a commit nothing was onboarded, and nothing is linked while its merge is awaited.

    `pull_request` is where the commit is proposed, null for a direct commit; names of workflows are masked.
    `workflows_waiting` counts those that `--all` left out because an earlier pull request holds them.
    """
    is_committed = outcome.commit_sha is not None
    number = len(outcome.onboarded) if is_committed else 0
    opened = outcome.pull_request
    return {
        "workflows_onboarded": 0 if outcome.is_proposal else number,
        "workflows_proposed": number if outcome.is_proposal else 0,
        "workflows_waiting": outcome.waiting,
        "git_committed": is_committed,
        "commit_sha": outcome.commit_sha,
        "branch": outcome.branch,
        "pull_request": None
        if opened is None
        else {"number": opened.number, "url": opened.url, "is_new": opened.is_new},
        "files": [*outcome.files],
        "workflows": [_workflow(each, outcome) for each in outcome.onboarded],
        "refused": [_refused(each) for each in outcome.refused],
        "failed": dict(outcome.failed),
        "problem": outcome.problem,
        "fix": outcome.fix,
        "state_problem": outcome.state_problem,
    }


def _workflow(each: Onboarded, outcome: OnboardingOutcome) -> dict[str, Json]:
    is_linked = outcome.commit_sha is not None and outcome.state_problem is None and not outcome.awaits_merge
    return {
        "canonical_workflow": {
            "id": each.canonical_id,
            "canonical_slug": each.canonical_slug,
            "name": mask_text(each.workflow_name),
            "git_file_path": each.git_file_path,
            "git_commit_sha": outcome.commit_sha,
        },
        "workflow_mapping": {
            "id": f"{each.environment}/{each.workflow_id}",
            "environment": each.environment,
            "n8n_workflow_id": each.workflow_id,
            "status": "linked" if is_linked else "unmapped",
            "canonical_id": each.canonical_id,
        },
        "git_committed": outcome.commit_sha is not None,
        "node_count": each.node_count,
        "active": each.active,
        "needs": {
            "credentials": [{"type": kind, "name": mask_text(name)} for kind, name in each.needs.credentials],
            "variables": [mask_text(name) for name in each.needs.variables],
            "data_tables": [mask_text(name) for name in each.needs.data_tables],
        },
    }


def _refused(each: Refusal) -> dict[str, Json]:
    return {
        "environment": each.environment,
        "workflow_id": each.workflow_id,
        "workflow_name": mask_text(each.workflow_name),
        "reason": mask_text(each.reason),
        "fix": each.fix,
        "pull_request": each.pull_request,
    }
