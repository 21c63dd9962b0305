"""The audit log's state, in words."""

from collections.abc import Sequence

from workflowops.core.audit import AuditProblem
from workflowops.core.text.plain import count, log_safe, visible
from workflowops.core.text.style import Style


def render_audit(problems: Sequence[AuditProblem], *, files: int, entries: int, style: Style) -> str:
    """Say whether the log is what was written, and name every line that is not."""
    if not files and not problems:
        return "There is no audit log yet: nothing was recorded."
    read = f"{count(entries, 'entry', 'entries')} in {count(files, 'file')}"
    if not problems:
        return f"{style.good('The audit log is intact')}: {read}."
    lines = [f"{style.bad('The audit log is not what was written')} ({read}):"]
    lines += [f"  {visible(problem.path)}:{problem.line}: {visible(problem.message)}" for problem in problems]
    lines += ["", "Next: look into the history of the state branch (`git log -p` on the file) for who changed it."]
    return log_safe("\n".join(lines))
