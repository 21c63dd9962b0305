"""The command line against a git repository and n8n's stand-in: the walkthroughs, and a day's work."""

import json

import pytest
from tests.actions.contract import COMMANDS_WITH_AN_ACTION, read_action
from tests.cli.shop import EXAMPLES, HOT_FIX, Shop, Step, example, opened_shop, small, with_url
from tests.git_repositories import bare_remote, clone, files_of, git

FIGURES = (
    "workflows_synced",
    "workflows_skipped",
    "workflows_linked",
    "workflows_unmapped",
    "workflows_missing",
    "errors",
)


def figures(document) -> tuple[int, ...]:
    return tuple(document[name] for name in FIGURES)


def drift(shop: Shop, *arguments: str, code: int = 0):
    """The drift report of production."""
    return shop.json("drift", "--environment", "prod", *arguments, code=code)["environments"][0]


def kinds(report) -> dict[str, str]:
    return {each["workflow_name"]: each["kind"] for each in report["workflows"]}


def test_walkthrough_1_a_first_sync_and_a_second(empty_shop: Shop) -> None:
    for number in range(45):
        empty_shop.put("prod", small(f"Orders {number}", url=f"https://api.example.com/{number}"))
    files = {
        f"prod/orders_{number}.json": json.dumps(small(f"Orders {number}", url=f"https://api.example.com/{number}"))
        for number in range(30)
    }
    commit = empty_shop.commit({path: text.encode() for path, text in files.items()})
    first = empty_shop.json("sync")
    assert figures(first) == (45, 0, 30, 15, 0, 0)
    assert len(first["created_workflow_ids"]) == 45
    prod = first["environments"][0]
    assert (prod["is_new"], prod["status"], prod["drift_status"]) == (True, "completed", "new")
    assert {"n8n_workflow_id", "workflow_name", "node_count", "active", "detected_at"} <= prod["unmapped"][0].keys()

    second = empty_shop.json("sync")
    assert figures(second) == (45, 45, 30, 15, 0, 0)
    assert second["created_workflow_ids"] == []

    record = empty_shop.state("environments/prod/environment.json")
    assert (record["git_commit_sha"], record["workflow_count"], record["last_sync_succeeded"]) == (commit, 45, True)
    mapping = empty_shop.state("environments/prod/mapping.json")["workflows"]
    statuses = [entry["status"] for entry in mapping.values()]
    assert (statuses.count("linked"), statuses.count("unmapped")) == (30, 15)
    assert len(empty_shop.state("canonical.json")["workflows"]) == 30
    job = empty_shop.state("environments/prod/jobs.json")["jobs"][0]
    assert (job["id"], job["status"], job["progress_percent"]) == (
        second["environments"][0]["job_id"],
        "completed",
        100,
    )


def test_walkthrough_3_a_hot_fix_is_told_field_by_field(shop: Shop) -> None:
    workflow_id = shop.id_of("Payment Gateway")
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    report = drift(shop, "--fail-on-drift", code=3)
    assert report["drift_status"] == "drift_detected"
    assert report["git_commit_sha"] == git("rev-parse", "HEAD", cwd=shop.checkout)
    assert {name: number for name, number in report["counts"].items() if number} == {"in_sync": 2, "modified": 1}
    workflow = report["workflows"][0]
    diff = workflow.pop("diff")
    assert workflow == {
        "workflow_id": workflow_id,
        "workflow_name": "Payment Gateway",
        "canonical_id": json.loads(shop.file("prod/payment_gateway.wfo.json"))["canonical_id"],
        "canonical_slug": "payment_gateway",
        "file": "prod/payment_gateway.json",
        "kind": "modified",
        "activation": None,
        "tags": None,
        "draft_ahead": False,
        "bindings_changed": False,
        "is_archived": False,
        "awaits_git": False,
        "ignored": {},
        "n8n_updated_at": shop.instances["prod"].instance.document(workflow_id)["updatedAt"],
        "suggestion": None,
        "problem": None,
    }
    walkthrough = {
        "has_changes": True,
        "nodes_added": 0,
        "nodes_removed": 0,
        "nodes_modified": 1,
        "connections_changed": False,
        "settings_changed": False,
        "node_changes": [
            {
                "node_name": "Call Payment API",
                "node_type": "n8n-nodes-base.httpRequest",
                "change_type": "modified",
                "fields_changed": ["parameters.url"],
                "old_value": "https://api.paymentprocessor.com/charge",
                "new_value": HOT_FIX,
                "risk": "url",
            }
        ],
    }
    assert {name: diff[name] for name in walkthrough} == walkthrough
    record = shop.state("environments/prod/environment.json")
    assert (record["drift_status"], record["drift_summary"]["modified"]) == ("drift_detected", 1)
    assert record["last_drift_detected_at"] == report["checked_at"]


