"""What the doctor found, for the terminal and for the summary of a run."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from workflowops.core.doctor.check import Check, Verdict
from workflowops.core.doctor.report import Diagnosis
from workflowops.core.text.markdown import details, escaped, joined, size, table, with_commands
from workflowops.core.text.plain import count, log_safe, padded, visible, wrapped
from workflowops.core.text.style import Style

WORDS = {
    Verdict.PASSED: "ok",
    Verdict.WARNING: "warning",
    Verdict.BROKEN: "BROKEN",
    Verdict.UNKNOWN: "UNKNOWN",
    Verdict.SKIPPED: "skipped",
}
"""One word a verdict. Those that a person has to act on are in capitals."""

_MARKS = {
    Verdict.PASSED: ":white_check_mark:",
    Verdict.WARNING: ":warning:",
    Verdict.BROKEN: ":x:",
    Verdict.UNKNOWN: ":grey_question:",
    Verdict.SKIPPED: ":fast_forward:",
}
_URGENT = {verdict: place for place, verdict in enumerate((Verdict.BROKEN, Verdict.UNKNOWN, Verdict.WARNING))}
_WIDTH = 9
_INDENT = " " * (_WIDTH + 2)
_MOST_LINES = 5
_MOST_BYTES = 900_000


def render_doctor(diagnosis: Diagnosis, *, style: Style) -> str:
    """Tell every check below its subject: the word, what was checked, what was found, and what to do about it."""
    lines: list[str] = []
    for subject, checks in diagnosis.by_subject().items():
        lines += ["", style.strong(_heading(subject))] if lines else [style.strong(_heading(subject))]
        lines += _subject(checks, style)
    return log_safe("\n".join([*lines, "", *_conclusion(diagnosis, style)]))


def summary_doctor(diagnosis: Diagnosis) -> str:
    """Tell the same in Markdown, what needs somebody first. What does not fit GitHub's limit is counted."""
    blocks: list[list[str]] = [["## Doctor"], [escaped(conclusion(diagnosis))]]
    needing = sorted(
        (each for each in diagnosis.checks if each.fix is not None), key=lambda each: _URGENT[each.verdict]
    )
    blocks += [_table(needing, with_fix=True)] if needing else []
    for check in needing:
        block = details(escaped(f"{check.subject}: {check.title}"), _list(check))
        if check.details and size(line for each in (*blocks, block) for line in each) < _MOST_BYTES:
            blocks.append(block)
    others = [each for each in diagnosis.checks if each.fix is None]
    folded = details(
        f"{count(len(others), 'check')} that needs nothing"
        if len(others) == 1
        else f"{len(others)} checks that need nothing",
        _table(others, with_fix=False),
    )
    blocks += [folded] if others else []
    return "\n".join(joined(blocks)) + "\n"


def conclusion(diagnosis: Diagnosis) -> str:
    """Say in two sentences where things stand; what could not be looked at is never part of what is in order."""
    counts = diagnosis.counts
    parts = [
        (counts[Verdict.BROKEN], "broken"),
        (counts[Verdict.WARNING], "to look at"),
        (counts[Verdict.UNKNOWN], "not known"),
        (counts[Verdict.SKIPPED], "skipped"),
        (counts[Verdict.PASSED], "in order"),
    ]
    told = ", ".join(f"{number} {word}" for number, word in parts if number) or "none"
    return f"{_verdict(diagnosis)} {count(len(diagnosis.checks), 'check')}: {told}."


def _verdict(diagnosis: Diagnosis) -> str:
    unknown = diagnosis.counts[Verdict.UNKNOWN]
    match diagnosis.verdict:
        case Verdict.BROKEN:
            return "Something is broken."
        case Verdict.UNKNOWN:
            return f"Nothing was found broken, but {count(unknown, 'thing')} could not be looked at."
        case Verdict.WARNING:
            return "Nothing is broken."
        case Verdict.PASSED:
            skipped = diagnosis.counts[Verdict.SKIPPED]
            return "All that was looked at is in order." if skipped else "All is in order."
        case Verdict.SKIPPED:
            return "Nothing was looked at."


def _conclusion(diagnosis: Diagnosis, style: Style) -> Iterator[str]:
    paint = {
        Verdict.BROKEN: style.bad,
        Verdict.UNKNOWN: style.notable,
        Verdict.WARNING: style.notable,
        Verdict.PASSED: style.good,
        Verdict.SKIPPED: style.quiet,
    }[diagnosis.verdict]
    yield from (paint(line) for line in wrapped(conclusion(diagnosis), width=style.width))


def _heading(subject: str) -> str:
    return visible(subject[:1].upper() + subject[1:])


def _subject(checks: Sequence[Check], style: Style) -> Iterator[str]:
    """Tell the checks of one subject; those that were skipped for one reason share a line at the end."""
    skipped: dict[str, list[Check]] = defaultdict(list)
    for check in checks:
        if check.verdict is Verdict.SKIPPED:
            skipped[check.found].append(check)
        elif check.fix is None:
            yield from _line(check.verdict, f"{check.title}. {check.found}".strip(), style)
        else:
            yield from _needing(check, style)
    for found, same in skipped.items():
        what = f"{same[0].title}." if len(same) == 1 else f"{len(same)} more checks:"
        yield from (style.quiet(line) for line in _line(Verdict.SKIPPED, f"{what} {found}", style))


def _line(verdict: Verdict, text: str, style: Style) -> Iterator[str]:
    lines = wrapped(visible(text), width=style.width, indent=_INDENT)
    yield f"  {padded(WORDS[verdict], _WIDTH)}{lines[0].strip()}"
    yield from lines[1:]


def _needing(check: Check, style: Style) -> Iterator[str]:
    paint = style.bad if check.verdict is Verdict.BROKEN else style.notable
    yield f"  {paint(padded(WORDS[check.verdict], _WIDTH))}{check.title}"
    yield from wrapped(visible(check.found), width=style.width, indent=_INDENT)
    for line in check.details[:_MOST_LINES]:
        yield from wrapped(visible(line), width=style.width, indent=f"{_INDENT}- ", hanging=f"{_INDENT}  ")
    if len(check.details) > _MOST_LINES:
        yield f"{_INDENT}and {len(check.details) - _MOST_LINES:,} more; --json lists them"
    yield from wrapped(f"Fix: {visible(check.fix or '')}", width=style.width, indent=_INDENT, hanging=f"{_INDENT}     ")


def _table(checks: list[Check], *, with_fix: bool) -> list[str]:
    head = ["", "Where", "Check", "Found", *(["What to do"] if with_fix else [])]
    return table(
        head,
        [
            [
                f"{_MARKS[each.verdict]} {WORDS[each.verdict]}",
                escaped(each.subject),
                escaped(each.title),
                with_commands(each.found),
                *([with_commands(each.fix or "")] if with_fix else []),
            ]
            for each in checks
        ],
    )


def _list(check: Check) -> list[str]:
    return [f"- {with_commands(line)}" for line in check.details]
