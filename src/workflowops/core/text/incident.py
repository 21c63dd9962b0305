"""The issue of an incident: its title and its body."""

import re
from collections.abc import Sequence

from workflowops.core.incident.body import BEGIN, END
from workflowops.core.incident.lifecycle import AT_ONCE
from workflowops.core.incident.markers import issue_marker
from workflowops.core.incident.record import (
    AffectedWorkflow,
    Event,
    Incident,
    IncidentStatus,
    ResolutionType,
    details_path,
)
from workflowops.core.incident.resolution import says_agreement
from workflowops.core.standing import DriftKind
from workflowops.core.text.incident_advice import advice
from workflowops.core.text.incident_sections import sections_of, shared_out, units
from workflowops.core.text.incident_terminal import incident_list_text, incident_text
from workflowops.core.text.incident_timeline import timeline
from workflowops.core.text.incident_words import (
    author_of,
    environment_of,
    instant,
    kind_told,
    kinds_told,
    latest,
    mentioned,
    method_told,
    name,
    name_of,
    nothing_drifts,
    prose,
    resolution_told,
    risk_told,
    workflows_told,
)
from workflowops.core.text.lifecycle_picture import lifecycle_picture
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import code, escaped, joined, table
from workflowops.core.text.plain import count, cut, visible
from workflowops.core.text.words import place

__all__ = ["incident_body", "incident_list_text", "incident_text", "incident_title", "lifecycle_picture"]

_LIMIT = 60_000
"""GitHub takes 65,536 characters; the rest is room for what people write around ours."""

_TABLE_ROOM = 15_000
_TIMELINE_ROOM = 12_000
_CELL = 900
_NAME = 300
_LONGEST_TITLE = 240
_MOST_NAMED = 5
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_ALIVE = re.compile(r"([@#])(?=\w)|((?i:gh))(?=-\d)")
_TURNS = {
    IncidentStatus.DETECTED: "Nobody has acknowledged it yet.",
    IncidentStatus.ACKNOWLEDGED: "Somebody is looking at it.",
    IncidentStatus.STABILIZED: "It does no more harm; Git and n8n have yet to be brought together.",
}
_FOOT = "<sub>WorkflowOps keeps this text up to date. What you write above or below it stays.</sub>"


def incident_title(incident: Incident) -> str:
    """Answer the title of the issue, such as `Drift in Production: Payment Gateway and 2 more`; under 256 characters.

    A title is no Markdown, but a name in it must not mention anybody either.
    """
    affected = incident.affected_workflows
    environment = cut(environment_of(incident), 60)
    more = f" and {len(affected) - 1:,} more" if len(affected) > 1 else ""
    room = 140
    while True:
        named = f": {cut(name_of(affected[0]), room)}" if affected else ""
        title = _ALIVE.sub("\\1\\2\u200b", f"Drift in {environment}{named}{more}").strip()
        if units(title) <= _LONGEST_TITLE:
            return title
        room, environment = room * 3 // 4, cut(environment, max(len(environment) * 3 // 4, 1))


def incident_body(incident: Incident, details: str, *, links: Links | None, mentions: Sequence[str]) -> str:
    """Answer our part of the issue's body, from its first mark to its last, under 65,000 characters whatever comes.

    `details` are the differences in full, as `details_of` told them. The text follows from the record alone: the same
    incident reads the same in every run. What does not fit is counted, with the place where it stands in full.
    """
    called = mentioned(mentions)
    head = [
        [BEGIN, issue_marker(visible(incident.intent).replace("-->", ""))],
        _verdict(incident),
        [f"cc {called}"] if called else [],
        _facts(incident, links),
        ["### Affected workflows"],
        _affected(incident),
    ]
    foot = [
        ["### Who could have done it"],
        _who(incident),
        *_titled("### What to do next", advice(incident)),
        *_titled("### What happened so far", timeline(incident, room=_TIMELINE_ROOM)),
        [_FOOT],
        [END],
    ]
    room = _LIMIT - units("\n".join(joined([*head, *foot])))
    return "\n".join(joined([*head, *_differences(incident, details, links, room=room), *foot])) + "\n"


def _titled(title: str, lines: list[str]) -> list[list[str]]:
    return [[title], lines] if lines else []


