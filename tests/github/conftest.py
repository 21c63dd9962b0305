"""A GitHub for a test: emulate behind a proxy, held to GitHub's own description of its API."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.github.emulate_installation import WHY_NOT, is_asked_for
from tests.github.proxy import GitHub, github_held_to_its_word

HERE = Path(__file__).parent


@pytest.fixture
def github() -> Iterator[GitHub]:
    with github_held_to_its_word() as github:
        yield github


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs emulate where nobody asked for it: by mark, which is told in one line for each file."""
    if is_asked_for():
        return
    for item in items:
        if HERE in item.path.parents and _needs_emulate(item):
            item.add_marker(pytest.mark.skip(reason=WHY_NOT))


def _needs_emulate(item: pytest.Item) -> bool:
    """Whether a test takes a GitHub, or the tracker on one."""
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return "github" in getattr(item, "fixturenames", ()) or parameters.get("hands") == "github"
