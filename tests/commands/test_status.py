"""`status`: what runs where, from the state alone."""

import pytest
from tests.commands.builders import URL, World, baselined, document, file_of

from workflowops.commands.status import read_status
from workflowops.core.records import DriftStatus
from workflowops.core.status import StatusReport
from workflowops.errors import N8nUnreachableError, RemoteError, StateError


def status(world: World, *names: str) -> StatusReport:
    for n8n in world.n8n.values():
        n8n.asked.clear()
    report = read_status(world.state, world.environments(*names))
    assert [n8n.asked for n8n in world.n8n.values()] == [[] for _ in world.n8n]
    return report


def cells(report: StatusReport) -> dict[str, dict[str, str]]:
    return {row.slug: dict(row.cells) for row in report.workflows}


def test_nothing_was_ever_checked() -> None:
    report = status(World("dev", "prod"))
    assert [(each.name, each.drift_status, each.checked_at) for each in report.environments] == [
        ("dev", DriftStatus.NEW, None),
        ("prod", DriftStatus.NEW, None),
    ]
    assert (report.workflows, report.unmanaged) == ((), ())


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
    assert cells(report) == {"orders": {"prod": "not checked"}}


def test_an_environment_that_could_not_be_checked_says_why() -> None:
    world = baselined("prod")
    world.n8n["prod"].outage = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
    world.drift()
    prod = status(world).environments[0]
    assert (prod.drift_status, prod.problem) == (DriftStatus.UNKNOWN, "https://prod.example.com does not answer.")


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