def _verdict(incident: Incident) -> list[str]:
    """Say how it stands in a sentence, and whose turn it is."""
    where = prose(environment_of(incident), _NAME)
    affected = incident.affected_workflows
    told = f"{workflows_told(len(affected))} ({kinds_told(affected)})" if affected else "nothing that is known"
    differs = f"In {where} n8n runs what Git does not say: {told}."
    match incident.status:
        case IncidentStatus.CLOSED:
            return [f"**Closed.** In {where} n8n ran what Git did not say: {told}."]
        case IncidentStatus.RECONCILED if incident.drift_gone_at is not None:
            return [f"**Reconciled.** {_gone(incident)} In {where} it was about {told}."]
        case _ if incident.drift_gone_at is not None:
            return [f"**The incident is still open.** {_gone(incident)} In {where} it was about {told}."]
        case IncidentStatus.RECONCILED if incident.resolution_type is ResolutionType.ACCEPTED_UNTIL:
            return [f"**{_accepted(incident)}** {differs}"]
        case IncidentStatus.RECONCILED:
            return [f"**Reconciled**; the next drift check says whether n8n agrees. In {where} it is about {told}."]
        case _:
            return [f"**{differs}** {_TURNS[incident.status]}"]


def _gone(incident: Incident) -> str:
    """Say what the check found that saw the drift gone, and when: Git may have moved on since."""
    step = latest(incident, Event.DRIFT_GONE)
    agreed = step is not None and says_agreement(step)
    when = escaped(instant(incident.drift_gone_at))
    told = nothing_drifts(incident, step, _NAME)
    return f"{told}. When it was checked at {when}, Git and n8n agreed there." if agreed else f"{told}, since {when}."


def _accepted(incident: Incident) -> str:
    step = latest(incident, Event.ACCEPT)
    until = "" if step is None else step.fields.get("until", "")
    if until == AT_ONCE:
        return "Accepted no longer; the next drift check brings the incident back if it drifts still."
    return f"Accepted until {prose(until, 40)} (UTC)." if until else "Accepted."


def _facts(incident: Incident, links: Links | None) -> list[str]:
    """Tell in a small table what is known beside the difference; what is not known has no row."""
    found = f"{escaped(instant(incident.detected_at))}, {prose(method_told(incident), 100).lower()}"
    plain = place(environment_of(incident), incident.environment)
    rows = [
        ["Severity", escaped(incident.severity)],
        ["Status", f"**{escaped(incident.status)}**{_escalated(incident)}"],
        ["Detected", found],
        ["Git", _git(incident, links)],
        ["Run", _run(incident)],
        ["Follows", "" if incident.previous_incident is None else f"#{incident.previous_incident:d}"],
        ["Assigned to", "" if not incident.assigned_to else name(incident.assigned_to, _NAME)],
        ["Acknowledged", _done(incident.acknowledged_at, incident.acknowledged_by)],
        ["Stabilized", _done(incident.stabilized_at, incident.stabilized_by)],
        ["Plan", prose(incident.resolution_plan or "", _CELL)],
        ["Reconciled", _done(incident.reconciled_at, incident.reconciled_by)],
        ["Resolution", _resolution(incident)],
        ["Closed", _done(incident.closed_at, incident.closed_by)],
    ]
    return table(["Environment", prose(plain, 2 * _NAME)], [row for row in rows if row[1]])


def _escalated(incident: Incident) -> str:
    return "" if incident.escalated_at is None else f", escalated {escaped(instant(incident.escalated_at))}"


def _git(incident: Incident, links: Links | None) -> str:
    sha = incident.git_commit_sha
    commit = code(sha[:12]) if sha else "unknown"
    if links is not None and _COMMIT.fullmatch(sha):
        commit = f"[{commit}]({links.commit(sha)})"
    return f"{commit} on {name(incident.git_branch, _NAME)}" if incident.git_branch else commit


def _run(incident: Incident) -> str:
    """Link the run that found the drift, as its step holds it; another run may be the one that writes this."""
    step = next(iter(incident.timeline), None)
    address = step.fields.get("run_url", "") if step is not None and step.event is Event.DETECT else ""
    return f"[the run that found it]({address})" if re.fullmatch(r"https://[\w.:-]+(/[\w.-]+)+", address) else ""


def _done(at: str | None, by: str | None) -> str:
    if at is None:
        return ""
    return f"{escaped(instant(at))} by {author_of(by, _NAME)}" if by else escaped(instant(at))


