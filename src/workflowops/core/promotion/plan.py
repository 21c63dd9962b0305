"""A promotion as a value: what is written where, in which order, and what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from workflowops.core.changes import WorkflowDiff
from workflowops.core.configuration import OnDelete
from workflowops.core.drawing import Drawing
from workflowops.core.json import Json, JsonObject
from workflowops.core.promotion.finding import Conflict, Finding, GateResult, GateStatus, Gravity
from workflowops.core.risk import Risk

PLAN_FORM = 1
"""Stands in what is digested: a plan of another form is another plan."""

CREATED_PREFIX = "workflowops-created:"
"""Before a canonical id, in place of the n8n id of a workflow that this plan creates."""


class PromotionKind(StrEnum):
    """Where the wanted versions come from: files of a stage, a snapshot, or Git against an edit in n8n."""

    PROMOTION = "promotion"
    ROLLBACK = "rollback"
    REVERSAL = "reversal"


class WorkflowChangeType(StrEnum):
    """What happens to one workflow (walkthrough 2, `change_type`)."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REMOVED = "removed"


class Publication(StrEnum):
    """What becomes of the published version."""

    KEEP = "keep"  # unpublished stays unpublished; where a draft cannot be saved apart, what runs goes on running
    PUBLISH = "publish"  # what is written runs afterwards
    UNPUBLISH = "unpublish"  # nothing of it runs afterwards


class Impact(StrEnum):
    """How much a promotion can hurt (walkthrough 2, `estimated_impact`)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What its author allows a promotion to do (walkthrough 2, step 3)."""

    allow_overwriting_hotfixes: bool = False
    allow_force_promotion_on_conflicts: bool = False
    with_dependencies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a version of a workflow says, to be compared with what is read back.

    `logic` and `layout` are digests of the canonical form; `references` holds ids of the target, or CREATED_PREFIX with
    a canonical id. `graph` is the digest of what a published version of n8n holds: nodes and connections, no name and
    no settings but those that decide how the graph is read.
    """

    logic: str
    layout: str
    graph: str
    references: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the target holds of a workflow: its draft, what is published of it, and what stands beside the two.

    `published` is the content of the published graph under the workflow's own name and settings; None where nothing is
    published. On servers that keep no versions it equals `draft` while the workflow is active.
    """

    workflow_id: str
    draft: Content
    published: Content | None
    is_active: bool
    is_archived: bool
    tags: tuple[str, ...]
    version_id: str | None = None
    published_version_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialBinding:
    """A credential of one node as it will be written: `name` and `id` in the target.

    `old_name` is that of the stage before, or of the file where the stage before has no such node. `id` is None where
    n8n has to find it by its name. `is_rewritten` says that id or name are not those of before (walkthrough 2, 5c).
    """

    node_name: str
    credential_type: str
    old_name: str
    name: str
    id: str | None
    is_rewritten: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWorkflow:
    """What is to be done with one workflow of the target.

    `workflow_id` is its id in the source, `target_workflow_id` in the target; None where it has none yet. `document` is
    what is written as the draft, in n8n's own form and with the target's ids; `published_document` is what is to run,
    where that is another version (only a rollback needs it). A document may name a workflow that the plan creates by
    CREATED_PREFIX and its canonical id. `planned` and `planned_published` are what must be read back; `before` is what
    the target held. `tags` are set unless None. `removal` says how a REMOVED workflow goes. `depends_on` are canonical
    ids of workflows in the plan that are written and published first. `dropped` are fields that the server refuses.
    `diff` and `drawing` show what runs before and after.
    """

    canonical_id: str
    canonical_slug: str
    workflow_name: str
    change_type: WorkflowChangeType
    workflow_id: str | None = None
    target_workflow_id: str | None = None
    file: str | None = None
    document: Mapping[str, Json] | None = None
    published_document: Mapping[str, Json] | None = None
    planned: Content | None = None
    planned_published: Content | None = None
    before: Held | None = None
    publication: Publication = Publication.KEEP
    tags: tuple[str, ...] | None = None
    removal: OnDelete | None = None
    depends_on: tuple[str, ...] = ()
    diff: WorkflowDiff | None = None
    drawing: Drawing | None = None
    risk: Risk | None = None
    credentials: tuple[CredentialBinding, ...] = ()
    dropped: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Say whether anything is to be done."""
        return self.change_type is not WorkflowChangeType.UNCHANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class PromotionPlan:
    """A whole plan. `workflows` stand in the order in which they are written and published: dependencies first.

    `digest` is SHA-256 over everything that decides what is written (see `digest_of`); the commit, the gates and the
    wording are not in it. `pipeline_id` is None for a rollback or a reversal of an environment outside of pipelines.
    """

    kind: PromotionKind
    pipeline_id: str | None
    source_stage: str | None
    target_stage: str
    target_title: str
    git_commit_sha: str | None
    workflows: tuple[PlannedWorkflow, ...]
    options: Options
    digest: str
    estimated_impact: Impact = Impact.LOW
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()
    gate_results: tuple[GateResult, ...] = ()

    @property
    def changes(self) -> tuple[PlannedWorkflow, ...]:
        """Answer what is not left as it is."""
        return tuple(each for each in self.workflows if each.is_change)

    @property
    def is_blocked(self) -> bool:
        """Say whether the plan itself must not be carried out, whoever approves it."""
        return any(not each.is_allowed for each in self.conflicts) or any(
            each.gravity is Gravity.BLOCKING for each in self.findings
        )

    @property
    def can_proceed(self) -> bool:
        """Say whether it could be carried out now: nothing blocks it and every gate is passed."""
        return not self.is_blocked and all(each.status is GateStatus.PASSED for each in self.gate_results)
