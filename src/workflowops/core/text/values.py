"""Values of fields from old to new, short enough to be read."""

import difflib
import itertools
import json
import re
from collections.abc import Sequence

from workflowops.core.diff import ChangeType, FieldChange
from workflowops.core.json import Json
from workflowops.core.text.plain import count, cut, cut_pair, visible

NOT_SET = "(not set)"
SAME_WHEN_MASKED = "(another value, masked the same way)"

_MOST_LINES_COMPARED = 3_000
_CONTEXT = 2
_HUNK = re.compile(r"@@ -\S+ \+(\d+)\S* @@")


def told(value: Json) -> str:
    """Write a value on one line: texts as they are, everything else as JSON."""
    if isinstance(value, str) and value.strip() == value and value not in ("", "null", "true", "false", NOT_SET):
        return visible(value)
    try:
        return visible(json.dumps(value, ensure_ascii=False))
    except (ValueError, RecursionError):
        return "(a value nested too deeply to be shown)"


def pair(change: FieldChange, limit: int) -> tuple[str, str]:
    """Answer old and new value on one line each, cut so that the difference stays in sight."""
    old = NOT_SET if change.change_type is ChangeType.ADDED else told(change.old_value)
    new = NOT_SET if change.change_type is ChangeType.REMOVED else told(change.new_value)
    if old == new:
        return cut(old, limit), SAME_WHEN_MASKED
    return cut_pair(old, new, limit)


def is_text_block(change: FieldChange) -> bool:
    """Say whether a change is told better line by line: code, queries, prompts."""
    values = [value for value in (change.old_value, change.new_value) if value is not None]
    return bool(values) and all(isinstance(value, str) for value in values) and any("\n" in str(v) for v in values)


def text_difference(change: FieldChange, *, most_lines: int, width: int) -> list[str]:
    """Answer the changed lines of a text with their surroundings: `-` was, `+` is, ` ` stayed."""
    old = change.old_value.split("\n") if isinstance(change.old_value, str) else []
    new = change.new_value.split("\n") if isinstance(change.new_value, str) else []
    if old == new:
        return [SAME_WHEN_MASKED]
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    old_part, new_part = old[start : len(old) - end], new[start : len(new) - end]
    if len(old_part) + len(new_part) > _MOST_LINES_COMPARED:
        return [f"({count(len(old), 'line')} became {count(len(new), 'line')})"]
    lead, tail = max(start - _CONTEXT, 0), min(end, _CONTEXT)
    compared = difflib.unified_diff(
        old[lead : len(old) - end + tail], new[lead : len(new) - end + tail], n=_CONTEXT, lineterm=""
    )
    shown = _cut_lines(_numbered([*compared][2:], lead), width)
    if len(shown) > most_lines:
        left_out = count(len(shown) - most_lines, "more line")
        shown = [*shown[:most_lines], f"({left_out})"]
    return shown


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the lines that both begin with."""
    shared = 0
    while shared < min(len(old), len(new)) and old[shared] == new[shared]:
        shared += 1
    return shared


def _numbered(lines: Sequence[str], lead: int) -> list[str]:
    """Replace `@@ -1,4 +1,5 @@` by the line of the new text, which is what an editor shows."""
    numbered: list[str] = []
    for line in lines:
        place = _HUNK.match(line)
        numbered.append(f"@@ line {int(place[1]) + lead} @@" if place else line)
    return numbered


def _cut_lines(lines: Sequence[str], width: int) -> list[str]:
    """Make every line safe and short; a line and the one that took its place are cut to where they differ."""
    shown: list[str] = []
    position = 0
    while position < len(lines):
        gone = [*itertools.takewhile(lambda line: line.startswith("-"), lines[position:])]
        come = [*itertools.takewhile(lambda line: line.startswith("+"), lines[position + len(gone) :])]
        if not gone and not come:
            shown.append(lines[position][0] + cut(_readable(lines[position][1:]), width))
            position += 1
            continue
        pairs = [cut_pair(_readable(one[1:]), _readable(two[1:]), width) for one, two in zip(gone, come, strict=False)]
        shown += [f"-{one}" for one, _ in pairs] + ["-" + cut(_readable(one[1:]), width) for one in gone[len(pairs) :]]
        shown += [f"+{two}" for _, two in pairs] + ["+" + cut(_readable(two[1:]), width) for two in come[len(pairs) :]]
        position += len(gone) + len(come)
    return shown


def _readable(line: str) -> str:
    return visible(line.expandtabs(4))