def _resolution(incident: Incident) -> str:
    if incident.resolution_type is None:
        return ""
    told = prose(resolution_told(incident.resolution_type), 100)
    return f"{told}. {prose(incident.resolution_details, _CELL)}" if incident.resolution_details else told


def _affected(incident: Incident) -> list[str]:
    """List the affected workflows, as many as fit."""
    rows: list[list[str]] = []
    left = _TABLE_ROOM
    for each in incident.affected_workflows:
        row = _affected_row(each)
        left -= sum(units(cell) + 3 for cell in row) + 2
        if left < 0:
            break
        rows.append(row)
    more = len(incident.affected_workflows) - len(rows)
    header = ["Workflow", "What happened", "Risk", "File", "n8n id", "Saved in n8n"]
    return joined([table(header, rows) if rows else [], [f"({count(more, 'more workflow')})"] if more else []])


def _affected_row(each: AffectedWorkflow) -> list[str]:
    return [
        name(name_of(each), _NAME),
        prose(kind_told(each), 100),
        prose(risk_told(each), 100),
        name(each.file, 2 * _NAME) if each.file else "",
        name(each.workflow_id, 100) if each.workflow_id else "",
        prose(instant(each.n8n_updated_at), 100) if each.n8n_updated_at else "",
    ]


def _differences(incident: Incident, differences: str, links: Links | None, *, room: int) -> list[list[str]]:
    """Fold out each workflow's difference, as much as fits; without any the summary of each."""
    whole = [section for section in sections_of(differences) if section.startswith("<details")]
    if not whole:
        return _titled("### What changed", _in_short(incident, room=room - 100))
    pointer = f" {_pointer(incident, links)}"
    parts = shared_out(whole, room=room - 400 - units(pointer))
    left_out = len(whole) - len(parts)
    told = [f"{count(left_out, 'more difference')} left out here." if left_out else ""]
    if left_out or any(units(part) < units(each) for part, each in zip(parts, whole, strict=False)):
        told = [f"{told[0]}{pointer}".strip()]
    return [["### What changed"], *([part] for part in parts), told if told[0] else []]


def _pointer(incident: Incident, links: Links | None) -> str:
    """Say where the differences stand in full. An issue that is being opened has no number yet."""
    if not incident.number:
        return "In full they stand on the state branch."
    path = details_path(incident.number)
    if links is None:
        return f"In full they stand in {code(path)} on the state branch."
    return f"In full they stand in [{code(path)}]({links.state_file(path)})."


def _in_short(incident: Incident, *, room: int) -> list[str]:
    """Tell one changed field a workflow, from the record."""
    rows: list[list[str]] = []
    left = room - 200
    for each in incident.affected_workflows:
        change = each.change_summary
        if change is None:
            continue
        row = [
            name(name_of(each), _NAME),
            name(change.node_name, _NAME),
            name(change.field, _NAME),
            name(change.old_value, _CELL),
            name(change.new_value, _CELL),
        ]
        left -= sum(units(cell) + 3 for cell in row) + 2
        if left < 0:
            break
        rows.append(row)
    return table(["Workflow", "Node", "Field", "Git", "n8n"], rows) if rows else []


def _who(incident: Incident) -> list[str]:
    """Say when n8n says each workflow was saved, and that it does not say by whom."""
    saved = [each for each in incident.affected_workflows if each.n8n_updated_at]
    lines = [
        f"- {name(name_of(each), _NAME)} was last saved in n8n at {prose(instant(each.n8n_updated_at), 100)}."
        for each in saved[:_MOST_NAMED]
    ]
    if len(saved) > _MOST_NAMED:
        first, last = (prose(instant(end(each.n8n_updated_at or "" for each in saved)), 100) for end in (min, max))
        lines = [f"- {workflows_told(len(saved))} were last saved in n8n between {first} and {last}."]
    gone = [each for each in incident.affected_workflows if each.drift_type is DriftKind.MISSING]
    if gone:
        removed = f"{name(name_of(gone[0]), _NAME)} was" if len(gone) == 1 else f"{workflows_told(len(gone))} were"
        lines.append(f"- n8n does not tell when {removed} removed.")
    return [
        *lines,
        "- n8n's public API does not tell who saved a workflow. Its editor may: look at the workflow's version history "
        "there, and at the instance's own logs.",
    ]
