"""Every action does what its README promises, in a real runner, against the sandbox."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.actions.contract import ROOT, Action, example_workflows, read_action
from tests.actions.runner import ACT, Run
from tests.actions.world import CONFIGURATION, World, comment_payload, made_world

pytestmark = [pytest.mark.act, pytest.mark.skipif(ACT is None, reason="act is not installed")]

EXAMPLES = {Path(example.where.split()[0]).parent.name: example.text for example in example_workflows()}
# What an action with `command` inside does when it stands in a job of its own.
ONE_STEP = """\
on: push
permissions: {{}}
jobs:
  only:
    runs-on: ubuntu-latest
    permissions:
      contents: write
    env:
      N8N_PROD_URL: ${{{{ vars.N8N_PROD_URL }}}}
      N8N_PROD_API_KEY: ${{{{ {key}.N8N_PROD_API_KEY }}}}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
{steps}
"""
ECHO_KEY = """
      - run: echo "the key is $N8N_PROD_API_KEY"
        if: always()
"""


def step(step_id: str, **inputs: str) -> str:
    """A step that uses the action of the root."""
    lines = [f"          {name}: {json.dumps(value)}" for name, value in inputs.items()]
    return "\n".join(
        [f"      - id: {step_id}", "        uses: OWNER/workflowops@FULL_COMMIT_SHA", "        with:", *lines]
    )


def without_github(example: str) -> str:
    """A README's example where a folder stands in for GitHub's issues; there is no GitHub in these jobs."""
    assert example.count("\n    env:\n") == 1
    return example.replace("\n    env:\n", "\n    env:\n      WORKFLOWOPS_ISSUES_FOLDER: issues\n")


@dataclass(frozen=True, slots=True)
class Job:
    """Runs workflows in a world, with its key as a secret and its address as a variable."""

    world: World

    def run(self, workflow: str, **arguments: Any) -> Run:
        return self.world.repository.run(
            workflow,
            secrets={"N8N_PROD_API_KEY": self.world.api_key},
            variables={"N8N_PROD_URL": self.world.url} | dict(arguments.pop("variables", {})),
            **arguments,
        )

    def run_steps(self, *steps: str, key: str = "secrets", **arguments: Any) -> Run:
        return self.run(ONE_STEP.format(steps="\n".join(steps), key=key), **arguments)


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    with made_world(tmp_path) as world:
        yield world


@pytest.fixture
def job(world) -> Job:
    """n8n has two workflows, Git none."""
    return Job(world)


@pytest.fixture
def managed(job) -> Job:
    """Both workflows are in Git, and that is the baseline."""
    run = job.run_steps(
        step("onboard", command="onboard", environment="prod", all="true", direct="true"),
        step("baseline", command="baseline"),
    )
    assert run.succeeded, run.text
    return job


def assert_outputs_are_the_documented(run: Run, name: str, action: Action) -> None:
    assert set(run.outputs(name)) == set(action.outputs)
    assert isinstance(json.loads(run.outputs(name)["result"]), dict)


def test_validate_passes_a_sound_repository(managed) -> None:
    run = managed.run(EXAMPLES["validate"])
    assert run.succeeded, run.text
    assert_outputs_are_the_documented(run, "validate", read_action("validate"))
    assert run.outputs("validate")["valid"] == "true"
    assert run.outputs("validate")["problems"] == "0"


def test_validate_annotates_the_line_of_every_problem(job, world) -> None:
    world.repository.commit(
        {
            "workflowops.yml": CONFIGURATION.replace("${N8N_PROD_API_KEY}", "a-literal-key"),
            "prod/broken.json": '{\n  "nodes": [,]\n}\n',
        }
    )
    run = job.run(EXAMPLES["validate"])
    assert run.exit_code("validate") == 2
    assert not run.succeeded
    assert run.outputs("validate")["valid"] == "false"
    places = {(note.properties.get("file"), note.properties.get("line")) for note in run.annotations("validate")}
    assert ("workflowops.yml", "6") in places
    assert "workflowops.yml" in run.summary("validate")


def test_sync_records_what_n8n_has(job, world) -> None:
    run = job.run(without_github(EXAMPLES["sync"]))
    assert run.succeeded, run.text
    assert_outputs_are_the_documented(run, "sync", read_action("sync"))
    outputs = run.outputs("sync")
    assert (outputs["workflows_unmapped"], outputs["workflows_linked"], outputs["errors"]) == ("2", "0", "0")
    assert set(json.loads(outputs["created_workflow_ids"])) <= set(world.ids.values())
    assert "environments/prod/mapping.json" in world.repository.files("workflowops-state")
    assert outputs["unmapped_issues"] == "[1]"
    assert "2 workflows have no file in Git." in run.text
    assert "Production" in run.summary("sync")


def test_onboard_proposes_the_workflow_that_was_asked_for(job, world) -> None:
    run = job.run(
        without_github(EXAMPLES["onboard"]),
        event="workflow_dispatch",
        payload={"inputs": {"workflow": world.ids["Orders"], "slug": "all_orders"}},
    )
    assert run.succeeded, run.text
    assert_outputs_are_the_documented(run, "onboard", read_action("onboard"))
    outputs = run.outputs("onboard")
    assert (outputs["workflows_proposed"], outputs["workflows_onboarded"]) == ("1", "0")
    assert (outputs["pull_request"], outputs["workflows_refused"]) == ("1", "0")
    assert outputs["branch"] == "workflowops/onboard-prod-all_orders"
    assert set(json.loads(outputs["files"])) == {"prod/all_orders.json", "prod/all_orders.wfo.json"}
    assert outputs["commit_sha"] == world.repository.git("rev-parse", outputs["branch"], folder=world.repository.remote)
    assert set(world.repository.files(outputs["branch"])) >= set(json.loads(outputs["files"]))
    assert not set(world.repository.files("main")) & set(json.loads(outputs["files"]))


def test_drift_is_quiet_when_n8n_runs_what_git_says(managed) -> None:
    run = managed.run(without_github(EXAMPLES["drift"]), event="schedule")
    assert run.succeeded, run.text
    assert_outputs_are_the_documented(run, "drift", read_action("drift"))
    outputs = run.outputs("drift")
    assert (outputs["drift_status"], outputs["drift_detected"]) == ("in_sync", "false")
    assert outputs["workflows_drifted"] == "0"
    assert not [note for note in run.annotations("drift") if note.level == "error"]


def test_drift_shows_a_hot_fix_and_fails_the_job(managed, world) -> None:
    world.put("Orders", url="https://api.example.com/v2/orders")
    wanted = {"command": "drift", "fail-on-drift": "true", "incidents": "false"}
    run = managed.run_steps(step("drift", **wanted))
    assert run.exit_code("drift") == 3
    assert not run.succeeded
    assert_outputs_are_the_documented(run, "drift", read_action("drift"))
    outputs = run.outputs("drift")
    assert (outputs["drift_status"], outputs["drift_detected"]) == ("drift_detected", "true")
    assert (outputs["incidents_opened"], outputs["incident_numbers"]) == ("0", "[]")
    assert outputs["workflows_drifted"] == "1"
    (environment,) = json.loads(outputs["result"])["environments"]
    (workflow,) = environment["workflows"]
    assert (workflow["workflow_name"], workflow["kind"]) == ("Orders", "modified")
    for told in ["Orders", "Get orders", "url", "v2"]:
        assert told in run.summary("drift")
    assert run.annotations("drift")


def test_drift_that_could_not_be_judged_is_unknown_and_never_in_sync(managed) -> None:
    run = managed.run(
        without_github(EXAMPLES["drift"]), event="schedule", variables={"N8N_PROD_URL": "http://127.0.0.1:9"}
    )
    assert run.exit_code("drift") == 4
    assert run.outputs("drift")["drift_status"] == "unknown"
    assert json.loads(run.outputs("drift")["result"])["environments"][0]["counts"]["in_sync"] == 0
    assert "not checked" in run.summary("drift").lower()


def test_a_comment_on_an_issue_that_is_no_incident_is_left_alone_in_silence(managed, world) -> None:
    """The mark of an incident, copied into somebody's own issue, starts a job; it is not believed."""
    before = world.repository.git("rev-parse", "workflowops-state", folder=world.repository.remote)
    run = managed.run(EXAMPLES["comment"], event="issue_comment", payload=comment_payload("/close"))
    assert run.succeeded, run.text
    assert_outputs_are_the_documented(run, "comment", read_action("comment"))
    assert run.outputs("comment")["incident"] == ""
    assert world.repository.git("rev-parse", "workflowops-state", folder=world.repository.remote) == before


