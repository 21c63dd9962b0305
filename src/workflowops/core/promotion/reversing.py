"""Reversals: which parts of a workflow somebody moved in n8n while Git stood still, and what takes those back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workflowops.core.configuration import Publish
from workflowops.core.problems import shown
from workflowops.core.promotion.conflicts import name_of
from workflowops.core.promotion.content import says_the_same
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import Held, PlannedWorkflow, Publication, WorkflowChangeType
from workflowops.core.promotion.publication import tags_of
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.records import AppliedWorkflow, DeclaredCopy
from workflowops.core.secrets import mask_text
from workflowops.core.standing import Content, DriftKind, classify_value, content_keys

REVERSAL_COMMAND = "/revert"
"""What lets a reversal overwrite an edit: whoever gives it means just that."""

_EDITED = frozenset({DriftKind.MODIFIED, DriftKind.CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is written to take a workflow back: its content, what becomes of the published version, its tags.

    `tags` are None where they stay. What only Git moved is no part of it.
    """

    is_written: bool
    publication: Publication
    tags: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    """What somebody moved in n8n. `is_gone` says that it was deleted or archived."""

    is_gone: bool
    is_edited: bool
    is_switched: bool
    is_tagged: bool

    @property
    def is_anything(self) -> bool:
        return self.is_gone or self.is_edited or self.is_switched or self.is_tagged


def to_be_reversed(candidates: Iterable[Candidate], *, target: Target) -> tuple[str, ...]:
    """Name the workflows that somebody moved in n8n and that Git still declares, whether Git moved as well or not."""
    return tuple(each.canonical_id for each in candidates if each.copy is not None and _moved(each, target).is_anything)


def taken_back(candidate: Candidate, *, target: Target, held: Held | None) -> Wanted:
    """Say what puts back what somebody moved in n8n; nothing where nobody did.

    What was deleted or archived comes back with everything that its file says. Otherwise what runs goes on running and
    what is off stays off, unless that is what was moved. What is to be switched on again is written as well where n8n
    holds what Git says: so it comes after what it calls, by the ids that those have then. What is to be switched off is
    written as well where its draft says something else than what ran: once nothing is published, the draft counts.
    """
    moved = _moved(candidate, target)
    publication = _publication(candidate, moved, held)
    is_as_declared = candidate.verdict is not None and candidate.verdict.content is DriftKind.IN_SYNC
    is_switched_on = moved.is_switched and publication is Publication.PUBLISH and is_as_declared
    is_switched_off = moved.is_switched and publication is Publication.UNPUBLISH and is_as_declared
    has_other_draft = held is not None and held.published is not None and not says_the_same(held.draft, held.published)
    return Wanted(
        is_written=moved.is_gone or moved.is_edited or is_switched_on or (is_switched_off and has_other_draft),
        publication=publication,
        tags=tags_of(candidate, held=held) if moved.is_gone or moved.is_tagged else None,
    )


def reversal_findings(candidate: Candidate, *, target: Target, held: Held | None) -> tuple[Finding, ...]:
    """Answer why what somebody did in n8n cannot be taken back; it then stays as it is, and blocks the others too."""
    moved = _moved(candidate, target)
    if not moved.is_anything:
        return ()
    if candidate.copy is None:
        return (_no_file(candidate, target),)
    parts = _moved_in_git(candidate, candidate.copy, moved, target)
    if parts:
        return (_moved_on_both_sides(candidate, target, parts),)
    wants = _publication(candidate, moved, held)
    if target.stage.publish is Publish.NEVER and wants is Publication.PUBLISH:
        return (_never_published(candidate, target),)
    return ()


def new_id_findings(
    candidates: Iterable[Candidate], workflows: Iterable[PlannedWorkflow], *, target: Target
) -> Iterator[Finding]:
    """Name those that go on calling a deleted workflow by the id that it had, although it is created again."""
    planned = {each.canonical_id: each for each in workflows}
    written = {each.target_workflow_id for each in planned.values() if each.document is not None}
    for each in candidates:
        change = planned.get(each.canonical_id)
        if change is None or change.change_type is not WorkflowChangeType.CREATED or each.applied is None:
            continue
        callers = [key for key in target.callers.get(each.applied.n8n_workflow_id or "", ()) if key not in written]
        if callers:
            names = ", ".join(sorted(shown(mask_text(target.names.get(key, key))) for key in callers))
            yield Finding(
                code=FindingCode.TARGET_MISSING,
                gravity=Gravity.WARNING,
                message=f"{name_of(each)} gets a new id in {target.environment.title}; the old one stands in: {names}.",
                fix="Choose it again there afterwards, and put that into Git.",
                canonical_id=each.canonical_id,
                file=each.path,
            )


