"""How the wishes to put workflows under Git ended: merged and linked, turned down, or still waiting."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from workflowops.core.incident.issue import PullRequestState
from workflowops.core.onboarding_record import (
    OnboardingFile,
    OnboardingRequest,
    RequestStatus,
    Unsaid,
    unfinished_requests,
    with_requests,
    with_unsaid,
)
from workflowops.core.records import CanonicalFile, MappingFile, MappingStatus
from workflowops.core.text.onboarding_answers import gone_answer, onboarded_answer, unlinked_answer, withdrawn_answer
from workflowops.errors import ExitCode

PullRequestStates = Mapping[int, PullRequestState | None]
"""What could be learned of pull requests by number; None for one that is not there any more. Others are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedOnboardings:
    """What a run found out about requests. `answers` is note id -> address; `problems` is what went wrong.

    `withdrawn` are all that ended without being onboarded.
    """

    onboarded: tuple[OnboardingRequest, ...] = ()
    withdrawn: tuple[OnboardingRequest, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    unsaid: int = 0
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """Answer what the shell is told: what could not be asked or said is left to the next run."""
        return ExitCode.REMOTE if self.problems else ExitCode.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the state says after a sync: the declared files, and by environment the mapping and the commit compared.

    `tip` is that of the default branch, asked for after the pull requests, so that it holds every merge that they tell
    of; None where it is not known.
    """

    canonical: CanonicalFile | None
    mappings: Mapping[str, MappingFile]
    commits: Mapping[str, str | None] = field(default_factory=dict)
    tip: str | None = None


def ended_requests(
    file: OnboardingFile, known: Known, states: PullRequestStates, *, now: str
) -> tuple[OnboardingRequest, ...]:
    """Answer the requests that came to their end, as they are now.

    One whose workflow is linked by now was onboarded, under the identity and the file that Git declares: people may
    change both before they merge. Withdrawn is one whose pull request is closed unmerged, or gone, and one whose
    workflow is gone from n8n although its file came to Git: it has the commit then. Unlinked is one that was merged and
    whose workflow is there, and tied to nothing. All others wait. One that was turned down and is linked after all,
    under the identity that it was proposed with, was onboarded.
    """
    found = (_ended(each, known, states, now=now) for each in unfinished_requests(file))
    return tuple(each for each in found if each is not None)


def with_ends(file: OnboardingFile, ended: Sequence[OnboardingRequest], *, now: str) -> OnboardingFile:
    """Enter how requests ended, and what is to be said about that: one answer for each place and end."""
    return with_unsaid(with_requests(file, ended), answers(ended, now=now))


def answers(ended: Iterable[OnboardingRequest], *, now: str) -> dict[str, Unsaid]:
    """Answer what is to be said on the pull requests, and where it was asked for, by note id."""
    together: dict[tuple[int, RequestStatus, int | None], list[OnboardingRequest]] = {}
    for each in ended:
        for place in dict.fromkeys(number for number in (each.issue, each.pull_request) if number is not None):
            together.setdefault((place, each.status, each.pull_request), []).append(each)
    said: dict[str, Unsaid] = {}
    for (place, *_), requests in together.items():
        said[_note_id(place, requests)] = Unsaid(number=place, text=_answer(requests), since=now)
    return said


def _answer(requests: Sequence[OnboardingRequest]) -> str:
    if requests[0].status is RequestStatus.ONBOARDED:
        return onboarded_answer(requests)
    if requests[0].status is RequestStatus.UNLINKED:
        return unlinked_answer(requests)
    return withdrawn_answer(requests) if requests[0].git_commit_sha is None else gone_answer(requests)


def _note_id(place: int, requests: Sequence[OnboardingRequest]) -> str:
    """Name an answer by what it is about, so that two runs that find the same end give it the same name."""
    about = [f"{each.environment}/{each.n8n_workflow_id} {each.status} {each.requested_at}" for each in requests]
    digest = hashlib.sha256("\n".join(sorted(about)).encode("utf-8", "surrogatepass")).hexdigest()
    return f"onboarding-{place}-{digest[:16]}"


def _ended(
    request: OnboardingRequest, known: Known, states: PullRequestStates, *, now: str
) -> OnboardingRequest | None:
    linked = _linked(request, known, states, now=now)
    if request.status is not RequestStatus.PROPOSED:
        return linked if linked is not None and linked.canonical_id == request.canonical_id else None
    if linked is not None:
        return linked
    number = request.pull_request
    if number is None or number not in states:
        return None
    state = states[number]
    if state is None or (not state.is_open and state.merge_commit is None):
        return replace(request, status=RequestStatus.WITHDRAWN)
    if state.merge_commit is not None and _is_gone(request, known):
        return replace(request, status=RequestStatus.WITHDRAWN, git_commit_sha=state.merge_commit)
    if state.merge_commit is not None and _is_left_out(request, known):
        return replace(request, status=RequestStatus.UNLINKED, git_commit_sha=state.merge_commit)
    return None


def _is_left_out(request: OnboardingRequest, known: Known) -> bool:
    """Say whether the instance, compared with a commit that holds the merge, has the workflow without any link."""
    mapping = known.mappings.get(request.environment)
    entry = None if mapping is None else mapping.workflows.get(request.n8n_workflow_id)
    if known.canonical is None or entry is None or entry.problem is not None:
        return False
    compared = {known.canonical.git_commit_sha, known.commits.get(request.environment)}
    return compared == {known.tip} and entry.status is MappingStatus.UNMAPPED


def _is_gone(request: OnboardingRequest, known: Known) -> bool:
    """Say whether its instance, compared with a commit that holds the merge, has the workflow no more.

    That commit holds it where it declares the file, and where it is the tip, whatever became of the file.
    """
    mapping = known.mappings.get(request.environment)
    if known.canonical is None or mapping is None:
        return False
    if known.commits.get(request.environment) != known.canonical.git_commit_sha:
        return False
    workflow = known.canonical.workflows.get(request.canonical_id)
    entry = mapping.workflows.get(request.n8n_workflow_id)
    is_there = entry is not None and entry.status is not MappingStatus.MISSING
    is_declared = workflow is not None and request.environment in workflow.copies
    return not is_there and (is_declared or known.canonical.git_commit_sha == known.tip)


def _linked(
    request: OnboardingRequest, known: Known, states: PullRequestStates, *, now: str
) -> OnboardingRequest | None:
    mapping = known.mappings.get(request.environment)
    entry = None if mapping is None else mapping.workflows.get(request.n8n_workflow_id)
    if entry is None or entry.status is not MappingStatus.LINKED or known.canonical is None:
        return None
    workflow = known.canonical.workflows.get(entry.canonical_id or "")
    copy = None if workflow is None else workflow.copies.get(request.environment)
    if workflow is None or copy is None:
        return None
    state = states.get(request.pull_request or 0)
    merge_commit = None if state is None else state.merge_commit
    return replace(
        request,
        workflow_name=entry.workflow_name,
        canonical_id=workflow.canonical_id,
        canonical_slug=workflow.canonical_slug,
        git_file_path=copy.git_file_path,
        status=RequestStatus.ONBOARDED,
        git_commit_sha=merge_commit or known.canonical.git_commit_sha,
        onboarded_at=now,
    )
