"""Sections of an incident's differences: taken apart, cut between lines, and shared out over the room there is."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from workflowops.core.text.plain import count

SECTION = "<!-- workflowops:workflow -->"
"""The line between the differences of two workflows."""

SMALLEST = 2_500
"""What is left of a section when it is cut: enough for its first line, whatever the name of the workflow."""

_CLOSING = 200
_PICTURE = "```mermaid"


def units(text: str) -> int:
    """Count the UTF-16 units of a text: never fewer than GitHub counts, whichever way it counts characters."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def sections_of(details: str) -> tuple[str, ...]:
    """Take Markdown of several workflows apart; empty parts are left out."""
    parts: list[list[str]] = [[]]
    for line in details.split("\n"):
        if line == SECTION:
            parts.append([])
        else:
            parts[-1].append(line)
    return tuple(text for part in parts if (text := "\n".join(part).strip("\n")))


def shared_out(sections: Sequence[str], *, room: int) -> tuple[str, ...]:
    """Answer the first sections that fit into a number of units, the long ones cut so that the short ones fit whole."""
    least = [*accumulate(min(units(section) + 2, SMALLEST) for section in sections)]
    chosen = sections[: bisect_right(least, room)]
    sizes = sorted(units(section) + 2 for section in chosen)
    most, left = room, room
    for number, size in enumerate(sizes):
        most = left // (len(sizes) - number)
        if size > most:
            break
        left -= size
    return tuple(shortened(section, room=most - 2) for section in chosen)


def shortened(section: str, *, room: int) -> str:
    """Cut a section of ours to a number of units, at the end of a line; what it opened is closed, and the cut is told.

    The picture goes first: half a picture is none.
    """
    if units(section) <= room:
        return section
    lines = section.split("\n")
    if _PICTURE in lines:
        start = lines.index(_PICTURE)
        lines = lines[:start] + lines[lines.index("```", start) + 1 :]
    kept: list[str] = []
    fence = ""
    left = room - _CLOSING
    for line in lines:
        left -= units(line) + 1
        if left < 0:
            break
        kept.append(line)
        if line.startswith("```"):
            fence = "" if line == fence else fence or line.rstrip("dif")
    else:
        return "\n".join(kept)
    told = f"(cut here: {count(len(lines) - len(kept), 'more line')})"
    closing = ["", "</details>"] if lines[0].startswith("<details") else []
    return "\n".join([*kept, *([fence] if fence else []), "", told, *closing])
