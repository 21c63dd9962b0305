"""Names, pins, branches and runners: what can stand in a file is taken, everything else is refused with a way out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.configuration import read_configuration
from workflowops.core.setup.wishes import (
    check_branch,
    check_variables,
    configured_environments,
    planned_environments,
    read_pin,
    read_runner,
    title_of,
)
from workflowops.errors import ConfigurationError

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_the_environments_stand_in_the_order_in_which_they_were_named() -> None:
    planned = planned_environments(["dev", "prod-eu"])
    assert [each.name for each in planned] == ["dev", "prod-eu"]
    assert [each.title for each in planned] == ["Development", "Production EU"]
    assert [each.url_variables for each in planned] == [("N8N_DEV_URL",), ("N8N_PROD_EU_URL",)]
    assert [each.key_variable for each in planned] == ["N8N_DEV_API_KEY", "N8N_PROD_EU_API_KEY"]
    assert [each.is_production for each in planned] == [False, True]


def test_which_is_production_can_be_said() -> None:
    planned = planned_environments(["prod", "backup"], production="prod")
    assert [each.is_production for each in planned] == [True, False]


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        pytest.param([], "No environment is named", id="none"),
        pytest.param([""], "is no name", id="empty"),
        pytest.param(["Prod"], "is no name", id="capital"),
        pytest.param(["prod eu"], "is no name", id="blank"),
        pytest.param(["../prod"], "is no name", id="climbs"),
        pytest.param(["-prod"], "is no name", id="begins with a hyphen"),
        pytest.param(["prod\n"], "is no name", id="line break"),
        pytest.param(["p" * 64], "is no name", id="too long"),
        pytest.param(["con"], "name", id="Windows keeps it"),
        pytest.param(["dev", "dev"], "named twice", id="twice"),
        pytest.param(["a-b", "a_b"], "would both read N8N_A_B_API_KEY", id="one variable"),
        pytest.param(["${{ github.token }}"], "is no name", id="expression"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(names, problem) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        planned_environments(names)
    assert caught.value.fix


def test_a_refused_name_comes_with_one_that_would_do() -> None:
    with pytest.raises(ConfigurationError) as caught:
        planned_environments(["Prod EU"])
    assert "prod-eu" in caught.value.fix


@pytest.mark.parametrize("title", ["", "a\nb", "x" * 201, "${SECRET}", "\u202eevil"])
def test_a_title_that_could_mislead_is_refused(title) -> None:
    if not title:
        assert planned_environments(["dev"], titles={"dev": title})[0].title == "Development"
        return
    with pytest.raises(ConfigurationError):
        planned_environments(["dev"], titles={"dev": title})


def test_the_pin_is_a_repository_and_a_whole_commit() -> None:
    pin = read_pin(f" acme/workflow.ops@{COMMIT}\n")
    assert (pin.repository, pin.commit) == ("acme/workflow.ops", COMMIT)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("acme/workflowops@main", id="branch"),
        pytest.param("acme/workflowops@v1", id="tag"),
        pytest.param(f"acme/workflowops@{COMMIT[:12]}", id="short"),
        pytest.param(f"acme/workflowops@{COMMIT.upper()}", id="capitals"),
        pytest.param(f"acme/workflowops@{COMMIT}0", id="41 digits"),
        pytest.param(f"workflowops@{COMMIT}", id="no owner"),
        pytest.param(f"acme/workflowops/action@{COMMIT}", id="a folder"),
        pytest.param(f"acme/workflowops@{COMMIT}\nx: y", id="more lines"),
        pytest.param("acme/workflowops@" + "0" * 40, id="zeros"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_could_move_or_is_no_commit_is_no_pin(text) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_pin(text)
    assert caught.value.fix


@pytest.mark.parametrize("branch", ["main", "master", "release/1.x", "2026"])
def test_a_branch_is_taken_as_it_is(branch) -> None:
    assert check_branch(branch) == branch


@pytest.mark.parametrize("branch", ["", "ma*n", "!main", "a b", "a..b", "a]", "main\n", "x/", "-f", "a" * 201])
def test_a_branch_that_a_trigger_would_read_as_a_pattern_is_refused(branch) -> None:
    with pytest.raises(ConfigurationError):
        check_branch(branch)


def test_a_runner_may_have_several_labels() -> None:
    assert read_runner("self-hosted, linux") == ("self-hosted", "linux")


@pytest.mark.parametrize("text", ["", "a,,b", "${{ inputs.x }}", "a b", "a\nb"])
def test_what_is_no_label_is_refused(text) -> None:
    with pytest.raises(ConfigurationError):
        read_runner(text)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("dev", "Development"),
        ("staging", "Staging"),
        ("prod", "Production"),
        ("prod-us", "Production US"),
        ("qa2", "Qa2"),
    ],
)
def test_a_title_is_proposed(name, title) -> None:
    assert title_of(name) == title


def test_a_configuration_that_is_there_says_its_own_variables_and_the_order_of_its_pipeline() -> None:
    text = """\
version: 1
environments:
  live: {url: "https://live.example.com", api_key: "${LIVE_KEY}", severity: high, folder: flows/live}
  test: {url: "${TEST_URL}", api_key: "${TEST_KEY}"}
  other: {url: "${OTHER_URL}", api_key: "${OTHER_KEY}"}
pipelines:
  default: {stages: [{environment: test}, {environment: live}]}
"""
    configuration, _ = read_configuration(text.encode(), path="workflowops.yml")
    assert configuration is not None
    found = configured_environments(configuration)
    assert [(each.name, each.url_variables, each.key_variable) for each in found] == [
        ("test", ("TEST_URL",), "TEST_KEY"),
        ("live", (), "LIVE_KEY"),
        ("other", ("OTHER_URL",), "OTHER_KEY"),
    ]
    assert [each.name for each in found if each.is_production] == ["live"]
    assert [each.name for each in found if each.is_target] == ["live"]
    assert found[1].folder == "flows/live"


NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)


@given(st.lists(NAMES, min_size=1, max_size=6, unique=True))
def test_planned_environments_never_share_a_variable(names) -> None:
    try:
        planned = planned_environments(names)
    except ConfigurationError:
        return
    variables = [name for each in planned for name in (*each.url_variables, each.key_variable)]
    assert len(set(variables)) == len(variables)
    check_variables(planned)
