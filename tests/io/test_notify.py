"""Notifications reach who can be reached, never hang, and tell nothing that an address holds. On a real HTTP server."""

import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from workflowops.io.notify import AppriseNotifier

SOURCE = Path(__file__).parents[2] / "src"
SECRET = "s3cr3tT0k3n"


@dataclass(slots=True)
class Receiver:
    """A server on this machine. What is posted to /never is not answered before the end; to /404 with that status."""

    port: int = 0
    received: list[dict[str, Any]] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)

    def address(self, path: str) -> str:
        return f"json://user:{SECRET}@127.0.0.1:{self.port}/{path}"


@pytest.fixture
def receiver(monkeypatch) -> Iterator[Receiver]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    known = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            known.received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            name = self.path.partition("?")[0].strip("/")
            if name == "never":
                known.end.wait(60)
            elif name == "drip":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while not known.end.wait(0.1):
                    self.wfile.write(b".")
            else:
                self.send_response(int(name) if name.isdigit() else 200, f"{SECRET} {self.path}")
                self.end_headers()
                self.wfile.write(SECRET.encode())

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *arguments: Any) -> None:
            """Whoever was waiting is gone."""

    server = Server(("127.0.0.1", 0), Handler)
    known.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield known
    known.end.set()
    server.shutdown()
    server.server_close()
    thread.join()


def program(path: Path, script: str) -> str:
    """Write a program that stands for Python."""
    path.write_text(f"#!/bin/sh\n{textwrap.dedent(script)}")
    path.chmod(0o755)
    return str(path)


def said(receiver: Receiver) -> list[tuple[str, str]]:
    return [(posted["title"], posted["message"]) for posted in receiver.received]


def test_title_and_text_arrive_at_every_address(receiver) -> None:
    addresses = [receiver.address("a"), f"  {receiver.address('b')}\n"]
    assert AppriseNotifier().send(addresses, title="[DRIFT ALERT] Ürün", text="One\nTwo <b>&amp;") is None
    assert said(receiver) == [("[DRIFT ALERT] Ürün", "One\nTwo <b>&amp;")] * 2


def test_an_address_that_fails_does_not_stop_the_others(receiver) -> None:
    addresses = [receiver.address("404"), receiver.address("first"), "nonsense", receiver.address("last")]
    assert AppriseNotifier().send(addresses, title="t", text="x") == (
        "address 1 of 4 (json) answered 404; address 3 of 4 is no address that Apprise knows"
    )
    assert len(receiver.received) == 3


@pytest.mark.parametrize("path", ["never?rto=300", "drip?rto=300"], ids=["that never answers", "that never ends"])
def test_a_server_is_not_waited_for_without_end(receiver, path) -> None:
    notifier = AppriseNotifier(limit_seconds=2)
    told = notifier.send([receiver.address("well"), receiver.address(path)], title="t", text="x")
    assert told == "address 2 of 2 (json) did not finish in time"
    assert len(receiver.received) == 2


def test_a_server_that_cannot_be_reached_or_keeps_silent_is_told_as_that(receiver) -> None:
    addresses = ["json://127.0.0.1:1", receiver.address("never?rto=0.2")]
    assert AppriseNotifier().send(addresses, title="t", text="x") == (
        "address 1 of 2 (json) cannot be reached, or did not answer in time; "
        "address 2 of 2 (json) cannot be reached, or did not answer in time"
    )


SENT = '{"outcome": "sent", "kind": "json", "status": null}'


def test_a_process_that_hangs_is_ended(tmp_path) -> None:
    (tmp_path / "late.py").write_text(f"import time; time.sleep(30); print('[{SENT}]')")
    script = f"echo $$ >'{tmp_path}/pid'\nexec '{sys.executable}' '{tmp_path}/late.py'\n"
    python = program(tmp_path / "python", script)
    notifier = AppriseNotifier(limit_seconds=1, start_seconds=1, python=python)
    told = notifier.send([f"json://{SECRET}"], title="t", text="x")
    assert told == "none of the 1 notifications is known to have been sent: sending them did not finish in time"
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("", id="nothing"),
        pytest.param("Traceback (most recent call last):", id="no JSON"),
        pytest.param("[]", id="too few"),
        pytest.param(f"[{SENT}, {SENT}]", id="too many"),
        pytest.param(f'[{{"outcome": "{SECRET}", "kind": null, "status": null}}]', id="no outcome that we know"),
        pytest.param("{}", id="no list"),
        pytest.param("5", id="a number"),
        pytest.param("[null]", id="a list of nothing"),
    ],
)
def test_whatever_the_process_answers_there_is_a_sentence(tmp_path, capfd, answer) -> None:
    python = program(tmp_path / "python", f"cat >/dev/null\ncat <<'END'\n{answer}\nEND\necho {SECRET} >&2\n")
    told = AppriseNotifier(python=python).send(["json://a"], title="t", text="x")
    assert told is not None
    assert told.startswith("none of the 1 notifications is known to have been sent")
    assert SECRET not in told
    assert capfd.readouterr() == ("", "")


def test_a_python_that_is_not_there_is_a_sentence(tmp_path) -> None:
    told = AppriseNotifier(python=str(tmp_path / "none")).send(["json://a"], title="t", text="x")
    assert told is not None


def test_without_addresses_nothing_is_started(tmp_path) -> None:
    assert AppriseNotifier(python=str(tmp_path / "none")).send([], title="t", text="x") is None


