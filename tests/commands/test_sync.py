"""`sync`: the mapping, the figures of walkthrough 1, claims, checkpoints, and what is kept when it breaks off."""

from datetime import timedelta

import pytest
from tests.commands.builders import BEGIN, URL, World, baselined, document, file_of, sidecar

from workflowops.core.claims import Claim
from workflowops.core.records import DriftStatus
from workflowops.core.sync import EnvironmentSync
from workflowops.errors import (
    ConfigurationError,
    MovedError,
    N8nAnswerError,
    N8nUnreachableError,
    PushRefusedError,
    RemoteError,
)

DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")
ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"


def figures(result: EnvironmentSync) -> tuple[int, ...]:
    """Synced, skipped, linked, unmapped, missing, errors."""
    return (
        result.workflows_synced,
        result.workflows_skipped,
        result.workflows_linked,
        result.workflows_unmapped,
        result.workflows_missing,
        len(result.errors),
    )


def one(world: World, name: str = "prod", **changes) -> EnvironmentSync:
    return world.sync(name, **changes).environments[0]


def many(world: World, count: int, name: str = "prod") -> None:
    for number in range(count):
        world.put(name, f"w{number:03d}", document(f"Orders {number}", url=f"{URL}/{number}"))


def held_by(world: World, name: str = "prod", **changes) -> Claim:
    """Let another run hold the sync of an environment."""
    settings = {
        "name": f"sync/{name}",
        "claim_id": "job-of-grace",
        "owner": "grace",
        "run_id": "run-2",
        "reason": f"sync of {name}",
        "created_at": BEGIN,
        "renewed_at": BEGIN,
        "expires_at": BEGIN + timedelta(minutes=15),
    }
    claim = Claim(**(settings | changes))
    world.state.claims[claim.name] = claim
    return claim


def test_the_first_sync_of_an_instance_counts_as_walkthrough_1_does() -> None:
    """45 workflows, 30 of them in Git: 30 linked by content, 15 unmapped."""
    world = World()
    many(world, 45)
    files = {
        f"prod/orders_{number}.json": file_of(document(f"Orders {number}", url=f"{URL}/{number}"))
        for number in range(30)
    }
    world.repository.commit(files)
    result = one(world)
    assert figures(result) == (45, 0, 30, 15, 0, 0)
    assert len(result.created_workflow_ids) == 45
    assert (result.is_new, result.drift_status) == (True, DriftStatus.NEW)
    assert len(world.mapping()) == 45
    assert len(world.state.document("canonical.json")["workflows"]) == 30
    record = world.record()
    assert (record["workflow_count"], record["last_sync_succeeded"]) == (45, True)
    assert record["git_commit_sha"] == world.repository.head


def test_the_second_sync_skips_everything() -> None:
    world = World()
    many(world, 7)
    one(world)
    result = one(world)
    assert figures(result) == (7, 7, 0, 7, 0, 0)
    assert result.created_workflow_ids == ()


def test_what_changed_since_is_read_anew() -> None:
    world = World()
    many(world, 7)
    one(world)
    world.put("prod", "w003", document("Orders 3", url="https://new.example.com"))
    world.put("prod", "new", document("Survey"))
    result = one(world)
    assert figures(result) == (8, 6, 0, 8, 0, 0)
    assert result.created_workflow_ids == ("new",)


def test_a_change_of_what_is_not_compared_is_skipped() -> None:
    world = World()
    world.put("prod", "w0")
    one(world)
    world.put("prod", "w0", updatedAt="2026-02-02T00:00:00.000Z", triggerCount=7, staticData={"a": 1}, pinData={"b": 2})
    assert figures(one(world)) == (1, 1, 0, 1, 0, 0)


