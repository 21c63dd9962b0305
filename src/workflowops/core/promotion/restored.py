"""A version of a snapshot taken for the one that stands in n8n, so that it keeps the ids that it had."""

import json
from collections.abc import Mapping

from msgspec import Raw

from workflowops.core.json import Json
from workflowops.core.listing import Graph, ListedWorkflow
from workflowops.core.promotion.snapshot import SnapshotWorkflow
from workflowops.core.promotion.writable import counts


def as_if_there(
    before: SnapshotWorkflow, document: Mapping[str, Json], *, now: ListedWorkflow | None
) -> ListedWorkflow:
    """Answer a version of a snapshot as n8n would list it, with the settings that stand there now beneath its own.

    Whoever binds references to what n8n has finds those of that version: they are this instance's. The settings that
    came since are told, because they have to be cleared.
    """
    there = {} if now is None else _object(now.document().get("settings"))
    had = {key: value for key, value in _object(document.get("settings")).items() if counts(key, value)}
    groups = document.get("nodeGroups")
    graph = Graph(
        nodes=_text(document.get("nodes") or []),
        connections=_text(document.get("connections") or {}),
        groups=None if groups is None else _text(groups),
    )
    return ListedWorkflow(
        id=before.id,
        name=before.name,
        active=before.active,
        is_archived=False,
        updated_at="",
        version_id=before.version_id,
        tags=before.tags,
        raw_digest="",
        draft=graph,
        published_graph=None,
        settings=_text({**there, **had}),
    )


def _text(value: Json) -> Raw:
    return Raw(json.dumps(value).encode("ascii"))


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
