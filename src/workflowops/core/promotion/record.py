"""The shape of a promotion on the state branch."""

from dataclasses import dataclass, field
from enum import StrEnum

from workflowops.core.configuration import OnDelete
from workflowops.core.json import JsonObject
from workflowops.core.promotion.plan import Content, Held, Options, PromotionKind, Publication, WorkflowChangeType
from workflowops.core.records import SCHEMA

INDEX_PATH = "promotions/index.json"


class PromotionStatus(StrEnum):
    """Where a promotion stands (walkthrough 2, `promotions.status`)."""

    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    RUNNING = "running"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"  # it failed, and everything is as it was before
    ROLLBACK_INCOMPLETE = "rollback_incomplete"  # it failed, and the record names what is not as it was
    PLAN_CHANGED = "plan_changed"  # it was not carried out, because it would not have been what was approved
    REJECTED = "rejected"
    SUPERSEDED = "superseded"  # a newer one has the same workflows


ENDED = frozenset({
    PromotionStatus.COMPLETED,
    PromotionStatus.ROLLED_BACK,
    PromotionStatus.ROLLBACK_INCOMPLETE,
    PromotionStatus.PLAN_CHANGED,
    PromotionStatus.REJECTED,
    PromotionStatus.SUPERSEDED,
})  # fmt: skip


class Outcome(StrEnum):
    """How a workflow was found when it was read back at the end."""

    NOT_TOUCHED = "not_touched"
    AS_PLANNED = "as_planned"
    AS_BEFORE = "as_before"
    OTHERWISE = "otherwise"  # neither; `problem` says how


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotedWorkflow:
    """One workflow of a promotion: what was planned, in digests, and what became of it.

    `n8n_workflow_id` is the id in the target; that of a created one is filled in once it is known. `planned_first` is
    what a created one of a cycle holds until those that it refers to exist. `bound` and `bound_published` say which
    credentials were written, node (masked) -> type -> id, the id null where n8n finds it by its name.
    """

    canonical_id: str
    canonical_slug: str
    workflow_name: str
    change_type: WorkflowChangeType
    n8n_workflow_id: str | None = None
    file: str | None = None
    planned: Content | None = None
    planned_published: Content | None = None
    planned_first: Content | None = None
    bound: JsonObject = field(default_factory=dict)
    bound_published: JsonObject = field(default_factory=dict)
    before: Held | None = None
    publication: Publication = Publication.KEEP
    tags: tuple[str, ...] | None = None
    removal: OnDelete | None = None
    credentials_rewritten: int = 0
    outcome: Outcome = Outcome.NOT_TOUCHED
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """Somebody's approval. `proof` says how it is known: `environment` (GitHub's reviewers) or `comment`."""

    by: str
    at: str
    plan_digest: str | None
    comment: str | None = None
    proof: str = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierWords:
    """Who had approved a promotion's environment in a run before the run knew the promotion: a login for each word."""

    run_id: str
    approved_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResult:
    """What came of carrying it out (walkthrough 2, step 5g)."""

    workflows_promoted: int = 0
    workflows_failed: int = 0
    credentials_rewritten: int = 0
    rollback_performed: bool = False
    target_pre_snapshot_id: str | None = None
    target_post_snapshot_id: str | None = None
    target_pre_snapshot_commit: str | None = None  # a tag can be moved, so what is put back is taken from this alone
    target_post_snapshot_commit: str | None = None
    execution_time_ms: int = 0
    n8n_requests: int = 0
    not_as_before: tuple[str, ...] = ()  # names and ids of what a rollback could not put back, with the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """`promotions/<id>.json`. Times are ISO 8601 in UTC; every text is masked.

    `created_by` is the author of the pull request, `head_sha` its last commit, whose checks count; `git_commit_sha` is
    the merged commit whose files are written. Of what came with the same push there is `also_wrote` (who had a hand in
    it), `other_heads` (whose checks count as well), `other_pull_requests` and `unreviewed` (commits without a pull
    request). `rolls_back` names the promotion that a rollback undoes. `problem` says why it did not go on, as long as
    it may be tried again.
    """

    schema: int = SCHEMA
    promotion_id: str
    kind: PromotionKind = PromotionKind.PROMOTION
    pipeline_id: str | None
    source_stage: str | None
    target_stage: str
    status: PromotionStatus
    workflow_selection: tuple[str, ...]  # canonical ids
    options: Options = field(default_factory=Options)
    plan_digest: str
    git_commit_sha: str | None
    head_sha: str | None = None
    pull_request: int | None = None
    pull_request_url: str | None = None
    created_by: str
    merged_by: str | None = None
    also_wrote: tuple[str, ...] = ()
    other_heads: tuple[str, ...] = ()
    other_pull_requests: tuple[int, ...] = ()
    unreviewed: tuple[str, ...] = ()
    created_at: str
    approvals: tuple[ApprovalGiven, ...] = ()
    earlier_words: tuple[EarlierWords, ...] = ()  # by run, one each; no approval of this promotion
    approved_by: str | None = None
    approved_at: str | None = None
    approval_comment: str | None = None
    rejected_by: str | None = None
    rejected_at: str | None = None
    rejection_reason: str | None = None
    superseded_by: str | None = None
    rolls_back: str | None = None
    rolled_back_by: str | None = None  # the promotion that undid this one later
    incident: int | None = None
    execution_started_at: str | None = None
    execution_completed_at: str | None = None
    executed_by: str | None = None
    run_url: str | None = None
    workflows: tuple[PromotedWorkflow, ...] = ()
    execution_result: ExecutionResult | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionsIndex:
    """`promotions/index.json`: the last number given out, and what has not ended, by target stage."""

    schema: int = SCHEMA
    last: int = 0
    open: dict[str, tuple[str, ...]] = field(default_factory=dict)
    latest_completed: dict[str, str] = field(default_factory=dict)  # target stage -> promotion id


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """`environments/<env>/lock.json`: somebody closed an environment for promotions until it is unlocked."""

    schema: int = SCHEMA
    locked_by: str
    locked_at: str
    reason: str


def promotion_path(promotion_id: str) -> str:
    """Answer where a promotion lies."""
    return f"promotions/{promotion_id}.json"


def lock_path(environment: str) -> str:
    """Answer where the lock of an environment lies."""
    return f"environments/{environment}/lock.json"