def test_walkthrough_3_drift_ends_when_the_hot_fix_is_taken_back(shop: Shop) -> None:
    before = "https://api.paymentprocessor.com/charge"
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    drift(shop)
    shop.edit("Payment Gateway", with_url(before, node="Call Payment API"))
    assert drift(shop)["drift_status"] == "in_sync"
    actions = [json.loads(line)["action"] for line in audit_of(shop).splitlines()]
    assert actions[-2:] == ["environment.drift_detected", "environment.in_sync"]


def audit_of(shop: Shop) -> bytes:
    files = files_of(shop.remote, "workflowops-state")
    return b"".join(text for path, text in sorted(files.items()) if path.startswith("environments/prod/audit/"))


def test_walkthrough_4_one_new_workflow_is_onboarded(shop: Shop) -> None:
    shop.run("sync", "--environment", "dev")
    created = shop.put("dev", example("customer_survey_automation"), active=True)
    synced = shop.json("sync", "--environment", "dev")
    assert figures(synced) == (4, 3, 3, 1, 0, 0)
    assert synced["created_workflow_ids"] == [created]
    document = shop.json(
        *("onboard", "--environment", "dev", "--workflow", created, "--slug", "customer_survey_automation"),
        *("--description", "Automates customer survey collection and logging"),
        *("--tags", "surveys, automation,customers", "--file", "dev/customer_survey_automation.json"),
        *("--message", "Add customer survey automation workflow", "--direct"),
    )
    commit = git("rev-parse", "main", cwd=shop.remote)
    assert git("log", "-1", "--format=%s", commit, cwd=shop.remote) == "Add customer survey automation workflow"
    assert (document["git_committed"], document["commit_sha"], document["workflows_onboarded"]) == (True, commit, 1)
    workflow = document["workflows"][0]
    canonical_id = workflow["canonical_workflow"]["id"]
    assert {name: workflow[name] for name in ("canonical_workflow", "workflow_mapping", "git_committed")} == {
        "canonical_workflow": {
            "id": canonical_id,
            "canonical_slug": "customer_survey_automation",
            "name": "Customer Survey Automation",
            "git_file_path": "dev/customer_survey_automation.json",
            "git_commit_sha": commit,
        },
        "workflow_mapping": {
            "id": f"dev/{created}",
            "environment": "dev",
            "n8n_workflow_id": created,
            "status": "linked",
            "canonical_id": canonical_id,
        },
        "git_committed": True,
    }
    about = json.loads(shop.file("dev/customer_survey_automation.wfo.json"))
    assert (about["canonical_id"], about["tags"]) == (canonical_id, ["surveys", "automation", "customers"])
    assert shop.state("environments/dev/mapping.json")["workflows"][created]["status"] == "linked"
    assert figures(shop.json("sync", "--environment", "dev")) == (4, 4, 4, 0, 0, 0)
    assert shop.json("drift", "--environment", "dev")["drift_status"] == "in_sync"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        pytest.param(("--workflow", "devpaymentgateway", "--direct"), 3, "already linked", id="not unmapped"),
        pytest.param(("--workflow", "gone", "--direct"), 3, "No workflow with the id", id="workflow gone"),
        pytest.param(
            ("--workflow", "new", "--slug", "payment_gateway", "--direct"), 3, "already exists", id="slug taken"
        ),
        pytest.param(
            ("--workflow", "new", "--file", "dev/payment_gateway.json", "--direct"),
            3,
            "already exists",
            id="file taken",
        ),
        pytest.param(("--workflow", "new", "--file", "../x.json", "--direct"), 3, "..", id="file outside"),
        pytest.param(("--workflow", "new", "--slug", "No Slug", "--direct"), 3, "no slug", id="no slug"),
        pytest.param(("--workflow", "new", "--branch", "x"), 2, "--direct", id="a branch for a pull request"),
        pytest.param(("--direct",), 2, "--all or --workflow", id="nothing named"),
        pytest.param(("--all", "--workflow", "new", "--direct"), 2, "--all or --workflow", id="both"),
        pytest.param(("--all", "--slug", "x", "--direct"), 2, "for one workflow", id="a slug for all"),
        pytest.param(("--workflow", "new", "--direct", "--branch", "none"), 2, "no branch none", id="unknown branch"),
    ],
)
def test_walkthrough_4_refusals_write_nothing(shop: Shop, arguments, code, told) -> None:
    shop.put("dev", example("customer_survey_automation"), id="new", active=True)
    before = shop.refs()
    ran = shop.run("onboard", "--environment", "dev", *arguments, code=code)
    assert told in ran.out + ran.err
    assert shop.refs() == before


