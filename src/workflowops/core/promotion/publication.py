"""What becomes of the published version and of the tags of one workflow, by the policy of its stage."""

from collections.abc import Iterator

from workflowops.core.configuration import Publish
from workflowops.core.promotion.conflicts import name_of
from workflowops.core.promotion.finding import Finding, FindingCode, Gravity
from workflowops.core.promotion.plan import Held, Publication
from workflowops.core.promotion.target import Candidate, Target


def publication_of(candidate: Candidate, *, target: Target, held: Held | None) -> Publication:
    """Say what is to become of the published version (DESIGN section 4).

    `keep` leaves on what is on and off what is off; `match_source` follows the file, else the stage before, else keeps;
    `never` publishes nothing.
    """
    is_on = held is not None and held.is_active
    if target.stage.publish is Publish.NEVER:
        return Publication.KEEP
    wanted = _wanted(candidate) if target.stage.publish is Publish.MATCH_SOURCE else None
    if wanted is None:
        wanted = is_on
    if wanted:
        return Publication.PUBLISH
    return Publication.UNPUBLISH if is_on else Publication.KEEP


def tags_of(candidate: Candidate, *, held: Held | None) -> tuple[str, ...] | None:
    """Answer the tags to be set; None where the file is silent or the target has them already."""
    declared = None if candidate.copy is None else candidate.copy.tags
    if declared is None:
        return None
    wanted = tuple(sorted(set(declared)))
    there = () if held is None else tuple(sorted(set(held.tags)))
    return None if wanted == there else wanted


def publication_findings(
    candidate: Candidate, *, target: Target, held: Held | None, publication: Publication, is_written: bool
) -> Iterator[Finding]:
    """Tell what will not run afterwards, and what the server cannot do. `is_written` says that a document is."""
    is_on = held is not None and held.is_active
    title = target.environment.title
    if held is None and publication is not Publication.PUBLISH:
        yield _finding(
            candidate,
            FindingCode.CREATED_SWITCHED_OFF,
            Gravity.NOTE,
            f"{name_of(candidate)} is new in {title} and stays switched off there.",
            "",
        )
    if not (is_on and is_written and publication is Publication.KEEP):
        return
    if target.abilities is None or not target.abilities.publish_if_active:
        yield _finding(
            candidate,
            FindingCode.NOT_SUPPORTED,
            Gravity.BLOCKING,
            f"{name_of(candidate)} runs in {title}, and that server cannot save a draft beside what runs.",
            "Set `publish` of the stage to `keep` or `match_source`, or update n8n to a version with drafts.",
        )
        return
    yield _finding(
        candidate,
        FindingCode.LEFT_UNPUBLISHED,
        Gravity.NOTE,
        f"{name_of(candidate)} is saved as a draft in {title}; what runs there stays until somebody publishes it.",
        "",
    )


def _wanted(candidate: Candidate) -> bool | None:
    """Answer what the file says about being switched on, else what the stage before does."""
    if candidate.copy is not None and candidate.copy.active is not None:
        return candidate.copy.active
    return None if candidate.source is None else candidate.source.is_active


def _finding(candidate: Candidate, code: FindingCode, gravity: Gravity, message: str, fix: str) -> Finding:
    return Finding(
        code=code,
        gravity=gravity,
        message=message,
        fix=fix,
        canonical_id=candidate.canonical_id,
        file=candidate.path,
    )
