"""A check is honest by construction: no verdict without its fix, no title that is not the unit's own word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.doctor.check import (
    Check,
    Finding,
    Verdict,
    broken,
    check_of,
    environment_subject,
    is_broken,
    passed,
    skipped,
    unknown,
    warning,
)

FINDINGS = st.sampled_from([
    passed(),
    passed("Seen."),
    skipped("Not here."),
    warning("Odd.", fix="Look."),
    broken("Gone.", fix="Bring it back.", details=["One.", "Two."]),
    unknown("Unseen.", fix="Look there."),
])  # fmt: skip


def made(finding: Finding) -> Check:
    return Check("a.b", "state", "It works", finding.verdict, finding.found, finding.fix, finding.details)


@pytest.mark.parametrize("verdict", [Verdict.WARNING, Verdict.BROKEN, Verdict.UNKNOWN])
def test_what_needs_somebody_always_says_what_to_do(verdict) -> None:
    with pytest.raises(ValueError, match=r"a\.b"):
        Check("a.b", "state", "It works", verdict, "It does not.")


@pytest.mark.parametrize("verdict", [Verdict.PASSED, Verdict.SKIPPED])
def test_what_needs_nobody_asks_for_nothing(verdict) -> None:
    with pytest.raises(ValueError, match=r"a\.b"):
        Check("a.b", "state", "It works", verdict, "It does.", "Do something.")


@given(FINDINGS)
def test_every_finding_makes_a_check(finding) -> None:
    assert made(finding).verdict is finding.verdict


@given(FINDINGS)
def test_a_check_has_the_first_line_of_its_unit_as_title_and_the_finding_as_it_is(finding) -> None:
    def unit(_: int) -> Finding:
        """The sky is up.

        More about it.
        """
        return finding

    check = check_of(unit, 1, identifier="sky.up", subject="repository")
    assert (check.id, check.subject, check.title) == ("sky.up", "repository", "The sky is up")
    assert (check.verdict, check.found, check.fix, check.details) == (
        finding.verdict,
        finding.found,
        finding.fix,
        finding.details,
    )


def test_a_unit_without_a_text_is_no_check() -> None:
    def unit(_: int) -> Finding:
        return passed()

    with pytest.raises(ValueError, match="says nothing"):
        check_of(unit, 1, identifier="sky.up", subject="repository")


@given(st.lists(FINDINGS))
def test_the_whole_is_broken_when_one_is_and_for_no_other_reason(findings) -> None:
    assert is_broken(map(made, findings)) == any(each.verdict is Verdict.BROKEN for each in findings)


def test_environments_are_subjects_by_name() -> None:
    assert environment_subject("prod") == "environment prod"
