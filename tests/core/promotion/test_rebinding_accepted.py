"""What is rebound is taken by n8n, and read back it is what was planned: asked of the stand-in, for real workflows."""

from itertools import islice
from typing import Any

import pytest
from tests.builders import corpus, needs_corpus
from tests.core.promotion.rebinding_world import SERVER_2, candidate, target

from workflowops.core.canonical import CanonicalForm, canonicalize, digests
from workflowops.core.promotion.finding import FindingCode
from workflowops.core.promotion.rebinding import Rebound, rebound
from workflowops.sandbox import Generation, Instance
from workflowops.sandbox.accepted import CREATE_WORKFLOW, UPDATE_WORKFLOW
from workflowops.sandbox.bodies import accepted_workflow
from workflowops.sandbox.saving import create, update
from workflowops.sandbox.store import Store

pytestmark = needs_corpus
BOTH = pytest.mark.parametrize("generation", list(Generation))
MORE = pytest.mark.parametrize("more", [{}, {"executionTimeout": -1}, {"executionTimeout": 60}], ids=str)
HELD = {
    Generation.V1: {"timezone": "UTC", "saveManualExecutions": True, "callerIds": "t-own"},
    Generation.V2: {
        "timezone": "UTC",
        "saveManualExecutions": True,
        "errorWorkflow": "t-err",
        "timeSavedMode": "dynamic",
    },
}


def here(generation: Generation) -> Any:
    return target(abilities=SERVER_2 if generation is Generation.V2 else None)


def declared() -> Any:
    """Every real workflow under a name that n8n takes, and without what is no node."""
    for name, document in corpus():
        nodes = [each for each in document.get("nodes") or [] if isinstance(each, dict)]
        yield name, {**document, "nodes": nodes, "name": document.get("name") or name[:100]}


def told(form: CanonicalForm) -> tuple[str, str, Any]:
    held = digests(form)
    return held.logic, held.layout, form.references


def assert_held(instance: Instance, workflow_id: str, result: Rebound, name: str) -> None:
    assert told(canonicalize(instance.document(workflow_id))) == told(canonicalize(result.read_back)), name


@BOTH
def test_a_created_workflow_is_read_back_as_it_was_planned(generation) -> None:
    count = 0
    for name, document in declared():
        result = rebound(candidate(document), target=here(generation), created=())
        if any(each.code is FindingCode.FILE_UNREADABLE for each in result.findings):
            continue
        instance = Instance(Store(generation))
        body = accepted_workflow(result.document, CREATE_WORKFLOW[generation], generation)
        assert_held(instance, create(instance.store, body).id, result, name)
        count += 1
    assert count > 300


@BOTH
@MORE
def test_a_workflow_that_holds_other_settings_and_ids_is_read_back_as_it_was_planned(generation, more) -> None:
    for name, document in islice(declared(), 0, None, 3):
        nodes = [{**each, "id": f"there-{number}"} for number, each in enumerate(document["nodes"])]
        instance = Instance(Store(generation))
        there = {**document, "nodes": nodes, "settings": {**HELD[generation], **more}}
        workflow_id = instance.create_workflow(there, id="t-main", lenient=True)
        live = {**instance.document(workflow_id), "tags": []}
        result = rebound(candidate(document, live), target=here(generation), created=())
        if any(each.code is FindingCode.FILE_UNREADABLE for each in result.findings):
            continue
        body = accepted_workflow(result.document, UPDATE_WORKFLOW[generation], generation)
        update(instance.store, workflow_id, body)
        assert_held(instance, workflow_id, result, name)
