"""Makes the pictures of the guides in docs/pictures, from real runs on sandbox instances.

    python docs/making/pictures.py

Needs the development environment and the system's Chromium. Run it after a change of what it shows, and look at what
it made.
"""

import contextlib
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rendering import issue_page, terminal_page

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
DESK, PHONE = 1280, 360
COLUMNS, LINES = 104, 130
ENVIRONMENTS = ("dev", "staging", "prod")
READING = ("workflow:list", "workflow:read", "credential:list")
PIN = "acme/workflowops@0123456789abcdef0123456789abcdef01234567"


@contextlib.contextmanager
def _played() -> Iterator[Path]:
    """Play the demo's walkthroughs, then a second hot fix that stays open; answer the folder of it all."""
    from workflowops.cli import demo, main
    from workflowops.cli.demo_stage import staged

    folder = Path(tempfile.mkdtemp(prefix="workflowops-pictures-"))
    try:
        with staged(folder) as stage, contextlib.redirect_stdout(io.StringIO()):
            demo._run("sync")
            shutil.copy(stage.github / "issues" / "1.json", folder / "unmanaged.json")
            demo._set_up()
            demo._promote_a_workflow(stage)
            demo._resolve_an_incident(stage)
            demo._onboard_a_workflow(stage)
            instance = stage.instances["prod"].instance
            for workflow_id in instance.ids():
                if instance.document(workflow_id)["name"] == "Customer Onboarding":
                    instance.edit_by_hand(workflow_id, _without_last_step, publish=True)
            main(["drift"])
            os.environ["GITHUB_REPOSITORY"] = "acme/workflows"
            main(["status", "--html", str(folder / "page")])
        yield folder
    finally:
        shutil.rmtree(folder)


def _without_last_step(document: dict) -> dict:
    """Take out the last node, as somebody does who wants it to stop; and put another behind the first."""
    *nodes, gone = document["nodes"]
    first = nodes[0]["name"]
    added = {
        "id": "added-by-hand",
        "name": "Wait a Minute",
        "type": "n8n-nodes-base.wait",
        "typeVersion": 1.1,
        "position": [nodes[0]["position"][0] + 200, nodes[0]["position"][1] + 160],
        "parameters": {"amount": 1, "unit": "minutes"},
    }
    links = {name: each for name, each in document["connections"].items() if name != gone["name"]}
    for each in links.values():
        each["main"] = [[to for to in group or [] if to["node"] != gone["name"]] for group in each["main"]]
    links[first]["main"][0].append({"node": added["name"], "type": "main", "index": 0})
    return {"nodes": [*nodes, added], "connections": links}


def _new_repository(folder: Path) -> Path:
    """Make an empty repository with a remote, as somebody has it who begins."""
    remote, checkout = folder / "remote.git", folder / "workflows"
    for command in (
        ["git", "init", "--quiet", "--bare", "--initial-branch=main", str(remote)],
        ["git", "init", "--quiet", "--initial-branch=main", str(checkout)],
        ["git", "-C", str(checkout), "remote", "add", "origin", str(remote)],
    ):
        subprocess.run(command, check=True)
    return checkout


def _first_steps() -> dict[str, str]:
    """Answer what `init`, `doctor` before and after the variables are set, and the first drift check print."""
    from workflowops.cli.demo_stage import earlier
    from workflowops.sandbox import Sandbox

    with tempfile.TemporaryDirectory(prefix="workflowops-pictures-") as name, contextlib.ExitStack() as stack:
        checkout = _new_repository(Path(name))
        named = [word for environment in ENVIRONMENTS for word in ("--environment", environment)]
        shown = {"init": _run(checkout, {}, "init", *named, "--yes", "--approval", "comments", "--actions", PIN)}
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
        subprocess.run(["git", "-C", str(checkout), "add", "--all"], check=True)
        subprocess.run(["git", "-C", str(checkout), *identity, "commit", "--quiet", "-m", "Set up"], check=True)
        subprocess.run(["git", "-C", str(checkout), "push", "--quiet", "origin", "main"], check=True)
        shown["doctor-before"] = _run(checkout, {}, "doctor", "--no-github")
        variables = {}
        for environment in ENVIRONMENTS:
            sandbox = stack.enter_context(Sandbox(api_key=f"key-of-{environment}"))
            for credential, kind in (("API Auth", "httpHeaderAuth"), ("Orders DB", "postgres"), ("Email SMTP", "smtp")):
                sandbox.instance.add_credential(credential, kind)
            for workflow in ("customer_onboarding", "order_processing", "payment_gateway"):
                sandbox.instance.create_workflow(earlier(workflow), active=True)
            variables |= {
                f"N8N_{environment.upper()}_URL": sandbox.url,
                f"N8N_{environment.upper()}_API_KEY": sandbox.instance.add_key(*READING),
            }
        for words in (["sync", "--no-issues"], ["onboard", "--all", "--direct"], ["baseline"]):
            _run(checkout, variables, *words)
        shown["doctor-after"] = _run(checkout, variables, "doctor", "--no-github")
        shown["drift-in-sync"] = _run(checkout, variables, "drift")
        return shown


