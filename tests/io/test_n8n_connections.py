import asyncio
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from tests.io.fake_n8n import KEY, FakeN8n, Naps, all_pages, many, use

from workflowops.core.listing import Page
from workflowops.errors import ConfigurationError, N8nUnreachableError
from workflowops.io.n8n import N8nClient
from workflowops.io.n8n.address import Address
from workflowops.io.n8n.trust import ssl_context

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
TRUST_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch) -> None:
    for name in (*PROXY_VARIABLES, *TRUST_VARIABLES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


# Addresses


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://n8n.example.com", "https://n8n.example.com/api/v1"),
        ("https://n8n.example.com/", "https://n8n.example.com/api/v1"),
        (" https://n8n.example.com/api/v1/ \n", "https://n8n.example.com/api/v1"),
        ("https://example.com/tools/n8n/", "https://example.com/tools/n8n/api/v1"),
        ("https://example.com/n8n/api/v1", "https://example.com/n8n/api/v1"),
        ("https://example.com/custom/v1", "https://example.com/custom/v1"),
        ("HTTPS://N8N.Example.com:8443", "https://n8n.example.com:8443/api/v1"),
        ("http://[::1]:5678/", "http://[::1]:5678/api/v1"),
        ("https://bücher.example", "https://xn--bcher-kva.example/api/v1"),
    ],
)
def test_people_write_addresses_in_many_ways(url, api) -> None:
    assert Address.of(url).api == api


@pytest.mark.parametrize(
    "url",
    [
        "",
        "n8n.example.com",
        "ftp://n8n.example.com",
        "https://",
        "https://user:hunter2@n8n.example.com",
        "https://n8n.example.com/?x=1",
        "https://n8n.example.com/#/workflows",
        "https://n8n.example.com:99999",
        "https://n8n:hunter2",
        "https://a..b",
        "https://exa mple.com",
        "https://n8n.example.com/a\x00b",
        "https://[::1",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Address.of(url)
    assert caught.value.fix
    assert "hunter2" not in f"{caught.value} {caught.value.fix}"


def test_a_server_below_a_path_is_asked_there() -> None:
    server = FakeN8n(many(2), prefix="/tools/n8n")
    found = use(server, all_pages, url="https://example.com/tools/n8n/")
    assert len(found[0].workflows) == 2
    assert "https://example.com/tools/n8n" in repr(N8nClient("https://example.com/tools/n8n/", KEY))


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "ключ"])
def test_a_key_that_cannot_be_one_is_refused_without_telling_it(key) -> None:
    with pytest.raises(ConfigurationError) as caught:
        N8nClient("https://n8n.example.com", key)
    assert not key.strip() or key not in f"{caught.value} {caught.value.fix}"


def test_blanks_around_a_key_do_not_belong_to_it() -> None:
    assert use(FakeN8n(many(1)), all_pages, key=f" {KEY}\n")[0].workflows


# Real sockets on loopback


