"""`promote plan` against a git remote, three instances and a folder of pull requests: one merge makes one record."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.cli.shop import Step, Template, alone, step_of_a_job
from tests.commands.promotion_shop import SLUGS, V1, V2, V3, Team, made_promotion_template, opened_team
from tests.git_repositories import git

from workflowops.core.promotion.review import CheckState

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


def elsewhere(team: Team, *arguments: str) -> str:
    """Run a command as another process does, and answer what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "workflowops", *arguments],
        cwd=team.shop.checkout,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def ids(planned) -> list[str]:
    return [each["promotion_id"] for each in planned["promotions"]]


def test_a_merge_makes_one_record_with_the_words_of_the_walkthrough(team: Team) -> None:
    number = team.merged()
    planned = team.planned()
    (preview,) = planned["previews"]
    assert {"pipeline_id": "default", "source_stage": "dev", "target_stage": "staging"}.items() <= preview.items()
    assert (preview["promotion_id"], preview["can_proceed"], preview["estimated_impact"]) == ("promo-1", False, "low")
    (workflow,) = preview["workflows"]
    expected = {
        "workflow_id": "devorders",
        "workflow_name": "Orders",
        "change_type": "updated",
        "target_workflow_id": "stagingorders",
        "nodes_added": 0,
        "nodes_removed": 0,
        "nodes_modified": 1,
        "connections_changed": False,
        "conflicts": [],
    }
    assert expected.items() <= workflow.items()
    assert workflow["diff_summary"]["has_changes"]
    gates = {each["gate_type"]: (each["status"], each["required"]) for each in preview["gate_results"]}
    assert gates["require_approval"] == ("pending", True)
    (record,) = planned["promotions"]
    assert record == {key: value for key, value in team.record().items() if key != "schema"}
    expected = {
        "promotion_id": "promo-1",
        "pipeline_id": "default",
        "source_stage": "dev",
        "target_stage": "staging",
        "status": "pending_approval",
        "workflow_selection": [workflow["canonical_id"]],
        "created_by": "grace",
        "merged_by": "mia",
        "pull_request": number,
    }
    assert expected.items() <= record.items()
    assert not record["options"]["allow_overwriting_hotfixes"]
    assert not record["options"]["allow_force_promotion_on_conflicts"]
    assert planned["unchanged"] == ["prod"]
    assert team.writes() == []


def test_the_record_is_shown_on_the_pull_request_in_one_comment_and_one_label(team: Team) -> None:
    number = team.merged()
    team.planned()
    team.planned()
    (comment,) = team.comments(number)
    assert f"/approve {team.digest()}" in comment or team.digest() in comment
    assert comment.rstrip().endswith("<!-- workflowops:promotion promo-1 -->")
    assert team.labels(number) == ["workflowops:staging-pending-approval"]


def test_a_merge_of_two_stages_makes_a_record_for_each(team: Team) -> None:
    files = {f"{name}/orders.json": team.changed(name, "orders", url=V2) for name in ("dev", "staging", "prod")}
    number = team.propose(files)
    team.merge(number)
    planned = team.planned()
    assert [(each["promotion_id"], each["target_stage"]) for each in planned["promotions"]] == [
        ("promo-1", "staging"),
        ("promo-2", "prod"),
    ]
    assert team.labels(number) == ["workflowops:prod-pending-approval", "workflowops:staging-pending-approval"]
    assert len(team.comments(number)) == 2


def test_the_first_stage_is_no_target(team: Team) -> None:
    number = team.propose({"dev/orders.json": team.changed("dev", "orders", url=V2)})
    team.merge(number)
    planned = team.planned()
    assert (planned["promotions"], planned["unchanged"]) == ([], ["staging", "prod"])
    assert team.records() == []
    assert team.comments(number) == []


@pytest.mark.parametrize("times", [2, 3])
def test_the_same_merge_planned_again_answers_the_same_record(team: Team, times) -> None:
    team.merged()
    first = team.planned()
    for _ in range(times):
        assert ids(team.planned()) == ["promo-1"]
    assert team.records() == ["promo-1"]
    assert first["promotions"][0] == {key: value for key, value in team.record().items() if key != "schema"}


