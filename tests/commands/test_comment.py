"""Comments on incidents: each command is carried out once by who may, and answered, whatever happens to the run."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.commands.comment_world import CommentWorld, reconciled_world
from tests.commands.fake_tracker import US, Killed
from tests.commands.incident_world import HOST, HOT

from workflowops.commands.comment import answer_event, left_alone
from workflowops.commands.comment_effects import effects_of
from workflowops.commands.desk import CLAIM
from workflowops.core.claims import Claim
from workflowops.core.comment.event import CommentEvent, Ignored
from workflowops.core.comment.handled import MOST_REMEMBERED
from workflowops.core.comment.outcome import Became, EventOutcome, Outcome
from workflowops.core.incident.issue import NewPullRequest, PullRequest, Reaction
from workflowops.core.incident.policy import CommandRule, Role
from workflowops.errors import (
    ConfigurationError,
    ExitCode,
    GitHubLimitedError,
    MovedError,
    N8nUnreachableError,
    PushRefusedError,
    RemoteError,
)

DOWN = RemoteError("GitHub does not answer.", fix="Again.")
CLOSED = "workflowops:closed"


def became(outcome: EventOutcome) -> list[tuple[str, str]]:
    return [(str(each.name), str(each.became)) for each in outcome.results]


# What people see.


def test_an_acknowledgement_reaches_record_issue_answer_and_log() -> None:
    world = CommentWorld()
    event = world.event("On it.\n/acknowledge Reviewing hotfix")
    outcome = world.deliver(event)
    assert (outcome.outcome, became(outcome)) == (Outcome.ANSWERED, [("acknowledge", "done")])
    record = world.incident()
    assert (record["status"], record["acknowledged_by"], record["acknowledgment_comment"]) == (
        "acknowledged",
        "ada",
        "Reviewing hotfix",
    )
    assert (record["notes"], record["handled"]) == ([], [f"comment-{event.comment_id}"])
    assert "workflowops:acknowledged" in world.tracker.issues[1].labels
    assert "**acknowledged**" in world.tracker.issues[1].body
    assert world.reactions(event) == [Reaction.SEEN, Reaction.DONE]
    assert "acknowledged by <code>ada</code>" in world.last_answer
    assert outcome.url is not None
    assert len(world.tracker.ours(1)) == 1
    entry = world.world.audit()[-1]
    assert (entry["action"], entry["user_id"], entry["resource_id"]) == ("incident.acknowledged", "ada", "incident-1")
    assert entry["details"] == {
        "comment": "Reviewing hotfix",
        "previous_status": "detected",
        "new_status": "acknowledged",
    }
    assert world.world.state.claims == {}


def test_walkthrough_3_from_a_hot_fix_to_the_closing_comment() -> None:
    world = CommentWorld(notify=("${SLACK}",))
    world.notifier.sent.clear()
    world.say("/acknowledge Reviewing hotfix, will coordinate with team", "tina")
    world.say('/stabilize reason="Hotfix committed to Git" assigned_to=@ada resolution_plan="Git matches production."')
    world.commit()
    outcome = world.say(
        '/sync\n/reconcile accepted_runtime_changes lessons_learned="Watch the API"\n/close Drift resolved'
    )
    assert outcome.exit_code is ExitCode.DONE
    record = world.incident()
    assert (record["status"], record["resolution_type"], record["assigned_to"]) == (
        "closed",
        "accepted_runtime_changes",
        "ada",
    )
    assert not world.tracker.issues[1].is_open
    assert CLOSED in world.tracker.issues[1].labels
    assert world.tracker.issues[1].assignees == ("ada",)
    assert "### Incident closed" in world.last_answer
    assert "Drift was still there" not in world.last_answer
    assert [title for _, title, _ in world.notifier.sent] == ["[RESOLVED] Drift incident closed - Prod"]
    assert world.audited()[0] == "incident.detected"
    assert world.audited()[-1] == "incident.closed"
    details = world.world.audit()[-1]["details"]
    assert details["resolution_type"] == "accepted_runtime_changes"
    assert details["workflows_affected"] == 1
    assert details["total_duration_hours"] >= 0
    assert world.index["open"] == {}
    assert world.check().opened == ()


def test_commands_of_one_comment_are_judged_one_after_the_other() -> None:
    world = CommentWorld()
    outcome = world.say("/acknowledge\n/stabilize done\n/acknowledge again\n/close\n/assign\n/stat")
    assert became(outcome) == [
        ("acknowledge", "done"),
        ("stabilize", "done"),
        ("acknowledge", "impossible"),
        ("close", "impossible"),
        ("assign", "done"),
        ("stat", "misunderstood"),
    ]
    assert (world.status, world.incident()["assigned_to"]) == ("stabilized", "ada")
    assert len(world.tracker.ours(1)) == 1
    assert world.audited()[1:] == ["incident.acknowledged", "incident.stabilized", "incident.assigned"]


def test_a_comment_is_one_commit_for_the_decision_and_one_for_what_was_said() -> None:
    world = CommentWorld()
    before = len(world.world.state.messages)
    world.say("/acknowledge\n/assign\n/status\n/help")
    assert world.world.state.messages[before:] == [
        "comment: commands on incident 1",
        "incidents: said what was to be said",
    ]


@pytest.mark.parametrize(
    ("text", "reaction"),
    [
        pytest.param("/status", Reaction.DONE, id="done"),
        pytest.param("/close", Reaction.CONFUSED, id="impossible"),
        pytest.param("/ack", Reaction.CONFUSED, id="not understood"),
        pytest.param('/close reason="', Reaction.CONFUSED, id="malformed"),
    ],
)
def test_the_comment_is_marked_at_once_and_again_in_the_end(text, reaction) -> None:
    world = CommentWorld()
    event = world.event(text)
    assert world.deliver(event).exit_code is ExitCode.DONE
    assert world.reactions(event) == [Reaction.SEEN, reaction]
    assert "**Possible now**" in world.last_answer


def test_differences_and_status_are_answered_without_changing_the_incident() -> None:
    world = CommentWorld()
    before = world.incident()
    world.say("/diff\n/status\n/help", "tina")
    assert HOST in world.last_answer
    assert "| Last check | 2026-01-14" in world.last_answer
    assert {**world.incident(), "handled": []} == before
    assert world.audited() == ["incident.detected"]


def test_closing_while_drift_is_there_is_done_and_warned_of() -> None:
    world = CommentWorld()
    outcome = world.say("/acknowledge\n/stabilize\n/reconcile replaced\n/close")
    assert [each.warning is not None for each in outcome.results] == [False, False, True, True]
    assert "opens a new incident" in world.last_answer
    assert world.status == "closed"
    assert [each.previous_incident for each in world.check().opened] == [1]


def test_what_is_reconciled_while_drift_is_there_is_brought_back_by_the_next_check() -> None:
    world = CommentWorld()
    world.say("/acknowledge\n/stabilize\n/reconcile replaced")
    assert "brings this incident back to detected" in world.last_answer
    world.check()
    assert world.status == "detected"


def test_an_accepted_difference_is_left_alone_until_its_day_is_over() -> None:
    world = CommentWorld()
    world.say("/accept until=2026-01-20 reason=Freeze")
    assert (world.status, world.incident()["resolution_type"]) == ("reconciled", "accepted_until")
    (accepted,) = world.index["accepted"].values()
    assert (accepted["until"], accepted["by"], accepted["reason"]) == ("2026-01-20", "ada", "Freeze")
    world.check()
    assert world.status == "reconciled"
    world.world.clock.now += timedelta(days=7)
    world.check()
    assert world.status == "detected"


def test_an_assignee_takes_the_place_of_the_one_before() -> None:
    world = CommentWorld(assignees=("oncall",))
    world.say("/assign @tina")
    assert world.tracker.issues[1].assignees == ("oncall", "tina")
    world.say("/assign")
    assert world.tracker.issues[1].assignees == ("oncall", "ada")


def test_somebody_whom_github_cannot_assign_is_assigned_in_the_record() -> None:
    world = CommentWorld()
    world.tracker.unassignable = {"bob"}
    outcome = world.say("/assign @bob")
    assert (world.incident()["assigned_to"], world.tracker.issues[1].assignees) == ("bob", ())
    assert outcome.exit_code is ExitCode.DONE


def test_an_assignment_that_github_refuses_is_a_warning() -> None:
    world = CommentWorld()
    world.tracker.fail_write(2, RemoteError("No such user.", fix="Check."))  # 1 is the reaction
    outcome = world.say("/assign @bob")
    assert (outcome.exit_code, len(outcome.warnings), outcome.problems) == (ExitCode.DONE, 1, ())
    assert "bob" in outcome.warnings[0]
    assert len(world.tracker.ours(1)) == 1


# What reaches further than the record.


def test_sync_checks_again_and_what_follows_is_judged_by_it() -> None:
    world = CommentWorld()
    world.put_back()
    outcome = world.say("/sync\n/close")
    assert became(outcome) == [("sync", "done"), ("close", "done")]
    assert (world.status, world.incident()["resolution_type"]) == ("closed", "reverted_to_git")
    assert "**in sync**" in world.last_answer


def test_a_step_before_a_sync_is_answered_before_it() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge\n/sync\n/status")
    outcome = world.deliver(event)
    assert became(outcome) == [("acknowledge", "done"), ("sync", "done"), ("status", "done")]
    first, second = world.tracker.ours(1)
    assert "/acknowledge" in first.split("Possible now")[0]
    assert "/sync" in second
    assert world.incident()["handled"] == [f"comment-{event.comment_id}", f"comment-{event.comment_id}-2"]


def test_a_sync_that_cannot_read_n8n_is_told_and_fails_the_run() -> None:
    world = CommentWorld()
    world.world.n8n["prod"].outage = N8nUnreachableError("No answer from n8n.", fix="Start it.")
    event = world.event("/sync")
    outcome = world.deliver(event)
    assert (became(outcome), outcome.exit_code) == ([("sync", "failed")], ExitCode.REMOTE)
    assert "No answer from n8n. Start it." in world.last_answer
    assert world.reactions(event)[-1] is Reaction.CONFUSED
    assert world.status == "detected"


def test_a_sync_that_is_blocked_is_told_with_what_to_do() -> None:
    from workflowops.core.claims import unreadable_claim

    world = CommentWorld()
    world.world.state.claims["sync/prod"] = unreadable_claim("sync/prod", object_name="x", why="cut short")
    outcome = world.say("/sync")
    assert became(outcome) == [("sync", "failed")]
    assert "refs/workflowops/locks/sync/prod" in world.last_answer.replace("&#58;", ":")


def test_adopt_answers_with_its_pull_request() -> None:
    world = CommentWorld()
    outcome = world.say("/adopt")
    assert became(outcome) == [("adopt", "done")]
    assert len(world.tracker.pull_requests) == 1
    assert "#500" in world.last_answer


def test_revert_answers_with_its_plan_and_does_nothing() -> None:
    world = CommentWorld()
    store = dict(world.world.n8n["prod"].store)
    assert became(world.say("/revert")) == [("revert", "done")]
    assert "Nothing was executed" in world.last_answer
    assert world.world.n8n["prod"].store == store


@pytest.mark.parametrize("command", ["/adopt", "/revert"])
def test_a_closed_incident_is_not_acted_upon(command) -> None:
    world = reconciled_world()
    world.say("/close")
    outcome = world.say(command)
    assert [each.became for each in outcome.results] == [Became.IMPOSSIBLE]
    assert "closed" in world.last_answer
    assert world.tracker.pull_requests == []


# Who may.


def test_an_outsider_gets_one_answer_and_changes_nothing() -> None:
    world = CommentWorld()
    first, second = world.event("/close\n/acknowledge", "mallory"), world.event("/close", "Mallory")
    outcome = world.deliver(first)
    assert (outcome.outcome, outcome.exit_code, world.status) == (Outcome.DENIED, ExitCode.DONE, "detected")
    assert "nothing was done" in world.last_answer
    assert world.reactions(first) == [Reaction.REFUSED]
    messages = len(world.world.state.messages)
    _claimed_by_bob(world)
    assert world.deliver(second).outcome is Outcome.DENIED
    assert world.pauses == []
    assert len(world.tracker.ours(1)) == 1
    assert len(world.world.state.messages) == messages
    assert world.reactions(second) == [Reaction.REFUSED]
    assert world.audited() == ["incident.detected"]


@pytest.mark.parametrize("text", ["/ack", "/nonsense", '/close reason="', "/status", "/sync", "/adopt", "/diff"])
@pytest.mark.parametrize("login", ["mallory", "rita"])
def test_who_may_only_read_is_refused_everything(login, text) -> None:
    world = CommentWorld()
    requests = len(world.world.n8n["prod"].asked)
    assert world.say(text, login).outcome is Outcome.DENIED
    assert world.tracker.pull_requests == []
    assert len(world.world.n8n["prod"].asked) == requests


def test_somebody_who_may_not_everything_is_told_what() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge\n/stabilize", "tina")
    outcome = world.deliver(event)
    assert became(outcome) == [("acknowledge", "done"), ("stabilize", "denied")]
    assert world.status == "acknowledged"
    assert world.reactions(event) == [Reaction.SEEN, Reaction.REFUSED]
    assert "takes the role <code>write</code>" in world.last_answer


def test_an_effect_that_is_denied_does_not_happen() -> None:
    world = CommentWorld()
    world.world.n8n["prod"].asked.clear()
    outcome = world.say("/sync\n/adopt\n/status", "tina")
    assert became(outcome) == [("sync", "denied"), ("adopt", "denied"), ("status", "done")]
    assert world.world.n8n["prod"].asked == []
    assert world.tracker.pull_requests == []


@pytest.mark.parametrize(
    ("teams", "outcome"),
    [
        pytest.param({"acme/leads": {"ada"}}, Outcome.ANSWERED, id="in the team"),
        pytest.param({"acme/leads": {"bob"}}, Outcome.DENIED, id="not in the team"),
        pytest.param({}, Outcome.DENIED, id="the team cannot be read"),
    ],
)
def test_a_team_may_be_asked_for(teams, outcome) -> None:
    world = CommentWorld(commands={"acknowledge": CommandRule(teams=("acme/leads",))})
    world.tracker.teams = teams
    assert world.say("/acknowledge").outcome is outcome
    assert world.tracker.calls.count("is_member") == 1


def test_teams_are_asked_about_only_where_that_decides() -> None:
    rule = CommandRule(users=("ada",), teams=("acme/leads",))
    world = CommentWorld(commands={"acknowledge": rule, "status": rule})
    world.say("/acknowledge")
    world.say("/acknowledge", "mallory")
    assert world.tracker.calls.count("is_member") == 0
    world.tracker.roles["bob"] = Role.ADMIN
    world.say("/acknowledge\n/status", "bob")
    assert world.tracker.calls.count("is_member") == 1


def test_a_role_that_cannot_be_asked_lets_nobody_through_and_is_tried_again() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")
    world.tracker.outage = DOWN
    with pytest.raises(RemoteError):
        world.deliver(event)
    world.tracker.outage = None
    assert (world.status, world.incident()["handled"]) == ("detected", [])
    assert world.deliver(event).outcome is Outcome.ANSWERED


# What is not for us.


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        pytest.param(lambda w: w.event("Thanks, I will look."), Outcome.NOTHING_ASKED, id="prose"),
        pytest.param(lambda w: w.event("```\n/close\n```"), Outcome.NOTHING_ASKED, id="code"),
        pytest.param(lambda w: w.event("/label bug"), Outcome.NOTHING_ASKED, id="another program's command"),
        pytest.param(lambda w: w.event("/close", is_pull_request=True), Outcome.NOT_OURS, id="pull request"),
        pytest.param(lambda w: w.event("/close", number=7), Outcome.NOT_OURS, id="another issue"),
        pytest.param(lambda _: Ignored("A program."), Outcome.IGNORED, id="ignored"),
    ],
)
def test_what_is_not_for_us_costs_no_request_and_leaves_no_trace(make, outcome) -> None:
    world = CommentWorld()
    event = make(world)
    calls = len(world.tracker.calls)
    assert world.is_unchanged_by(lambda: None)
    result: list[EventOutcome] = []
    assert world.is_unchanged_by(lambda: result.append(world.deliver(event)))
    assert (result[0].outcome, result[0].exit_code) == (outcome, ExitCode.DONE)
    assert result[0].reason
    assert len(world.tracker.calls) == calls


def test_an_issue_with_our_marker_and_labels_is_a_strangers_all_the_same() -> None:
    from dataclasses import replace

    world = CommentWorld()
    world.tracker.issues[7] = replace(world.tracker.issues[1], number=7, author="mallory")
    assert world.say("/close", number=7).outcome is Outcome.NOT_OURS
    assert world.tracker.comments[7][-1].text == "/close"


def test_what_can_be_left_alone_needs_no_desk() -> None:
    world = CommentWorld()
    assert left_alone(world.event("/acknowledge")) is None
    assert left_alone(world.event("hello")) is not None


def test_without_github_a_command_cannot_be_answered() -> None:
    world = CommentWorld()
    desk = world.desk(tracker=None)
    with pytest.raises(ConfigurationError, match="GitHub"):
        answer_event(desk, world.event("/status"), effects=effects_of(desk))


def test_a_dry_run_says_what_would_be_answered_and_writes_nothing() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge\n/assign\n/sync\n/adopt\n/close")
    outcomes: list[EventOutcome] = []
    dry = {"is_dry_run": True}
    assert world.is_unchanged_by(lambda: outcomes.append(world.deliver(event, workspace=dry)))
    (outcome,) = outcomes
    assert outcome.is_plan
    assert [name for name, _ in became(outcome)] == ["acknowledge", "assign", "sync", "adopt", "close"]
    assert "acknowledged by" in (outcome.answer or "")
    assert world.reactions(event) == []
    assert world.world.state.claims == {}
    assert world.tracker.pull_requests == []


def test_a_dry_run_refuses_without_a_trace() -> None:
    world = CommentWorld()
    event = world.event("/close", "mallory")
    outcomes: list[EventOutcome] = []
    assert world.is_unchanged_by(lambda: outcomes.append(world.deliver(event, workspace={"is_dry_run": True})))
    assert outcomes[0].outcome is Outcome.DENIED
    assert world.reactions(event) == []


# Injection and size.


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("$(curl evil) `id` ${{ secrets.GITHUB_TOKEN }} ; rm -rf /", id="shell"),
        pytest.param("@octocat #1 <img src=x> [x](https://evil.example)", id="markdown"),
        pytest.param("<!-- workflowops:end --> <!-- workflowops:note comment-1 -->", id="our marks"),
        pytest.param("::set-output name=x::y", id="runner"),
        pytest.param("| a | b |", id="table"),
    ],
)
def test_what_people_write_is_data(text) -> None:
    world = CommentWorld()
    world.say(f'/acknowledge "{text}"')
    answer, body = world.last_answer, world.tracker.issues[1].body
    for shown in (answer.replace("<!-- workflowops:note", "", 1), body):
        assert "@octocat" not in shown
        assert "https://evil.example" not in shown
        assert "<img" not in shown
        assert "${{" not in shown
    assert answer.count("<!--") == 1
    assert body.count("<!-- workflowops:end -->") == 1
    assert world.status == "acknowledged"


def test_a_comment_of_sixty_thousand_characters_is_answered() -> None:
    world = CommentWorld()
    outcome = world.say(f"/acknowledge {'long ' * 12_000}")
    assert [each.became for each in outcome.results] == [Became.MISUNDERSTOOD]
    assert "4,000 are the most" in world.last_answer


def test_a_secret_in_a_comment_is_not_kept() -> None:
    world = CommentWorld()
    token = "ghp_" + "a1B2" * 9
    world.say(f"/acknowledge the key is {token}")
    assert token.encode() not in b"".join(content for content in world.world.state.files.values())
    assert token not in world.last_answer


# Faults: whatever happens to a run, nothing is done twice and nothing is lost.


def test_the_same_delivery_twice_acts_once() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge on it")
    world.deliver(event)
    again: list[EventOutcome] = []
    calls = len(world.tracker.calls)
    assert world.is_unchanged_by(lambda: again.append(world.deliver(event)))
    assert again[0].outcome is Outcome.REPEATED
    assert len(world.tracker.calls) == calls


def test_a_refusal_that_is_delivered_twice_is_said_once() -> None:
    world = CommentWorld()
    event = world.event("/close", "mallory")
    world.deliver(event)
    world.deliver(event)
    assert len(world.tracker.ours(1)) == 1


# Writes of an acknowledgement: 1 eyes, 2 label, 3 the issue, 4 the answer, 5 the last sign.
FAULTS = [
    pytest.param(when, error, id=f"{name} {when}")
    for when in ("before", "after")
    for name, error in (("failed", RemoteError("502", fix="Again.")), ("killed", Killed()))
]


@pytest.mark.parametrize(("when", "error"), FAULTS)
@pytest.mark.parametrize("write", range(1, 6))
@pytest.mark.parametrize("text", ["/acknowledge on it", "/assign @tina", "/adopt", "/acknowledge\n/sync\n/stabilize"])
def test_a_write_that_fails_is_made_good_and_nothing_is_said_twice(when, error, write, text) -> None:
    expected = CommentWorld()
    expected.say(text)
    world = CommentWorld()
    event = world.event(text)
    world.tracker.fail_write(write, error, when=when)
    try:
        world.deliver(event)
    except Killed:
        world.world.state.dead_claims |= {claim.claim_id for claim in world.world.state.claims.values()}
    world.tracker.faults.clear()
    world.deliver(event)
    world.check()
    assert sorted(_said(world)) == sorted(_said(expected))
    assert world.audited() == expected.audited()
    assert world.status == expected.status
    assert world.tracker.issues[1].labels == expected.tracker.issues[1].labels
    assert world.incident()["notes"] == []
    assert len(world.tracker.pull_requests) <= len(expected.tracker.pull_requests)


def _said(world: CommentWorld) -> list[str]:
    """The commands that were answered. A pull request that could not be opened is an answer as well."""
    heads = [line.partition(" ") for text in world.tracker.ours(1) for line in text.splitlines()]
    return [head for mark, _, head in heads if mark in (":white_check_mark:", ":x:")]


def test_github_down_after_the_decision_is_exit_code_4_and_the_next_run_says_it() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge on it")

    class Down:
        def __call__(self) -> None:
            world.tracker.outage = DOWN

    world.world.state.interference = [Down()]
    outcome = world.deliver(event)
    assert outcome.exit_code is ExitCode.REMOTE
    assert len(outcome.problems) == 1
    assert world.status == "acknowledged"
    assert len(world.incident()["notes"]) == 1
    assert world.tracker.ours(1) == []
    world.tracker.outage = None
    world.check()
    assert "on it" in world.last_answer
    assert len(world.tracker.ours(1)) == 1
    assert "workflowops:acknowledged" in world.tracker.issues[1].labels


def test_the_second_commit_that_is_refused_repeats_nothing() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")
    store = world.world.state

    def refuse() -> None:
        store.refusal = PushRefusedError("Protected.", fix="Allow it.")

    store.interference = [lambda: None, refuse]
    outcome = world.deliver(event)
    assert outcome.exit_code is ExitCode.REMOTE
    store.refusal, store.interference = None, []
    world.deliver(event)
    assert len(world.tracker.ours(1)) == 1
    assert world.incident()["notes"] == []


def test_a_decision_that_cannot_be_pushed_was_not_made() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")
    world.world.state.refusal = PushRefusedError("Protected.", fix="Allow it.")
    with pytest.raises(PushRefusedError):
        world.deliver(event)
    assert world.status == "detected"
    assert "could not be carried out: Protected." in world.last_answer
    world.world.state.refusal = None
    world.deliver(event)
    assert world.status == "acknowledged"


def test_a_drift_check_that_comes_between_is_not_lost() -> None:
    world = CommentWorld()
    world.put_back()
    interfered: list[None] = []

    def check() -> None:
        if not interfered:
            interfered.append(None)
            store = world.world.state
            held, store.claims = dict(store.claims), {}
            world.check()
            store.claims = held

    world.world.state.interference = [check]
    outcome = world.say("/acknowledge")
    assert became(outcome) == [("acknowledge", "impossible")]
    assert "it is reconciled" in world.last_answer
    assert (world.status, world.incident()["resolution_type"]) == ("reconciled", "reverted_to_git")


def _claimed_by_bob(world: CommentWorld) -> None:
    now = world.world.clock()
    world.world.state.claims[CLAIM] = Claim(
        name=CLAIM,
        owner="bob",
        reason="work",
        claim_id="other",
        created_at=now,
        renewed_at=now,
        expires_at=now + timedelta(minutes=5),
    )


def test_a_living_run_is_waited_for() -> None:
    world = CommentWorld()
    _claimed_by_bob(world)
    outcome = world.say("/acknowledge")
    assert outcome.outcome is Outcome.ANSWERED
    assert sum(world.pauses) > 60
    assert any("Waiting for another run" in line for line in world.world.progress.lines)


def test_a_run_that_never_ends_leaves_the_comment_for_later() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")

    def pause(seconds: float) -> None:
        world.world.clock.now += timedelta(seconds=seconds)
        _claimed_by_bob(world)

    _claimed_by_bob(world)
    with pytest.raises(MovedError):
        world.deliver(event, pause=pause)
    assert world.status == "detected"
    del world.world.state.claims[CLAIM]
    assert world.deliver(event).outcome is Outcome.ANSWERED


def test_two_runs_of_one_comment_decide_once() -> None:
    """Both saw the comment as new; the second decides on what the first has written."""
    world = CommentWorld()
    event = world.event("/acknowledge")
    outcomes: list[EventOutcome] = []

    def first() -> None:
        store = world.world.state
        held, store.claims = dict(store.claims), {}
        outcomes.append(world.deliver(event))
        store.claims = held

    world.world.state.interference = [first]
    second = world.deliver(event)
    assert (outcomes[0].outcome, second.outcome) == (Outcome.ANSWERED, Outcome.REPEATED)
    assert len(world.tracker.ours(1)) == 1
    assert world.audited() == ["incident.detected", "incident.acknowledged"]


@pytest.mark.parametrize(
    "hide",
    [
        pytest.param(lambda w: w.tracker.locked_out.add(1), id="locked"),
        pytest.param(lambda w: w.tracker.gone.add(1), id="deleted"),
    ],
)
def test_an_issue_that_cannot_be_written_keeps_the_decision(hide: Callable[[CommentWorld], None]) -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")
    hide(world)
    outcome = world.deliver(event)
    assert outcome.outcome is Outcome.ANSWERED
    assert outcome.problems or outcome.warnings
    assert world.status == "acknowledged"
    assert len(world.incident()["notes"]) == 1


def test_an_environment_that_left_the_configuration_keeps_its_incident() -> None:
    from dataclasses import replace

    world = CommentWorld()
    prod = world.world.configuration.environments["prod"]
    world.world.configuration = replace(world.world.configuration, environments={"other": replace(prod, name="other")})
    outcome = world.say("/acknowledge\n/sync\n/adopt")
    assert became(outcome)[0] == ("acknowledge", "done")
    assert became(outcome)[1:] == [("sync", "failed"), ("adopt", "failed")]
    assert "not in the configuration any more" in world.last_answer
    assert HOT not in world.last_answer


@pytest.mark.parametrize(
    ("change", "is_accepted"),
    [
        pytest.param(lambda world: world.edit(1), False, id="another workflow drifts"),
        pytest.param(lambda world: world.edit(0, url="https://second.example"), False, id="the workflow was edited on"),
        pytest.param(lambda world: None, True, id="nothing"),
    ],
)
def test_what_changed_after_it_was_accepted_in_writing_is_not_accepted(change, is_accepted) -> None:
    world = CommentWorld(workflows=2)
    event = world.event("/accept until=2026-02-01 only a timeout")
    change(world)
    world.check()
    outcome = world.deliver(event)
    assert became(outcome) == [("accept", "done" if is_accepted else "impossible")]
    assert bool(world.index["accepted"]) is is_accepted
    if not is_accepted:
        assert "changed after you wrote this" in world.last_answer
        assert world.status == "detected"
        assert became(world.say("/accept until=2026-02-01 I looked again")) == [("accept", "done")]


def test_what_came_back_after_it_was_accepted_in_writing_is_not_accepted() -> None:
    world = reconciled_world()
    event = world.event("/accept until=2026-02-01")
    world.edit()
    world.check()
    assert world.status == "detected"
    assert became(world.deliver(event)) == [("accept", "impossible")]


def test_a_comment_without_a_time_accepts_nothing() -> None:
    world = CommentWorld()
    assert became(world.say("/accept until=2026-02-01", created_at="t")) == [("accept", "impossible")]


def test_an_acceptance_is_ended_by_a_comment() -> None:
    world = CommentWorld()
    world.say("/accept until=2026-02-01")
    assert world.index["accepted"]
    outcome = world.say("/accept now", created_at="2026-01-01T00:00:00Z")
    assert became(outcome) == [("accept", "done")]
    assert world.index["accepted"] == {}
    assert "no longer accepted" in world.last_answer


def _without_an_end(world: CommentWorld, event: CommentEvent) -> MovedError:
    """Deliver a comment while somebody else holds the claim all the time."""

    def pause(seconds: float) -> None:
        world.world.clock.now += timedelta(seconds=seconds)
        _claimed_by_bob(world)

    _claimed_by_bob(world)
    with pytest.raises(MovedError) as raised:
        world.deliver(event, pause=pause)
    return raised.value


def test_a_command_that_waited_in_vain_is_told_as_lost() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge on it")
    error = _without_an_end(world, event)
    assert error.exit_code is ExitCode.MOVED
    assert world.reactions(event) == [Reaction.SEEN, Reaction.CONFUSED]
    assert "`" not in world.last_answer.partition("could not")[0]
    assert "/acknowledge" in world.last_answer
    assert "could not be carried out: Another run" in world.last_answer
    assert "Nothing was changed by" in world.last_answer
    _without_an_end(world, event)
    assert len(world.tracker.ours(1)) == 1


def test_what_was_done_before_a_loss_is_told_in_comment_and_error() -> None:
    world = CommentWorld()
    event = world.event("/adopt\n/acknowledge on it")
    error = _without_an_end(world, event)
    assert len(world.tracker.pull_requests) == 1
    assert "nothing was changed" not in error.fix.casefold()
    assert error.fix == "What /adopt did before stands. Write /acknowledge in another comment."
    assert "What <code>/adopt</code> did before stands." in world.last_answer
    assert "Nothing was changed by <code>/acknowledge</code>." in world.last_answer


def test_a_portion_that_was_decided_is_not_told_as_lost() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge\n/help\n/adopt\n/status")
    state = world.world.state
    adopted = world.tracker.open_pull_request

    def open_pull_request(new: NewPullRequest) -> PullRequest:
        state.refusal = PushRefusedError("Protected.", fix="Allow it.")
        return adopted(new)

    world.tracker.open_pull_request = open_pull_request  # type: ignore[method-assign]
    with pytest.raises(PushRefusedError) as raised:
        world.deliver(event)
    assert world.status == "acknowledged"
    assert "Nothing was changed by <code>/status</code>." in world.last_answer
    assert "<code>/adopt</code> and <code>/acknowledge</code>" in world.last_answer or (
        "<code>/acknowledge</code> and <code>/adopt</code>" in world.last_answer
    )
    assert raised.value.fix.endswith("Write /status in another comment.")


def test_a_role_that_github_does_not_tell_is_a_loss_that_is_told() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")

    def role_of(login: str) -> Role:
        raise GitHubLimitedError(f"The limit is used up; {login} was not asked about.", fix="Wait.")

    world.tracker.role_of = role_of  # type: ignore[method-assign]
    with pytest.raises(GitHubLimitedError):
        world.deliver(event)
    assert world.reactions(event) == [Reaction.CONFUSED]
    assert "The limit is used up" in world.last_answer
    assert world.status == "detected"


def test_a_loss_that_cannot_be_told_leaves_the_error_as_it_is() -> None:
    world = CommentWorld()
    event = world.event("/acknowledge")
    world.tracker.outage = RemoteError("GitHub is down.", fix="Wait.")
    with pytest.raises(RemoteError, match="GitHub is down"):
        world.deliver(event)
    assert world.tracker.ours(1) == []


@pytest.mark.parametrize(
    ("author", "outcome"),
    [
        pytest.param("ada", Outcome.ANSWERED, id="pasted by a person"),
        pytest.param(US, Outcome.IGNORED, id="ours"),
        pytest.param(US.upper(), Outcome.IGNORED, id="ours, written otherwise"),
    ],
)
def test_our_own_comment_is_known_by_mark_and_author(author, outcome) -> None:
    world = CommentWorld()
    world.tracker.roles[author] = Role.WRITE
    text = "/acknowledge\n\nsee above <!-- workflowops:note x-1 -->"
    assert world.say(text, author, is_marked=True).outcome is outcome


def test_a_comment_that_may_have_been_forgotten_is_not_acted_upon_again() -> None:
    world = CommentWorld()
    first, second = world.event("/acknowledge"), world.event("/status")
    world.deliver(second)
    ids = range(first.comment_id + 1, first.comment_id + 1 + MOST_REMEMBERED)
    path = "incidents/1.json"
    record = world.incident() | {"handled": [f"comment-{each}" for each in ids]}
    world.world.state.files[path] = json.dumps(record).encode()
    assert world.deliver(first).outcome is Outcome.REPEATED
    assert world.status == "detected"
    assert world.say("/acknowledge", comment_id=ids[-1] + 1).outcome is Outcome.ANSWERED
    handled = world.incident()["handled"]
    assert (len(handled), handled[0]) == (MOST_REMEMBERED, f"comment-{ids[1]}")


def test_people_whom_others_assigned_stay_and_nobody_else_is_unassigned() -> None:
    world = CommentWorld()
    world.say("/assign @tina")
    world.tracker.by_hand(1, assignees=("tina", "rita"))
    world.say("/assign @ada")
    assert world.tracker.issues[1].assignees == ("rita", "ada")


def test_nobody_is_assigned_to_an_issue_that_is_not_the_incidents() -> None:
    world = CommentWorld()
    world.tracker.by_hand(1, author="mallory", body="Another repository's", url="https://github.com/o/other/issues/1")
    foreign = world.tracker.issues[1]
    outcome = world.say("/assign @tina")
    assert any("not the one that was opened" in each for each in outcome.warnings)
    assert world.tracker.issues[1] == foreign
