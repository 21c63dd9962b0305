"""The client's writes: what is sent, that it is sent once, and which errors prove that nothing was changed."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.io.fake_n8n import KEY, STACK_PAGE, Naps, page_for_people, use

from workflowops.core.abilities import Abilities, AbilitySource
from workflowops.core.promotion.target import Credential
from workflowops.errors import (
    ConfigurationError,
    ExitCode,
    N8nAnswerError,
    N8nError,
    N8nForbiddenError,
    N8nNotFoundError,
    N8nRejectedError,
    N8nUnauthorizedError,
    N8nUncertainError,
    N8nUnreachableError,
)
from workflowops.io.n8n import N8nClient
from workflowops.sandbox import Drop, Ending, Fault, Sandbox

NEW = Abilities(source=AbilitySource.OPENAPI, publish=True, publish_if_active=True, archive=True)
OLD = Abilities(source=AbilitySource.OPENAPI)
DOCUMENT: dict[str, Any] = {"name": "W", "nodes": [], "connections": {}, "settings": {}}
Write = Callable[[N8nClient], Awaitable[object]]


def create(n8n: N8nClient) -> Awaitable[str]:
    return n8n.create_workflow(DOCUMENT)


def update(n8n: N8nClient) -> Awaitable[None]:
    return n8n.update_workflow("w1", DOCUMENT, as_draft=True)


def publish(n8n: N8nClient) -> Awaitable[None]:
    return n8n.publish("w1", version_id="v2", abilities=NEW)


def delete(n8n: N8nClient) -> Awaitable[None]:
    return n8n.delete_workflow("w1")


Answering = Callable[[httpx.Request], httpx.Response]


def answering(*given: httpx.Response | Exception) -> tuple[Answering, list[httpx.Request]]:
    """A server that gives these answers, one after the other, and what it was asked."""
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        outcome = given[len(seen) - 1]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return answer, seen


def failure(write: Write, outcome: httpx.Response | Exception) -> N8nError:
    """The error of a write that met this outcome; it is never sent again."""
    server, seen = answering(outcome)
    naps = Naps()
    with pytest.raises(N8nError) as caught:
        use(server, write, naps=naps)
    assert (len(seen), naps.seconds) == (1, [])
    assert caught.value.fix
    assert caught.value.exit_code is ExitCode.REMOTE
    assert KEY not in f"{caught.value} {caught.value.fix} {caught.value!r}"
    return caught.value


def said(status: int, message: str, **more: str) -> httpx.Response:
    """A refusal in n8n's shape."""
    return httpx.Response(status, json={"message": message, **more})


# What is sent


@pytest.mark.parametrize(
    ("write", "method", "target", "body"),
    [
        pytest.param(create, "POST", "/workflows", DOCUMENT, id="create"),
        pytest.param(update, "PUT", "/workflows/w1?publishIfActive=false", DOCUMENT, id="update as a draft"),
        pytest.param(
            lambda n8n: n8n.update_workflow("w1", DOCUMENT, as_draft=False),
            "PUT",
            "/workflows/w1",
            DOCUMENT,
            id="update",
        ),
        pytest.param(publish, "POST", "/workflows/w1/publish", {"versionId": "v2"}, id="publish a version"),
        pytest.param(
            lambda n8n: n8n.publish("w1", version_id=None, abilities=NEW),
            "POST",
            "/workflows/w1/publish",
            None,
            id="publish the draft",
        ),
        pytest.param(
            lambda n8n: n8n.publish("w1", version_id="v2", abilities=OLD),
            "POST",
            "/workflows/w1/activate",
            None,
            id="switch on where there are no versions",
        ),
        pytest.param(
            lambda n8n: n8n.publish("w1", version_id="v2", abilities=None),
            "POST",
            "/workflows/w1/activate",
            None,
            id="switch on where nothing is known",
        ),
        pytest.param(
            lambda n8n: n8n.unpublish("w1", abilities=NEW), "POST", "/workflows/w1/unpublish", None, id="unpublish"
        ),
        pytest.param(
            lambda n8n: n8n.unpublish("w1", abilities=OLD), "POST", "/workflows/w1/deactivate", None, id="switch off"
        ),
        pytest.param(lambda n8n: n8n.archive("w1"), "POST", "/workflows/w1/archive", None, id="archive"),
        pytest.param(lambda n8n: n8n.unarchive("w1"), "POST", "/workflows/w1/unarchive", None, id="unarchive"),
        pytest.param(delete, "DELETE", "/workflows/w1", None, id="delete"),
        pytest.param(lambda n8n: n8n.create_tag("t"), "POST", "/tags", {"name": "t"}, id="create a tag"),
    ],
)
def test_each_write_is_one_request(write: Write, method: str, target: str, body: Any) -> None:
    server, seen = answering(httpx.Response(200, json={"id": "w1"}))
    use(server, write)
    (request,) = seen
    assert (request.method, request.url.raw_path.decode()) == (method, "/api/v1" + target)
    assert (json.loads(request.content) if request.content else None) == body
    assert ("content-type" in request.headers) is (body is not None)
    assert request.headers["x-n8n-api-key"] == KEY


