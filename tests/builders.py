"""Builders with defaults for the values that the core decides on, and the real workflows to try it with."""

import copy
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from workflowops.core.canonical import CANONICAL_FORM
from workflowops.core.listing import ListedWorkflow, Page, parse_page
from workflowops.core.mapping import Known
from workflowops.core.observation import Observation, ObservedWorkflow
from workflowops.core.records import (
    AppliedWorkflow,
    CanonicalFile,
    CanonicalWorkflow,
    CurrentFile,
    DeclaredCopy,
    MappedWorkflow,
    MappingFile,
    MappingStatus,
)

CORPUS = Path(__file__).parents[1].parent / "shared" / "corpus"
needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason=f"needs the real workflows in {CORPUS}")
LAW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How properties run: no deadline, because how fast a machine is says nothing about the code."""

COMMIT = "c0ffee0000000000000000000000000000000000"
NOW = "2026-01-14T09:30:00Z"
LATER = "2026-01-15T09:30:00Z"

ANY_TEXT = st.lists(st.text(max_size=6) | st.sampled_from(["\ud83d", "\udbff", "\r\n", "\r"]), max_size=4).map("".join)
"""Text as JSON can hold it, with half characters, which UTF-8 cannot."""

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


def corpus() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every real workflow, with the name of its file."""
    for path in sorted(CORPUS.rglob("*.json")):
        yield path.stem, json.loads(path.read_bytes())


def node(name: str, **more: Any) -> dict[str, Any]:
    """A node as n8n stores it; `more` replaces or adds fields, None takes one away."""
    fields = {
        "id": f"id-{name}",
        "name": name,
        "type": "n8n-nodes-base.set",
        "typeVersion": 3.4,
        "position": [0, 0],
        "parameters": {"keep": name},
        **more,
    }
    return {key: value for key, value in fields.items() if value is not None}


def wires(*targets: str, kind: str = "main") -> list[dict[str, Any]]:
    """One output that leads to these nodes, in this order."""
    return [{"node": target, "type": kind, "index": 0} for target in targets]


def workflow(**more: Any) -> dict[str, Any]:
    """A small workflow that holds one of everything, in the shape that n8n 1.x and 2.x share."""
    return {
        "name": "Customer Onboarding",
        "active": True,
        "tags": ["customers"],
        "settings": {"executionOrder": "v1", "saveManualExecutions": True, "errorWorkflow": "wf-err"},
        "nodes": [
            node("Hook", type="n8n-nodes-base.webhook", webhookId="hook-1", parameters={"path": "in", "options": {}}),
            node("Top", position=[200, 0], parameters={"updatedAt": "a user's own", "position": 1, "text": "a\nb"}),
            node("Bottom", position=[200, 100], credentials={"httpBasicAuth": {"id": "cred-1", "name": "API Auth"}}),
            node(
                "Call",
                type="n8n-nodes-base.executeWorkflow",
                position=[400, 0],
                parameters={"workflowId": {"__rl": True, "mode": "list", "value": "wf-sub", "cachedResultName": "Sub"}},
            ),
            node(
                "Sheet",
                position=[400, 100],
                notes="Ask Olive first",
                parameters={
                    "documentId": {
                        "__rl": True,
                        "mode": "list",
                        "value": "doc-1",
                        "cachedResultName": "Customers",
                        "cachedResultUrl": "https://docs.example.com/doc-1",
                    }
                },
            ),
            node("Note", type="n8n-nodes-base.stickyNote", position=[0, 300], parameters={"content": "Read me"}),
        ],
        "connections": {
            "Hook": {"main": [wires("Top", "Bottom")]},
            "Top": {"main": [wires("Call")]},
            "Bottom": {"main": [wires("Sheet")]},
        },
        **more,
    }


