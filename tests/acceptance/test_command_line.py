"""The command line on a server full of real workflows: onboard, sync, baseline, a hot fix, drift."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.documents import HTTP_REQUEST, Document, body_of, node, schedule, targets, unique, workflow
from tests.acceptance.servers import RealServer, SandboxServer, Server, answered
from tests.cli.shop import alone, run
from tests.git_repositories import bare_remote, clone, commit_files

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
KEY = "N8N_ACCEPTANCE_KEY"
AT_LEAST = 100

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the repository")


@dataclass(frozen=True, slots=True)
class Team:
    """A checkout of a team that has one instance under Git."""

    checkout: Path
    server: Server

    def json(self, *arguments: str, code: int = 0) -> Any:
        """Run a command, which must end with the exit code, and answer its document."""
        with contextlib.chdir(self.checkout):
            ran = run(*arguments, "--json")
        assert ran.code == code, str(ran)
        return ran.document

    def drift(self, *, code: int = 0) -> Any:
        """Check for drift and answer the one environment's part of the report."""
        return self.json("drift", "--fail-on-drift", code=code)["environments"][0]


@pytest.fixture(scope="module")
def team(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A server of its own kind with real workflows on it, all of them onboarded, with a baseline."""
    root = tmp_path_factory.mktemp("team")
    with pytest.MonkeyPatch.context() as patch, own(server) as mine:
        alone(patch, tmp_path_factory.mktemp("home"))
        patch.setenv(KEY, str(mine.api.headers["X-N8N-API-KEY"]))
        fill(mine)
        text = f"version: 1\nenvironments:\n  prod:\n    url: {mine.url}\n    api_key: ${{{KEY}}}\n"
        remote = bare_remote(root, files={"workflowops.yml": text.encode()})
        made = Team(clone(remote, root / "checkout"), mine)
        count = len(listed(mine))
        assert made.json("sync")["workflows_unmapped"] == count
        assert made.json("onboard", "--all", "--direct", "--allow-secrets")["workflows_onboarded"] == count
        synced = made.json("sync")
        assert (synced["workflows_linked"], synced["workflows_skipped"], synced["errors"]) == (count, count, 0)
        assert made.json("baseline")["environments"][0]["accepted"] == count
        yield made


@contextlib.contextmanager
def own(server: Server) -> Iterator[Server]:
    """A sandbox is cheap, so this suite gets one of its own; a real n8n is shared with what other tests left on it."""
    if isinstance(server, RealServer):
        yield server
        return
    with SandboxServer(server.generation) as made:
        yield made


def listed(server: Server) -> list[Document]:
    """Every workflow that is not archived."""
    found: list[Document] = []
    cursor: str | None = None
    while True:
        query = {"limit": "250", **({"cursor": cursor} if cursor else {})}
        page = answered(server.api.get("/workflows", params=query))
        found += [each for each in page["data"] if not each.get("isArchived")]
        cursor = page["nextCursor"]
        if cursor is None:
            return found


def fill(server: Server) -> None:
    """Put real workflows on the server until there are enough of them, as far as the server takes them."""
    for path in sorted(CORPUS.rglob("*.json")):
        document = json.loads(path.read_bytes())
        body = {"name": document.get("name") or path.stem, "nodes": document["nodes"], "settings": {}}
        server.api.post("/workflows", json={**body, "connections": document["connections"]})
    assert len(listed(server)) >= AT_LEAST


def calling_out(url: str) -> Document:
    """A workflow that calls an address."""
    call = node("Call", HTTP_REQUEST, typeVersion=4.2, position=(200, 0), parameters={"url": url, "options": {}})
    return workflow(unique("Calls out"), schedule(), call, connections={"Start": {"main": [targets("Call")]}})


def onboarded(team: Team, document: Document) -> tuple[Document, list[str]]:
    """Create one more workflow and put it under Git; answers it and its files."""
    made = team.server.new(document)
    outcome = team.json("onboard", "--workflow", str(made["id"]), "--direct")
    assert outcome["workflows_onboarded"] == 1
    return made, outcome["files"]


def test_real_workflows_are_in_sync_after_a_baseline(team: Team) -> None:
    report = team.drift()
    assert report["drift_status"] == "in_sync"
    assert report["counts"]["in_sync"] >= AT_LEAST
    assert report["workflows"] == []


def test_a_hot_fix_is_the_only_drift_and_is_told_field_by_field(team: Team) -> None:
    made, _ = onboarded(team, calling_out("https://api.example.com/charge"))
    fixed = calling_out("https://api-new.example.com/charge")["nodes"][1]["parameters"]
    nodes = [each | {"parameters": fixed} if each["name"] == "Call" else each for each in made["nodes"]]
    answered(team.server.put(made["id"], body_of(made, nodes=nodes)))

    report = team.drift(code=3)
    (workflow_drift,) = report["workflows"]
    assert (workflow_drift["workflow_id"], workflow_drift["kind"]) == (made["id"], "modified")
    (change,) = workflow_drift["diff"]["node_changes"]
    assert change["fields_changed"] == ["parameters.url"]
    assert (change["old_value"], change["new_value"]) == (
        "https://api.example.com/charge",
        "https://api-new.example.com/charge",
    )

    answered(team.server.put(made["id"], body_of(made)))
    assert team.drift()["drift_status"] == "in_sync"


def test_a_deleted_workflow_is_missing_until_git_deletes_it_too(team: Team) -> None:
    made, files = onboarded(team, calling_out("https://api.example.com/gone"))
    answered(team.server.api.delete(f"/workflows/{made['id']}"))
    report = team.drift(code=3)
    assert [(each["workflow_id"], each["kind"]) for each in report["workflows"]] == [(made["id"], "missing")]

    commit_files(team.checkout, dict.fromkeys(files))
    assert team.drift()["workflows"] == []


def test_a_key_that_stopped_working_makes_the_instance_unknown_and_never_in_sync(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "not-a-key")
    report = team.json("drift", code=4)["environments"][0]
    assert report["drift_status"] == "unknown"
    assert report["counts"]["in_sync"] == 0
    assert "401" in report["problems"][0] or "key" in report["problems"][0]
