"""`/adopt`: a pull request that writes what n8n runs into Git."""

from collections.abc import Sequence
from dataclasses import replace

from workflowops.commands.affected import FreshLook, look_again
from workflowops.commands.delivery import policy_of
from workflowops.commands.desk import Desk
from workflowops.commands.gathering import not_current
from workflowops.commands.ports import IssueTracker
from workflowops.core.incident.adoption import (
    AdoptedWorkflow,
    Adopting,
    Adoption,
    AdoptionPlan,
    expected_of,
    plan_adoption,
)
from workflowops.core.incident.issue import NewPullRequest, PullRequest
from workflowops.core.incident.prospect import prospect_of
from workflowops.core.incident.record import Incident
from workflowops.core.text.adoption import pull_request_body, pull_request_title
from workflowops.errors import ExitCode, WorkflowOpsError


def adopt_branch(incident: int) -> str:
    """Name the branch that an incident's adoption stands on."""
    return f"workflowops/adopt-{incident}"


def adopt(desk: Desk, incident: Incident, *, allow_secrets: bool) -> Adoption:
    """Propose what n8n runs as the files of an incident's workflows: one commit on a branch, and a pull request.

    Reads n8n and Git anew; writes nothing to n8n and nothing to the state. Asked twice, the branch is pushed again only
    when it would say something else, and the same pull request is answered. An instance, a remote or GitHub that fails
    is told in the answer; what went before it stands.
    """
    adoption = Adoption(incident=incident.number, environment=incident.environment, title=incident.environment_title)
    try:
        look = look_again(desk.workspace, incident)
    except WorkflowOpsError as error:
        return _failed(adoption, error)
    plan = plan_adoption(look.workflows, allow_secrets=allow_secrets)
    expected = expected_of(look.workflows, plan.workflows)
    adoption = replace(
        adoption,
        title=look.environment.title,
        workflows=plan.workflows,
        prospect=prospect_of(incident, policy_of(desk, incident.environment), expected),
        exit_code=_exit_code(plan.workflows),
    )
    return _proposed(desk, adoption, look, plan)


def _proposed(desk: Desk, adoption: Adoption, look: FreshLook, plan: AdoptionPlan) -> Adoption:
    workspace = desk.workspace
    if not plan.files:
        return adoption
    if workspace.is_dry_run:
        return replace(adoption, is_dry_run=True)
    if not look.declared.is_current:
        return replace(
            adoption,
            problem=not_current(look.declared),
            fix="Ask again: that run will read the new tip.",
            exit_code=ExitCode.MOVED,
        )
    try:
        proposed = workspace.repository.propose_files(
            plan.files,
            message=_message(adoption),
            branch=adopt_branch(adoption.incident),
            base=look.declared.commit,
        )
    except WorkflowOpsError as error:
        return _failed(adoption, error)
    adoption = replace(
        adoption,
        branch=proposed.branch,
        commit=proposed.commit,
        is_new=proposed.is_new,
        is_ours=proposed.is_ours,
    )
    if desk.tracker is None:
        return adoption
    try:
        return replace(adoption, pull_request=_opened(desk.tracker, adoption))
    except WorkflowOpsError as error:
        return _failed(adoption, error)


def _opened(tracker: IssueTracker, adoption: Adoption) -> PullRequest:
    return tracker.open_pull_request(
        NewPullRequest(
            head=adoption.branch or "",
            base=tracker.default_branch(),
            title=pull_request_title(adoption),
            body=pull_request_body(adoption),
        )
    )


def _failed(adoption: Adoption, error: WorkflowOpsError) -> Adoption:
    return replace(adoption, problem=str(error), fix=error.fix, exit_code=error.exit_code)


def _exit_code(workflows: Sequence[AdoptedWorkflow]) -> ExitCode:
    refused = any(each.adopting is Adopting.REFUSED for each in workflows)
    return ExitCode.RULE if refused else ExitCode.DONE


def _message(adoption: Adoption) -> str:
    return f"{pull_request_title(adoption)}\n\nIncident #{adoption.incident}"
