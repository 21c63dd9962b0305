"""The checks of several commits, put together: what is missing on one of them is not hidden by another."""

import pytest

from workflowops.core.promotion.review import Checks, CheckState, all_of

ONE, OTHER = "a" * 40, "b" * 40
PASSED, FAILED = Checks({"test": CheckState.PASSED}), Checks({"test": CheckState.FAILED})


def test_the_checks_of_one_commit_keep_their_names() -> None:
    assert all_of({ONE: PASSED}) == PASSED


def test_a_check_of_the_same_name_counts_on_every_commit() -> None:
    assert all_of({ONE: PASSED, OTHER: FAILED}).states == {
        "test (aaaaaaa)": CheckState.PASSED,
        "test (bbbbbbb)": CheckState.FAILED,
    }


@pytest.mark.parametrize("found", [{ONE: PASSED, OTHER: Checks()}, {ONE: Checks(), OTHER: PASSED}, {ONE: Checks()}])
def test_a_commit_without_checks_leaves_nothing_that_has_passed(found) -> None:
    assert all_of(found) == Checks()
