"""A GitHub for a test: emulate behind a proxy, held to GitHub's own description of its API."""

from collections.abc import Iterator

import pytest
from tests.github.proxy import GitHub, github_held_to_its_word


@pytest.fixture
def github() -> Iterator[GitHub]:
    with github_held_to_its_word() as github:
        yield github
