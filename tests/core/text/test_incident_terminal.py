"""Incidents on the terminal: within its width, and nothing in a name commands it."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.text.hostile import HOSTILE, runner_commands, unseen_characters
from tests.core.text.incidents import acknowledged, affected, after, closed, details, detected, many, reconciled
from tests.core.text.test_incident import big, hostile

from workflowops.core.incident.record import Event
from workflowops.core.text.incident import incident_list_text, incident_text
from workflowops.core.text.plain import columns
from workflowops.core.text.style import Style

NOW = datetime(2026, 1, 14, 18, 0, tzinfo=UTC)
PLAIN = Style(color=False, width=100)
TEXTS = st.sampled_from([*HOSTILE.values()]) | st.text(max_size=40)


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.integers(20, 200))
def test_a_list_keeps_to_the_width(text, width) -> None:
    incidents = [detected(*many(3, text), environment_title=text, assigned_to=text), reconciled()]
    told = incident_list_text(incidents, style=Style(color=False, width=width), now=NOW)
    assert max(columns(line) for line in told.splitlines()) <= width
    assert unseen_characters(told) == runner_commands(told) == []


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in HOSTILE.items()])
def test_nothing_in_the_data_acts_on_the_terminal(text) -> None:
    incident, told = hostile(text)
    shown = incident_text(incident, told, style=PLAIN, now=NOW)
    assert unseen_characters(shown) == runner_commands(shown) == []
    shown.encode("utf-8")


@pytest.mark.parametrize(
    "write",
    [
        lambda style: incident_list_text(
            [detected(), after(detected(), Event.ESCALATE, "16:00")], style=style, now=NOW
        ),
        lambda style: incident_text(acknowledged(), details(), style=style, now=NOW),
        lambda style: incident_text(closed(), details(), style=style, now=NOW),
    ],
    ids=["list", "open", "closed"],
)
def test_colour_only_repeats_what_the_words_say(write) -> None:
    coloured = write(Style(color=True, width=100))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == write(PLAIN)


def test_no_incident_is_said_in_words() -> None:
    assert incident_list_text([], style=PLAIN, now=NOW) == "No incident is open."


def test_a_closed_incident_shows_what_it_took_and_does_not_age() -> None:
    row = incident_list_text([closed()], style=PLAIN, now=datetime(2027, 1, 1, tzinfo=UTC)).splitlines()[1]
    assert " 2h 25m " in row
    assert "  took        2h 25m" in incident_text(closed(), "", style=PLAIN, now=NOW)


def test_a_list_counts_the_workflows_it_does_not_name() -> None:
    row = incident_list_text([detected(*many(12, "A very long name indeed, too long for any column"))],
                             style=Style(color=False, width=80), now=NOW).splitlines()[1]  # fmt: skip
    assert "… +11" in row


def test_the_difference_is_shown_as_text_without_markup() -> None:
    shown = incident_text(detected(affected("a_b")), details(), style=PLAIN, now=NOW)
    assert re.search(r"</?(?:code|details|summary)|&#\d|\| ---|```", shown) is None
    assert "      - https://api.paymentprocessor.com/charge" in shown
    assert "      + https://api-new.paymentprocessor.com/charge" in shown


def test_a_long_difference_is_cut_and_says_so() -> None:
    shown = incident_text(detected(), big(1_000), style=PLAIN, now=NOW)
    assert re.search(r"^\([\d,]+ more lines\)$", shown, re.MULTILINE)
    assert len(shown.splitlines()) < 450
