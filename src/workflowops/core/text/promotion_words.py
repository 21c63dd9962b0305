"""What all texts about promotions share: plain words for their values, and data made safe within a given length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workflowops.core.changes import WorkflowDiff
from workflowops.core.configuration import OnDelete
from workflowops.core.masking import Redaction, masked_with_redaction
from workflowops.core.promotion.finding import Conflict, Finding, GateResult, GateStatus, GateType, Gravity
from workflowops.core.promotion.plan import (
    Impact,
    PlannedWorkflow,
    PromotionKind,
    PromotionPlan,
    Publication,
    WorkflowChangeType,
)
from workflowops.core.promotion.record import Outcome, Promotion, PromotionStatus
from workflowops.core.secrets import mask_text
from workflowops.core.text.incident_sections import units
from workflowops.core.text.incident_words import name
from workflowops.core.text.markdown import with_commands
from workflowops.core.text.plain import count, cut, visible
from workflowops.core.text.words import place

LONGEST_NAME = 150
LONGEST_MESSAGE = 1_000

CHANGE_TYPES = {
    WorkflowChangeType.CREATED: "created",
    WorkflowChangeType.UPDATED: "updated",
    WorkflowChangeType.UNCHANGED: "unchanged",
    WorkflowChangeType.REMOVED: "removed",
}

IMPACTS = {Impact.LOW: "low", Impact.MEDIUM: "medium", Impact.HIGH: "high"}

GATES = {
    GateType.REQUIRE_APPROVAL: "approval",
    GateType.REQUIRE_ALL_TESTS_PASSED: "checks of the commit",
    GateType.MIN_APPROVALS: "number of approvals",
    GateType.FOUR_EYES: "four eyes",
    GateType.VERIFIED_IN_PREVIOUS: "proven in the stage before",
    GateType.FREEZE: "freeze",
    GateType.SOAK: "time in the stage before",
    GateType.REVIEWED: "merged pull request",
    GateType.LOCK: "lock",
    GateType.ENTITLEMENT: "promotions switched on",
}

STATUSES = {
    PromotionStatus.PENDING_APPROVAL: "waits for approval",
    PromotionStatus.APPROVED: "approved",
    PromotionStatus.RUNNING: "running",
    PromotionStatus.COMPLETED: "completed",
    PromotionStatus.ROLLED_BACK: "failed and rolled back",
    PromotionStatus.ROLLBACK_INCOMPLETE: "FAILED, ROLLBACK INCOMPLETE",
    PromotionStatus.PLAN_CHANGED: "not carried out, the plan changed",
    PromotionStatus.REJECTED: "rejected",
    PromotionStatus.SUPERSEDED: "superseded",
}

OUTCOMES = {
    Outcome.NOT_TOUCHED: "not touched",
    Outcome.AS_PLANNED: "as planned",
    Outcome.AS_BEFORE: "as before",
    Outcome.OTHERWISE: "NEITHER AS PLANNED NOR AS BEFORE",
}

_REMOVALS = {
    OnDelete.ARCHIVE: "is archived",
    OnDelete.UNPUBLISH: "stays in n8n, switched off",
    OnDelete.DELETE: "is deleted for good",
    OnDelete.BLOCK: "stays: its removal is blocked",
}


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A planned workflow as it may be shown: what it is called and its difference, both masked."""

    workflow: PlannedWorkflow
    redaction: Redaction
    diff: WorkflowDiff | None

    @property
    def plain_name(self) -> str:
        """Answer the name on one line, as data."""
        return cut(visible(self.redaction.text(self.workflow.workflow_name)).strip() or "(no name)", LONGEST_NAME)

    @property
    def name(self) -> str:
        """Answer the name as Markdown."""
        return name(self.plain_name, 4 * LONGEST_NAME)


def shown_change(workflow: PlannedWorkflow) -> ShownChange:
    """Mask a planned workflow, so that it can be shown."""
    diff, redaction = (None, Redaction()) if workflow.diff is None else masked_with_redaction(workflow.diff)
    return ShownChange(workflow, redaction, diff)


def title_of(plan: PromotionPlan) -> str:
    """Say in a few words what is planned, as data: `Promotion from dev to Staging (staging)`."""
    where = cut(place(mask_text(plan.target_title or plan.target_stage), mask_text(plan.target_stage)), LONGEST_NAME)
    match plan.kind:
        case PromotionKind.PROMOTION if plan.source_stage:
            return f"Promotion from {cut(visible(mask_text(plan.source_stage)), LONGEST_NAME)} to {where}"
        case PromotionKind.PROMOTION:
            return f"Promotion to {where}"
        case PromotionKind.ROLLBACK:
            return f"Rollback of {where}"
        case PromotionKind.REVERSAL:
            return f"What Git says, back into {where}"


def counted(workflows: Iterable[WorkflowChangeType]) -> str:
    """Count workflows by what happens to them: `1 created, 2 updated, 40 unchanged`."""
    types = [*workflows]
    order = sorted(WorkflowChangeType, key=lambda kind: kind is WorkflowChangeType.UNCHANGED)
    numbers = [(types.count(kind), CHANGE_TYPES[kind]) for kind in order]
    return ", ".join(f"{number:,} {word}" for number, word in numbers if number) or "no workflow"


def counted_of(promotion: Promotion) -> str:
    """Count the workflows of a record; before it begins only those are known that were chosen."""
    if promotion.workflows:
        return counted(each.change_type for each in promotion.workflows)
    return count(len(promotion.workflow_selection), "workflow")


