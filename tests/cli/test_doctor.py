"""`doctor` on the command line: every fault with its fix, one document, exit code 3 when broken, nothing written."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shop import Shop, Step, opened_shop, run, small

READING = ("workflow:list", "workflow:read", "credential:list")
HOOK = {
    "id": "n1", "name": "Hook", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
    "webhookId": "0f1e2d3c", "parameters": {"path": "orders", "httpMethod": "POST"},
}  # fmt: skip


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Two instances that hold nothing, and keys that can only read."""
    with opened_shop(tmp_path / "shop", "dev", "prod") as shop:
        for name, sandbox in shop.instances.items():
            key = sandbox.instance.add_key(*READING, key=f"eyJ-reading-{name}-0815")
            monkeypatch.setenv(f"N8N_{name.upper()}_API_KEY", key)
        yield shop


def checks(document: Any, subject: str) -> dict[str, Any]:
    return {each["id"]: each for each in document["checks"] if each["subject"] == subject}


def test_a_set_up_that_was_onboarded_is_not_broken_and_nothing_is_written(shop: Shop) -> None:
    before = shop.refs()
    document = shop.json("doctor", "--no-github")
    assert document["counts"]["broken"] == 0
    assert document["counts"]["unknown"] == 0
    assert {each["id"] for each in document["checks"] if each["verdict"] == "warning"} == {"n8n.excess"}
    assert shop.refs() == before


def test_a_fresh_set_up_works_and_is_told_what_comes_next(fresh: Shop) -> None:
    text = fresh.run("doctor", "--no-github").out
    assert "Nothing is broken." in text
    assert "Run `workflowops sync --environment dev`." in text
    assert fresh.refs().keys() == {"refs/heads/main"}


def test_no_instance_is_written_to_by_any_key(shop: Shop) -> None:
    shop.run("doctor", "--no-github")
    for sandbox in shop.instances.values():
        assert {each.method for each in sandbox.requests} <= {"GET"}


def test_a_missing_configuration_is_a_finding_and_points_to_init(fresh: Shop) -> None:
    document = fresh.json("doctor", "--config", "elsewhere.yml", code=3)
    (check,) = document["checks"]
    assert (check["id"], check["verdict"]) == ("configuration.file", "broken")
    assert "workflowops init" in check["fix"]


def test_an_invalid_configuration_is_a_finding_with_every_problem(fresh: Shop) -> None:
    (fresh.checkout / "workflowops.yml").write_text("version: 1\nenvironments:\n  dev: {url: x, api_key: literal}\n")
    document = fresh.json("doctor", code=3)
    (check,) = document["checks"]
    assert "workflowops validate" in check["fix"]
    assert all(detail.startswith("workflowops.yml:3:") for detail in check["details"])


def test_an_environment_that_does_not_exist_is_a_mistake_in_the_call(fresh: Shop) -> None:
    assert "No environment is called" in fresh.run("doctor", "--environment", "nowhere", code=2).err


@pytest.mark.parametrize(("variables", "check", "named"), [
    pytest.param({"N8N_DEV_URL": ""}, "n8n.settings", "N8N_DEV_URL", id="variable unset"),
    pytest.param({"N8N_DEV_URL": "n8n.example.com"}, "n8n.settings", "https://", id="no scheme"),
    pytest.param({"N8N_DEV_API_KEY": "nobody"}, "n8n.key", "401", id="key refused"),
    pytest.param({"N8N_DEV_URL": "http://nowhere.invalid"}, "n8n.answers", "cannot be resolved", id="no such host"),
])  # fmt: skip
def test_each_mistake_in_a_variable_breaks_one_check(fresh: Shop, monkeypatch, variables, check, named) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = checks(fresh.json("doctor", "--no-github", "--environment", "dev", code=3), "environment dev")
    assert [name for name, each in found.items() if each["verdict"] == "broken"] == [check]
    assert named in f"{found[check]['found']} {found[check]['fix']}"


