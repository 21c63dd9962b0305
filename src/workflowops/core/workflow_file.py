"""The workflow file: how a workflow is written for Git and how it is read again."""

import json
import math
from collections.abc import Iterable, Mapping

import msgspec

from workflowops.core.json import Json
from workflowops.core.json_document import DEEPEST, JsonDocument, is_deeper_than, read_json
from workflowops.core.problems import Fault, Problem, has_error, in_order
from workflowops.core.shape import faults, fits
from workflowops.core.source import has_byte_order_mark
from workflowops.core.workflow_oddities import oddities_of
from workflowops.errors import BlockedError
from workflowops.schemas import SchemaName, schema

LARGEST_FILE = 16 * 1024 * 1024
"""n8n refuses a larger request (`N8N_PAYLOAD_SIZE_MAX`), so no workflow is larger."""

_TOP_LEVEL_KEYS = ("name", "active", "tags", "nodes", "connections", "settings", "nodeGroups")
_NODE_KEYS = (
    "id", "name", "type", "typeVersion", "position", "disabled", "parameters", "credentials", "webhookId",
    "executeOnce", "alwaysOutputData", "retryOnFail", "maxTries", "waitBetweenTries", "continueOnFail", "onError",
    "notes", "notesInFlow", "customTelemetryTags",
)  # fmt: skip
"""What n8n's API takes for a node (2.41.1)."""


def render_workflow(document: Mapping[str, Json]) -> bytes:
    """Write a workflow for Git, so that a change in n8n is a small change of the file and a person can import it.

    Keys stand in a fixed order; `parameters`, `connections` and every list stay as n8n gave them, because order can
    matter to n8n. Only known keys are written: what changes by itself (`updatedAt`), is personal (`shared`) or is
    recorded data (`pinData`) stays out. Tags are names. The same content gives the same bytes, and reading them gives
    the same digests. Raises BlockedError when the file could not be read again.
    """
    kept = {key: _KEPT.get(key, _as_given)(document[key]) for key in _TOP_LEVEL_KEYS if key in document}
    if kept.get("nodeGroups") in (None, []):
        kept.pop("nodeGroups", None)
    if kept.get("tags") is None:
        kept.pop("tags", None)
    if is_deeper_than(kept, DEEPEST):
        raise BlockedError(
            f"The workflow is nested more than {DEEPEST} deep.",
            fix="Simplify it in n8n; a file that deep is refused when it is read.",
        )
    return _text(kept)


def parse_workflow(source: bytes, *, path: str) -> tuple[dict[str, Json] | None, tuple[Problem, ...]]:
    """Read a workflow file. None when it is no workflow: it needs a list of nodes and an object of connections.

    Real workflows are odd in many ways (no name, nodes without ids, credentials that are strings). Each oddity is a
    warning with the place of the first one; the document is answered as it stands.
    """
    document = read_json(source, path=path, limit=LARGEST_FILE)
    if isinstance(document, Problem):
        return None, (document,)
    asked = schema(SchemaName.WORKFLOW)
    if not fits(document.value, asked):
        found = _located([*_not_a_workflow(document.value, faults(document.value, asked))], document, path)
        if has_error(found):
            return None, found
    if not isinstance(document.value, dict):
        return None, ()
    problems = list(_located(oddities_of(document.value), document, path))
    if has_byte_order_mark(source):
        problems.append(
            Problem.warning(
                path,
                rule="byte-order-mark",
                message="The file begins with a byte order mark, which n8n's own import refuses.",
                fix="Save it as UTF-8 without one.",
            )
        )
    return document.value, in_order(problems)


def tag_names(tags: Json) -> tuple[str, ...] | None:
    """Answer the sorted names of tags, given as names or as n8n's objects; None when there is no list."""
    if not isinstance(tags, list):
        return None
    names = [tag.get("name") if isinstance(tag, dict) else tag for tag in tags]
    return tuple(sorted({name for name in names if isinstance(name, str)}))


def _as_given(value: Json) -> Json:
    return value


def _tags(value: Json) -> Json:
    names = tag_names(value)
    return None if names is None else [*names]


def _nodes(value: Json) -> Json:
    return [_node(node) for node in value] if isinstance(value, list) else value


def _node(node: Json) -> Json:
    return {key: node[key] for key in _NODE_KEYS if key in node} if isinstance(node, dict) else node


_KEPT = {"nodes": _nodes, "tags": _tags}


def _text(document: Json) -> bytes:
    """Write JSON as JavaScript would; NaN is null. Half a character, which UTF-8 cannot hold, stays an escape."""
    try:
        return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    except UnicodeEncodeError:
        text = json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False)
        return f"{text}\n".encode("utf-8", "backslashreplace")


def _finite(value: Json) -> Json:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(member) for key, member in value.items()}
    return value


def _located(found: Iterable[Fault], document: JsonDocument, path: str) -> tuple[Problem, ...]:
    return tuple(fault.located(path, document.place_of(fault.path, is_key=fault.is_key)) for fault in found)


def _not_a_workflow(value: Json, shape: Iterable[Fault]) -> Iterable[Fault]:
    """Say what a file is that is no workflow, where that can be recognised."""
    advice = "Export one workflow from n8n into a file of its own."
    if isinstance(value, list):
        message = f"The file holds a list of {len(value)} entries, not one workflow."
        return [Fault((), "not-a-workflow", message, advice)]
    if isinstance(value, dict) and not {"nodes", "connections"} & set(value):
        message = "The file is no workflow: it has neither nodes nor connections."
        fix = f"{advice} Files of another kind belong outside the environment's folder."
        return [Fault((), "not-a-workflow", message, fix)]
    return shape
