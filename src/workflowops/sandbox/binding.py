"""How n8n rewrites the credential references of a workflow that it saves."""

from collections.abc import Sequence

from workflowops.core.json import Json
from workflowops.sandbox.generation import Generation
from workflowops.sandbox.javascript import write
from workflowops.sandbox.records import Credential
from workflowops.sandbox.refusal import bad_request

_Cache = dict[bytes, Json]


def bind_credentials(nodes: Json, *, credentials: Sequence[Credential], generation: Generation) -> None:
    """Rewrite the references of enabled nodes in place; `credentials` in the order of their creation.

    An id of the right type is kept and the name corrected; else the one credential of that name and type is taken;
    else the reference stays. A reference without id takes ANY credential of its type: n8n asks its database for an
    undefined id. The order of the questions and the memory between nodes are n8n's own. Source: n8n, workflow-helpers.
    """
    known: _Cache = {}
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict) and isinstance(node.get("credentials"), dict) and not node.get("disabled"):
            references = node["credentials"]
            assert isinstance(references, dict)  # noqa: S101 - for the type checker
            for kind, reference in list(references.items()):
                if reference is None:
                    _refuse_null(generation)
                    continue
                references[kind] = _bound(reference, [c for c in credentials if c.type == kind], known, kind=kind)


def _refuse_null(generation: Generation) -> None:
    if generation is Generation.V1:
        raise bad_request("Cannot read properties of null (reading 'id')")


def _bound(reference: Json, candidates: list[Credential], known: _Cache, *, kind: str) -> Json:
    if isinstance(reference, str):
        return _bound_by_name(reference, reference, candidates, known, kind=kind)
    if isinstance(reference, dict) and reference.get("id", "") is None:
        return _bound_by_name(reference, reference.get("name"), candidates, known, kind=kind)
    return _bound_by_id(reference, candidates, known, kind=kind)


def _bound_by_name(reference: Json, name: Json, candidates: list[Credential], known: _Cache, *, kind: str) -> Json:
    key = write(["name", kind, name])
    if key in known:
        return known[key]
    same = [candidate for candidate in candidates if candidate.name == name]
    if len(same) == 1:
        known[key] = _reference_to(same[0])
        return known[key]
    known[key] = {"id": None, "name": name}
    return reference


def _bound_by_id(reference: Json, candidates: list[Credential], known: _Cache, *, kind: str) -> Json:
    fields = reference if isinstance(reference, dict) else {}
    named_key = write(["idAndName", kind, fields.get("id"), fields.get("name")])
    if named_key in known:
        return known[named_key]
    id_key = write(["id", kind, fields.get("id")])
    if id_key in known:
        return known[id_key]
    by_id = candidates if "id" not in fields else [c for c in candidates if c.id == str(fields["id"])]
    if by_id:
        known[id_key] = _reference_to(by_id[0])
        return known[id_key]
    same = [candidate for candidate in candidates if candidate.name == fields.get("name")]
    if len(same) == 1:
        known[named_key] = _reference_to(same[0])
        known[write(["id", kind, same[0].id])] = known[named_key]
        return known[named_key]
    known[named_key] = reference
    return reference


def _reference_to(credential: Credential) -> Json:
    return {"id": credential.id, "name": credential.name}
