"""What the files of a stage must not hold."""

import json

import pytest
from tests.builders import node, workflow
from tests.core.promotion.rebinding_world import small

from workflowops.core.configuration import ContentPolicy, SecretsPolicy
from workflowops.core.promotion.finding import FindingCode, Gravity
from workflowops.core.promotion.policies import content_findings

COMMAND = "n8n-nodes-base.executeCommand"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def found(document, **policy):
    return content_findings(document, ContentPolicy(**policy), canonical_id="c-main", file="prod/main.json")


@pytest.mark.parametrize(
    ("denied", "kind", "is_denied"),
    [
        pytest.param(COMMAND, COMMAND, True, id="the type itself"),
        pytest.param(COMMAND, f"{COMMAND}Tool", True, id="its tool variant"),
        pytest.param(COMMAND, f"{COMMAND}HitlTool", True, id="its tool variant that asks a person"),
        pytest.param(COMMAND, "n8n-nodes-base.executeCommander", False, id="another that begins so"),
        pytest.param("n8n-nodes-base.*", COMMAND, True, id="the beginning of a type"),
        pytest.param("@n8n/*", COMMAND, False, id="the beginning of others"),
        pytest.param("*", COMMAND, True, id="all of them"),
    ],
)
@pytest.mark.parametrize("is_disabled", [False, True])
def test_a_denied_type_blocks_also_in_a_disabled_node(denied, kind, is_disabled, is_denied) -> None:
    findings = found(small(node("Run", type=kind, disabled=is_disabled)), deny_node_types=(denied,))
    assert [(each.code, each.gravity, each.node_name) for each in findings] == [
        (FindingCode.NODE_TYPE_DENIED, Gravity.BLOCKING, "Run")
    ] * is_denied


@pytest.mark.parametrize(
    ("policy", "gravities"),
    [
        pytest.param(SecretsPolicy.BLOCK, [Gravity.BLOCKING], id="block"),
        pytest.param(SecretsPolicy.WARN, [Gravity.WARNING], id="warn"),
        pytest.param(SecretsPolicy.ALLOW, [], id="allow"),
    ],
)
def test_a_secret_counts_as_the_stage_says(policy, gravities) -> None:
    findings = found(small(node("Ask", parameters={"token": TOKEN})), secrets=policy)
    assert [each.gravity for each in findings] == gravities


def test_a_secret_is_named_by_its_place_and_not_shown() -> None:
    (finding,) = found(small(node("Ask", parameters={"token": TOKEN})))
    assert (finding.code, finding.node_name, finding.file) == (FindingCode.SECRET_IN_FILE, "Ask", "prod/main.json")
    assert "nodes[0].parameters.token" in finding.message
    assert TOKEN not in f"{finding}"


def test_a_secret_in_the_name_of_a_denied_node_is_not_shown() -> None:
    findings = found(small(node(TOKEN, type=COMMAND)), deny_node_types=(COMMAND,), secrets=SecretsPolicy.ALLOW)
    assert TOKEN not in f"{findings}"


@pytest.mark.parametrize("depth", [1, 2])
def test_a_denied_type_blocks_also_inside_a_workflow_that_a_node_holds_as_a_text(depth) -> None:
    document = small(node("Run", type=COMMAND))
    for number in range(depth):
        held = {"source": "parameter", "workflowJson": json.dumps(document)}
        document = small(node(f"Outer {number}", type="n8n-nodes-base.executeWorkflow", parameters=held))
    assert [each.node_name for each in found(document, deny_node_types=(COMMAND,))] == ["Run"]


def test_an_ordinary_workflow_has_no_finding() -> None:
    assert found(workflow(), deny_node_types=(COMMAND,)) == ()


@pytest.mark.parametrize("nodes", [None, "text", [1, None, {"type": 3}]], ids=str)
def test_odd_nodes_are_nobody_s_finding(nodes) -> None:
    assert found({"nodes": nodes}, deny_node_types=(COMMAND,)) == ()
