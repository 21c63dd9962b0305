"""Gathering: Git and the instances are read once, completely, or the failure is told."""

import asyncio

import pytest
from tests.commands.builders import URL, World, document, file_of, sidecar

from workflowops.commands.gathering import (
    Look,
    Wanted,
    differs_from_git,
    is_unmapped,
    known_of,
    look_at_all,
    read_declared,
    record_of,
)
from workflowops.core.listing import OddWorkflow
from workflowops.core.observation import ObservedWorkflow
from workflowops.core.records import DriftStatus
from workflowops.errors import ConfigurationError, N8nUnreachableError, StateError

ONE = "11111111-1111-4111-8111-111111111111"
DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
EVERYTHING = Wanted(keep=lambda known, found: True)


def look(world: World, *names: str, wanted: Wanted = EVERYTHING) -> tuple[Look, ...]:
    view = world.state.view()
    workspace = world.workspace()
    declared = read_declared(workspace, view)
    return look_at_all(workspace, world.environments(*names), view, declared, wanted=wanted)


def test_git_is_read_below_the_folders_of_all_environments() -> None:
    """Those of environments that nobody asked for as well: canonical.json speaks of all of them."""
    world = World("dev", "prod")
    world.repository.commit(
        {
            "dev/orders.json": file_of(document()),
            "dev/orders.wfo.json": sidecar(ONE),
            "prod/deep/orders.json": file_of(document()),
            "prod/deep/orders.wfo.json": sidecar(ONE),
            "prod/README.md": b"hello",
            "other/x.json": b"{",
        }
    )
    declared = read_declared(world.workspace(), world.state.view())
    assert declared.commit == world.repository.head
    assert set(declared.declaration.file.workflows[ONE].copies) == {"dev", "prod"}
    assert "prod/README.md" in declared.paths
    assert "other/x.json" not in declared.paths
    assert declared.declaration.problems == ()


def test_reading_many_files_is_announced() -> None:
    world = World()
    world.repository.commit({f"prod/o{n}.json": file_of(document(url=f"{URL}/{n}")) for n in range(60)})
    read_declared(world.workspace(), world.state.view())
    assert world.progress.lines == [f"Reading 60 files at {world.repository.head[:12]}"]


def test_an_environment_never_seen_has_a_fresh_record() -> None:
    world = World()
    record = record_of(world.environments()[0], world.state.view())
    assert (record.environment, record.title, record.drift_status) == ("prod", "Prod", DriftStatus.NEW)


def test_what_is_known_is_of_the_view_that_is_given() -> None:
    world = World()
    view = world.state.view()
    world.put("prod", "w0")
    world.sync()
    workspace = world.workspace()
    declared = read_declared(workspace, view)
    assert known_of(world.environments()[0], view, declared).mapping is None
    assert known_of(world.environments()[0], world.state.view(), declared).mapping is not None


def test_all_instances_are_read_at_once() -> None:
    """Each waits for the other: one after the other would never end."""
    world = World("dev", "prod")
    waiting: set[str] = set()
    both = asyncio.Event()

    class Patient(type(world.n8n["dev"])):
        async def abilities(self):
            waiting.add(self.api_key)
            if len(waiting) == 2:
                both.set()
            await asyncio.wait_for(both.wait(), timeout=30)
            return await super().abilities()

    world.n8n = {name: Patient(api_key=f"key-of-{name}") for name in world.n8n}
    assert [each.failure for each in look(world)] == [None, None]


def test_one_that_fails_does_not_stop_the_others() -> None:
    world = World("dev", "prod")
    world.put("dev", "w0")
    world.n8n["prod"].outage = DEAD
    dev, prod = look(world)
    assert dev.observation is not None
    assert [seen.id for seen in dev.observation.workflows] == ["w0"]
    assert (prod.observation, prod.failure) == (None, DEAD)


def test_a_bug_is_not_an_instance_that_failed() -> None:
    world = World("dev", "prod")
    world.n8n["prod"].fails_at = {1: ZeroDivisionError("our own mistake")}
    with pytest.raises(ZeroDivisionError):
        look(world)


def test_every_client_is_closed() -> None:
    world = World("dev", "prod")
    world.n8n["prod"].outage = DEAD
    look(world)
    assert not any(n8n.is_open for n8n in world.n8n.values())


def test_every_unset_key_is_named_at_once_and_nothing_is_asked() -> None:
    world = World("dev", "prod")
    world.variables = {"KEY_DEV": "  "}
    with pytest.raises(ConfigurationError) as caught:
        look(world)
    assert "KEY_DEV" in str(caught.value)
    assert "KEY_PROD" in str(caught.value)
    assert [n8n.asked for n8n in world.n8n.values()] == [[], []]


def test_only_the_environments_in_use_need_their_keys() -> None:
    world = World("dev", "prod")
    del world.variables["KEY_DEV"]
    assert look(world, "prod")[0].failure is None


