"""A change of one incident's record: decided on the tip of the state, written with what has to be said about it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from workflowops.commands.delivery import with_its_notes
from workflowops.commands.desk import Desk
from workflowops.commands.incident_files import Change, changed_files, read_incident
from workflowops.commands.ports import StateView
from workflowops.core.incident.outcome import Delivery
from workflowops.core.incident.record import Event, Incident, NoteKind

Judge = Callable[[Incident, StateView], Incident]
"""From the incident as it stands to the incident as it should stand. Called again when somebody was faster."""


@dataclass(frozen=True, slots=True)
class Decided:
    """An incident before and after a decision, its notes included."""

    before: Incident
    after: Incident

    @property
    def fresh_notes(self) -> frozenset[str]:
        """Name the notes that nobody can have said yet."""
        return frozenset(note.id for note in self.after.notes) - {note.id for note in self.before.notes}


def decide_on(
    desk: Desk, number: int, judge: Judge, *, message: str, told_elsewhere: Collection[Event] = ()
) -> Decided | None:
    """Change an incident in one commit, audit entries and notes included; None when it is not in the state.

    Steps of the events `told_elsewhere` get no comment of their own. A dry run decides and writes nothing. Raises what
    the state branch raises; then nothing was decided.
    """
    latest: list[Decided | None] = [None]

    def decide(tip: StateView) -> Mapping[str, bytes | None]:
        before = read_incident(tip, number)
        if before is None:
            latest.append(None)
            return {}
        after = with_its_notes(desk, before, judge(before, tip), told_elsewhere=told_elsewhere)
        latest.append(Decided(before, after))
        if after == before:
            return {}
        return changed_files(desk.workspace, tip, [Change(before=before, after=after)])

    if desk.workspace.is_dry_run:
        decide(desk.workspace.state.view())
    else:
        desk.workspace.state.change(decide, message=message)
    return latest[-1]


def without_what_was_said(incident: Incident, delivery: Delivery) -> Incident:
    """Answer an incident as the state has it once its notes were delivered, as far as they were."""
    left = [note for note in incident.notes if note.id not in delivery.comments]
    if delivery.comments and not any(note.kind is NoteKind.COMMENT for note in left):
        left = []  # notifications are sent after the comments, and never twice
    return replace(incident, notes=tuple(left))
