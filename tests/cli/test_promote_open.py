"""`promote open` and `promote preview`: a pull request for the next stage, and what it would mean there."""

import json
from collections.abc import Iterator

import pytest
from tests.cli.shop import Step, Template, alone, step_of_a_job
from tests.commands.promotion_shop import V2, V3, Team, made_promotion_template, opened_team, plain_flow
from tests.git_repositories import content_of, files_of, git

from workflowops.errors import RemoteError
from workflowops.io.folder_store import FolderStore


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Template:
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        return made_promotion_template(tmp_path_factory.mktemp("stages"))


@pytest.fixture
def team(stages: Template, tmp_path, monkeypatch) -> Iterator[Team]:
    with opened_team(stages, tmp_path / "shop") as found:
        monkeypatch.setenv("WORKFLOWOPS_ISSUES_FOLDER", str(found.github))
        found.configure(staging="{approval: comments}", prod="{approval: comments}")
        found.forget()
        yield found


def opened(team: Team, *arguments: str, code: int = 0):
    return team.json("promote", "open", "--to", "staging", *arguments, code=code)


def proposed(team: Team, document) -> dict[str, bytes]:
    """The files of the proposed branch that differ from the default branch."""
    ours, theirs = files_of(team.shop.remote, document["branch"]), files_of(team.shop.remote, "main")
    return {path: text for path, text in ours.items() if theirs.get(path) != text}


# Open.


def test_a_stage_is_proposed_for_the_next_with_the_ids_of_the_next(team: Team) -> None:
    commit = team.develop()
    document = opened(team, "--workflow", "orders")
    assert document["branch"] == "workflowops/promote-staging-orders"
    assert (document["source_stage"], document["target_stage"], document["pipeline_id"]) == (
        "dev",
        "staging",
        "default",
    )
    assert (document["workflows"], document["files"]) == (["orders"], ["staging/orders.json"])
    files = proposed(team, document)
    assert list(files) == ["staging/orders.json"]
    written = json.loads(files["staging/orders.json"])
    assert written["nodes"][1]["parameters"]["url"] == V2
    assert written["nodes"][2]["parameters"]["workflowId"]["value"] == "stagingstock"
    assert git("rev-parse", f"{document['branch']}^", cwd=team.shop.remote) == commit
    assert document["pull_request"]["number"] == 1
    body = team.folder.pull_request(1).body
    assert "<!-- workflowops:requested-by ada -->" in body
    assert "staging/orders.json" in body
    assert team.writes() == []
    assert team.records() == []


def test_asked_twice_it_is_one_branch_and_one_pull_request(team: Team) -> None:
    team.develop()
    first = opened(team, "--workflow", "orders")
    again = opened(team, "--workflow", "orders")
    assert (first["is_new"], again["is_new"]) == (True, False)
    assert {key: first[key] for key in ("branch", "git_commit_sha", "pull_request")} == {
        key: again[key] for key in ("branch", "git_commit_sha", "pull_request")
    }
    assert team.folder.pull_request(2) is None


def test_asked_again_after_more_was_developed_the_same_pull_request_follows(team: Team) -> None:
    team.develop()
    first = opened(team)
    team.develop("alarm")
    again = opened(team)
    assert (first["branch"], first["pull_request"]) == (again["branch"], again["pull_request"])
    assert (first["workflows"], sorted(again["workflows"])) == (["orders"], ["alarm", "orders"])
    assert sorted(proposed(team, again)) == ["staging/alarm.json", "staging/orders.json"]


def test_what_was_merged_can_be_opened_again_later(team: Team) -> None:
    team.develop()
    team.merge(opened(team, "--workflow", "orders")["pull_request"]["number"])
    team.develop(url=V3)
    document = opened(team, "--workflow", "orders")
    assert document["pull_request"]["number"] == 2
    assert b"/v3" in proposed(team, document)["staging/orders.json"]


def test_where_the_target_has_it_all_nothing_is_proposed(team: Team) -> None:
    before = team.everything()
    document = opened(team)
    assert (document["files"], document["branch"], document["exit_code"]) == ([], None, 0)
    assert team.everything() == before
    assert "there is nothing to propose" in team.run("promote", "open", "--to", "staging").out


def test_with_dependencies_brings_what_it_calls(team: Team) -> None:
    team.develop("orders")
    team.develop("stock")
    alone_document = opened(team, "--workflow", "orders", "--dry-run")
    assert alone_document["files"] == ["staging/orders.json"]
    document = opened(team, "--workflow", "orders", "--with-dependencies")
    assert document["files"] == ["staging/orders.json", "staging/stock.json"]


