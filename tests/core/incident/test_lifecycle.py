"""The life of an incident: every status with every event, the fields of every step, and what is refused."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import ANY_TEXT, LAW
from tests.core.incident.builders import AT, after, detected, standing

from workflowops.core.incident.lifecycle import (
    EVIDENCE,
    LONGEST_FIELD,
    TRANSITIONS,
    Given,
    Refusal,
    RefusalReason,
    advance,
    possible,
    possible_now,
)
from workflowops.core.incident.record import Event, Incident, IncidentStatus, ResolutionType, Step

D, A, S, R, C = IncidentStatus  # detected, acknowledged, stabilized, reconciled, closed
NO = None
LATER = "2026-01-14T16:00:00Z"
NEEDED = {
    Event.RECONCILE: {"resolution_type": "replaced"},
    Event.ASSIGN: {"assigned_to": "octocat"},
    Event.ACCEPT: {"until": "2026-02-01"},
    Event.DRIFT_GONE: {"resolution_type": "reverted_to_git"},
}

# What becomes of a detected, an acknowledged, a stabilized, a reconciled, a closed incident; NO where it is refused.
TABLE = {
    Event.ACKNOWLEDGE: (A, NO, NO, NO, NO),
    Event.STABILIZE: (NO, S, NO, NO, NO),
    Event.RECONCILE: (NO, NO, R, NO, NO),
    Event.CLOSE: (NO, NO, NO, C, NO),
    Event.ASSIGN: (D, A, S, R, NO),
    Event.ACCEPT: (R, R, R, NO, NO),
    Event.DETECT: (NO, NO, NO, NO, NO),
    Event.DRIFT_CHANGED: (D, A, S, R, NO),
    Event.DRIFT_GONE: (R, R, R, R, NO),
    Event.DRIFT_BACK: (D, D, D, D, NO),
    Event.ESCALATE: (D, A, S, NO, NO),
    Event.REOPEN: (D, A, S, R, NO),
    Event.ISSUE_GONE: (C, C, C, C, NO),
}
PAIRS = [
    pytest.param(status, event, target, id=f"{status} {event}")
    for event, targets in TABLE.items()
    for status, target in zip(IncidentStatus, targets, strict=True)
]


def refused(incident: Incident, event: Event, **given_fields: str) -> Refusal:
    result = advance(incident, Given(event=event, by="octocat", at=AT, fields=given_fields))
    assert isinstance(result, Refusal)
    return result


def test_the_table_has_one_row_for_every_event() -> None:
    assert sorted(row.event for row in TRANSITIONS) == sorted(Event) == sorted(TABLE)


@pytest.mark.parametrize(("status", "event", "target"), PAIRS)
def test_every_event_leads_where_the_table_says_or_is_refused(status, event, target) -> None:
    before = standing(status)
    result = advance(before, Given(event=event, by="hubot", at=LATER, fields=NEEDED.get(event, {})))
    if target is None:
        assert isinstance(result, Refusal)
        assert result.reason is RefusalReason.WRONG_STATUS
        assert result.possible == possible(status)
        assert str(status) in result.problem
    else:
        assert isinstance(result, Incident)
        assert result.status is target
        assert result.timeline[:-1] == before.timeline
        assert result.timeline[-1] == Step(
            event=event, at=LATER, by="hubot", previous_status=status, status=target, fields=NEEDED.get(event, {})
        )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (D, {Event.ACKNOWLEDGE, Event.ASSIGN, Event.ACCEPT}),
        (A, {Event.STABILIZE, Event.ASSIGN, Event.ACCEPT}),
        (S, {Event.RECONCILE, Event.ASSIGN, Event.ACCEPT}),
        (R, {Event.CLOSE, Event.ASSIGN}),
        (C, set()),
    ],
)
def test_what_people_can_do_depends_on_the_status(status, expected) -> None:
    assert set(possible(status)) == expected


@pytest.mark.parametrize(
    ("status", "event", "problem"),
    [
        (S, Event.ACKNOWLEDGE, "To acknowledge, the incident has to be detected; it is stabilized."),
        (R, Event.ACCEPT, "To accept, the incident has to be detected, acknowledged or stabilized; it is reconciled."),
        (C, Event.CLOSE, "The incident is closed, and stays as it was; drift from now on opens a new one."),
        (A, Event.DETECT, "An incident is detected once; this one is acknowledged already."),
    ],
)
def test_a_refusal_is_a_sentence(status, event, problem) -> None:
    assert refused(standing(status), event).problem == problem


def test_the_walkthrough_fills_the_fields_that_it_names() -> None:
    incident = after(detected(), Event.ACKNOWLEDGE, "2026-01-14T15:30:00Z", "user-oncall-5", comment="Reviewing hotfix")
    incident = after(
        incident,
        Event.STABILIZE,
        "2026-01-14T16:45:00Z",
        "user-lead-3",
        reason="Hotfix committed to Git",
        assigned_to="user-lead-3",
        resolution_plan="Git now matches production.",
    )
    incident = after(
        incident,
        Event.RECONCILE,
        "2026-01-14T17:15:00Z",
        "user-lead-3",
        resolution_type="accepted_runtime_changes",
        resolution_details="Git synchronized with production hotfix.",
        lessons_learned="Added monitoring.",
    )
    incident = after(incident, Event.CLOSE, "2026-01-14T17:50:00Z", "user-lead-3", closure_reason="Drift resolved")
    assert incident == replace(
        detected(),
        status=C,
        timeline=incident.timeline,
        acknowledged_by="user-oncall-5",
        acknowledged_at="2026-01-14T15:30:00Z",
        acknowledgment_comment="Reviewing hotfix",
        stabilized_by="user-lead-3",
        stabilized_at="2026-01-14T16:45:00Z",
        stabilization_reason="Hotfix committed to Git",
        assigned_to="user-lead-3",
        resolution_plan="Git now matches production.",
        reconciled_by="user-lead-3",
        reconciled_at="2026-01-14T17:15:00Z",
        resolution_type=ResolutionType.ACCEPTED_RUNTIME_CHANGES,
        resolution_details="Git synchronized with production hotfix.",
        lessons_learned="Added monitoring.",
        closed_by="user-lead-3",
        closed_at="2026-01-14T17:50:00Z",
        closure_reason="Drift resolved",
    )
    assert [step.event for step in incident.timeline] == ["detect", "acknowledge", "stabilize", "reconcile", "close"]


def test_an_acceptance_reconciles_and_says_until_when() -> None:
    incident = after(standing(A), Event.ACCEPT, until="2026-12-01", reason="Black Friday")
    assert (incident.status, incident.resolution_type) == (R, ResolutionType.ACCEPTED_UNTIL)
    assert (incident.reconciled_by, incident.reconciled_at, incident.resolution_details) == (
        "octocat",
        AT,
        "Black Friday",
    )
    assert incident.timeline[-1].fields == {"until": "2026-12-01", "reason": "Black Friday"}


def test_stabilizing_without_a_name_keeps_whoever_was_assigned() -> None:
    assigned = after(standing(A), Event.ASSIGN, assigned_to="@hubot")
    assert after(assigned, Event.STABILIZE).assigned_to == "hubot"
    assert after(assigned, Event.STABILIZE, assigned_to="mona").assigned_to == "mona"


@pytest.mark.parametrize("status", [D, A, S])
def test_drift_that_is_gone_reconciles_only_where_a_resolution_is_given(status) -> None:
    told = after(standing(status), Event.DRIFT_GONE, LATER, "workflowops", likely_resolution_type="replaced")
    assert (told.status, told.drift_gone_at, told.resolution_type) == (status, LATER, None)
    assert told.reconciled_at is None
    done = after(standing(status), Event.DRIFT_GONE, LATER, "workflowops", resolution_type="mixed", replaced="A, B")
    assert (done.status, done.drift_gone_at, done.resolution_type) == (R, LATER, ResolutionType.MIXED)
    assert (done.reconciled_by, done.reconciled_at) == ("workflowops", LATER)
    assert done.timeline[-1].fields == {"resolution_type": "mixed", "replaced": "A, B"}


def test_what_somebody_said_when_reconciling_stands_once_drift_is_gone() -> None:
    incident = after(standing(R), Event.DRIFT_GONE, LATER, "workflowops", resolution_type="reverted_to_git")
    assert (incident.resolution_type, incident.reconciled_by, incident.drift_gone_at) == ("replaced", "octocat", LATER)


def test_drift_that_was_accepted_and_goes_is_told_by_how_it_went() -> None:
    accepted = after(standing(D), Event.ACCEPT, until="2026-12-01")
    incident = after(accepted, Event.DRIFT_GONE, LATER, "workflowops", resolution_type="reverted_to_git")
    assert (incident.resolution_type, incident.reconciled_by, incident.reconciled_at) == (
        "reverted_to_git",
        "workflowops",
        LATER,
    )


@pytest.mark.parametrize("name", ["resolution_type", "likely_resolution_type"])
def test_an_acceptance_ends_with_its_drift_and_leaves_no_words_of_its_own(name) -> None:
    accepted = after(standing(D), Event.ACCEPT, until="2026-12-01", reason="Freeze until the release")
    incident = after(accepted, Event.DRIFT_GONE, LATER, "workflowops", **{name: "reverted_to_git"})
    assert (incident.status, incident.resolution_type, incident.resolution_details) == (R, "reverted_to_git", None)
    assert (incident.reconciled_by, incident.reconciled_at) == ("workflowops", LATER)


def test_the_day_of_an_acceptance_can_be_changed() -> None:
    accepted = after(standing(A), Event.ACCEPT, until="2026-12-01", reason="Freeze")
    changed = after(accepted, Event.ACCEPT, LATER, "mona", until="2026-02-01", reason="Shorter")
    assert (changed.status, changed.resolution_type, changed.resolution_details) == (R, "accepted_until", "Shorter")
    assert (changed.reconciled_by, changed.reconciled_at) == ("mona", LATER)


@pytest.mark.parametrize("word", ["now", " Now "])
def test_an_acceptance_can_be_ended(word) -> None:
    accepted = after(standing(A), Event.ACCEPT, until="2026-12-01")
    ended = after(accepted, Event.ACCEPT, LATER, "mona", until=word)
    assert ended.timeline[-1].fields == {"until": "now"}
    assert (ended.status, ended.reconciled_by, ended.reconciled_at) == (R, "octocat", AT)
    assert after(ended, Event.ACCEPT, until="2026-12-01").status is R


@pytest.mark.parametrize("status", [D, A, S])
def test_nothing_accepted_cannot_be_ended(status) -> None:
    refusal = refused(standing(status), Event.ACCEPT, until="now")
    assert refusal.reason is RefusalReason.BAD_VALUE
    assert refusal.problem.startswith("Nothing is accepted that could be ended; until takes a day to come")


@pytest.mark.parametrize("status", [D, A, S, R])
def test_drift_that_is_gone_cannot_be_accepted(status) -> None:
    before = standing(status) if status is not R else after(detected(), Event.ACCEPT, until="2026-12-01")
    gone = after(before, Event.DRIFT_GONE, likely_resolution_type="replaced")
    refusal = refused(gone, Event.ACCEPT, until="2026-02-01")
    assert refusal.reason is RefusalReason.WRONG_STATUS
    assert refusal.problem == f"Nothing drifts any more, so there is nothing to accept; the incident is {gone.status}."
    assert Event.ACCEPT not in refusal.possible
    assert Event.ACCEPT not in possible_now(gone)


def test_what_is_possible_now_knows_of_acceptances() -> None:
    assert possible_now(standing(R)) == possible(R)
    accepted = after(detected(), Event.ACCEPT, until="2026-12-01")
    assert possible_now(accepted) == (*possible(R), Event.ACCEPT)
    assert Event.ACCEPT in refused(accepted, Event.ACCEPT, until="never").possible


def test_after_drift_is_gone_a_reconciliation_may_leave_out_how() -> None:
    gone = after(standing(S), Event.DRIFT_GONE, likely_resolution_type="reverted_to_git")
    assert after(gone, Event.RECONCILE).resolution_type == "reverted_to_git"
    assert after(gone, Event.RECONCILE, resolution_type=" ").resolution_type == "reverted_to_git"
    assert after(gone, Event.RECONCILE, resolution_type="other").resolution_type == "other"


def test_drift_that_came_back_no_longer_says_how_it_went() -> None:
    gone = after(standing(D), Event.DRIFT_GONE, likely_resolution_type="reverted_to_git")
    back = standing(S, after(gone, Event.DRIFT_BACK))
    assert refused(back, Event.RECONCILE).reason is RefusalReason.MISSING_FIELD


@pytest.mark.parametrize("status", [D, A, S, R])
def test_drift_that_is_back_starts_anew_and_the_timeline_keeps_all(status) -> None:
    before = standing(status)
    before = replace(after(before, Event.ASSIGN, assigned_to="mona"), escalated_at=AT)
    before = after(before, Event.DRIFT_GONE, likely_resolution_type="other")
    back = after(before, Event.DRIFT_BACK, "2026-01-16T16:00:00Z", "workflowops")
    fresh = detected()
    kept = {"timeline", "assigned_to"}
    assert back.assigned_to == "mona"
    assert back.timeline[:-1] == before.timeline
    assert {f.name for f in fields(Incident) if getattr(back, f.name) != getattr(fresh, f.name)} == kept


def test_drift_that_was_hardly_gone_stays_escalated() -> None:
    gone = after(replace(standing(A), escalated_at=AT), Event.DRIFT_GONE, AT)
    assert after(gone, Event.DRIFT_BACK, "2026-01-15T15:24:59Z").escalated_at == AT
    assert after(gone, Event.DRIFT_BACK, "2026-01-15T15:25:00Z").escalated_at is None


def test_what_happened_is_noted_even_where_the_status_stays() -> None:
    assert after(standing(A), Event.ESCALATE, LATER, "workflowops", after_hours="24").escalated_at == LATER
    gone = after(standing(A), Event.ISSUE_GONE, LATER, "workflowops", closure_reason="deleted")
    assert (gone.closed_by, gone.closed_at, gone.closure_reason) == ("workflowops", LATER, "deleted")


@pytest.mark.parametrize(
    ("status", "event", "given_fields", "reason", "problem"),
    [
        pytest.param(
            D, Event.ACKNOWLEDGE, {"foo": "x"}, "unknown_field", "Acknowledge takes comment, not 'foo'.", id="unknown"
        ),
        pytest.param(
            D,
            Event.ACCEPT,
            {"untill": "2026-12-01"},
            "unknown_field",
            "Accept takes until or reason, not 'untill'.",
            id="misspelt",
        ),
        pytest.param(
            S,
            Event.RECONCILE,
            {"resolution_details": "x"},
            "missing_field",
            "Reconcile needs resolution_type: one of accepted_runtime_changes, reverted_to_git, replaced, "
            "accepted_until, mixed or other.",
            id="no resolution type",
        ),
        pytest.param(
            D,
            Event.ASSIGN,
            {"assigned_to": "  "},
            "missing_field",
            "Assign needs assigned_to: a GitHub login.",
            id="blank",
        ),
        pytest.param(
            S,
            Event.RECONCILE,
            {"resolution_type": "fixed"},
            "bad_value",
            "resolution_type is 'fixed', which is not one of accepted_runtime_changes, reverted_to_git, replaced, "
            "accepted_until, mixed or other.",
            id="another resolution type",
        ),
        pytest.param(
            D,
            Event.ACCEPT,
            {"until": "tomorrow"},
            "bad_value",
            "until is 'tomorrow', which is not a day to come, such as 2026-12-01, at most 366 days ahead.",
            id="no date",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_would_be(status, event, given_fields, reason, problem) -> None:
    refusal = refused(standing(status), event, **given_fields)
    assert (refusal.reason, refusal.problem) == (reason, problem)
    assert event in refusal.possible


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        ("accepted_runtime_changes", "accepted_runtime_changes"),
        ("Accepted-Runtime-Changes", "accepted_runtime_changes"),
        ("  reverted to  git ", "reverted_to_git"),
        ("OTHER", "other"),
    ],
)
def test_a_resolution_type_may_be_written_as_people_write(given_value, kept) -> None:
    incident = after(standing(S), Event.RECONCILE, resolution_type=given_value)
    assert incident.resolution_type is ResolutionType(kept)
    assert incident.timeline[-1].fields["resolution_type"] == kept


@pytest.mark.parametrize("until", ["2026-01-15", "2026-12-01", "2027-01-15", " 2026-02-28 "])
def test_a_day_to_come_can_be_accepted_until(until) -> None:
    assert after(detected(), Event.ACCEPT, until=until).timeline[-1].fields["until"] == until.strip()


@pytest.mark.parametrize(
    "until",
    [
        pytest.param("2026-01-14", id="today"),
        pytest.param("2025-12-31", id="past"),
        pytest.param("2027-01-16", id="367 days ahead"),
        pytest.param("9999-12-31", id="for ever"),
        pytest.param("2026-02-30", id="no such day"),
        pytest.param("20261201", id="without hyphens"),
        pytest.param("2026-W10-1", id="week date"),
        pytest.param("2026-12-01T00:00:00Z", id="moment"),
        pytest.param("\u0662\u0660\u0662\u0666-12-01", id="other digits"),
        pytest.param("-2026-12-01", id="sign"),
    ],
)
def test_any_other_day_is_refused(until) -> None:
    assert refused(detected(), Event.ACCEPT, until=until).reason is RefusalReason.BAD_VALUE


@pytest.mark.parametrize(
    ("login", "kept"),
    [
        ("octocat", "octocat"),
        ("@octocat", "octocat"),
        ("user-lead-3", "user-lead-3"),
        ("mona_acme", "mona_acme"),
        ("a", "a"),
        ("x" * 39, "x" * 39),
        ("@@octocat", None),
        ("octo cat", None),
        ("-octocat", None),
        ("octocat_", None),
        ("acme/leads", None),
        ("x" * 40, None),
        ("octocat\n", "octocat"),
        ("o\u00e7to", None),
        ("<script>", None),
        ("@", None),
    ],
)
def test_a_login_has_the_shape_of_one(login, kept) -> None:
    if kept is None:
        assert refused(detected(), Event.ASSIGN, assigned_to=login).reason is RefusalReason.BAD_VALUE
    else:
        assert after(detected(), Event.ASSIGN, assigned_to=login).assigned_to == kept


def test_texts_are_kept_clean_and_short() -> None:
    token = "ghp_" + "x7Kq9" * 7 + "z"
    incident = after(detected(), Event.ACKNOWLEDGE, comment=f"  one\r\ntwo\rthree {token} \n")
    assert incident.acknowledgment_comment is not None
    assert incident.acknowledgment_comment.startswith("one\ntwo\nthree ***")
    assert token not in incident.acknowledgment_comment
    long = after(detected(), Event.ACKNOWLEDGE, comment="word " * 5_000).acknowledgment_comment
    assert long is not None
    assert len(long) == LONGEST_FIELD
    assert long.endswith("\u2026")


def test_a_field_left_empty_counts_as_not_given() -> None:
    incident = after(detected(), Event.ACKNOWLEDGE, comment=" \n ")
    assert incident.acknowledgment_comment is None
    assert incident.timeline[-1].fields == {}


@given(
    st.sampled_from([*Event]),
    st.sampled_from([*IncidentStatus]),
    st.dictionaries(
        st.sampled_from(["comment", "reason", "until", "assigned_to", "resolution_type", "closure_reason", *EVIDENCE])
        | ANY_TEXT,
        ANY_TEXT | st.sampled_from(["2026-12-01", "octocat", "replaced"]),
        max_size=3,
    ),
)
@LAW
def test_whatever_is_given_is_either_taken_or_refused_in_one_sentence(event, status, given_fields) -> None:
    before = standing(status)
    result = advance(before, Given(event=event, by="octocat", at=AT, fields=given_fields))
    if isinstance(result, Refusal):
        assert result.problem.endswith(".")
        assert len(result.problem) < 400
    else:
        assert result.timeline[:-1] == before.timeline
        assert result.timeline[-1].previous_status is before.status
        assert result.timeline[-1].status is result.status
