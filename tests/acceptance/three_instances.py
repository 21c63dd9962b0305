"""Three instances at once, dev, staging and prod, as a promotion meets them: same names, other ids.

`python -m tests.acceptance.three_instances` starts three real n8n and leaves them running until Ctrl-C; `--sandbox`
starts three stand-ins.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from tests.acceptance.documents import Document
from tests.acceptance.n8n_installation import DEFAULT_VERSION, install
from tests.acceptance.servers import RealServer, SandboxServer, Server, answered, eventually

from workflowops.sandbox import Generation

NAMES = ("dev", "staging", "prod")
CREDENTIALS: Mapping[str, str] = {"Billing API": "httpHeaderAuth", "Mail gateway": "httpBasicAuth"}
"""Name -> type of what each instance has unless a test wants others."""

DATA_TABLES = ("customers",)
_COLUMNS = [{"name": "email", "type": "string"}, {"name": "age", "type": "number"}]

Start = Callable[[], Server]


@dataclass(frozen=True, slots=True)
class Place:
    """One of the three. `credentials` and `data_tables` are name -> id, and no two places have an id in common.

    `kinds` is name -> type of the credentials.
    """

    name: str
    server: Server
    credentials: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    data_tables: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """An API key with every scope."""
        return str(self.server.api.headers["X-N8N-API-KEY"])

    @property
    def variable(self) -> str:
        """The environment variable that the key is read from."""
        return f"N8N_KEY_{self.name.upper()}"

    def add_credential(self, name: str, kind: str = "httpBasicAuth") -> str:
        """Create a credential through the API; n8n chooses the id."""
        self.credentials[name] = self.server.new_credential(name, kind)
        self.kinds[name] = kind
        return self.credentials[name]

    def add_data_table(self, name: str) -> str:
        """Create a data table through the API (n8n 2.x has one; the sandbox and 1.x have none)."""
        body = {"name": name, "columns": _COLUMNS}
        self.data_tables[name] = str(answered(self.server.api.post("/data-tables", json=body))["id"])
        return self.data_tables[name]

    def load(self, documents: Iterable[Document], *, publish: bool = True) -> tuple[Document, ...]:
        """Create workflows in this order and answer them as GET shows them; published, callees have to come first."""
        made = [self.server.new(document)["id"] for document in documents]
        if publish:
            for workflow_id in made:
                answered(self.server.activate(workflow_id))
        return tuple(self.shown(workflow_id, published=publish) for workflow_id in made)

    def shown(self, workflow_id: str, *, published: bool) -> Document:
        """The workflow as GET shows it once it is published, or not."""
        return eventually(lambda: self.server.get(workflow_id), lambda shown: shown["active"] is published)

    def workflows(self) -> dict[str, Document]:
        """Every workflow of the instance by name, archived ones included; names must be unique to be read so."""
        found: dict[str, Document] = {}
        cursor: str | None = None
        while True:
            query = {"limit": "250", **({"cursor": cursor} if cursor else {})}
            page = answered(self.server.api.get("/workflows", params=query))
            for each in page["data"]:
                assert each["name"] not in found, f"two workflows in {self.name} are called {each['name']}"
                found[each["name"]] = each
            cursor = page["nextCursor"]
            if cursor is None:
                return found


class ThreeInstances:
    """dev, staging and prod, started side by side and ended, each by its own process id, when the block ends."""

    def __init__(
        self, start: Start, *, credentials: Mapping[str, str] = CREDENTIALS, data_tables: Sequence[str] = ()
    ) -> None:
        self._start = start
        self._credentials = credentials
        self._data_tables = data_tables
        self._stack = ExitStack()
        self.places: dict[str, Place] = {}

    @classmethod
    def real(cls, version: str = DEFAULT_VERSION, **more: Mapping[str, str]) -> Self:
        """Three real n8n of one version, installed before any of them is started; 2.x with data tables."""
        install(version)
        tables = DATA_TABLES if version.startswith("2.") else ()
        return cls(lambda: RealServer(version), data_tables=tables, **more)

    @classmethod
    def sandboxes(cls, generation: Generation = Generation.V2, **more: Mapping[str, str]) -> Self:
        """Three stand-ins, which have no data tables."""
        return cls(lambda: SandboxServer(generation), data_tables=(), **more)

    def __enter__(self) -> Self:
        try:
            for name, server in zip(NAMES, self._started(), strict=True):
                self.places[name] = Place(name, server)
            for number, place in enumerate(self.places.values()):
                self._furnish(place, number=number)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def dev(self) -> Place:
        """Where workflows are made."""
        return self.places["dev"]

    @property
    def staging(self) -> Place:
        """Where they are tried."""
        return self.places["staging"]

    @property
    def prod(self) -> Place:
        """Where they have to work."""
        return self.places["prod"]

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that `environments` names, with the keys."""
        return {place.variable: place.key for place in self.places.values()}

    def environments(self) -> dict[str, Document]:
        """What stands under `environments` in a workflowops.yml, to be extended by the test."""
        return {
            name: {"url": place.server.url, "api_key": f"${{{place.variable}}}"} for name, place in self.places.items()
        }

    def _started(self) -> list[Server]:
        """Start all three at once; where one fails, the others are ended before the failure is told."""
        with ThreadPoolExecutor(len(NAMES)) as pool:
            starting = [pool.submit(self._start) for _ in NAMES]
        started = [each.result() for each in starting if each.exception() is None]
        for server in started:
            self._stack.enter_context(server)
        return [each.result() for each in starting]

    def _furnish(self, place: Place, *, number: int) -> None:
        """Create the credentials, in an order of each place's own, and the data tables."""
        names = sorted(self._credentials)
        for name in names[number % len(names) :] + names[: number % len(names)] if names else ():
            place.add_credential(name, self._credentials[name])
        for name in self._data_tables:
            place.add_data_table(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the three and wait for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.acceptance.three_instances", description=__doc__)
    parser.add_argument("--version", default=DEFAULT_VERSION, help="of n8n (default: %(default)s)")
    parser.add_argument("--sandbox", action="store_true", help="start stand-ins instead")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with ThreeInstances.sandboxes() if chosen.sandbox else ThreeInstances.real(chosen.version) as three:
        for place in three.places.values():
            print(f"{place.name:8} {place.server.url}  {place.variable}={place.key}")
            print(f"         credentials {place.credentials}  data tables {place.data_tables}", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
