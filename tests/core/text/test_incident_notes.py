"""What is said about the steps of an incident, on GitHub and elsewhere."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.text.hostile import HOSTILE, unseen_characters
from tests.core.text.incidents import LINKS, acknowledged, affected, after, closed, detected, many, reconciled

from workflowops.core.incident.record import ChangeSummary, Event, Incident
from workflowops.core.text.incident_notes import notification, step_note
from workflowops.core.text.incident_words import instant, lasted

MENTIONS = ["@octocat", "@acme/admins"]
TEXTS = st.sampled_from([*HOSTILE.values(), "<!channel> @here <@U1> <https://evil.example|x>"]) | st.text(max_size=40)


def comment(incident: Incident, *, links=LINKS) -> str:
    told = step_note(incident, incident.timeline[-1], links=links, mentions=MENTIONS)
    assert told is not None
    return told[1]


@pytest.mark.parametrize(
    ("incident", "is_calling"),
    [
        pytest.param(after(detected(), Event.ESCALATE, "16:00"), True, id="escalated"),
        pytest.param(after(reconciled(), Event.DRIFT_BACK, "17:20"), True, id="back"),
        pytest.param(after(detected(), Event.DRIFT_CHANGED, "16:00"), False, id="changed"),
        pytest.param(after(detected(), Event.DRIFT_GONE, "16:00"), False, id="gone"),
        pytest.param(acknowledged(), False, id="acknowledged"),
        pytest.param(closed(), False, id="closed"),
    ],
)
def test_people_are_called_only_where_they_are_needed(incident, is_calling) -> None:
    assert comment(incident).startswith("@octocat @acme/admins\n") is is_calling


def test_drift_that_comes_and_goes_calls_people_once_in_a_day() -> None:
    incident = detected()
    called = []
    for hours in range(0, 72, 7):
        at = f"2026-01-{15 + hours // 24}T{hours % 24:02}:00:00Z"
        incident = after(incident, Event.DRIFT_BACK, at)
        if comment(incident).startswith("@octocat @acme/admins\n"):
            called.append(hours)
    assert called == [0, 28, 56]
    first = step_note(incident, incident.timeline[1], links=LINKS, mentions=MENTIONS)
    assert first is not None
    assert first[1].startswith("@octocat")


@pytest.mark.parametrize(
    ("fields", "said", "agree"),
    [
        ({"reverted_to_git": "A"}, "n8n runs again what Git said: A", True),
        ({"accepted_runtime_changes": "A"}, "Git says now what n8n ran: A", True),
        ({"git_ahead": "A"}, "Git is ahead, n8n has not followed yet: A", False),
        ({"git_to_follow": "A"}, "n8n's version was accepted as last known good; Git has to follow: A", False),
        ({"reverted_to_git": "A", "accepted": "B"}, "Accepted, and different still: B", False),
    ],
)
def test_the_sides_are_said_to_agree_only_where_they_do(fields, said, agree) -> None:
    gone = after(detected(), Event.DRIFT_GONE, "16:00", **fields)
    told = comment(gone)
    assert told.startswith("**Nothing drifts any more in: <code>Payment Gateway</code>.**")
    assert said in told
    assert ("agree" in told) is agree
    closing = comment(
        after(after(gone, Event.DRIFT_GONE, "16:00", resolution_type="other", **fields), Event.CLOSE, "17:00")
    )
    assert (
        "Nothing drifted any more in: <code>Payment Gateway</code>, when it was checked at 2026-01-14 16:00" in closing
    )
    assert ("Git and n8n agreed there." in closing) is agree


def test_what_is_managed_under_another_identity_is_not_said_to_be_at_rest() -> None:
    alone = comment(after(detected(), Event.DRIFT_GONE, "16:00", unmanaged="drifts"))
    assert alone.startswith("**No longer managed under that identity: <code>Payment Gateway</code>.**")
    assert "Nothing" not in alone
    beside = comment(after(detected(*many(2)), Event.DRIFT_GONE, "16:00", unmanaged="A", reverted_to_git="B"))
    assert "<code>Payment Gateway 1</code>, as far as they are managed under that identity.**" in beside
    assert "agree" not in alone + beside


@pytest.mark.parametrize("incident", [detected(), after(detected(), Event.ISSUE_GONE, "16:00")])
def test_what_the_issue_tells_itself_has_no_comment(incident) -> None:
    assert step_note(incident, incident.timeline[-1], links=LINKS, mentions=MENTIONS) is None


def test_without_links_no_run_is_named() -> None:
    assert "The run" not in comment(acknowledged(), links=None)


@pytest.mark.parametrize(
    ("incident", "said"),
    [
        pytest.param(
            after(detected(), Event.DRIFT_GONE, "16:00"), "still detected: the configuration leaves", id="told only"
        ),
        pytest.param(
            after(detected(), Event.DRIFT_GONE, "16:00", resolution_type="mixed"),
            "<code>/close</code>",
            id="reconciled",
        ),
        pytest.param(
            after(after(reconciled(), Event.DRIFT_BACK, "17:20"), Event.ESCALATE, "18:25"), "open for 3h;", id="age"
        ),
        pytest.param(
            after(
                after(reconciled(), Event.DRIFT_BACK, "2026-01-16T17:20:00Z"), Event.ESCALATE, "2026-01-16T18:20:00Z"
            ),
            "open for 1h;",
            id="age after a day",
        ),
    ],
)
def test_a_comment_says_what_follows(incident, said) -> None:
    assert said in comment(incident)


def test_closing_tells_that_drift_came_back() -> None:
    back = after(after(reconciled(), Event.DRIFT_BACK, "17:20"), Event.ACCEPT, "17:30", "a", until="2026-02-01")
    told = comment(after(back, Event.CLOSE, "17:50", "a"))
    assert "| Drift came back | 2026-01-14 17:20:00 UTC |  |  |" in told
    assert "| Reconciled | 2026-01-14 17:30:00 UTC | 10m | <code>a</code> |" in told
    assert "#### Lessons" not in told


def test_only_opening_escalation_and_closing_are_notified() -> None:
    notified = [step.event for step in closed().timeline if notification(closed(), step) is not None]
    assert notified == [Event.DETECT, Event.CLOSE]


@settings(max_examples=40, deadline=None)
@given(TEXTS, st.sampled_from([0, 1, -1]))
def test_nothing_in_the_data_acts_in_a_notification(text, number) -> None:
    change = ChangeSummary(node_name=text, field=text, old_value=text, new_value=text)
    stands = (
        detected(*many(3, text, change_summary=change), environment_title=text, detection_method=text),
        after(detected(affected(text), assigned_to=text, environment_title=text), Event.ESCALATE, "16:00"),
        closed(),
    )
    told = notification(stands[number], stands[number].timeline[-1])
    assert told is not None
    title, body = told
    assert "\n" not in title
    assert len(title) < 256
    assert re.search(r"[@<]\S", f"{title}\n{body}".replace("@\u200b", "").replace("<\u200b", "")) is None
    assert unseen_characters(f"{title}{body}".replace("\u200b", "")) == []


def test_an_alert_about_many_workflows_stays_short() -> None:
    told = notification(detected(*many(500)), detected().timeline[0])
    assert told is not None
    assert "Workflows Affected: 500" in told[1]
    assert "  - and 480 more workflows" in told[1]
    assert told[1].count("Change Detected:") == 3
    assert "  Workflow: Payment Gateway 0" in told[1]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (0, "0s"), (40, "40s"), (300, "5m"), (359, "5m"), (4_500, "1h 15m"), (3_600, "1h"), (8_700, "2h 25m"),
     (86_400, "1d"), (90_000, "1d 1h"), (93_600, "1d 2h"), (-5, "0s")],
)  # fmt: skip
def test_durations_are_written_as_people_say_them(seconds, words) -> None:
    assert lasted(seconds) == words


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2026-01-14T15:25:00Z", "2026-01-14 15:25:00 UTC"),
        ("2026-01-14T15:22:00.000Z", "2026-01-14 15:22:00 UTC"),
        (None, "unknown"),
        ("x\n", "x\\n"),
    ],
)
def test_times_are_written_to_the_second(iso, words) -> None:
    assert instant(iso) == words
