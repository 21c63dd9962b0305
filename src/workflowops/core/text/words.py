"""Plain words for what the data calls by short names."""

from workflowops.core.diff import ChangeType
from workflowops.core.drift import ValueChange, WorkflowDrift
from workflowops.core.records import DriftStatus
from workflowops.core.risk import Risk
from workflowops.core.secrets import mask_text
from workflowops.core.standing import DriftKind
from workflowops.core.text.plain import count, visible

KINDS = {
    DriftKind.IN_SYNC: "in sync",
    DriftKind.MODIFIED: "edited in n8n",
    DriftKind.PENDING: "newer in Git, not yet in n8n",
    DriftKind.CONFLICT: "changed in Git and, differently, in n8n",
    DriftKind.MISSING: "gone from n8n",
    DriftKind.UNMAPPED: "unmanaged workflow",
    DriftKind.ACTIVATION_CHANGED: "switched on or off in n8n",
    DriftKind.TAGS_CHANGED: "tags changed in n8n",
    DriftKind.UNKNOWN: "could not be compared",
}

STATUSES = {
    DriftStatus.NEW: "new, without a baseline",
    DriftStatus.IN_SYNC: "in sync",
    DriftStatus.DRIFT_DETECTED: "drift",
    DriftStatus.UNKNOWN: "NOT CHECKED",
}

RISKS = {
    Risk.LAYOUT: "layout only",
    Risk.NAME: "a name",
    Risk.ERROR_HANDLING: "error handling",
    Risk.SETTINGS: "settings",
    Risk.PARAMETER: "a parameter",
    Risk.SCHEDULE: "when it runs",
    Risk.STRUCTURE: "which nodes run",
    Risk.URL: "where data goes",
    Risk.REFERENCE: "what it calls",
    Risk.CREDENTIAL: "a credential",
    Risk.CODE: "code",
    Risk.TRIGGER: "how it is started",
}

CHANGES = {
    ChangeType.ADDED: "added",
    ChangeType.REMOVED: "removed",
    ChangeType.MODIFIED: "modified",
    ChangeType.RENAMED: "renamed",
    ChangeType.REORDERED: "reordered",
}

SIGNS = {
    ChangeType.ADDED: "+",
    ChangeType.REMOVED: "-",
    ChangeType.MODIFIED: "~",
    ChangeType.RENAMED: "~",
    ChangeType.REORDERED: "~",
}


def kind_of(workflow: WorkflowDrift) -> str:
    """Say what happened to a workflow, in a few words."""
    if workflow.kind is DriftKind.MISSING and workflow.is_archived:
        return "archived in n8n"
    if workflow.kind is DriftKind.PENDING and workflow.awaits_git:
        return "accepted as n8n runs it, so Git has to follow"
    if workflow.kind is DriftKind.PENDING and workflow.file is None:
        return "removed from Git, still in n8n"
    if workflow.kind is DriftKind.ACTIVATION_CHANGED and workflow.activation is not None:
        return f"switched {'on' if workflow.activation.new else 'off'} in n8n"
    return KINDS[workflow.kind]


def activation_told(change: ValueChange) -> str:
    """Say which of the two sides runs it."""
    return f"active: Git says {_switch(change.old)}, n8n has it {_switch(change.new)}"


def notes_of(workflow: WorkflowDrift) -> list[str]:
    """Say what else is known about a workflow, without any text from n8n."""
    notes = ["its editor holds a draft that is not published"] if workflow.draft_ahead else []
    return (
        [*notes, "ids that belong to the instance differ (credentials, webhooks)"]
        if workflow.bindings_changed
        else notes
    )


def _switch(value: object) -> str:
    return "on" if value else "off"


def tags_told(change: ValueChange) -> str:
    """Name the tags that only one side has."""
    old, new = _names(change.old), _names(change.new)
    gone = [visible(name) for name in old if name not in new]
    come = [visible(name) for name in new if name not in old]
    parts = [*(f"-{name}" for name in gone), *(f"+{name}" for name in come)]
    return f"tags: {', '.join(parts)}" if parts else "tags: in another order"


def _names(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def shown_name(name: str) -> str:
    """Write a workflow's name on one line, without what looks like a secret in it."""
    return visible(mask_text(name))


def short_type(node_type: str) -> str:
    """Leave out the package of a node type: `httpRequest`."""
    return visible(node_type.rpartition(".")[2] or "unknown type")


def place(title: str, name: str) -> str:
    """Name an environment: its title, and the name that commands take where it differs."""
    return visible(title) if title == name else f"{visible(title)} ({visible(name)})"


def ignored_told(ignored: dict[str, int]) -> list[str]:
    """List what was left out of a comparison, most frequent first."""
    ranked = sorted(ignored.items(), key=lambda each: (-each[1], each[0]))
    return [f"{visible(reason)}: {number:,}" for reason, number in ranked]


def managed(counts_total: int) -> str:
    """Count workflows that Git knows."""
    return count(counts_total, "source-managed workflow")