def _run(checkout: Path, variables: dict[str, str], *words: str) -> str:
    """Run a command as on a terminal, and answer what stands there afterwards."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {
        **kept,
        **variables,
        "PYTHONPATH": str(ROOT / "src"),
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm-256color",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
    }
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "workflowops", *words],
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    ):
        os.close(theirs)
        read = bytearray()
        with contextlib.suppress(OSError):  # the terminal is gone with the program
            while part := os.read(ours, 65_536):
                read += part
        os.close(ours)
    lines = read.decode().replace("\r\n", "\n").rstrip("\n").split("\n")
    more = [] if len(lines) <= LINES else [f"\033[2m... and {len(lines) - LINES} more lines\033[0m"]
    return "\n".join([f"\033[1m$ workflowops {' '.join(words)}\033[0m", *lines[:LINES], *more])


def _issues(github: Path) -> dict[str, str]:
    """Draw the issues and pull requests of the demo that the guides show."""

    def read(kind: str, number: int) -> dict:
        return json.loads((github / kind / f"{number}.json").read_bytes())

    def found(kind: str, words: str) -> dict:
        numbers = sorted(int(path.stem) for path in (github / kind).glob("*.json"))
        return next(each for each in (read(kind, number) for number in numbers) if words in each["title"])

    def post(each: dict) -> tuple[str, str]:
        return each["author"], each["body"]

    def drawn(each: dict, posts: list[tuple[str, str]]) -> str:
        return issue_page(
            each["title"],
            each["number"],
            posts,
            labels=tuple(each["labels"]),
            state="merged" if each.get("merge_commit") else each["state"],
        )

    def shortened(posts: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(login, re.sub(r"(?s)^(.{9000}).*", r"\1", text)) for login, text in posts]

    onboarding, promotion = found("pull-requests", "Customer Survey"), found("pull-requests", "romot")
    unmanaged, incident = found("issues", "in Development"), found("issues", "Customer Onboarding")
    answers = [post(each) for each in unmanaged["comments"]]
    preview = next(post(each) for each in promotion["comments"] if "Plan digest" in each["body"])
    return {
        "incident": drawn(incident, [post(incident)]),
        "onboarding-pull-request": drawn(onboarding, [post(onboarding)]),
        "onboarded": drawn(unmanaged, answers[-4:]),
        "promotion-preview": drawn(promotion, shortened([preview])),
    }


def _photographed(folder: Path) -> None:
    from playwright.sync_api import Browser, sync_playwright

    program = os.environ.get("WORKFLOWOPS_CHROMIUM") or shutil.which("chromium")
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as running:
        browser: Browser = running.chromium.launch(executable_path=program, args=[*QUIET])
        for name, width, scheme, part in (
            ("status-page", DESK, "light", None),
            ("status-page-dark", DESK, "dark", None),
            ("status-page-phone", PHONE, "light", None),
            ("status-page-incident", DESK, "light", "#incidents"),
            ("status-page-promotion", DESK, "light", "#promotions"),
            ("status-page-figures", DESK, "light", "#figures"),
        ):
            opened = browser.new_page(viewport={"width": width, "height": 1000}, color_scheme=scheme)
            opened.goto((folder / "page" / "index.html").as_uri())
            if part is None:
                opened.screenshot(path=PICTURES / f"{name}.png")
            else:
                opened.evaluate(
                    "(part) => document.querySelectorAll(part + ' .entry').forEach((e, n) => e.open = !n)", part
                )
                opened.locator(part).screenshot(path=PICTURES / f"{name}.png")
            opened.close()
        drawn = {name: (text, "main") for name, text in _issues(folder / "github").items()}
        drawn |= {name: (terminal_page(text), "figure") for name, text in _first_steps().items()}
        unmanaged = (folder / "unmanaged.json").read_text(encoding="utf-8")
        each = json.loads(unmanaged)
        text = issue_page(each["title"], each["number"], [(each["author"], each["body"])], labels=tuple(each["labels"]))
        drawn["unmanaged-issue"] = (text, "main")
        for name, (text, part) in drawn.items():
            opened = browser.new_page(viewport={"width": 1100, "height": 900})
            opened.set_content(text)
            opened.locator(part).screenshot(path=PICTURES / f"{name}.png")
            opened.close()
        browser.close()
    for path in sorted(PICTURES.glob("*.png")):
        print(path.relative_to(ROOT), f"{path.stat().st_size:,} bytes")  # noqa: T201


def main() -> int:
    """Play, write the page, take the pictures."""
    sys.path.insert(0, str(ROOT / "src"))
    with _played() as folder:
        _photographed(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
