"""A target with a few workflows and credentials, and candidates for it."""

from collections.abc import Mapping
from typing import Any

from tests.builders import listed, node, workflow

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.configuration import Environment, Stage
from workflowops.core.promotion.target import Candidate, Credential, Credentials, Target

AUTH = Credential("t-auth", "API Auth", "httpBasicAuth")
HERE = {"t-main": "c-main", "t-sub": "c-sub", "t-err": "c-err", "t-own": "t-own"}
ELSEWHERE = {"d-main": "c-main", "d-sub": "c-sub", "d-err": "c-err", "d-new": "c-new", "d-gone": "c-gone"}
SERVER_2 = Abilities(
    source=AbilitySource.DISCOVER,
    node_groups=True,
    workflow_keys=("connections", "description", "name", "nodeGroups", "nodes", "pinData", "settings", "staticData"),
    node_keys=(
        "alwaysOutputData", "continueOnFail", "credentials", "customTelemetryTags", "disabled", "executeOnce", "id",
        "maxTries", "name", "notes", "notesInFlow", "onError", "parameters", "position", "retryOnFail", "type",
        "typeVersion", "waitBetweenTries", "webhookId",
    ),
    settings_keys=(
        "availableInMCP", "binaryMode", "callerIds", "callerPolicy", "customTelemetryTags", "errorWorkflow",
        "executionOrder", "executionTimeout", "redactionPolicy", "saveDataErrorExecution", "saveDataSuccessExecution",
        "saveExecutionProgress", "saveManualExecutions", "timeSavedMode", "timeSavedPerExecution", "timezone",
    ),
)  # fmt: skip


def target(
    *credentials: Credential, is_complete: bool = True, stage: Mapping[str, Any] | None = None, **more: Any
) -> Target:
    """Staging: `t-...` live there, `d-...` are ids of the stage before, and `t-own` is not under Git."""
    fields: dict[str, Any] = {
        "environment": Environment(name="staging", title="Staging", url="", api_key="", folder="staging"),
        "stage": Stage(environment="staging", **stage or {}),
        "abilities": SERVER_2,
        "ids": {canonical_id: each for each, canonical_id in HERE.items() if each != canonical_id},
        "here": HERE.get,
        "anywhere": lambda each: HERE.get(each) or ELSEWHERE.get(each),
        "names": {each: f"Workflow {each}" for each in HERE},
        "credentials": Credentials(known=credentials or (AUTH,), is_complete=is_complete),
    }
    return Target(**fields | more)


def candidate(
    file: Mapping[str, Any] | None, live: Mapping[str, Any] | None = None, published: Any = None, **more: Any
) -> Candidate:
    """A workflow that Git declares; `live` is its draft in the target, `published` what runs there if that differs."""
    fields: dict[str, Any] = {
        "canonical_id": "c-main",
        "canonical_slug": "main",
        "copy": None,
        "path": "staging/main.json",
        "verdict": None,
        "applied": None,
    }
    held = None
    if live is not None:
        version = {} if published is None else {"activeVersion": {"versionId": "v0", **published}}
        held = listed("t-main", {"tags": [], "active": False, **live}, **version)
    return Candidate(file=file, live=held, **fields | more)


def small(*nodes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A workflow of these nodes."""
    return {"name": "Main", "nodes": [*nodes], "connections": {}, "settings": {}, **more}


def calling(workflow_id: Any, name: str = "Call", *, kind: str = "n8n-nodes-base.executeWorkflow", **more: Any) -> Any:
    """A node that calls a workflow."""
    parameters = {"workflowId": {"__rl": True, "mode": "list", "value": workflow_id, "cachedResultName": "Sub"}}
    return node(name, **{"type": kind, "parameters": parameters, **more})


def with_credential(credential: Any, name: str = "Ask", **more: Any) -> Any:
    """A node that uses a credential."""
    return node(name, **{"credentials": {"httpBasicAuth": credential}, **more})


def whole() -> dict[str, Any]:
    """One of everything, with the ids of the stage before."""
    document = workflow(settings={"executionOrder": "v1", "errorWorkflow": "d-err", "callerIds": "d-sub, t-own"})
    document["nodes"][3]["parameters"]["workflowId"]["value"] = "d-sub"
    return document
