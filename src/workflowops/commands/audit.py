"""`audit verify`: whether the audit log is what was written."""

from dataclasses import dataclass

from workflowops.commands.ports import StateStore
from workflowops.core.audit import AuditFault, AuditProblem, verify
from workflowops.core.records import EnvironmentRecord, decode


@dataclass(frozen=True, slots=True)
class AuditOutcome:
    """How much was read, and what is wrong with it."""

    files: int
    entries: int
    problems: tuple[AuditProblem, ...]


def verify_audit(state: StateStore) -> AuditOutcome:
    """Check every line of every environment's log, and that each log ends where the environment's record says."""
    view = state.view()
    logs: dict[str, bytes] = {}
    heads: dict[str, str] = {}
    for path in view.list("environments/"):
        content = view.read(path) if path.endswith((".jsonl", "/environment.json")) else None
        if content is None:
            continue
        if path.endswith(".jsonl"):
            logs[path] = content
            continue
        record = decode(content, EnvironmentRecord, path=path)
        if record is not None and record.audit_head is not None:
            heads[f"{path.rpartition('/')[0]}/audit"] = record.audit_head
    lines = sum(content.count(b"\n") for content in logs.values())
    problems = verify(logs, heads=heads)
    lost = [folder for folder in heads if not any(path.startswith(f"{folder}/") for path in logs)]
    return AuditOutcome(len(logs), lines, (*problems, *(_lost(folder) for folder in lost)))


def _lost(folder: str) -> AuditProblem:
    return AuditProblem(
        path=folder,
        line=1,
        fault=AuditFault.CUT_SHORT,
        message="the whole log is gone; the record says that there was one",
    )
