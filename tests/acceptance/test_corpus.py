"""Real workflows, one after the other: a real n8n and the sandbox give the same answers to them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.documents import Document
from tests.acceptance.servers import SandboxServer, Server

from workflowops.core.canonical import canonicalize, digests

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"

pytestmark = [
    pytest.mark.real_n8n,
    pytest.mark.skipif(not CORPUS.is_dir(), reason="../shared/corpus is not beside the repository"),
]


def documents() -> Iterator[tuple[str, Document]]:
    for path in sorted(CORPUS.rglob("*.json")):
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and "nodes" in document:
            yield path.stem, document


def body(stem: str, document: Document) -> Document:
    """What somebody would send who knows which four fields are needed, and nothing about n8n's rules."""
    filled = {"name": stem, "nodes": [], "connections": {}, "settings": {}}
    return {name: document.get(name) or filled[name] for name in filled}


def outcome(server: Server, sent: Document) -> tuple[Any, str | None]:
    """What POST answered, in the parts that do not depend on chance; and the id when there is one now."""
    answer = server.api.post("/workflows", json=sent)
    if answer.is_error:
        return (answer.status_code, answer.json()["message"]), None
    shown = answer.json()
    nodes = [{name: item[name] for name in item if name not in {"id", "webhookId"}} for item in shown["nodes"]]
    return (nodes, shown["connections"], shown["settings"]), str(shown["id"])


@pytest.fixture(scope="module")
def sandbox(server: Server) -> Iterator[Server]:
    """A sandbox of the same generation."""
    with SandboxServer(server.generation) as made:
        yield made


@pytest.fixture(scope="module")
def stored(server: Server, sandbox: Server) -> dict[str, tuple[str, str]]:
    """Every document sent to both; the ids on both sides of those that were taken."""
    taken: dict[str, tuple[str, str]] = {}
    differing: dict[str, tuple[Any, Any]] = {}
    for stem, document in documents():
        sent = body(stem, document)
        (real, real_id), (imitated, imitated_id) = outcome(server, sent), outcome(sandbox, sent)
        if real != imitated:
            differing[stem] = (real, imitated)
        elif real_id and imitated_id:
            taken[stem] = (real_id, imitated_id)
    assert differing == {}
    return taken


def test_both_take_and_refuse_the_same_documents_in_the_same_words(stored: dict[str, tuple[str, str]]) -> None:
    assert len(stored) > 100


def test_both_hold_the_same_workflows(server: Server, sandbox: Server, stored: dict[str, tuple[str, str]]) -> None:
    for stem, (real_id, imitated_id) in stored.items():
        real, imitated = (digests(canonicalize(s.get(i))) for s, i in ((server, real_id), (sandbox, imitated_id)))
        assert (real.logic, real.layout) == (imitated.logic, imitated.layout), stem
