"""`promote plan` against a git remote, three instances and a folder of pull requests: one merge makes one record."""

from collections.abc import Iterator

import pytest
from tests.cli.shop import Template, alone
from tests.commands.promotion_shop import Team, made_promotion_template, opened_team


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Template:
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        return made_promotion_template(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def team(stages: Template, tmp_path, monkeypatch) -> Iterator[Team]:
    with opened_team(stages, tmp_path / "shop") as found:
        monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(found.github))
        found.configure()
        found.forget()
        yield found


def test_a_merge_is_planned_and_applied(team: Team) -> None:
    number = team.merged()
    planned = team.planned()
    print(planned)
    print(team.comments(number))
    print(team.apply())
    print(team.url(), team.running(), team.writes())
    assert 0
