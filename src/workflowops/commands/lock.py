"""`lock` and `unlock`: an environment closed for promotions until somebody opens it again."""

from collections.abc import Callable

from workflowops.commands.auditing import lock_entry, recorded
from workflowops.commands.ports import StateView, Workspace
from workflowops.commands.promotion_files import Files, read_lock, read_record
from workflowops.core.configuration import Environment
from workflowops.core.promotion.lock import LockOutcome
from workflowops.core.promotion.record import LockFile, lock_path
from workflowops.core.records import encode
from workflowops.core.secrets import mask_text
from workflowops.core.timestamps import iso
from workflowops.errors import BlockedError

_LONGEST_REASON = 500


def lock_environment(
    workspace: Workspace, environment: Environment, *, reason: str, by: str | None = None, is_forced: bool = False
) -> LockOutcome:
    """Close an environment for promotions. `by` is whoever runs this unless somebody asked in a comment.

    A promotion that runs goes on to its end. Locking again with the same reason changes nothing; with another reason
    the new one counts. Raises BlockedError when somebody else locked it, unless `is_forced`.
    """
    who = by or workspace.actor.name
    lock = LockFile(locked_by=who, locked_at=iso(workspace.clock()), reason=_told(reason))

    def decide(before: LockFile | None) -> LockFile:
        if before is not None and (before.locked_by, before.reason) == (who, lock.reason):
            return before
        _require_own(before, environment, by=who, is_forced=is_forced)
        return lock

    return _changed(workspace, environment, decide, by=who, message=f"lock: {environment.name}")


def unlock_environment(
    workspace: Workspace, environment: Environment, *, by: str | None = None, is_forced: bool = False
) -> LockOutcome:
    """Open an environment again; one that is open stays so. Raises BlockedError as `lock_environment` does."""
    who = by or workspace.actor.name

    def decide(before: LockFile | None) -> None:
        _require_own(before, environment, by=who, is_forced=is_forced)

    return _changed(workspace, environment, decide, by=who, message=f"unlock: {environment.name}")


def _changed(
    workspace: Workspace,
    environment: Environment,
    decide: Callable[[LockFile | None], LockFile | None],
    *,
    by: str,
    message: str,
) -> LockOutcome:
    latest: list[LockOutcome] = []

    def write(tip: StateView) -> Files:
        before = read_lock(tip, environment.name)
        after = decide(before)
        latest.append(
            LockOutcome(
                environment=environment.name,
                title=environment.title,
                before=before,
                after=after,
                is_plan=workspace.is_dry_run,
            )
        )
        if after == before:
            return {}
        entry = lock_entry(workspace, environment.name, before=before, after=after, by=by, now=workspace.clock())
        written = {lock_path(environment.name): None if after is None else encode(after)}
        return {**written, **recorded(tip, read_record(tip, environment.name), [entry])}

    if workspace.is_dry_run:
        write(workspace.state.view())
    else:
        workspace.state.change(write, message=message)
    return latest[-1]


def _require_own(lock: LockFile | None, environment: Environment, *, by: str, is_forced: bool) -> None:
    if lock is None or is_forced or lock.locked_by == by:
        return
    raise BlockedError(
        f"{lock.locked_by} locked {environment.title} at {lock.locked_at}: {lock.reason}",
        fix=f"Ask {lock.locked_by}. `--force` (in a comment `force=yes`) takes the lock away from them, "
        "which is noted in the audit log.",
    )


def _told(reason: str) -> str:
    """Answer the reason on one line, masked; raises BlockedError for none, which would tell nobody anything."""
    line = mask_text(" ".join(reason.split()))[:_LONGEST_REASON]
    if not line:
        raise BlockedError("A lock needs a reason.", fix="Say why, for those who wait for it to be opened.")
    return line