def test_tags_are_set_by_id() -> None:
    server, seen = answering(httpx.Response(200, json=[]))
    use(server, lambda n8n: n8n.set_tags("w1", ["a", "b"]))
    assert (seen[0].method, seen[0].url.path) == ("PUT", "/api/v1/workflows/w1/tags")
    assert json.loads(seen[0].content) == [{"id": "a"}, {"id": "b"}]


def test_what_is_created_is_answered_by_its_id() -> None:
    server, _ = answering(httpx.Response(201, json={"id": "fresh"}))
    assert use(server, create) == "fresh"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@given(VALUES)
def test_a_document_arrives_as_it_is(value: Any) -> None:
    server, seen = answering(httpx.Response(200, json={"id": "w1"}))
    use(server, lambda n8n: n8n.create_workflow({"value": value}))
    assert json.loads(seen[0].content) == {"value": value}


def test_half_characters_arrive_as_n8n_stores_them() -> None:
    server, seen = answering(httpx.Response(200, json={"id": "w1"}))
    use(server, lambda n8n: n8n.create_workflow({"name": "\ud800"}))
    assert seen[0].content == rb'{"name":"\ud800"}'


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_json_cannot_hold_is_not_sent(number: float) -> None:
    server, seen = answering()
    with pytest.raises(ValueError, match="JSON"):
        use(server, lambda n8n: n8n.create_workflow({"number": number}))
    assert seen == []


def test_an_id_is_one_segment_of_the_path() -> None:
    server, seen = answering(httpx.Response(200, json={"id": "a/b?c"}))
    use(server, lambda n8n: n8n.delete_workflow("a/b?c"))
    assert seen[0].url.raw_path == b"/api/v1/workflows/a%2Fb%3Fc"
    with pytest.raises(ConfigurationError, match="no id of a workflow"):
        use(server, lambda n8n: n8n.delete_workflow(".."))


# What may have been carried out


UNCERTAIN = [
    pytest.param(httpx.ReadTimeout("slow"), id="no answer in time"),
    pytest.param(httpx.WriteTimeout("slow"), id="not sent in time"),
    pytest.param(httpx.ReadError("reset"), id="reset"),
    pytest.param(httpx.WriteError("reset"), id="reset while sending"),
    pytest.param(httpx.RemoteProtocolError("closed"), id="closed before the answer"),
    pytest.param(httpx.DecodingError("zip"), id="damaged compression"),
    pytest.param(TimeoutError(), id="an answer without an end"),
    pytest.param(httpx.Response(500, text=STACK_PAGE, headers={"content-type": "text/html"}), id="html 500"),
    pytest.param(said(500, "Internal"), id="json 500"),
    pytest.param(page_for_people(502, "Bad Gateway"), id="502"),
    pytest.param(said(503, "starting"), id="503"),
    pytest.param(page_for_people(504, "Gateway Time-out"), id="504"),
    pytest.param(said(429, "slow down"), id="429"),
    pytest.param(said(408, "Request Timeout"), id="408"),
    pytest.param(page_for_people(400, "Bad Request"), id="400 that is not n8n's"),
    pytest.param(page_for_people(403, "Firewall"), id="403 that is not n8n's"),
    pytest.param(page_for_people(401, "Login"), id="401 that is not n8n's"),
    pytest.param(httpx.Response(409, json=["?"]), id="409 without words"),
    pytest.param(httpx.Response(302, headers={"location": "/login"}), id="redirect"),
    pytest.param(page_for_people(200, "Login"), id="a page instead of the answer"),
    pytest.param(httpx.Response(200, json={}), id="an answer without an id"),
    pytest.param(httpx.Response(200, json={"id": 7}), id="an answer with an odd id"),
    pytest.param(httpx.Response(200, json=None), id="null"),
    pytest.param(
        httpx.Response(200, text='{"id": "w', headers={"content-type": "application/json"}), id="half an answer"
    ),
    pytest.param(httpx.Response(204), id="no content"),
    pytest.param(httpx.Response(202, json={"id": "w1"}), id="accepted for later"),
]


