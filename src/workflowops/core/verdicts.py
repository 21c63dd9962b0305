"""Verdicts: where each workflow of an environment stands, from what Git declares, n8n runs and was last known good."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflowops.core.configuration import DriftPolicy, Telling
from workflowops.core.diff import WorkflowDiff
from workflowops.core.drift import ValueChange, WorkflowDrift
from workflowops.core.json import Json, JsonObject, canonical_text, sha256
from workflowops.core.mapping import Known
from workflowops.core.records import (
    AppliedWorkflow,
    Counts,
    DeclaredCopy,
    DriftStatus,
    MappedWorkflow,
    MappingFile,
    MappingStatus,
    tallied,
)
from workflowops.core.standing import (
    DRIFT,
    Content,
    DriftKind,
    Resolve,
    classify,
    classify_value,
    content_keys,
    strongest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where one workflow of an environment stands, before its difference is spelled out.

    `content` is the verdict on what runs, `kind` the one a person has to hear first; `activation` and `tags` hold the
    values where they differ. `bindings_changed` is told where the configuration asks for it, and is never drift.
    `beside` is the verdict on activation and tags alone. `is_archived` tells a missing workflow that was archived from
    one that n8n does not know any more. `needs_diff` says that both documents exist and are not equal.
    """

    kind: DriftKind
    content: DriftKind
    workflow_id: str | None
    workflow_name: str
    canonical_id: str | None
    canonical_slug: str | None = None
    file: str | None = None
    beside: DriftKind = DriftKind.IN_SYNC
    activation: ValueChange | None = None
    tags: ValueChange | None = None
    draft_ahead: bool = False
    bindings_changed: bool = False
    is_archived: bool = False
    awaits_git: bool = False
    n8n_updated_at: str | None = None
    suggestion: str | None = None
    problem: str | None = None
    needs_diff: bool = False
    git_key: str | None = None
    live_key: str | None = None


def judge(known: Known, mapping: MappingFile, *, anywhere: Resolve, policy: DriftPolicy) -> tuple[Verdict, ...]:
    """Say of every workflow, declared or observed, where it stands; drift first, then by name.

    `mapping` is the one just planned. Where either side cannot be read the verdict is `unknown` and says why.
    """
    here = resolver(mapping)
    verdicts: list[Verdict] = []
    judged: set[str] = set()
    for entry in mapping.workflows.values():
        if entry.canonical_id is None:
            verdicts.append(_unmapped(entry))
        else:
            judged.add(entry.canonical_id)
            verdicts.append(_linked(entry, known, here=here, anywhere=anywhere, policy=policy))
    copies = known.copies
    verdicts.extend(_absent(each, copy, known, mapping, policy) for each, copy in copies.items() if each not in judged)
    verdicts.extend(_unreadable(each, known) for each in known.unreadable if each not in judged and each not in copies)
    return tuple(sorted(verdicts, key=lambda each: (each.kind not in DRIFT, each.workflow_name.casefold())))


def resolver(*mappings: MappingFile | None) -> Resolve:
    """Answer what an n8n id means: the canonical id of a linked workflow, or None where nobody knows.

    The first mapping is that of the instance itself: one of its own that Git does not manage means itself. What an
    unmanaged workflow of another instance corresponds to here is not known.
    """
    meaning: dict[str, str] = {}
    for number, mapping in enumerate(mappings):
        for workflow_id, entry in () if mapping is None else mapping.workflows.items():
            means = entry.canonical_id or (workflow_id if number == 0 else None)
            if means is not None:
                meaning.setdefault(workflow_id, means)
    return meaning.get


def status_of(counts: Counts, *, is_baselined: bool, is_baseline_lost: bool = False) -> DriftStatus:
    """Answer the status of an environment that was listed completely. Without a baseline it is new (walkthrough 1).

    A workflow that could not be compared keeps the environment from being called in sync; one whose baseline was there
    and is gone is unknown, because drift could hide behind "new".
    """
    if is_baseline_lost:
        return DriftStatus.UNKNOWN
    if not is_baselined:
        return DriftStatus.NEW
    if counts.drifted:
        return DriftStatus.DRIFT_DETECTED
    return DriftStatus.UNKNOWN if counts.unknown else DriftStatus.IN_SYNC


def count(verdicts: tuple[Verdict, ...]) -> Counts:
    """Tally verdicts by kind; a draft ahead is counted beside its kind."""
    tally = Counter(str(each.kind) for each in verdicts)
    tally["draft_ahead"] = sum(each.draft_ahead for each in verdicts)
    return tallied(tally)