def answered(workflow_id: str, document: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """What n8n's list answers for a document. Version 2.x publishes an active one; `activeVersion` says otherwise."""
    entry = {
        "isArchived": False,
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-02T00:00:00.000Z",
        "versionId": "v1",
        "nodeGroups": [],
        "staticData": None,
        "meta": None,
        "pinData": {},
        "shared": [],
        "triggerCount": 0,
        **document,
        "id": workflow_id,
        "activeVersion": None,
        **more,
    }
    entry["tags"] = [{"id": f"tag-{name}", "name": name} for name in entry["tags"]]
    if entry["active"] and "activeVersion" not in more:
        entry["activeVersion"] = {"versionId": "v1", **{key: entry[key] for key in ("nodes", "connections")}}
    return entry


def page(*entries: Mapping[str, Any]) -> Page:
    """The only page of a list."""
    return parse_page(json.dumps({"data": entries, "nextCursor": None}).encode())


def listed(workflow_id: str, document: Mapping[str, Any], **more: Any) -> ListedWorkflow:
    """A workflow as n8n's list answers it."""
    read = page(answered(workflow_id, document, **more))
    assert read.odd == ()
    return read.workflows[0]


def changed(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a path (`nodes.1.parameters.text`) replaced or added; `...` takes it away."""
    result = copy.deepcopy(dict(document))
    *steps, last = (int(step) if step.isdecimal() else step for step in path.split("."))
    at: Any = result
    for step in steps:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return result


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of everything in a value that holds nothing else."""
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in pairs:
            yield from leaves(item, (*path, key))
    else:
        yield path


def replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with the value at a path of keys and indexes replaced."""
    result = copy.deepcopy(document)
    at = result
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return result


def blob_of(content: bytes) -> str:
    """An id that equal contents share, as git's do."""
    return hashlib.sha256(content).hexdigest()[:40]


def observed(workflow_id: str, content: str = "hash-a", **more: Any) -> ObservedWorkflow:
    """A workflow as one listing showed it; its raw digest follows the content unless it is given."""
    fields: dict[str, Any] = {
        "name": f"Workflow {workflow_id}",
        "active": False,
        "is_archived": False,
        "tags": (),
        "updated_at": NOW,
        "raw_hash": f"raw {content} {more.get('references')}",
        "content_hash": content,
        "layout_hash": "layout",
        "bindings_hash": "bindings",
        "node_count": 3,
    }
    return ObservedWorkflow(id=workflow_id, **fields | more)


def observation(*workflows: ObservedWorkflow, **more: Any) -> Observation:
    """A complete listing."""
    return Observation(workflows=workflows, **more)


def mapped(workflow_id: str, canonical_id: str | None = None, content: str = "hash-a", **more: Any) -> MappedWorkflow:
    """An entry of the mapping; linked when it has a canonical id."""
    fields: dict[str, Any] = {
        "workflow_name": f"Workflow {workflow_id}",
        "status": MappingStatus.UNMAPPED if canonical_id is None else MappingStatus.LINKED,
        "active": False,
        "tags": (),
        "node_count": 3,
        "raw_hash": f"raw {content} {more.get('env_references')}",
        "env_content_hash": content,
        "env_layout_hash": "layout",
        "env_bindings_hash": "bindings",
        "n8n_updated_at": NOW,
        "detected_at": NOW,
    }
    return MappedWorkflow(n8n_workflow_id=workflow_id, canonical_id=canonical_id, **fields | more)


def mapping(*entries: MappedWorkflow, form: int = CANONICAL_FORM) -> MappingFile:
    """A mapping file of these entries."""
    return MappingFile(canonical_form=form, workflows={entry.n8n_workflow_id: entry for entry in entries})


def declared(content: str = "hash-a", **more: Any) -> DeclaredCopy:
    """A workflow file at the declared commit; silent about activation and tags unless they are given."""
    fields: dict[str, Any] = {
        "git_file_path": "prod/orders.json",
        "git_blob": f"blob {content}",
        "sidecar_blob": "sidecar",
        "name": "Orders",
        "layout_hash": "layout",
        "bindings_hash": "bindings",
    }
    return DeclaredCopy(content_hash=content, **fields | more)


def canonical(copies: Mapping[str, Mapping[str, DeclaredCopy]], form: int = CANONICAL_FORM) -> CanonicalFile:
    """`canonical.json` from canonical id -> environment -> copy; the id is the slug as well."""
    return CanonicalFile(
        canonical_form=form,
        git_commit_sha=COMMIT,
        workflows={
            each: CanonicalWorkflow(canonical_id=each, canonical_slug=each, copies=dict(held))
            for each, held in copies.items()
        },
    )


def applied(content: str = "hash-a", workflow_id: str | None = "w1", **more: Any) -> AppliedWorkflow:
    """What was last known good."""
    return AppliedWorkflow(n8n_workflow_id=workflow_id, content_hash=content, **more)


def current(form: int = CANONICAL_FORM, **workflows: AppliedWorkflow) -> CurrentFile:
    """A baseline by canonical id."""
    return CurrentFile(canonical_form=form, onboarded_at=NOW, git_commit_sha=COMMIT, workflows=workflows)


def known(
    copies: Mapping[str, DeclaredCopy] | None = None,
    *,
    stored: MappingFile | None = None,
    baseline: CurrentFile | None = None,
    unreadable: Mapping[str, str] | None = None,
    elsewhere: Mapping[str, Mapping[str, DeclaredCopy]] | None = None,
    environment: str = "prod",
) -> Known:
    """What is known of `prod`: its copies by canonical id, and those of other environments."""
    every: dict[str, dict[str, DeclaredCopy]] = {each: {environment: held} for each, held in (copies or {}).items()}
    for canonical_id, held in (elsewhere or {}).items():
        every.setdefault(canonical_id, {}).update(held)
    return Known(
        environment=environment,
        canonical=canonical(every),
        mapping=stored,
        current=baseline,
        unreadable=unreadable or {},
    )


def numbers(prefix: str) -> Iterator[str]:
    """Ids in turn: `prefix-1`, `prefix-2`, ..."""
    return (f"{prefix}-{number}" for number in itertools.count(1))
