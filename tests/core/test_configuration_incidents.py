"""The `incidents` of workflowops.yml: what holds for which environment, and how what is wrong there is told."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.configuration import IncidentSeverity, Problem, Severity, read_configuration
from workflowops.core.incident.policy import (
    ESCALATE_AFTER_HOURS,
    CommandRule,
    Grouping,
    IncidentPolicy,
    OnDriftGone,
    Role,
)
from workflowops.schemas import SchemaName, schema

PROD = {"url": "https://prod.example.com", "api_key": "${PROD_KEY}"}


def written(incidents: Any = None, *, severity: str | None = None, **environments: Any) -> str:
    """A configuration with `incidents` at the top, and for each environment named."""
    listed = {
        name: PROD
        | {"url": f"https://{name}.example.com"}
        | ({} if own is None else {"incidents": own})
        | ({} if severity is None else {"severity": severity})
        for name, own in (environments or {"prod": None}).items()
    }
    top = {} if incidents is None else {"incidents": incidents}
    return yaml.safe_dump({"version": 1, **top, "environments": listed}, sort_keys=False)


def policies(text: str) -> dict[str, IncidentPolicy]:
    configuration, problems = read_configuration(text.encode(), path="workflowops.yml")
    assert problems == ()
    assert configuration is not None
    return {name: environment.incidents for name, environment in configuration.environments.items()}


def policy(incidents: Any = None, own: Any = None, *, severity: str | None = None) -> IncidentPolicy:
    return policies(written(incidents, severity=severity, prod=own))["prod"]


def problems_of(text: str) -> tuple[Problem, ...]:
    configuration, problems = read_configuration(text.encode(), path="workflowops.yml")
    assert (configuration is None) is any(problem.is_error for problem in problems)
    return problems


def test_every_key_is_read() -> None:
    incidents = {
        "enabled": False,
        "group_by": "workflow",
        "storm_limit": 3,
        "on_drift_gone": "tell",
        "escalate_after_hours": {"medium": 1.5},
        "assignees": ["octocat", "Mona-Lisa_acme", "octocat"],
        "mentions": ["@octocat", "@acme/n8n-admins"],
        "commands": {"close": {"role": "maintain", "users": ["octocat"], "teams": ["acme/leads"]}},
        "notify": ["${SLACK_WEBHOOK}", "${MAIL}", "${SLACK_WEBHOOK}"],
    }
    assert policy(incidents) == IncidentPolicy(
        enabled=False,
        group_by=Grouping.WORKFLOW,
        storm_limit=3,
        on_drift_gone=OnDriftGone.TELL,
        escalate_after_hours=1.5,
        assignees=("octocat", "Mona-Lisa_acme"),
        mentions=("@octocat", "@acme/n8n-admins"),
        commands={"close": CommandRule(role=Role.MAINTAIN, users=("octocat",), teams=("acme/leads",))},
        notify=("SLACK_WEBHOOK", "MAIL"),
    )
    own = {key: value for key, value in incidents.items() if key != "escalate_after_hours"}
    assert policy(own=own | {"escalate_after_hours": 1.5}) == policy(incidents)


@pytest.mark.parametrize("incidents", [None, {}], ids=["nothing", "an empty mapping"])
def test_what_is_left_out_has_its_default(incidents) -> None:
    assert policy(incidents, incidents) == IncidentPolicy(escalate_after_hours=72.0)


@pytest.mark.parametrize(
    ("top", "own", "expected"),
    [
        pytest.param({"storm_limit": 3, "group_by": "workflow"}, {}, {"storm_limit": 3}, id="the top holds"),
        pytest.param({"on_drift_gone": "tell"}, {"on_drift_gone": "close"}, {"on_drift_gone": "close"}, id="own first"),
        pytest.param({"enabled": True}, {"enabled": False}, {"enabled": False}, id="own first although it is false"),
        pytest.param({"assignees": ["a", "b"]}, {"assignees": ["c"]}, {"assignees": ("c",)}, id="lists are replaced"),
        pytest.param({"notify": ["${A}"]}, {"notify": []}, {"notify": ()}, id="with nothing as well"),
        pytest.param({"mentions": ["@a"]}, {"assignees": ["c"]}, {"mentions": ("@a",)}, id="key by key"),
        pytest.param(
            {"commands": {"close": {"role": "admin"}, "accept": {"role": "admin"}}},
            {"commands": {"close": {"users": ["a"]}, "diff": {"role": "write"}}},
            {
                "commands": {
                    "close": CommandRule(users=("a",)),
                    "accept": CommandRule(role=Role.ADMIN),
                    "diff": CommandRule(role=Role.WRITE),
                }
            },
            id="commands are replaced one by one",
        ),
    ],
)
def test_an_environment_says_otherwise_key_by_key(top, own, expected) -> None:
    found = policies(written(top, prod=own, dev=None))
    assert {key: getattr(found["prod"], key) for key in expected} == expected
    assert found["dev"] == policy(top)


@pytest.mark.parametrize(
    ("top", "own", "severity", "expected"),
    [
        pytest.param(None, None, "critical", 4.0, id="the default of the severity"),
        pytest.param(None, None, None, 72.0, id="medium when there is none"),
        pytest.param({"high": 2}, None, "high", 2.0, id="of the severity at the top"),
        pytest.param({"high": 2}, None, "low", 168.0, id="the others keep their defaults"),
        pytest.param({"low": None}, None, "low", None, id="never for a severity"),
        pytest.param("never", None, "critical", None, id="never at all"),
        pytest.param("never", 5, "critical", 5.0, id="never at all but here"),
        pytest.param({"high": 2}, 0.5, "high", 0.5, id="half an hour here"),
        pytest.param({"high": 2}, "never", "high", None, id="never here"),
    ],
)
def test_the_age_at_which_an_incident_escalates(top, own, severity, expected) -> None:
    asked = [
        None if each is None else {"escalate_after_hours": None if each == "never" else each} for each in (top, own)
    ]
    assert policy(asked[0], asked[1], severity=severity).escalate_after_hours == expected


def test_the_schema_names_the_defaults_that_hold() -> None:
    defined = schema(SchemaName.CONFIGURATION)["$defs"]
    assert set(ESCALATE_AFTER_HOURS) == set(IncidentSeverity)
    hours = {name: asked["default"] for name, asked in defined["escalation"]["properties"].items()}
    assert hours == ESCALATE_AFTER_HOURS
    told = {
        key: defined[asked["$ref"].rpartition("/")[2]].get("default")
        for key, asked in defined["incidents"]["properties"].items()
        if key != "escalate_after_hours"
    }
    defaults = {key: getattr(IncidentPolicy(), key) for key in told}
    assert told == {key: list(value) if isinstance(value, tuple) else value for key, value in defaults.items()}


def test_the_rules_of_commands_know_every_command_and_no_other() -> None:
    commands = pytest.importorskip("workflowops.core.comment.commands")
    known = schema(SchemaName.CONFIGURATION)["$defs"]["commands"]["properties"]
    assert list(known) == [str(name) for name in commands.CommandName]


def test_every_role_but_the_weak_ones_can_be_asked_for() -> None:
    roles = schema(SchemaName.CONFIGURATION)["$defs"]["command_rule"]["properties"]["role"]["enum"]
    assert roles == [str(role) for role in Role if role not in (Role.NONE, Role.READ)]


def test_every_problem_is_told_at_once_in_the_files_order() -> None:
    text = """\
