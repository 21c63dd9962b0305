"""What commands do to a record, one after the other."""

import pytest
from tests.core.text.incidents import after, closed, detected, reconciled, stabilized

from workflowops.core.comment.commands import Misunderstood, Understood, asked
from workflowops.core.comment.outcome import Became, CommandResult, Outcome, reaction_to
from workflowops.core.comment.steps import Facts, carried_out, is_effect, portions, still_drifting
from workflowops.core.incident.issue import Reaction
from workflowops.core.incident.record import Event, Incident, IncidentStatus
from workflowops.core.records import DriftStatus, EnvironmentRecord

FACTS = Facts(by="ada", at="2026-01-14T18:00:00Z")


def record(status: DriftStatus) -> EnvironmentRecord:
    return EnvironmentRecord(environment="prod", title="Production", drift_status=status)


def result(incident: Incident, line: str, facts: Facts = FACTS) -> CommandResult:
    (found,) = asked(line)
    return carried_out(incident, found, facts)


def test_a_step_is_taken_by_whoever_asked_for_it() -> None:
    done = result(detected(), "/acknowledge on it")
    assert (done.became, done.incident.status) == (Became.DONE, IncidentStatus.ACKNOWLEDGED)
    assert done.step == done.incident.timeline[-1]
    assert (done.incident.acknowledged_by, done.incident.acknowledgment_comment) == ("ada", "on it")


@pytest.mark.parametrize("line", ["/assign", "/assign me", "/assign @me", "/assign to=ME"])
def test_who_names_nobody_means_themselves(line) -> None:
    assert result(detected(), line).incident.assigned_to == "ada"


def test_somebody_can_be_named() -> None:
    assert result(detected(), "/assign @bob").incident.assigned_to == "bob"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param("/close", "has to be reconciled; it is detected", id="too early"),
        pytest.param("/accept until=soon", "which is not a day to come", id="no day"),
        pytest.param("/accept", "needs until", id="a field is missing"),
        pytest.param("/diff orders", "not about `orders`. It is about `payment_gateway`.", id="another workflow"),
        pytest.param("/assign @nobody/else", "which is not a GitHub login", id="no login"),
    ],
)
def test_what_is_impossible_leaves_the_record_as_it_was(line, told) -> None:
    before = detected()
    done = result(before, line)
    assert (done.became, done.incident) == (Became.IMPOSSIBLE, before)
    assert done.problem is not None
    assert told in done.problem


def test_the_example_is_shown_where_the_step_itself_was_possible() -> None:
    assert "For example: `/accept" in (result(detected(), "/accept").problem or "")
    assert "For example" not in (result(detected(), "/close").problem or "")


def test_what_only_shows_something_keeps_the_record_and_its_arguments() -> None:
    before = detected()
    done = result(before, "/diff payment_gateway")
    assert (done.became, done.incident, done.fields) == (Became.DONE, before, {"workflow": "payment_gateway"})


def test_what_was_not_understood_is_handed_on() -> None:
    done = carried_out(detected(), Misunderstood("ack", "No."), FACTS)
    assert (done.became, done.problem, done.name) == (Became.MISUNDERSTOOD, "No.", "ack")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        pytest.param(DriftStatus.IN_SYNC, None, id="in sync"),
        pytest.param(DriftStatus.DRIFT_DETECTED, "Drift was still there", id="drift"),
        pytest.param(DriftStatus.UNKNOWN, "could not read", id="nobody knows"),
    ],
)
def test_reconciling_while_drift_is_there_is_warned_of(status, told) -> None:
    facts = Facts(by="ada", at=FACTS.at, record=record(status))
    done = result(stabilized(), "/reconcile replaced", facts)
    assert done.became is Became.DONE
    assert (done.warning is None) == (told is None)
    if told is not None:
        assert told in (done.warning or "")
        assert "back to detected" in (done.warning or "")


def test_closing_while_drift_is_there_is_warned_of_and_done() -> None:
    done = result(reconciled(), "/close done", Facts(by="ada", at=FACTS.at, record=record(DriftStatus.DRIFT_DETECTED)))
    assert done.incident.status is IncidentStatus.CLOSED
    assert "opens a new incident" in (done.warning or "")


def test_acknowledging_warns_of_nothing() -> None:
    assert result(detected(), "/acknowledge").warning is None


def test_what_was_accepted_may_still_be_there() -> None:
    accepted = after(detected(), Event.ACCEPT, "16:00", "ada", until="2026-01-20")
    assert still_drifting(accepted, record(DriftStatus.DRIFT_DETECTED)) is None


def test_drift_that_was_seen_to_go_is_not_warned_of() -> None:
    gone = after(detected(), Event.DRIFT_GONE, "16:00", resolution_type="reverted_to_git")
    assert still_drifting(gone, record(DriftStatus.UNKNOWN)) is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("/status", ["status"], id="one"),
        pytest.param("/acknowledge\n/status\n/x", ["acknowledge status x"], id="no effects"),
        pytest.param("/sync\n/close", ["sync close"], id="an effect first"),
        pytest.param("/sync\n/adopt\n/close", ["sync adopt close"], id="effects first"),
        pytest.param("/acknowledge\n/sync\n/close", ["acknowledge", "sync close"], id="an effect between"),
        pytest.param("/status\n/sync\n/help\n/revert", ["status", "sync help", "revert"], id="effects between"),
        pytest.param("/sync now\n/sync", ["sync", "sync"], id="an effect that was not understood is none"),
    ],
)
def test_a_portion_begins_with_its_effects(body, expected) -> None:
    assert [" ".join(each.name for each in portion) for portion in portions(asked(body))] == expected


@pytest.mark.parametrize(
    "body", ["/sync", "/acknowledge\n/sync\n/close\n/adopt\n/status", "/sync\n/sync\n/help\n/help\n/revert"]
)
def test_portions_keep_every_command_in_its_order(body) -> None:
    wanted = asked(body)
    split = portions(wanted)
    assert tuple(each for portion in split for each in portion) == wanted
    for portion in split:
        effects = [is_effect(each) for each in portion]
        assert effects == sorted(effects, reverse=True)


def test_a_closed_incident_takes_no_step() -> None:
    for line in ("/acknowledge", "/assign", "/close", "/accept until=2026-02-01"):
        assert result(closed(), line).became is Became.IMPOSSIBLE


@pytest.mark.parametrize(
    ("became", "reaction"),
    [
        pytest.param([Became.DONE, Became.DONE], Reaction.DONE, id="all done"),
        pytest.param([Became.DONE, Became.DENIED], Reaction.REFUSED, id="one denied"),
        pytest.param([Became.DENIED, Became.IMPOSSIBLE], Reaction.CONFUSED, id="one impossible"),
        pytest.param([Became.DONE, Became.MISUNDERSTOOD], Reaction.CONFUSED, id="one not understood"),
        pytest.param([Became.FAILED], Reaction.CONFUSED, id="failed"),
    ],
)
def test_the_worst_result_decides_the_sign(became, reaction) -> None:
    results = tuple(CommandResult(name="x", became=each, incident=detected()) for each in became)
    assert reaction_to(results) is reaction


def test_what_becomes_of_an_event_is_one_word() -> None:
    assert all(each.replace("_", "").isalpha() for each in Outcome)
    assert isinstance(asked("/status")[0], Understood)
