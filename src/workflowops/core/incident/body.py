"""The body of an incident's issue: our part between two marks, and around it what people wrote."""

import re
from collections.abc import Sequence

from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.text.incident_sections import units

BEGIN = "<!-- workflowops:begin -->"
END = "<!-- workflowops:end -->"

_MARKER = re.compile(r"<!-- workflowops:(?:incident|dashboard|unmapped) [^\n]*-->")
_FENCE = re.compile(r"`{3,}")
_TOLD = "(cut here, to leave room for what stands around it)"


def merged_body(existing: str, ours: str) -> str:
    """Answer the body with our part replaced and everything around it kept; merged again, nothing changes.

    `ours` begins and ends with its marks. Where the body has none, our part goes first; where one of the two is gone,
    our part is taken to reach to that end of the body. Should the whole be longer than GitHub takes, our part gives
    way; where not even its marks fit, the body stays as it is.
    """
    part = ours.strip()
    before, after = _around(existing)
    room = LONGEST_TEXT - units(before) - units(after)
    if units(part) > room:
        part = _cut(part, room=room)
    return f"{before}{part}{after}" if part else existing


def reads_the_same(one: str, other: str) -> bool:
    """Say whether two bodies differ in no more than line ends and blanks at the end of lines."""
    return _plain(one) == _plain(other)


def _plain(body: str) -> list[str]:
    return [line.rstrip() for line in re.split(r"\r\n|\r|\n", body.strip())]


def _around(body: str) -> tuple[str, str]:
    """Answer what stands before our part and what stands after it."""
    if not body.strip():
        return "", ""
    start = body.find(BEGIN)
    end = body.find(END, max(start, 0))
    if start < 0 and end < 0:
        return "", f"\n\n{body.lstrip()}"
    return body[: max(start, 0)], "" if end < 0 else body[end + len(END) :]


def _cut(part: str, *, room: int) -> str:
    """Cut our part to the blocks that fit; empty when not even its marks do."""
    marker = _MARKER.search(part)
    head = [BEGIN] if marker is None else [BEGIN, marker[0]]
    text = _MARKER.sub("", part.removeprefix(BEGIN).removesuffix(END), count=1).strip("\n")
    lines = text.split("\n")
    least = units("\n".join([*head, END]))
    kept = lines[: _whole_blocks(lines, room=room - least - len(_TOLD) - 4)]
    if kept:
        return "\n".join([*head, *kept, "", _TOLD, END])
    return "\n".join([*head, END]) if least <= room else ""


def _whole_blocks(lines: Sequence[str], *, room: int) -> int:
    """Count the lines that fit, up to a blank one where no code block is open and nothing is folded away."""
    kept = folded = 0
    fence = ""
    for number, line in enumerate(lines):
        room -= units(line) + 1
        if room < 0:
            break
        mark = _FENCE.match(line)
        if fence:
            fence = "" if line == fence else fence
        elif mark is not None:
            fence = mark[0]
        else:
            folded += line.count("<details") - line.count("</details>")
        if not line.strip() and not fence and not folded:
            kept = number
    return kept