def test_an_instance_is_onboarded_as_a_whole(empty_shop: Shop) -> None:
    for name in EXAMPLES:
        empty_shop.put("prod", example(name), active=True)
    empty_shop.put("prod", small("Draft"))
    empty_shop.instances["prod"].instance.archive(empty_shop.put("prod", small("Old")))
    document = empty_shop.json("onboard", "--all", "--direct")
    assert (document["workflows_onboarded"], len(document["files"])) == (4, 8)
    assert git("rev-list", "--count", "main", cwd=empty_shop.remote) == "2"
    assert sorted(files_of(empty_shop.checkout, "HEAD")) == sorted([*document["files"], "README.md", "workflowops.yml"])
    assert git("status", "--porcelain", cwd=empty_shop.checkout) == ""
    assert drift(empty_shop)["drift_status"] == "new"
    assert empty_shop.json("baseline")["environments"][0]["accepted"] == 4
    assert drift(empty_shop)["drift_status"] == "in_sync"
    assert empty_shop.json("validate")["problems"] == []


def test_without_a_baseline_drift_is_not_judged(empty_shop: Shop) -> None:
    workflow_id = empty_shop.put("prod", small())
    empty_shop.run("onboard", "--all", "--direct")
    empty_shop.instances["prod"].instance.edit_by_hand(workflow_id, with_url(HOT_FIX))
    document = empty_shop.json("drift", "--fail-on-drift")
    assert (document["drift_status"], document["workflows_drifted"]) == ("new", 0)
    assert document["environments"][0]["workflows"] == []


def test_a_baseline_needs_something_in_sync(empty_shop: Shop) -> None:
    empty_shop.put("prod", small())
    ran = empty_shop.run("baseline", code=3)
    assert "onboard" in ran.out
    assert empty_shop.json("baseline", code=3)["environments"][0]["accepted"] == 0


@pytest.mark.parametrize(("accept", "kind"), [("git", "modified"), ("live", "pending")])
def test_a_baseline_can_be_told_which_side_was_right(shop: Shop, accept, kind) -> None:
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    left_out = shop.json("baseline", "--environment", "prod")["environments"][0]["left_out"]
    assert [each["workflow_name"] for each in left_out] == ["Payment Gateway"]
    shop.run("baseline", "--environment", "prod", "--accept", accept)
    assert kinds(drift(shop)) == {"Payment Gateway": kind}


def edited_file(shop: Shop, url: str) -> dict[str, bytes]:
    path = "prod/payment_gateway.json"
    return {path: shop.file(path).replace(b"https://api.paymentprocessor.com/charge", url.encode())}


