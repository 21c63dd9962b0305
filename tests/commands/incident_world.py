"""A baselined world with a desk: drift checks that open incidents on a tracker in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.commands.builders import URL, World, baselined, document, file_of
from tests.commands.fake_tracker import FakeTracker

from workflowops.commands.desk import Desk
from workflowops.commands.incidents import update_incidents
from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.text.links import Links

HOST = "api-new.example.com"
HOT = f"https://{HOST}/orders"
LINKS = Links(server_url="https://github.com", repository="o/r", state_branch="workflowops-state")


class FakeNotifier:
    """Remembers what was sent; `problem` is what goes wrong."""

    def __init__(self) -> None:
        self.sent: list[tuple[tuple[str, ...], str, str]] = []
        self.problem: str | None = None

    def send(self, addresses: Any, *, title: str, text: str) -> str | None:
        self.sent.append((tuple(addresses), title, text))
        return self.problem


class IncidentWorld:
    """The workflows w0, w1, ... of prod are under Git and have their baseline; nothing has drifted yet."""

    def __init__(self, *, workflows: int = 1, **policy: Any) -> None:
        self.world: World = baselined("prod", workflows=workflows)
        self.tracker = FakeTracker()
        self.notifier = FakeNotifier()
        self.pauses: list[float] = []
        self.set_policy(**policy)

    def set_policy(self, **policy: Any) -> None:
        prod = self.world.configuration.environments["prod"]
        changed = replace(prod, incidents=replace(prod.incidents, **policy))
        self.world.configuration = replace(self.world.configuration, environments={"prod": changed})

    def desk(self, **changes: Any) -> Desk:
        settings: dict[str, Any] = {
            "workspace": self.world.workspace(),
            "tracker": self.tracker,
            "notifier": self.notifier,
            "links": LINKS,
            "detection_method": "scheduled",
            "git_branch": "main",
            "addresses": {"${SLACK}": "slack://secret"},
            "pause": self.pause,
        }
        return Desk(**(settings | changes))

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.world.clock.now += timedelta(seconds=seconds)

    def edit(self, number: int = 0, *, url: str = HOT, **more: Any) -> None:
        """Edit a workflow in n8n by hand."""
        self.world.put("prod", f"w{number}", document(f"Orders {number}", url=url), **more)

    def put_back(self, number: int = 0) -> None:
        """Undo the edit in n8n."""
        self.edit(number, url=f"{URL}/{number}")

    def commit(self, number: int = 0, *, url: str = HOT) -> None:
        """Put another version into Git, as a merged pull request does."""
        self.world.repository.commit({f"prod/orders_{number}.json": file_of(document(f"Orders {number}", url=url))})

    def check(self, **changes: Any) -> IncidentsOutcome:
        """A drift check with everything that follows from it."""
        report = self.world.drift("prod", **changes)
        return update_incidents(self.desk(workspace=self.world.workspace(**changes)), report)

    @property
    def index(self) -> Any:
        return self.world.state.document("environments/prod/incidents.json")

    def incident(self, number: int = 1) -> Any:
        return self.world.state.document(f"incidents/{number}.json")

    def audited(self) -> list[str]:
        return [entry["action"] for entry in self.world.audit() if entry["action"].startswith("incident.")]

    def requests_of(self, *names: str) -> Mapping[str, int]:
        return {name: self.tracker.calls.count(name) for name in names}
