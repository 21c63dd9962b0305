"""One n8n server through its public API: read in here, changed in `writing`."""

import asyncio
import random as chance
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx

from workflowops.core.abilities import Abilities, parse_discover, parse_openapi
from workflowops.core.doctor.key import KeyRights
from workflowops.core.listing import ListedWorkflow, OddWorkflow, Page, parse_workflow
from workflowops.core.paging import Walk
from workflowops.core.promotion.target import Credential
from workflowops.core.resources import Resources
from workflowops.errors import N8nAnswerError, N8nError, N8nUnreachableError
from workflowops.io.n8n.address import Address, path_segment
from workflowops.io.n8n.answers import Answer, says_not_found
from workflowops.io.n8n.examining import read_clock, read_resources, read_rights
from workflowops.io.n8n.exchange import Exchange, Patience, Request
from workflowops.io.n8n.faults import Fault
from workflowops.io.n8n.labels import read_credentials, read_tags
from workflowops.io.n8n.pages import read_pages
from workflowops.io.n8n.readers import json_reader, text_reader
from workflowops.io.n8n.writing import Writing


class N8nClient(Writing):
    """A connection to one server, to be used in `async with`. Making one takes no request.

    `url` may have a path prefix, a trailing slash or end in /api/v1. `timeout` is in seconds, for connecting and for
    every sign of life; a whole answer may take ten of them. Raises ConfigurationError for a URL, key, proxy or
    certificate variable that cannot be used. The key appears in no text that leaves this object.
    """

    def __init__(
        self,
        url: str,
        api_key: str,
        *,
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        random: Callable[[], float] = chance.random,
    ) -> None:
        self._address = Address.of(url)
        patience = Patience(timeout=timeout, sleep=sleep, random=random)
        super().__init__(Exchange(self._address, api_key, patience=patience, transport=transport))

    def __repr__(self) -> str:
        return f"N8nClient({self._address.server!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._exchange.close()

    @property
    def requests(self) -> int:
        """Answer how many requests were sent, repetitions included."""
        return self._exchange.requests

    def list_workflows(self, *, abilities: Abilities | None = None) -> AsyncGenerator[Page, None]:
        """Yield all workflows, archived ones included, each once: pages of 250 with full bodies.

        Complete when it ends: whatever existed from the first request to the last is among them, whatever others did
        meanwhile. Everything else raises N8nError. Give the server's `abilities` where they are known, so that
        documented parameters are used and pinned data stays away. Close it (`contextlib.aclosing`) when leaving early.
        """
        walk = Walk(by_offset=abilities is not None and abilities.list_offset)
        without_pinned = abilities is not None and abilities.list_without_pinned_data
        filters = {"excludePinnedData": "true"} if without_pinned else {}
        return read_pages(self._exchange, walk=walk, filters=filters)

    async def get_workflow(self, workflow_id: str) -> ListedWorkflow | OddWorkflow | None:
        """Answer a workflow, an odd one when it exists but cannot be read, None when n8n itself says there is none."""
        read = json_reader(parse_workflow, scope="workflow:read")

        def read_or_missing(answer: Answer) -> ListedWorkflow | OddWorkflow | Fault | None:
            return None if says_not_found(answer) else read(answer)

        path = f"/workflows/{path_segment(workflow_id)}"
        found: ListedWorkflow | OddWorkflow | None = await self._exchange.get(Request(path=path), read_or_missing)
        if found is not None and found.id != workflow_id:
            raise N8nAnswerError(
                f"{self._address.server} answered another workflow than {workflow_id}.",
                fix="Check that the environment's `url` is that of n8n, and that no proxy changes what it answers.",
            )
        return found

    async def list_credentials(self) -> tuple[Credential, ...]:
        """List all credentials by id, name and type; never what they hold. Raises where the server lists none."""
        return await read_credentials(self._exchange)

    async def resources(self) -> Resources:
        """Name variables and data tables, never what they hold; None for what version, licence or key keep back."""
        return await read_resources(self._exchange)

    async def key_rights(self) -> KeyRights:
        """Answer what the key may do, by asking alone: nothing is changed on the server."""
        return await read_rights(self._exchange)

    async def clock(self) -> datetime | None:
        """Answer the time by the server's clock, to the second; None when it does not say."""
        return await read_clock(self._exchange)

    async def list_tags(self) -> Mapping[str, str]:
        """Answer the tags of the instance, name -> id."""
        return await read_tags(self._exchange)

    async def abilities(self) -> Abilities:
        """Ask the server what its API can do: one request, worth keeping until a request is refused as unknown.

        Its OpenAPI document tells everything and depends on no key. Where it is not served, `/discover` tells a part.
        """
        openapi = Request(path="/openapi.yml", accept="application/yaml, text/yaml, */*")
        try:
            return await self._exchange.get(openapi, text_reader(parse_openapi, scope="none"))
        except N8nUnreachableError:
            raise
        except N8nError:
            discover = Request(path="/discover", query={"include": "schemas"})
            return await self._exchange.get(discover, json_reader(parse_discover, scope="none"))
