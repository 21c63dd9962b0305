"""Incidents for the terminal: a list of them, and one in full."""

import html
import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.incident.lifecycle import BY_MACHINE
from workflowops.core.incident.record import AffectedWorkflow, Incident, IncidentStatus, Step
from workflowops.core.text.incident_sections import sections_of
from workflowops.core.text.incident_words import (
    environment_of,
    event_told,
    fields_told,
    instant,
    kind_told,
    lasted,
    method_told,
    name_of,
    resolution_told,
    risk_told,
    seconds_between,
)
from workflowops.core.text.plain import columns, count, cut, log_safe, padded, visible, wrapped
from workflowops.core.text.style import Style
from workflowops.core.text.words import place
from workflowops.core.timestamps import iso

_HEADER = ("incident", "environment", "status", "severity", "age", "workflows", "assigned")
_NAMED = _HEADER.index("workflows")
_FLEXIBLE = (_NAMED, _HEADER.index("environment"), _HEADER.index("assigned"))
_NARROWEST = 8
_LABEL = 10
_GAP = 2
_MOST_WORKFLOWS = 50
_MOST_LINES = 400
_NAME = 120
_TAG = re.compile(r"</?(?:code|details|summary|sub)(?: open)?>")
_FENCE = re.compile(r"(`{3,})(\w*)")
_CHANGE = re.compile(r"\|(?: [^|]* \|){5}")
_INVISIBLE = "\u200b"
_RULE = re.compile(r"\|(?: --- \|)+")


def incident_list_text(incidents: Sequence[Incident], *, style: Style, now: datetime) -> str:
    """Answer a table of incidents, one line each; on a terminal too narrow for it, a few lines each."""
    if not incidents:
        return "No incident is open."
    rows = [_row(incident, now) for incident in incidents]
    sizes = _widths([_HEADER, *rows], style.width)
    if sizes is None:
        cards = [line for row, each in zip(rows, incidents, strict=True) for line in _card(row, each)]
        return log_safe("\n".join(padded(line, max(style.width, _NARROWEST)).rstrip() for line in cards))
    lines = [style.strong(_line(_HEADER, sizes))]
    for row, incident in zip(rows, incidents, strict=True):
        line = _line((*row[:_NAMED], _named(incident, sizes[_NAMED]), *row[_NAMED + 1 :]), sizes)
        lines.append(style.bad(line) if incident.escalated_at is not None else line)
    return log_safe("\n".join(lines))


def _row(incident: Incident, now: datetime) -> tuple[str, ...]:
    return (
        f"#{incident.number}",
        _cell(environment_of(incident)),
        f"{incident.status}{', escalated' if incident.escalated_at is not None else ''}",
        str(incident.severity),
        lasted(seconds_between(incident.detected_at, incident.closed_at or iso(now))) or "-",
        _named(incident, _NAME),
        _cell(incident.assigned_to or "-"),
    )


def _cell(text: str) -> str:
    """Make a text safe before it is measured: what takes a command's meaning away takes a column."""
    return log_safe(cut(visible(text), _NAME))


def _named(incident: Incident, width: int) -> str:
    """Name the first workflow and count the others, in at most so many columns as long as that is possible."""
    affected = incident.affected_workflows
    if not affected:
        return "-"
    more = f" +{len(affected) - 1:,}" if len(affected) > 1 else ""
    return padded(_cell(name_of(affected[0])), max(width - len(more), 1)).rstrip() + more


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """Answer how wide each column may be; the longest of names give way first. None where even that is not enough."""
    sizes = [max(columns(row[column]) for row in rows) for column in range(len(_HEADER))]
    over = sum(sizes) + _GAP * (len(sizes) - 1) - width
    while over > 0:
        widest = max(_FLEXIBLE, key=lambda column: sizes[column])
        if sizes[widest] <= _NARROWEST:
            return None
        sizes[widest] -= 1
        over -= 1
    return sizes


def _line(cells: Sequence[str], sizes: Sequence[int]) -> str:
    return (" " * _GAP).join(padded(cell, size) for cell, size in zip(cells, sizes, strict=True)).rstrip()


def _card(row: Sequence[str], incident: Incident) -> Iterator[str]:
    number, environment, status, severity, age, workflows, assigned = row
    yield f"{number} {environment}"
    yield f"  {status}"
    yield f"  {severity}, {age}"
    yield f"  {workflows}"
    if incident.assigned_to:
        yield f"  {assigned}"


