"""What a line asks for: arguments by the fields they fill, and which lines are meant for us at all."""

import pytest

from workflowops.core.comment.commands import (
    LONGEST_VALUE,
    MOST_COMMANDS,
    SPECS,
    CommandName,
    Misunderstood,
    Understood,
    asked,
    meant_command,
)
from workflowops.core.incident.issue import LONGEST_TEXT
from workflowops.core.incident.lifecycle import TRANSITIONS
from workflowops.core.incident.policy import Role

FIELDS = {row.event: {each.name for each in row.fields} for row in TRANSITIONS}


def understood(line: str) -> Understood:
    found = asked(line)
    assert len(found) == 1, found
    assert isinstance(found[0], Understood), found[0]
    return found[0]


def problem(line: str) -> str:
    found = asked(line)
    assert len(found) == 1, found
    assert isinstance(found[0], Misunderstood), found[0]
    return found[0].problem


def test_every_command_is_specified_once() -> None:
    assert list(SPECS) == list(CommandName)
    assert all(name is spec.name for name, spec in SPECS.items())


@pytest.mark.parametrize("name", CommandName)
def test_an_example_is_understood_as_its_command(name) -> None:
    spec = SPECS[name]
    found = understood(spec.example)
    assert found.name is name
    assert set(found.fields) <= set(spec.arguments.values())


@pytest.mark.parametrize("spec", [pytest.param(spec, id=name) for name, spec in SPECS.items()])
def test_a_command_fills_only_fields_that_its_step_takes(spec) -> None:
    if spec.event is not None:
        assert set(spec.arguments.values()) == FIELDS[spec.event]
    assert {spec.positional, spec.rest} - {None} <= set(spec.arguments.values())


def test_every_step_that_people_take_has_a_command() -> None:
    assert {row.event for row in TRANSITIONS if row.by_people} == {spec.event for spec in SPECS.values()} - {None}


def test_changing_an_incident_takes_more_than_reading_it() -> None:
    triage = {name for name, spec in SPECS.items() if spec.least_role is Role.TRIAGE}
    assert triage == {"help", "status", "diff", "acknowledge", "assign"}
    assert {spec.least_role for name, spec in SPECS.items() if name not in triage} == {Role.WRITE}


