"""A picture of what changed in a workflow's graph, as Mermaid, which GitHub draws."""

from workflowops.core.diff import ChangeType, WorkflowDiff
from workflowops.core.text.plain import cut, visible

_MOST_NODES = 40
_MOST_WIRES = 60
_LONGEST_LABEL = 40
_CLASSES = {
    ChangeType.ADDED: "fill:#dafbe1,stroke:#1a7f37,color:#1f2328",
    ChangeType.REMOVED: "fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4 3",
    ChangeType.MODIFIED: "fill:#fff8c5,stroke:#9a6700,color:#1f2328",
    ChangeType.RENAMED: "fill:#ddf4ff,stroke:#0969da,color:#1f2328",
}
_ARROWS = {ChangeType.ADDED: "==>", ChangeType.REMOVED: "-.->"}


def graph(diff: WorkflowDiff) -> list[str]:
    """Draw changed nodes and changed connections of a masked difference; nothing where there is too little to see.

    Green was added, red and dashed was removed, yellow was modified, blue was renamed; without colour stands what a
    changed connection leads to. GitHub refuses large drawings, so this one is cut and says so.
    """
    wires = [change for change in diff.connection_changes if change.change_type in _ARROWS]
    kinds = {change.node_name: change.change_type for change in diff.node_changes}
    names = [*dict.fromkeys([*kinds, *(name for wire in wires for name in (wire.source, wire.target))])]
    if len(names) < 2:
        return []
    shown = {name: f"n{number}" for number, name in enumerate(names[:_MOST_NODES])}
    lines = ["flowchart LR"]
    lines += [f'  {node}["{label(name)}"]{_class(kinds.get(name))}' for name, node in shown.items()]
    drawn = [wire for wire in wires if wire.source in shown and wire.target in shown]
    lines += [f"  {shown[w.source]} {_ARROWS[w.change_type]} {shown[w.target]}" for w in drawn[:_MOST_WIRES]]
    left_out = len(names) - len(shown) + max(len(drawn) - _MOST_WIRES, 0)
    if left_out:
        lines.append(f'  more["{left_out} more not drawn"]')
    used = {kinds[name] for name in shown if name in kinds}
    return lines + [f"  classDef {kind} {look}" for kind, look in _CLASSES.items() if kind in used]


def label(name: str) -> str:
    """Write a name so that Mermaid reads nothing into it: everything but letters, digits and spaces as an entity."""
    return "".join(
        character if character.isalnum() or character == " " else f"#{ord(character)};"
        for character in cut(visible(name).strip() or "no name", _LONGEST_LABEL)
    )


def _class(kind: ChangeType | None) -> str:
    return f":::{kind}" if kind in _CLASSES else ""
