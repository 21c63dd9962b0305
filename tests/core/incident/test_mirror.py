"""GitHub as a mirror: what an issue is given, and that a second look gives nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import LAW
from tests.core.incident.builders import AT, detected, issue_of, standing
from tests.core.incident.world import edited

from workflowops.core.configuration import IncidentSeverity
from workflowops.core.incident.body import BEGIN, END
from workflowops.core.incident.issue import IssueEdit
from workflowops.core.incident.mirror import LIST_LABEL, edit_for, labels_of
from workflowops.core.incident.record import IncidentStatus

BODY = f"{BEGIN}\nDrift\n{END}\n"
NAMES = tuple(label.name for label in labels_of(detected()))


def as_it_should_be(**more):
    return issue_of(detected(), body=BODY.strip(), labels=NAMES, **more)


def edit(issue, incident=None, *, body=BODY, title="Drift 42") -> IssueEdit | None:
    return edit_for(incident or detected(), issue, body=body, title=title)


def test_an_issue_that_shows_its_record_needs_nothing() -> None:
    assert edit(as_it_should_be()) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"is_open": False}, IssueEdit(is_open=True), id="closed"),
        pytest.param({"body": ""}, IssueEdit(body=BODY.strip()), id="emptied"),
        pytest.param({"body": BODY.replace("\n", "\r\n") + "\r\n"}, None, id="line ends"),
        pytest.param({"labels": ("bug", *NAMES)}, None, id="a label of somebody's own"),
        pytest.param({"labels": (*NAMES[:1], *NAMES[2:])}, IssueEdit(labels=NAMES), id="one of ours gone"),
        pytest.param(
            {"labels": ("bug", *NAMES, "workflowops:closed")}, IssueEdit(labels=(*NAMES, "bug")), id="one too many"
        ),
        pytest.param({"labels": tuple(name.upper() for name in NAMES)}, None, id="labels in upper case"),
        pytest.param({"title": "My own words"}, None, id="another title"),
        pytest.param({"title": " Drift 42 "}, None, id="blanks around the title"),
        pytest.param({"is_locked": True}, None, id="locked"),
        pytest.param({"assignees": ("mona",)}, None, id="assigned"),
    ],
)
def test_what_was_changed_by_hand_is_repaired_where_it_is_ours(changes, expected) -> None:
    assert edit(replace(as_it_should_be(), **changes)) == expected


def test_a_closed_incident_closes_its_issue() -> None:
    closed = standing(IncidentStatus.CLOSED)
    told = edit(as_it_should_be(), closed)
    assert told is not None
    assert told.is_open is False
    assert told.labels is not None
    assert "workflowops:closed" in told.labels
    assert edit(edited(as_it_should_be(), told), closed) is None


def test_a_reconciled_incident_keeps_its_issue_open() -> None:
    told = edit(as_it_should_be(), standing(IncidentStatus.RECONCILED))
    assert told is not None
    assert told.is_open is None


@pytest.mark.parametrize(
    ("found", "ours", "wanted", "expected"),
    [
        pytest.param("Drift: A", "Drift: A", "Drift: A and 2 more", "Drift: A and 2 more", id="still ours"),
        pytest.param("Payment broken", "Drift: A", "Drift: A and 2 more", None, id="edited by somebody"),
        pytest.param("Drift: B", "Drift: A", "Drift: B", None, id="as it should be"),
        pytest.param("Drift: A", "", "Drift: B", None, id="not known to be ours"),
    ],
)
def test_a_title_is_changed_only_while_it_is_ours(found, ours, wanted, expected) -> None:
    told = edit(replace(as_it_should_be(), title=found), detected(title=ours), title=wanted)
    assert (None if told is None else told.title) == expected


STATUSES = st.sampled_from([*IncidentStatus])
LABELS = st.lists(
    st.sampled_from(["bug", "Bug", "WorkflowOps:Incident", "workflowops:x", "workflowops", *NAMES]), max_size=6
)


@given(STATUSES, LABELS, st.booleans(), st.text(max_size=9), st.sampled_from(["Drift 42", "Mine", "Drift 42 "]))
@LAW
def test_mirrored_twice_the_second_has_nothing_to_do(status, labels, is_open, body, title) -> None:
    incident = standing(status)
    issue = issue_of(incident, labels=tuple(labels), is_open=is_open, body=body, title=title)
    told = edit(issue, incident, title="Drift 42, changed")
    if told is not None:
        issue = edited(issue, told)
        assert edit(issue, replace(incident, title=told.title or incident.title), title="Drift 42, changed") is None
    assert issue.is_open is (status is not IncidentStatus.CLOSED)
    assert [name for name in issue.labels if not name.casefold().startswith("workflowops:")] == [
        name for name in labels if not name.casefold().startswith("workflowops:")
    ]


# Labels


def test_the_labels_say_what_stands_where_and_how_bad() -> None:
    assert [label.name for label in labels_of(detected())] == [
        "workflowops:incident",
        "workflowops:detected",
        "workflowops:severity-high",
        "workflowops:environment-prod",
    ]
    assert labels_of(detected())[0].name == LIST_LABEL
    escalated = labels_of(replace(detected(), escalated_at=AT))
    assert escalated[-1].name == "workflowops:escalated"


@pytest.mark.parametrize("status", [*IncidentStatus])
@pytest.mark.parametrize("severity", [*IncidentSeverity])
@pytest.mark.parametrize("environment", ["prod", "x" * 28, "x" * 29, "x" * 500, "\u00e4" * 60])
def test_labels_are_what_github_takes(status, severity, environment) -> None:
    incident = replace(standing(status), severity=severity, environment=environment, escalated_at=AT)
    labels = labels_of(incident)
    assert f"workflowops:{status}" in [label.name for label in labels]
    assert len({label.name for label in labels}) == 5
    for label in labels:
        assert len(label.name) <= 50
        assert len(label.description) <= 100
        assert len(bytes.fromhex(label.color)) == 3


def test_long_names_of_environments_stay_apart() -> None:
    one, two = (labels_of(detected(environment="x" * 60 + end))[3].name for end in "ab")
    assert one != two
    assert len(one) == len(two) == 50


def test_an_issue_full_of_labels_is_given_ours_first() -> None:
    told = edit(replace(as_it_should_be(), labels=tuple(f"mine-{number}" for number in range(100))))
    assert told is not None
    assert told.labels is not None
    assert len(told.labels) == 100
    assert told.labels[:4] == NAMES
