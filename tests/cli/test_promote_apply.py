"""`promote apply` and `promote rollback`: what was approved is written, all of it or nothing, and nothing else."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shop import Step, Template, alone, step_of_a_job
from tests.commands.promotion_shop import HOT, V1, V2, V3, Team, made_promotion_template, opened_team
from tests.git_repositories import files_of, git

from workflowops.core.claims import Claim
from workflowops.errors import RemoteError
from workflowops.io.folder_store import FolderStore
from workflowops.io.state import GitStateStore

BY_COMMENT = "{approval: comments}"
ALWAYS = 'freeze: ["Mon 00:00-Sun 12:00 UTC", "Sun 11:00-Mon 01:00 UTC"]}'
BY_ENVIRONMENT = "{approval: environment}"


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
def approved(team: Team) -> Team:
    """A promotion of Orders to staging that lea has approved."""
    team.merged()
    team.planned()
    team.approve()
    team.forget()
    assert team.status() == "approved"
    return team


# Carried out.


def test_what_was_approved_is_what_runs_afterwards(approved: Team) -> None:
    number = approved.record()["pull_request"]
    carried = approved.apply()
    assert (approved.url(), approved.running()) == (V2, V2)
    assert approved.writes("staging") == approved.writes()
    record = carried["promotion"]
    assert record == {key: value for key, value in approved.record().items() if key != "schema"}
    assert (record["status"], record["approved_by"], record["executed_by"]) == ("completed", "lea", "ada")
    result = {
        "workflows_promoted": 1,
        "workflows_failed": 0,
        "credentials_rewritten": 1,
        "rollback_performed": False,
        "target_pre_snapshot_id": "promo-1-pre",
        "target_post_snapshot_id": "promo-1-post",
    }
    assert {key: record["execution_result"][key] for key in result} == result
    assert record["execution_result"]["execution_time_ms"] >= 0
    assert {"refs/tags/snapshots/promo-1-pre", "refs/tags/snapshots/promo-1-post"} <= approved.shop.refs().keys()
    (comment,) = [each for each in approved.comments(number) if "workflowops:promotion promo-1" in each]
    assert "completed" in comment
    assert approved.labels(number) == ["workflowops:staging-completed"]
    report = approved.json("drift", "--environment", "staging")
    assert report["environments"][0]["drift_status"] == "in_sync"


def test_the_audit_log_holds_the_approval_and_the_execution(approved: Team) -> None:
    approved.apply()
    files = files_of(approved.shop.remote, "workflowops-state")
    lines = [
        json.loads(line)
        for path, text in sorted(files.items())
        if path.startswith("environments/staging/audit/")
        for line in text.splitlines()
    ]
    actions = [each["action"] for each in lines if each["action"].startswith("promotion.")]
    assert actions == ["promotion.created", "promotion.approved", "promotion.started", "promotion.completed"]
    approved.run("audit", "verify")


def test_what_is_completed_is_answered_and_not_done_again(approved: Team) -> None:
    approved.apply()
    approved.forget()
    before = approved.shop.refs()
    assert approved.apply()["promotion"]["status"] == "completed"
    assert (approved.writes(), approved.shop.refs()) == ([], before)


def test_an_unknown_promotion_is_refused_with_the_latest_ones(approved: Team) -> None:
    ran = approved.run("promote", "apply", "--promotion", "promo-9", code=2)
    assert "promo-1" in ran.err


@pytest.mark.parametrize("slug", ["stock", "alarm"])
def test_what_happens_to_other_workflows_does_not_matter(approved: Team, slug) -> None:
    approved.hot_fix(slug)
    approved.apply()
    assert (approved.url(), approved.url(slug)) == (V2, HOT)


@pytest.mark.parametrize(
    ("path", "slug"), [("staging/alarm.json", "alarm"), ("prod/orders.json", "orders"), ("README.md", None)]
)
def test_a_later_commit_about_something_else_does_not_matter(approved: Team, path, slug) -> None:
    environment = path.partition("/")[0]
    approved.write({path: b"Read me\n" if slug is None else approved.changed(environment, slug, url=V3)})
    approved.apply()
    assert (approved.url(), approved.url("alarm")) == (V2, V1)


def changed_once_more(team: Team) -> None:
    team.write({"staging/orders.json": team.changed("staging", "orders", url=V3)})


def taken_out(team: Team) -> None:
    paths = ("staging/orders.json", "staging/orders.workflowops.json")
    team.write({each: None for each in paths if (team.shop.checkout / each).exists()})


def put_back_by_a_colleague(team: Team) -> None:
    """The clone of the run does not have that commit."""
    tip = team.write({"staging/orders.json": team.changed("staging", "orders", url=V1)})
    git("reset", "--quiet", "--hard", f"{tip}^", cwd=team.shop.checkout)
    git("reflog", "expire", "--expire=now", "--all", cwd=team.shop.checkout)
    git("update-ref", "-d", "refs/remotes/origin/main", cwd=team.shop.checkout)
    git("prune", "--expire=now", cwd=team.shop.checkout)


@pytest.mark.parametrize("happens", [changed_once_more, taken_out, put_back_by_a_colleague])
def test_what_the_default_branch_declares_otherwise_by_now_is_not_carried_out(approved: Team, happens) -> None:
    happens(approved)
    rehearsed = approved.apply("promo-1", "--dry-run", code=3)
    assert "a newer commit changes it" in rehearsed["waits_for"][0]
    assert approved.status() == "approved"
    carried = approved.apply(code=3)
    assert carried["promotion"]["status"] == approved.status() == "plan_changed"
    assert "orders" in carried["waits_for"][0]
    assert (approved.writes(), approved.url()) == ([], V1)
    assert approved.labels(approved.record()["pull_request"]) == ["workflowops:staging-plan-changed"]


# Other than what was approved.


def edited_by_hand(team: Team) -> None:
    team.hot_fix()


def edited_as_a_draft(team: Team) -> None:
    def edit(document):
        document["nodes"][1]["parameters"]["url"] = HOT
        return {"nodes": document["nodes"]}

    team.shop.instances["staging"].instance.edit_by_hand("stagingorders", edit)


def credential_replaced(team: Team) -> None:
    store = team.shop.instances["staging"].instance.store
    del store.credentials["credential-staging"]
    team.shop.instances["staging"].instance.add_credential("API Auth", "httpHeaderAuth", id="credential-new")


def configuration_changed(team: Team) -> None:
    team.configure(staging=BY_COMMENT, prod=BY_COMMENT, stage_more="publish: never")


def credential_mapped(team: Team) -> None:
    team.shop.instances["staging"].instance.add_credential("API Auth (staging)", "httpHeaderAuth", id="credential-2")
    team.configure(staging=BY_COMMENT, prod=BY_COMMENT, stage_more="credentials: {API Auth: API Auth (staging)}")


def switched_off(team: Team) -> None:
    team.shop.instances["staging"].instance.unpublish("stagingorders")


def archived(team: Team) -> None:
    team.shop.instances["staging"].instance.archive("stagingorders")


def deleted(team: Team) -> None:
    team.shop.instances["staging"].instance.delete("stagingorders")


@pytest.mark.parametrize(
    "happens",
    [
        edited_by_hand,
        edited_as_a_draft,
        credential_replaced,
        configuration_changed,
        credential_mapped,
        switched_off,
        archived,
        deleted,
    ],
)
def test_anything_else_than_what_was_approved_is_not_written(approved: Team, happens) -> None:
    happens(approved)
    approved.forget()
    before = approved.shop.refs()
    carried = approved.apply(code=3)
    assert (carried["promotion"]["status"], approved.status()) == ("plan_changed", "plan_changed")
    assert approved.writes() == []
    assert approved.digest()[:12] in carried["waits_for"][0]
    number = approved.record()["pull_request"]
    (comment,) = [each for each in approved.comments(number) if "workflowops:promotion promo-1" in each]
    assert carried["preview"]["plan_digest"][:12] in comment
    assert approved.labels(number) == ["workflowops:staging-plan-changed"]
    changed = {name for name, tip in approved.shop.refs().items() if before.get(name) != tip}
    assert changed == {"refs/heads/workflowops-state"}


def test_after_a_plan_that_changed_the_same_record_stays_refused(approved: Team) -> None:
    approved.hot_fix()
    approved.apply(code=3)
    approved.hot_fix(url=V1)
    approved.forget()
    ran = approved.run("promote", "apply", "--promotion", "promo-1", code=3)
    assert "plan changed" in ran.err
    assert approved.writes() == []


def test_a_hot_fix_is_overwritten_where_that_was_allowed_and_the_snapshot_holds_it(team: Team) -> None:
    team.hot_fix()
    team.merged()
    team.planned("--allow-overwriting-hotfixes")
    team.approve()
    assert team.apply()["promotion"]["status"] == "completed"
    assert team.running() == V2
    snapshot = files_of(team.shop.remote, "refs/tags/snapshots/promo-1-pre")
    assert any(HOT.encode() in text for text in snapshot.values())


# Who may.


def reasons(carried) -> str:
    return " ".join(carried["waits_for"])


def test_without_an_approval_nothing_is_written_and_it_may_be_tried_again(team: Team) -> None:
    team.merged()
    team.planned()
    carried = team.apply(code=3)
    assert "Nobody has approved" in reasons(carried)
    assert (team.writes(), team.status()) == ([], "pending_approval")
    team.approve()
    assert team.apply()["promotion"]["status"] == "completed"


@pytest.mark.parametrize(
    ("login", "said"),
    [
        pytest.param("grace", "grace", id="the author"),
        pytest.param("GRACE", "GRACE", id="the author in capitals"),
        pytest.param("rita", "rita", id="somebody who may only read"),
        pytest.param("nobody", "nobody", id="somebody of whom nothing is known"),
    ],
)
def test_an_approval_that_does_not_count_lets_nothing_through(team: Team, login, said) -> None:
    team.save("roles.json", {"rita": "read", "nobody": "none", "grace": "admin"})
    number = team.merged()
    team.planned()
    team.approve(by=login)
    assert team.status() == "pending_approval"
    assert "Nobody has approved" in reasons(team.apply(code=3))
    assert team.writes() == []
    assert any(said in each for each in team.comments(number))


def test_somebody_who_lost_write_access_since_does_not_count(approved: Team) -> None:
    approved.save("roles.json", {"lea": "read"})
    carried = approved.apply(code=3)
    assert "without write access" in reasons(carried)
    assert approved.writes() == []


def test_an_approval_of_another_plan_is_no_approval(team: Team) -> None:
    number = team.merged()
    team.planned()
    team.comment(number, "lea", f"/approve {'0' * 64}")
    assert any("No promotion waits with the plan" in each for each in team.comments(number))
    team.apply(code=3)
    assert team.writes() == []


def test_an_approval_in_a_forged_record_does_not_count(team: Team) -> None:
    team.merged()
    team.planned()
    record = team.record()
    given = {"by": "lea", "at": "2026-01-14T10:00:00Z", "plan_digest": "0" * 64, "comment": None, "proof": "comment"}
    forged = {**record, "approvals": [given], "status": "approved", "approved_by": "lea"}
    team.shop.write_state({"promotions/promo-1.json": json.dumps(forged).encode()})
    assert "approved another plan" in reasons(team.apply(code=3))
    assert team.writes() == []


def test_two_people_where_two_are_asked_for(team: Team) -> None:
    team.configure(staging="{approval: comments, min_approvals: 2}")
    team.merged()
    team.planned()
    team.approve(by="lea")
    team.approve(by="LEA")
    assert team.status() == "pending_approval"
    assert "1 of 2 people approved" in reasons(team.apply(code=3))
    assert team.writes() == []
    team.approve(by="otto")
    record = team.apply()["promotion"]
    assert record["status"] == "completed"
    assert {each["by"].casefold() for each in record["approvals"]} == {"lea", "otto"}


def test_with_four_eyes_who_merged_it_cannot_approve_it(team: Team) -> None:
    team.configure(staging="{approval: comments, four_eyes: true}")
    number = team.merged()
    team.planned()
    team.approve(by="mia")
    assert team.status() == "pending_approval"
    assert any("cannot approve it" in each for each in team.comments(number))
    team.approve(by="lea")
    assert team.apply()["promotion"]["status"] == "completed"


def test_all_reasons_are_told_at_once(team: Team) -> None:
    team.configure(staging="{approval: comments, require_all_tests_passed: true, verified_in_previous: true, " + ALWAYS)
    team.merged()
    team.planned()
    team.run("lock", "staging", "Inventory")
    carried = team.apply(code=3)
    gates = {each["gate_type"] for each in carried["preview"]["gate_results"] if each["status"] != "passed"}
    assert gates == {"lock", "freeze", "require_approval", "require_all_tests_passed", "verified_in_previous"}
    assert len(carried["waits_for"]) == len(gates)
    assert team.writes() == []


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Step:
    """A job of GitHub that names the environment."""
    return step_of_a_job(monkeypatch, tmp_path, actor="grace", run_id="77")


def run_approval(by: str, *, environment: str = "staging", is_approved: bool = True) -> dict:
    return {"by": by, "is_approved": is_approved, "comment": "", "environments": [environment]}


GUARDED = {"staging": {"exists": True, "reviewers": ["lea"]}}


@pytest.mark.parametrize(
    ("guards", "approvals", "said"),
    [
        pytest.param({}, [], "does not exist", id="no environment of that name"),
        pytest.param({"staging": {"exists": True}}, [], "has no required reviewers", id="without reviewers"),
        pytest.param(
            {"staging": {"exists": True}}, [run_approval("lea")], "has no required reviewers", id="none are required"
        ),
        pytest.param({"staging": {"problem": "403"}}, [run_approval("lea")], "not known: 403", id="unknown"),
        pytest.param(GUARDED, [], "No required reviewer", id="nobody"),
        pytest.param(GUARDED, [run_approval("otto")], "otto` does not count", id="somebody else"),
        pytest.param(GUARDED, [run_approval("lea", environment="prod")], "No required reviewer", id="for another one"),
        pytest.param(GUARDED, [run_approval("lea", is_approved=False)], "rejected this run", id="rejected"),
    ],
)
def test_an_environment_lets_nothing_through_that_is_not_proven(team: Team, step, guards, approvals, said) -> None:
    team.configure(staging=BY_ENVIRONMENT)
    team.save("environments.json", guards)
    team.merged()
    team.shop.run_in_a_step("promote", "plan")
    team.save("approvals.json", {"77": approvals})
    team.forget()
    ran = team.shop.run_in_a_step("promote", "apply", "--promotion", "promo-1", "--json", code=3)
    assert said in reasons(ran.document)
    assert (team.writes(), team.status()) == ([], "pending_approval")
    assert "::error::" in ran.err


def test_a_required_reviewer_of_this_run_lets_it_through(team: Team, step: Step) -> None:
    team.configure(staging=BY_ENVIRONMENT)
    team.save("environments.json", GUARDED)
    team.merged()
    team.shop.run_in_a_step("promote", "plan")
    team.save("approvals.json", {"77": [run_approval("lea")]})
    step.output.unlink()
    team.shop.run_in_a_step("promote", "apply", "--promotion", "promo-1")
    record = team.record()
    assert (record["status"], record["approved_by"]) == ("completed", "lea")
    assert [each["proof"] for each in record["approvals"]] == ["environment"]
    outputs = step.outputs()
    assert (outputs["promotion_id"], outputs["status"]) == ("promo-1", "completed")


def test_an_approval_of_another_run_does_not_count(team: Team, step: Step) -> None:
    team.configure(staging=BY_ENVIRONMENT)
    team.save("environments.json", GUARDED)
    team.save("approvals.json", {"76": [run_approval("lea")]})
    team.merged()
    team.shop.run_in_a_step("promote", "plan")
    ran = team.shop.run_in_a_step("promote", "apply", "--promotion", "promo-1", "--json", code=3)
    assert "No required reviewer" in reasons(ran.document)
    assert team.writes() == []


def test_outside_of_a_job_an_environment_has_approved_nothing(team: Team) -> None:
    team.configure(staging=BY_ENVIRONMENT)
    team.save("environments.json", GUARDED)
    team.save("approvals.json", {"77": [run_approval("lea")]})
    team.merged()
    team.planned()
    assert "is not known" in reasons(team.apply(code=3))
    assert team.writes() == []


def test_where_github_cannot_be_asked_nothing_is_written(approved: Team, monkeypatch) -> None:
    monkeypatch.delenv("WORKFLOWOPS_ISSUES_FOLDER")
    carried = approved.apply(code=3)
    assert "not known" in reasons(carried)
    assert approved.writes() == []


def test_a_locked_environment_lets_nothing_through(approved: Team) -> None:
    approved.run("lock", "staging", "Inventory week")
    assert "Inventory week" in reasons(approved.apply(code=3))
    assert (approved.writes(), approved.status()) == ([], "approved")
    approved.run("unlock", "staging")
    assert approved.apply()["promotion"]["status"] == "completed"


@pytest.mark.parametrize("what", ["pipeline", "stage"])
def test_what_is_switched_off_lets_nothing_through(approved: Team, what) -> None:
    more = {"pipeline": {"more": "enabled: false"}, "stage": {"stage_more": "enabled: false"}}[what]
    approved.configure(staging=BY_COMMENT, **more)
    assert "switched off" in reasons(approved.apply(code=3))
    assert approved.writes() == []


# One at a time.


def claim(team: Team, *, run_id: str, at: datetime) -> None:
    store = GitStateStore(team.shop.checkout, remote="origin", branch="workflowops-state", is_alive=lambda _: None)
    held = Claim(
        name="promotion/staging",
        claim_id="somebody",
        owner="otto",
        run_id=run_id,
        run_url="https://github.com/acme/workflows/actions/runs/9",
        reason="carries out promo-0",
        created_at=at,
        renewed_at=at,
        expires_at=at + timedelta(minutes=10),
    )
    assert store.acquire(held) is None
    store.close()


def test_while_another_run_writes_nothing_is_written(approved: Team) -> None:
    claim(approved, run_id="9-1", at=datetime.now(UTC))
    before = approved.shop.refs()
    approved.forget()
    ran = approved.run("promote", "apply", "--promotion", "promo-1", code=5)
    assert "otto is writing to staging" in ran.err
    assert "runs/9" in ran.err
    assert (approved.writes(), approved.shop.refs()) == ([], before)


def test_the_claim_on_another_target_is_no_obstacle(approved: Team) -> None:
    claim(approved, run_id="9-1", at=datetime.now(UTC))
    files = {"prod/orders.json": approved.changed("prod", "orders", url=V2)}
    approved.merge(approved.propose(files))
    approved.planned()
    approved.approve("promo-2")
    assert approved.apply("promo-2")["promotion"]["status"] == "completed"


def ended_process() -> str:
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    return f"{socket.gethostname()}-{int(done.stdout)}"


@pytest.mark.parametrize("how", ["its process is gone", "it has expired"])
def test_the_claim_of_a_run_that_died_is_taken_over(approved: Team, how) -> None:
    if how == "its process is gone":
        claim(approved, run_id=ended_process(), at=datetime.now(UTC))
    else:
        claim(approved, run_id="9-1", at=datetime.now(UTC) - timedelta(days=1))
    assert approved.apply()["promotion"]["status"] == "completed"
    assert not [name for name in approved.shop.refs() if "locks/promotion" in name]


def test_a_claim_is_given_back_whatever_happens(approved: Team) -> None:
    approved.shop.instances["staging"].stop()
    approved.run("promote", "apply", "--promotion", "promo-1", code=4)
    assert not [name for name in approved.shop.refs() if "locks/promotion" in name]
    assert approved.status() == "approved"


def dies(team: Team) -> None:
    """Carry promo-1 out in a process that ends before it publishes."""
    died = """
