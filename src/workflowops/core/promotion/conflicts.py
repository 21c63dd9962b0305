"""Where an instance is not what it was last left as: edits that a promotion would overwrite, and what is gone."""

from collections.abc import Iterator

from workflowops.core.problems import shown
from workflowops.core.promotion.content import says_the_same
from workflowops.core.promotion.finding import Conflict, ConflictType, Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import Content, Held, Options, Publication
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DriftKind

HOTFIX_OPTION = "allow_overwriting_hotfixes"
FORCE_OPTION = "allow_force_promotion_on_conflicts"

_MOVED = frozenset({DriftKind.MODIFIED, DriftKind.CONFLICT, DriftKind.UNMAPPED})


def conflicts_of(
    candidate: Candidate,
    *,
    target: Target,
    held: Held | None,
    planned: Content | None,
    publication: Publication,
    options: Options,
) -> tuple[Conflict, ...]:
    """Name what a change of this workflow would overwrite or leave behind.

    `planned` is what would be written as the draft, None where no content is. A workflow that was never applied and
    differs counts as edited: nobody knows who moved.
    """
    found: list[Conflict] = []
    reasons = tuple(_hotfixes(candidate, target, held, planned, publication))
    if reasons:
        found.append(_hotfix(candidate, target, reasons, is_allowed=options.allow_overwriting_hotfixes))
    if candidate.source is not None and candidate.source.is_ahead:
        found.append(_source_ahead(candidate, is_allowed=options.allow_force_promotion_on_conflicts))
    return tuple(found)


def absence_of(candidate: Candidate, *, target: Target, options: Options) -> Iterator[Finding]:
    """Tell that a declared workflow was put away in the target, or is gone although it was applied there."""
    content = None if candidate.verdict is None else candidate.verdict.content
    title, is_allowed = target.environment.title, options.allow_overwriting_hotfixes
    if candidate.live is not None and candidate.live.is_archived:
        what, then = f"is archived in {title}", "taken back and updated"
        yield _absence(candidate, FindingCode.TARGET_ARCHIVED, what, then, is_allowed=is_allowed)
        if target.abilities is None or not target.abilities.archive:
            yield Finding(
                code=FindingCode.NOT_SUPPORTED,
                gravity=Gravity.BLOCKING,
                message=f"{name_of(candidate)} {what}, and that server cannot take it back by its API.",
                fix="Take it out of the archive in n8n, or update n8n.",
                canonical_id=candidate.canonical_id,
                file=candidate.path,
            )
    elif candidate.live is None and content is DriftKind.MISSING:
        what, then = f"is not in {title} any more", "created anew, under another id"
        yield _absence(candidate, FindingCode.TARGET_MISSING, what, then, is_allowed=is_allowed)


def _absence(candidate: Candidate, code: FindingCode, what: str, then: str, *, is_allowed: bool) -> Finding:
    fix = f"Delete its file if that was meant; allow overwriting hot fixes (`{HOTFIX_OPTION}`) to have it {then}."
    return Finding(
        code=code,
        gravity=Gravity.WARNING if is_allowed else Gravity.BLOCKING,
        message=f"{name_of(candidate)} {what}" + (f"; it will be {then}." if is_allowed else ", and Git declares it."),
        fix="" if is_allowed else fix,
        canonical_id=candidate.canonical_id,
        file=candidate.path,
    )


def name_of(candidate: Candidate) -> str:
    """Answer the name of a workflow for a sentence, masked."""
    named = None if candidate.copy is None else candidate.copy.name
    live = None if candidate.live is None else candidate.live.name
    return shown(mask_text(named or live or candidate.canonical_slug))


def _hotfixes(
    candidate: Candidate, target: Target, held: Held | None, planned: Content | None, publication: Publication
) -> Iterator[str]:
    if held is None or held.is_archived or candidate.verdict is None:
        return
    is_content = planned is not None or candidate.file is None
    if is_content and candidate.verdict.content in _MOVED:
        yield "it differs from Git and was never applied" if candidate.applied is None else "somebody edited it in n8n"
    if is_content and _is_draft_ahead(candidate, held, planned):
        yield "n8n's editor holds a draft that is not published"
    policy, applied = target.environment.drift, candidate.applied
    if applied is None or candidate.file is None:
        return
    if policy.activation and _switches(held, publication) and applied.active not in (None, held.is_active):
        yield "somebody switched it on in n8n" if held.is_active else "somebody switched it off in n8n"
    declared = None if candidate.copy is None else candidate.copy.tags
    if policy.tags and declared not in (None, held.tags) and applied.tags not in (None, held.tags):
        yield "somebody changed its tags in n8n"


def _switches(held: Held, publication: Publication) -> bool:
    return publication is (Publication.UNPUBLISH if held.is_active else Publication.PUBLISH)


def _is_draft_ahead(candidate: Candidate, held: Held, planned: Content | None) -> bool:
    """Say whether a draft of somebody's would be lost: not what runs, not what is written, and not from Git."""
    if held.published is None or says_the_same(held.draft, held.published):
        return False
    if planned is not None and says_the_same(held.draft, planned):
        return False
    applied = candidate.applied
    return applied is None or held.draft.logic not in (applied.content_hash, applied.git_content_hash)


def _hotfix(candidate: Candidate, target: Target, reasons: tuple[str, ...], *, is_allowed: bool) -> Conflict:
    return Conflict(
        type=ConflictType.HOTFIX_IN_TARGET,
        canonical_id=candidate.canonical_id,
        workflow_id=None if candidate.live is None else candidate.live.id,
        message=f"{name_of(candidate)} in {target.environment.title} is not what was last applied: "
        f"{', and '.join(reasons)}.",
        fix="Take the edit into Git first (`/adopt` in its incident), or have it taken back; to overwrite it, allow "
        f"that (`{HOTFIX_OPTION}`).",
        allowed_by=HOTFIX_OPTION,
        is_allowed=is_allowed,
    )


def _source_ahead(candidate: Candidate, *, is_allowed: bool) -> Conflict:
    source = candidate.source
    return Conflict(
        type=ConflictType.SOURCE_AHEAD,
        canonical_id=candidate.canonical_id,
        workflow_id=None if source is None else source.workflow_id,
        message=f"{name_of(candidate)} runs in the stage before in a version that its file there does not say.",
        fix="Bring that version into Git and promote it, or go on without it "
        f"(`{FORCE_OPTION}`); what stands in the target's file is written either way.",
        allowed_by=FORCE_OPTION,
        is_allowed=is_allowed,
    )