@pytest.mark.parametrize("at", ["GET /api/v1/workflows", "GET /api/v1/credentials"])
def test_the_same_merge_planned_by_two_runs_at_once_makes_one_record(team: Team, at) -> None:
    team.merged()
    inner: list[str] = []

    def meanwhile(request) -> None:
        if str(request).startswith(at) and not inner:
            inner.append("")
            inner[0] = elsewhere(team, "promote", "plan", "--json")

    team.shop.instances["staging"].before_request(meanwhile)
    outer = team.planned()
    assert inner
    assert ids(json.loads(inner[0])) == ids(outer) == ["promo-1"]
    assert team.records() == ["promo-1"]


def test_a_run_that_was_overtaken_by_planning_and_applying_makes_no_second_record(team: Team) -> None:
    team.configure()
    team.merged()
    inner: list[str] = []

    def meanwhile(request) -> None:
        if str(request).startswith("GET /api/v1/credentials") and not inner:
            inner.append("")
            elsewhere(team, "promote", "plan")
            inner[0] = elsewhere(team, "promote", "apply", "--promotion", "promo-1", "--json")

    team.shop.instances["staging"].before_request(meanwhile)
    outer = team.planned()
    assert json.loads(inner[0])["promotion"]["status"] == "completed"
    assert [(each["promotion_id"], each["status"]) for each in outer["promotions"]] == [("promo-1", "completed")]
    assert team.records() == ["promo-1"]


def test_a_newer_merge_of_the_same_workflow_supersedes_what_waits(team: Team) -> None:
    first = team.merged(url=V2)
    team.planned()
    team.merged(url=V3)
    planned = team.planned()
    assert (ids(planned), planned["superseded"]) == (["promo-2"], ["promo-1"])
    assert "superseded" in team.comments(first)[0]
    assert team.labels(first) == ["workflowops:staging-superseded"]
    assert (team.status("promo-1"), team.record("promo-1")["superseded_by"]) == ("superseded", "promo-2")
    ran = team.run("promote", "apply", "--promotion", "promo-1", code=3)
    assert "promo-2 took its place" in ran.err
    assert team.writes() == []
    assert first != team.record("promo-2")["pull_request"]


def test_a_merge_of_another_workflow_supersedes_nothing(team: Team) -> None:
    team.merged(slug="orders")
    team.planned()
    team.merged(slug="alarm")
    planned = team.planned()
    assert (ids(planned), planned["superseded"]) == (["promo-2"], [])
    assert (team.status("promo-1"), team.status("promo-2")) == ("pending_approval", "pending_approval")


def test_a_superseded_merge_that_is_planned_again_does_not_come_back(team: Team) -> None:
    team.merged(url=V2)
    older = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    team.planned()
    team.merged(url=V3)
    team.planned()
    again = team.planned("--ref", older, "--base", f"{older}^1")
    assert [(each["promotion_id"], each["status"]) for each in again["promotions"]] == [("promo-1", "superseded")]
    assert team.records() == ["promo-1", "promo-2"]
    assert team.status("promo-2") == "pending_approval"


def test_what_supersedes_brings_everything_that_it_took_the_place_of(team: Team) -> None:
    files = {f"staging/{slug}.json": team.changed("staging", slug, url=V2) for slug in ("orders", "alarm")}
    team.merge(team.propose(files))
    team.planned()
    team.merged(slug="orders", url=V3)
    planned = team.planned()
    (preview,) = planned["previews"]
    assert sorted(each["canonical_slug"] for each in preview["workflows"]) == ["alarm", "orders"]
    team.approve("promo-2")
    team.apply("promo-2")
    assert (team.url("orders"), team.url("alarm")) == (V3, V2)


def test_who_wrote_what_was_taken_over_cannot_approve_it(team: Team) -> None:
    files = {f"staging/{slug}.json": team.changed("staging", slug, url=V2) for slug in ("orders", "alarm")}
    team.merge(team.propose(files, author="grace"))
    team.planned()
    team.merged(slug="orders", url=V3, author="otto")
    team.planned()
    team.approve("promo-2", by="grace")
    assert team.record("promo-2")["approvals"] == []
    team.approve("promo-2", by="lea")
    assert team.status("promo-2") == "approved"


