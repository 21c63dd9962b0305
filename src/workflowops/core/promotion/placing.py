"""The nodes of a workflow as the target has to hold them: its node ids and webhook ids, and what its API takes."""

from collections.abc import Iterator, Mapping
from itertools import count

from workflowops.core.json import Json
from workflowops.core.promotion.credentials import Binder
from workflowops.core.promotion.references import nodes_of
from workflowops.core.promotion.target import Candidate, Target
from workflowops.core.promotion.writable import Writable

_DERIVED = "6a1c5a52-6f0e-5bd0-9d2c-6b4f2f6f0a3e"
"""The namespace of node ids that are derived from a workflow and the name of the node. Never changes."""


class Nodes:
    """Places the nodes of one workflow; `ids` is the id in the file -> the id in the target, once `written`."""

    def __init__(self, candidate: Candidate, target: Target, live: Mapping[str, Json], writable: Writable) -> None:
        self._candidate = candidate
        self._there = nodes_by_name(live)
        self._writable = writable
        self.binder = Binder(
            target, candidate.canonical_id, candidate.path, origins=nodes_by_name(candidate.origin or {})
        )
        self.ids: dict[str, str] = {}
        self._dropped: dict[str, None] = {}

    @property
    def dropped(self) -> list[str]:
        """Name the fields of nodes that are left out."""
        told = dict.fromkeys([*self._dropped, *(f"nodes[].credentials.{key}" for key in self.binder.dropped)])
        return [*told]

    def written(self, placed: Json, *, declared: Json) -> list[Json]:
        """Answer the nodes to be written.

        `declared` are those of the file, whose credentials are bound here; `placed` are the same ones, in the same
        order, with the target's workflows and data tables.
        """
        nodes = placed if isinstance(placed, list) else []
        given = declared if isinstance(declared, list) else []
        ids = self._ids([node for node in nodes if isinstance(node, dict)])
        return [
            self._node(node, own, next(ids)) if isinstance(node, dict) and isinstance(own, dict) else node
            for node, own in zip(nodes, given, strict=True)
        ]

    def groups(self, groups: Json) -> Json:
        """Answer node groups with the ids that their members have now."""
        return (
            [self._group(each) if isinstance(each, dict) else each for each in groups]
            if isinstance(groups, list)
            else []
        )

    def _group(self, group: dict[str, Json]) -> dict[str, Json]:
        members = group.get("nodeIds")
        if not isinstance(members, list):
            return group
        return {**group, "nodeIds": [self.ids.get(str(each), each) for each in members]}

    def _node(self, node: dict[str, Json], declared: dict[str, Json], node_id: str) -> dict[str, Json]:
        there = self._there.get(str(node.get("name")), {})
        kept: dict[str, Json] = {
            key: value for key, value in node.items() if value is not None and key in self._writable.node_keys
        }
        self._dropped |= {
            f"nodes[].{key}": None for key, value in node.items() if value is not None and key not in kept
        }
        kept["id"] = node_id
        if not isinstance(kept.get("parameters"), dict):
            kept["parameters"] = {}
        credentials = self.binder.bound(declared, live=there)
        kept.pop("credentials", None)
        if credentials is not None:
            kept["credentials"] = {**credentials}
        webhook_id = self._webhook_id(node, there)
        if webhook_id is not None:
            kept["webhookId"] = webhook_id
        return kept

    def _webhook_id(self, node: Mapping[str, Json], there: Mapping[str, Json]) -> Json:
        """Answer the webhookId that a node keeps.

        Where people and programs reach it under that id, Git may have moved the address on purpose: then the file's.
        """
        own, held = node.get("webhookId"), there.get("webhookId")
        if not isinstance(held, str) or not held or there.get("type") != node.get("type"):
            return own
        applied = self._candidate.applied
        was = None if applied is None else applied.references.get("webhooks")
        is_addressed = isinstance(was, dict) and str(node.get("name")) in was
        return own if is_addressed and own is not None else held

    def _ids(self, nodes: list[dict[str, Json]]) -> Iterator[str]:
        """Give every node an id of its own: that of the target's node of its name, else the file's, else a new one."""
        chosen: dict[int, str] = {}
        taken: set[str] = set()
        for source in (self._there_of, _own_id):
            for number, node in enumerate(nodes):
                node_id = source(node)
                if number not in chosen and node_id is not None and node_id not in taken:
                    chosen[number] = node_id
                    taken.add(node_id)
        for number, node in enumerate(nodes):
            if number not in chosen:
                chosen[number] = next(each for each in self._derived(node) if each not in taken)
                taken.add(chosen[number])
            own = _own_id(node)
            if own is not None:
                self.ids.setdefault(own, chosen[number])
        return iter(chosen[number] for number in range(len(nodes)))

    def _there_of(self, node: Mapping[str, Json]) -> str | None:
        return _own_id(self._there.get(str(node.get("name")), {}))

    def _derived(self, node: Mapping[str, Json]) -> Iterator[str]:
        import uuid  # most nodes have an id

        for number in count():
            name = f"{self._candidate.canonical_id} {node.get('name')!r} {number}"
            yield str(uuid.uuid5(uuid.UUID(_DERIVED), name.encode("utf-8", "backslashreplace").decode()))


def nodes_by_name(document: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    """Answer the nodes of a document by name; of several that share one, the first."""
    found: dict[str, dict[str, Json]] = {}
    for node in nodes_of(document):
        found.setdefault(str(node.get("name")), node)
    return found


def _own_id(node: Mapping[str, Json]) -> str | None:
    node_id = node.get("id")
    return node_id if isinstance(node_id, str) and node_id else None
