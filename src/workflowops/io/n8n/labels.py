"""Credentials and tags of an instance: their labels, all of them, page by page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from workflowops.core.paging import PageOutline, Walk
from workflowops.core.promotion.target import Credential
from workflowops.io.n8n.exchange import Exchange, Request
from workflowops.io.n8n.readers import json_reader


class _Label(msgspec.Struct):
    id: str
    name: str
    type: str = ""


class _Labels(msgspec.Struct, rename="camel"):
    data: list[_Label]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class _Kind:
    path: str
    scope: str


async def read_credentials(exchange: Exchange) -> tuple[Credential, ...]:
    """List all credentials by id, name and type, sorted by id. Raises N8nError, also where the server lists none."""
    found = await _all(exchange, _Kind("/credentials", "credential:list"))
    return tuple(Credential(id=label.id, name=label.name, type=label.type) for label in found)


async def read_tags(exchange: Exchange) -> Mapping[str, str]:
    """Answer all tags, name -> id; n8n lets no two have one name. Raises N8nError."""
    return {label.name: label.id for label in await _all(exchange, _Kind("/tags", "tag:list"))}


async def _all(exchange: Exchange, kind: _Kind) -> list[_Label]:
    """Read every page; what is created or deleted meanwhile hides no other, because pages overlap."""
    walk, found = Walk(), dict[str, _Label]()
    read = json_reader(_parser(), scope=kind.scope)
    while not walk.is_finished:
        page = await exchange.get(Request(path=kind.path, query=walk.query), read)
        ids = tuple(label.id for label in page.data)
        if walk.take(PageOutline(count=len(ids), ids=ids, next_cursor=page.next_cursor)) is not None:
            found |= {label.id: label for label in page.data}
    return [found[identity] for identity in sorted(found)]


def _parser() -> Callable[[bytes], _Labels]:
    return msgspec.json.Decoder(_Labels).decode
