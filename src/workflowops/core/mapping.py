"""Which workflow of an instance is which file in Git: the mapping of an environment, planned from what was seen."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.observation import Observation, ObservedWorkflow
from workflowops.core.records import (
    CanonicalFile,
    CurrentFile,
    DeclaredCopy,
    MappedWorkflow,
    MappingFile,
    MappingStatus,
)
from workflowops.core.secrets import mask_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of an environment before it is looked at.

    `unreadable` holds the canonical ids whose file in this environment is there and cannot be read, with the reason.
    """

    environment: str
    canonical: CanonicalFile
    mapping: MappingFile | None
    current: CurrentFile | None
    unreadable: Mapping[str, str] = field(default_factory=dict)
    is_baseline_lost: bool = False

    def copy(self, canonical_id: str) -> DeclaredCopy | None:
        """Answer what Git declares for a canonical workflow in this environment."""
        workflow = self.canonical.workflows.get(canonical_id)
        return None if workflow is None else workflow.copies.get(self.environment)

    def has_file(self, canonical_id: str) -> bool:
        """Say whether Git declares it here, readable or not."""
        return self.copy(canonical_id) is not None or canonical_id in self.unreadable

    def is_managed(self, canonical_id: str) -> bool:
        """Say whether Git declares it here, or it was applied here before."""
        is_applied = self.current is not None and canonical_id in self.current.workflows
        return is_applied or self.has_file(canonical_id)

    @property
    def copies(self) -> dict[str, DeclaredCopy]:
        """Answer the declared copies of this environment by canonical id."""
        return {
            canonical_id: workflow.copies[self.environment]
            for canonical_id, workflow in self.canonical.workflows.items()
            if self.environment in workflow.copies
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPlan:
    """The new mapping, and what is new in it."""

    mapping: MappingFile
    created_workflow_ids: tuple[str, ...]
    archived_unmapped: int


def known_workflows(mapping: MappingFile | None) -> Mapping[str, MappedWorkflow]:
    """Answer the entries whose digests can be taken over: none when they were made by another canonical form."""
    if mapping is None or mapping.canonical_form != CANONICAL_FORM:
        return {}
    return mapping.workflows


def must_be_proven(known: Known) -> tuple[str, ...]:
    """Name the n8n ids that must not be absent without proof: those linked to something that Git manages."""
    return tuple(
        workflow_id
        for workflow_id, entry in _stored(known).items()
        if entry.canonical_id is not None and known.is_managed(entry.canonical_id)
    )


def has_lost_its_files(known: Known) -> bool:
    """Say whether the folder holds no file at all although more than one workflow here is known to Git: it was moved or
    misspelt, or the commit is from before it. Nothing can be compared then.
    """
    applied = () if known.current is None else known.current.workflows
    mapped = () if known.mapping is None else known.mapping.workflows.values()
    linked = sum(entry.canonical_id is not None for entry in mapped)
    return not known.copies and not known.unreadable and max(len(applied), linked) > 1


def is_another_instance(known: Known, *, missing: Collection[str]) -> bool:
    """Say whether so much is missing that the address or the key must be another one's: every linked workflow that Git
    declares, and more than one of them. n8n answers 404 also for what the key's user may not see.
    """
    if known.mapping is None:
        return False
    declared = [
        workflow_id
        for workflow_id, entry in known.mapping.workflows.items()
        if entry.canonical_id is not None and known.copy(entry.canonical_id) is not None
    ]
    return len(declared) > 1 and all(workflow_id in missing for workflow_id in declared)


def plan_mapping(known: Known, observation: Observation, *, now: str) -> MappingPlan:
    """Tie every observed workflow to a canonical one, or leave it unmapped with a suggestion.

    In this order: the id that the mapping (or the baseline) holds; the sidecar or plain export that names this id; the
    one declared copy of equal digest, when neither side has a second candidate. Workflows in use go before archived
    ones, and workflows that have a file before those whose file is gone, so that a renamed file finds its workflow. An
    equal name is a suggestion, never a link. What only a run that broke off has seen, without a verdict, is created.
    """
    stored = _stored(known)
    links = _link(known, observation, stored)
    in_use = {links[seen.id] for seen in observation.workflows if seen.id in links and not seen.is_archived}
    suggestions = _suggestions(known, taken=in_use)
    entries: dict[str, MappedWorkflow] = {}
    created: list[str] = []
    archived_unmapped = 0
    for seen in observation.workflows:
        canonical_id = links.get(seen.id)
        if seen.is_archived and canonical_id is None:
            archived_unmapped += 1
            continue
        before = stored.get(seen.id)
        if before is None or (before.canonical_id is None and before.drift_status is None):
            created.append(seen.id)
        entry = _entry(seen, canonical_id, known, detected_at=now if before is None else before.detected_at or now)
        entries[seen.id] = replace(entry, suggestion=suggestions.get(seen.name)) if canonical_id is None else entry
    entries |= _unseen(known, observation, stored, linked={*links.values()})
    return MappingPlan(
        mapping=MappingFile(canonical_form=CANONICAL_FORM, workflows=entries),
        created_workflow_ids=tuple(created),
        archived_unmapped=archived_unmapped,
    )


def partial_mapping(known: Known, seen: Sequence[ObservedWorkflow], *, now: str) -> MappingFile:
    """Keep the digests of what was seen before a listing broke off; links, verdicts and the rest stay as they were.

    Going on from there comes to the same as a run that never broke off. A mapping of another canonical form is answered
    as it is: digests of two forms must not be mixed.
    """
    if known.mapping is not None and known.mapping.canonical_form != CANONICAL_FORM:
        return known.mapping
    entries = {} if known.mapping is None else dict(known.mapping.workflows)
    for found in seen:
        before = entries.get(found.id)
        if found.is_archived or found.is_unchanged or found.problem is not None:
            continue
        if before is None:
            entries[found.id] = _entry(found, None, known, detected_at=now)
            continue
        entry = _entry(found, before.canonical_id, known, detected_at=before.detected_at)
        entries[found.id] = replace(entry, drift_status=before.drift_status, suggestion=before.suggestion)
    return MappingFile(canonical_form=CANONICAL_FORM, workflows=entries)


def _stored(known: Known) -> dict[str, MappedWorkflow]:
    """Answer what is remembered of the instance: the mapping, and the baseline's word where the mapping lost a link."""
    stored = {} if known.mapping is None else dict(known.mapping.workflows)
    linked = {entry.canonical_id for entry in stored.values()}
    for canonical_id, applied in {} if known.current is None else known.current.workflows.items():
        workflow_id = applied.n8n_workflow_id
        if workflow_id is None or canonical_id in linked:
            continue
        entry = stored.get(workflow_id)
        if entry is None:
            stored[workflow_id] = _remembered(workflow_id, canonical_id, known)
        elif entry.canonical_id is None or not known.is_managed(entry.canonical_id):
            stored[workflow_id] = replace(entry, canonical_id=canonical_id)
    return stored


def _remembered(workflow_id: str, canonical_id: str, known: Known) -> MappedWorkflow:
    copy = known.copy(canonical_id)
    return MappedWorkflow(
        n8n_workflow_id=workflow_id,
        workflow_name="" if copy is None else copy.name,
        status=MappingStatus.LINKED,
        canonical_id=canonical_id,
        active=False,
        tags=(),
        node_count=0,
        raw_hash="",
        env_content_hash="",
        env_layout_hash="",
        env_bindings_hash="",
    )


def _link(known: Known, observation: Observation, stored: Mapping[str, MappedWorkflow]) -> dict[str, str]:
    """Answer n8n id -> canonical id, each canonical id at most once."""
    by_id = {
        workflow_id: entry.canonical_id
        for workflow_id, entry in stored.items()
        if entry.canonical_id is not None and known.is_managed(entry.canonical_id)
    }
    with_file = {workflow_id: each for workflow_id, each in by_id.items() if known.has_file(each)}
    by_own_id = _by_own_id(known)
    seen_ids = {seen.id for seen in observation.workflows}
    links: dict[str, str] = {}
    taken = {by_id[each] for each in by_id if each not in seen_ids and each not in observation.proven_missing}
    for is_archived in (False, True):
        workflows = [seen for seen in observation.workflows if seen.is_archived is is_archived]
        _link_by_id(workflows, with_file, links, taken)
        _link_by_id(workflows, by_own_id, links, taken)
        if not is_archived:
            _link_by_digest(workflows, known, links, taken)
        _link_by_id(workflows, by_id, links, taken)
    return links


def _by_own_id(known: Known) -> dict[str, str]:
    """Answer n8n id -> canonical id from the files; an id that two files name says nothing."""
    named = {canonical_id: copy.n8n_workflow_id for canonical_id, copy in known.copies.items()}
    times = Counter(named.values())
    return {own: canonical_id for canonical_id, own in named.items() if own is not None and times[own] == 1}


def _link_by_id(
    workflows: Sequence[ObservedWorkflow], by_id: Mapping[str, str], links: dict[str, str], taken: set[str]
) -> None:
    for seen in workflows:
        canonical_id = by_id.get(seen.id)
        if seen.id not in links and canonical_id is not None and canonical_id not in taken:
            links[seen.id] = canonical_id
            taken.add(canonical_id)


def _link_by_digest(
    workflows: Sequence[ObservedWorkflow], known: Known, links: dict[str, str], taken: set[str]
) -> None:
    loose = [seen for seen in workflows if seen.id not in links and seen.problem is None and seen.content_hash]
    waiting = {copy.content_hash: each for each, copy in known.copies.items() if each not in taken}
    seen_of = Counter(seen.content_hash for seen in loose)
    declared_of = Counter(copy.content_hash for each, copy in known.copies.items() if each not in taken)
    for seen in loose:
        if seen_of[seen.content_hash] == 1 and declared_of[seen.content_hash] == 1:
            links[seen.id] = waiting[seen.content_hash]
            taken.add(waiting[seen.content_hash])


def _suggestions(known: Known, *, taken: AbstractSet[str]) -> dict[str, str]:
    """Answer name -> slug of the canonical workflows that nothing here is linked to, where the name is theirs alone.

    Copies of this environment go before those of others, which an onboarding could tie together.
    """
    here: dict[str, set[str]] = {}
    elsewhere: dict[str, set[str]] = {}
    for canonical_id, workflow in known.canonical.workflows.items():
        if canonical_id not in taken:
            names = here if known.environment in workflow.copies else elsewhere
            for name in {copy.name for copy in workflow.copies.values()} - {""}:
                names.setdefault(name, set()).add(workflow.canonical_slug)
    return {name: next(iter(slugs)) for name, slugs in (elsewhere | here).items() if len(slugs) == 1}


def _entry(seen: ObservedWorkflow, canonical_id: str | None, known: Known, *, detected_at: str) -> MappedWorkflow:
    copy = None if canonical_id is None else known.copy(canonical_id)
    status = MappingStatus.LINKED if canonical_id is not None else MappingStatus.UNMAPPED
    if seen.is_archived:
        status = MappingStatus.MISSING
    return MappedWorkflow(
        n8n_workflow_id=seen.id,
        workflow_name=mask_text(seen.name),
        status=status,
        canonical_id=canonical_id,
        active=seen.active,
        tags=seen.tags,
        node_count=seen.node_count,
        ignored=seen.ignored,
        raw_hash=seen.raw_hash,
        env_content_hash=seen.content_hash,
        env_layout_hash=seen.layout_hash,
        env_bindings_hash=seen.bindings_hash,
        env_references=seen.references,
        draft_content_hash=seen.draft_content_hash,
        git_content_hash=None if copy is None else copy.content_hash,
        git_references=None if copy is None or copy.references == seen.references else copy.references,
        git_blob=None if copy is None else copy.git_blob,
        n8n_updated_at=seen.updated_at,
        detected_at=detected_at,
        is_archived=seen.is_archived,
        problem=seen.problem,
    )


def _unseen(
    known: Known, observation: Observation, stored: Mapping[str, MappedWorkflow], *, linked: AbstractSet[str]
) -> dict[str, MappedWorkflow]:
    """Keep what was not seen and Git still manages, unless something took its place: missing where that is proven.

    What is neither seen nor proven gone (another run linked it while this one was looking) must not be lost or judged.
    """
    seen = {each.id for each in observation.workflows}
    taken = {*linked}
    kept: dict[str, MappedWorkflow] = {}
    for workflow_id, entry in stored.items():
        canonical_id = entry.canonical_id
        if workflow_id in seen or canonical_id is None or canonical_id in taken or not known.is_managed(canonical_id):
            continue
        taken.add(canonical_id)
        is_proven = workflow_id in observation.proven_missing
        kept[workflow_id] = replace(
            entry,
            status=MappingStatus.MISSING if is_proven else entry.status,
            active=entry.active and not is_proven,
            raw_hash="",
            problem=None if is_proven else "It was not in the list, and nothing proves that it is gone.",
        )
    return kept
