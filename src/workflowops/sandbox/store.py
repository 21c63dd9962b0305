"""The stand-in's database: rows, history, and the encoded list items that make pages cheap."""

import random
import string
import uuid
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from workflowops.sandbox.generation import Generation
from workflowops.sandbox.records import Credential, DataTable, Owner, PublishEvent, Tag, Version, Workflow, instant
from workflowops.sandbox.refusal import not_found
from workflowops.sandbox.webhooks import Address

_ID_LETTERS = string.ascii_letters + string.digits


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Where new ids come from; `seed` makes them repeatable."""

    seed: int | None = None
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_random", random.Random(self.seed))  # noqa: S311 - ids, not secrets

    def short(self) -> str:
        """Sixteen letters and digits, as n8n's ids of workflows, tags and credentials."""
        return "".join(self._random.choices(_ID_LETTERS, k=16))

    def long(self) -> str:
        """A UUID, as n8n's ids of versions and nodes."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


class Store:
    """Rows by id. Knows no rule of n8n beyond keys, order and what hangs on a workflow."""

    def __init__(
        self,
        generation: Generation = Generation.V2,
        *,
        clock: Callable[[], datetime] = _system_clock,
        identifiers: Identifiers | None = None,
    ) -> None:
        self.generation = generation
        self.clock = clock
        self.identifiers = identifiers or Identifiers()
        self.owner = Owner(user_id=self.identifiers.long(), project_id=self.identifiers.short())
        self.tags: dict[str, Tag] = {}
        self.credentials: dict[str, Credential] = {}
        self.data_tables: dict[str, DataTable] = {}
        self.variables: dict[str, str] | None = None
        """Id -> key; None where the instance has no licence for them, as without one."""
        self.keys: dict[str, frozenset[str]] = {}
        self.webhooks: dict[Address, str] = {}
        self.leaving: set[str] = set()
        """Workflows that were unpublished a moment ago, whose triggers 2.x has not taken down yet."""
        self._workflows: dict[str, Workflow] = {}
        self._ids: list[str] = []
        self._versions: dict[str, dict[str, Version]] = {}
        self._events: dict[str, list[PublishEvent]] = {}
        self._event_count = 0
        self._held: dict[str, tuple[Address, ...]] = {}
        self._encoded: dict[tuple[str, bool], tuple[Workflow, bytes]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, workflow_id: str) -> bool:
        return workflow_id in self._workflows

    def now(self) -> str:
        """The moment, as n8n writes it."""
        return instant(self.clock())

    def find(self, workflow_id: str) -> Workflow | None:
        """Answer a row, or None."""
        return self._workflows.get(workflow_id)

    def get(self, workflow_id: str, *, otherwise: str = "Not Found") -> Workflow:
        """Answer a row; raises Refused (404) in the words of the endpoint."""
        workflow = self._workflows.get(workflow_id)
        if workflow is None:
            raise not_found(otherwise)
        return workflow

    def put(self, workflow: Workflow) -> Workflow:
        """Insert or replace a row."""
        if workflow.id not in self._workflows:
            insort(self._ids, workflow.id)
        self._workflows[workflow.id] = workflow
        return workflow

    def drop(self, workflow_id: str) -> None:
        """Remove a row and what hangs on it."""
        del self._workflows[workflow_id]
        del self._ids[bisect_left(self._ids, workflow_id)]
        self.leaving.discard(workflow_id)
        self._versions.pop(workflow_id, None)
        self._events.pop(workflow_id, None)
        for excludes in (True, False):
            self._encoded.pop((workflow_id, excludes), None)
        self.release_webhooks(workflow_id)

    def rows(self) -> Iterator[Workflow]:
        """All rows in the order in which the list answers them: by id."""
        return (self._workflows[workflow_id] for workflow_id in self._ids)

    def slice(self, *, start: int, stop: int) -> list[Workflow]:
        """The rows of one page, without walking over the others."""
        return [self._workflows[workflow_id] for workflow_id in self._ids[start:stop]]

    def encoded(self, workflow: Workflow, encode: Callable[[], bytes], *, excludes_pin_data: bool) -> bytes:
        """Answer what `encode` made of this very row before, or let it work."""
        key = (workflow.id, excludes_pin_data)
        kept = self._encoded.get(key)
        if kept is not None and kept[0] is workflow:
            return kept[1]
        text = encode()
        self._encoded[key] = (workflow, text)
        return text

    def forget_encoded(self) -> None:
        """Drop the encoded items: something that several rows show (a tag's name) has changed."""
        self._encoded.clear()

    def add_version(self, version: Version) -> Version:
        """Add to, or replace in, a workflow's history."""
        self._versions.setdefault(version.workflow_id, {})[version.version_id] = version
        return version

    def version(self, workflow_id: str, version_id: str) -> Version:
        """Answer one version; raises Refused (404)."""
        version = self._versions.get(workflow_id, {}).get(version_id)
        if version is None:
            raise not_found("Version not found")
        return version

    def versions(self, workflow_id: str) -> list[Version]:
        """A workflow's history, newest first."""
        return list(reversed(self._versions.get(workflow_id, {}).values()))

    def record(self, workflow: Workflow, version_id: str, event: str) -> None:
        """Add a line to the publish history."""
        self._event_count += 1
        line = PublishEvent(self._event_count, workflow.id, version_id, event, self.now())
        self._events.setdefault(workflow.id, []).append(line)

    def events(self, version: Version) -> Iterable[PublishEvent]:
        """The publish history of one version."""
        return (line for line in self._events.get(version.workflow_id, ()) if line.version_id == version.version_id)

    def hold_webhooks(self, workflow_id: str, held: Collection[Address]) -> None:
        """Let a published workflow own these addresses, and no others."""
        self.release_webhooks(workflow_id)
        self.webhooks.update(dict.fromkeys(held, workflow_id))
        self._held[workflow_id] = tuple(held)

    def release_webhooks(self, workflow_id: str) -> None:
        """Free the addresses of a workflow."""
        for address in self._held.pop(workflow_id, ()):
            self.webhooks.pop(address, None)
