"""What is said about a step of an incident: the comment on its issue."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from workflowops.core.incident.lifecycle import open_since
from workflowops.core.incident.record import AffectedWorkflow, Event, Incident, IncidentStatus, Step
from workflowops.core.incident.resolution import says_agreement
from workflowops.core.text.incident_closing import closing
from workflowops.core.text.incident_notification import notification
from workflowops.core.text.incident_sections import units
from workflowops.core.text.incident_timeline import step_lines
from workflowops.core.text.incident_words import (
    author_of,
    environment_of,
    event_told,
    kind_told,
    kinds_told,
    lasted,
    mentioned,
    name,
    name_of,
    nothing_drifts,
    prose,
    seconds_between,
    workflows_told,
)
from workflowops.core.text.links import Links
from workflowops.core.text.markdown import escaped, joined, with_commands
from workflowops.core.text.plain import count, cut

__all__ = ["notification", "step_note"]

_SILENT = frozenset({Event.DETECT, Event.ISSUE_GONE})
_BETWEEN_CALLS = timedelta(hours=24)
_LIST_ROOM = 20_000
_NAME = 300
_VALUE = 200


def step_note(
    incident: Incident, step: Step, *, links: Links | None, mentions: Sequence[str]
) -> tuple[str, str] | None:
    """Answer title and comment for a step that is told; None for detection, which the issue itself tells.

    `incident` is as it stands after the step. The comment is Markdown well under GitHub's limit; closing brings the
    timeline, the durations and the lessons. Only escalation and drift that came back call people, the latter not
    more often than once in a day.
    """
    if step.event in _SILENT:
        return None
    title = cut(f"Incident #{incident.number} in {environment_of(incident)}: {event_told(step)}", 200)
    body = closing(incident, step) if step.event is Event.CLOSE else _told(incident, step)
    called = mentioned(mentions) if _is_calling(incident, step) else ""
    run = "" if links is None or links.run_url is None else f"<sub>[The run]({links.run_url}) that says this.</sub>"
    return title, "\n".join(joined([[called] if called else [], body, [run] if run else []])) + "\n"


def _is_calling(incident: Incident, step: Step) -> bool:
    if step.event is not Event.DRIFT_BACK:
        return step.event is Event.ESCALATE
    called: datetime | None = None
    for each in incident.timeline:
        if each.event is not Event.DRIFT_BACK:
            continue
        at = datetime.fromisoformat(each.at)
        is_calling = called is None or at - called >= _BETWEEN_CALLS
        if each == step:
            return is_calling
        called = at if is_calling else called
    return True


def _told(incident: Incident, step: Step) -> list[str]:
    where = prose(environment_of(incident), _NAME)
    given = step_lines(step)[1:]
    match step.event:
        case Event.DRIFT_CHANGED:
            said = [f"**The difference changed.** In {where} it is about {_about(incident)} now.", *_listed(incident)]
        case Event.DRIFT_GONE:
            agree = " Git and n8n agree there." if says_agreement(step) else ""
            said = [
                f"**{nothing_drifts(incident, step, _NAME)}.**{agree}",
                "",
                with_commands(_after_gone(incident.status)),
            ]
        case Event.DRIFT_BACK:
            said = [f"**Git and n8n differ again** in {where}: {_about(incident)}.", *_listed(incident)]
        case Event.ESCALATE:
            said = [_escalation(incident, step)]
        case Event.REOPEN:
            said = [f"**The issue is open again.** The incident is {escaped(incident.status)}."]
        case _:
            done = f"**{event_told(step).capitalize()}** by {author_of(step.by, _NAME)}."
            now = "" if step.status == step.previous_status else f" The incident is {escaped(step.status)} now."
            said = [f"{done}{now}"]
    return joined([said, [line.removeprefix("  ") for line in given]])


def _about(incident: Incident) -> str:
    affected = incident.affected_workflows
    return f"{workflows_told(len(affected))} ({kinds_told(affected)})" if affected else "nothing that is known"


def _after_gone(status: IncidentStatus) -> str:
    match status:
        case IncidentStatus.CLOSED:
            return "The incident is reconciled and closed."
        case IncidentStatus.RECONCILED:
            return "The incident is reconciled; `/close` closes it."
        case _:
            return f"The incident is still {status}: the configuration leaves the rest to people."


def _escalation(incident: Incident, step: Step) -> str:
    age = lasted(seconds_between(open_since(incident), step.at))
    return (
        f"**Escalated.** Drift in {prose(environment_of(incident), _NAME)} has been open for {age or 'too long'}; "
        f"its severity is {escaped(incident.severity)}, its status {escaped(incident.status)}."
    )


def _change_told(affected: AffectedWorkflow) -> str:
    """Tell one changed field from Git's value to n8n's; the issue itself has all of them."""
    change = affected.change_summary
    if change is None:
        return ""
    where = name(f"{change.node_name} {change.field}".strip(), _NAME)
    return f": {where} from {name(change.old_value, _VALUE)} to {name(change.new_value, _VALUE)}"


def _listed(incident: Incident) -> list[str]:
    """List the affected workflows, as many as fit."""
    lines = [""]
    left = _LIST_ROOM
    for each in incident.affected_workflows:
        line = f"- {name(name_of(each), _NAME)} {prose(kind_told(each), 100)}{_change_told(each)}"
        left -= units(line) + 1
        if left < 0:
            break
        lines.append(line)
    more = len(incident.affected_workflows) - len(lines) + 1
    return [*lines, *([f"- ({count(more, 'more workflow')})"] if more else [])]