def test_what_was_taken_over_is_not_lost_when_the_merge_is_planned_anew(team: Team) -> None:
    files = {f"staging/{slug}.json": team.changed("staging", slug, url=V2) for slug in ("orders", "alarm")}
    team.merge(team.propose(files, author="grace"))
    team.planned()
    number = team.merged(slug="orders", url=V3, author="otto")
    team.planned()
    team.comment(number, "lea", "/reject promo-2 Not on a Friday")
    planned = team.planned()
    (preview,) = planned["previews"]
    assert sorted(each["canonical_slug"] for each in preview["workflows"]) == ["alarm", "orders"]
    team.approve("promo-3", by="grace")
    assert team.record("promo-3")["approvals"] == []


# What a newer commit changes.


def test_a_merge_that_takes_a_change_back_ends_what_waited_to_bring_it(team: Team) -> None:
    first = team.merged(url=V2)
    team.planned()
    team.merged(url=V1)
    assert team.planned("--dry-run")["ended"] == ["promo-1"]
    assert team.status() == "pending_approval"
    planned = team.planned()
    assert (planned["promotions"], planned["ended"]) == ([], ["promo-1"])
    assert team.status() == "plan_changed"
    assert "holds already" in team.record()["problem"]
    assert team.labels(first) == ["workflowops:staging-plan-changed"]


def test_what_waits_for_other_workflows_goes_on_when_a_change_is_taken_back(team: Team) -> None:
    team.merged(slug="alarm", url=V2)
    team.planned()
    team.merged(slug="orders", url=V2)
    team.merged(slug="orders", url=V1)
    assert team.planned()["ended"] == []
    assert team.status() == "pending_approval"


def test_what_a_newer_commit_changes_is_left_out_when_an_older_merge_is_planned_again(team: Team) -> None:
    files = {f"staging/{slug}.json": team.changed("staging", slug, url=V2) for slug in ("orders", "alarm")}
    older = team.merge(team.propose(files))
    team.merged(slug="orders", url=V3)
    planned = team.planned("--ref", older, "--base", f"{older}^1")
    (preview,) = planned["previews"]
    assert [each["canonical_slug"] for each in preview["workflows"]] == ["alarm"]
    assert planned["overtaken"] == ["staging/orders"]


def test_an_older_merge_of_which_nothing_is_left_makes_no_record(team: Team) -> None:
    team.configure()
    team.merged(url=V2)
    older = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    team.planned()
    team.hot_fix()
    team.apply(code=3)
    team.merged(url=V3, labels=("workflowops:overwrite-hotfixes",))
    team.planned()
    team.apply("promo-2")
    ran = team.run("promote", "plan", "--ref", older, "--base", f"{older}^1")
    assert "staging/orders" in ran.out
    assert team.records() == ["promo-1", "promo-2"]
    assert team.running() == V3


def merge_of(team: Team, **urls: str) -> str:
    """Merge a change of several workflows of staging, and answer the commit that this made."""
    files = {f"staging/{slug}.json": team.changed("staging", slug, url=url) for slug, url in urls.items()}
    return team.merge(team.propose(files, branch="-".join(f"{slug}{url[-1]}" for slug, url in urls.items())))


def test_an_older_merge_does_not_take_the_place_of_a_newer_one_that_brings_its_change(team: Team) -> None:
    merge_of(team, alarm=V2, stock=V2)
    team.planned()
    older = merge_of(team, stock=V3, orders=V2)
    merge_of(team, orders=V3, alarm=V3)
    assert team.planned()["superseded"] == ["promo-1"]
    planned = team.planned("--ref", older, "--base", f"{older}^1")
    assert (planned["promotions"], planned["overtaken"]) == ([], ["staging/orders", "staging/stock"])
    assert team.status("promo-2") == "pending_approval"


def test_what_was_recorded_while_an_older_merge_is_planned_keeps_its_place(team: Team) -> None:
    merge_of(team, alarm=V2, stock=V2)
    team.planned()
    older = merge_of(team, alarm=V3, orders=V2)
    inner: list[str] = []

    def meanwhile(request) -> None:
        if str(request).startswith("GET /api/v1/credentials") and not inner:
            inner.append("")
            merge_of(team, orders=V3, stock=V3)
            inner[0] = elsewhere(team, "promote", "plan", "--json")

    team.shop.instances["staging"].before_request(meanwhile)
    outer = team.planned("--ref", older, "--base", f"{older}^1", code=5)
    assert ids(json.loads(inner[0])) == ["promo-2"]
    assert "recorded for staging meanwhile" in outer["failed"][0]["problem"]
    assert (team.status("promo-1"), team.status("promo-2")) == ("superseded", "pending_approval")


