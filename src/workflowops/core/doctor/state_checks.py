"""The checks of the state branch: readable, unlocked, unbroken, and not forgotten."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflowops.core.audit import AuditProblem
from workflowops.core.claims import Claim
from workflowops.core.configuration import Environment
from workflowops.core.doctor.check import Finding, broken, passed, skipped, unknown, warning
from workflowops.core.promotion.record import LockFile
from workflowops.core.records import DriftStatus, EnvironmentRecord
from workflowops.core.secrets import mask_text
from workflowops.core.text.plain import count
from workflowops.errors import WorkflowOpsError

OLDEST_SYNC = timedelta(hours=48)
"""After two days without a sync the schedule is probably not running."""

_NOT_READ = "The state branch could not be read."
_DAMAGED = "Its file on the state branch cannot be read."
_NO_STATE = "There is no state branch yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFacts:
    """The state branch as it was found. `tip` is None where it does not exist, `failure` says why it was not read.

    `unreadable` are sentences about single files. `claims` and `audit_problems` are None where they could not be read.
    """

    now: datetime
    tip: str | None = None
    failure: WorkflowOpsError | None = None
    files: int = 0
    unreadable: tuple[str, ...] = ()
    claims: tuple[Claim, ...] | None = None
    claims_failure: WorkflowOpsError | None = None
    audit_entries: int = 0
    audit_problems: tuple[AuditProblem, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFacts:
    """What the state branch holds of one environment; `is_read` is False where the branch could not be read.

    `damaged` names what cannot be read of it, "record" or "lock".
    """

    environment: Environment
    now: datetime
    is_read: bool = True
    damaged: frozenset[str] = frozenset()
    record: EnvironmentRecord | None = None
    lock: LockFile | None = None


StateCheck = Callable[[StateFacts], Finding]
EnvironmentCheck = Callable[[EnvironmentFacts], Finding]


def branch_is_readable(facts: StateFacts) -> Finding:
    """The state branch can be read."""
    if facts.failure is not None:
        return broken(str(facts.failure), fix=facts.failure.fix)
    if facts.tip is None:
        return warning(
            "There is none yet, so nothing was ever recorded.",
            fix="Run `workflowops sync`, which makes it; in Actions the job needs `contents: write`.",
        )
    return passed(f"At {facts.tip[:12]}.")


def files_are_whole(facts: StateFacts) -> Finding:
    """Every file of the state is whole and of a version that this program reads."""
    if (nothing := _why_nothing(facts)) is not None:
        return nothing
    if facts.unreadable:
        return broken(
            f"{count(len(facts.unreadable), 'file')} cannot be read.",
            fix="Restore them from the branch's history (`git log` on the state branch), or use the WorkflowOps "
            "version that wrote them.",
            details=facts.unreadable,
        )
    return passed(f"{count(facts.files, 'file')}.")


def claims_are_alive(facts: StateFacts) -> Finding:
    """No claim of a run that died is in the way."""
    if facts.claims is None:
        why = facts.claims_failure
        return unknown(
            "The claims could not be read." + (f" {why}" if why is not None else ""),
            fix="`git ls-remote` on the state's remote shows them under refs/workflowops/locks/.",
        )
    unreadable = [each for each in facts.claims if each.unreadable]
    if unreadable:
        return broken(
            f"{count(len(unreadable), 'claim')} cannot be read and will block for ever.",
            fix=f"When no run is going, remove it: `git push origin :refs/workflowops/locks/{unreadable[0].name}`.",
            details=[f"{each.name}: {each.reason}" for each in unreadable],
        )
    expired = [each for each in facts.claims if facts.now >= each.expires_at]
    if expired:
        return warning(
            f"{count(len(expired), 'claim')} of runs that ended without giving back what they held.",
            fix="The next run takes it over by itself. If that run is still going, it is cut off from git: look at it.",
            details=[_held(each, facts.now) for each in expired],
        )
    if facts.claims:
        return passed(f"Held by runs that go on: {'; '.join(_held(each, facts.now) for each in facts.claims)}.")
    return passed("None is held.")


def audit_is_unbroken(facts: StateFacts) -> Finding:
    """The audit log is what was written."""
    if (nothing := _why_nothing(facts)) is not None:
        return nothing
    if facts.audit_problems is None:
        return unknown("It could not be read.", fix="Run `workflowops audit verify`.")
    if facts.audit_problems:
        return broken(
            f"It has {count(len(facts.audit_problems), 'problem')}.",
            fix="Run `workflowops audit verify` for all of them, and look at the history of the state branch for who "
            "changed it.",
            details=[f"{each.path}, line {each.line}: {each.message}" for each in facts.audit_problems[:50]],
        )
    return passed(f"{count(facts.audit_entries, 'entry', 'entries')}.")


def environment_is_open(facts: EnvironmentFacts) -> Finding:
    """The environment is not locked for promotions."""
    if (nothing := _why_unread(facts, "lock")) is not None:
        return nothing
    if facts.lock is None:
        return passed("It is open.")
    return warning(
        f"{mask_text(facts.lock.locked_by)} locked it {_since(facts.lock.locked_at, facts.now)}: "
        f"{mask_text(facts.lock.reason)}",
        fix=f"When the reason is gone: `workflowops unlock --environment {facts.environment.name}`.",
    )


def sync_is_recent(facts: EnvironmentFacts) -> Finding:
    """The last sync is not old, and succeeded."""
    if (nothing := _why_unread(facts, "record")) is not None:
        return nothing
    name, record = facts.environment.name, facts.record
    again = f"Run `workflowops sync --environment {name}`, and look whether the schedule runs."
    if record is None or record.last_sync_completed_at is None:
        return warning("It was never synced.", fix=f"Run `workflowops sync --environment {name}`.")
    if record.last_sync_succeeded is False:
        why = f" {mask_text(record.problem)}" if record.problem else ""
        return warning(f"The last sync failed.{why}", fix=again)
    age = _age(record.last_sync_completed_at, facts.now)
    if age is None:
        return unknown("When it was synced cannot be read.", fix=again)
    if age > OLDEST_SYNC:
        return warning(f"The last was {_since(record.last_sync_completed_at, facts.now)}.", fix=again)
    return passed(f"The last was {_since(record.last_sync_completed_at, facts.now)}.")


def baseline_is_there(facts: EnvironmentFacts) -> Finding:
    """A baseline was accepted, so that drift can be told."""
    if (nothing := _why_unread(facts, "record")) is not None:
        return nothing
    name, record = facts.environment.name, facts.record
    if record is None or record.onboarded_at is None:
        return warning(
            "There is none: the environment is new, and nobody can say yet who moved.",
            fix=f"Onboard its workflows, then accept what is in sync: `workflowops baseline --environment {name}`.",
        )
    if record.drift_status is DriftStatus.UNKNOWN:
        return unknown(
            "There is one, but the last drift check could not compare.",
            fix=f"Run `workflowops drift --environment {name}`.",
        )
    return passed(f"Since {_since(record.onboarded_at, facts.now)}.")


def _why_nothing(facts: StateFacts) -> Finding | None:
    if facts.failure is not None:
        return skipped(_NOT_READ)
    return skipped(_NO_STATE) if facts.tip is None else None


def _why_unread(facts: EnvironmentFacts, part: str) -> Finding | None:
    if not facts.is_read:
        return skipped(_NOT_READ)
    return skipped(_DAMAGED) if part in facts.damaged else None


def _held(claim: Claim, now: datetime) -> str:
    held_for = _words(now - claim.created_at)
    return f"{claim.name} by {mask_text(claim.owner)} ({mask_text(claim.reason)}), for {held_for}"


def _age(moment: str, now: datetime) -> timedelta | None:
    try:
        return now - datetime.fromisoformat(moment)
    except (ValueError, TypeError):
        return None


def _since(moment: str, now: datetime) -> str:
    age = _age(moment, now)
    return "at an unknown time" if age is None else f"{_words(age)} ago"


def _words(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 120:
        return count(minutes, "minute")
    return count(minutes // 60, "hour") if minutes < 2880 else count(minutes // 1440, "day")
