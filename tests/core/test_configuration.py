"""workflowops.yml: what is read from it, and how its problems are told."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from workflowops.core.configuration import (
    Approval,
    Configuration,
    DriftPolicy,
    Environment,
    Gates,
    IgnoreRule,
    IncidentSeverity,
    OnDelete,
    Pipeline,
    Problem,
    Publish,
    Severity,
    Stage,
    Telling,
    read_configuration,
    select,
)
from workflowops.core.incident.policy import IncidentPolicy
from workflowops.errors import ConfigurationError

DESIGN = """\
version: 1
environments:
  prod:
    title: Production
    url: https://prod.n8n.example.com        # ${NAME} reads the process environment, here and below
    api_key: ${N8N_PROD_API_KEY}             # only ever a ${NAME}; a literal key is refused
    folder: prod
    severity: high                           # low | medium | high | critical, for its incidents
    drift: {ignore: [{node_type: "n8n-nodes-base.set", path: "parameters.debug"}], bindings: report}
  dev: {url: "https://dev.n8n.example.com", api_key: "${N8N_DEV_API_KEY}"}
  staging: {url: "https://staging.n8n.example.com", api_key: "${N8N_STAGING_API_KEY}"}
pipelines:
  default:
    stages:
      - environment: dev
      - environment: staging
        gates: {approval: environment, require_all_tests_passed: true}
      - environment: prod
        gates: {approval: environment, min_approvals: 1, verified_in_previous: true,
                freeze: ["Fri 16:00-Mon 08:00 Europe/Berlin"]}
        publish: keep                        # keep | match_source | never
        on_delete: archive                   # archive | unpublish | delete | block
        credentials: {"API Auth": "API Auth (prod)"}
"""
ONE = "environments: {prod: {url: 'https://h', api_key: '${A}'}}"
PROD = {"url": "https://prod.example.com", "api_key": "${PROD_KEY}"}


def read(text: str) -> Configuration:
    configuration, problems = read_configuration(text.encode(), path="workflowops.yml")
    assert problems == ()
    assert configuration is not None
    return configuration


def problems_of(source: str | bytes) -> tuple[Problem, ...]:
    text = source if isinstance(source, bytes) else source.encode()
    configuration, problems = read_configuration(text, path="workflowops.yml")
    assert (configuration is None) is any(problem.is_error for problem in problems)
    return problems


def document(*, pipelines: Any = None, **environments: Any) -> str:
    whole = {"version": 1, "environments": environments, **({} if pipelines is None else {"pipelines": pipelines})}
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)


def stages(*listed: Any) -> dict[str, Any]:
    return {"default": {"stages": list(listed)}}


def test_the_file_of_the_design_is_read_whole() -> None:
    assert read(DESIGN) == Configuration(
        version=1,
        environments={
            "prod": Environment(
                name="prod",
                title="Production",
                url="https://prod.n8n.example.com",
                api_key="${N8N_PROD_API_KEY}",
                folder="prod",
                severity=IncidentSeverity.HIGH,
                drift=DriftPolicy(
                    ignore=(IgnoreRule("parameters.debug", node_type="n8n-nodes-base.set"),), bindings=Telling.REPORT
                ),
                incidents=IncidentPolicy(escalate_after_hours=24.0),
            ),
            "dev": Environment(
                name="dev",
                title="dev",
                url="https://dev.n8n.example.com",
                api_key="${N8N_DEV_API_KEY}",
                folder="dev",
                incidents=IncidentPolicy(escalate_after_hours=72.0),
            ),
            "staging": Environment(
                name="staging",
                title="staging",
                url="https://staging.n8n.example.com",
                api_key="${N8N_STAGING_API_KEY}",
                folder="staging",
                incidents=IncidentPolicy(escalate_after_hours=72.0),
            ),
        },
        incidents=IncidentPolicy(escalate_after_hours=72.0),
        pipelines={
            "default": Pipeline(
                name="default",
                stages=(
                    Stage(environment="dev"),
                    Stage(
                        environment="staging",
                        gates=Gates(approval=Approval.ENVIRONMENT, require_all_tests_passed=True),
                    ),
                    Stage(
                        environment="prod",
                        gates=Gates(
                            approval=Approval.ENVIRONMENT,
                            min_approvals=1,
                            verified_in_previous=True,
                            freeze=("Fri 16:00-Mon 08:00 Europe/Berlin",),
                        ),
                        publish=Publish.KEEP,
                        on_delete=OnDelete.ARCHIVE,
                        credentials={"API Auth": "API Auth (prod)"},
                    ),
                ),
            )
        },
    )
    assert list(read(DESIGN).environments) == ["prod", "dev", "staging"]


def test_what_is_left_out_has_its_default() -> None:
    environment = read(document(prod=PROD)).environments["prod"]
    assert (environment.title, environment.folder, environment.timeout_seconds) == ("prod", "prod", 30.0)
    assert environment.severity is IncidentSeverity.MEDIUM
    assert environment.drift == DriftPolicy(
        ignore=(), bindings=Telling.IGNORE, activation=True, tags=True, draft=Telling.REPORT
    )


def test_every_key_of_the_drift_policy_is_read() -> None:
    drift: dict[str, Any] = {"bindings": "report", "activation": False, "tags": False, "draft": "ignore"}
    drift["ignore"] = [{"path": "a", "node_name": "N"}]
    assert read(document(prod={**PROD, "drift": drift, "timeout_seconds": 5})).environments[
        "prod"
    ].drift == DriftPolicy(
        ignore=(IgnoreRule("a", node_name="N"),),
        bindings=Telling.REPORT,
        activation=False,
        tags=False,
        draft=Telling.IGNORE,
    )


def test_a_right_file_is_read_without_jsonschema() -> None:
    script = (
        "import sys; from workflowops.core.configuration import read_configuration; "
        f"read, problems = read_configuration({document(prod=PROD).encode()!r}, path='a'); assert read, problems; "
        "print('jsonschema' in sys.modules)"
    )
    source = Path(__file__).parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize("text", [DESIGN, "version: 1\nenvironments: {}\n", "[]", "", "a: [", DESIGN + "x: 1\n"])
def test_jsonschema_and_the_reader_agree_on_files(text) -> None:
    import jsonschema

    from workflowops.schemas import SchemaName, schema

    try:
        is_valid = jsonschema.Draft202012Validator(schema(SchemaName.CONFIGURATION)).is_valid(yaml.safe_load(text))
    except yaml.YAMLError:
        is_valid = False
    assert (read_configuration(text.encode(), path="a")[0] is not None) is is_valid


def test_every_problem_is_told_at_once_in_the_files_order() -> None:
    text = """\
