"""What a drift check means for incidents, and that neither a crash nor a second run says anything twice."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.commands.fake_tracker import Killed
from tests.commands.incident_world import HOST, HOT, IncidentWorld

from workflowops.commands.desk import CLAIM
from workflowops.core.claims import Claim
from workflowops.core.incident.mirror import LIST_LABEL
from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.incident.policy import Grouping, OnDriftGone
from workflowops.errors import ExitCode, N8nUnreachableError, PushRefusedError, RemoteError

Act = Callable[[IncidentWorld], None]


def _bobs_claim(world: IncidentWorld, lease: timedelta) -> Claim:
    """Somebody else's run sits at the desk."""
    now = world.world.clock()
    claim = Claim(
        name=CLAIM,
        owner="bob",
        reason="work",
        claim_id="other",
        created_at=now,
        renewed_at=now,
        expires_at=now + lease,
    )
    assert world.world.state.acquire(claim) is None
    return claim


def detected(**policy: Any) -> IncidentWorld:
    """One workflow was edited by hand, and its incident is open."""
    world = IncidentWorld(**policy)
    world.edit()
    assert [each.number for each in world.check().opened] == [1]
    return world


def test_no_drift_asks_nothing_of_github() -> None:
    world = IncidentWorld()
    assert world.check() == IncidentsOutcome()
    assert world.tracker.calls == []


def test_a_hot_fix_becomes_an_issue_that_the_state_knows() -> None:
    world = detected()
    issue = world.tracker.issues[1]
    assert LIST_LABEL in issue.labels
    assert HOST in issue.body
    assert world.index["open"] == {"*": 1}
    assert world.index["opening"] == {}
    record = world.incident()
    assert (record["status"], record["number"], record["detection_method"]) == ("detected", 1, "scheduled")
    assert [each["workflow_name"] for each in record["affected_workflows"]] == ["Orders 0"]
    assert HOST in world.world.state.files["incidents/1.md"].decode()
    assert world.audited() == ["incident.detected"]
    assert world.world.state.claims == {}


def test_unchanged_drift_is_one_read_and_no_write() -> None:
    world = detected()
    commits, calls = len(world.world.state.messages), len(world.tracker.calls)
    outcome = world.check()
    assert world.tracker.calls[calls:] == ["open_issues"]
    assert [message.split(":")[0] for message in world.world.state.messages[commits:]] == ["drift"]
    assert (len(outcome.unchanged), outcome.opened, outcome.updated) == (1, (), ())


def test_changed_drift_updates_the_body_and_says_so_once() -> None:
    world = detected()
    world.edit(url=f"{HOT}/v2")
    world.check()
    world.check()
    assert f"{HOST}/orders/v2" in world.tracker.issues[1].body
    assert len(world.tracker.ours(1)) == 1
    assert len(world.tracker.issues) == 1


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        pytest.param(IncidentWorld.commit, "accepted_runtime_changes", id="git followed"),
        pytest.param(IncidentWorld.put_back, "reverted_to_git", id="n8n was put back"),
    ],
)
def test_drift_that_is_gone_reconciles_with_the_side_that_moved(act: Act, expected) -> None:
    world = detected()
    act(world)
    world.check()
    record = world.incident()
    assert (record["status"], record["resolution_type"]) == ("reconciled", expected)
    assert world.tracker.issues[1].is_open
    assert "workflowops:reconciled" in world.tracker.issues[1].labels
    assert len(world.tracker.ours(1)) == 1
    assert world.audited()[-1] == "incident.drift_gone"


def test_drift_that_is_gone_closes_where_the_policy_says_so() -> None:
    world = detected(on_drift_gone=OnDriftGone.CLOSE)
    world.put_back()
    outcome = world.check()
    assert [each.number for each in outcome.closed] == [1]
    assert not world.tracker.issues[1].is_open
    assert world.index["open"] == {}
    assert world.index["latest_closed"] == {"*": 1}


def test_drift_that_comes_back_after_closing_opens_an_incident_that_names_the_old_one() -> None:
    world = detected(on_drift_gone=OnDriftGone.CLOSE)
    world.put_back()
    world.check()
    world.edit()
    world.check()
    assert world.incident(2)["previous_incident"] == 1
    assert "#1" in world.tracker.issues[2].body


def test_an_instance_that_cannot_be_read_leaves_its_incidents_alone() -> None:
    world = detected()
    world.world.n8n["prod"].outage = N8nUnreachableError("No answer.", fix="Look at the server.")
    before = copy.deepcopy(world.tracker.issues)
    world.check()
    assert world.tracker.issues == before
    assert world.incident()["status"] == "detected"


