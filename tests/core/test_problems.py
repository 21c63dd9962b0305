"""Problems: how they are worded, sorted and placed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflowops.core.problems import Fault, Place, Problem, Severity, has_error, in_order, nearest, shown, where


def problem(
    *, path: str = "a.yml", line: int | None = 1, rule: str = "r", severity: Severity = Severity.ERROR
) -> Problem:
    return Problem(path, line, None if line is None else 1, rule, "m", "f", severity)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param((), "The file", id="the root"),
        pytest.param(("environments",), "`environments`", id="a key"),
        pytest.param(
            ("environments", "prod", "drift", "ignore", 0, "path"),
            "`environments.prod.drift.ignore[0].path`",
            id="deep",
        ),
        pytest.param((3, "a"), "`[3].a`", id="an index first"),
    ],
)
def test_a_place_is_named_as_people_write_it(path, expected) -> None:
    assert where(path) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("prod", "`prod`", id="plain"),
        pytest.param("a\nb\x1b[31m", "`a\\u000ab\\u001b[31m`", id="control characters"),
        pytest.param("\u202eevil", "`\\u202eevil`", id="direction marks"),
        pytest.param("a`b", "`a'b`", id="back quote"),
        pytest.param("x" * 61, f"`{'x' * 60}...`", id="long"),
    ],
)
def test_what_is_quoted_is_short_and_draws_what_it_says(text, expected) -> None:
    assert shown(text) == expected


@settings(deadline=None)
@given(st.text())
def test_a_quoted_text_stays_on_one_line(text) -> None:
    assert shown(text).isprintable()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        pytest.param("enviroments", "environments", id="a letter missing"),
        pytest.param("PROD", "prod", id="case"),
        pytest.param("zzz", None, id="nothing close"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_the_nearest_known_word_is_offered_when_one_is_near(word, expected) -> None:
    assert nearest(word, ["prod", "environments", "version"]) == expected


def test_no_word_is_offered_from_thousands() -> None:
    assert nearest("key1", [f"key{number}" for number in range(10_000)]) is None


def test_problems_are_sorted_by_file_then_line_with_errors_first() -> None:
    warning = problem(severity=Severity.WARNING, rule="a")
    error = problem(rule="z")
    whole_file = problem(line=None)
    assert in_order([problem(path="b.yml"), problem(line=9), warning, error, whole_file]) == (
        whole_file,
        error,
        warning,
        problem(line=9),
        problem(path="b.yml"),
    )


def test_only_errors_stop_the_work() -> None:
    assert has_error([problem(severity=Severity.WARNING), problem()])
    assert not has_error([problem(severity=Severity.WARNING)])
    assert not has_error([])


def test_a_fault_becomes_a_problem_at_its_place() -> None:
    fault = Fault(("a",), "r", "m", "f", Severity.WARNING)
    assert fault.located("x.yml", Place(3, 7)) == Problem("x.yml", 3, 7, "r", "m", "f", Severity.WARNING)
    assert fault.located("x.yml", None).line is None
