"""Unmanaged workflows in n8n, a desk, and people who ask for them to be put under Git."""

from datetime import timedelta
from typing import Any

from tests.commands.builders import MINUTE, URL, World, document
from tests.commands.comment_world import comment_event
from tests.commands.fake_tracker import FakeTracker
from tests.commands.incident_world import LINKS

from workflowops.commands.comment import answer_event
from workflowops.commands.comment_onboarding import onboarding_hand
from workflowops.commands.desk import Desk
from workflowops.commands.unmapped import update_unmapped
from workflowops.core.comment.event import CommentEvent, FormEvent
from workflowops.core.comment.outcome import EventOutcome
from workflowops.core.incident.issue import Issue, Reaction
from workflowops.core.incident.policy import Role
from workflowops.core.timestamps import iso
from workflowops.core.unmapped.outcome import UnmappedOutcome

FORM = 40


class OnboardingWorld:
    """Dev has the unmanaged workflows w0, w1, ...; Ada may write, Rita may read, Mallory is unknown."""

    def __init__(self, *names: str, workflows: int = 2) -> None:
        self.world = World(*(names or ("dev",)))
        self.tracker = FakeTracker()
        self.tracker.roles = {"ada": Role.WRITE, "rita": Role.READ}
        self.pauses: list[float] = []
        for number in range(workflows):
            self.put(number)

    def put(self, number: int, environment: str = "dev", **more: Any) -> None:
        """Make a workflow in n8n."""
        name = more.pop("name", f"Orders {number}")
        self.world.put(environment, f"w{number}", document(name, url=f"{URL}/{number}"), **more)

    def desk(self, **changes: Any) -> Desk:
        settings: dict[str, Any] = {
            "workspace": self.world.workspace(),
            "tracker": self.tracker,
            "links": LINKS,
            "pause": self.pause,
        }
        return Desk(**(settings | changes))

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.world.clock.now += timedelta(seconds=seconds)

    def follow(self, *names: str, **changes: Any) -> UnmappedOutcome:
        """A sync, and what follows for the issues."""
        self.world.sync(*names)
        return self.update(*names, **changes)

    def update(self, *names: str, **changes: Any) -> UnmappedOutcome:
        self.world.clock.now += MINUTE
        desk = self.desk(workspace=self.world.workspace(**changes))
        return update_unmapped(desk, self.world.environments(*names))

    @property
    def issue(self) -> Issue:
        """The one issue that lists unmanaged workflows."""
        (found,) = [each for each in self.tracker.issues.values() if "workflowops:unmapped" in each.labels]
        return found

    @property
    def alerts(self) -> Any:
        return self.world.state.document("onboarding.json")["alerts"]

    @property
    def requests(self) -> Any:
        return self.world.state.document("onboarding.json")["requests"]

    def say(self, text: str, login: str = "ada", *, number: int | None = None, **more: Any) -> EventOutcome:
        """Somebody comments, and the run answers."""
        return self.deliver(self.comment(text, login, number=number, **more))

    def comment(self, text: str, login: str = "ada", *, number: int | None = None, **more: Any) -> CommentEvent:
        number = self.issue.number if number is None else number
        return comment_event(self.tracker, text, login, number=number, now=self.world.clock.now, **more)

    def form(self, body: str, author: str = "ada", *, action: str = "opened", sender: str | None = None) -> FormEvent:
        """Somebody fills in the form; answers what GitHub delivers."""
        self.tracker.issues[FORM] = Issue(
            number=FORM,
            url="",
            title="Onboard: ",
            body=body,
            is_open=True,
            labels=("workflowops:onboard",),
            author=author,
        )
        return FormEvent(
            issue_number=FORM,
            action=action,
            author=author,
            sender=sender or author,
            body=body,
            url=f"https://github.com/o/r/issues/{FORM}",
            created_at=iso(self.world.clock.now),
        )

    def deliver(self, event: Any, **changes: Any) -> EventOutcome:
        """A run that answers an event."""
        self.world.clock.now += MINUTE
        desk = self.desk(workspace=self.world.workspace(**changes))
        return answer_event(desk, event, effects={}, onboarding=onboarding_hand(desk))

    def reactions(self, event: CommentEvent) -> list[Reaction]:
        return self.tracker.reactions.get(event.comment_id, [])
