import gzip
import json
from typing import Any

import httpx
import pytest
from tests.io.fake_n8n import (
    KEY,
    STACK_PAGE,
    FakeN8n,
    Naps,
    all_pages,
    cut,
    failure,
    listed_ids,
    many,
    nothing,
    page_for_people,
    use,
)

from workflowops.errors import (
    N8nAnswerError,
    N8nForbiddenError,
    N8nRejectedError,
    N8nUnauthorizedError,
    N8nUnreachableError,
)
from workflowops.io.n8n import exchange as limits

# Trying again


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(page_for_people(500, "Error"), id="html 500"),
        pytest.param(page_for_people(502, "Bad Gateway"), id="502"),
        pytest.param(httpx.Response(503, json={"message": "starting"}), id="503"),
        pytest.param(page_for_people(504, "Gateway Time-out"), id="504"),
        pytest.param(httpx.Response(429, json={"message": "slow down"}), id="429"),
        pytest.param(page_for_people(522, "cloud"), id="a number of a cloud's own"),
        pytest.param(httpx.ReadError("reset"), id="reset"),
        pytest.param(httpx.ConnectError("refused"), id="no connection"),
        pytest.param(httpx.RemoteProtocolError("closed"), id="closed before the answer"),
        pytest.param(httpx.ReadTimeout("slow"), id="timeout"),
        pytest.param(httpx.ConnectTimeout("slow"), id="connection timeout"),
        pytest.param(cut(40), id="half an answer"),
    ],
)
def test_what_may_pass_is_tried_again(fault) -> None:
    server, naps = FakeN8n(many(600), mangle={2: fault}), Naps()
    assert listed_ids(server, naps=naps) == sorted(server.store)
    assert naps.seconds == [0.5]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(httpx.Response(401, json={"message": "Unauthorized"}), id="401"),
        pytest.param(httpx.Response(403, json={"message": "Forbidden"}), id="403"),
        pytest.param(nothing(), id="404"),
        pytest.param(httpx.Response(400, json={"message": "no"}), id="400"),
        pytest.param(httpx.Response(302, headers={"location": "/login"}), id="redirect"),
        pytest.param(page_for_people(200, "n8n.io"), id="html"),
        pytest.param(httpx.Response(200, json={"data": 7}), id="foreign JSON"),
        pytest.param(httpx.Response(501, text="no"), id="501"),
        pytest.param(httpx.ProxyError("407 Proxy Authentication Required"), id="proxy"),
    ],
)
def test_what_will_not_pass_is_not_tried_again(fault) -> None:
    server, naps = FakeN8n(many(600), mangle={1: fault}), Naps()
    failure(server, naps=naps)
    assert (len(server.seen), naps.seconds) == (1, [])


def test_waits_double_below_a_limit_and_are_random_below_that() -> None:
    server = FakeN8n(mangle={number: page_for_people(503, "x") for number in range(1, 9)})
    naps, chances = Naps(), iter([1.0, 0.5, 0.25, 1.0])
    error = failure(server, naps=naps, random=lambda: next(chances))
    assert naps.seconds == [0.5, 0.5, 0.5, 4.0]
    assert "tried 5 times" in str(error)


DATE = "Sun, 22 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "0"}, 0.0, id="at once"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 10:00:09 GMT", "date": DATE}, 9.0, id="a date by its own clock"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": DATE}, 0.0, id="a date that has passed"),
        pytest.param({"retry-after": "soon"}, 0.5, id="words"),
        pytest.param({"retry-after": "-5"}, 0.5, id="a negative number"),
        pytest.param({}, 0.5, id="none"),
    ],
)
def test_the_server_says_how_long_to_wait(headers, seconds) -> None:
    server, naps = FakeN8n(many(1), mangle={1: httpx.Response(429, headers=headers)}), Naps()
    assert listed_ids(server, naps=naps) == ["000000"]
    assert naps.seconds == [seconds]