def test_the_list_of_unmapped_is_that_of_walkthrough_4() -> None:
    world = World()
    world.put("prod", "w-051", document("Customer Survey Automation"), active=True)
    one(world)
    unmapped = one(world).unmapped[0]
    assert (unmapped.n8n_workflow_id, unmapped.workflow_name) == ("w-051", "Customer Survey Automation")
    assert (unmapped.node_count, unmapped.active) == (2, True)
    assert unmapped.detected_at == "2026-01-14T09:01:00Z"


def test_a_sidecar_links_by_id_whatever_the_content_is() -> None:
    world = World()
    world.put("prod", "w0", document("Renamed", url="https://moved.example.com"))
    world.repository.commit(
        {"prod/orders.json": file_of(document()), "prod/orders.wfo.json": sidecar(ONE, n8n_workflow_id="w0")}
    )
    assert figures(one(world)) == (1, 0, 1, 0, 0, 0)
    assert world.mapping()["w0"]["canonical_id"] == ONE


def test_equal_content_links_only_where_nobody_else_could_be_meant() -> None:
    world = World()
    world.put("prod", "w0")
    world.put("prod", "w1")
    world.repository.commit({"prod/orders.json": file_of(document()), "prod/orders.wfo.json": sidecar(ONE)})
    result = one(world)
    assert figures(result) == (2, 0, 0, 2, 0, 0)
    assert {each.suggestion for each in result.unmapped} == {"orders"}
    del world.n8n["prod"].store["w1"]
    assert figures(one(world)) == (1, 1, 1, 0, 0, 0)


def test_duplicate_names_are_told_apart_by_id() -> None:
    world = World()
    for number in range(3):
        world.put("prod", f"w{number}", document("Orders", url=f"{URL}/{number}"))
    world.onboard()
    assert figures(one(world)) == (3, 3, 3, 0, 0, 0)
    assert len({entry["canonical_id"] for entry in world.mapping().values()}) == 3


@pytest.mark.parametrize("status", ["deleted", "archived"])
def test_what_is_gone_is_missing_while_git_manages_it(status) -> None:
    world = baselined("prod", workflows=2)
    if status == "deleted":
        del world.n8n["prod"].store["w0"]
    else:
        world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), isArchived=True)
    assert figures(one(world))[2:5] == (1, 0, 1)
    assert world.mapping()["w0"]["status"] == "missing"


def test_an_unmanaged_workflow_that_is_gone_is_forgotten() -> None:
    world = World()
    many(world, 3)
    one(world)
    del world.n8n["prod"].store["w000"]
    world.put("prod", "w001", document("Orders 1", url=f"{URL}/1"), isArchived=True)
    assert figures(one(world)) == (1, 1, 0, 1, 0, 0)
    assert list(world.mapping()) == ["w002"]


def test_an_odd_workflow_is_an_error_of_its_own() -> None:
    world = World()
    many(world, 3)
    world.n8n["prod"].store["w001"]["nodes"] = "none"
    result = one(world)
    assert figures(result) == (3, 0, 0, 3, 0, 1)
    assert (result.errors[0].workflow_id, result.errors[0].workflow_name) == ("w001", "Orders 1")
    assert result.errors[0].fix
    assert world.mapping()["w001"]["problem"]
    many(world, 3)
    assert figures(one(world)) == (3, 2, 0, 3, 0, 0)


def test_an_instance_that_fails_does_not_hide_the_others() -> None:
    world = World("dev", "prod")
    many(world, 2, "dev")
    many(world, 2, "prod")
    world.n8n["prod"].outage = DEAD
    dev, prod = world.sync().environments
    assert figures(dev)[0] == 2
    assert (prod.failed, prod.failed_fix) == (str(DEAD), DEAD.fix)
    assert world.jobs()[0]["status"] == "failed"
    assert world.jobs()[0]["error"] == str(DEAD)
    record = world.record()
    assert (record["drift_status"], record["problem"], record["last_sync_succeeded"]) == ("unknown", str(DEAD), False)
    assert "last_sync_completed_at" not in record or record["last_sync_completed_at"] is None
    assert world.state.claims == {}


