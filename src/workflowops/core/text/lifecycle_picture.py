"""A picture of an incident's life, drawn from the table that decides it."""

from workflowops.core.incident.lifecycle import TRANSITIONS, Transition
from workflowops.core.incident.record import Event, IncidentStatus


def lifecycle_picture() -> str:
    """Draw every way from one status to another as Mermaid, without a code block around it.

    A comment that leads there begins with a slash; what a drift check sees does not. What leaves the status as it is
    has no arrow.
    """
    lines = ["stateDiagram-v2", "  direction LR"]
    lines += [f"  [*] --> {row.target}: {_label(row)}" for row in TRANSITIONS if row.event is Event.DETECT]
    for source in IncidentStatus:
        for target in IncidentStatus:
            labels = [_label(row) for row in TRANSITIONS if source in row.sources and row.target is target != source]
            if labels:
                lines.append(f"  {source} --> {target}: {', '.join(labels)}")
    return "\n".join([*lines, f"  {IncidentStatus.CLOSED} --> [*]"])


def _label(row: Transition) -> str:
    return f"/{row.event}" if row.by_people else row.event.replace("_", " ")
