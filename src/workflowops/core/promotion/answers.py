"""What the promotion commands print with `--json`, and hand to the next job."""

from collections.abc import Iterable

from workflowops.core.json import JsonObject
from workflowops.core.promotion.documents import preview_json, promotion_json
from workflowops.core.promotion.outcome import Carried, Failed, OpenedPromotion, Previewed, Recorded
from workflowops.core.promotion.record import ENDED, Promotion


def preview_answer(outcome: Previewed) -> JsonObject:
    """Write the previews of a change, one a target."""
    return {
        "git_commit_sha": outcome.commit,
        "base": outcome.base,
        "previews": [preview_json(each, None) for each in outcome.plans],
        "unchanged": [*outcome.unchanged],
        "failed": [_failed(each) for each in outcome.failed],
        "pull_request_url": outcome.pull_request_url,
        "not_told": outcome.not_told,
        "exit_code": int(outcome.exit_code),
    }


def plan_answer(outcome: Recorded) -> JsonObject:
    """Write the records of a merge, and the plans that must not be carried out."""
    return {
        "git_commit_sha": outcome.commit,
        "base": outcome.base,
        "promotions": [promotion_json(each) for each in outcome.promotions],
        "previews": [
            preview_json(outcome.plans[each.promotion_id], each)
            for each in outcome.promotions
            if each.promotion_id in outcome.plans
        ],
        "blocked": [preview_json(each, None) for each in outcome.blocked],
        "superseded": [*outcome.superseded],
        "overtaken": [*outcome.overtaken],
        "ended": [*outcome.ended],
        "unchanged": [*outcome.unchanged],
        "failed": [_failed(each) for each in outcome.failed],
        "pull_request_url": outcome.pull_request_url,
        "not_told": outcome.not_told,
        "is_dry_run": outcome.is_dry_run,
        "exit_code": int(outcome.exit_code),
    }


def waiting(promotions: Iterable[Promotion]) -> list[JsonObject]:
    """Name what is left to be carried out, for the jobs that do so: one for each promotion that has not ended."""
    return [
        {
            "promotion_id": each.promotion_id,
            "environment": each.target_stage,
            "status": str(each.status),
            "plan_digest": each.plan_digest,
        }
        for each in promotions
        if each.status not in ENDED
    ]


def carried_answer(outcome: Carried) -> JsonObject:
    """Write what became of carrying out a promotion."""
    return {
        "promotion": promotion_json(outcome.promotion),
        "preview": None if outcome.plan is None else preview_json(outcome.plan, outcome.promotion),
        "recovered": [promotion_json(each) for each in outcome.recovered],
        "waits_for": [*outcome.waits_for],
        "not_told": outcome.not_told,
        "is_dry_run": outcome.is_dry_run,
        "exit_code": int(outcome.exit_code),
    }


def opened_answer(outcome: OpenedPromotion) -> JsonObject:
    """Write what was proposed for the next stage."""
    return {
        "pipeline_id": outcome.pipeline_id,
        "source_stage": outcome.source_stage,
        "target_stage": outcome.target_stage,
        "workflows": [*outcome.canonical_slugs],
        "files": [*outcome.files],
        "left_out": dict(outcome.left_out),
        "branch": outcome.branch,
        "git_commit_sha": outcome.commit,
        "is_new": outcome.is_new,
        "pull_request": None
        if outcome.pull_request is None
        else {"number": outcome.pull_request.number, "url": outcome.pull_request.url},
        "problem": outcome.problem,
        "fix": outcome.fix,
        "is_dry_run": outcome.is_dry_run,
        "exit_code": int(outcome.exit_code),
    }


def _failed(failed: Failed) -> JsonObject:
    return {
        "target_stage": failed.target,
        "problem": failed.problem,
        "fix": failed.fix,
        "exit_code": int(failed.exit_code),
    }