LOCAL = "is about the machine that sends, not about a service; such addresses are not used"
FILES = "reads a file of the machine that sends; such addresses are not used"
UNKNOWN = "is no address that Apprise knows"
REFUSED = {
    f"syslog://{SECRET}": f"(syslog) {LOCAL}",
    "syslog://local5": f"(syslog) {LOCAL}",
    "dbus://": f"(dbus) {LOCAL}",
    "kde://": f"(kde) {LOCAL}",
    "glib://": f"(glib) {LOCAL}",
    "gnome://": f"(gnome) {LOCAL}",
    "macosx://": f"(macosx) {LOCAL}",
    "windows://": f"(windows) {LOCAL}",
    "blink1://": f"(blink1) {LOCAL}",
    f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET}ajkdnlazkcOXrIdevi7?template=/etc/{SECRET}": f"(slack) {FILES}",
    "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ?template=x": f"(slack) {FILES}",
    f"mailto://u:{SECRET}@127.0.0.1:1?pgpprv=/{SECRET}": f"(mailto) {FILES}",
    f"fcm://project/{SECRET}/?keyfile=/etc/{SECRET}": f"(fcm) {FILES}",
    f"slack://{SECRET}": "(slack) cannot be used as it is written",
    f"json://u:{SECRET}@127.0.0.1:port": "",
    f"file:///etc/{SECRET}": UNKNOWN,
    f"/etc/{SECRET}": UNKNOWN,
    f"{SECRET}://{SECRET}": UNKNOWN,
    f"https://example.invalid/{SECRET}": UNKNOWN,
    f"include json://{SECRET}": "",
    f"json://{SECRET}, slack://{SECRET}": "holds more than one address; give each a variable of its own",
    f"json://{SECRET}\nslack://{SECRET}": "holds more than one address; give each a variable of its own",
    "${SLACK_WEBHOOK}": UNKNOWN,
    "\x00://": UNKNOWN,
}


def test_addresses_that_are_not_used_are_told_without_a_word_of_them(receiver, capfd, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    addresses = [*REFUSED, receiver.address("500")]
    told = AppriseNotifier(limit_seconds=10).send(addresses, title="t", text="x")
    assert told is not None
    parts = told.split("; address ")
    assert len(parts) == len(addresses)
    for number, (part, expected) in enumerate(zip(parts, [*REFUSED.values(), ""], strict=True), start=1):
        assert part.removeprefix("address ").startswith(f"{number} of {len(addresses)}")
        assert expected in part
    assert parts[-1].endswith("(json) answered 500")
    assert SECRET.lower() not in told.lower()
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_process_gets_the_way_to_the_network_and_no_token(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", SECRET)
    monkeypatch.setenv("N8N_PROD_API_KEY", SECRET)
    monkeypatch.setenv("SLACK_WEBHOOK", SECRET)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/own.pem")
    python = program(tmp_path / "python", f'env >{tmp_path}/seen\necho "$@" >>{tmp_path}/seen\n')
    AppriseNotifier(python=python).send([f"json://{SECRET}"], title="t", text="x")
    seen = (tmp_path / "seen").read_text()
    assert SECRET not in seen
    assert "https_proxy=http://proxy.example:3128\n" in seen
    assert "SSL_CERT_FILE=/etc/own.pem\n" in seen
    assert f"PATH={os.environ['PATH']}\n" in seen


@pytest.mark.parametrize(
    ("text", "arrives"),
    [
        pytest.param("Ping @everyone and @Here", "Ping @\u200beveryone and @\u200bHere", id="everybody"),
        pytest.param("<!channel> <@U123>", "<\u200b!channel> <\u200b@U123>", id="a chat's own marks"),
        pytest.param("<https://evil.example|here>", "<\u200bhttps://evil.example|here>", id="a link under a name"),
        pytest.param("by @octocat: https://h/i/7 a<b", "by @octocat: https://h/i/7 a<b", id="nothing of the kind"),
        pytest.param("x" * 20_000, "x" * 10_000 + "...", id="a long text"),
        pytest.param("", "t", id="no text"),
    ],
)
def test_names_of_workflows_cannot_call_everybody(tmp_path, text, arrives) -> None:
    python = program(tmp_path / "python", f"cat >'{tmp_path}/asked'\necho '[{SENT}]'\n")
    assert AppriseNotifier(python=python).send(["json://a"], title="t", text=text) is None
    assert json.loads((tmp_path / "asked").read_text())["text"] == arrives


def test_a_text_that_is_too_long_for_a_service_arrives_in_parts(receiver) -> None:
    words = " ".join(f"word{number}" for number in range(900))
    address = f"mmost://127.0.0.1:{receiver.port}/3ccdd113474722377935511fc85d3dd4"
    assert AppriseNotifier().send([address], title="t", text=words) is None
    assert len(receiver.received) > 1
    assert "".join("".join(posted["text"] for posted in receiver.received).split()).endswith("word898word899")


def run(*options: str, script: str) -> str:
    source = f"import sys; sys.path.insert(0, {str(SOURCE)!r}); {script}"
    done = subprocess.run(
        [sys.executable, *options, "-c", source], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_without_apprise_nothing_is_sent_and_the_fix_is_told() -> None:
    script = (
        "from workflowops.io.notify import AppriseNotifier; "
        "print(AppriseNotifier().send(['json://a'], title='t', text='x'))"
    )
    told = run("-I", "-S", script=script)
    assert "apprise is not installed" in told
    assert 'pip install "workflowops[notify]"' in told
    assert "`notify: true`" in told


def test_this_process_loads_neither_apprise_nor_requests(receiver) -> None:
    script = (
        "from workflowops.io.notify import AppriseNotifier; "
        f"print(AppriseNotifier().send([{receiver.address('a')!r}], title='t', text='x'), "
        "sorted({'apprise', 'requests'} & set(sys.modules)))"
    )
    assert run(script=script) == "None []\n"
    assert len(receiver.received) == 1