# Everything that came with one push.


def pushed_together(team: Team, *, labels: tuple[str, ...] = ()) -> tuple[str, int, int]:
    """Two merges with one run: lea's of Stock, then grace's of Orders. Answers the commit before, and both numbers."""
    base = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    first = team.merged(slug="stock", author="lea", labels=labels)
    return base, first, team.merged(slug="orders", author="grace", labels=("workflowops:overwrite-hotfixes",))


@pytest.mark.parametrize("login", ["lea", "mia"])
def test_who_wrote_or_merged_an_earlier_merge_of_the_push_cannot_approve_it(team: Team, login) -> None:
    base, first, second = pushed_together(team)
    team.planned("--base", base)
    record = team.record()
    assert (record["pull_request"], record["created_by"], len(record["workflow_selection"])) == (second, "grace", 2)
    assert (record["also_wrote"], record["other_pull_requests"]) == (["lea", "mia"], [first])
    team.approve(by=login)
    assert team.record()["approvals"] == []
    team.approve(by="otto")
    assert team.status() == "approved"


def test_who_wrote_an_earlier_merge_cannot_approve_what_took_its_place(team: Team) -> None:
    base, _, _ = pushed_together(team)
    team.planned("--base", base)
    team.merged(slug="orders", url=V3, author="otto")
    team.planned()
    team.approve("promo-2", by="lea")
    assert team.record("promo-2")["approvals"] == []


@pytest.mark.parametrize("labels", [(), ("workflowops:overwrite-hotfixes",)])
def test_a_label_allows_what_every_merge_of_the_push_carries_it_for(team: Team, labels) -> None:
    base, _, _ = pushed_together(team, labels=labels)
    planned = team.planned("--base", base)
    assert planned["promotions"][0]["options"]["allow_overwriting_hotfixes"] is bool(labels)


@pytest.mark.parametrize("earlier", ["passed", "failed", None])
def test_the_checks_of_every_merge_of_the_push_count(team: Team, earlier) -> None:
    team.configure(staging="{require_all_tests_passed: true}")
    base, first, second = pushed_together(team)
    for number, state in ((first, earlier), (second, "passed")):
        if state is not None:
            head = team.folder._store.pull_request(number).head_commit
            team.folder.finish_check(head, "tests", CheckState(state))
    (preview,) = team.planned("--base", base)["previews"]
    gates = {each["gate_type"]: each["status"] for each in preview["gate_results"]}
    expected = {"passed": "passed", "failed": "failed", None: "pending"}
    assert gates["require_all_tests_passed"] == expected[earlier]
    assert team.apply(code=0 if earlier == "passed" else 3)["promotion"]["pull_request"] == second


def below_a_merge(team: Team) -> str:
    """A push of a merge and of a commit below it that nobody reviewed; answers the commit before."""
    base = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    team.write({"staging/stock.json": team.changed("staging", "stock", url=V3)}, push=False)
    team.merged(slug="orders", labels=("workflowops:overwrite-hotfixes",))
    return base


def test_a_commit_below_a_merge_that_came_without_a_pull_request_is_refused(team: Team) -> None:
    base = below_a_merge(team)
    planned = team.planned("--base", base, code=3)
    unreviewed = git("rev-parse", "HEAD^1", cwd=team.shop.checkout)
    assert unreviewed[:12] in planned["failed"][0]["problem"]
    assert team.records() == []


def test_a_commit_below_a_merge_is_taken_where_the_pipeline_says_so_and_not_once_it_says_no(team: Team) -> None:
    team.configure(more="allow_unreviewed: true")
    base = below_a_merge(team)
    team.planned("--base", base)
    unreviewed = git("rev-parse", "HEAD^1", cwd=team.shop.checkout)
    assert (team.record()["unreviewed"], len(team.record()["workflow_selection"])) == ([unreviewed], 2)
    assert not team.record()["options"]["allow_overwriting_hotfixes"]
    team.configure()
    assert "without a pull request" in team.apply(code=3)["waits_for"][0]
    assert team.writes() == []


def test_a_base_that_is_not_behind_the_commit_is_refused(team: Team) -> None:
    lost = git("commit-tree", "HEAD^{tree}", "-m", "Before a push by force", cwd=team.shop.checkout)
    team.merged()
    planned = team.planned("--base", lost, code=3)
    assert "is not behind" in planned["failed"][0]["problem"]
    assert "--base" in planned["failed"][0]["fix"]


