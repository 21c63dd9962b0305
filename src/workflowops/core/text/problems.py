"""Problems of files in the repository, in words."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from workflowops.core.problems import Problem
from workflowops.core.secrets import mask_text
from workflowops.core.text.markdown import code, details, escaped, size, table
from workflowops.core.text.plain import count, cut, log_safe, visible, wrapped
from workflowops.core.text.style import Style

_MOST_BYTES = 900_000
_MOST_ROWS = 1_000
_LONGEST = 600


def render_problems(problems: Sequence[Problem], *, files: int, style: Style) -> str:
    """Say whether the files can be used; then every problem by file and line, each with what to do about it."""
    lines = [_verdict(problems, files, style)]
    for path, of_file in groupby(problems, key=lambda problem: problem.path):
        lines += ["", style.strong(visible(mask_text(path)))]
        for problem in of_file:
            lines += _problem(problem, style)
    return log_safe("\n".join(lines))


def summary_problems(problems: Sequence[Problem], *, files: int) -> str:
    """Tell the same in Markdown, for the step summary: under GitHub's limit, what does not fit is counted."""
    mark = ":x:" if any(problem.is_error for problem in problems) else ":warning:" if problems else ":white_check_mark:"
    lines = ["## Validation", "", f"{mark} {escaped(_told(problems, files))}", ""]
    rows = [_row(problem) for problem in problems[:_MOST_ROWS]]
    while rows and size(lines) + sum(size(row) for row in rows) > _MOST_BYTES:
        rows = rows[: len(rows) // 2]
    if rows:
        lines += details(
            count(len(problems), "problem"), table(["File", "Line", "", "Problem", "What to do"], rows), is_open=True
        )
    if len(rows) < len(problems):
        lines += ["", f"{len(problems) - len(rows):,} more left out here; `--json` has them all."]
    return "\n".join(lines) + "\n"


def _verdict(problems: Sequence[Problem], files: int, style: Style) -> str:
    told = _told(problems, files)
    if any(problem.is_error for problem in problems):
        return style.bad(told)
    return style.notable(told) if problems else style.good(told)


def _told(problems: Sequence[Problem], files: int) -> str:
    errors = sum(problem.is_error for problem in problems)
    warnings = len(problems) - errors
    parts = [count(errors, "error")] if errors else []
    parts += [count(warnings, "warning")] if warnings else []
    if errors:
        return f"Not valid: {' and '.join(parts)} in {count(files, 'file')}."
    if warnings:
        return f"Valid, with {count(warnings, 'warning')}: {count(files, 'file')} checked."
    return f"Valid: {count(files, 'file')} checked, nothing to put right."


def _problem(problem: Problem, style: Style) -> Iterator[str]:
    where = "" if problem.line is None else f"{problem.line}:{problem.column or 1}  "
    word = style.bad("error") if problem.is_error else style.notable("warning")
    lead = f"  {where}{'error' if problem.is_error else 'warning'}: "
    message = wrapped(_plain(problem.message), width=style.width, indent=" " * len(lead))
    first = message[0].strip() if message else ""
    yield f"  {where}{word}: {first}"
    yield from message[1:]
    yield from wrapped(_plain(problem.fix), width=style.width, indent="    Fix: ", hanging="         ")
    yield style.quiet(f"    ({visible(problem.rule)})")


def _row(problem: Problem) -> list[str]:
    word = "error" if problem.is_error else "warning"
    message, fix = (escaped(cut(mask_text(text), _LONGEST)) for text in (problem.message, problem.fix))
    return [code(mask_text(problem.path)), str(problem.line or ""), word, message, fix]


def _plain(text: str) -> str:
    return cut(visible(mask_text(text)), _LONGEST)
