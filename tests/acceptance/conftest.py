"""The servers of the acceptance suite: the sandbox always, a real n8n when WORKFLOWOPS_REAL_N8N names its version."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.acceptance.servers import RealServer, SandboxServer, Server

from workflowops.sandbox import Generation

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet

NOT_ASKED = pytest.param(
    "", id="no n8n", marks=pytest.mark.skip(reason="Needs a real n8n: WORKFLOWOPS_REAL_N8N names no version.")
)


def wanted_versions() -> tuple[str, ...]:
    """The versions of n8n that this run must prove the suite on."""
    listed = os.environ.get("WORKFLOWOPS_REAL_N8N", "").replace(",", " ")
    return tuple(listed.split())


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "real_n8n: needs a real n8n, which WORKFLOWOPS_REAL_N8N must ask for")
    config.addinivalue_line("markers", "generations(*names): the generations of n8n that the stated fact is about")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on every server of the generations that its facts are about."""
    if "server" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("generations")
    generations = marker.args if marker else tuple(Generation)
    only_real = metafunc.definition.get_closest_marker("real_n8n") is not None
    params = [] if only_real else [f"sandbox {generation}" for generation in Generation if generation in generations]
    params += [version for version in wanted_versions() if generation_of(version) in generations]
    metafunc.parametrize("server", [as_param(name) for name in params] or [NOT_ASKED], indirect=True, scope="session")


def as_param(name: str) -> "ParameterSet":
    """A real server's tests are named and marked as such."""
    if name.startswith("sandbox "):
        return pytest.param(name, id=name)
    return pytest.param(name, id=f"n8n {name}", marks=pytest.mark.real_n8n)


def generation_of(version: str) -> Generation:
    return Generation.V1 if version.startswith("1.") else Generation.V2


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server; a wanted n8n that cannot be installed or started fails, it is not skipped."""
    name: str = request.param
    if name.startswith("sandbox "):
        made: Server = SandboxServer(Generation(name.removeprefix("sandbox ")))
    else:
        made = RealServer(name)
    with made:
        yield made