@pytest.mark.parametrize("outcome", UNCERTAIN)
@pytest.mark.parametrize("write", [create, update, publish, delete])
def test_an_answer_that_does_not_say_leaves_a_write_uncertain(
    write: Write, outcome: httpx.Response | Exception
) -> None:
    error = failure(write, outcome)
    assert type(error) is N8nUncertainError
    assert str(error).endswith("Whether https://n8n.example.com carried out the change is not known.")
    assert error.fix.startswith("Look what is there now before anything is written again.")


def test_an_answer_about_another_workflow_leaves_a_write_uncertain() -> None:
    error = failure(update, httpx.Response(200, json={"id": "w2"}))
    assert type(error) is N8nUncertainError
    assert "about w2 instead of w1" in str(error)


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(said(400, "Cannot publish workflow: no trigger"), id="400"),
        pytest.param(said(409, "There is a conflict with one of the webhooks."), id="409"),
        pytest.param(said(403, "Your change was saved as a draft.", reason="insufficient_api_key_scope"), id="403"),
    ],
)
def test_a_refusal_to_publish_what_was_saved_leaves_an_update_uncertain(outcome: httpx.Response) -> None:
    assert type(failure(update, outcome)) is N8nUncertainError


@pytest.mark.parametrize("outcome", [said(400, "request/body/nodes must be array"), said(403, "Forbidden")])
def test_what_is_checked_before_saving_proves_that_nothing_was_saved(outcome: httpx.Response) -> None:
    assert type(failure(update, outcome)) in {N8nRejectedError, N8nForbiddenError}


# What was certainly not carried out


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        pytest.param(httpx.ConnectError("refused"), N8nUnreachableError, id="no connection"),
        pytest.param(httpx.ConnectTimeout("slow"), N8nUnreachableError, id="no connection in time"),
        pytest.param(httpx.PoolTimeout("slow"), N8nUnreachableError, id="no connection free"),
        pytest.param(httpx.ProxyError("407"), N8nUnreachableError, id="stopped by the proxy"),
        pytest.param(said(400, "request/body must be object"), N8nRejectedError, id="400"),
        pytest.param(said(401, "Unauthorized"), N8nUnauthorizedError, id="401"),
        pytest.param(said(403, "Forbidden"), N8nForbiddenError, id="403"),
        pytest.param(said(404, "Not Found"), N8nNotFoundError, id="404"),
        pytest.param(
            said(404, "You do not have permission to update this."), N8nNotFoundError, id="404 in other words"
        ),
        pytest.param(said(404, "not found"), N8nAnswerError, id="404 for the endpoint"),
        pytest.param(said(405, "PATCH method not allowed"), N8nRejectedError, id="405"),
        pytest.param(said(413, "too large"), N8nRejectedError, id="413"),
        pytest.param(page_for_people(413, "PayloadTooLargeError"), N8nRejectedError, id="413 as n8n words it"),
        pytest.param(said(415, "unsupported media type"), N8nRejectedError, id="415"),
        pytest.param(said(422, "unresolved"), N8nRejectedError, id="422"),
    ],
)
@pytest.mark.parametrize("write", [create, update, publish, delete])
def test_a_refusal_says_that_nothing_was_changed(
    write: Write, outcome: httpx.Response | Exception, kind: type[N8nError]
) -> None:
    assert type(failure(write, outcome)) is kind


def test_a_conflict_proves_that_nothing_was_published_or_deleted() -> None:
    outcome = said(409, "There is a conflict with one of the webhooks.")
    assert type(failure(publish, outcome)) is type(failure(delete, outcome)) is N8nRejectedError


def test_a_missing_scope_is_named() -> None:
    assert "workflow:update" in failure(update, said(403, "Forbidden")).fix
    assert "workflow:activate" in failure(publish, said(403, "Forbidden")).fix


# Over the wire


@pytest.mark.parametrize("ending", list(Ending))
@pytest.mark.parametrize("drop", list(Drop))
def test_a_connection_that_ends_without_an_answer_leaves_a_write_uncertain(drop: Drop, ending: Ending) -> None:
    with Sandbox() as sandbox:
        sandbox.fail_next(Fault(method="POST", drop=drop, ending=ending))
        error = wire_failure(sandbox)
        assert type(error) is N8nUncertainError
        assert len(sandbox.instance.ids()) == (drop is Drop.AFTER)
        assert [seen.method for seen in sandbox.requests] == ["POST"]


