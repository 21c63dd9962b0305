"""A form's issue read back: what was entered, and nothing that only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.comment.onboarding_request import OnboardingAsked
from workflowops.core.setup.form import FormField
from workflowops.core.unmapped.form import EMPTY, LONGEST_FORM, read_form
from workflowops.errors import ConfigurationError

FILLED = {
    FormField.ENVIRONMENT: "dev",
    FormField.WORKFLOW: "wf-dev-051",
    FormField.SLUG: "customer_survey_automation",
    FormField.DESCRIPTION: "Automates customer survey collection and logging",
    FormField.TAGS: "surveys, automation, customers",
    FormField.FILE: "dev/customer_survey_automation.json",
    FormField.MESSAGE: "Add customer survey automation workflow",
}
ONE_LINE = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40).filter(
    lambda text: text.strip() and text.strip() != EMPTY and not text.lstrip().startswith("#")
)


def body(**changes: str) -> str:
    """The issue's body as GitHub writes it; a field is named by its enum, in lower case."""
    values = {field: changes.get(field.name.lower(), value) for field, value in FILLED.items()}
    return "\n\n".join(f"### {field}\n\n{value or EMPTY}" for field, value in values.items())


def test_what_was_entered_is_read() -> None:
    assert read_form(body()) == OnboardingAsked(
        workflow_ids=("wf-dev-051",),
        environment="dev",
        slug="customer_survey_automation",
        file="dev/customer_survey_automation.json",
        description="Automates customer survey collection and logging",
        tags=("surveys", "automation", "customers"),
        message="Add customer survey automation workflow",
    )


def test_what_was_left_empty_is_left_to_the_name() -> None:
    empty = dict.fromkeys(("slug", "description", "tags", "file", "message"), "")
    assert read_form(body(**empty)) == OnboardingAsked(workflow_ids=("wf-dev-051",), environment="dev")


def test_line_ends_of_a_browser_are_no_hindrance() -> None:
    assert read_form(body().replace("\n", "\r\n")) == read_form(body())


def test_a_description_may_have_several_lines() -> None:
    assert read_form(body(description="One\n\n#### Two\nThree")).description == "One\n\n#### Two\nThree"


@given(ONE_LINE)
def test_a_description_is_kept_as_it_is(text) -> None:
    assert read_form(body(description=text)).description == text.strip()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param("", "is missing", id="empty"),
        pytest.param("Please onboard wf-1", "before the first heading", id="prose"),
        pytest.param("Hello\n\n" + body(), "before the first heading", id="text before"),
        pytest.param(body() + "\n\n### Approved\n\nyes", "none of the form", id="another heading"),
        pytest.param(body(description="x\n### n8n workflow id\n\nother"), "there twice", id="a field forged"),
        pytest.param(body(workflow="a\n### Canonical slug\n\nmine"), "there twice", id="forged ahead"),
        pytest.param(body().partition("### Commit message")[0], "`Commit message` is missing", id="cut"),
        pytest.param(body().partition("### n8n")[2].join(["### n8n", ""]), "not where the form has it", id="head gone"),
        pytest.param(body(workflow=""), "is empty", id="no workflow"),
        pytest.param(body(environment=""), "is empty", id="no environment"),
        pytest.param(body(workflow="a\nb"), "several lines", id="two lines"),
        pytest.param(body(workflow="a b"), "for one workflow", id="two workflows"),
        pytest.param(body(workflow="all", slug="", file=""), "for one workflow", id="all"),
        pytest.param(body(workflow="../../etc/passwd"), "is no n8n id", id="no id"),
        pytest.param(body(description="x" * LONGEST_FORM), "are the most", id="too long"),
    ],
)
def test_anything_else_is_misunderstood_and_told(text, problem) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        read_form(text)
    assert caught.value.fix


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text) -> None:
    with pytest.raises(ConfigurationError):
        read_form(text)
