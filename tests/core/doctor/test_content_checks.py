"""What an instance holds is checked for what will be in the way: each thing named, archived ones left out."""

import json

import pytest
from tests.commands.builders import document, listed
from tests.core.doctor.facts import credential, instance, listener, use, words, workflow
from tests.core.tokens import GITHUB

from workflowops.core.doctor.check import Verdict
from workflowops.core.doctor.content_checks import (
    LARGEST_SIZE,
    MOST_DETAILS,
    addresses_are_free,
    credentials_are_unique,
    names_are_unique,
    sizes_are_small,
    workflows_can_be_read,
)
from workflowops.core.doctor.instance import examined
from workflowops.core.listing import ListedWorkflow, parse_workflow
from workflowops.errors import N8nForbiddenError

FORBIDDEN = N8nForbiddenError("The key may not list credentials.", fix="Give it credential:list.")

HOOK = {
    "id": "h", "name": "Hook", "type": "n8n-nodes-base.webhook", "typeVersion": 2, "position": [0, 0],
    "webhookId": "0f1e2d3c", "parameters": {"path": "orders", "httpMethod": "POST"},
    "credentials": {"httpBasicAuth": {"id": "c1", "name": "Shop"}},
}  # fmt: skip


def seen(**more) -> ListedWorkflow:
    found = parse_workflow(json.dumps(listed("w1", document(), **more)).encode())
    assert isinstance(found, ListedWorkflow)
    return found


def test_a_workflow_is_examined_for_its_addresses_its_credentials_and_its_size() -> None:
    found = examined(seen(nodes=[HOOK]))
    assert [(each.method, each.path) for each in found.listeners] == [("POST", "orders")]
    assert found.credentials == (use(),)
    assert len(json.dumps(HOOK)) - 50 < found.size < len(json.dumps(HOOK)) + 300


def test_an_active_workflow_listens_as_it_was_published_and_uses_what_either_version_uses() -> None:
    draft = {**HOOK, "parameters": {"path": "draft"}, "credentials": {"httpBasicAuth": {"name": "New"}}}
    published = {"versionId": "v0", "nodes": [HOOK], "connections": {}}
    found = examined(seen(nodes=[draft], active=True, activeVersion=published))
    assert [each.path for each in found.listeners] == ["orders"]
    assert set(found.credentials) == {use("New", identity=None), use()}


@pytest.mark.parametrize("odd", [[3], [{"credentials": 7}], [{"credentials": {"x": 9}}]], ids=repr)
def test_a_workflow_of_an_odd_shape_is_examined_without_an_error(odd) -> None:
    assert examined(seen(nodes=odd)).credentials == ()


def test_workflows_that_cannot_be_read_are_named() -> None:
    found = workflows_can_be_read(instance(workflows=(workflow(),), odd=("`X`: it has no nodes.",)))
    assert (found.verdict, found.details) == (Verdict.WARNING, ("`X`: it has no nodes.",))


def test_two_workflows_of_one_name_are_told_with_their_ids() -> None:
    held = (workflow("w1", "Orders"), workflow("w2", " orders "), workflow("w3", "B"))
    found = names_are_unique(instance(workflows=held))
    assert found.verdict is Verdict.WARNING
    assert found.details == ("`Orders`: n8n ids w1, w2",)


@pytest.mark.parametrize("check", [names_are_unique, addresses_are_free, sizes_are_small])
def test_an_archived_workflow_is_in_nobodys_way(check) -> None:
    heavy = {"size": LARGEST_SIZE + 1, "listeners": (listener(),)}
    kept = workflow("w1", size=1, listeners=(listener(),))
    archived = workflow("w2", is_archived=True, **heavy)
    assert check(instance(workflows=(kept, archived))).verdict is Verdict.PASSED
    assert check(instance(workflows=(workflow("w1", **heavy), workflow("w2", **heavy)))).verdict is Verdict.WARNING


def test_an_address_that_two_workflows_listen_on_is_told_with_both() -> None:
    first = workflow("w1", "Orders", is_active=True, listeners=(listener(), listener("own")))
    second = workflow("w2", "Copy", listeners=(listener(workflow_id="w2"),))
    found = addresses_are_free(instance(workflows=(first, second)))
    assert found.verdict is Verdict.WARNING
    assert found.details == ("`POST /orders`: `Orders` (active), `Copy` (not active)",)


def test_one_workflow_that_listens_twice_and_two_methods_of_one_path_are_fine() -> None:
    one = workflow("w1", listeners=(listener(), listener()))
    other = workflow("w2", listeners=(listener(method="GET"),))
    assert addresses_are_free(instance(workflows=(one, other))).verdict is Verdict.PASSED


def test_two_credentials_of_one_name_and_type_are_told_and_whether_they_are_used() -> None:
    same = (credential(), credential(identity="c2"))
    held = (*same, credential("Shop", "oAuth2Api", "c3"), credential("B", identity="c4"))
    found = credentials_are_unique(instance(workflows=(workflow(credentials=(use(),)),), credentials=held))
    assert found.verdict is Verdict.WARNING
    assert found.details == ("`Shop` (`httpBasicAuth`): 2 of them, used",)


def test_credentials_that_nobody_listed_are_not_called_unique() -> None:
    assert credentials_are_unique(instance(credentials=None)).verdict is Verdict.SKIPPED
    failed = credentials_are_unique(instance(credentials=None, credentials_failure=FORBIDDEN))
    assert (failed.verdict, failed.fix) == (Verdict.UNKNOWN, FORBIDDEN.fix)
    assert str(FORBIDDEN) in failed.found


@pytest.mark.parametrize(("size", "verdict"), [(LARGEST_SIZE, Verdict.PASSED), (LARGEST_SIZE + 1, Verdict.WARNING)])
def test_a_workflow_near_the_limit_is_told(size, verdict) -> None:
    assert sizes_are_small(instance(workflows=(workflow(size=size),))).verdict is verdict


def test_a_name_that_looks_like_a_secret_is_masked() -> None:
    twice = (workflow("w1", f"Call {GITHUB}"), workflow("w2", f"Call {GITHUB}"))
    assert GITHUB not in words(names_are_unique(instance(workflows=twice)))


def test_the_list_of_thousands_is_cut() -> None:
    many = tuple(workflow(f"{name}{copy}", f"Name {name}") for name in range(MOST_DETAILS + 1) for copy in "ab")
    found = names_are_unique(instance(workflows=many))
    assert len(found.details) == MOST_DETAILS
    assert f"{MOST_DETAILS + 1:,} names" in found.found
