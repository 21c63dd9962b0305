"""The commands about promotions, given in comments on a pull request, from the comment to what becomes of it."""

import json
from collections.abc import Iterator

import pytest
from tests.cli.shop import Step, Template, alone
from tests.commands.promotion_shop import V1, V2, Team, made_promotion_template, opened_team

from workflowops.core.comment.elsewhere import COMMENTS_PATH
from workflowops.errors import RemoteError
from workflowops.io.pull_request_folder import PullRequestFolder

BY_COMMENT = "{approval: comments}"


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Template:
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        return made_promotion_template(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def team(stages: Template, tmp_path, monkeypatch) -> Iterator[Team]:
    with opened_team(stages, tmp_path / "shop") as found:
        monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(found.github))
        found.configure(staging=BY_COMMENT, prod=BY_COMMENT)
        found.forget()
        yield found


@pytest.fixture
def waiting(team: Team) -> Team:
    """promo-1 of pull request 1 waits for an approval."""
    assert team.merged() == 1
    team.planned()
    return team


def answers(team: Team, number: int = 1) -> list[str]:
    """What was answered to comments, without the comments that say where promotions stand."""
    return [each for each in team.comments(number) if "workflowops:promotion" not in each]


def test_from_promote_to_rollback_by_comments_alone(team: Team) -> None:
    asked_on = team.propose({"README.md": b"Read me\n"})
    team.develop()
    team.comment(asked_on, "grace", "/promote staging orders")
    (answer,) = answers(team, asked_on)
    assert "Pull request: #2" in answer
    assert "<!-- workflowops:requested-by grace -->" in team.folder.pull_request(2).body
    team.merge(2, by="mia")
    team.planned()
    team.comment(2, "grace", f"/approve {team.digest()}")
    assert team.status() == "pending_approval"
    team.comment(2, "lea", f"/approve {team.digest()} Looks right")
    record = team.record()
    assert (record["status"], record["approved_by"]) == ("approved", "lea")
    assert record["approval_comment"] == "Looks right"
    team.apply()
    assert team.running() == V2
    team.comment(2, "grace", "/rollback promo-1 It is too slow")
    assert (team.status("promo-2"), team.record("promo-2")["created_by"]) == ("pending_approval", "grace")
    assert team.digest("promo-2") in answers(team, 2)[-1]
    team.comment(2, "lea", f"/approve {team.digest('promo-2')}")
    team.apply("promo-2")
    assert team.running() == V1


def test_where_nothing_differs_there_is_nothing_to_promote(team: Team) -> None:
    number = team.propose({"README.md": b"Read me\n"})
    team.comment(number, "grace", "/promote staging orders")
    assert "there is nothing to propose" in answers(team, number)[0]
    assert team.folder.pull_request(number + 1) is None


def test_who_asked_for_the_pull_request_and_who_merged_it_for_the_bot_cannot_approve_it(team: Team) -> None:
    asked_on = team.propose({"README.md": b"Read me\n"})
    team.develop()
    team.comment(asked_on, "grace", "/promote staging orders")
    team.merge(2, by="mia")
    team.planned()
    for login in ("grace", "mia"):
        team.approve(by=login)
        assert "cannot approve it" in answers(team, 2)[-1]
    assert team.record()["approvals"] == []


def test_an_approval_makes_it_ready_for_the_next_job(waiting: Team, monkeypatch, tmp_path) -> None:
    comment = waiting.folder.add_comment(1, "lea", f"/approve {waiting.digest()}")
    event = tmp_path / "event.json"
    event.write_text(json.dumps(waiting.folder.comment_event(1, comment)))
    step = Step(tmp_path / "output", tmp_path / "summary")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(step.output))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step.summary))
    waiting.shop.run_in_a_step("comment", "--event", str(event), "--event-name", "issue_comment")
    (ready,) = json.loads(step.outputs()["promotions"])
    assert (ready["promotion_id"], ready["status"]) == ("promo-1", "approved")
    assert "It is carried out by" in answers(waiting)[0]
    assert waiting.labels(1) == ["workflowops:staging-approved"]


def test_the_same_comment_again_is_acted_upon_once(waiting: Team) -> None:
    comment = waiting.folder.add_comment(1, "lea", f"/approve {waiting.digest()}")
    waiting.answered(1, comment)
    before = waiting.record()
    waiting.answered(1, comment)
    assert waiting.record() == before
    assert len(answers(waiting)) == 1


def test_a_rejection_ends_it_and_nothing_is_written(waiting: Team) -> None:
    waiting.comment(1, "lea", "/reject Not on a Friday")
    record = waiting.record()
    assert (record["status"], record["rejected_by"]) == ("rejected", "lea")
    assert record["rejection_reason"] == "Not on a Friday"
    assert waiting.labels(1) == ["workflowops:staging-rejected"]
    ran = waiting.run("promote", "apply", "--promotion", "promo-1", code=3)
    assert "rejected" in ran.err
    assert waiting.writes() == []


def test_a_rejection_without_a_name_is_about_this_pull_request_alone(waiting: Team) -> None:
    other = waiting.merged(slug="alarm")
    waiting.planned()
    waiting.comment(other, "lea", "/reject Not now")
    assert (waiting.status("promo-1"), waiting.status("promo-2")) == ("pending_approval", "rejected")
    waiting.comment(other, "kim", "/reject Not now")
    assert "Nothing of this pull request waits" in answers(waiting, other)[-1]


def test_a_rejection_by_name_reaches_any_promotion(waiting: Team) -> None:
    other = waiting.propose({"README.md": b"Read me\n"})
    waiting.comment(other, "lea", "/reject promo-1 Not now")
    assert waiting.status() == "rejected"


