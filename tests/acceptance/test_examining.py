"""What the doctor asks of a server: a key tells what it may do, and no question changes anything."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from tests.acceptance.servers import Server, answered, refused

from workflowops.core.doctor.key import PROBED, KeyRights
from workflowops.core.resources import Resources
from workflowops.io.n8n import N8nClient
from workflowops.io.n8n.examining import NO_SUCH_ID

TWO = pytest.mark.generations("2.41")
ONE = pytest.mark.generations("1.123")
Result = TypeVar("Result")
EMPTY = {"name": "x", "nodes": [], "connections": {}, "settings": {}}


def asked(server: Server, key: str, question: Callable[[N8nClient], Awaitable[Result]]) -> Result:
    async def ask() -> Result:
        async with N8nClient(server.url, key) as n8n:
            return await question(n8n)

    return asyncio.run(ask())


@TWO
def test_a_key_is_told_exactly_the_scopes_it_was_made_with(server) -> None:
    key = server.make_key("workflow:list", "workflow:read", "tag:list")
    assert asked(server, key, N8nClient.key_rights) == KeyRights(
        scopes=frozenset({"workflow:list", "workflow:read", "tag:list"})
    )


@ONE
def test_an_older_server_is_made_to_tell_what_a_key_may_do(server) -> None:
    rights = asked(server, server.make_key(), N8nClient.key_rights)
    assert rights == KeyRights(proven=dict.fromkeys(PROBED, True))


@TWO
def test_the_requests_that_older_servers_are_asked_with_are_refused_by_the_scope_first(server) -> None:
    with server.client(server.make_key("workflow:list", "workflow:read")) as reading:
        assert refused(reading.put(f"/workflows/{NO_SUCH_ID}", json=EMPTY))[0] == 403
        assert refused(reading.post(f"/workflows/{NO_SUCH_ID}/activate"))[0] == 403


def test_whatever_is_asked_nothing_changes(server) -> None:
    made = server.new()
    before = server.get(made["id"])
    everything = answered(server.api.get("/workflows"))["data"]
    key = server.make_key()
    for question in (N8nClient.key_rights, N8nClient.clock, N8nClient.resources):
        asked(server, key, question)
    with server.client(key) as client:
        assert refused(client.put(f"/workflows/{NO_SUCH_ID}", json=EMPTY))[0] == 404
        assert refused(client.post(f"/workflows/{NO_SUCH_ID}/activate"))[0] == 404
    assert server.get(made["id"]) == before
    assert len(answered(server.api.get("/workflows"))["data"]) == len(everything)


def test_every_server_tells_the_time(server) -> None:
    assert asked(server, server.make_key(), N8nClient.clock) is not None


def test_variables_need_a_licence_and_data_tables_a_newer_server(server) -> None:
    found = asked(server, server.make_key(), N8nClient.resources)
    assert found.variables is None
    assert (found == Resources()) is not server.is_2
