"""What must not leave: keys, personal data, secrets; and a dry run that writes nothing at all."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.shop import HOT_FIX, Shop, Template, alone, example, key_of, small, with_url
from tests.git_repositories import files_of, git
from tests.test_architecture import SOURCE, loaded_modules

from workflowops.core.listing import ListedWorkflow, parse_workflow
from workflowops.core.observation import live_document
from workflowops.core.workflow_file import render_workflow
from workflowops.io.n8n import exchange

MAIL = "sandy.owner@example.com"
# Pieced together, so that no scanner takes this file for a leak.
TOKEN = "gh" + "p_" + "16C7e42F292c6912E7710c838347Ae178B4a"
A_DAY = (
    ("sync",),
    ("onboard", "--all", "--direct"),
    ("baseline",),
    ("drift",),
    ("drift", "--show-ignored"),
    ("status",),
    ("audit", "verify"),
    ("validate",),
)


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that a day's work printed, and everything that it wrote to the remote."""

    told: str
    written: bytes
    owner_id: str


@pytest.fixture(scope="module")
def day(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Run every command, with and without --json, with read-only keys; then let an instance fail in two ways."""
    with pytest.MonkeyPatch.context() as patch:
        alone(patch, tmp_path_factory.mktemp("home"))
        patch.setattr(exchange, "_FIRST_WAIT", 0.0)
        with template.copy(tmp_path_factory.mktemp("day")) as shop:
            sandbox = shop.instances["prod"]
            shop.put("prod", example("customer_survey_automation"), active=True)
            shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
            gone = shop.id_of("Customer Onboarding")
            assert MAIL in json.dumps(sandbox.instance.document(gone)), "n8n sends whose workflow it is"
            sandbox.instance.delete(gone)
            for name, each in shop.instances.items():
                each.instance.store.keys[key_of(name)] = frozenset({"workflow:list", "workflow:read"})
            ran = [shop.run(*command, *more) for command in A_DAY for more in ((), ("--json",))]
            del sandbox.instance.store.keys[key_of("prod")]
            ran += [shop.run(command, code=4) for command in ("drift", "sync")]
            sandbox.stop()
            ran += [shop.run(command, code=4) for command in ("drift", "sync")]
            told = "".join(each.out + each.err for each in ran)
            yield Day(told, shop.everything_written(), sandbox.instance.store.owner.user_id)


@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_a_key_is_told_nowhere(day: Day, environment) -> None:
    assert key_of(environment) not in day.told
    assert key_of(environment).encode() not in day.written


@pytest.mark.parametrize("personal", [MAIL, "Sandy", "projectId", "workflow:owner", '"shared":'])
def test_whose_workflow_it_is_reaches_no_file(day: Day, personal) -> None:
    assert personal not in day.told
    assert personal.encode() not in day.written
    assert day.owner_id.encode() not in day.written


PERSONAL = st.sampled_from(
    [
        {"shared": [{"role": "workflow:owner", "project": {"name": f"Sandy Owner <{MAIL}>"}}]},
        {"homeProject": {"name": f"Sandy <{MAIL}>"}},
        {"owner": {"email": MAIL}},
        {"ownedBy": {"email": MAIL}},
        {"sharedWithProjects": [{"name": MAIL}]},
        {"meta": {"author": MAIL}},
        {"pinData": {"Begin": [{"json": {"email": MAIL}}]}},
        {"staticData": {"global": {"lastUser": MAIL}}},
        {"description": MAIL},
        {"activeVersion": {"authors": MAIL}},
        {"scopes": [MAIL]},
        {"someFutureKey": {"deep": [MAIL]}},
    ]
)


@given(parts=st.lists(PERSONAL, min_size=1, max_size=4))
def test_nothing_personal_that_n8n_sends_is_kept(parts) -> None:
    """Whatever n8n adds to a workflow, only what is on the allow-list comes through."""
    body: dict[str, Any] = {**small(), "id": "w0", "active": True, "tags": [], "isArchived": False}
    for part in parts:
        body |= part
    if "activeVersion" in body:
        body["activeVersion"] |= {"nodes": body["nodes"], "connections": body["connections"]}
    listed = parse_workflow(json.dumps(body).encode())
    assert isinstance(listed, ListedWorkflow)
    assert MAIL not in render_workflow(live_document(listed)).decode()


def test_what_looks_like_a_secret_is_masked_wherever_it_is_shown(shop: Shop) -> None:
    def leak(document):
        for node in document["nodes"]:
            if node["name"] == "Call Payment API":
                node["parameters"]["options"] = {"headers": {"authorization": f"Bearer {TOKEN}"}}
        return {"nodes": document["nodes"]}

    shop.edit("Payment Gateway", leak)
    for arguments in (["drift"], ["drift", "--json"], ["sync"], ["status", "--json"], ["baseline", "--json"]):
        ran = shop.run(*arguments)
        assert TOKEN not in ran.out + ran.err
    assert TOKEN.encode() not in shop.everything_written()


def test_a_secret_stops_onboarding_and_is_not_told(empty_shop: Shop) -> None:
    document = small("Leaking")
    document["nodes"][1]["parameters"]["options"] = {"headers": {"authorization": f"Bearer {TOKEN}"}}
    empty_shop.put("prod", document)
    empty_shop.put("prod", small("Harmless", url="https://api.example.com/harmless"))
    ran = empty_shop.run("onboard", "--all", "--direct", code=3)
    assert "Leaking" in ran.out
    assert TOKEN not in ran.out + ran.err
    assert TOKEN.encode() not in empty_shop.everything_written()
    assert "prod/harmless.json" in files_of(empty_shop.remote, "main")
    empty_shop.run("onboard", "--all", "--direct", "--allow-secrets")
    assert TOKEN.encode() in empty_shop.file("prod/leaking.json")


@pytest.mark.parametrize(
    "command",
    [
        ("sync",),
        ("onboard", "--all"),
        ("onboard", "--all", "--direct"),
        ("onboard", "--workflow", "new", "--slug", "survey"),
        ("baseline",),
        ("baseline", "--accept", "live"),
        ("drift",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
def test_a_dry_run_writes_nothing_of_any_kind(shop: Shop, command, more) -> None:
    shop.put("prod", small("Survey"), id="new")
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    before, head = shop.refs(), git("rev-parse", "HEAD", cwd=shop.checkout)
    documents = {name: sandbox.instance.ids() for name, sandbox in shop.instances.items()}
    for sandbox in shop.instances.values():
        sandbox.clear_requests()
    shop.run(*command, *more, "--dry-run")
    assert shop.refs() == before
    assert git("rev-parse", "HEAD", cwd=shop.checkout) == head
    assert git("status", "--porcelain", cwd=shop.checkout) == ""
    assert {name: sandbox.instance.ids() for name, sandbox in shop.instances.items()} == documents
    methods = {each.method for sandbox in shop.instances.values() for each in sandbox.requests}
    assert methods == {"GET"}


@pytest.mark.parametrize("command", A_DAY, ids=" ".join)
def test_no_command_ever_writes_to_n8n(shop: Shop, command) -> None:
    shop.put("prod", small("Survey"))
    for sandbox in shop.instances.values():
        sandbox.clear_requests()
    shop.run(*command)
    assert {each.method for sandbox in shop.instances.values() for each in sandbox.requests} <= {"GET"}


@pytest.mark.parametrize("command", A_DAY, ids=" ".join)
def test_json_is_one_document_and_everything_else_is_on_standard_error(shop: Shop, command, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    shop.put("prod", small("Survey"))
    ran = shop.run_in_a_step(*command, "--json") if command[0] != "validate" else shop.run(*command, "--json")
    assert isinstance(ran.document, dict)
    assert ran.out.count("\n{") == 0


def test_a_check_that_finds_nothing_loads_nothing_heavy(shop: Shop, tmp_path) -> None:
    shop.run("drift")
    loaded = loaded_modules(["drift", "--json"], folder=shop.checkout)
    assert {"httpx", "yaml", "msgspec"} <= loaded
    assert loaded & {"deepdiff", "detect_secrets", "github", "requests", "jsonschema", "workflowops.sandbox"} == set()


def test_the_program_needs_nothing_of_the_folder_it_works_in(shop: Shop) -> None:
    """A stranger's pull request may hold a json.py."""
    for name in ("json", "click", "workflowops", "httpx"):
        (shop.checkout / f"{name}.py").write_text("raise SystemExit('taken from the checkout')\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workflowops", "validate"],
        cwd=shop.checkout,
        env={"PYTHONPATH": str(SOURCE), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
