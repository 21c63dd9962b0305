"""`/revert`, by hand: the steps that put Git's version back into n8n. Nothing is executed and nothing recorded."""

from dataclasses import replace

from workflowops.commands.affected import FreshLook, look_again
from workflowops.commands.delivery import policy_of
from workflowops.commands.desk import Desk
from workflowops.core.incident.prospect import prospect_of
from workflowops.core.incident.record import Incident
from workflowops.core.incident.reversal import Reversal, expected_of, plan_workflows
from workflowops.core.json import Json
from workflowops.core.localization import Instance
from workflowops.core.records import MappingFile, MappingStatus
from workflowops.core.verdicts import resolver
from workflowops.errors import ExitCode, WorkflowOpsError


def plan_reversal(desk: Desk, incident: Incident) -> Reversal:
    """Plan how n8n comes to run what Git says again, from a fresh look at both. An instance that fails is told."""
    reversal = Reversal(incident=incident.number, environment=incident.environment, title=incident.environment_title)
    try:
        look = look_again(desk.workspace, incident)
    except WorkflowOpsError as error:
        return replace(reversal, problem=str(error), fix=error.fix, exit_code=error.exit_code)
    mapping = look.judgement.plan.mapping
    workflows = plan_workflows(look.workflows, instance=_instance(look), callers=_callers(mapping))
    expected = expected_of(look.workflows, workflows)
    is_incomplete = any(each.fix is not None for each in workflows)
    return replace(
        reversal,
        title=look.environment.title,
        git_commit_sha=look.declared.commit,
        workflows=workflows,
        prospect=prospect_of(incident, policy_of(desk, incident.environment), expected),
        exit_code=ExitCode.RULE if is_incomplete else ExitCode.DONE,
    )


def _instance(look: FreshLook) -> Instance:
    mapping = look.judgement.plan.mapping
    return Instance(
        ids={
            entry.canonical_id: workflow_id
            for workflow_id, entry in mapping.workflows.items()
            if entry.canonical_id is not None and entry.status is MappingStatus.LINKED
        },
        here=resolver(mapping),
        anywhere=look.judgement.anywhere,
    )


def _callers(mapping: MappingFile) -> dict[str, list[str]]:
    """Answer canonical id -> names of the workflows that refer to it by its id in this instance."""
    canonical_ids = {workflow_id: entry.canonical_id for workflow_id, entry in mapping.workflows.items()}
    callers: dict[str, list[str]] = {}
    for entry in mapping.workflows.values():
        for workflow_id in sorted(_ids(entry.env_references)):
            canonical_id = canonical_ids.get(workflow_id)
            if canonical_id is not None and entry.status is not MappingStatus.MISSING:
                callers.setdefault(canonical_id, []).append(entry.workflow_name)
    return callers


def _ids(value: Json) -> set[str]:
    if isinstance(value, dict):
        return {each for item in value.values() for each in _ids(item)}
    if isinstance(value, list):
        return {each for item in value for each in _ids(item)}
    return {str(value)}
