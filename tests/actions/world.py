"""A repository and the n8n that it is configured for, with two workflows in n8n and none in Git."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.actions.contract import ROOT
from tests.actions.runner import Repository, make_repository, runner_environment

from workflowops.sandbox import Sandbox

CONFIGURATION = """\
version: 1
environments:
  prod:
    title: Production
    url: ${N8N_PROD_URL}
    api_key: ${N8N_PROD_API_KEY}
    folder: prod
"""


def workflow_document(name: str, *, url: str = "https://api.example.com/orders") -> dict[str, Any]:
    """A workflow of two nodes that n8n accepts as it is."""
    return {
        "name": name,
        "nodes": [
            {
                "id": "11111111-1111-4111-8111-111111111111",
                "name": "When clicked",
                "type": "n8n-nodes-base.manualTrigger",
                "typeVersion": 1,
                "position": [0, 0],
                "parameters": {},
            },
            {
                "id": "22222222-2222-4222-8222-222222222222",
                "name": "Get orders",
                "type": "n8n-nodes-base.httpRequest",
                "typeVersion": 4.2,
                "position": [220, 0],
                "parameters": {"url": url, "options": {}},
            },
        ],
        "connections": {"When clicked": {"main": [[{"node": "Get orders", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1"},
    }


def comment_payload(text: str, *, number: int = 8, login: str = "ada") -> dict[str, Any]:
    """What GitHub sends for a comment on an issue that bears the mark of an incident."""
    address = f"https://github.com/o/r/issues/{number}"
    person = {"login": login, "type": "User"}
    return {
        "action": "created",
        "issue": {
            "number": number,
            "html_url": address,
            "title": "Drift in Production",
            "body": "<!-- workflowops:incident 4711 -->",
            "labels": [{"name": "workflowops:incident"}],
            "state": "open",
            "user": person,
        },
        "comment": {
            "id": 4711,
            "html_url": f"{address}#issuecomment-4711",
            "body": text,
            "user": person,
            "created_at": "2026-01-14T15:25:00Z",
        },
        "repository": {"full_name": "o/r", "default_branch": "main"},
        "sender": person,
    }


@dataclass(frozen=True, slots=True)
class World:
    """`ids` are the n8n ids of the workflows by name."""

    repository: Repository
    url: str
    api_key: str
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The environment in which the program finds this n8n."""
        return runner_environment(self.repository.home) | {
            "N8N_PROD_URL": self.url,
            "N8N_PROD_API_KEY": self.api_key,
        }

    def run(self, *arguments: str) -> None:
        """Run the program in the clone, as somebody does at a desk."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "workflowops", *arguments],
            cwd=self.repository.clone,
            env=self.variables | {"PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout

    def put(self, name: str, **changes: str) -> None:
        """Create the workflow in n8n, or change it there, through its API."""
        with httpx.Client(base_url=f"{self.url}/api/v1", headers={"X-N8N-API-KEY": self.api_key}) as client:
            document = workflow_document(name, **changes)
            if name in self.ids:
                answer = client.put(f"/workflows/{self.ids[name]}", json=document)
            else:
                answer = client.post("/workflows", json=document)
            answer.raise_for_status()
            self.ids[name] = answer.json()["id"]


@contextmanager
def made_world(folder: Path) -> Iterator[World]:
    with Sandbox() as sandbox:
        repository = make_repository(folder, files={"workflowops.yml": CONFIGURATION})
        world = World(repository=repository, url=sandbox.url, api_key=sandbox.api_key)
        world.put("Orders")
        world.put("Customers")
        yield world
