"""Notes: each new step is said once, in order, and nothing that was said before is said again."""

from dataclasses import replace

import pytest
from tests.core.text.incidents import LINKS, acknowledged, after, closed, detected, reconciled, stabilized

from workflowops.core.incident.notes import with_notes
from workflowops.core.incident.record import Event, Incident, Note, NoteKind


def noted(before: Incident | None, now: Incident, *, notifies: bool = True, skip: tuple[Event, ...] = ()) -> Incident:
    return with_notes(before, now, links=LINKS, mentions=["@octocat"], notifies=notifies, skip=skip)


def ids(incident: Incident) -> list[str]:
    return [note.id for note in incident.notes]


def escalated(incident: Incident) -> Incident:
    return after(incident, Event.ESCALATE, "2026-01-15T15:25:00Z", after_hours="24")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        pytest.param(None, detected(), ["intent-1-0-n"], id="detection is told by the issue, and notified"),
        pytest.param(detected(), acknowledged(), ["intent-1-1"], id="a step by hand is told, not notified"),
        pytest.param(detected(), escalated(detected()), ["intent-1-1", "intent-1-1-n"], id="escalation is both"),
        pytest.param(reconciled(), closed(), ["intent-1-4", "intent-1-4-n"], id="closing is both"),
        pytest.param(acknowledged(), reconciled(), ["intent-1-2", "intent-1-3"], id="two steps at once"),
        pytest.param(closed(), closed(), [], id="nothing new"),
        pytest.param(detected(), after(detected(), Event.ISSUE_GONE, "15:40"), [], id="no issue to say it on"),
    ],
)
def test_every_new_step_is_noted_once(before, now, expected) -> None:
    assert ids(noted(before, now)) == expected


def test_without_anybody_to_notify_there_are_comments_alone() -> None:
    assert ids(noted(reconciled(), closed(), notifies=False)) == ["intent-1-4"]


def test_a_step_told_elsewhere_is_notified_all_the_same() -> None:
    assert ids(noted(reconciled(), closed(), skip=(Event.CLOSE,))) == ["intent-1-4-n"]


def test_notes_that_wait_stay_in_front_and_are_not_doubled() -> None:
    waiting = Note(id="intent-1-1", kind=NoteKind.COMMENT, text="said already", decided_at="2026-01-14T15:30:00Z")
    now = noted(detected(), replace(stabilized(), notes=(waiting,)))
    assert ids(now) == ["intent-1-1", "intent-1-2"]
    assert now.notes[0] is waiting
    assert ids(noted(detected(), now)) == ids(now)


def test_a_note_knows_when_it_was_decided_and_what_it_is() -> None:
    comment, notification = noted(reconciled(), closed()).notes
    assert (comment.kind, notification.kind) == (NoteKind.COMMENT, NoteKind.NOTIFICATION)
    assert comment.decided_at == notification.decided_at == "2026-01-14T17:50:00Z"
    assert comment.text.startswith("### Incident closed")
    assert notification.title == "[RESOLVED] Drift incident closed - Production"


def test_drift_that_is_gone_and_closed_at_once_is_one_comment_with_the_evidence() -> None:
    gone = after(
        detected(), Event.DRIFT_GONE, "17:00", resolution_type="reverted_to_git", reverted_to_git="Payment Gateway"
    )
    now = noted(detected(), after(gone, Event.CLOSE, "17:00"), notifies=False)
    assert ids(now) == ["intent-1-2"]
    assert "when it was checked at 2026-01-14 17:00:00 UTC" in now.notes[0].text
    assert "n8n runs again what Git said: Payment Gateway" in now.notes[0].text


def test_drift_that_is_gone_and_closed_by_somebody_later_is_two_comments() -> None:
    gone = after(detected(), Event.DRIFT_GONE, "17:00", resolution_type="reverted_to_git")
    assert ids(noted(detected(), after(gone, Event.CLOSE, "17:30", "octocat"), notifies=False)) == [
        "intent-1-1",
        "intent-1-2",
    ]


def test_nothing_but_the_notes_changes() -> None:
    assert replace(noted(reconciled(), closed()), notes=()) == closed()
