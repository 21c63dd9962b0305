"""What a drift check did to the incidents, for the terminal and the step summary."""

from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.incident.record import Incident, IncidentStatus
from workflowops.core.text.markdown import escaped
from workflowops.core.text.plain import count, cut, visible
from workflowops.core.text.style import Style

_MOST_NAMES = 3
_LONGEST_NAME = 60


def render_incidents(outcome: IncidentsOutcome, *, style: Style) -> str:
    """Tell the incidents in a line each; nothing where there are none."""
    lines = [
        *(style.bad(line) for line in _opened(outcome)),
        *(style.notable(line) for line in _of(outcome.updated, "changed", outcome)),
        *(style.good(line) for line in _of(outcome.closed, "closed", outcome)),
        *_of(outcome.unchanged, "as before", outcome),
        *(style.quiet(line) for line in _notes(outcome)),
        *(style.notable(visible(f"Not told: {line}")) for line in outcome.warnings),
        *(style.bad(visible(f"Not done: {line}")) for line in outcome.problems),
    ]
    return "\n".join(lines) + "\n" if lines else ""


def summary_incidents(outcome: IncidentsOutcome) -> str:
    """Tell the same as Markdown; the numbers lead to the issues."""
    lines = [
        *_opened(outcome, is_markdown=True),
        *_of(outcome.updated, "changed", outcome, is_markdown=True),
        *_of(outcome.closed, "closed", outcome, is_markdown=True),
        *_of(outcome.unchanged, "as before", outcome, is_markdown=True),
        *(escaped(line) for line in _notes(outcome)),
        *(f":warning: {escaped(cut(line, 1_000))}" for line in (*outcome.warnings, *outcome.problems)),
    ]
    return "\n".join(["### Incidents", "", *(f"- {line}" for line in lines)]) + "\n" if lines else ""


def _opened(outcome: IncidentsOutcome, *, is_markdown: bool = False) -> list[str]:
    return _of(outcome.opened, "opened", outcome, is_markdown=is_markdown)


def _of(
    incidents: tuple[Incident, ...], became: str, outcome: IncidentsOutcome, *, is_markdown: bool = False
) -> list[str]:
    would = "would be " if outcome.is_plan and became != "as before" else ""
    return [_line(each, f"{would}{became}", is_markdown=is_markdown) for each in incidents]


def _line(incident: Incident, became: str, *, is_markdown: bool) -> str:
    number = f"#{incident.number}" if incident.number else "(new)"
    words = visible(f"{became}, {_standing(incident)}: {_names(incident)}")
    if is_markdown:
        return f"Incident {number} {escaped(words)}"
    where = f"  {incident.url}" if incident.url and became == "opened" else ""
    return f"Incident {number} {words}{where}"


def _standing(incident: Incident) -> str:
    gone = ", drift is gone" if incident.drift_gone_at and incident.status is not IncidentStatus.CLOSED else ""
    return f"{incident.environment_title}, severity {incident.severity}, {incident.status}{gone}"


def _names(incident: Incident) -> str:
    names = [cut(each.workflow_name, _LONGEST_NAME) for each in incident.affected_workflows]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _notes(outcome: IncidentsOutcome) -> list[str]:
    notes = []
    if outcome.left_alone:
        notes.append(f"No incidents: {outcome.left_alone}")
    if outcome.accepted:
        notes.append(f"{count(outcome.accepted, 'drifted workflow')} accepted for the time being, without an incident.")
    if outcome.waiting:
        notes.append(
            f"{count(outcome.waiting, 'incident')} decided and not opened yet: the next run goes on with them."
        )
    return notes
