"""`onboard`: puts unmanaged workflows under Git, each with a sidecar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workflowops.commands.auditing import onboarded_entries, recorded, status_entries
from workflowops.commands.gathering import (
    Look,
    Wanted,
    differs_from_git,
    is_unmapped,
    look_at_all,
    read_declared,
    record_of,
)
from workflowops.commands.judging import (
    Differences,
    Judgement,
    canonical_files,
    checked_record,
    judge_all,
    judged_files,
)
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.configuration import Environment
from workflowops.core.mapping import Known
from workflowops.core.observation import ObservedWorkflow, live_document
from workflowops.core.onboarding import (
    Candidate,
    OnboardingOutcome,
    OnboardingPlan,
    Refusal,
    Wishes,
    plan_onboarding,
    registry_of,
)
from workflowops.core.records import MappedWorkflow, MappingStatus
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError, ConfigurationError, WorkflowOpsError

_SAVE_AGAIN = "Open it in n8n's editor, save it again, and onboard it then."


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which workflows to onboard: all unmanaged ones, or those named by n8n id."""

    workflow_ids: tuple[str, ...] = ()
    is_all: bool = False
    message: str | None = None
    branch: str | None = None


def onboard(
    workspace: Workspace, environments: Sequence[Environment], selection: Selection, wishes: Wishes
) -> OnboardingOutcome:
    """Commit a file and a sidecar for every selected workflow, all in one commit, and link them in the state.

    Files first, state second: should the state not take it, the sidecars name the n8n ids, and the next sync links.
    Raises BlockedError when a named workflow is linked already, ConfigurationError when it does not exist.
    """
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    looks = look_at_all(workspace, environments, view, declared, wanted=Wanted(keep=_is_needed))
    differences = Differences(workspace, declared, looks)
    moment = workspace.clock()
    now = iso(moment)
    judgements = judge_all(view, declared, looks, differences, now=now)
    candidates = [each for judgement in judgements for each in _candidates(judgement, selection)]
    failed = {look.environment.name: f"{look.failure} {look.failure.fix}" for look in looks if look.failure is not None}
    _refuse_others(selection, candidates, judgements, failed)
    plan = plan_onboarding(
        candidates,
        wishes=wishes,
        registry=registry_of(declared.declaration.file, paths=declared.paths, linked=_linked(judgements)),
        author=workspace.actor.name,
        now=now,
        new_id=workspace.new_id,
    )
    plan = replace(plan, refused=(*plan.refused, *_unreadable(judgements, selection)))
    outcome = OnboardingOutcome(
        onboarded=plan.onboarded, refused=plan.refused, files=tuple(sorted(plan.files)), failed=failed
    )
    if workspace.is_dry_run or not plan.files:
        return outcome
    committed = workspace.repository.commit_files(
        plan.files, message=_message(plan, selection), branch=selection.branch, base=declared.commit
    )
    awaits_merge, state_problem = _link(workspace, looks, plan, commit=committed.commit, now=moment)
    return replace(
        outcome,
        commit_sha=committed.commit,
        branch=committed.branch,
        is_local_up_to_date=committed.fast_forwarded,
        state_problem=state_problem,
        awaits_merge=awaits_merge,
    )


def _is_needed(known: Known, found: ObservedWorkflow) -> bool:
    """Keep what could be onboarded, and what the record of its environment is judged by."""
    return is_unmapped(known, found) or differs_from_git(known, found)


def _linked(judgements: Sequence[Judgement]) -> list[tuple[str, str]]:
    """Name the canonical workflows, with their environment, that a living workflow belongs to."""
    return [
        (entry.canonical_id, judgement.look.environment.name)
        for judgement in judgements
        for entry in judgement.plan.mapping.workflows.values()
        if entry.canonical_id is not None and entry.status is MappingStatus.LINKED
    ]