def test_a_check_that_was_not_recorded_leaves_the_incidents_alone() -> None:
    world = IncidentWorld()
    world.edit()
    world.world.state.refusal = PushRefusedError("No.", fix="Permission.")
    assert world.check().left_alone is not None
    assert world.tracker.calls == []


def test_a_report_that_is_older_than_the_state_changes_nothing() -> None:
    world = IncidentWorld()
    world.edit()
    from workflowops.commands.incidents import update_incidents

    report = world.world.drift("prod")
    world.put_back()
    world.world.drift("prod")
    update_incidents(world.desk(), report)
    assert world.tracker.issues == {}


def test_a_dry_run_tells_and_does_nothing() -> None:
    world = IncidentWorld()
    world.edit()
    files = dict(world.world.state.files)
    outcome = world.check(is_dry_run=True)
    assert outcome.is_plan
    assert len(outcome.opened) == 1
    assert world.tracker.issues == {}
    assert world.world.state.files == files


def test_without_github_drift_is_told_and_nothing_is_decided() -> None:
    world = IncidentWorld()
    world.edit()
    from workflowops.commands.incidents import update_incidents

    outcome = update_incidents(world.desk(tracker=None), world.world.drift("prod"))
    assert outcome.left_alone is not None
    assert "environments/prod/incidents.json" not in world.world.state.files


def test_what_people_do_to_labels_and_body_is_put_right_and_their_own_stays() -> None:
    world = detected()
    issue = world.tracker.issues[1]
    world.tracker.by_hand(1, labels=("customer",), body="")
    world.check()
    assert set(world.tracker.issues[1].labels) == {*issue.labels, "customer"}
    world.tracker.by_hand(1, body=f"My notes.\n\n{issue.body}")
    world.check()
    assert world.tracker.issues[1].body.startswith("My notes.")
    assert HOST in world.tracker.issues[1].body
    assert world.tracker.ours(1) == []


def test_a_deleted_issue_is_replaced_by_one_that_names_it() -> None:
    world = detected()
    world.tracker.gone.add(1)
    world.check()
    assert world.incident(1)["status"] == "closed"
    assert world.incident(2)["previous_incident"] == 1
    assert world.index["open"] == {"*": 2}


def test_an_issue_closed_by_hand_too_early_is_reopened_with_the_reason() -> None:
    world = detected()
    world.tracker.by_hand(1, is_open=False)
    world.check()
    assert world.tracker.issues[1].is_open
    assert len(world.tracker.ours(1)) == 1
    world.check()
    assert len(world.tracker.ours(1)) == 1


def test_a_strangers_issue_with_our_marker_and_label_is_not_ours() -> None:
    world = detected()
    copied = replace(world.tracker.issues[1], number=7, author="mallory", is_open=True)
    world.tracker.issues[7] = copied
    world.put_back()
    world.check()
    assert world.tracker.issues[7] == copied


def test_notifications_go_out_and_one_that_fails_is_told_and_stops_nothing() -> None:
    world = IncidentWorld(notify=("${SLACK}", "${TEAMS}"))
    world.notifier.problem = "address 1 of 1 (slack) did not take it"
    world.edit()
    outcome = world.check()
    assert [addresses for addresses, _, _ in world.notifier.sent] == [("slack://secret",)]
    assert len(outcome.opened) == 1
    assert not outcome.problems
    (warning,) = outcome.warnings
    assert "${TEAMS}" in warning
    assert "did not take it" in warning
    assert "secret" not in warning
    world.check()
    assert len(world.notifier.sent) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", [1, 2])
def test_the_end_of_an_incident_is_told_by_the_next_check_when_this_one_died(when, write) -> None:
    """It is on the list of open incidents no more, and must be found all the same."""
    world = detected(on_drift_gone=OnDriftGone.CLOSE)
    world.put_back()
    world.tracker.fail_write(write, Killed(), when=when)
    with pytest.raises(Killed):
        world.check()
    world.world.state.dead_claims |= {claim.claim_id for claim in world.world.state.claims.values()}
    assert world.index["unsaid"] == [1]
    world.check()
    assert not world.tracker.issues[1].is_open
    assert len(world.tracker.ours(1)) == 1
    assert world.index["unsaid"] == []
    calls = len(world.tracker.calls)
    world.check()
    assert len(world.tracker.calls) == calls


def test_the_issue_names_the_run_that_found_it_and_stays_as_it_is_in_the_next_run() -> None:
    world = detected()
    assert "actions/runs/1" in world.tracker.issues[1].body
    before = world.tracker.issues[1]
    world.world.actor = replace(world.world.actor, run_url="https://github.com/o/r/actions/runs/2")
    world.check()
    assert world.tracker.issues[1] == before


