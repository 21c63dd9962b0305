"""Why workflows that were asked for are not onboarded: linked already, gone, unreadable, or proposed elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflowops.commands.judging import Judgement
from workflowops.commands.onboarding_files import read_onboarding
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.onboarding import Candidate, Refusal, Selection
from workflowops.core.onboarding_record import OnboardingRequest, proposed_requests, request_key
from workflowops.core.records import MappedWorkflow, MappingStatus

_SAVE_AGAIN = "Open it in n8n's editor, save it again, and onboard it then."


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Requests whose pull request may still be merged, by key, and why their workflows are not proposed again."""

    requests: Mapping[str, OnboardingRequest]
    refusals: Mapping[str, tuple[str, str]]


def waiting_of(view: StateView, tracker: IssueTracker | None) -> Waiting:
    """Find the requests that block a new one. A pull request that was closed unmerged frees its workflows.

    Asks once for each pull request. Without a tracker a request stands whose pull request cannot be looked at; one that
    never had any may be proposed again.
    """
    reasons: dict[int, tuple[str, str] | None] = {}
    requests: dict[str, OnboardingRequest] = {}
    refusals: dict[str, tuple[str, str]] = {}
    for each in proposed_requests(read_onboarding(view)):
        number, key = each.pull_request, request_key(each.environment, each.n8n_workflow_id)
        if number is None:
            continue
        if number not in reasons:
            reasons[number] = _why_it_waits(number, tracker)
        reason = reasons[number]
        if reason is not None:
            requests[key], refusals[key] = each, reason
    return Waiting(requests=requests, refusals=refusals)


def _why_it_waits(number: int, tracker: IssueTracker | None) -> tuple[str, str] | None:
    """Answer reason and fix for what a pull request proposes; None when it no longer does."""
    if tracker is None:
        return (
            f"It is proposed in #{number}, and without GitHub nobody can say whether that is still open.",
            f"Merge #{number}, or run this where GITHUB_TOKEN and GITHUB_REPOSITORY are set.",
        )
    state = tracker.pull_request_state(number)
    if state is None or (not state.is_open and state.merge_commit is None):
        return None
    if state.is_open:
        return (
            f"It is already proposed in #{number}, which is open.",
            f"Merge #{number}, or close it unmerged and ask again.",
        )
    return (
        f"It was proposed in #{number}, which is merged.",
        "Run `workflowops sync` on the tip of the default branch: it links the workflow.",
    )


def proposed_already(candidates: Sequence[Candidate], waiting: Waiting, selection: Selection) -> list[Refusal]:
    """Refuse what waits for its merge. Of all workflows, what waits is no refusal: nobody named it."""
    return [
        Refusal(
            environment=each.environment,
            workflow_id=each.workflow_id,
            workflow_name=each.name,
            reason=waiting.refusals[request_key(each.environment, each.workflow_id)][0],
            fix=waiting.refusals[request_key(each.environment, each.workflow_id)][1],
            pull_request=waiting.requests[request_key(each.environment, each.workflow_id)].pull_request,
        )
        for each in candidates
        if request_key(each.environment, each.workflow_id) in waiting.refusals and not selection.is_all
    ]


def unreadable(judgements: Sequence[Judgement], selection: Selection) -> list[Refusal]:
    """Name the unmanaged workflows that are meant and that cannot be read."""
    return [
        _refusal(judgement, entry, f"It cannot be read. {entry.problem}", fix=_SAVE_AGAIN)
        for judgement in judgements
        for workflow_id, entry in judgement.plan.mapping.workflows.items()
        if (selection.is_all or workflow_id in selection.workflow_ids)
        and entry.status is MappingStatus.UNMAPPED
        and entry.problem is not None
    ]


def _refusal(judgement: Judgement, entry: MappedWorkflow, reason: str, *, fix: str) -> Refusal:
    return Refusal(
        environment=judgement.look.environment.name,
        workflow_id=entry.n8n_workflow_id,
        workflow_name=entry.workflow_name,
        reason=reason,
        fix=fix,
    )


def not_found(
    selection: Selection,
    candidates: Sequence[Candidate],
    judgements: Sequence[Judgement],
    failed: Mapping[str, str],
) -> list[Refusal]:
    """Refuse the named workflows that no environment holds as unmanaged ones (walkthrough 4, step 6a)."""
    found = {candidate.workflow_id for candidate in candidates}
    refused: list[Refusal] = []
    for workflow_id in dict.fromkeys(selection.workflow_ids):
        if workflow_id in found:
            continue
        known = [
            (judgement, entry)
            for judgement in judgements
            if (entry := judgement.plan.mapping.workflows.get(workflow_id)) is not None
        ]
        if known:
            refused += [_known_refusal(*each) for each in known if each[1].status is not MappingStatus.UNMAPPED]
        else:
            refused.append(_unknown_refusal(workflow_id, judgements, failed))
    return refused


def _known_refusal(judgement: Judgement, entry: MappedWorkflow) -> Refusal:
    workflow = judgement.known.canonical.workflows.get(entry.canonical_id or "")
    copy = None if workflow is None else workflow.copies.get(judgement.look.environment.name)
    where = "" if copy is None else f", as {copy.git_file_path}"
    if entry.status is MappingStatus.MISSING:
        reason = f"n8n has no workflow with this id any more; it was linked to Git{where}."
        return _refusal(judgement, entry, reason, fix="Restore it in n8n, or delete its file from Git.")
    return _refusal(
        judgement,
        entry,
        f"It is already linked to Git{where}.",
        fix="There is nothing to do. `workflowops status` shows where it stands.",
    )


def _unknown_refusal(workflow_id: str, judgements: Sequence[Judgement], failed: Mapping[str, str]) -> Refusal:
    """Refuse an id that no mapping has. Only a listing that came to its end proves that nothing is there."""
    holders = [each.look.environment.name for each in judgements if workflow_id in each.look.ids]
    looked_at = ", ".join(each.look.environment.name for each in judgements)
    if holders:
        reason = f"It is archived in {holders[0]}."
        fix = "Take it out of the archive in n8n, and onboard it then."
    elif failed:
        reason = f"Nobody can say whether it exists: {', '.join(failed)} could not be read."
        fix = "See what is told about that environment, and ask again."
    else:
        reason = f"No workflow with the id {workflow_id!r} exists in {looked_at}: it may have been deleted meanwhile."
        fix = "Take the id from the list that `workflowops sync` prints, and name its environment."
    return Refusal(
        environment=holders[0] if holders else looked_at or ", ".join(failed),
        workflow_id=workflow_id,
        workflow_name=workflow_id,
        reason=reason,
        fix=fix,
    )