@pytest.mark.parametrize(
    ("line", "name", "fields"),
    [
        pytest.param("/acknowledge", "acknowledge", {}, id="nothing said"),
        pytest.param("/acknowledge on it", "acknowledge", {"comment": "on it"}, id="free words"),
        pytest.param('/Acknowledge Comment="on it"', "acknowledge", {"comment": "on it"}, id="capitals"),
        pytest.param(
            "/stabilize in Git assigned-to=@ada plan=later",
            "stabilize",
            {"reason": "in Git", "assigned_to": "@ada", "resolution_plan": "later"},
            id="words beside arguments",
        ),
        pytest.param(
            "/reconcile reverted_to_git put back",
            "reconcile",
            {"resolution_type": "reverted_to_git", "resolution_details": "put back"},
            id="a type as first word",
        ),
        pytest.param(
            "/reconcile `Reverted-to-Git`", "reconcile", {"resolution_type": "Reverted-to-Git"}, id="a type as code"
        ),
        pytest.param(
            "/reconcile both are new", "reconcile", {"resolution_details": "both are new"}, id="no type as first word"
        ),
        pytest.param("/close all good", "close", {"closure_reason": "all good"}, id="closing"),
        pytest.param("/assign", "assign", {}, id="to nobody yet"),
        pytest.param("/assign @ada", "assign", {"assigned_to": "@ada"}, id="to somebody"),
        pytest.param("/assign to=ada", "assign", {"assigned_to": "ada"}, id="to somebody by name"),
        pytest.param(
            "/accept until=2026-12-01 reason=freeze",
            "accept",
            {"until": "2026-12-01", "reason": "freeze"},
            id="accepting",
        ),
        pytest.param(
            "/accept 2026-12-01 freeze", "accept", {"until": "2026-12-01", "reason": "freeze"}, id="a day as first word"
        ),
        pytest.param("/accept freeze", "accept", {"reason": "freeze"}, id="accepting without a day"),
        pytest.param("/diff", "diff", {}, id="all differences"),
        pytest.param("/diff Payment Gateway", "diff", {"workflow": "Payment Gateway"}, id="one difference"),
        pytest.param("/adopt allow_secrets=yes", "adopt", {"allow_secrets": "yes"}, id="adopting"),
        pytest.param("/status please", "status", {}, id="politeness"),
        pytest.param("/help me", "help", {}, id="a call for help"),
    ],
)
def test_a_line_is_understood(line, name, fields) -> None:
    assert understood(line) == Understood(CommandName(name), fields)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("/close typ=x", "has no argument `typ`", id="unknown argument"),
        pytest.param("/close reson=x", "Did you mean `reason`?", id="misspelt argument"),
        pytest.param("/acknowledge n=5 runs failed", "put the text into double quotes", id="a text with a sign"),
        pytest.param("/sync now=yes", "takes no arguments", id="none are taken"),
        pytest.param("/sync now", "does not take `now`. For example: `/sync`", id="words that are not taken"),
        pytest.param("/revert all of it", "does not take `all of it`", id="several words that are not taken"),
        pytest.param("/assign @ada @bob", "does not take `@bob`", id="two people"),
        pytest.param("/acknowledge comment=a b", "`comment` is given twice", id="by name and as words"),
        pytest.param("/reconcile type=other resolution_type=mixed", "`resolution_type` is given twice", id="two names"),
        pytest.param(f"/close {'x' * (LONGEST_VALUE + 1)}", "4,001 characters; 4,000 are the most", id="too long"),
        pytest.param("/close reason = x", "without blanks", id="malformed"),
        pytest.param("/ack", "Did you mean `/acknowledge`?", id="the beginning of a command"),
        pytest.param("/ack on it", "Did you mean `/acknowledge`?", id="the beginning of a command and words"),
        pytest.param("/aknowlege on it", "Did you mean `/acknowledge`?", id="misspelt"),
        pytest.param("/lgtm", "There is no such command. `/help` lists them.", id="unknown, alone"),
    ],
)
def test_what_is_not_understood_is_told_with_what_would_be(line, told) -> None:
    assert told in problem(line)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("/usr is full", id="a directory"),
        pytest.param("/label bug", id="another program's"),
        pytest.param("/home\u00a0is where", id="a directory and a blank that does not break"),
        pytest.param('/var x="y"', id="with an argument"),
        pytest.param('/var "y', id="malformed"),
        pytest.param("Looks good.", id="prose"),
    ],
)
def test_a_line_that_is_meant_for_others_is_left_to_them(body) -> None:
    assert asked(body) == ()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("ack", "acknowledge"),
        ("stab", "stabilize"),
        ("stabilise", "stabilize"),
        ("rec", "reconcile"),
        ("re", None),
        ("a", None),
        ("closed", "close"),
        ("home", None),
        ("x" * 60_000, None),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_command_that_was_meant_is_guessed_with_care(word, meant) -> None:
    assert meant_command(word) == meant


def test_the_eleventh_command_is_told_and_not_carried_out() -> None:
    found = asked("/status\n" * MOST_COMMANDS + "/close\n/close")
    assert len(found) == MOST_COMMANDS + 1
    last = found[-1]
    assert isinstance(last, Misunderstood)
    assert last.name == "close"
    assert "may hold 10 commands" in last.problem


def test_lines_for_others_do_not_count() -> None:
    found = asked("/label x\n" * 50 + "/status")
    assert found == (Understood(CommandName.STATUS),)


@pytest.mark.parametrize("line", ["/a\n", "/zqx y\n", "/aknowledge a=b\n", "/acknowledge x\n"], ids=repr)
def test_the_longest_comment_asks_for_few_things(line) -> None:
    body = (line * LONGEST_TEXT)[:LONGEST_TEXT]
    assert len(asked(body)) <= MOST_COMMANDS + 1
