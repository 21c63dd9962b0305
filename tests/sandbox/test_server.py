"""The sandbox's HTTP: its log, hooks and faults, and that nothing of it is left behind."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sandbox.documents import node, workflow

from workflowops.sandbox import Drop, Ending, Fault, Sandbox


def client(sandbox: Sandbox, **more: Any) -> httpx.Client:
    headers = {"X-N8N-API-KEY": sandbox.api_key}
    return httpx.Client(base_url=f"{sandbox.url}/api/v1", headers=headers, trust_env=False, **more)


def test_it_listens_on_loopback_only() -> None:
    with Sandbox() as sandbox:
        assert sandbox.url.startswith("http://127.0.0.1:")


def test_every_request_is_in_the_log() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        api.get("/workflows", params={"limit": 5})
        api.delete("/workflows/x")
        assert [str(seen) for seen in sandbox.requests] == [
            "GET /api/v1/workflows?limit=5",
            "DELETE /api/v1/workflows/x",
        ]
        assert [seen.status for seen in sandbox.requests] == [200, 404]
        sandbox.clear_requests()
        assert sandbox.requests == []


def test_connections_are_kept_alive() -> None:
    with Sandbox() as sandbox, client(sandbox, limits=httpx.Limits(max_connections=1)) as api:
        streams = {id(api.get("/workflows").extensions["network_stream"]) for _ in range(3)}
        assert len(streams) == 1


def test_below_a_path_prefix_only_the_prefix_answers() -> None:
    with Sandbox(path_prefix="/n8n/") as sandbox, client(sandbox) as api:
        assert sandbox.url.endswith("/n8n")
        assert api.get("/workflows").status_code == 200
        assert sandbox.requests[0].path == "/api/v1/workflows"
        outside = httpx.get(sandbox.url.removesuffix("/n8n") + "/api/v1/workflows", trust_env=False)
        assert outside.status_code == 404
        assert outside.headers["content-type"].startswith("text/html")


def test_a_hook_can_change_the_instance_between_two_pages() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        for letter in "abcd":
            sandbox.instance.create_workflow(workflow(), id=letter)
        first = api.get("/workflows", params={"limit": 2}).json()
        sandbox.before_request(lambda seen: sandbox.instance.delete("a") if "cursor" in seen.query else None)
        second = api.get("/workflows", params={"cursor": first["nextCursor"]}).json()
        assert [item["id"] for item in first["data"] + second["data"]] == ["a", "b", "d"]


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        pytest.param(Fault(status=503, headers={"Retry-After": "1"}), 503, '{"message":"fault"}', id="status"),
        pytest.param(Fault(status=502, body=b"<html>", content_type="text/html"), 502, "<html>", id="page"),
        pytest.param(Fault(status=200, body=b"{"), 200, "{", id="half an object"),
        pytest.param(Fault(status=302, body=b"", headers={"Location": "/login"}), 302, "", id="to a login page"),
    ],
)
def test_a_fault_answers_instead_of_the_server_once(fault: Fault, status: int, text: str) -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(fault)
        answer = api.get("/workflows")
        assert (answer.status_code, answer.text) == (status, text)
        assert fault.headers.items() <= {k.title(): v for k, v in answer.headers.items()}.items()
        assert api.get("/workflows").status_code == 200


def test_faults_come_in_the_order_they_were_asked_for_and_so_often() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(Fault(status=500), times=2)
        sandbox.fail_next(Fault(status=429))
        assert [api.get("/workflows").status_code for _ in range(4)] == [500, 500, 429, 200]


def test_a_fault_can_wait_for_its_request() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(Fault(status=500, method="GET", path="/tags"))
        assert api.get("/workflows").status_code == 200
        assert api.post("/tags", json={"name": "t"}).status_code == 201
        assert api.get("/tags").status_code == 500


def test_faults_can_be_forgotten() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(Fault(status=500))
        sandbox.clear_faults()
        assert api.get("/workflows").status_code == 200


def test_a_truncated_answer_promises_more_than_it_sends() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(Fault(truncate_to=10))
        with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|closed"):
            api.get("/workflows")


@pytest.mark.parametrize(("drop", "is_done"), [(Drop.BEFORE, False), (Drop.AFTER, True), ("after", True)])
def test_a_dropped_connection_may_or_may_not_have_done_it(drop: Drop, is_done: bool) -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(Fault(drop=drop))
        with pytest.raises(httpx.TransportError):
            api.post("/workflows", json=workflow())
        assert len(sandbox.instance.ids()) == is_done
        assert [seen.status for seen in sandbox.requests] == [0]


@pytest.mark.parametrize(
    ("ending", "error"),
    [
        pytest.param(Ending.CLOSE, httpx.RemoteProtocolError, id="closed"),
        pytest.param("reset", httpx.ReadError, id="reset by peer"),
        pytest.param("silence", httpx.ReadTimeout, id="silence"),
    ],
)
@pytest.mark.parametrize(("drop", "is_done"), [(Drop.BEFORE, False), (Drop.AFTER, True)])
def test_a_connection_without_an_answer_ends_as_it_was_ordered(
    drop: Drop, is_done: bool, ending: Ending, error: type[Exception]
) -> None:
    with Sandbox() as sandbox, client(sandbox, timeout=0.3) as api:
        sandbox.fail_next(Fault(drop=drop, ending=ending))
        with pytest.raises(error):
            api.post("/workflows", json=workflow())
        assert len(sandbox.instance.ids()) == is_done
        assert api.get("/workflows").status_code == 200


def test_a_silent_connection_does_not_outlast_the_server() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Sandbox() as sandbox:
            sandbox.fail_next(Fault(drop=Drop.BEFORE, ending=Ending.SILENCE))
            asked = pool.submit(httpx.get, f"{sandbox.url}/healthz", timeout=30, trust_env=False)
            while not sandbox.requests:
                assert not asked.done()
        assert isinstance(asked.exception(), httpx.TransportError)


@pytest.mark.parametrize(("is_carried_out", "count"), [(True, 1), (False, 0)])
def test_a_refusal_may_hide_that_the_request_was_carried_out(is_carried_out: bool, count: int) -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.fail_next(Fault(status=403, body=b'{"message":"no"}', is_carried_out=is_carried_out))
        assert api.post("/workflows", json=workflow()).json() == {"message": "no"}
        assert len(sandbox.instance.ids()) == count


def test_a_delay_outlasts_an_impatient_client() -> None:
    with Sandbox() as sandbox, client(sandbox, timeout=0.05) as api:
        sandbox.fail_next(Fault(delay=0.5))
        with pytest.raises(httpx.ReadTimeout):
            api.get("/workflows")


def test_many_clients_at_once_lose_nothing() -> None:
    with Sandbox() as sandbox:

        def create(number: int) -> int:
            with client(sandbox) as api:
                return api.post("/workflows", json=workflow(f"W{number}")).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(create, range(40))) == {200}
        assert len(sandbox.instance.ids()) == 40


def test_stopping_leaves_no_thread_and_no_port() -> None:
    before = threading.active_count()
    with Sandbox() as sandbox, client(sandbox) as api:
        port = int(sandbox.url.rpartition(":")[2])
        api.get("/workflows")
        sandbox.stop()
        assert threading.active_count() == before
        with pytest.raises(httpx.TransportError):
            api.get("/workflows")
        socket.create_server(("127.0.0.1", port)).close()


def test_keys_have_scopes() -> None:
    with Sandbox() as sandbox:
        reader = sandbox.instance.add_key("workflow:list")
        headers = {"X-N8N-API-KEY": reader}
        with httpx.Client(base_url=f"{sandbox.url}/api/v1", headers=headers, trust_env=False) as api:
            assert api.get("/workflows").status_code == 200
            assert api.get("/tags").status_code == 403


@settings(max_examples=15, deadline=None)
@given(count=st.integers(0, 30), limit=st.integers(1, 12))
def test_pages_of_any_size_hold_everything_once(count: int, limit: int) -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        for _ in range(count):
            sandbox.instance.create_workflow(workflow("W", node()))
        seen: list[str] = []
        cursor: dict[str, Any] = {"limit": limit}
        while cursor:
            page = api.get("/workflows", params=cursor).json()
            seen += [item["id"] for item in page["data"]]
            cursor = {"cursor": page["nextCursor"]} if page["nextCursor"] else {}
        assert seen == sandbox.instance.ids()
        assert len(sandbox.requests) == max(1, -(-count // limit))


def test_a_page_shows_a_change_although_items_are_remembered() -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        made_id = sandbox.instance.create_workflow(workflow())
        etag = api.get("/workflows").headers["etag"]
        assert api.get("/workflows", headers={"If-None-Match": etag}).status_code == 304
        sandbox.instance.edit_by_hand(made_id, {"name": "other"})
        again = api.get("/workflows", headers={"If-None-Match": etag})
        assert again.json()["data"][0]["name"] == "other"
        assert "pinData" not in api.get("/workflows", params={"excludePinnedData": "true"}).json()["data"][0]
        assert "pinData" in api.get("/workflows").json()["data"][0]


def test_a_bug_in_a_hook_is_a_closed_connection_and_not_a_silent_success(capfd: pytest.CaptureFixture[str]) -> None:
    with Sandbox() as sandbox, client(sandbox) as api:
        sandbox.before_request(lambda _: 1 / 0)
        with pytest.raises(httpx.TransportError):
            api.get("/workflows")
    assert "ZeroDivisionError" in capfd.readouterr().err
