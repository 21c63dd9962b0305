"""The list of workflows, page by page and complete, the next page under way while the last one is worked on."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from dataclasses import dataclass, replace

from workflowops.core.listing import ListedWorkflow, OddWorkflow, Page, parse_page
from workflowops.core.paging import PageOutline, Walk
from workflowops.errors import N8nRejectedError
from workflowops.io.n8n.exchange import Exchange, Request
from workflowops.io.n8n.readers import json_reader


@dataclass(frozen=True, slots=True)
class _Pending:
    """A page that was asked for."""

    page: asyncio.Task[Page]

    async def cancelled(self) -> None:
        self.page.cancel()
        await asyncio.gather(self.page, return_exceptions=True)


async def read_pages(exchange: Exchange, *, walk: Walk, filters: dict[str, str]) -> AsyncGenerator[Page, None]:
    """Yield every workflow once. Ends only after the last page: what fails raises, so no part passes for the whole.

    A server that refuses an offset or a filter, because it is older than its abilities say, is asked without. Raises
    N8nError; ListingUnstableError when the list moves faster than it can be read.
    """
    told: set[OddWorkflow] = set()
    pending = await _asked(exchange, walk.query | filters)
    try:
        while True:
            try:
                page = await pending.page
            except N8nRejectedError:
                if not (walk.use_cursor() or filters):
                    raise
                filters = {}
                pending = await _asked(exchange, walk.query)
                continue
            fresh = walk.take(_outline(page))
            if not walk.is_finished:
                pending = await _asked(exchange, walk.query | filters)
            if fresh is not None:
                odd = tuple(_first_told(page.odd, fresh=fresh, told=told))
                yield _only(replace(page, odd=odd), fresh)
            if walk.is_finished:
                return
    finally:
        await pending.cancelled()


async def _asked(exchange: Exchange, query: dict[str, str]) -> _Pending:
    """Ask for a page and return as soon as the server has the request, so that it works while we do."""
    request = Request(path="/workflows", query=query)
    read = json_reader(parse_page, scope="workflow:list")
    page = asyncio.create_task(exchange.get(request, read))
    sent = asyncio.create_task(request.sent.wait())
    try:
        await asyncio.wait({page, sent}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        page.cancel()
        raise
    finally:
        sent.cancel()
    return _Pending(page)


def _outline(page: Page) -> PageOutline:
    ids = [workflow.id for workflow in page.workflows] + [odd.id for odd in page.odd if odd.id]
    return PageOutline(count=len(page.workflows) + len(page.odd), ids=tuple(ids), next_cursor=page.next_cursor)


def _first_told(odd: Iterable[OddWorkflow], *, fresh: frozenset[str], told: set[OddWorkflow]) -> Iterable[OddWorkflow]:
    """Pass what was not told before; pages overlap, and not every odd entry has an id."""
    for entry in odd:
        if entry not in told and (entry.id is None or entry.id in fresh):
            told.add(entry)
            yield entry


def _only(page: Page, fresh: frozenset[str]) -> Page:
    """Leave out what an earlier page showed, and the second of two entries with one id.

    The second one is reported without its id, because nothing is wrong with the workflow that has it.
    """
    workflows: dict[str, ListedWorkflow] = {}
    odd = []
    for workflow in page.workflows:
        if workflow.id in workflows:
            odd.append(_listed_twice(workflow.id, name=workflow.name))
        elif workflow.id in fresh:
            workflows[workflow.id] = workflow
    odd.extend(_listed_twice(entry.id, name=entry.name) if entry.id in workflows else entry for entry in page.odd)
    return replace(page, workflows=tuple(workflows.values()), odd=tuple(odd))


def _listed_twice(workflow_id: str | None, *, name: str | None) -> OddWorkflow:
    return OddWorkflow(None, name, f"n8n listed {workflow_id} twice on one page; one of the entries counts.")
