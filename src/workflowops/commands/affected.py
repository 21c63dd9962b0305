"""GATHER for `/adopt` and `/revert`: how the workflows of an incident stand at this moment. Nothing is recorded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workflowops.commands.gathering import Declared, Keep, Look, Wanted, differs_from_git, look_at_all, read_declared
from workflowops.commands.judging import Differences, Judgement, judge_all
from workflowops.commands.ports import Workspace
from workflowops.core.configuration import Environment
from workflowops.core.incident.affected import AffectedNow
from workflowops.core.incident.record import AffectedWorkflow, Incident
from workflowops.core.json import Json
from workflowops.core.mapping import Known
from workflowops.core.observation import ObservedWorkflow, live_document
from workflowops.core.sidecar import sidecar_path
from workflowops.core.timestamps import iso
from workflowops.core.verdicts import Verdict
from workflowops.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class FreshLook:
    """An environment that was read just now, and the incident's workflows in it."""

    environment: Environment
    declared: Declared
    judgement: Judgement
    workflows: tuple[AffectedNow, ...]


def look_again(workspace: Workspace, incident: Incident) -> FreshLook:
    """Read Git and n8n anew for the workflows of an incident. Nothing is written, to the state neither.

    Raises what kept the instance from being read; ConfigurationError for an environment that is configured no more.
    """
    environment = workspace.configuration.environments.get(incident.environment)
    if environment is None:
        raise ConfigurationError(
            f"The environment {incident.environment} is not in the configuration any more.",
            fix="Put it back into workflowops.yml, or close the incident.",
        )
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    wanted = Wanted(keep=_needed_for(incident.affected_workflows))
    look = look_at_all(workspace, [environment], view, declared, wanted=wanted)[0]
    if look.failure is not None:
        raise look.failure
    differences = Differences(workspace, declared, [look])
    judgement = judge_all(view, declared, [look], differences, now=iso(workspace.clock()))[0]
    return FreshLook(environment, declared, judgement, _gathered(workspace, incident, declared, judgement, differences))


def _needed_for(affected: Sequence[AffectedWorkflow]) -> Keep:
    """Keep the bodies of the incident's workflows, however they are known, and what the others are judged by."""
    canonical_ids = {each.canonical_id for each in affected}
    workflow_ids = {each.workflow_id for each in affected}

    def keep(known: Known, found: ObservedWorkflow) -> bool:
        return found.id in workflow_ids | _linked(known, canonical_ids) or differs_from_git(known, found)

    return keep


def _linked(known: Known, canonical_ids: Collection[str]) -> set[str | None]:
    """Name the workflows of the instance that state or Git ties to these."""
    mapped = {} if known.mapping is None else known.mapping.workflows
    return {
        *(workflow_id for workflow_id, entry in mapped.items() if entry.canonical_id in canonical_ids),
        *(copy.n8n_workflow_id for canonical_id, copy in known.copies.items() if canonical_id in canonical_ids),
    }


def _gathered(
    workspace: Workspace, incident: Incident, declared: Declared, judgement: Judgement, differences: Differences
) -> tuple[AffectedNow, ...]:
    verdicts = {verdict.canonical_id: verdict for verdict in judgement.verdicts if verdict.canonical_id is not None}
    copies = {each.canonical_id: judgement.known.copy(each.canonical_id) for each in incident.affected_workflows}
    blobs = list(dict.fromkeys(copy.git_blob for copy in copies.values() if copy is not None))
    contents = dict(workspace.repository.blobs(blobs)) if blobs else {}
    applied = {} if judgement.known.current is None else judgement.known.current.workflows
    gathered = []
    for affected in incident.affected_workflows:
        verdict = verdicts.get(affected.canonical_id)
        copy = copies[affected.canonical_id]
        difference = None if verdict is None else differences.of(incident.environment, verdict)
        gathered.append(
            AffectedNow(
                recorded=affected,
                verdict=verdict,
                diff=None if difference is None else difference.diff,
                live=_live(judgement.look, verdict),
                file=None if copy is None else contents[copy.git_blob],
                copy=copy,
                applied=applied.get(affected.canonical_id),
                has_sidecar=copy is not None and sidecar_path(copy.git_file_path) in declared.paths,
            )
        )
    return tuple(gathered)


def _live(look: Look, verdict: Verdict | None) -> dict[str, Json] | None:
    body = None if verdict is None else look.bodies.get(verdict.workflow_id or "")
    try:
        return None if body is None else live_document(body)
    except ValueError:
        return None
