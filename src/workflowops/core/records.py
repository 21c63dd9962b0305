"""The shape of every file on the state branch, and how it is read and written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

from workflowops.core.json import Json, JsonObject, printable
from workflowops.errors import StateError

SCHEMA = 1
"""Stands in every file. A newer one is refused; an older one would be migrated where it is read."""

CANONICAL_PATH = "canonical.json"


class MappingStatus(StrEnum):
    """Whether a workflow of an instance is tied to a file in Git (walkthrough 1, `workflow_env_map.status`)."""

    LINKED = "linked"
    UNMAPPED = "unmapped"
    MISSING = "missing"


class DriftStatus(StrEnum):
    """Where an environment stands. `UNKNOWN` means it could not be checked, and is never taken for in sync."""

    NEW = "new"
    IN_SYNC = "in_sync"
    DRIFT_DETECTED = "drift_detected"
    UNKNOWN = "unknown"


class JobStatus(StrEnum):
    """Where a background job stands (walkthrough 1, `background_jobs.status`)."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many workflows of an environment are of each kind."""

    in_sync: int = 0
    modified: int = 0
    pending: int = 0
    conflict: int = 0
    missing: int = 0
    unmapped: int = 0
    activation_changed: int = 0
    tags_changed: int = 0
    draft_ahead: int = 0
    unknown: int = 0

    @property
    def drifted(self) -> int:
        """Count what n8n runs and Git does not say."""
        return self.modified + self.conflict + self.missing + self.activation_changed + self.tags_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentRecord:
    """`environments/<env>/environment.json`. Times are ISO 8601 in UTC."""

    schema: int = SCHEMA
    environment: str
    title: str
    drift_status: DriftStatus = DriftStatus.NEW
    drift_summary: Counts | None = None
    git_commit_sha: str | None = None
    last_drift_checked_at: str | None = None
    last_drift_detected_at: str | None = None
    last_sync_attempted_at: str | None = None
    last_sync_completed_at: str | None = None
    last_sync_succeeded: bool | None = None
    onboarded_at: str | None = None
    problem: str | None = None
    workflow_count: int | None = None
    abilities: JsonObject | None = None
    audit_head: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedWorkflow:
    """One workflow of one instance, as it was last seen (walkthrough 1, `workflow_env_map`).

    `raw_hash` is the digest of the compared fields as n8n sent them: while it stands, the other digests stand too.
    The `env_*` digests are of what n8n runs; `draft_content_hash` is there only when its editor shows something else.
    The `git_*` fields are of the file beside it; `git_references` is there only when they are not those of n8n.
    """

    n8n_workflow_id: str
    workflow_name: str
    status: MappingStatus
    canonical_id: str | None
    active: bool
    tags: tuple[str, ...]
    node_count: int
    raw_hash: str
    env_content_hash: str
    env_layout_hash: str
    env_bindings_hash: str
    env_references: JsonObject = field(default_factory=dict)
    draft_content_hash: str | None = None
    git_content_hash: str | None = None
    git_references: JsonObject | None = None
    git_blob: str | None = None
    drift_status: str | None = None
    n8n_updated_at: str | None = None
    detected_at: str = ""
    is_archived: bool = False
    ignored: dict[str, int] = field(default_factory=dict)
    problem: str | None = None
    suggestion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """`environments/<env>/mapping.json`, keyed by n8n's workflow id."""

    schema: int = SCHEMA
    canonical_form: int
    workflows: dict[str, MappedWorkflow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCopy:
    """A workflow file of one environment at the declared commit; `active` and `tags` are None when it is silent."""

    git_file_path: str
    git_blob: str
    sidecar_blob: str | None
    name: str
    content_hash: str
    layout_hash: str
    bindings_hash: str
    references: JsonObject = field(default_factory=dict)
    active: bool | None = None
    tags: tuple[str, ...] | None = None
    n8n_workflow_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalWorkflow:
    """A source-managed workflow and its copies by environment (walkthrough 1, `canonical_workflows`)."""

    canonical_id: str
    canonical_slug: str
    description: str = ""
    tags: tuple[str, ...] = ()
    created_by: str | None = None
    created_at: str | None = None
    copies: dict[str, DeclaredCopy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalFile:
    """`canonical.json`, keyed by canonical id: what Git declares at `git_commit_sha`.

    `unreadable_paths` is path -> canonical id of the files whose sidecar cannot be read, as it was before.
    """

    schema: int = SCHEMA
    canonical_form: int
    git_commit_sha: str
    workflows: dict[str, CanonicalWorkflow] = field(default_factory=dict)
    unreadable_paths: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedWorkflow:
    """What was last known good: the copy that tells who moved when Git and n8n differ.

    `content_hash` and `references` are what n8n ran; `git_content_hash` and `git_references` what the file said at the
    time, where that was not the same: its ids may be another instance's, and the configuration may ignore a difference.
    `accepted_over` is the digest of the file that n8n's version was preferred to: while it stands, Git has to follow.
    """

    n8n_workflow_id: str | None
    content_hash: str
    references: JsonObject = field(default_factory=dict)
    git_content_hash: str | None = None
    git_references: JsonObject | None = None
    accepted_over: str | None = None
    active: bool | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentFile:
    """`environments/<env>/current.json`, keyed by canonical id. Where it is absent the environment is `new`."""

    schema: int = SCHEMA
    canonical_form: int
    onboarded_at: str
    git_commit_sha: str
    workflows: dict[str, AppliedWorkflow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """How far a sync came (walkthrough 1, step 5c)."""

    last_processed_index: int
    workflows_synced: int
    workflows_skipped: int
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """One run of a job (walkthrough 1, `background_jobs`)."""

    id: str
    environment: str
    status: JobStatus
    created_at: str
    job_type: str = "canonical_env_sync"
    created_by: str | None = None
    run_url: str | None = None
    completed_at: str | None = None
    progress_percent: int = 0
    checkpoint: Checkpoint | None = None
    result: JsonObject | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsFile:
    """`environments/<env>/jobs.json`: the latest jobs, newest first."""

    schema: int = SCHEMA
    jobs: tuple[JobRecord, ...] = ()


class Stored(Protocol):
    """A record of the state branch: whatever else it holds, it says which schema it has."""

    @property
    def schema(self) -> int:
        """The version of its shape."""


Record = TypeVar("Record", bound=Stored)


@dataclass(frozen=True, slots=True)
class _Header:
    schema: int


def environment_path(environment: str) -> str:
    """Answer where the record of an environment lies."""
    return f"environments/{environment}/environment.json"


def mapping_path(environment: str) -> str:
    """Answer where the mapping of an environment lies."""
    return f"environments/{environment}/mapping.json"


def current_path(environment: str) -> str:
    """Answer where the baseline of an environment lies."""
    return f"environments/{environment}/current.json"


def jobs_path(environment: str) -> str:
    """Answer where the jobs of an environment lie."""
    return f"environments/{environment}/jobs.json"


def encode(record: Record) -> bytes:
    """Write a record: keys sorted, one field a line, so that the branch's history reads like a log.

    Half characters, which no UTF-8 can hold, are replaced: one odd name must not stop a whole environment.
    """
    try:
        text = msgspec.json.encode(record, order="sorted")
    except UnicodeEncodeError:
        text = msgspec.json.encode(_printable(msgspec.to_builtins(record)), order="sorted")
    return msgspec.json.format(text, indent=1) + b"\n"


def _printable(value: Json) -> Json:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {printable(key): _printable(item) for key, item in value.items()}
    return value


def decode(content: bytes | None, kind: type[Record], *, path: str) -> Record | None:
    """Read a record; None stays None. Raises StateError when it is newer than this program, cut short or not ours."""
    if content is None:
        return None
    try:
        schema = msgspec.json.decode(content, type=_Header).schema
        if schema > SCHEMA:
            raise StateError(
                f"{path} on the state branch has schema {schema}; this program reads up to {SCHEMA}.",
                fix="Use the WorkflowOps version that wrote it, or a newer one. Nothing was changed.",
            )
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateError(
            f"{path} on the state branch cannot be read: {error}.",
            fix="Restore it from the branch's history (`git log` on the state branch), or delete the file "
            "to have the next sync write it anew. Nothing was changed.",
        ) from error


def tallied(kinds: Mapping[str, int]) -> Counts:
    """Make counts of a tally by kind."""
    return msgspec.convert(dict(kinds), type=Counts)
