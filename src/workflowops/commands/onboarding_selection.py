"""What onboarding begins with: the workflows that were asked for, read anew, and why some of them cannot be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from workflowops.commands.gathering import (
    Declared,
    Look,
    Wanted,
    differs_from_git,
    is_unmapped,
    look_at_all,
    read_declared,
)
from workflowops.commands.judging import Differences, Judgement, judge_all
from workflowops.commands.onboarding_refusals import not_found, proposed_already, unreadable, waiting_of
from workflowops.commands.ports import IssueTracker, Workspace
from workflowops.core.configuration import Environment
from workflowops.core.mapping import Known
from workflowops.core.observation import ObservedWorkflow, live_document
from workflowops.core.onboarding import Candidate, OnboardingOutcome, OnboardingPlan, Selection, Wishes, plan_onboarding
from workflowops.core.onboarding_record import request_key
from workflowops.core.onboarding_registry import registry_of
from workflowops.core.records import MappingStatus
from workflowops.core.resources import render_resources, resources_path
from workflowops.core.timestamps import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What was read, and what is to be committed. `failed` is environment -> reason.

    `waiting` counts what is left out, without being refused, because a pull request holds it already.
    """

    declared: Declared
    looks: tuple[Look, ...]
    plan: OnboardingPlan
    failed: Mapping[str, str]
    waiting: int
    now: str

    @property
    def outcome(self) -> OnboardingOutcome:
        """What it comes to before anything is written."""
        return OnboardingOutcome(
            onboarded=self.plan.onboarded,
            refused=self.plan.refused,
            files=tuple(sorted(self.plan.files)),
            failed=self.failed,
            waiting=self.waiting,
        )


def prepare(
    workspace: Workspace,
    environments: Sequence[Environment],
    selection: Selection,
    wishes: Wishes,
    *,
    tracker: IssueTracker | None,
    author: str,
) -> Prepared:
    """Read Git, the state and the instances, and plan the files; what cannot be onboarded is refused, each by itself.

    Refused is what is linked already, archived, gone (a whole listing proves it), unreadable, or proposed in a pull
    request that is open. Raises what keeps everything from being read; an instance that fails is told in `failed`.
    """
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    looks = look_at_all(workspace, environments, view, declared, wanted=Wanted(keep=_is_needed, resources=True))
    now = iso(workspace.clock())
    judgements = judge_all(view, declared, looks, Differences(workspace, declared, looks), now=now)
    waiting = waiting_of(view, tracker)
    candidates = [each for judgement in judgements for each in _candidates(judgement, selection)]
    is_free = [request_key(each.environment, each.workflow_id) not in waiting.refusals for each in candidates]
    failed = {look.environment.name: f"{look.failure} {look.failure.fix}" for look in looks if look.failure is not None}
    plan = plan_onboarding(
        [*compress(candidates, is_free)],
        wishes=wishes,
        registry=registry_of(
            declared.declaration.file,
            paths=declared.paths,
            linked=_linked(judgements),
            proposed=waiting.requests.values(),
        ),
        author=author,
        now=now,
        new_id=workspace.new_id,
    )
    others = [
        *proposed_already(candidates, waiting, selection),
        *unreadable(judgements, selection),
        *not_found(selection, candidates, judgements, failed),
    ]
    return Prepared(
        declared=declared,
        looks=looks,
        plan=replace(
            plan,
            files={**plan.files} | _resource_files(workspace, declared, looks, plan),
            refused=(*plan.refused, *others),
        ),
        failed=failed,
        waiting=is_free.count(False) if selection.is_all else 0,
        now=now,
    )


def _resource_files(
    workspace: Workspace, declared: Declared, looks: Sequence[Look], plan: OnboardingPlan
) -> dict[str, bytes]:
    """Answer `resources.yml` for every environment that something is onboarded from, where it says anything new.

    An instance without variables and data tables gets no such file; one that people made is left alone.
    """
    found: dict[str, bytes] = {}
    environments = {each.environment for each in plan.onboarded}
    for look in looks:
        if look.environment.name not in environments or not look.resources.is_told:
            continue
        path, content = resources_path(look.environment.folder), render_resources(look.resources)
        files = workspace.repository.tree(declared.commit, look.environment.folder)
        blobs = [file.blob for file in files if file.path == path]
        before = [held for _, held in workspace.repository.blobs(blobs)] if blobs else []
        is_told = bool(before or look.resources.variables or look.resources.data_tables)
        is_ours = not before or before[0].partition(b"\n")[0] == content.partition(b"\n")[0]
        if is_told and is_ours and before != [content]:
            found[path] = content
    return found


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
                    active=entry.active,
                )
            )
    return sorted(found, key=lambda each: (each.name.casefold(), each.workflow_id))


def commit_message(plan: OnboardingPlan, selection: Selection, *, title: Callable[[str], str] = str) -> str:
    """Answer the message of the commit: what was asked for, else which workflows come from where."""
    if selection.message:
        return selection.message
    if len(plan.onboarded) == 1:
        only = plan.onboarded[0]
        return f"Onboard {title(only.workflow_name)} from {only.environment}"
    environments = ", ".join(dict.fromkeys(entry.environment for entry in plan.onboarded))
    return f"Onboard {len(plan.onboarded)} workflows from {environments}"