@pytest.mark.parametrize("ended", ["rejected", "plan_changed"])
def test_a_merge_whose_record_came_to_nothing_is_planned_anew(team: Team, ended) -> None:
    number = team.merged()
    team.planned()
    if ended == "rejected":
        team.comment(number, "lea", "/reject Not on a Friday")
    else:
        team.approve()
        team.hot_fix()
        team.apply(code=3)
        team.hot_fix(url=V1)
    assert team.status() == ended
    assert ids(team.planned()) == ["promo-2"]


def test_a_push_without_a_pull_request_is_refused(team: Team) -> None:
    team.write({"staging/orders.json": team.changed("staging", "orders", url=V2)})
    before = team.shop.refs()
    planned = team.planned(code=3)
    (failed,) = planned["failed"]
    assert (failed["target_stage"], failed["exit_code"]) == ("staging", 3)
    assert "without a pull request" in failed["problem"]
    assert "allow_unreviewed" in failed["fix"]
    assert (team.records(), team.shop.refs()) == ([], before)


def test_a_push_without_a_pull_request_is_taken_where_the_pipeline_says_so(team: Team) -> None:
    team.configure(more="allow_unreviewed: true")
    team.write({"staging/orders.json": team.changed("staging", "orders", url=V2)})
    assert ids(team.planned()) == ["promo-1"]
    assert (team.record()["pull_request"], team.record()["created_by"]) == (None, "ada")
    assert team.apply()["promotion"]["status"] == "completed"


def test_where_nobody_can_be_asked_for_the_pull_request_nothing_is_recorded(team: Team, monkeypatch) -> None:
    monkeypatch.delenv("WORKFLOWOPS_ISSUES_FOLDER")
    team.merged()
    planned = team.planned(code=3)
    assert "nobody knows by which pull request" in planned["failed"][0]["problem"]
    assert team.records() == []


def test_a_blocked_plan_makes_no_record_and_says_why_on_the_pull_request(team: Team) -> None:
    team.hot_fix()
    number = team.merged()
    before = team.shop.refs()
    planned = team.planned(code=3)
    (blocked,) = planned["blocked"]
    assert [each["type"] for each in blocked["conflicts"]] == ["hotfix_in_target"]
    assert (team.records(), team.shop.refs()) == ([], before)
    (comment,) = team.comments(number)
    assert "is not what was last applied" in comment
    ran = team.run("promote", "plan", code=3)
    assert "Not recorded for staging" in ran.out
    assert len(team.comments(number)) == 1


def test_a_blocked_plan_of_one_stage_does_not_keep_the_other_from_its_record(team: Team) -> None:
    team.hot_fix(environment="staging")
    files = {f"{name}/orders.json": team.changed(name, "orders", url=V2) for name in ("staging", "prod")}
    team.merge(team.propose(files))
    planned = team.planned(code=3)
    assert [each["target_stage"] for each in planned["promotions"]] == ["prod"]
    assert [each["target_stage"] for each in planned["blocked"]] == ["staging"]


def test_a_label_on_the_pull_request_allows_to_overwrite_a_hot_fix(team: Team) -> None:
    team.hot_fix()
    team.merged(labels=("workflowops:overwrite-hotfixes",))
    planned = team.planned()
    assert planned["promotions"][0]["options"]["allow_overwriting_hotfixes"]
    assert planned["previews"][0]["conflicts"][0]["is_allowed"]


def test_a_stage_that_cannot_be_read_does_not_hide_the_others(team: Team) -> None:
    files = {f"{name}/orders.json": team.changed(name, "orders", url=V2) for name in ("staging", "prod")}
    team.merge(team.propose(files))
    team.shop.instances["staging"].stop()
    planned = team.planned(code=4)
    assert [each["target_stage"] for each in planned["failed"]] == ["staging"]
    assert [each["target_stage"] for each in planned["promotions"]] == ["prod"]


def test_a_stage_that_cannot_be_read_is_told_on_the_pull_request_in_one_comment(team: Team) -> None:
    number = team.merged()
    team.shop.instances["staging"].stop()
    team.planned("--dry-run", code=4)
    assert team.comments(number) == []
    team.planned(code=4)
    team.planned(code=4)
    (comment,) = team.comments(number)
    assert "could not be planned" in comment
    assert comment.rstrip().endswith("<!-- workflowops:promotion-preview staging -->")


