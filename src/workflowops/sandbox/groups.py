"""The checks n8n 2.x makes on the frames of the canvas (`nodeGroups`)."""

from collections.abc import Iterator

from workflowops.core.json import Json
from workflowops.sandbox.node_types import is_trigger
from workflowops.sandbox.refusal import bad_request


def check_node_groups(*, nodes: list[Json], groups: list[Json]) -> None:
    """Raise Refused for the first thing wrong. Both lists have passed the schema.

    Not imitated: that a group must be one connected piece of the graph with a single entry and exit.
    Source: n8n-workflow, node-grouping-validation.
    """
    fault = next(_faults(nodes, groups), None)
    if fault:
        raise bad_request(fault)


def _faults(nodes: list[Json], groups: list[Json]) -> Iterator[str]:
    by_id = {str(node["id"]): node for node in nodes if isinstance(node, dict) and node.get("id")}
    ids: set[str] = set()
    names: set[str] = set()
    group_of: dict[str, str] = {}
    for name, group_id, members in _read(groups):
        if group_id in ids:
            yield f'Duplicate node group ID "{group_id}".'
        if name in names:
            yield f'Duplicate node group name "{name}".'
        ids.add(group_id)
        names.add(name)
        if not members:
            yield f'Group "{name}" has no members.'
        for member in members:
            if member not in by_id:
                yield f'Group "{name}" references node ID "{member}" that does not exist in the workflow.'
            elif member in group_of:
                label = by_id[member]["name"]
                yield f'Node "{label}" belongs to multiple groups: "{group_of[member]}" and "{name}".'
            else:
                group_of[member] = name
    for name, _, members in _read(groups):
        triggers = [str(by_id[member]["name"]) for member in members if is_trigger(str(by_id[member]["type"]))]
        if triggers:
            yield f'Node group "{name}" cannot contain trigger nodes: {", ".join(triggers)}.'


def _read(groups: list[Json]) -> Iterator[tuple[str, str, list[str]]]:
    for group in groups:
        if isinstance(group, dict):
            members = group["nodeIds"]
            ids = [str(member) for member in members] if isinstance(members, list) else []
            yield str(group["name"]), str(group["id"]), ids
