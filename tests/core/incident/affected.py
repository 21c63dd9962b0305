"""Builders for workflows of an incident as they stand now."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.builders import applied, declared

from workflowops.core.incident.affected import AffectedNow
from workflowops.core.incident.record import AffectedWorkflow
from workflowops.core.standing import DriftKind
from workflowops.core.verdicts import Verdict
from workflowops.core.workflow_file import render_workflow

COPY = declared(git_file_path="prod/onboarding.json", active=True, tags=("customers",))


def verdict(kind: DriftKind = DriftKind.MODIFIED, **more: Any) -> Verdict:
    fields: dict[str, Any] = {
        "content": kind,
        "workflow_id": "w1",
        "workflow_name": "Customer Onboarding",
        "canonical_id": "c1",
        "canonical_slug": "onboarding",
        "file": COPY.git_file_path,
        "live_key": "live-1",
    }
    return Verdict(kind=kind, **fields | more)


def affected_now(
    *,
    live: Mapping[str, Any] | None,
    file: Mapping[str, Any] | None,
    path: str = COPY.git_file_path,
    is_rendered: bool = False,
    applied_active: bool | None = None,
    **more: Any,
) -> AffectedNow:
    """A workflow that was edited in n8n; `file` is the document that Git holds."""
    content = None if file is None else render_workflow(file) if is_rendered else json.dumps(file).encode()
    fields: dict[str, Any] = {
        "recorded": recorded(),
        "verdict": verdict(),
        "live": live,
        "file": content,
        "copy": replace(COPY, git_file_path=path),
        "applied": applied(active=applied_active),
        "has_sidecar": True,
    }
    return AffectedNow(**fields | more)


def recorded(canonical_id: str = "c1") -> AffectedWorkflow:
    return AffectedWorkflow(
        canonical_id=canonical_id,
        canonical_slug="onboarding",
        workflow_id="w1",
        workflow_name="Customer Onboarding",
        drift_type=DriftKind.MODIFIED,
        file=COPY.git_file_path,
        fingerprint="f",
    )
