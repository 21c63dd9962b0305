"""GATHER what became of a commit's workflows since: a newer commit declares them otherwise, or is recorded already."""

from collections.abc import Collection
from dataclasses import dataclass

from workflowops.commands.ports import StateView, Workspace
from workflowops.commands.promoting import Promoting, Seen, changed_ids
from workflowops.commands.promotion_files import open_promotions, promotion_of_commit
from workflowops.core.problems import shown
from workflowops.core.promotion.plan import PromotionKind
from workflowops.core.promotion.record import Promotion
from workflowops.core.promotion.register import WAITING
from workflowops.core.promotion.route import Route

_MOST_NAMES = 10


@dataclass(frozen=True, slots=True)
class Since:
    """What came after a commit: the tip of the default branch, and the workflows that a commit must not bring there.

    Those are the ones that the tip declares otherwise, and those that wait in a record of another commit as the tip
    declares them. None of them where the commit is the tip.
    """

    tip: str
    canonical_ids: frozenset[str] = frozenset()


def since(workspace: Workspace, view: StateView, route: Route, *, commit: str) -> Since:
    """Say which workflows of a stage an older commit must leave alone. Raises what keeps the tip from being read."""
    tip = workspace.repository.default_tip()
    if tip is None or tip == commit:
        return Since(commit)
    found = set(changed_ids(workspace, route, base=commit, commit=tip))
    for each in waiting_promotions(view, route.environment):
        if each.git_commit_sha is None or each.git_commit_sha == commit:
            continue
        newer = changed_ids(workspace, route, base=each.git_commit_sha, commit=tip)
        if set(each.workflow_selection).isdisjoint(newer):
            found |= set(each.workflow_selection)
    return Since(tip, frozenset(found))


def waiting_promotions(view: StateView, target_stage: str) -> tuple[Promotion, ...]:
    """Read the promotions of merges into a stage that have not begun, the oldest first."""
    return tuple(
        each
        for each in open_promotions(view, target_stage)
        if each.kind is PromotionKind.PROMOTION and each.status in WAITING
    )


def overlapping(view: StateView, target_stage: str, canonical_ids: Collection[str]) -> tuple[Promotion, ...]:
    """Read those of them that bring one of these workflows."""
    found = set(canonical_ids)
    return tuple(
        each for each in waiting_promotions(view, target_stage) if not found.isdisjoint(each.workflow_selection)
    )


def taken_over(view: StateView, target_stage: str, canonical_ids: Collection[str], *, commit: str) -> set[str]:
    """Answer the workflows of the promotions whose place a new one takes, so that no change is lost with them.

    Those are what waits for the same target with one of the same workflows, and what the commit made before.
    """
    found = set(canonical_ids)
    before = promotion_of_commit(view, target_stage=target_stage, git_commit_sha=commit)
    if before is not None:
        found |= set(before.workflow_selection)
    for each in waiting_promotions(view, target_stage):
        if not found.isdisjoint(each.workflow_selection):
            found |= set(each.workflow_selection)
    return found - set(canonical_ids)


def slugs_of(seen: Seen, canonical_ids: Collection[str]) -> tuple[str, ...]:
    """Answer the names of workflows, sorted; the canonical id of one that Git does not know there."""
    known = seen.judgement.known.canonical.workflows
    return tuple(sorted(known[each].canonical_slug if each in known else each for each in canonical_ids))


def why_overtaken(promoting: Promoting, promotion: Promotion, seen: Seen) -> str | None:
    """Say why a promotion would bring back what the default branch no longer declares; None where it would not.

    Only a merge is asked: what takes something back is no newer version of anything.
    """
    commit = promotion.git_commit_sha
    if promotion.kind is not PromotionKind.PROMOTION or commit is None:
        return None
    workspace = promoting.workspace
    tip = workspace.repository.default_tip()
    if tip is None or tip == commit:
        return None
    changed = set(changed_ids(workspace, seen.route, base=commit, commit=tip)) & set(promotion.workflow_selection)
    if not changed:
        return None
    names = [shown(each) for each in slugs_of(seen, changed)]
    over = len(names) - _MOST_NAMES
    told = f"{', '.join(names[:_MOST_NAMES])}{f' and {over} more' if over > 0 else ''}"
    return (
        f"{promotion.promotion_id} brings {told} as commit {commit[:12]} has it, and the default branch, now at "
        f"{tip[:12]}, has something else: a newer commit changes it, and the run of that commit promotes it."
    )