def incident_text(incident: Incident, details: str, *, style: Style, now: datetime) -> str:
    """Tell one incident: how it stands, what is affected, what happened so far, and what differs.

    `details` is the Markdown of the differences; it is shown as plain text, cut after some hundred lines.
    """
    heading = f"Incident #{incident.number}: {place(environment_of(incident), incident.environment)}"
    lines = [style.strong(heading), *_facts(incident, style, now)]
    lines += ["", style.strong("Affected workflows"), *_affected(incident.affected_workflows, style)]
    lines += ["", style.strong("What happened so far")]
    for step in incident.timeline:
        lines += _step(step, style)
    differences = [*_differences(details)]
    if differences:
        lines += ["", style.strong("What changed"), *differences[:_MOST_LINES]]
    if len(differences) > _MOST_LINES:
        lines.append(f"({count(len(differences) - _MOST_LINES, 'more line')})")
    return log_safe("\n".join(lines))


def _facts(incident: Incident, style: Style, now: datetime) -> Iterator[str]:
    status = f"{incident.status}{', escalated' if incident.escalated_at is not None else ''}"
    age = lasted(seconds_between(incident.detected_at, incident.closed_at or iso(now)))
    rows = [
        ("status", _painted(status, incident, style)),
        ("severity", str(incident.severity)),
        ("detected", f"{instant(incident.detected_at)}, {method_told(incident).lower()}"),
        ("age" if incident.closed_at is None else "took", age),
        ("Git", " on ".join(visible(each) for each in (incident.git_commit_sha[:12], incident.git_branch) if each)),
        ("assigned", visible(incident.assigned_to or "")),
        ("follows", "" if incident.previous_incident is None else f"#{incident.previous_incident}"),
        ("resolution", resolution_told(incident.resolution_type) if incident.resolution_type else ""),
        ("issue", visible(incident.url or "")),
    ]
    for name, told in rows:
        if told:
            yield f"  {padded(name, _LABEL)}  {told}"


def _painted(status: str, incident: Incident, style: Style) -> str:
    if incident.status in (IncidentStatus.RECONCILED, IncidentStatus.CLOSED):
        return style.good(status)
    is_alarming = incident.escalated_at is not None or incident.severity is IncidentSeverity.CRITICAL
    return style.alarming(status) if is_alarming else style.bad(status)


def _affected(workflows: Sequence[AffectedWorkflow], style: Style) -> Iterator[str]:
    for each in workflows[:_MOST_WORKFLOWS]:
        risk = risk_told(each)
        file = f" {style.quiet(cut(visible(each.file), 2 * _NAME))}" if each.file else ""
        yield f"  {cut(name_of(each), _NAME)}: {kind_told(each)}{f' ({risk})' if risk else ''}{file}"
    if len(workflows) > _MOST_WORKFLOWS:
        yield f"  ({count(len(workflows) - _MOST_WORKFLOWS, 'more workflow')})"
    if not workflows:
        yield "  (none that is known)"


def _step(step: Step, style: Style) -> Iterator[str]:
    by = "" if step.by in ("", BY_MACHINE) else f" by {cut(visible(step.by), _NAME)}"
    yield f"  {instant(step.at)}  {event_told(step)}{by}"
    for title, value in fields_told(step.fields):
        yield from wrapped(f"{title}: {visible(value)}", width=style.width, indent=" " * 6, hanging=" " * 8)


def _differences(markdown: str) -> Iterator[str]:
    """Write our own Markdown as plain text: no tags, no entities, no pictures; a table's row as a change."""
    for section in sections_of(markdown):
        closing = ""
        is_shown = True
        for line in section.split("\n"):
            fence = _FENCE.fullmatch(line)
            if closing and line == closing:
                closing = ""
            elif closing and is_shown:
                yield f"      {visible(line.replace(_INVISIBLE, ''))}"
            elif fence and not closing:
                closing, is_shown = fence[1], fence[2] != "mermaid"
            elif not closing:
                yield from _told(line)


def _told(line: str) -> Iterator[str]:
    if _RULE.fullmatch(line):
        return
    if _CHANGE.fullmatch(line):
        where, field, old, new, risk = (_read(cell) for cell in line[2:-2].split(" | "))
        if where != "Where":
            yield f"    {' '.join(part for part in (where, field) if part)} ({risk})"
            yield from (f"      {sign} {value}" for sign, value in (("-", old), ("+", new)) if value)
    elif line not in ("", "</details>"):
        yield f"{'  ' if line.startswith('<details') else '    '}{_read(line)}"


def _read(text: str) -> str:
    return visible(html.unescape(_TAG.sub("", text)).replace(_INVISIBLE, "").replace("\u00a0", " ")).strip()
