"""Whose word counts: of which attempt of a run, by whom of those who wrote it, and for which state of the target."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shop import Template, alone
from tests.commands.promotion_shop import HOT, V1, V2, V3, Team, made_promotion_template, opened_team
from tests.git_repositories import clone, git, refs

OVERWRITE = "workflowops:overwrite-hotfixes"
BY_ENVIRONMENT = "{approval: environment, four_eyes: true}"


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Template:
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        return made_promotion_template(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def team(stages: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Team]:
    with opened_team(stages, tmp_path / "shop") as found:
        monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(found.github))
        found.configure(staging="{approval: comments}", prod="{approval: comments}")
        found.forget()
        yield found


class Jobs:
    """The jobs of runs on GitHub, whose reviewers are lea and mia."""

    def __init__(self, team: Team, patch: pytest.MonkeyPatch) -> None:
        self._team, self._patch = team, patch
        self._words: dict[str, list[Any]] = {}
        team.configure(staging=BY_ENVIRONMENT)
        team.save("environments.json", {"staging": {"exists": True, "reviewers": ["lea", "mia"]}})

    def run(self, *arguments: str, code: int = 0, run: str = "100", attempt: int = 1) -> Any:
        with self._patch.context() as job:
            job.setenv("GITHUB_ACTIONS", "true")
            job.setenv("GITHUB_RUN_ID", run)
            job.setenv("GITHUB_RUN_ATTEMPT", str(attempt))
            job.setenv("GITHUB_ACTOR", "ci")
            return self._team.shop.run_in_a_step("promote", *arguments, "--json", code=code).document

    def approve(self, by: str, *, run: str = "100") -> None:
        word = {"by": by, "is_approved": True, "comment": "", "environments": ["Staging"]}
        self._words.setdefault(run, []).append(word)
        self._team.save("approvals.json", self._words)


@pytest.fixture
def jobs(team: Team, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    return Jobs(team, monkeypatch)


def overwrite(team: Team, number: int) -> None:
    stored = team.folder._store.pull_request(number)
    assert stored is not None
    team.folder._store.save_entry(replace(stored, labels=(*stored.labels, OVERWRITE)))


def said(document: Any) -> str:
    return " ".join(document["waits_for"])


def planned_anew(team: Team, jobs: Jobs) -> None:
    """Lea approves a plan in the first attempt of the run; the second one plans something else."""
    number = team.merged()
    jobs.run("plan")
    jobs.approve("lea")
    team.hot_fix()
    jobs.run("apply", "--promotion", "promo-1", code=3)
    assert team.status() == "plan_changed"
    overwrite(team, number)
    jobs.run("plan", attempt=2)
    assert team.digest("promo-2") != team.digest()


def test_a_word_of_an_earlier_attempt_is_none_on_a_record_made_later(team: Team, jobs: Jobs) -> None:
    planned_anew(team, jobs)
    jobs.approve("mia")  # who merged it
    carried = jobs.run("apply", "--promotion", "promo-2", code=3, attempt=2)
    assert "`lea` does not count: approved this run before the promotion was recorded." in said(carried)
    assert "`mia` does not count: wrote or merged the change." in said(carried)
    assert team.running() == HOT


def test_the_same_person_approves_once_more_what_was_recorded_later(team: Team, jobs: Jobs) -> None:
    planned_anew(team, jobs)
    jobs.approve("lea")
    jobs.run("apply", "--promotion", "promo-2", attempt=2)
    assert (team.running(), team.record("promo-2")["approved_by"]) == (V2, "lea")


def test_an_attempt_that_meets_its_own_record_again_keeps_the_approval(team: Team, jobs: Jobs) -> None:
    team.merged()
    jobs.run("plan")
    jobs.approve("lea")
    jobs.run("plan", attempt=2)
    jobs.run("apply", "--promotion", "promo-1", attempt=2)
    assert (team.running(), team.record()["approved_by"]) == (V2, "lea")


def test_a_record_of_another_run_gets_no_approval_from_before_it_was_met(team: Team, jobs: Jobs) -> None:
    number = team.merged()
    jobs.run("plan")
    jobs.approve("lea")
    team.hot_fix()
    jobs.run("apply", "--promotion", "promo-1", code=3)
    overwrite(team, number)
    jobs.run("plan", run="200")
    assert jobs.run("plan", attempt=2)["promotions"][0]["promotion_id"] == "promo-2"
    jobs.run("apply", "--promotion", "promo-2", code=3, attempt=2)
    jobs.run("plan", attempt=3)
    jobs.approve("lea")
    jobs.run("apply", "--promotion", "promo-2", attempt=3)
    assert team.running() == V2


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_rollback_is_approved_with_the_job_that_records_it_unless_the_job_runs_again(
    team: Team, jobs: Jobs, attempt: int
) -> None:
    team.merged()
    jobs.run("plan", run="99")
    jobs.approve("lea", run="99")
    jobs.run("apply", "--promotion", "promo-1", run="99")
    jobs.approve("lea")
    carried = jobs.run("rollback", "--promotion", "promo-1", code=0 if attempt == 1 else 3, attempt=attempt)
    assert team.running() == (V1 if attempt == 1 else V2)
    assert attempt == 1 or "approved this run before the promotion was recorded" in said(carried)


# Who wrote it.


def pushed_onto(team: Team, *people: str) -> int:
    """A pull request of grace onto which others pushed, merged by mia."""
    number = team.propose({"staging/orders.json": team.changed("staging", "orders", url=V2)})
    stored = team.folder._store.pull_request(number)
    assert stored is not None
    team.folder._store.save_entry(replace(stored, commit_authors=people))
    team.merge(number)
    team.planned()
    return number


def test_whoever_wrote_a_commit_of_the_pull_request_cannot_approve_it(team: Team) -> None:
    pushed_onto(team, "grace", "mia")
    assert "wrote, asked for or merged" in team.approve(by="mia")["answer"]
    assert team.status() == "pending_approval"
    team.approve(by="lea")
    assert team.apply()["promotion"]["status"] == "completed"


def test_an_approval_from_before_somebody_pushed_does_not_count_for_who_pushed(team: Team) -> None:
    number = pushed_onto(team, "grace")
    team.approve(by="mia")
    assert team.status() == "approved"
    stored = team.folder._store.pull_request(number)
    assert stored is not None
    team.folder._store.save_entry(replace(stored, commit_authors=("grace", "MIA")))
    assert "wrote the change" in said(team.apply(code=3))


def test_with_four_eyes_every_author_has_to_be_known(team: Team) -> None:
    team.configure(staging="{approval: comments, four_eyes: true}")
    pushed_onto(team, "grace", "")
    team.approve(by="lea")
    assert team.status() == "pending_approval"
    assert "every commit of the change is not known" in said(team.apply(code=3))
    team.configure(staging="{approval: comments}")
    team.approve(by="lea")
    assert team.apply()["promotion"]["status"] == "completed"


# What was approved.


def test_a_label_overwrites_what_was_seen_and_nothing_that_came_later(team: Team) -> None:
    team.hot_fix()
    number = team.merged(labels=(OVERWRITE,))
    team.planned()
    assert OVERWRITE in team.labels(number)
    team.approve()
    team.hot_fix(url=V3)
    team.apply(code=3)
    assert (team.status(), team.running()) == ("plan_changed", V3)
    team.planned()
    team.approve("promo-2")
    team.apply("promo-2")
    assert team.running() == V2
    assert OVERWRITE in team.labels(number)


def test_a_snapshot_whose_tag_was_moved_is_never_put_back(team: Team, tmp_path: Path) -> None:
    team.merged()
    team.planned()
    team.approve()
    team.apply()
    tag = "refs/tags/snapshots/promo-1-pre"
    commit = refs(team.shop.remote)[tag]
    assert team.record()["execution_result"]["target_pre_snapshot_commit"] == commit
    there = clone(team.shop.remote, tmp_path / "there")
    git("fetch", "--quiet", "origin", tag, cwd=there)
    git("switch", "--quiet", "--detach", "FETCH_HEAD", cwd=there)
    path = there / "workflows/stagingorders.json"
    path.write_text(path.read_text().replace(V1, "https://evil.example.com"))
    git("commit", "--quiet", "--all", "--message", "x", cwd=there)
    git("push", "--quiet", "--force", "origin", f"HEAD:{tag}", cwd=there)
    assert "somebody moved it" in team.run("promote", "rollback", "--promotion", "promo-1", code=3).err
    assert (team.records(), team.running()) == (["promo-1"], V2)
    git("fetch", "--quiet", "origin", team.record()["execution_result"]["target_post_snapshot_commit"], cwd=there)
    git("push", "--quiet", "--force", str(team.shop.remote), f"+{commit}:{tag}", cwd=team.shop.checkout)
    team.roll_back(code=3)
    team.approve("promo-2")
    team.roll_back()
    assert team.running() == V1
