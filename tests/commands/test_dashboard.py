"""The dashboard issue: one, found again, brought up to date in place, and never at anybody's cost."""

from dataclasses import replace
from typing import Any

import pytest
from tests.commands.fake_tracker import Killed
from tests.commands.incident_world import IncidentWorld
from tests.core.statuses import cell, report, row, shop, stands

from workflowops.commands.dashboard import update_dashboard
from workflowops.core.dashboard import DASHBOARD_LABEL, DASHBOARD_PATH, DashboardOutcome
from workflowops.core.incident.issue import LONGEST_TEXT, Issue
from workflowops.core.standing import DriftKind
from workflowops.core.status import StatusReport, UnmanagedWorkflow
from workflowops.errors import ConfigurationError, GitHubForbiddenError, RemoteError, StateError


@pytest.fixture
def world() -> IncidentWorld:
    return IncidentWorld()


def update(world: IncidentWorld, of: StatusReport | None = None, **changes: Any) -> DashboardOutcome:
    desk = world.desk(workspace=world.world.workspace(**changes))
    outcome = update_dashboard(desk, of or shop())
    assert world.world.state.claims == {}
    return outcome


def issues(world: IncidentWorld) -> list[Issue]:
    return [each for each in world.tracker.issues.values() if each.number not in world.tracker.gone]


def state(world: IncidentWorld) -> Any:
    return world.world.state.document(DASHBOARD_PATH)


def test_the_first_time_it_is_opened_labelled_and_pinned(world) -> None:
    outcome = update(world)
    [issue] = issues(world)
    assert (outcome.number, outcome.is_new, outcome.problem, outcome.pin_problem) == (1, True, None, None)
    assert outcome.url == issue.url
    assert issue.labels == (DASHBOARD_LABEL.name,)
    assert "order&#95;processing" in issue.body
    assert world.tracker.pinned == [1]
    assert (state(world)["number"], state(world)["is_pinned"]) == (1, True)


def test_afterwards_it_is_changed_in_place(world) -> None:
    update(world)
    outcome = update(world, report(environments=(stands("prod"),), workflows=(row("added", prod=cell()),)))
    [issue] = issues(world)
    assert (outcome.number, outcome.is_new) == (1, False)
    assert "added" in issue.body
    assert "order&#95;processing" not in issue.body
    assert world.tracker.pinned == [1]
    assert world.tracker.comments[1] == []


def test_nothing_is_written_when_nothing_changed(world) -> None:
    update(world)
    written = len(world.world.state.messages)
    world.tracker.calls.clear()
    update(world)
    assert world.tracker.calls == ["issue"]
    assert len(world.world.state.messages) == written


def test_what_people_wrote_stays_and_so_do_title_and_labels(world) -> None:
    update(world)
    body = f"Ask #ops first.\n\n{issues(world)[0].body}\n\nBelow."
    world.tracker.by_hand(1, body=body, title="Our shop", labels=("ours", DASHBOARD_LABEL.name))
    update(world, report())
    [issue] = issues(world)
    assert issue.body.startswith("Ask #ops first.\n\n<!-- workflowops:begin -->")
    assert issue.body.endswith("<!-- workflowops:end -->\n\nBelow.")
    assert (issue.title, issue.labels) == ("Our shop", ("ours", DASHBOARD_LABEL.name))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"is_open": False}, id="closed"),
        pytest.param({"labels": ("ours",)}, id="without its label"),
        pytest.param({"body": "Gone."}, id="without its text"),
    ],
)
def test_what_was_taken_from_it_is_put_back(world, changes) -> None:
    update(world)
    world.tracker.by_hand(1, **changes)
    assert update(world).number == 1
    [issue] = issues(world)
    assert issue.is_open
    assert DASHBOARD_LABEL.name in issue.labels
    assert {"ours"} & {*changes.get("labels", ())} <= {*issue.labels}
    assert "order&#95;processing" in issue.body
    assert ("Gone." in issue.body) is ("body" in changes)


