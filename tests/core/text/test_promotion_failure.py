"""Why a stage could not be planned, as it stands on the pull request."""

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, unseen_characters

from workflowops.core.promotion.outcome import Failed
from workflowops.core.text.promotion import failure_markdown
from workflowops.errors import ExitCode


def failed(text: str) -> Failed:
    return Failed(target=text, problem=text, fix=text, exit_code=ExitCode.REMOTE)


def test_a_stage_that_could_not_be_planned_reads_as_agreed() -> None:
    told = Failed(
        target="staging", problem="n8n gave no answer.", fix="Run `promote plan` again.", exit_code=ExitCode(4)
    )
    assert_golden("promotion_failure.md", failure_markdown(told) + "\n")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_that_is_told_is_markup(text: str) -> None:
    told = failure_markdown(failed(text))
    assert unseen_characters(told) == []
    assert "<img" not in told
    assert "<!--" not in told
