"""The workflow files of promotions in a real runner, with steps that tell what they were given."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.actions.contract import packaged_workflows
from tests.actions.runner import ACT, Repository, Run, make_repository

pytestmark = [pytest.mark.act, pytest.mark.skipif(ACT is None, reason="act is not installed")]

WORKFLOWS = {Path(workflow.where).stem.removeprefix("workflowops-"): workflow for workflow in packaged_workflows()}
STAGING = {"promotion_id": "promo-7", "environment": "staging", "status": "approved", "plan_digest": "0" * 64}
PROD = {"promotion_id": "promo-8", "environment": "prod", "status": "pending_approval", "plan_digest": "1" * 64}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return make_repository(tmp_path_factory.mktemp("promotion"), files={"README.md": "Workflows\n"})


def with_steps(name: str, steps: Mapping[str, list[dict[str, Any]]]) -> str:
    """The file with other steps, and without what act does not know: groups and environments."""
    document = dict(WORKFLOWS[name].document)
    triggers = document.pop(True)
    jobs = {job: {**content, "steps": steps[job]} for job, content in document["jobs"].items()}
    for job in jobs.values():
        job.pop("concurrency", None)
        job.pop("environment", None)
    return yaml.safe_dump({"on": triggers, **document, "jobs": jobs}, sort_keys=False)


def told(**given: str) -> list[dict[str, Any]]:
    return [{"run": "echo told: " + " ".join(f'"${name}"' for name in given), "env": given}]


def planned(output: str, *, code: int = 0) -> list[dict[str, Any]]:
    """A plan step with that output and exit code."""
    script = f'printf \'promotions=%s\\n\' "$PROMOTIONS" >> "$GITHUB_OUTPUT"; echo planned; exit {code}'
    return [{"id": "plan", "run": script, "env": {"PROMOTIONS": output}}]


APPLY = told(ID="${{ matrix.promotion.promotion_id }}", TARGET="${{ matrix.promotion.environment }}")


def applied(run: Run) -> set[str]:
    return {line.removeprefix("told: ") for line in run.shown().splitlines() if line.startswith("told: ")}


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        pytest.param(json.dumps([STAGING]), 0, {"promo-7 staging"}, id="one"),
        pytest.param(json.dumps([STAGING, PROD]), 0, {"promo-7 staging", "promo-8 prod"}, id="two targets"),
        pytest.param("[]", 0, set(), id="none"),
        pytest.param("", 1, set(), id="the plan failed"),
        pytest.param(json.dumps([STAGING]), 3, {"promo-7 staging"}, id="another target is blocked"),
    ],
)
def test_each_promotion_of_a_merge_is_carried_out_in_a_job_of_its_own(repository, output, code, expected) -> None:
    run = repository.run(with_steps("promote", {"plan": planned(output, code=code), "apply": APPLY}))
    assert "planned" in run.shown(), run.text
    assert applied(run) == expected, run.text


def test_a_promotion_is_carried_out_by_hand_without_planning_anew(repository) -> None:
    payload = {"inputs": {"promotion": "promo-9", "environment": "prod"}}
    workflow = with_steps("promote", {"plan": planned("[]"), "apply": APPLY})
    run = repository.run(workflow, event="workflow_dispatch", payload=payload)
    assert "planned" not in run.shown()
    assert applied(run) == {"promo-9 prod"}, run.text


def test_what_somebody_types_in_is_one_text(repository) -> None:
    payload = {"inputs": {"promotion": 'promo-9", "environment": "dev', "environment": "prod"}}
    workflow = with_steps("promote", {"plan": planned("[]"), "apply": APPLY})
    run = repository.run(workflow, event="workflow_dispatch", payload=payload)
    assert applied(run) == {'promo-9", "environment": "dev prod'}, run.text


def pull_request(repository_name: str = "o/r", **more: Any) -> dict[str, Any]:
    return {
        "action": "labeled" if "label" in more else "opened",
        "number": 7,
        "pull_request": {"number": 7, "head": {"repo": {"full_name": repository_name}}},
        "repository": {"full_name": "o/r", "default_branch": "main"},
    } | more


@pytest.mark.parametrize(
    ("payload", "starts"),
    [
        pytest.param(pull_request(), True, id="opened"),
        pytest.param(pull_request("mallory/r"), False, id="of a fork"),
        pytest.param(pull_request(label={"name": "workflowops:allow-overwriting-hotfixes"}), True, id="our label"),
        pytest.param(pull_request(label={"name": "bug"}), False, id="another label"),
    ],
)
def test_a_preview_starts_for_what_may_change_it(repository, payload, starts) -> None:
    run = repository.run(with_steps("preview", {"preview": told(X="preview")}), event="pull_request", payload=payload)
    assert bool(applied(run)) == starts, run.text
