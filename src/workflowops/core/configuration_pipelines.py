"""The `pipelines` of workflowops.yml: the stages that workflows pass, and what each of them asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Approval(StrEnum):
    """Who approves a promotion: reviewers of the GitHub environment, comments on the pull request, or nobody."""

    ENVIRONMENT = "environment"
    COMMENTS = "comments"
    NONE = "none"


class Publish(StrEnum):
    """What becomes of the published state of a promoted workflow."""

    KEEP = "keep"
    MATCH_SOURCE = "match_source"
    NEVER = "never"


class CredentialsMissing(StrEnum):
    """What becomes of a promotion that names a credential which the target does not have."""

    BLOCK = "block"
    KEEP_NAME = "keep_name"  # the name is kept, without an id, and the promotion warns (walkthrough 2, step 5c)


class SecretsPolicy(StrEnum):
    """What becomes of a promotion whose files hold what looks like a secret."""

    BLOCK = "block"
    WARN = "warn"
    ALLOW = "allow"


class OnDelete(StrEnum):
    """What happens in n8n to a workflow whose file was deleted."""

    ARCHIVE = "archive"
    UNPUBLISH = "unpublish"
    DELETE = "delete"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What must be true before anything is written to a stage. `freeze` is text; `core.schedule` reads it.

    `four_eyes`: the approval of nobody who wrote or merged the change counts. `soak_hours`: the same content has run in
    the stage before for so long since its promotion there was completed.
    """

    approval: Approval = Approval.NONE
    min_approvals: int = 1
    four_eyes: bool = False
    require_all_tests_passed: bool = False
    verified_in_previous: bool = False
    soak_hours: float | None = None
    freeze: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentPolicy:
    """What files of a stage must not hold. In `deny_node_types` a final `*` stands for any ending."""

    deny_node_types: tuple[str, ...] = ()
    secrets: SecretsPolicy = SecretsPolicy.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of a pipeline. `credentials` maps names in the stage before to names here.

    `enabled` switches promotions to it on or off.
    """

    environment: str
    enabled: bool = True
    gates: Gates = field(default_factory=Gates)
    policies: ContentPolicy = field(default_factory=ContentPolicy)
    credentials_missing: CredentialsMissing = CredentialsMissing.BLOCK
    publish: Publish = Publish.KEEP
    on_delete: OnDelete = OnDelete.ARCHIVE
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A way that workflows are promoted, from the first stage to the last.

    With `allow_unreviewed` a push to the default branch counts without a merged pull request behind it.
    """

    name: str
    stages: tuple[Stage, ...]
    enabled: bool = True
    allow_unreviewed: bool = False


def pipeline(name: str, raw: Mapping[str, Any]) -> Pipeline:
    """Read a pipeline, which has the shape of the schema. What is left out has its default."""
    return Pipeline(
        name=name,
        stages=tuple(_stage(stage) for stage in raw["stages"]),
        enabled=raw.get("enabled", True),
        allow_unreviewed=raw.get("allow_unreviewed", False),
    )


def _stage(raw: Mapping[str, Any]) -> Stage:
    return Stage(
        environment=raw["environment"],
        enabled=raw.get("enabled", True),
        gates=_gates(raw.get("gates", {})),
        policies=_content_policy(raw.get("policies", {})),
        credentials_missing=CredentialsMissing(raw.get("credentials_missing", CredentialsMissing.BLOCK)),
        publish=Publish(raw.get("publish", Publish.KEEP)),
        on_delete=OnDelete(raw.get("on_delete", OnDelete.ARCHIVE)),
        credentials=dict(raw.get("credentials", {})),
    )


def _gates(raw: Mapping[str, Any]) -> Gates:
    soak_hours = raw.get("soak_hours")
    return Gates(
        approval=Approval(raw.get("approval", Approval.NONE)),
        min_approvals=int(raw.get("min_approvals", 1)),
        four_eyes=raw.get("four_eyes", False),
        require_all_tests_passed=raw.get("require_all_tests_passed", False),
        verified_in_previous=raw.get("verified_in_previous", False),
        soak_hours=None if soak_hours is None else float(soak_hours),
        freeze=tuple(raw.get("freeze", ())),
    )


def _content_policy(raw: Mapping[str, Any]) -> ContentPolicy:
    return ContentPolicy(
        deny_node_types=tuple(dict.fromkeys(raw.get("deny_node_types", ()))),
        secrets=SecretsPolicy(raw.get("secrets", SecretsPolicy.BLOCK)),
    )
