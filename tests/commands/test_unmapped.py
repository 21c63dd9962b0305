"""The issue about unmanaged workflows: opened once, kept up to date, closed when nothing is left."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.commands.fake_tracker import Killed
from tests.commands.onboarding_world import OnboardingWorld
from tests.core.text.golden import assert_golden

from workflowops.commands.unmapped import update_unmapped
from workflowops.core.onboarding_record import OnboardingFile, OnboardingRequest, with_requests
from workflowops.core.records import decode, encode
from workflowops.core.unmapped.alert import Deed
from workflowops.errors import ExitCode, GitHubUnreachableError, N8nUnreachableError, RemoteError

OUTAGE = GitHubUnreachableError("GitHub does not answer.", fix="Later.")


def opened(*names: str, workflows: int = 2) -> OnboardingWorld:
    world = OnboardingWorld(*names, workflows=workflows)
    assert [each.deed for each in world.follow().issues] == [Deed.OPENED] * len(world.world.n8n)
    return world


def deeds(outcome) -> list[Deed]:
    return [each.deed for each in outcome.issues]


def test_unmanaged_workflows_get_one_issue_that_reads_as_agreed() -> None:
    world = opened()
    assert (world.issue.title, world.issue.labels) == ("2 unmanaged workflows in Dev", ("workflowops:unmapped",))
    assert world.alerts["dev"]["number"] == world.issue.number
    assert_golden("unmapped_issue.md", world.issue.body)


def test_the_label_of_the_form_is_there_before_the_form_is_used() -> None:
    assert {"workflowops:unmapped", "workflowops:onboard"} <= {*opened().tracker.labels}


def test_each_environment_has_an_issue_of_its_own() -> None:
    world = OnboardingWorld("dev", "prod", workflows=1)
    world.put(7, "prod")
    outcome = world.follow()
    assert [each.environment for each in outcome.issues] == ["dev", "prod"]
    assert len({*outcome.open_numbers}) == 2


def test_where_nothing_changed_there_is_silence() -> None:
    world = opened()
    issue, messages = world.issue, len(world.world.state.messages)
    assert deeds(world.update()) == [Deed.UNCHANGED]
    assert (world.issue, len(world.world.state.messages)) == (issue, messages)
    assert world.tracker.ours(issue.number) == []


def test_where_nothing_is_unmanaged_github_is_not_asked() -> None:
    world = OnboardingWorld(workflows=0)
    assert world.follow().issues == ()
    assert world.tracker.calls == []


def test_a_new_workflow_is_added_and_counted() -> None:
    world = opened()
    world.put(2, name="<b>New</b> | @all")
    assert deeds(world.follow()) == [Deed.UPDATED]
    assert world.issue.title == "3 unmanaged workflows in Dev"
    assert "<b>New" not in world.issue.body
    assert "@all" not in world.issue.body


def test_what_people_wrote_stays_and_so_does_their_title() -> None:
    world = opened()
    world.tracker.by_hand(world.issue.number, title="Ours", body=f"Before.\n\n{world.issue.body}\n\nAfter.")
    world.put(2)
    world.follow()
    assert world.issue.title == "Ours"
    assert world.issue.body.startswith("Before.")
    assert world.issue.body.endswith("After.")
    assert "Orders 2" in world.issue.body


def test_a_label_that_was_taken_off_comes_back() -> None:
    world = opened()
    number = world.issue.number
    world.tracker.by_hand(number, labels=("ours",))
    assert deeds(world.update()) == [Deed.UPDATED]
    assert world.tracker.issues[number].labels == ("workflowops:unmapped", "ours")


def test_when_nothing_is_left_that_is_said_once_and_the_issue_closed() -> None:
    world = opened()
    world.world.onboard()
    assert deeds(world.follow()) == [Deed.CLOSED]
    (said,) = world.tracker.ours(world.issue.number)
    assert "source-managed now" in said
    assert not world.issue.is_open
    assert world.issue.title == "No unmanaged workflows in Dev"
    calls = len(world.tracker.calls)
    assert world.follow().issues == ()
    assert len(world.tracker.calls) == calls


def test_a_closed_issue_is_opened_again_for_something_new_and_closed_again_with_a_word() -> None:
    world = opened()
    world.world.onboard()
    world.follow()
    world.put(5)
    assert deeds(world.follow()) == [Deed.REOPENED]
    assert world.issue.is_open
    world.world.onboard()
    assert deeds(world.follow()) == [Deed.CLOSED]
    assert len(world.tracker.ours(world.issue.number)) == 2


def test_an_issue_that_somebody_closed_stays_closed_until_something_is_new() -> None:
    world = opened()
    world.tracker.by_hand(world.issue.number, is_open=False)
    assert deeds(world.follow()) == [Deed.LEFT_CLOSED]
    assert deeds(world.follow()) == [Deed.LEFT_CLOSED]
    world.put(5)
    assert deeds(world.follow()) == [Deed.REOPENED]
    assert world.issue.is_open


def test_an_issue_that_somebody_closed_is_not_commented_on_when_nothing_is_left() -> None:
    world = opened()
    world.tracker.by_hand(world.issue.number, is_open=False)
    world.world.onboard()
    assert deeds(world.follow()) == [Deed.CLOSED]
    assert world.tracker.ours(world.issue.number) == []


def test_a_deleted_issue_is_replaced_while_something_is_unmanaged_and_forgotten_otherwise() -> None:
    world = opened()
    world.tracker.gone.add(world.issue.number)
    assert deeds(world.follow()) == [Deed.OPENED]
    assert world.alerts["dev"]["number"] == 2
    world.tracker.gone.add(2)
    world.world.onboard()
    assert deeds(world.follow()) == [Deed.DROPPED]
    assert world.alerts == {}


def test_the_number_of_an_issue_of_somebody_else_is_not_believed() -> None:
    world = opened()
    number = world.issue.number
    theirs = replace(world.issue, title="Theirs", body="Theirs", url="https://github.com/x/y/issues/1", labels=())
    world.tracker.issues[number] = theirs
    assert deeds(world.follow()) == [Deed.OPENED]
    assert world.tracker.issues[number] == theirs


def test_what_was_proposed_is_ticked_and_names_the_pull_request() -> None:
    world = opened()
    files = world.world.state.files
    request = OnboardingRequest(
        n8n_workflow_id="w0", workflow_name="Orders 0", environment="dev", canonical_id="c", canonical_slug="orders_0",
        git_file_path="dev/orders_0.json", branch="b", pull_request=12, requested_by="ada", requested_at="x",
    )  # fmt: skip
    before = decode(files["onboarding.json"], OnboardingFile, path="onboarding.json") or OnboardingFile()
    files["onboarding.json"] = encode(with_requests(before, [request]))
    assert deeds(world.update()) == [Deed.UPDATED]
    assert "proposed in #12" in world.issue.body
    assert "/onboard w1" in world.issue.body


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_anywhere_leaves_one_issue_in_the_end(number, when) -> None:
    world = OnboardingWorld()
    world.world.sync()
    world.tracker.fail_write(number, Killed(), when=when)
    try:
        world.update()
    except Killed:
        world.world.clock.now += world.world.clock.step
    world.tracker.faults.clear()
    world.pause(400)
    world.update()
    assert world.issue.is_open
    assert world.alerts["dev"]["number"] == world.issue.number
    assert deeds(world.update()) == [Deed.UNCHANGED]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_dies_while_it_closes_says_so_once(number, when) -> None:
    world = opened()
    world.world.onboard()
    world.world.sync()
    world.tracker.fail_write(number, Killed(), when=when)
    with pytest.raises(Killed):
        world.update()
    world.pause(400)
    world.update()
    assert not world.issue.is_open
    assert len(world.tracker.ours(world.issue.number)) == 1


def refusing(world: OnboardingWorld, begin: str) -> Callable[[], None]:
    """The state does not take commits that begin like that; answers what ends it."""
    state, change = world.world.state, world.world.state.change

    def refused(decide: Any, *, message: str) -> Any:
        if message.startswith(begin):
            raise RemoteError("The state did not take it.", fix="Later.")
        return change(decide, message=message)

    state.change = refused  # type: ignore[method-assign]
    return lambda: setattr(state, "change", change)


@pytest.mark.parametrize("is_still_unmanaged", [True, False])
def test_an_issue_that_was_opened_again_without_a_note_is_closed_when_nothing_is_left(is_still_unmanaged) -> None:
    world = opened()
    world.world.onboard()
    world.follow()
    world.put(5)
    world.world.sync()
    accept = refusing(world, "unmapped: the issues")
    assert "could not be noted" in world.update().problems[0]
    accept()
    if is_still_unmanaged:
        assert deeds(world.follow()) == [Deed.UNCHANGED]
    world.world.onboard()
    assert deeds(world.follow()) == [Deed.CLOSED]
    assert not world.issue.is_open


def test_an_issue_that_was_to_be_opened_again_and_needs_it_no_more_stays_closed_without_a_word() -> None:
    world = opened()
    world.world.onboard()
    world.follow()
    number = len(world.tracker.ours(world.issue.number))
    world.put(5)
    world.world.sync()
    world.tracker.fail_write(1, Killed())
    with pytest.raises(Killed):
        world.update()
    world.world.onboard()
    world.pause(400)
    world.follow()
    assert not world.issue.is_open
    assert len(world.tracker.ours(world.issue.number)) == number
    assert not world.alerts["dev"]["is_reopening"]


def test_a_count_that_was_changed_without_a_note_is_changed_again() -> None:
    world = opened()
    world.put(5)
    world.world.sync()
    accept = refusing(world, "unmapped: the issues")
    world.update()
    accept()
    world.put(6)
    world.follow()
    assert world.issue.title == "4 unmanaged workflows in Dev"


def test_an_issue_that_is_left_closed_costs_no_claim_and_no_commit() -> None:
    world = opened()
    world.tracker.by_hand(world.issue.number, is_open=False)
    world.follow()
    calls, files, messages = len(world.tracker.calls), dict(world.world.state.files), [*world.world.state.messages]
    assert deeds(world.update()) == [Deed.LEFT_CLOSED]
    assert (world.world.state.files, world.world.state.messages) == (files, messages)
    assert world.tracker.calls[calls:] == ["issue"]


def test_what_is_found_in_the_sync_that_sees_the_closing_opens_the_issue_again() -> None:
    world = opened()
    world.tracker.by_hand(world.issue.number, is_open=False)
    world.put(5)
    assert deeds(world.follow()) == [Deed.REOPENED]


def test_an_issue_whose_list_people_took_away_before_they_closed_it_stays_closed() -> None:
    world = opened()
    world.tracker.by_hand(world.issue.number, is_open=False, body="Not of use to us.")
    assert deeds(world.follow()) == [Deed.LEFT_CLOSED]


def test_an_environment_that_could_not_be_read_changes_nothing() -> None:
    world = opened()
    issue = world.issue
    world.world.n8n["dev"].outage = N8nUnreachableError("No answer.", fix="Start it.")
    outcome = world.follow()
    assert (outcome.unknown, outcome.issues, world.issue) == (("dev",), (), issue)


def test_what_was_never_synced_is_unknown() -> None:
    world = OnboardingWorld()
    assert world.update().unknown == ("dev",)
    assert world.tracker.calls == []


def test_an_outage_is_told_and_the_next_run_goes_on() -> None:
    world = OnboardingWorld()
    world.world.sync()
    world.tracker.outage = OUTAGE
    outcome = world.update()
    assert (outcome.exit_code, world.tracker.issues) == (ExitCode.REMOTE, {})
    assert "does not answer" in outcome.problems[0]
    world.tracker.outage = None
    assert world.update().problems == ()
    assert world.issue.is_open


def test_one_issue_that_fails_does_not_keep_the_others() -> None:
    world = OnboardingWorld("dev", "prod", workflows=1)
    world.put(7, "prod")
    world.world.sync()
    world.tracker.fail_write(3, RemoteError("It is locked.", fix="Unlock it."))
    outcome = world.update()
    assert deeds(outcome) == [Deed.OPENED]
    assert "in dev: It is locked." in outcome.problems[0]
    assert deeds(world.update()) == [Deed.OPENED, Deed.UNCHANGED]


def test_a_dry_run_says_what_would_be_and_writes_nothing() -> None:
    world = OnboardingWorld()
    world.world.sync()
    files = dict(world.world.state.files)
    outcome = world.update(is_dry_run=True)
    assert (deeds(outcome), outcome.is_plan) == ([Deed.OPENED], True)
    assert (world.tracker.issues, world.world.state.files) == ({}, files)


def test_the_issue_of_an_environment_that_left_the_configuration_is_closed_and_opened_when_it_is_back() -> None:
    world = OnboardingWorld("dev", "prod", workflows=1)
    world.put(7, "prod")
    world.follow()
    number = world.alerts["prod"]["number"]
    configuration = world.world.configuration
    dev = {"dev": configuration.environments["dev"]}
    world.world.configuration = replace(configuration, environments=dev)
    assert [(each.environment, each.deed) for each in world.follow("dev").issues] == [
        ("dev", Deed.UNCHANGED),
        ("prod", Deed.CLOSED),
    ]
    (told,) = world.tracker.ours(number)
    assert "not in the configuration any more" in told
    assert "source-managed" not in told + world.tracker.issues[number].body
    assert world.tracker.issues[number].title == "Not looked at any more: prod"
    assert not world.tracker.issues[number].is_open
    calls = len(world.tracker.calls)
    assert deeds(world.follow("dev")) == [Deed.UNCHANGED]
    assert world.tracker.calls[calls:] == ["issue"]
    world.world.configuration = configuration
    assert deeds(world.follow()) == [Deed.UNCHANGED, Deed.REOPENED]
    assert world.tracker.issues[number].title == "1 unmanaged workflow in Prod"


def test_a_sync_of_one_environment_leaves_the_issues_of_the_others_alone() -> None:
    world = OnboardingWorld("dev", "prod", workflows=1)
    world.put(7, "prod")
    world.follow()
    assert [each.environment for each in world.follow("dev").issues] == ["dev"]


def test_without_github_nothing_is_looked_at() -> None:
    world = OnboardingWorld()
    world.world.sync()
    outcome = update_unmapped(world.desk(tracker=None), world.world.environments())
    assert outcome.left_alone is not None
