"""`/revert` on an incident, from the hot fix to the reconciled incident: planned, recorded, approved, carried out."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.shop import Template, alone
from tests.commands.promotion_shop import HOT, V1, V2, V3, Team, made_promotion_template, opened_team
from tests.git_repositories import git

FREEZE = "freeze: ['Mon 00:00-Fri 00:00 UTC', 'Fri 00:00-Mon 00:00 UTC']"
GATES = f"{{approval: comments, require_all_tests_passed: true, four_eyes: true, {FREEZE}}}"


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Template:
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        return made_promotion_template(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def team(stages: Template, tmp_path, monkeypatch) -> Iterator[Team]:
    with opened_team(stages, tmp_path / "shop") as found:
        monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(found.github))
        found.configure(staging=GATES, prod='{approval: environment}')
        found.run("drift")
        found.forget()
        yield found


def incident_of(team: Team, environment: str = "staging") -> int:
    """Let a drift check open an incident and answer its issue."""
    (opened,) = team.json("drift", "--environment", environment)["incidents"]["opened"]
    number: int = opened["number"]
    return number


def reverted(team: Team, number: int, login: str = "grace", *arguments: str, code: int = 0) -> Any:
    """Give `/revert` and answer what came of it."""
    return team.comment(number, login, "/revert", *arguments, code=code)


def test_a_hot_fix_is_taken_back_once_somebody_else_approved_it(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    told = reverted(team, number)["answer"]
    print(told)
    record = team.record()
    assert (record["kind"], record["incident"], record["created_by"]) == ("reversal", number, "grace")
    assert (record["status"], record["target_stage"]) == ("pending_approval", "staging")
    assert record["git_commit_sha"] == git("rev-parse", "HEAD", cwd=team.shop.checkout)
    assert team.digest() in told
    assert "promo-1" in told
    assert team.writes() == []
    assert team.apply(code=3)["waits_for"] != []
    assert "cannot approve" in team.comment(number, "grace", f"/approve {team.digest()}", code=3)["answer"]
    team.comment(number, "lea", f"/approve {team.digest()}")
    carried = team.apply()
    assert (team.status(), carried["promotion"]["status"]) == ("completed", "completed")
    assert (team.url(), team.running()) == (V1, V1)
    assert team.json("drift", "--environment", "staging")["environments"][0]["drift_status"] == "in_sync"
    incident = team.shop.state(f"incidents/{number}.json")
    assert (incident["status"], incident["resolution_type"]) == ("reconciled", "reverted_to_git")