version: 1
incidents:
  asignees: [octocat]
  group_by: workflows
  storm_limit: 0
  escalate_after_hours: {critical: 0, hgih: 2, low: soon}
  mentions: [octocat, "@acme/n8n-admins"]
  commands:
    close: {role: read, users: ["@octocat"], teams: [leads]}
    aknowledge: {}
  notify:
    - "https://hooks.slack.com/services/T/B/X"
environments:
  prod:
    url: https://prod.example.com
    api_key: ${PROD_KEY}
    incidents:
      escalate_after_hours: {high: 3}
      assignees: [a, b, c, d, e, f, g, h, i, j, k]
      notify: ${SLACK_WEBHOOK}
"""
    assert [(found.line, found.column, found.rule) for found in problems_of(text)] == [
        (3, 3, "unknown-key"),
        (4, 13, "unknown-value"),
        (5, 3, "no-effect"),
        (5, 16, "out-of-bounds"),
        (6, 36, "out-of-bounds"),
        (6, 39, "unknown-key"),
        (6, 53, "wrong-type"),
        (7, 14, "bad-mention"),
        (9, 19, "weak-role"),
        (9, 33, "bad-login"),
        (9, 54, "bad-team"),
        (10, 5, "unknown-key"),
        (12, 7, "literal-address"),
        (18, 29, "wrong-type"),
        (19, 18, "out-of-bounds"),
        (20, 15, "wrong-type"),
    ]


@pytest.mark.parametrize(
    ("incidents", "rule", "said", "fix"),
    [
        pytest.param({"enable": True}, "unknown-key", "`enable`", "`enabled`", id="a key with a slip"),
        pytest.param({"commands": {"aknowledge": {}}}, "unknown-key", "aknowledge", "`acknowledge`", id="a command"),
        pytest.param({"commands": {"/close": {}}}, "unknown-key", "`/close`", "`close`", id="a command as it is given"),
        pytest.param({"commands": {"deploy": {}}}, "unknown-key", "`deploy`", "accept, acknowledge", id="none such"),
        pytest.param({"commands": {"close": {}}}, "out-of-bounds", "is empty", "Example", id="a rule without a word"),
        pytest.param({"commands": {"close": {"rol": "write"}}}, "unknown-key", "`rol`", "`role`", id="a rule's key"),
        pytest.param({"commands": {"close": {"role": "read"}}}, "weak-role", "below triage", "triage", id="read"),
        pytest.param({"commands": {"close": {"role": "none"}}}, "weak-role", "below triage", "triage", id="none"),
        pytest.param(
            {"commands": {"approve": {"role": "triage"}}}, "unknown-value", "`triage`", "Write", id="no writer"
        ),
        pytest.param(
            {"commands": {"lock": {"role": "read"}}}, "weak-role", "below triage", "write", id="a reader's lock"
        ),
        pytest.param({"commands": {"close": {"role": "owner"}}}, "unknown-value", "`owner`", "Write", id="a role"),
        pytest.param({"commands": {"close": {"role": True}}}, "unknown-value", "one of", "Write", id="no word"),
        pytest.param({"commands": {"close": {"role": {}}}}, "unknown-value", "one of", "Write", id="a mapping for one"),
        pytest.param({"commands": {"close": {"users": []}}}, "out-of-bounds", "at least 1", "Example", id="nobody"),
        pytest.param({"commands": {"close": {"users": ["acme/a"]}}}, "bad-login", "acme/a", "`teams`", id="a team"),
        pytest.param({"commands": {"close": {"teams": ["@a/b"]}}}, "bad-team", "@a/b", "without `@`", id="a mention"),
        pytest.param({"commands": {"close": {"teams": ["a/b/c"]}}}, "bad-team", "a/b/c", "slug", id="a path"),
        pytest.param({"assignees": ["@octocat"]}, "bad-login", "`@octocat`", "without `@`", id="an assignee with @"),
        pytest.param({"assignees": ["a@b.example"]}, "bad-login", "login", "e-mail", id="an assignee's e-mail"),
        pytest.param({"assignees": ["acme/a"]}, "bad-login", "acme/a", "people", id="a team as an assignee"),
        pytest.param({"assignees": ["a b"]}, "bad-login", "`a b`", "`octocat`", id="an assignee's full name"),
        pytest.param({"assignees": ["octocat\n"]}, "bad-login", "octocat", "octocat", id="a login and a line break"),
        pytest.param({"assignees": [""]}, "bad-login", "login", "octocat", id="a login without a letter"),
        pytest.param({"assignees": [5]}, "wrong-type", "must be text", "quotes", id="a number as a login"),
        pytest.param({"assignees": "octocat"}, "wrong-type", "a list", "[", id="a login that is no list"),
        pytest.param({"assignees": [f"a{n}" for n in range(11)]}, "out-of-bounds", "more than 10", "10", id="eleven"),
        pytest.param({"mentions": ["octocat"]}, "bad-mention", "`octocat`", '"@octocat"', id="a mention without @"),
        pytest.param({"mentions": ["@a@b.example"]}, "bad-mention", "mentioned", "e-mail", id="a mentioned e-mail"),
        pytest.param({"mentions": ["@a/b/c"]}, "bad-mention", "`@a/b/c`", "team", id="a mention with two slashes"),
        pytest.param({"mentions": ["@all <b>"]}, "bad-mention", "@all", "team", id="a mention and more"),
        pytest.param(
            {"storm_limit": 51, "group_by": "workflow"}, "out-of-bounds", "at most 50", "", id="a large storm"
        ),
        pytest.param({"on_drift_gone": "closed"}, "unknown-value", "`closed`", "`close`", id="a word with a slip"),
        pytest.param({"escalate_after_hours": 4}, "wrong-type", "a mapping", "critical", id="one number at the top"),
        pytest.param({"escalate_after_hours": {"low": -1}}, "out-of-bounds", "more than 0", "", id="less than none"),
        pytest.param(
            {"escalate_after_hours": {"low": 1e9}}, "out-of-bounds", "87600", "", id="a hundred thousand years"
        ),
        pytest.param({"escalate_after_hours": {"low": True}}, "wrong-type", "number or nothing", "", id="yes as hours"),
        pytest.param([], "wrong-type", "a mapping", "", id="a list"),
        pytest.param({"notify": {"a": "b"}}, "wrong-type", "a list", "${SLACK_WEBHOOK}", id="a mapping to notify"),
    ],
)
def test_what_is_wrong_is_told_with_a_fix_at_the_top_and_in_an_environment(incidents, rule, said, fix) -> None:
    tried = [written(incidents)]
    if "escalate_after_hours" not in incidents:
        tried.append(written(prod=incidents))
    for text in tried:
        (found,) = (each for each in problems_of(text) if each.is_error)
        assert found.rule == rule
        assert said in found.message
        assert fix in found.fix
        assert found.fix
        assert found.line is not None


@pytest.mark.parametrize(
    ("hours", "rule"),
    [
        pytest.param(0, "out-of-bounds", id="none"),
        pytest.param("4h", "wrong-type", id="a unit"),
        pytest.param({"high": 4}, "wrong-type", id="by severity"),
        pytest.param(float("inf"), "wrong-type", id="without end"),
        pytest.param(float("nan"), "wrong-type", id="no number"),
    ],
)
def test_in_an_environment_hours_are_a_number_above_0_or_null(hours, rule) -> None:
    (found,) = problems_of(written(prod={"escalate_after_hours": hours}))
    assert found.rule == rule


@pytest.mark.parametrize(
    ("top", "prod", "places"),
    [
        pytest.param({"storm_limit": 3}, {}, 1, id="one incident for an environment"),
        pytest.param({"storm_limit": 3}, {"group_by": "workflow"}, 0, id="used by one environment"),
        pytest.param({"storm_limit": 3, "group_by": "workflow"}, {"group_by": "environment"}, 0, id="used by others"),
        pytest.param({"group_by": "workflow"}, {"storm_limit": 3}, 0, id="grouped at the top"),
        pytest.param({"group_by": "workflow"}, {"storm_limit": 3, "group_by": "environment"}, 1, id="not here"),
        pytest.param({}, {"storm_limit": 3}, 1, id="not at all"),
        pytest.param({"storm_limit": 10, "group_by": "environment"}, {}, 0, id="the defaults, written out"),
    ],
)
def test_a_storm_limit_without_storms_is_a_warning(top, prod, places) -> None:
    found = problems_of(written(top, prod=prod))
    assert [(each.rule, each.severity) for each in found] == [("no-effect", Severity.WARNING)] * places


ADDRESSES = st.sampled_from(
    ["https://hooks.slack.com/services/{}", "mailto://u:{}@h", "{}", "${{A}}{}", "$A{}", "slack://{}"]
)
FORMS = [
    "[{}]",
    "['{}']",
    "{{a: '{}'}}",
    "[[{}]]",
    "[{{url: '{}'}}]",
    "[{{'{}': x}}]",
    "'{}'",
    "\n    - |\n      {}",
    "[!x '{}']",
]


@settings(deadline=None)
@given(
    st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789", min_size=12, max_size=40),
    ADDRESSES,
    st.sampled_from(FORMS),
    st.booleans(),
)
def test_an_address_is_refused_and_never_repeated(secret, address, form, at_the_top) -> None:
    secret = f"Zq7{secret}"
    notify = f"incidents: {{notify: {form.format(address.format(secret))}}}"
    if "\n" in form:
        notify = f"incidents:\n   notify: {form.format(address.format(secret))}"
    environments = "environments: {prod: {url: 'https://h', api_key: '${A}'}}"
    if at_the_top:
        text = f"version: 1\n{notify}\n{environments}\n"
    else:
        indented = notify.replace("\n", "\n    ")
        text = f"version: 1\nenvironments:\n  prod:\n    url: https://h\n    api_key: ${{A}}\n    {indented}\n"
    found = problems_of(text)
    assert any(problem.is_error for problem in found)
    assert all(secret not in problem.message + problem.fix for problem in found)


@pytest.mark.parametrize("item", [5, True, None, [1], {"a": 1}, "", "x", "${A}${B}", "${A}x", " ${A}", "$A", "${A}\n"])
def test_whatever_else_stands_for_an_address_is_told_as_a_literal_address(item) -> None:
    for text in (written({"notify": ["${OK}", item]}), written(prod={"notify": ["${OK}", item]})):
        (found,) = problems_of(text)
        assert found.rule == "literal-address"
        assert "notify[1]" in found.message
        assert '"${SLACK_WEBHOOK}"' in found.fix


WORDS = st.sampled_from(["environment", "workflow", "close", "@a", "a", "a/b", "${A}", "read", "high", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 60) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*schema(SchemaName.CONFIGURATION)["$defs"]["incidents"]["properties"], "close", "role", "high"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_whatever_is_said_about_incidents_there_is_a_policy_or_an_error(top: Any, own: Any) -> None:
    text = json.dumps({"version": 1, "incidents": top, "environments": {"prod": {**PROD, "incidents": own}}})
    configuration, problems = read_configuration(text.encode(), path="workflowops.yml")
    assert (configuration is None) is any(problem.is_error for problem in problems)
    assert configuration is None or isinstance(configuration.environments["prod"].incidents, IncidentPolicy)
    assert isinstance(top, Mapping) or configuration is None


def test_commands_about_promotions_are_the_ones_that_take_write_access_at_least() -> None:
    commands = pytest.importorskip("workflowops.core.comment.commands")
    known = schema(SchemaName.CONFIGURATION)["$defs"]["commands"]["properties"]
    about_promotions = {name for name, rule in known.items() if rule["$ref"].endswith("/promotion_command_rule")}
    specs = commands.SPECS.items()
    assert about_promotions == {str(name) for name, spec in specs if spec.lowest_role is Role.WRITE}
    assert {spec.least_role for name, spec in specs if str(name) in about_promotions} == {Role.WRITE}


def test_the_schema_names_the_commands_that_take_no_more_than_triage() -> None:
    commands = pytest.importorskip("workflowops.core.comment.commands")
    described = schema(SchemaName.CONFIGURATION)["$defs"]["command_rule"]["properties"]["role"]["description"]
    weak = sorted(str(name) for name, spec in commands.SPECS.items() if spec.least_role is Role.TRIAGE)
    assert f"triage for {', '.join(weak)};" in described


def test_what_the_top_says_is_kept_for_incidents_whose_environment_is_gone() -> None:
    top = {"on_drift_gone": "tell", "mentions": ["@octocat"], "commands": {"close": {"role": "admin"}}}
    text = written(top, prod={"on_drift_gone": "close", "commands": {"close": {"role": "write"}}})
    configuration, _ = read_configuration(text.encode(), path="workflowops.yml")
    assert configuration is not None
    assert configuration.incidents == IncidentPolicy(
        on_drift_gone=OnDriftGone.TELL,
        mentions=("@octocat",),
        commands={"close": CommandRule(role=Role.ADMIN)},
        escalate_after_hours=ESCALATE_AFTER_HOURS["medium"],
    )
    assert configuration.environments["prod"].incidents.on_drift_gone is OnDriftGone.CLOSE
