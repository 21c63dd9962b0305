"""What is to be said about the new steps of an incident, kept in its record until it was said."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from workflowops.core.incident.record import Event, Incident, Note, NoteKind, Step
from workflowops.core.text.incident_notes import notification, step_note
from workflowops.core.text.links import Links


def with_notes(
    before: Incident | None,
    after: Incident,
    *,
    links: Links | None,
    mentions: Sequence[str],
    notifies: bool,
    skip: Collection[Event] = (),
) -> Incident:
    """Add to `after` a note for every step that `before` does not have, in the order of the steps.

    A comment's id is the intent and the number of the step in the timeline, a notification's has `-n` behind it: the
    same step never gets two. Steps in `skip` are told elsewhere, as a comment; they are notified of all the same.
    """
    first = 0 if before is None else len(before.timeline)
    known = {note.id for note in after.notes}
    notes: list[Note] = []
    for number, step in enumerate(after.timeline[first:], first):
        if step.event not in skip and not _is_told_by_closing(after.timeline, number):
            told = step_note(after, step, links=links, mentions=mentions)
            notes += _note(f"{after.intent}-{number}", NoteKind.COMMENT, told, step)
        if notifies:
            notes += _note(f"{after.intent}-{number}-n", NoteKind.NOTIFICATION, notification(after, step), step)
    return replace(after, notes=(*after.notes, *(note for note in notes if note.id not in known)))


def _is_told_by_closing(timeline: Sequence[Step], number: int) -> bool:
    """Say whether a check found drift gone and closed the incident at once: closing tells the evidence as well."""
    step, after = timeline[number], timeline[number + 1 : number + 2]
    return step.event is Event.DRIFT_GONE and any(
        each.event is Event.CLOSE and (each.at, each.by) == (step.at, step.by) for each in after
    )


def _note(note_id: str, kind: NoteKind, told: tuple[str, str] | None, step: Step) -> list[Note]:
    return [] if told is None else [Note(id=note_id, kind=kind, title=told[0], text=told[1], decided_at=step.at)]
