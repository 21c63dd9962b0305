"""The files that a promotion proposes: those of the stage before, as the target's folder has to hold them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from workflowops.core.configuration import Publish
from workflowops.core.json import Json
from workflowops.core.localization import Instance, localized
from workflowops.core.naming import folded_path
from workflowops.core.problems import shown
from workflowops.core.promotion.mapped import with_mapped_credentials
from workflowops.core.promotion.placing import Nodes, nodes_by_name
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.promotion.writable import Writable
from workflowops.core.references import data_table_reference
from workflowops.core.sidecar import Sidecar, render_sidecar, sidecar_path
from workflowops.core.workflow_file import render_workflow
from workflowops.errors import BlockedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A workflow that is to be proposed.

    `source` is the file of the stage before, None where it was removed there; `source_path` where it lies below that
    stage's folder. `sidecar` is its identity. `present` is the target's file at `present_path`, from the root of the
    repository; `live` what n8n there holds of it. Both None: the target does not have it yet.
    """

    sidecar: Sidecar
    source: Mapping[str, Json] | None
    source_path: str
    present: Mapping[str, Json] | None = None
    present_path: str | None = None
    live: Mapping[str, Json] | None = None


def opened_files(
    opened: Sequence[Opened], *, target: Target, occupied: Mapping[str, str], remove: Collection[str] = ()
) -> dict[str, bytes | None]:
    """Answer the files to commit: path from the root of the repository -> content, None for one that is deleted.

    The content is the source's. The ids of nodes, webhooks and workflows, the names of credentials, `active` and the
    tags are the target's, wherever it has any; with `publish: match_source`, `active` is the source's. What was removed
    in the source stays, unless its canonical id is in `remove`. `occupied` is path -> canonical id of every workflow
    file of the target. The same input gives the same bytes, and opening again what was opened changes nothing.
    Raises BlockedError where a path is another workflow's, or where a workflow to be removed still is in the source.
    """
    files: dict[str, bytes | None] = {}
    paths = {folded_path(path): canonical_id for path, canonical_id in occupied.items()}
    for each in opened:
        if each.source is None or each.sidecar.canonical_id in remove:
            files |= _removed(each, remove)
            continue
        path = each.present_path or f"{target.environment.folder}/{each.source_path}"
        holder = paths.setdefault(folded_path(path), each.sidecar.canonical_id)
        if holder != each.sidecar.canonical_id:
            raise BlockedError(
                f"{shown(path, longest=200)} is the file of another workflow ({shown(holder)}).",
                fix=f"Rename the file of one of the two, in the folder of {target.stage.environment} or before.",
            )
        workflow_id = target.ids.get(each.sidecar.canonical_id)
        files[path] = render_workflow(opened_document(each, each.source, target=target))
        files[sidecar_path(path)] = render_sidecar(replace(each.sidecar, n8n_workflow_id=workflow_id))
    return files


def opened_document(opened: Opened, source: Mapping[str, Json], *, target: Target) -> dict[str, Json]:
    """Answer the source's document with what belongs to the target in it."""
    there = opened.live or opened.present or {}
    placed = localized(source, live=there, applied=None, instance=_instance(target))
    bare = replace(target, stage=replace(target.stage, credentials={}))
    nodes = Nodes(_candidate(opened), bare, there, _everything(source))
    named = with_mapped_credentials(placed.document, target.stage.credentials)["nodes"]
    written = nodes.written(_with_tables(named, there), declared=named)
    settings = placed.document.get("settings")
    kept = settings if isinstance(settings, dict) else {}
    return {
        **{key: value for key, value in source.items() if key not in ("active", "tags")},
        "nodes": written,
        "settings": {key: value for key, value in kept.items() if key not in placed.added_settings},
        "nodeGroups": nodes.groups(source.get("nodeGroups")),
        **_beside(opened, source, target.stage.publish),
    }


def _removed(opened: Opened, remove: Collection[str]) -> dict[str, bytes | None]:
    canonical_id = opened.sidecar.canonical_id
    if canonical_id not in remove or opened.present_path is None:
        return {}
    if opened.source is not None:
        raise BlockedError(
            f"{shown(opened.sidecar.canonical_slug)} is to be removed, and the stage before still has it.",
            fix="Remove it there first, or promote it instead.",
        )
    return {opened.present_path: None, sidecar_path(opened.present_path): None}


def _instance(target: Target) -> Instance:
    return Instance(ids=target.ids, here=target.here, anywhere=target.anywhere)


def _candidate(opened: Opened) -> Candidate:
    return Candidate(
        canonical_id=opened.sidecar.canonical_id,
        canonical_slug=opened.sidecar.canonical_slug,
        file=opened.source,
        copy=None,
        path=opened.present_path,
        verdict=None,
        live=None,
        applied=None,
    )


def _everything(source: Mapping[str, Json]) -> Writable:
    """Let every field of a node pass: which of them a file holds is decided where it is rendered."""
    nodes = source.get("nodes")
    listed = nodes if isinstance(nodes, list) else []
    keys = {key for node in listed if isinstance(node, dict) for key in node}
    return Writable(node_keys=keys, settings_keys=(), node_groups=True)


def _with_tables(nodes: Json, there: Mapping[str, Json]) -> list[Json]:
    """Keep the target's data table where the node of the same name uses the one of the same cached name."""
    named = nodes_by_name(there)
    nodes = nodes if isinstance(nodes, list) else []
    return [
        _with_table(node, named.get(str(node.get("name")), {})) if isinstance(node, dict) else node for node in nodes
    ]


def _with_table(node: dict[str, Json], there: Mapping[str, Json]) -> dict[str, Json]:
    parameters, held = node.get("parameters"), there.get("parameters")
    own = parameters.get("dataTableId") if isinstance(parameters, dict) else None
    known = held.get("dataTableId") if isinstance(held, dict) else None
    if not isinstance(parameters, dict) or not isinstance(own, dict) or not isinstance(known, dict):
        return node
    is_known = data_table_reference("dataTableId", known) is not None
    name = own.get("cachedResultName")
    if not is_known or not name or name != known.get("cachedResultName"):
        return node
    return {**node, "parameters": {**parameters, "dataTableId": known}}


def _beside(opened: Opened, source: Mapping[str, Json], publish: Publish) -> dict[str, Json]:
    """Answer `active` and the tags: the target's, and where it does not have the workflow yet, a start that is safe."""
    there = opened.present if opened.present is not None else opened.live
    beside: dict[str, Json] = {}
    if there is None:
        beside = {"active": False, **{key: source[key] for key in ("tags",) if key in source}}
    else:
        beside = {key: there[key] for key in ("active", "tags") if key in there}
    if publish is Publish.MATCH_SOURCE and "active" in source:
        beside["active"] = source["active"]
    return beside
