"""After a sync: which proposed workflows are under Git by now, noted, and said once where somebody waits for it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from workflowops.commands.auditing import finished_entries, recorded
from workflowops.commands.delivery import MOST_OUTAGES, OUTAGES
from workflowops.commands.desk import Desk, at_the_desk
from workflowops.commands.gathering import record_of
from workflowops.commands.onboarding_files import change_onboarding, onboarding_files, read_onboarding
from workflowops.commands.ports import IssueTracker, StateView
from workflowops.core.incident.issue import PullRequestState
from workflowops.core.incident.markers import marked, note_marker
from workflowops.core.onboarding_finish import FinishedOnboardings, Known, ended_requests, with_ends
from workflowops.core.onboarding_record import (
    OnboardingFile,
    OnboardingRequest,
    RequestStatus,
    Unsaid,
    proposed_requests,
    unfinished_requests,
    without_said,
)
from workflowops.core.records import (
    CANONICAL_PATH,
    CanonicalFile,
    EnvironmentRecord,
    MappingFile,
    decode,
    environment_path,
    mapping_path,
)
from workflowops.core.timestamps import iso
from workflowops.errors import GitHubNotFoundError, WorkflowOpsError

_States = dict[int, PullRequestState | None]


def finish_onboarding(desk: Desk) -> FinishedOnboardings:
    """Note every request that came to its end, and answer it once on its issue and its pull request.

    Reads what the last sync wrote. A proposed workflow that is linked was onboarded; a pull request that was closed
    unmerged withdraws its requests, and one that is merged and ties nothing ends them, so that they can be asked for
    again. Where nothing waits, no request is sent and no claim is taken. Where GitHub or the repository fails,
    `problems` says so and the next run goes on. Raises MovedError when the desk does not come free, StateError or
    RemoteError when the state cannot be read or written.
    """
    view = desk.workspace.state.view()
    before = read_onboarding(view)
    if not is_anything_open(view, before):
        return FinishedOnboardings()
    with at_the_desk(desk) as keep:
        states, problems = _states(desk.tracker, before)
        ended = _noted(desk, states, tip=_tip(desk, states, problems))
        finished = FinishedOnboardings(
            onboarded=tuple(each for each in ended if each.status is RequestStatus.ONBOARDED),
            withdrawn=tuple(each for each in ended if each.status is not RequestStatus.ONBOARDED),
            problems=tuple(problems),
        )
        return _said(desk, finished, keep)


def is_anything_open(view: StateView, file: OnboardingFile) -> bool:
    """Say whether a request waits, something is unsaid, or a request that was turned down came to Git after all."""
    if proposed_requests(file) or file.unsaid:
        return True
    return bool(unfinished_requests(file)) and bool(ended_requests(file, _known(view, file), {}, now=""))


def _states(tracker: IssueTracker | None, file: OnboardingFile) -> tuple[_States, list[str]]:
    """Ask where the pull requests stand, each once; what cannot be learned leaves its requests waiting."""
    states: _States = {}
    problems: list[str] = []
    if tracker is None:
        return states, problems
    outages = 0
    numbers = dict.fromkeys(each.pull_request for each in proposed_requests(file) if each.pull_request is not None)
    for number in numbers:
        if outages >= MOST_OUTAGES:
            break
        try:
            states[number] = tracker.pull_request_state(number)
        except WorkflowOpsError as error:
            outages += isinstance(error, OUTAGES)
            problems.append(f"Pull request #{number}: {error} {error.fix}")
    return states, problems


def _tip(desk: Desk, states: _States, problems: list[str]) -> str | None:
    """Ask for the tip of the default branch, once some pull request is known to be merged into it."""
    if not any(state is not None and state.merge_commit is not None for state in states.values()):
        return None
    try:
        return desk.workspace.repository.default_tip()
    except WorkflowOpsError as error:
        problems.append(f"Whether what was merged tied its workflows is not known: {error} {error.fix}")
        return None


def _noted(desk: Desk, states: _States, *, tip: str | None) -> tuple[OnboardingRequest, ...]:
    """Write down how requests ended, with their log entries and what is to be said, all in one commit."""
    workspace = desk.workspace
    moment = workspace.clock()
    latest: list[tuple[OnboardingRequest, ...]] = []

    def decide(view: StateView) -> Mapping[str, bytes | None]:
        before = read_onboarding(view)
        ended = ended_requests(before, _known(view, before, tip=tip), states, now=iso(moment))
        latest.append(ended)
        files = onboarding_files(before, with_ends(before, ended, now=iso(moment)))
        onboarded = [each for each in ended if each.status is RequestStatus.ONBOARDED]
        for name in dict.fromkeys(each.environment for each in onboarded):
            environment = workspace.configuration.environments.get(name)
            if environment is not None:
                entries = finished_entries(workspace, onboarded, environment=name, now=moment)
                files |= recorded(view, record_of(environment, view), entries)
        return files

    if workspace.is_dry_run:
        decide(workspace.state.view())
    else:
        workspace.state.change(decide, message="onboard: what came under Git")
    return latest[-1]


def _known(view: StateView, file: OnboardingFile, *, tip: str | None = None) -> Known:
    names = dict.fromkeys(each.environment for each in unfinished_requests(file))
    mappings = {name: decode(view.read(mapping_path(name)), MappingFile, path=mapping_path(name)) for name in names}
    records = {
        name: decode(view.read(environment_path(name)), EnvironmentRecord, path=environment_path(name))
        for name in names
    }
    return Known(
        canonical=decode(view.read(CANONICAL_PATH), CanonicalFile, path=CANONICAL_PATH),
        mappings={name: mapping for name, mapping in mappings.items() if mapping is not None},
        commits={name: record.git_commit_sha for name, record in records.items() if record is not None},
        tip=tip,
    )


def _said(desk: Desk, finished: FinishedOnboardings, keep: Callable[[], None]) -> FinishedOnboardings:
    """Say what is unsaid, and forget it then; should that fail, the next run finds the marker on GitHub."""
    unsaid = read_onboarding(desk.workspace.state.view()).unsaid
    if desk.tracker is None or desk.workspace.is_dry_run:
        return replace(finished, unsaid=len(unsaid))
    done: dict[str, str] = {}
    problems, warnings = [*finished.problems], [*finished.warnings]
    outages = 0
    for note_id, each in sorted(unsaid.items()):
        if outages >= MOST_OUTAGES:
            break
        try:
            keep()
            done[note_id] = _say(desk.tracker, note_id, each)
        except GitHubNotFoundError:
            done[note_id] = ""
            warnings.append(f"#{each.number} is gone from GitHub, so nobody could be told there.")
        except WorkflowOpsError as error:
            outages += isinstance(error, OUTAGES)
            problems.append(f"The answer on #{each.number} waits for the next run: {error} {error.fix}")
    try:
        if done:
            change_onboarding(desk.workspace, lambda file: without_said(file, done), message="onboard: answered")
    except WorkflowOpsError as error:
        problems.append(f"What was said could not be noted: {error} {error.fix} The next run notices.")
    return replace(
        finished,
        answers={note_id: url for note_id, url in done.items() if url},
        unsaid=len(unsaid) - len(done),
        problems=tuple(problems),
        warnings=tuple(warnings),
    )


def _say(tracker: IssueTracker, note_id: str, unsaid: Unsaid) -> str:
    marker = note_marker(note_id)
    return tracker.comment(unsaid.number, marked(unsaid.text, marker), marker=marker, look_since=unsaid.since)