def ignored_away(verdict: Verdict) -> Verdict:
    """Answer the verdict for a workflow whose whole difference the configuration ignores."""
    return replace(verdict, kind=verdict.beside, content=DriftKind.IN_SYNC, needs_diff=False)


def as_told(
    verdict: Verdict, diff: WorkflowDiff | None = None, *, ignored: Mapping[str, int] | None = None
) -> WorkflowDrift:
    """Answer a verdict with its difference, as a report has it."""
    return WorkflowDrift(
        workflow_id=verdict.workflow_id,
        workflow_name=verdict.workflow_name,
        canonical_id=verdict.canonical_id,
        canonical_slug=verdict.canonical_slug,
        file=verdict.file,
        kind=verdict.kind,
        diff=diff,
        activation=verdict.activation,
        tags=verdict.tags,
        draft_ahead=verdict.draft_ahead,
        bindings_changed=verdict.bindings_changed,
        is_archived=verdict.is_archived,
        awaits_git=verdict.awaits_git,
        ignored=ignored or {},
        n8n_updated_at=verdict.n8n_updated_at,
        suggestion=verdict.suggestion,
        problem=verdict.problem,
    )


def _unmapped(entry: MappedWorkflow) -> Verdict:
    return Verdict(
        kind=DriftKind.UNMAPPED,
        content=DriftKind.UNMAPPED,
        workflow_id=entry.n8n_workflow_id,
        workflow_name=entry.workflow_name,
        canonical_id=None,
        n8n_updated_at=entry.n8n_updated_at,
        suggestion=entry.suggestion,
        problem=entry.problem,
    )


def _absent(canonical_id: str, copy: DeclaredCopy, known: Known, mapping: MappingFile, policy: DriftPolicy) -> Verdict:
    """Judge a declared workflow that no workflow of the instance is linked to.

    Where the one that it was applied to is there and is another's now, nothing is missing.
    """
    applied = _applied(known, canonical_id)
    if applied is not None and applied.n8n_workflow_id in mapping.workflows:
        applied = None
    kind = classify(declared=copy.content_hash, live=None, applied=None if applied is None else applied.content_hash)
    return Verdict(
        kind=kind,
        content=kind,
        workflow_id=None if applied is None else applied.n8n_workflow_id,
        workflow_name=_name(canonical_id, copy, known),
        canonical_id=canonical_id,
        canonical_slug=known.canonical.workflows[canonical_id].canonical_slug,
        file=copy.git_file_path,
        git_key=_git_key(copy, policy),
    )


def _unreadable(canonical_id: str, known: Known) -> Verdict:
    """Judge a file that cannot be read and that no workflow of the instance is linked to."""
    reason = known.unreadable[canonical_id]
    workflow = known.canonical.workflows.get(canonical_id)
    file = reason.partition(": ")[0]
    return Verdict(
        kind=DriftKind.UNKNOWN,
        content=DriftKind.UNKNOWN,
        workflow_id=None,
        workflow_name=file if workflow is None else workflow.canonical_slug,
        canonical_id=canonical_id,
        canonical_slug=None if workflow is None else workflow.canonical_slug,
        file=file,
        problem=reason,
    )


def _name(canonical_id: str, copy: DeclaredCopy | None, known: Known) -> str:
    workflow = known.canonical.workflows.get(canonical_id)
    slug = canonical_id if workflow is None else workflow.canonical_slug
    return slug if copy is None else copy.name or slug


def _applied(known: Known, canonical_id: str) -> AppliedWorkflow | None:
    return None if known.current is None else known.current.workflows.get(canonical_id)


def _linked(entry: MappedWorkflow, known: Known, *, here: Resolve, anywhere: Resolve, policy: DriftPolicy) -> Verdict:
    canonical_id = entry.canonical_id or ""
    copy = known.copy(canonical_id)
    applied = _applied(known, canonical_id)
    is_missing = entry.status is MappingStatus.MISSING
    problem = entry.problem or known.unreadable.get(canonical_id)
    content = _content_kind(entry, copy, known, here=here, anywhere=anywhere)
    compared = None if is_missing or problem is not None else copy
    beside, activation, tags = _beside(entry, compared, applied, policy)
    workflow = known.canonical.workflows.get(canonical_id)
    return Verdict(
        kind=strongest(content, beside),
        content=content,
        beside=beside,
        workflow_id=entry.n8n_workflow_id,
        workflow_name=entry.workflow_name or _name(canonical_id, copy, known),
        canonical_id=canonical_id,
        canonical_slug=None if workflow is None else workflow.canonical_slug,
        file=None if copy is None else copy.git_file_path,
        activation=activation,
        tags=tags,
        draft_ahead=entry.draft_content_hash is not None and not is_missing and policy.draft is Telling.REPORT,
        bindings_changed=compared is not None
        and policy.bindings is Telling.REPORT
        and compared.bindings_hash != entry.env_bindings_hash,
        is_archived=entry.is_archived,
        awaits_git=content is DriftKind.PENDING
        and copy is not None
        and applied is not None
        and applied.accepted_over == copy.content_hash,
        n8n_updated_at=entry.n8n_updated_at,
        problem=problem,
        needs_diff=compared is not None and content in (DriftKind.MODIFIED, DriftKind.PENDING, DriftKind.CONFLICT),
        git_key=None if copy is None or problem is not None else _git_key(copy, policy),
        live_key=None if is_missing or entry.problem is not None else _live_key(entry, policy),
    )