@pytest.mark.parametrize("asked", ["3600", "91", "Mon, 01 Jan 2120 00:00:00 GMT"])
def test_a_server_that_asks_for_more_patience_than_we_have_ends_it_at_once(asked) -> None:
    server, naps = FakeN8n(mangle={1: httpx.Response(429, headers={"retry-after": asked})}), Naps()
    failure(server, naps=naps)
    assert naps.seconds == []


def test_patience_ends_with_time_too() -> None:
    server = FakeN8n(mangle={number: httpx.Response(429, headers={"retry-after": "25"}) for number in range(1, 9)})
    naps = Naps()
    failure(server, naps=naps)
    assert naps.seconds == [25.0, 25.0, 25.0]  # 90 seconds, three timeouts of 30, would be passed by a fourth


# Errors that say what to do


SAYS = [
    pytest.param(
        httpx.Response(401, json={"message": "Unauthorized"}),
        N8nUnauthorizedError,
        "does not accept the API key",
        "new key",
        id="401",
    ),
    pytest.param(
        page_for_people(401, "Login required"),
        N8nUnauthorizedError,
        "in front of .*Login required",
        "pass",
        id="401 html",
    ),
    pytest.param(
        httpx.Response(403, json={"message": "Forbidden"}),
        N8nForbiddenError,
        "may not do this",
        "workflow:list",
        id="scope",
    ),
    pytest.param(
        httpx.Response(403, json={"message": "Your license does not allow for feat:x. Upgrade."}),
        N8nForbiddenError,
        "The licence of .*feat:x",
        "upgrade",
        id="licence",
    ),
    pytest.param(
        page_for_people(403, "Blocked"), N8nForbiddenError, "in front of .*Blocked", "firewall", id="403 html"
    ),
    pytest.param(
        page_for_people(404, "Cannot GET"), N8nAnswerError, r"no n8n API at .* \(404\)", "path", id="404 html"
    ),
    pytest.param(nothing(), N8nAnswerError, r"no n8n API at", "path", id="404"),
    pytest.param(
        page_for_people(413, "Too Large"), N8nRejectedError, r"too large .*\(413\)", "N8N_PAYLOAD_SIZE_MAX", id="413"
    ),
    pytest.param(
        httpx.Response(405, json={"message": "PATCH method not allowed"}),
        N8nRejectedError,
        "405.*PATCH",
        "reason",
        id="405",
    ),
    pytest.param(httpx.Response(204), N8nAnswerError, "answered 204", "url", id="204"),
    pytest.param(
        page_for_people(200, "n8n.io - Workflow Automation"),
        N8nAnswerError,
        "a page for people .*n8n.io",
        "path",
        id="html",
    ),
    pytest.param(
        httpx.Response(200, text="ok"), N8nAnswerError, "text/plain instead of application/json", "proxy", id="text"
    ),
    pytest.param(
        httpx.Response(200, content=b"{}"), N8nAnswerError, "nothing instead of application/json", "url", id="no type"
    ),
    pytest.param(
        httpx.Response(200, json={"items": []}), N8nAnswerError, "JSON that is not n8n's: .*`data`", "url", id="shape"
    ),
    pytest.param(cut(40), N8nAnswerError, "ends in the middle, after 40 bytes.*tried 5", "proxy", id="cut short"),
    pytest.param(
        httpx.Response(200, text='{"data":[}', headers={"content-type": "application/json"}),
        N8nAnswerError,
        "is damaged",
        "proxy",
        id="damaged",
    ),
    pytest.param(
        page_for_people(502, "Bad Gateway"),
        N8nAnswerError,
        r"not available \(502\): Bad Gateway\. It was tried 5",
        "down",
        id="502",
    ),
    pytest.param(httpx.Response(500, text=STACK_PAGE), N8nAnswerError, "failed with 500", "log", id="500"),
    pytest.param(httpx.Response(429), N8nAnswerError, "limits the rate", "Wait", id="429"),
    pytest.param(
        httpx.Response(302, headers={"location": "https://sso.example.org/login?next=secret"}),
        N8nAnswerError,
        r"redirects to https://sso\.example\.org \(302\), which is not followed\.$",
        "login page",
        id="redirect elsewhere",
    ),
    pytest.param(
        httpx.Response(307, headers={"location": "/login"}),
        N8nAnswerError,
        "redirects to https://n8n",
        "login",
        id="redirect here",
    ),
    pytest.param(httpx.Response(308), N8nAnswerError, "redirects to", "path", id="redirect nowhere"),
    pytest.param(httpx.ReadTimeout("x"), N8nUnreachableError, "within 30 seconds", "timeout_seconds", id="timeout"),
    pytest.param(httpx.RemoteProtocolError("x"), N8nUnreachableError, "broke the connection off", "log", id="dropped"),
    pytest.param(httpx.DecodingError("x"), N8nAnswerError, "cannot be unpacked", "proxy", id="bad gzip"),
    pytest.param(httpx.ProxyError("407 Proxy"), N8nUnreachableError, "The proxy .*407", "HTTPS_PROXY", id="proxy"),
    pytest.param(httpx.UnsupportedProtocol("x"), N8nUnreachableError, "UnsupportedProtocol", "url", id="else"),
]


