"""Changes of one n8n server: each is sent once, and its error says whether it may have been carried out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from workflowops.core.abilities import Abilities
from workflowops.core.json import Json, parse
from workflowops.errors import N8nNotFoundError
from workflowops.io.n8n.address import path_segment
from workflowops.io.n8n.answers import Answer, fault_of, foreign_fault
from workflowops.io.n8n.exchange import Exchange, Request
from workflowops.io.n8n.faults import Fault

_UNDONE = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422})
"""What n8n answers in JSON when it refuses. 408, 425 and 429 are not n8n's, and 5xx do not say how far it came."""

_SAVED_ALL_THE_SAME = frozenset({400, 403, 409})
"""An update answers these, too, when it saved the draft and could not publish it. Source: measured on n8n 2.41.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A request that changes something. `scope` is what the API key needs; `is_two_steps` says that it saves first."""

    method: Literal["POST", "PUT", "DELETE"]
    path: str
    scope: str
    body: Json = None
    query: Mapping[str, str] = field(default_factory=dict)
    is_two_steps: bool = False


class Writing:
    """Everything that changes an n8n server. After an error the caller reads what is there before it goes on.

    Raises N8nUncertainError when the change may have been carried out all the same, another N8nError when the server
    says that it was not, and ValueError for a document that is no JSON.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def create_workflow(self, document: Mapping[str, Json]) -> str:
        """Create a workflow, which is not published, and answer its id."""
        change = _Change(method="POST", path="/workflows", scope="workflow:create", body=dict(document))
        return await self._changed(change, _id_of)

    async def update_workflow(self, workflow_id: str, document: Mapping[str, Json], *, as_draft: bool) -> None:
        """Write name, nodes, connections, settings and groups; with `as_draft` what runs goes on running.

        `as_draft` needs `Abilities.publish_if_active`: a server without it would publish at once and say nothing.
        Settings take effect at once in either case.
        """
        change = _Change(
            method="PUT",
            path=f"/workflows/{path_segment(workflow_id)}",
            scope="workflow:update",
            body=dict(document),
            query={"publishIfActive": "false"} if as_draft else {},
            is_two_steps=True,
        )
        await self._changed(change, _same_id(workflow_id))

    async def publish(self, workflow_id: str, *, version_id: str | None, abilities: Abilities | None) -> None:
        """Make a version run, the draft's own where None is given; on servers without versions switch it on."""
        has_versions = abilities is not None and abilities.publish
        body: Json = {"versionId": version_id} if has_versions and version_id is not None else None
        action = "publish" if has_versions else "activate"
        await self._switch(workflow_id, action, scope="workflow:activate", body=body)

    async def unpublish(self, workflow_id: str, *, abilities: Abilities | None) -> None:
        """Let nothing of it run."""
        action = "unpublish" if abilities is not None and abilities.publish else "deactivate"
        await self._switch(workflow_id, action, scope="workflow:deactivate")

    async def archive(self, workflow_id: str) -> None:
        """Put it away, which unpublishes it. Needs `Abilities.archive`."""
        await self._switch(workflow_id, "archive", scope="workflow:delete")

    async def unarchive(self, workflow_id: str) -> None:
        """Take it back; it is not published. Needs `Abilities.archive`."""
        await self._switch(workflow_id, "unarchive", scope="workflow:delete")

    async def delete_workflow(self, workflow_id: str) -> None:
        """Remove it for good; it must not be published."""
        path = f"/workflows/{path_segment(workflow_id)}"
        await self._changed(_Change(method="DELETE", path=path, scope="workflow:delete"), _same_id(workflow_id))

    async def create_tag(self, name: str) -> str:
        """Create a tag and answer its id."""
        return await self._changed(
            _Change(method="POST", path="/tags", scope="tag:create", body={"name": name}), _id_of
        )

    async def set_tags(self, workflow_id: str, tag_ids: Sequence[str]) -> None:
        """Give a workflow exactly these tags."""
        change = _Change(
            method="PUT",
            path=f"/workflows/{path_segment(workflow_id)}/tags",
            scope="workflowTags:update",
            body=[{"id": tag_id} for tag_id in tag_ids],
        )
        await self._changed(change, _list_of_tags)

    async def _switch(self, workflow_id: str, action: str, *, scope: str, body: Json = None) -> None:
        path = f"/workflows/{path_segment(workflow_id)}/{action}"
        await self._changed(_Change(method="POST", path=path, scope=scope, body=body), _same_id(workflow_id))

    async def _changed(self, change: _Change, read: Callable[[Json], str]) -> str:
        def read_or_fault(answer: Answer) -> str | Fault:
            if answer.status not in {200, 201}:
                return _refusal(answer, change)
            if not answer.is_json:
                return foreign_fault(answer, problem="")
            try:
                return read(parse(answer.body))
            except (ValueError, RecursionError) as error:
                return foreign_fault(answer, problem=str(error))

        body = None if change.body is None else _text(change.body)
        request = Request(method=change.method, path=change.path, query=change.query, body=body)
        return await self._exchange.send_once(request, read_or_fault)


def _refusal(answer: Answer, change: _Change) -> Fault:
    """Say what an answer means that is no success, and whether it proves that nothing was changed."""
    fault = fault_of(answer, scope=change.scope)
    if answer.status == 404 and answer.message and answer.message != "not found":
        told = N8nNotFoundError(f"{fault.error} n8n's words: {answer.message}", fix="Check the id.")
        fault = replace(fault, error=told)
    is_refused = answer.status == 413 or (answer.status in _UNDONE and bool(answer.message))
    return replace(fault, is_undone=is_refused and not (change.is_two_steps and _may_be_saved(answer)))


def _may_be_saved(answer: Answer) -> bool:
    """Tell whether an update's refusal may be about publishing alone: the checks of key and body come before saving."""
    is_before = answer.message == "Forbidden" or answer.message.startswith("request/")
    return answer.status in _SAVED_ALL_THE_SAME and not is_before


def _id_of(answered: Json) -> str:
    identity = answered.get("id") if isinstance(answered, dict) else None
    if not isinstance(identity, str) or not identity:
        raise ValueError("it has no `id`.")
    return identity


def _same_id(workflow_id: str) -> Callable[[Json], str]:
    def read(answered: Json) -> str:
        if (identity := _id_of(answered)) != workflow_id:
            raise ValueError(f"it is about {identity} instead of {workflow_id}.")
        return identity

    return read


def _list_of_tags(answered: Json) -> str:
    if not isinstance(answered, list):
        raise ValueError("it is no list of tags.")
    return ""


def _text(body: Json) -> bytes:
    """Write a body; raises ValueError for numbers that JSON has no text for."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")