def again_of(promotion: Promotion) -> str:
    """Say how what a rollback took back is promoted once more; empty for any other record."""
    if promotion.kind is not PromotionKind.ROLLBACK or promotion.status is not PromotionStatus.COMPLETED:
        return ""
    return (
        "Git still declares what was taken back, and no merge so far promotes it again. To promote it once more, merge "
        "a commit that changes its files, for example a revert of the revert; or plan from an older commit: "
        "`workflowops promote plan --base <older>`."
    )


def afterwards(workflow: PlannedWorkflow) -> str:
    """Say what n8n runs of a workflow once the plan is carried out."""
    runs = workflow.before is not None and (workflow.before.is_active or workflow.before.published is not None)
    match workflow.change_type, workflow.publication:
        case WorkflowChangeType.UNCHANGED, _:
            return ""
        case WorkflowChangeType.REMOVED, _:
            return "is removed" if workflow.removal is None else _REMOVALS[workflow.removal]
        case _, Publication.PUBLISH:
            return "runs this version" if runs else "is switched on"
        case _, Publication.UNPUBLISH:
            return "is switched off" if runs else "stays switched off"
        case _ if workflow.document is None and workflow.diff is None and runs:
            return "runs on as before"
        case _:
            return "runs on as before; this version is a draft" if runs else "stays switched off"


def difference_in_short(diff: WorkflowDiff | None) -> str:
    """Count what differs: `1 node added, 2 modified, connections, settings`."""
    if diff is None:
        return ""
    numbers = [(diff.nodes_added, "added"), (diff.nodes_removed, "removed"), (diff.nodes_modified, "modified")]
    parts = [f"{count(number, 'node')} {word}" for number, word in numbers if number]
    parts += ["connections"] if diff.connections_changed else []
    parts += ["settings"] if diff.settings_changed else []
    parts += ["references"] if diff.reference_changes else []
    parts += ["its name"] if diff.name is not None else []
    parts += ["other fields"] if diff.other_changes else []
    return ", ".join(parts)


def code_told(code: str) -> str:
    """Write the code of a finding or a conflict as words: `Credential missing`."""
    return cut(visible(code), 60).replace("_", " ").capitalize()


Thing = Conflict | Finding


def is_blocking(each: Thing) -> bool:
    """Say whether a finding or a conflict keeps the plan from being carried out."""
    return each.gravity is Gravity.BLOCKING if isinstance(each, Finding) else not each.is_allowed


def blocking(plan: PromotionPlan) -> tuple[Thing, ...]:
    """Answer what stands against a plan, conflicts first."""
    things: tuple[Thing, ...] = (*plan.conflicts, *plan.findings)
    return tuple(each for each in things if is_blocking(each))


def to_know(plan: PromotionPlan) -> tuple[Thing, ...]:
    """Answer what does not stand against a plan: conflicts that are allowed, warnings, then notes."""
    findings = [each for each in plan.findings if not is_blocking(each)]
    warnings = [each for each in findings if each.gravity is Gravity.WARNING]
    notes = [each for each in findings if each.gravity is not Gravity.WARNING]
    return (*(each for each in plan.conflicts if not is_blocking(each)), *warnings, *notes)


def verdict(plan: PromotionPlan) -> tuple[str, str]:
    """Answer how a plan stands in a few words of our own, and the sentence that says why."""
    against = len(blocking(plan))
    if against:
        told = f"{count(against, 'thing')} {'stands' if against == 1 else 'stand'} against it, told below."
        return "Blocked.", told
    if not plan.changes:
        return "Nothing to do.", "n8n is already as it would be afterwards."
    failed = _names(plan.gate_results, GateStatus.FAILED)
    pending = _names(plan.gate_results, GateStatus.PENDING)
    if failed:
        return "Not now.", f"{count(len(failed), 'gate')} {'says' if len(failed) == 1 else 'say'} no: {_list(failed)}."
    if pending:
        return "Waiting.", f"Nothing stands against it; it waits for: {_list(pending)}."
    return "Ready.", "Nothing stands against it, and every gate is passed."


def plain(text: str | None, limit: int = LONGEST_MESSAGE) -> str:
    """Answer a text on one line, masked and cut, as data."""
    return cut(visible(mask_text(text or "")), limit)


def sentence(message: str, fix: str = "") -> str:
    """Answer message and fix as Markdown; only what stands between our backticks is code."""
    parts = [with_commands(plain(part)) for part in (message, fix) if part]
    return " ".join(parts)


def fitting(lines: Iterable[str], *, room: int) -> tuple[list[str], int]:
    """Answer the lines that fit into a number of units, and how many are left over."""
    kept: list[str] = []
    left = room
    over = 0
    for line in lines:
        left -= units(line) + 1
        if left < 0 or over:
            over += 1
        else:
            kept.append(line)
    return kept, over


def _names(gates: Sequence[GateResult], status: GateStatus) -> list[str]:
    return [GATES[each.gate_type] for each in gates if each.status is status]


def _list(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def duration(milliseconds: int) -> str:
    """Write how long something took: `0.4 s`, `5.4 s`, `2m 5s`."""
    seconds = max(milliseconds, 0) / 1_000
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds) // 60:,}m {int(seconds) % 60}s"


def asked_gates(plan: PromotionPlan) -> tuple[GateResult, ...]:
    """Answer the gates that something asks for, or that are not passed."""
    return tuple(each for each in plan.gate_results if each.required or each.status is not GateStatus.PASSED)


def unasked_gates(plan: PromotionPlan) -> tuple[str, ...]:
    """Name the gates that nothing asks for here."""
    asked = asked_gates(plan)
    return tuple(GATES[each.gate_type] for each in plan.gate_results if each not in asked)
