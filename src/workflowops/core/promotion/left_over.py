"""What is left over after a putting back: parts that somebody else changed, and created workflows still in use."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from workflowops.core.listing import ListedWorkflow
from workflowops.core.promotion.plan import WorkflowChangeType
from workflowops.core.promotion.position import Part, Position, told
from workflowops.core.promotion.record import PromotedWorkflow
from workflowops.core.promotion.snapshot import SnapshotWorkflow

RUNNING = frozenset({Part.PUBLISHED, Part.ACTIVE})


def former_of_ours(
    former: SnapshotWorkflow, now: SnapshotWorkflow, *, strange: Collection[Part], saves_drafts: bool
) -> SnapshotWorkflow:
    """Answer what a workflow is put back to where somebody else changed some of its parts: those stay as they are.

    What runs is put back beside a draft of somebody's only where the server keeps the two apart; a workflow that
    somebody archived or took out of the archive is left as it is.
    """
    if Part.ARCHIVED in strange or Part.EXISTENCE in strange or (Part.DRAFT in strange and not saves_drafts):
        return now
    wanted = former
    if Part.DRAFT in strange:
        wanted = replace(wanted, name=now.name, document=now.document, version_id=now.version_id)
    if not RUNNING.isdisjoint(strange):
        wanted = replace(
            wanted, active=now.active, published=now.published, published_version_id=now.published_version_id
        )
    return replace(wanted, tags=now.tags) if Part.TAGS in strange else wanted


def users_of(workflow_id: str, others: Iterable[ListedWorkflow]) -> tuple[ListedWorkflow, ...]:
    """Answer those workflows whose draft, published version or settings hold an id, wherever it stands in them."""
    wanted = re.compile(rb"(?<![A-Za-z0-9_-])" + re.escape(workflow_id.encode()) + rb"(?![A-Za-z0-9_-])")
    return tuple(each for each in others if each.id != workflow_id and _holds(each, wanted))


def why_left(change: PromotedWorkflow, position: Position, *, where: str, runs: bool) -> str:
    """Say in which parts a workflow is not as before, what runs first, and which of them somebody else changed."""
    parts = [each for each in position.not_as_before if each not in position.strange]
    told_running = [each for each in parts if each in RUNNING]
    is_new = change.change_type is WorkflowChangeType.CREATED
    sentences = []
    if told_running and Part.DRAFT in position.strange and runs:
        sentences.append(f"{where} runs the promoted version.")
    elif told_running and not is_new:
        sentences.append(f"What runs of it in {where} is not what ran before.")
    elif RUNNING.isdisjoint(position.strange) and not is_new and runs:
        sentences.append(f"{where} runs what it ran before.")
    sentences.append(f"Somebody else changed {told(position.strange)}, so that was not touched again.")
    rest = [each for each in parts if each not in RUNNING and each is not Part.EXISTENCE]
    if rest:
        sentences.append(f"Not as before either: {told(rest)}.")
    return " ".join(sentences)


def _holds(listed: ListedWorkflow, wanted: re.Pattern[bytes]) -> bool:
    graphs = [each for each in (listed.draft, listed.published_graph) if each is not None]
    return any(wanted.search(bytes(text)) for text in (listed.settings, *(each.nodes for each in graphs)))