def test_git_ahead_is_pending_and_no_drift(shop: Shop) -> None:
    shop.commit(edited_file(shop, "https://reviewed.example.com"))
    document = shop.json("drift", "--fail-on-drift")
    assert document["drift_status"] == "in_sync"
    assert kinds(document["environments"][1]) == {"Payment Gateway": "pending"}
    change = document["environments"][1]["workflows"][0]["diff"]["node_changes"][0]
    assert change["old_value"] == "https://reviewed.example.com", "old is what Git declares"


def test_both_moved_is_a_conflict(shop: Shop) -> None:
    shop.commit(edited_file(shop, "https://reviewed.example.com"))
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    assert kinds(drift(shop, "--fail-on-drift", code=3)) == {"Payment Gateway": "conflict"}


def test_what_was_not_pushed_is_declared_by_the_checkout(shop: Shop) -> None:
    old = git("rev-parse", "HEAD", cwd=shop.checkout)
    shop.commit(edited_file(shop, "https://reviewed.example.com"), push=False)
    assert kinds(drift(shop)) == {"Payment Gateway": "pending"}
    assert drift(shop, "--ref", old)["workflows"] == []
    assert drift(shop, "--ref", "origin/main")["git_commit_sha"] == old


def test_a_commit_that_is_not_the_teams_is_looked_at_and_not_recorded(shop: Shop) -> None:
    """A pull request's checkout, or one that is behind."""
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    shop.commit(edited_file(shop, HOT_FIX), push=False)
    before = shop.refs()
    ran = shop.run("drift", "--json")
    assert kinds(ran.document["environments"][1]) == {}
    assert "Not recorded" in ran.err
    for command in (["sync"], ["baseline"]):
        assert "default branch" in shop.run(*command, code=3).err
    assert shop.refs() == before
    shop.run("sync", "--dry-run")
    assert shop.json("drift", "--ref", "origin/main", "--fail-on-drift", code=3)["workflows_drifted"] == 1


def test_activation_and_tags_are_told_with_both_values(shop: Shop) -> None:
    instance = shop.instances["prod"].instance
    instance.unpublish(shop.id_of("Payment Gateway"))
    instance.set_tags(shop.id_of("Customer Onboarding"), ["urgent", "crm"])
    report = drift(shop, "--fail-on-drift", code=3)
    assert kinds(report) == {"Customer Onboarding": "tags_changed", "Payment Gateway": "activation_changed"}
    tags, activation = sorted(report["workflows"], key=lambda each: each["workflow_name"])
    assert tags["tags"] == {"old_value": [], "new_value": ["crm", "urgent"]}
    assert activation["activation"] == {"old_value": True, "new_value": False}


def test_a_draft_ahead_of_what_runs_is_told_and_no_drift(shop: Shop) -> None:
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"), publish=False)
    report = drift(shop, "--fail-on-drift")
    assert (report["drift_status"], report["counts"]["draft_ahead"]) == ("in_sync", 1)
    assert [each["draft_ahead"] for each in report["workflows"]] == [True]


@pytest.mark.parametrize("how", ["delete", "archive"])
def test_what_is_gone_is_missing_and_that_is_proven(shop: Shop, how) -> None:
    workflow_id = shop.id_of("Payment Gateway")
    getattr(shop.instances["prod"].instance, how)(workflow_id)
    shop.instances["prod"].clear_requests()
    report = drift(shop, "--fail-on-drift", code=3)
    assert kinds(report) == {"Payment Gateway": "missing"}
    assert report["workflows"][0]["is_archived"] is (how == "archive")
    asked = [(each.path, each.status) for each in shop.instances["prod"].requests]
    assert ((f"/api/v1/workflows/{workflow_id}", 404) in asked) is (how == "delete")
    assert figures(shop.json("sync", "--environment", "prod"))[4] == 1


def test_layout_and_what_changes_by_itself_are_no_drift(shop: Shop) -> None:
    def moved(document):
        return {"nodes": [{**node, "position": [node["position"][0] + 80, 40]} for node in document["nodes"]]}

    shop.edit("Payment Gateway", moved)
    assert drift(shop)["workflows"] == []
    assert figures(shop.json("sync", "--environment", "prod")) == (3, 3, 3, 0, 0, 0)