def test_bodies_are_kept_as_asked() -> None:
    world = World()
    for number in range(3):
        world.put("prod", f"w{number}", document(f"Orders {number}"))
    asked: list[str] = []

    def keep(known, found: ObservedWorkflow) -> bool:
        asked.append(found.id)
        return found.id == "w1"

    bodies = look(world, wanted=Wanted(keep=keep))[0].bodies
    assert asked == ["w0", "w1", "w2"]
    assert list(bodies) == ["w1"]
    assert bodies["w1"].document()["name"] == "Orders 1"


def test_batches_are_of_25_whatever_the_pages_are() -> None:
    world = World()
    for number in range(60):
        world.put("prod", f"w{number:02d}")
    world.n8n["prod"].page_size = 7
    sizes: list[int] = []
    look(world, wanted=Wanted(keep=lambda *_: False, on_batch={"prod": lambda seen: sizes.append(len(seen))}))
    assert sizes == [25, 50]


def test_odd_entries_are_workflows_where_they_have_an_id_and_words_where_not() -> None:
    world = World()
    world.put("prod", "w0")
    world.n8n["prod"].odd = [OddWorkflow("w9", "Odd", "It is odd."), OddWorkflow(None, None, "It is nobody.")]
    found = look(world)[0].observation
    assert found is not None
    assert {seen.id: seen.problem for seen in found.workflows} == {"w9": "It is odd.", "w0": None}
    assert len(found.problems) == 1


def test_a_workflow_that_turns_odd_when_it_is_asked_for_by_id_is_not_missing() -> None:
    world = World()
    world.put("prod", "w0")
    world.onboard()
    world.n8n["prod"].unlisted.add("w0")
    world.n8n["prod"].store["w0"]["nodes"] = "none"
    found = look(world)[0].observation
    assert found is not None
    assert found.proven_missing == frozenset()
    assert found.workflows[0].problem is not None


def test_a_server_that_dies_while_absences_are_proven_is_not_asked_on() -> None:
    """The others wait for ever; the first failure has to end them."""
    world = World()
    for number in range(5):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.onboard()
    ended: list[str] = []

    class Dying(type(world.n8n["prod"])):
        async def get_workflow(self, workflow_id: str):
            if workflow_id == "w2":
                raise DEAD
            try:
                await asyncio.wait_for(asyncio.Event().wait(), timeout=60)
            except asyncio.CancelledError:
                ended.append(workflow_id)
                raise

    world.n8n["prod"] = Dying(api_key="key-of-prod")
    assert look(world)[0].failure is DEAD
    assert sorted(ended) == ["w0", "w1", "w3", "w4"]


@pytest.mark.parametrize(
    ("left", "is_another"), [pytest.param([], True, id="none"), pytest.param(["w0"], False, id="one")]
)
def test_an_instance_that_has_nothing_of_what_it_had_is_another_one(left, is_another) -> None:
    world = World()
    for number in range(3):
        world.put("prod", f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.onboard()
    store = world.n8n["prod"].store
    world.n8n["prod"].store = {workflow_id: store[workflow_id] for workflow_id in left}
    world.put("prod", "somebody-elses", document("Theirs"))
    failure = look(world)[0].failure
    assert (failure is not None and "another instance" in str(failure)) is is_another


def test_nobody_asks_by_id_for_what_git_does_not_manage() -> None:
    world = World()
    world.put("prod", "w0")
    world.sync()
    world.n8n["prod"].store.clear()
    look(world)
    assert world.n8n["prod"].asked == ["page 1"]


def test_the_requests_are_counted() -> None:
    world = World()
    for number in range(5):
        world.put("prod", f"w{number}")
    world.n8n["prod"].page_size = 2
    found = look(world, wanted=Wanted(keep=lambda *_: False, trusts_abilities=False))[0].observation
    assert found is not None
    assert found.requests == 4


@pytest.mark.parametrize("file", ["mapping.json", "current.json", "environment.json"])
def test_a_state_file_of_one_environment_stops_all(file) -> None:
    """It is the caller's state that is broken, not an instance."""
    world = World("dev", "prod")
    world.state.write({f"environments/prod/{file}": b"{"})
    with pytest.raises(StateError, match=f"prod/{file}"):
        look(world)


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        pytest.param({}, False, id="equal"),
        pytest.param({"url": "https://edited.example.com"}, True, id="edited"),
    ],
)
def test_what_differs_from_git_is_kept_for_its_difference(change, is_kept) -> None:
    world = World()
    world.repository.commit(
        {"prod/orders.json": file_of(document()), "prod/orders.wfo.json": sidecar(ONE, n8n_workflow_id="w0")}
    )
    world.put("prod", "w0", document(**change))
    assert bool(look(world, wanted=Wanted(keep=differs_from_git))[0].bodies) is is_kept
    world.sync()
    assert bool(look(world, wanted=Wanted(keep=differs_from_git))[0].bodies) is is_kept


def test_what_could_be_onboarded_is_kept() -> None:
    world = World()
    world.put("prod", "linked", document("Linked"))
    world.onboard()
    world.put("prod", "new", document("New", url=f"{URL}/new"))
    world.put("prod", "archived", document("Old", url=f"{URL}/old"), isArchived=True)
    world.put("prod", "odd", document("Odd"), nodes="none")
    assert list(look(world, wanted=Wanted(keep=is_unmapped))[0].bodies) == ["new"]
