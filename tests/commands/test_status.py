"""`status`: what runs where and what is open, from the state alone."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.commands.builders import URL, World, baselined, document, file_of
from tests.commands.incident_world import IncidentWorld
from tests.core.incident.builders import detected
from tests.core.promotion.records import promoted, promotion

from workflowops.commands.claiming import new_claim
from workflowops.commands.status import read_status
from workflowops.core.incident.record import IncidentsFile, Opening, incident_path, incidents_path
from workflowops.core.promotion.record import LockFile, PromotionStatus, lock_path, promotion_path
from workflowops.core.records import DriftStatus, encode
from workflowops.core.status import Freshness, StatusReport
from workflowops.errors import N8nUnreachableError, RemoteError, StateError


def status(world: World, *names: str) -> StatusReport:
    for n8n in world.n8n.values():
        n8n.asked.clear()
    written = len(world.state.messages)
    report = read_status(world.state, world.configuration, world.environments(*names), now=world.clock())
    assert [n8n.asked for n8n in world.n8n.values()] == [[] for _ in world.n8n]
    assert len(world.state.messages) == written
    return report


def cells(report: StatusReport) -> dict[str, dict[str, str]]:
    return {
        row.slug: {name: str(cell.drift or cell.kind) for name, cell in row.cells.items()} for row in report.workflows
    }


def test_nothing_was_ever_checked() -> None:
    report = status(World("dev", "prod"))
    assert [(each.name, each.drift_status, each.checked_at) for each in report.environments] == [
        ("dev", DriftStatus.NEW, None),
        ("prod", DriftStatus.NEW, None),
    ]
    assert (report.workflows, report.unmanaged, report.incidents, report.promotions) == ((), (), (), ())
    assert (report.locks, report.claims, report.problems) == ((), (), ())


def test_the_matrix_has_a_row_a_workflow_and_a_cell_an_environment() -> None:
    world = baselined("dev", "prod", workflows=2)
    world.put("prod", "w1", document("Orders 1", url="https://hot-fix.example.com"))
    world.put("dev", "new", document("Survey"))
    world.repository.commit({"dev/later.json": file_of(document("Later"))})
    world.drift()
    report = status(world)
    assert cells(report) == {
        "later": {"dev": "pending"},
        "orders_0": {"dev": "in_sync", "prod": "in_sync"},
        "orders_1": {"dev": "in_sync", "prod": "modified"},
    }
    assert [(each.environment, each.workflow_id) for each in report.unmanaged] == [("dev", "new")]
    assert [each.drift_status for each in report.environments] == [DriftStatus.IN_SYNC, DriftStatus.DRIFT_DETECTED]


def test_an_environment_can_be_asked_for_alone() -> None:
    world = baselined("dev", "prod")
    report = status(world, "prod")
    assert [each.name for each in report.environments] == ["prod"]
    assert cells(report) == {"orders_0": {"prod": "in_sync"}}


def test_a_new_environment_shows_no_verdict() -> None:
    world = World()
    world.put("prod", "w0")
    world.onboard()
    world.put("prod", "w0", document(url="https://edited.example.com"))
    world.sync()
    report = status(world)
    assert report.environments[0].drift_status is DriftStatus.NEW
    assert cells(report) == {"orders": {"prod": "not_checked"}}


def test_an_environment_that_could_not_be_checked_says_why_and_nothing_in_it_is_in_sync() -> None:
    world = baselined("prod")
    world.n8n["prod"].outage = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
    world.drift()
    report = status(world)
    prod, cell = report.environments[0], report.workflows[0].cells["prod"]
    assert (prod.drift_status, prod.problem) == (DriftStatus.UNKNOWN, "https://prod.example.com does not answer.")
    assert (cell.freshness, cell.is_calm) == (Freshness.FAILED, False)


def test_what_was_checked_the_day_before_yesterday_is_old() -> None:
    world = baselined("prod")
    world.drift()
    assert status(world).workflows[0].cells["prod"].is_calm
    world.clock.now += timedelta(days=2)
    report = status(world)
    assert (report.environments[0].freshness, report.workflows[0].cells["prod"].is_calm) == (Freshness.OLD, False)


def test_times_are_those_of_the_last_check_and_sync() -> None:
    world = baselined("prod")
    world.sync()
    world.drift()
    prod = status(world).environments[0]
    assert (prod.synced_at, prod.checked_at) == ("2026-01-14T09:03:00Z", "2026-01-14T09:04:00Z")


def test_a_state_that_cannot_be_read_is_told() -> None:
    world = baselined("prod")
    world.state.write({"environments/prod/mapping.json": b"{"})
    with pytest.raises(StateError, match="mapping"):
        status(world)
    world.state.outage = RemoteError("The remote is gone.", fix="Look.")
    with pytest.raises(RemoteError):
        status(world)


def test_many_duplicate_names_are_told_apart() -> None:
    world = World()
    for number in range(3):
        world.put("prod", f"w{number}", document("Orders", url=f"{URL}/{number}"))
    world.onboard()
    assert [row.slug for row in status(world).workflows] == ["orders", "orders_2", "orders_3"]


def test_a_drift_check_that_opened_an_incident_shows_it_with_its_figures() -> None:
    world = IncidentWorld()
    world.edit()
    world.check()
    report = status(world.world)
    assert [(each.number, each.environment) for each in report.incidents] == [(1, "prod")]
    assert [each.number for each in report.history.incidents] == [1]
    assert (report.figures.to_acknowledge.waiting, report.figures.drift_weeks[-1].detections) == (1, {"prod": 1})
    assert report.problems == ()


def test_an_incident_whose_issue_is_yet_to_be_opened_is_open_and_no_history() -> None:
    world = baselined("prod")
    index = IncidentsFile(opening={"*": Opening(intent="i", incident=detected(number=0, url=None), details="")})
    world.state.write({incidents_path("prod"): encode(index)})
    report = status(world)
    assert [each.number for each in report.incidents] == [None]
    assert report.history.incidents == ()
    assert report.figures.to_acknowledge.waiting == 1


def test_records_of_an_environment_that_left_the_configuration_are_told_unless_others_are_asked_for() -> None:
    world = baselined("dev", "prod")
    gone = detected(number=7, environment="old")
    opening = detected(number=0, environment="old")
    world.state.write(
        {
            incident_path(7): encode(gone),
            incidents_path("old"): encode(
                IncidentsFile(open={"*": 7}, opening={"x": Opening(intent="i", incident=opening, details="")})
            ),
            promotion_path("promo-1"): encode(promotion("promo-1", target_stage="old")),
        }
    )
    report = status(world)
    assert {each.number for each in report.incidents} == {7, None}
    assert [each.promotion_id for each in report.promotions] == ["promo-1"]
    narrow = status(world, "prod")
    assert (narrow.incidents, narrow.promotions, narrow.history.incidents) == ((), (), ())


def test_the_history_is_whole_and_the_newest_stands_first() -> None:
    world = baselined("prod")
    times = {1: "2026-01-10T00:00:00Z", 2: "2026-01-12T00:00:00Z", 3: "2026-01-11T00:00:00Z"}
    incidents = {incident_path(each): encode(detected(number=each, detected_at=at)) for each, at in times.items()}
    records = {
        promotion_path(f"promo-{each}"): encode(promotion(f"promo-{each}", target_stage="prod")) for each in (2, 9, 10)
    }
    world.state.write({**incidents, **records, "incidents/1.drawings.json": b"{", "incidents/1.md": b"x"})
    history = status(world).history
    assert [each.number for each in history.incidents] == [2, 3, 1]
    assert [each.promotion_id for each in history.promotions] == ["promo-10", "promo-9", "promo-2"]


def test_a_cell_names_its_last_promotion() -> None:
    world = baselined("prod")
    [canonical_id] = world.state.document("canonical.json")["workflows"]
    done = promotion(
        "promo-1",
        target_stage="prod",
        status=PromotionStatus.COMPLETED,
        execution_completed_at="2026-01-14T08:00:00Z",
        workflows=(promoted(canonical_id),),
    )
    world.state.write({promotion_path("promo-1"): encode(done)})
    assert status(world).workflows[0].cells["prod"].last_promotion == "promo-1"


def test_locks_and_claims_are_told() -> None:
    world = baselined("prod")
    world.state.write(
        {lock_path("prod"): encode(LockFile(locked_by="ada", locked_at="2026-01-14T09:00:00Z", reason="x"))}
    )
    now = world.clock()
    world.state.acquire(new_claim(world.workspace(), "sync/prod", claim_id="s-1", reason="sync of prod", now=now))
    report = status(world)
    assert [(each.environment, each.locked_by) for each in report.locks] == [("prod", "ada")]
    assert [(each.name, each.is_dead) for each in report.claims or ()] == [("sync/prod", False)]


def test_where_nobody_can_ask_for_claims_they_are_unknown_and_not_none() -> None:
    world = baselined("prod")
    world.state.holders_outage = RemoteError("The remote is gone.", fix="Look.")
    report = status(world)
    assert report.claims is None
    assert report.problems == ("Whether a run holds a claim is not known: The remote is gone.",)


@pytest.mark.parametrize(
    "path",
    [incident_path(3), incidents_path("prod"), promotion_path("promo-3"), lock_path("prod")],
    ids=["an incident", "the list of incidents", "a promotion", "a lock"],
)
def test_one_record_that_cannot_be_read_is_named_and_hides_nothing_else(path) -> None:
    world = baselined("prod")
    world.state.write({incident_path(2): encode(detected(number=2)), path: b"{"})
    report = status(world)
    assert [path in each for each in report.problems] == [True]
    assert [each.number for each in report.incidents] == [2]
    assert cells(report) == {"orders_0": {"prod": "in_sync"}}


def test_an_environment_without_records_of_its_own_is_observed_since_its_baseline() -> None:
    world = baselined("prod")
    weeks = status(world).figures.drift_weeks
    assert [dict(each.detections) for each in weeks[-2:]] == [{}, {"prod": 0}]
    prod = world.configuration.environments["prod"]
    world.configuration = replace(world.configuration, environments={"prod": prod, "new": replace(prod, name="new")})
    assert status(world).figures.drift_weeks[-1].detections == {"prod": 0}


def test_a_file_that_changed_since_an_environment_was_compared_is_no_longer_said_to_be_in_sync() -> None:
    world = baselined("dev", "prod", workflows=2)
    world.drift()
    world.repository.commit({"dev/orders_0.json": file_of(document("Orders 0", url="https://newer.example.com"))})
    world.sync("prod")
    report = status(world)
    changed, same = (row.cells["dev"] for row in report.workflows)
    assert (changed.freshness, changed.is_calm) == (Freshness.OVERTAKEN, False)
    assert same.is_calm
    assert [each.freshness for each in report.environments] == [Freshness.OVERTAKEN, Freshness.FRESH]


def test_a_commit_that_touches_no_workflow_overtakes_nothing() -> None:
    world = baselined("dev", "prod", workflows=2)
    world.drift()
    world.repository.commit({"README.md": b"newer"})
    world.sync("prod")
    assert all(row.cells["dev"].is_calm for row in status(world).workflows)


@pytest.mark.parametrize("gone", ["dev/orders_0.json", "canonical.json"])
def test_what_git_does_not_declare_any_more_is_no_longer_said_to_be_in_sync(gone) -> None:
    world = baselined("dev", "prod")
    world.drift()
    if gone == "canonical.json":
        world.state.write({gone: None})
    else:
        world.repository.commit({path: None for path in world.repository.files() if path.startswith("dev/")})
        world.sync("prod")
    [row] = status(world).workflows
    assert row.cells["dev"].freshness is Freshness.OVERTAKEN


def test_a_file_that_came_after_the_check_is_not_called_newer_in_git_before_anybody_looked() -> None:
    world = baselined("dev", "prod")
    world.drift()
    world.put("dev", "x", document("Fresh"))
    world.repository.commit({"dev/fresh.json": file_of(document("Fresh"))})
    world.sync("prod")
    report = status(world)
    assert cells(report)["fresh"] == {"dev": "not_checked"}
    assert report.environments[0].freshness is Freshness.OVERTAKEN


def test_an_incident_with_a_time_that_is_none_is_named_and_hides_nothing_else() -> None:
    world = IncidentWorld()
    world.edit()
    world.check()
    record = json.loads(world.world.state.files[incident_path(1)]) | {"detected_at": "yesterday"}
    world.world.state.write({incident_path(1): json.dumps(record).encode()})
    report = status(world.world)
    assert (report.incidents, len(report.workflows)) == ((), 1)
    [problem] = report.problems
    assert "incidents/1.json" in problem


def test_a_lock_with_a_time_that_is_none_is_named() -> None:
    world = baselined("dev")
    world.state.write({lock_path("dev"): encode(LockFile(locked_by="ada", locked_at="now", reason="freeze"))})
    report = status(world)
    assert (report.locks, len(report.problems)) == ((), 1)


def test_an_environment_with_a_time_that_is_none_is_no_crash() -> None:
    world = baselined("prod")
    path = "environments/prod/environment.json"
    record = json.loads(world.state.files[path]) | {"last_drift_checked_at": "2026-01-14T09:04:00"}
    world.state.write({path: json.dumps(record).encode()})
    with pytest.raises(StateError, match="no time"):
        status(world)