def _moved(candidate: Candidate, target: Target) -> _Moved:
    verdict, copy, live, applied = candidate.verdict, candidate.copy, candidate.live, candidate.applied
    content = None if verdict is None else verdict.content
    policy = target.environment.drift
    is_beside = copy is not None and live is not None and not live.is_archived and content is not DriftKind.UNKNOWN
    return _Moved(
        is_gone=content is DriftKind.MISSING,
        is_edited=content in _EDITED,
        is_switched=is_beside
        and policy.activation
        and copy is not None
        and live is not None
        and _is_moved(copy.active, live.active, None if applied is None else applied.active),
        is_tagged=is_beside
        and policy.tags
        and copy is not None
        and live is not None
        and _is_moved(_in_order(copy.tags), _in_order(live.tags), None if applied is None else _in_order(applied.tags)),
    )


def _is_moved(declared: object, live: object, applied: object) -> bool:
    kind = classify_value(declared=declared, live=live, applied=applied, drift=DriftKind.MODIFIED)
    return kind is DriftKind.MODIFIED


def _in_order(tags: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if tags is None else tuple(sorted(set(tags)))


def _publication(candidate: Candidate, moved: _Moved, held: Held | None) -> Publication:
    is_on = held is not None and held.is_active
    wanted = is_on
    if (moved.is_gone or moved.is_switched) and candidate.copy is not None and candidate.copy.active is not None:
        wanted = candidate.copy.active
    if not wanted:
        return Publication.UNPUBLISH if is_on else Publication.KEEP
    is_touched = moved.is_gone or moved.is_edited or not is_on
    return Publication.PUBLISH if is_touched else Publication.KEEP


def _moved_in_git(candidate: Candidate, copy: DeclaredCopy, moved: _Moved, target: Target) -> tuple[str, ...]:
    """Name the parts to be taken back whose wanted version was never applied here: Git moved as well."""
    applied = candidate.applied
    if applied is None:
        return ("its content",)
    found = []
    if (moved.is_edited or moved.is_gone) and not _is_as_agreed(copy, applied, candidate, target):
        found.append("its content")
    if moved.is_gone and None not in (copy.active, applied.active) and copy.active != applied.active:
        found.append("whether it is switched on")
    if (moved.is_tagged or moved.is_gone) and None not in (copy.tags, applied.tags):
        found += ["its tags"] if _in_order(copy.tags) != _in_order(applied.tags) else []
    return tuple(found)


def _is_as_agreed(copy: DeclaredCopy, applied: AppliedWorkflow, candidate: Candidate, target: Target) -> bool:
    if candidate.verdict is not None and candidate.verdict.content is DriftKind.CONFLICT:
        return False
    agreed = Content(
        applied.content_hash if applied.git_content_hash is None else applied.git_content_hash,
        applied.references if applied.git_references is None else applied.git_references,
    )
    keys = content_keys(
        declared=Content(copy.content_hash, copy.references),
        live=None,
        applied=Content(applied.content_hash, applied.references),
        agreed=agreed,
        here=target.here,
        anywhere=target.anywhere,
    )
    return keys.declared == keys.applied


def _no_file(candidate: Candidate, target: Target) -> Finding:
    return _finding(
        candidate,
        FindingCode.MOVED_SINCE,
        f"Git has no file for {name_of(candidate)} any more, so there is no version to put back into "
        f"{target.environment.title}.",
        "Archive it in n8n if that was meant, or put it under Git again with `workflowops onboard`.",
    )


def _moved_on_both_sides(candidate: Candidate, target: Target, parts: tuple[str, ...]) -> Finding:
    title = target.environment.title
    if candidate.applied is None:
        message = f"{name_of(candidate)} was never applied in {title}, so nobody knows whether Git or n8n moved."
    else:
        message = (
            f"Git moved as well: {' and '.join(parts)} of {name_of(candidate)} in Git was never applied in {title}."
        )
    return _finding(
        candidate,
        FindingCode.MOVED_SINCE,
        message,
        "Promote Git's version, which overwrites the edit where that is allowed (`allow_overwriting_hotfixes`), or "
        "take n8n's version into Git (`/adopt`).",
    )


def _never_published(candidate: Candidate, target: Target) -> Finding:
    return _finding(
        candidate,
        FindingCode.NOT_SUPPORTED,
        f"{name_of(candidate)} would have to be published in {target.environment.title}, and `publish: never` forbids "
        "that.",
        "Take the steps by hand, or set `publish` of the stage to `keep`.",
    )


def _finding(candidate: Candidate, code: FindingCode, message: str, fix: str) -> Finding:
    return Finding(
        code=code,
        gravity=Gravity.BLOCKING,
        message=message,
        fix=fix,
        canonical_id=candidate.canonical_id,
        file=candidate.path,
    )