def test_a_port_where_nobody_listens_is_told_as_refused(fresh: Shop, monkeypatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("N8N_DEV_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        found = checks(fresh.json("doctor", "--no-github", "--environment", "dev", code=3), "environment dev")
    assert "refused" in found["n8n.answers"]["found"]
    assert found["n8n.key"]["verdict"] == "skipped"


def test_a_page_for_people_is_no_n8n(fresh: Shop, monkeypatch) -> None:
    monkeypatch.setenv("N8N_DEV_URL", f"{fresh.instances['dev'].url}/elsewhere")
    found = checks(fresh.json("doctor", "--no-github", "--environment", "dev", code=3), "environment dev")
    assert found["n8n.answers"]["verdict"] == "broken"


def test_what_will_be_in_the_way_is_told(fresh: Shop) -> None:
    hook = {"nodes": [HOOK], "connections": {}}
    for _ in range(2):
        fresh.put("dev", {**small("Orders"), **hook})
    fresh.instances["dev"].instance.add_credential("Shop", "httpBasicAuth")
    fresh.instances["dev"].instance.add_credential("Shop", "httpBasicAuth")
    found = checks(fresh.json("doctor", "--no-github"), "environment dev")
    for name in ("n8n.names", "n8n.webhooks", "n8n.credentials"):
        assert found[name]["verdict"] == "warning", name
    assert found["n8n.webhooks"]["details"] == ["`POST /orders`: `Orders` (not active), `Orders` (not active)"]


def test_a_credential_that_the_next_stage_lacks_is_told(fresh: Shop) -> None:
    stages = b"pipelines:\n  default:\n    stages:\n      - environment: dev\n      - environment: prod\n"
    fresh.commit({"workflowops.yml": (fresh.checkout / "workflowops.yml").read_bytes() + stages})
    identity = fresh.instances["dev"].instance.add_credential("Shop", "httpBasicAuth")
    node = {**HOOK, "credentials": {"httpBasicAuth": {"id": identity, "name": "Shop"}}}
    fresh.put("dev", {**small("Orders"), "nodes": [node], "connections": {}})
    missing = checks(fresh.json("doctor", "--no-github"), "environment prod")["n8n.credentials.next"]
    assert missing["details"] == ["`Shop` (`httpBasicAuth`) is missing; 1 workflow uses it."]
    fresh.instances["prod"].instance.add_credential("Shop", "httpBasicAuth")
    there = checks(fresh.json("doctor", "--no-github"), "environment prod")["n8n.credentials.next"]
    assert there["verdict"] == "passed"


def test_github_that_is_not_configured_is_unknown_and_not_in_order(fresh: Shop) -> None:
    document = fresh.json("doctor")
    assert checks(document, "repository")["github.settings"]["verdict"] == "unknown"
    assert document["status"] == "unknown"


def test_a_step_tells_its_outputs_its_summary_and_what_is_broken(fresh: Shop, monkeypatch, tmp_path) -> None:
    step = Step(tmp_path / "output", tmp_path / "summary")
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": step.output, "GITHUB_STEP_SUMMARY": step.summary}
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("N8N_DEV_API_KEY", "nobody")
    ran = fresh.run("doctor", "--no-github", code=3)
    outputs = step.outputs()
    assert (outputs["doctor_status"], outputs["checks_broken"]) == ("broken", "1")
    assert "::error" in ran.err
    assert "Something is broken." in step.summary.read_text(encoding="utf-8")


def test_a_folder_that_is_no_repository_is_told_and_the_instances_are_looked_at_all_the_same(
    fresh: Shop, monkeypatch, tmp_path
) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "workflowops.yml").write_bytes((fresh.checkout / "workflowops.yml").read_bytes())
    with contextlib.chdir(tmp_path / "plain"):
        ran = run("doctor", "--no-github", "--json")
    assert ran.code == 3, str(ran)
    broken = [each for each in ran.document["checks"] if each["verdict"] == "broken"]
    assert [each["subject"] for each in broken] in (["state"], ["configuration"])


@pytest.mark.parametrize("variables", [
    pytest.param({"GITHUB_REPOSITORY": "nonsense"}, id="no repository"),
    pytest.param({"GITHUB_API_URL": "no-address"}, id="no address"),
])  # fmt: skip
def test_a_mistake_about_github_breaks_that_check_and_the_instances_are_looked_at_all_the_same(
    fresh: Shop, monkeypatch, variables
) -> None:
    for name, value in {"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "acme/flows", **variables}.items():
        monkeypatch.setenv(name, value)
    document = fresh.json("doctor", code=3)
    assert checks(document, "repository")["github.settings"]["verdict"] == "broken"
    assert checks(document, "environment dev")["n8n.key"]["verdict"] == "passed"
    assert checks(document, "state")["state.branch"]["verdict"] == "warning"