def test_a_workflow_that_the_target_lacks_is_proposed_with_its_identity(team: Team) -> None:
    team.shop.put("dev", plain_flow("survey"), id="devsurvey")
    team.run("onboard", "--environment", "dev", "--workflow", "devsurvey", "--direct")
    git("pull", "--quiet", cwd=team.shop.checkout)
    document = opened(team, "--workflow", "survey")
    assert document["files"] == ["staging/survey.json", "staging/survey.wfo.json"]
    files = proposed(team, document)
    ours = json.loads(content_of(team.shop.remote, "main:dev/survey.wfo.json"))["canonical_id"]
    sidecar = json.loads(files["staging/survey.wfo.json"])
    assert (sidecar["canonical_id"], sidecar.get("n8n_workflow_id")) == (ours, None)
    assert json.loads(files["staging/survey.json"])["active"] is False


def test_names_of_credentials_become_those_of_the_target(team: Team) -> None:
    team.configure(stage_more="credentials: {API Auth: API Auth (staging)}")
    document = opened(team, "--workflow", "orders")
    written = json.loads(proposed(team, document)["staging/orders.json"])
    assert written["nodes"][1]["credentials"]["httpHeaderAuth"]["name"] == "API Auth (staging)"


def gone_from_dev(team: Team) -> None:
    team.write({"dev/alarm.json": None, "dev/alarm.wfo.json": None})


def test_a_removal_is_promoted_when_it_is_asked_for_and_brings_nothing_else(team: Team) -> None:
    team.develop("orders")
    gone_from_dev(team)
    assert opened(team, "--dry-run")["files"] == ["staging/orders.json"]
    document = opened(team, "--remove", "alarm")
    assert (document["workflows"], document["files"]) == (["alarm"], ["staging/alarm.json", "staging/alarm.wfo.json"])
    assert "staging/alarm.json" not in files_of(team.shop.remote, document["branch"])


def test_a_removal_is_carried_out_by_what_the_stage_says(team: Team) -> None:
    gone_from_dev(team)
    number = opened(team, "--remove", "alarm")["pull_request"]["number"]
    team.merge(number)
    planned = team.planned()
    assert [each["change_type"] for each in planned["previews"][0]["workflows"]] == ["removed"]
    team.approve()
    team.apply()
    assert team.shop.instances["staging"].instance.document("stagingalarm")["isArchived"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(["--workflow", "ordres"], 2, "dev has no workflow `ordres`", id="unknown workflow"),
        pytest.param(["--remove", "ordres"], 2, "staging has no workflow `ordres`", id="unknown removal"),
        pytest.param(["--remove", "alarm"], 3, "still is in dev", id="still in the source"),
        pytest.param(["--from", "prod"], 2, "do not go from prod to staging", id="not the stage before"),
        pytest.param(["--pipeline", "other"], 2, "no stage of the pipeline", id="unknown pipeline"),
    ],
)
def test_what_cannot_be_proposed_is_refused_with_the_reason(team: Team, arguments, code, said) -> None:
    before = team.everything()
    ran = team.run("promote", "open", "--to", "staging", *arguments, code=code)
    assert said in ran.err
    assert team.everything() == before


@pytest.mark.parametrize(("target", "said"), [("dev", "first stage"), ("stagign", "Did you mean `staging`")])
def test_only_a_later_stage_is_promoted_to(team: Team, target, said) -> None:
    assert said in team.run("promote", "open", "--to", target, code=2).err


def test_a_file_that_cannot_be_read_is_told_and_does_not_hold_up_the_others(team: Team) -> None:
    team.develop("orders")
    team.write({"dev/alarm.json": b"{ not json"})
    document = opened(team)
    assert document["files"] == ["staging/orders.json"]
    assert list(document["left_out"]) == ["dev/alarm.json"] or "alarm" in " ".join(document["left_out"])
    assert "alarm" in team.run("promote", "open", "--to", "staging").out.partition("Left out")[2]


def test_a_file_that_cannot_be_read_is_refused_when_it_is_asked_for(team: Team) -> None:
    team.write({"dev/alarm.json": b"{ not json"})
    ran = team.run("promote", "open", "--to", "staging", "--workflow", "alarm", code=2)
    assert "cannot be read" in ran.err


