"""`/onboard`: what its line asks for, and what cannot be meant."""

import pytest

from workflowops.core.comment.commands import (
    ON_FORMS,
    SPECS,
    CommandName,
    Misunderstood,
    Understood,
    asked,
    asked_on_form,
)
from workflowops.core.comment.onboarding_request import MOST_WORKFLOWS, OnboardingAsked, onboarding_asked
from workflowops.core.incident.policy import Role
from workflowops.errors import ConfigurationError


def of(line: str) -> OnboardingAsked:
    (command,) = asked(line)
    assert isinstance(command, Understood)
    return onboarding_asked(command.fields)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("/onboard w-051", OnboardingAsked(workflow_ids=("w-051",)), id="one"),
        pytest.param("/onboard `a` b, c a", OnboardingAsked(workflow_ids=("a", "b", "c")), id="several, each once"),
        pytest.param("/onboard ALL", OnboardingAsked(is_all=True), id="all"),
        pytest.param("/onboard workflow=a", OnboardingAsked(workflow_ids=("a",)), id="by its key"),
        pytest.param("/onboard a environment=dev", OnboardingAsked(workflow_ids=("a",), environment="dev"), id="where"),
        pytest.param(
            '/onboard a slug=s tags="x, y,,x" description="What it is" file=dev/s.json message="Add it"',
            OnboardingAsked(
                workflow_ids=("a",),
                slug="s",
                tags=("x", "y"),
                description="What it is",
                file="dev/s.json",
                message="Add it",
            ),
            id="in full",
        ),
        pytest.param(
            "/onboard a link=yes allow_secrets=TRUE",
            OnboardingAsked(workflow_ids=("a",), link=True, allow_secrets=True),
            id="allowed",
        ),
        pytest.param("/onboard a allow_secrets=no", OnboardingAsked(workflow_ids=("a",)), id="not allowed"),
    ],
)
def test_a_line_asks_for_workflows(line, expected) -> None:
    assert of(line) == expected


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param("/onboard , ,", "No workflow is named", id="nothing"),
        pytest.param("/onboard all a", "beside n8n ids", id="all and one"),
        pytest.param("/onboard a!b", "is no n8n id", id="no id"),
        pytest.param("/onboard a b slug=s", "for one workflow", id="a slug for two"),
        pytest.param("/onboard all file=dev/s.json", "for one workflow", id="a file for all"),
        pytest.param("/onboard a allow_secrets=perhaps", "allow_secrets is `perhaps`", id="neither yes nor no"),
        pytest.param("/onboard " + " ".join(f"w{n}" for n in range(MOST_WORKFLOWS + 1)), "are the most", id="too many"),
    ],
)
def test_what_cannot_be_meant_is_told(line, problem) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        of(line)
    assert caught.value.fix


def test_a_line_that_names_nothing_is_misunderstood() -> None:
    (found,) = asked("/onboard")
    assert isinstance(found, Misunderstood)
    assert "needs the n8n ids of workflows, or `all`" in found.problem


def test_on_a_form_only_what_is_of_use_there_counts_and_the_rest_is_told() -> None:
    assert {*ON_FORMS} == {CommandName.ONBOARD, CommandName.HELP}
    onboard, close, typo = asked_on_form("/onboard a\n/close\n/onbord b\nsome /usr/bin text")
    assert isinstance(onboard, Understood)
    assert isinstance(close, Misunderstood)
    assert isinstance(typo, Misunderstood)
    assert "Did you mean `/onboard`?" in typo.problem


def test_no_configuration_gives_it_to_less_than_write_access() -> None:
    assert SPECS[CommandName.ONBOARD].lowest_role is Role.WRITE