def _git_key(copy: DeclaredCopy, policy: DriftPolicy) -> str:
    return _key(copy.content_hash, copy.references, active=copy.active, tags=_plain(copy.tags), policy=policy)


def _live_key(entry: MappedWorkflow, policy: DriftPolicy) -> str:
    return _key(
        entry.env_content_hash, entry.env_references, active=entry.active, tags=_plain(entry.tags), policy=policy
    )


def _key(content_hash: str, references: JsonObject, *, active: bool | None, tags: Json, policy: DriftPolicy) -> str:
    """Answer one text for all that is compared of one side; most workflows have nothing else that has to be hashed."""
    state = {True: "-on", False: "-off", None: ""}[active if policy.activation else None]
    beside: list[Json] = [references, tags if policy.tags else None]
    return f"{content_hash}{state}" + (f"-{sha256(canonical_text(beside))[:16]}" if any(beside) else "")


def _content_kind(
    entry: MappedWorkflow, copy: DeclaredCopy | None, known: Known, *, here: Resolve, anywhere: Resolve
) -> DriftKind:
    """Judge what runs. A file that cannot be read is there all the same, so a workflow can be missing beside it."""
    canonical_id = entry.canonical_id or ""
    applied = _applied(known, canonical_id)
    is_missing = entry.status is MappingStatus.MISSING
    if is_missing and canonical_id in known.unreadable:
        return DriftKind.UNKNOWN if applied is None else DriftKind.MISSING
    if not is_missing and (entry.problem is not None or canonical_id in known.unreadable):
        return DriftKind.UNKNOWN
    keys = content_keys(
        declared=None if copy is None else Content(copy.content_hash, copy.references),
        live=None if is_missing else Content(entry.env_content_hash, entry.env_references),
        applied=None if applied is None else Content(applied.content_hash, applied.references),
        agreed=None if applied is None else _agreed(applied),
        here=here,
        anywhere=anywhere,
    )
    return classify(declared=keys.declared, live=keys.live, applied=keys.applied)


def _agreed(applied: AppliedWorkflow) -> Content:
    """Answer what the file said when the baseline was taken."""
    return Content(
        applied.content_hash if applied.git_content_hash is None else applied.git_content_hash,
        applied.references if applied.git_references is None else applied.git_references,
    )


def _beside(
    entry: MappedWorkflow, copy: DeclaredCopy | None, applied: AppliedWorkflow | None, policy: DriftPolicy
) -> tuple[DriftKind, ValueChange | None, ValueChange | None]:
    """Judge activation and tags, as far as the configuration asks for it and both sides can be read."""
    kinds = [DriftKind.IN_SYNC]
    activation = tags = None
    if copy is not None and policy.activation:
        kinds.append(_activation_kind(entry, copy, applied))
        activation = _change(declared=copy.active, live=entry.active)
    if copy is not None and policy.tags:
        kinds.append(_tags_kind(entry, copy, applied))
        tags = _change(declared=_plain(copy.tags), live=_plain(entry.tags))
    return strongest(*kinds), activation, tags


def _activation_kind(entry: MappedWorkflow, copy: DeclaredCopy, applied: AppliedWorkflow | None) -> DriftKind:
    return classify_value(
        declared=copy.active,
        live=entry.active,
        applied=None if applied is None else applied.active,
        drift=DriftKind.ACTIVATION_CHANGED,
    )


def _tags_kind(entry: MappedWorkflow, copy: DeclaredCopy, applied: AppliedWorkflow | None) -> DriftKind:
    return classify_value(
        declared=copy.tags,
        live=entry.tags,
        applied=None if applied is None else applied.tags,
        drift=DriftKind.TAGS_CHANGED,
    )


def _change(*, declared: Json, live: Json) -> ValueChange | None:
    """Answer the change of an attribute; None when the file says nothing about it, or the same."""
    return None if declared is None or declared == live else ValueChange(declared, live)


def _plain(tags: tuple[str, ...] | None) -> Json:
    return None if tags is None else [*tags]