def test_from_a_commit_that_is_not_the_tip_nothing_is_proposed(team: Team) -> None:
    team.develop("orders")
    team.write({"README.md": b"Newer\n"})
    git("reset", "--quiet", "--hard", "HEAD^", cwd=team.shop.checkout)
    before = team.everything()
    document = opened(team, code=5)
    assert "default branch" in document["problem"] + document["fix"]
    assert team.everything() == before


def test_a_branch_that_somebody_pushed_onto_is_left_alone(team: Team) -> None:
    team.develop()
    branch = opened(team, "--workflow", "orders")["branch"]
    git("fetch", "--quiet", "origin", branch, cwd=team.shop.checkout)
    git("switch", "--quiet", "--detach", "FETCH_HEAD", cwd=team.shop.checkout)
    git("commit", "--quiet", "--allow-empty", "--message", "Mine", cwd=team.shop.checkout)
    git("push", "--quiet", "origin", f"HEAD:{branch}", cwd=team.shop.checkout)
    git("switch", "--quiet", "main", cwd=team.shop.checkout)
    team.develop(url=V3)
    before = team.shop.refs()
    document = opened(team, "--workflow", "orders", code=3)
    assert document["problem"]
    assert team.shop.refs() == before


def test_that_github_failed_after_the_branch_is_told(team: Team, monkeypatch) -> None:
    team.develop()
    with monkeypatch.context() as patch:
        refuses_to_be_told(patch)
        document = opened(team, "--workflow", "orders", code=4)
    assert "GitHub says 502" in document["problem"]
    assert (document["branch"], document["pull_request"]) == ("workflowops/promote-staging-orders", None)
    assert opened(team, "--workflow", "orders")["pull_request"]["number"] == 1


def test_a_dry_run_proposes_nothing(team: Team) -> None:
    team.develop()
    before = team.everything()
    document = opened(team, "--workflow", "orders", "--dry-run")
    assert (document["files"], document["is_dry_run"]) == (["staging/orders.json"], True)
    assert team.everything() == before
    assert "Would propose 1 workflow" in team.run("promote", "open", "--to", "staging", "--dry-run").out


# Preview.


