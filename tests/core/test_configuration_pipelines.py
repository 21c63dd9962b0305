"""The `pipelines` of workflowops.yml: every key, its default, and how what is wrong is told."""

import re
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.configuration import (
    Approval,
    ContentPolicy,
    CredentialsMissing,
    Gates,
    OnDelete,
    Pipeline,
    Problem,
    Publish,
    SecretsPolicy,
    Stage,
    read_configuration,
)
from workflowops.schemas import SchemaName, schema

ENVIRONMENTS = {name: {"url": f"https://{name}.example.com", "api_key": "${KEY}"} for name in ("dev", "qa", "prod")}
THIRD = ({"environment": "dev"}, {"environment": "qa"})


def written(*stages: Any, **keys: Any) -> bytes:
    document = {"version": 1, "environments": ENVIRONMENTS, "pipelines": {"main": {"stages": [*stages], **keys}}}
    return yaml.safe_dump(document, sort_keys=False).encode()


def read(*stages: Any, **keys: Any) -> Pipeline:
    configuration, problems = read_configuration(written(*stages, **keys), path="workflowops.yml")
    assert problems == ()
    assert configuration is not None
    return configuration.pipelines["main"]


def problems_of(*stages: Any, **keys: Any) -> tuple[Problem, ...]:
    configuration, problems = read_configuration(written(*stages, **keys), path="workflowops.yml")
    assert (configuration is None) is any(each.is_error for each in problems)
    return problems


def test_every_key_of_a_stage_is_read() -> None:
    asked = {
        "environment": "prod",
        "enabled": False,
        "gates": {
            "approval": "comments",
            "min_approvals": 2,
            "four_eyes": True,
            "require_all_tests_passed": True,
            "verified_in_previous": True,
            "soak_hours": 24,
            "freeze": ["Fri 16:00-Mon 08:00 Europe/Berlin"],
        },
        "policies": {"deny_node_types": ["n8n-nodes-base.executeCommand", "community.*"], "secrets": "warn"},
        "credentials_missing": "keep_name",
        "publish": "match_source",
        "on_delete": "delete",
        "credentials": {"API Auth": "API Auth (prod)"},
    }
    assert read(*THIRD, asked, enabled=False, allow_unreviewed=True) == Pipeline(
        name="main",
        enabled=False,
        allow_unreviewed=True,
        stages=(
            Stage(environment="dev"),
            Stage(environment="qa"),
            Stage(
                environment="prod",
                enabled=False,
                gates=Gates(
                    approval=Approval.COMMENTS,
                    min_approvals=2,
                    four_eyes=True,
                    require_all_tests_passed=True,
                    verified_in_previous=True,
                    soak_hours=24.0,
                    freeze=("Fri 16:00-Mon 08:00 Europe/Berlin",),
                ),
                policies=ContentPolicy(
                    deny_node_types=("n8n-nodes-base.executeCommand", "community.*"), secrets=SecretsPolicy.WARN
                ),
                credentials_missing=CredentialsMissing.KEEP_NAME,
                publish=Publish.MATCH_SOURCE,
                on_delete=OnDelete.DELETE,
                credentials={"API Auth": "API Auth (prod)"},
            ),
        ),
    )


def test_what_is_left_out_has_its_default_and_a_commit_takes_a_pull_request() -> None:
    pipeline = read(*THIRD)
    assert pipeline == Pipeline(name="main", stages=(Stage(environment="dev"), Stage(environment="qa")))
    assert (pipeline.enabled, pipeline.allow_unreviewed) == (True, False)
    assert pipeline.stages[1].credentials_missing is CredentialsMissing.BLOCK
    assert pipeline.stages[1].policies == ContentPolicy(deny_node_types=(), secrets=SecretsPolicy.BLOCK)
    assert read(*THIRD[:1], {"environment": "qa", "gates": {}, "policies": {}}) == pipeline


def test_the_schema_tells_the_defaults_that_are_read() -> None:
    defs = schema(SchemaName.CONFIGURATION)["$defs"]
    told = {
        (part, key): value["default"]
        for part in ("pipeline", "stage", "gates", "policies")
        for key, value in defs[part]["properties"].items()
        if "default" in value
    }
    pipeline = read(*THIRD)
    values = {"pipeline": pipeline, "stage": pipeline.stages[1], "gates": Gates(), "policies": ContentPolicy()}
    for (part, key), default in told.items():
        value = getattr(values[part], key)
        assert (list(value) if isinstance(value, tuple) else value) == default, (part, key)
    assert {("pipeline", "enabled"), ("gates", "four_eyes"), ("policies", "secrets")} <= told.keys()


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("approval", Approval),
        ("credentials_missing", CredentialsMissing),
        ("on_delete", OnDelete),
        ("publish", Publish),
        ("secrets", SecretsPolicy),
    ],
)
def test_the_schema_knows_every_word_and_no_other(key, kind) -> None:
    defs = schema(SchemaName.CONFIGURATION)["$defs"]
    (asked,) = (
        defs[part]["properties"][key] for part in ("stage", "gates", "policies") if key in defs[part]["properties"]
    )
    assert asked["enum"] == [str(word) for word in kind]


