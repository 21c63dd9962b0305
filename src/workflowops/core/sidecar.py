"""The sidecar: who a workflow file is, beside the file that n8n could import."""

import json
from dataclasses import dataclass, replace
from typing import Any

from workflowops.core.json_document import read_json
from workflowops.core.naming import SIDECAR_SUFFIX, WORKFLOW_SUFFIX, folded_path
from workflowops.core.problems import Fault, Problem, Severity, has_error, in_order
from workflowops.core.shape import faults, fits
from workflowops.errors import ConfigurationError
from workflowops.schemas import SchemaName, schema

__all__ = ["SIDECAR_SUFFIX", "Sidecar", "derived_canonical_id", "parse_sidecar", "render_sidecar", "sidecar_path"]

LARGEST_FILE = 256 * 1024

_DERIVED = "aa4210c1-41d9-5da8-91c2-89acceb8393d"
"""The namespace of ids that are derived from a path. Never changes: identities hang on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """The identity of a workflow and what people say about it (walkthroughs 1 and 4).

    `created_at` is ISO 8601; `n8n_workflow_id` is the id in the environment whose folder the file lies in.
    """

    canonical_id: str
    canonical_slug: str
    description: str = ""
    tags: tuple[str, ...] = ()
    created_by: str | None = None
    created_at: str | None = None
    n8n_workflow_id: str | None = None


def sidecar_path(workflow_path: str) -> str:
    """Answer where the sidecar of a workflow file lies: `dev/a.json` -> `dev/a.wfo.json`."""
    return workflow_path.removesuffix(WORKFLOW_SUFFIX) + SIDECAR_SUFFIX


def workflow_path(sidecar: str) -> str:
    """Answer where the workflow file of a sidecar lies: `dev/a.wfo.json` -> `dev/a.json`."""
    return sidecar.removesuffix(SIDECAR_SUFFIX) + WORKFLOW_SUFFIX


def derived_canonical_id(path_in_folder: str) -> str:
    """Answer the id of a workflow file without a sidecar.

    It depends on the path below the environment's folder alone, so the copies of `orders.json` in `dev` and in `prod`
    are the same workflow. Paths that one file system or another takes for the same have the same id.
    """
    import uuid  # only files without a sidecar need it

    return str(uuid.uuid5(uuid.UUID(_DERIVED), folded_path(path_in_folder)))


def parse_sidecar(source: bytes, *, path: str) -> tuple[Sidecar | None, tuple[Problem, ...]]:
    """Read a sidecar and say everything that is wrong with it. None when there is an error.

    A key that is not known is a warning: a newer WorkflowOps may have written it.
    """
    document = read_json(source, path=path, limit=LARGEST_FILE)
    if isinstance(document, Problem):
        return None, (document,)
    asked = schema(SchemaName.SIDECAR)
    found: list[Problem] = []
    if not fits(document.value, asked):
        told = [_reworded(fault) for fault in faults(document.value, asked)]
        found = [fault.located(path, document.place_of(fault.path, is_key=fault.is_key)) for fault in told]
    return (None if has_error(found) else _sidecar(document.value)), in_order(found)


def render_sidecar(sidecar: Sidecar) -> bytes:
    """Write a sidecar for Git: the keys in the walkthrough's order, what is unknown left out, LF, UTF-8.

    Raises ConfigurationError for a value that would be refused when the sidecar is read.
    """
    written: dict[str, Any] = {
        "canonical_id": sidecar.canonical_id,
        "canonical_slug": sidecar.canonical_slug,
        "description": sidecar.description,
        "tags": [*sidecar.tags],
        "created_by": sidecar.created_by,
        "created_at": sidecar.created_at,
        "n8n_workflow_id": sidecar.n8n_workflow_id,
    }
    present = {key: value for key, value in written.items() if value is not None}
    asked = schema(SchemaName.SIDECAR)
    if not fits(present, asked):
        for fault in faults(present, asked):
            raise ConfigurationError(f"The sidecar cannot be written: {fault.message}", fix=fault.fix)
    return (json.dumps(present, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _reworded(fault: Fault) -> Fault:
    return replace(fault, severity=Severity.WARNING) if fault.rule == "unknown-key" else fault


def _sidecar(value: Any) -> Sidecar:
    return Sidecar(
        canonical_id=value["canonical_id"],
        canonical_slug=value["canonical_slug"],
        description=value.get("description", ""),
        tags=tuple(value.get("tags", ())),
        created_by=value.get("created_by"),
        created_at=value.get("created_at"),
        n8n_workflow_id=value.get("n8n_workflow_id"),
    )