@pytest.mark.parametrize("text", ["/reject promo-1 Not now", "/reject Not now", "/approve {digest}"])
def test_a_run_that_died_before_its_answer_is_repeated_without_harm(waiting: Team, text) -> None:
    """The state has what was done, and not yet that the comment was answered."""
    comment = waiting.folder.add_comment(1, "lea", text.format(digest=waiting.digest()))
    waiting.answered(1, comment)
    before = waiting.record()
    waiting.shop.write_state({COMMENTS_PATH: None})
    (answered,) = waiting.answered(1, comment)["commands"]
    assert answered["became"] == "done", answered
    assert waiting.record() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("/rollback promo-1", "only a promotion that is completed", id="not completed"),
        pytest.param("/rollback promo-9", "promo-9", id="unknown"),
        pytest.param(f"/approve {'0' * 64}", "No promotion waits with the plan", id="another plan"),
        pytest.param("/promote dev orders", "first stage", id="the first stage"),
        pytest.param("/promote staging ordres", "no workflow", id="unknown workflow"),
    ],
)
def test_what_cannot_be_done_is_answered_with_the_reason(waiting: Team, text, said) -> None:
    comment = waiting.folder.add_comment(1, "lea", text)
    event = waiting.shop.root / "event.json"
    event.write_text(json.dumps(waiting.folder.comment_event(1, comment)))
    before = waiting.record()
    with_code = ("comment", "--event", str(event), "--event-name", "issue_comment")
    ran = waiting.shop.run(*with_code, code=2 if said in ("promo-9", "first stage", "no workflow") else 0)
    assert said in answers(waiting)[-1], ran
    assert waiting.record() == before
    assert waiting.writes() == []


def test_who_may_not_write_commands_nothing(waiting: Team) -> None:
    waiting.save("roles.json", {"rita": "read"})
    before = waiting.record()
    for text in (f"/approve {waiting.digest()}", "/reject No", "/lock staging Mine", "/promote staging orders"):
        waiting.comment(1, "rita", text)
    assert waiting.record() == before
    assert waiting.folder.pull_request(2) is None
    waiting.approve()
    assert waiting.apply()["promotion"]["status"] == "completed"


def test_a_lock_given_in_a_comment_holds_until_it_is_taken_off(waiting: Team) -> None:
    waiting.comment(1, "otto", "/lock staging Inventory week")
    assert waiting.shop.state("environments/staging/lock.json")["locked_by"] == "otto"
    assert "closed for promotions by" in answers(waiting)[-1]
    waiting.approve()
    assert "Inventory week" in " ".join(waiting.apply(code=3)["waits_for"])
    assert waiting.writes() == []
    waiting.comment(1, "lea", "/unlock staging")
    assert "otto locked" in answers(waiting)[-1]
    waiting.comment(1, "lea", "/unlock staging force=yes")
    assert waiting.apply()["promotion"]["status"] == "completed"


def test_a_rollback_over_what_was_done_since_has_to_be_said(waiting: Team) -> None:
    waiting.approve()
    waiting.apply()
    waiting.hot_fix()
    waiting.comment(1, "grace", "/rollback promo-1")
    assert "is not what promo-1 left there" in answers(waiting)[-1]
    assert waiting.records() == ["promo-1"]
    waiting.comment(1, "grace", "/rollback promo-1 allow_overwriting_hotfixes=yes")
    assert waiting.record("promo-2")["options"]["allow_overwriting_hotfixes"]
    waiting.approve("promo-2")
    assert waiting.apply("promo-2")["promotion"]["status"] == "completed"
    assert waiting.running() == V1


def test_approvals_are_counted_in_the_answer(waiting: Team) -> None:
    waiting.configure(staging="{approval: comments, min_approvals: 2}")
    waiting.approve(by="lea")
    assert "1 of 2 approvals" in answers(waiting)[-1]
    waiting.approve(by="otto")
    assert waiting.status() == "approved"


def test_where_the_environment_is_asked_a_comment_alone_does_not_approve(waiting: Team) -> None:
    waiting.configure(staging="{approval: environment}")
    waiting.approve()
    assert "A reviewer of the GitHub environment" in answers(waiting)[-1]
    assert waiting.status() == "pending_approval"


def test_where_nobody_is_asked_an_approval_is_refused(waiting: Team) -> None:
    waiting.configure()
    waiting.approve()
    assert "asks nobody to approve" in answers(waiting)[-1]


def test_that_the_record_could_not_be_shown_takes_nothing_from_an_approval_and_is_told(
    waiting: Team, monkeypatch
) -> None:
    def refused(self, number, labels) -> None:
        raise RemoteError("GitHub says 502.", fix="Run it again.")

    with monkeypatch.context() as patch:
        patch.setattr(PullRequestFolder, "set_labels", refused)
        waiting.approve()
    assert waiting.status() == "approved"
    assert "its pull request does not show it: GitHub says 502" in answers(waiting)[-1]


@pytest.mark.parametrize(
    "text",
    ["/approve {digest}", "/reject Not now", "/lock staging Mine", "/promote staging alarm", "/rollback promo-1"],
)
def test_a_dry_run_of_a_comment_writes_nothing_of_any_kind(waiting: Team, text) -> None:
    if text.startswith("/rollback"):
        waiting.approve()
        waiting.apply()
    waiting.develop("alarm")
    comment = waiting.folder.add_comment(1, "lea", text.format(digest=waiting.digest()))
    before = waiting.everything()
    waiting.answered(1, comment, "--dry-run")
    assert waiting.everything() == before
