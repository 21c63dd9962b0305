"""A Chromium that talks to nobody, and pages of the status opened in it from a file."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
)  # fmt: skip


@dataclass
class Opened:
    """A page in the browser, with everything that it asked for, said, or ran into since it was opened."""

    page: "Page"
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def tell(self, script: str) -> object:
        """Ask the page for a value."""
        return self.page.evaluate(script)


Open = Callable[..., Opened]


def chromium() -> str | None:
    """Answer the Chromium to be used: that of WORKFLOWOPS_CHROMIUM, else the system's own."""
    return os.environ.get("WORKFLOWOPS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One browser for a module: while it runs, no other test could start an event loop of its own."""
    program = chromium()
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if program is None:
        if os.environ.get("WORKFLOWOPS_NEEDS_BROWSER"):
            pytest.fail("There is no Chromium: install it, or name it in WORKFLOWOPS_CHROMIUM.")
        pytest.skip("there is no Chromium here")
    with playwright.sync_playwright() as running:
        launched = running.chromium.launch(executable_path=program, args=[*QUIET])
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: "Browser", tmp_path: Path) -> Iterator[Open]:
    """Open HTML from a file; `width` in pixels, `scheme` light or dark."""
    contexts = []

    def opened(html: str, *, width: int = 1280, scheme: str = "light", runs_scripts: bool = True) -> Opened:
        path = tmp_path / f"{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=runs_scripts
        )
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.on("request", lambda request: found.requests.append(request.url))
        found.page.on("console", lambda message: found.said.append(f"{message.type}: {message.text}"))
        found.page.on("pageerror", lambda error: found.said.append(f"error: {error}"))
        found.page.on("dialog", lambda dialog: (found.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        found.page.goto(path.as_uri())
        found.requests.remove(path.as_uri())
        return found

    yield opened
    for context in contexts:
        context.close()
