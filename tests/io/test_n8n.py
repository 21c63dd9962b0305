import asyncio
import logging
from contextlib import aclosing

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.io.fake_n8n import (
    KEY,
    FakeN8n,
    all_pages,
    failure,
    listed_ids,
    many,
    nothing,
    page_for_people,
    use,
    workflow,
)

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.listing import ListedWorkflow, OddWorkflow, Page
from workflowops.errors import (
    ConfigurationError,
    ExitCode,
    ListingUnstableError,
    N8nAnswerError,
    N8nError,
    N8nRejectedError,
    N8nUnauthorizedError,
    N8nUnreachableError,
)
from workflowops.io.n8n import N8nClient

NEW = Abilities(source=AbilitySource.OPENAPI, list_offset=True, list_without_pinned_data=True)


# Listing


@pytest.mark.parametrize("abilities", [None, NEW], ids=["by cursor", "by offset"])
@pytest.mark.parametrize(("count", "requests"), [(0, 1), (250, 1), (251, 2), (1_000, 5), (5_000, 21)])
def test_a_listing_is_complete_and_costs_a_page_in_249(abilities, count, requests) -> None:
    server = FakeN8n(many(count))
    assert listed_ids(server, abilities=abilities) == sorted(server.store)
    assert len(server.seen) == requests


def test_offsets_and_filters_are_sent_only_where_the_server_documents_them() -> None:
    server = FakeN8n(many(300))
    listed_ids(server, abilities=NEW)
    assert server.queries() == [
        {"limit": "250", "excludePinnedData": "true"},
        {"limit": "250", "offset": "249", "excludePinnedData": "true"},
    ]
    old = FakeN8n(many(300))
    listed_ids(old)
    assert [sorted(query) for query in old.queries()] == [["limit"], ["cursor", "limit"]]


def test_a_server_older_than_its_remembered_abilities_is_read_all_the_same() -> None:
    server = FakeN8n(many(600), refuses_offset=True)
    assert listed_ids(server, abilities=NEW) == sorted(server.store)


def test_a_refusal_that_has_nothing_to_do_with_abilities_is_an_error() -> None:
    server = FakeN8n(many(1), mangle={number: httpx.Response(400, json={"message": "no"}) for number in (1, 2, 3)})
    with pytest.raises(N8nRejectedError, match=r"refuses the request \(400\): no\."):
        listed_ids(server, abilities=NEW)


@pytest.mark.parametrize("abilities", [None, NEW], ids=["by cursor", "by offset"])
def test_a_workflow_deleted_between_two_pages_hides_no_other(abilities) -> None:
    server = FakeN8n(many(600))

    def delete_the_first(number: int) -> None:
        if number == 2:
            del server.store["000000"]

    server.before = delete_the_first
    assert set(listed_ids(server, abilities=abilities)) >= set(server.store)


CHANGES = st.lists(st.lists(st.tuples(st.booleans(), st.integers(0, 1_199)), max_size=5), max_size=12)


@settings(max_examples=25, deadline=None)
@given(CHANGES, st.booleans())
def test_whatever_others_do_meanwhile_nothing_that_stays_is_missed(changes, by_offset) -> None:
    server = FakeN8n(many(600, step=2))
    stayed, existed = set(server.store), set(server.store)

    def change(number: int) -> None:
        for is_insertion, place in changes[number - 1] if number <= len(changes) else ():
            identity = f"{place:06d}"
            if is_insertion:
                server.store.setdefault(identity, workflow(identity))
                existed.add(identity)
            elif server.store.pop(identity, None):
                stayed.discard(identity)

    server.before = change
    try:
        found = listed_ids(server, abilities=NEW if by_offset else None)
    except ListingUnstableError:
        return
    assert stayed <= set(found) <= existed
    assert len(found) == len(set(found))


def test_a_list_that_is_replaced_while_it_is_read_is_read_from_the_start() -> None:
    server = FakeN8n(many(600))
    numbers = iter(range(10**6))

    def replace_everything(number: int) -> None:
        server.store.clear()
        server.store.update(many(600 - number))
        for identity in list(server.store):
            fresh = f"x{next(numbers):06d}"
            server.store[fresh] = server.store.pop(identity) | {"id": fresh}

    server.before = replace_everything
    pages: list[Page] = []

    async def collect(n8n: N8nClient) -> None:
        async for page in n8n.list_workflows():
            pages.append(page)
            assert len(pages) < 100

    use(server, collect)  # goes back to the start, which is a place that needs no overlap
    assert {each.id for page in pages for each in page.workflows} >= set(server.store)


