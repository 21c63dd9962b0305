"""The answer to `/sync`: what was read, and whether anything still differs."""

from workflowops.core.drift import EnvironmentDrift, NotRecorded
from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.incident.record import Incident
from workflowops.core.sync import EnvironmentSync
from workflowops.core.text.incident_words import name, prose
from workflowops.core.text.markdown import escaped
from workflowops.core.text.plain import count
from workflowops.core.text.words import STATUSES, kind_of, shown_name

_MOST_NAMED = 20
_NAME = 300
_TEXT = 2_000


def checked_again_answer(
    synced: EnvironmentSync, drift: EnvironmentDrift, *, not_recorded: NotRecorded | None, incidents: IncidentsOutcome
) -> str:
    """Tell in Markdown what a sync and a drift check of one environment found, and what that means for incidents."""
    lines = [_read(synced), f"- Compared with Git: **{escaped(STATUSES[drift.drift_status])}**."]
    drifted = [each for each in drift.workflows if each.canonical_id is not None][:_MOST_NAMED]
    lines += [f"  - {name(shown_name(each.workflow_name), _NAME)}: {escaped(kind_of(each))}" for each in drifted]
    more = sum(each.canonical_id is not None for each in drift.workflows) - len(drifted)
    lines += [f"  - ({count(more, 'more workflow')})"] if more else []
    lines += [f"- {_moved(each)}" for each in (*incidents.opened, *incidents.updated, *incidents.closed)]
    lines += [f"- :warning: {prose(each, _TEXT)}" for each in (*incidents.problems, *incidents.warnings)]
    lines += [] if incidents.left_alone is None else [f"- {prose(incidents.left_alone, _TEXT)}"]
    if not_recorded is not None:
        lines.append(f"- :warning: Not recorded: {prose(f'{not_recorded.reason} {not_recorded.fix}', _TEXT)}")
    return "\n".join(lines) + "\n"


def _read(synced: EnvironmentSync) -> str:
    if not synced.is_new:
        return "- Another run is reading n8n for the records right now; it was left to it."
    figures = [
        (synced.workflows_linked, "source-managed"),
        (synced.workflows_unmapped, "unmanaged"),
        (synced.workflows_missing, "gone from n8n"),
        (len(synced.errors), "set aside as odd"),
    ]
    told = ", ".join(f"{number:,} {word}" for number, word in figures if number)
    return f"- Read {count(synced.workflows_synced, 'workflow')} from n8n{f' ({told})' if told else ''}."


def _moved(incident: Incident) -> str:
    return f"Incident #{incident.number:d} is {escaped(incident.status)} now."