def test_what_was_read_before_a_listing_broke_off_is_kept() -> None:
    world = World()
    many(world, 60)
    world.n8n["prod"].page_size = 20
    world.n8n["prod"].fails_at = {3: N8nAnswerError("The answer is cut short.", fix="Try again.")}
    assert one(world).failed is not None
    assert len(world.mapping()) == 40
    world.n8n["prod"].fails_at = {}
    assert figures(one(world)) == (60, 40, 0, 60, 0, 0)


def test_links_survive_a_listing_that_broke_off() -> None:
    world = baselined("prod", workflows=3)
    before = world.mapping()
    many(world, 60)
    world.put("prod", "w0", document("Orders 0", url="https://new.example.com"))
    world.n8n["prod"].page_size = 59
    world.n8n["prod"].fails_at = {2: DEAD}
    one(world)
    after = world.mapping()
    assert {each: after[each]["canonical_id"] for each in before} == {
        each: entry["canonical_id"] for each, entry in before.items()
    }
    assert {after[each]["status"] for each in before} == {"linked"}


def test_every_environment_is_claimed_and_given_back() -> None:
    world = World("dev", "prod")
    seen: set[str] = set()
    for n8n in world.n8n.values():
        n8n.before_page = lambda _: seen.update(world.state.claims)
    world.sync()
    assert seen == {"sync/dev", "sync/prod"}
    assert world.state.claims == {}


def test_a_running_sync_is_answered_with_its_job() -> None:
    world = World("dev", "prod")
    many(world, 1, "dev")
    held_by(world)
    dev, prod = world.sync().environments
    assert (prod.job_id, prod.is_new, prod.failed) == ("job-of-grace", False, None)
    assert (dev.is_new, figures(dev)[0]) == (True, 1)
    assert world.n8n["prod"].asked == []
    assert "environments/prod/environment.json" not in world.state.files
    assert list(world.state.claims) == ["sync/prod"]


def test_when_all_are_running_nothing_is_written() -> None:
    world = World()
    held_by(world)
    assert not one(world).is_new
    assert world.state.messages == []


@pytest.mark.parametrize("reason", ["expired", "its run has ended"])
def test_a_dead_owners_claim_is_taken_over(reason) -> None:
    world = World()
    many(world, 30)
    world.n8n["prod"].fails_at = {1: KeyboardInterrupt()}
    claim = held_by(world)
    if reason == "expired":
        world.clock.now = claim.expires_at
    else:
        world.state.dead_claims.add(claim.claim_id)
    taken: list[str | None] = []
    world.n8n["prod"].fails_at = {}
    world.n8n["prod"].before_page = lambda _: taken.append(world.state.claims["sync/prod"].took_over)
    assert one(world).is_new
    assert taken == ["job-of-grace"]
    assert world.state.claims == {}


def test_the_job_of_a_dead_owner_is_not_left_running() -> None:
    world = World()
    many(world, 30)
    world.clock.step = timedelta(seconds=31)
    world.n8n["prod"].before_page = lambda _: None
    one(world)
    path = "environments/prod/jobs.json"
    dead = world.state.files[path].replace(b'"completed"', b'"running"')
    world.state.write({path: dead})
    one(world)
    assert [job["status"] for job in world.jobs()] == ["completed", "interrupted"]


def test_an_unreadable_claim_blocks_and_says_so() -> None:
    world = World()
    held_by(world, unreadable=True, reason="the lock cannot be read: it is not JSON")
    result = one(world)
    assert result.failed is not None
    assert "cannot be read" in result.failed
    assert "sync/prod" in (result.failed_fix or "")
    assert world.n8n["prod"].asked == []


def test_claims_are_given_back_when_a_later_one_cannot_be_taken() -> None:
    world = World("dev", "prod")
    outage = RemoteError("The remote is gone.", fix="Look.")

    class Flaky(type(world.state)):
        def acquire(self, claim: Claim) -> Claim | None:
            if claim.name == "sync/prod":
                raise outage
            return super().acquire(claim)

    state = Flaky()
    with pytest.raises(RemoteError):
        world.sync(state=state)
    assert state.claims == {}


