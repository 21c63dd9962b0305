"""What the tests of the command line share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.cli.shop import Shop, Template, alone, made_template, opened_shop


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    alone(monkeypatch, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Two environments, onboarded and with a baseline."""
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        return made_template(tmp_path_factory.mktemp("template"), "dev", "prod")


@pytest.fixture
def shop(template: Template, tmp_path: Path) -> Iterator[Shop]:
    """A copy of the template: dev and prod hold the examples, everything is in sync."""
    with template.copy(tmp_path / "shop") as opened:
        yield opened


@pytest.fixture
def empty_shop(tmp_path: Path) -> Iterator[Shop]:
    """One environment, prod, in which there is nothing, and a repository that knows of no workflow."""
    with opened_shop(tmp_path / "shop", "prod") as opened:
        yield opened
