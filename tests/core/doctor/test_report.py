"""What all checks amount to: the worst counts, what was skipped says nothing, nothing is lost in the document."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.doctor.catalogue import ENVIRONMENT_CHECKS, INSTANCE_CHECKS, STATE_CHECKS, configuration_check
from workflowops.core.doctor.check import Check, Verdict
from workflowops.core.doctor.report import Diagnosis, doctor_document
from workflowops.core.problems import Problem, Severity
from workflowops.errors import ConfigurationError


def check(verdict: Verdict, subject: str = "state", **more) -> Check:
    fix = None if verdict in (Verdict.PASSED, Verdict.SKIPPED) else "Do it."
    values = {"id": "a.b", "title": "T", "found": "F", "fix": fix} | more
    return Check(subject=subject, verdict=verdict, **values)


SUBJECTS = st.sampled_from(["state", "repository", "environment a", "configuration"])
CHECKS = st.lists(st.builds(check, st.sampled_from(Verdict), SUBJECTS)).map(tuple)


@pytest.mark.parametrize(("verdicts", "whole"), [
    ((), Verdict.SKIPPED),
    ((Verdict.SKIPPED,), Verdict.SKIPPED),
    ((Verdict.SKIPPED, Verdict.PASSED), Verdict.PASSED),
    ((Verdict.PASSED, Verdict.WARNING), Verdict.WARNING),
    ((Verdict.WARNING, Verdict.UNKNOWN), Verdict.UNKNOWN),
    ((Verdict.UNKNOWN, Verdict.BROKEN, Verdict.PASSED), Verdict.BROKEN),
])  # fmt: skip
def test_the_worst_verdict_is_that_of_the_whole(verdicts, whole) -> None:
    assert Diagnosis(tuple(map(check, verdicts))).verdict is whole


@given(CHECKS)
def test_only_something_broken_makes_the_run_fail(checks) -> None:
    found = Diagnosis(checks)
    assert found.is_broken == (found.verdict is Verdict.BROKEN) == (found.counts[Verdict.BROKEN] > 0)


@given(CHECKS)
def test_every_check_is_in_the_document_once_with_all_it_says(checks) -> None:
    document = json.loads(json.dumps(doctor_document(Diagnosis(checks))))
    assert len(document["checks"]) == len(checks) == sum(document["counts"].values())
    assert {name for each in document["checks"] for name in each} <= {
        "id", "subject", "title", "verdict", "found", "fix", "details",
    }  # fmt: skip


def test_subjects_come_in_the_order_in_which_things_are_put_right() -> None:
    subjects = ("repository", "state", "environment prod", "environment dev", "configuration")
    found = Diagnosis(tuple(check(Verdict.PASSED, subject) for subject in subjects))
    assert list(found.by_subject()) == ["configuration", "environment prod", "environment dev", "state", "repository"]


def test_every_check_has_an_id_of_its_own() -> None:
    names = [*INSTANCE_CHECKS, *STATE_CHECKS, *ENVIRONMENT_CHECKS]
    assert len(set(names)) == len(names)


def problem(severity: Severity) -> Problem:
    return Problem("workflowops.yml", 3, 1, "rule", "It is odd.", "Mend it.", severity)


@pytest.mark.parametrize(("problems", "verdict", "named"), [
    ((), Verdict.PASSED, ""),
    ((problem(Severity.WARNING),), Verdict.WARNING, "workflowops.yml:3:1: It is odd."),
    ((problem(Severity.WARNING), problem(Severity.ERROR)), Verdict.BROKEN, "workflowops validate"),
    (ConfigurationError("There is none.", fix="Name it."), Verdict.BROKEN, "workflowops init"),
], ids=["none", "warning", "error", "no file"])  # fmt: skip
def test_the_configuration_is_itself_a_check(problems, verdict, named) -> None:
    found = configuration_check(problems)
    assert found.verdict is verdict
    assert named in " ".join([found.found, found.fix or "", *found.details])
