"""What was last known good: taking a baseline, and keeping it up to date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.mapping import Known
from workflowops.core.records import (
    AppliedWorkflow,
    CurrentFile,
    DeclaredCopy,
    MappedWorkflow,
    MappingFile,
    MappingStatus,
)
from workflowops.core.standing import DriftKind
from workflowops.core.verdicts import Verdict


class Accept(StrEnum):
    """Which side was right where Git and n8n differ at the time of a baseline."""

    GIT = "git"
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselinePlan:
    """The new baseline, the workflows in it, and those that were left out because the two sides differ.

    `is_empty` says that neither side has any workflow: a stage that waits for its first promotion.
    """

    current: CurrentFile
    accepted: tuple[Verdict, ...]
    left_out: tuple[Verdict, ...]
    is_empty: bool = False

    @property
    def is_taken(self) -> bool:
        """Say whether there is anything to judge by: what both sides agree on, be it that there is nothing."""
        return bool(self.accepted) or self.is_empty


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentBaseline:
    """One environment's baseline: what is in it, and what was left out because the two sides differ.

    `accepted_over` names those that were accepted although the two sides differ. `failed` says why there is none;
    `is_unreachable` that the instance, not a rule, is the reason.
    """

    environment: str
    title: str
    accepted: int = 0
    accepted_over: tuple[Verdict, ...] = ()
    left_out: tuple[Verdict, ...] = ()
    unmapped: int = 0
    git_commit_sha: str = ""
    failed: str | None = None
    failed_fix: str | None = None
    is_unreachable: bool = False


def plan_baseline(
    known: Known, mapping: MappingFile, verdicts: Sequence[Verdict], *, accept: Accept | None, now: str
) -> BaselinePlan:
    """Take what is in sync as last known good; what is not stays as it was, unless `accept` says which side was right.

    Accepting `git` makes n8n's version drift; accepting `live` makes Git's version pending work. What is absent from
    one side, or cannot be read, is always left out; what is absent from both is forgotten.
    """
    workflows = {} if known.current is None else dict(known.current.workflows)
    accepted: list[Verdict] = []
    left_out: list[Verdict] = []
    for verdict in verdicts:
        if verdict.canonical_id is None:
            continue
        if verdict.content is DriftKind.IN_SYNC and known.copy(verdict.canonical_id) is None:
            workflows.pop(verdict.canonical_id, None)
            continue
        applied = _accepted(verdict, known, mapping, accept)
        if applied is None:
            left_out.append(verdict)
            continue
        workflows[verdict.canonical_id] = applied
        accepted.append(verdict)
    current = CurrentFile(
        canonical_form=CANONICAL_FORM,
        onboarded_at=now if known.current is None else known.current.onboarded_at,
        git_commit_sha=known.canonical.git_commit_sha,
        workflows=workflows,
    )
    is_empty = not accepted and not left_out and not mapping.workflows
    return BaselinePlan(current=current, accepted=tuple(accepted), left_out=tuple(left_out), is_empty=is_empty)


def refreshed(known: Known, mapping: MappingFile, verdicts: Sequence[Verdict]) -> CurrentFile | None:
    """Bring an existing baseline up to date: what Git and n8n agree on is the last known good, whoever moved first.

    Without this, a change that went through Git and then n8n would count as moved by both when n8n is edited next.
    """
    if known.current is None:
        return None
    linked = {entry.canonical_id for entry in mapping.workflows.values()}
    workflows = {
        canonical_id: applied
        for canonical_id, applied in known.current.workflows.items()
        if canonical_id in linked or known.has_file(canonical_id)
    }
    for verdict in verdicts:
        if verdict.canonical_id is None or verdict.content is not DriftKind.IN_SYNC:
            continue
        entry = mapping.workflows.get(verdict.workflow_id or "")
        copy = known.copy(verdict.canonical_id)
        if copy is None or entry is None:
            workflows.pop(verdict.canonical_id, None)
            continue
        workflows[verdict.canonical_id] = _agreed(entry, copy, workflows.get(verdict.canonical_id))
    if workflows == known.current.workflows and known.current.canonical_form == CANONICAL_FORM:
        return known.current
    return CurrentFile(
        canonical_form=CANONICAL_FORM,
        onboarded_at=known.current.onboarded_at,
        git_commit_sha=known.canonical.git_commit_sha,
        workflows=workflows,
    )


def _accepted(verdict: Verdict, known: Known, mapping: MappingFile, accept: Accept | None) -> AppliedWorkflow | None:
    entry = mapping.workflows.get(verdict.workflow_id or "")
    copy = known.copy(verdict.canonical_id or "")
    if entry is None or copy is None or entry.status is MappingStatus.MISSING or verdict.content is DriftKind.UNKNOWN:
        return None
    before = None if known.current is None else known.current.workflows.get(verdict.canonical_id or "")
    if verdict.kind is DriftKind.IN_SYNC:
        return _agreed(entry, copy, before)
    if accept is None:
        return None
    if verdict.content is DriftKind.IN_SYNC:
        applied = _agreed(entry, copy, before)
    else:
        preferred = replace(_live(entry), accepted_over=copy.content_hash)
        applied = preferred if accept is Accept.LIVE else _git(entry, copy)
    is_live = accept is Accept.LIVE
    return replace(applied, active=entry.active if is_live else copy.active, tags=entry.tags if is_live else copy.tags)


def _agreed(entry: MappedWorkflow, copy: DeclaredCopy, before: AppliedWorkflow | None) -> AppliedWorkflow:
    """Both sides as they are, except for an attribute on which they still differ: there the older word stands."""
    was_active = before.active if before is not None else None
    had_tags = before.tags if before is not None else None
    return replace(
        _live(entry),
        git_content_hash=None if copy.content_hash == entry.env_content_hash else copy.content_hash,
        git_references=None if copy.references == entry.env_references else copy.references,
        active=entry.active if copy.active in (None, entry.active) else was_active,
        tags=entry.tags if copy.tags in (None, entry.tags) else had_tags,
    )


def _live(entry: MappedWorkflow) -> AppliedWorkflow:
    """What n8n runs; from here on Git is ahead."""
    return AppliedWorkflow(
        n8n_workflow_id=entry.n8n_workflow_id,
        content_hash=entry.env_content_hash,
        references=entry.env_references,
        active=entry.active,
        tags=entry.tags,
    )


def _git(entry: MappedWorkflow, copy: DeclaredCopy) -> AppliedWorkflow:
    """What Git says; from here on n8n drifts. Its ids stand for those of n8n unless they are the whole difference."""
    is_logic = copy.content_hash != entry.env_content_hash
    return AppliedWorkflow(
        n8n_workflow_id=entry.n8n_workflow_id,
        content_hash=copy.content_hash,
        references=entry.env_references if is_logic else copy.references,
        git_references=copy.references if is_logic else None,
    )
