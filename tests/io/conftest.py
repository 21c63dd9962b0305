"""Holds the tests of our GitHub client to GitHub's own description of its API."""

from collections.abc import Iterator

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "foreign_answers(reason): stubs answers that GitHub does not document; requests are checked still"
    )


@pytest.fixture(autouse=True)
def githubs_contract(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test of tests/io/test_github*.py that sent, or stubbed, what GitHub would neither take nor answer."""
    if not request.path.name.startswith("test_github"):
        yield
        return
    from tests.github.checking import checked_requests

    with checked_requests(answers=request.node.get_closest_marker("foreign_answers") is None) as faults:
        yield
    assert faults == []