def test_a_page_repeated_for_ever_is_an_error() -> None:
    first = FakeN8n(many(600)).listing(httpx.QueryParams({"limit": "250"}))
    error = failure(lambda _: httpx.Response(200, json=first.json()))
    assert isinstance(error, ListingUnstableError)
    assert error.exit_code is ExitCode.REMOTE


def test_a_page_repeated_once_loses_nothing() -> None:
    server = FakeN8n(many(900))
    server.mangle[3] = lambda _: server.answer(server.seen[1])
    assert sorted(listed_ids(server)) == sorted(server.store)


def test_half_a_page_that_calls_itself_whole_loses_nothing() -> None:
    server = FakeN8n(many(900))

    def halve(request: httpx.Request) -> httpx.Response:
        page = server.answer(request).json()
        return httpx.Response(200, json=page | {"data": page["data"][:120]})

    server.mangle[2] = halve
    assert sorted(listed_ids(server)) == sorted(server.store)


def test_a_workflow_on_two_pages_is_listed_once() -> None:
    server = FakeN8n(many(600))
    found = listed_ids(server)
    assert len(found) == len(set(found)) == 600


def test_an_id_twice_on_one_page_is_reported_and_listed_once() -> None:
    page = {"data": [workflow("a", name="one"), workflow("a", name="two"), workflow("b")], "nextCursor": None}
    pages = use(lambda _: httpx.Response(200, json=page), all_pages)
    assert [(each.id, each.name) for each in pages[0].workflows] == [("a", "one"), ("b", "Workflow b")]
    assert pages[0].odd == (OddWorkflow(None, "two", "n8n listed a twice on one page; one of the entries counts."),)


def test_an_odd_workflow_is_told_once_and_hides_no_other() -> None:
    server = FakeN8n(many(600))
    server.store["000249"]["nodes"] = None
    server.store["000249"]["id"] = 249
    server.store["000300"]["nodes"] = None
    pages = use(server, all_pages)
    assert sum(len(page.workflows) for page in pages) == 598
    assert [odd.id for page in pages for odd in page.odd] == ["249", "000300"]


@pytest.mark.parametrize("abilities", [None, NEW], ids=["by cursor", "by offset"])
def test_a_401_in_the_middle_is_an_error_after_what_was_read(abilities) -> None:
    server = FakeN8n(many(900), mangle={3: httpx.Response(401, json={"message": "Unauthorized"})})
    pages: list[Page] = []

    async def collect(n8n: N8nClient) -> None:
        async for page in n8n.list_workflows(abilities=abilities):
            assert page.workflows
            pages.append(page)

    with pytest.raises(N8nUnauthorizedError):
        use(server, collect)
    assert len(pages) == 2


def test_the_next_page_is_asked_for_before_the_last_one_is_worked_on() -> None:
    server = FakeN8n(many(900))
    asked_when_handed_over: list[int] = []

    async def slow_server(request: httpx.Request) -> httpx.Response:
        return server(request)

    async def collect(n8n: N8nClient) -> None:
        async for _ in n8n.list_workflows():
            for _ in range(20):
                await asyncio.sleep(0)
            asked_when_handed_over.append(len(server.seen))

    use(slow_server, collect)
    assert asked_when_handed_over == [2, 3, 4, 4]


def test_leaving_a_listing_early_leaves_no_request_behind() -> None:
    server = FakeN8n(many(900))

    async def stuck_at_the_second(request: httpx.Request) -> httpx.Response:
        if server.seen:
            await asyncio.Event().wait()
        return server(request)

    async def first(n8n: N8nClient) -> int:
        async with aclosing(n8n.list_workflows()) as pages:
            async for _ in pages:
                break
        return len(asyncio.all_tasks())

    assert use(stuck_at_the_second, first) == 1


def test_the_key_goes_to_the_server_and_nowhere_else(caplog) -> None:
    server = FakeN8n(many(1))
    with caplog.at_level(logging.DEBUG):
        listed_ids(server)
    assert server.seen[0].headers["x-n8n-api-key"] == KEY
    assert KEY not in caplog.text
    assert KEY not in str(server.seen[0].url)


# One workflow


def test_a_workflow_is_read_by_its_id() -> None:
    found = use(FakeN8n(many(3)), lambda n8n: n8n.get_workflow("000001"))
    assert isinstance(found, ListedWorkflow)
    assert found.name == "Workflow 000001"


