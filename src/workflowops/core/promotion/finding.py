"""What a plan has to say before it is carried out: findings, conflicts and the answers of the gates."""

from dataclasses import dataclass
from enum import StrEnum


class FindingCode(StrEnum):
    """Why a plan is blocked, or what its reader should know; a closed list."""

    CREDENTIAL_MISSING = "credential_missing"
    CREDENTIAL_AMBIGUOUS = "credential_ambiguous"
    CREDENTIAL_NOT_MAPPED = "credential_not_mapped"  # the file says another name than the one that would be written
    CREDENTIAL_UNPROVEN = "credential_unproven"  # the server lists no credentials, so n8n has to find it by name
    WORKFLOW_MISSING = "workflow_missing"
    WORKFLOW_AMBIGUOUS = "workflow_ambiguous"  # an id means one workflow in the source and another in the target
    WORKFLOW_BY_EXPRESSION = "workflow_by_expression"
    DATA_TABLE_UNPROVEN = "data_table_unproven"
    DEPENDENCY_NOT_PUBLISHED = "dependency_not_published"
    CYCLE = "cycle"
    WEBHOOK_COLLISION = "webhook_collision"
    NODE_TYPE_DENIED = "node_type_denied"
    SECRET_IN_FILE = "secret_in_file"  # noqa: S105 - the name of a finding
    FILE_UNREADABLE = "file_unreadable"
    IDENTITY_CHANGED = "identity_changed"  # what is removed would be created again as another workflow
    STILL_CALLED = "still_called"  # a workflow that would be removed is called by one that stays
    REMOVAL_BLOCKED = "removal_blocked"
    NOT_SUPPORTED = "not_supported"  # the server cannot do what the policy asks for
    DROPPED_FIELD = "dropped_field"  # a field of the file that the server does not take
    SETTING_STAYS = "setting_stays"  # a setting that only n8n's editor can take back
    TARGET_ARCHIVED = "target_archived"
    TARGET_MISSING = "target_missing"
    TARGET_UNKNOWN = "target_unknown"
    CREATED_SWITCHED_OFF = "created_switched_off"
    LEFT_UNPUBLISHED = "left_unpublished"
    MOVED_SINCE = "moved_since"  # a rollback would undo what somebody did afterwards


class Gravity(StrEnum):
    """What a finding means for the plan."""

    BLOCKING = "blocking"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to know. `message` names what it is about and is masked; `fix` says what to do, empty for a note."""

    code: FindingCode
    gravity: Gravity
    message: str
    fix: str = ""
    canonical_id: str | None = None
    node_name: str | None = None
    file: str | None = None


class ConflictType(StrEnum):
    """How the two instances and Git disagree beside the change itself (walkthrough 2, step 2d)."""

    HOTFIX_IN_TARGET = "hotfix_in_target"  # n8n's version is not the one that was last applied
    SOURCE_AHEAD = "source_ahead"  # the source instance runs something that its file does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A disagreement about one workflow. It blocks unless the options say otherwise.

    `allowed_by` names the option that lets the promotion go on over it.
    """

    type: ConflictType
    canonical_id: str
    workflow_id: str | None
    message: str
    fix: str
    allowed_by: str
    is_allowed: bool = False


class GateType(StrEnum):
    """The gates; the first two names are the walkthrough's."""

    REQUIRE_APPROVAL = "require_approval"
    REQUIRE_ALL_TESTS_PASSED = "require_all_tests_passed"
    MIN_APPROVALS = "min_approvals"
    FOUR_EYES = "four_eyes"
    VERIFIED_IN_PREVIOUS = "verified_in_previous"
    FREEZE = "freeze"
    SOAK = "soak"
    REVIEWED = "reviewed"  # a merged pull request stands behind the commit
    LOCK = "lock"  # somebody closed the environment for promotions
    ENTITLEMENT = "entitlement"  # promotions are switched on for the pipeline and the stage


class GateStatus(StrEnum):
    """What a gate says: it is passed, waits for somebody or something, or failed."""

    PASSED = "passed"
    PENDING = "pending"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """What one gate says, and why (walkthrough 2, `gate_results`). `required` is False where nothing asks for it."""

    gate_type: GateType
    status: GateStatus
    required: bool
    message: str
    fix: str = ""
