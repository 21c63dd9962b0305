"""`baseline`: accepts what is in sync as last known good."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workflowops.commands.auditing import baseline_entry, recorded, status_entries
from workflowops.commands.gathering import (
    Declared,
    Look,
    Wanted,
    differs_from_git,
    look_at_all,
    read_declared,
    record_of,
    require_current,
)
from workflowops.commands.judging import Differences, Judgement, canonical_files, checked_record, judge_all, rejudged
from workflowops.commands.ports import StateView, Workspace
from workflowops.core.baseline import Accept, BaselinePlan, EnvironmentBaseline, plan_baseline
from workflowops.core.configuration import Environment
from workflowops.core.records import current_path, encode, mapping_path
from workflowops.core.standing import DriftKind
from workflowops.core.timestamps import iso


@dataclass(frozen=True, slots=True)
class BaselineOutcome:
    """The outcome of taking a baseline of one or more environments."""

    environments: tuple[EnvironmentBaseline, ...]


def take_baseline(
    workspace: Workspace, environments: Sequence[Environment], *, accept: Accept | None
) -> BaselineOutcome:
    """Write `current.json` for every environment, from which on its drift is judged.

    An environment with workflows of which none is linked to Git gets no baseline: everything there would be called in
    sync that nobody reviewed. One without any workflow, on both sides, gets an empty one.
    """
    view = workspace.state.view()
    declared = read_declared(workspace, view)
    require_current(workspace, declared)
    looks = look_at_all(workspace, environments, view, declared, wanted=Wanted(keep=differs_from_git))
    differences = Differences(workspace, declared, looks)
    moment = workspace.clock()
    now = iso(moment)
    latest: list[list[tuple[Judgement, BaselinePlan]]] = []

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        latest.append(_plans(tip, declared, looks, differences, accept, now=now))
        files = canonical_files(declared)
        for judgement, plan in latest[-1]:
            after = rejudged(judgement, plan.current, differences) if plan.is_taken else judgement
            files |= _files(workspace, tip, after, plan, commit=declared.commit, now=moment)
        return files

    if workspace.is_dry_run:
        decide(view)
    else:
        names = ", ".join(environment.name for environment in environments)
        workspace.state.change(decide, message=f"baseline: {names}")
    planned = {judgement.look.environment.name: (judgement, plan) for judgement, plan in latest[-1]}
    return BaselineOutcome(tuple(_outcome(look, planned, declared) for look in looks))


def _plans(
    view: StateView,
    declared: Declared,
    looks: Sequence[Look],
    differences: Differences,
    accept: Accept | None,
    *,
    now: str,
) -> list[tuple[Judgement, BaselinePlan]]:
    judgements = judge_all(view, declared, looks, differences, now=now)
    return [
        (
            judgement,
            plan_baseline(judgement.known, judgement.plan.mapping, judgement.verdicts, accept=accept, now=now),
        )
        for judgement in judgements
    ]


def _files(
    workspace: Workspace, tip: StateView, judgement: Judgement, plan: BaselinePlan, *, commit: str, now: datetime
) -> dict[str, bytes | None]:
    """Answer what an environment writes; `judgement` is the one against the new baseline, where there is one."""
    name = judgement.look.environment.name
    files: dict[str, bytes | None] = {mapping_path(name): encode(judgement.plan.mapping)}
    if not plan.is_taken:
        return files
    files[current_path(name)] = encode(plan.current)
    before = record_of(judgement.look.environment, tip)
    record = checked_record(judgement, before, commit=commit, now=iso(now))
    record = replace(record, onboarded_at=plan.current.onboarded_at)
    taken = baseline_entry(workspace, name, accepted=len(plan.accepted), left_out=len(plan.left_out), now=now)
    return files | recorded(tip, record, (taken, *status_entries(workspace, judgement, before, now=now)))


def _outcome(
    look: Look, planned: Mapping[str, tuple[Judgement, BaselinePlan]], declared: Declared
) -> EnvironmentBaseline:
    name, title = look.environment.name, look.environment.title
    if name not in planned:
        failure = look.failure
        return EnvironmentBaseline(
            environment=name,
            title=title,
            failed=str(failure),
            failed_fix=None if failure is None else failure.fix,
            is_unreachable=True,
        )
    judgement, plan = planned[name]
    if not plan.is_taken:
        return EnvironmentBaseline(
            environment=name,
            title=title,
            left_out=plan.left_out,
            unmapped=judgement.counts.unmapped,
            failed=f"Nothing in {name} is in sync with Git yet, so there is nothing to accept.",
            failed_fix="Onboard its workflows first (`workflowops onboard --all --direct`), or say which side is right "
            "with --accept git or --accept live.",
        )
    return EnvironmentBaseline(
        environment=name,
        title=title,
        accepted=len(plan.accepted),
        accepted_over=tuple(verdict for verdict in plan.accepted if verdict.kind is not DriftKind.IN_SYNC),
        left_out=plan.left_out,
        unmapped=judgement.counts.unmapped,
        git_commit_sha=declared.commit,
    )
