"""`baseline`: what is in sync becomes the last known good, and only that unless somebody says which side was right."""

import pytest
from tests.commands.builders import URL, World, baselined, document, file_of

from workflowops.core.baseline import Accept
from workflowops.core.configuration import DriftPolicy, IgnoreRule
from workflowops.core.records import DriftStatus
from workflowops.core.standing import DriftKind
from workflowops.errors import N8nUnreachableError, PushRefusedError

HOT = "https://hot-fix.example.com"
DEAD = N8nUnreachableError("https://prod.example.com does not answer.", fix="Start it.")


def onboarded(*names: str, workflows: int = 2) -> World:
    world = World(*names)
    for name in world.n8n:
        for number in range(workflows):
            world.put(name, f"w{number}", document(f"Orders {number}", url=f"{URL}/{number}"))
    world.onboard()
    return world


def kinds(world: World, name: str = "prod") -> dict[str, str]:
    return {each.workflow_name: str(each.kind) for each in world.drift_of(name).workflows}


def test_a_baseline_ends_being_new() -> None:
    world = onboarded()
    assert world.drift_of().drift_status is DriftStatus.NEW
    outcome = world.baseline().environments[0]
    assert (outcome.accepted, outcome.left_out, outcome.failed) == (2, (), None)
    assert outcome.git_commit_sha == world.repository.head
    record = world.record()
    assert (record["drift_status"], record["drift_summary"]["in_sync"]) == ("in_sync", 2)
    assert len(world.current()) == 2
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC


def test_a_baseline_is_in_the_log_with_the_status_it_brings() -> None:
    world = onboarded()
    world.baseline()
    actions = [(entry["action"], entry["details"]) for entry in world.audit()[-2:]]
    assert actions[0] == ("baseline.taken", {"accepted": 2, "left_out": 0})
    assert (actions[1][0], actions[1][1]["previous_status"]) == ("environment.in_sync", "new")


def test_an_environment_without_a_file_gets_no_baseline() -> None:
    """Everything there would be called in sync that nobody reviewed."""
    world = World()
    world.put("prod", "w0")
    outcome = world.baseline().environments[0]
    assert (outcome.accepted, outcome.unmapped, outcome.is_unreachable) == (0, 1, False)
    assert outcome.failed is not None
    assert "onboard" in (outcome.failed_fix or "")
    assert "environments/prod/current.json" not in world.state.files
    assert world.drift_of().drift_status is DriftStatus.NEW


def test_a_stage_that_waits_for_its_first_promotion_gets_an_empty_baseline() -> None:
    world = onboarded(workflows=0)
    outcome = world.baseline().environments[0]
    assert (outcome.accepted, outcome.left_out, outcome.failed) == (0, (), None)
    assert world.current() == {}
    assert world.drift_of().drift_status is DriftStatus.IN_SYNC
    world.put("prod", "w1", document("Made by hand"))
    assert world.drift_of().counts.unmapped == 1


def test_an_emptied_instance_is_not_taken_for_a_stage_that_waits() -> None:
    world = onboarded()
    world.baseline()
    world.n8n["prod"].store.clear()
    outcome = world.baseline().environments[0]
    assert outcome.failed is not None
    assert len(world.current()) == 2


def test_what_is_not_in_sync_is_listed_and_left_out() -> None:
    world = onboarded()
    world.put("prod", "w0", document("Orders 0", url=HOT))
    outcome = world.baseline().environments[0]
    assert (outcome.accepted, [each.workflow_name for each in outcome.left_out]) == (1, ["Orders 0"])
    assert len(world.current()) == 1


@pytest.mark.parametrize(
    ("accept", "after"),
    [
        pytest.param(Accept.GIT, "modified", id="git was right, so n8n drifted"),
        pytest.param(Accept.LIVE, "pending", id="n8n was right, so Git has work to do"),
    ],
)
def test_which_side_was_right_can_be_said(accept, after) -> None:
    world = onboarded()
    world.put("prod", "w0", document("Orders 0", url=HOT))
    outcome = world.baseline(accept=accept).environments[0]
    assert (outcome.accepted, outcome.left_out) == (2, ())
    record, entry = world.record(), world.mapping()["w0"]
    assert kinds(world) == {"Orders 0": after}
    assert record["drift_summary"][after] == 1, "the record says what the next check says"
    assert entry["drift_status"] == after, "and so does the mapping, which `status` shows"


