"""What the pull request of a promotion says about itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.promotion.plan import Options
from workflowops.core.promotion.record import PromotionStatus
from workflowops.core.promotion.request import (
    FORCE_LABEL,
    OVERWRITE_LABEL,
    options_of,
    requested_by,
    requested_marker,
    status_label,
)

LOGINS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9-]{0,38}\Z")


@given(LOGINS, st.text(alphabet="abc \n<>!-", max_size=40))
def test_who_asked_is_read_back_from_the_body(login, around) -> None:
    assert requested_by(f"{around}\n{requested_marker(login)}\n{around}") == login


@pytest.mark.parametrize("login", ["", "a b", "x --> <!-- y", "github-actions[bot]", "-a", "a\nb"])
def test_what_is_no_login_of_a_person_is_not_written_into_a_body(login) -> None:
    assert requested_marker(login) == ""


@pytest.mark.parametrize("body", ["", "requested-by ada", "<!-- workflowops:requested-by  -->"])
def test_a_body_that_does_not_say_who_asked_says_nobody(body) -> None:
    assert requested_by(body) is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param([], (False, False), id="none"),
        pytest.param(["bug", "workflowops:overwrite"], (False, False), id="others"),
        pytest.param([OVERWRITE_LABEL], (True, False), id="hot fixes"),
        pytest.param([FORCE_LABEL], (False, True), id="source ahead"),
        pytest.param([FORCE_LABEL, OVERWRITE_LABEL], (True, True), id="both"),
    ],
)
def test_labels_allow_what_they_say_and_nothing_more(labels, expected) -> None:
    found = options_of(labels, Options())
    assert (found.allow_overwriting_hotfixes, found.allow_force_promotion_on_conflicts) == expected


@given(st.booleans(), st.booleans(), st.booleans(), st.lists(st.sampled_from([FORCE_LABEL, OVERWRITE_LABEL])))
def test_labels_take_nothing_back(overwrite, force, dependencies, labels) -> None:
    given_options = Options(
        allow_overwriting_hotfixes=overwrite,
        allow_force_promotion_on_conflicts=force,
        with_dependencies=dependencies,
    )
    found = options_of(labels, given_options)
    assert found.allow_overwriting_hotfixes >= overwrite
    assert found.allow_force_promotion_on_conflicts >= force
    assert found.with_dependencies is dependencies


@pytest.mark.parametrize("status", PromotionStatus)
def test_every_status_has_a_label_that_github_takes(status) -> None:
    for stage in ("staging", "a-stage-with-a-name-as-long-as-names-can-be-in-the-file" * 2):
        label = status_label(stage, status)
        assert label.name.startswith("workflowops:")
        assert len(label.name) <= 50
        assert len(label.description) <= 100
        assert len(label.color) == 6
        assert status.value.replace("_", "-") in label.name
