"""Problems of files, told so that somebody can put them right."""

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code

from workflowops.core.problems import Place, Problem
from workflowops.core.text.problems import render_problems, summary_problems
from workflowops.core.text.style import Style

PLAIN = Style(color=False, width=100)
PROBLEMS = (
    Problem.error(
        "workflowops.yml",
        rule="literal-api-key",
        message="environments.prod.api_key holds a literal key. Keys never belong into a file.",
        fix="Write ${N8N_PROD_API_KEY} and set that variable.",
        place=Place(7, 14),
    ),
    Problem.warning(
        "prod/order.json",
        rule="no-sidecar",
        message="There is no sidecar.",
        fix="Write prod/order.wfo.json with canonical_id 0a1b2c3d-0000-5000-8000-000000000000.",
    ),
)


def test_the_terminal_text_is_as_agreed() -> None:
    assert_golden("problems.txt", render_problems(PROBLEMS, files=12, style=PLAIN))


def test_the_summary_is_as_agreed() -> None:
    assert_golden("problems.md", summary_problems(PROBLEMS, files=12))


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        pytest.param((), "Valid: 1 file checked, nothing to put right.", id="none"),
        pytest.param(PROBLEMS[1:], "Valid, with 1 warning: 1 file checked.", id="a warning"),
        pytest.param(PROBLEMS, "Not valid: 1 error and 1 warning in 1 file.", id="both"),
    ],
)
def test_the_first_line_is_the_verdict(problems, expected) -> None:
    assert render_problems(problems, files=1, style=PLAIN).splitlines()[0] == expected
    assert expected in summary_problems(problems, files=1)


def test_a_summary_of_thousands_of_problems_fits() -> None:
    many = tuple(
        Problem.error(f"prod/{n}.json", rule="x", message="<" * 600, fix="@" * 600, place=None) for n in range(5_000)
    )
    told = summary_problems(many, files=5_000)
    assert len(told.encode()) < 1_000_000
    assert "more left out here" in told


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_a_file_acts(text) -> None:
    problems = (Problem.error(text, rule=text, message=text, fix=text, place=Place(1, 1)),)
    log, summary = render_problems(problems, files=1, style=PLAIN), summary_problems(problems, files=1)
    assert runner_commands(log) == unseen_characters(log) == []
    assert "](" not in without_code(summary)
    assert unseen_characters(summary.replace("\u200b", "")) == []
