"""`incident` on the command line: a list, one in full, and the lifecycle by hand."""

import pytest
from tests.cli.shop import HOT_FIX, Shop, with_url


@pytest.fixture
def drifted(shop: Shop) -> Shop:
    """Production drifted, and incident 1 is open, as files in a folder."""
    shop.edit("Payment Gateway", with_url(HOT_FIX, node="Call Payment API"))
    shop.run("drift", "--issues-folder", folder(shop))
    return shop


def folder(shop: Shop) -> str:
    return str(shop.root / "issues")


def page(shop: Shop) -> str:
    return (shop.root / "issues" / "issues" / "1.md").read_text(encoding="utf-8")


def test_incidents_are_listed(drifted: Shop) -> None:
    listed = drifted.run("incident", "list").out
    assert "#1" in listed
    assert "Payment Gateway" in listed
    assert drifted.json("incident", "list")["incidents"][0]["number"] == 1
    assert drifted.json("incident", "list", "--environment", "dev")["incidents"] == []


def test_no_incident_is_said(shop: Shop) -> None:
    assert shop.run("incident", "list").out == "No incident is open.\n"


def test_an_unknown_environment_is_a_usage_error(drifted: Shop) -> None:
    assert "No environment is called" in drifted.run("incident", "list", "--environment", "x", code=2).err


def test_an_incident_is_shown_in_full(drifted: Shop) -> None:
    shown = drifted.run("incident", "show", "1").out
    assert HOT_FIX in shown
    assert "What happened so far" in shown
    document = drifted.json("incident", "show", "1")
    assert (document["status"], document["environment"]) == ("detected", "prod")
    assert document["durations_seconds"]["total"] is None
    assert [each["event"] for each in document["timeline"]] == ["detect"]


@pytest.mark.parametrize("command", [["show"], ["acknowledge"], ["close"]], ids="".join)
def test_an_unknown_number_is_a_usage_error(drifted: Shop, command) -> None:
    ran = drifted.run("incident", *command, "99", code=2)
    assert "no incident #99" in ran.err
    assert "#1" in ran.err


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_what_is_no_number_is_a_usage_error(drifted: Shop, number) -> None:
    drifted.run("incident", "show", number, code=2)


def test_the_whole_lifecycle_by_hand(drifted: Shop) -> None:
    steps = [
        (["acknowledge", "1", "--comment", "Reviewing hotfix"], "acknowledged"),
        (["assign", "1", "--assigned-to", "octocat"], "acknowledged"),
        (["stabilize", "1", "--reason", "Committed", "--resolution-plan", "Sync"], "stabilized"),
        (["reconcile", "1", "--resolution-type", "replaced", "--lessons-learned", "Watch"], "reconciled"),
        (["close", "1", "--closure-reason", "Done"], "closed"),
    ]
    for arguments, status in steps:
        ran = drifted.run("incident", *arguments, "--issues-folder", folder(drifted))
        assert f"is {status} now" in ran.out
    record = drifted.state("incidents/1.json")
    assert (record["closed_by"], record["assigned_to"], record["closure_reason"]) == ("ada", "octocat", "Done")
    assert "### Incident closed" in page(drifted)
    assert drifted.run("incident", "list").out == "No incident is open.\n"
    assert "#1" in drifted.run("incident", "list", "--all").out
    assert drifted.run("audit", "verify").code == 0


def test_a_difference_is_accepted_by_hand(drifted: Shop) -> None:
    ran = drifted.run("incident", "accept", "1", "--until", "2020-01-01", "--issues-folder", folder(drifted), code=3)
    assert "which is not a day to come" in ran.err


def test_drift_that_is_still_there_is_warned_of(drifted: Shop) -> None:
    drifted.run("incident", "acknowledge", "1")
    drifted.run("incident", "stabilize", "1")
    ran = drifted.run("incident", "reconcile", "1", "--resolution-type", "other")
    assert "Warning: Drift was still there at the last check." in ran.out


def test_a_step_that_is_not_possible_is_a_rule_that_said_no(drifted: Shop) -> None:
    ran = drifted.run("incident", "close", "1", "--issues-folder", folder(drifted), code=3)
    assert "has to be reconciled; it is detected" in ran.err
    assert "workflowops incident acknowledge 1" in ran.err
    assert drifted.state("incidents/1.json")["status"] == "detected"


def test_without_github_the_issue_follows_with_the_next_run(drifted: Shop) -> None:
    before = page(drifted)
    document = drifted.json("incident", "acknowledge", "1", "--comment", "On it")
    assert (document["on_github"], document["incident"]["undelivered"]) == (False, 1)
    assert page(drifted) == before
    assert "GitHub is not configured here" in drifted.run("incident", "assign", "1", "--assigned-to", "bob").out
    drifted.run("drift", "--issues-folder", folder(drifted))
    assert "On it" in page(drifted)
    assert drifted.json("incident", "show", "1")["undelivered"] == 0


def test_a_dry_run_of_a_step_writes_nothing(drifted: Shop) -> None:
    before, refs = page(drifted), drifted.refs()
    ran = drifted.run("incident", "acknowledge", "1", "--dry-run", "--issues-folder", folder(drifted))
    assert "would be acknowledged" in ran.out
    assert (page(drifted), drifted.refs()) == (before, refs)


def test_a_resolution_type_that_does_not_exist_is_a_usage_error(drifted: Shop) -> None:
    ran = drifted.run("incident", "reconcile", "1", "--resolution-type", "magic", code=2)
    assert "accepted_runtime_changes" in ran.err