def refuses_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder behaves as a GitHub that lets everything be read, and nothing be said."""

    def refused(self, stored) -> None:
        raise RemoteError("GitHub says 502.", fix="Run it again.")

    monkeypatch.setattr(FolderStore, "save_entry", refused)


def changed(team: Team, *stages: str, **more: str) -> int:
    """A pull request that changes Orders in these stages, not merged; the checkout stands at its head."""
    number = team.propose({f"{name}/orders.json": team.changed(name, "orders", url=V2) for name in stages}, **more)
    git("switch", "--quiet", "change", cwd=team.shop.checkout)
    return number


def preview(team: Team, number: int | None, *arguments: str, code: int = 0):
    shown = () if number is None else ("--pull-request", str(number))
    return team.json("promote", "preview", "--base", "main", *shown, *arguments, code=code)


def test_a_preview_shows_a_comment_for_each_stage_and_one_check(team: Team) -> None:
    number = changed(team, "staging", "prod")
    head = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    document = preview(team, number)
    assert [each["target_stage"] for each in document["previews"]] == ["staging", "prod"]
    assert [each["promotion_id"] for each in document["previews"]] == [None, None]
    comments = team.comments(number)
    assert ["(staging)" in each.split("\n")[0] for each in comments] == [True, False]
    (check,) = team.folder.reported(head).values()
    assert (check.name, check.conclusion, check.commit) == ("WorkflowOps preview", "success", head)
    assert check.title == "Workflows that would change: staging: 1, prod: 1"
    assert team.records() == []
    assert team.writes() == []


def test_a_preview_is_kept_up_to_date_in_place(team: Team) -> None:
    number = changed(team, "staging")
    preview(team, number)
    (first,) = team.comments(number)
    team.shop.commit({"staging/orders.json": team.changed("staging", "orders", url=V3)}, push=False)
    team.folder.push(number, commit=git("rev-parse", "HEAD", cwd=team.shop.checkout))
    preview(team, number)
    (second,) = team.comments(number)
    assert ("/v2" in first, "/v3" in second, "/v2" in second) == (True, True, False)
    assert len(team.folder.reported(git("rev-parse", "HEAD", cwd=team.shop.checkout))) == 1


def test_a_blocked_preview_fails_the_check_with_annotations(team: Team) -> None:
    store = team.shop.instances["staging"].instance.store
    del store.credentials["credential-staging"]
    number = changed(team, "staging")
    head = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    document = preview(team, number, code=3)
    assert document["previews"][0]["is_blocked"]
    (check,) = team.folder.reported(head).values()
    assert check.conclusion == "failure"
    assert ("staging/orders.json", "failure") in [(each.path, each.level) for each in check.annotations]


def test_a_gate_that_refuses_asks_for_action(team: Team) -> None:
    team.run("lock", "staging", "Inventory week")
    number = changed(team, "staging")
    head = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    preview(team, number, code=3)
    (check,) = team.folder.reported(head).values()
    assert check.conclusion == "action_required"
    assert "Inventory week" in check.summary


def test_a_stage_that_cannot_be_read_fails_the_check_and_the_others_are_shown(team: Team) -> None:
    number = changed(team, "staging", "prod")
    head = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    team.shop.instances["staging"].stop()
    document = preview(team, number, code=4)
    assert [each["target_stage"] for each in document["failed"]] == ["staging"]
    assert [each["target_stage"] for each in document["previews"]] == ["prod"]
    (check,) = team.folder.reported(head).values()
    assert (check.conclusion, check.title) == ("failure", "Could not be planned for staging")


def test_a_change_that_concerns_no_stage_passes_the_check_and_says_nothing(team: Team) -> None:
    number = changed(team, "dev")
    head = git("rev-parse", "HEAD", cwd=team.shop.checkout)
    assert preview(team, number)["unchanged"] == ["staging", "prod"]
    (check,) = team.folder.reported(head).values()
    assert (check.conclusion, check.title) == ("success", "Nothing would be promoted")
    assert team.comments(number) == []


def test_without_a_pull_request_a_preview_says_nothing_anywhere(team: Team) -> None:
    changed(team, "staging")
    before = team.everything()
    assert len(preview(team, None)["previews"]) == 1
    assert team.everything() == before


def test_without_a_base_a_preview_is_about_what_git_and_n8n_do_not_agree_on(team: Team) -> None:
    changed(team, "staging")
    document = team.json("promote", "preview", "--to", "staging")
    assert [each["canonical_slug"] for each in document["previews"][0]["workflows"]] == ["orders"]
    assert team.json("promote", "preview", "--to", "prod")["previews"] == []


def test_that_a_preview_could_not_be_shown_takes_nothing_from_it(team: Team, monkeypatch) -> None:
    number = changed(team, "staging")
    with monkeypatch.context() as patch:
        refuses_to_be_told(patch)
        document = preview(team, number)
        ran = team.run("promote", "preview", "--base", "main", "--pull-request", str(number))
    assert len(document["previews"]) == 1
    assert "GitHub says 502" in document["not_told"]
    assert "The pull request does not show it: GitHub says 502" in ran.out


def test_a_dry_run_of_a_preview_shows_it_nowhere_else(team: Team) -> None:
    number = changed(team, "staging")
    before = team.everything()
    document = preview(team, number, "--dry-run")
    assert (len(document["previews"]), document["pull_request_url"]) == (1, None)
    assert team.everything() == before


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch, tmp_path) -> Step:
    return step_of_a_job(
        monkeypatch,
        tmp_path,
        actor="grace",
        GITHUB_EVENT_NAME="pull_request",
        GITHUB_EVENT_PATH=str(tmp_path / "event.json"),
    )


def test_the_event_says_which_pull_request_and_the_merge_which_base(team: Team, step: Step, tmp_path) -> None:
    number = changed(team, "staging")
    git("switch", "--quiet", "main", cwd=team.shop.checkout)
    team.write({"prod/orders.json": team.changed("prod", "orders", url=V3)})
    old = git("rev-parse", "HEAD^", cwd=team.shop.checkout)
    git("switch", "--quiet", "--detach", "main", cwd=team.shop.checkout)
    git("merge", "--quiet", "--no-ff", "--message", "As GitHub merges it", "change", cwd=team.shop.checkout)
    event = {"pull_request": {"number": number, "base": {"sha": old}}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    ran = team.shop.run_in_a_step("promote", "preview", "--json")
    assert [each["target_stage"] for each in ran.document["previews"]] == ["staging"]
    assert len(team.comments(number)) == 1
    assert (step.outputs()["can_proceed"], step.outputs()["is_blocked"]) == ("false", "false")
    assert "Orders" in step.summary.read_text()
