"""The configuration that is written is valid as it is, whatever the names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.setup.setups import make_setup
from tests.core.text.golden import assert_golden

from workflowops.core.configuration import Approval, IncidentSeverity, read_configuration
from workflowops.core.setup.configuration_file import configuration_text, missing_environments
from workflowops.core.setup.wishes import Setup, planned_environments
from workflowops.errors import ConfigurationError

NAMES = st.lists(
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True)
    | st.sampled_from(["on", "no", "y", "null", "1", "0x1f", "1e3", "true", "0o7", "1_000", "12-30-45"]),
    min_size=1,
    max_size=5,
    unique=True,
)
TITLES = st.text(min_size=1, max_size=40)


def read(setup: Setup) -> object:
    configuration, problems = read_configuration(configuration_text(setup).encode(), path="workflowops.yml")
    assert problems == ()
    assert configuration is not None
    return configuration


@given(NAMES, TITLES, st.sampled_from([Approval.ENVIRONMENT, Approval.COMMENTS]))
def test_it_is_valid_and_says_what_was_wanted(names, title, approval) -> None:
    try:
        planned = planned_environments(names, titles={names[0]: title})
    except ConfigurationError:
        return
    setup = make_setup(approval=approval)
    setup = Setup(environments=planned, pin=setup.pin, approval=approval)
    configuration = read(setup)
    assert list(configuration.environments) == names
    assert configuration.environments[names[0]].title == title
    assert configuration.environments[names[-1]].severity is IncidentSeverity.HIGH
    stages = configuration.pipelines["default"].stages if len(names) > 1 else ()
    assert [stage.environment for stage in stages] == (names if len(names) > 1 else [])
    assert [stage.gates.approval for stage in stages[-1:]] == [approval] * (len(names) > 1)


def test_what_is_written_for_three_environments() -> None:
    assert_golden("setup_workflowops.yml", configuration_text(make_setup()))


def test_one_environment_has_no_pipeline() -> None:
    assert read(make_setup("prod")).pipelines == {}


@pytest.mark.parametrize(("known", "missing"), [(["dev", "staging", "prod"], []), (["dev", "prod"], ["  staging:"])])
def test_the_lines_of_environments_that_are_not_there_yet(known, missing) -> None:
    lines = missing_environments(make_setup().environments, known=known)
    assert lines[:1] == missing
    assert sum(line.startswith("  ") and not line.startswith("   ") for line in lines) == len(missing)
