import base64
import json
from bisect import bisect_left
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.paging import MOST_DETOURS, PageOutline, Walk
from workflowops.errors import ListingUnstableError


class ShortList:
    """A list of ids that pages by position as n8n does, by offset and by cursor, with pages of at most `size`."""

    def __init__(self, ids: list[str], *, size: int = 5) -> None:
        self.ids = sorted(ids)
        self.size = size

    def insert(self, identity: str) -> None:
        place = bisect_left(self.ids, identity)
        if self.ids[place : place + 1] != [identity]:
            self.ids.insert(place, identity)

    def page(self, query: dict[str, str]) -> PageOutline:
        limit, offset = min(self.size, int(query["limit"])), int(query.get("offset", "0"))
        if "cursor" in query:
            position = json.loads(base64.b64decode(query["cursor"]))
            limit, offset = min(self.size, position["limit"]), position["offset"]
        ids = tuple(self.ids[offset : offset + limit])
        onward = {"limit": limit, "offset": offset + limit} if len(self.ids) > offset + limit else None
        cursor = None if onward is None else base64.b64encode(json.dumps(onward).encode()).decode()
        return PageOutline(count=len(ids), ids=ids, next_cursor=cursor)


def walked(answer: Callable[[dict[str, str]], PageOutline], *, by_offset: bool = True) -> list[str]:
    """Walk to the end, and answer the ids in the order in which they came."""
    walk, found = Walk(by_offset=by_offset), []
    while not walk.is_finished:
        page = answer(walk.query)
        fresh = walk.take(page)
        found.extend(identity for identity in page.ids if identity in (fresh or ()))
    return found


IDS = st.integers(0, 99).map(lambda number: f"{number:02d}")
CHANGES = st.lists(st.lists(st.tuples(st.booleans(), IDS), max_size=6), max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.sets(IDS, max_size=60), CHANGES, st.booleans(), st.integers(2, 12))
def test_whatever_others_do_nothing_that_stays_is_passed_over(ids, changes, by_offset, size) -> None:
    server = ShortList(list(ids), size=size)
    stayed, existed = set(ids), set(ids)
    moves = iter(changes)

    def answer(query: dict[str, str]) -> PageOutline:
        for is_insertion, identity in next(moves, ()):
            if is_insertion:
                server.insert(identity)
                existed.add(identity)
            elif identity in server.ids:
                server.ids.remove(identity)
                stayed.discard(identity)
        return server.page(query)

    try:
        found = walked(answer, by_offset=by_offset)
    except ListingUnstableError:
        return
    assert stayed <= set(found) <= existed
    assert len(found) == len(set(found))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2000), st.booleans())
def test_a_list_that_stands_still_is_read_once_and_in_order(count, by_offset) -> None:
    server = ShortList([f"{number:05d}" for number in range(count)], size=250)
    assert walked(server.page, by_offset=by_offset) == server.ids


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (250, 1), (251, 2), (499, 2), (500, 3), (1_000, 5), (5_000, 21)]
)
def test_the_overlap_costs_no_more_than_a_page_in_249(count, pages) -> None:
    server = ShortList([f"{number:05d}" for number in range(count)], size=250)
    queries = []
    walked(lambda query: (queries.append(query), server.page(query))[1])
    assert len(queries) == pages


def test_offsets_are_asked_for_in_words_and_cursors_in_base64() -> None:
    server = ShortList(["a", "b", "c"], size=2)
    by_offset, by_cursor = Walk(by_offset=True), Walk()
    by_offset.take(server.page(by_offset.query))
    by_cursor.take(server.page(by_cursor.query))
    assert by_offset.query == {"limit": "250", "offset": "1"}
    assert by_cursor.query["cursor"] == base64.b64encode(b'{"limit":2,"offset":1}').decode()


def test_a_deletion_between_two_pages_is_noticed_and_made_good() -> None:
    server = ShortList([f"{number:02d}" for number in range(12)])
    asked = []

    def answer(query: dict[str, str]) -> PageOutline:
        asked.append(query)
        if len(asked) == 2:
            server.ids.remove("00")
        return server.page(query)

    assert walked(answer) == [f"{number:02d}" for number in range(12)]


def test_a_mass_deletion_sends_the_reader_back_far_enough() -> None:
    server = ShortList([f"{number:05d}" for number in range(5_000)], size=250)
    asked = []

    def answer(query: dict[str, str]) -> PageOutline:
        asked.append(query)
        if len(asked) == 15:
            del server.ids[:3_000]
        return server.page(query)

    assert set(server.ids) <= set(walked(answer))


