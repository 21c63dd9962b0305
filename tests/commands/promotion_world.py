"""Five workflows that depend on each other and a target to promote them to: the sandbox, without its sockets."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import httpx
from tests.commands.builders import MINUTE, World, sidecar

from workflowops.commands.executing import Execution, execute
from workflowops.commands.promoting import Seen, look_at_target, plan_for
from workflowops.commands.promotion_claim import claimed
from workflowops.commands.promotion_files import changed_files, known_promotion, read_index
from workflowops.commands.recovering import recover
from workflowops.core.configuration import Connection, Environment, OnDelete, Pipeline, Publish, Stage
from workflowops.core.promotion.plan import Options, PromotionPlan
from workflowops.core.promotion.record import Promotion, PromotionStatus
from workflowops.core.promotion.register import create
from workflowops.core.promotion.route import Route
from workflowops.errors import BlockedError, RemoteError
from workflowops.io.n8n.client import N8nClient
from workflowops.sandbox.application import Application, Incoming
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.instance import Instance
from workflowops.sandbox.store import Store

TARGET = "staging"
KEY = f"key-of-{TARGET}"
WRITES = frozenset({"POST", "PUT", "DELETE"})

Answer = Callable[[], httpx.Response]
Interference = Callable[[httpx.Request, Answer], httpx.Response]
"""What happens to a request in place of its answer; `Answer` has the server carry it out."""


def node(name: str, kind: str, place: int, **more: Any) -> dict[str, Any]:
    base = {"id": f"node-{name}", "name": name, "type": kind, "typeVersion": 1, "position": [place * 220, 0]}
    return {**base, "parameters": {}, **more}


def call(name: str, workflow_id: str, place: int, kind: str = "n8n-nodes-base.executeWorkflow") -> dict[str, Any]:
    reference = {"__rl": True, "mode": "list", "value": workflow_id}
    return node(name, kind, place, parameters={"workflowId": reference})


def request(place: int, url: str) -> dict[str, Any]:
    reference = {"httpBasicAuth": {"id": "cred-1", "name": "API Auth"}}
    return node("Request", "n8n-nodes-base.httpRequest", place, parameters={"url": url}, credentials=reference)


def flow(name: str, *nodes: dict[str, Any], **settings: Any) -> dict[str, Any]:
    names = [each["name"] for each in nodes]
    wires = {one: {"main": [[{"node": other, "type": "main", "index": 0}]]} for one, other in pairwise(names)}
    return {"name": name, "nodes": [*nodes], "connections": wires, "settings": {"executionOrder": "v1", **settings}}


def stock(url: str = "https://api.example.com/stock") -> dict[str, Any]:
    return flow("Stock", node("Called", "n8n-nodes-base.executeWorkflowTrigger", 0), request(1, url))


def orders(url: str, *, stock_id: str, alarm_id: str | None = None) -> dict[str, Any]:
    hook = node(
        "Hook", "n8n-nodes-base.webhook", 0, webhookId="hook-1", parameters={"path": "orders", "httpMethod": "POST"}
    )
    settings = {} if alarm_id is None else {"errorWorkflow": alarm_id}
    return flow("Orders", hook, call("Ask stock", stock_id, 1), request(2, url), **settings)


def alarm() -> dict[str, Any]:
    return flow("Alarm", node("Failed", "n8n-nodes-base.errorTrigger", 0), request(1, "https://api.example.com/alarm"))


def report(orders_id: str) -> dict[str, Any]:
    schedule = node("Daily", "n8n-nodes-base.scheduleTrigger", 0, parameters={"rule": {"interval": [{}]}})
    return flow("Report", schedule, call("Ask orders", orders_id, 1))


def legacy() -> dict[str, Any]:
    return flow("Legacy", node("Old daily", "n8n-nodes-base.scheduleTrigger", 0), request(1, "https://old.example.com"))


class InProcess(httpx.AsyncBaseTransport):
    """Answers requests by the sandbox's application; `interferences` meets the writes."""

    def __init__(self, world: "PromotionWorld") -> None:
        self._world = world

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        world = self._world
        body = await request.aread()
        incoming = Incoming(
            method=request.method,
            target=request.url.raw_path.decode(),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
        )

        def answer() -> httpx.Response:
            given = world.application.handle(incoming).answer
            headers = {"content-type": given.content_type, **given.headers}
            return httpx.Response(given.status, headers=headers, content=b"".join(given.body), request=request)

        label = f"{request.method} {request.url.path.removeprefix('/api/v1')}"
        if request.method in WRITES:
            world.journal.append(f"n8n {label}")
            world.writes.append(label)
        else:
            world.reads.append(label)
        return world.interfere(request, answer)