@pytest.mark.parametrize(("answer", "kind", "problem", "fix"), SAYS)
def test_every_failure_has_its_own_error_that_says_what_to_do(answer, kind, problem, fix) -> None:
    def server(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    with pytest.raises(kind, match=problem) as caught:
        use(server, all_pages)
    assert "https://n8n.example.com" in str(caught.value)
    assert fix in caught.value.fix


def test_a_redirect_from_http_to_https_says_so() -> None:
    answer = httpx.Response(301, headers={"location": "https://n8n.example.com/api/v1/workflows"})
    error = failure(lambda _: answer, url="http://n8n.example.com")
    assert "https://" in error.fix


def test_a_redirect_is_not_followed_and_so_the_key_does_not_travel() -> None:
    server = FakeN8n(mangle={1: httpx.Response(302, headers={"location": "https://evil.example.org/"})})
    failure(server)
    assert [request.url.host for request in server.seen] == ["n8n.example.com"]


@pytest.mark.parametrize("status", [200, 401, 403, 404, 418, 500])
@pytest.mark.parametrize("kind", ["application/json", "text/html", KEY])
def test_a_server_that_repeats_the_key_does_not_make_us_tell_it(status, kind) -> None:
    def echo(_: httpx.Request) -> httpx.Response:
        body = {"message": "x" * 180 + KEY, "html": f"<title>{KEY}</title>"}
        text = f"<title>{'x' * 180}{KEY}</title>" if kind == "text/html" else json.dumps(body)
        return httpx.Response(status, text=text, headers={"content-type": kind, "location": f"https://{KEY}/"})

    error = failure(echo)
    assert KEY[:12].lower() not in str(error).lower()


def test_what_strangers_wrote_is_one_short_printable_line() -> None:
    error = failure(lambda _: httpx.Response(400, json={"message": "\x1b[31m::error::\n" + "a" * 5_000}))
    assert str(error).isprintable()
    assert len(str(error)) < 400


# What comes in is bounded


def test_an_answer_that_swells_without_end_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 2**20)
    bomb = gzip.compress(b"[" + b" " * 2**24)
    assert len(bomb) < 2**15
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    error = failure(lambda _: httpx.Response(200, content=bomb, headers=headers))
    assert "more than 1 MiB" in str(error)


def test_a_long_error_page_is_read_in_part_only() -> None:
    sent = 0

    async def pieces() -> Any:
        nonlocal sent
        for _ in range(1_000):
            sent += 2**16
            yield b"x" * 2**16

    failure(lambda _: httpx.Response(403, content=pieces()))
    assert sent < 2**20


def test_damaged_compression_is_an_error_of_its_own() -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}

    class Raw(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            yield b"not gzip"

    assert "cannot be unpacked" in str(failure(lambda _: httpx.Response(200, stream=Raw(), headers=headers)))