def _candidates(judgement: Judgement, selection: Selection) -> list[Candidate]:
    environment = judgement.look.environment
    found = []
    for workflow_id, entry in judgement.plan.mapping.workflows.items():
        body = judgement.look.bodies.get(workflow_id)
        if entry.status is not MappingStatus.UNMAPPED or body is None:
            continue
        if selection.is_all or workflow_id in selection.workflow_ids:
            found.append(
                Candidate(
                    environment=environment.name,
                    folder=environment.folder,
                    workflow_id=workflow_id,
                    name=entry.workflow_name,
                    document=live_document(body),
                )
            )
    return sorted(found, key=lambda each: (each.name.casefold(), each.workflow_id))


def _unreadable(judgements: Sequence[Judgement], selection: Selection) -> list[Refusal]:
    """Name the unmanaged workflows that `--all` means and that cannot be read."""
    return [
        Refusal(
            environment=judgement.look.environment.name,
            workflow_id=entry.n8n_workflow_id,
            workflow_name=entry.workflow_name,
            reason=entry.problem,
            fix=_SAVE_AGAIN,
        )
        for judgement in judgements
        for entry in judgement.plan.mapping.workflows.values()
        if selection.is_all and entry.status is MappingStatus.UNMAPPED and entry.problem is not None
    ]


def _refuse_others(
    selection: Selection,
    candidates: Sequence[Candidate],
    judgements: Sequence[Judgement],
    failed: Mapping[str, str],
) -> None:
    """Refuse named workflows that are linked already, unreadable or not there (walkthrough 4, step 6a)."""
    found = {candidate.workflow_id for candidate in candidates}
    known: dict[str, MappedWorkflow] = {
        workflow_id: entry
        for judgement in judgements
        for workflow_id, entry in judgement.plan.mapping.workflows.items()
    }
    for workflow_id in selection.workflow_ids:
        entry = known.get(workflow_id)
        if workflow_id in found:
            continue
        if entry is not None and entry.problem is not None:
            raise BlockedError(
                f"The workflow {entry.workflow_name!r} ({workflow_id}) cannot be read. {entry.problem}",
                fix=_SAVE_AGAIN,
            )
        if entry is not None:
            raise BlockedError(
                f"The workflow {entry.workflow_name!r} ({workflow_id}) is already linked to Git.",
                fix="There is nothing to do. `workflowops status` shows its file.",
            )
        if not failed:
            raise ConfigurationError(
                f"No workflow with the id {workflow_id!r} exists in the environments asked for.",
                fix="Take the id from the list that `workflowops sync` prints, and name its --environment.",
            )


def _message(plan: OnboardingPlan, selection: Selection) -> str:
    if selection.message:
        return selection.message
    if len(plan.onboarded) == 1:
        only = plan.onboarded[0]
        return f"Onboard {only.workflow_name} from {only.environment}"
    environments = ", ".join(dict.fromkeys(entry.environment for entry in plan.onboarded))
    return f"Onboard {len(plan.onboarded)} workflows from {environments}"


def _link(
    workspace: Workspace, looks: Sequence[Look], plan: OnboardingPlan, *, commit: str, now: datetime
) -> tuple[bool, str | None]:
    """Link what was committed; answers whether that waits for a merge, and why the state did not take it.

    What is on a branch of its own must not change what is known of the team's: it may never be merged.
    """
    at_commit = replace(workspace, ref=commit)
    try:
        declared = read_declared(at_commit, workspace.state.view())
        if not declared.is_current:
            return True, None
        differences = Differences(at_commit, declared, looks)

        def decide(tip: StateView) -> Mapping[str, bytes | None]:
            files = canonical_files(declared)
            for judgement in judge_all(tip, declared, looks, differences, now=iso(now)):
                before = record_of(judgement.look.environment, tip)
                record = checked_record(judgement, before, commit=commit, now=iso(now))
                onboarded = onboarded_entries(
                    workspace, plan.onboarded, environment=before.environment, commit=commit, now=now
                )
                entries = (*onboarded, *status_entries(workspace, judgement, before, now=now))
                files |= judged_files(judgement)
                files |= recorded(tip, record, entries)
            return files

        workspace.state.change(decide, message=f"onboard: {len(plan.onboarded)} workflows at {commit[:12]}")
    except WorkflowOpsError as error:
        return False, f"{error} {error.fix}"
    return False, None