def test_a_page_repeated_once_by_a_cache_loses_nothing() -> None:
    server = ShortList([f"{number:02d}" for number in range(23)])
    answers = []

    def answer(query: dict[str, str]) -> PageOutline:
        answers.append(answers[1] if len(answers) == 2 else server.page(query))
        return answers[-1]

    assert sorted(walked(answer)) == server.ids


def test_entries_without_an_id_count_as_places_in_the_list() -> None:
    server = ShortList([f"{number:03d}" for number in range(80)], size=20)
    nameless = {"019", "020", "038"}

    def answer(query: dict[str, str]) -> PageOutline:
        page = server.page(query)
        ids = tuple(identity for identity in page.ids if identity not in nameless)
        return PageOutline(count=page.count, ids=ids, next_cursor=page.next_cursor)

    assert set(walked(answer)) == set(server.ids) - nameless


def endless(_: dict[str, str]) -> PageOutline:
    return PageOutline(count=2, ids=("a", "b"), next_cursor="eyJsaW1pdCI6MCwib2Zmc2V0IjowfQ==")


def empty_forever(_: dict[str, str]) -> PageOutline:
    return PageOutline(count=0, ids=(), next_cursor="eyJsaW1pdCI6MjUwLCJvZmZzZXQiOjI1MH0=")


def same_foreign_page(_: dict[str, str]) -> PageOutline:
    return PageOutline(count=250, ids=tuple(map(str, range(250))), next_cursor="opaque")


def short_foreign_page(_: dict[str, str]) -> PageOutline:
    return PageOutline(count=3, ids=("a", "b", "c"), next_cursor="opaque")


@pytest.mark.parametrize("answer", [endless, empty_forever, same_foreign_page, short_foreign_page])
@pytest.mark.parametrize("by_offset", [False, True])
def test_a_list_that_leads_nowhere_ends_in_an_error(answer, by_offset) -> None:
    asked = []
    with pytest.raises(ListingUnstableError) as caught:
        walked(lambda query: (asked.append(query), answer(query))[1], by_offset=by_offset)
    assert caught.value.fix
    assert len(asked) < 4 * MOST_DETOURS


def test_a_list_that_never_ends_ends_in_an_error() -> None:
    numbers = iter(range(10**9))

    def answer(_: dict[str, str]) -> PageOutline:
        ids = ("0", *(str(next(numbers)) for _ in range(2)))
        return PageOutline(count=3, ids=ids, next_cursor="eyJsaW1pdCI6MjUwLCJvZmZzZXQiOjI1MH0=")

    with pytest.raises(ListingUnstableError, match="has not ended"):
        walked(answer)


class KeyedList:
    """A list whose cursors are a secret of the server's."""

    def __init__(self, count: int) -> None:
        self.ids = [f"{number:05d}" for number in range(count)]

    def page(self, query: dict[str, str]) -> PageOutline:
        start = int(query.get("cursor", "key-0").removeprefix("key-"))
        ids = tuple(self.ids[start : start + 250])
        onward = f"key-{start + 250}" if len(self.ids) > start + 250 else None
        return PageOutline(count=len(ids), ids=ids, next_cursor=onward)


@pytest.mark.parametrize("count", [0, 250, 251, 1_000])
def test_a_cursor_of_another_make_is_followed(count) -> None:
    server = KeyedList(count)
    assert walked(server.page, by_offset=False) == server.ids


def test_a_short_page_on_the_way_of_a_foreign_cursor_makes_the_reader_start_again() -> None:
    server, asked = KeyedList(1_000), []

    def answer(query: dict[str, str]) -> PageOutline:
        asked.append(query)
        page = server.page(query)
        return PageOutline(count=100, ids=page.ids[:100], next_cursor=page.next_cursor) if len(asked) == 2 else page

    assert sorted(walked(answer, by_offset=False)) == server.ids


def test_a_server_that_refuses_offsets_is_asked_with_cursors_from_the_same_place() -> None:
    server = ShortList([f"{number:02d}" for number in range(12)])
    walk = Walk(by_offset=True)
    walk.take(server.page(walk.query))
    assert walk.use_cursor()
    assert server.page(walk.query).ids[0] == "04"
    assert not walk.use_cursor()