def test_the_root_action_runs_baseline_and_status(managed) -> None:
    run = managed.run_steps(step("baseline", command="baseline"), step("status", command="status"))
    assert run.succeeded, run.text
    documented = {"baseline": {"result"}, "status": set(read_action("status").outputs)}
    for name, outputs in documented.items():
        assert isinstance(json.loads(run.outputs(name)["result"]), dict)
        assert set(run.outputs(name)) == outputs


def test_the_root_action_refuses_any_other_command(job) -> None:
    run = job.run_steps(step("demo", command="demo; touch pwned"))
    assert run.exit_code("demo") == 2
    (note,) = run.annotations("demo")
    assert "must be one of sync, drift" in note.text


def test_a_key_is_masked_although_github_does_not_know_that_it_is_one(job, world) -> None:
    run = job.run_steps(
        step("sync", command="sync", issues="false"),
        ECHO_KEY,
        key="vars",
        variables={"N8N_PROD_API_KEY": world.api_key},
    )
    assert run.masks("sync") == {world.api_key}
    assert "the key is ***" in run.shown()
    assert world.api_key not in run.shown()


def test_a_dry_run_writes_nothing(job, world) -> None:
    before = world.repository.git("for-each-ref", folder=world.repository.remote)
    run = job.run_steps(step("onboard", **{"command": "onboard", "all": "true", "direct": "true", "dry-run": "true"}))
    assert run.succeeded, run.text
    after = world.repository.git("for-each-ref", folder=world.repository.remote)
    workflow_commit = world.repository.git("rev-parse", "HEAD")
    assert [line.split()[1:] for line in after.splitlines()] == [line.split()[1:] for line in before.splitlines()]
    assert workflow_commit in after


def test_the_work_tree_of_the_action_stays_as_it_was(job, world) -> None:
    def listing() -> list[str]:
        return sorted(str(path) for path in world.repository.tree.rglob("*"))

    before = listing()
    assert job.run(without_github(EXAMPLES["sync"])).succeeded
    assert listing() == before
    assert not list((ROOT / "src").rglob("*.egg-info"))
