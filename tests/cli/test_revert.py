"""`/revert` on an incident, from the hot fix to the reconciled incident: planned, recorded, approved, carried out."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.cli.shop import Step, Template, alone
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
        found.configure(staging=GATES, prod="{approval: environment}")
        found.run("drift")
        found.forget()
        yield found


@pytest.fixture
def step(tmp_path, monkeypatch) -> Step:
    """A job of GitHub."""
    files = Step(tmp_path / "output", tmp_path / "summary")
    monkeypatch.setenv("GITHUB_OUTPUT", str(files.output))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(files.summary))
    return files


def incident_of(team: Team, environment: str = "staging") -> int:
    """Let a drift check open an incident and answer its issue."""
    (opened,) = team.json("drift", "--environment", environment)["incidents"]["opened"]
    number: int = opened["number"]
    return number


def reverted(team: Team, number: int, login: str = "grace", *arguments: str, code: int = 0) -> Any:
    """Give `/revert` and answer what came of it."""
    return team.comment(number, login, "/revert", *arguments, code=code)


def carried_out(team: Team, number: int) -> None:
    """Have the latest reversal approved by another person and carried out."""
    latest = team.records()[-1]
    team.comment(number, "lea", f"/approve {team.digest(latest)}")
    team.apply(latest)
    assert team.status(latest) == "completed"


RECONCILED = ("in_sync", "reconciled", "reverted_to_git")


def checked(team: Team, number: int, environment: str = "staging") -> tuple[str, str, str | None]:
    """Have a drift check, and answer what it says, where the incident stands, and how that came about."""
    status = team.json("drift", "--environment", environment)["environments"][0]["drift_status"]
    incident = team.shop.state(f"incidents/{number}.json")
    return status, incident["status"], incident["resolution_type"]


def test_a_hot_fix_is_taken_back_once_somebody_else_approved_it(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    told = reverted(team, number)["answer"]
    record = team.record()
    assert (record["kind"], record["incident"], record["created_by"]) == ("reversal", number, "grace")
    assert (record["status"], record["target_stage"]) == ("pending_approval", "staging")
    assert record["git_commit_sha"] == git("rev-parse", "HEAD", cwd=team.shop.checkout)
    assert team.digest() in told
    assert "promo-1" in told
    assert team.writes() == []
    assert team.apply(code=3)["waits_for"] != []
    assert "cannot approve" in team.comment(number, "grace", f"/approve {team.digest()}")["answer"]
    carried_out(team, number)
    assert (team.url(), team.running()) == (V1, V1)
    assert checked(team, number) == RECONCILED


def switched_off(team: Team) -> None:
    team.shop.instances["staging"].instance.unpublish("stagingorders")


def tagged(team: Team) -> None:
    team.shop.instances["staging"].instance.set_tags("stagingorders", ["urgent"])


def archived(team: Team) -> None:
    team.shop.instances["staging"].instance.archive("stagingalarm")


def deleted(team: Team) -> None:
    team.shop.instances["staging"].instance.delete("stagingalarm")


def everything(team: Team) -> None:
    team.hot_fix("stock")
    switched_off(team)
    tagged(team)
    archived(team)


@pytest.mark.parametrize("change", [switched_off, tagged, archived, deleted, everything])
def test_whatever_was_done_in_n8n_is_taken_back_and_ends_the_incident(team: Team, change) -> None:
    change(team)
    number = incident_of(team)
    reverted(team, number)
    carried_out(team, number)
    assert checked(team, number) == RECONCILED


def test_the_same_plan_asked_again_answers_the_same_record(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    first = reverted(team, number)["answer"]
    team.write({"README.md": b"Another commit.\n"})
    again = reverted(team, number, "mia")["answer"]
    assert "recorded as <code>promo-1</code>" in first
    assert "recorded before, as <code>promo-1</code>" in again
    assert (team.records(), team.record()["created_by"]) == (["promo-1"], "grace")


def test_another_edit_is_another_plan_and_the_approved_one_is_not_carried_out(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    reverted(team, number)
    team.comment(number, "lea", f"/approve {team.digest()}")
    team.hot_fix(url=V3)
    team.forget()
    assert team.apply(code=3)["promotion"]["status"] == "plan_changed"
    assert (team.writes(), team.url()) == ([], V3)
    reverted(team, number)
    carried_out(team, number)
    assert (team.records(), team.url()) == (["promo-1", "promo-2"], V1)


def test_an_edit_before_the_approval_takes_the_place_of_the_first_plan(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    reverted(team, number)
    team.hot_fix(url=V3)
    reverted(team, number)
    assert (team.status("promo-1"), team.status("promo-2")) == ("superseded", "pending_approval")


def test_where_git_moved_as_well_nothing_is_recorded_and_it_is_said_why(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    team.write({"staging/orders.json": team.changed("staging", "orders", url=V2)})
    answer = reverted(team, number)["answer"]
    assert "Git moved as well" in answer
    assert "Promote Git" in answer
    assert "Step 1: put Git's version into it" in answer
    assert (team.records(), team.writes()) == ([], [])


NO_PIPELINE = "is a stage of no pipeline"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("      - environment: staging\n", "      - environment: prod2\n", NO_PIPELINE, id="no pipeline"),
        pytest.param("  default:\n", "  default:\n    enabled: false\n", "are switched off", id="pipeline off"),
        pytest.param(
            "      - environment: staging\n",
            "      - environment: staging\n        enabled: false\n",
            "are switched off",
            id="stage off",
        ),
    ],
)
def test_where_promotions_do_not_write_the_steps_are_told_and_why(team: Team, old, new, said) -> None:
    path = team.shop.checkout / "workflowops.yml"
    text = path.read_text().replace(old, new)
    if said == NO_PIPELINE:
        text = text.partition("pipelines:")[0]
    team.write({"workflowops.yml": text.encode()})
    team.hot_fix()
    answer = reverted(team, incident_of(team))["answer"]
    assert said in answer
    assert "Step 1: put Git's version into it" in answer
    assert team.records() == []


def test_a_stage_that_github_guards_waits_for_its_reviewers(team: Team, step: Step, monkeypatch) -> None:
    team.hot_fix(environment="prod")
    number = incident_of(team, "prod")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    comment = team.folder.add_comment(number, "grace", "/revert")
    event = team.shop.root / "event.json"
    event.write_text(json.dumps(team.folder.comment_event(number, comment)))
    team.shop.run_in_a_step("comment", "--event", str(event), "--event-name", "issue_comment")
    (named,) = json.loads(step.outputs()["promotions"])
    assert (named["promotion_id"], named["environment"], named["status"]) == ("promo-1", "prod", "pending_approval")
    answer = step.summary.read_text(encoding="utf-8")
    assert "a required reviewer of the GitHub environment <code>prod</code>" in answer


def test_a_dry_run_records_nothing(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    before = team.shop.refs()
    reverted(team, number, "grace", "--dry-run")
    assert (team.shop.refs(), team.records()) == (before, [])


def test_what_is_in_sync_by_now_leads_to_no_record(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    team.hot_fix(url=V1)
    assert "nothing to take back" in reverted(team, number)["answer"]
    assert team.records() == []


def test_a_locked_environment_is_not_written_to(team: Team) -> None:
    team.hot_fix()
    number = incident_of(team)
    reverted(team, number)
    team.comment(number, "lea", f"/approve {team.digest()}")
    team.run("lock", "staging", "Audit")
    team.forget()
    assert any("Audit" in each for each in team.apply(code=3)["waits_for"])
    assert (team.writes(), team.url()) == ([], HOT)