@pytest.mark.parametrize(
    ("accept", "after"),
    [pytest.param(Accept.GIT, "activation_changed", id="git"), pytest.param(Accept.LIVE, "pending", id="live")],
)
def test_which_side_was_right_is_said_of_activation_too(accept, after) -> None:
    world = onboarded()
    world.put("prod", "w0", document("Orders 0", url=f"{URL}/0"), active=True)
    world.baseline(accept=accept)
    assert kinds(world) == {"Orders 0": after}


@pytest.mark.parametrize("accept", [None, Accept.GIT, Accept.LIVE])
def test_the_record_says_what_the_next_check_says(accept) -> None:
    world = baselined("prod", workflows=5, policy=DriftPolicy(ignore=(IgnoreRule(path="parameters.options"),)))
    ignored = document("Orders 0", url=f"{URL}/0")
    ignored["nodes"][1]["parameters"]["options"] = {"timeout": 1}
    world.put("prod", "w0", ignored)
    world.put("prod", "w1", document("Orders 1", url=HOT))
    world.put("prod", "w2", document("Orders 2", url=f"{URL}/2"), tags=["urgent"])
    del world.n8n["prod"].store["w3"]
    world.repository.commit({"prod/orders_4.json": file_of(document("Orders 4", url=f"{URL}/v2"))})
    world.baseline(accept=accept)
    summary, status = world.record()["drift_summary"], world.record()["drift_status"]
    marks = {each: entry["drift_status"] for each, entry in world.mapping().items()}
    world.drift()
    assert (world.record()["drift_summary"], world.record()["drift_status"]) == (summary, status)
    assert {each: entry["drift_status"] for each, entry in world.mapping().items()} == marks


def test_what_is_missing_is_never_accepted() -> None:
    world = baselined("prod", workflows=2)
    del world.n8n["prod"].store["w0"]
    for accept in (None, Accept.GIT, Accept.LIVE):
        world.baseline(accept=accept)
        assert kinds(world) == {"Orders 0": "missing"}


@pytest.mark.parametrize("accept", [None, Accept.GIT, Accept.LIVE])
def test_what_cannot_be_read_is_never_accepted(accept) -> None:
    world = onboarded()
    world.n8n["prod"].store["w0"]["nodes"] = "none"
    outcome = world.baseline(accept=accept).environments[0]
    assert (outcome.accepted, [str(each.kind) for each in outcome.left_out]) == (1, ["unknown"])


def test_a_baseline_again_brings_it_up_to_date_and_keeps_its_age() -> None:
    world = onboarded()
    world.baseline()
    began = world.state.document("environments/prod/current.json")["onboarded_at"]
    world.put("prod", "w2", document("Survey"))
    world.onboard()
    assert world.baseline().environments[0].accepted == 3
    current = world.state.document("environments/prod/current.json")
    assert (current["onboarded_at"], len(current["workflows"])) == (began, 3)


def test_an_instance_that_fails_gets_no_baseline_and_keeps_its_old_one() -> None:
    world = onboarded("dev", "prod")
    world.baseline()
    before = dict(world.state.files)
    world.n8n["prod"].outage = DEAD
    dev, prod = world.baseline(accept=Accept.LIVE).environments
    assert (dev.failed, dev.accepted) == (None, 2)
    assert (prod.failed, prod.failed_fix, prod.is_unreachable) == (str(DEAD), DEAD.fix, True)
    path = "environments/prod/current.json"
    assert world.state.files[path] == before[path]


def test_an_ignored_difference_is_in_sync() -> None:
    world = baselined("prod", policy=DriftPolicy(ignore=(IgnoreRule(path="parameters.options"),)))
    content = document("Orders 0", url=f"{URL}/0")
    content["nodes"][1]["parameters"]["options"] = {"timeout": 1}
    world.put("prod", "w0", content)
    assert world.baseline().environments[0].left_out == ()
    world.put("prod", "w0", document("Orders 0", url=HOT))
    assert kinds(world) == {"Orders 0": "modified"}


def test_a_dry_run_tells_and_writes_nothing() -> None:
    world = onboarded()
    before = dict(world.state.files)
    assert world.baseline(is_dry_run=True).environments[0].accepted == 2
    assert world.state.files == before


def test_a_push_that_is_refused_is_the_commands_failure() -> None:
    world = onboarded()
    world.state.refusal = PushRefusedError("Permission denied.", fix="Give contents: write.")
    with pytest.raises(PushRefusedError):
        world.baseline()


def test_a_sync_that_comes_between_is_not_lost() -> None:
    world = onboarded()
    world.put("prod", "new", document("Survey"))
    world.state.interference = [world.sync]
    world.baseline()
    assert set(world.mapping()) == {"w0", "w1", "new"}
    assert world.jobs()[0]["status"] == "completed"
    assert DriftKind.UNMAPPED in kinds(world).values()
