"""The checks n8n 2.x makes on nodes and connections before it stores them."""

from collections.abc import Iterator

from workflowops.core.json import Json
from workflowops.sandbox.javascript import type_name
from workflowops.sandbox.refusal import bad_request

_Issue = tuple[str, str, str]
"""Where, n8n's code for it, its words."""


def check_structure(*, nodes: Json, connections: Json) -> None:
    """Raise Refused with every issue n8n 2.x would name. Source: n8n-workflow, workflow-structure-validation."""
    issues = list(_form_issues(nodes, connections)) or list(_reference_issues(nodes, connections))
    if issues:
        told = "; ".join(f"{where} ({code}): {words}" for where, code, words in issues)
        raise bad_request(f"Workflow structure is invalid. {told}")


def _form_issues(nodes: Json, connections: Json) -> Iterator[_Issue]:
    if not isinstance(nodes, list):
        yield _expected("array", nodes, "nodes")
    else:
        for index, node in enumerate(nodes):
            yield from _node_issues(node, f"nodes[{index}]")
    if not isinstance(connections, dict):
        yield _expected("object", connections, "connections")
        return
    for source, kinds in connections.items():
        yield from _kinds_issues(kinds, f"connections.{source}")


def _node_issues(node: Json, where: str) -> Iterator[_Issue]:
    if not isinstance(node, dict):
        yield _expected("object", node, where)
        return
    for key in ("name", "type"):
        yield from _text_issues(node, key, where)
    if "position" not in node:
        yield (f"{where}.position", "invalid_type", "Required")
    elif not isinstance(node["position"], list):
        yield _expected("array", node["position"], f"{where}.position")
    elif len(node["position"]) != 2:
        code, bound = ("too_big", "most") if len(node["position"]) > 2 else ("too_small", "least")
        yield (f"{where}.position", code, f"Array must contain at {bound} 2 element(s)")


def _text_issues(holder: dict[str, Json], key: str, where: str) -> Iterator[_Issue]:
    if key not in holder:
        yield (f"{where}.{key}", "invalid_type", "Required")
    elif not isinstance(holder[key], str):
        yield _expected("string", holder[key], f"{where}.{key}")
    elif not holder[key]:
        yield (f"{where}.{key}", "too_small", "String must contain at least 1 character(s)")


def _kinds_issues(kinds: Json, where: str) -> Iterator[_Issue]:
    if not isinstance(kinds, dict):
        yield _expected("object", kinds, where)
        return
    for kind, outputs in kinds.items():
        if not isinstance(outputs, list):
            yield _expected("array", outputs, f"{where}.{kind}")
            continue
        for output, targets in enumerate(outputs):
            place = f"{where}.{kind}[{output}]"
            if targets is None:
                continue
            if not isinstance(targets, list):
                yield _expected("array", targets, place)
                continue
            for index, target in enumerate(targets):
                yield from _target_issues(target, f"{place}[{index}]")


def _target_issues(target: Json, where: str) -> Iterator[_Issue]:
    if not isinstance(target, dict):
        yield _expected("object", target, where)
        return
    for key in ("node", "type"):
        yield from _text_issues(target, key, where)
    if "index" not in target:
        yield (f"{where}.index", "invalid_type", "Required")
    else:
        yield from _index_issues(target["index"], f"{where}.index")


def _index_issues(index: Json, where: str) -> Iterator[_Issue]:
    if isinstance(index, bool) or not isinstance(index, int | float):
        yield _expected("number", index, where)
    elif isinstance(index, float):
        yield (where, "invalid_type", "Expected integer, received float")
    elif index < 0:
        yield (where, "too_small", "Number must be greater than or equal to 0")


def _reference_issues(nodes: Json, connections: Json) -> Iterator[_Issue]:
    """Duplicates and dangling connections; the form is known to be right here."""
    names: set[str] = set()
    name_by_id: dict[str, str] = {}
    for index, node in enumerate(nodes if isinstance(nodes, list) else []):
        if not isinstance(node, dict):
            continue
        name, node_id = str(node["name"]), str(node.get("id") or "")
        if node_id in name_by_id:
            words = f'Nodes "{name_by_id[node_id]}" and "{name}" share the node ID "{node_id}"'
            yield (f"nodes[{index}].id", "duplicate_node_id", words)
        elif node_id:
            name_by_id[node_id] = name
        if name in names:
            yield (f"nodes[{index}].name", "duplicate_node_name", f'Duplicate node name "{name}"')
        names.add(name)
    for source, kinds in (connections if isinstance(connections, dict) else {}).items():
        if source not in names:
            words = f'Connection source "{source}" does not reference an existing node'
            yield (f"connections.{source}", "unknown_connection_source", words)
        for where, target in _targets(kinds, f"connections.{source}"):
            if target not in names:
                words = f'Connection target "{target}" does not reference an existing node'
                yield (f"{where}.node", "unknown_connection_target", words)


def _targets(kinds: Json, where: str) -> Iterator[tuple[str, str]]:
    for kind, outputs in (kinds if isinstance(kinds, dict) else {}).items():
        for output, targets in enumerate(outputs if isinstance(outputs, list) else []):
            for index, target in enumerate(targets if isinstance(targets, list) else []):
                if isinstance(target, dict):
                    yield f"{where}.{kind}[{output}][{index}]", str(target["node"])


def _expected(kind: str, value: Json, where: str) -> _Issue:
    return (where, "invalid_type", f"Expected {kind}, received {type_name(value)}")
