"""Renamed nodes: the same node under another name, told from one removed and another added."""

from collections.abc import Mapping

from workflowops.core.json import Json, canonical_text

Nodes = Mapping[str, Json]


def renamed_nodes(old: Nodes, new: Nodes, *, old_ids: Mapping[str, str], new_ids: Mapping[str, str]) -> dict[str, str]:
    """Answer new names by old names, for nodes that have no namesake on the other side.

    A node is known again by its n8n id and type, else by a content that only one node on either side has.
    """
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    found: dict[str, str] = {}
    by_id = (
        {name: _identity(node_id, old[name]) for name in gone if (node_id := old_ids.get(name))},
        {name: _identity(node_id, new[name]) for name in come if (node_id := new_ids.get(name))},
    )
    found |= _unique_pairs(*by_id)
    by_content = (
        {name: canonical_text(old[name]) for name in gone if name not in found},
        {name: canonical_text(new[name]) for name in come if name not in found.values()},
    )
    return found | _unique_pairs(*by_content)


def _identity(node_id: str, node: Json) -> bytes:
    return canonical_text([node_id, node.get("type") if isinstance(node, dict) else None])


def _unique_pairs(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> dict[str, str]:
    before, after = _names_by_mark(old), _names_by_mark(new)
    return {
        names[0]: after[mark][0] for mark, names in before.items() if len(names) == 1 and len(after.get(mark, ())) == 1
    }


def _names_by_mark(marks: Mapping[str, bytes]) -> dict[bytes, list[str]]:
    names: dict[bytes, list[str]] = {}
    for name, mark in marks.items():
        names.setdefault(mark, []).append(name)
    return names