def test_the_digest_does_not_depend_on_how_a_workflow_was_read() -> None:
    async def both(n8n: N8nClient) -> set[str]:
        alone = await n8n.get_workflow("000001")
        pages = await all_pages(n8n)
        assert isinstance(alone, ListedWorkflow)
        return {alone.raw_digest} | {
            each.raw_digest for page in pages for each in page.workflows if each.id == alone.id
        }

    assert len(use(FakeN8n(many(3)), both)) == 1


@pytest.mark.parametrize("message", ["Not Found", 'Workflow with ID "nope" not found.'])
def test_missing_is_what_n8n_itself_says_is_missing(message) -> None:
    answer = httpx.Response(404, json={"message": message})
    assert use(lambda _: answer, lambda n8n: n8n.get_workflow("nope")) is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(page_for_people(404, "Cannot GET /api/v1/workflows/x"), id="html"),
        pytest.param(nothing(), id="an unknown path of n8n"),
        pytest.param(httpx.Response(404, json={"error": "Not Found"}), id="another API"),
        pytest.param(httpx.Response(404, text="Not Found"), id="plain text"),
        pytest.param(httpx.Response(404, text="{", headers={"content-type": "application/json"}), id="half an answer"),
        pytest.param(httpx.Response(403, json={"message": "Not Found"}), id="another status"),
        pytest.param(httpx.Response(500, json={"message": "Not Found"}), id="a failure"),
        pytest.param(httpx.Response(200, json={"data": []}), id="a list"),
        pytest.param(httpx.Response(200, json=workflow("y")), id="another workflow"),
        pytest.param(httpx.Response(200, json=[]), id="another shape"),
        pytest.param(httpx.Response(410, json={"message": "Gone"}), id="gone"),
    ],
)
def test_whatever_else_comes_nobody_is_told_missing(answer) -> None:
    with pytest.raises(N8nError) as caught:
        use(lambda _: answer, lambda n8n: n8n.get_workflow("x"))
    assert caught.value.fix


def test_a_workflow_that_exists_but_cannot_be_read_is_odd_and_not_missing() -> None:
    server = FakeN8n({"x": workflow("x", nodes=None)})
    found = use(server, lambda n8n: n8n.get_workflow("x"))
    assert found == OddWorkflow("x", "Workflow x", "It cannot be read: its `nodes` is missing or of a wrong type.")


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_what_is_no_id_is_never_asked_for(identity) -> None:
    server = FakeN8n()
    with pytest.raises(ConfigurationError):
        use(server, lambda n8n: n8n.get_workflow(identity))
    assert server.seen == []


@pytest.mark.parametrize("identity", ["../tags", "a/b", "a?b=c", "a#b", "ä", "a%2Fb"])
def test_an_id_stays_one_part_of_the_path(identity) -> None:
    server = FakeN8n(mangle={1: httpx.Response(404, json={"message": "Not Found"})})
    use(server, lambda n8n: n8n.get_workflow(identity))
    assert server.seen[0].url.raw_path.count(b"/") == 4
    assert b"?" not in server.seen[0].url.raw_path


# Abilities


def test_the_openapi_document_tells_what_the_server_can_do_and_needs_one_request() -> None:
    server = FakeN8n()
    abilities = use(server, lambda n8n: n8n.abilities())
    assert (abilities.source, abilities.list_offset, abilities.discover) == (AbilitySource.OPENAPI, True, True)
    assert len(server.seen) == 1


def test_what_is_read_stays_as_it_is_even_where_it_holds_the_key() -> None:
    assert use(FakeN8n(), lambda n8n: n8n.abilities(), key="offset").list_offset
    pages = use(FakeN8n({"a": workflow("a", name=KEY)}), all_pages)
    assert pages[0].workflows[0].name == KEY


def test_where_no_openapi_document_is_served_discover_is_asked() -> None:
    abilities = use(FakeN8n(has_openapi=False), lambda n8n: n8n.abilities())
    assert (abilities.source, abilities.list_offset, abilities.publish) == (AbilitySource.DISCOVER, False, True)


def test_a_server_that_tells_nothing_about_itself_is_an_error() -> None:
    with pytest.raises(N8nAnswerError, match="There is no n8n API"):
        use(lambda _: nothing(), lambda n8n: n8n.abilities())


def test_a_dead_server_is_asked_for_one_document_only() -> None:
    server = FakeN8n(mangle={number: httpx.ReadError("gone") for number in range(1, 20)})
    with pytest.raises(N8nUnreachableError):
        use(server, lambda n8n: n8n.abilities())
    assert {request.url.path for request in server.seen} == {"/api/v1/openapi.yml"}