def test_status_shows_what_the_last_check_found(shop: Shop) -> None:
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    shop.run("drift")
    for sandbox in shop.instances.values():
        sandbox.clear_requests()
    document = shop.json("status")
    (cells,) = [row["cells"] for row in document["workflows"] if row["slug"] == "payment_gateway"]
    assert {name: (cell["kind"], cell["drift"], cell["freshness"]) for name, cell in cells.items()} == {
        "dev": ("in_sync", "in_sync", "fresh"),
        "prod": ("drifted", "modified", "fresh"),
    }
    assert [each["drift_status"] for each in document["environments"]] == ["in_sync", "drift_detected"]
    assert all(sandbox.requests == [] for sandbox in shop.instances.values())
    assert "payment_gateway" in shop.run("status").out


def test_the_log_of_a_days_work_is_intact_and_a_forged_one_is_not(shop: Shop) -> None:
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    shop.run("drift")
    assert shop.json("audit", "verify")["intact"] is True
    path = next(path for path in files_of(shop.remote, "workflowops-state") if "/prod/audit/" in path)
    shop.write_state({path: files_of(shop.remote, "workflowops-state")[path].replace(b'"ada"', b'"eve"', 1)})
    document = shop.json("audit", "verify", code=3)
    assert {problem["path"] for problem in document["problems"]} == {path}
    assert "edited" in shop.run("audit", "verify", code=3).out or document["problems"][0]["fault"] == "edited"


def test_validate_reads_the_checkout_and_with_a_ref_the_commit(shop: Shop) -> None:
    (shop.checkout / "prod/broken.json").write_text("{")
    document = shop.json("validate", code=2)
    assert {problem["path"] for problem in document["problems"] if problem["severity"] == "error"} == {
        "prod/broken.json"
    }
    assert shop.json("validate", "--ref", "HEAD")["valid"] is True


def test_a_server_of_the_first_generation_is_served_too(tmp_path) -> None:
    with opened_shop(tmp_path / "shop", "prod", behave_like="1.123") as shop:
        for name in EXAMPLES:
            shop.put("prod", example(name), active=True)
        shop.run("onboard", "--all", "--direct")
        shop.run("baseline")
        assert drift(shop)["counts"]["in_sync"] == 3
        shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"), publish=False)
        assert kinds(drift(shop, "--fail-on-drift", code=3)) == {"Payment Gateway": "modified"}


def test_a_server_below_a_path_is_served_too(tmp_path) -> None:
    with opened_shop(tmp_path / "shop", "prod", path_prefix="/n8n") as shop:
        shop.put("prod", small())
        assert figures(shop.json("sync")) == (1, 0, 0, 1, 0, 0)


def test_a_checkout_as_actions_makes_it_is_enough(shop: Shop, tmp_path) -> None:
    """Shallow, and for a pull request detached."""
    shallow = Shop(tmp_path / "shallow", shop.instances)
    shallow.root.mkdir()
    (shallow.root / "remote.git").symlink_to(shop.remote)
    clone(shop.remote, shallow.checkout, depth=1)
    assert drift(shallow)["drift_status"] == "in_sync"
    shop.put("prod", small("Survey"))
    assert shallow.json("onboard", "--all", "--direct")["workflows_onboarded"] == 1
    assert git("status", "--porcelain", cwd=shallow.checkout) == ""
    git("checkout", "--quiet", "--detach", cwd=shallow.checkout)
    shop.put("prod", small("Another", url="https://api.example.com/another"))
    assert "--branch" in shallow.run("onboard", "--all", "--direct", code=2).err
    assert shallow.json("onboard", "--all", "--direct", "--branch", "main")["branch"] == "main"