version: 1
enviroments: {}
environments:
  prod:
    url: prod.example.com
    api_key: hunter2hunter2
    folder: ../prod
    severity: hgih
    drift: {ignore: [{node_typ: x}], activation: no}
  dev: {url: "https://dev.example.com", folder: prod/dev}
pipelines:
  default:
    stages:
      - environment: dev
      - environment: production
        gates: {freeze: [weekends]}
"""
    assert [(found.line, found.column, found.rule) for found in problems_of(text)] == [
        (2, 1, "unknown-key"),
        (5, 10, "bad-url"),
        (6, 14, "literal-api-key"),
        (7, 13, "bad-folder"),
        (8, 15, "unknown-value"),
        (9, 22, "missing-key"),
        (9, 23, "unknown-key"),
        (9, 50, "wrong-type"),
        (10, 8, "missing-key"),
        (15, 22, "unknown-environment"),
        (16, 26, "bad-freeze"),
    ]


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        pytest.param("version: 2\n" + ONE, "unknown-version", "not version 2", id="a newer version"),
        pytest.param("version: '1'\n" + ONE, "unknown-value", "must be 1", id="a version in quotes"),
        pytest.param(ONE, "missing-key", "`version`", id="no version"),
        pytest.param("version: 1\n", "missing-key", "`environments`", id="no environments"),
        pytest.param("version: 1\nenvironments: {}", "out-of-bounds", "is empty", id="environments without one"),
        pytest.param("version: 1\nenvironments:\n", "wrong-type", "not nothing", id="environments without a value"),
        pytest.param("- a\n", "wrong-type", "not a list", id="a list"),
        pytest.param("hello\n", "wrong-type", "not text", id="a word"),
        pytest.param("", "empty-file", "empty", id="nothing"),
        pytest.param(document(Prod=PROD), "bad-name", "`Prod`", id="a name in upper case"),
        pytest.param(document(**{"a b": PROD}), "bad-name", "`a b`", id="a name with a space"),
        pytest.param(document(**{"x" * 64: PROD}), "bad-name", "xxx...", id="a long name"),
        pytest.param(document(prod={**PROD, "titel": "x"}), "unknown-key", "`titel`", id="a key with a slip"),
        pytest.param(document(prod={**PROD, "timeout_seconds": 0}), "out-of-bounds", "more than 0", id="no time"),
        pytest.param(
            document(prod={**PROD, "timeout_seconds": "30s"}), "wrong-type", "a number", id="a time with a unit"
        ),
        pytest.param(document(prod="https://h"), "wrong-type", "`environments.prod`", id="an environment that is text"),
        pytest.param(
            document(prod=PROD, pipelines=stages({"environment": "prod"})),
            "out-of-bounds",
            "at least 2",
            id="a single stage",
        ),
        pytest.param(
            "version: 1\nenvironments: {prod: {api_key: ${A}}}", "yaml-syntax", "${NAME}", id="a variable within braces"
        ),
    ],
)
def test_a_wrong_shape_is_told_with_a_fix(text, rule, said) -> None:
    (found,) = problems_of(text)
    assert found.rule == rule
    assert said in found.message
    assert found.fix
    assert found.path == "workflowops.yml"


KEYS = st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=9, max_size=60)


@settings(deadline=None)
@given(
    KEYS,
    st.sampled_from(["{}", "'{}'", '"{}"', "|\n      {}", "[{}]", "{{a: {}}}", "{{{}: a}}", "!{} a", "&{} a", "*{}"]),
)
@example("eyJhbGciOi.eyJzdWIiOi.c2lnbmF0", "{}")
@example("${N8N_KEY}eyJhbGciOi", "{}")
@example("$N8N_KEY_XYZ", "{}")
def test_a_literal_key_is_refused_and_never_repeated(key, written) -> None:
    text = f"version: 1\nenvironments:\n  prod:\n    url: https://h\n    api_key: {written.format(key)}\n"
    assume(not re.fullmatch(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", key))
    found = problems_of(text)
    assert any(problem.is_error for problem in found)
    assert all(key not in problem.message + problem.fix for problem in found)


@pytest.mark.parametrize(
    "key", [5, True, None, [1], {"a": 1}, "", "x", "${A}${B}", "${A}x", " ${A}", "${A B}", "$A", "env:A"]
)
def test_whatever_else_stands_for_a_key_is_told_as_a_literal_key(key) -> None:
    (found,) = problems_of(document(**{"prod-eu": {**PROD, "api_key": key}}))
    assert found.rule == "literal-api-key"
    assert "`api_key: ${N8N_PROD_EU_API_KEY}`" in found.fix


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        pytest.param("url", "https://${PROD_HOST}/n8n", id="in an address"),
        pytest.param("title", "Production ${REGION}", id="in a title"),
    ],
)
def test_variables_stay_as_written_until_they_are_needed(place, expected) -> None:
    environment = read(document(prod={**PROD, place: expected})).environments["prod"]
    assert getattr(environment, place) == expected


def test_warnings_leave_the_file_readable() -> None:
    text = document(prod={**PROD, "url": "http://n8n.internal:5678"})
    configuration, problems = read_configuration(text.encode(), path="workflowops.yml")
    assert configuration is not None
    assert [(found.rule, found.severity) for found in problems] == [("url-in-clear", Severity.WARNING)]


def test_more_problems_than_anybody_reads_are_counted() -> None:
    found = problems_of("version: 1\n" + "".join(f"key{number}: 1\n" for number in range(500)))
    assert len(found) == 201
    assert found[-1].rule == "more-problems"
    assert "301" in found[-1].message


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({**PROD, "folder": "a/" * 400_000}, id="a folder of 400,000 levels"),
        pytest.param({**PROD, "url": "https://" + "${A}" * 200_000}, id="an address of 200,000 variables"),
        pytest.param({**PROD, "title": "${" * 400_000}, id="a title of half variables"),
    ],
)
def test_a_huge_text_is_out_of_bounds_and_not_looked_into(environment) -> None:
    (found,) = problems_of(document(prod=environment))
    assert found.rule == "out-of-bounds"
    assert len(found.message) < 1000


@settings(deadline=None)
@given(st.binary())
def test_whatever_the_bytes_there_is_a_configuration_or_an_error(source) -> None:
    problems_of(source)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param([], ["prod", "dev", "staging"], id="all when none is named"),
        pytest.param(["dev"], ["dev"], id="one"),
        pytest.param(["staging", "prod", "prod"], ["prod", "staging"], id="in the file's order, each once"),
    ],
)
def test_select(names, expected) -> None:
    assert [environment.name for environment in select(read(DESIGN), names)] == expected


def test_an_unknown_environment_is_refused_with_the_known_ones_and_a_guess() -> None:
    with pytest.raises(ConfigurationError) as caught:
        select(read(DESIGN), ["prdo", "dev", "zzz"])
    assert str(caught.value) == "No environment is called `prdo`, `zzz`."
    assert caught.value.fix == "Did you mean `prod`? Known: prod, dev, staging."
