"""What the suite runs against: a real n8n, or the sandbox, behind one face."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

import httpx
from tests.acceptance.documents import Document, workflow
from tests.acceptance.real_n8n import RealN8n

from workflowops.sandbox import Generation, Sandbox

_Value = TypeVar("_Value")


class Server(ABC):
    """An n8n with an API key; `api` speaks to its public API with every scope."""

    name: str
    generation: Generation
    url: str
    api: httpx.Client

    @property
    def is_2(self) -> bool:
        """Whether it belongs to the 2.x generation."""
        return self.generation is Generation.V2

    def says(self, *, on_2: _Value, on_1: _Value) -> _Value:
        """What this generation says."""
        return on_2 if self.is_2 else on_1

    def client(self, key: str | None) -> httpx.Client:
        """A client with this key, or with none."""
        headers = {"X-N8N-API-KEY": key} if key else {}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=120, trust_env=False)

    def new(self, document: Document | None = None) -> Document:
        """Create a workflow and answer what POST answered."""
        return dict(answered(self.api.post("/workflows", json=document or workflow())))

    def get(self, workflow_id: str) -> Document:
        """The workflow as GET answers it."""
        return dict(answered(self.api.get(f"/workflows/{workflow_id}")))

    def put(self, workflow_id: str, body: Document, **query: str) -> httpx.Response:
        """Change a workflow."""
        return self.api.put(f"/workflows/{workflow_id}", json=body, params=query)

    def activate(self, workflow_id: str) -> httpx.Response:
        """Publish by the name that both generations know."""
        return self.api.post(f"/workflows/{workflow_id}/activate")

    def published(self, document: Document | None = None) -> Document:
        """Create a workflow, publish it, and answer it as GET shows it once its trigger has registered."""
        made = self.new(document)
        answered(self.activate(made["id"]))
        return eventually(lambda: self.get(made["id"]), lambda shown: shown["triggerCount"] > 0)

    def new_credential(self, name: str, kind: str = "httpBasicAuth") -> str:
        """Create a credential and answer its id."""
        data = {
            "httpBasicAuth": {"user": "u", "password": "p"},
            "httpHeaderAuth": {"name": "n", "value": "v"},
            "httpDigestAuth": {"user": "u", "password": "p"},
        }
        body = {"name": name, "type": kind, "data": data[kind]}
        return str(answered(self.api.post("/credentials", json=body))["id"])

    @abstractmethod
    def make_key(self, *scopes: str) -> str:
        """Make an API key with these scopes only."""

    @abstractmethod
    def edit_by_hand(self, workflow_id: str, **fields: Any) -> None:
        """Save the fields as the editor does."""

    @abstractmethod
    def close(self) -> None:
        """End what was started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.close()
        self.close()


class SandboxServer(Server):
    """The stand-in."""

    def __init__(self, generation: Generation) -> None:
        self.name = f"sandbox {generation}"
        self.generation = generation
        self._sandbox = Sandbox(generation).start()
        self.url = self._sandbox.url
        self.api = self.client(self._sandbox.api_key)

    def make_key(self, *scopes: str) -> str:
        return self._sandbox.instance.add_key(*scopes)

    def edit_by_hand(self, workflow_id: str, **fields: Any) -> None:
        self._sandbox.instance.edit_by_hand(workflow_id, fields)

    def close(self) -> None:
        self._sandbox.stop()


class RealServer(Server):
    """The real thing, on loopback."""

    def __init__(self, version: str) -> None:
        self.name = f"n8n {version}"
        self.generation = Generation.V1 if version.startswith("1.") else Generation.V2
        self._n8n = RealN8n(version).__enter__()
        self.url = self._n8n.url
        self.api = self.client(self._n8n.api_key)

    def make_key(self, *scopes: str) -> str:
        return self._n8n.make_key(*scopes)

    def edit_by_hand(self, workflow_id: str, **fields: Any) -> None:
        editor = self._n8n.editor
        shown = editor.get(f"/rest/workflows/{workflow_id}")
        seen = {} if self.is_2 else {"versionId": shown.json()["data"]["versionId"]}
        answered(editor.patch(f"/rest/workflows/{workflow_id}", json={**seen, **fields}))

    def close(self) -> None:
        self._n8n.close()


def answered(answer: httpx.Response) -> Any:
    """The JSON of an answer that must be a success."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:500]}"
    return answer.json()


def refused(answer: httpx.Response) -> tuple[int, Mapping[str, Any] | str]:
    """Status and message of an answer that says no."""
    assert answer.is_error, answer.text[:500]
    return answer.status_code, answer.json()["message"]


def eventually(ask: Callable[[], _Value], is_there: Callable[[_Value], bool], *, within: float = 20) -> _Value:
    """Ask until the answer is there; a real n8n registers triggers a moment after it answered."""
    deadline = time.monotonic() + within
    while True:
        value = ask()
        if is_there(value):
            return value
        assert time.monotonic() < deadline, f"still not there after {within} s: {value!r:.500}"
        time.sleep(0.02)