def test_an_incident_escalates_while_its_instance_cannot_be_read() -> None:
    world = detected(escalate_after_hours=24.0)
    world.world.n8n["prod"].outage = N8nUnreachableError("No answer.", fix="Look at the server.")
    world.world.clock.now += timedelta(hours=25)
    world.check()
    assert "workflowops:escalated" in world.tracker.issues[1].labels
    assert world.incident()["status"] == "detected"


def test_an_issue_of_that_number_that_is_somebody_elses_is_left_alone() -> None:
    """A copied state branch names numbers that mean something else in the repository it was copied to."""
    world = detected()
    elsewhere = "https://github.com/o/copy/issues/1"
    world.tracker.by_hand(1, title="Cannot log in", body="Help.", author="customer", url=elsewhere, labels=("bug",))
    before = world.tracker.issues[1]
    world.check()
    assert world.tracker.issues[1] == before
    assert world.tracker.ours(1) == []
    assert world.index["open"] == {"*": 2}
    world.tracker.by_hand(2, body="", labels=())
    world.check()
    assert world.index["open"] == {"*": 2}


def _held_by_another_run(world: IncidentWorld, meanwhile: Callable[[], None]) -> Callable[[float], None]:
    """Let another run hold the desk until we have waited once; `meanwhile` happens just before it leaves."""
    other = _bobs_claim(world, timedelta(minutes=5))

    def pause(seconds: float) -> None:
        world.pause(seconds)
        meanwhile()
        world.world.state.release(other)

    return pause


def test_what_people_write_while_we_wait_for_the_desk_stays() -> None:
    from workflowops.commands.incidents import update_incidents

    world = detected()
    world.edit(url=f"{HOT}/v2")
    report = world.world.drift("prod")

    def people() -> None:
        issue = world.tracker.issues[1]
        world.tracker.by_hand(1, body=f"RUNBOOK: call Bob.\n\n{issue.body}", labels=(*issue.labels, "customer"))

    update_incidents(world.desk(pause=_held_by_another_run(world, people)), report)
    assert "RUNBOOK: call Bob." in world.tracker.issues[1].body
    assert "customer" in world.tracker.issues[1].labels
    assert "orders/v2" in world.tracker.issues[1].body


def test_who_has_lost_the_desk_says_nothing_any_more() -> None:
    world = detected()
    world.edit(url=f"{HOT}/v2")
    edit_issue = world.tracker.edit_issue

    def slowly(number: int, edit: Any) -> None:
        edit_issue(number, edit)
        world.world.clock.now += timedelta(minutes=6)
        (ours,) = world.world.state.claims.values()
        world.world.state.claims[CLAIM] = replace(ours, claim_id="somebody else's")

    world.tracker.edit_issue = slowly  # type: ignore[method-assign]
    outcome = world.check()
    assert world.tracker.ours(1) == []
    assert "claim" in " ".join(outcome.problems)
    del world.world.state.claims[CLAIM]
    world.tracker.edit_issue = edit_issue  # type: ignore[method-assign]
    world.check()
    assert len(world.tracker.ours(1)) == 1


def test_issues_that_take_nothing_do_not_keep_the_others_from_being_told() -> None:
    world = IncidentWorld(workflows=5, group_by=Grouping.WORKFLOW)
    for number in range(5):
        world.edit(number)
    world.check()
    world.tracker.locked_out |= {1, 2, 3}
    for number in range(5):
        world.put_back(number)
    outcome = world.check()
    assert len(outcome.problems) == 3
    assert [len(world.tracker.ours(number)) for number in range(1, 6)] == [0, 0, 0, 1, 1]


def test_switched_off_opens_nothing_and_leads_what_is_open_to_its_end() -> None:
    world = IncidentWorld(enabled=False)
    world.edit()
    assert world.check() == IncidentsOutcome()
    assert world.tracker.calls == []
    world.set_policy(enabled=True)
    world.check()
    world.set_policy(enabled=False)
    world.put_back()
    world.check()
    assert world.incident()["status"] == "reconciled"


def test_too_many_incidents_at_once_become_one() -> None:
    world = IncidentWorld(workflows=12, group_by=Grouping.WORKFLOW, storm_limit=10)
    for number in range(12):
        world.edit(number)
    assert len(world.check().opened) == 1


def test_one_incident_a_workflow_where_the_team_wants_it() -> None:
    world = IncidentWorld(workflows=3, group_by=Grouping.WORKFLOW)
    for number in range(3):
        world.edit(number)
    assert len(world.check().opened) == 3
    world.put_back(1)
    world.check()
    statuses = {
        world.incident(number)["affected_workflows"][0]["workflow_name"]: world.incident(number)["status"]
        for number in (1, 2, 3)
    }
    assert statuses == {"Orders 0": "detected", "Orders 1": "reconciled", "Orders 2": "detected"}


