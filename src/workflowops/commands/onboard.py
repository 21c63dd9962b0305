"""`onboard --direct`: puts unmanaged workflows under Git by one commit, each with a sidecar, and links them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workflowops.commands.auditing import onboarded_entries, recorded, status_entries
from workflowops.commands.gathering import Look, read_declared, record_of
from workflowops.commands.judging import Differences, canonical_files, checked_record, judge_all, judged_files
from workflowops.commands.onboarding_files import onboarding_files, read_onboarding
from workflowops.commands.onboarding_selection import commit_message, prepare
from workflowops.commands.ports import IssueTracker, StateView, Workspace
from workflowops.core.configuration import Environment
from workflowops.core.onboarding import Onboarded, OnboardingOutcome, OnboardingPlan, Selection, Wishes
from workflowops.core.onboarding_record import (
    OnboardingFile,
    RequestStatus,
    proposed_requests,
    request_key,
    with_requests,
)
from workflowops.core.timestamps import iso
from workflowops.errors import WorkflowOpsError


def onboard(
    workspace: Workspace,
    environments: Sequence[Environment],
    selection: Selection,
    wishes: Wishes,
    *,
    tracker: IssueTracker | None = None,
) -> OnboardingOutcome:
    """Commit a file and a sidecar for every selected workflow, all in one commit, and link them in the state.

    Files first, state second: should the state not take it, the sidecars name the n8n ids, and the next sync links.
    The tracker is asked whether pull requests that propose these workflows are still open.
    """
    found = prepare(workspace, environments, selection, wishes, tracker=tracker, author=workspace.actor.name)
    plan = found.plan
    if workspace.is_dry_run or not plan.files:
        return found.outcome
    committed = workspace.repository.commit_files(
        plan.files, message=commit_message(plan, selection), branch=selection.branch, base=found.declared.commit
    )
    moment = datetime.fromisoformat(found.now)
    awaits_merge, state_problem = _link(workspace, found.looks, plan, commit=committed.commit, now=moment)
    return replace(
        found.outcome,
        commit_sha=committed.commit,
        branch=committed.branch,
        is_local_up_to_date=committed.fast_forwarded,
        state_problem=state_problem,
        awaits_merge=awaits_merge,
    )


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
            requests = read_onboarding(tip)
            settled = _settled(requests, plan.onboarded, commit=commit, now=iso(now))
            return files | onboarding_files(requests, settled)

        workspace.state.change(decide, message=f"onboard: {len(plan.onboarded)} workflows at {commit[:12]}")
    except WorkflowOpsError as error:
        return False, f"{error} {error.fix}"
    return False, None


def _settled(file: OnboardingFile, onboarded: Sequence[Onboarded], *, commit: str, now: str) -> OnboardingFile:
    """End the requests for workflows that were committed directly: nobody waits for their merge any more."""
    done = {request_key(each.environment, each.workflow_id): each for each in onboarded}
    return with_requests(
        file,
        [
            replace(
                each,
                status=RequestStatus.ONBOARDED,
                canonical_id=done[key].canonical_id,
                canonical_slug=done[key].canonical_slug,
                git_file_path=done[key].git_file_path,
                git_commit_sha=commit,
                onboarded_at=now,
            )
            for each in proposed_requests(file)
            if (key := request_key(each.environment, each.n8n_workflow_id)) in done
        ],
    )
