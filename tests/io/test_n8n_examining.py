"""Looking at a server: what a key may do, its clock, its resources. Whatever is asked, nothing is changed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import pytest
from tests.io.fake_n8n import KEY, Naps, page_for_people

from workflowops.core.doctor.key import HARMLESS, NEEDED, PROBED, USEFUL, KeyRights
from workflowops.core.resources import ColumnShape, Resources, TableShape
from workflowops.errors import N8nAnswerError, N8nUnauthorizedError, N8nUnreachableError
from workflowops.io.n8n import N8nClient
from workflowops.io.n8n.examining import NO_SUCH_ID
from workflowops.sandbox import Sandbox
from workflowops.sandbox.generation import Generation

Result = TypeVar("Result")
DOCUMENT: dict[str, Any] = {"name": "W", "nodes": [], "connections": {}, "settings": {}}


@pytest.fixture(params=Generation, ids=str)
def server(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(str(request.param)) as sandbox:
        sandbox.instance.create_workflow(DOCUMENT)
        yield sandbox


def asked(url: str, key: str, question: Callable[[N8nClient], Awaitable[Result]]) -> Result:
    async def ask() -> Result:
        async with N8nClient(url, key) as n8n:
            return await question(n8n)

    return asyncio.run(ask())


def answering(
    answer: Callable[[httpx.Request], httpx.Response], question: Callable[[N8nClient], Awaitable[Result]]
) -> Result:
    async def ask() -> Result:
        transport = httpx.MockTransport(answer)
        async with N8nClient("https://n8n.example.com", KEY, transport=transport, sleep=Naps()) as n8n:
            return await question(n8n)

    return asyncio.run(ask())


def rights(n8n: N8nClient) -> Awaitable[KeyRights]:
    return n8n.key_rights()


def clock(n8n: N8nClient) -> Awaitable[datetime | None]:
    return n8n.clock()


def resources(n8n: N8nClient) -> Awaitable[Resources]:
    return n8n.resources()


def test_asking_changes_nothing_on_either_generation(server) -> None:
    before = [server.instance.document(each) for each in server.instance.ids()]
    key = server.instance.add_key()
    asked(server.url, key, rights)
    asked(server.url, key, clock)
    asked(server.url, key, resources)
    assert [server.instance.document(each) for each in server.instance.ids()] == before


def test_a_newer_server_lists_the_scopes_of_the_key() -> None:
    with Sandbox() as server:
        key = server.instance.add_key("workflow:list", "workflow:read")
        found = asked(server.url, key, rights)
    assert found.scopes == {"workflow:list", "workflow:read"}
    assert (found.has("workflow:read"), found.has("workflow:update"), found.excess) == (True, False, ())


def test_a_newer_server_is_asked_for_nothing_but_the_list() -> None:
    with Sandbox() as server:
        asked(server.url, server.instance.add_key(), rights)
        assert [str(each) for each in server.requests] == ["GET /api/v1/discover"]


def test_a_key_with_every_scope_is_found_to_have_too_many() -> None:
    with Sandbox() as server:
        excess = asked(server.url, server.instance.add_key(), rights).excess
    assert "workflow:delete" in excess
    assert not HARMLESS.intersection(excess)


def test_an_older_server_is_made_to_tell_by_requests_that_can_only_be_refused() -> None:
    with Sandbox("1.123") as server:
        found = asked(server.url, server.instance.add_key(), rights)
        asked_for = [each for each in server.requests if each.method != "GET"]
    assert found == KeyRights(proven=dict.fromkeys(PROBED, True))
    assert all(NO_SUCH_ID in each.path and each.status == 404 for each in asked_for)


def test_no_workflow_can_have_the_id_that_is_asked_about() -> None:
    assert len(NO_SUCH_ID) > 36


@pytest.mark.parametrize(("status", "body", "proven"), [
    pytest.param(404, {"message": "Not Found"}, True, id="allowed"),
    pytest.param(403, {"message": "Forbidden"}, False, id="lacks the scope"),
    pytest.param(404, {"message": "not found"}, None, id="no such path"),
    pytest.param(403, {"message": "Your license does not allow it"}, None, id="licence"),
    pytest.param(405, {"message": "PUT method not allowed"}, None, id="a proxy that lets no PUT pass"),
    pytest.param(400, {"message": "request/body must have x"}, None, id="refused before the scope was looked at"),
])  # fmt: skip
def test_only_what_an_answer_proves_is_told(status, body, proven) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        is_probe = request.method != "GET"
        return httpx.Response(status, json=body) if is_probe else httpx.Response(404, json={"message": "not found"})

    assert answering(answer, rights).proven == ({} if proven is None else dict.fromkeys(PROBED, proven))


def test_a_refused_key_and_a_foreign_page_are_errors_and_no_rights() -> None:
    with pytest.raises(N8nUnauthorizedError):
        answering(lambda _: httpx.Response(401, json={"message": "Unauthorized"}), rights)
    with pytest.raises(N8nAnswerError):
        answering(lambda _: page_for_people(200, "Log in"), rights)


def test_the_clock_is_that_of_the_answer_whatever_it_answers() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(404, json={}, headers={"date": "Wed, 14 Jan 2026 09:00:00 GMT"})

    assert answering(answer, clock) == datetime(2026, 1, 14, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("date", [None, "", "soon", "2026-01-14"])
def test_a_server_that_does_not_tell_the_time_has_no_clock(date) -> None:
    headers = {} if date is None else {"date": date}
    assert answering(lambda _: httpx.Response(200, json={}, headers=headers), clock) is None


def test_a_server_that_cannot_be_reached_has_no_clock_to_ask() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(N8nUnreachableError):
        answering(answer, clock)


def test_the_sandbox_tells_the_time() -> None:
    with Sandbox() as server:
        told = asked(server.url, server.instance.add_key(), clock)
    assert told is not None
    assert abs(datetime.now(UTC) - told) < timedelta(minutes=1)


def test_variables_and_data_tables_are_named_and_never_read() -> None:
    with Sandbox() as server:
        server.instance.set_variables("SHOP_URL", "REGION")
        server.instance.add_data_table("customers", {"email": "string", "age": "number"})
        found = asked(
            server.url, server.instance.add_key(*NEEDED, *USEFUL, "variable:list", "dataTable:list"), resources
        )
    columns = (ColumnShape("email", "string"), ColumnShape("age", "number"))
    assert found == Resources(variables=("REGION", "SHOP_URL"), data_tables=(TableShape("customers", columns),))


def test_what_licence_or_key_keep_back_is_not_called_empty() -> None:
    with Sandbox() as server:
        assert asked(server.url, server.instance.add_key(), resources) == Resources(variables=None, data_tables=())
        assert asked(server.url, server.instance.add_key(*NEEDED), resources) == Resources()
    with Sandbox("1.123") as older:
        assert asked(older.url, older.instance.add_key(), resources) == Resources()


def test_every_page_of_the_tables_is_read() -> None:
    with Sandbox() as server:
        for number in range(260):
            server.instance.add_data_table(f"table {number}", {})
        found = asked(server.url, server.instance.add_key(), resources)
    assert found.data_tables is not None
    assert len({table.name for table in found.data_tables}) == 260


def test_a_server_that_fails_is_an_error_and_no_empty_answer() -> None:
    with pytest.raises(N8nAnswerError):
        answering(lambda _: httpx.Response(502, json={"message": "down"}), resources)
