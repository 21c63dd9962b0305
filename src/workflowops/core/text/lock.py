"""A lock in words."""

from workflowops.core.promotion.lock import LockOutcome
from workflowops.core.promotion.record import LockFile
from workflowops.core.text.plain import log_safe, moment, visible
from workflowops.core.text.style import Style
from workflowops.core.text.words import place


def render_lock(outcome: LockOutcome, *, style: Style) -> str:
    """Tell whether an environment is open for promotions now, and what was so before."""
    where = place(outcome.title, outcome.environment)
    lines = [style.strong(_standing(outcome, where))]
    if outcome.after is not None:
        lines.append(f"  {_told(outcome.after)}")
    if outcome.before is not None and outcome.is_change:
        lines.append(style.quiet(f"  before: {_told(outcome.before)}"))
    if outcome.is_plan and outcome.is_change:
        lines.append(style.quiet("  This was a dry run; nothing was written."))
    return log_safe("\n".join(lines))


def _standing(outcome: LockOutcome, where: str) -> str:
    match (outcome.after is not None, outcome.is_change):
        case True, True:
            return f"{where} is locked: no promotion into it begins until it is unlocked."
        case True, False:
            return f"{where} was locked already, for the same reason."
        case False, True:
            return f"{where} is unlocked: promotions into it can go on."
        case _:
            return f"{where} was not locked."


def _told(lock: LockFile) -> str:
    return f"{visible(lock.locked_by)}, {moment(lock.locked_at)}: {visible(lock.reason)}"
