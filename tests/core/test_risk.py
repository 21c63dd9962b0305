"""Risk classes: what a change touches, ranked by what can hurt production."""

import pytest

from workflowops.core.risk import (
    Risk,
    highest,
    is_trigger,
    rank,
    risk_of_field,
    risk_of_node,
    risk_of_reference,
    risk_of_setting,
)

HTTP = "n8n-nodes-base.httpRequest"
HOOK = "n8n-nodes-base.webhook"
CLOCK = "n8n-nodes-base.scheduleTrigger"


@pytest.mark.parametrize(
    ("node_type", "path", "old", "new", "expected"),
    [
        pytest.param(HTTP, ("parameters", "url"), "https://a/x", "https://b/x", Risk.URL, id="another host"),
        pytest.param(HTTP, ("parameters", "url"), "https://a/x", "http://a/x", Risk.URL, id="without TLS"),
        pytest.param(HTTP, ("parameters", "url"), "https://a/x", "https://a/y", Risk.PARAMETER, id="same host"),
        pytest.param(
            HTTP, ("parameters", "url"), "https://a/x", "={{ $json.url }}", Risk.URL, id="a host nobody can read"
        ),
        pytest.param(HTTP, ("parameters", "url"), None, "https://a/x", Risk.URL, id="an address that came"),
        pytest.param(
            HTTP, ("parameters", "target"), "https://a", "https://b", Risk.URL, id="an address under any name"
        ),
        pytest.param(
            HTTP, ("parameters", "text"), "see https://a", "see https://b", Risk.PARAMETER, id="prose with a link"
        ),
        pytest.param(
            HTTP,
            ("parameters", "options"),
            None,
            {"proxy": {"url": "https://p"}},
            Risk.URL,
            id="an address in an object",
        ),
        pytest.param(HTTP, ("parameters", "jsCode"), "1", "2", Risk.CODE, id="code"),
        pytest.param("n8n-nodes-base.postgres", ("parameters", "query"), "SELECT 1", "DROP", Risk.CODE, id="SQL"),
        pytest.param("n8n-nodes-base.code", ("parameters", "mode"), "a", "b", Risk.CODE, id="how code runs"),
        pytest.param(HTTP, ("credentials", "httpBasicAuth"), "A", "B", Risk.CREDENTIAL, id="a credential"),
        pytest.param(HTTP, ("parameters", "authentication"), "none", "x", Risk.CREDENTIAL, id="whether it signs in"),
        pytest.param(HOOK, ("parameters", "authentication"), "basicAuth", "none", Risk.TRIGGER, id="who may call"),
        pytest.param(HOOK, ("parameters", "path"), "a", "b", Risk.TRIGGER, id="a webhook's path"),
        pytest.param(HOOK, ("disabled",), None, True, Risk.TRIGGER, id="a trigger switched off"),
        pytest.param(HTTP, ("disabled",), None, True, Risk.STRUCTURE, id="a node switched off"),
        pytest.param(CLOCK, ("parameters", "rule", "interval", 0, "hours"), 1, 2, Risk.SCHEDULE, id="a schedule"),
        pytest.param(
            HTTP, ("onError",), None, "continueRegularOutput", Risk.ERROR_HANDLING, id="what happens on errors"
        ),
        pytest.param(
            HTTP, ("parameters", "workflowId"), "=x", "<workflow>", Risk.REFERENCE, id="which workflow it calls"
        ),
        pytest.param(HTTP, ("name",), "A", "B", Risk.NAME, id="a name"),
        pytest.param(HTTP, ("parameters", "limit"), 1, 2, Risk.PARAMETER, id="any parameter"),
        pytest.param("", (), None, None, Risk.PARAMETER, id="nothing known"),
    ],
)
def test_a_field_has_the_risk_of_what_it_touches(node_type, path, old, new, expected) -> None:
    assert risk_of_field(path, node_type=node_type, old=old, new=new) is expected


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        pytest.param(("parameters", "apiKey"), (), id="by its name"),
        pytest.param(("parameters", "headers", 0, "value"), ("Authorization",), id="by the name beside it"),
    ],
)
def test_a_secret_written_into_a_field_is_the_risk_of_a_credential(path, labels) -> None:
    assert risk_of_field(path, node_type=HTTP, old="a", new="b", labels=labels) is Risk.CREDENTIAL


@pytest.mark.parametrize(
    ("node_type", "expected"),
    [
        (HOOK, True),
        (CLOCK, True),
        ("n8n-nodes-base.cron", True),
        ("@n8n/n8n-nodes-langchain.chatTrigger", True),
        ("n8n-nodes-base.emailReadImap", True),
        (HTTP, False),
        ("n8n-nodes-base.respondToWebhook", False),
        ("", False),
    ],
)
def test_what_starts_a_workflow_is_a_trigger(node_type, expected) -> None:
    assert is_trigger(node_type) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("timezone", Risk.SCHEDULE),
        ("callerPolicy", Risk.TRIGGER),
        ("availableInMCP", Risk.TRIGGER),
        ("errorWorkflow", Risk.ERROR_HANDLING),
        ("executionTimeout", Risk.SETTINGS),
    ],
)
def test_a_setting_has_the_risk_of_what_it_decides(key, expected) -> None:
    assert risk_of_setting(key) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("workflows", Risk.REFERENCE), ("error_workflow", Risk.ERROR_HANDLING), ("caller_ids", Risk.TRIGGER)],
)
def test_a_reference_has_the_risk_of_its_kind(kind, expected) -> None:
    assert risk_of_reference(kind) is expected


def test_the_ranking_runs_from_layout_to_triggers() -> None:
    assert [*Risk] == sorted(Risk, key=rank)
    assert (min(Risk, key=rank), max(Risk, key=rank)) == (Risk.LAYOUT, Risk.TRIGGER)
    assert highest([Risk.NAME, Risk.CODE, Risk.PARAMETER]) is Risk.CODE
    assert highest([]) is None


def test_a_node_that_came_or_went_is_at_least_a_change_of_structure() -> None:
    assert risk_of_node(HTTP, []) is Risk.STRUCTURE
    assert risk_of_node(HTTP, [Risk.URL]) is Risk.URL
    assert risk_of_node(HOOK, [Risk.PARAMETER]) is Risk.TRIGGER