import os, sys
from workflowops.io.n8n.client import N8nClient
publish = N8nClient.publish
async def dies(self, *arguments, **more):
    os._exit(9)
N8nClient.publish = dies
from workflowops.cli import main
main(sys.argv[1:])
"""
    done = subprocess.run(
        [sys.executable, "-c", died, "promote", "apply", "--promotion", "promo-1"],
        cwd=team.shop.checkout,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
    )
    assert (done.returncode, team.status()) == (9, "running"), done.stderr


def test_what_a_run_that_died_left_is_brought_to_an_end_first(team: Team) -> None:
    team.configure()
    team.merged()
    team.planned()
    dies(team)
    carried = team.apply(code=4)
    assert carried["promotion"]["status"] == "rolled_back"
    assert [each["promotion_id"] for each in carried["recovered"]] == ["promo-1"]
    assert (team.url(), team.running()) == (V1, V1)
    ran = team.run("promote", "plan")
    assert "promo-2" in ran.out
    assert team.apply("promo-2")["promotion"]["status"] == "completed"


def test_a_pipeline_that_is_gone_does_not_keep_what_a_dead_run_left_from_being_put_back(team: Team) -> None:
    team.configure()
    team.merged()
    team.planned()
    dies(team)
    configured = (team.shop.checkout / "workflowops.yml").read_text()
    team.write({"workflowops.yml": configured.replace("  default:", "  main:").encode()})
    assert team.apply(code=4)["promotion"]["status"] == "rolled_back"
    assert (team.url(), team.running()) == (V1, V1)


def test_a_commit_that_is_gone_does_not_keep_what_a_dead_run_left_from_being_put_back(team: Team) -> None:
    team.configure()
    team.merged()
    team.planned()
    dies(team)
    checkout = team.shop.checkout
    git("reset", "--quiet", "--hard", "HEAD~1", cwd=checkout)
    git("push", "--quiet", "--force", "origin", "main", cwd=checkout)
    for line in git("for-each-ref", "--format=%(refname)", cwd=checkout).splitlines():
        if line not in ("refs/heads/main", "refs/remotes/origin/main") and "HEAD" not in line:
            git("update-ref", "-d", line, cwd=checkout)
    git("reflog", "expire", "--expire=now", "--all", cwd=checkout)
    git("gc", "--quiet", "--prune=now", cwd=checkout)
    ran = team.run("promote", "apply", "--promotion", "promo-1", code=4)
    assert "is compared with HEAD instead of its commit" in ran.err
    assert (team.status(), team.url(), team.running()) == ("rolled_back", V1, V1)


def test_a_base_that_was_pushed_away_by_force_says_what_to_name_instead(team: Team) -> None:
    ran = team.run("promote", "plan", "--base", "0" * 39 + "1", code=2)
    assert "pushed by force" in ran.out
    assert "--base <commit>" in ran.out


# Back.


@pytest.fixture
def completed(approved: Team) -> Team:
    approved.apply()
    approved.forget()
    return approved


def test_a_rollback_asks_for_an_approval_of_its_own_and_restores(completed: Team) -> None:
    waits = completed.roll_back(code=3)
    assert (waits["promotion"]["kind"], waits["promotion"]["rolls_back"]) == ("rollback", "promo-1")
    assert "Nobody has approved" in reasons(waits)
    assert (completed.writes(), completed.status("promo-2")) == ([], "pending_approval")
    assert completed.digest("promo-2") != completed.digest("promo-1")
    completed.approve("promo-2", by="lea")
    carried = completed.roll_back()
    assert carried["promotion"]["promotion_id"] == "promo-2"
    assert (completed.url(), completed.running()) == (V1, V1)
    assert completed.record("promo-1")["rolled_back_by"] == "promo-2"
    comments = completed.comments(completed.record()["pull_request"])
    (first,) = [each for each in comments if "workflowops:promotion promo-1" in each]
    assert "promo-2" in first
    report = completed.json("drift", "--environment", "staging")["environments"][0]
    assert [each["kind"] for each in report["workflows"] if each["kind"] != "in_sync"] == ["pending"]


def test_a_rollback_that_waits_keeps_the_graphs_that_it_would_change(completed: Team) -> None:
    completed.roll_back(code=3)
    assert completed.status("promo-2") == "pending_approval"
    (undone,) = completed.shop.state("promotions/promo-1.drawings.json")["drawings"]
    (drawn,) = completed.shop.state("promotions/promo-2.drawings.json")["drawings"]
    assert drawn["canonical_id"] == undone["canonical_id"]
    assert "modified" in {each["change"] for each in drawn["drawing"]["nodes"]}


def test_a_rollback_can_be_carried_out_as_any_promotion(completed: Team) -> None:
    completed.roll_back(code=3)
    completed.approve("promo-2")
    assert completed.apply("promo-2")["promotion"]["status"] == "completed"
    assert completed.running() == V1


def test_who_asked_for_a_rollback_cannot_approve_it_and_who_merged_can(completed: Team) -> None:
    number = completed.record()["pull_request"]
    completed.comment(number, "grace", "/rollback promo-1")
    completed.approve("promo-2", by="grace")
    assert completed.status("promo-2") == "pending_approval"
    completed.approve("promo-2", by="mia")
    assert completed.apply("promo-2")["promotion"]["status"] == "completed"


@pytest.mark.parametrize("login", ["mia", "ada"])
def test_who_merged_or_asked_for_what_a_bot_opened_can_approve_that_it_is_taken_back(team: Team, login) -> None:
    team.configure(staging="{approval: comments, four_eyes: true}")
    team.develop()
    opened = team.json("promote", "open", "--to", "staging", "--workflow", "orders")
    number = opened["pull_request"]["number"]
    team.merge(number, by="mia")
    team.planned()
    team.approve(by="lea")
    team.apply()
    team.comment(number, "lea", "/rollback promo-1")
    team.approve("promo-2", by=login)
    assert team.apply("promo-2")["promotion"]["status"] == "completed"
    assert team.running() == V1


def test_a_second_rollback_is_refused(completed: Team) -> None:
    completed.configure()
    completed.roll_back()
    completed.forget()
    ran = completed.run("promote", "rollback", "--promotion", "promo-1", code=3)
    assert "taken back already, by promo-2" in ran.err
    assert (completed.writes(), completed.records()) == ([], ["promo-1", "promo-2"])


def test_a_rollback_that_has_ended_says_how_it_is_asked_for_again(completed: Team) -> None:
    completed.roll_back(code=3)
    number = completed.record()["pull_request"]
    completed.comment(number, "mia", "/reject not now")
    assert completed.status("promo-2") == "rejected"
    ran = completed.run("promote", "apply", "--promotion", "promo-2", code=3)
    assert "`/rollback promo-1` again" in ran.err


def test_a_rollback_that_waits_is_answered_again(completed: Team) -> None:
    completed.roll_back(code=3)
    assert completed.roll_back(code=3)["promotion"]["promotion_id"] == "promo-2"
    assert completed.records() == ["promo-1", "promo-2"]


def test_a_rollback_can_itself_be_taken_back(completed: Team) -> None:
    completed.configure()
    completed.roll_back()
    completed.roll_back("promo-2")
    assert completed.running() == V2


@pytest.mark.parametrize("status", ["pending_approval", "plan_changed"])
def test_only_a_completed_promotion_is_taken_back(approved: Team, status) -> None:
    if status == "plan_changed":
        approved.hot_fix()
        approved.apply(code=3)
    approved.run("promote", "rollback", "--promotion", "promo-1", code=3)
    assert (approved.writes(), approved.records()) == ([], ["promo-1"])


def test_a_rollback_is_refused_where_somebody_has_changed_it_since(completed: Team) -> None:
    completed.configure()
    completed.hot_fix()
    completed.forget()
    before = completed.shop.refs()
    ran = completed.run("promote", "rollback", "--promotion", "promo-1", code=3)
    assert "is not what promo-1 left there" in ran.err
    assert (completed.writes(), completed.shop.refs()) == ([], before)
    completed.roll_back("promo-1", "--allow-overwriting-hotfixes")
    assert completed.running() == V1


def test_a_rollback_is_not_asked_what_only_something_new_is_asked(completed: Team) -> None:
    completed.configure(staging="{require_all_tests_passed: true, verified_in_previous: true, " + ALWAYS)
    carried = completed.roll_back()
    assert carried["promotion"]["status"] == "completed"
    asked = {each["gate_type"] for each in carried["preview"]["gate_results"] if each["required"]}
    assert asked == {"lock", "entitlement"}


def test_a_rollback_is_refused_without_its_snapshot(completed: Team) -> None:
    completed.configure()
    git("push", "--quiet", "origin", ":refs/tags/snapshots/promo-1-pre", cwd=completed.shop.checkout)
    git("tag", "--list", cwd=completed.shop.checkout)
    ran = completed.run("promote", "rollback", "--promotion", "promo-1", code=4)
    assert "snapshots/promo-1-pre" in ran.err
    assert completed.writes() == []


# What is shown.


def test_the_status_lists_what_has_not_ended_and_shows_one_in_full(approved: Team) -> None:
    (listed,) = approved.json("promote", "status")["promotions"]
    shown = approved.json("promote", "status", "promo-1")
    assert listed == shown == {key: value for key, value in approved.record().items() if key != "schema"}
    names = {
        "promotion_id", "pipeline_id", "source_stage", "target_stage", "status", "workflow_selection", "options",
        "created_by", "created_at", "approved_by", "approved_at", "approval_comment", "execution_started_at",
        "execution_completed_at", "execution_result",
    }  # fmt: skip
    assert names <= shown.keys()
    assert approved.json("promote", "status", "--environment", "prod")["promotions"] == []
    approved.apply()
    assert approved.json("promote", "status")["promotions"] == []
    assert len(approved.json("promote", "status", "--all")["promotions"]) == 1
    assert "promo-1" in approved.run("promote", "status", "--all").out
    assert "completed" in approved.run("promote", "status", "promo-1").out


def test_a_promotion_that_is_not_there_is_told_with_those_that_are(approved: Team) -> None:
    assert "promo-1" in approved.run("promote", "status", "promo-4", code=2).err


# GitHub fails.


def refuses_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder behaves as a GitHub that lets everything be read, and nothing be said."""

    def refused(self, stored) -> None:
        raise RemoteError("GitHub says 502.", fix="Run it again.")

    monkeypatch.setattr(FolderStore, "save_entry", refused)


