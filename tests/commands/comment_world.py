"""An incident and the people who comment on it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.commands.builders import MINUTE
from tests.commands.fake_tracker import FakeTracker
from tests.commands.incident_world import IncidentWorld

from workflowops.commands.comment import answer_event
from workflowops.commands.comment_effects import effects_of
from workflowops.core.comment.event import CommentEvent, IssueEvent
from workflowops.core.comment.outcome import EventOutcome
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.policy import Role
from workflowops.core.timestamps import iso


def comment_event(
    tracker: FakeTracker, text: str, login: str, *, number: int, now: datetime, **more: Any
) -> CommentEvent:
    """Somebody comments; answers what GitHub delivers."""
    comment_id = tracker.say(number, login, text)
    fields: dict[str, Any] = {
        "issue_number": number,
        "comment_id": comment_id,
        "author": login,
        "body": text,
        "url": f"https://github.com/o/r/issues/{number}#issuecomment-{comment_id}",
        "is_pull_request": False,
        "created_at": iso(now),
    }
    return CommentEvent(**(fields | more))


class CommentWorld(IncidentWorld):
    """Incident 1 is open: w0 was edited by hand. Ada may write, Tina may triage, Rita may read, Mallory is unknown."""

    def __init__(self, **policy: Any) -> None:
        super().__init__(**policy)
        self.edit()
        assert [each.number for each in self.check().opened] == [1]
        self.tracker.roles = {"ada": Role.WRITE, "tina": Role.TRIAGE, "rita": Role.READ}

    def event(self, text: str, login: str = "ada", *, number: int = 1, **more: Any) -> CommentEvent:
        """Somebody comments; answers what GitHub delivers."""
        return comment_event(self.tracker, text, login, number=number, now=self.world.clock.now, **more)

    def deliver(self, event: CommentEvent | IssueEvent, *, workspace: Any = None, **desk: Any) -> EventOutcome:
        """A run that answers an event."""
        self.world.clock.now += MINUTE
        at = self.desk(workspace=self.world.workspace(**(workspace or {})), detection_method="comment", **desk)
        return answer_event(at, event, effects=effects_of(at))

    def say(self, text: str, login: str = "ada", **more: Any) -> EventOutcome:
        """Somebody comments, and the run answers."""
        return self.deliver(self.event(text, login, **more))

    def by_hand(self, action: str, sender: str = "ada", *, is_by_bot: bool = False, **changes: Any) -> EventOutcome:
        """Somebody does something to the issue, and the run answers."""
        if changes:
            self.tracker.by_hand(1, **changes)
        return self.deliver(IssueEvent(issue_number=1, action=action, sender=sender, is_by_bot=is_by_bot))

    def reactions(self, event: CommentEvent) -> list[Reaction]:
        """Our signs on a comment, in order."""
        return self.tracker.reactions.get(event.comment_id, [])

    def is_unchanged_by(self, act: Callable[[], Any]) -> bool:
        """Say whether neither the state nor GitHub is written."""
        files, messages = dict(self.world.state.files), len(self.world.state.messages)
        issues, said = dict(self.tracker.issues), len(self.tracker.ours(1))
        act()
        return (
            self.world.state.files == files
            and len(self.world.state.messages) == messages
            and self.tracker.issues == issues
            and len(self.tracker.ours(1)) == said
        )

    @property
    def status(self) -> str:
        """Where the record says that the incident stands."""
        return str(self.incident()["status"])

    @property
    def last_answer(self) -> str:
        """What we said last."""
        return self.tracker.ours(1)[-1]


def reconciled_world(**policy: Any) -> CommentWorld:
    """The drift is gone and the incident is reconciled."""
    world = CommentWorld(**policy)
    world.put_back()
    world.check()
    assert world.status == "reconciled"
    return world
