"""The texts of walkthrough 3's incident, word by word."""

from datetime import UTC, datetime

import pytest
from tests.core.text.golden import assert_golden
from tests.core.text.incidents import (
    LINKS,
    acknowledged,
    affected,
    after,
    closed,
    details,
    detected,
    many,
    reconciled,
    stabilized,
)
from tests.core.text.reports import environment, everything

from workflowops.core.incident.record import Event
from workflowops.core.standing import DriftKind
from workflowops.core.text.incident import incident_body, incident_list_text, incident_text, incident_title
from workflowops.core.text.incident_details import details_of
from workflowops.core.text.incident_notes import notification, step_note
from workflowops.core.text.style import Style

NOW = datetime(2026, 1, 14, 18, 0, tzinfo=UTC)
MENTIONS = ("@octocat", "@acme-corp/n8n-admins")
PLAIN = Style(color=False, width=100)


@pytest.mark.parametrize("stand", [detected, acknowledged, stabilized, reconciled, closed])
def test_the_body_is_as_agreed(stand) -> None:
    assert_golden(
        f"incident_body_{stand.__name__}.md", incident_body(stand(), details(), links=LINKS, mentions=MENTIONS)
    )


def test_the_body_of_an_incident_of_several_workflows_is_as_agreed() -> None:
    several = detected(
        affected("Order Processing", drift_type=DriftKind.CONFLICT, risk="trigger", file="prod/order_processing.json"),
        affected(),
        affected("Cleanup", drift_type=DriftKind.MISSING, risk=None, change_summary=None, n8n_updated_at=None),
        previous_incident=12,
    )
    report = everything().environments[0]
    told = details_of(report, {"c-1"})
    assert_golden("incident_body_several.md", incident_body(several, told, links=None, mentions=()))


def test_the_title_is_as_agreed() -> None:
    assert incident_title(detected()) == "Drift in Production: Payment Gateway"
    assert incident_title(detected(*many(3))) == "Drift in Production: Payment Gateway 0 and 2 more"


def test_the_closing_comment_is_as_agreed() -> None:
    told = step_note(closed(), closed().timeline[-1], links=LINKS, mentions=MENTIONS)
    assert told is not None
    assert told[0] == "Incident #42 in Production: closed"
    assert_golden("incident_closing.md", told[1])


def every_step():
    """One incident after the other, with the step that was taken last."""
    gone = after(
        stabilized(), Event.DRIFT_GONE, "17:00", likely_resolution_type="accepted_runtime_changes",
        accepted_runtime_changes="Payment Gateway",
    )  # fmt: skip
    yield after(detected(), Event.ASSIGN, "15:26", "user-oncall-5", assigned_to="user-lead-3")
    yield after(detected(), Event.DRIFT_CHANGED, "15:55", added="Order Processing", changed="Payment Gateway")
    yield after(detected(), Event.ESCALATE, "2026-01-15T15:25:00Z", after_hours="24")
    yield after(detected(), Event.REOPEN, "15:40", "octocat", reason="It was closed before it was reconciled.")
    yield acknowledged()
    yield stabilized()
    yield gone
    yield after(
        acknowledged(), Event.DRIFT_GONE, "17:00", resolution_type="reverted_to_git", reverted_to_git="Payment Gateway"
    )
    yield reconciled()
    yield after(acknowledged(), Event.ACCEPT, "16:00", "user-lead-3", until="2026-02-01", reason="Freeze")
    yield after(reconciled(), Event.DRIFT_BACK, "17:30", changed="Payment Gateway")


def test_the_comments_on_steps_are_as_agreed() -> None:
    parts = []
    for incident in every_step():
        told = step_note(incident, incident.timeline[-1], links=LINKS, mentions=MENTIONS)
        assert told is not None
        parts.append(f"{told[0]}\n\n{told[1]}")
    assert_golden("incident_notes.md", "\n----\n\n".join(parts))


@pytest.mark.parametrize(
    ("stand", "name"),
    [
        pytest.param(detected(), "detected", id="detected"),
        pytest.param(
            after(detected(*many(2)), Event.ESCALATE, "2026-01-15T15:25:00Z", after_hours="24"),
            "escalated",
            id="escalated",
        ),
        pytest.param(closed(), "closed", id="closed"),
    ],
)
def test_the_notifications_are_as_agreed(stand, name) -> None:
    told = notification(stand, stand.timeline[-1])
    assert told is not None
    assert_golden(f"incident_notification_{name}.txt", f"Subject: {told[0]}\n\n{told[1]}")


LIST = (
    detected(),
    after(detected(*many(12), number=43), Event.ESCALATE, "2026-01-15T15:25:00Z", after_hours="24"),
    reconciled(),
)


@pytest.mark.parametrize("width", [100, 80, 60])
def test_the_list_is_as_agreed(width) -> None:
    assert_golden(
        f"incident_list_{width}.txt", incident_list_text(LIST, style=Style(color=False, width=width), now=NOW)
    )


def test_one_incident_on_the_terminal_is_as_agreed() -> None:
    assert_golden("incident.txt", incident_text(stabilized(), details(), style=PLAIN, now=NOW))


def test_many_differences_on_the_terminal_are_as_agreed() -> None:
    told = details_of(everything().environments[0], {"c-1"})
    assert_golden("incident_several.txt", incident_text(detected(*many(2)), told, style=PLAIN, now=NOW))


def test_details_name_every_workflow_that_was_asked_for_and_no_other() -> None:
    report = everything().environments[0]
    assert details_of(report, ()) == details_of(environment(), {"c-1"}) == ""
    assert_golden("incident_details.md", details_of(report, {"c-1"}))
