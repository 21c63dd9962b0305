"""A shop whose command line has a GitHub: workflows under Git with a baseline, to be edited by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shop import Shop, alone, configuration, opened_shop, small, with_url
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.proxy import GitHub

from workflowops.io.github import session

HOT_FIX = "https://api-new.example.com/orders"
ISSUES = f"/repos/{REPOSITORY}/issues"


@dataclass(frozen=True, slots=True)
class Workshop:
    """The workflows `Orders 0`, `Orders 1`, ... of prod are as Git says until somebody edits them."""

    shop: Shop
    github: GitHub

    def edit(self, *numbers: int, url: str = HOT_FIX) -> None:
        for number in numbers:
            self.shop.edit(f"Orders {number}", with_url(url), publish=False)

    def check(self, *, code: int = 0) -> Any:
        """A drift check as the job runs it; answers its JSON document."""
        return self.shop.json("drift", code=code)

    def counted_check(self) -> tuple[int, list[str]]:
        """A check, how many requests it sent to GitHub, and its writes."""
        self.github.forget()
        self.check()
        return self.github.count(), self.github.writes()

    def issues(self) -> list[Any]:
        """Every issue, open or closed."""
        return list(self.github.ask("GET", f"{ISSUES}?state=all&per_page=100"))

    @property
    def open_numbers(self) -> dict[str, int]:
        return dict(self.shop.state("environments/prod/incidents.json")["open"])


def as_a_job(patch: pytest.MonkeyPatch, github: GitHub) -> None:
    """The environment in which a job runs, as far as GitHub's API is concerned.

    The second that GitHub wants between two writes is left out in this process: emulate does not ask for it.
    """
    patch.setattr(session, "SECONDS_BETWEEN_WRITES", 0.0)
    patch.setenv("GITHUB_REPOSITORY", REPOSITORY)
    patch.setenv("GITHUB_TOKEN", token_of(ACTIONS_BOT))
    patch.setenv("GITHUB_API_URL", github.url)
    patch.setenv("GITHUB_EVENT_NAME", "schedule")


@contextmanager
def opened_workshop(
    folder: Path, github: GitHub, *, workflows: int, patch: pytest.MonkeyPatch, incidents: str = ""
) -> Iterator[Workshop]:
    """Open a shop with so many workflows; `incidents` are lines of YAML below `incidents:`."""
    alone(patch, folder)
    with opened_shop(folder / "shop", "prod") as shop:
        if incidents:
            shop.commit({"workflowops.yml": configuration("prod") + f"incidents:\n{incidents}\n".encode()})
        for number in range(workflows):
            shop.put("prod", small(f"Orders {number}", url=f"https://api.example.com/{number}"))
        shop.run("onboard", "--all", "--direct")
        shop.run("sync")
        shop.run("baseline")
        as_a_job(patch, github)
        yield Workshop(shop, github)