class Loopback(BaseHTTPRequestHandler):
    """Answers from a store that is empty at first, and remembers what connections and headers it saw."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.client_address[1], self.path, dict(self.headers)))
        if len(self.server.seen) == 2:
            self.server.seen_twice.set()
        page = FakeN8n(self.server.store).listing(httpx.URL(self.path).params).content
        self.send_response(200)
        self.send_header("content-type", "application/json; charset=utf-8")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def loopback() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Loopback)
    server.seen, server.seen_twice, server.store = [], threading.Event(), {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def over_the_wire(url: str, *, times: int = 1) -> list[Page]:
    async def run() -> list[Page]:
        pages = []
        async with N8nClient(url, KEY, timeout=5, sleep=Naps()) as n8n:
            for _ in range(times):
                pages += await all_pages(n8n)
        return pages

    return asyncio.run(run())


def test_connections_are_kept_alive(loopback) -> None:
    assert over_the_wire(f"http://127.0.0.1:{loopback.server_port}", times=3) == [Page((), None)] * 3
    assert len({port for port, _, _ in loopback.seen}) == 1


def test_the_server_works_on_the_next_page_while_we_are_busy_with_the_last_one(loopback) -> None:
    loopback.store = many(600)

    async def run() -> list[bool]:
        async with N8nClient(f"http://127.0.0.1:{loopback.server_port}", KEY, timeout=5) as n8n:
            return [loopback.seen_twice.wait(5) async for _ in n8n.list_workflows()]  # nothing else of ours runs now

    assert asyncio.run(run()) == [True, True, True]


def test_on_loopback_nobody_compresses(loopback) -> None:
    over_the_wire(f"http://127.0.0.1:{loopback.server_port}")
    assert loopback.seen[0][2]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("no_proxy", "path"), [("", "http://n8n.invalid/api/v1/workflows?limit=250"), ("n8n.invalid", None)]
)
def test_proxies_come_from_the_usual_variables(loopback, monkeypatch, no_proxy, path) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{loopback.server_port}")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    if path is None:
        with pytest.raises(N8nUnreachableError):
            over_the_wire("http://n8n.invalid")
        assert loopback.seen == []
    else:
        over_the_wire("http://n8n.invalid")
        assert [asked for _, asked, _ in loopback.seen] == [path]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "carrier-pigeon://x"])
def test_a_proxy_of_an_unknown_kind_is_a_mistake_in_the_configuration(monkeypatch, proxy) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="proxy variables"):
        N8nClient("https://n8n.example.com", KEY)


def test_a_dead_server_is_told_as_one() -> None:
    with socket.socket() as taken:  # bound and not listening: whoever connects is refused
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(N8nUnreachableError, match=r"refused\. It was tried 5 times\."):
            over_the_wire(f"http://127.0.0.1:{taken.getsockname()[1]}")


def test_a_name_that_nobody_knows_is_told_as_one() -> None:
    with pytest.raises(N8nUnreachableError, match=r"http://n8n\.invalid cannot be resolved"):
        over_the_wire("http://n8n.invalid")


@pytest.fixture
def rude() -> Iterator[Callable[[bytes], int]]:
    """A server that reads the request, says some bytes and hangs up; answers its port."""
    listening: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(words: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(words)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return int(server.getsockname()[1])

    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
    for thread in threads:
        thread.join()


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"


@pytest.mark.parametrize("words", [b"", HEAD, HEAD + b'{"data":[', b"SSH-2.0-OpenSSH\r\n"])
def test_a_connection_that_breaks_off_is_told_as_one(rude, words) -> None:
    with pytest.raises(N8nUnreachableError, match=r"broke the connection off .* tried 5 times"):
        over_the_wire(f"http://127.0.0.1:{rude(words)}")


def test_a_server_without_tls_is_told_as_one(rude) -> None:
    with pytest.raises(N8nUnreachableError, match="No TLS connection"):
        over_the_wire(f"https://127.0.0.1:{rude(b'HTTP/1.1 400 Bad Request')}")


# Certificates


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> tuple[Path, Path]:
    """A certificate of our own for 127.0.0.1, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not here to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "ca.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    how = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([openssl, *how, "-keyout", key, "-out", made], check=True, capture_output=True)
    return made, key


@pytest.fixture
def tls_server(loopback, certificate) -> HTTPServer:
    made, key = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, key)
    loopback.socket = context.wrap_socket(loopback.socket, server_side=True)
    loopback.handle_error = lambda *_: None
    return loopback


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server) -> None:
    with pytest.raises(N8nUnreachableError, match="is not trusted: self-signed certificate") as caught:
        over_the_wire(f"https://127.0.0.1:{tls_server.server_port}")
    assert "SSL_CERT_FILE" in caught.value.fix
    assert tls_server.seen == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_of_ones_own_is_trusted_when_a_usual_variable_names_it(
    tls_server, certificate, monkeypatch, variable
) -> None:
    monkeypatch.setenv(variable, str(certificate[0]))
    assert over_the_wire(f"https://127.0.0.1:{tls_server.server_port}") == [Page((), None)]


def test_a_certificate_for_another_host_is_refused(tls_server, certificate, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with pytest.raises(N8nUnreachableError, match="is not trusted: Hostname mismatch"):
        over_the_wire(f"https://localhost:{tls_server.server_port}")


def test_a_folder_of_certificates_is_trusted(tls_server, certificate, monkeypatch, tmp_path) -> None:
    openssl = shutil.which("openssl") or ""
    name = subprocess.run([openssl, "x509", "-hash", "-noout", "-in", certificate[0]], check=True, capture_output=True)
    (tmp_path / f"{name.stdout.decode().strip()}.0").write_bytes(certificate[0].read_bytes())
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert over_the_wire(f"https://127.0.0.1:{tls_server.server_port}") == [Page((), None)]


@pytest.mark.parametrize("variables", [{}, {"SSL_CERT_DIR": os.sep}], ids=["the system's store", "a folder"])
def test_verification_is_always_on(variables) -> None:
    context = ssl_context(variables)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_variable_that_names_no_certificates_is_a_mistake_in_the_configuration(tmp_path, content) -> None:
    place = tmp_path / "ca.pem"
    if content is not None:
        place.write_text(content)
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE names"):
        ssl_context({"SSL_CERT_FILE": str(place)})


def test_without_tls_no_certificates_are_loaded(monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    N8nClient("http://127.0.0.1:5678", KEY)
    with pytest.raises(ConfigurationError):
        N8nClient("https://127.0.0.1:5678", KEY)


def test_the_key_is_in_no_text_about_a_client() -> None:
    client = N8nClient("https://n8n.example.com", KEY)
    assert KEY not in f"{client!r} {client} {vars(client)}"