def test_a_claim_that_was_taken_over_meanwhile_does_not_undo_the_outcome() -> None:
    """A run that slept past its lease finds its claim gone; what it wrote was written by compare-and-swap."""
    world = World("dev", "prod")
    many(world, 1)
    world.n8n["prod"].before_page = lambda _: held_by(world, claim_id="job-of-grace")
    dev, prod = world.sync().environments
    assert (prod.failed, figures(prod)[0]) == (None, 1)
    assert dev.failed is None
    assert world.state.claims["sync/prod"].claim_id == "job-of-grace"
    assert "sync/dev" not in world.state.claims


def test_a_long_sync_renews_its_claim() -> None:
    world = World()
    many(world, 100)
    world.clock.step = timedelta(minutes=10)
    ends: list[object] = []
    world.n8n["prod"].page_size = 25
    world.n8n["prod"].before_page = lambda _: ends.append(world.state.claims["sync/prod"].expires_at)
    one(world)
    assert ends == sorted(ends)
    assert len(set(ends)) > 1


def test_an_interruption_keeps_what_was_read_and_gives_the_claim_back() -> None:
    world = World()
    many(world, 60)
    world.n8n["prod"].page_size = 30
    world.n8n["prod"].fails_at = {2: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        one(world)
    assert world.state.claims == {}
    assert len(world.mapping()) == 30
    job = world.jobs()[0]
    assert (job["status"], job["checkpoint"]["last_processed_index"]) == ("interrupted", 30)
    assert "environments/prod/environment.json" not in world.state.files
    world.n8n["prod"].fails_at = {}
    assert figures(one(world)) == (60, 30, 0, 60, 0, 0)


def test_an_interruption_before_the_first_batch_leaves_no_trace() -> None:
    world = World()
    many(world, 5)
    world.n8n["prod"].fails_at = {1: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        one(world)
    assert (world.state.claims, world.state.messages) == ({}, [])


def test_an_interruption_does_not_disturb_the_links() -> None:
    world = baselined("prod", workflows=30)
    before = {each: entry["canonical_id"] for each, entry in world.mapping().items()}
    for number in range(30):
        world.put("prod", f"w{number}", document(f"Orders {number}", url="https://new.example.com"))
    world.n8n["prod"].page_size = 26
    world.n8n["prod"].fails_at = {2: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        one(world)
    assert {each: entry["canonical_id"] for each, entry in world.mapping().items()} == before
    assert world.record()["drift_status"] == "in_sync"


def test_an_interruption_is_not_hidden_by_a_state_that_is_gone() -> None:
    world = World()
    many(world, 60)
    world.n8n["prod"].page_size = 30

    def cut_off(page: int) -> None:
        if page == 2:
            world.state.refusal = PushRefusedError("Permission denied.", fix="Give contents: write.")
            raise KeyboardInterrupt

    world.n8n["prod"].before_page = cut_off
    with pytest.raises(KeyboardInterrupt):
        one(world)
    assert world.state.claims == {}


def test_a_long_sync_is_checkpointed_at_most_every_half_minute() -> None:
    world = World()
    many(world, 200)
    world.clock.step = timedelta(seconds=16)
    one(world)
    checkpoints = [message for message in world.state.messages if message.startswith("sync: checkpoint")]
    assert 2 <= len(checkpoints) <= 4
    assert world.jobs()[0]["status"] == "completed"
    assert len(world.jobs()) == 1


def test_a_checkpoint_says_how_far_the_job_came() -> None:
    world = World()
    many(world, 50)
    one(world)
    world.clock.step = timedelta(seconds=31)
    jobs: list[dict] = []
    write = world.state.write

    def spy(files, *, message: str = "somebody else") -> None:
        write(files, message=message)
        jobs.append(world.jobs()[0])

    world.state.write = spy
    one(world)
    running = [job for job in jobs if job["status"] == "running"]
    assert [job["checkpoint"]["last_processed_index"] for job in running] == [25, 50]
    assert [job["progress_percent"] for job in running] == [50, 99]
    assert running[0]["checkpoint"]["workflows_skipped"] == 25


def test_a_checkpoint_does_not_read_git_again() -> None:
    """There are seconds between being told to stop and being killed."""
    world = World()
    many(world, 100)
    files = {
        f"prod/orders_{number}.json": file_of(document(f"Orders {number}", url=f"{URL}/{number}"))
        for number in range(100)
    }
    world.repository.commit(files)
    world.clock.step = timedelta(seconds=31)
    one(world)
    assert any(message.startswith("sync: checkpoint") for message in world.state.messages)
    assert len(world.repository.read) == 100


def test_a_checkpoint_that_fails_does_not_fail_the_sync() -> None:
    world = World()
    many(world, 50)
    world.clock.step = timedelta(seconds=31)

    class Hiccup(type(world.state)):
        def change(self, decide, *, message: str) -> str | None:
            if "checkpoint" in message:
                raise RemoteError("The remote is gone.", fix="Look.")
            return super().change(decide, message=message)

    result = one(world, state=Hiccup())
    assert (result.failed, figures(result)[0]) == (None, 50)
    assert any("The remote is gone." in line for line in world.progress.lines)


def test_a_push_that_fails_at_the_end_gives_the_claims_back() -> None:
    world = World()
    many(world, 3)
    world.state.refusal = PushRefusedError("Permission denied.", fix="Give contents: write.")
    with pytest.raises(PushRefusedError):
        one(world)
    assert world.state.claims == {}


def test_a_dry_run_counts_and_writes_nothing() -> None:
    world = World()
    many(world, 60)
    world.clock.step = timedelta(seconds=31)
    result = one(world, is_dry_run=True)
    assert figures(result) == (60, 0, 0, 60, 0, 0)
    assert (world.state.files, world.state.claims) == ({}, {})


def test_an_unset_key_gives_the_claims_back() -> None:
    world = World("dev", "prod")
    world.variables.clear()
    with pytest.raises(ConfigurationError, match="KEY_DEV"):
        world.sync()
    assert (world.state.claims, world.state.messages) == ({}, [])


def test_two_syncs_of_different_environments_lose_nothing() -> None:
    world = World("dev", "prod")
    many(world, 3, "dev")
    many(world, 4, "prod")
    world.state.interference = [lambda: world.sync("dev")]
    world.sync("prod")
    assert (len(world.mapping("dev")), len(world.mapping("prod"))) == (3, 4)


def test_a_commit_that_came_while_we_read_is_taken_up_by_the_next_sync() -> None:
    world = World()
    world.put("prod", "w0")
    world.state.interference = [world.onboard]
    assert figures(one(world))[2:4] == (0, 1)
    assert figures(one(world))[2:4] == (1, 0)


def test_abilities_are_asked_for_again_by_every_sync() -> None:
    world = World()
    one(world)
    one(world)
    assert world.n8n["prod"].asked == ["abilities", "page 1"]
    assert world.record()["abilities"]["list_offset"] is True


def test_the_moved_state_is_told_when_it_never_stands_still() -> None:
    world = World()
    many(world, 1)
    world.state.interference = [lambda: world.state.write({"environments/prod/x": b""})] * 60
    with pytest.raises(MovedError):
        one(world)
    assert world.state.claims == {}


def test_jobs_are_kept_newest_first_and_not_for_ever() -> None:
    world = World()
    ids = [one(world).job_id for _ in range(23)]
    assert [job["id"] for job in world.jobs()] == ids[:2:-1]


def test_a_long_listing_is_told_while_it_is_read() -> None:
    world = World()
    many(world, 251)
    one(world)
    assert "prod: 250 workflows read" in world.progress.lines
