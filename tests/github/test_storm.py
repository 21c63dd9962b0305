"""A storm of drift on a GitHub that fails in the middle of it: every incident is opened, and none twice."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from tests.commands.incident_world import IncidentWorld
from tests.git_repositories import clone
from tests.github.emulate_server import ACTIONS_BOT, REPOSITORY, token_of
from tests.github.faults import FaultKind
from tests.github.proxy import GitHub
from tests.github.trackers import OnGitHub
from tests.github.workshop import ISSUES, opened_workshop

from workflowops.commands.incidents import update_incidents
from workflowops.core.drift import DriftReport
from workflowops.core.incident.outcome import IncidentsOutcome
from workflowops.core.incident.policy import Grouping
from workflowops.io.github import GitHubTracker

SOURCE = Path(__file__).parents[2] / "src"
WORKFLOWS = 50
AN_HOUR = 3_600
LONGER_THAN_A_CLAIM = timedelta(hours=1)


class Killed(BaseException):
    """The run ends here, as by kill -9: nothing catches it."""


class Storm(IncidentWorld):
    """Fifty workflows that all drift, an incident each, on a GitHub."""

    def __init__(self, github: GitHub) -> None:
        super().__init__(workflows=WORKFLOWS, group_by=Grouping.WORKFLOW, storm_limit=WORKFLOWS)
        self.hub = OnGitHub(github)
        for number in range(WORKFLOWS):
            self.edit(number)

    def run(self) -> IncidentsOutcome:
        """A check by a process that remembers nothing of the one before."""
        with self.hub.another_tracker() as tracker:
            report = self.world.drift("prod")
            return self._update(tracker, report)

    def run_until_killed(self) -> None:
        """A check by a process that dies when it would wait after its first lost answer."""

        def die(_: float) -> None:
            raise Killed

        options = {"api_url": self.hub.github.url, "progress": self.hub, "sleep": die, "seconds_between_writes": 0}
        with GitHubTracker(REPOSITORY, token_of(ACTIONS_BOT), **options) as tracker, pytest.raises(Killed):
            self._update(tracker, self.world.drift("prod"))

    def _update(self, tracker: GitHubTracker, report: DriftReport) -> IncidentsOutcome:
        return update_incidents(self.desk(tracker=tracker), report)

    def assert_every_incident_exactly_once(self) -> None:
        issues = self.hub.github.ask("GET", f"{ISSUES}?state=all&per_page=100")
        assert len(issues) == WORKFLOWS
        assert len({each["title"] for each in issues}) == WORKFLOWS
        assert sorted(self.index["open"].values()) == sorted(each["number"] for each in issues)
        assert self.index["opening"] == {}
        assert all(self.incident(each["number"])["notes"] == [] for each in issues)


@pytest.fixture
def storm(github: GitHub) -> Storm:
    return Storm(github)


def test_a_limit_in_the_middle_leaves_the_rest_to_the_next_run(storm) -> None:
    storm.hub.github.fail(FaultKind.SECONDARY_LIMIT, "POST", ISSUES, at=range(21, 1_000), retry_after=AN_HOUR)
    first = storm.run()
    assert (len(first.opened), first.waiting) == (20, 30)
    assert first.problems
    assert sum(storm.hub.waited) < AN_HOUR
    storm.hub.github.faults.clear()
    second = storm.run()
    assert (len(second.opened), second.waiting, second.problems) == (30, 0, ())
    storm.assert_every_incident_exactly_once()
    storm.hub.github.forget()
    assert storm.run().requests == 1
    assert storm.hub.github.writes() == []


def test_a_short_limit_is_waited_for_and_the_storm_goes_on(storm) -> None:
    storm.hub.github.fail(FaultKind.SECONDARY_LIMIT, "POST", ISSUES, at=(7, 31), retry_after=30)
    assert len(storm.run().opened) == WORKFLOWS
    assert storm.hub.waited.count(30) == 2
    storm.assert_every_incident_exactly_once()


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(FaultKind.BAD_GATEWAY_AFTER, id="502 after the write"),
        pytest.param(FaultKind.BAD_GATEWAY_BEFORE, id="502 instead of the write"),
        pytest.param(FaultKind.RESET_AFTER, id="connection lost after the write"),
        pytest.param(FaultKind.SERVER_ERROR, id="500"),
    ],
)
def test_lost_answers_open_nothing_twice(storm, kind) -> None:
    storm.hub.github.fail(kind, "POST", ISSUES, at=(3, 17, 18, 40))
    for _ in range(3):
        storm.run()
    storm.assert_every_incident_exactly_once()


def test_a_run_that_died_after_a_write_is_taken_up_by_the_next(storm) -> None:
    storm.hub.github.fail(FaultKind.BAD_GATEWAY_AFTER, "POST", ISSUES, at=(25,))
    storm.run_until_killed()
    assert len(storm.hub.github.ask("GET", f"{ISSUES}?state=all&per_page=100")) == 25
    storm.world.clock.now += LONGER_THAN_A_CLAIM
    storm.run()
    storm.assert_every_incident_exactly_once()


def test_a_comment_whose_answer_was_lost_is_not_said_twice(storm) -> None:
    storm.run()
    for number in range(WORKFLOWS):
        storm.put_back(number)
    storm.hub.github.fail(FaultKind.BAD_GATEWAY_AFTER, "POST", rf"{ISSUES}/\d+/comments", at=(2, 30))
    storm.hub.github.fail(FaultKind.RESET_AFTER, "PATCH", rf"{ISSUES}/\d+", at=(4,))
    for _ in range(2):
        storm.run()
    issues = storm.hub.github.ask("GET", f"{ISSUES}?state=all&per_page=100")
    assert [each["comments"] for each in issues] == [1] * WORKFLOWS
    assert all("workflowops:reconciled" in {label["name"] for label in each["labels"]} for each in issues)


@pytest.mark.parametrize(
    ("incidents", "expected"),
    [
        pytest.param("  group_by: environment", 1, id="environment"),
        pytest.param("  group_by: workflow", 3, id="workflow"),
    ],
)
def test_two_runs_at_once_open_each_incident_once(
    github: GitHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, incidents: str, expected: int
) -> None:
    with opened_workshop(tmp_path, github, workflows=3, patch=monkeypatch, incidents=incidents) as workshop:
        workshop.edit(0, 1, 2)
        folders = [clone(workshop.shop.remote, tmp_path / f"run-{number}") for number in range(2)]
        runs = [
            subprocess.Popen(
                [sys.executable, "-m", "workflowops", "drift"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(SOURCE), "GITHUB_RUN_ID": str(number)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for number, folder in enumerate(folders)
        ]
        printed = [run.communicate(timeout=120)[0] for run in runs]
        assert [run.returncode for run in runs] == [0, 0], "\n".join(printed)
        issues = workshop.issues()
        assert len(issues) == expected
        assert sorted(workshop.open_numbers.values()) == sorted(each["number"] for each in issues)