@pytest.mark.parametrize("way", ["deleted", "taken over by people"])
def test_one_that_is_not_ours_any_more_is_left_alone_and_made_anew(world, way) -> None:
    update(world)
    if way == "deleted":
        world.tracker.gone.add(1)
    else:
        world.tracker.by_hand(1, body="Ours now.", labels=())
    outcome = update(world)
    assert (outcome.number, outcome.is_new, state(world)["number"]) == (2, True, 2)
    assert world.tracker.pinned == [1, 2]
    assert world.tracker.issues[1].body == "Ours now." or way == "deleted"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_run_that_dies_opens_no_second_issue(world, when, write) -> None:
    world.tracker.fail_write(write, Killed(), when=when)
    with pytest.raises(Killed):
        update_dashboard(world.desk(), shop())
    assert update(world).number == 1
    assert len(issues(world)) == 1
    assert world.tracker.pinned == [1]


def test_who_unpins_it_is_not_overruled(world) -> None:
    update(world)
    world.tracker.pinned.clear()
    update(world)
    assert world.tracker.pinned == []


def test_why_it_is_not_pinned_is_told_until_it_is(world) -> None:
    world.tracker.pin_problem = "Three issues are pinned already."
    outcome = update(world)
    assert (outcome.number, outcome.problem, outcome.pin_problem) == (1, None, "Three issues are pinned already.")
    world.tracker.pin_problem = None
    assert update(world).pin_problem is None
    assert world.tracker.pinned == [1]


def test_a_fault_while_pinning_is_told_and_the_rest_is_done(world) -> None:
    world.tracker.fail_write(3, GitHubForbiddenError("No.", fix="Allow it."))
    outcome = update(world)
    assert (outcome.number, outcome.problem, outcome.pin_problem) == (1, None, "No. Allow it.")
    assert state(world)["is_pinned"] is False


def test_when_github_fails_it_is_told_and_the_next_run_goes_on(world) -> None:
    update(world)
    world.tracker.outage = RemoteError("GitHub does not answer.", fix="Wait.")
    outcome = update(world)
    assert (outcome.number, outcome.problem, outcome.fix) == (1, "GitHub does not answer.", "Wait.")
    world.tracker.outage = None
    assert update(world).problem is None


def test_a_dry_run_writes_nothing_and_says_so(world) -> None:
    written = len(world.world.state.messages)
    outcome = update(world, is_dry_run=True)
    assert (outcome.is_plan, outcome.number) == (True, None)
    assert (world.tracker.calls, len(world.world.state.messages)) == ([], written)
    update(world)
    assert update(world, is_dry_run=True).number == 1


def test_without_github_it_is_refused_with_a_fix(world) -> None:
    with pytest.raises(ConfigurationError) as caught:
        update_dashboard(world.desk(tracker=None), shop())
    assert "--issues-folder" in caught.value.fix


def test_a_record_of_a_later_version_is_not_overwritten(world) -> None:
    world.world.state.write({DASHBOARD_PATH: b'{"schema": 99}'})
    with pytest.raises(StateError):
        update_dashboard(world.desk(), shop())
    assert issues(world) == []


@pytest.mark.parametrize("around", ["", "x" * 20_000])
def test_thousands_of_workflows_fit_beside_what_people_wrote(world, around) -> None:
    large = report(
        environments=tuple(stands(name) for name in ("dev", "staging", "prod")),
        workflows=tuple(
            row(f"workflow_{number}_{'x' * 80}", dev=cell(), prod=cell(DriftKind.MODIFIED)) for number in range(3_000)
        ),
        unmanaged=tuple(UnmanagedWorkflow("dev", str(number), "W" * 90) for number in range(3_000)),
    )
    update(world)
    world.tracker.by_hand(1, body=f"{issues(world)[0].body}\n\n{around}")
    assert update(world, large).problem is None
    [issue] = issues(world)
    assert len(issue.body) <= LONGEST_TEXT
    assert "more left out here" in issue.body or "(cut here" in issue.body
    assert issue.body.endswith(around)
    assert update(world, replace(large, taken_at="2026-01-15T16:00:00Z")).number == 1


def test_text_of_people_that_leaves_no_room_is_told_and_nothing_is_called_up_to_date(world) -> None:
    update(world)
    full = "x" * (LONGEST_TEXT - 40)
    world.tracker.by_hand(1, body=full)
    outcome = update(world)
    assert (outcome.number, outcome.is_new) == (1, False)
    assert outcome.problem is not None
    assert "leaves no room" in outcome.problem
    assert issues(world)[0].body == full
    world.tracker.by_hand(1, body=full[:20_000])
    assert update(world).problem is None