def test_that_a_record_could_not_be_shown_takes_nothing_from_it(team: Team, monkeypatch) -> None:
    team.merged()
    with monkeypatch.context() as patch:
        refuses_to_be_told(patch)
        planned = team.planned()
    assert team.records() == ["promo-1"]
    assert "GitHub says 502" in planned["not_told"]


def test_that_a_promotion_could_not_be_shown_takes_nothing_from_it(approved: Team, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        refuses_to_be_told(patch)
        carried = approved.apply()
    assert (carried["promotion"]["status"], approved.running()) == ("completed", V2)
    assert "GitHub says 502" in carried["not_told"]
    assert "GitHub says 502" not in approved.run("promote", "status", "promo-1").out


def test_that_a_blocked_plan_could_not_be_shown_is_told(team: Team, monkeypatch) -> None:
    team.hot_fix()
    team.merged()
    with monkeypatch.context() as patch:
        refuses_to_be_told(patch)
        ran = team.run("promote", "plan", code=3)
    assert "The pull request does not show it: GitHub says 502" in ran.out


# A dry run.


def test_a_dry_run_of_apply_writes_nothing_of_any_kind(approved: Team) -> None:
    before = approved.everything()
    carried = approved.apply("promo-1", "--dry-run")
    assert (carried["is_dry_run"], carried["waits_for"]) == (True, [])
    assert approved.everything() == before


def test_a_dry_run_of_apply_tells_what_stands_against_it(team: Team) -> None:
    team.merged()
    team.planned()
    before = team.everything()
    assert "Nobody has approved" in reasons(team.apply("promo-1", "--dry-run", code=3))
    team.hot_fix()
    assert "is not what was planned" in reasons(team.apply("promo-1", "--dry-run", code=3))
    assert team.everything() == before


def test_a_dry_run_of_a_rollback_writes_nothing_of_any_kind(completed: Team) -> None:
    before = completed.everything()
    carried = completed.roll_back("promo-1", "--dry-run", code=3)
    assert "Nobody has approved" in reasons(carried)
    assert completed.everything() == before
    completed.configure()
    before = completed.everything()
    assert completed.roll_back("promo-1", "--dry-run")["waits_for"] == []
    completed.hot_fix()
    assert "is not what promo-1 left there" in reasons(completed.roll_back("promo-1", "--dry-run", code=3))
    assert completed.everything() == before
