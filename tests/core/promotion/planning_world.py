"""Workflows in Git and in a target, as plans are made from them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.core.promotion.simulation import Instance

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.canonical import canonicalize, digests
from workflowops.core.configuration import DriftPolicy, Environment, Stage
from workflowops.core.json import Json
from workflowops.core.listing import ListedWorkflow
from workflowops.core.observation import live_document
from workflowops.core.promotion.applied import created_entry
from workflowops.core.promotion.collisions import listeners_of
from workflowops.core.promotion.plan import Options, PromotionPlan
from workflowops.core.promotion.planning import plan_promotion
from workflowops.core.promotion.references import calls_of
from workflowops.core.promotion.target import Candidate, Credential, Credentials, Source, Target
from workflowops.core.records import AppliedWorkflow, DeclaredCopy
from workflowops.core.standing import Content, classify, content_keys
from workflowops.core.verdicts import Verdict

EXECUTE = "n8n-nodes-base.executeWorkflow"
WEBHOOK = "n8n-nodes-base.webhook"
ABLE = Abilities(
    source=AbilitySource.OPENAPI,
    credentials_list=True,
    archive=True,
    publish=True,
    publish_if_active=True,
    history=True,
    node_groups=True,
    workflow_keys=("connections", "name", "nodeGroups", "nodes", "settings"),
    node_keys=(
        "id", "name", "type", "typeVersion", "position", "parameters", "credentials", "disabled", "webhookId",
    ),
    settings_keys=("callerIds", "callerPolicy", "errorWorkflow", "executionOrder", "saveManualExecutions", "timezone"),
)  # fmt: skip
OLD = Abilities(source=AbilitySource.OPENAPI, workflow_keys=("connections", "name", "nodes", "settings"))
"""What n8n 1.123 can do."""

ORDERS_DB = Credential("t-cred-1", "Orders DB", "postgres")


def document(
    name: str = "Orders",
    *,
    url: str = "https://api.example.com/orders",
    calls: Sequence[str] = (),
    path: str | None = None,
    credential: Mapping[str, Json] | None = None,
    x: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """A workflow that begins, asks an address, and calls others; what it calls are ids of n8n."""
    begin: dict[str, Any] = {"id": f"{name}-b", "name": "Begin", "typeVersion": 1, "position": [0, 0], "parameters": {}}
    begin["type"] = "n8n-nodes-base.manualTrigger" if path is None else WEBHOOK
    if path is not None:
        begin |= {"parameters": {"path": path}, "webhookId": f"hook-{name}"}
    ask: dict[str, Any] = {"id": f"{name}-a", "name": "Ask", "type": "n8n-nodes-base.httpRequest", "typeVersion": 4}
    ask |= {"position": [200 + x, 0], "parameters": {"url": url}}
    if credential is not None:
        ask["credentials"] = {"postgres": dict(credential)}
    nodes = [begin, ask]
    for number, called in enumerate(calls):
        parameters = {"workflowId": {"__rl": True, "value": called, "mode": "list"}}
        call = {"id": f"{name}-{number}", "name": f"Call {number}", "type": EXECUTE, "typeVersion": 1.2}
        nodes.append({**call, "position": [400, number * 100], "parameters": parameters})
    begins = [{"node": node["name"], "type": "main", "index": 0} for node in nodes[1:]]
    return {
        "name": name,
        "nodes": nodes,
        "connections": {"Begin": {"main": [begins]}},
        "settings": {"executionOrder": "v1"},
    } | more


@dataclass
class World:
    """A stage and its instance. Files are by canonical id; ids in n8n are `t-` and the canonical id, in dev `dev-`."""

    stage: Stage = field(default_factory=lambda: Stage(environment="prod"))
    abilities: Abilities | None = ABLE
    policy: DriftPolicy = field(default_factory=DriftPolicy)
    n8n: Instance = field(default_factory=Instance)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    applied: dict[str, AppliedWorkflow] = field(default_factory=dict)
    linked: dict[str, str] = field(default_factory=dict)  # n8n id -> canonical id
    sources: dict[str, Source] = field(default_factory=dict)
    credentials: Credentials = field(default_factory=lambda: Credentials(known=(ORDERS_DB,), is_complete=True))
    problems: dict[str, str] = field(default_factory=dict)
    in_source: dict[str, str] = field(default_factory=dict)  # n8n id in dev -> canonical id

    def declare(self, canonical_id: str, content: Mapping[str, Any] | None = None, **more: Any) -> None:
        """Put a file into the stage's folder."""
        self.files[canonical_id] = {**(content or document(canonical_id)), **more}

    def put(self, canonical_id: str, content: Mapping[str, Any] | None = None, *, is_on: bool = True) -> str:
        """Put a workflow into the instance that is linked and as it was last applied."""
        workflow_id = f"t-{canonical_id}"
        body = {**(content or document(canonical_id))}
        self.n8n.create(
            {key: body[key] for key in ("name", "nodes", "connections", "settings")},
            workflow_id=workflow_id,
            tags=tuple(body.get("tags", ())),
        )
        if is_on:
            self.n8n.workflows[workflow_id]["active"] = True
            entry = self.n8n.workflows[workflow_id]
            graph = {key: entry[key] for key in ("nodes", "connections", "nodeGroups")}
            entry["activeVersion"] = {"versionId": entry["versionId"], **graph}
        self.linked[workflow_id] = canonical_id
        self.applied[canonical_id] = self.applied_now(workflow_id)
        return workflow_id

    def edit(self, workflow_id: str, content: Mapping[str, Any]) -> None:
        """Save in n8n's editor, and publish where it was published."""
        self.save(workflow_id, content)
        if self.n8n.workflows[workflow_id]["active"]:
            self.n8n.workflows[workflow_id]["active"] = False
            entry = self.n8n.workflows[workflow_id]
            entry["active"] = True
            graph = {key: entry[key] for key in ("nodes", "connections", "nodeGroups")}
            entry["activeVersion"] = {"versionId": entry["versionId"], **graph}

    def save(self, workflow_id: str, content: Mapping[str, Any]) -> None:
        """Save a draft in n8n's editor."""
        self.n8n.save(workflow_id, {key: content[key] for key in ("name", "nodes", "connections", "settings")})

    def applied_now(self, workflow_id: str) -> AppliedWorkflow:
        """Answer what a baseline would hold of a workflow."""
        live = self.n8n.listed()[workflow_id]
        content = content_in(live_document(live))
        return AppliedWorkflow(
            n8n_workflow_id=workflow_id,
            content_hash=content.content_hash,
            references=content.references,
            active=live.active,
            tags=live.tags,
        )

    def here(self, workflow_id: str) -> str | None:
        known = workflow_id if workflow_id in self.n8n.workflows else None
        return self.linked.get(workflow_id, known)

    def anywhere(self, workflow_id: str) -> str | None:
        named = workflow_id.removeprefix("dev-")
        return named if named != workflow_id else self.here(workflow_id)

    def candidate(self, canonical_id: str, live: Mapping[str, ListedWorkflow]) -> Candidate:
        workflow_id = next((each for each, known in self.linked.items() if known == canonical_id), None)
        there = live.get(workflow_id or "")
        file = None if canonical_id in self.problems else self.files.get(canonical_id)
        return Candidate(
            canonical_id=canonical_id,
            canonical_slug=f"slug-{canonical_id}",
            file=file,
            copy=None if file is None else copy_of(canonical_id, file),
            path=f"prod/{canonical_id}.json",
            verdict=self.verdict(canonical_id, workflow_id, there, file),
            live=there,
            applied=self.applied.get(canonical_id),
            source=self.sources.get(canonical_id),
            problem=self.problems.get(canonical_id),
        )

    def verdict(
        self, canonical_id: str, workflow_id: str | None, there: ListedWorkflow | None, file: Mapping[str, Any] | None
    ) -> Verdict | None:
        """Judge as a drift check does."""
        applied = self.applied.get(canonical_id)
        if there is None and file is None:
            return None
        keys = content_keys(
            declared=None if file is None else content_in(file),
            live=None if there is None or there.is_archived else content_in(live_document(there)),
            applied=None if applied is None else Content(applied.content_hash, applied.references),
            agreed=None if applied is None else Content(applied.content_hash, applied.references),
            here=self.here,
            anywhere=self.anywhere,
        )
        kind = classify(declared=keys.declared, live=keys.live, applied=keys.applied)
        return Verdict(
            kind=kind, content=kind, workflow_id=workflow_id, workflow_name=canonical_id, canonical_id=canonical_id
        )

    def target(self, live: Mapping[str, ListedWorkflow]) -> Target:
        in_use = {key: each for key, each in live.items() if not each.is_archived}
        return Target(
            environment=Environment(
                name="prod",
                title="Production",
                url="https://prod.example.com",
                api_key="${KEY}",
                folder="prod",
                drift=self.policy,
            ),
            stage=self.stage,
            abilities=self.abilities,
            ids={canonical_id: each for each, canonical_id in self.linked.items() if each in in_use},
            here=self.here,
            anywhere=self.anywhere,
            names={key: each.name for key, each in live.items()},
            published=frozenset(key for key, each in live.items() if each.active),
            callers=callers_in(in_use),
            credentials=self.credentials,
            in_source={key: created_entry(key, each, each.title()) for key, each in self.in_source.items()},
            listeners=tuple(
                listener
                for key, each in live.items()
                if each.active
                for listener in listeners_of(live_document(each), workflow_id=key, workflow_name=each.name)
            ),
        )

    def plan(self, *canonical_ids: str, options: Options | None = None, **stage: Any) -> PromotionPlan:
        """Plan what is named, else everything in Git or linked."""
        self.stage = replace(self.stage, **stage)
        live = self.n8n.listed()
        wanted = canonical_ids or tuple(dict.fromkeys([*self.files, *self.problems, *self.linked.values()]))
        return plan_promotion(
            [self.candidate(each, live) for each in wanted],
            target=self.target(live),
            pipeline_id="default",
            source_stage="dev",
            git_commit_sha="c" * 40,
            options=options or Options(),
        )


def content_in(held: Mapping[str, Json]) -> Content:
    form = canonicalize(held)
    return Content(digests(form).logic, form.references)


def copy_of(canonical_id: str, file: Mapping[str, Any]) -> DeclaredCopy:
    form = canonicalize(file)
    hashes = digests(form)
    tags = file.get("tags")
    return DeclaredCopy(
        git_file_path=f"prod/{canonical_id}.json",
        git_blob="b",
        sidecar_blob=None,
        name=file["name"],
        content_hash=hashes.logic,
        layout_hash=hashes.layout,
        bindings_hash=hashes.bindings,
        references=form.references,
        active=file.get("active"),
        tags=None if tags is None else tuple(sorted(tags)),
    )


def callers_in(live: Mapping[str, ListedWorkflow]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key, each in live.items():
        for reference in calls_of(live_document(each), resolve=lambda _: None):
            if reference.id is not None and reference.id != key:
                found[reference.id] = (*found.get(reference.id, ()), key)
    return found


def codes(plan: PromotionPlan, *, gravity: Collection[str] = ("blocking",)) -> list[str]:
    """Name the findings of these gravities."""
    return [str(each.code) for each in plan.findings if each.gravity in gravity]
