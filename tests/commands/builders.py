"""A small world for commands: instances, a repository, a state branch, and a workspace to run in."""

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.commands.fakes import FakeN8n, FakeRepository, FakeStateStore

from workflowops.commands.baseline import BaselineOutcome, take_baseline
from workflowops.commands.drift import check_drift
from workflowops.commands.onboard import onboard
from workflowops.commands.ports import Actor, N8nReader, Workspace
from workflowops.commands.sync import sync
from workflowops.core.baseline import Accept
from workflowops.core.configuration import Configuration, Connection, DriftPolicy, Environment
from workflowops.core.drift import DriftReport, EnvironmentDrift
from workflowops.core.onboarding import OnboardingOutcome, Selection, Wishes
from workflowops.core.sync import SyncOutcome

BEGIN = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HTTP = "n8n-nodes-base.httpRequest"
URL = "https://api.example.com/orders"


def document(name: str = "Orders", *, url: str = URL, **more: Any) -> dict[str, Any]:
    """A workflow document of two nodes; `url` is what tells two of them apart."""
    trigger = {"id": f"{name}-1", "name": "Begin", "type": "n8n-nodes-base.manualTrigger", "typeVersion": 1}
    call = {"id": f"{name}-2", "name": "Call", "type": HTTP, "typeVersion": 4.2, "parameters": {"url": url}}
    return {
        "name": name,
        "nodes": [{**trigger, "position": [0, 0], "parameters": {}}, {**call, "position": [220, 0]}],
        "connections": {"Begin": {"main": [[{"node": "Call", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    } | more


def listed(workflow_id: str, content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """What n8n answers for a document; published when `active` is given."""
    answer = {
        "id": workflow_id,
        "active": False,
        "isArchived": False,
        "createdAt": "2026-01-02T00:00:00.000Z",
        "updatedAt": "2026-01-10T14:30:00.000Z",
        "versionId": "v1",
        "nodeGroups": [],
        "tags": [],
        "activeVersion": None,
        "shared": [{"role": "workflow:owner", "project": {"name": "Sandy <sandy.owner@example.com>"}}],
        **content,
        **more,
    }
    answer["tags"] = [{"id": f"tag-{name}", "name": name} for name in answer["tags"]]
    if answer["active"] and answer["activeVersion"] is None:
        answer["activeVersion"] = {"versionId": "v1", **{key: content[key] for key in ("nodes", "connections")}}
    return answer


def file_of(content: Mapping[str, Any], **more: Any) -> bytes:
    """A workflow file."""
    return json.dumps({"active": False, "tags": [], **content, **more}, indent=2).encode()


def sidecar(canonical_id: str, slug: str = "orders", **more: Any) -> bytes:
    return json.dumps({"canonical_id": canonical_id, "canonical_slug": slug, **more}).encode()


@dataclass
class Clock:
    """A clock that the world moves by a minute before each command, and that moves by `step` each time it is read."""

    now: datetime = BEGIN
    step: timedelta = timedelta()

    def __call__(self) -> datetime:
        self.now += self.step
        return self.now


@dataclass
class Lines:
    """Progress that remembers."""

    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)


class World:
    """Everything around the commands. Environments are called dev, staging, prod; each has a FakeN8n of its name."""

    def __init__(self, *names: str, policy: DriftPolicy | None = None) -> None:
        self.n8n = {name: FakeN8n(api_key=f"key-of-{name}") for name in names or ("prod",)}
        self.configuration = Configuration(
            version=1,
            environments={
                name: Environment(
                    name=name,
                    title=name.title(),
                    url=f"https://{name}.example.com",
                    api_key=f"${{KEY_{name.upper()}}}",
                    folder=name,
                    drift=policy or DriftPolicy(),
                )
                for name in self.n8n
            },
        )
        self.variables = {f"KEY_{name.upper()}": f"key-of-{name}" for name in self.n8n}
        self.repository = FakeRepository()
        self.repository.commit({"README.md": b"Workflows\n"})
        self.state = FakeStateStore()
        self.clock = Clock()
        self.progress = Lines()
        self.actor = Actor(name="ada", run_id="run-1", run_url="https://github.com/o/r/actions/runs/1")
        self._ids = iter(range(1, 1_000_000))

    def workspace(self, **changes: Any) -> Workspace:
        settings: dict[str, Any] = {
            "configuration": self.configuration,
            "variables": self.variables,
            "ref": "HEAD",
            "state": self.state,
            "repository": self.repository,
            "open_n8n": self.open_n8n,
            "clock": self.clock,
            "new_id": lambda: f"00000000-0000-4000-8000-{next(self._ids):012d}",
            "progress": self.progress,
            "actor": self.actor,
        }
        return Workspace(**(settings | changes))

    def open_n8n(self, connection: Connection, environment: Environment) -> AbstractAsyncContextManager[N8nReader]:
        return self.n8n[environment.name].used_with(connection.api_key)

    def environments(self, *names: str) -> list[Environment]:
        return [self.configuration.environments[name] for name in names or self.n8n]

    def put(self, environment: str, workflow_id: str, content: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Put a workflow into an instance, or another content in its place."""
        self.n8n[environment].store[workflow_id] = listed(workflow_id, content or document(), **more)

    def sync(self, *names: str, **changes: Any) -> SyncOutcome:
        self.clock.now += MINUTE
        return sync(self.workspace(**changes), self.environments(*names))

    def drift(self, *names: str, **changes: Any) -> DriftReport:
        self.clock.now += MINUTE
        return check_drift(self.workspace(**changes), self.environments(*names))

    def drift_of(self, name: str = "prod", **changes: Any) -> EnvironmentDrift:
        return self.drift(name, **changes).environments[0]

    def baseline(self, *names: str, accept: Accept | None = None, **changes: Any) -> BaselineOutcome:
        self.clock.now += MINUTE
        return take_baseline(self.workspace(**changes), self.environments(*names), accept=accept)

    def onboard(
        self, *names: str, ids: Iterable[str] = (), wishes: Wishes | None = None, **changes: Any
    ) -> OnboardingOutcome:
        self.clock.now += MINUTE
        selection = Selection(workflow_ids=tuple(ids), is_all=not ids)
        return onboard(self.workspace(**changes), self.environments(*names), selection, wishes or Wishes())

    def record(self, name: str = "prod") -> Any:
        return self.state.document(f"environments/{name}/environment.json")

    def mapping(self, name: str = "prod") -> Any:
        return self.state.document(f"environments/{name}/mapping.json")["workflows"]

    def jobs(self, name: str = "prod") -> Any:
        return self.state.document(f"environments/{name}/jobs.json")["jobs"]

    def current(self, name: str = "prod") -> Any:
        return self.state.document(f"environments/{name}/current.json")["workflows"]

    def audit(self, name: str = "prod") -> list[Any]:
        lines = [content for path, content in sorted(self.state.files.items()) if f"environments/{name}/audit/" in path]
        return [json.loads(line) for content in lines for line in content.splitlines()]


def baselined(*names: str, policy: DriftPolicy | None = None, workflows: int = 1) -> World:
    """A world in which every environment holds the same onboarded workflows (w0, w1, ...) and has its baseline."""
    world = World(*names, policy=policy)
    for name in world.n8n:
        for number in range(workflows):
            world.put(name, f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.onboard()
    world.baseline()
    return world
