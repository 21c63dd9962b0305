"""What became of an environment's lock, as a value and as the JSON document that `--json` prints."""

from dataclasses import dataclass

import msgspec

from workflowops.core.json import Json
from workflowops.core.promotion.record import LockFile


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOutcome:
    """An environment's lock as it was and as it is, each None for open. `is_plan` after a dry run."""

    environment: str
    title: str
    before: LockFile | None
    after: LockFile | None
    is_plan: bool = False

    @property
    def is_change(self) -> bool:
        """Say whether anything is other than it was."""
        return self.before != self.after


def lock_document(outcome: LockOutcome) -> dict[str, Json]:
    """Write a lock with what it replaced; the fields of both are those of `lock.json`."""
    return {
        "environment": outcome.environment,
        "locked": outcome.after is not None,
        "lock": _lock(outcome.after),
        "previous_lock": _lock(outcome.before),
        "changed": outcome.is_change,
        "dry_run": outcome.is_plan,
    }


def _lock(lock: LockFile | None) -> Json:
    if lock is None:
        return None
    document: dict[str, Json] = msgspec.to_builtins(lock)
    return {name: value for name, value in document.items() if name != "schema"}
