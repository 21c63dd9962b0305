"""A secret, wherever it stands in a workflow, is in no rendering of a difference."""

import copy
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.forms import FORMS, form, node
from tests.core.text.hostile import as_read
from tests.core.text.reports import environment, workflow
from tests.core.tokens import TOKENS

from workflowops.core.canonical import canonicalize
from workflowops.core.diff import WorkflowDiff, as_json, compare
from workflowops.core.drift import DriftReport, ValueChange
from workflowops.core.json import Json
from workflowops.core.masking import masked, masked_with_redaction
from workflowops.core.standing import DriftKind
from workflowops.core.text.drift import render_drift, summary_drift
from workflowops.core.text.mermaid import graph
from workflowops.core.text.style import Style

PASSWORDS = ["hunter2hunter2", "correct-horse-battery", "Tr0ub4dor&3", "p\u00e4ssw\u00f6rt99"]


def document() -> dict[str, Json]:
    """A workflow with everything that a secret could hide in."""
    return {
        "name": "Order Processing",
        "nodes": [
            {"id": "1", "name": "Webhook", "type": "n8n-nodes-base.webhook", "position": [0, 0],
             "parameters": {"path": "a"}},
            {
                "id": "2",
                "name": "Call",
                "type": "n8n-nodes-base.httpRequest",
                "position": [1, 0],
                "parameters": {
                    "url": "https://api.example/x",
                    "headerParameters": {"parameters": [{"name": "Accept", "value": "*/*"}]},
                    "options": {"list": ["a", {"b": "c"}]},
                },
                "credentials": {"httpBasicAuth": {"id": "9", "name": "Call API"}},
            },
            {"id": "3", "name": "Code", "type": "n8n-nodes-base.code", "position": [2, 0],
             "parameters": {"jsCode": "const a = 1;\nconst b = 2;\nreturn [];"}},
            {"id": "4", "name": "Sub", "type": "n8n-nodes-base.executeWorkflow", "position": [2, 9],
             "parameters": {"workflowId": {"__rl": True, "mode": "id", "value": "w1"}}},
        ],
        "connections": {"Webhook": {"main": [[{"node": "Call", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1", "timezone": "UTC", "errorWorkflow": "e1"},
    }  # fmt: skip


Plant = Callable[[dict, str], None]


def _rename(index: int) -> Plant:
    def plant(workflow: dict, secret: str) -> None:
        workflow["nodes"][index]["name"] = f"Node {secret}"

    return plant


def _set(*path: str | int, around: str = "{}") -> Plant:
    def plant(workflow: dict, secret: str) -> None:
        target = workflow
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = around.format(secret)

    return plant


def _as_key(workflow: dict, secret: str) -> None:
    workflow["nodes"][1]["parameters"][secret] = {secret: 1}


def _target(workflow: dict, secret: str) -> None:
    workflow["connections"] = {f"From {secret}": {"main": [[{"node": f"To {secret}", "type": "main", "index": 0}]]}}


def _new_node(workflow: dict, secret: str) -> None:
    workflow["nodes"].append(
        {"id": "7", "name": f"New {secret}", "type": f"x.{secret}", "parameters": {"deep": [{"text": f"say {secret}"}]}}
    )


def _no_nodes(workflow: dict, secret: str) -> None:
    workflow["nodes"].append(f"a node that is the text {secret}")


ANYWHERE: dict[str, Plant] = {
    "the workflow's name": _set("name"),
    "a node's name": _rename(1),
    "a trigger's name": _rename(0),
    "a node's type": _set("nodes", 1, "type", around="n8n.{}"),
    "an address": _set("nodes", 1, "parameters", "url", around="https://api.example/{}/x"),
    "a query": _set("nodes", 1, "parameters", "url", around="https://api.example/x?token={}&b=1"),
    "an expression": _set("nodes", 1, "parameters", "url", around="={{{{ $json.a + '{}' }}}}"),
    "a text": _set("nodes", 1, "parameters", "url", around="before {} after"),
    "code": _set("nodes", 2, "parameters", "jsCode", around="const a = 1;\nconst b = '{}';\nreturn [];"),
    "a comment in code": _set(
        "nodes", 2, "parameters", "jsCode", around="const a = 1; // {}\nconst b = 2;\nreturn [];"
    ),
    "a list": _set("nodes", 1, "parameters", "options", "list", 0),
    "an object in a list": _set("nodes", 1, "parameters", "options", "list", 1, "b"),
    "a key": _as_key,
    "a credential's name": _set("nodes", 1, "credentials", "httpBasicAuth", "name"),
    "a credential's type": lambda workflow, secret: workflow["nodes"][1]["credentials"].update({secret: {"name": "x"}}),
    "a connection": _target,
    "a setting": _set("settings", "timezone"),
    "a referenced workflow": _set("nodes", 3, "parameters", "workflowId", "value"),
    "the error workflow": _set("settings", "errorWorkflow"),
    "a new node": _new_node,
    "what is no node": _no_nodes,
}
BY_NAME: dict[str, Plant] = {
    "a field": _set("nodes", 1, "parameters", "password"),
    "a deep field": _set("nodes", 1, "parameters", "options", "list", 1, "clientSecret"),
    "a header": lambda workflow, secret: workflow["nodes"][1]["parameters"]["headerParameters"]["parameters"].append(
        {"name": "X-Api-Key", "value": secret}
    ),
    "a header that was there": lambda workflow, secret: workflow["nodes"][1]["parameters"].update(
        {"headerParameters": {"parameters": [{"name": "Authorization", "value": f"Bearer {secret}"}]}}
    ),
    "code": _set("nodes", 2, "parameters", "jsCode", around="const a = 1;\nconst password = '{}';\nreturn [];"),
    "an address": _set("nodes", 1, "parameters", "url", around="https://bob:{}@api.example/x"),
    "a JSON text": _set("nodes", 1, "parameters", "jsonBody", around='{{"client_secret": "{}"}}'),
    "a new node": lambda workflow, secret: workflow["nodes"].append(
        {"id": "7", "name": "New", "type": "x.y", "parameters": {"apiKey": secret, "list": [{"token": secret}]}}
    ),
}


def renderings(diff: WorkflowDiff, name: str, *, elsewhere: str = "") -> list[str]:
    """Every way in which a difference leaves the program, as somebody reads it who undoes all escaping.

    `elsewhere` stands in what belongs to the environment and not to this workflow.
    """
    tags = ValueChange(old=[name], new=[f"{name} too"])
    drifted = workflow(name, diff=diff, tags=tags, problem=f"odd: {name}", ignored={elsewhere: 1})
    other = workflow(elsewhere, DriftKind.UNMAPPED)
    report = DriftReport((environment(drifted, other, problems=(elsewhere,), ignored={elsewhere: 1}),))
    told = [
        json.dumps(as_json(diff), ensure_ascii=False),
        render_drift(report, style=Style(color=False, width=80), show_ignored=True),
        render_drift(report, style=Style(color=True, width=400)),
        summary_drift(report),
        "\n".join(graph(masked(diff))),
    ]
    return [
        reading for text in told for reading in (text, as_read(text), text.replace("\\n", "\n").replace('\\"', '"'))
    ]


def leaks(secret: str, texts: list[str]) -> list[str]:
    """The texts in which the secret, or its last part, can be read."""
    tail = secret.strip().splitlines()[-1][-8:] if "PRIVATE KEY" not in secret else "MIIEow"
    return [text for text in texts if secret in text or tail in text]


def planted(plant: Plant, secret: str) -> dict[str, Json]:
    changed = copy.deepcopy(document())
    plant(changed, secret)
    return changed


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in TOKENS.items()])
@pytest.mark.parametrize("place", ANYWHERE)
def test_a_token_of_a_known_format_is_in_no_rendering(place, token) -> None:
    clean, dirty = canonicalize(document()), canonicalize(planted(ANYWHERE[place], token))
    for diff in (compare(old=clean, new=dirty), compare(old=dirty, new=clean)):
        assert diff.has_changes
        assert leaks(token, renderings(diff, "Order Processing")) == []


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("place", BY_NAME)
def test_a_secret_without_a_shape_is_hidden_by_the_name_it_stands_under(place, password) -> None:
    clean, dirty = canonicalize(document()), canonicalize(planted(BY_NAME[place], password))
    for diff in (compare(old=clean, new=dirty), compare(old=dirty, new=clean)):
        assert leaks(password, renderings(diff, "Order Processing")) == []


@pytest.mark.parametrize("place", ANYWHERE)
def test_what_a_name_marks_as_secret_is_hidden_everywhere_else_too(place) -> None:
    password = PASSWORDS[0]
    dirty = planted(BY_NAME["a field"], password)
    ANYWHERE[place](dirty, password)
    diff = compare(old=canonicalize(document()), new=canonicalize(dirty))
    assert leaks(password, renderings(diff, f"Order {password}")) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from([*ANYWHERE]), min_size=1, max_size=4, unique=True), st.sampled_from([*TOKENS]))
def test_tokens_planted_in_several_places_at_once_stay_hidden(places, name) -> None:
    secret = TOKENS[name]
    dirty = document()
    for place in places:
        try:
            ANYWHERE[place](dirty, secret)
        except (KeyError, TypeError):
            continue  # an earlier plant took the place away
    diff = compare(old=canonicalize(document()), new=canonicalize(dirty))
    assert leaks(secret, renderings(diff, f"W {secret}", elsewhere=f"V {secret}")) == []


@given(FORMS, FORMS)
def test_masking_a_difference_twice_changes_nothing(old, new) -> None:
    once = masked(compare(old=old, new=new))
    assert masked(once) == once


@given(FORMS, FORMS)
def test_masking_keeps_what_is_counted(old, new) -> None:
    diff = compare(old=old, new=new)
    shown = masked(diff)
    assert (shown.has_changes, shown.risk, shown.nodes_added, shown.nodes_removed, shown.nodes_modified) == (
        diff.has_changes, diff.risk, diff.nodes_added, diff.nodes_removed, diff.nodes_modified,
    )  # fmt: skip


def test_a_short_password_does_not_blot_out_the_page() -> None:
    old, new = (form({"Attest": node(parameters={"password": value, "x": value})}) for value in ("one", "test"))
    shown, redaction = masked_with_redaction(compare(old=old, new=new))
    assert shown.node_changes[0].node_name == "Attest"
    assert redaction.text("a test") == "a test"


def test_unmasked_only_when_asked_for() -> None:
    diff = compare(
        old=form({"A": node(parameters={"password": "hunter2a"})}),
        new=form({"A": node(parameters={"password": "hunter2b"})}),
    )
    assert as_json(diff)["node_changes"][0]["new_value"] == "*** (8 characters)"
    assert as_json(diff, mask=False)["node_changes"][0]["new_value"] == "hunter2b"
