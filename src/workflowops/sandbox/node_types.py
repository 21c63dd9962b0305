"""Which node types n8n knows, and which of them can start a workflow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from workflowops.sandbox.generation import Generation

_STARTED_BY_HAND = frozenset(
    {
        "n8n-nodes-base.manualTrigger",
        "n8n-nodes-base.start",
        "@n8n/n8n-nodes-langchain.manualChatTrigger",
    }
)
_STARTED_BY_OTHERS = frozenset({"n8n-nodes-base.executeWorkflowTrigger", "n8n-nodes-base.errorTrigger"})
"""Triggers that only 2.x counts as something that can be published."""

_TOOL_SUFFIXES = ("HitlTool", "Tool")
"""n8n makes a tool variant of every node that an agent may use; the variants stand in no list."""


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node type of n8n's own two packages."""

    name: str
    has_webhook: bool
    has_trigger: bool
    only: Generation | None


def is_known(name: str, generation: Generation) -> bool:
    """Whether a server of this generation has the node type; without it publishing is refused."""
    bases = [name, *(name.removesuffix(suffix) for suffix in _TOOL_SUFFIXES)]
    found = (_node_types().get(base) for base in bases)
    return any(kind is not None and kind.only in (None, generation) for kind in found)


def is_trigger(name: str) -> bool:
    """Whether the type stands in the editor's list of triggers."""
    kind = _node_types().get(name)
    return kind is not None and kind.has_trigger


def can_start(name: str, generation: Generation) -> bool:
    """Whether an enabled node of this type lets a workflow be published.

    A node that merely can wait for an answer (Slack, Wait) counts, because it has a webhook; n8n reads it so.
    """
    if name in _STARTED_BY_HAND or (generation is Generation.V1 and name in _STARTED_BY_OTHERS):
        return False
    kind = _node_types().get(name)
    return kind is not None and (kind.has_trigger or kind.has_webhook)


def has_webhook(name: str) -> bool:
    """Whether n8n 2.x gives a node of this type a webhookId when it has none."""
    kind = _node_types().get(name)
    return kind is not None and kind.has_webhook


@cache
def _node_types() -> Mapping[str, NodeType]:
    return {kind.name: kind for kind in _read(files(__package__).joinpath("node_types.txt").read_text("utf-8"))}


def _read(text: str) -> Iterator[NodeType]:
    only = {"only-1": Generation.V1, "only-2": Generation.V2}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, *marks = line.split()
            generation = next((only[mark] for mark in marks if mark in only), None)
            yield NodeType(name, "webhook" in marks, "trigger" in marks, generation)