@pytest.mark.parametrize(
    ("stage", "rule", "said"),
    [
        pytest.param({"gates": {"soak_hours": 0}}, "out-of-bounds", "more than 0", id="no time to soak"),
        pytest.param({"gates": {"soak_hours": "24h"}}, "wrong-type", "a number", id="hours with a unit"),
        pytest.param({"gates": {"soak_hours": None}}, "wrong-type", "a number", id="hours without a value"),
        pytest.param({"gates": {"four_eyes": "yes"}}, "wrong-type", "true or false", id="a word for yes"),
        pytest.param({"gates": {"min_approvals": 0}}, "out-of-bounds", "at least 1", id="nobody"),
        pytest.param({"gates": {"approval": True}}, "unknown-value", "one of", id="an approval without a way"),
        pytest.param({"gates": {"aproval": "none"}}, "unknown-key", "`aproval`", id="a gate with a slip"),
        pytest.param({"gates": {"freeze": "Fri 16:00-Mon 08:00 UTC"}}, "wrong-type", "a list", id="one freeze"),
        pytest.param({"enabled": 1}, "wrong-type", "true or false", id="a number for yes"),
        pytest.param({"credentials_missing": "keep"}, "unknown-value", "`keep`", id="half a word"),
        pytest.param({"policies": {"secrets": False}}, "unknown-value", "one of", id="secrets switched off"),
        pytest.param({"policies": {"deny_node_types": ["*"]}}, "bad-value", "deny_node_types[0]", id="every type"),
        pytest.param({"policies": {"deny_node_types": ["a*b"]}}, "bad-value", "deny_node_types[0]", id="a star within"),
        pytest.param(
            {"policies": {"deny_node_types": ["a.*\n"]}}, "bad-value", "deny_node_types[0]", id="a line break behind"
        ),
        pytest.param({"policies": {"deny_node_types": "a.b"}}, "wrong-type", "a list", id="one type"),
        pytest.param({"policies": {"deny": []}}, "unknown-key", "`deny`", id="a policy with a slip"),
        pytest.param({"credentials": {"A": ""}}, "out-of-bounds", "is empty", id="a name that is none"),
    ],
)
def test_what_is_wrong_is_told_with_a_fix(stage, rule, said) -> None:
    (found,) = (each for each in problems_of(*THIRD, {"environment": "prod", **stage}) if each.is_error)
    assert found.rule == rule
    assert said in found.message
    assert found.fix
    assert found.line


def test_gates_that_can_never_be_passed_are_errors_and_not_found_at_the_promotion() -> None:
    gates = {"four_eyes": True, "soak_hours": 2}
    found = problems_of({"environment": "dev"}, {"environment": "qa", "gates": gates})
    assert [(each.rule, each.is_error) for each in found] == [("never-passed", True)] * 2


def test_a_time_zone_that_this_machine_lacks_leaves_the_file_readable() -> None:
    gates = {"freeze": ["Mon 10:00-Mon 11:00 Europe/Berln"]}
    (found,) = problems_of({"environment": "dev"}, {"environment": "qa", "gates": gates})
    assert (found.rule, found.is_error) == ("unknown-time-zone", False)
    assert "nothing is promoted" in found.message


SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "none", "comments", "block", "a.*", "*"])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(["A", "B"]), SCALARS, max_size=2)
GATES = st.dictionaries(st.sampled_from([*schema(SchemaName.CONFIGURATION)["$defs"]["gates"]["properties"]]), VALUES)
POLICIES = st.dictionaries(st.sampled_from(["deny_node_types", "secrets"]), VALUES)
KEYS = st.sampled_from(["enabled", "publish", "on_delete", "credentials", "credentials_missing"])


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=2), GATES, POLICIES)
def test_whatever_a_stage_says_it_is_read_as_jsonschema_and_the_rules_allow(keys, gates, policies) -> None:
    stage = {"environment": "prod", **keys, "gates": gates, "policies": policies}
    configuration, problems = read_configuration(written(*THIRD, stage), path="workflowops.yml")
    document = yaml.safe_load(written(*THIRD, stage))
    if not jsonschema.Draft202012Validator(schema(SchemaName.CONFIGURATION)).is_valid(document):
        assert configuration is None
    if configuration is None:
        assert any(each.is_error and re.search(r"[a-z]", each.fix) for each in problems)
    else:
        (read_stage,) = configuration.pipelines["main"].stages[2:]
        assert read_stage.gates.four_eyes is gates.get("four_eyes", False)
        assert not (read_stage.gates.four_eyes and read_stage.gates.approval is Approval.NONE)
