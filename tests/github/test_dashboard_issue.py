"""The dashboard issue on every tracker: opened once, changed in place, found again, made anew."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.commands.incident_world import IncidentWorld
from tests.core.statuses import cell, report, row, shop, stands
from tests.github.trackers import TRACKERS, Hands

from workflowops.commands.dashboard import update_dashboard
from workflowops.core.dashboard import DASHBOARD_LABEL, DashboardOutcome
from workflowops.core.status import StatusReport


@pytest.fixture(params=TRACKERS)
def hands(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hands]:
    with TRACKERS[request.param](tmp_path) as hands:
        yield hands


@pytest.fixture
def world() -> IncidentWorld:
    return IncidentWorld()


def update(world: IncidentWorld, hands: Hands, of: StatusReport | None = None) -> DashboardOutcome:
    outcome = update_dashboard(world.desk(tracker=hands.tracker), of or shop())
    assert outcome.problem is None
    return outcome


def test_there_is_one_and_it_is_changed_in_place(world, hands) -> None:
    first = update(world, hands)
    assert first.number is not None
    small = report(environments=(stands("prod"),), workflows=(row("added", prod=cell()),))
    assert update(world, hands, small).number == first.number
    [issue] = hands.tracker.open_issues(DASHBOARD_LABEL.name)
    assert (issue.number, issue.url) == (first.number, first.url)
    assert "added" in issue.body
    assert hands.labels()[DASHBOARD_LABEL.name] == DASHBOARD_LABEL.color


def test_what_people_did_to_it_is_kept_or_put_back(world, hands) -> None:
    number = update(world, hands).number
    assert number is not None
    issue = hands.tracker.issue(number)
    assert issue is not None
    hands.change(number, body=f"Ask ops.\n\n{issue.body}", is_open=False, title="Our shop")
    update(world, hands, report())
    after = hands.tracker.issue(number)
    assert after is not None
    assert (after.is_open, after.title, after.body.startswith("Ask ops.")) == (True, "Our shop", True)


def test_a_deleted_one_is_made_anew(world, hands) -> None:
    first = update(world, hands)
    assert first.number is not None
    hands.delete(first.number)
    again = update(world, hands)
    assert again.is_new
    assert [each.number for each in hands.tracker.open_issues(DASHBOARD_LABEL.name)] == [again.number]
