"""Reversal: the exact steps that put Git's version of an incident's workflows back into n8n, for who does it by hand.

What is recorded, approved and carried out is the plan of promotions (`promotion/reversing.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workflowops.core.canonical import canonicalize
from workflowops.core.diff import WorkflowDiff, compare
from workflowops.core.drift import WorkflowDrift
from workflowops.core.incident.affected import TAKEN_BACK, AffectedNow
from workflowops.core.incident.prospect import Expected, Prospect, is_all_of_n8n
from workflowops.core.incident.record import ResolutionType
from workflowops.core.json import Json
from workflowops.core.localization import Instance, Localized, localized, would_be_in_sync
from workflowops.core.standing import DriftKind
from workflowops.core.workflow_file import parse_workflow
from workflowops.errors import ExitCode


class ReversalAction(StrEnum):
    """One thing to do in n8n."""

    CREATE = "create"
    UNARCHIVE = "unarchive"
    SWITCH_OFF = "switch_off"
    UPDATE = "update"
    SET_TAGS = "set_tags"
    SWITCH_ON = "switch_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversalStep:
    """A step. `written` holds the document for CREATE and UPDATE; `diff` of an UPDATE goes from n8n to Git.

    `goes_live` says that what is saved has to run afterwards, because the workflow is switched on. `old_tags` and
    `new_tags` are those of SET_TAGS.
    """

    action: ReversalAction
    written: Localized | None = None
    diff: WorkflowDiff | None = None
    goes_live: bool = False
    old_tags: tuple[str, ...] = ()
    new_tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReversedWorkflow:
    """What is to be done for one workflow, in this order. Without steps `reason` says why; `fix` what a person can do.

    `callers` are the workflows that call it by an id that it loses when it is created again. `is_proven` says that a
    drift check would find both sides equal after the steps.
    """

    workflow: WorkflowDrift
    steps: tuple[ReversalStep, ...] = ()
    reason: str | None = None
    fix: str | None = None
    callers: tuple[str, ...] = ()
    is_proven: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """A plan, made from a fresh look.

    `git_commit_sha` is the commit whose files are put back, `prospect` what doing it all leads to. `problem` and `fix`
    say why no plan could be made.
    """

    incident: int
    environment: str
    title: str
    git_commit_sha: str = ""
    workflows: tuple[ReversedWorkflow, ...] = ()
    prospect: Prospect | None = None
    problem: str | None = None
    fix: str | None = None
    exit_code: ExitCode = ExitCode.DONE


def plan_workflows(
    candidates: Sequence[AffectedNow], *, instance: Instance, callers: Mapping[str, Sequence[str]]
) -> tuple[ReversedWorkflow, ...]:
    """Say what has to be done in n8n for every workflow; `callers` is canonical id -> names of those that call it.

    Only what somebody changed in n8n is taken back: where Git is merely ahead, putting its version into n8n is no
    reversal.
    """
    return tuple(_reversed(now, instance, tuple(callers.get(now.recorded.canonical_id, ()))) for now in candidates)


def expected_of(candidates: Sequence[AffectedNow], planned: Sequence[ReversedWorkflow]) -> tuple[Expected, ...]:
    """Say what becomes of each workflow once its steps are done, in the order of the plan.

    How its drift went away can be told beforehand only while Git says what the record knows.
    """
    return tuple(_expected(now, each) for now, each in zip(candidates, planned, strict=True))


def _expected(now: AffectedNow, planned: ReversedWorkflow) -> Expected:
    is_known = is_all_of_n8n(now) and now.verdict is not None and now.verdict.git_key == now.recorded.git_key
    return Expected(
        workflow=planned.workflow,
        is_proposed=bool(planned.steps),
        is_proven=planned.is_proven,
        resolution=ResolutionType.REVERTED_TO_GIT if planned.steps and is_known else None,
    )


def _reversed(now: AffectedNow, instance: Instance, callers: tuple[str, ...]) -> ReversedWorkflow:
    verdict = now.verdict
    if verdict is None or verdict.kind is DriftKind.IN_SYNC:
        return ReversedWorkflow(workflow=now.drift, reason=TAKEN_BACK)
    if verdict.kind is DriftKind.UNKNOWN:
        reason = verdict.problem or "It cannot be compared."
        return ReversedWorkflow(workflow=now.drift, reason=reason, fix="Put that right, and ask again.")
    file, _ = (None, ()) if now.copy is None else parse_workflow(now.file or b"", path=now.copy.git_file_path)
    if now.copy is None or file is None:
        return _without_file(now)
    if verdict.kind is DriftKind.MISSING:
        return _restored(now, file, instance, callers)
    is_content = verdict.content in (DriftKind.MODIFIED, DriftKind.CONFLICT)
    if not (is_content or now.is_switched or now.is_tagged):
        return ReversedWorkflow(workflow=now.drift, reason="Git is ahead of n8n, and nobody edited n8n")
    if now.live is None:
        return ReversedWorkflow(
            workflow=now.drift, reason="What n8n runs could not be read.", fix="Ask again in a minute."
        )
    return _taken_back(now, file, now.live, instance, is_content=is_content)


def _without_file(now: AffectedNow) -> ReversedWorkflow:
    if now.drift.problem is not None:
        return ReversedWorkflow(workflow=now.drift, reason=now.drift.problem, fix="Put that file right, and ask again.")
    return ReversedWorkflow(
        workflow=now.drift,
        reason="Git has no file for it any more, so there is no version of Git's to put back.",
        fix="Archive it in n8n if that was meant, or put it under Git again with `workflowops onboard`.",
    )


def _restored(
    now: AffectedNow, file: Mapping[str, Json], instance: Instance, callers: tuple[str, ...]
) -> ReversedWorkflow:
    """Bring back a workflow that was deleted, or archived and perhaps edited before."""
    live = now.live if now.drift.is_archived else None
    written = localized(file, live=live, applied=now.applied, instance=instance)
    steps = [ReversalStep(action=ReversalAction.CREATE, written=written)]
    if now.drift.is_archived and live is None:
        return ReversedWorkflow(
            workflow=now.drift, reason="What n8n holds of it could not be read.", fix="Ask again in a minute."
        )
    if live is not None:
        steps = [ReversalStep(action=ReversalAction.UNARCHIVE)]
        diff = compare(old=canonicalize(live), new=canonicalize(written.document))
        if diff.has_changes:
            steps.append(ReversalStep(action=ReversalAction.UPDATE, written=written, diff=diff))
    had = _tags(live)
    tags = None if now.copy is None else now.copy.tags
    if tags is not None and tags != had:
        steps.append(ReversalStep(action=ReversalAction.SET_TAGS, old_tags=had, new_tags=tags))
    if now.copy is not None and now.copy.active:
        steps.append(ReversalStep(action=ReversalAction.SWITCH_ON))
    return ReversedWorkflow(
        workflow=now.drift,
        steps=tuple(steps),
        callers=() if live is not None else callers,
        is_proven=would_be_in_sync(written.document, file=file, applied=now.applied, instance=instance),
    )


def _taken_back(
    now: AffectedNow, file: Mapping[str, Json], live: Mapping[str, Json], instance: Instance, *, is_content: bool
) -> ReversedWorkflow:
    """Undo what was edited, switched or tagged; switching off comes first, so that nothing half-done runs."""
    steps: list[ReversalStep] = []
    is_on = live.get("active") is True
    shall_be_on = now.copy is not None and now.copy.active is True if now.is_switched else is_on
    is_proven = True
    if is_on and not shall_be_on:
        steps.append(ReversalStep(action=ReversalAction.SWITCH_OFF))
    if is_content:
        written = localized(file, live=live, applied=now.applied, instance=instance)
        is_proven = would_be_in_sync(written.document, file=file, applied=now.applied, instance=instance)
        diff = compare(old=canonicalize(live), new=canonicalize(written.document))
        goes_live = is_on and shall_be_on
        steps.append(ReversalStep(action=ReversalAction.UPDATE, written=written, diff=diff, goes_live=goes_live))
    if now.is_tagged and now.copy is not None:
        steps.append(ReversalStep(action=ReversalAction.SET_TAGS, old_tags=_tags(live), new_tags=now.copy.tags or ()))
    if shall_be_on and not is_on:
        steps.append(ReversalStep(action=ReversalAction.SWITCH_ON))
    return ReversedWorkflow(workflow=now.drift, steps=tuple(steps), is_proven=is_proven)


def _tags(live: Mapping[str, Json] | None) -> tuple[str, ...]:
    tags = None if live is None else live.get("tags")
    return tuple(str(each) for each in tags) if isinstance(tags, list) else ()