def test_what_is_committed_to_a_branch_waits_for_its_merge(shop: Shop) -> None:
    git("branch", "onboarding", "main", cwd=shop.remote)
    shop.put("prod", small("Survey"))
    before = shop.refs()
    ran = shop.run("onboard", "--all", "--direct", "--branch", "onboarding")
    assert "waits for the merge" in ran.out
    after = shop.refs()
    assert {name for name in after if after[name] != before.get(name)} == {"refs/heads/onboarding"}
    git("update-ref", "refs/heads/main", "onboarding", cwd=shop.remote)
    git("pull", "--quiet", cwd=shop.checkout)
    assert figures(shop.json("sync", "--environment", "prod"))[2:4] == (4, 0)


def test_the_state_can_live_in_another_repository(shop: Shop, tmp_path) -> None:
    state = bare_remote(tmp_path, name="state.git")
    before = shop.refs()
    shop.put("prod", small("Survey"))
    document = shop.json("onboard", "--all", "--direct", "--state-remote", str(state))
    assert document["workflows_onboarded"] == 1
    after = shop.refs()
    assert {name for name in after if after[name] != before.get(name)} == {"refs/heads/main"}
    assert "prod/survey.json" in files_of(shop.remote, "main")
    assert "prod/survey.json" not in files_of(state, "main")
    assert "canonical.json" in files_of(state, "workflowops-state")


@pytest.fixture
def step(tmp_path, monkeypatch) -> Step:
    """Let commands run as steps of a job."""
    found = Step(tmp_path / "output", tmp_path / "summary")
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(found.output),
        "GITHUB_STEP_SUMMARY": str(found.summary),
        "GITHUB_ACTOR": "grace",
        "WORKFLOWOPS_ENVIRONMENT": "prod",
        "WORKFLOWOPS_DRY_RUN": "false",
        "WORKFLOWOPS_REF": "",
    }.items():
        monkeypatch.setenv(name, value)
    return found


def test_a_step_that_finds_drift_tells_the_next_one_and_fails(shop: Shop, step: Step, monkeypatch) -> None:
    monkeypatch.setenv("WORKFLOWOPS_FAIL_ON_DRIFT", "true")
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    ran = shop.run_in_a_step("drift", code=3)
    outputs = step.outputs()
    assert {name: outputs[name] for name in ("drift_status", "drift_detected", "workflows_drifted")} == {
        "drift_status": "drift_detected",
        "drift_detected": "true",
        "workflows_drifted": "1",
    }
    assert json.loads(outputs["result"])["environments"][0]["environment"] == "prod"
    assert "Payment Gateway" in step.summary.read_text()
    lines = ran.err.splitlines()
    assert lines.index("::group::Checking for drift") < lines.index("::endgroup::")
    assert json.loads(audit_of(shop).splitlines()[-1])["user_id"] == "grace"


def test_a_step_that_onboards_names_its_files_and_its_commit(shop: Shop, step: Step) -> None:
    shop.put("prod", small("Survey"))
    shop.run_in_a_step("onboard", "--all", "--direct")
    outputs = step.outputs()
    assert outputs["workflows_onboarded"] == "1"
    assert json.loads(outputs["files"]) == ["prod/survey.json", "prod/survey.wfo.json"]
    assert outputs["commit_sha"] == git("rev-parse", "main", cwd=shop.remote)


def test_a_step_that_validates_puts_problems_on_their_lines(shop: Shop, step: Step) -> None:
    (shop.checkout / "prod/broken.json").write_text('{\n  "nodes": [],\n  "connections": }\n')
    ran = shop.run("validate", code=2)
    annotations = [line for line in ran.err.splitlines() if line.startswith("::error file=prod/broken.json,line=3::")]
    assert len(annotations) == 1
    assert (step.outputs()["valid"], step.outputs()["problems"]) == ("false", "1")


@pytest.mark.parametrize("command", [each for each in COMMANDS_WITH_AN_ACTION if each != "comment"])
def test_a_step_has_the_outputs_that_its_action_promises(shop: Shop, step: Step, command) -> None:
    arguments = ("--all", "--dry-run") if command == "onboard" else ()
    shop.run(command, *arguments) if command == "validate" else shop.run_in_a_step(command, *arguments)
    assert set(step.outputs()) == set(read_action(command).outputs)
    assert step.summary.read_text().startswith("#")
