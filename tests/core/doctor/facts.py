"""Builders of what the doctor finds, with defaults of an instance that is in order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.configuration import Connection, Environment
from workflowops.core.doctor.check import Finding
from workflowops.core.doctor.instance import Clocks, CredentialUse, ExaminedWorkflow, InstanceFacts
from workflowops.core.doctor.key import KeyRights
from workflowops.core.promotion.target import Credential, Listener

NOW = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
READING = KeyRights(scopes=frozenset({"workflow:list", "workflow:read", "credential:list"}))
ABLE = Abilities(
    source=AbilitySource.OPENAPI, credentials_list=True, archive=True, publish=True, publish_if_active=True
)


def environment(name: str = "dev", **more: Any) -> Environment:
    values = {"title": name.title(), "url": "https://n8n.example.com", "api_key": "${KEY}", "folder": name} | more
    return Environment(name=name, **values)


def clocks(*, ahead: timedelta = timedelta()) -> Clocks:
    """The server's clock beside ours, which moved on by a second while it was asked."""
    return Clocks(before=NOW, server=NOW + ahead, after=NOW + timedelta(seconds=1))


def instance(name: str = "dev", **more: Any) -> InstanceFacts:
    """An instance that is in order and holds nothing."""
    values = {
        "connection": Connection("https://n8n.example.com", "k"),
        "rights": READING,
        "abilities": ABLE,
        "clocks": clocks(),
        "workflows": (),
        "credentials": (),
    } | more
    return InstanceFacts(environment=environment(name), **values)


def workflow(workflow_id: str = "w1", name: str = "Orders", **more: Any) -> ExaminedWorkflow:
    values = {"is_active": False, "is_archived": False, "size": 1_000} | more
    return ExaminedWorkflow(id=workflow_id, name=name, **values)


def listener(path: str = "orders", *, method: str = "POST", workflow_id: str = "w1") -> Listener:
    return Listener(method=method, path=path, workflow_id=workflow_id, workflow_name="Orders", node_name="Hook")


def use(name: str = "Shop", kind: str = "httpBasicAuth", identity: str | None = "c1") -> CredentialUse:
    return CredentialUse(kind, name, identity)


def credential(name: str = "Shop", kind: str = "httpBasicAuth", identity: str = "c1") -> Credential:
    return Credential(identity, name, kind)


def words(finding: Finding) -> str:
    """Everything a finding says."""
    return " ".join([finding.found, finding.fix or "", *finding.details])
