"""What happened to an incident so far, step by step."""

from workflowops.core.incident.lifecycle import BY_MACHINE
from workflowops.core.incident.record import Incident, Step
from workflowops.core.text.incident_sections import units
from workflowops.core.text.incident_words import author_of, event_told, fields_told, instant, prose
from workflowops.core.text.plain import count

_LONGEST_FIELD = 1_500
_LONGEST_NAME = 200
_MOST_FIELDS = 12


def timeline(incident: Incident, *, room: int) -> list[str]:
    """List the steps with who took them and what they were given, in at most so many units.

    Where they do not fit, the first one and the latest ones are kept, and those between are counted.
    """
    parts = [step_lines(step) for step in incident.timeline]
    sizes = [sum(units(line) + 1 for line in part) for part in parts]
    left = room - 100
    kept: list[int] = []
    for number in [0, *range(len(parts) - 1, 0, -1)][: len(parts)]:
        left -= sizes[number]
        if left < 0:
            break
        kept.append(number)
    if not kept:
        return []
    newest = [part for number in sorted(kept[1:]) for part in parts[number]]
    hidden = len(parts) - len(kept)
    between = [f"- ({count(hidden, 'step')} left out)"] if hidden else []
    return [*parts[0], *between, *newest]


def step_lines(step: Step) -> list[str]:
    """Tell one step as an item of a list, with what it was given below it."""
    given = fields_told(step.fields)[:_MOST_FIELDS]
    return [
        f"- {prose(instant(step.at), 100)}: {happened(step)}",
        *(f"  - {prose(title, 100)}: {prose(value, _LONGEST_FIELD)}" for title, value in given),
    ]


def happened(step: Step) -> str:
    """Say in Markdown what happened and by whom; a drift check sees for itself."""
    if step.by in ("", BY_MACHINE):
        return f"**{event_told(step)}**"
    return f"**{event_told(step)}** by {author_of(step.by, _LONGEST_NAME)}"