@pytest.mark.parametrize(
    ("fault", "kind", "count"),
    [
        pytest.param(Fault(truncate_to=20), N8nUncertainError, 1, id="cut"),
        pytest.param(Fault(status=500, body=b"<html>", content_type="text/html"), N8nUncertainError, 0, id="html 500"),
        pytest.param(
            Fault(status=502, body=b"<html>", content_type="text/html", is_carried_out=True),
            N8nUncertainError,
            1,
            id="502 of a proxy that gave up",
        ),
        pytest.param(Fault(status=409), N8nRejectedError, 0, id="409"),
    ],
)
def test_an_answer_off_the_wire_is_told_by_what_it_proves(fault: Fault, kind: type[N8nError], count: int) -> None:
    with Sandbox() as sandbox:
        sandbox.fail_next(fault)
        assert type(wire_failure(sandbox)) is kind
        assert len(sandbox.instance.ids()) == count


def wire_failure(sandbox: Sandbox) -> N8nError:
    """The error of a creation that goes over a real connection."""

    async def run() -> None:
        async with N8nClient(sandbox.url, sandbox.api_key, timeout=0.4) as n8n:
            await n8n.create_workflow(DOCUMENT)

    with pytest.raises(N8nError) as caught:
        asyncio.run(run())
    return caught.value


# Labels


class Shelf:
    """A collection of credentials or tags, paged as n8n pages it; `before` is told the number of each request."""

    def __init__(self, *entries: dict[str, str]) -> None:
        self.entries = list(entries)
        self.before: Callable[[int], None] = lambda _: None
        self.paths: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.path)
        self.before(len(self.paths))
        limit, offset = int(request.url.params["limit"]), 0
        if "cursor" in request.url.params:
            place = json.loads(base64.b64decode(request.url.params["cursor"]))
            limit, offset = place["limit"], place["offset"]
        onward = {"limit": limit, "offset": offset + limit} if len(self.entries) > offset + limit else None
        cursor = onward and base64.b64encode(json.dumps(onward).encode()).decode()
        return httpx.Response(200, json={"data": self.entries[offset : offset + limit], "nextCursor": cursor})


def shelf(count: int) -> Shelf:
    return Shelf(*({"id": f"c{n:04}", "name": f"N{n % 7}", "type": "t", "shared": "x"} for n in range(count)))


@pytest.mark.parametrize(("count", "requests"), [(0, 1), (250, 1), (251, 2), (1_000, 5)])
def test_all_credentials_are_listed_by_their_labels(count: int, requests: int) -> None:
    server = shelf(count)
    listed = use(server, lambda n8n: n8n.list_credentials())
    assert listed == tuple(Credential(id=e["id"], name=e["name"], type="t") for e in server.entries)
    assert server.paths == ["/api/v1/credentials"] * requests


def test_a_credential_deleted_between_two_pages_hides_no_other() -> None:
    server = shelf(600)

    def remove_the_first(number: int) -> None:
        if number == 2:
            del server.entries[0]

    server.before = remove_the_first
    listed = {each.id for each in use(server, lambda n8n: n8n.list_credentials())}
    assert listed >= {entry["id"] for entry in server.entries}


def test_tags_are_listed_by_name() -> None:
    server = Shelf({"id": "1", "name": "b"}, {"id": "2", "name": "a"})
    assert use(server, lambda n8n: n8n.list_tags()) == {"b": "1", "a": "2"}
    assert server.paths == ["/api/v1/tags"]


def test_a_listing_that_fails_for_a_moment_is_asked_for_again() -> None:
    server, seen = answering(said(503, "starting"), httpx.Response(200, json={"data": [], "nextCursor": None}))
    assert use(server, lambda n8n: n8n.list_credentials()) == ()
    assert len(seen) == 2


@pytest.mark.parametrize("body", [{}, {"data": [{"id": "1"}]}, {"data": "x"}, [1]])
def test_a_listing_that_is_none_is_an_error(body: Any) -> None:
    server, _ = answering(httpx.Response(200, json=body))
    with pytest.raises(N8nAnswerError):
        use(server, lambda n8n: n8n.list_credentials())


def test_a_server_that_lists_no_credentials_says_so() -> None:
    server, _ = answering(said(405, "GET method not allowed"))
    with pytest.raises(N8nRejectedError, match="405"):
        use(server, lambda n8n: n8n.list_credentials())