@dataclass
class FakeSnapshots:
    """Snapshots that are remembered; `refusal` is raised in place of the push of a name that contains `refuses`."""

    journal: list[str]
    saved: dict[str, dict[str, bytes]] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    refusal: RemoteError | None = None
    refuses: str = ""

    def save(self, name: str, files: Iterable[tuple[str, bytes]], *, message: str) -> str:
        if self.refusal is not None and self.refuses in name:
            raise self.refusal
        content = dict(files)
        if self.saved.setdefault(name, content) != content:
            raise BlockedError(f"The snapshot {name} is there already.", fix="Take another name.")
        self.journal.append(f"snapshot {name}")
        return self.commits.setdefault(name, f"commit-of-{name}")

    def load(self, name: str, *, commit: str | None = None) -> Mapping[str, bytes] | None:
        if name in self.saved and commit not in {None, self.commits[name]}:
            raise BlockedError(f"The tag of {name} was moved.", fix="Move it back.")
        return self.saved.get(name)


class PromotionWorld(World):
    """A target that runs what was promoted to it before; `journal` is the order of snapshots, state and writes."""

    def __init__(
        self,
        *,
        generation: Generation = Generation.V2,
        on_delete: OnDelete = OnDelete.ARCHIVE,
        publish: Publish = Publish.MATCH_SOURCE,
        credentials_are_listed: bool = True,
    ) -> None:
        super().__init__("dev", TARGET)
        stages = (Stage(environment="dev"), Stage(environment=TARGET, publish=publish, on_delete=on_delete))
        self.configuration = replace(self.configuration, pipelines={"default": Pipeline(name="default", stages=stages)})
        self.generation = generation
        self.instance = Instance(Store(generation))
        self.instance.add_key(key=KEY)
        self.application = Application(self.instance)
        self.journal: list[str] = []
        self.writes: list[str] = []
        self.reads: list[str] = []
        self.pauses: list[float] = []
        self.interfere: Interference = lambda _, answer: answer()
        self.snapshots = FakeSnapshots(self.journal)
        self.keep: Callable[[], None] = lambda: None
        self.canonical: dict[str, str] = {}  # slug -> n8n id
        self.instance.add_credential("API Auth", "httpBasicAuth", id="cred-1")

    @property
    def is_2(self) -> bool:
        return self.generation is Generation.V2

    def open_n8n(self, connection: Connection, environment: Environment) -> Any:
        async def at_once(_: float) -> None:
            return None

        return N8nClient(connection.url, connection.api_key, transport=InProcess(self), sleep=at_once)

    def add(self, slug: str, content: dict[str, Any], *, active: bool = False, tags: Iterable[str] = ()) -> str:
        """Put a workflow into the target, with the file that declares it."""
        tags = tuple(tags)
        n8n_id = self.instance.create_workflow(content, id=f"id-{slug}", active=active, tags=tags)
        self.canonical[slug] = n8n_id
        self.declare(slug, content, active=active, tags=tags, n8n_workflow_id=n8n_id)
        return n8n_id

    def declare(
        self,
        slug: str,
        content: Mapping[str, Any] | None,
        *,
        active: bool | None = None,
        tags: Iterable[str] | None = None,
        n8n_workflow_id: str | None = None,
    ) -> None:
        """Commit what Git says of a workflow; None deletes its file."""
        if content is None:
            self.repository.commit({f"{TARGET}/{slug}.json": None, f"{TARGET}/{slug}.wfo.json": None})
            return
        beside: dict[str, Any] = {} if active is None else {"active": active}
        beside |= {} if tags is None else {"tags": sorted(tags)}
        known = n8n_workflow_id or self.canonical.get(slug)
        more = {} if known is None else {"n8n_workflow_id": known}
        self.repository.commit(
            {
                f"{TARGET}/{slug}.json": json.dumps({**content, **beside}, indent=2).encode(),
                f"{TARGET}/{slug}.wfo.json": sidecar(canonical_of(slug), slug, **more),
            }
        )

    def route(self) -> Route:
        stages = self.configuration.pipelines["default"].stages
        return Route(self.configuration.pipelines["default"], stages[1], stages[0])

    def look(self) -> Seen:
        return look_at_target(self.workspace(), self.route())

    def plan(self, *slugs: str, options: Options | None = None) -> tuple[Seen, PromotionPlan]:
        seen = self.look()
        plan = plan_for(self.workspace(), seen, [canonical_of(slug) for slug in slugs], options=options or Options())
        assert not plan.is_blocked, (plan.conflicts, plan.findings)
        return seen, plan

    def approved(self, plan: PromotionPlan, **changes: Any) -> Promotion:
        """Register a promotion of this plan that may be carried out."""
        promotion = Promotion(
            promotion_id="promo-0",
            kind=plan.kind,
            pipeline_id="default",
            source_stage="dev",
            target_stage=TARGET,
            status=PromotionStatus.APPROVED,
            workflow_selection=tuple(each.canonical_id for each in plan.workflows),
            options=plan.options,
            plan_digest=plan.digest,
            git_commit_sha=plan.git_commit_sha,
            created_by="grace",
            created_at="2026-01-14T09:00:00Z",
            **changes,
        )
        workspace = self.workspace()

        def decide(tip: Any) -> Mapping[str, bytes | None]:
            registered.append(create(promotion, index=read_index(tip), others=()))
            return changed_files(workspace, tip, registered[-1], now=self.clock())

        registered: list[Any] = []
        self.state.change(decide, message="promote: registered")
        found: Promotion = registered[-1].promotion
        return found

    def execution(self, seen: Seen, plan: PromotionPlan | None, promotion: Promotion) -> Execution:
        return Execution(
            workspace=self.workspace(),
            environment=seen.environment,
            promotion=promotion,
            plan=plan,
            look=seen.look,
            snapshots=self.snapshots,
            open_writer=self.open_n8n,
            keep=self.keep,
            pause=self.pauses.append,
        )

    def promote(self, *slugs: str, options: Options | None = None) -> Promotion:
        """Plan, approve and carry out."""
        self.clock.now += MINUTE
        seen, plan = self.plan(*slugs, options=options)
        promotion = self.approved(plan)
        self.clear()
        return execute(self.execution(seen, plan, promotion))

    def recover(self, promotion_id: str = "promo-1") -> Promotion:
        """Do what the next run does with a record that says running."""
        self.clock.now += MINUTE
        self.clear()
        return recover(self.execution(self.look(), None, self.stored(promotion_id)))

    def claimed(self, **changes: Any) -> Any:
        return claimed(self.workspace(**changes), TARGET, reason="carries it out")

    def stored(self, promotion_id: str = "promo-1") -> Promotion:
        return known_promotion(self.state.view(), promotion_id)

    def clear(self) -> None:
        """Forget what was asked so far."""
        for each in (self.journal, self.writes, self.reads, self.pauses):
            each.clear()

    def held(self) -> dict[str, dict[str, Any]]:
        """What the target holds, by n8n id, without what changes by itself."""
        return {workflow_id: essence(self.instance.document(workflow_id)) for workflow_id in self.instance.ids()}

    def by_name(self, name: str) -> dict[str, Any]:
        found = [each for each in map(self.instance.document, self.instance.ids()) if each["name"] == name]
        assert len(found) == 1, [each["name"] for each in found]
        return found[0]


