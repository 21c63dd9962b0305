"""From one canonical form to the next: digests of the baseline are replaced where it is proven what they stand for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.json import JsonObject
from workflowops.core.records import (
    AppliedWorkflow,
    CanonicalFile,
    CurrentFile,
    DeclaredCopy,
    MappedWorkflow,
    MappingFile,
    MappingStatus,
)
from workflowops.core.standing import Content


@dataclass(frozen=True, slots=True)
class _SameText:
    """One text, read by the older form and by the one of today."""

    before: Content
    now: Content


def translated(
    current: CurrentFile,
    *,
    mapping_before: MappingFile | None,
    mapping_now: MappingFile,
    canonical_before: CanonicalFile | None,
    canonical_now: CanonicalFile,
    environment: str,
) -> CurrentFile:
    """Write a baseline of another canonical form in the form of today, so that a new form never shows up as drift.

    `mapping_before` and `canonical_before` are as they were stored. A digest stands for a text that is still there when
    n8n's answer did not change (`raw_hash`) or the file did not (`git_blob`): then that text's new digest takes its
    place. What cannot be proven is left out: such a workflow is `conflict` if Git and n8n differ, else in sync. Where
    n8n has no workflow the entry stays as it is, because that there was one is what makes it missing.
    """
    if current.canonical_form == CANONICAL_FORM:
        return current
    live = _live_texts(current.canonical_form, mapping_before, mapping_now)
    declared = _declared_texts(current.canonical_form, canonical_before, mapping_before, canonical_now, environment)
    linked = {entry.canonical_id for entry in mapping_now.workflows.values() if entry.status is MappingStatus.LINKED}
    workflows: dict[str, AppliedWorkflow] = {}
    for canonical_id, applied in current.workflows.items():
        texts = [text for text in (live.get(applied.n8n_workflow_id or ""), declared.get(canonical_id)) if text]
        known = _translated(applied, texts)
        if known is not None:
            workflows[canonical_id] = known
        elif canonical_id not in linked:
            workflows[canonical_id] = applied
    return replace(current, canonical_form=CANONICAL_FORM, workflows=workflows)


def _live_texts(form: int, before: MappingFile | None, now: MappingFile) -> dict[str, _SameText]:
    """Answer n8n id -> a text of n8n that both mappings have read."""
    if before is None or before.canonical_form != form or now.canonical_form != CANONICAL_FORM:
        return {}
    return {
        workflow_id: _SameText(_live(before.workflows[workflow_id]), _live(entry))
        for workflow_id, entry in now.workflows.items()
        if workflow_id in before.workflows and _is_same_text(before.workflows[workflow_id], entry)
    }


def _is_same_text(before: MappedWorkflow, now: MappedWorkflow) -> bool:
    return now.raw_hash != "" and now.raw_hash == before.raw_hash and now.problem is None and before.problem is None


def _declared_texts(
    form: int,
    before: CanonicalFile | None,
    mapping_before: MappingFile | None,
    now: CanonicalFile,
    environment: str,
) -> dict[str, _SameText]:
    """Answer canonical id -> a file of this environment that both forms have read.

    The check of another environment may have rewritten the canonical records already; then the mapping, which belongs
    to this environment alone, still says what its files were.
    """
    if now.canonical_form != CANONICAL_FORM:
        return {}
    was: dict[str, tuple[str, Content]] = {}
    if mapping_before is not None and mapping_before.canonical_form == form:
        was |= {
            entry.canonical_id: (entry.git_blob, Content(entry.git_content_hash, _said(entry)))
            for entry in mapping_before.workflows.values()
            if entry.canonical_id is not None and entry.git_blob is not None and entry.git_content_hash is not None
        }
    if before is not None and before.canonical_form == form:
        was |= {each: (copy.git_blob, _declared(copy)) for each, copy in _copies(before, environment)}
    return {
        each: _SameText(was[each][1], _declared(copy))
        for each, copy in _copies(now, environment)
        if each in was and was[each][0] == copy.git_blob
    }


def _copies(canonical: CanonicalFile, environment: str) -> Iterator[tuple[str, DeclaredCopy]]:
    for canonical_id, workflow in canonical.workflows.items():
        if environment in workflow.copies:
            yield canonical_id, workflow.copies[environment]


def _said(entry: MappedWorkflow) -> JsonObject:
    return entry.env_references if entry.git_references is None else entry.git_references


def _live(entry: MappedWorkflow) -> Content:
    return Content(entry.env_content_hash, entry.env_references)


def _declared(copy: DeclaredCopy) -> Content:
    return Content(copy.content_hash, copy.references)


def _translated(applied: AppliedWorkflow, texts: Sequence[_SameText]) -> AppliedWorkflow | None:
    """Translate both sides of what was applied; None when what n8n ran cannot be proven.

    Where what the file said cannot be proven it is taken for what n8n ran, and Git for ahead.
    """
    ran = Content(applied.content_hash, applied.references)
    said = Content(
        ran.content_hash if applied.git_content_hash is None else applied.git_content_hash,
        ran.references if applied.git_references is None else applied.git_references,
    )
    new_ran = _new(ran, texts)
    if new_ran is None:
        return None
    new_said = _new(said, texts) or new_ran
    return replace(
        applied,
        content_hash=new_ran.content_hash,
        references=new_ran.references,
        git_content_hash=None if new_said.content_hash == new_ran.content_hash else new_said.content_hash,
        git_references=None if new_said.references == new_ran.references else new_said.references,
    )


def _new(content: Content, texts: Iterable[_SameText]) -> Content | None:
    """Answer what a text of this content reads as today. Its references may be others if the form left them alone."""
    same = [text for text in texts if text.before.content_hash == content.content_hash]
    for text in same:
        if text.before.references == content.references:
            return text.now
    for text in same:
        if text.before.references == text.now.references:
            return Content(text.now.content_hash, content.references)
    return None