def test_old_incidents_escalate_once() -> None:
    world = detected(escalate_after_hours=24.0, mentions=("@acme/on-call",))
    world.world.clock.now += timedelta(hours=25)
    world.check()
    world.check()
    (comment,) = world.tracker.ours(1)
    assert "@acme/on-call" in comment
    assert "workflowops:escalated" in world.tracker.issues[1].labels


# Faults: every write of GitHub fails in turn, and so does every push. Whatever happened, the next run makes it right.

FAULTS = [
    pytest.param("before", RemoteError("502", fix="Again."), id="not done, and told"),
    pytest.param("after", RemoteError("502", fix="Again."), id="done, and answered with an error"),
    pytest.param("before", Killed(), id="killed before"),
    pytest.param("after", Killed(), id="killed after"),
]
STORIES = {
    "detection": lambda world: world.edit(),
    "change": lambda world: world.edit(url=f"{HOT}/v2"),
    "end": lambda world: world.put_back(),
}


def _quiet(world: IncidentWorld, steps: int) -> IncidentWorld:
    """Play the first steps of the story without a fault."""
    for act in [*STORIES.values()][:steps]:
        act(world)
        world.check()
    return world


@pytest.mark.parametrize(("when", "error"), FAULTS)
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("write", range(1, 9))
def test_a_write_that_fails_is_made_good_and_nothing_is_said_twice(when, error, story, write) -> None:
    steps = [*STORIES].index(story)
    expected = _quiet(IncidentWorld(), steps + 1)
    world = _quiet(IncidentWorld(), steps)
    STORIES[story](world)
    world.tracker.fail_write(write, error, when=when)
    try:
        world.check()
    except Killed:
        world.world.state.dead_claims |= {claim.claim_id for claim in world.world.state.claims.values()}
    world.tracker.faults.clear()
    world.check()
    assert len(world.tracker.issues) == 1
    assert len(world.tracker.ours(1)) == len(expected.tracker.ours(1))
    assert world.tracker.issues[1].labels == expected.tracker.issues[1].labels
    assert world.incident()["status"] == expected.incident()["status"]
    assert world.incident()["notes"] == []
    assert world.index["opening"] == {}
    assert world.check() == replace(world.check(), requests=world.tracker.requests - 1)


@pytest.mark.parametrize("push", range(1, 4))
def test_a_push_that_is_refused_half_way_loses_nothing(push) -> None:
    world = IncidentWorld()
    world.edit()
    report = world.world.drift("prod")
    store = world.world.state
    from workflowops.commands.incidents import update_incidents

    def refuse() -> None:
        store.refusal = PushRefusedError("Protected.", fix="Allow it.")

    store.interference = [*([lambda: None] * (push - 1)), refuse]
    outcome = update_incidents(world.desk(), report)
    store.refusal, store.interference = None, []
    if push <= 2:
        assert outcome.problems
        assert outcome.exit_code is ExitCode.REMOTE
    world.check()
    assert len(world.tracker.issues) == 1
    assert world.index["open"] == {"*": 1}


def test_two_runs_at_once_open_one_issue() -> None:
    """The second one waits for the desk, and finds the work done."""
    world = IncidentWorld()
    world.edit()
    from workflowops.commands.incidents import update_incidents

    report = world.world.drift("prod")
    other = _bobs_claim(world, timedelta(minutes=5))
    first_pause = world.pause

    def finished_meanwhile(seconds: float) -> None:
        first_pause(seconds)
        if len(world.pauses) == 2:
            world.world.state.release(other)
            update_incidents(world.desk(pause=first_pause), report)

    update_incidents(world.desk(pause=finished_meanwhile), report)
    assert len(world.tracker.issues) == 1
    assert world.index["open"] == {"*": 1}
    assert any("Waiting" in line for line in world.world.progress.lines)


def test_a_desk_that_never_comes_free_is_told() -> None:
    world = IncidentWorld()
    world.edit()
    _bobs_claim(world, timedelta(days=1))
    outcome = world.check()
    assert outcome.exit_code is ExitCode.MOVED
    assert "bob" in outcome.problems[0]
    assert world.tracker.issues == {}


def test_github_that_is_down_is_told_with_an_exit_code_and_caught_up_with_later() -> None:
    world = detected()
    world.tracker.outage = RemoteError("GitHub does not answer.", fix="Wait.")
    world.put_back()
    outcome = world.check()
    assert outcome.exit_code is ExitCode.REMOTE
    world.tracker.outage = None
    world.check()
    assert world.incident()["status"] == "reconciled"