def test_a_merge_that_changes_no_workflow_asks_no_instance(team: Team) -> None:
    team.merge(team.propose({"README.md": b"Read me\n"}))
    team.forget()
    assert team.planned()["unchanged"] == ["staging", "prod"]
    assert [str(each) for sandbox in team.shop.instances.values() for each in sandbox.requests] == []


def test_only_the_workflows_that_were_asked_for_are_planned(team: Team) -> None:
    files = {f"staging/{slug}.json": team.changed("staging", slug, url=V2) for slug in SLUGS}
    files["prod/alarm.json"] = team.changed("prod", "alarm", url=V2)
    team.merge(team.propose(files))
    planned = team.planned("--workflow", "orders")
    assert [each["canonical_slug"] for each in planned["previews"][0]["workflows"]] == ["orders"]
    assert planned["unchanged"] == ["prod"]


def test_a_workflow_that_nobody_knows_is_refused_with_those_there_are(team: Team) -> None:
    team.merged()
    planned = team.planned("--to", "staging", "--workflow", "ordres", code=2)
    assert "ordres" in planned["failed"][0]["problem"]
    assert "orders" in planned["failed"][0]["fix"]


def test_a_dry_run_writes_nothing_of_any_kind(team: Team) -> None:
    team.merged()
    before = team.everything()
    planned = team.planned("--dry-run")
    assert ids(planned) == ["promo-1"]
    assert planned["is_dry_run"]
    assert team.everything() == before


def test_a_dry_run_of_a_blocked_plan_writes_nothing_either(team: Team) -> None:
    team.hot_fix()
    team.merged()
    before = team.everything()
    team.planned("--dry-run", code=3)
    assert team.everything() == before


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Step:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"before": "0" * 40}))
    return step_of_a_job(monkeypatch, tmp_path, actor="grace", GITHUB_EVENT_NAME="push", GITHUB_EVENT_PATH=str(event))


@pytest.mark.parametrize(
    ("gates", "status"),
    [
        pytest.param("{}", "approved", id="nobody is asked"),
        pytest.param("{approval: environment}", "pending_approval", id="reviewers of the waiting job are asked"),
        pytest.param(BY_COMMENT, None, id="a comment is waited for"),
    ],
)
def test_the_next_job_is_told_what_it_can_carry_out(team: Team, step: Step, gates, status) -> None:
    team.configure(staging=gates)
    team.merged()
    team.shop.run_in_a_step("promote", "plan")
    outputs = step.outputs()
    waits = {"promotion_id": "promo-1", "environment": "staging", "status": status, "plan_digest": team.digest()}
    assert json.loads(outputs["promotions"]) == ([waits] if status else [])
    assert outputs["promotion_ids"] == "promo-1"
    assert "promo-1" in step.summary.read_text()


def test_the_next_job_is_told_of_nothing_by_a_dry_run(team: Team, step: Step) -> None:
    team.merged()
    team.shop.run_in_a_step("promote", "plan", "--dry-run")
    assert (step.outputs()["promotions"], step.outputs()["promotion_ids"]) == ("[]", "")


def test_the_next_job_is_not_told_of_what_is_done(team: Team, step: Step) -> None:
    team.configure()
    team.merged()
    team.shop.run_in_a_step("promote", "plan")
    team.shop.run_in_a_step("promote", "apply", "--promotion", "promo-1")
    step.output.unlink()
    ran = team.shop.run_in_a_step("promote", "plan")
    assert step.outputs()["promotions"] == "[]"
    assert "promote apply --promotion promo-1" not in ran.out


def test_without_a_base_in_the_event_the_merge_is_compared_with_its_first_parent(team: Team, step: Step) -> None:
    team.merged(slug="alarm", url=V2)
    team.merged(slug="orders", url=V2)
    planned = team.shop.run_in_a_step("promote", "plan", "--json").document
    assert [each["file"] for each in planned["previews"][0]["workflows"]] == ["staging/orders.json"]


def test_a_plan_that_waits_keeps_the_graphs_that_it_would_change(team: Team) -> None:
    team.merged()
    team.planned()
    assert team.status() == "pending_approval"
    (drawn,) = team.shop.state("promotions/promo-1.drawings.json")["drawings"]
    assert "modified" in {each["change"] for each in drawn["drawing"]["nodes"]}
