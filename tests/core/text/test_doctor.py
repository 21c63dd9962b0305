"""The doctor's table for people: what needs somebody says what to do, and nothing in it is obeyed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.doctor.facts import NOW, environment, instance, workflow
from tests.core.text.golden import assert_golden
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters, without_code

from workflowops.core.doctor.catalogue import configuration_check, environment_checks, instance_checks, state_checks_of
from workflowops.core.doctor.check import Check, Verdict
from workflowops.core.doctor.key import KeyRights
from workflowops.core.doctor.report import Diagnosis
from workflowops.core.doctor.state_checks import EnvironmentFacts, StateFacts
from workflowops.core.text.doctor import conclusion, render_doctor, summary_doctor
from workflowops.core.text.style import Style
from workflowops.errors import N8nUnreachableError

PLAIN = Style(color=False, width=100)
REFUSED = N8nUnreachableError("https://n8n.example.com cannot be reached.", fix="Check that n8n runs.")
EVERYTHING = KeyRights(scopes=frozenset(f"workflow:{each}" for each in ("list", "read", "create", "update", "delete")))


def example() -> Diagnosis:
    """A set-up in which one key may too much, one instance is down, and nothing was synced yet."""
    dev = instance("dev", rights=EVERYTHING, credentials=None, workflows=(workflow("w1"), workflow("w2")))
    prod = instance("prod", failure=REFUSED, workflows=None, clocks=None, abilities=None, rights=None)
    title, found = "The settings on GitHub fit", "GITHUB_TOKEN is not set."
    unset = Check("github.settings", "repository", title, Verdict.UNKNOWN, found, "Set it.")
    fresh = [EnvironmentFacts(environment=environment(name), now=NOW) for name in ("dev", "prod")]
    return Diagnosis((
        configuration_check(()),
        *instance_checks(dev), *environment_checks(fresh[0]),
        *instance_checks(prod), *environment_checks(fresh[1]),
        *state_checks_of(StateFacts(now=NOW, claims=())),
        unset,
    ))  # fmt: skip


def test_the_terminal_text_is_as_agreed() -> None:
    assert_golden("doctor.txt", render_doctor(example(), style=PLAIN))


def test_the_summary_is_as_agreed() -> None:
    assert_golden("doctor.md", summary_doctor(example()))


@pytest.mark.parametrize("width", [40, 72, 100, 200])
def test_no_line_is_wider_than_the_terminal_unless_a_word_is(width) -> None:
    lines = render_doctor(example(), style=Style(color=False, width=width)).splitlines()
    assert not [line for line in lines if len(line) > width and len(line.split()) > 3 and len(line) - width > 40]


def test_colour_adds_nothing_but_colour() -> None:
    coloured = render_doctor(example(), style=Style(color=True, width=100))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_doctor(example(), style=PLAIN)


@pytest.mark.parametrize("verdict", [Verdict.WARNING, Verdict.BROKEN, Verdict.UNKNOWN])
def test_what_needs_somebody_shows_its_fix_and_its_first_details(verdict) -> None:
    things = tuple(f"Thing {number}." for number in range(9))
    check = Check("a.b", "state", "It works", verdict, "It does not.", "Mend it.", things)
    text = render_doctor(Diagnosis((check,)), style=PLAIN)
    assert "Fix: Mend it." in text
    assert "Thing 4." in text
    assert "Thing 5." not in text
    assert "and 4 more; --json lists them" in text
    assert "Thing 8." in summary_doctor(Diagnosis((check,)))


@given(st.lists(st.sampled_from(Verdict), max_size=6))
def test_all_is_in_order_is_said_only_when_everything_was_looked_at(verdicts) -> None:
    fixes = {Verdict.PASSED: None, Verdict.SKIPPED: None}
    checks = tuple(Check("a.b", "state", "T", each, "F", fixes.get(each, "X")) for each in verdicts)
    said = conclusion(Diagnosis(checks))
    if Verdict.BROKEN in verdicts or Verdict.UNKNOWN in verdicts or Verdict.PASSED not in verdicts:
        assert "All is in order" not in said
    assert ("Something is broken" in said) == (Verdict.BROKEN in verdicts)


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_nothing_that_was_found_is_obeyed(hostile) -> None:
    check = Check("a.b", "environment dev", "It works", Verdict.BROKEN, hostile, "Mend it.", (hostile, hostile))
    text, summary = render_doctor(Diagnosis((check,)), style=PLAIN), summary_doctor(Diagnosis((check,)))
    assert runner_commands(text) == []
    assert not unseen_characters(text)
    assert "<script" not in without_code(summary)
    assert "\n## " not in summary.removeprefix("## Doctor")
