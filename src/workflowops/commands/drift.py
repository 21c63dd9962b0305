"""`drift`: what n8n runs that Git does not say."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from workflowops.commands.auditing import recorded, status_entries
from workflowops.commands.gathering import (
    NOT_CURRENT_FIX,
    Declared,
    Look,
    Wanted,
    differs_from_git,
    look_at_all,
    not_current,
    read_declared,
    record_of,
)
from workflowops.commands.incident_files import read_index
from workflowops.commands.judging import (
    Difference,
    Differences,
    Judgement,
    canonical_files,
    checked_record,
    failed_record,
    judge_all,
    judged_files,
)
from workflowops.commands.ports import Decide, StateView, Workspace
from workflowops.core.configuration import Environment
from workflowops.core.drift import Compared, DriftReport, EnvironmentDrift, NotRecorded, WorkflowDrift
from workflowops.core.records import DriftStatus, encode, environment_path
from workflowops.core.standing import DriftKind
from workflowops.core.timestamps import iso
from workflowops.core.verdicts import Verdict, as_told
from workflowops.errors import ExitCode, WorkflowOpsError

_LOST_BASELINE = (
    "There was a baseline, and current.json is gone from the state branch: nothing tells who moved. Restore it from "
    "the branch's history, or take a new one with `workflowops baseline`."
)


def check_drift(workspace: Workspace, environments: Sequence[Environment]) -> DriftReport:
    """Compare every environment with Git, write what was found to the state, and report it.

    An instance that cannot be read is reported as unknown with the reason; the others are judged all the same.
    """
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    looks = look_at_all(workspace, environments, view, declared, wanted=Wanted(keep=differs_from_git))
    differences = Differences(workspace, declared, looks)
    moment = workspace.clock()
    now = iso(moment)
    latest: list[tuple[Judgement, ...]] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        latest.append(judge_all(tip, declared, looks, differences, now=now))
        return _files(workspace, tip, declared, looks, latest[-1], now=moment)

    not_recorded = _record(workspace, decide, view, declared, message=_message(environments))
    if not latest:
        decide(view)
    judged = {judgement.look.environment.name: judgement for judgement in latest[-1]}
    return DriftReport(
        tuple(
            _reported(judged[look.environment.name], declared, differences, now=now)
            if look.environment.name in judged
            else _unknown(look, declared, now=now)
            for look in looks
        ),
        not_recorded,
        open_incidents=sum(_open_incidents(view, environment) for environment in environments),
    )


def _open_incidents(view: StateView, environment: Environment) -> int:
    index = read_index(view, environment.name)
    return len(index.open) + len(index.opening) + len(index.unsaid)


def _record(
    workspace: Workspace, decide: Decide, view: StateView, declared: Declared, *, message: str
) -> NotRecorded | None:
    """Write what was found; answers why not, because a finding must be told even where it cannot be recorded."""
    if workspace.is_dry_run:
        decide(view)
        return None
    if not declared.is_current:
        return NotRecorded(reason=not_current(declared), fix=NOT_CURRENT_FIX, exit_code=ExitCode.DONE)
    try:
        workspace.state.change(decide, message=message)
    except WorkflowOpsError as error:
        return NotRecorded(reason=str(error), fix=error.fix, exit_code=error.exit_code)
    return None


def _message(environments: Sequence[Environment]) -> str:
    return f"drift: checked {', '.join(environment.name for environment in environments)}"


def _files(
    workspace: Workspace,
    tip: StateView,
    declared: Declared,
    looks: Sequence[Look],
    judgements: Sequence[Judgement],
    *,
    now: datetime,
) -> Mapping[str, bytes | None]:
    files = canonical_files(declared)
    for judgement in judgements:
        before = record_of(judgement.look.environment, tip)
        record = checked_record(judgement, before, commit=declared.commit, now=iso(now))
        files |= judged_files(judgement)
        files |= recorded(tip, record, status_entries(workspace, judgement, before, now=now))
    for look in looks:
        if look.failure is not None:
            files[environment_path(look.environment.name)] = encode(
                failed_record(record_of(look.environment, tip), look.failure)
            )
    return files


def _reported(judgement: Judgement, declared: Declared, differences: Differences, *, now: str) -> EnvironmentDrift:
    environment = judgement.look.environment
    observation = judgement.look.observation
    shown = tuple(
        _shown(verdict, differences.of(environment.name, verdict))
        for verdict in judgement.verdicts
        if _is_told(verdict, judgement.status)
    )
    file_problems = [f"{problem.path}: {problem.message}" for problem in declared.declaration.problems]
    own_folder = f"{environment.folder}/"
    return EnvironmentDrift(
        environment=environment.name,
        title=environment.title,
        drift_status=judgement.status,
        checked_at=now,
        git_commit_sha=declared.commit,
        counts=judgement.counts,
        workflows=shown,
        problems=(
            *((_LOST_BASELINE,) if judgement.known.is_baseline_lost else ()),
            *(observation.problems if observation is not None else ()),
            *(text for text in file_problems if text.startswith(own_folder)),
        ),
        ignored=judgement.ignored,
        compared={
            verdict.canonical_id: Compared(verdict.kind, verdict.git_key, verdict.live_key)
            for verdict in judgement.verdicts
            if verdict.canonical_id is not None
        },
        requests=observation.requests if observation is not None else 0,
    )


def _is_told(verdict: Verdict, status: DriftStatus) -> bool:
    """A new environment has no baseline yet, so no verdict on who moved is passed there (walkthrough 1, NEW gate)."""
    if status is DriftStatus.NEW:
        return verdict.kind in (DriftKind.UNMAPPED, DriftKind.UNKNOWN)
    return verdict.kind is not DriftKind.IN_SYNC or verdict.draft_ahead or verdict.bindings_changed


def _shown(verdict: Verdict, difference: Difference | None) -> WorkflowDrift:
    if difference is None:
        return as_told(verdict)
    return replace(as_told(verdict, difference.diff, ignored=difference.ignored), drawing=difference.drawing)


def _unknown(look: Look, declared: Declared, *, now: str) -> EnvironmentDrift:
    failure = look.failure
    return EnvironmentDrift(
        environment=look.environment.name,
        title=look.environment.title,
        drift_status=DriftStatus.UNKNOWN,
        checked_at=now,
        git_commit_sha=declared.commit,
        problems=() if failure is None else (f"{failure} {failure.fix}",),
    )