def canonical_of(slug: str) -> str:
    return f"canonical-{slug}"


def essence(document: Mapping[str, Any]) -> dict[str, Any]:
    """All of a workflow that a rollback has to put back: n8n gives what is written again another version id.

    Settings that say the same as none are left out: n8n merges what it is sent, so they cannot be removed.
    """
    version = document["activeVersion"]
    return {
        **{key: document.get(key) for key in ("name", "active", "isArchived", "nodes", "connections")},
        "settings": {key: value for key, value in document["settings"].items() if value not in ("", "DEFAULT")},
        "tags": sorted(tag["name"] for tag in document["tags"]),
        "published": None if version is None else {key: version[key] for key in ("nodes", "connections")},
    }


ALL = ("stock", "orders", "alarm", "report", "legacy")


def five(**options: Any) -> PromotionWorld:
    """A target with three of five workflows, and a commit that changes two, adds two and removes one.

    Orders calls Stock, Report calls Orders, Orders fails into Alarm; Alarm and Report are new, Legacy goes.
    """
    world = PromotionWorld(**options)
    runs = world.is_2  # 1.x does not activate what is only called
    world.add("stock", stock(), active=runs)
    world.add("orders", orders("https://api.example.com/v1", stock_id="id-stock"), active=True, tags=["sales"])
    world.add("legacy", legacy(), active=True)
    world.instance.create_workflow(stock("https://nobody.example.com") | {"name": "Somebody's"}, id="id-somebody")
    world.baseline(TARGET)
    world.declare("stock", stock("https://api.example.com/stock/v2"), active=runs, tags=())
    changed = orders("https://api.example.com/v2", stock_id="id-stock", alarm_id="dev-alarm")
    world.declare("orders", changed, active=True, tags=["sales", "reviewed"])
    world.declare("alarm", alarm(), active=runs, tags=())
    world.declare("report", report("id-orders"), active=True, tags=())
    world.declare("legacy", None)
    known_elsewhere(world, {"dev-alarm": "alarm"})
    return world


def known_elsewhere(world: World, ids: Mapping[str, str]) -> None:
    """Let the mapping of dev tie n8n ids to canonical workflows, so that files may name them by those."""
    entries = {
        n8n_id: {
            "n8n_workflow_id": n8n_id, "workflow_name": slug, "status": "linked", "canonical_id": canonical_of(slug),
            "active": False, "tags": [], "node_count": 1, "raw_hash": "", "env_content_hash": "",
            "env_layout_hash": "", "env_bindings_hash": "",
        }
        for n8n_id, slug in ids.items()
    }  # fmt: skip
    mapping = {"schema": 1, "canonical_form": 1, "workflows": entries}
    world.state.write({"environments/dev/mapping.json": json.dumps(mapping).encode()})
